"""Permits of a well: how many, whose, and that they come back.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from memwell import RobustSemaphore, Well

if TYPE_CHECKING:
    from conftest import Child, Interrupted


@pytest.fixture
def permits(well: Well) -> RobustSemaphore:
    return well.semaphore("permits", 3)


def test_acquire_and_release(well: Well, permits: RobustSemaphore) -> None:
    assert (permits.name, permits.well, permits.capacity, permits.value, permits.held) == ("permits", well, 3, 3, 0)
    assert permits.acquire() is True
    assert permits.acquire(0) is True
    assert permits.acquire(timeout=60) is True
    assert (permits.value, permits.held) == (0, 3)
    assert permits.acquire(0) is False
    assert permits.acquire(0.01) is False
    permits.release()
    permits.release(n=2)
    assert (permits.value, permits.held) == (3, 0)
    assert "3 of 3 free" in repr(permits)


def test_with(permits: RobustSemaphore) -> None:
    with permits as held:
        assert held is permits
        assert permits.held == 1
    with pytest.raises(KeyError), permits:
        raise KeyError
    assert permits.value == 3


def test_name_alone_finds_it(well: Well, permits: RobustSemaphore) -> None:
    assert well.semaphore("permits").capacity == 3
    assert well.semaphore("permits", 3, create=False).capacity == 3
    assert well.semaphore("most", 4096).value == 4096


@pytest.mark.parametrize(
    ("n", "error"), [(0, ValueError), (-1, ValueError), (2, ValueError), (2**70, ValueError), (True, TypeError), (1.0, TypeError)]
)
def test_wrong_counts(permits: RobustSemaphore, n: Any, error: type[Exception]) -> None:
    permits.acquire()
    with pytest.raises(error, match=r"RobustSemaphore\.release"):
        permits.release(n)
    assert permits.held == 1
    permits.release()


def test_nobody_releases_what_another_holds(well: Well, permits: RobustSemaphore, child: Callable[[str], Child]) -> None:
    child("well.semaphore('permits').acquire()")
    assert (permits.value, permits.held) == (2, 0)
    with pytest.raises(ValueError, match="this process holds 0"):
        permits.release()
    assert permits.value == 2


@pytest.mark.parametrize(("timeout", "error"), [(True, TypeError), ("1", TypeError), (-1, ValueError), (float("nan"), ValueError)])
def test_wrong_timeouts(permits: RobustSemaphore, timeout: Any, error: type[Exception]) -> None:
    for call in (permits.acquire, permits.acquire_async):
        with pytest.raises(error, match="timeout"):
            call(timeout)
    assert permits.value == 3


def test_permits_of_the_dead_come_back(permits: RobustSemaphore, child: Callable[[str], Child]) -> None:
    holder = child("permits = well.semaphore('permits'); [permits.acquire() for _ in range(3)]")
    assert not permits.acquire(0)
    taken: list[bool] = []
    thread = threading.Thread(target=lambda: taken.append(permits.acquire(60)))
    thread.start()
    holder.kill()
    thread.join()
    assert taken == [True]
    assert (permits.value, permits.held) == (2, 1)
    permits.release()


def test_every_thread_may_release(permits: RobustSemaphore) -> None:
    permits.acquire()
    thread = threading.Thread(target=permits.release)
    thread.start()
    thread.join()
    assert permits.value == 3


def test_never_more_than_there_are(permits: RobustSemaphore) -> None:
    inside = 0
    most = 0
    guard = threading.Lock()

    def work() -> None:
        nonlocal inside, most
        for _ in range(200):
            with permits:
                with guard:
                    inside += 1
                    most = max(most, inside)
                with guard:
                    inside -= 1

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 1 <= most <= 3
    assert permits.value == 3


def test_signal_handler_that_raises_ends_the_wait(
    permits: RobustSemaphore, child: Callable[[str], Child], interrupted: Interrupted
) -> None:
    child("permits = well.semaphore('permits'); [permits.acquire() for _ in range(3)]")
    for wait in (permits.acquire, permits.__enter__, lambda: permits.acquire(60)):
        with pytest.raises(LookupError, match="from the handler"):
            interrupted(wait)
    assert permits.held == 0
