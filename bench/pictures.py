"""Draws pictures from a run that was kept: handing over by size, throughput by processes, elements by language. The limit, the same
in bare C, is a dashed line. A picture whose contests the run does not have is left out, and said to be.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from contest import Outcome, Row
from report import Run

COLOURS = {"memwell": "#1f77b4", "memwell in C": "#17becf", "limit": "#555555"}
PEERS = ("#d62728", "#ff7f0e", "#9467bd", "#8c564b", "#e377c2", "#bcbd22", "#2ca02c")
SIZE = re.compile(r"(C and C|Python and Python): hand over (\d+) (KiB|MiB), written and read")
CONTENTION = re.compile(r"((?:C|Python|Lua): one \w+), and \d+ processes that want it")
PROCESSES = re.compile(r"memwell, (\d+) processes")
ELEMENT = re.compile(r"(Python|Lua): (.*), float64")
UNITS = {"KiB": 1 << 10, "MiB": 1 << 20}

Line = list[tuple[float, float]]


def drawing(width: float, columns: int = 1, rows: int = 1) -> tuple[Any, list[Any]]:
    """A figure and its panels, row by row. matplotlib is asked for here, because only pictures need it."""
    matplotlib: Any = importlib.import_module("matplotlib")
    matplotlib.use("svg")
    matplotlib.rcParams |= {"svg.hashsalt": "memwell", "svg.fonttype": "none", "font.size": 9, "axes.grid": True, "grid.alpha": 0.3}
    pyplot: Any = importlib.import_module("matplotlib.pyplot")
    figure, panels = pyplot.subplots(rows, columns, figsize=(width, 4.2 * rows), squeeze=False, layout="constrained")
    return figure, list(panels.flat)


def colour_of(role: str, peers: int) -> str:
    return COLOURS.get(role, PEERS[peers % len(PEERS)])


# Latency over size ---------------------------------------------------------------------------------------------------------------


def lines_by_size(run: Run, pair: str) -> dict[tuple[str, str], Line]:
    """For each contender, by name and role: microseconds by bytes."""
    lines: dict[tuple[str, str], Line] = {}
    for outcome in run.outcomes:
        found = SIZE.fullmatch(outcome.title)
        for row in outcome.rows if found and found[1] == pair else []:
            if found and row.time:
                lines.setdefault((row.name, row.role), []).append((int(found[2]) * UNITS[found[3]], row.time.median / 1e3))
    return lines


def draw_latency(run: Run) -> Any:
    pairs = {pair: lines for pair in ("C and C", "Python and Python") if (lines := lines_by_size(run, pair))}
    if not pairs:
        return None
    figure, panels = drawing(5.2 * len(pairs), len(pairs))
    for panel, (pair, lines) in zip(panels, pairs.items(), strict=True):
        peers = 0
        for (name, role), line in lines.items():
            style = "--" if role == "limit" else "-"
            panel.loglog(
                *zip(*sorted(line), strict=True), style, marker="o", markersize=3, label=name, color=colour_of(role, peers)
            )
            peers += role == "peer"
        panel.set(title=f"{pair}: hand over, written and read", xlabel="bytes", ylabel="microseconds, there and back")
        panel.legend(fontsize=7)
    return figure


# Throughput over processes -------------------------------------------------------------------------------------------------------


def throughput(outcome: Outcome) -> Line:
    """Turns a second by processes, in millions."""
    return sorted(
        (int(found[1]), 1e3 / row.time.median) for row in outcome.rows if row.time and (found := PROCESSES.fullmatch(row.name))
    )


def draw_throughput(run: Run) -> Any:
    outcomes = [(outcome, found[1]) for outcome in run.outcomes if (found := CONTENTION.fullmatch(outcome.title))]
    if not outcomes:
        return None
    figure, panels = drawing(10.4, 2, -(-len(outcomes) // 2))
    for panel in panels[len(outcomes) :]:
        panel.remove()
    for panel, (outcome, lock) in zip(panels, outcomes, strict=False):
        panel.plot(*zip(*throughput(outcome), strict=True), marker="o", label="memwell", color=COLOURS["memwell"])
        peers = [row for row in outcome.rows if row.role == "peer" and row.time]
        for i, row in enumerate(peers):
            assert row.time
            panel.plot([8], [1e3 / row.time.median], "s", label=row.name, color=PEERS[i])
        panel.set(title=f"{lock} that all want", xlabel="processes", ylabel="million turns a second", ylim=(0, None))
        panel.legend(fontsize=7)
    return figure


# Elements by language ------------------------------------------------------------------------------------------------------------


def bars_of(outcome: Outcome) -> list[Row]:
    return [row for row in outcome.rows if row.time and row.role != "limit"]


def draw_elements(run: Run) -> Any:
    outcomes = [outcome for outcome in run.outcomes if ELEMENT.fullmatch(outcome.title) and outcome.target in ("P3", "P4")]
    if not outcomes:
        return None
    figure, panels = drawing(3.2 * len(outcomes), len(outcomes))
    for panel, outcome in zip(panels, outcomes, strict=True):
        rows = bars_of(outcome)
        times = [row.time.median for row in rows if row.time]
        panel.bar(range(len(rows)), times, color=[colour_of(row.role, i - 1) for i, row in enumerate(rows)])
        panel.set_xticks(range(len(rows)), [row.name for row in rows], rotation=40, ha="right", fontsize=7)
        for row in outcome.rows:
            if row.role == "limit" and row.time:
                panel.axhline(row.time.median, linestyle="--", color=COLOURS["limit"], label=f"limit: {row.name}")
        panel.set(title=outcome.title, ylabel="nanoseconds")
        panel.legend(fontsize=7)
    return figure


# The files -----------------------------------------------------------------------------------------------------------------------

PICTURES: dict[str, Callable[[Run], Any]] = {
    "latency": draw_latency,
    "throughput": draw_throughput,
    "elements": draw_elements,
}


def write(run: Run, folder: Path) -> Iterator[str]:
    """Each picture as FOLDER/performance-NAME.svg, the same bytes for the same run; a line about each."""
    for name, draw in PICTURES.items():
        figure = draw(run)
        path = folder / f"performance-{name}.svg"
        if figure is None:
            yield f"left out: {path.name}: the run has none of its contests"
            continue
        figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})
        path.write_text("".join(line.rstrip() + "\n" for line in path.read_text().splitlines()))
        yield f"written: {path.name}"
