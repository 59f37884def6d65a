"""Programs that answer requests, a line for a line. Main entry: Program.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import os
import select
import subprocess
from pathlib import Path
from typing import Protocol

import pytest

HERE = Path(__file__).resolve().parent
BUILD = Path(os.environ.get("MEMWELL_BUILD", HERE.parents[1] / "build"))
SHARED_MEMORY = Path("/dev/shm")
LIMIT = 60.0
"""Seconds that an answer may take."""


class Refused(Exception):
    """A request was answered with an error: its errno, and what was said."""

    def __init__(self, number: int, text: str) -> None:
        super().__init__(number, text)
        self.number = number
        self.text = text


class Program:
    """A child that answers requests, one at a time. `ask` waits for the answer; `tell` and `answer` are its halves."""

    def __init__(self, command: list[str], environment: dict[str, str], umask: int) -> None:
        self.child = subprocess.Popen(
            command, env=environment, umask=umask, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0
        )
        self.rest = b""

    def tell(self, *words: object) -> None:
        assert self.child.stdin is not None
        self.child.stdin.write(" ".join(map(str, words)).encode() + b"\n")

    def has_answered(self) -> bool:
        assert self.child.stdout is not None
        return b"\n" in self.rest or bool(select.select([self.child.stdout], [], [], 0)[0])

    def answer(self) -> str:
        assert self.child.stdout is not None
        while b"\n" not in self.rest:
            ready, _, _ = select.select([self.child.stdout], [], [], LIMIT)
            more = os.read(self.child.stdout.fileno(), 1 << 16) if ready else b""
            if not more:
                self.child.kill()
                pytest.fail(f"{self.child.args!r}: no answer; {self.end()}")
            self.rest += more
        line, self.rest = self.rest.split(b"\n", 1)
        verdict, *words = line.decode().split(" ", 2)
        if verdict != "ok":
            raise Refused(int(words[0]), words[1])
        return " ".join(words)

    def ask(self, *words: object) -> str:
        self.tell(*words)
        return self.answer()

    def end(self) -> str:
        """Let the child end by itself, for it has nothing more to answer; returns what it said on stderr."""
        try:
            _, err = self.child.communicate(timeout=LIMIT)
        except subprocess.TimeoutExpired:
            self.child.kill()
            _, err = self.child.communicate()
        return err.decode()


class Start(Protocol):
    """Starts one of the programs."""

    def __call__(self, which: str, umask: int = 0o022) -> Program: ...


def names_with(unique: str) -> list[str]:
    return sorted(path.name for path in SHARED_MEMORY.iterdir() if unique in path.name)


def has_children() -> bool:
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True
