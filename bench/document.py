"""Writes docs/performance.md, and the figures in docs/kinds.md, from a run that was kept. Nobody edits these: change this file, or
run the benchmarks again.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from contest import Contest, Goal, Outcome, Row
from death import Fate
from report import (
    DEATH_HEADINGS,
    UNITS,
    Run,
    cells,
    fate_cells,
    fates_by_title,
    goal_text,
    headings,
    quartiles_text,
    ratio_text,
    reached_text,
    three_digits,
    time_text,
)

HEAD = """\
# Performance

<!-- Written by `make bench-keep` from bench/results.jsonl and bench/again.jsonl; change bench/document.py, not this page. -->

How memwell stands beside what one would use instead, and beside **the limit**: the same work in bare C, without a binding and
without a check. `make bench` measures it all again on your machine in some minutes, and `make bench-quick` the
short contests in under two, once everything is built.

## How it is measured

- A contest is one work, done by memwell, by its peers and by the limit. They take turns, A B C, B C A, ..., round after round, and
  each round gives a ratio: memwell's time over the other's. **Below 1, memwell is faster.** What is printed is the median of those
  ratios with its quartiles. A machine that gets slower for a while slows down a whole round; times drift, ratios hold.
- Who loses is printed like who wins.
- C, Python and Lua run in processes of their own that measure themselves for some milliseconds in a turn, by the time that the
  thread had on a processor, system calls included. Nobody waits in most contests, so that this is the time on the wall where the
  machine has nothing else to do, and what others do meanwhile does not count where it has.
- Where two processes take part (ping-pong, handing over), and where many want one lock, it is the time on the wall. The table then
  says how each waits, what all processes together spend on a processor for one work, and the 50th, 99th and 99.9th percentile of
  works that were timed one by one; of a lock, how long it took to be had. What is handed over is all written before and all read
  after, and found right. Who had a lock has counted it, so that one that lets two in has no figure.
- Python's statements are unrolled, so that the loop costs next to nothing; in Lua the loop is a part of the figure, for everybody.
  Python's collector of cycles is off meanwhile, as in `timeit`.
- Every twelve rounds all processes start anew: where the loader and the allocator happen to put things makes a difference of some
  per cent that lasts as long as a process.
- Nothing is taken off a figure: no empty loop, no empty call.
- An element is one of 1,000 in memory that is mapped and touched already; in bulk, of a million (8 MB).
"""

MISSED = """\
## Goals that were missed, and why
"""

DEATHS = """\
## What kill -9 of one process does to the others

