"""What the tests with strangers share: the programs, a name, and a look for what was left behind.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))  # for the modules that stand beside the tests

from program import BUILD, HERE, SHARED_MEMORY, Program, Start, has_children, names_with


@pytest.fixture(scope="session")
def c_stranger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    program = tmp_path_factory.mktemp("stranger") / "stranger"
    command = ["cc", "-std=c11", "-D_GNU_SOURCE", "-g", "-O1", "-Wall", "-Wextra", "-Wconversion", "-Werror", "-pthread"]
    done = subprocess.run([*command, "-o", program, HERE / "stranger.c"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return program


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


@pytest.fixture(autouse=True)
def no_leaks() -> Iterator[None]:
    """No test leaves a descriptor or a child."""
    before = os.listdir("/proc/self/fd")
    yield
    assert os.listdir("/proc/self/fd") == before
    assert not has_children()
