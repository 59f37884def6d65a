"""Two copies of the core in one process: Python with a Lua interpreter inside. copies.py is the process.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from driver import BUILD, HERE, LIMIT

BEFORE = {"python": ["python"], "lua": []}


@pytest.mark.parametrize("first", ["python", "lua"])
def test_each_copy_guards_its_own_regions(first: str, tmp_path: Path) -> None:
    """Whichever guards first, and whether or not a Lua state was closed: every loss is told, and a foreign fault still kills."""
    command = [sys.executable, "-X", "faulthandler", str(HERE / "copies.py"), first, str(tmp_path / "file")]
    done = subprocess.run(
        command, env={"LUA_CPATH": f"{BUILD}/lua/?.so"}, capture_output=True, text=True, timeout=LIMIT, check=False
    )
    assert done.stdout.split() == BEFORE[first] + 2 * ["lua", "python", "lua", "python"] + ["foreign"], done.stderr
    assert done.returncode == -signal.SIGBUS, done.stderr
