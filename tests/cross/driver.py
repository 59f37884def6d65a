"""Starts peers and ends them, whatever happens. Main entry: Peers.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILD = Path(os.environ.get("MEMWELL_BUILD", ROOT / "build"))
SHARED_MEMORY = Path("/dev/shm")
LIMIT = 120.0
"""Seconds that a child may take."""

LANGUAGES = ("c", "python", "lua", "java", "ruby", "perl")
"""Those that have a peer."""

OWN_CASES = ("c", "python", "lua")
"""Those whose errors cases.tsv has. The bindings made by SWIG share theirs, and tests/behaviours has them."""

JAVA = ("java", "-XX:TieredStopAtLevel=1", "-Xcheck:jni", "-XX:+AllowUserSignalHandlers")


def core_sources() -> list[Path]:
    lines = (ROOT / "core/sources.txt").read_text(encoding="utf-8").splitlines()
    return [ROOT / line.strip() for line in lines if line.strip() and not line.startswith("#")]


def library() -> list[Path]:
    """The built library, unless it is older than the sources; then those."""
    archive = BUILD / "libmemwell.a"
    files = [path for folder in ("include", "src") for path in (ROOT / "core" / folder).rglob("*.[ch]")]
    is_new = archive.exists() and all(path.stat().st_mtime < archive.stat().st_mtime for path in files)
    return [archive] if is_new else core_sources()


def names_with(unique: str) -> list[str]:
    return sorted(path.name for path in SHARED_MEMORY.iterdir() if unique in path.name)


def has_children() -> bool:
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def next_line(child: subprocess.Popen[str]) -> str:
    """A line that a child prints, as soon as it does."""
    assert child.stdout is not None
    ready, _, _ = select.select([child.stdout], [], [], LIMIT)
    return child.stdout.readline() if ready else ""


class Peers:
    """Starts peers, and ends those that are still there when the test is over."""

    def __init__(self, c_peer: Path, java_peer: Path) -> None:
        self.commands = {
            "c": [str(c_peer)],
            "python": [sys.executable, "-W", "error", str(HERE / "peer.py")],
            "lua": ["lua5.4", str(HERE / "peer.lua")],
            "java": [*JAVA, "-cp", f"{BUILD}/java/classes:{java_peer}", "Peer"],
            "ruby": ["ruby", "-w", str(HERE / "peer.rb")],
            "perl": ["perl", "-w", str(HERE / "peer.pl")],
        }
        self.environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
        self.environment.setdefault("LUA_CPATH", f"{BUILD}/lua/?.so;;")
        self.environment.setdefault("RUBYLIB", f"{BUILD}/ruby/lib:{ROOT}/bindings/swig/ruby/lib")
        self.environment.setdefault("PERL5LIB", f"{BUILD}/perl/blib/lib:{BUILD}/perl/blib/arch")
        self.children: list[subprocess.Popen[str]] = []

    def start(self, language: str, *arguments: object, descriptors: Iterable[int] = ()) -> subprocess.Popen[str]:
        child = subprocess.Popen(
            [*self.commands[language], *map(str, arguments)],
            env=self.environment,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=tuple(descriptors),
        )
        self.children.append(child)
        return child

    def run(self, language: str, *arguments: object) -> str:
        """Run one peer to its end and return what it printed."""
        out, err = self.start(language, *arguments).communicate(timeout=LIMIT)
        assert (self.children[-1].returncode, err) == (0, "")
        return out

    def finish(self) -> list[str]:
        """Wait for all children. Where one fails the others are ended, for they would wait for it. Returns what each printed."""
        deadline = time.monotonic() + LIMIT
        descriptors = {os.pidfd_open(child.pid): child for child in self.children}
        try:
            waiting = dict(descriptors)
            while waiting and all(child.returncode in (None, 0) for child in self.children):
                ready, _, _ = select.select(list(waiting), [], [], max(0, deadline - time.monotonic()))
                if not ready:
                    break
                for descriptor in ready:
                    waiting.pop(descriptor).wait()
        finally:
            for descriptor in descriptors:
                os.close(descriptor)
        ended = [child for child in self.children if child.poll() is not None]
        self.end()
        outputs = {child.pid: child.communicate(timeout=LIMIT) for child in self.children}
        wrong = [child for child in ended if child.returncode or outputs[child.pid][1]]
        if wrong or len(ended) < len(self.children):
            told = [f"{child.args!r}: {child.returncode} {outputs[child.pid]}" for child in wrong or self.children]
            raise AssertionError("\n".join(told))
        return [out for out, _ in outputs.values()]

    def end(self) -> None:
        for child in self.children:
            if child.poll() is None:
                child.kill()
                child.wait()
