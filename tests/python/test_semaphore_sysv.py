"""Semaphores of System V sets: what semget, ipcs and the kernel's limits have to do with them; and those inside a region.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import ctypes
import errno
import os
import pickle
import random
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import memwell
from memwell import Region, Semaphore

if TYPE_CHECKING:
    from conftest import Interrupted

libc = ctypes.CDLL(None, use_errno=True)
IPC_CREAT, IPC_RMID, SETVAL = 0o1000, 0, 16


@pytest.fixture
def key() -> Iterator[int]:
    """A key that nobody uses; what has it at the end is removed."""
    number = random.randrange(1, 2**31)
    yield number
    Semaphore.sysv_remove(number, missing_ok=True)


def listed() -> dict[int, tuple[int, str, int]]:
    """What ipcs -s shows: by identifier the key, the permissions and how many there are."""
    shown = subprocess.run(["ipcs", "-s"], capture_output=True, text=True, check=True).stdout
    found = re.findall(r"^0x([0-9a-f]+) +(\d+) +\S+ +(\d+) +(\d+)", shown, flags=re.MULTILINE)
    return {int(number): (int(key, 16), permissions, int(count)) for key, number, permissions, count in found}


def python(program: str, *before: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*before, sys.executable, "-c", program], capture_output=True, text=True, check=False)


# Making and finding -------------------------------------------------------------------------------------------------------------


def test_ipcs_shows_it_and_ipcrm_removes_it(key: int) -> None:
    made = Semaphore.sysv(key, how="create", value=3, permissions=0o640, count=5)
    assert made.id is not None
    assert listed()[made.id] == (key, "640", 5)
    subprocess.run(["ipcrm", "-S", str(key)], check=True)
    with pytest.raises(OSError, match="removed") as caught:
        made.acquire(0)
    assert caught.value.errno in (errno.EIDRM, errno.EINVAL)
    assert "gone" in repr(made)
    made.close()


def test_how(key: int) -> None:
    with pytest.raises(FileNotFoundError, match="create it") as caught:
        Semaphore.sysv(key)
    assert caught.value.filename == f"{key:#x}"
    first = Semaphore.sysv(key, how="open", value=4)
    second = Semaphore.sysv(key, how="open", value=9)
    third = Semaphore.sysv(key, how="attach", value=9)
    assert first.value == second.value == third.value == 4
    assert first.id == second.id == third.id
    with pytest.raises(FileExistsError):
        Semaphore.sysv(key, how="create")
    for each in (first, second, third):
        each.close()


def test_indices_of_one_set(key: int) -> None:
    first = Semaphore.sysv(key, how="create", value=7, count=3)
    last = Semaphore.sysv(key, 2)
    assert last.acquire(0)
    assert (first.value, last.value, first.id) == (7, 6, last.id)
    for index in (3, 2**16, 2**40):
        with pytest.raises(ValueError, match="index"):
            Semaphore.sysv(key, index)
    first.close()
    last.close()


def test_unsigned_keys(key: int) -> None:
    made = Semaphore.sysv(key - 2**31, how="create", value=1)
    other = Semaphore.sysv(key + 2**31)
    assert (made.key, made.id) == (other.key, other.id) == (key - 2**31, made.id)
    Semaphore.sysv_remove(key + 2**31)
    made.close()
    other.close()


def test_private_sets() -> None:
    one, other = (Semaphore.sysv(0, how="create", value=value) for value in (1, 2))
    assert one.id != other.id
    for how in ("attach", "open"):
        with pytest.raises(ValueError, match="IPC_PRIVATE"):
            Semaphore.sysv(0, how=how)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="IPC_PRIVATE"):
        Semaphore.sysv_remove(0)
    with pytest.raises(TypeError, match="IPC_PRIVATE"):
        pickle.dumps(one)
    for each in (one, other):
        Semaphore.sysv_remove(each)
        assert each.id not in listed()
        with pytest.raises(OSError, match="removed already"):
            Semaphore.sysv_remove(each)
        Semaphore.sysv_remove(each, missing_ok=True)
        each.close()


def test_remove(key: int, semaphore: Semaphore) -> None:
    with pytest.raises(FileNotFoundError):
        Semaphore.sysv_remove(key)
    Semaphore.sysv_remove(key, missing_ok=True)
    with pytest.raises(OSError, match="System V"):
        Semaphore.sysv_remove(semaphore)
    made = Semaphore.sysv(key, how="create")
    made.close()
    with pytest.raises(memwell.ClosedError):
        Semaphore.sysv_remove(made)
    with pytest.raises(TypeError, match="key"):
        Semaphore.sysv_remove("1")  # type: ignore[arg-type]
    Semaphore.sysv_remove(key)


WRONG: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"key": 1.0}, TypeError, "key"),
    ({"key": True}, TypeError, "key"),
    ({"key": 2**32}, OverflowError, "key"),
    ({"key": -(2**31) - 1}, OverflowError, "key"),
    ({"how": "make"}, ValueError, "how"),
    ({"how": 1}, TypeError, "how"),
    ({"how": "create", "index": -1}, ValueError, "index"),
    ({"how": "create", "index": 5, "count": 5}, ValueError, "index 5"),
    ({"how": "create", "value": 32768}, ValueError, "32767"),
    ({"how": "create", "value": -1}, ValueError, "value"),
    ({"how": "create", "permissions": 0o1600}, ValueError, "permissions"),
    ({"how": "create", "count": "3"}, TypeError, "count"),
    ({"timeout": -1}, ValueError, "timeout"),
    ({"timeout": "1"}, TypeError, "timeout"),
]


@pytest.mark.parametrize(("options", "error", "text"), WRONG, ids=lambda value: "" if isinstance(value, type) else str(value))
def test_wrong_arguments(key: int, options: dict[str, Any], error: type[Exception], text: str) -> None:
    before = listed()
    with pytest.raises(error, match=text):
        Semaphore.sysv(**{"key": key, **options})
    assert listed() == before


# Half-made sets -----------------------------------------------------------------------------------------------------------------


def test_a_set_whose_maker_is_not_done_is_waited_for(key: int) -> None:
    """The maker stands still between semget and its first operation, where a program can be killed or stopped."""
    number = libc.semget(key, 1, IPC_CREAT | 0o600)
    with pytest.raises(BlockingIOError, match="unused_ok"):
        Semaphore.sysv(key)
    with pytest.raises(BlockingIOError):
        Semaphore.sysv(key, how="open", timeout=0.001)
    early = Semaphore.sysv(key, unused_ok=True)
    assert (early.id, early.value) == (number, 0)
    found: list[Semaphore] = []
    thread = threading.Thread(target=lambda: found.append(Semaphore.sysv(key, timeout=60)))
    thread.start()
    early.release(5)
    thread.join()
    assert (found[0].id, found[0].value) == (number, 5)
    early.close()
    found[0].close()


def test_ctrl_c_ends_the_wait_for_the_maker(key: int, interrupted: Interrupted) -> None:
    libc.semget(key, 1, IPC_CREAT | 0o600)
    with pytest.raises(LookupError, match="from the handler"):
        interrupted(lambda: Semaphore.sysv(key, timeout=None))


def test_many_at_once_make_one(key: int) -> None:
    program = f"import memwell; s = memwell.Semaphore.sysv({key}, how='open', value=7, timeout=60); print(s.id, s.value)"
    children = [subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) for _ in range(6)]
    answers = {child.communicate(timeout=120)[0] for child in children}
    assert len(answers) == 1
    assert answers.pop().endswith(" 7\n")


# Ends ---------------------------------------------------------------------------------------------------------------------------


def test_a_set_that_is_removed_ends_the_waits(key: int) -> None:
    made = Semaphore.sysv(key, how="create")
    caught: list[OSError] = []
    started = threading.Event()

    def wait() -> None:
        started.set()
        try:
            made.acquire(60)
        except OSError as error:
            caught.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    started.wait()
    Semaphore.sysv_remove(key)
    thread.join()
    assert caught[0].errno in (errno.EIDRM, errno.EINVAL)
    assert "removed" in str(caught[0])
    for use in (made.release, lambda: made.acquire(0), lambda: made.value):
        with pytest.raises(OSError, match="removed"):
            use()
    made.close()


def test_undo_gives_back_what_a_process_holds_and_takes_back_what_it_gave(key: int) -> None:
    made = Semaphore.sysv(key, how="create", value=10)
    program = f"""
