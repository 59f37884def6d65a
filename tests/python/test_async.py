"""Semaphores beside asyncio: waiting, time-outs, and awaits that are cancelled.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import asyncio
import inspect
import subprocess
import sys
import threading

import pytest

import memwell
from memwell import Semaphore


@pytest.fixture
def empty(name: str) -> Semaphore:
    return Semaphore.create(name)


def test_at_once(semaphore: Semaphore) -> None:
    async def main() -> None:
        assert await semaphore.acquire_async() is True
        assert await semaphore.acquire_async(0) is False
        assert await semaphore.acquire_async(timeout=0.001) is False
        semaphore.release()
        assert await semaphore.acquire_async(None) is True

    asyncio.run(main())
    assert semaphore.value == 0


def test_others_run_meanwhile(empty: Semaphore) -> None:
    async def main() -> None:
        task = asyncio.create_task(empty.acquire_async())
        for _ in range(10):
            await asyncio.sleep(0)
        assert not task.done()
        empty.release()
        assert await asyncio.wait_for(task, 60)

    asyncio.run(main())
    assert empty.value == 0
    empty.close()


def test_release_from_another_thread(empty: Semaphore) -> None:
    async def main() -> None:
        thread = threading.Thread(target=empty.release)
        task = asyncio.create_task(empty.acquire_async(60))
        await asyncio.sleep(0)
        thread.start()
        assert await task
        thread.join()

    asyncio.run(main())
    empty.close()


def test_many_waiters_each_get_one(empty: Semaphore) -> None:
    async def main() -> None:
        tasks = [asyncio.create_task(empty.acquire_async(60)) for _ in range(20)]
        await asyncio.sleep(0)
        empty.release(20)
        assert await asyncio.gather(*tasks) == [True] * 20

    asyncio.run(main())
    assert empty.value == 0
    empty.close()


def test_cancelled_await_holds_nothing(empty: Semaphore) -> None:
    async def main() -> None:
        for pauses in range(6):
            task = asyncio.create_task(empty.acquire_async())
            for _ in range(pauses):
                await asyncio.sleep(0)
            task.cancel()
            empty.release()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert empty.value == 1
            assert empty.acquire(0)

    asyncio.run(main())
    empty.close()


def test_cancelled_or_acquired_but_never_both(empty: Semaphore) -> None:
    """However the cancel falls beside the release, the unit is either with the task or in the semaphore."""

    async def main() -> None:
        for steps in range(30):
            task = asyncio.create_task(empty.acquire_async())
            await asyncio.sleep(0)
            empty.release()
            for _ in range(steps):
                await asyncio.sleep(0.0001)
            task.cancel()
            try:
                taken = await task
            except asyncio.CancelledError:
                taken = False
            assert empty.value == (0 if taken else 1)
            if not taken:
                assert empty.acquire(0)

    asyncio.run(main())
    empty.close()


def test_time_out_around_it(empty: Semaphore) -> None:
    async def main() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.005):
                await empty.acquire_async()

    asyncio.run(main())
    assert empty.value == 0
    empty.close()


def test_close_during_the_wait(empty: Semaphore) -> None:
    async def main() -> None:
        task = asyncio.create_task(empty.acquire_async())
        await asyncio.sleep(0)
        empty.close()
        with pytest.raises(memwell.ClosedError):
            await task

    asyncio.run(main())


def test_is_a_coroutine(semaphore: Semaphore) -> None:
    coroutine = semaphore.acquire_async()
    assert inspect.iscoroutine(coroutine)
    coroutine.close()
    assert semaphore.value == 1


def test_subclass_that_counts_its_acquires(name: str) -> None:
    class Counting(Semaphore):
        calls = 0

        def acquire(self, timeout: float | None = None) -> bool:
            self.calls += 1
            return super().acquire(timeout)

    counting = Counting.create(name, 1)
    assert asyncio.run(counting.acquire_async())
    assert counting.calls == 1
    counting.close()


def test_import_leaves_asyncio_alone() -> None:
    program = (
        "import sys, memwell; print([name for name in sys.modules if name.startswith(('asyncio', 'typing', 'multiprocessing'))])"
    )
    output = subprocess.run([sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, check=False)
    if "ModuleNotFoundError" in output.stderr:
        output = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "asyncio" not in output.stdout
    assert "multiprocessing" not in output.stdout
