"""Workers of multiprocessing share regions, views and semaphores, however they are started and however they get them.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from program import HERE, LIMIT

METHODS = ("fork", "spawn", "forkserver")
WAYS = ("pickle", "pool", "name", "file")
PAIRS = [
    *((method, how) for method in METHODS for how in WAYS),
    ("fork", "inheritance"),
    ("spawn", "refused"),
    ("forkserver", "refused"),
]


@pytest.mark.parametrize(("method", "how"), PAIRS, ids=["-".join(pair) for pair in PAIRS])
def test_coworkers(name: str, tmp_path: Path, method: str, how: str) -> None:
    """In a process of its own, so that what multiprocessing leaves running ends with it; not a word on stderr, nor a warning."""
    command = [sys.executable, "-X", "dev", "-W", "error", str(HERE / "coworkers.py"), method, how, name, str(tmp_path)]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONWARNINGS": "error"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=2 * LIMIT)
    assert (done.stdout, done.stderr, done.returncode) == ("done\n", "", 0)
