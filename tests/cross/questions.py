"""The questions of the survey, the memory that they are about, and the answers as numpy and plain Python find them.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import math
import re
import struct
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from pattern import DTYPES, FLOATS, ORDER, SIZES, Pattern, draw, pack
from survey import ERROR, FLOAT, INTEGER, NOTHING, shape_of

COUNT = 60
WILD, TAME, STEP, FIRST = 0, 491, 1003, 7
"""Where the blocks of a dtype are: the first dtype's at FIRST, the others STEP apart, aligned to nothing."""

DATA_SIZE = 12288

VIEWS = (
    ("60", "-"),
    ("60", "slice 59 -1 60"),
    ("60", "slice 2 3 19"),
    ("60", "slice 57 -7 9"),
    ("60", "slice 0 2 30;slice 29 -4 8"),
    ("60", "slice 5 1 0"),
    ("60", "slice 10 1 20;reshape 4x5"),
    ("6x10", "-"),
    ("6x10", "row 4"),
    ("6x10", "row 3;slice 9 -3 4"),
    ("6x10", "slice 5 -2 3"),
    ("6x10", "slice 5 -2 3;row 1"),
    ("6x10", "window 1 2 3 4"),
    ("6x10", "window 1 2 3 4;slice 2 -1 3"),
    ("6x10", "window 1 2 3 4;slice 2 -1 3;row 0"),
    ("6x10", "reshape 3x20;row 2"),
    ("3x4x5", "-"),
    ("3x4x5", "row 1;row 2"),
    ("3x4x5", "slice 2 -1 3"),
    ("2x3x2x5", "row 1;slice 2 -2 2"),
    ("1x1x1x2x1x3x2x5", "-"),
)


@dataclass(frozen=True)
class Question:
    dtype: str
    offset: int
    shape: str
    steps: str
    verb: str
    argument: str

    def __str__(self) -> str:
        return "\t".join(map(str, (self.dtype, self.offset, self.shape, self.steps, self.verb, self.argument or "-")))


Answer = tuple[int, int | float | bool]


def tame_value(dtype: str, k: int) -> bytes:
    """Numbers whose sums fit, with repetitions; large ones among the floats that a naive sum would lose the small ones behind."""
    x = draw(7, DTYPES.index(dtype), k)
    number: float = x % 2 if dtype == "bool" else x % 101
    if dtype in FLOATS:
        number = (1e16, -1e16)[k % 2] if k < 8 and dtype != "float16" else (number - 50) / 8
    elif dtype.startswith("int"):
        number -= 50
    return np.array([number], dtype=dtype).tobytes()


def memory(pattern: Pattern) -> bytes:
    data = bytearray(DATA_SIZE)
    for d, dtype in enumerate(DTYPES):
        start = FIRST + STEP * d
        wild = b"".join(pack(dtype, pattern.bits(5, dtype, k)) for k in range(COUNT))
        tame = b"".join(tame_value(dtype, k) for k in range(COUNT))
        data[start + WILD : start + WILD + len(wild)] = wild
        data[start + TAME : start + TAME + len(tame)] = tame
    return bytes(data)


# ---- what numpy says


def take_step(array: npt.NDArray[Any], step: str) -> npt.NDArray[Any]:
    verb, *words = step.split()
    if verb == "reshape":
        return array.reshape(shape_of(words[0]))
    numbers = [int(word) for word in words]
    result: npt.NDArray[Any]
    if verb == "row":
        result = array[numbers[0]]
    elif verb == "slice":
        start, stride, count = numbers
        result = array[np.arange(count) * stride + start]
    else:
        row, column, rows, columns = numbers
        result = array[row : row + rows, column : column + columns]
    return result


def array_of(data: bytes, dtype: str, offset: int, shape: str, steps: str) -> npt.NDArray[Any]:
    array: npt.NDArray[Any] = np.frombuffer(data, dtype, math.prod(shape_of(shape)), offset).reshape(shape_of(shape))
    for step in () if steps == "-" else steps.split(";"):
        array = take_step(array, step)
    return array


