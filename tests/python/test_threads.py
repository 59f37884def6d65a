"""Threads: the GIL is let go of where it should be, and closing under another thread's hands is an error, never a crash.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from typing import Any

import pytest

import memwell
from memwell import Region, Semaphore

LARGE = 80 << 20


def in_threads(count: int, work: Callable[[int], None]) -> list[BaseException]:
    """Run work(0), work(1), ... at once; what they raised."""
    raised: list[BaseException] = []
    start = threading.Barrier(count)

    def run(number: int) -> None:
        start.wait()
        try:
            work(number)
        except BaseException as error:
            raised.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def test_waiting_lets_others_run(name: str) -> None:
    """A thread that waited with the GIL would wait for ever: the one that releases could not run."""
    semaphore = Semaphore.create(name)

    def work(number: int) -> None:
        if number == 0:
            assert semaphore.acquire(60)
        elif number == 1:
            with semaphore:
                pass
        else:
            semaphore.release(2)

    assert in_threads(3, work) == []
    assert semaphore.value == 1
    semaphore.close()


def test_attaching_lets_others_run(name: str) -> None:
    def work(number: int) -> None:
        if number == 0:
            Region.attach(name, timeout=60).close()
        else:
            Region.create(name, 10).close()

    assert in_threads(2, work) == []


WORK: list[Callable[[Region, Any], object]] = [
    lambda r, v: v.sum(),
    lambda r, v: v.fill(1),
    lambda r, v: v.tobytes(),
    lambda r, v: v.count(3),
    lambda r, v: v.max(),
    lambda r, v: v == v[:],
    lambda r, v: v[::2].copy_from(v[1::2]),
    lambda r, v: v[10:].copy_from(v[:-10]),
    lambda r, v: r.fill(1),
    lambda r, v: r.read(0, len(r)),
    lambda r, v: bytes(r),
    lambda r, v: r.move(1, 0, len(r) - 1),
    lambda r, v: r.write(bytes(len(r))),
    lambda r, v: r.flush(),
    lambda r, v: v[:1000].tolist(),
    lambda r, v: v.take([1, 2, 3] * 100),
    lambda r, v: memoryview(v)[5],
    lambda r, v: list(v[:100]),
]


@pytest.mark.parametrize("number", range(len(WORK)))
def test_closed_by_another_thread(number: int) -> None:
    for _ in range(5):
        region = Region.anonymous(1 << 20)
        view = region.view("uint16")

        def work(which: int, region: Region = region, view: Any = view) -> None:
            if which == 0:
                region.close()
                return
            for _ in range(20):
                WORK[number](region, view)

        raised = in_threads(3, work)
        assert all(isinstance(error, memwell.ClosedError) for error in raised), raised


def test_resized_by_another_thread() -> None:
    """Each resize either happens while nobody looks, or says that somebody does."""
    with Region.anonymous(1 << 20) as region:
        view = region.view("uint8")

        def work(which: int) -> None:
            for turn in range(40):
                if which == 0:
                    try:
                        region.resize((1 << 20) >> (turn % 3))
                    except BufferError:
                        continue
                else:
                    try:
                        WORK[(which + turn) % 12](region, view)
                    except (IndexError, ValueError) as error:
                        assert not isinstance(error, memwell.ClosedError)

        assert in_threads(4, work) == []


def test_semaphore_closed_by_another_thread(new_name: Callable[[], str]) -> None:
    for _ in range(20):
        semaphore = Semaphore.create(new_name(), 1)

        def work(which: int, semaphore: Semaphore = semaphore) -> None:
            if which == 0:
                semaphore.close()
                return
            while True:
                with semaphore:
                    pass

        raised = in_threads(4, work)
        assert len(raised) == 3
        assert all(isinstance(error, memwell.ClosedError) for error in raised), raised


def test_mutual_exclusion(semaphore: Semaphore, new_name: Callable[[], str]) -> None:
    with Region.create(new_name(), 8) as region:
        counter = region.view("int64")

        def work(which: int) -> None:
            for _ in range(2000):
                with semaphore:
                    counter[0] += 1

        assert in_threads(4, work) == []
        assert counter[0] == 8000


class Interrupt(Exception):
    pass


@pytest.mark.parametrize("work", [lambda region: region.fill(1), lambda region: region.view("uint64").fill(0x0101010101010101)])
def test_long_calls_look_at_signals(work: Callable[[Region], object], look_for_signals: Callable[[], None]) -> None:
    """A fill that a signal handler interrupts leaves the end as it was. The signal may also come before it or after: then again."""

    def handle(number: int, frame: object) -> None:
        raise Interrupt

    before = signal.signal(signal.SIGALRM, handle)
    try:
        with Region.anonymous(LARGE) as region:
            for _ in range(1000):
                region.fill(0)
                try:
                    signal.setitimer(signal.ITIMER_REAL, 0.0005)
                    work(region)
                    while True:
                        look_for_signals()
                except Interrupt:
                    if region[0] == 1 and region[-1] == 0:
                        return
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    pytest.fail("no fill was ever interrupted in the middle")
