"""System V shared memory: what shmget, ipcs and ipcrm have to do with it, whose it is, and the kernel's limits.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import ctypes
import errno
import os
import pickle
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import memwell
from memwell import Region

libc = ctypes.CDLL(None, use_errno=True)
libc.shmat.restype = ctypes.c_void_p
libc.ftok.argtypes = [ctypes.c_char_p, ctypes.c_int]
IPC_CREAT, IPC_EXCL = 0o1000, 0o2000
STRANGER = 65534

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")


@pytest.fixture
def key() -> Iterator[int]:
    """A key that nobody uses; what has it at the end is removed."""
    number = random.randrange(1, 2**31)
    yield number
    Region.sysv_remove(number, missing_ok=True)


def listed() -> dict[int, tuple[int, str, int, int]]:
    """What ipcs -m shows: by identifier the key, the permissions, the bytes and how many have it attached."""
    shown = subprocess.run(["ipcs", "-m"], capture_output=True, text=True, check=True).stdout
    found = re.findall(r"^0x([0-9a-f]+) +(\d+) +\S+ +(\d+) +(\d+) +(\d+)", shown, flags=re.MULTILINE)
    return {int(number): (int(key, 16), mode, int(size), int(count)) for key, number, mode, size, count in found}


def python(program: str, *before: str) -> subprocess.CompletedProcess[str]:
    """Run a program in a process of its own, which may be a `before`'s."""
    return subprocess.run([*before, sys.executable, "-c", program], capture_output=True, text=True, check=False)


def as_stranger(program: str) -> str:
    """What the program prints where another user runs it."""
    done = python(f"import memwell, os\nfrom memwell import Region\nos.setuid({STRANGER})\n{program}")
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


# Making and finding -------------------------------------------------------------------------------------------------------------


def test_ipcs_shows_it_and_ipcrm_removes_it(key: int) -> None:
    with Region.sysv(key, 10000, how="create", permissions=0o640) as region:
        assert (region.kind, region.key, len(region), region.readonly, region.private) == ("sysv", key, 10000, False, False)
        assert region.id is not None
        assert listed()[region.id] == (key, "640", 10000, 1)
        subprocess.run(["ipcrm", "-M", str(key)], check=True)
        with pytest.raises(FileNotFoundError):
            Region.sysv(key)
        region[9999] = 5  # who has it keeps it
        assert (region[9999], listed()[region.id][0]) == (5, 0)
        number = region.id
    assert number not in listed()


def test_how(key: int) -> None:
    with pytest.raises(FileNotFoundError, match="create it") as caught:
        Region.sysv(key)
    assert (caught.value.filename, caught.value.errno) == (f"{key:#x}", errno.ENOENT)
    with (
        Region.sysv(key, 100, how="open") as first,
        Region.sysv(key, 50, how="open", permissions=0o666) as second,
        Region.sysv(key) as third,
        Region.sysv(key, 100, how="attach") as fourth,
    ):
        regions = (first, second, third, fourth)
        assert {(len(each), each.id, each.key) for each in regions} == {(100, first.id, key)}
        first[99] = 7
        assert [each[99] for each in regions] == [7] * 4
        assert first.id is not None
        assert listed()[first.id] == (key, "600", 100, 4)
        for size in (1, 100, 5000):
            with pytest.raises(FileExistsError):
                Region.sysv(key, size, how="create")


def test_too_small(key: int) -> None:
    with Region.sysv(key, 100, how="create"):
        for how in ("attach", "open"):
            with pytest.raises(ValueError, match=r"100\b.*101|101\b.*100"):
                Region.sysv(key, 101, how=how)


def test_what_shmget_made(key: int) -> None:
    number = libc.shmget(key, 12345, IPC_CREAT | IPC_EXCL | 0o600)
    address = libc.shmat(number, None, 0)
    ctypes.memmove(address, b"plain", 5)
    with Region.sysv(key) as region:
        assert (region.id, len(region), region.read(0, 6)) == (number, 12345, b"plain\0")
        region.write(b"PLAIN")
        assert ctypes.string_at(address, 5) == b"PLAIN"
        assert listed()[number][3] == 2
    assert listed()[number][3] == 1
    assert libc.shmdt(ctypes.c_void_p(address)) == 0


