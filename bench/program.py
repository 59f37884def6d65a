"""Another program that takes part in a work: it is told something in a line, and says something in a line.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import subprocess


class Program:
    """It says "ready" first, and ends when its standard input does."""

    def __init__(self, *command: str) -> None:
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdin
        assert self.process.stdout
        self.pid = self.process.pid
        self.input, self.output = self.process.stdin, self.process.stdout
        if self.hear() != "ready":
            raise OSError(f"{command[0]} does not answer")

    def tell(self, line: str) -> None:
        self.input.write(line + "\n")
        self.input.flush()

    def hear(self) -> str:
        return self.output.readline().rstrip("\n")

    def stop(self) -> None:
        self.input.close()
        self.process.wait()
        self.output.close()
