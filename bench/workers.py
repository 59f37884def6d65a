"""The processes that do the works, and how they are asked.

A worker is named KIND:PROGRAM, or KIND:PROGRAM ARGUMENT in C, Python and Lua. The kinds are c (a program), c++, lua, luajit, java,
perl, ruby, python (the interpreter that is measured) and python3.13 and the like (that version, where there is one). Each is
started when it is first needed, and ends when its standard input does, which happens even if the runner is killed. What is said is
in serve.h.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType

import toolchain
from contest import AbsentError, Contender, Turn

SHARED_MEMORY = Path("/dev/shm")
PATIENCE = 120.0
"""After so many seconds without an answer a worker is given up."""


class GoneError(AbsentError):
    """The worker is dead, or was killed because it did not answer."""


def turn_from(line: str) -> Turn:
    time, *figures = line.split()
    pairs = (figure.split("=") for figure in figures)
    return Turn(int(time), {name: float(figure) for name, figure in pairs})


class Worker:
    """One process that answers."""

    def __init__(self, name: str, command: list[str], environment: dict[str, str]) -> None:
        self.name = name
        self.errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 (it lives as long as the worker)
        # A session of its own: Ctrl-C is for the runner, and the worker still cleans up when its input ends.
        self.process = subprocess.Popen(
            command,
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            start_new_session=True,
        )
        self.rest = b""
        self.works: set[str] = set()
        self.lacking: dict[str, str] = {}
        while (line := self.read_line()) != "ready":
            word, work, *reason = line.split(" ", 2)
            if word == "has":
                self.works.add(work)
            elif word == "lacks":
                self.lacking[work] = " ".join(reason)

    def read_line(self) -> str:
        assert self.process.stdout
        fd = self.process.stdout.fileno()
        while b"\n" not in self.rest:
            if not select.select([fd], [], [], PATIENCE)[0]:
                self.kill()
                raise GoneError(f"{self.name} did not answer for {PATIENCE:g} s")
            chunk = os.read(fd, 4096)
            if not chunk:
                raise GoneError(f"{self.name} died: {self.complaint()}")
            self.rest += chunk
        line, _, self.rest = self.rest.partition(b"\n")
        return line.decode()

    def complaint(self) -> str:
        """What it wrote to standard error last, Lua's traceback left out, or how it ended."""
        self.process.wait()
        self.errors.seek(0)
        said, _, _ = self.errors.read().partition("stack traceback:")
        lines = said.split("\n")
        return next((line for line in reversed(lines) if line.strip()), f"exit status {self.process.returncode}")

    def ask(self, work: str, n: int) -> Turn:
        if work in self.lacking:
            raise AbsentError(self.lacking[work])
        if work not in self.works:
            raise AbsentError(f"{self.name} has no work {work}")
        assert self.process.stdin
        try:
            self.process.stdin.write(f"{work} {n}\n".encode())
            self.process.stdin.flush()
        except BrokenPipeError:
            raise GoneError(f"{self.name} died: {self.complaint()}") from None
        line = self.read_line()
        if line.startswith("!"):
            raise AbsentError(line[2:])
        return turn_from(line)

    def kill(self) -> None:
        """The worker and all that it started, which is of its session; and what they can no longer remove."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        for path in SHARED_MEMORY.glob(f"*memwell-bench-{self.process.pid}*"):
            path.unlink(missing_ok=True)

    def stop(self) -> None:
        assert self.process.stdin
        assert self.process.stdout
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.kill()
        self.process.stdout.close()
        self.errors.close()


class Crew:
    """All workers of a run. `python` is the interpreter that is measured."""

    def __init__(self, python: str, own_python: str) -> None:
        self.python = python
        self.own_python = own_python
        self.workers: dict[str, Worker | AbsentError] = {}

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        self.renew()

    def renew(self) -> None:
        """End all processes, so that each is started anew when it is needed again."""
        for name, worker in list(self.workers.items()):
            if isinstance(worker, Worker):
                worker.stop()
                del self.workers[name]

    def ask(self, contender: Contender, n: int) -> Turn:
        """Have a contender do its work n times. A worker that does not survive one work is started anew for the next one."""
        worker = self.worker(contender.worker)
        if isinstance(worker, AbsentError):
            raise worker
        try:
            return worker.ask(contender.work, n)
        except GoneError:
            worker.stop()
            del self.workers[contender.worker]
            raise

    def worker(self, name: str) -> Worker | AbsentError:
        """One that could not be started is not tried again."""
        if name not in self.workers:
            try:
                self.workers[name] = self.start(name)
            except AbsentError as problem:
                self.workers[name] = problem
        return self.workers[name]

    def start(self, name: str) -> Worker:
        return Worker(name, *self.command(name))

    def command(self, name: str) -> tuple[list[str], dict[str, str]]:
        """How a worker is started, and what its environment has besides."""
        kind, _, command = name.partition(":")
        program, *arguments = command.split(" ")
        if kind == "c":
            return [str(toolchain.program(program)), *arguments], {}
        if kind == "c++":
            return [str(toolchain.program_in_cpp(program))], {}
        if kind == "lua":
            return self.lua_command(program, *arguments), self.lua_environment()
        if kind == "luajit":
            return [toolchain.find_luajit(), str(toolchain.BENCH / f"{program}.lua")], self.lua_path()
        if kind == "perl":
            return [toolchain.find_perl(), str(toolchain.BENCH / f"{program}.pl")], toolchain.perl_environment()
        if kind == "java":
            return ["java", "-cp", os.pathsep.join(map(str, toolchain.java_classes(program))), program], {}
        if kind == "ruby":
            path = os.pathsep.join(map(str, toolchain.ruby_folders()))
            return [toolchain.find_ruby(), str(toolchain.BENCH / f"{program}.rb")], {"RUBYLIB": path}
        python = self.python if kind == "python" else toolchain.find_python(kind.removeprefix("python"))
        environment = {"PYTHONPATH": self.python_path(python)}
        with contextlib.suppress(AbsentError):  # only the worker that imports in Lua needs it, and says so itself
            environment |= self.lua_environment()
        return [python, str(toolchain.BENCH / f"{program}.py"), *arguments], environment

    def lua_command(self, program: str, *arguments: str) -> list[str]:
        """A Lua program knows no process number, so it gets its name for shared memory."""
        name = f"memwell-bench-{os.getpid()}-{program}"
        return [toolchain.find_lua(), str(toolchain.BENCH / f"{program}.lua"), name, *arguments]

    def lua_environment(self) -> dict[str, str]:
        modules = [toolchain.lua_modules(), toolchain.bare_lua()]
        return {"LUA_CPATH": ";".join(f"{folder}/?.so" for folder in modules)} | self.lua_path()

    def lua_path(self) -> dict[str, str]:
        return {"LUA_PATH": f"{toolchain.BENCH}/?.lua;;"}

    def python_path(self, python: str) -> str:
        """Where the worker finds the bare module and, in an interpreter other than the runner's, memwell."""
        folders: list[Path] = [toolchain.bare_python(python)]
        if python != self.own_python:
            folders.append(toolchain.borrowed_memwell(python))
        return os.pathsep.join(map(str, folders))