def answer_of(x: Any) -> Answer:
    return (FLOAT, x) if isinstance(x, float) else (INTEGER, int(x))


def exact_sum(dtype: str, values: list[Any]) -> Answer:
    if dtype in FLOATS:
        if math.inf in values and -math.inf in values:
            return FLOAT, math.nan
        try:
            return FLOAT, math.fsum(values)
        except OverflowError:
            return FLOAT, sum(values)
    total = sum(values)
    lowest, highest = (-(2**63), 2**63 - 1) if dtype.startswith("int") else (0, 2**64 - 1)
    return (INTEGER, total) if lowest <= total <= highest else (ERROR, 0)


def extreme(values: list[Any], highest: bool) -> Answer:
    if not values:
        return ERROR, 0
    if any(x != x for x in values):
        return FLOAT, math.nan
    return answer_of(max(values) if highest else min(values))


def found(values: list[Any], wanted: Any, start: int) -> Answer:
    return next(((INTEGER, i) for i, x in enumerate(values) if i >= start and x == wanted), (NOTHING, 0))


def answers(data: bytes, question: Question) -> Iterator[Answer]:
    dtype, argument = question.dtype, question.argument
    array = array_of(data, dtype, question.offset, question.shape, question.steps)
    values = array.ravel().tolist()
    match question.verb:
        case "shape":
            yield from ((INTEGER, extent) for extent in array.shape)
        case "list":
            yield from map(answer_of, values)
        case "sum":
            yield exact_sum(dtype, values)
        case "min" | "max":
            yield extreme(values, question.verb == "max")
        case "take":
            indices = [int(word) for word in argument.split()]
            yield from [answer_of(values[i]) for i in indices] if max(indices) < len(values) else [(ERROR, 0)]
        case "at":
            yield answer_of(array[tuple(int(word) for word in argument.split())].item())
        case "index":
            bits, start = argument.split()
            yield found(values, number(dtype, bits), int(start))
        case "count":
            yield INTEGER, sum(x == number(dtype, argument) for x in values)
        case "runs":
            members = re.escape(bytes.fromhex(argument))
            for run in re.findall(b"[" + members + b"]+", data[question.offset : question.offset + array.nbytes]):
                yield INTEGER, len(run) << 8 | run[0]
        case "store":
            yield stored(dtype, number("float64", argument))
        case "equals":
            other, offset = argument.split()
            yield INTEGER, int(values == array_of(data, other, int(offset), question.shape, question.steps).ravel().tolist())


def stored(dtype: str, x: float) -> Answer:
    """The bits of the element that a float64 becomes: floats to nearest even, integers exactly, or not at all."""
    element = np.zeros(1, dtype)
    if dtype in FLOATS:
        with np.errstate(over="ignore", invalid="ignore"):
            element[0] = x
        if math.isfinite(x) and not np.isfinite(element[0]):
            return ERROR, 0
    elif not math.isfinite(x) or not fits(element.dtype, x):
        return ERROR, 0
    else:
        element[0] = int(x)
    return INTEGER, int.from_bytes(element.tobytes(), ORDER)


def fits(dtype: np.dtype[Any], x: float) -> bool:
    lowest, highest = (0, 1) if dtype.kind == "b" else (int(np.iinfo(dtype).min), int(np.iinfo(dtype).max))
    return x == int(x) and lowest <= int(x) <= highest


def rounding(data: bytes, question: Question) -> float:
    """How far from the exact answer a float may be: a sum is as exact as its elements are large, however many there are."""
    if question.verb != "sum" or question.dtype not in FLOATS:
        return 0.0
    array = array_of(data, question.dtype, question.offset, question.shape, question.steps)
    return 1e-15 * math.fsum(min(abs(x), 1e300) for x in array.ravel().tolist() if math.isfinite(x))


def number(dtype: str, bits: str) -> Any:
    return np.frombuffer(bytes.fromhex(bits)[::-1], np.dtype(dtype).newbyteorder("<"))[0].item()


