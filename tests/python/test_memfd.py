"""Files in memory: their place among descriptors, and what each seal promises.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import errno
import fcntl
import itertools
import mmap
import os
import stat
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from memwell import PAGE_SIZE, Region

SIZE = 2 * PAGE_SIZE
# F_SEAL_FUTURE_WRITE has no name in fcntl before Python 3.13.
NUMBERS = {"seal": 1, "shrink": 2, "grow": 4, "write": 8, "future_write": 16}


@pytest.fixture
def region() -> Iterator[Region]:
    with Region.memfd(SIZE) as made:
        yield made


def seals_of(region: Region) -> int:
    """As the kernel says."""
    return fcntl.fcntl(region.fileno(), fcntl.F_GET_SEALS) & sum(NUMBERS.values())


# What it is ---------------------------------------------------------------------------------------------------------------------


def test_it_is_a_memfd() -> None:
    with Region.memfd(12345, name="fråmes/1") as region:
        assert (region.kind, len(region), region.name, region.path, region.private) == ("memfd", 12345, None, None, False)
        assert os.readlink(f"/proc/self/fd/{region.fileno()}") == "/memfd:fråmes/1 (deleted)"
        facts = os.fstat(region.fileno())
        assert facts.st_size == 12345
        assert stat.S_IMODE(facts.st_mode) & 0o111 == 0
        assert not os.get_inheritable(region.fileno())
        assert bytes(region) == bytes(12345)
        assert region.seals == ()


def test_names_need_not_be_unique() -> None:
    with Region.memfd(1, name="n" * 249) as one, Region.memfd(1, name="n" * 249) as other, Region.memfd(1) as third:
        one[0] = 1
        assert other[0] == 0
        assert os.readlink(f"/proc/self/fd/{third.fileno()}") == "/memfd:memwell (deleted)"
    with pytest.raises(ValueError, match="249"):
        Region.memfd(1, name="n" * 250)
    with pytest.raises(ValueError, match="NUL"):
        Region.memfd(1, name="a\0b")
    with pytest.raises(TypeError):
        Region.memfd(1, name=b"bytes")  # type: ignore[arg-type]


def test_sizes_that_cannot_be() -> None:
    for size in (0, -1, 2**63, 2**70):
        with pytest.raises(ValueError, match="size"):
            Region.memfd(size)
    with pytest.raises(OSError) as caught:
        Region.memfd(2**63 - 1)
    assert caught.value.errno in (errno.ENOSPC, errno.EFBIG)


def test_others_map_it_by_its_descriptor(region: Region) -> None:
    with mmap.mmap(region.fileno(), SIZE) as other:
        other[5:10] = b"plain"
        assert region.read(5, 5) == b"plain"
        region.write(b"PLAIN", 5)
        assert other[5:10] == b"PLAIN"


def test_huge_pages_are_made_or_refused() -> None:
    """How many there are is the system's matter; that a refusal says what it needs is ours."""
    try:
        region = Region.memfd(2**21, huge_pages=True)
    except (OSError, MemoryError) as error:
        assert "huge" in str(error)
    else:
        with region:
            assert bytes(region[:3]) == bytes(3)


# Seals --------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("names", [pair for count in (1, 2, 5) for pair in itertools.combinations(NUMBERS, count)], ids=str)
def test_seals_are_the_kernels(region: Region, names: tuple[str, ...]) -> None:
    region.seal(*names)
    assert set(region.seals) == set(names)
    assert seals_of(region) == sum(NUMBERS[name] for name in names)
    with Region.from_fd(region.fileno(), readonly=True, require_seals=names) as other:
        assert set(other.seals) == set(names)


def test_wrong_seals(region: Region) -> None:
    for wrong in ("", "Seal", "future-write", "exec"):
        with pytest.raises(ValueError, match="future_write"):
            region.seal("shrink", wrong)
    for odd in (1, None, b"shrink", ("shrink",)):
        with pytest.raises(TypeError):
            region.seal("shrink", odd)  # type: ignore[arg-type]
    with pytest.raises(ValueError):
        region.seal()
    assert seals_of(region) == 0


def test_shrink(region: Region) -> None:
    region.seal("shrink")
    with pytest.raises(PermissionError) as caught:
        region.resize(PAGE_SIZE)
    assert caught.value.errno == errno.EPERM
    with pytest.raises(PermissionError):
        os.ftruncate(region.fileno(), 1)
    region.resize(SIZE + 1)
    assert len(region) == SIZE + 1
    region[SIZE] = 1


def test_grow(region: Region) -> None:
    region.seal("grow")
    with pytest.raises(PermissionError) as caught:
        region.resize(SIZE + 1)
    assert caught.value.errno == errno.EPERM
    with pytest.raises(PermissionError):
        os.ftruncate(region.fileno(), SIZE + 1)
    region.resize(PAGE_SIZE)
    assert len(region) == os.fstat(region.fileno()).st_size == PAGE_SIZE


