"""Starts the watcher, the C program that draws the progress, and lets it end by itself.

It is built from watch.c to build/examples/watch; MEMWELL_WATCH or --watcher names another. Without it the job runs unwatched.
"""

# SPDX-License-Identifier: MIT
import os
import subprocess
from pathlib import Path
from typing import Self

LAST_LOOK = 2.0  # seconds that the watcher has to draw its last line


def default_watcher() -> str | None:
    """The watcher of this tree, if it is built."""
    path = os.environ.get("MEMWELL_WATCH") or str(Path(__file__).resolve().parents[2] / "build" / "examples" / "watch")
    return path if os.access(path, os.X_OK) else None


class Watcher:
    """Runs the watcher while it is entered. It only reads the board; whatever becomes of it, the job goes on."""

    def __init__(self, program: str | None, watched: str) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        if program is not None:
            self.process = subprocess.Popen([program, watched], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """The watcher ends when the board says that the job did."""
        if self.process is None:
            return
        try:
            self.process.wait(LAST_LOOK)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