import memwell, os, signal
held = memwell.Semaphore.sysv({key}, undo=True)
for _ in range(3):
    held.acquire()
memwell.Semaphore.sysv({key}).acquire()
print(held.value, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    done = python(program)
    assert (done.returncode, done.stdout) == (-signal.SIGKILL, "6\n")
    assert made.value == 9
    made.close()


def test_undo_survives_pickling_and_not_closing(key: int) -> None:
    made = Semaphore.sysv(key, how="create", value=1, undo=True)
    saved = pickle.dumps(made)
    done = python(f"import pickle; made = pickle.loads({saved!r}); made.acquire(); made.close()")
    assert done.returncode == 0, done.stderr
    assert made.value == 1
    made.close()


# Limits -------------------------------------------------------------------------------------------------------------------------

needs_namespaces = pytest.mark.skipif(
    subprocess.run(["unshare", "-i", "true"], capture_output=True, check=False).returncode != 0, reason="needs an IPC namespace"
)


def limited(limits: str, program: str) -> subprocess.CompletedProcess[str]:
    """Run a program in an IPC namespace of its own, in which kernel.sem is `limits`."""
    start = f"import pathlib; pathlib.Path('/proc/sys/kernel/sem').write_text({limits!r})\nfrom memwell import Semaphore\n"
    return python(start + program, "unshare", "-i")


@needs_namespaces
@pytest.mark.parametrize(
    ("limits", "options", "words"),
    [
        ("100 1000 32 2", "count=1", ["SEMMNI", "2"]),
        ("100 5 32 100", "count=4", ["SEMMNS", "5"]),
        ("100 1000 32 100", "count=101", ["SEMMSL", "100"]),
    ],
)
def test_limits_are_named(limits: str, options: str, words: list[str]) -> None:
    program = f"""
made = []
try:
    for key in range(1, 5):
        made.append(Semaphore.sysv(key, how="create", {options}))
except (OSError, ValueError) as error:
    print(type(error).__name__, error)
"""
    done = limited(limits, program)
    assert done.returncode == 0, done.stderr
    for word in words:
        assert word in done.stdout


@needs_namespaces
def test_sets_of_another_namespace_are_not_found(key: int) -> None:
    made = Semaphore.sysv(key, how="create")
    done = limited("100 1000 32 10", f"Semaphore.sysv({key})")
    assert "FileNotFoundError" in done.stderr
    made.close()


@pytest.mark.skipif(os.getuid() != 0, reason="needs another user")
def test_sets_of_another_user(key: int) -> None:
    program = f"""
import os
from memwell import Semaphore
os.setgid(12345)
os.setuid(12345)
Semaphore.sysv({key}, how="create", value=1, permissions=0o666)
"""
    done = python(program)
    assert done.returncode == 0, done.stderr
    with pytest.raises(PermissionError, match="12345"):
        Semaphore.sysv(key)
    made = Semaphore.sysv(key, any_owner=True)
    assert made.acquire(0)
    made.close()


# Inside a region ----------------------------------------------------------------------------------------------------------------


def test_at_is_libcs(region: Region) -> None:
    made = Semaphore.at(region, 64, 2)
    address = ctypes.addressof(ctypes.c_char.from_buffer(memoryview(region)[64:]))
    assert libc.sem_trywait(ctypes.c_void_p(address)) == 0
    assert made.value == 1
    assert libc.sem_init(ctypes.c_void_p(address + 64), 1, 5) == 0
    other = Semaphore.at(region, 128)
    assert other.acquire(0)
    assert other.value == 4
    made.close()
    other.close()


def test_at_places(region: Region) -> None:
    before = bytes(region)
    for offset, error, text in [
        (4, ValueError, "multiple of 8"),
        (1, ValueError, "multiple of 8"),
        (4096 - 24, ValueError, "4072"),
        (2**63 - 8, ValueError, "4096"),
        (2**70, ValueError, "offset"),
        (-8, ValueError, "offset"),
        (8.0, TypeError, "offset"),
    ]:
        with pytest.raises(error, match=text):
            Semaphore.at(region, offset, 1)  # type: ignore[arg-type]
    for value, error in [(2**31, ValueError), (-1, ValueError), ("1", TypeError), (True, TypeError)]:
        with pytest.raises(error):
            Semaphore.at(region, 0, value)  # type: ignore[arg-type]
    for wrong in (None, 1, b"x", region.view()):
        with pytest.raises(TypeError, match=r"memwell\.Region"):
            Semaphore.at(wrong, 0, 1)  # type: ignore[arg-type]
    assert bytes(region) == before


def test_at_a_place_that_has_none(region: Region) -> None:
    with pytest.raises(memwell.FormatError):
        Semaphore.at(region, 0)
    region.fill(0xFF)
    with pytest.raises(memwell.FormatError):
        Semaphore.at(region, 0)


def test_at_needs_memory_that_others_share(name: str) -> None:
    with Region.anonymous(64, private=True) as private, pytest.raises(ValueError, match="private"):
        Semaphore.at(private, 0, 1)
    with Region.create(name, 64), Region.attach(name, readonly=True) as reader, pytest.raises(TypeError):
        Semaphore.at(reader, 0, 1)


def test_at_ends_with_its_region(name: str) -> None:
    region = Region.create(name, 64)
    made = Semaphore.at(region, 0, 1)
    assert region.exports == 1
    region.close()
    for use in (made.acquire, made.release, lambda: made.value):
        with pytest.raises(memwell.ClosedError):
            use()
    assert not made.closed
    made.close()
    with pytest.raises(memwell.ClosedError):
        Semaphore.at(region, 0, 1)


def test_at_an_index_that_closes_the_region(region: Region) -> None:
    class Closing:
        def __index__(self) -> int:
            region.close()
            return 0

    with pytest.raises(memwell.ClosedError):
        Semaphore.at(region, Closing(), 1)


def test_at_in_a_file_that_is_cut(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with Region.file(path, "w+", size=8192) as region:
        made = Semaphore.at(region, 4096, 1)
        os.truncate(path, 0)
        with pytest.raises(memwell.FaultError):
            made.release()
        with pytest.raises(memwell.FaultError):
            made.acquire(0)
        made.close()