Nothing here is timed; it is found by killing processes, memwell's and the peers' alike. The others *recover* where they go on with
all that they need, and are told of what is half written; they *lose* where they go on without something, or with something wrong
that nobody told them of; they *hang* where they wait for ever.
"""

TABLES = """\
## All figures
"""

KINDS_BEGIN = "<!-- Written by `python bench/run.py --write-kinds bench/kinds.jsonl`; change bench/document.py instead. -->\n"
KINDS_END = "<!-- The end of what is written. -->\n"
KIND_FACTS = ("processor", "processors", "kernel", "libc", "compiler", "rounds", "milliseconds a turn", "load before", "load after")


def facts(run: Run) -> Iterator[str]:
    yield "\n## The machine of this page\n"
    yield "| | |\n|---|---|"
    for name, fact in run.facts.items():
        yield f"| {name} | {fact} |"


def agreement(run: Run) -> Iterator[str]:
    """What a second run said to the first; nothing where there was none."""
    rows = [row for outcome in run.outcomes for row in outcome.rows if row.again is not None]
    if rows:
        found = sum(not row.noisy for row in rows)
        yield "\n## Twice\n"
        yield "All of it was measured twice, one run after the other, and the figures are those of the first. Of its"
        yield f"{len(rows)} ratios the second run found {found} again, between their quartiles; the others are called *noisy*, with"
        yield "what it found instead."


def goal_row(outcome: Outcome, row: Row, goal: Goal) -> str:
    ours = outcome.rows[0].time
    rival = row.time
    assert ours
    assert rival
    against = f"{row.name}: {time_text(rival.median, outcome.unit)}" if row.ratios else "an absolute time"
    figure = ratio_text(goal.figure, row) if row.ratios else time_text(goal.figure, outcome.unit)
    own = time_text(ours.median, outcome.unit)
    return (
        f"| {outcome.target} | {outcome.title} | {own} | {against} | {goal_text(outcome, row)} | {figure} | {reached_text(goal)} |"
    )


def goals(run: Run) -> Iterator[str]:
    reached = sum(goal.reached for _, _, goal in run.goals())
    yield f"\n## Goals: {reached} of {len(run.goals())} reached\n"
    yield "`±` behind an answer: the goal lies between the quartiles of this run, so that another run may say otherwise.\n"
    yield "| | work | memwell | against | goal | figure | reached |\n|---|---|---|---|---|---|---|"
    for outcome, row, goal in run.goals():
        yield goal_row(outcome, row, goal).replace("+-", "±")


def explanations(contests: Iterable[Contest]) -> dict[tuple[str, str], str]:
    """Why a goal is missed, by the contest's title and the row's name."""
    found = {}
    for contest in contests:
        found[contest.title, contest.ours.name] = contest.why
        found |= {(contest.title, rival.name): rival.why for rival in contest.rivals}
    return found


def missed(run: Run, reasons: dict[tuple[str, str], str]) -> Iterator[str]:
    found = [(outcome, row, goal) for outcome, row, goal in run.goals() if not goal.reached]
    if not found:
        return
    yield "\n" + MISSED
    for outcome, row, goal in found:
        if row.ratios:
            text = f"{goal.figure:.3g} x {row.name}, not {goal.at_most:g} x"
        else:
            text = f"{time_text(goal.figure, outcome.unit)}, not {goal.at_most / UNITS[outcome.unit]:g} {outcome.unit}"
        why = reasons.get((outcome.title, row.name)) or "Not explained yet."
        yield f"- **{outcome.target}, {outcome.title}**: {text}. {why}"


WHOLE_FILE = re.compile(r"C: open a file of (.*) that is in memory, add up all of it, close it")


def crossover(run: Run) -> Iterator[str]:
    """From which size on it pays to map a file that is read once; the contests are in the order of the sizes."""
    ahead = ""
    sizes = [(found[1], outcome) for outcome in run.outcomes if (found := WHOLE_FILE.fullmatch(outcome.title))]
    for size, outcome in sizes:
        ratio = next((row.ratio for row in outcome.rows if row.name == "read, 64 KiB at once"), None)
        ahead = (ahead or size) if ratio and ratio.median < 1 else ""
    if sizes:
        where = f"from {ahead} on" if ahead else "at none of the sizes"
        yield "\n## The crossover\n"
        yield f"A file that is opened, read once in order and closed is read faster through a mapping {where}; below, read(2)"
        yield "is faster. The figures of files that stay mapped, and of some places in a file, are under P14 below."


def table(outcome: Outcome) -> Iterator[str]:
    yield f"\n### {outcome.title}\n"
    head = headings(outcome)
    lines = ["---", *["--:"] * (len(head) - 3), "---", "---"]
    yield f"| {' | '.join(head)} |".replace("|  |", "| |") + "\n|" + "|".join(lines) + "|"
    for row in outcome.rows:
        yield "| " + " | ".join(cell.replace("+-", "±").replace("|", "\\|") for cell in cells(outcome, row)) + " |"
    for row in outcome.rows:
        if row.absent:
            yield f"\nAbsent: {row.name}: {row.absent}."


def deaths(fates: Iterable[Fate]) -> Iterator[str]:
    groups = list(fates_by_title(fates))
    if groups:
        yield "\n" + DEATHS.rstrip("\n")
    for title, group in groups:
        yield f"\n### {title}\n"
        yield f"| {' | '.join(DEATH_HEADINGS)} |".replace("|  |", "| |") + "\n|---|---|---|"
        for fate in group:
            name, verdict, seen = fate_cells(fate)
            yield f"| {name} | {verdict if fate.absent else f'**{verdict}**'} | {seen} |"


def page(run: Run, contests: Iterable[Contest]) -> str:
    """The page of a run; the contests are those of today, which know why goals are missed."""
    lines = [
        HEAD.rstrip("\n"),
        *facts(run),
        *agreement(run),
        *goals(run),
        *missed(run, explanations(contests)),
        *crossover(run),
        *deaths(run.fates),
        "\n" + TABLES.rstrip("\n"),
    ]
    for outcome in run.outcomes:
        lines += table(outcome)
    return "\n".join(lines) + "\n"


def kind_row(outcome: Outcome, row: Row) -> str:
    if row.time is None:
        return f"| {row.name} | absent | {row.absent} | |"
    times = f"{1 / row.ratio.median:.2f}" if row.ratio else "1"
    spread = quartiles_text(row.time, UNITS[outcome.unit])
    return f"| {row.name} | {three_digits(row.time.median / UNITS[outcome.unit])} | {spread} | {times} |"


def kinds(run: Run, page: str) -> str:
    """The page about the kinds with the figures of a run, between the two marks."""
    head, rest = page.split(KINDS_BEGIN)
    _, tail = rest.split(KINDS_END)
    lines = []
    for outcome in run.outcomes:
        if outcome.subject == "kinds":
            lines += [f"\n### {outcome.title}\n", f"| | median, {outcome.unit} | quartiles | times the first |\n|---|--:|--:|--:|"]
            lines += [kind_row(outcome, row) for row in outcome.rows]
    machine = ", ".join(f"{name} {run.facts[name]}" for name in KIND_FACTS if name in run.facts)
    lines.append(f"\nMeasured on: {machine}.\n")
    return head + KINDS_BEGIN + "\n".join(lines) + "\n" + KINDS_END + tail
