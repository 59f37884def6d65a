"""Runs the commands of a check and counts the tests that each of them ran.

A step is a function that yields Runs, one after the other, so that a later one can look at what an earlier one made. run_step()
runs them, keeps their output in a log, and adds up their counts.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree


@dataclass(frozen=True)
class Counts:
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed" + (f", {self.skipped} skipped" if self.skipped else "")


class NoCountError(Exception):
    """The output says nothing about tests, though tests should have run."""


Counter = Callable[[str], Counts]
"""Reads from a command's output what it ran; raises NoCountError where it cannot."""


def nothing(_output: str) -> Counts:
    """A command that only prepares something."""
    return Counts()


def one(_output: str) -> Counts:
    """A command that is one check: its exit status is the result."""
    return Counts(passed=1)


def luaunit(output: str) -> Counts:
    """LuaUnit's last line: Ran 12 tests in 0.1 seconds, 10 successes, 1 failure, 1 error, 2 skipped."""
    summaries = re.findall(r"^Ran \d+ tests in .*$", output, re.M)
    if not summaries:
        raise NoCountError("no line of LuaUnit's that counts tests")

    def count(word: str) -> int:
        return sum(int(number) for line in summaries for number in re.findall(rf"(\d+) {word}", line))

    return Counts(count("success"), count("failure") + count("error"), count("skipped"))


def minitest(output: str) -> Counts:
    """minitest's last line: 12 runs, 34 assertions, 1 failures, 1 errors, 2 skips."""
    found = re.search(r"^(\d+) runs, \d+ assertions, (\d+) failures, (\d+) errors, (\d+) skips$", output, re.M)
    if found is None:
        raise NoCountError("no line of minitest's that counts tests")
    runs, failures, errors, skips = map(int, found.groups())
    return Counts(runs - failures - errors - skips, failures + errors, skips)


def tap(output: str) -> Counts:
    """The Test Anything Protocol, as Perl's tests print it: a line for each test, and a plan that says how many there are."""
    plan = re.search(r"^1\.\.(\d+)(.*)$", output, re.M)
    if plan is None:
        raise NoCountError("no plan: the tests did not get to their end")
    if "skip" in plan[2].lower():
        return Counts(skipped=1)
    tests = re.findall(r"^(not )?ok\b[^#\n]*(# *(?:skip|todo)\b)?", output, re.M | re.I)
    failed = sum(1 for negation, directive in tests if negation and not directive)
    skipped = sum(1 for _, directive in tests if directive)
    return Counts(len(tests) - failed - skipped, failed + abs(int(plan[1]) - len(tests)), skipped)


def tallied(output: str) -> Counts:
    """A last line that counts: NAME: 12 passed, 1 failed, 2 skipped. What was skipped has lines "skipped: WHY" before."""
    found = re.search(r"^\w+: (\d+) passed, (\d+) failed, (\d+) skipped\n?\Z", output, re.M)
    if not found:
        raise NoCountError("no last line that counts")
    return Counts(*map(int, found.groups()))


def junit(report: Path) -> Counter:
    """A report in JUnit's XML, as ctest and pytest write it, or a folder of them, as Maven does."""

    def suites() -> list[ElementTree.Element]:
        paths = sorted(report.glob("*.xml")) if report.is_dir() else [report]
        roots = [ElementTree.parse(path).getroot() for path in paths]
        return [suite for root in roots for suite in ([root] if root.tag == "testsuite" else root.findall("testsuite"))]

    def read(_output: str) -> Counts:
        try:
            found = suites()
        except (OSError, ElementTree.ParseError) as problem:
            raise NoCountError(f"no report in {report}: {problem}") from None

        def count(*names: str) -> int:
            return sum(int(suite.get(name) or 0) for suite in found for name in names)

        failed, skipped = count("failures", "errors"), count("skipped", "disabled")
        return Counts(count("tests") - failed - skipped, failed, skipped)

    return read


@dataclass(frozen=True)
class Run:
    """One command. `limit` is in seconds; a command that takes longer is ended with everything it started."""

    argv: list[str]
    count: Counter = nothing
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None
    limit: float = 900
    report: Path | None = None


@dataclass(frozen=True)
class Skip:
    """A test that this machine cannot run, and why."""

    reason: str


Step = Callable[[], Iterator[Run | Skip]]


@dataclass
class Result:
    name: str
    counts: Counts = field(default_factory=Counts)
    seconds: float = 0.0
    troubles: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def execute(run: Run, log: Path) -> tuple[int, str]:
    """Run the command, output to the end of `log`; return its exit status and what it printed. A time-out's status is 124."""
    with log.open("ab") as file:
        file.write(f"\n$ {' '.join(run.argv)}\n".encode())
        file.flush()
        start = file.tell()
        environment = {**os.environ, **run.environment}
        try:
            process = subprocess.Popen(
                run.argv,
                cwd=run.folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as problem:
            return 127, f"{run.argv[0]}: {problem.strerror}\n"
        try:
            status = process.wait(run.limit)
        except subprocess.TimeoutExpired:
            status = 124
            file.write(f"\nended: it took longer than {run.limit:g} seconds\n".encode())
        finally:
            end_session(process)
    with log.open("rb") as file:
        file.seek(start)
        return status, file.read().decode(errors="replace")


def end_session(process: subprocess.Popen[bytes]) -> None:
    """End what the command left running in its process group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def counts_of(run: Run, status: int, output: str) -> Counts:
    """What a finished command counts for: at least one failure where it failed, or where it should have tested and did not."""
    try:
        counts = run.count(output)
    except NoCountError:
        return Counts(failed=1)
    if run.count is one:
        return Counts(failed=1) if status else counts
    if status and not counts.failed:
        return counts + Counts(failed=1)
    if run.count is not nothing and counts == Counts():
        return Counts(failed=1)
    return counts


def run_step(name: str, step: Step, logs: Path) -> Result:
    """Run a step's commands in their order. One that only prepares and fails ends the step: what follows could not work."""
    result = Result(name)
    log = logs / f"{name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.unlink(missing_ok=True)
    begin = time.monotonic()
    try:
        for run in step():
            if isinstance(run, Skip):
                result.counts += Counts(skipped=1)
                result.remarks.append(run.reason)
                continue
            if run.report:
                run.report.unlink(missing_ok=True)
            status, output = execute(run, log)
            counts = counts_of(run, status, output)
            result.counts += counts
            if run.count is tallied:
                result.remarks += re.findall(r"^skipped: (.*)$", output, re.M)
            if counts.failed:
                result.troubles.append(f"$ {' '.join(run.argv)}\n{output}\nexit status {status}, {counts}; log: {log}")
            if status and run.count is nothing:
                break
    except (OSError, LookupError, ValueError, subprocess.SubprocessError) as problem:
        result.counts += Counts(failed=1)
        result.troubles.append(f"{type(problem).__name__}: {problem}")
    if result.counts == Counts():
        result.counts = Counts(failed=1)
        result.troubles.append("the step ran no test")
    result.seconds = time.monotonic() - begin
    return result
