"""One of a crew that works on one well until it is killed, or until the well's event "closing" is set. crew.lua and crew.c are the
same program.

    crew.py NAME PLACE LIFE SEED    prints "working" when it has done its first act

The well NAME has a mutex "turn" before the arrays "ledger", "journal" and "inside"; the semaphore "permits"; the events "bell" and
"closing". Besides there is the region NAME-notes, of int64, in which the crew says what the well cannot know: for each place the
number of the acquisition by which its worker has a permit, or 0; then whether he is about to be killed, or was; then how many acts
were done there; and at last how often "turn" was mended. PLACE counts from 0. No two workers ever have the same LIFE.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from memwell import FullError, OwnerDiedError, Region, View, Well

WORKERS, ACCOUNTS, TOTAL, PERMITS = 6, 8, 800, 3
DOOMED, ACTS, MENDED = WORKERS, 2 * WORKERS, 3 * WORKERS
"""Places of the notes."""
PATIENCE = 60.0
"""Seconds: longer than anything takes that works, however busy the machine is."""


class GivenUp(Exception):
    """A mending that was not done to its end."""


def expect(condition: bool, *what: object) -> None:
    if not condition:
        raise SystemExit(" ".join(map(str, what)))


class Worker:
    def __init__(self, name: str, notes: View, place: int, life: int) -> None:
        self.name, self.notes, self.place, self.life, self.acquisitions = name, notes, place, life, 0
        self.attach()

    def attach(self) -> None:
        self.well = well = Well.attach(self.name)
        self.ledger, self.journal, self.inside = well.array("ledger"), well.array("journal"), well.array("inside")
        self.turn = well.mutex("turn", create=False)
        self.turn_that_mends = well.mutex("turn", recover=self.mend, create=False)
        self.permits = well.semaphore("permits", create=False)
        self.bell, self.closing = well.event("bell", create=False), well.event("closing", create=False)

    # ---- the ledger

    def mend(self) -> None:
        """Undo the transfer that the dead has begun. It may be done twice."""
        if random.randrange(4) == 0:
            raise GivenUp
        self.inside[0] = self.life
        if self.journal[0]:
            self.ledger[self.journal[1]] = self.journal[2]
            self.ledger[self.journal[3]] = self.journal[4]
        self.journal[0] = 0
        self.notes[MENDED] += 1
        self.leave()

    def leave(self) -> None:
        expect(self.inside[0] == self.life, "two have the turn:", self.inside[0], self.life)
        self.inside[0] = 0

    def enter(self) -> None:
        expect(self.inside[0] == 0, "two have the turn:", self.inside[0], self.life)
        self.inside[0] = self.life
        expect(self.ledger.sum() == TOTAL, "units were lost or made:", self.ledger.sum())

    def move(self) -> None:
        """One unit. Whoever is killed before the end of it is undone."""
        source, target = random.sample(range(ACCOUNTS), 2)
        for place, value in enumerate((source, self.ledger[source], target, self.ledger[target]), 1):
            self.journal[place] = value
        self.journal[0] = 1
        self.ledger[source] -= 1
        self.ledger[target] += 1
        self.journal[0] = 0

    def transfer(self) -> None:
        self.enter()
        for _ in range(random.randrange(60)):
            self.move()
        self.leave()

    def use_turn(self) -> None:
        try:
            expect(self.turn.acquire(PATIENCE), "the turn did not come")
        except OwnerDiedError:
            with self.turn.recovering(PATIENCE):
                self.mend()
        else:
            self.transfer()
            self.turn.release()

    def use_turn_that_mends(self) -> None:
        expect(self.turn_that_mends.acquire(PATIENCE), "the turn did not come")
        self.transfer()
        self.turn_that_mends.release()

    # ---- permits

    def acquisition_of(self, place: int) -> int:
        return int(self.notes[place])

    def is_doomed(self, place: int) -> bool:
        return bool(self.notes[DOOMED + place])

    def count_holders(self) -> int:
        """How many surely had one at the same moment: when the first look was over. Who is doomed does not count, for others may
        have his permit before anybody has cleared his note."""
        places = range(WORKERS)
        first = [self.acquisition_of(place) for place in places]
        lives = [not self.is_doomed(place) for place in places]
        return sum(lives[place] and first[place] == self.acquisition_of(place) != 0 for place in places)

    @contextmanager
    def noted(self) -> Iterator[None]:
        self.acquisitions += 1
        self.notes[self.place] = self.life << 32 | self.acquisitions
        yield
        self.notes[self.place] = 0

    def use_permit(self) -> None:
        expect(self.permits.acquire(PATIENCE), "no permit came")
        with self.noted():
            for _ in range(random.randrange(20)):
                expect(self.count_holders() <= PERMITS, self.count_holders(), "have a permit")
        self.permits.release()

    def use_all_permits(self) -> None:
        count = 0
        while self.permits.acquire(0):
            count += 1
        expect(count <= PERMITS, count, "permits")
        if count:
            self.permits.release(count)

    # ---- the rest

    def use_bell(self) -> None:
        random.choice((self.bell.set, self.bell.clear, lambda: self.bell.wait(0.0005)))()

    def make(self, name: str) -> None:
        random.choice(
            (
                lambda: self.well.array(name, "uint8", 1000),
                lambda: self.well.mutex(name),
                lambda: self.well.semaphore(name, 20),
                lambda: self.well.event(name),
            )
        )()

    def use_own_object(self) -> None:
        """A name of our own; what one who had this place before has left under it goes first."""
        name = f"own-{self.place}"
        with suppress(KeyError):
            self.well.delete(name)
        try:
            self.make(name)
        except FullError:  # what was deleted keeps its memory while those live who were there
            return
        self.well.delete(name)

    def attach_anew(self) -> None:
        self.well.close()
        self.attach()

    def look(self) -> None:
        self.well.reap()
        self.well.check()

    def work(self) -> None:
        often = (self.use_turn, self.use_turn_that_mends, self.use_permit, self.use_permit)
        acts: tuple[Callable[[], None], ...] = (
            *often,
            self.use_all_permits,
            self.use_bell,
            self.use_own_object,
            self.attach_anew,
            self.look,
        )
        said = False
        while not self.closing.is_set():
            with suppress(GivenUp):
                random.choice(acts)()
            self.notes[ACTS + self.place] += 1
            if not said:
                print("working", flush=True)
                said = True


def main() -> None:
    name, place, life, seed = sys.argv[1], *map(int, sys.argv[2:])
    random.seed(seed)
    with Region.attach(f"{name}-notes") as region:
        worker = Worker(name, region.view("int64"), place, life)
        worker.work()
        worker.well.close()


if __name__ == "__main__":
    main()
