"""What a job ends with: the top words with bars, the totals, what each worker did, and what was wrong with whom.

`show` is the entry. The tables are data (`tables_of`); rich draws them where it is installed, plain text does elsewhere.
"""

# SPDX-License-Identifier: MIT
import heapq
import importlib.util
import sys
from collections.abc import Sequence
from typing import NamedTuple, TextIO

from inputs import Problem
from job import Outcome
from recount import Recount, differences
from words import printable

BAR = 40  # characters of the longest bar
WORD_WIDTH = 32
MOST_PROBLEMS = 20  # shown; the rest is a number


class Table(NamedTuple):
    """A title, the columns' names, and the rows. The first column is text and goes to the left; `left` names others that do."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    left: Sequence[str] = ()


def number(n: int) -> str:
    return f"{n:,}".replace(",", " ")


def megabytes(size: int) -> str:
    return f"{size / 1e6:.1f}"


def rate(size: int, seconds: float) -> str:
    return f"{size / 1e6 / seconds:.1f} MB/s" if seconds > 0 else "-"


def top_words(outcome: Outcome, top: int) -> Table:
    """The most frequent words; of equally frequent ones the smaller first."""
    ranked = heapq.nsmallest(top, outcome.counts.items(), key=lambda item: (-item[1], item[0]))
    most = ranked[0][1] if ranked else 1
    rows = [(printable(word, WORD_WIDTH), number(n), "█" * max(1, round(BAR * n / most))) for word, n in ranked]
    return Table(f"Top {len(ranked)} of {number(len(outcome.counts))} words", ("word", "count", ""), rows, left=("",))


def totals(outcome: Outcome, duplicates: int) -> Table:
    rows = [
        ("files", number(len(outcome.counted))),
        ("bytes", number(outcome.bytes)),
        ("words", number(outcome.total)),
        ("distinct words", number(len(outcome.counts))),
        ("seconds", f"{outcome.seconds:.2f}"),
        ("of these, to cut the files", f"{outcome.planning:.2f}"),
        ("throughput", rate(outcome.bytes, outcome.seconds)),
        ("restarts", number(sum(worker.restarts for worker in outcome.workers))),
    ]
    if duplicates:
        rows.append(("named twice, counted once", number(duplicates)))
    return Table("Totals", ("", ""), rows)


def workers(outcome: Outcome) -> Table:
    """What each worker did, and each language."""
    rows = [
        (worker.name, number(worker.ranges), megabytes(worker.bytes), number(worker.words), number(worker.restarts))
        for worker in outcome.workers
    ]
    for language in dict.fromkeys(worker.language for worker in outcome.workers):
        those = [worker for worker in outcome.workers if worker.language == language]
        rows.append(
            (
                f"all {language}",
                number(sum(w.ranges for w in those)),
                megabytes(sum(w.bytes for w in those)),
                number(sum(w.words for w in those)),
                number(sum(w.restarts for w in those)),
            )
        )
    return Table("Workers", ("worker", "ranges", "MB", "words", "restarts"), rows)


def problems(found: Sequence[Problem]) -> Table:
    rows = [(printable(problem.path), problem.reason) for problem in found[:MOST_PROBLEMS]]
    if len(found) > MOST_PROBLEMS:
        rows.append(("…", f"and {number(len(found) - MOST_PROBLEMS)} more"))
    return Table("Problems", ("what", "why"), rows, left=("why",))


def tables_of(outcome: Outcome, top: int, duplicates: int) -> list[Table]:
    tables = [workers(outcome), totals(outcome, duplicates)]
    if outcome.problems:
        tables.append(problems(outcome.problems))
    if top > 0:
        tables.insert(0, top_words(outcome, top))
    return tables


def show(outcome: Outcome, top: int, duplicates: int) -> None:
    """Print all tables."""
    for table in tables_of(outcome, top, duplicates):
        if importlib.util.find_spec("rich"):
            _show_rich(table)
        else:
            _show_plain(table, sys.stdout)


def _show_rich(table: Table) -> None:
    from rich.console import Console
    from rich.table import Table as RichTable
    from rich.text import Text

    drawn = RichTable(title=table.title, title_justify="left", show_header=any(table.columns))
    for i, column in enumerate(table.columns):
        drawn.add_column(column, justify="left" if i == 0 or column in table.left else "right", overflow="fold")
    for row in table.rows:
        drawn.add_row(*map(Text, row))
    Console().print(drawn)


def _show_plain(table: Table, out: TextIO) -> None:
    rows = [table.columns, *table.rows] if any(table.columns) else list(table.rows)
    widths = [max(map(len, cells)) for cells in zip(*rows, strict=False)]
    print(table.title, file=out)
    for row in rows:
        cells = [
            cell.ljust(width) if i == 0 or table.columns[i] in table.left else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=False))
        ]
        print("  " + "  ".join(cells).rstrip(), file=out)
    print(file=out)


def show_check(outcome: Outcome, plain: Recount) -> bool:
    """Compare with a plain recount, print how it went, and say whether every count is the same."""
    wrong = differences(outcome.counts, plain.counts)
    for word, ours, theirs in wrong[:MOST_PROBLEMS]:
        print(f"differs: {printable(word, WORD_WIDTH)}: {ours} here, {theirs} in the recount")
    for path in plain.unread:
        print(f"could not be read again: {printable(path)}")
    speed = f"one plain process: {plain.seconds:.2f} s, {rate(outcome.bytes, plain.seconds)}"
    if wrong:
        print(f"check: {number(len(wrong))} of {number(len(outcome.counts))} counts differ ({speed})")
    else:
        print(f"check: all {number(len(outcome.counts))} counts are the same ({speed})")
    return not wrong
