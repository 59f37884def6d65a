"""What the cross tests share: the three peers as commands, children that are never left behind, names that are never left behind.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILD = Path(os.environ.get("MEMWELL_BUILD", ROOT / "build"))
SHARED_MEMORY = Path("/dev/shm")
LIMIT = 120.0
"""Seconds that a child may take."""

sys.path.insert(0, str(HERE))  # the tests use the parts of peer.py


def core_sources() -> list[Path]:
    lines = (ROOT / "core/sources.txt").read_text(encoding="utf-8").splitlines()
    return [ROOT / line.strip() for line in lines if line.strip() and not line.startswith("#")]


def library() -> list[Path]:
    """The built library, unless it is older than the sources; then those."""
    archive = BUILD / "libmemwell.a"
    files = [path for folder in ("include", "src") for path in (ROOT / "core" / folder).rglob("*.[ch]")]
    is_new = archive.exists() and all(path.stat().st_mtime < archive.stat().st_mtime for path in files)
    return [archive] if is_new else core_sources()


@pytest.fixture(scope="session")
def c_peer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    program = tmp_path_factory.mktemp("peer") / "peer"
    command = ["cc", "-std=c11", "-g", "-O1", "-Wall", "-Wextra", "-Wconversion", "-Werror", "-pthread"]
    command += [f"-I{ROOT}/core/include", f"-I{ROOT}/core/src", "-o", str(program)]
    command += [str(path) for path in [*sorted(HERE.glob("*.c")), *library()]]
    done = subprocess.run([*command, "-lm"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return program


class Peers:
    """Starts peers, and ends those that are still there when the test is over."""

    def __init__(self, c_peer: Path) -> None:
        self.commands = {
            "c": [str(c_peer)],
            "python": [sys.executable, "-W", "error", str(HERE / "peer.py")],
            "lua": ["lua5.4", str(HERE / "peer.lua")],
        }
        self.environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
        self.environment.setdefault("LUA_CPATH", f"{BUILD}/lua/?.so;;")
        self.children: list[subprocess.Popen[str]] = []

    def start(self, language: str, *arguments: object) -> subprocess.Popen[str]:
        child = subprocess.Popen(
            [*self.commands[language], *map(str, arguments)],
            env=self.environment,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
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
            told = [f"{child.args}: {child.returncode} {outputs[child.pid]}" for child in wrong or self.children]
            raise AssertionError("\n".join(told))
        return [out for out, _ in outputs.values()]

    def end(self) -> None:
        for child in self.children:
            if child.poll() is None:
                child.kill()
                child.wait()


@pytest.fixture
def peers(c_peer: Path) -> Iterator[Peers]:
    peers = Peers(c_peer)
    try:
        yield peers
    finally:
        peers.end()
        for child in peers.children:
            for stream in (child.stdout, child.stderr):
                if stream:
                    stream.close()


def names_with(unique: str) -> list[str]:
    return sorted(path.name for path in SHARED_MEMORY.iterdir() if unique in path.name)


@pytest.fixture
def name() -> Iterator[str]:
    """A name for shared memory that nobody else has; nothing that contains it may be left after the test."""
    unique = f"mw-cross-{os.getpid()}-{uuid.uuid4().hex[:8]}"
    try:
        yield unique
        assert names_with(unique) == []
    finally:
        for left in names_with(unique):
            path = SHARED_MEMORY / left
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)


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
