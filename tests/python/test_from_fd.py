"""Regions from descriptors: what can be mapped is, all else is refused, and the descriptor stays the caller's.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import errno
import os
import re
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import memwell
from memwell import PAGE_SIZE, Region

DATA = b"some data"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "file").write_bytes(DATA)
    return tmp_path / "file"


@pytest.fixture
def fd(path: Path) -> Iterator[int]:
    """A descriptor of the file, which must be open at the end of the test."""
    number = os.open(path, os.O_RDWR)
    inode = os.fstat(number).st_ino
    yield number
    assert os.fstat(number).st_ino == inode
    os.close(number)


def open_descriptors() -> set[str]:
    return set(os.listdir("/proc/self/fd"))


# What can be mapped -------------------------------------------------------------------------------------------------------------


def test_a_file(fd: int) -> None:
    with Region.from_fd(fd) as region:
        assert (region.kind, region.name, region.path, region.readonly, region.private) == ("fd", None, None, False, False)
        assert bytes(region) == DATA
        assert f"fd {fd}" in repr(region)
        region.write(b"SOME")
        assert os.pread(fd, 9, 0) == b"SOME data"
    os.lseek(fd, 3, os.SEEK_SET)
    with Region.from_fd(fd) as region:
        assert len(region) == 9
    assert os.lseek(fd, 0, os.SEEK_CUR) == 3


def test_named_memory(region: Region) -> None:
    with Region.from_fd(region.fileno()) as other:
        other[4095] = 7
        assert (len(other), region[4095]) == (4096, 7)


def test_whatever_has_a_descriptor(path: Path) -> None:
    with path.open("r+b") as file, Region.from_fd(file) as region:
        assert bytes(region) == DATA
        assert not file.closed
    with tempfile.TemporaryFile() as file:
        file.write(DATA)
        file.flush()
        with Region.from_fd(file) as region:
            region[0] = ord("S")
        file.seek(0)
        assert file.read() == b"Some data"
    with Region.memfd(10) as memfd, Region.from_fd(memfd) as region:
        region[1] = 2
        assert memfd[1] == 2


def test_the_region_outlives_the_descriptor(path: Path) -> None:
    number = os.open(path, os.O_RDWR)
    with Region.from_fd(number) as region:
        assert region.fileno() != number
        assert not os.get_inheritable(region.fileno())
        os.close(number)
        region.check()
        region.resize(100)
        region[99] = 1
    assert path.stat().st_size == 100


def test_without_a_descriptor_none_is_kept(fd: int) -> None:
    before = open_descriptors()
    with Region.from_fd(fd, keep_fd=False) as region:
        assert open_descriptors() == before
        assert bytes(region) == DATA
        with pytest.raises(OSError, match=r"Region\.fileno"):
            region.fileno()
    with Region.from_fd(fd) as region:
        assert len(open_descriptors()) == len(before) + 1
    assert open_descriptors() == before


def test_a_device_needs_a_size() -> None:
    number = os.open("/dev/zero", os.O_RDWR)
    try:
        with pytest.raises(ValueError, match="size"):
            Region.from_fd(number)
        with Region.from_fd(number, size=10000) as region:
            region.fill(1)
            region.remap()
            region.check()
            with pytest.raises(OSError) as caught:
                region.resize(20000)
            assert caught.value.errno == errno.ENOTSUP
    finally:
        os.close(number)


def test_an_empty_file(path: Path) -> None:
    path.write_bytes(b"")
    with path.open("r+b") as file, Region.from_fd(file) as region:
        assert (len(region), bytes(region)) == (0, b"")


# Which part ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("offset", "size"), [(0, None), (0, 9), (0, 4), (5, None), (5, 4), (5, 1), (8, 1), (9, None)])
def test_any_part(fd: int, offset: int, size: int | None) -> None:
    with Region.from_fd(fd, offset=offset, size=size) as region:
        assert bytes(region) == DATA[offset:][:size]


def test_odd_offsets_in_a_larger_file(fd: int) -> None:
    content = bytes(range(256)) * (3 * PAGE_SIZE // 256)
    os.pwrite(fd, content, 0)
    for offset in (1, 255, PAGE_SIZE - 1, PAGE_SIZE, PAGE_SIZE + 1, 2 * PAGE_SIZE + 77):
        with Region.from_fd(fd, offset=offset, size=100) as region:
            assert bytes(region) == content[offset : offset + 100]
            region.write(content[offset : offset + 100])
    assert os.pread(fd, len(content), 0) == content


@pytest.mark.parametrize(
    ("offset", "size"),
    [(0, 10), (5, 5), (10, None), (10, 1), (9, 1), (4096, 4096), (2**63 - 1, None), (2**63 - 1, 10), (1, 2**63 - 1)],
)
def test_nothing_past_the_end(fd: int, offset: int, size: int | None) -> None:
    with pytest.raises(ValueError, match=r"Region\.from_fd"):
        Region.from_fd(fd, offset=offset, size=size)
    assert os.fstat(fd).st_size == 9


def test_wrong_arguments(fd: int) -> None:
    wrong: list[tuple[dict[str, Any], type[Exception]]] = [
        ({"offset": -1}, ValueError),
        ({"offset": 2**64}, ValueError),
        ({"offset": "0"}, TypeError),
        ({"size": 0}, ValueError),
        ({"size": -1}, ValueError),
        ({"size": 1.0}, TypeError),
        ({"readonly": True, "private": True}, ValueError),
        ({"require_seals": "shrink"}, TypeError),
        ({"require_seals": ["shrunk"]}, ValueError),
        ({"require_seals": [1]}, TypeError),
        ({"require_seals": 1}, TypeError),
        ({"permissions": 0o600}, TypeError),
        ({"mode": "r"}, TypeError),
    ]
    before = open_descriptors()
    for options, error in wrong:
        with pytest.raises(error):
            Region.from_fd(fd, **options)
    assert open_descriptors() == before


# Access -------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("flags", "options", "allowed"),
    [
        (os.O_RDWR, {}, True),
        (os.O_RDWR, {"readonly": True}, True),
        (os.O_RDWR, {"private": True}, True),
        (os.O_RDONLY, {}, False),
        (os.O_RDONLY, {"readonly": True}, True),
        (os.O_RDONLY, {"private": True}, True),
        (os.O_WRONLY, {}, False),
        (os.O_WRONLY, {"readonly": True}, False),
        (os.O_WRONLY, {"private": True}, False),
    ],
)
def test_the_descriptor_decides_what_is_allowed(path: Path, flags: int, options: dict[str, bool], allowed: bool) -> None:
    number = os.open(path, flags)
    try:
        if not allowed:
            with pytest.raises(PermissionError, match=r"Region\.from_fd") as caught:
                Region.from_fd(number, **options)  # type: ignore[arg-type]
            assert (caught.value.errno, caught.value.filename) == (errno.EACCES, f"fd {number}")
            return
        with Region.from_fd(number, **options) as region:  # type: ignore[arg-type]
            assert (region.readonly, region.private) == ("readonly" in options, "private" in options)
            if region.readonly:
                with pytest.raises(TypeError):
                    region.write(b"x")
                with pytest.raises(PermissionError):
                    region.protect(readonly=False)
            else:
                region.write(b"x")
        assert path.read_bytes() == (b"x" + DATA[1:] if not options else DATA)
    finally:
        os.close(number)


# What cannot be mapped ----------------------------------------------------------------------------------------------------------


def refused(number: int, *, size: int | None = None, readonly: bool = True) -> OSError:
    with pytest.raises(OSError, match=r"Region\.from_fd") as caught:
        Region.from_fd(number, size=size, readonly=readonly)
    assert caught.value.filename == f"fd {number}"
    return caught.value


def test_pipes_sockets_and_fifos(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    ours, theirs = socket.socketpair()
    numbers = [os.open(tmp_path / "fifo", os.O_RDWR), *os.pipe(), ours.detach(), theirs.detach()]
    for number in numbers:
        for size in (None, 100):
            assert refused(number, size=size, readonly=False).errno == errno.ENODEV
        os.fstat(number)
        os.close(number)


def test_a_device_without_memory() -> None:
    number = os.open("/dev/null", os.O_RDWR)
    assert refused(number, size=100, readonly=False).errno == errno.ENODEV
    os.close(number)


def test_a_folder(tmp_path: Path) -> None:
    number = os.open(tmp_path, os.O_RDONLY)
    assert isinstance(refused(number), IsADirectoryError)
    os.close(number)


def test_what_is_no_descriptor(path: Path) -> None:
    number = os.open(path, os.O_RDWR)
    os.close(number)
    assert refused(number).errno == errno.EBADF
    assert refused(2**20).errno == errno.EBADF
    with pytest.raises(ValueError, match="-1"):
        Region.from_fd(-1)
    with path.open("rb") as file:
        pass
    with pytest.raises(ValueError, match="closed"):
        Region.from_fd(file)
    for wrong in ("3", 3.0, None, b"3"):
        with pytest.raises(TypeError):
            Region.from_fd(wrong)  # type: ignore[arg-type]
    with pytest.raises((OverflowError, ValueError)):
        Region.from_fd(2**40)
    number = os.open(path, os.O_PATH)
    assert refused(number).errno == errno.EBADF  # it leads to a file, but not to what is in it
    os.close(number)
    region = Region.memfd(10)
    region.close()
    with pytest.raises(memwell.ClosedError):
        Region.from_fd(region)


def test_a_fileno_that_raises_or_lies(fd: int) -> None:
    class Lying:
        def __init__(self, answer: Callable[[], object]) -> None:
            self.answer = answer

        def fileno(self) -> Any:
            return self.answer()

    with Region.from_fd(Lying(lambda: fd)) as region:
        assert bytes(region) == DATA
    with pytest.raises(ZeroDivisionError):
        Region.from_fd(Lying(lambda: 1 // 0))
    with pytest.raises(TypeError):
        Region.from_fd(Lying(lambda: "0"))
    with pytest.raises(ValueError):
        Region.from_fd(Lying(lambda: -5))


# Seals --------------------------------------------------------------------------------------------------------------------------


def test_required_seals() -> None:
    with Region.memfd(100) as memfd:
        memfd.seal("shrink", "grow")
        for enough in ((), ("shrink",), ["grow", "shrink"]):
            with Region.from_fd(memfd, require_seals=enough) as region:
                assert set(region.seals) == {"shrink", "grow"}
        before = open_descriptors()
        for missing in (("write",), ("shrink", "write"), ["seal"], ("future_write",)):
            with pytest.raises(PermissionError, match=re.escape(f'"{missing[-1]}"')) as caught:
                Region.from_fd(memfd, require_seals=missing)
            assert caught.value.errno == errno.EPERM
        assert open_descriptors() == before


def test_what_has_no_seals_lacks_them(fd: int) -> None:
    with pytest.raises(PermissionError):
        Region.from_fd(fd, require_seals=["shrink"])


@pytest.mark.parametrize("seal", ["write", "future_write"])
def test_what_is_sealed_is_not_mapped_for_writing(seal: str) -> None:
    with Region.memfd(9) as memfd:
        memfd.write(DATA)
        memfd.seal(seal)
        with pytest.raises(PermissionError, match="sealed") as caught:
            Region.from_fd(memfd)
        assert caught.value.errno == errno.EPERM
        with Region.from_fd(memfd, readonly=True) as reader:
            assert bytes(reader) == DATA
        with Region.from_fd(memfd, private=True) as copied:
            copied.fill(1)
        assert bytes(memfd) == DATA