# ---- which questions there are


def bits_at(data: bytes, dtype: str, offset: int, k: int) -> str:
    """The bits of an element, as hexadecimal digits, the highest first."""
    element = np.frombuffer(data, dtype, 1, offset + k * SIZES[dtype])
    return element.astype(element.dtype.newbyteorder(">")).tobytes().hex()


def arguments(data: bytes, dtype: str, offset: int, array: npt.NDArray[Any]) -> Iterator[tuple[str, str]]:
    """The verbs that can be asked of a view, with their arguments."""
    yield from ((verb, "") for verb in ("shape", "list", "sum", "min", "max"))
    yield from (("count", bits_at(data, dtype, offset, k)) for k in (0, 11, 33))
    yield from (("equals", f"{other} {offset}") for other in (dtype, "uint8", "float64"))
    yield "equals", f"{dtype} {offset ^ 1}"
    if array.size:
        yield "at", " ".join(str(extent - 1) for extent in array.shape)
        yield "at", " ".join(str(extent // 2) for extent in array.shape)
    if array.ndim == 1:
        yield from (("index", f"{bits_at(data, dtype, offset, k)} {start}") for k in (3, 11, 58) for start in (0, 3))
        yield "take", "0 0 1"
        yield "take", " ".join(str(i) for i in (len(array) - 1, 0, len(array) // 2) if i >= 0)
        yield "take", f"0 {len(array)}"


NUMBERS = (
    *(0.0, -0.0, 1.0, -1.0, 2.0, 0.5, 1.5, -129.0, -128.0, 127.0, 128.0, 255.0, 256.0, 32767.0, 32768.0, 65535.0, 65536.0),
    *(
        2.0**31 - 1,
        2.0**31,
        -(2.0**31),
        2.0**32 - 1,
        2.0**32,
        2.0**53 + 2,
        2.0**63,
        -(2.0**63),
        2.0**64,
        2.0**63 - 1024,
        2.0**64 - 2048,
    ),
    *(math.inf, -math.inf, math.nan, 0.1, 1 / 3, 5e-324, 1e-310, 1.7976931348623157e308),
    *(65504.0, 65519.0, 65519.99999999999, 65520.0, 2.0**-24, 2.0**-25, 2.0**-25 * (1 + 2.0**-52), 3 * 2.0**-25, 5 * 2.0**-25),
    *(1 + 2.0**-11, 1 + 3 * 2.0**-11, 1 + 2.0**-11 + 2.0**-40, 2.0**-14 - 2.0**-25, 2.0**-14 - 2.0**-26, 2049.0, 2051.0),
    *(1 + 2.0**-24, 1 + 3 * 2.0**-24, 1 + 2.0**-24 + 2.0**-52, 3.4028235677973366e38, 3.4028235677973362e38, 2.0**-149, 2.0**-150),
    *(2.0**-150 * (1 + 2.0**-52), 3 * 2.0**-150, 2.0**-126 - 2.0**-150, 16777217.0, 16777219.0),
)
"""What is stored as every dtype: the ends of what each holds, ties between two floats, a little beside those, what none holds."""


def questions(data: bytes) -> Iterator[Question]:
    for d, dtype in enumerate(DTYPES):
        for x in NUMBERS:
            yield Question(dtype, FIRST + STEP * d, "1", "-", "store", struct.pack(">d", x).hex())
        for block in (WILD, TAME):
            offset = FIRST + STEP * d + block
            for shape, steps in VIEWS:
                array = array_of(data, dtype, offset, shape, steps)
                for verb, argument in arguments(data, dtype, offset, array):
                    yield Question(dtype, offset, shape, steps, verb, argument)
                if steps == "-":
                    common = bytes(byte for byte, _ in Counter(data[offset : offset + array.nbytes]).most_common(5))
                    yield from (
                        Question(dtype, offset, shape, steps, "runs", some.hex()) for some in (common, common[:1], b"\0\xff]-^")
                    )
