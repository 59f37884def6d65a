"""A worker that dies where it is told to, and otherwise is worker.py.

    dying_worker.py HOW MARKER JOB NUMBER COORDINATOR

HOW is "line:N", by SIGKILL before the Nth line of worker.py that it executes, in the first process only (the one that makes the
file MARKER); "poison:SIGNAL", by that signal whenever it counts a file whose path ends in "poison"; or "cut", which cuts such a
file to nothing as soon as it is mapped, so that its pages are lost when they are read.
"""

# SPDX-License-Identifier: MIT
import os
import signal
import sys
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "examples" / "pipeline"))

import worker
from layout import Range

from memwell import Region


def die_before_line(n: int, marker: str) -> None:
    """Lines are counted by Python's own tracing: every store of a worker has a line of its own."""
    lines = 0

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal lines
        if frame.f_code.co_filename != worker.__file__:
            return None
        if event == "line":
            lines += 1
            if lines == n and make(marker):
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    sys.settrace(trace)


def make(marker: str) -> bool:
    """Whether this process is the one that makes the file."""
    try:
        os.close(os.open(marker, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True


def die_of_poison(number: int) -> None:
    count = worker.Worker.count

    def poisoned(self: worker.Worker, i: int, counts: Counter[bytes]) -> None:
        if self.path(self.ranges[i, Range.PATH], self.ranges[i, Range.PATH_SIZE]).endswith("poison"):
            os.kill(os.getpid(), number)
        count(self, i, counts)

    patched: Any = worker
    patched.Worker.count = poisoned


def cut_under_the_mapping() -> None:
    class Cut(Region):
        @classmethod
        def file(cls, path: Any, *arguments: Any, **options: Any) -> Any:
            region = super().file(path, *arguments, **options)
            if path.endswith("poison"):
                os.truncate(path, 0)
            return region

    patched: Any = worker
    patched.Region = Cut


if __name__ == "__main__":
    how, marker, job, number, coordinator = sys.argv[1:]
    kind, _, value = how.partition(":")
    if kind == "poison":
        die_of_poison(signal.Signals[value])
    elif kind == "cut":
        cut_under_the_mapping()
    with ExitStack() as everything:
        if kind == "line":
            die_before_line(int(value), marker)
        worker.Worker(job, int(number), int(coordinator), everything).run()
        sys.settrace(None)
