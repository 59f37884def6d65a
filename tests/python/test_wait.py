"""Sleeping until an element changes, and waking those who sleep.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import memwell
from memwell import Region, View

if TYPE_CHECKING:
    from conftest import Interrupted, Ticking

NARROW = {"int32": (-(2**31), 2**31 - 1), "uint32": (0, 2**32 - 1)}


@pytest.fixture(params=NARROW)
def words(request: pytest.FixtureRequest, name: str) -> Iterator[View]:
    """Four elements that can be waited on."""
    with Region.create(name, 16) as region:
        yield region.view(request.param)


class Sleeper(threading.Thread):
    """A thread in a wait; the element after the one that it waits on says that it has begun."""

    def __init__(self, words: View, timeout: float | None = 60) -> None:
        super().__init__()
        self.words, self.timeout, self.result = words, timeout, None
        self.raised: BaseException | None = None
        self.start()
        while words.atomic_load(1) == 0:
            words.wait(1, 0)

    def run(self) -> None:
        try:
            self.words.atomic_add(1)
            self.words.wake(1)
            self.result: Any = self.words.wait(0, 0, self.timeout)
        except BaseException as error:
            self.raised = error


def wake_until(words: View, count: int | None, wanted: int) -> int:
    """Wake until `wanted` were woken: that somebody is about to sleep does not say that he sleeps."""
    woken = 0
    while woken < wanted:
        woken += words.wake(0, count)
        os.sched_yield()
    return woken


# In one process -----------------------------------------------------------------------------------------------------------------


def test_an_element_that_differs_is_not_waited_for(words: View) -> None:
    low, high = NARROW[words.dtype]
    for value in (1, low or 2, high):
        assert words.wait(0, value) is True
        assert words.wait(0, value, 0) is True
        assert words.wait(i=-4, value=value, timeout=None) is True


def test_timeouts(words: View) -> None:
    for timeout in (0, 0.0, 0.001, 1e-9):
        assert words.wait(0, 0, timeout) is False
    _, high = NARROW[words.dtype]
    words[3] = high
    assert words.wait(-1, high, timeout=0) is False


def test_nobody_to_wake(words: View) -> None:
    assert words.wake(0) == words.wake(0, 1) == words.wake(-1, None) == words.wake(i=0, count=2**40) == 0


def test_wake(words: View) -> None:
    sleeper = Sleeper(words)
    assert wake_until(words, None, 1) == 1
    sleeper.join()
    assert sleeper.result is True


def test_change_and_wake(words: View) -> None:
    sleeper = Sleeper(words)
    words.atomic_store(0, 1)
    words.wake(0)
    sleeper.join()
    assert sleeper.result is True


def test_counts(words: View) -> None:
    """Five sleep; two calls for one wake one each, and a third wakes who is left."""
    sleepers = [Sleeper(words) for _ in range(5)]
    assert wake_until(words, 1, 2) == 2
    assert wake_until(words, 3, 3) == 3
    for sleeper in sleepers:
        sleeper.join()
        assert sleeper.result is True
    assert words.wake(0) == 0


def test_close_ends_the_wait(name: str) -> None:
    region = Region.create(name, 16)
    words = region.view("int32")
    sleeper = Sleeper(words, None)
    region.close()
    sleeper.join()
    assert isinstance(sleeper.raised, memwell.ClosedError)
    for call in (lambda: words.wait(0, 0), lambda: words.wake(0)):
        with pytest.raises(memwell.ClosedError, match="closed"):
            call()


def test_signal_handlers_run_and_the_wait_goes_on(words: View, ticking: Ticking) -> None:
    with ticking(lambda n: n == 3 and words.atomic_store(0, 1)):
        assert words.wait(0, 0, 60)


def test_signal_handler_that_raises_ends_the_wait(words: View, interrupted: Interrupted) -> None:
    with pytest.raises(LookupError, match="from the handler"):
        interrupted(lambda: words.wait(0, 0))


def test_signal_handler_that_closes(name: str) -> None:
    region = Region.create(name, 16)
    before = signal.signal(signal.SIGALRM, lambda number, frame: region.close())
    signal.setitimer(signal.ITIMER_REAL, 0.002)
    try:
        with pytest.raises(memwell.ClosedError):
            region.view("int32").wait(0, 0)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


# Between processes --------------------------------------------------------------------------------------------------------------


def answer(words: View, rounds: int) -> None:
    """Make every odd number the next even one."""
    for number in range(1, 2 * rounds, 2):
        while (now := words.atomic_load(0)) != number:
            words.wait(0, now)
        words.atomic_store(0, number + 1)
        words.wake(0)


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_ping_pong(words: View, method: str) -> None:
    context: Any = multiprocessing.get_context(method)
    child = context.Process(target=answer, args=(words, 500))
    child.start()
    for number in range(0, 1000, 2):
        words.atomic_store(0, number + 1)
        words.wake(0)
        while (now := words.atomic_load(0)) != number + 2:
            assert words.wait(0, now, 60)
    child.join(60)
    assert child.exitcode == 0


def test_control_c(words: View) -> None:
    program = f"""
