"""Semaphores: how they are made, counted, waited for and ended.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import contextlib
import os
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

import memwell
from memwell import Semaphore

if TYPE_CHECKING:
    from conftest import Interrupted, Ticking

LARGEST = 2**31 - 1


def test_create_attach_open(new_name: Callable[[], str]) -> None:
    name = new_name()
    made = Semaphore.create("/" + name, 3)
    assert (made.name, made.value, made.closed) == (name, 3, False)
    other, third = Semaphore.attach(name), Semaphore.open(name, 99)
    assert other.acquire()
    assert made.value == other.value == third.value == 2
    with pytest.raises(FileExistsError) as caught:
        Semaphore.create(name)
    assert caught.value.filename == name
    Semaphore.unlink(name)
    Semaphore.unlink(name, missing_ok=True)
    with pytest.raises(FileNotFoundError):
        Semaphore.unlink(name)
    with pytest.raises(FileNotFoundError):
        Semaphore.attach(name, timeout=0.01)
    other.release()
    assert made.value == 3
    fourth = Semaphore.open(name, 99)
    assert fourth.value == 99
    for each in (made, other, third, fourth):
        each.close()


def test_default_is_zero(name: str) -> None:
    made = Semaphore.create(name)
    assert made.value == 0
    assert made.acquire(0) is False
    made.close()


def test_acquire_and_release(semaphore: Semaphore) -> None:
    assert semaphore.acquire() is True
    assert semaphore.acquire(0) is False
    assert semaphore.acquire(0.001) is False
    assert semaphore.acquire(timeout=0.001) is False
    semaphore.release()
    semaphore.release(3)
    semaphore.release(n=1)
    assert semaphore.value == 5
    assert semaphore.acquire(None) is True
    assert semaphore.acquire(float("inf")) is True
    assert semaphore.acquire(10**400) is True
    assert semaphore.value == 2


def test_with(semaphore: Semaphore) -> None:
    with semaphore as held:
        assert held is semaphore
        assert semaphore.value == 0
    assert semaphore.value == 1
    with pytest.raises(KeyError), semaphore:
        raise KeyError
    assert semaphore.value == 1


@pytest.mark.parametrize(
    ("timeout", "error"),
    [
        *[(wrong, TypeError) for wrong in (True, False, "1", b"1", 1j, [])],
        *[(wrong, ValueError) for wrong in (float("nan"), -1, -0.001, float("-inf"), -(10**400))],
    ],
)
def test_wrong_timeouts(semaphore: Semaphore, timeout: Any, error: type[Exception]) -> None:
    calls: list[Callable[[], object]] = [
        lambda: semaphore.acquire(timeout),
        lambda: semaphore.acquire(timeout=timeout),
        lambda: semaphore.acquire_async(timeout),
        lambda: Semaphore.attach("memwell-test-nobody", timeout=timeout),
        lambda: memwell.Region.attach("memwell-test-nobody", timeout=timeout),
    ]
    for call in calls:
        with pytest.raises(error, match="timeout"):
            call()
    assert semaphore.value == 1


def test_bounds_of_the_value(new_name: Callable[[], str]) -> None:
    name = new_name()
    made = Semaphore.create(name, LARGEST)
    with pytest.raises(OverflowError, match=r"Semaphore\.release"):
        made.release()
    assert made.value == LARGEST
    made.acquire()
    for many in (2, 2**32, 2**40):
        with pytest.raises(OverflowError):
            made.release(many)
    for many in (LARGEST + 1, 2**32, 2**40):
        with pytest.raises(ValueError, match=str(LARGEST)):
            Semaphore.create(new_name(), many)
    made.release()
    made.close()
    name = new_name()
    for value, error in [(-1, ValueError), (LARGEST + 1, ValueError), (2**70, ValueError), (True, TypeError), (1.0, TypeError)]:
        with pytest.raises(error):
            Semaphore.create(name, value)
        with pytest.raises(error):
            Semaphore.open(name, value)
    assert not os.path.exists(f"/dev/shm/sem.{name}")


def test_wrong_counts(semaphore: Semaphore) -> None:
    for n, error in [
        (0, ValueError),
        (-1, ValueError),
        (True, TypeError),
        (1.0, TypeError),
        (2**70, ValueError),
        (None, TypeError),
    ]:
        with pytest.raises(error):
            semaphore.release(n)
    assert semaphore.value == 1


def test_permissions_are_exact(name: str) -> None:
    before = os.umask(0o077)
    try:
        Semaphore.create(name, permissions=0o666).close()
    finally:
        os.umask(before)
    assert stat.S_IMODE(os.stat(f"/dev/shm/sem.{name}").st_mode) == 0o666


def test_temporary(name: str) -> None:
    made = Semaphore.create(name, 1, temporary=True)
    assert os.path.exists(f"/dev/shm/sem.{name}")
    made.close()
    assert not os.path.exists(f"/dev/shm/sem.{name}")


@pytest.mark.parametrize("content", [b"", b"x", bytes(31), bytes(32), b"\xff" * 32, bytes(4096)])
def test_not_a_semaphore(name: str, content: bytes) -> None:
    with open(f"/dev/shm/sem.{name}", "wb") as file:
        file.write(content)
    try:
        with pytest.raises((memwell.FormatError, BlockingIOError), match=r"Semaphore\.attach"):
            Semaphore.attach(name)
    finally:
        os.unlink(f"/dev/shm/sem.{name}")


def test_close(semaphore: Semaphore) -> None:
    semaphore.close()
    semaphore.close()
    assert semaphore.closed
    assert "closed" in repr(semaphore)
    uses: list[Callable[[], object]] = [
        semaphore.acquire,
        semaphore.release,
        lambda: semaphore.value,
        semaphore.__enter__,
        semaphore.__reduce__,
        lambda: semaphore.__exit__(None, None, None),
    ]
    for use in uses:
        with pytest.raises(memwell.ClosedError, match="closed"):
            use()


def test_repr(semaphore: Semaphore) -> None:
    assert repr(semaphore) == f"<memwell.Semaphore '{semaphore.name}', value 1>"


def test_subclass(name: str) -> None:
    class Turn(Semaphore):
        pass

    turn = Turn.create(name, 1)
    turn.note = "mine"
    assert type(turn) is Turn
    with turn:
        assert turn.value == 0
    turn.close()


def test_no_constructor() -> None:
    with pytest.raises(TypeError, match=r"Semaphore\.create"):
        Semaphore()


def test_two_threads_take_turns(new_name: Callable[[], str]) -> None:
    ping, pong = Semaphore.create(new_name()), Semaphore.create(new_name())

    def answer() -> None:
        for _ in range(500):
            ping.acquire()
            pong.release()

    thread = threading.Thread(target=answer)
    thread.start()
    for _ in range(500):
        ping.release()
        assert pong.acquire(60)
    thread.join()
    assert (ping.value, pong.value) == (0, 0)
    ping.close()
    pong.close()


def test_close_ends_the_wait_of_another_thread(name: str) -> None:
    made = Semaphore.create(name)
    caught: list[BaseException] = []
    started = threading.Event()

    def wait() -> None:
        started.set()
        try:
            made.acquire(60)
        except memwell.ClosedError as error:
            caught.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    started.wait()
    made.close()
    thread.join()
    assert len(caught) == 1


def test_signal_handlers_run_and_the_wait_goes_on(name: str, ticking: Ticking) -> None:
    with contextlib.closing(Semaphore.create(name)) as made, ticking(lambda n: n == 3 and made.release()):
        assert made.acquire(60)


def test_signal_handler_that_raises_ends_the_wait(name: str, interrupted: Interrupted) -> None:
    with contextlib.closing(Semaphore.create(name)) as made:
        for wait in (
            made.acquire,
            made.__enter__,
            lambda: memwell.Region.attach(name, timeout=None),
            lambda: Semaphore.attach(name + "-nobody", timeout=60),
        ):
            with pytest.raises(LookupError, match="from the handler"):
                interrupted(wait)


def test_signal_handler_that_closes(name: str) -> None:
    made = Semaphore.create(name)
    before = signal.signal(signal.SIGALRM, lambda number, frame: made.close())
    signal.setitimer(signal.ITIMER_REAL, 0.002)
    try:
        with pytest.raises(memwell.ClosedError):
            made.acquire()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_control_c(name: str) -> None:
    made = Semaphore.create(name)
    program = f"import memwell\ns = memwell.Semaphore.attach({name!r})\nprint('ready', flush=True)\ns.acquire()"
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        child.send_signal(signal.SIGINT)
        _, error = child.communicate(timeout=60)
    assert "KeyboardInterrupt" in error
    assert child.returncode == -signal.SIGINT
    made.close()