def test_a_refused_resize_changes_nothing(region: Region) -> None:
    view = region.view("uint16")
    view[-1] = 7
    region.seal("shrink", "grow")
    for size in (1, SIZE - 1, SIZE + 1, 10 * SIZE):
        with pytest.raises(PermissionError):
            region.resize(size)
    assert (len(region), view[-1], os.fstat(region.fileno()).st_size) == (SIZE, 7, SIZE)
    region.resize(SIZE)
    view[0] = 1


def test_write_makes_it_read_only(region: Region) -> None:
    region.fill(5)
    view = region.view("uint8")
    region.seal("write")
    assert (region.readonly, view.readonly, memoryview(region).readonly, region.private) == (True, True, True, False)
    assert np.asarray(view).flags.writeable is False
    writes: list[Callable[[], object]] = [
        lambda: region.__setitem__(0, 1),
        lambda: region.write(b"x"),
        lambda: region.fill(),
        lambda: region.move(0, 1, 1),
        lambda: region.discard(),
        lambda: view.__setitem__(0, 1),
        lambda: view.fill(1),
        lambda: region.view("int32").atomic_add(0),
    ]
    for write in writes:
        with pytest.raises(TypeError, match="read"):
            write()
    with pytest.raises(PermissionError):
        region.protect(readonly=False)
    with pytest.raises(PermissionError):
        os.pwrite(region.fileno(), b"x", 0)
    with pytest.raises(PermissionError):
        mmap.mmap(region.fileno(), SIZE)
    assert view.sum() == 5 * SIZE
    region.seal("shrink", "grow", "seal")
    assert set(region.seals) == {"write", "shrink", "grow", "seal"}


def test_write_while_others_hold_buffers(region: Region) -> None:
    with memoryview(region) as buffer, pytest.raises(BufferError, match="hold"):
        region.seal("write", "shrink")
    assert (seals_of(region), region.readonly) == (0, False)
    array = np.asarray(region.view())
    with pytest.raises(BufferError):
        region.seal("write")
    region.seal("grow")  # which is no matter to who holds buffers
    array[0] = 3
    del array, buffer
    region.seal("write")
    assert region[0] == 3


def test_write_while_others_have_it_mapped(region: Region) -> None:
    region.fill(5)
    view = region.view("uint8")
    with mmap.mmap(region.fileno(), SIZE) as other:
        with pytest.raises(OSError, match="map") as caught:
            region.seal("write", "shrink")
        assert caught.value.errno == errno.EBUSY
        assert (seals_of(region), region.readonly) == (0, False)
        other[7] = 9
        assert (view[7], view[SIZE - 1]) == (9, 5)
        view.fill(6)
        assert other[0] == 6
    region.seal("write")
    assert view[SIZE - 1] == 6


def test_future_write_leaves_us_what_we_have(region: Region) -> None:
    array = np.asarray(region.view())
    region.seal("future_write")
    assert not region.readonly
    region[0] = 1
    array[1] = 2
    assert region.read(0, 2) == b"\1\2"
    with pytest.raises(PermissionError):
        mmap.mmap(region.fileno(), SIZE)
    with pytest.raises(PermissionError, match="sealed"):
        Region.from_fd(region.fileno())
    with pytest.raises(PermissionError):
        region.discard()
    del array
    with pytest.raises(PermissionError):
        region.resize(2 * SIZE)  # that would be a new mapping
    with Region.from_fd(region.fileno(), readonly=True) as reader:
        region[0] = 8
        assert reader[0] == 8


def test_seal_ends_sealing(region: Region) -> None:
    region.seal("seal", "shrink")
    for name in NUMBERS:
        with pytest.raises(PermissionError) as caught:
            region.seal(name)
        assert caught.value.errno == errno.EPERM
    assert (region.seals, region.readonly) == (("seal", "shrink"), False)
    region[0] = 1


def test_a_reader_can_seal_against_writing(region: Region) -> None:
    with Region.from_fd(region.fileno(), readonly=True) as reader:
        region.close()
        reader.seal("write")
        assert reader.seals == ("write",)
        assert reader[0] == 0


def test_only_a_memfd_has_seals(name: str) -> None:
    with Region.create(name, 10) as named:
        with pytest.raises(OSError, match="memfd") as caught:
            named.seal("shrink")
        assert caught.value.errno == errno.ENOTSUP
        assert named.seals == ()


def test_without_a_descriptor_it_cannot_be_sealed() -> None:
    with Region.memfd(SIZE, keep_fd=False) as region:
        for call in (lambda: region.seal("shrink"), region.fileno, lambda: region.resize(1)):
            with pytest.raises(OSError) as caught:
                call()
            assert caught.value.errno == errno.ENOTSUP
        region[0] = 1
