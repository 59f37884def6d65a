"""Files that numpy.memmap and Python's mmap map at the same time.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import errno
import mmap
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from program import Program, Refused, Start

import memwell

OURS = ("python", "lua")
each_of_ours = pytest.mark.parametrize("ours", OURS)
each_offset = pytest.mark.parametrize("offset", [0, 1, 4096, 5003])


def digits(numbers: Any) -> str:
    return str(np.asarray(numbers).tobytes().hex())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "numbers"


def end_memmap(array: np.memmap[Any, Any]) -> None:
    """numpy leaves the end of a mapping to the garbage collector; here it has to come before the test's."""
    mapping: mmap.mmap = array._mmap  # type: ignore[attr-defined]
    del array
    mapping.close()


@each_of_ours
@each_offset
def test_a_file_of_numpy_is_changed_under_it(start: Start, path: Path, ours: str, offset: int) -> None:
    program = start(ours)
    array = np.memmap(path, "<i4", "w+", offset, (10, 20))
    array[:] = np.arange(200).reshape(10, 20)
    assert program.ask("file", path, "r+", offset, "all") == "800"
    assert program.ask("read", 4 * 45, 8) == digits(np.array([45, 46], "<i4"))
    program.ask("write", 4 * 45, digits(np.array([-1], "<i4")))
    assert array[2, 5] == -1
    array[9, 19] = 2**31 - 1
    assert program.ask("read", 796, 4) == "ffffff7f"
    assert path.stat().st_size == offset + 800
    del array


@each_of_ours
@each_offset
def test_numpy_maps_a_file_of_ours(start: Start, path: Path, ours: str, offset: int) -> None:
    program = start(ours)
    assert program.ask("file", path, "x+", offset, 800) == "800"
    assert path.stat().st_size == offset + 800
    array = np.memmap(path, "<f8", "r+", offset)
    assert array.shape == (100,)
    assert not array.any()
    program.ask("write", 8 * 99, digits(np.array([-0.5], "<f8")))
    assert array[99] == -0.5
    array[0] = 0.1
    assert program.ask("read", 0, 8) == digits(np.array([0.1], "<f8"))
    del array


@each_of_ours
def test_truncating_empties_what_numpy_made(start: Start, path: Path, ours: str) -> None:
    array = np.memmap(path, "u1", "w+", 0, 100)
    array[:] = 1
    array.flush()
    del array
    assert start(ours).ask("file", path, "w+", 0, 50) == "50"
    assert path.read_bytes() == bytes(50)


@each_of_ours
def test_copies_on_write_stay_apart(start: Start, path: Path, ours: str) -> None:
    path.write_bytes(bytes(range(100)))
    program = start(ours)
    array = np.memmap(path, "u1", "c")
    program.ask("file", path, "c", 0, "all")
    array[0] = 200
    program.ask("write", 1, "c9")
    assert program.ask("read", 0, 3) == "00c902"
    assert array[:3].tolist() == [200, 1, 2]
    assert path.read_bytes() == bytes(range(100))
    del array


@each_of_ours
def test_what_is_for_reading_is_not_written(start: Start, path: Path, ours: str) -> None:
    path.write_bytes(bytes(range(100)))
    program = start(ours)
    program.ask("file", path, "r", 0, "all")
    with pytest.raises(Refused, match="read-only"):
        program.ask("write", 0, "ff")
    array = np.memmap(path, "u1", "r+")
    array[0] = 9
    assert program.ask("read", 0, 2) == "0901"
    del array


@each_of_ours
def test_a_mapped_file_grows_under_python_mmap(start: Start, path: Path, ours: str) -> None:
    path.write_bytes(b"abc")
    program = start(ours)
    with open(path, "r+b") as file, mmap.mmap(file.fileno(), 0) as early:
        assert program.ask("file", path, "r+", 0, 10000) == "10000"
        assert path.stat().st_size == 10000
        with mmap.mmap(file.fileno(), 0) as late:
            assert len(late) == 10000
            program.ask("write", 9999, "7f")
            program.ask("write", 0, "41")
            program.ask("flush")
            assert (late[9999], late[0], early[0]) == (0x7F, 0x41, 0x41)
            late[1] = 0x42
            assert program.ask("read", 0, 3) == "414263"


@each_of_ours
def test_a_missing_file_is_missing(start: Start, path: Path, ours: str) -> None:
    program: Program = start(ours)
    with pytest.raises(Refused) as caught:
        program.ask("file", path, "r+", 0, "all")
    assert caught.value.number == errno.ENOENT
    assert not path.exists()


def test_numpy_arrays_of_views_are_the_file_itself(path: Path) -> None:
    """Every dtype, with the strides of a slice: numpy sees through a view what it sees through its own mapping."""
    with memwell.Region.file(path, "x+", size=12 * 640) as region:
        for i, dtype in enumerate(("i1", "u1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8", "<f2", "<f4", "<f8", "?")):
            array = np.memmap(path, dtype, "r+", 640 * i, (8, 10))
            array[:] = np.arange(80).reshape(8, 10) % (2 if dtype == "?" else 80)
            view = region.view(dtype, (8, 10), offset=640 * i)[::-2]
            seen = np.asarray(view)
            assert (seen.dtype, seen.strides) == (array.dtype, array[::-2].strides)
            assert np.array_equal(seen, array[::-2])
            seen[0, 0] = 1
            assert array[7, 0] == 1
            del array, view, seen
        assert region.exports == 0
