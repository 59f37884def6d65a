"""Processes that all want one lock, as in lock_contests.c: they begin at a gate, and go on until all together have had n turns, so
that as many want the lock in the end as did in the beginning. The main entry is contend.

What they have in common is a well with the gate, an event, and the board:

    board    [ turns so far | when the first began | when the last ended ]     changed by who has the lock

Times are those of CLOCK_MONOTONIC, in nanoseconds. partner_crowd.lua is a member in Lua.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter_ns, process_time_ns
from typing import Any, Protocol

from figures import figures
from program import Program

from memwell import Event, View, Well

TURNS, BEGAN, ENDED = range(3)
TIMED_ONE_IN = 64

Turn = Callable[[], object]


@dataclass(frozen=True)
class Score:
    """What a member has done: turns, nanoseconds on a processor, and how long it waited for the lock in some of the turns."""

    turns: int
    cpu: int
    waits: Sequence[int]


@dataclass(frozen=True)
class Place:
    """Where they meet."""

    gate: Event
    board: View

    @staticmethod
    def within(well: Well) -> Place:
        return Place(well.event("gate"), well.array("board", "int64", 3))


def compete(place: Place, take: Turn, give: Turn, n: int) -> Score:
    """A member's part."""
    board, waits, turns = place.board, [], 0
    place.gate.wait()
    cpu = process_time_ns()
    while True:
        if turns % TIMED_ONE_IN == 0:
            before = perf_counter_ns()
            take()
            waits.append(perf_counter_ns() - before)
        else:
            take()
        had = board[TURNS]
        if had == n:
            break
        if had == 0:
            board[BEGAN] = perf_counter_ns()
        board[TURNS] = had + 1
        if had + 1 == n:
            board[ENDED] = perf_counter_ns()
        give()
        turns += 1
    give()
    return Score(turns, process_time_ns() - cpu, waits)


class Member(Protocol):
    """A process that competes."""

    def begin(self, n: int) -> None:
        """Send it to the gate."""

    def end(self) -> Score:
        """Wait until it is through."""


class ForkedMember:
    """A child of this process, for a lock that it inherits."""

    context = multiprocessing.get_context("fork")

    def __init__(self, place: Place, take: Turn, give: Turn) -> None:
        self.place, self.take, self.give = place, take, give

    def begin(self, n: int) -> None:
        self.line, theirs = self.context.Pipe(duplex=False)
        self.process = self.context.Process(target=self.play, args=(theirs, n), daemon=True)
        self.process.start()
        theirs.close()

    def play(self, line: Any, n: int) -> None:
        line.send(compete(self.place, self.take, self.give, n))

    def end(self) -> Score:
        score: Score = self.line.recv()
        self.line.close()
        self.process.join()
        return score


class ProgramMember(Program):
    """Another program; it stays."""

    def begin(self, n: int) -> None:
        self.tell(str(n))

    def end(self) -> Score:
        turns, cpu, *waits = map(int, self.hear().split())
        return Score(turns, cpu, waits)


def contend(place: Place, members: Sequence[Member], n: int) -> str:
    """Let them have n turns between them; what a work returns."""
    place.gate.clear()
    place.board.fill(0)
    for member in members:
        member.begin(n)
    place.gate.set()
    scores = [member.end() for member in members]
    if sum(score.turns for score in scores) != n:
        raise RuntimeError("the lock does not exclude")
    cpu = sum(score.cpu for score in scores) / n
    return figures(place.board[ENDED] - place.board[BEGAN], cpu, [wait for score in scores for wait in score.waits])
