"""What the cross tests share: the three peers, a name, and a look for what was left behind.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))  # the tests use the parts of peer.py

from driver import BUILD, HERE, ROOT, SHARED_MEMORY, Peers, has_children, library, names_with


@pytest.fixture(scope="session")
def c_peer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    program = tmp_path_factory.mktemp("peer") / "peer"
    command = ["cc", "-std=c11", "-g", "-O1", "-Wall", "-Wextra", "-Wconversion", "-Werror", "-pthread"]
    command += [f"-I{ROOT}/core/include", f"-I{ROOT}/core/src", "-o", str(program)]
    command += [str(path) for path in [*sorted(HERE.glob("*.c")), *library()]]
    done = subprocess.run([*command, "-lm"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return program


@pytest.fixture(scope="session")
def java_peer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("java")
    sources = [str(path) for path in sorted(HERE.glob("*.java"))]
    command = ["javac", "-Xlint:all,-try", "-Werror", "-cp", f"{BUILD}/java/classes", "-d", str(folder), *sources]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def peers(c_peer: Path, java_peer: Path) -> Iterator[Peers]:
    peers = Peers(c_peer, java_peer)
    try:
        yield peers
    finally:
        peers.end()
        for child in peers.children:
            for stream in (child.stdout, child.stderr):
                if stream:
                    stream.close()


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


@pytest.fixture(autouse=True)
def no_leaks() -> Iterator[None]:
    """No test leaves a descriptor or a child."""
    before = os.listdir("/proc/self/fd")
    yield
    assert os.listdir("/proc/self/fd") == before
    assert not has_children()
