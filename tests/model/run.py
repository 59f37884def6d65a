"""Runs the SPIN models of the well: what must hold, and mutants of the models, which must fail.

    .venv/bin/python tests/model/run.py --quick          what tools/check.py runs
    .venv/bin/python tests/model/run.py                  everything: some minutes
    .venv/bin/python tests/model/run.py mutex event      some models

A case is a model with a set of macros. Its verifier is made under build/model. README.md says what the models are about.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
BUILD = HERE.parent.parent / "build" / "model"
DEPTH = 200_000
MEMORY = 4096  # MiB, at most
LIMIT = 1800  # seconds, for one verifier


@dataclass(frozen=True)
class Case:
    """`macros` are what the model is compiled with. `cycles`: look for executions that never end, instead of for deadlocks.
    `mutant`: the macro that breaks it, so that it must fail. `slow`: not in the quick set."""

    model: str
    macros: str
    cycles: bool = False
    mutant: str = ""
    slow: bool = False

    @property
    def defines(self) -> list[str]:
        return [f"-D{macro}" for macro in [*self.macros.split(), *([self.mutant] if self.mutant else [])]]

    def __str__(self) -> str:
        what = "cycles" if self.cycles else "safety"
        return f"{self.model} [{self.macros}] {what}" + (f", mutant {self.mutant}" if self.mutant else "")


def mutants(model: str, macros: str, names: str) -> list[Case]:
    return [Case(model, macros, mutant=name) for name in names.split()]


CASES = (
    # No wake-up is lost: nobody dies, and no slice ends a sleep.
    Case("mutex", "SLICE=NEVER"),
    Case("mutex", "SLICE=NEVER", cycles=True),
    Case("mutex", "SLICE=NEVER START_DEAD"),
    Case("mutex", "SLICE=NEVER ROUNDS=2 DEADLINES", slow=True),
    Case("mutex", "SLICE=NEVER N=4", slow=True),
    # Deaths: whoever waits gets it, or knows that its owner died, as soon as the slices come.
    Case("mutex", "SLICE=QUIET DEATHS=1"),
    Case("mutex", "SLICE=QUIET DEATHS=2", slow=True),
    Case("mutex", "SLICE=QUIET DEATHS=2", cycles=True, slow=True),
    # Slices at any time: nobody is robbed.
    Case("mutex", "SLICE=ANY DEADLINES"),
    Case("mutex", "SLICE=ANY DEATHS=1", slow=True),
    *mutants("mutex", "SLICE=NEVER", "LOOK_THEN_BELL BELL_CLEARED RING_BEFORE_FREE SILENT_RELEASE"),
    *mutants("mutex", "SLICE=NEVER START_DEAD", "SILENT_LEAVER GIVE_UP_TO_FREE"),
    *mutants("mutex", "SLICE=NEVER ROUNDS=2 DEADLINES", "LATE_WITHOUT_BELL"),
    *mutants("mutex", "SLICE=QUIET DEATHS=2", "REAP_TO_FREE LIFE_BEFORE_SWEEP RECOVERER_FORGOTTEN"),
    *mutants("mutex", "SLICE=ANY", "NO_BYTE_LOCK"),
    Case("robust_semaphore", "SLICE=NEVER KEEPER"),
    Case("robust_semaphore", "SLICE=NEVER KEEPER", cycles=True),
    Case("robust_semaphore", "SLICE=NEVER N=4 KEEPER DEADLINES", slow=True),
    Case("robust_semaphore", "SLICE=QUIET DEATHS=1"),
    Case("robust_semaphore", "SLICE=QUIET DEATHS=2", slow=True),
    Case("robust_semaphore", "SLICE=QUIET DEATHS=2", cycles=True, slow=True),
    Case("robust_semaphore", "SLICE=ANY DEATHS=1", slow=True),
    *mutants("robust_semaphore", "SLICE=NEVER KEEPER", "LOOK_THEN_BELL RING_BEFORE_FREE NO_BATON"),
    *mutants("robust_semaphore", "SLICE=NEVER", "TAKE_IN_TWO_STEPS"),
    *mutants("robust_semaphore", "SLICE=NEVER N=4", "BELL_CLEARED"),
    *mutants("robust_semaphore", "SLICE=QUIET DEATHS=2", "SWEEP_ONE LIFE_BEFORE_SWEEP"),
    *mutants("robust_semaphore", "SLICE=ANY", "NO_BYTE_LOCK"),
    Case("event", "SLICE=NEVER N=3 CHANGES=2"),
    Case("event", "SLICE=NEVER N=3 UNDONE"),
    Case("event", "SLICE=QUIET N=3 DEATHS=1"),
    Case("event", "SLICE=NEVER CHANGES=2", slow=True),
    Case("event", "SLICE=NEVER UNDONE", slow=True),
    Case("event", "SLICE=QUIET DEATHS=2", slow=True),
    *mutants("event", "SLICE=NEVER N=3 CHANGES=2", "NO_COUNT NO_MARK SET_IN_TWO_STEPS WAKE_FIRST"),
    *mutants("event", "SLICE=NEVER N=3 UNDONE", "MENDED_WITHOUT_COUNT"),
    # Nobody sleeps in these two.
    Case("participants", "WORDS=1 DEATHS=1"),
    Case("participants", "WORDS=1 DEATHS=2", slow=True),
    Case("participants", "N=2 ROUNDS=2 DEATHS=1", slow=True),
    *mutants("participants", "DEATHS=2", "LIFE_BEFORE_SWEEP SWEEP_UNLOCKED CLAIM_WITHOUT_SWEEP UNLOCK_FIRST"),
    *mutants("participants", "WORDS=1 DEATHS=2", "NO_GENERATION NO_BYTE_LOCK"),
    Case("directory", ""),
    Case("directory", "OBSERVER"),
    Case("directory", "DEATHS=1"),
    Case("directory", "EVENT DEATHS=1", slow=True),
    *mutants("directory", "", "COMMIT_FIRST TICKET_FIRST NO_QUARANTINE"),
    *mutants("directory", "OBSERVER", "NO_SECOND_LOOK"),
    *mutants("directory", "DEATHS=1", "GONE_FOR_EVER DELETED_UNSET"),
    *mutants("directory", "EVENT DEATHS=1", "GONE_LAST"),
)


@dataclass(frozen=True)
class Verdict:
    """What a verifier said. `complaint` is its first line about an error; empty where it found none in all there is to search."""

    states: int
    complaint: str


def output_of(command: list[str], folder: Path) -> str:
    result = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=LIMIT)
    if result.returncode:
        raise RuntimeError(f"{' '.join(command)}: exit status {result.returncode}\n{result.stdout}")
    return result.stdout


def verdict_of(output: str) -> Verdict:
    """Raises RuntimeError where the verifier did not search everything, or said nothing that can be understood."""
    errors = re.search(r"errors: (\d+)", output)
    states = re.search(r"(\d+) states, stored", output)
    complaints = re.findall(r"^pan:1: (.*?) \(at depth", output, re.M)
    if not errors or not states or (errors[1] != "0" and not complaints):
        raise RuntimeError(f"no verdict:\n{output}")
    if "max search depth too small" in output or ("Search not completed" in output and errors[1] == "0"):
        raise RuntimeError(f"not all was searched:\n{output}")
    return Verdict(int(states[1]), complaints[0] if errors[1] != "0" else "")


def verify(case: Case) -> Verdict:
    folder = BUILD / re.sub(r"\W+", "-", str(case))
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for model in HERE.glob("*.pml"):
        shutil.copy(model, folder)
    output_of(["spin", "-a", *case.defines, f"{case.model}.pml"], folder)
    search = ["-DNP"] if case.cycles else ["-DSAFETY"]
    # A mutant fails soon: to optimise its verifier took longer than to run it.
    optimised = "-O0" if case.mutant else "-O1"
    output_of(["cc", optimised, "-w", *search, "-DCOLLAPSE", f"-DMEMLIM={MEMORY}", "-o", "verifier", "pan.c"], folder)
    return verdict_of(output_of(["./verifier", f"-m{DEPTH}", *(["-l"] if case.cycles else [])], folder))


def judge(case: Case) -> tuple[bool, str]:
    """Whether the case went as it must, and a line that says how."""
    try:
        verdict = verify(case)
    except (RuntimeError, OSError, subprocess.TimeoutExpired) as problem:
        return False, f"{case}: {problem}"
    found = verdict.complaint or "holds"
    as_it_must = bool(verdict.complaint) == bool(case.mutant)
    surprise = "" if as_it_must else "  <-- must not be" + (": the models do not see it" if case.mutant else "")
    return as_it_must, f"{case}: {verdict.states} states, {found}{surprise}"


def main() -> int:
    models = sorted({case.model for case in CASES})
    parser = argparse.ArgumentParser(prog="run.py", description="Run the SPIN models of the well.")
    parser.add_argument("models", nargs="*", metavar="MODEL", help=f"{', '.join(models)}; all of them where none is named")
    parser.add_argument("--quick", action="store_true", help="leave out what takes long")
    options = parser.parse_args()
    if unknown := set(options.models) - set(models):
        parser.error(f"no model is called {', '.join(unknown)}; the models are {', '.join(models)}")
    cases = [case for case in CASES if case.model in (options.models or models) and not (options.quick and case.slow)]
    failures = 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for good, line in pool.map(judge, cases):
            print(f"model: {line}", flush=True)
            failures += not good
    print(f"model: {len(cases)} cases, {failures} of them not as they must be")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