def test_unsigned_keys(key: int) -> None:
    with Region.sysv(key - 2**31, 10, how="create") as made, Region.sysv(key + 2**31) as found:
        assert (made.key, made.id) == (found.key, found.id) == (key - 2**31, made.id)
        Region.sysv_remove(key + 2**31)
        with pytest.raises(FileNotFoundError):
            Region.sysv_remove(key - 2**31)


def test_readonly(key: int) -> None:
    with Region.sysv(key, 100, how="create") as region, Region.sysv(key, readonly=True) as reader:
        assert reader.readonly
        assert memoryview(reader).readonly
        for write in (lambda: reader.write(b"x"), lambda: reader.__setitem__(0, 1), lambda: reader.fill(1)):
            with pytest.raises(TypeError):
                write()
        with pytest.raises(PermissionError):
            reader.protect(readonly=False)
        region[3] = 9
        assert reader[3] == 9


def test_a_buffer_keeps_it_attached(key: int) -> None:
    region = Region.sysv(key, 80, how="create")
    number = region.id
    array = np.asarray(region.view("float64"))
    region.close()
    assert number is not None
    assert listed()[number][3] == 1
    array[:] = 2.5
    with Region.sysv(key) as other:
        assert other.view("float64").sum() == 25
    del array
    assert listed()[number][3] == 0


WRONG: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"key": 1.0}, TypeError, "key"),
    ({"key": True}, TypeError, "key"),
    ({"key": "1"}, TypeError, "key"),
    ({"key": 2**32}, OverflowError, "key"),
    ({"key": -(2**31) - 1}, OverflowError, "key"),
    ({"how": "make"}, ValueError, "how"),
    ({"how": 1}, TypeError, "how"),
    ({"how": "create"}, ValueError, "size"),
    ({"how": "open"}, ValueError, "size"),
    ({"how": "create", "size": 0}, ValueError, "size"),
    ({"how": "create", "size": -1}, ValueError, "size"),
    ({"how": "create", "size": 2**64}, ValueError, "size"),
    ({"how": "create", "size": 10, "permissions": 0o1600}, ValueError, "permissions"),
    ({"how": "create", "size": 10, "permissions": "rw"}, TypeError, "permissions"),
    ({"how": "create", "size": 10, "private": True}, TypeError, "private"),
    ({"how": "create", "size": 10, "offset": 1}, TypeError, "offset"),
]


@pytest.mark.parametrize(("options", "error", "text"), WRONG, ids=lambda value: "" if isinstance(value, type) else str(value))
def test_wrong_arguments(key: int, options: dict[str, Any], error: type[Exception], text: str) -> None:
    before = listed().keys()
    with pytest.raises(error, match=text):
        Region.sysv(**{"key": key, **options})
    assert listed().keys() == before


# Without a key ------------------------------------------------------------------------------------------------------------------


def test_private_segments() -> None:
    with Region.sysv(0, 100, how="create") as one, Region.sysv(0, 100, how="create") as other:
        assert (one.key, other.key) == (0, 0)
        assert one.id != other.id
        for how, size in (("attach", None), ("open", 100)):
            with pytest.raises(ValueError, match="IPC_PRIVATE"):
                Region.sysv(0, size, how=how)  # type: ignore[arg-type]
        with pytest.raises(ValueError, match="IPC_PRIVATE"):
            Region.sysv_remove(0)
        with pytest.raises(TypeError, match="cannot be pickled"):
            pickle.dumps(one)
        numbers = {one.id, other.id}
        assert numbers <= listed().keys()
        for each in (one, other):
            Region.sysv_remove(each)
            each[5] = 1
    assert not numbers & listed().keys()


# Removing -----------------------------------------------------------------------------------------------------------------------


