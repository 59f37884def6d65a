"""Events of a well: set, clear, and waits that lose no wake-up.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from memwell import Event, Well

if TYPE_CHECKING:
    from conftest import Child, Ticking


@pytest.fixture
def event(well: Well) -> Event:
    return well.event("ready")


def test_set_and_clear(well: Well, event: Event) -> None:
    assert (event.name, event.well, event.is_set()) == ("ready", well, False)
    assert event.wait(0) is False
    assert event.wait(0.01) is False
    assert "clear" in repr(event)
    for _ in range(2):
        event.set()
        assert event.is_set() is True
    assert event.wait() is True
    assert event.wait(timeout=0) is True
    assert "set" in repr(event)
    for _ in range(2):
        event.clear()
        assert event.is_set() is False


def test_all_who_wait_are_told(event: Event) -> None:
    told: list[bool] = []
    threads = [threading.Thread(target=lambda: told.append(event.wait(60))) for _ in range(5)]
    for thread in threads:
        thread.start()
    event.set()
    for thread in threads:
        thread.join()
    assert told == [True] * 5


def test_set_and_cleared_at_once(well: Well, event: Event, child: Callable[[str], Child]) -> None:
    """Whoever sleeps when it is set is told, though it is clear again before it wakes."""
    waiter = child("import threading\nthread = threading.Thread(target=well.event('ready').wait)\nthread.start()")
    while well.objects()[0].waiters == 0:
        pass
    event.set()
    event.clear()
    while well.objects()[0].waiters > 0:
        pass
    assert waiter.process.poll() is None
    assert not event.is_set()


def test_ping_pong(well: Well) -> None:
    ping, pong = well.event("ping"), well.event("pong")

    def answer() -> None:
        for _ in range(300):
            ping.wait()
            ping.clear()
            pong.set()

    thread = threading.Thread(target=answer)
    thread.start()
    for _ in range(300):
        ping.set()
        assert pong.wait(60)
        pong.clear()
    thread.join()


@pytest.mark.parametrize(("timeout", "error"), [(True, TypeError), ("1", TypeError), (-1, ValueError), (float("nan"), ValueError)])
def test_wrong_timeouts(event: Event, timeout: Any, error: type[Exception]) -> None:
    for call in (event.wait, event.wait_async):
        with pytest.raises(error, match="timeout"):
            call(timeout)


def test_death_leaves_it_as_it_is(event: Event, child: Callable[[str], Child]) -> None:
    child("well.event('ready').set()").kill()
    assert event.wait(0)


def test_a_handler_that_sets_and_clears_ends_the_wait(event: Event, ticking: Ticking) -> None:
    """It runs between two sleeps of the wait, which is one wait all the same."""
    with ticking(lambda n: (event.set(), event.clear())):
        assert event.wait(60)
    assert not event.is_set()


def test_signal_handlers_run_and_the_wait_goes_on(event: Event, ticking: Ticking) -> None:
    with ticking(lambda n: n == 3 and event.set()):
        assert event.wait(60)
