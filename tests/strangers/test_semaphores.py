"""Named semaphores made by either side and used by the other.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import errno
import itertools
import os
import stat
import struct

import pytest
from program import SHARED_MEMORY, Program, Refused, Start

OURS = ("python", "lua")
STRANGERS = ("c", "posix_ipc")
PAIRS = [*itertools.product(OURS, STRANGERS), *itertools.product(STRANGERS, OURS)]
HIGHEST = 0x7FFFFFFF

each_pair = pytest.mark.parametrize(("maker", "user"), PAIRS, ids=["-".join(pair) for pair in PAIRS])
each_of_ours = pytest.mark.parametrize("ours", OURS)
each_stranger = pytest.mark.parametrize("stranger", STRANGERS)


def refused(program: Program, *words: object) -> Refused:
    with pytest.raises(Refused) as caught:
        program.ask(*words)
    return caught.value


def await_sleepers(name: str, count: int) -> None:
    """Until so many sleep in the kernel on it. The C library counts them in the upper half of the first eight bytes."""
    with open(SHARED_MEMORY / f"sem.{name}", "rb", buffering=0) as file:
        while struct.unpack("=II", os.pread(file.fileno(), 8, 0))[1] < count:
            os.sched_yield()


@each_pair
def test_either_side_uses_what_the_other_made(start: Start, name: str, maker: str, user: str) -> None:
    one, other = start(maker), start(user)
    one.ask("semaphore-create", name, 3, "0600")
    other.ask("semaphore-open", name)
    assert one.ask("value") == other.ask("value") == "3"
    assert other.ask("wait", 0) == "1"
    assert one.ask("value") == other.ask("value") == "2"
    assert one.ask("wait", 0) == other.ask("wait", 0) == "1"
    assert one.ask("wait", 0) == other.ask("wait", 0) == "0"
    one.ask("post", 2)
    assert other.ask("value") == "2"
    other.ask("post", 1)
    assert one.ask("value") == "3"
    one.ask("semaphore-unlink", name)


@pytest.mark.parametrize("maker_waits", [True, False])
@each_pair
def test_a_release_wakes_who_sleeps_on_the_other_side(start: Start, name: str, maker: str, user: str, maker_waits: bool) -> None:
    one, other = start(maker), start(user)
    one.ask("semaphore-create", name, 0, "0600")
    other.ask("semaphore-open", name)
    waiter, waker = (one, other) if maker_waits else (other, one)
    for _ in range(20):
        waiter.tell("wait", "never")
        await_sleepers(name, 1)
        assert not waiter.has_answered()
        waker.ask("post", 1)
        assert waiter.answer() == "1"
    assert one.ask("value") == other.ask("value") == "0"
    other.ask("semaphore-unlink", name)


@each_of_ours
@each_stranger
def test_one_of_each_sleeps_and_both_are_woken(start: Start, name: str, ours: str, stranger: str) -> None:
    waiters, waker = (start(ours), start(stranger)), start(ours)
    waker.ask("semaphore-create", name, 0, "0600")
    for waiter in waiters:
        waiter.ask("semaphore-open", name)
    for _ in range(10):
        for waiter in waiters:
            waiter.tell("wait", "never")
        await_sleepers(name, 2)
        waker.ask("post", 2)
        assert [waiter.answer() for waiter in waiters] == ["1", "1"]
    assert waker.ask("value") == "0"
    waker.ask("semaphore-unlink", name)


@each_pair
def test_turns(start: Start, name: str, maker: str, user: str) -> None:
    """A thousand times there and back, each side waking the other."""
    one, other = start(maker), start(user)
    for ending in ("ping", "pong"):
        one.ask("semaphore-create", f"{name}.{ending}", 0, "0600")
    pinger, ponger = start(maker), start(user)
    for program, ending in ((one, "ping"), (ponger, "ping"), (other, "pong"), (pinger, "pong")):
        program.ask("semaphore-open", f"{name}.{ending}")
    for _ in range(250):
        ponger.tell("wait", "never")
        pinger.tell("wait", "never")
        one.ask("post", 1)
        assert ponger.answer() == "1"
        other.ask("post", 1)
        assert pinger.answer() == "1"
    assert one.ask("value") == other.ask("value") == "0"
    for ending in ("ping", "pong"):
        other.ask("semaphore-unlink", f"{name}.{ending}")


@each_pair
def test_either_side_unlinks_and_both_go_on(start: Start, name: str, maker: str, user: str) -> None:
    one, other = start(maker), start(user)
    one.ask("semaphore-create", name, 0, "0600")
    other.ask("semaphore-open", name)
    other.ask("semaphore-unlink", name)
    assert not (SHARED_MEMORY / f"sem.{name}").exists()
    one.ask("post", 1)
    assert other.ask("wait", 0) == "1"
    for program in (one, other):
        assert refused(program, "semaphore-open", name).number == errno.ENOENT


@each_of_ours
@each_stranger
@pytest.mark.parametrize("value", [0, 1, 77, HIGHEST])
def test_the_files_are_the_same_byte_for_byte(start: Start, name: str, ours: str, stranger: str, value: int) -> None:
    start(ours).ask("semaphore-create", f"{name}.ours", value, "0600")
    start(stranger).ask("semaphore-create", f"{name}.theirs", value, "0600")
    one, other = SHARED_MEMORY / f"sem.{name}.ours", SHARED_MEMORY / f"sem.{name}.theirs"
    assert one.read_bytes() == other.read_bytes()
    assert one.stat().st_mode == other.stat().st_mode
    one.unlink()
    other.unlink()


@each_pair
def test_full_is_full_for_both(start: Start, name: str, maker: str, user: str) -> None:
    one, other = start(maker), start(user)
    one.ask("semaphore-create", name, HIGHEST - 1, "0600")
    other.ask("semaphore-open", name)
    other.ask("post", 1)
    for program in (one, other):
        assert refused(program, "post", 1).number == errno.EOVERFLOW
        assert program.ask("value") == str(HIGHEST)
    one.ask("semaphore-unlink", name)


@each_of_ours
@pytest.mark.parametrize("mode", ["0600", "0666", "0640"])
def test_permissions_are_those_asked_for(start: Start, name: str, ours: str, mode: str) -> None:
    program = start(ours, umask=0o077)
    program.ask("semaphore-create", name, 0, mode)
    assert stat.S_IMODE((SHARED_MEMORY / f"sem.{name}").stat().st_mode) == int(mode, 8)
    program.ask("semaphore-unlink", name)


@each_of_ours
@each_stranger
def test_a_name_that_is_still_to_come_is_waited_for(start: Start, name: str, ours: str, stranger: str) -> None:
    maker, user = start(stranger), start(ours)
    assert refused(user, "semaphore-open", name, 0.01).number == errno.ENOENT
    user.tell("semaphore-open", name, 30)
    maker.ask("semaphore-create", name, 5, "0600")
    user.answer()
    assert user.ask("value") == "5"
    user.ask("semaphore-unlink", name)


@each_of_ours
def test_contents_that_are_still_to_come_are_waited_for(start: Start, name: str, ours: str) -> None:
    """Some C libraries make the name first and the semaphore in it later."""
    maker, user = start("c"), start(ours)
    maker.ask("semaphore-create", f"{name}.whole", 4, "0600")
    path = SHARED_MEMORY / f"sem.{name}"
    path.touch(0o600)
    assert refused(user, "semaphore-open", name, 0.01).number == errno.EAGAIN
    user.tell("semaphore-open", name, 30)
    path.write_bytes((SHARED_MEMORY / f"sem.{name}.whole").read_bytes())
    user.answer()
    assert user.ask("value") == "4"
    for ending in ("", ".whole"):
        user.ask("semaphore-unlink", name + ending)


@each_of_ours
@pytest.mark.parametrize(
    "contents",
    [b"\0" * 32, b"\0" * 31, b"\0" * 33, b"\0" * 4096, b"\xff" * 32, b"\xa5" * 32, b"x"],
    ids=("zeros", "short", "long", "page", "ones", "garbage", "one byte"),
)
def test_what_is_no_semaphore_is_refused(start: Start, name: str, ours: str, contents: bytes) -> None:
    """All zeros is what a crash or a copy leaves, and a semaphore for one process only: a sleeper there is never woken."""
    path = SHARED_MEMORY / f"sem.{name}"
    path.write_bytes(contents)
    program = start(ours)
    answer = refused(program, "semaphore-open", name)
    assert "FormatError" in answer.text if ours == "python" else "semaphore" in answer.text
    assert path.read_bytes() == contents
    path.unlink()
