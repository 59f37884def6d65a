"""Every case of the list of behaviours, in Python.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from behaviours import Case, cases, run

import memwell

CASES = list(cases())
OURS = f"mw-behaviours-{os.getpid()}-"


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    """No case leaves a descriptor or a name behind."""
    before = os.listdir("/proc/self/fd")
    yield
    assert os.listdir("/proc/self/fd") == before
    assert [name for name in os.listdir("/dev/shm") if OURS in name] == []


@pytest.mark.parametrize("case", [case for _, case in CASES], ids=[f"{noun}: {case['name']}" for noun, case in CASES])
def test_case(case: Case, tmp_path: Path) -> None:
    if "python" in case.get("not", []):
        pytest.skip(case["why"])
    run(case, tmp_path)


# ---- the list itself

NOT_LISTED = {
    *("Region.from_fd", "Region.fileno", "Region.send", "Region.receive"),  # descriptors are no data
    *("Region.key", "Region.id", "Semaphore.key", "Semaphore.id", "Semaphore.index"),  # numbers that the system chooses
    *("Region.path", "Region.private", "Region.readinto", "Region.stream", "Region.runs"),  # Python's own
    *("View.format", "View.itemsize", "View.region", "Semaphore.region", "Region.well", "Well.path", "Well.region"),
    *("Mutex.well", "RobustSemaphore.well", "Event.well"),
    *("Semaphore.acquire_async", "Mutex.acquire_async", "RobustSemaphore.acquire_async", "Event.wait_async"),
    *("Mutex.recovering", "Well.break_locks"),  # what they are for takes another process
}
NOUNS = (
    memwell.Region,
    memwell.View,
    memwell.Semaphore,
    memwell.Well,
    memwell.Mutex,
    memwell.RobustSemaphore,
    memwell.Event,
)


def test_every_call_has_a_case(tmp_path: Path) -> None:
    """A call that is added to Python has to be added to the list, or named above."""
    made: set[str] = set()
    for i, (_, case) in enumerate(CASES):
        if "python" not in case.get("not", []):
            folder = tmp_path / str(i)
            folder.mkdir()
            made |= run(case, folder)
    there = {f"{noun.__name__}.{name}" for noun in NOUNS for name in dir(noun) if not name.startswith("_")}
    assert there - NOT_LISTED - made == set()
    assert there >= NOT_LISTED
    assert NOT_LISTED & made == set()
