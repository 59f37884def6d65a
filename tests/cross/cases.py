"""Makes the bad calls of cases.tsv and says what each gave. Main entry: cases.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from memwell import Region, Semaphore, View


def number_of(text: str) -> int | float:
    """An integer unless it can only be a float."""
    return float(text) if any(mark in text for mark in ".en") else int(text)


def extents_of(text: str) -> tuple[int, ...]:
    return tuple(int(extent) for extent in text.split("x"))


# ---- what a call is made on


@contextmanager
def region_of(subject: str) -> Iterator[Region]:
    how, name = subject.split(" ", 1)
    if how == "cut":
        region = Region.file(name, "r+")
        Path(name).write_bytes(b"")
    else:
        region = Region.attach(name, readonly=how == "readonly")
    with region:
        if how == "closed":
            region.close()
        yield region


@contextmanager
def semaphore_of(subject: str) -> Iterator[Semaphore]:
    how, name = subject.split(" ", 1)
    semaphore = Semaphore.attach(name)
    if how == "closed":
        semaphore.close()
    yield semaphore
    semaphore.close()


def on_region(subject: str, call: Callable[[Region], object]) -> None:
    with region_of(subject) as region:
        call(region)


def on_semaphore(subject: str, call: Callable[[Semaphore], object]) -> None:
    with semaphore_of(subject) as semaphore:
        call(semaphore)


def make_view(region: Region, dtype: str, shape: str, offset: str) -> View:
    if shape == "all":
        return region.view(dtype, offset=int(offset))
    return region.view(dtype, extents_of(shape), offset=int(offset))


def on_view(arguments: Sequence[str], call: Callable[[View], object]) -> None:
    """The view is made while the region is open; a subject that is closed is closed after that."""
    subject, dtype, shape, offset = arguments[:4]
    with region_of(subject.replace("closed", "open")) as region:
        view = make_view(region, dtype, shape, offset)
        if subject.startswith("closed"):
            region.close()
        call(view)


# ---- the calls


def region_file(path: str, mode: Any, offset: str, size: str) -> None:
    Region.file(path, mode, offset=int(offset), size=None if size == "all" else int(size)).close()


def view_set(subject: str, dtype: str, shape: str, offset: str, index: str, x: str) -> None:
    on_view((subject, dtype, shape, offset), lambda view: view.__setitem__(int(index), number_of(x)))


def semaphore_value(subject: str) -> None:
    with semaphore_of(subject) as semaphore:
        print(f"the value {semaphore.value} was there")


CALLS: dict[str, Callable[..., object]] = {
    "Region.create": lambda name, size: Region.create(name, int(size)).close(),
    "Region.attach": lambda name, mode: Region.attach(name, readonly=mode == "r").close(),
    "Region.open": lambda name, size: Region.open(name, int(size)).close(),
    "Region.unlink": Region.unlink,
    "Region.anonymous": lambda size: Region.anonymous(int(size)).close(),
    "Region.file": region_file,
    "Region.read": lambda region, at, size: on_region(region, lambda r: r.read(int(at), int(size))),
    "Region.write": lambda region, at, data: on_region(region, lambda r: r.write(data.encode(), int(at))),
    "Region.fill": lambda region, at, size: on_region(region, lambda r: r.fill(0, int(at), int(size))),
    "Region.move": lambda region, to, at, size: on_region(region, lambda r: r.move(int(to), int(at), int(size))),
    "Region.flush": lambda region, at, size: on_region(region, lambda r: r.flush(int(at), int(size))),
    "Region.resize": lambda region, size: on_region(region, lambda r: r.resize(int(size))),
    "Region.check": lambda region: on_region(region, lambda r: r.check()),
    "Region.view": lambda region, *view: on_region(region, lambda r: make_view(r, *view)),
    "View.set": view_set,
    "View.fill": lambda *view: on_view(view, lambda v: v.fill(number_of(view[4]))),
    "View.take": lambda *view: on_view(view, lambda v: v.take(extents_of(view[4]))),
    "View.slice": lambda *view: on_view(view, lambda v: v[:: int(view[4])]),
    "View.row": lambda *view: on_view(view, lambda v: v[int(view[4])]),
    "View.reshape": lambda *view: on_view(view, lambda v: v.reshape(*extents_of(view[4]))),
    "View.index": lambda *view: on_view(view, lambda v: v.index(number_of(view[4]))),
    "View.min": lambda *view: on_view(view, lambda v: v.min()),
    "View.sum": lambda *view: on_view(view, lambda v: v.sum()),
    "Semaphore.create": lambda name, start: Semaphore.create(name, int(start)).close(),
    "Semaphore.attach": lambda name: Semaphore.attach(name).close(),
    "Semaphore.open": lambda name, start: Semaphore.open(name, int(start)).close(),
    "Semaphore.unlink": Semaphore.unlink,
    "Semaphore.acquire": lambda name, timeout: on_semaphore(name, lambda s: s.acquire(number_of(timeout))),
    "Semaphore.release": lambda name, n: on_semaphore(name, lambda s: s.release(int(n))),
    "Semaphore.value": semaphore_value,
}


def outcome(call: str, arguments: list[str]) -> tuple[str, int, str, str]:
    """The exception's name, its errno, its message and what it says of the object; "accepted" where there was none."""
    try:
        CALLS[call](*arguments)
    except OSError as error:
        return type(error).__name__, error.errno or 0, str(error), str(error.filename or "")
    except Exception as error:
        return type(error).__name__, 0, str(error), ""
    return "accepted", 0, "", ""


def cases(path: str) -> None:
    for line in Path(path).read_text().splitlines():
        if line and not line.startswith("#"):
            name, _, _, call, *arguments = line.split("\t")
            print(name, *outcome(call, arguments), sep="\t")
