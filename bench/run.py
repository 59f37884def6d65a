"""Measures memwell beside its peers and beside the limit, the same work in bare C.

docs/performance.md says how, and what was found:

    python bench/run.py                    all subjects (minutes)
    python bench/run.py --quick            the same, each only for a moment
    python bench/run.py --only semaphore   one subject; may be repeated
    python bench/run.py --peer posix_ipc   beside those only whose name has this in it; may be repeated
    python bench/run.py --json FILE        keep what was found, as JSON lines
    python bench/run.py --write-docs FILE  write docs/performance.md from what was kept, and measure nothing
    python bench/run.py --again FILE       with it: what a second run did not find again is called noisy
    python bench/run.py --write-kinds FILE the same for the figures in docs/kinds.md
    python bench/run.py --write-pictures FILE  draw docs/performance-*.svg from it, with matplotlib

A subject is a file subject_NAME.py beside this one, with a list of contests, and perhaps one of deaths.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import agreement
import document
import machine
import pictures
import report
from contest import FULL_SLICE, Contest, Outcome, Pace, play
from death import Death, Fate, fates
from toolchain import BENCH, ROOT
from workers import Crew

MILLISECOND = 1_000_000
FULL, QUICK = Pace(60, FULL_SLICE, 12, 60), Pace(9, MILLISECOND, None, 7)
PREFIX = "subject_"
DOCS = ROOT / "docs"


def subjects() -> list[str]:
    return sorted(path.stem.removeprefix(PREFIX) for path in BENCH.glob("subject_*.py"))


def contests_of(subject: str) -> list[Contest]:
    contests: list[Contest] = importlib.import_module(f"subject_{subject}").CONTESTS
    return contests


def deaths_of(subject: str) -> list[Death]:
    """Most subjects have none."""
    deaths: list[Death] = getattr(importlib.import_module(f"subject_{subject}"), "DEATHS", [])
    return deaths


def matches(name: str, texts: list[str] | None) -> bool:
    return texts is None or any(text.lower() in name.lower() for text in texts)


def beside(contests: list[Contest], peers: list[str] | None) -> list[Contest]:
    """The contests with the peers that were asked for; one that has none of them is left out."""
    fewer = [
        replace(contest, rivals=tuple(rival for rival in contest.rivals if matches(rival.name, peers))) for contest in contests
    ]
    return [contest for contest in fewer if contest.rivals or peers is None]


def check(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """End with a word about what cannot be done."""
    unknown = [name for name in options.only or [] if name not in subjects()]
    if unknown:
        parser.error(f"no subject is called {', '.join(unknown)}; the subjects are {', '.join(subjects())}")
    peers = {rival.name for name in options.only or subjects() for contest in contests_of(name) for rival in contest.rivals}
    strangers = [text for text in options.peer or [] if not any(matches(name, [text]) for name in peers)]
    if strangers:
        parser.error(f"no peer is called {', '.join(strangers)}; the peers are {'; '.join(sorted(peers))}")
    if (options.rounds is not None and options.rounds < 1) or (options.slice is not None and options.slice <= 0):
        parser.error("--rounds and --slice are positive")
    if options.again and not options.write_docs:
        parser.error("--again goes with --write-docs")


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="run.py", description="Measure memwell beside its peers and beside bare C.")
    parser.add_argument("--only", action="append", metavar="NAME", help="a subject: " + ", ".join(subjects()))
    parser.add_argument("--peer", action="append", metavar="TEXT", help="only beside those whose name has this in it")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds")
    parser.add_argument("--rounds", type=int, metavar="N", help=f"how many rounds ({FULL.rounds}; quick: {QUICK.rounds})")
    parser.add_argument("--slice", type=float, metavar="MS", help="milliseconds for each contender in a round (5; quick: 1)")
    parser.add_argument("--python", default=sys.executable, metavar="PATH", help="the interpreter to measure (this one)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep what was found in FILE")
    parser.add_argument("--write-docs", type=Path, metavar="FILE", help="write docs/performance.md from FILE")
    parser.add_argument("--again", type=Path, metavar="FILE", help="with --write-docs: a second run, to be compared with")
    parser.add_argument("--write-kinds", type=Path, metavar="FILE", help="write the figures in docs/kinds.md from FILE")
    parser.add_argument("--write-pictures", type=Path, metavar="FILE", help="draw docs/performance-*.svg from FILE")
    options = parser.parse_args(arguments)
    check(parser, options)
    return options


def pace_of(options: argparse.Namespace) -> Pace:
    pace = QUICK if options.quick else FULL
    slice = round(options.slice * MILLISECOND) if options.slice else pace.slice
    return Pace(options.rounds or pace.rounds, slice, pace.batch, options.rounds or pace.few)


def chosen(options: argparse.Namespace) -> Iterator[tuple[str, Contest]]:
    """The contests that were asked for, with their subjects."""
    for name in options.only or subjects():
        for contest in beside(contests_of(name), options.peer):
            yield name, contest


def measured(options: argparse.Namespace, crew: Crew, pace: Pace, run: report.Run) -> Iterator[Outcome]:
    """Play the contests, note each outcome, and hand it on."""
    for name, contest in chosen(options):
        if not (options.quick and contest.long):
            outcome = play(name, contest, crew, pace)
            run.outcomes.append(outcome)
            yield outcome


def tried(options: argparse.Namespace, run: report.Run) -> Iterator[Fate]:
    """The same for those whose fellow is killed."""
    for name in options.only or subjects():
        for fate in fates(name, [death for death in deaths_of(name) if matches(death.name, options.peer)]):
            run.fates.append(fate)
            yield fate


def measure(options: argparse.Namespace) -> report.Run:
    pace = pace_of(options)
    run = report.Run(machine.facts(options.python), [])
    run.facts |= {"rounds": str(pace.rounds), "milliseconds a turn": f"{pace.slice / MILLISECOND:g}", "load before": machine.load()}
    with Crew(options.python, sys.executable) as crew:
        report.show(measured(options, crew, pace, run))
    report.show_deaths(tried(options, run))
    if options.quick:
        report.show_left_out([contest.title for _, contest in chosen(options) if contest.long])
    run.facts["load after"] = machine.load()
    report.show_end(run.facts)
    return run


def write(options: argparse.Namespace) -> bool:
    """Write the pages that were asked for; whether any was."""
    if options.write_docs:
        contests = [contest for subject in subjects() for contest in contests_of(subject)]
        run = report.kept(options.write_docs)
        if options.again:
            run = agreement.compared(run, report.kept(options.again))
        (DOCS / "performance.md").write_text(document.page(run, contests))
    if options.write_kinds:
        page = DOCS / "kinds.md"
        page.write_text(document.kinds(report.kept(options.write_kinds), page.read_text()))
    if options.write_pictures:
        for line in pictures.write(report.kept(options.write_pictures), DOCS):
            print(line)
    return bool(options.write_docs or options.write_kinds or options.write_pictures)


def main(arguments: list[str] | None = None) -> int:
    options = parse(arguments)
    try:
        if write(options):
            return 0
    except agreement.OtherMachineError as problem:
        sys.exit(f"run.py: {problem}")
    run = measure(options)
    if options.json:
        report.keep(run, options.json)
    missed = [goal for _, _, goal in run.goals() if not goal.reached]
    print(f"{len(run.goals())} goals: {len(run.goals()) - len(missed)} reached, {len(missed)} not")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