def test_remove_by_key(key: int) -> None:
    with pytest.raises(FileNotFoundError, match=r"Region\.sysv_remove") as caught:
        Region.sysv_remove(key)
    assert caught.value.filename == f"{key:#x}"
    Region.sysv_remove(key, missing_ok=True)
    with Region.sysv(key, 100, how="create") as old:
        old[0] = 1
        Region.sysv_remove(key)
        with Region.sysv(key, 200, how="create") as new:
            assert (len(new), new[0], old[0]) == (200, 0, 1)
            assert new.id != old.id


def test_remove_by_region(key: int, region: Region) -> None:
    with pytest.raises(OSError, match="System V") as caught:
        Region.sysv_remove(region)
    assert caught.value.errno == errno.ENOTSUP
    made = Region.sysv(key, 100, how="create")
    Region.sysv_remove(made)
    Region.sysv_remove(made)  # twice is fine
    with pytest.raises(FileNotFoundError):
        Region.sysv(key)
    made[1] = 2
    made.close()
    with pytest.raises(memwell.ClosedError):
        Region.sysv_remove(made)
    for wrong in ("1", 1.5, None, b"x"):
        with pytest.raises(TypeError, match="key"):
            Region.sysv_remove(wrong)  # type: ignore[arg-type]


def test_remove_by_region_leaves_a_new_one_under_the_key(key: int) -> None:
    with Region.sysv(key, 100, how="create") as old:
        Region.sysv_remove(key)
        with Region.sysv(key, 100, how="create") as new:
            Region.sysv_remove(old)
            with Region.sysv(key) as found:
                assert found.id == new.id


# Whose it is --------------------------------------------------------------------------------------------------------------------


@needs_root
def test_another_ones_memory(key: int) -> None:
    as_stranger(f"Region.sysv({key}, 100, how='create', permissions=0o666).close()")
    for how, size in (("attach", None), ("open", 100)):
        with pytest.raises(PermissionError, match=str(STRANGER)) as caught:
            Region.sysv(key, size, how=how)  # type: ignore[arg-type]
        assert caught.value.errno == errno.EPERM
    with Region.sysv(key, any_owner=True) as region, Region.sysv(key, 100, how="open", any_owner=True) as other:
        assert region.id == other.id


@needs_root
def test_permissions_keep_others_out(key: int) -> None:
    with Region.sysv(key, 100, how="create", permissions=0o644) as region:
        region.write(b"read me")
        said = as_stranger(
            f"""
for options in ({{}}, {{"readonly": True}}):
    try:
        with Region.sysv({key}, **options) as region:
            print(region.read(0, 7))
            Region.sysv_remove(region)
    except PermissionError as error:
        print(error.errno)
try:
    Region.sysv_remove({key})
except PermissionError as error:
    print(error.errno)
"""
        )
    assert said.split("\n") == [str(errno.EACCES), "b'read me'", str(errno.EPERM), str(errno.EPERM), ""]


@pytest.mark.parametrize("permissions", [0o600, 0o640, 0o666, 0o444])
def test_permissions_are_exact(key: int, permissions: int) -> None:
    before = os.umask(0o077)
    try:
        with Region.sysv(key, 10, how="create", permissions=permissions) as region:
            assert region.id is not None
            assert listed()[region.id][1] == f"{permissions:o}"
    finally:
        os.umask(before)


# Keys of files ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("project", [1, 2, 65, 127, 128, 255])
def test_ftok_is_the_C_librarys(project: int, tmp_path: Path) -> None:
    facts = tmp_path.stat()
    assert memwell.ftok(tmp_path, project) & 0xFFFFFFFF == (project << 24 | (facts.st_dev & 0xFF) << 16 | facts.st_ino & 0xFFFF)
    for path in (tmp_path, str(tmp_path), os.fsencode(tmp_path)):
        assert memwell.ftok(path, project) == libc.ftok(os.fsencode(tmp_path), project)


def test_ftok_of_nothing(tmp_path: Path) -> None:
    for project in (0, 256, -1, 2**31, 2**32 + 1, 2**70):
        with pytest.raises(ValueError, match="project"):
            memwell.ftok(tmp_path, project)
    for wrong in ("a", 1.0, None, True):
        with pytest.raises(TypeError, match="project"):
            memwell.ftok(tmp_path, wrong)  # type: ignore[arg-type]
    with pytest.raises(FileNotFoundError) as caught:
        memwell.ftok(tmp_path / "none", 1)
    assert caught.value.filename == str(tmp_path / "none")
    with pytest.raises(ValueError):
        memwell.ftok("", 1)
    with pytest.raises(TypeError):
        memwell.ftok(5, 1)  # type: ignore[arg-type]


