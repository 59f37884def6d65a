"""Whether two runs agree: every ratio of the first beside the second's, made after it on the same machine.

Its own quartiles say how a ratio moves within a run; only another run says what moves between two of them. Main entry: compared.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

from dataclasses import replace

from contest import Outcome, Row
from report import Run

MACHINE = ("processor", "processors", "kernel", "libc", "compiler", "python", "lua", "memwell")


class OtherMachineError(Exception):
    """The text says by what the two runs differ."""


def check_same_machine(first: Run, second: Run) -> None:
    differences = [
        f"{name}: {first.facts.get(name)}, and {second.facts.get(name)}"
        for name in MACHINE
        if first.facts.get(name) != second.facts.get(name)
    ]
    if differences:
        raise OtherMachineError(f"runs of different machines are not compared: {'; '.join(differences)}")


def ratios_of(run: Run) -> dict[tuple[str, str, str], float]:
    return {
        (outcome.subject, outcome.title, row.name): row.ratio.median
        for outcome in run.outcomes
        for row in outcome.rows
        if row.ratio
    }


def compared(first: Run, second: Run) -> Run:
    """The first run, each of its rows with what the second found. Raises OtherMachineError."""
    check_same_machine(first, second)
    found = ratios_of(second)

    def row_of(outcome: Outcome, row: Row) -> Row:
        return replace(row, again=found.get((outcome.subject, outcome.title, row.name)) if row.ratio else None)

    outcomes = [replace(outcome, rows=[row_of(outcome, row) for row in outcome.rows]) for outcome in first.outcomes]
    return replace(first, outcomes=outcomes)
