"""What kill -9 of one process does to the others, found by doing it: an experiment is a program that makes something, kills who
uses it, and tells what becomes of those who use it next. One that does not answer is killed, with all that it started, and hangs.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Literal

import toolchain
from contest import AbsentError

PATIENCE = 60.0
"""After so many seconds an experiment is given up; those that expect to wait give up earlier, and say for what."""

AT_ONCE = 4
BUILDING = Lock()
"""Two experiments of one program do not both build it."""

SHARED_MEMORY = Path("/dev/shm")

VERDICTS = ("recovers", "loses", "hangs")
"""The others go on with all that they need; or go on without something, or with something wrong; or wait for ever."""


@dataclass(frozen=True)
class Death:
    """An experiment: `work` of the program that `worker` names, as in workers.py."""

    title: str  # who is killed, and where; the same for memwell and for its peers
    name: str
    role: Literal["memwell", "peer"]
    worker: str
    work: str


@dataclass(frozen=True)
class Fate:
    """What became of those who went on."""

    subject: str
    title: str
    name: str
    role: Literal["memwell", "peer"]
    verdict: str = ""  # one of VERDICTS
    seen: str = ""
    absent: str = ""  # why the experiment could not be made


def command_of(worker: str) -> list[str]:
    kind, _, program = worker.partition(":")
    if kind == "c":
        return [str(toolchain.program(program))]
    if kind == "c++":
        return [str(toolchain.program_in_cpp(program))]
    return [sys.executable, str(toolchain.BENCH / f"{program}.py")]


def end_session(process: subprocess.Popen[str]) -> None:
    """Whoever still waits for a dead process waits no longer; and what nobody is left to remove is removed."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for path in SHARED_MEMORY.glob(f"*memwell-bench-{process.pid}*"):
        path.unlink(missing_ok=True)


def said_by(command: list[str]) -> dict[str, str]:
    """What an experiment says; AbsentError where it could not be made."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True) as process:
        try:
            said, complaint = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            return {"verdict": "hangs", "seen": f"no answer within {PATIENCE:g} s"}
        finally:
            end_session(process)
    if process.returncode != 0 or not said:
        lines = complaint.strip().split("\n")
        raise AbsentError(lines[-1] or f"exit status {process.returncode}")
    found: dict[str, str] = json.loads(said.strip().split("\n")[-1])
    if "absent" in found:
        raise AbsentError(found["absent"])
    assert found["verdict"] in VERDICTS
    return found


def fate_of(subject: str, death: Death) -> Fate:
    try:
        with BUILDING:
            command = command_of(death.worker)
        found = said_by([*command, death.work])
    except AbsentError as problem:
        return Fate(subject, death.title, death.name, death.role, absent=str(problem))
    return Fate(subject, death.title, death.name, death.role, found["verdict"], found["seen"])


def fates(subject: str, deaths: list[Death]) -> Iterator[Fate]:
    """In their order, some at the same time: most of them only wait for somebody who never comes."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield from pool.map(partial(fate_of, subject), deaths)
