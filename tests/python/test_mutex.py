"""Mutexes of a well: turns, deaths, and what mends after one.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import contextlib
import gc
import signal
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

import memwell
from memwell import Mutex, OwnerDiedError, Well

if TYPE_CHECKING:
    from conftest import Child, Ticking


@pytest.fixture
def mutex(well: Well) -> Mutex:
    return well.mutex("turn")


@pytest.fixture
def broken(mutex: Mutex, child: Callable[[str], Child]) -> Mutex:
    """A mutex whose holder was killed."""
    child("well.mutex('turn').acquire()").kill()
    return mutex


def test_acquire_and_release(well: Well, mutex: Mutex) -> None:
    assert (mutex.name, mutex.well, mutex.locked, mutex.owner, mutex.inconsistent) == ("turn", well, False, None, False)
    assert mutex.acquire() is True
    assert (mutex.locked, mutex.owner) == (True, well.slot)
    mutex.release()
    for timeout in (0, 0.01, 10, None, float("inf"), 10**400):
        assert mutex.acquire(timeout) is True
        mutex.release()
    assert mutex.acquire(timeout=0)
    assert "held by slot" in repr(mutex)
    mutex.release()
    assert "free" in repr(mutex)


def test_with(mutex: Mutex) -> None:
    with mutex as held:
        assert held is mutex
        assert mutex.locked
    assert not mutex.locked
    with pytest.raises(KeyError), mutex:
        raise KeyError
    assert not mutex.locked


def test_twice_by_one_thread(mutex: Mutex) -> None:
    with mutex:
        for timeout in (None, 0, 0.01):
            with pytest.raises(RuntimeError, match=r"Mutex\.acquire.*this thread holds it"):
                mutex.acquire(timeout)
        with pytest.raises(RuntimeError), mutex:
            pass
        with pytest.raises(RuntimeError), mutex.recovering():
            pass
        assert mutex.locked


def test_release_without_holding(well: Well, mutex: Mutex, child: Callable[[str], Child]) -> None:
    with pytest.raises(RuntimeError, match=r"Mutex\.release"):
        mutex.release()
    other = child("well.mutex('turn').acquire()")
    with pytest.raises(RuntimeError, match=r"Mutex\.release"):
        mutex.release()
    assert mutex.owner == other.slot
    assert not mutex.acquire(0)
    assert not mutex.acquire(0.01)
    with pytest.raises(TimeoutError, match=r"Mutex\."), mutex.recovering(0.01):
        pass


@pytest.mark.parametrize(
    ("timeout", "error"), [(True, TypeError), ("1", TypeError), (1j, TypeError), (-1, ValueError), (float("nan"), ValueError)]
)
def test_wrong_timeouts(mutex: Mutex, timeout: Any, error: type[Exception]) -> None:
    for call in (mutex.acquire, mutex.recovering, mutex.acquire_async):
        with pytest.raises(error, match="timeout"):
            call(timeout)
    assert not mutex.locked


def test_threads_take_turns(well: Well, mutex: Mutex) -> None:
    counter = well.array("counter", "int64", 1)

    def work() -> None:
        for _ in range(500):
            with mutex:
                counter[0] += 1

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counter[0] == 2000


def test_another_thread_waits_and_another_may_release(mutex: Mutex) -> None:
    taken = threading.Event()

    def work() -> None:
        assert mutex.acquire(60)
        taken.set()

    mutex.acquire()
    thread = threading.Thread(target=work)
    thread.start()
    assert not taken.is_set()
    mutex.release()
    thread.join()
    assert taken.is_set()
    mutex.release()


# After a death ------------------------------------------------------------------------------------------------------------------


def test_death_makes_it_inconsistent_for_everybody(broken: Mutex, child: Callable[[str], Child]) -> None:
    for call in (broken.acquire, lambda: broken.acquire(0), lambda: broken.acquire(10), broken.__enter__):
        with pytest.raises(OwnerDiedError, match=r'Mutex\.acquire\("turn"\)'):
            call()
    assert (broken.inconsistent, broken.locked, broken.owner) == (True, False, None)
    assert "inconsistent" in repr(broken)
    child("try:\n    well.mutex('turn').acquire()\nexcept memwell.OwnerDiedError:\n    pass\nelse:\n    os._exit(1)")
    with pytest.raises(RuntimeError):
        broken.release()


def test_waiter_learns_of_a_death(mutex: Mutex, child: Callable[[str], Child]) -> None:
    holder = child("well.mutex('turn').acquire()")
    raised: list[BaseException] = []

    def wait() -> None:
        try:
            mutex.acquire(60)
        except OwnerDiedError as error:
            raised.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    holder.kill()
    thread.join()
    assert len(raised) == 1


def test_recovering(broken: Mutex) -> None:
    with broken.recovering() as nothing:
        assert nothing is None
        assert (broken.locked, broken.inconsistent) == (True, False)
        with pytest.raises(RuntimeError, match="recover"):
            broken.release()
    assert not broken.inconsistent
    with broken:
        pass


def test_recovering_that_fails(broken: Mutex) -> None:
    recovery = broken.recovering()
    with pytest.raises(LookupError, match="not to be mended"), recovery:
        raise LookupError("not to be mended")
    assert (broken.inconsistent, broken.locked) == (True, False)
    with recovery:
        pass
    assert not broken.inconsistent


def test_recovering_what_is_not_broken(mutex: Mutex) -> None:
    with mutex.recovering():
        assert mutex.locked
    assert not mutex.locked
    with pytest.raises(LookupError), mutex.recovering(0):
        raise LookupError
    assert (mutex.locked, mutex.inconsistent) == (False, False)
    with pytest.raises(RuntimeError):
        mutex.recovering().__exit__(None, None, None)


def test_recover(well: Well, broken: Mutex) -> None:
    calls: list[tuple[bool, bool]] = []
    mending = well.mutex("turn", recover=lambda: calls.append((mending.locked, mending.inconsistent)))
    assert mending.acquire(0)
    assert calls == [(True, False)]
    mending.release()
    with broken, pytest.raises(RuntimeError):
        mending.acquire()
    with mending:
        pass
    assert len(calls) == 1


def test_recover_in_with(well: Well, broken: Mutex) -> None:
    accounts = well.array("accounts", "int64", 2)
    accounts[0] = 5

    def undo() -> None:
        accounts[0] = 0

    with well.mutex("turn", recover=undo):
        assert accounts[0] == 0
    with broken:
        pass


def test_recover_that_raises(well: Well, broken: Mutex) -> None:
    def fail() -> None:
        raise LookupError("cannot be mended")

    mending = well.mutex("turn", recover=fail)
    for call in (mending.acquire, lambda: mending.acquire(0), mending.__enter__):
        with pytest.raises(LookupError, match="cannot be mended"):
            call()
        assert (mending.locked, mending.inconsistent) == (False, True)
    with well.mutex("turn", recover=lambda: None):
        pass


def test_recover_that_uses_the_mutex(well: Well, broken: Mutex) -> None:
    raised: list[type[Exception]] = []

    def use() -> None:
        for call in (mending.acquire, mending.release, well.close, lambda: well.delete("turn")):
            try:
                call()
            except (RuntimeError, BlockingIOError) as error:
                raised.append(type(error))

    mending = well.mutex("turn", recover=use)
    with mending:
        pass
    assert raised == [RuntimeError, RuntimeError, RuntimeError, BlockingIOError]


def test_death_while_mending(well: Well, broken: Mutex, child: Callable[[str], Child]) -> None:
    other = child("well.mutex('turn').recovering().__enter__()")
    assert not broken.acquire(0)
    other.kill()
    with pytest.raises(OwnerDiedError):
        broken.acquire(60)


def test_recover_in_a_cycle(well: Well) -> None:
    class Account:
        def __init__(self) -> None:
            self.turn = well.mutex("turn", recover=self.mend)

        def mend(self) -> None:
            pass

    gone = weakref.ref(Account().turn)
    gc.collect()
    assert gone() is None


def test_broken_locks_of_a_live_process(well: Well, child: Callable[[str], Child]) -> None:
    other = child("well.mutex('turn').acquire()")
    assert well.break_locks(other.slot) == 1
    with pytest.raises(OwnerDiedError):
        well.mutex("turn").acquire()


# Signals ------------------------------------------------------------------------------------------------------------------------


def test_signal_handlers_run_and_the_wait_goes_on(mutex: Mutex, child: Callable[[str], Child], ticking: Ticking) -> None:
    """Though no sleep lasts until the next look, the death is noticed before the wait is over."""
    holder = child("well.mutex('turn').acquire()")
    seen, dead = [], []

    def tick(number: int) -> None:
        seen.append(number)
        if number == 3:
            holder.kill()  # which waits for its end, while the signal comes again
            dead.append(len(seen))

    with ticking(tick), pytest.raises(OwnerDiedError):
        mutex.acquire(60)
    assert len(seen) < dead[0] + 100


def test_control_c_leaves_nothing_held(well: Well, mutex: Mutex) -> None:
    program = f"""
