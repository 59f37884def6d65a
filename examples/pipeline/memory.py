"""A job's memory, in one of two shapes: regions and semaphores, each with a name of its own, or one well with everything in it.

The coordinator makes it, the workers attach to it, and both see the same: arrays by name, bells to ring, a place for each worker's
answer, and who has died. What is in the arrays is the same too (layout.py).
"""

# SPDX-License-Identifier: MIT
import math
import os
from contextlib import ExitStack
from typing import NamedTuple, Protocol, Self

from layout import TICK
from names import BOARD, WELL, claim, claim_well

from memwell import Region, Semaphore, View, Well

TABLES = 65536  # bytes of a well for its own tables, beside those that grow with the workers
LOOK = 0.05  # seconds between two looks whether somebody has died


class Bell(Protocol):
    """Wakes whoever sleeps on it. Who has woken looks at the memory to see what is to be done, so a ring too many does no harm."""

    @property
    def closed(self) -> bool: ...
    def release(self) -> None: ...
    def acquire(self, timeout: float | None = None) -> bool: ...
    def close(self) -> None: ...


class EventBell:
    """An event of a well with the calls of a semaphore. It is cleared before anybody looks, so that no ring is lost."""

    def __init__(self, well: Well, name: str) -> None:
        self.well = well
        self.event = well.event(name)

    @property
    def closed(self) -> bool:
        return self.well.closed

    def release(self) -> None:
        self.event.set()

    def acquire(self, timeout: float | None = None) -> bool:
        rung = self.event.wait(timeout)
        if rung:
            self.event.clear()
        return rung

    def close(self) -> None:
        """Nothing to do: it ends with the well."""


class Room(NamedTuple):
    """Where a worker writes its answer: so many bytes from `offset` on in a region."""

    region: Region
    offset: int
    size: int


class Apart:
    """Regions and semaphores: JOB.board, JOB.mail, JOB.go.3 and so on."""

    patience = TICK  # a thread of the coordinator rings when a worker has died
    largest_answer = None  # a worker's room grows when it has to

    def __init__(self, fields: int) -> None:
        self.job, board = claim(8 * fields)
        self.board = board.view("int64")
        self.name, self.watched = self.job, self.job + BOARD
        self._stack = ExitStack()
        self._stack.enter_context(board)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def array(self, name: str, dtype: str, *shape: int) -> View:
        size = math.prod(shape) * (8 if dtype == "int64" else 1)
        return self._stack.enter_context(Region.create(f"{self.job}.{name}", size, temporary=True)).view(dtype, shape)

    def bell(self, name: str) -> Bell:
        bell = Semaphore.create(f"{self.job}.{name}", temporary=True)
        self._stack.callback(bell.close)
        return bell

    def room(self, name: str, size: int) -> Room:
        return Room(self.array(name, "uint8", size).region, 0, size)

    def enlarge(self, room: Room, size: int) -> Room:
        room.region.resize(size)
        return room._replace(size=size)

    def living(self) -> set[int] | None:
        """Nothing here knows who lives."""
        return None


class Together:
    """One well, JOB.well. Whoever dies in it is seen to be dead by all."""

    patience = LOOK

    def __init__(self, fields: int, workers: int, tables: int, largest_answer: int) -> None:
        size = TABLES + 8 * fields + tables + workers * (largest_answer + 2048)
        self.job, self.well, self._claimed = claim_well(size, slots=min(256, 2 * workers + 16), objects=2 * workers + 16)
        self.largest_answer: int | None = largest_answer
        self.name = self.watched = self.job + WELL
        self.board = self.well.array("board", "int64", fields)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._claimed.release()
        self.well.close()

    def array(self, name: str, dtype: str, *shape: int) -> View:
        return self.well.array(name, dtype, shape)

    def bell(self, name: str) -> Bell:
        bell = EventBell(self.well, name)
        bell.event.clear()
        return bell

    def room(self, name: str, size: int) -> Room:
        array = self.well.array(name, "uint8", size)
        return Room(self.well.region, array.offset, size)

    def enlarge(self, room: Room, size: int) -> Room:
        raise MemoryError(f"{size} bytes where {room.size} were to be enough")

    def living(self) -> set[int] | None:
        """The processes that are attached and alive."""
        states = [(one.pid, one.state) for one in self.well.participants()]
        if any(state == "dead" for _, state in states):
            self.well.reap()
        return {pid for pid, state in states if state != "dead"}


class Attached:
    """The worker's side of either."""

    def __init__(self, name: str, stack: ExitStack) -> None:
        self._name = name
        self._stack = stack
        self._well: Well | None = None
        if name.endswith(WELL):
            self._well = stack.enter_context(Well.attach(name))

    def rows(self, name: str, fields: int) -> View:
        """An array of int64 with so many fields in each row."""
        if self._well is not None:
            return self._well.array(name)
        region = self._region(name)
        return region.view("int64", (region.size // (8 * fields), fields))

    def bytes(self, name: str) -> View:
        return self._well.array(name) if self._well is not None else self._region(name).view()

    def bell(self, name: str) -> Bell:
        if self._well is not None:
            return EventBell(self._well, name)
        bell = Semaphore.attach(f"{self._name}.{name}")
        self._stack.callback(bell.close)
        return bell

    def room(self, name: str) -> Room:
        if self._well is not None:
            array = self._well.array(name)
            return Room(self._well.region, array.offset, array.nbytes)
        region = self._region(name)
        return Room(region, 0, region.size)

    def has(self, coordinator: int) -> bool:
        """Whether the coordinator lives. Where there is no well to ask, its children have another parent when it is gone."""
        if self._well is None:
            return os.getppid() == coordinator
        return any(one.pid == coordinator and one.state != "dead" for one in self._well.participants())

    def _region(self, name: str) -> Region:
        return self._stack.enter_context(Region.attach(f"{self._name}.{name}"))
