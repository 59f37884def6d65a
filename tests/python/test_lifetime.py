"""How objects end: buffers that outlive a region, closing at awkward moments, forgotten regions, forks.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import array
import contextlib
import gc
import os
import pickle
import subprocess
import sys
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import memwell
from memwell import Region, Semaphore, View


def run(program: str, *flags: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *flags, "-c", program], capture_output=True, text=True, check=False, timeout=120)


def inode(path: str) -> str:
    return str(os.stat(path).st_ino)


def mapped(number: str) -> bool:
    """Whether this process has the file with this inode mapped, whatever its name was or is."""
    return any(line.split()[4] == number for line in Path("/proc/self/maps").read_text().splitlines())


# Buffers that outlive the region ------------------------------------------------------------------------------------------------


def test_numpy_array_outlives_the_region(name: str) -> None:
    region = Region.create(name, 800)
    number = inode(f"/dev/shm/{name}")
    array = np.asarray(region.view("float64"))
    part = memoryview(region)[8:16]
    array[1] = 1.5
    assert region.exports == 2
    region.close()
    Region.unlink(name)
    assert mapped(number)
    array[2] = 2.5
    assert array[:3].tolist() == [0, 1.5, 2.5]
    assert bytes(part) == np.float64(1.5).tobytes()
    del region
    gc.collect()
    assert array[2] == 2.5
    del array
    assert mapped(number)
    part.release()
    assert not mapped(number)


def test_resize_waits_for_nobody(name: str) -> None:
    with Region.create(name, 100) as region:
        array = np.asarray(region.view())
        with pytest.raises(BufferError, match="hold"):
            region.resize(200)
        assert len(region) == 100
        del array
        region.resize(200)


def test_buffer_of_a_buffer(region: Region) -> None:
    view = region.view("int32", (4, 4))
    outer = memoryview(memoryview(view)[1:3])
    assert region.exports == 1
    assert outer.tolist() == [[0] * 4] * 2
    outer.release()


# Closed at awkward moments ------------------------------------------------------------------------------------------------------


class Closing:
    """A value that closes a region while it is being converted."""

    def __init__(self, region: Region) -> None:
        self.region = region

    def __index__(self) -> int:
        self.region.close()
        return 1

    def __float__(self) -> float:
        self.region.close()
        return 1.0

    def __bool__(self) -> bool:
        self.region.close()
        return True

    @property
    def str(self) -> str:
        self.region.close()
        return "uint8"


class ClosingSequence(list[Any]):
    def __init__(self, region: Region, *items: Any) -> None:
        super().__init__(items)
        self.region = region

    def __iter__(self) -> Any:
        self.region.close()
        return super().__iter__()


AWKWARD: list[Callable[[Region, View, Any], object]] = [
    lambda r, v, c: r[c],
    lambda r, v, c: r[c:2],
    lambda r, v, c: r[::c],
    lambda r, v, c: r.__setitem__(c, 1),
    lambda r, v, c: r.__setitem__(0, c),
    lambda r, v, c: r.__setitem__(slice(c, 2), b"x"),
    lambda r, v, c: r.read(c, 1),
    lambda r, v, c: r.read(0, c),
    lambda r, v, c: r.write(b"x", c),
    lambda r, v, c: r.fill(c),
    lambda r, v, c: r.fill(0, c),
    lambda r, v, c: r.fill(0, 0, c),
    lambda r, v, c: r.move(c, 0, 1),
    lambda r, v, c: r.flush(c),
    lambda r, v, c: r.flush(wait=c),
    lambda r, v, c: r.resize(c),
    lambda r, v, c: r.view(c),
    lambda r, v, c: r.view("B", c),
    lambda r, v, c: r.view("B", (1, c)),
    lambda r, v, c: r.view("B", 1, offset=c),
    lambda r, v, c: v[c],
    lambda r, v, c: v[c, 1],
    lambda r, v, c: v[c:3],
    lambda r, v, c: v[..., c],
    lambda r, v, c: v.__setitem__((c, 1), 1),
    lambda r, v, c: v.__setitem__((1, 1), c),
    lambda r, v, c: v.__setitem__(slice(c, 2), [[1] * 4]),
    lambda r, v, c: v.__setitem__(0, [1, 2, 3, c]),
    lambda r, v, c: v.__setitem__(0, ClosingSequence(r, 1, 2, 3, 4)),
    lambda r, v, c: v.copy_from([[1, 2, 3, c]] * 4),
    lambda r, v, c: v.fill(c),
    lambda r, v, c: v.count(c),
    lambda r, v, c: v[0].index(c),
    lambda r, v, c: v[0].index(1, c),
    lambda r, v, c: v[0].take([0, c]),
    lambda r, v, c: v.reshape(c, 16),
]


@pytest.mark.parametrize("number", range(len(AWKWARD)))
def test_closed_while_an_argument_is_converted(number: int, name: str) -> None:
    region = Region.create(name, 4096)
    file = inode(f"/dev/shm/{name}")
    view = region.view("int32", (4, 4))
    assert mapped(file)
    with pytest.raises(memwell.ClosedError):
        AWKWARD[number](region, view, Closing(region))
    assert region.closed
    assert not mapped(file)


class ResizingIndex:
    def __init__(self, region: Region, size: int) -> None:
        self.region, self.size = region, size

    def __index__(self) -> int:
        self.region.resize(self.size)
        return 1000


def test_resized_while_an_argument_is_converted(name: str) -> None:
    with Region.create(name, 4096) as region:
        line = region.view("int32")
        for use in (lambda c: line[c], lambda c: line.__setitem__(c, 1), lambda c: region[c], lambda c: line.take([c])):
            region.resize(4096)
            with pytest.raises(IndexError):
                use(ResizingIndex(region, 16))
        region.resize(4096)
        with pytest.raises(ValueError):
            region.write(b"x" * 10, ResizingIndex(region, 16))
        region.resize(4096)
        assert region.read(ResizingIndex(region, 16), 10) == b""


def test_closed_while_a_buffer_is_taken(name: str) -> None:
    if sys.version_info < (3, 12):
        pytest.skip("classes have __buffer__ since 3.12")

    class Source:
        def __buffer__(self, flags: int) -> memoryview:
            region.close()
            return memoryview(b"x")

    for use in (
        lambda: region.write(Source()),
        lambda: region.__setitem__(slice(0, 1), Source()),
        lambda: view.copy_from(Source()),
    ):
        region = Region.create(name, 4096)
        Region.unlink(name)
        view = region.view("uint8", 1)
        with pytest.raises(memwell.ClosedError):
            use()


def test_resize_while_the_source_is_the_region_itself(region: Region) -> None:
    region[0:4] = region.view("uint8", 4, offset=4)
    region.view("int32", 4)[:] = region.view("int32", 8)[::2]


# Forgotten objects --------------------------------------------------------------------------------------------------------------


def test_forgotten_region_warns(name: str) -> None:
    region: Region | None = Region.create(name, 10)
    file = inode(f"/dev/shm/{name}")
    assert mapped(file)
    with pytest.warns(ResourceWarning, match=f"unclosed region .*{name}"):
        del region
    assert not mapped(file)


def test_forgotten_region_of_a_subclass_warns_once(name: str) -> None:
    class Frames(Region):
        pass

    frames: Frames | None = Frames.create(name, 10)
    with pytest.warns(ResourceWarning) as caught:
        del frames
        gc.collect()
    assert len(caught) == 1


def test_forgotten_region_in_a_cycle(name: str) -> None:
    class Frames(Region):
        pass

    frames = Frames.create(name, 10)
    file = inode(f"/dev/shm/{name}")
    frames.me = frames
    frames.view_of_me = frames.view()
    frames.iterator = iter(frames.view())
    gone = weakref.ref(frames)
    with pytest.warns(ResourceWarning):
        del frames
        gc.collect()
    assert gone() is None
    assert not mapped(file)


def test_subclass_with_a_finalizer_of_its_own(name: str) -> None:
    class Frames(Region):
        def __del__(self) -> None:
            seen.append(self.closed)

    seen: list[bool] = []
    frames: Frames | None = Frames.create(name, 10)
    file = inode(f"/dev/shm/{name}")
    with pytest.warns(ResourceWarning):
        del frames
    assert seen == [False]
    assert not mapped(file)


def test_warning_that_is_an_error_does_not_escape() -> None:
    done = run("import memwell\nmemwell.Region.anonymous(10)\nprint('on')", "-W", "error")
    assert done.returncode == 0
    assert done.stdout == "on\n"
    assert "ResourceWarning" in done.stderr


def test_warning_says_where_the_region_was_made() -> None:
    done = run("import memwell\ndef make():\n  memwell.Region.anonymous(10)\nmake()", "-X", "tracemalloc=5", "-W", "default")
    assert "unclosed region" in done.stderr
    assert "allocated at" in done.stderr


def test_resurrected_by_the_warning() -> None:
    program = """
