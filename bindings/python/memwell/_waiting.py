"""The objects of wells beside asyncio. Imported at the first acquire_async() or wait_async(), so that `import memwell` costs no
asyncio.

One thread of the process sleeps for every await of every event loop, by one system call for many words. It takes nothing: it
wakes the await, which looks for itself, in the thread of its event loop. So one that is cancelled holds nothing.

SPDX-License-Identifier: MIT
"""

import asyncio
import atexit
import contextlib
import os
import threading
import time
from typing import TYPE_CHECKING, TypeAlias

from ._memwell import _WATCH_MAX, _Bell, _watch_wait

if TYPE_CHECKING:
    from ._memwell import Event, Mutex, RobustSemaphore, _Watch

    _Member: TypeAlias = Mutex | RobustSemaphore | Event

# A dead owner does not ring; nor does who was killed before it could.
SLICE = 0.04

# Where no thread may be, every await looks for itself so often.
PAUSE = 0.02


class Sleeper:
    """One await, from its first look to its last. Everything but `rung` is under the lock of the Dormitory."""

    __slots__ = ("future", "loop", "watch")

    def __init__(self, watch: "_Watch") -> None:
        self.loop = asyncio.get_running_loop()
        self.sleep(watch)

    def sleep(self, watch: "_Watch") -> None:
        """From here on it can be woken: it looks once more, and then sleeps."""
        self.watch = watch
        self.future: asyncio.Future[None] | None = self.loop.create_future()

    def wake(self) -> bool:
        """False where its loop is closed, so that it will never look."""
        future, self.future = self.future, None
        try:
            self.loop.call_soon_threadsafe(_finish, future)
        except RuntimeError:
            return False
        return True


def _finish(future: "asyncio.Future[None] | None") -> None:
    if future is not None and not future.done():
        future.set_result(None)


class Dormitory:
    """All who sleep in this process, by the word that they sleep for, and the thread that wakes them.

    Of those who sleep for one word the first is woken, and whoever leaves wakes the next: a permit more, an event or a wake-up
    that a cancelled await did not use reaches all whom it concerns, and a mutex does not wake a hundred for one turn. The lock
    is one that a thread may take twice, since a coroutine may be collected, and leave, at any moment.
    """

    def __init__(self) -> None:
        self.begin_anew()

    def begin_anew(self) -> None:
        """In a forked child too: the thread is not there, nobody of the parent's sleeps here, and the lock may be the thread's."""
        self._lock = threading.RLock()
        self._sleepers: dict[int, dict[Sleeper, None]] = {}
        self._bell = _Bell()
        self._thread: threading.Thread | None = None
        self._is_over = False

    def enter(self, watch: "_Watch") -> Sleeper:
        sleeper = Sleeper(watch)
        with self._lock:
            self._sleepers.setdefault(watch.place, {})[sleeper] = None
            if self._thread is None:
                self._start()
        self._bell.ring()
        return sleeper

    def again(self, sleeper: Sleeper, watch: "_Watch") -> None:
        with self._lock:
            sleeper.sleep(watch)
        self._bell.ring()

    def leave(self, sleeper: Sleeper) -> None:
        place = sleeper.watch.place
        with self._lock:
            others = self._sleepers.get(place, {})
            others.pop(sleeper, None)
            self._wake_first(place, others)
        if not others:
            self._bell.ring()

    def has_thread(self) -> bool:
        return self._thread is not None

    def close(self) -> None:
        """End the thread, which must not hold the lock when the interpreter goes."""
        with self._lock:
            self._is_over = True
        self._bell.ring()
        if self._thread is not None:
            self._thread.join()

    def _start(self) -> None:
        """A sub-interpreter may have no such thread, and nobody a new one at exit."""
        with contextlib.suppress(RuntimeError):
            thread = threading.Thread(target=self._run, name="memwell", daemon=True)
            thread.start()
            self._thread = thread

    def _run(self) -> None:
        next_round = 0.0
        while not self._is_over:
            bell, watches = self._watches()
            self._sleep(bell, watches)
            is_round = time.monotonic() >= next_round
            if is_round:
                next_round = time.monotonic() + SLICE
            self._wake(only_rung=not is_round)

    def _wake(self, *, only_rung: bool) -> None:
        with self._lock:
            for place, others in list(self._sleepers.items()):
                self._wake_first(place, others, only_rung=only_rung)

    def _wake_first(self, place: int, others: dict[Sleeper, None], *, only_rung: bool = False) -> None:
        first = self._first(others)
        if first is not None and (first.watch.rang or not only_rung) and not first.wake():
            others.pop(first, None)
        if not others:
            self._sleepers.pop(place, None)

    def _watches(self) -> "tuple[_Watch, list[_Watch]]":
        """What to sleep for: of each word, what the first of its sleepers has seen of it. The bell comes first, so that whoever
        comes after that rings it."""
        with self._lock:
            bell = self._bell._watch()
            firsts = [self._first(others) for others in list(self._sleepers.values())]
            return bell, [first.watch for first in firsts if first is not None]

    def _sleep(self, bell: "_Watch", watches: "list[_Watch]") -> None:
        """Until one has rung, or for a slice; for a part of it on each lot where there are more than the kernel takes at once."""
        size = _WATCH_MAX - 1
        lots = [watches[start : start + size] for start in range(0, len(watches), size)]
        if not lots:
            _watch_wait((bell,), None)
        for lot in lots:
            if _watch_wait((bell, *lot), SLICE / len(lots)):
                break

    @staticmethod
    def _first(others: dict[Sleeper, None]) -> Sleeper | None:
        return next((sleeper for sleeper in list(others) if sleeper.future is not None), None)


_dormitory = Dormitory()
os.register_at_fork(after_in_child=_dormitory.begin_anew)
atexit.register(_dormitory.close)


async def wait(member: "_Member", timeout: float | None) -> bool:
    """Take the mutex or a permit, or see the event set; False where `timeout` seconds passed first.

    Between a look that succeeds and the return there is no await: one that is cancelled holds nothing.
    """
    if member._try(None):
        return True
    now = asyncio.get_running_loop().time
    deadline = None if timeout is None else now() + timeout
    before = watch = member._watch()
    sleeper = _dormitory.enter(watch)
    try:
        # What came before the last watch counts as well: an event may have been set, and cleared again.
        while not member._try(before):
            left = None if deadline is None else deadline - now()
            if left is not None and left <= 0:
                return False
            await _sleep(sleeper, left)
            before, watch = watch, member._watch()
            _dormitory.again(sleeper, watch)
        return True
    finally:
        _dormitory.leave(sleeper)


async def _sleep(sleeper: Sleeper, left: float | None) -> None:
    if not _dormitory.has_thread():
        left = PAUSE if left is None else min(left, PAUSE)
    if sleeper.future is not None:
        await asyncio.wait({sleeper.future}, timeout=left)