import memwell
words = memwell.Region.attach({words.region.name!r}).view("int32")
words.atomic_store(1, 1)
words.wake(1)
words.wait(0, 0)
"""
    with subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE, text=True) as child:
        while words.atomic_load(1) == 0:
            assert words.wait(1, 0, 60)
        child.send_signal(signal.SIGINT)
        _, error = child.communicate(timeout=60)
    assert "KeyboardInterrupt" in error
    assert child.returncode == -signal.SIGINT


def test_read_only_memory_can_be_waited_on_and_woken(words: View) -> None:
    assert words.region.name is not None
    with Region.attach(words.region.name, readonly=True) as reader:
        seen = reader.view(words.dtype)
        assert seen.wait(0, 1) is True
        assert seen.wait(0, 0, 0.001) is False
        sleeper = Sleeper(words)
        while seen.wake(0) == 0:
            os.sched_yield()
        sleeper.join()
        assert sleeper.result is True


# What is refused ----------------------------------------------------------------------------------------------------------------


def both(view: View) -> list[Callable[[], object]]:
    return [lambda: view.wait(0, 0, 0), lambda: view.wake(0)]


@pytest.mark.parametrize("dtype", ["int64", "uint64", "int8", "uint16", "float32", "bool"])
def test_other_dtypes(region: Region, dtype: str) -> None:
    for call in both(region.view(dtype)):
        with pytest.raises(ValueError, match=dtype):
            call()


def test_other_views(region: Region) -> None:
    for view in (region.view("int32", (2, 2)), region.view("int32", 2, offset=2)):
        for call in both(view):
            with pytest.raises(ValueError):
                call()


def test_private_memory(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(bytes(16))
    with Region.anonymous(16, private=True) as private, Region.file(tmp_path / "file", "c") as copied:
        for region in (private, copied):
            for call in both(region.view("int32")):
                with pytest.raises(ValueError, match="private"):
                    call()


def test_wrong_arguments(words: View) -> None:
    low, high = NARROW[words.dtype]
    for value in (low - 1, high + 1, 2**63, -(2**70)):
        with pytest.raises(OverflowError, match=words.dtype):
            words.wait(0, value, 0)
    for wrong in (0.0, "0", None):
        with pytest.raises(TypeError, match="integer"):
            words.wait(0, wrong, 0)  # type: ignore[arg-type]
    for i in (4, -5, 2**70):
        for call in (lambda i=i: words.wait(i, 0), lambda i=i: words.wake(i)):
            with pytest.raises(IndexError):
                call()
    for timeout, error in [(-1, ValueError), (float("nan"), ValueError), ("1", TypeError), (True, TypeError)]:
        with pytest.raises(error, match="timeout"):
            words.wait(0, 1, timeout)  # type: ignore[arg-type]
    for count, error in [(-1, ValueError), (1.0, TypeError), (True, TypeError)]:
        with pytest.raises(error, match="count"):
            words.wake(0, count)  # type: ignore[arg-type]