import gc, memwell, warnings
kept = []
def show(message, category, filename, lineno, file=None, line=None): pass
def hook(message): kept.append(message.source)
warnings._showwarnmsg = hook
warnings.simplefilter("always")
memwell.Region.anonymous(10)
gc.collect()
assert len(kept) == 1 and kept[0].closed, kept
kept.clear()
gc.collect()
print("fine")
"""
    done = run(program)
    assert (done.stdout, done.returncode) == ("fine\n", 0), done.stderr


def test_closed_region_and_semaphores_say_nothing(name: str) -> None:
    with Region.create(name, 10) as region:
        region.view()
    del region
    semaphore: Semaphore | None = Semaphore.create(name)
    file = inode(f"/dev/shm/sem.{name}")
    assert mapped(file)
    del semaphore
    gc.collect()
    assert not mapped(file)


def test_shutdown_is_quiet_and_clean(new_name: Callable[[], str]) -> None:
    name = new_name()
    program = f"""
import memwell, atexit, sys
region = memwell.Region.create({name!r}, 4096, temporary=True)
semaphore = memwell.Semaphore.create({name!r}, 1, temporary=True)
view = region.view("float64")
buffer = memoryview(view)
iterator = iter(view)
sys.modules["keeps"] = view
region.close()
"""
    done = run(program, "-X", "dev", "-W", "error")
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)
    assert not os.path.exists(f"/dev/shm/{name}")
    assert not os.path.exists(f"/dev/shm/sem.{name}")


def test_weak_references(region: Region, semaphore: Semaphore) -> None:
    view: View | None = region.view()
    other: Region | None = Region.anonymous(10)
    assert other is not None
    gone = [weakref.ref(view), weakref.ref(other)]
    other.close()
    del view, other
    assert [each() for each in gone] == [None, None]
    assert weakref.ref(region)() is region
    assert weakref.ref(semaphore)() is semaphore


def test_view_keeps_its_region(name: str) -> None:
    with Region.create(name, 10) as region:
        view = region.view()
        number = sys.getrefcount(region)
        other = view[1:]
        assert sys.getrefcount(region) == number + 1
        assert other.region is region
        del other
        assert sys.getrefcount(region) == number


def test_no_reference_is_lost(region: Region, semaphore: Semaphore) -> None:
    """Every call many times: the number of objects, and of references to what they have in common, stays."""
    view = region.view("float64", (4, 4))
    line = region.view("int32", 16)
    source, text = [1.0] * 4, "float64"

    def everything() -> None:
        view[0] = source
        view[1] = array.array("f", source)
        view[2] = view[0]
        view[1:3, ::-1].copy_from(view[:2])
        line[0] = line[1]
        bytes(view), view.tolist(), view == view[:], view == b"", list(line), line.take([0, 1]), repr(view)
        view.sum(), view.min(), line.index(0), line.count(0), view.reshape(16), view.shape, view.strides, view.dtype
        region.view(text, (2, 2), offset=8)
        region[0:4] = region.read(0, 4)
        region.write(bytes(region[2:6]), 1)
        semaphore.acquire(1)
        semaphore.release()
        with region.__buffer__(0), memoryview(view):
            pass
        for wrong in (
            lambda: view.__setitem__(0, [1, 2, 3, "4"]),
            lambda: view.__setitem__(0, [1, 2, 3, 10**400]),
            lambda: line.__setitem__(0, 2**40),
            lambda: line[99],
            lambda: region.view(">f8"),
            lambda: region.view(3),
            lambda: line.take([99]),
            lambda: line.index(99),
            lambda: Region.attach("memwell-test-nobody"),
            lambda: Region.create("a\0b", 1),
            lambda: Region.create("a", size=-1),
            lambda: Region.create("a", nobody=1),
            lambda: semaphore.acquire(-1),
        ):
            with pytest.raises((ValueError, TypeError, OverflowError, IndexError, OSError)):
                wrong()

    watched = [region, semaphore, view, line, source, text, Region, View, Semaphore, source[0], memwell.ClosedError]

    def count() -> tuple[int, list[int]]:
        gc.collect()
        return len(gc.get_objects()), [sys.getrefcount(each) for each in watched]

    for _ in range(3):
        everything()
    objects, before = count()
    for _ in range(50):
        everything()
    more, after = count()
    assert max(abs(one - two) for one, two in zip(before, after, strict=True)) < 25
    assert more - objects < 25


def test_memory_does_not_grow(name: str, tmp_path: Path) -> None:
    """What the garbage collector does not see: strings, bytes and buffers of the binding."""
    (tmp_path / "data").write_bytes(bytes(100))

    with Region.open(name, 4096) as first:
        saved = pickle.dumps(first.view("int16", (3, 4)))

    def everything() -> None:
        with Region.open(name, 4096) as region, Region.file(tmp_path / "data", "r+") as file, Region.attach(name) as other:
            view, line = region.view("int16", (3, 4)), file.view("float64", 4)
            line.copy_from([1, 2, 3, 4])
            line.copy_from(np.arange(8, dtype="f4")[::2])
            view[1:] = view[:2].tolist()
            view[0] = line
            line.take(np.array([0, 1])), line.take([1, 2]), bytes(line), view == other.view("int16", (3, 4)), repr(view), repr(file)
            pickle.loads(saved).region.close()
            semaphore = Semaphore.open(name, 1)
            semaphore.acquire(0)
            repr(semaphore)
            for wrong in (
                lambda: Region.attach("memwell-test-nobody"),
                lambda: Region.file(tmp_path / "nothing"),
                lambda: Region.create("a/b", 1),
                lambda: line.copy_from([1, 2, 3, 10**400]),
                lambda: line.copy_from(b"abcd" * 2),
                lambda: view.copy_from(np.full((3, 4), 1e9)),
                lambda: line.take([0, 99]),
                lambda: line.view("x"),
            ):
                with contextlib.suppress(Exception):
                    wrong()

    def growth() -> int:
        """How many blocks of Python's allocator 100 rounds keep. Caches fill at first; what leaks, leaks in every round."""
        before = sys.getallocatedblocks()
        for _ in range(100):
            everything()
        gc.collect()
        return sys.getallocatedblocks() - before

    if os.environ.get("PYTHONMALLOC", "").startswith("malloc"):
        pytest.skip("only Python's own allocator counts its blocks")
    assert any(growth() < 50 for _ in range(30))
    Semaphore.unlink(name)


# Forks --------------------------------------------------------------------------------------------------------------------------


def test_fork_in_the_middle(region: Region, semaphore: Semaphore) -> None:
    view = region.view("int32", 4)
    child = os.fork()
    if child == 0:
        try:
            view[0] = 5
            semaphore.release()
            region.close()
            semaphore.close()
            assert region.closed
            os._exit(0)
        finally:
            os._exit(1)
    assert os.waitpid(child, 0)[1] == 0
    assert view[0] == 5
    assert semaphore.value == 2
    assert not region.closed
