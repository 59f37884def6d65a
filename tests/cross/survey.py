"""Answers questions about views into shared memory. Main entry: survey.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pattern import value

from memwell import Region, View

NOTHING, INTEGER, FLOAT, ERROR = range(4)


def shape_of(text: str) -> tuple[int, ...]:
    return tuple(int(extent) for extent in text.split("x"))


def bits_of(x: Any) -> tuple[int, int]:
    """One answer: what it is, and its bits."""
    if isinstance(x, float):
        return FLOAT, 0x7FF8000000000000 if math.isnan(x) else struct.unpack("Q", struct.pack("d", x))[0]
    return INTEGER, int(x) & 0xFFFFFFFFFFFFFFFF


def take_step(view: View, step: str) -> View:
    verb, *words = step.split()
    if verb == "reshape":
        return view.reshape(*shape_of(words[0]))
    numbers = [int(word) for word in words]
    result: View
    if verb == "row":
        result = view[numbers[0]]
    elif verb == "slice":
        start, stride, count = numbers
        stop = start + stride * count
        result = view[start : (stop if stop >= 0 else None) : stride] if count else view[0:0]
    else:
        row, column, rows, columns = numbers
        result = view[row : row + rows, column : column + columns]
    return result


def view_of(region: Region, dtype: str, offset: str, shape: str, steps: str) -> View:
    view = region.view(dtype, shape_of(shape), offset=int(offset))
    for step in () if steps == "-" else steps.split(";"):
        view = take_step(view, step)
    return view


def flat(rows: Any) -> Iterator[Any]:
    for row in rows:
        if isinstance(row, list):
            yield from flat(row)
        else:
            yield row


def find(view: View, argument: str) -> Iterator[tuple[int, int]]:
    bits, start = argument.split()
    try:
        yield bits_of(view.index(value(view.dtype, int(bits, 16)), int(start)))
    except ValueError:
        yield NOTHING, 0


def store(dtype: str, number: Any) -> Iterator[tuple[int, int]]:
    """Write a float64 into an element of the dtype, in memory of its own, and tell its bits."""
    with Region.anonymous(8) as region:
        try:
            region.view(dtype, 1)[0] = number
        except (OverflowError, ValueError):
            yield ERROR, 0
        else:
            yield INTEGER, region.view("uint64")[0]


def answer(region: Region, fields: list[str]) -> Iterator[tuple[int, int]]:
    dtype, offset, shape, steps, verb, argument = fields
    view = view_of(region, dtype, offset, shape, steps)
    if verb == "shape":
        yield from map(bits_of, view.shape)
    elif verb == "list":
        yield from map(bits_of, flat(view.tolist()))
    elif verb in ("sum", "min", "max"):
        try:
            yield bits_of(getattr(view, verb)())
        except (OverflowError, ValueError):
            yield ERROR, 0
    elif verb == "take":
        try:
            yield from map(bits_of, view.take([int(word) for word in argument.split()]))
        except IndexError:
            yield ERROR, 0
    elif verb == "at":
        yield bits_of(view[tuple(int(word) for word in argument.split())])
    elif verb == "index":
        yield from find(view, argument)
    elif verb == "count":
        yield bits_of(view.count(value(view.dtype, int(argument, 16))))
    elif verb == "store":
        yield from store(dtype, value("float64", int(argument, 16)))
    elif verb == "runs":
        for run in region.runs(bytes.fromhex(argument), view.offset, view.offset + view.nbytes):
            yield INTEGER, len(run) << 8 | run[0]
    elif verb == "equals":
        other, place = argument.split()
        yield bits_of(view == view_of(region, other, place, shape, steps))
    else:
        raise SystemExit(f"no such verb: {verb}")


def survey(questions: str, name: str, offset: int) -> None:
    with Region.attach(name) as region:
        pairs = region.view("uint64", ((region.size - offset) // 16, 2), offset=offset)
        place = 0
        for line in Path(questions).read_text().splitlines():
            for what, bits in answer(region, line.split("\t")):
                pairs[place, 0] = what
                pairs[place, 1] = bits
                place += 1
    print(f"{place} answers")
