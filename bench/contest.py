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
    waits     where somebody waits: how, "spins" or "sleeps", say
    """

    name: str
    role: Role
    worker: str
    work: str
    at_most: float | None = None
    why: str = ""
    waits: str = ""


@dataclass(frozen=True)
class Contest:
    """One work.

    at_most, why   a goal for memwell's own time, in nanoseconds, and as with a contender
    repetitions    how often the work is done in a turn of a full slice; None: as often as fits into a slice
    slices         a turn takes so many slices, where one says too little
    rounds         at most so many, where a turn takes long; None: as many as the run has
    long           a quick run leaves it out: a turn takes long, however short the slice
    """

    target: str
    title: str
    unit: Literal["ns", "us", "ms"]
    ours: Contender
    rivals: tuple[Contender, ...]
    at_most: float | None = None
    why: str = ""
    repetitions: int | None = None
    slices: int = 1
    rounds: int | None = None
    long: bool = False


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
    waits: str = ""  # how
    details: dict[str, list[float]] = field(default_factory=dict)  # what a worker says beside its time, round by round
    again: float | None = None  # the median ratio of a second run, where there was one

    @property
    def noisy(self) -> bool:
        """The second run did not find what the first did."""
        return self.again is not None and self.ratio is not None and not self.ratio.low <= self.again <= self.ratio.high

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

    A contest whose turns take long, however short the slice, is played for at most `few` rounds.

    With a contest, and after so many rounds of a batch, all processes start anew, because where the loader and the allocator happen
    to put things makes a difference of several per cent, for as long as a process lives. Without a batch they stay all the time.
    """

    rounds: int
    slice: int
    batch: int | None
    few: int

    def begins_batch(self, turn: int) -> bool:
        return turn % self.batch == 0 if self.batch else turn == 0

    def repetitions_of(self, contest: Contest) -> int | None:
        share = min(self.slice / FULL_SLICE, 1)
        return contest.repetitions and max(round(contest.repetitions * share), 1)

    def rounds_of(self, contest: Contest) -> int:
        return min(self.rounds, self.few, contest.rounds) if contest.rounds else self.rounds


FULL_SLICE = 5_000_000


class AbsentError(Exception):
    """A contender cannot take part; the text says why."""


@dataclass(frozen=True)
class Turn:
    """What a worker says after a turn: how many nanoseconds it took; and where several processes take part, nanoseconds for one
    work each, "cpu" (of all processes together), "p50", "p99" and "p99.9"."""

    time: int
    details: dict[str, float] = field(default_factory=dict)


class Stage(Protocol):
    """Where the contenders are: workers.Crew."""

    def ask(self, contender: Contender, n: int) -> Turn:
        """Have a contender do its work n times. Raises AbsentError."""

    def renew(self) -> None:
        """Start all processes anew."""


def repetitions_in(slice: int, stage: Stage, contender: Contender) -> int:
    """How often a contender does its work in so many nanoseconds. Finding out warms it up, too."""
    n = 1
    while True:
        time = stage.ask(contender, n).time
        if time >= slice // 4 or n >= 1 << 40:
            return max(round(n * slice / max(time, 1)), 1)
        n *= 8


@dataclass
class Record:
    """What became of one contender, round by round."""

    times: list[float] = field(default_factory=list)
    details: dict[str, list[float]] = field(default_factory=dict)
    absent: str = ""

    def note(self, turn: Turn, n: int) -> None:
        self.times.append(turn.time / n)
        for name, figure in turn.details.items():
            self.details.setdefault(name, []).append(figure)

    def row(self, contender: Contender, ratios: list[float], goal: Goal | None) -> Row:
        return Row(contender.name, contender.role, self.times, ratios, goal, self.absent, contender.waits, self.details)


def play_rounds(contest: Contest, stage: Stage, pace: Pace) -> dict[str, Record]:
    """What everybody did, by name. Who begins a round changes from round to round."""
    contenders = [contest.ours, *contest.rivals]
    counts: dict[str, int] = {}
    records = {contender.name: Record() for contender in contenders}

    def attempt(contender: Contender, step: Callable[[Contender], None]) -> None:
        if not records[contender.name].absent:
            try:
                step(contender)
            except AbsentError as problem:
                records[contender.name] = Record(absent=str(problem))

    def warm_up(contender: Contender) -> None:
        stage.ask(contender, 1)
        if contender.name not in counts:
            counts[contender.name] = pace.repetitions_of(contest) or repetitions_in(pace.slice * contest.slices, stage, contender)

    def take_turn(contender: Contender) -> None:
        n = counts[contender.name]
        records[contender.name].note(stage.ask(contender, n), n)

    for turn in range(pace.rounds_of(contest)):
        if pace.begins_batch(turn):
            if pace.batch:
                stage.renew()
            for contender in contenders:
                attempt(contender, warm_up)
                if records[contest.ours.name].absent:
                    return records  # there is nothing to compare with
        first = turn % len(contenders)
        for contender in [*contenders[first:], *contenders[:first]]:
            attempt(contender, take_turn)
    return records


def judge(at_most: float | None, figures: Sequence[float]) -> Goal | None:
    if at_most is None or not figures:
        return None
    spread = Spread.of(figures)
    return Goal(at_most, spread.median, spread.median <= at_most, spread.low <= at_most <= spread.high)


def play(subject: str, contest: Contest, stage: Stage, pace: Pace) -> Outcome:
    """Have all contenders of a contest take turns, and compare."""
    records = play_rounds(contest, stage, pace)
    ours = records[contest.ours.name]
    rows = [ours.row(contest.ours, [], judge(contest.at_most, ours.times))]
    if ours.absent:
        return Outcome(subject, contest.target, contest.title, contest.unit, rows)
    for rival in contest.rivals:
        theirs = records[rival.name]
        ratios = [our / their for our, their in zip(ours.times, theirs.times, strict=False)]
        rows.append(theirs.row(rival, ratios, judge(rival.at_most, ratios)))
    return Outcome(subject, contest.target, contest.title, contest.unit, rows)
