"""Regions: where they come from, what they hold, and how they end.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import memwell
from memwell import Region

SIZE = 4096
KINDS = ["named", "attached", "opened", "file", "file-small-offset", "file-no-fd", "anonymous", "private", "copy-on-write"]


@contextlib.contextmanager
def region_of(kind: str, name: str, folder: Path) -> Iterator[Region]:
    """A writable region of SIZE zero bytes, of every kind that there is."""
    path = folder / "data"
    if kind.startswith(("file", "copy")):
        path.write_bytes(bytes(SIZE + 10))
    if kind == "named":
        made = Region.create(name, SIZE)
    elif kind == "attached":
        Region.create(name, SIZE).close()
        made = Region.attach(name)
    elif kind == "opened":
        made = Region.open(name, SIZE)
    elif kind == "file":
        made = Region.file(path, "r+", size=SIZE)
    elif kind == "file-small-offset":
        made = Region.file(path, "r+", offset=7, size=SIZE)
    elif kind == "file-no-fd":
        made = Region.file(path, "r+", size=SIZE, keep_fd=False)
    elif kind == "copy-on-write":
        made = Region.file(path, "c", size=SIZE)
    else:
        made = Region.anonymous(SIZE, private=kind == "private")
    with made:
        yield made


@pytest.fixture(params=KINDS)
def each(request: pytest.FixtureRequest, name: str, tmp_path: Path) -> Iterator[Region]:
    with region_of(request.param, name, tmp_path) as made:
        yield made


# What holds for every kind ------------------------------------------------------------------------------------------------------


def test_begins_with_zeros(each: Region) -> None:
    assert len(each) == each.size == SIZE
    assert bytes(each) == bytes(SIZE)
    assert not each.readonly
    assert not each.closed
    assert each.exports == 0


def test_bytes_in_and_out(each: Region) -> None:
    each[0] = 1
    each[-1] = 255
    each[1:4] = b"abc"
    assert (each[0], each[SIZE - 1], each[-SIZE]) == (1, 255, 1)
    assert each.read(0, 5) == b"\x01abc\x00"
    assert bytes(each[1:4]) == b"abc"
    assert bytes(each[3:0:-1]) == b"cba"
    assert bytes(each[::1000]) == bytes([1, 0, 0, 0, 0])
    assert list(each)[:4] == [1, 97, 98, 99]
    assert 98 in each


def test_read_clips(each: Region) -> None:
    assert each.read(SIZE - 2, 100) == b"\0\0"
    assert each.read(SIZE, 1) == b""
    assert each.read(2**62, 2**62) == b""
    assert each.read(0, 0) == b""


def test_write_past_the_end_writes_nothing(each: Region) -> None:
    assert each.write(b"abc") == 3
    assert each.write(bytearray(b"xy"), offset=SIZE - 2) == 2
    with pytest.raises(ValueError, match=r"Region\.write"):
        each.write(b"zzz", SIZE - 2)
    with pytest.raises(ValueError):
        each.write(b"z", 2**63 - 1)
    assert each.read(SIZE - 2, 2) == b"xy"
    assert each.write(b"", SIZE) == 0


def test_fill(each: Region) -> None:
    each.fill(7)
    assert bytes(each) == b"\x07" * SIZE
    each.fill(offset=10)
    assert bytes(each) == b"\x07" * 10 + bytes(SIZE - 10)
    each.fill(9, 1, 2)
    assert each.read(0, 4) == b"\x07\x09\x09\x07"
    each.fill(9, 5, size=None)
    assert each[SIZE - 1] == 9
    for wrong in [(0, 1, SIZE), (0, SIZE + 1), (0, SIZE + 1, 0), (0, 2**63 - 1, 2)]:
        with pytest.raises(ValueError):
            each.fill(*wrong)


def test_move_overlapping(each: Region) -> None:
    each[0:6] = b"abcdef"
    each.move(2, 0, 4)
    assert each.read(0, 6) == b"ababcd"
    each.move(dest=0, src=2, size=4)
    assert each.read(0, 6) == b"abcdcd"
    with pytest.raises(ValueError):
        each.move(0, 1, SIZE)


def test_write_of_itself(each: Region) -> None:
    each[0:6] = b"abcdef"
    each.write(memoryview(each)[0:4], 2)
    assert each.read(0, 6) == b"ababcd"
    each[0:4] = memoryview(each)[2:6]
    assert each.read(0, 6) == b"abcdcd"
    each[0:12:2] = memoryview(each)[0:6]
    assert each.read(0, 12)[::2] == b"abcdcd"


def test_flush(each: Region) -> None:
    each.flush()
    each.flush(10, 20, wait=False)
    each.flush(SIZE)
    with pytest.raises(ValueError):
        each.flush(SIZE - 1, 2)


def test_buffer(each: Region) -> None:
    with memoryview(each) as view:
        assert (view.format, view.itemsize, view.shape, view.readonly, view.obj) == ("B", 1, (SIZE,), False, each)
        assert each.exports == 1
        view[3] = 5
        assert each[3] == 5
        with view[2:4] as part:
            assert bytes(part) == b"\0\x05"
    assert each.exports == 0


def test_close_is_final_and_repeatable(each: Region) -> None:
    text = repr(each)
    each.close()
    each.close()
    assert each.closed
    assert "closed" in repr(each)
    assert "closed" not in text
    for use in USES:
        with pytest.raises(memwell.ClosedError, match="closed"):
            use(each)
    assert each.kind in text


USES: list[Callable[[Any], object]] = [
    lambda r: r.size,
    lambda r: r.exports,
    lambda r: len(r),
    lambda r: r[0],
    lambda r: r[0:1],
    lambda r: r.__setitem__(0, 1),
    lambda r: r.__setitem__(slice(0, 1), b"x"),
    lambda r: bytes(r),
    lambda r: memoryview(r),
    lambda r: list(r),
    lambda r: r.view(),
    lambda r: r.read(0, 1),
    lambda r: r.write(b"x"),
    lambda r: r.fill(),
    lambda r: r.move(0, 0, 1),
    lambda r: r.flush(),
    lambda r: r.resize(1),
    lambda r: r.check(),
    lambda r: r.fileno(),
    lambda r: r.__enter__(),
    lambda r: r.__reduce__(),
]


@pytest.mark.parametrize("kind", ["named", "file", "file-small-offset", "anonymous"])
def test_resize(kind: str, name: str, tmp_path: Path) -> None:
    with region_of(kind, name, tmp_path) as region:
        view = region.view("uint16")
        view[-1] = 500
        region.resize(SIZE + 5000)
        assert len(region) == SIZE + 5000
        assert view[-1] == 500
        assert region.read(SIZE, 5000) == bytes(5000)
        region[-1] = 3
        region.resize(100)
        assert len(region) == 100
        assert view[49] == 0
        with pytest.raises(IndexError, match="resized"):
            view[50]
        with pytest.raises(IndexError):
            view.sum()
        with pytest.raises(IndexError):
            memoryview(view)
        region.resize(SIZE)
        assert view[-1] == 0
        for wrong in (0, -1, 2**63):
            with pytest.raises(ValueError):
                region.resize(wrong)
        with memoryview(region), pytest.raises(BufferError, match=r"Region\.resize"):
            region.resize(10)
        assert len(region) == SIZE


@pytest.mark.parametrize("kind", ["private", "copy-on-write", "file-no-fd"])
def test_no_resize(kind: str, name: str, tmp_path: Path) -> None:
    with region_of(kind, name, tmp_path) as region, pytest.raises(OSError, match=r"Region\.resize"):
        region.resize(SIZE * 2)


# Named memory -------------------------------------------------------------------------------------------------------------------


def test_create_attach_open(new_name: Callable[[], str]) -> None:
    name = new_name()
    with Region.create(name, 100) as made:
        assert (made.kind, made.name, made.path, made.private) == ("named", name, None, False)
        made[0] = 42
        with Region.attach("/" + name) as other, Region.open(name, 50) as third, Region.attach(name, readonly=True) as fourth:
            assert other.name == name
            assert len(other) == len(third) == len(fourth) == 100
            assert other[0] == third[0] == fourth[0] == 42
            assert fourth.readonly
            assert memoryview(fourth).readonly
        with pytest.raises(FileExistsError) as caught:
            Region.create(name, 100)
        assert caught.value.filename == name
        with pytest.raises(ValueError, match="100"):
            Region.open(name, 101)
    Region.unlink(name)
    with pytest.raises(FileNotFoundError, match=r"Region\.unlink"):
        Region.unlink(name)
    Region.unlink(name, missing_ok=True)
    with Region.open(name, 10) as made:
        assert len(made) == 10


def test_permissions_are_exact(new_name: Callable[[], str]) -> None:
    before = os.umask(0o077)
    try:
        for permissions in (0o600, 0o640, 0o666, 0o444):
            name = new_name()
            Region.create(name, 10, permissions=permissions).close()
            assert stat.S_IMODE(os.stat(f"/dev/shm/{name}").st_mode) == permissions
    finally:
        os.umask(before)


def test_readonly_refuses_writes(name: str) -> None:
    Region.create(name, 16).close()
    with Region.attach(name, readonly=True) as region:
        view = region.view("int32")
        writes: list[Callable[[], object]] = [
            lambda: region.__setitem__(0, 1),
            lambda: region.__setitem__(slice(0, 2), b"ab"),
            lambda: region.write(b"a"),
            lambda: region.fill(1),
            lambda: region.move(0, 1, 1),
            lambda: view.__setitem__(0, 1),
            lambda: view.__setitem__(slice(0, 2), [1, 2]),
            lambda: view.fill(1),
            lambda: view.copy_from([1, 2, 3, 4]),
            lambda: view.copy_from(view),
        ]
        for write in writes:
            with pytest.raises(TypeError, match="read"):
                write()
        assert view.readonly
        assert bytes(region) == bytes(16)


def test_temporary_goes_with_its_maker(name: str) -> None:
    with Region.create(name, 10, temporary=True):
        assert os.path.exists(f"/dev/shm/{name}")
    assert not os.path.exists(f"/dev/shm/{name}")


def test_attach_waits_for_the_name(name: str) -> None:
    found: list[int] = []

    def attach() -> None:
        with Region.attach(name, timeout=60) as region:
            found.append(len(region))

    thread = threading.Thread(target=attach)
    thread.start()
    Region.create(name, 123).close()
    thread.join()
    assert found == [123]


def test_attach_times_out(name: str) -> None:
    for timeout in (0, 0.01):
        with pytest.raises(FileNotFoundError) as caught:
            Region.attach(name, timeout=timeout)
        assert caught.value.filename == name


def test_another_ones_memory(name: str) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a file away")
    Region.create(name, 10, permissions=0o666).close()
    os.chown(f"/dev/shm/{name}", 12345, -1)
    with pytest.raises(PermissionError, match="12345"):
        Region.attach(name)
    Region.attach(name, any_owner=True).close()
    with pytest.raises(PermissionError):
        Region.open(name, 10)
    Region.open(name, 10, any_owner=True).close()


def test_permissions_that_do_not_allow_it(name: str) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can become somebody else")
    Region.create(name, 10, permissions=0o644).close()
    child = os.fork()
    if child == 0:
        refused = None
        try:
            os.setuid(65534)
            Region.attach(name, readonly=True).close()
            Region.attach(name).close()
        except PermissionError as error:
            refused = (error.errno, error.filename)
        finally:
            os._exit(0 if refused == (errno.EACCES, name) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_symbolic_link_in_the_name_space(name: str, tmp_path: Path) -> None:
    (tmp_path / "target").write_bytes(b"secret")
    os.symlink(tmp_path / "target", f"/dev/shm/{name}")
    with pytest.raises(OSError, match=r"Region\.attach"):
        Region.attach(name, any_owner=True)
    assert (tmp_path / "target").read_bytes() == b"secret"


def test_full_disk_leaves_no_name(name: str) -> None:
    with pytest.raises(OSError) as caught:
        Region.create(name, 2**50)
    assert caught.value.errno == 28
    assert not os.path.exists(f"/dev/shm/{name}")


# Files --------------------------------------------------------------------------------------------------------------------------


def test_file_modes(tmp_path: Path) -> None:
    path = tmp_path / "data"
    with pytest.raises(FileNotFoundError) as caught:
        Region.file(path)
    assert caught.value.filename == str(path)
    with Region.file(path, "x+", size=10) as region:
        assert (region.kind, region.path, region.name, region.readonly) == ("file", str(path), None, False)
        region[:] = b"0123456789"
    with pytest.raises(FileExistsError):
        Region.file(path, "x+", size=10)
    with Region.file(path) as region:
        assert region.readonly
        assert bytes(region) == b"0123456789"
    with Region.file(path, "r+", offset=3) as region:
        assert bytes(region) == b"3456789"
        region[0] = ord("x")
    with Region.file(path, mode="c", offset=3, size=2) as region:
        assert region.private
        assert not region.readonly
        region[0] = ord("y")
        assert bytes(region) == b"y4"
    assert path.read_bytes() == b"012x456789"
    with Region.file(path, "r+", size=12) as region:
        assert bytes(region) == b"012x456789\0\0"
    assert path.stat().st_size == 12
    for mode in ("r", "c"):
        with pytest.raises(ValueError):
            Region.file(path, mode, size=13)
    with Region.file(path, "w+", size=5) as region:
        assert bytes(region) == bytes(5)
    assert path.read_bytes() == bytes(5)


def test_file_permissions(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        Region.file(tmp_path / "a", "x+", size=1, permissions=0o664).close()
        Region.file(tmp_path / "b", "w+", size=1).close()
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o664
    assert stat.S_IMODE((tmp_path / "b").stat().st_mode) == 0o600


@pytest.mark.parametrize("mode", ["r", "r+", "c"])
def test_empty_file_is_an_empty_region(mode: Any, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    with Region.file(tmp_path / "empty", mode) as region:
        assert len(region) == 0
        assert bytes(region) == b""
        assert list(region) == []
        assert region.read(0, 10) == b""
        assert bytes(region[:]) == b""
        assert region.view("float64").tolist() == []
        assert memoryview(region).nbytes == 0
        with pytest.raises(IndexError):
            region[0]
        region.flush()
        region.check()
    with Region.file(tmp_path / "new", "w+") as region:
        assert len(region) == 0


@pytest.mark.parametrize("kind", [str, os.fsencode, Path])
def test_path_types(kind: Any, tmp_path: Path) -> None:
    (tmp_path / "däta\n").write_bytes(b"x")
    with Region.file(kind(str(tmp_path / "däta\n"))) as region:
        assert region.path == str(tmp_path / "däta\n")


def test_path_that_is_no_text(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/\xff\xfe"
    with open(path, "wb") as file:
        file.write(b"abc")
    with Region.file(path) as region:
        assert region.path == os.fsdecode(path)
        assert bytes(region) == b"abc"
        repr(region)
    with pytest.raises(FileNotFoundError) as caught:
        Region.file(path + b"?")
    assert caught.value.filename == os.fsdecode(path + b"?")


def test_long_path_in_the_error(tmp_path: Path) -> None:
    path = tmp_path / ("d" * 200) / ("e" * 200)
    with pytest.raises(FileNotFoundError) as caught:
        Region.file(path)
    assert caught.value.filename == str(path)


def test_no_descriptor(tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(b"abc")
    with Region.file(tmp_path / "data", "r+", keep_fd=False) as region:
        assert bytes(region) == b"abc"
        with pytest.raises(OSError) as caught:
            region.fileno()
        assert caught.value.errno == 95
        region.check()


def test_descriptor(each: Region) -> None:
    if "no-fd" in repr(each):
        return
    with contextlib.suppress(OSError):
        assert os.fstat(each.fileno()).st_size >= SIZE


def test_what_cannot_be_mapped(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(IsADirectoryError):
        Region.file(tmp_path)
    with pytest.raises(OSError):
        Region.file(tmp_path / "fifo")
    with pytest.raises(ValueError):
        Region.file("")
    with pytest.raises(ValueError, match="NUL"):
        Region.file("a\0b")
    with pytest.raises(TypeError):
        Region.file(3)


def test_cut_file_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "data"
    path.write_bytes(bytes(3 * SIZE))
    with Region.file(path) as region:
        region.check()
        os.truncate(path, SIZE)
        with pytest.raises(memwell.FaultError, match=str(SIZE)) as caught:
            region.check()
        assert caught.value.errno == 5
        assert caught.value.filename == str(path)


# The class ----------------------------------------------------------------------------------------------------------------------


class Frames(Region):
    def __init__(self) -> None:
        raise AssertionError("class methods do not call __init__")

    def total(self) -> int:
        return int(self.view().sum())


def test_subclass(name: str) -> None:
    with Frames.create(name, 10) as frames:
        assert type(frames) is Frames
        frames.fill(1)
        frames.label = "one"
        assert frames.total() == 10
        assert frames.view().region is frames
        assert repr(frames).startswith("<memwell.Frames named ")
    for make in (Frames.attach, lambda name: Frames.open(name, 10)):
        with make(name) as other:
            assert type(other) is Frames
    with Frames.anonymous(10) as other:
        assert type(other) is Frames


def test_subclass_with_its_own_close(name: str) -> None:
    closed: list[bool] = []

    class Loud(Region):
        def close(self) -> None:
            closed.append(True)
            super().close()

    with Loud.create(name, 10) as region:
        pass
    assert closed == [True]
    assert region.closed


def test_no_constructor() -> None:
    with pytest.raises(TypeError, match=r"Region\.file, create"):
        Region()
    with pytest.raises(TypeError):
        Region.__new__(Region)


# Against bytearray --------------------------------------------------------------------------------------------------------------

indices = st.integers(-40, 40)
slices = st.builds(slice, *[st.none() | indices] * 2, st.none() | indices.filter(bool))
operations = st.lists(
    st.one_of(
        st.tuples(st.just("get"), indices | slices),
        st.tuples(st.just("set"), indices, st.integers(-3, 300)),
        st.tuples(st.just("set slice"), slices, st.binary(max_size=40)),
        st.tuples(st.just("write"), st.integers(0, 40), st.binary(max_size=40)),
        st.tuples(st.just("fill"), st.integers(0, 255), st.integers(0, 40), st.none() | st.integers(0, 40)),
        st.tuples(st.just("move"), st.integers(0, 40), st.integers(0, 40), st.integers(0, 40)),
        st.tuples(st.just("resize"), st.integers(1, 60)),
    ),
    max_size=12,
)


class Model:
    """What a Region does, said with a bytearray."""

    def __init__(self, size: int) -> None:
        self.data = bytearray(size)

    def get(self, key: Any) -> Any:
        return self.data[key] if isinstance(key, int) else bytes(self.data[key])

    def set(self, key: int, value: int) -> None:
        if not 0 <= value <= 255:
            raise OverflowError
        self.data[key] = value

    def set_slice(self, key: slice, value: bytes) -> None:
        if len(self.data[key]) != len(value):
            raise ValueError
        self.data[key] = value

    def write(self, offset: int, value: bytes) -> None:
        if offset + len(value) > len(self.data):
            raise ValueError
        self.data[offset : offset + len(value)] = value

    def fill(self, byte: int, offset: int, size: int | None) -> None:
        size = len(self.data) - offset if size is None else size
        if offset > len(self.data) or offset + size > len(self.data):
            raise ValueError
        self.data[offset : offset + size] = bytes([byte]) * size

    def move(self, dest: int, src: int, size: int) -> None:
        if max(dest, src) + size > len(self.data):
            raise ValueError
        self.data[dest : dest + size] = self.data[src : src + size]

    def resize(self, size: int) -> None:
        self.data = (self.data + bytes(size))[:size]


class Real(Model):
    """The same calls on a Region."""

    def __init__(self, size: int) -> None:
        self.region = Region.anonymous(size)

    def get(self, key: Any) -> Any:
        return self.region[key] if isinstance(key, int) else bytes(self.region[key])

    def set(self, key: int, value: int) -> None:
        self.region[key] = value

    def set_slice(self, key: slice, value: bytes) -> None:
        self.region[key] = value

    def write(self, offset: int, value: bytes) -> None:
        self.region.write(value, offset)

    def fill(self, byte: int, offset: int, size: int | None) -> None:
        self.region.fill(byte, offset, size)

    def move(self, dest: int, src: int, size: int) -> None:
        self.region.move(dest, src, size)

    def resize(self, size: int) -> None:
        self.region.resize(size)


def outcome(target: Model, operation: tuple[Any, ...]) -> Any:
    try:
        return getattr(target, operation[0].replace(" ", "_"))(*operation[1:])
    except (ValueError, IndexError, OverflowError) as error:
        return next(kind for kind in (IndexError, OverflowError, ValueError) if isinstance(error, kind))


@settings(max_examples=300, deadline=None)
@given(size=st.integers(1, 40), todo=operations)
def test_same_as_bytearray(size: int, todo: list[tuple[Any, ...]]) -> None:
    model, real = Model(size), Real(size)
    with real.region:
        for operation in todo:
            assert outcome(real, operation) == outcome(model, operation), operation
            assert bytes(real.region) == model.data, operation
