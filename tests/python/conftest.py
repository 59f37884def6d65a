"""What every Python test gets: names that are its own and are gone afterwards, and a check that it left nothing behind.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import contextlib
import gc
import itertools
import os
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import memwell

Ticking = Callable[[Callable[[int], object]], contextlib.AbstractContextManager[None]]
Interrupted = Callable[[Callable[[], object]], None]

SHARED = Path("/dev/shm")
OURS = f"memwell-test-{os.getpid()}-"

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as with `pytest &` in a script; what the tests start would inherit that
    signal.signal(signal.SIGINT, signal.default_int_handler)


def descriptors() -> list[str]:
    """Where the descriptors of this process lead, but for pipes, sockets and the like, which other modules keep."""
    found = []
    for entry in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):
            target = os.readlink(f"/proc/self/fd/{entry}")
            if target.startswith("/") and not target.startswith(("/dev/null", "/dev/pts", "/dev/urandom", "/proc")):
                found.append(target)
    return sorted(found)


def mappings() -> list[str]:
    """The shared memory and the test files that this process has mapped."""
    paths = []
    for line in Path("/proc/self/maps").read_text().splitlines():
        fields = line.split(maxsplit=5)
        if len(fields) == 6 and (fields[5].startswith(("/dev/shm", "/memfd:")) or OURS in fields[5] or "pytest-of-" in fields[5]):
            paths.append(fields[5])
    return sorted(paths)


def names() -> list[str]:
    return sorted(entry for entry in os.listdir(SHARED) if OURS in entry)


@pytest.fixture(autouse=True)
def nothing_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaves a descriptor, a mapping or a name behind. What is there already is none of the test's, and frozen, so
    that the collector need not look through all of it a thousand times. pytest would keep what it gave to the test until later."""
    gc.collect()
    gc.freeze()
    before = descriptors(), mappings(), names()
    yield
    request.node.funcargs.clear()
    gc.collect()
    assert (descriptors(), mappings(), names()) == before


@pytest.fixture
def look_for_signals() -> Callable[[], None]:
    """A function that has the handlers run of signals that have come. CPython up to 3.12 runs on, for ever where nothing else stops
    it, when a signal came to another thread, such as pytest's watchdog that has not blocked them all yet."""
    return lambda: signal.pthread_kill(threading.get_ident(), 0)


@pytest.fixture
def ticking() -> Ticking:
    """Makes a block in which the handler of a signal calls a function every 2 ms, with the number of the call."""

    @contextlib.contextmanager
    def block(tick: Callable[[int], object]) -> Iterator[None]:
        numbers = itertools.count(1)
        before = signal.signal(signal.SIGALRM, lambda number, frame: tick(next(numbers)))
        signal.setitimer(signal.ITIMER_REAL, 0.002, 0.002)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)

    return block


@pytest.fixture
def interrupted() -> Iterator[Interrupted]:
    """A function that calls another, which soon ends by what a signal handler raises. The signal may come before the wait."""

    def handle(number: int, frame: object) -> None:
        raise LookupError("from the handler")

    def call(wait: Callable[[], object]) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0.002)
        wait()

    before = signal.signal(signal.SIGALRM, handle)
    yield call
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def new_name(nothing_left: None) -> Iterator[Callable[[], str]]:
    """A function that makes names; whatever has them at the end of the test is unlinked."""
    made: list[str] = []
    count = itertools.count()

    def make() -> str:
        made.append(f"{OURS}{uuid.uuid4().hex[:8]}-{next(count)}")
        return made[-1]

    yield make
    for name in made:
        memwell.Region.unlink(name, missing_ok=True)
        memwell.Semaphore.unlink(name, missing_ok=True)


@pytest.fixture
def name(new_name: Callable[[], str]) -> str:
    return new_name()


@pytest.fixture
def region(name: str) -> Iterator[memwell.Region]:
    """Named memory of 4096 bytes."""
    with memwell.Region.create(name, 4096) as made:
        yield made


@pytest.fixture
def semaphore(name: str) -> Iterator[memwell.Semaphore]:
    """A semaphore of value 1."""
    made = memwell.Semaphore.create(name, 1)
    yield made
    made.close()


@pytest.fixture
def well(name: str) -> Iterator[memwell.Well]:
    """A well of 1 MiB."""
    with memwell.Well.create(name, 1 << 20) as made:
        yield made


class Child:
    """Another process at the same well. Its program has run when it is there; it then waits to be told to end, or is killed."""

    def __init__(self, well: memwell.Well, program: str) -> None:
        opening = f"import memwell, os, sys\nwell = memwell.Well.attach({well.name!r})\n"
        ending = "\nprint(well.slot, flush=True)\nsys.stdin.read()\nos._exit(0)"
        self.process = subprocess.Popen(
            [sys.executable, "-c", opening + program + ending], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.slot = int(self.process.stdout.readline())

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def close(self) -> None:
        self.kill()
        for stream in (self.process.stdin, self.process.stdout):
            assert stream is not None
            stream.close()


@pytest.fixture
def child(well: memwell.Well) -> Iterator[Callable[[str], Child]]:
    """A function that starts a process at the well, which runs a program with `well` in it."""
    children: list[Child] = []

    def start(program: str = "") -> Child:
        children.append(Child(well, program))
        return children[-1]

    yield start
    for each in children:
        each.close()
