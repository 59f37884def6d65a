"""What the kernel does with a region's pages: advice, giving back, bringing in, locking, protecting; sizes and descriptors.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import errno
import mmap
import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import memwell
from memwell import PAGE_SIZE, Region

SIZE = 8 * PAGE_SIZE
STRANGER = 65534
ADVICE: list[Any] = [
    "normal",
    "sequential",
    "random",
    "willneed",
    "cold",
    "pageout",
    "hugepage",
    "nohugepage",
    "dontdump",
    "dodump",
]

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")


@pytest.fixture
def region() -> Iterator[Region]:
    """Memory whose blocks can be counted and that others can map."""
    with Region.memfd(SIZE) as made:
        yield made


def python(program: str, *arguments: str, before: tuple[str, ...] = ()) -> str:
    """What a program prints that runs in a process of its own, and well."""
    source = f"import os, sys\nimport memwell\nfrom memwell import PAGE_SIZE, Region\n{textwrap.dedent(program)}"
    done = subprocess.run([*before, sys.executable, "-c", source, *arguments], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def blocks_of(region: Region) -> int:
    """In bytes, what its file takes."""
    return os.fstat(region.fileno()).st_blocks * 512


def locked_bytes() -> int:
    return sum(int(size) * 1024 for size in re.findall(r"^Locked: +(\d+) kB", Path("/proc/self/smaps").read_text(), re.MULTILINE))


# Advice -------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("advice", ADVICE)
def test_advice_changes_nothing(region: Region, advice: Any) -> None:
    region.write(bytes(range(256)) * (SIZE // 256))
    before = bytes(region)
    for where in ((), (0,), (1, 10), (PAGE_SIZE + 1, PAGE_SIZE), (SIZE,), (SIZE, 0)):
        try:
            region.advise(advice, *where)
        except OSError as error:  # this kernel does not know it
            assert error.errno == errno.ENOTSUP
            assert advice not in ADVICE[:4]
    assert bytes(region) == before


def test_advice_is_taken_by_the_kernel(region: Region) -> None:
    """One that /proc shows: "dd" are the pages that no core dump has."""

    def flags() -> list[str]:
        of_region = Path("/proc/self/smaps").read_text().split("/memfd:memwell", 1)[1]
        found = re.search(r"^VmFlags: (.*)$", of_region, re.MULTILINE)
        assert found is not None
        return found[1].split()

    region.advise("dontdump")
    assert "dd" in flags()
    region.advise("dodump")
    assert "dd" not in flags()


def test_advice_that_is_none(region: Region) -> None:
    for wrong in ("", "Normal", "normal ", "dontneed", "free"):
        with pytest.raises(ValueError, match="willneed") as caught:
            region.advise(wrong)  # type: ignore[arg-type]
        for word in ADVICE:
            assert word in str(caught.value)
    for odd in (1, None, b"normal"):
        with pytest.raises(TypeError):
            region.advise(odd)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"Region\.advise"):
        region.advise("normal", 1, SIZE)


def test_the_stubs_have_every_advice(region: Region) -> None:
    stub = (Path(memwell.__file__).parent / "_memwell.pyi").read_text()
    found = re.search(r"_Advice: TypeAlias = Literal\[(.*?)\]", stub, re.DOTALL)
    assert found is not None
    assert re.findall(r'"(\w+)"', found[1]) == ADVICE


# Ranges -------------------------------------------------------------------------------------------------------------------------

RANGE_CALLS: list[Callable[..., object]] = [Region.discard, Region.populate, Region.mlock, Region.munlock, Region.flush]


@pytest.mark.parametrize("call", RANGE_CALLS, ids=lambda call: call.__name__)
def test_ranges(region: Region, call: Callable[..., object]) -> None:
    for good in ((), (0,), (SIZE,), (SIZE, 0), (1, SIZE - 1), (3, 0), (0, None)):
        call(region, *good)
    call(region, size=5, offset=PAGE_SIZE - 1)
    for wrong in ((SIZE + 1,), (0, SIZE + 1), (SIZE, 1), (2**63 - 1, 1), (1, 2**63 - 1), (-1,), (0, -1), (2**64,), (0, 2**64)):
        with pytest.raises(ValueError, match=f"Region.{call.__name__}"):
            call(region, *wrong)
    for odd in (("0",), (0, 1.5), (None,), (True,)):
        with pytest.raises(TypeError):
            call(region, *odd)


@pytest.mark.parametrize("call", RANGE_CALLS, ids=lambda call: call.__name__)
def test_an_index_that_closes_the_region(region: Region, call: Callable[..., object]) -> None:
    class Closing:
        def __index__(self) -> int:
            region.close()
            return 1

    with pytest.raises(memwell.ClosedError):
        call(region, Closing())


def test_an_empty_region_has_no_pages(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    with Region.file(tmp_path / "empty", "r+") as empty:
        for call in RANGE_CALLS:
            call(empty)
        empty.advise("random")
        empty.protect(readonly=True)
        assert empty.resident() == 0


# Discard ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("offset", "size"), [(0, None), (0, PAGE_SIZE), (1, 10), (PAGE_SIZE - 1, 2), (100, 5 * PAGE_SIZE), (SIZE - 1, 1), (5, 0)]
)
def test_discard_makes_zeros_of_these_bytes_alone(region: Region, offset: int, size: int | None) -> None:
    expected = bytearray(b"\7" * SIZE)
    region.write(expected)
    end = SIZE if size is None else offset + size
    expected[offset:end] = bytes(end - offset)
    with mmap.mmap(region.fileno(), SIZE, access=mmap.ACCESS_READ) as other, memoryview(region) as buffer:
        region.discard(offset, size)
        assert bytes(region) == other[:] == bytes(buffer) == expected


@pytest.mark.parametrize("kind", ["memfd", "file"])
def test_discarded_pages_go_back_to_the_system(kind: str, tmp_path: Path) -> None:
    size = 64 * PAGE_SIZE
    with Region.memfd(size) if kind == "memfd" else Region.file(tmp_path / "file", "w+", size=size) as region:
        region.fill(1)
        region.flush()
        before = blocks_of(region)
        region.discard(10, 40 * PAGE_SIZE)
        region.flush()
        assert blocks_of(region) <= before - 38 * PAGE_SIZE
        assert (region[9], region[10], region[10 + 40 * PAGE_SIZE]) == (1, 0, 1)


def test_private_pages_show_the_file_again(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"f" * 3 * PAGE_SIZE)
    with Region.file(tmp_path / "file", "c") as region:
        region.fill(ord("m"))
        region.discard(PAGE_SIZE, PAGE_SIZE)
        assert bytes(region) == b"m" * PAGE_SIZE + b"f" * PAGE_SIZE + b"m" * PAGE_SIZE
    assert (tmp_path / "file").read_bytes() == b"f" * 3 * PAGE_SIZE


def test_what_cannot_be_discarded(region: Region) -> None:
    region.fill(1)
    with Region.from_fd(region, readonly=True) as reader, pytest.raises(TypeError, match="read"):
        reader.discard()
    region.mlock(0, 1)
    with pytest.raises(OSError, match="munlock") as caught:
        region.discard()
    assert caught.value.errno == errno.ENOTSUP
    region.munlock()
    region.seal("future_write")
    with pytest.raises(PermissionError):
        region.discard()
    assert bytes(region) == b"\1" * SIZE


# In memory ----------------------------------------------------------------------------------------------------------------------


def test_populate_brings_pages_in(region: Region) -> None:
    region.discard()
    assert region.resident() == 0
    region[3 * PAGE_SIZE] = 1
    assert region.resident() == PAGE_SIZE
    region.populate(6 * PAGE_SIZE - 1, 2)
    assert region.resident() == 3 * PAGE_SIZE
    region.populate()
    assert region.resident() == SIZE
    assert region.count(b"\0") == SIZE - 1


def test_what_was_cut_cannot_be_populated(region: Region) -> None:
    os.ftruncate(region.fileno(), PAGE_SIZE)
    region.populate(0, PAGE_SIZE)
    with pytest.raises(memwell.FaultError, match="cut"):
        region.populate()


def test_locked_pages(region: Region) -> None:
    before = locked_bytes()
    region.mlock(PAGE_SIZE - 1, 2)
    assert locked_bytes() - before == 2 * PAGE_SIZE
    region.mlock()
    region.munlock(4 * PAGE_SIZE + 1, 1)  # locks do not add up
    assert locked_bytes() - before == 7 * PAGE_SIZE
    region.munlock()
    region.munlock()
    assert locked_bytes() == before
    region.mlock()
    region.close()
    assert locked_bytes() == before


@needs_root
@pytest.mark.parametrize("limit", [4 * PAGE_SIZE, 0])
def test_the_limit_of_locked_memory_is_named(limit: int) -> None:
    said = python(
        f"""
        import resource
        region = Region.memfd({SIZE})
        resource.setrlimit(resource.RLIMIT_MEMLOCK, ({limit}, {limit}))
        os.setuid({STRANGER})
        try:
            region.mlock()
        except OSError as error:
            print(error.errno, error)
        print(region.read(0, 3))
        print([line.split()[1] for line in open("/proc/self/status") if line.startswith("VmLck")])
        """
    ).splitlines()
    number = int(said[0].split()[0])
    assert number == errno.EPERM if limit == 0 else number in (errno.ENOMEM, errno.EAGAIN)
    assert "RLIMIT_MEMLOCK" in said[0]
    assert f" {limit} bytes" in said[0]
    assert said[1:] == ["b'\\x00\\x00\\x00'", "['0']"]  # and nothing is locked


# Protect ------------------------------------------------------------------------------------------------------------------------


def test_views_follow_protect(region: Region) -> None:
    view = region.view("int32", (16, 16))
    part = view[1::2, 3]
    view.fill(5)
    region.protect(readonly=True)
    region.protect(readonly=True)
    assert (region.readonly, view.readonly, part.readonly) == (True, True, True)
    assert np.asarray(view).flags.writeable is False
    writes: list[Callable[[], object]] = [
        lambda: region.__setitem__(0, 1),
        lambda: region.write(b"x"),
        lambda: region.fill(),
        lambda: region.move(0, 1, 1),
        lambda: region.discard(),
        lambda: view.__setitem__((0, 0), 1),
        lambda: part.fill(1),
        lambda: view.copy_from(np.zeros((16, 16), "i4")),
        lambda: region.view("int32").atomic_add(0),
        lambda: region.stream().write(b"x"),
    ]
    for write in writes:
        with pytest.raises((TypeError, OSError)):
            write()
    assert view.sum() == 5 * 256
    region.protect(readonly=False)
    assert (region.readonly, view.readonly, part.readonly) == (False, False, False)
    part.fill(0)
    np.asarray(view)[0, 0] = 7
    assert view.sum() == 5 * (256 - 8) + 2


def test_the_kernel_protects_it_too(region: Region) -> None:
    """A write that goes past memwell dies."""
    address = np.asarray(region.view()).ctypes.data
    region.protect(readonly=True)
    child = os.fork()
    if child == 0:
        import ctypes
        import faulthandler

        faulthandler.disable()
        ctypes.memset(address, 1, 1)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -11
    assert region[0] == 0


def test_protect_while_others_hold_buffers(region: Region) -> None:
    array = np.asarray(region.view("float64"))
    region.protect(readonly=False)  # as it is already
    with pytest.raises(BufferError, match=r"Region\.protect.*hold"):
        region.protect(readonly=True)
    array[0] = 1
    assert not region.readonly
    del array
    region.protect(readonly=True)
    with memoryview(region) as buffer:
        with pytest.raises(BufferError):
            region.protect(readonly=False)
        assert buffer.readonly
    region.protect(readonly=False)


def test_other_mappings_are_not_protected(region: Region) -> None:
    with mmap.mmap(region.fileno(), SIZE) as other, Region.from_fd(region) as second:
        region.protect(readonly=True)
        other[5] = 6
        second[6] = 7
        assert region.read(5, 2) == b"\6\7"


def test_protect_wants_a_word(region: Region) -> None:
    for wrong in ((), (True,)):
        with pytest.raises(TypeError):
            region.protect(*wrong)  # type: ignore[call-arg]
    assert not region.readonly


# Sizes --------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, SIZE - 1, SIZE + 1, 4 * SIZE])
def test_a_refused_resize_changes_nothing(region: Region, size: int) -> None:
    region.fill(3)
    view = region.view("uint16")
    array = np.asarray(view)
    address = array.ctypes.data
    with pytest.raises(BufferError, match=r"Region\.resize.*hold"):
        region.resize(size)
    assert (len(region), os.fstat(region.fileno()).st_size, region.exports) == (SIZE, SIZE, 1)
    assert bytes(region) == b"\3" * SIZE
    array[-1] = 9
    assert (view[-1], np.asarray(region.view()).ctypes.data) == (9, address)
    with pytest.raises(BufferError):
        region.remap()
    del array
    region.resize(size)
    assert len(region) == size


@needs_root
@pytest.mark.skipif(
    subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode != 0, reason="needs a mount namespace"
)
def test_no_space(tmp_path: Path) -> None:
    """On a file system of 16 pages, which is gone with the process."""
    program = """
        import subprocess
        folder = sys.argv[1]
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={16 * PAGE_SIZE}", "tmpfs", folder], check=True)
        path = folder + "/file"
        def is_full(call):
            try:
                call()
            except OSError as error:
                return error.errno == 28
            return False
        assert is_full(lambda: Region.file(path, "x+", size=17 * PAGE_SIZE))
        assert os.listdir(folder) == []
        with Region.file(path, "x+", size=8 * PAGE_SIZE) as region:
            region.fill(7)
            view = region.view()
            assert is_full(lambda: region.resize(17 * PAGE_SIZE))
            assert (len(region), os.path.getsize(path), view.sum()) == (8 * PAGE_SIZE, 8 * PAGE_SIZE, 7 * 8 * PAGE_SIZE)
            assert is_full(lambda: Region.file(path, "r+", size=17 * PAGE_SIZE))
            assert os.path.getsize(path) == 8 * PAGE_SIZE
            region.resize(12 * PAGE_SIZE)
            region.fill(9)
            region.discard(0, 4 * PAGE_SIZE)
            open(folder + "/other", "wb").write(bytes(7 * PAGE_SIZE))
            try:
                region.fill(1)                 # where discarded pages were there is no room now
                region.check()
            except memwell.FaultError:
                print("lost")
            os.unlink(folder + "/other")
            region.remap()
            region.fill(2)
            print(region.view().min(), len(region) // PAGE_SIZE)
        """
    assert python(program, str(tmp_path), before=("unshare", "-m")) == "lost\n2 12\n"


# Descriptors --------------------------------------------------------------------------------------------------------------------

MAKERS: dict[str, Callable[[str, Path, bool], Region]] = {
    "file": lambda name, path, keep: Region.file(path, "r+", keep_fd=keep),
    "file-reader": lambda name, path, keep: Region.file(path, keep_fd=keep),
    "file-private": lambda name, path, keep: Region.file(path, "c", keep_fd=keep),
    "file-new": lambda name, path, keep: Region.file(path.with_name("new"), "x+", size=10, keep_fd=keep),
    "file-cleared": lambda name, path, keep: Region.file(path, "w+", size=10, keep_fd=keep),
    "create": lambda name, path, keep: Region.create(name, 10, keep_fd=keep),
    "open": lambda name, path, keep: Region.open(name, 10, keep_fd=keep),
    "anonymous": lambda name, path, keep: Region.anonymous(10, keep_fd=keep),
    "memfd": lambda name, path, keep: Region.memfd(10, keep_fd=keep),
}


@pytest.mark.parametrize("keep", [True, False])
@pytest.mark.parametrize("maker", MAKERS)
def test_one_descriptor_or_none(maker: str, keep: bool, name: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(bytes(10))
    before = set(os.listdir("/proc/self/fd"))
    with MAKERS[maker](name, tmp_path / "file", keep) as region:
        there = set(os.listdir("/proc/self/fd"))
        assert len(there) == len(before) + keep
        if keep:
            assert str(region.fileno()) in there
            assert not os.get_inheritable(region.fileno())
        else:
            for call in (region.fileno, lambda: region.resize(20), region.remap):
                with pytest.raises(OSError) as caught:
                    call()
                assert caught.value.errno == errno.ENOTSUP
        array = np.asarray(region.view())
    assert len(os.listdir("/proc/self/fd")) <= len(before) + keep
    del array
    assert len(os.listdir("/proc/self/fd")) == len(before)


def test_system_v_has_no_descriptor() -> None:
    before = os.listdir("/proc/self/fd")
    with Region.sysv(0, 10, how="create") as region:
        Region.sysv_remove(region)
        assert len(os.listdir("/proc/self/fd")) == len(before)
        with pytest.raises(OSError) as caught:
            region.fileno()
        assert caught.value.errno == errno.ENOTSUP
