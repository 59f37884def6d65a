"""Ctrl-C and its kin, taken at a moment of our choosing.

While memory and processes are held, a signal is only noted, and the bell rung that the coordinator sleeps on; so neither the first
Ctrl-C nor an impatient second one can cut a clean-up short. At other times it raises Stopped at once.
"""

# SPDX-License-Identifier: MIT
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Self

from memory import Bell

CAUGHT = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """A signal asked the program to end."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


class Signals:
    """Catches the signals while it is entered; what was ignored before stays ignored (nohup, or `&` in a script)."""

    def __init__(self) -> None:
        self.caught: int | None = None
        self.bell: Bell | None = None
        self._holding = False
        self._before: dict[int, object] = {}

    def __enter__(self) -> Self:
        for number in CAUGHT:
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._catch)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    def _catch(self, number: int, frame: FrameType | None) -> None:
        self.caught = number
        if not self._holding:
            raise Stopped(number)
        if self.bell is not None and not self.bell.closed:
            self.bell.release()

    def check(self) -> None:
        """Raise Stopped if a signal was noted."""
        if self.caught is not None:
            raise Stopped(self.caught)

    @contextmanager
    def held(self) -> Iterator[None]:
        """A block in which signals are only noted; one that was not looked at by `check` raises after it."""
        self._holding = True
        try:
            yield
        finally:
            self._holding = False
            self.bell = None
        self.check()
