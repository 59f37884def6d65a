"""How the tests of the pipeline start it, and what they look for afterwards.

The watcher and the Lua module are taken from the build tree (MEMWELL_BUILD, or build/ at the top); Python runs on the interpreter
and the memwell package that the tests run on.
"""

# SPDX-License-Identifier: MIT
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
BUILD = Path(os.environ.get("MEMWELL_BUILD", ROOT / "build"))
SHARED_MEMORY = Path("/dev/shm")
LIMIT = 120  # seconds for one run

os.environ.setdefault("LUA_CPATH", f"{BUILD}/lua/?.so;;")
os.environ.setdefault("RUBYLIB", f"{BUILD}/ruby/lib:{ROOT}/bindings/swig/ruby/lib")
os.environ.setdefault("PERL5LIB", f"{BUILD}/perl/blib/lib:{BUILD}/perl/blib/arch")
os.environ.setdefault("MEMWELL_WATCH", f"{BUILD}/examples/watch")


def job_names() -> set[str]:
    """The names of all jobs, dead and alive."""
    return {name for name in os.listdir(SHARED_MEMORY) if name.removeprefix("sem.").startswith("memwell-pipeline.")}


def processes_of(job: str) -> list[str]:
    """The command lines of the processes that name this job in their arguments."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if job in command:
                found.append(command)
    return found


class Pipeline:
    """Runs the pipeline, or a driver of these tests, as a child, and sees to it that nothing is left."""

    pid = 0  # of the last run

    def run(
        self, *arguments: object, status: int = 0, program: Path = ROOT / "examples/pipeline/pipeline.py"
    ) -> "subprocess.CompletedProcess[str]":
        process = subprocess.Popen(
            [sys.executable, str(program), *map(str, arguments)],
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        )
        self.pid = process.pid
        try:
            out, err = process.communicate(timeout=LIMIT)  # until the last process that holds the pipes has ended
        finally:
            process.kill()
            process.wait()
        assert process.returncode == status, (process.returncode, out, err)
        self.nothing_is_left_of(process.pid, names=status != -9)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    @staticmethod
    def nothing_is_left_of(pid: int, names: bool = True) -> None:
        job = f"memwell-pipeline.{pid}."
        assert processes_of(job) == []
        if names:
            assert [name for name in job_names() if job in name] == []


def reference(paths: Sequence[str]) -> Counter[bytes]:
    """The counts as they should be, found without any code of the pipeline."""
    counts: Counter[bytes] = Counter()
    for path in paths:
        counts.update(re.findall(rb"[0-9A-Za-z_\x80-\xff]+", Path(path).read_bytes()))
    return counts
