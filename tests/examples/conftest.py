"""How the tests of the examples start a program in any of the three languages.

C programs and the Lua module are taken from the build tree (MEMWELL_BUILD, or build/ at the top), Python programs run on the
interpreter and the memwell package that the tests run on."""

# SPDX-License-Identifier: MIT
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("MEMWELL_BUILD", ROOT / "build"))
SHARED_MEMORY = Path("/dev/shm")
JAVA = ("java", "-XX:TieredStopAtLevel=1", "-cp", BUILD / "java" / "classes")


class Programs:
    """The examples, by language and name."""

    root = ROOT
    build = BUILD
    environment = {
        **os.environ,
        "LUA_CPATH": f"{BUILD}/lua/?.so;;",
        "RUBYLIB": f"{BUILD}/ruby/lib:{ROOT}/bindings/swig/ruby/lib",
        "PERL5LIB": f"{BUILD}/perl/blib/lib:{BUILD}/perl/blib/arch",
        "LC_ALL": "C.UTF-8",
        "PYTHONIOENCODING": "utf-8",
    }

    def command(self, language: str, program: str, *arguments: object) -> list[str]:
        folder = ROOT / "examples"
        starts: dict[str, list[object]] = {
            "c": [BUILD / "examples" / program],
            "python": [sys.executable, folder / "python" / f"{program}.py"],
            "lua": ["lua5.4", folder / "lua" / f"{program}.lua"],
            "java": [*JAVA, folder / "java" / f"{program.capitalize()}.java"],
            "ruby": ["ruby", "-w", folder / "ruby" / f"{program}.rb"],
            "perl": ["perl", "-w", folder / "perl" / f"{program}.pl"],
        }
        start = starts[language]
        if language == "c" and not Path(str(start[0])).exists():
            pytest.fail(f"{start[0]} is missing: build the tree first (make build)")
        return [str(part) for part in (*start, *arguments)]

    def start(self, language: str, program: str, *arguments: object) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            self.command(language, program, *arguments),
            env=self.environment,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def run(self, language: str, program: str, *arguments: object) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            self.command(language, program, *arguments),
            env=self.environment,
            text=True,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
        )

    def succeed(self, language: str, program: str, *arguments: object) -> str:
        done = self.run(language, program, *arguments)
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        return done.stdout

    def fail(self, language: str, program: str, *arguments: object) -> str:
        done = self.run(language, program, *arguments)
        assert done.returncode in (1, 2), (done.returncode, done.stdout, done.stderr)
        return done.stderr


@pytest.fixture
def programs() -> Programs:
    return Programs()


def names_with(prefix: str) -> list[str]:
    return sorted(path.name for path in SHARED_MEMORY.iterdir() if prefix in path.name)


@pytest.fixture
def name() -> Iterator[str]:
    """A name for shared memory that nobody else has; nothing that contains it may be left after the test."""
    unique = f"mw-example-{os.getpid()}-{uuid.uuid4().hex[:8]}"
    try:
        yield unique
        assert names_with(unique) == []
    finally:
        for left in names_with(unique):
            (SHARED_MEMORY / left).unlink(missing_ok=True)
