"""What the tests with strangers share: programs that answer requests, names that are never left behind.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import os
import select
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILD = Path(os.environ.get("MEMWELL_BUILD", ROOT / "build"))
SHARED_MEMORY = Path("/dev/shm")
LIMIT = 60.0
"""Seconds that an answer may take."""


@pytest.fixture(scope="session")
def c_stranger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    program = tmp_path_factory.mktemp("stranger") / "stranger"
    command = ["cc", "-std=c11", "-D_GNU_SOURCE", "-g", "-O1", "-Wall", "-Wextra", "-Wconversion", "-Werror", "-pthread"]
    done = subprocess.run([*command, "-o", program, HERE / "stranger.c"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return program


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


@pytest.fixture
def start(c_stranger: Path) -> Iterator[Start]:
    commands = {
        "c": [str(c_stranger)],
        "lua": ["lua5.4", str(HERE / "ours.lua")],
        "python": [sys.executable, "-W", "error", str(HERE / "ours.py")],
        "posix_ipc": [sys.executable, "-W", "error", str(HERE / "stranger_posix_ipc.py")],
        "shared_memory": [sys.executable, "-W", "error", str(HERE / "stranger_shared_memory.py")],
    }
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    environment.setdefault("LUA_CPATH", f"{BUILD}/lua/?.so;;")
    programs: list[Program] = []

    def start_program(which: str, umask: int = 0o022) -> Program:
        programs.append(Program(commands[which], environment, umask))
        return programs[-1]

    try:
        yield start_program
        for program in programs:
            assert (program.end(), program.child.returncode) == ("", 0), program.child.args
    finally:
        for program in programs:
            if program.child.poll() is None:
                program.child.kill()
                program.child.communicate()


def names_with(unique: str) -> list[str]:
    return sorted(path.name for path in SHARED_MEMORY.iterdir() if unique in path.name)


@pytest.fixture
def name() -> Iterator[str]:
    """A name for shared memory that nobody else has; nothing that contains it may be left after the test."""
    unique = f"mw-strange-{os.getpid()}-{uuid.uuid4().hex[:8]}"
    try:
        yield unique
        assert names_with(unique) == []
    finally:
        for left in names_with(unique):
            (SHARED_MEMORY / left).unlink(missing_ok=True)


def has_children() -> bool:
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


@pytest.fixture(autouse=True)
def no_leaks() -> Iterator[None]:
    """No test leaves a descriptor or a child."""
    before = os.listdir("/proc/self/fd")
    yield
    assert os.listdir("/proc/self/fd") == before
    assert not has_children()