def test_a_key_of_ftok_finds_it(tmp_path: Path) -> None:
    key = memwell.ftok(tmp_path, 77)
    with Region.sysv(key, 10, how="create") as made:
        try:
            with Region.sysv(memwell.ftok(str(tmp_path), 77)) as found:
                assert (found.id, found.key) == (made.id, key)
        finally:
            Region.sysv_remove(made)


# Pickles ------------------------------------------------------------------------------------------------------------------------


def test_pickle_finds_it_by_key_in_another_process(key: int) -> None:
    with Region.sysv(key, 100, how="create") as region:
        done = python(f"import pickle\nregion = pickle.loads({pickle.dumps(region)!r})\nregion.write(b'other')\nprint(region.id)")
        assert (done.stderr, done.stdout) == ("", f"{region.id}\n")
        assert region.read(0, 5) == b"other"


def test_pickle_knows_which_segment_it_was(key: int) -> None:
    with Region.sysv(key, 100, how="create") as region:
        saved = pickle.dumps(region)
        Region.sysv_remove(key)
    with pytest.raises(FileNotFoundError):
        pickle.loads(saved)
    with Region.sysv(key, 100, how="create"), pytest.raises(FileNotFoundError):
        pickle.loads(saved)


def test_pickle_of_a_reader(key: int) -> None:
    with Region.sysv(key, 100, how="create"), Region.sysv(key, readonly=True) as reader:
        with pickle.loads(pickle.dumps(reader)) as other:
            assert (other.readonly, other.id) == (True, reader.id)


# Limits, in a namespace of their own --------------------------------------------------------------------------------------------

needs_namespaces = pytest.mark.skipif(
    subprocess.run(["unshare", "-i", "true"], capture_output=True, check=False).returncode != 0, reason="needs an IPC namespace"
)


def limited(limit: str, value: int, program: str) -> list[str]:
    """What a program prints in an IPC namespace of its own, in which a limit has this value: a line for each error."""
    start = f"""
import pathlib
from memwell import Region
pathlib.Path("/proc/sys/kernel/{limit}").write_text("{value}")
def try_to_make(key, size, how="create"):
    try:
        return Region.sysv(key, size, how=how)
    except (OSError, ValueError) as error:
        print(type(error).__name__, getattr(error, "errno", None), error)
"""
    done = python(start + program, "unshare", "-i")
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


@needs_namespaces
def test_shmmax_is_named() -> None:
    for line in (said := limited("shmmax", 8192, "try_to_make(1, 8192)\ntry_to_make(2, 8193)\ntry_to_make(3, 8193, 'open')")):
        assert "SHMMAX" in line
        assert "8192" in line
        assert "kernel.shmmax" in line
        assert f" {errno.EINVAL} " in line
    assert len(said) == 2


@needs_namespaces
def test_shmmni_is_named() -> None:
    said = limited("shmmni", 2, "made = [try_to_make(key, 100) for key in (1, 2, 3)]\nassert made[:2] == [*filter(None, made)]")
    assert len(said) == 1
    assert said[0].startswith(f"OSError {errno.ENOSPC} ")
    assert "SHMMNI (2 " in said[0]
    assert "kernel.shmmni" in said[0]


@needs_namespaces
def test_shmall_is_named() -> None:
    said = limited("shmall", 2, f"try_to_make(1, {3 * memwell.PAGE_SIZE})")
    assert len(said) == 1
    assert said[0].startswith(f"OSError {errno.ENOSPC} ")
    assert "SHMALL (2 " in said[0]


@needs_namespaces
def test_segments_of_another_namespace_are_not_found(key: int) -> None:
    with Region.sysv(key, 10, how="create"):
        done = python(f"from memwell import Region; Region.sysv({key})", "unshare", "-i")
    assert "FileNotFoundError" in done.stderr
