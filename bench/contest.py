"""What is compared with what, and how: contenders take turns, round after round, and each round gives a ratio of its own.

A contest is one work, done by memwell, by its peers, and by the limit: the same work in bare C. The machine may be busy with other
things for a while, but then it is for all of a round; so the median of the rounds' ratios holds where times do not. The main entry
is play.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

Role = Literal["memwell", "limit", "peer", "memwell in C"]


@dataclass(frozen=True)
class Contender:
    """Somebody who does the work: `work` of the process that `worker` names (see workers.py).

    at_most   the goal: memwell's time divided by this one's is no more than that
    why       where the goal is missed: why, in figures; for docs/performance.md
    """

    name: str
    role: Role
    worker: str
    work: str
    at_most: float | None = None
    why: str = ""


@dataclass(frozen=True)
class Contest:
    """One work.

    at_most, why   a goal for memwell's own time, in nanoseconds, and as with a contender
    repetitions    how often the work is done in a turn; None: as often as fits into a slice
    rounds         at most so many, where a turn takes long; None: as many as the run has
    """

    target: str
    title: str
    unit: Literal["ns", "us", "ms"]
    ours: Contender
    rivals: tuple[Contender, ...]
    at_most: float | None = None
    why: str = ""
    repetitions: int | None = None
    rounds: int | None = None


@dataclass(frozen=True)
class Spread:
    """The median of some figures, their quartiles, and the least and the most of them."""

    median: float
    low: float
    high: float
    least: float
    most: float

    @staticmethod
    def of(figures: Sequence[float]) -> Spread:
        low, median, high = statistics.quantiles(figures, n=4, method="inclusive") if len(figures) > 1 else [figures[0]] * 3
        return Spread(median, low, high, min(figures), max(figures))


@dataclass(frozen=True)
class Goal:
    """What was to be reached, and what was: memwell's time over the rival's, or memwell's time in nanoseconds."""

    at_most: float
    figure: float
    reached: bool
    close: bool  # the goal lies within the quartiles: another run may say otherwise


@dataclass(frozen=True)
class Row:
    """What became of one contender. Times are nanoseconds for one work, one for each round; none where it could not take part."""

    name: str
    role: Role
    times: list[float]
    ratios: list[float] = field(default_factory=list)  # memwell's time over this one's, round by round
    goal: Goal | None = None
    absent: str = ""  # why it did not take part

    @property
    def time(self) -> Spread | None:
        return Spread.of(self.times) if self.times else None

    @property
    def ratio(self) -> Spread | None:
        return Spread.of(self.ratios) if self.ratios else None


@dataclass(frozen=True)
class Outcome:
    """What became of one contest; the first row is memwell's."""

    subject: str
    target: str
    title: str
    unit: Literal["ns", "us", "ms"]
    rows: list[Row]

    def goals(self) -> list[tuple[Row, Goal]]:
        return [(row, row.goal) for row in self.rows if row.goal]


@dataclass(frozen=True)
class Pace:
    """How long to look: so many rounds, and in each so many nanoseconds for each contender. Many short turns do better than a few
    long ones: most of them pass between two interruptions by others.

    After so many rounds of a batch all processes start anew, because where the loader and the allocator happen to put things makes
    a difference of several per cent, for as long as a process lives.
    """

    rounds: int
    slice: int
    batch: int


class AbsentError(Exception):
    """A contender cannot take part; the text says why."""


class Stage(Protocol):
    """Where the contenders are: workers.Crew."""

    def ask(self, contender: Contender, n: int) -> int:
        """Have a contender do its work n times: how many nanoseconds that took. Raises AbsentError."""

    def renew(self) -> None:
        """Start all processes anew."""


def repetitions_in(slice: int, stage: Stage, contender: Contender) -> int:
    """How often a contender does its work in so many nanoseconds. Finding out warms it up, too."""
    n = 1
    while True:
        time = stage.ask(contender, n)
        if time >= slice // 4 or n >= 1 << 40:
            return max(round(n * slice / max(time, 1)), 1)
        n *= 8


def play_rounds(contest: Contest, stage: Stage, pace: Pace) -> tuple[dict[str, list[float]], dict[str, str]]:
    """Everybody's times, by name, and why some are absent. Who begins a round changes from round to round."""
    contenders = [contest.ours, *contest.rivals]
    counts: dict[str, int] = {}
    absent: dict[str, str] = {}
    times: dict[str, list[float]] = {contender.name: [] for contender in contenders}

    def attempt(contender: Contender, step: Callable[[Contender], None]) -> None:
        if contender.name not in absent:
            try:
                step(contender)
            except AbsentError as problem:
                absent[contender.name] = str(problem)
                times[contender.name] = []

    def warm_up(contender: Contender) -> None:
        stage.ask(contender, 1)
        if contender.name not in counts:
            counts[contender.name] = contest.repetitions or repetitions_in(pace.slice, stage, contender)

    def take_turn(contender: Contender) -> None:
        n = counts[contender.name]
        times[contender.name].append(stage.ask(contender, n) / n)

    for turn in range(min(pace.rounds, contest.rounds or pace.rounds)):
        if turn % pace.batch == 0:
            stage.renew()
            for contender in contenders:
                attempt(contender, warm_up)
                if contest.ours.name in absent:
                    return times, absent  # there is nothing to compare with
        first = turn % len(contenders)
        for contender in [*contenders[first:], *contenders[:first]]:
            attempt(contender, take_turn)
    return times, absent


def judge(at_most: float | None, figures: Sequence[float]) -> Goal | None:
    if at_most is None or not figures:
        return None
    spread = Spread.of(figures)
    return Goal(at_most, spread.median, spread.median <= at_most, spread.low <= at_most <= spread.high)


def play(subject: str, contest: Contest, stage: Stage, pace: Pace) -> Outcome:
    """Have all contenders of a contest take turns, and compare."""
    times, absent = play_rounds(contest, stage, pace)
    ours = times[contest.ours.name]
    goal = judge(contest.at_most, ours)
    rows = [Row(contest.ours.name, contest.ours.role, ours, goal=goal, absent=absent.get(contest.ours.name, ""))]
    if rows[0].absent:
        return Outcome(subject, contest.target, contest.title, contest.unit, rows)
    for rival in contest.rivals:
        theirs = times[rival.name]
        ratios = [our / their for our, their in zip(ours, theirs, strict=False)]
        goal = judge(rival.at_most, ratios)
        rows.append(Row(rival.name, rival.role, theirs, ratios, goal, absent.get(rival.name, "")))
    return Outcome(subject, contest.target, contest.title, contest.unit, rows)
