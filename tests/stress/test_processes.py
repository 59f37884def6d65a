"""Children of every sort use a region and a semaphore and end in every way: nothing is left, nothing goes twice, nobody crashes.

STRESS=full in the environment makes more of them.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import multiprocessing
import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from memwell import Region, Semaphore

CHILDREN = 100 if os.environ.get("STRESS") == "full" else 6
SIZE = 4096


@pytest.fixture
def name() -> Iterator[str]:
    """A name that nobody else has; what is left of it afterwards fails the test."""
    unique = f"mw-test-{os.getpid()}-{uuid.uuid4().hex[:8]}"
    yield unique
    left = [path for path in Path("/dev/shm").iterdir() if unique in path.name]
    for path in left:
        path.unlink()
    assert left == []


def use(region: Region, semaphore: Semaphore, place: int) -> None:
    """What a child does: it leaves its mark, once, and closes only some of what it has."""
    with semaphore:
        region[place] = region[place] + 1
    if place % 2:
        region.close()
        semaphore.close()


@pytest.mark.parametrize("method", ["spawn", "forkserver", "fork"])
def test_children_of_multiprocessing_leave_nothing(method: str, name: str) -> None:
    context: Any = multiprocessing.get_context(method)  # typeshed's has no Process
    with Region.create(name, SIZE, temporary=True) as region, closing(Semaphore.create(name, 1, temporary=True)) as semaphore:
        for place in range(CHILDREN):
            child = context.Process(target=use, args=(region, semaphore, place))
            child.start()
            child.join()
            assert child.exitcode == 0
        assert Path("/dev/shm", name).exists(), "a child has removed its parent's name"
        assert bytes(region[:CHILDREN]) == b"\1" * CHILDREN
        assert semaphore.value == 1


def leave_at_once(_name: str) -> None:
    os._exit(0)


def become_another_program(_name: str) -> None:
    os.execv("/bin/true", ["true"])


def kill_itself(_name: str) -> None:
    os.kill(os.getpid(), 9)


def attach_and_leave(name: str) -> None:
    Region.attach(name)[0] = 1
    os._exit(0)


@pytest.mark.parametrize("leave", [leave_at_once, become_another_program, kill_itself, attach_and_leave])
def test_forked_children_leave_the_name_to_their_parent(leave: Callable[[str], None], name: str) -> None:
    with Region.create(name, SIZE, temporary=True) as region:
        children = []
        for place in range(CHILDREN):
            child = os.fork()
            if child == 0:
                region[place] = 7
                leave(name)
                os._exit(1)
            children.append(child)
        codes = {os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children}
        assert codes == ({-9} if leave is kill_itself else {0})
        assert Path("/dev/shm", name).exists(), "a child has removed its parent's name"
        assert bytes(region[1:CHILDREN]) == b"\7" * (CHILDREN - 1)
