"""Errors: their classes, and what their messages say.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import errno
import os
import resource
from collections.abc import Callable
from typing import Any

import pytest

import memwell
from memwell import Region, Semaphore


def test_classes() -> None:
    assert memwell.Error.__bases__ == (Exception,)
    for error, kind in [(memwell.ClosedError, ValueError), (memwell.FormatError, ValueError), (memwell.FaultError, OSError)]:
        assert issubclass(error, memwell.Error)
        assert issubclass(error, kind)
        assert error.__module__ == "memwell"
        assert error.__doc__
    error = memwell.FaultError(5, "gone", "path")
    assert (error.errno, error.filename) == (5, "path")


@pytest.mark.parametrize("name", ["", "/", "a/b", "//a", "a/", "x" * 300, "a\0b", ".", ".."])
def test_names_that_cannot_be(name: str) -> None:
    calls: list[Callable[[], object]] = [
        lambda: Region.create(name, 1),
        lambda: Region.attach(name),
        lambda: Region.open(name, 1),
        lambda: Region.unlink(name),
        lambda: Region.unlink(name, missing_ok=True),
        lambda: Semaphore.create(name),
        lambda: Semaphore.attach(name),
        lambda: Semaphore.open(name),
        lambda: Semaphore.unlink(name),
    ]
    kinds = ["Region"] * 5 + ["Semaphore"] * 4
    for call, kind in zip(calls, kinds, strict=True):
        if kind == "Semaphore" and name in {".", ".."}:
            continue  # the file is called "sem.." and is a name like any other
        with pytest.raises((ValueError, OSError), match=kind) as caught:
            call()
        assert isinstance(caught.value, ValueError) or caught.value.errno == errno.ENAMETOOLONG


@pytest.mark.parametrize("name", [None, 3, b"bytes", ["a"], 1.5])
def test_names_that_are_no_text(name: Any) -> None:
    calls: list[Callable[[], object]] = [
        lambda: Region.create(name, 1),
        lambda: Region.attach(name),
        lambda: Region.unlink(name),
        lambda: Semaphore.create(name),
        lambda: Semaphore.unlink(name),
    ]
    for call in calls:
        with pytest.raises(TypeError, match="name must be a str"):
            call()


@pytest.mark.parametrize("legal", ["with space", "dots.in.it", "ünïcode", "\udcff", "new\nline"])
def test_odd_names(new_name: Callable[[], str], legal: str) -> None:
    name = new_name() + legal
    try:
        with Region.create(name, 10) as region, Region.attach(name) as other:
            assert region.name == other.name == name
            assert os.path.exists(os.path.join("/dev/shm", name))
            repr(region)
        semaphore = Semaphore.create(name)
        assert semaphore.name == name
        semaphore.close()
    finally:
        Region.unlink(name, missing_ok=True)
        Semaphore.unlink(name, missing_ok=True)


@pytest.mark.parametrize(
    ("size", "error"),
    [
        *[(wrong, ValueError) for wrong in (0, -1, -(2**70), 2**63, 2**70)],
        *[(wrong, TypeError) for wrong in (True, 1.0, "1", None)],
        (2**62, OSError),
    ],
)
def test_sizes(name: str, size: Any, error: type[Exception]) -> None:
    for make in (Region.create, Region.open):
        with pytest.raises(error, match=r"Region\.(create|open)"):
            make(name, size)
    if size is not None and error is not OSError:
        with pytest.raises(error):
            Region.file("/nonexistent/x", "w+", size=size)
    with pytest.raises((error, MemoryError)):
        Region.anonymous(size)
    assert not os.path.exists(f"/dev/shm/{name}")


def test_size_from_index(name: str) -> None:
    class Ten:
        def __index__(self) -> int:
            return 10

    with Region.create(name, Ten()) as region:
        assert len(region) == 10
        assert region.read(Ten(), Ten()) == b""
        assert len(region.view("B", Ten())) == 10


def test_offsets_that_overflow(region: Region, tmp_path: Any) -> None:
    (tmp_path / "data").write_bytes(bytes(100))
    largest = 2**63 - 1
    for offset, size in [(101, None), (50, 51), (largest, None), (largest, largest), (100, largest)]:
        with pytest.raises(ValueError, match=r"Region\.file"):
            Region.file(tmp_path / "data", offset=offset, size=size)
    for call in (
        lambda: region.move(largest, 0, largest),
        lambda: region.fill(0, largest, largest),
        lambda: region.flush(largest, 2),
    ):
        with pytest.raises(ValueError):
            call()


def test_modes(tmp_path: Any) -> None:
    for mode in ("", "w", "a", "rw", "R", "r\0", "rb"):
        with pytest.raises(ValueError, match="mode"):
            Region.file(tmp_path / "data", mode)
    for mode in (None, 3, b"r"):
        with pytest.raises(TypeError, match="mode"):
            Region.file(tmp_path / "data", mode)
    assert not (tmp_path / "data").exists()


WRONG_CALLS: list[Callable[[Any, Any], object]] = [
    lambda r, s: Region.create(),
    lambda r, s: Region.create("a"),
    lambda r, s: Region.create("a", 1, 0o600),
    lambda r, s: Region.create("a", 1, name="a"),
    lambda r, s: Region.create("a", 1, private=True),
    lambda r, s: Region.attach("a", 1),
    lambda r, s: Region.file(),
    lambda r, s: Region.file("a", "r", 0),
    lambda r, s: Region.file("a", on_fault=None),
    lambda r, s: Region.anonymous(1, True),
    lambda r, s: Region.unlink(),
    lambda r, s: Region.unlink("a", True),
    lambda r, s: r.read(),
    lambda r, s: r.read(1),
    lambda r, s: r.read(1, 2, 3),
    lambda r, s: r.view("B", 1, 0),
    lambda r, s: r.write(),
    lambda r, s: r.write("text"),
    lambda r, s: r.write([1]),
    lambda r, s: r.fill(1.0),
    lambda r, s: r.fill("a"),
    lambda r, s: r.flush(0, 1, True),
    lambda r, s: r.resize(),
    lambda r, s: r.close(1),
    lambda r, s: r["a"],
    lambda r, s: r[1.0],
    lambda r, s: r[None],
    lambda r, s: r[0, 0],
    lambda r, s: r.__setitem__(0, b"a"),
    lambda r, s: r.__setitem__(0, 1.0),
    lambda r, s: r.__setitem__("a", 1),
    lambda r, s: r.__setitem__(slice(0, 1), 1),
    lambda r, s: r.__setitem__(slice(0, 1), [1]),
    lambda r, s: r.view().fill(),
    lambda r, s: r.view().take(),
    lambda r, s: r.view().index(),
    lambda r, s: r.view().index(1, "a"),
    lambda r, s: r.view().index(1, 0, 1, 2),
    lambda r, s: s.acquire(1, 2),
    lambda r, s: s.acquire(blocking=False),
    lambda r, s: s.release(1, 2),
    lambda r, s: Semaphore.open("a", 1, 0o600),
]


def test_wrong_calls(region: Region, new_name: Callable[[], str]) -> None:
    semaphore = Semaphore.create(new_name(), 1)
    failed = []
    for number, call in enumerate(WRONG_CALLS):
        try:
            call(region, semaphore)
        except TypeError:
            continue
        failed.append(number)
    semaphore.close()
    assert failed == []
    assert bytes(region) == bytes(4096)


def test_a_truth_that_raises(name: str) -> None:
    class Undecided:
        def __bool__(self) -> bool:
            raise LookupError("neither")

    with pytest.raises(LookupError):
        Region.create(name, 10, temporary=Undecided())
    with pytest.raises(LookupError):
        Region.attach(name, readonly=Undecided())
    assert not os.path.exists(f"/dev/shm/{name}")


def test_out_of_descriptors(new_name: Callable[[], str]) -> None:
    names = new_name(), new_name()
    Region.create(names[0], 10).close()
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    used = len(os.listdir("/proc/self/fd"))
    taken: list[int] = []
    resource.setrlimit(resource.RLIMIT_NOFILE, (used + 8, before[1]))
    try:
        while True:
            try:
                taken.append(os.dup(2))
            except OSError:
                break
        for call in (
            lambda: Region.create(names[1], 10),
            lambda: Region.attach(names[0]),
            lambda: Region.anonymous(10),
            lambda: Semaphore.create(names[1]),
        ):
            with pytest.raises(OSError) as caught:
                call()
            assert caught.value.errno == errno.EMFILE
    finally:
        for fd in taken:
            os.close(fd)
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    assert not os.path.exists(f"/dev/shm/{names[1]}")


def test_messages_name_call_object_and_reason(name: str) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        Region.attach(name)
    assert caught.value.strerror is not None
    assert caught.value.strerror.startswith("Region.attach: ")
    assert caught.value.filename == name
    assert name in str(caught.value)
    with Region.create(name, 10) as region:
        with pytest.raises(ValueError, match=f'^Region.write\\("{name}"\\): '):
            region.write(b"x", 10)
        with pytest.raises(OverflowError, match=r"^View\[\.\.\.\]: int8 cannot hold 200$"):
            region.view("int8")[0] = 200
        with pytest.raises(IndexError, match=r"^View\[\.\.\.\]: index 10 is out of range for 10 elements$"):
            region.view("int8")[10]
    with pytest.raises(memwell.ClosedError, match=f"^Region.read: the region '{name}' is closed$"):
        region.read(0, 1)
