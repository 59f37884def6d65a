"""The objects of a well beside asyncio: waiting, deaths, time-outs, awaits that are cancelled, forks, many loops.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import asyncio
import gc
import inspect
import os
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

import memwell
from memwell import Event, Mutex, RobustSemaphore, Well, _waiting

if TYPE_CHECKING:
    from conftest import Child


@pytest.fixture(autouse=True)
def awake(nothing_left: None) -> Iterator[None]:
    """The thread lets go of what it watched once nobody sleeps for that any more, but not at once."""
    yield
    while _waiting._dormitory._sleepers or count_watches() > 1:
        time.sleep(0.001)


def count_watches() -> int:
    gc.collect()
    return len([each for each in gc.get_objects() if type(each).__name__ == "_Watch"])


@pytest.fixture
def mutex(well: Well) -> Mutex:
    return well.mutex("turn")


@pytest.fixture
def permits(well: Well) -> RobustSemaphore:
    return well.semaphore("permits", 3)


@pytest.fixture
def event(well: Well) -> Event:
    return well.event("ready")


async def until_asleep(count: int = 1) -> None:
    """Until so many awaits have looked in vain."""
    while sum(len(each) for each in _waiting._dormitory._sleepers.values()) < count:  # noqa: ASYNC110 - nothing tells
        await asyncio.sleep(0)
    await asyncio.sleep(0)


# One loop -----------------------------------------------------------------------------------------------------------------------


def test_at_once(mutex: Mutex, permits: RobustSemaphore, event: Event) -> None:
    async def main() -> None:
        assert await mutex.acquire_async() is True
        assert await mutex.acquire_async(0) is False
        assert await mutex.acquire_async(timeout=0.01) is False
        mutex.release()
        assert [await permits.acquire_async(0) for _ in range(4)] == [True] * 3 + [False]
        permits.release(3)
        assert await event.wait_async(0) is False
        assert await event.wait_async(0.01) is False
        event.set()
        assert await event.wait_async() is True

    asyncio.run(main())
    assert not mutex.locked


def test_tasks_of_one_thread_take_turns(well: Well, mutex: Mutex) -> None:
    inside: list[int] = []

    async def work(number: int) -> None:
        for _ in range(5):
            assert await mutex.acquire_async(60)
            inside.append(number)
            await asyncio.sleep(0)
            assert inside.pop() == number
            mutex.release()

    async def main() -> None:
        await asyncio.gather(*(work(number) for number in range(20)))

    asyncio.run(main())
    assert inside == []


def test_release_by_another_process(permits: RobustSemaphore, child: Callable[[str], Child]) -> None:
    program = """
permits = well.semaphore('permits')
for _ in range(3):
    permits.acquire()
