"""One well between two: arrays, turns, permits, events; and what the one that is killed leaves to the other.

Main entries: first, second, holder, heir.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

from dataclasses import dataclass

from memwell import Event, Mutex, OwnerDiedError, RobustSemaphore, View, Well

SIZE, ROWS, COLUMNS, PERMITS = 65536, 3, 4, 3
PATIENCE = 60.0
"""Seconds: only a peer that died is waited for so long."""


@dataclass
class Parts:
    well: Well
    grid: View
    counts: View
    turn: Mutex
    permits: RobustSemaphore
    ping: Event
    pong: Event

    def close(self) -> None:
        self.well.check()
        self.well.close()


# ---- finding, or creating


def parts_of(well: Well) -> Parts:
    grid, counts = well.array("grid", "float64", (ROWS, COLUMNS)), well.array("counts", "int64", 2)
    return Parts(well, grid, counts, well.mutex("turn"), well.semaphore("permits", PERMITS), well.event("ping"), well.event("pong"))


def create(name: str) -> Parts:
    return parts_of(Well.create(name, SIZE))


def attach(name: str) -> Parts:
    return parts_of(Well.attach(name, timeout=PATIENCE))


# ---- its objects


def answer_grid(grid: View, wanted_sign: int, sign: int) -> None:
    """Each cell has the other side's number; leave one of our own."""
    for row in range(ROWS):
        for column in range(COLUMNS):
            number = row * COLUMNS + column + 0.5
            if grid[row, column] != wanted_sign * number:
                raise SystemExit(f"grid {row} {column}: {grid[row, column]}")
            grid[row, column] = sign * number


def take_turns(own: Parts, count: int) -> None:
    counts = own.counts
    for _ in range(count):
        with own.turn:
            if counts[0] != counts[1]:
                raise SystemExit(f"two have the turn: {counts[0]}, {counts[1]}")
            counts[0] += 1
            counts[1] += 1


def expect(event: Event) -> None:
    """Wait until it is set, and clear it."""
    if not event.wait(PATIENCE):
        raise SystemExit(f"{event.name} was not set in time")
    event.clear()


def expect_value(permits: RobustSemaphore, wanted: int) -> None:
    if permits.value != wanted:
        raise SystemExit(f"permits: {permits.value} free instead of {wanted}")


def print_objects(well: Well) -> None:
    """What the well says that it has, but for what may change at any moment."""
    for info in sorted(well.objects(), key=lambda info: info.name):
        words = [info.name, info.kind, info.offset, info.size, info.dtype or info.capacity, *(info.shape or ())]
        print(*(word for word in words if word is not None))


# ---- two that live


def first(name: str, count: int) -> None:
    own = create(name)
    answer_grid(own.grid, 0, 1)
    print("ready", flush=True)
    expect(own.pong)
    answer_grid(own.grid, -1, 1)
    take_turns(own, count)
    for _ in range(count):
        own.ping.set()
        expect(own.pong)
    if own.counts[0] != 2 * count:
        raise SystemExit(f"{own.counts[0]} turns")
    if not (own.permits.acquire(0) and own.permits.acquire(0)):
        raise SystemExit("no permits")
    own.ping.set()
    expect(own.pong)
    expect_value(own.permits, 1)
    own.permits.release(2)
    print_objects(own.well)
    own.close()
    Well.unlink(name)


def second(name: str, count: int) -> None:
    own = attach(name)
    answer_grid(own.grid, 1, -1)
    own.pong.set()
    take_turns(own, count)
    for _ in range(count):
        expect(own.ping)
        own.pong.set()
    expect(own.ping)
    expect_value(own.permits, 1)
    if not own.permits.acquire(0) or own.permits.acquire(0):
        raise SystemExit("not one permit was left")
    own.permits.release()
    print("ready")
    print_objects(own.well)
    own.pong.set()
    own.close()


# ---- one that is killed, and one that comes after it


def holder(name: str) -> None:
    own = create(name)
    if not (own.turn.acquire(0) and own.permits.acquire(0) and own.permits.acquire(0)):
        raise SystemExit("no turn, or no permits")
    own.counts[0] = 1
    print("holding", flush=True)
    expect(own.ping)


def print_others(well: Well) -> None:
    for participant in well.participants():
        if not participant.self:
            print(f"slot {participant.slot} {participant.state}:", *sorted(participant.holds), flush=True)


def print_turn(turn: Mutex, timeout: float) -> None:
    try:
        acquired = turn.acquire(timeout)
    except OwnerDiedError:
        print("turn: its owner died")
        return
    print("turn: acquired" if acquired else "turn: it did not come")


def give_recovery_up(turn: Mutex) -> None:
    try:
        with turn.recovering():
            raise InterruptedError
    except InterruptedError:
        pass


def heir(name: str) -> None:
    own = attach(name)
    expect_value(own.permits, 1)
    print_others(own.well)
    print_turn(own.turn, PATIENCE)
    permits = 0
    while own.permits.acquire(0):
        permits += 1
    print(f"permits: {permits}")
    own.permits.release(permits)
    give_recovery_up(own.turn)
    print_turn(own.turn, 0)
    with own.turn.recovering():
        own.counts[1] = own.counts[0]
    print_turn(own.turn, 0)
    print(f"counts: {own.counts[0]} {own.counts[1]}")
    own.turn.release()
    own.close()
    Well.unlink(name)
