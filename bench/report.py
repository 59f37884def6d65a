"""What a run found: as a table for people, and as JSON lines to keep.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from contest import Goal, Outcome, Row, Spread
from death import Fate

UNITS = {"ns": 1.0, "us": 1e3, "ms": 1e6}
TIMES = ("median", "quartiles")
WAITING = ("waits", "CPU", "p50", "p99", "p99.9")
JUDGED = ("memwell / it", "quartiles", "goal", "reached")
DETAILS = tuple(name.lower() for name in WAITING[1:])

LEGEND = """\
Each round every contender takes its turn, and "memwell / it" is the median of the rounds' ratios: below 1, memwell is faster.
Half of all rounds lie between the quartiles. +-: the goal lies between them, so that another run may say otherwise.
Where somebody waits: how; CPU is what all processes together spend on one work; p50, p99 and p99.9 are those of single works in a
turn, which read the clock each, and of them the median of the rounds; where many want one lock, of every 64th acquire alone."""


@dataclass
class Run:
    """All of a run: the facts, by name, what became of each contest, and of those whose fellow was killed."""

    facts: dict[str, str]
    outcomes: list[Outcome]
    fates: list[Fate] = field(default_factory=list)

    def goals(self) -> list[tuple[Outcome, Row, Goal]]:
        return [(outcome, row, goal) for outcome in self.outcomes for row, goal in outcome.goals()]


# Figures -------------------------------------------------------------------------------------------------------------------------


def three_digits(figure: float) -> str:
    if figure >= 100:
        return f"{figure:.0f}"
    if figure < 0.005:
        return f"{figure:.1g}"
    return f"{figure:.1f}" if figure >= 10 else f"{figure:.2f}"


def time_text(time: float, unit: str) -> str:
    return f"{three_digits(time / UNITS[unit])} {unit}"


def quartiles_text(spread: Spread, scale: float = 1.0) -> str:
    return f"{three_digits(spread.low / scale)} .. {three_digits(spread.high / scale)}"


def ratio_text(ratio: float, row: Row) -> str:
    """With what a second run found, where that is something else."""
    return f"{three_digits(ratio)} x" + (f", noisy: {three_digits(row.again)} x" if row.again is not None and row.noisy else "")


def goal_text(outcome: Outcome, row: Row) -> str:
    if row.goal is None:
        return ""
    return f"<= {row.goal.at_most:g} x" if row.ratios else f"<= {row.goal.at_most / UNITS[outcome.unit]:g} {outcome.unit}"


def reached_text(goal: Goal | None) -> str:
    if goal is None:
        return ""
    return ("yes" if goal.reached else "no") + (" +-" if goal.close else "")


def somebody_waits(outcome: Outcome) -> bool:
    return any(row.waits for row in outcome.rows)


def headings(outcome: Outcome) -> tuple[str, ...]:
    return ("", *TIMES, *(WAITING if somebody_waits(outcome) else ()), *JUDGED)


def waiting(outcome: Outcome, row: Row) -> tuple[str, ...]:
    """How it waits, and what that costs."""
    figures = (row.details.get(name) for name in DETAILS)
    return (row.waits, *(time_text(Spread.of(found).median, outcome.unit) if found else "" for found in figures))


def cells(outcome: Outcome, row: Row) -> tuple[str, ...]:
    """One row of the table, as headings() says."""
    role = f" ({row.role})" if row.role in ("limit", "memwell in C") else ""
    if row.time is None:
        return (row.name + role, "absent", *[""] * (len(headings(outcome)) - 2))
    time = (time_text(row.time.median, outcome.unit), quartiles_text(row.time, UNITS[outcome.unit]))
    tail = waiting(outcome, row) if somebody_waits(outcome) else ()
    ratio = (ratio_text(row.ratio.median, row), quartiles_text(row.ratio)) if row.ratio else ("", "")
    return (row.name + role, *time, *tail, *ratio, goal_text(outcome, row), reached_text(row.goal))


# Deaths --------------------------------------------------------------------------------------------------------------------------

DEATH_HEADINGS = ("", "the others", "what was seen")


def fates_by_title(fates: Iterable[Fate]) -> Iterator[tuple[str, list[Fate]]]:
    """In the order in which they are."""
    for title, group in groupby(fates, key=lambda fate: fate.title):
        yield title, list(group)


def fate_cells(fate: Fate) -> tuple[str, str, str]:
    return (fate.name, "absent", fate.absent) if fate.absent else (fate.name, fate.verdict, fate.seen)


# The terminal --------------------------------------------------------------------------------------------------------------------


def show(outcomes: Iterable[Outcome]) -> None:
    """Print each contest as soon as it is over."""
    for outcome in outcomes:
        show_table(f"{outcome.target}  {outcome.title}", headings(outcome), [cells(outcome, row) for row in outcome.rows])
        for row in outcome.rows:
            if row.absent:
                print(f"absent: {row.name}: {row.absent}")


def show_deaths(fates: Iterable[Fate]) -> None:
    """What kill -9 of one does to the others, each kind as soon as it has been tried."""
    for title, group in fates_by_title(fates):
        show_table(title, DEATH_HEADINGS, [fate_cells(fate) for fate in group])


def show_left_out(titles: Sequence[str]) -> None:
    for title in titles:
        print(f"left out of a quick run: {title}")


def show_end(facts: Mapping[str, str]) -> None:
    """A word about the columns, and the facts."""
    print(LEGEND)
    print("; ".join(f"{name}: {fact}" for name, fact in facts.items()))


def show_table(title: str, head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    try:
        show_rich(title, head, rows)
    except ImportError:
        show_plain(title, head, rows)


STYLES = {"yes": "green", "no": "red", "recovers": "green", "loses": "red", "hangs": "red"}


def show_rich(title: str, head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(title=escape(title), title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for position, heading in enumerate(head):
        left = position in (0, len(head) - 1) or head == DEATH_HEADINGS
        table.add_column(heading, justify="left" if left else "right", overflow="fold")
    for row in rows:
        style = STYLES.get(row[1 if head == DEATH_HEADINGS else -1].removesuffix(" +-"), "")
        table.add_row(*map(escape, row), style=style)
    console = Console()
    if not console.is_terminal:
        console = Console(width=160)
    console.print(table)


def show_plain(title: str, head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    print(title)
    table = [head, *rows]
    widths = [max(len(row[i]) for row in table) for i in range(len(head))]
    for row in table:
        print("  ", row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)))
    print()


# JSON lines ----------------------------------------------------------------------------------------------------------------------


def rounded(value: Any) -> Any:
    """Four digits are more than any figure here is good for."""
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, dict):
        return {key: rounded(part) for key, part in value.items()}
    if isinstance(value, list):
        return [rounded(part) for part in value]
    return value


def json_lines(run: Run) -> Iterator[str]:
    yield json.dumps({"kind": "facts", **run.facts})
    for outcome in run.outcomes:
        yield json.dumps({"kind": "contest", **data_of(outcome)})
    for fate in run.fates:
        yield json.dumps({"kind": "death", **asdict(fate)})


def keep(run: Run, path: Path) -> None:
    path.write_text("".join(line + "\n" for line in json_lines(run)))


def row_from(data: dict[str, Any]) -> Row:
    goal = data.pop("goal")
    return Row(**data, goal=Goal(**goal) if goal else None)


def data_of(outcome: Outcome) -> dict[str, Any]:
    """What a contest has nothing to say about is left out."""
    data: dict[str, Any] = rounded(asdict(outcome))
    for row in data["rows"]:
        for name in ("waits", "details", "again"):
            if not row[name]:
                del row[name]
    return data


def outcome_from(data: dict[str, Any]) -> Outcome:
    return Outcome(**{**data, "rows": [row_from(row) for row in data["rows"]]})


def kept(path: Path) -> Run:
    """The run that keep() wrote."""
    run = Run({}, [])
    for line in path.read_text().splitlines():
        data = json.loads(line)
        kind = data.pop("kind")
        if kind == "facts":
            run.facts = data
        elif kind == "death":
            run.fates.append(Fate(**data))
        else:
            run.outcomes.append(outcome_from(data))
    return run