print(well.slot, flush=True)
sys.stdin.readline()
permits.release(3)
"""
    other = child(program)

    async def main() -> None:
        tasks = [asyncio.create_task(permits.acquire_async(60)) for _ in range(3)]
        await until_asleep(3)
        assert other.process.stdin is not None
        other.process.stdin.write("\n")
        other.process.stdin.flush()
        assert await asyncio.gather(*tasks) == [True] * 3

    asyncio.run(main())
    assert permits.held == 3
    permits.release(3)


def test_holder_that_is_killed(mutex: Mutex, permits: RobustSemaphore, child: Callable[[str], Child]) -> None:
    other = child("well.mutex('turn').acquire(); s = well.semaphore('permits'); [s.acquire() for _ in range(3)]")

    async def main() -> None:
        turn, permit = asyncio.create_task(mutex.acquire_async()), asyncio.create_task(permits.acquire_async())
        await until_asleep(2)
        other.kill()
        with pytest.raises(memwell.OwnerDiedError):
            await turn
        assert await permit

    asyncio.run(main())
    permits.release()


def test_recover(well: Well, child: Callable[[str], Child]) -> None:
    other = child("well.mutex('turn').acquire()")
    threads: list[threading.Thread] = []
    mending = well.mutex("turn", recover=lambda: threads.append(threading.current_thread()))

    async def main() -> None:
        task = asyncio.create_task(mending.acquire_async(60))
        await until_asleep()
        other.kill()
        assert await task

    asyncio.run(main())
    assert threads == [threading.current_thread()]
    mending.release()


def test_event_for_many(event: Event) -> None:
    async def main() -> None:
        tasks = [asyncio.create_task(event.wait_async(60)) for _ in range(50)]
        await until_asleep(50)
        event.set()
        assert await asyncio.gather(*tasks) == [True] * 50

    asyncio.run(main())


def test_event_that_is_cleared_at_once(event: Event) -> None:
    async def main() -> None:
        tasks = [asyncio.create_task(event.wait_async(60)) for _ in range(3)]
        await until_asleep(3)
        event.set()
        event.clear()
        assert await asyncio.gather(*tasks) == [True] * 3

    asyncio.run(main())


def test_more_words_than_the_kernel_takes(well: Well) -> None:
    events = [well.event(f"event {number}") for number in range(200)]

    async def main() -> None:
        tasks = [asyncio.create_task(event.wait_async(60)) for event in events]
        await until_asleep(200)
        for event, task in zip(reversed(events), reversed(tasks), strict=True):
            event.set()
            assert await task

    asyncio.run(main())


# Ends of a wait -----------------------------------------------------------------------------------------------------------------


def test_cancelled_await_holds_nothing(permits: RobustSemaphore, mutex: Mutex) -> None:
    """However the cancel falls beside the release, what is waited for is either with the task or free."""

    async def main() -> None:
        for steps in range(40):
            assert mutex.acquire(0)
            task = asyncio.create_task(mutex.acquire_async())
            await asyncio.sleep(0)
            mutex.release()
            for _ in range(steps % 8):
                await asyncio.sleep(0.0001 * (steps // 8))
            task.cancel()
            try:
                taken = await task
            except asyncio.CancelledError:
                taken = False
            assert mutex.locked == taken
            if taken:
                mutex.release()

    asyncio.run(main())


def test_cancelled_await_hands_its_wake_up_on(mutex: Mutex) -> None:
    async def main() -> None:
        assert mutex.acquire(0)
        first, second = asyncio.create_task(mutex.acquire_async()), asyncio.create_task(mutex.acquire_async(60))
        await until_asleep(2)
        mutex.release()
        first.cancel()
        assert await second
        mutex.release()

    asyncio.run(main())


def test_time_out_around_it(event: Event) -> None:
    async def main() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.005):
                await event.wait_async()

    asyncio.run(main())


def test_closed_or_deleted_meanwhile(name: str) -> None:
    async def main(end: Callable[[Well], None]) -> None:
        well = Well.create(name, 1 << 20)
        event = well.event("ready")
        task = asyncio.create_task(event.wait_async())
        await until_asleep()
        end(well)
        with pytest.raises(memwell.ClosedError):
            await task
        well.close()
        Well.unlink(name)

    asyncio.run(main(Well.close))
    asyncio.run(main(lambda well: well.delete("ready")))


def test_coroutine_that_nobody_awaits(event: Event) -> None:
    coroutine = event.wait_async()
    assert inspect.iscoroutine(coroutine)
    coroutine.close()


def test_loop_that_ends_with_sleepers(event: Event) -> None:
    async def main() -> None:
        asyncio.get_running_loop().create_task(event.wait_async())
        await until_asleep()

    asyncio.run(main())
    loop = asyncio.new_event_loop()
    task = loop.create_task(event.wait_async())
    loop.run_until_complete(until_asleep())
    loop.close()
    event.set()
    del loop
    task._log_destroy_pending = False  # type: ignore[attr-defined]
    del task
    gc.collect()


# Threads and processes ----------------------------------------------------------------------------------------------------------


def test_loops_in_several_threads(well: Well, mutex: Mutex) -> None:
    counter = well.array("counter", "int64", 1)

    async def work() -> None:
        for _ in range(20):
            assert await mutex.acquire_async(60)
            before = counter[0]
            await asyncio.sleep(0)
            counter[0] = before + 1
            mutex.release()

    async def main() -> None:
        await asyncio.gather(*(work() for _ in range(3)))

    threads = [threading.Thread(target=lambda: asyncio.run(main())) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counter[0] == 180
    assert len([thread for thread in threading.enumerate() if thread.name == "memwell"]) == 1


def test_forked_child_has_a_thread_of_its_own(event: Event, permits: RobustSemaphore) -> None:
    async def main() -> None:
        task = asyncio.create_task(event.wait_async(60))
        await until_asleep()
        threading.Timer(0.01, event.set).start()
        assert await task

    asyncio.run(main())
    event.clear()
    pid = os.fork()
    if pid == 0:
        try:
            asyncio.run(main())
            os._exit(0)
        finally:
            os._exit(1)
    assert os.waitpid(pid, 0)[1] == 0


def test_without_a_thread_it_looks_again_and_again(event: Event, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a sub-interpreter."""
    monkeypatch.setattr(_waiting, "_dormitory", _waiting.Dormitory())
    monkeypatch.setattr(threading, "Thread", no_thread)

    async def main() -> None:
        task = asyncio.create_task(event.wait_async(60))
        await until_asleep()
        event.set()
        assert await task

    asyncio.run(main())
    assert not _waiting._dormitory.has_thread()


def no_thread(**options: object) -> threading.Thread:
    raise RuntimeError("daemon threads are disabled in this interpreter")
