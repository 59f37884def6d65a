"""Two processes that play ping-pong, of which this one is side 0; rally.h does the same in C, and says how it goes.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from time import perf_counter_ns, process_time_ns
from typing import Protocol

from figures import figures
from program import Program
from serve import Work

WARM_UP = 200
"""Trips at most; where there are fewer, one less than those."""

Stroke = Callable[[], object]

PLACES = ("apart", "one-cpu")
place = sys.argv[1] if len(sys.argv) > 1 else PLACES[0]
processors = sorted(os.sched_getaffinity(0))


def lacking() -> str:
    """Why no two processes can play here, or nothing."""
    return "there is only one processor here" if place == "apart" and len(processors) < 2 else ""


def processor_of(side: int) -> int:
    return processors[-1 if side == 1 and place == "apart" else 0]


@contextlib.contextmanager
def confined() -> Iterator[None]:
    """This thread on the processor of side 0; threads that a peer started before stay where they like."""
    os.sched_setaffinity(0, {processor_of(0)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, processors)


class Partner(Protocol):
    """Side 1."""

    pid: int

    def begin(self, count: int) -> None:
        """Let it answer the next `count` strokes."""

    def end(self) -> int:
        """Wait until it has; how many nanoseconds it had on a processor."""


class ForkedPartner:
    """A child of this process. `prepare` makes its stroke, in the child: some peers have to be opened anew there."""

    def __init__(self, prepare: Callable[[], Stroke]) -> None:
        self.prepare = prepare

    def begin(self, count: int) -> None:
        self.line, theirs = socket.socketpair()
        self.pid = os.fork()
        if self.pid == 0:
            self.line.close()
            try:
                self.play(count, theirs)
            finally:
                os._exit(1)
        theirs.close()

    def play(self, count: int, line: socket.socket) -> None:
        stroke = self.prepare()
        os.sched_setaffinity(0, {processor_of(1)})
        begin = process_time_ns()
        for _ in range(count):
            stroke()
        line.send(str(process_time_ns() - begin).encode())
        line.recv(1)  # stays until side 0 has the last ball, which a thread of this process may still be sending

    def end(self) -> int:
        said = self.line.recv(64)
        self.line.close()
        os.waitpid(self.pid, 0)
        return int(said)


class ProgramPartner(Program):
    """Another program; it stays."""

    def __init__(self, *command: str) -> None:
        super().__init__(*command)
        os.sched_setaffinity(self.pid, {processor_of(1)})

    def begin(self, count: int) -> None:
        self.tell(str(count))

    def end(self) -> int:
        return int(self.hear())


@contextlib.contextmanager
def watched(partner: Partner) -> Iterator[None]:
    """Raises OSError when the partner ends without being asked to: nobody is left to wait for."""

    def look(*_: object) -> None:
        ended = os.waitid(os.P_PID, partner.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if ended and ended.si_status != 0:
            raise OSError("the other side ended")

    before = signal.signal(signal.SIGCHLD, look)
    try:
        yield
    finally:
        signal.signal(signal.SIGCHLD, before)


def timed(stroke: Stroke, n: int) -> list[int]:
    """How long each of n trips takes."""
    trips = []
    before = perf_counter_ns()
    for _ in range(n):
        stroke()
        after = perf_counter_ns()
        trips.append(after - before)
        before = after
    return trips


def rally(stroke: Stroke, partner: Partner) -> Work:
    """A work: n trips in a row, and n of which each is timed."""

    def work(n: int) -> str:
        with confined():
            warm_up = min(n - 1, WARM_UP)
            partner.begin(warm_up + 2 * n)
            with watched(partner):
                for _ in range(warm_up):
                    stroke()
                used, begin = process_time_ns(), perf_counter_ns()
                for _ in range(n):
                    stroke()
                time, used = perf_counter_ns() - begin, process_time_ns() - used
                trips = timed(stroke, n)
            theirs = partner.end() / (warm_up + 2 * n)
        return figures(time, used / n + theirs, trips)

    return work
