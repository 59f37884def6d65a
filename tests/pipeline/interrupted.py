"""Runs the pipeline and sends a signal to its coordinator at a given point of the work.

    interrupted.py SIGNAL WHEN [ARGUMENT of pipeline.py ...]

WHEN is "answer:N", after the Nth answer; "plan", while the files are cut; or "twice", after the second answer and again while the
crew is sent home. So a test needs no clock: the signal comes where it is told to.
"""

# SPDX-License-Identifier: MIT
import os
import signal
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "examples" / "pipeline"))

import crew
import job
import pipeline
import ranges


def interrupt(number: int, when: str) -> None:
    answers = 0
    close = crew.Crew.close

    def send(*_: Any) -> None:
        os.kill(os.getpid(), number)

    def after_answer(*_: Any) -> None:
        nonlocal answers
        answers += 1
        if answers == (int(when.partition(":")[2]) if when.startswith("answer:") else 2):
            send()

    def while_cutting(*arguments: Any) -> Any:
        send()
        return ranges.cut(*arguments)

    def while_closing(self: crew.Crew) -> None:
        send()
        close(self)

    patched: Any = job
    if when == "plan":
        patched.cut = while_cutting
    else:
        patched.Killer.strike = after_answer
    if when == "twice":
        patched.Crew.close = while_closing


if __name__ == "__main__":
    number = signal.Signals[sys.argv[1]]
    if number != signal.SIGKILL:
        signal.signal(number, signal.SIG_DFL)  # a test that runs in the background may have it ignored
    interrupt(number, sys.argv[2])
    sys.exit(pipeline.main(sys.argv[3:]))