import memwell, sys
well = memwell.Well.attach({well.name!r})
try:
    print("ready", flush=True)
    with well.mutex("turn"):
        print("held")
except KeyboardInterrupt:
    print("interrupted", well.participants()[-1].holds, flush=True)
sys.stdin.read()
"""
    with (
        mutex,
        subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other,
    ):
        assert other.stdout is not None
        assert other.stdout.readline() == "ready\n"
        other.send_signal(signal.SIGINT)
        assert other.stdout.readline() == "interrupted ()\n"
        other.communicate()


class Interrupt(Exception):
    """What nothing but the test catches."""


def test_interrupted_at_random_the_mutex_is_free(mutex: Mutex, look_for_signals: Callable[[], None]) -> None:
    """Wherever the exception falls, in the wait, in the body or between the two, `with` gives the mutex back."""

    def handle(number: int, frame: object) -> None:
        raise Interrupt

    before = signal.signal(signal.SIGALRM, handle)
    try:
        for turn in range(200):
            with contextlib.suppress(Interrupt):
                signal.setitimer(signal.ITIMER_REAL, 0.000_05 + turn * 0.000_003)
                while True:
                    for _ in range(1000):
                        with mutex:
                            pass
                    look_for_signals()
            assert not mutex.locked
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_is_memwells_error_too() -> None:
    assert issubclass(OwnerDiedError, memwell.Error)
    assert issubclass(OwnerDiedError, RuntimeError)
