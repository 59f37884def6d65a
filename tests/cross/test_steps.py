"""Atomics, wait and wake, and the kinds of memory and semaphores, between every ordered pair of languages.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import itertools
import random
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager

import pytest
from driver import HERE, LANGUAGES, LIMIT, Peers, next_line

from memwell import Region, Semaphore, View

EDGES = HERE / "edges.tsv"
STEPS = 640
TIMES = 1_000_000
PAIRS = list(itertools.product(LANGUAGES, LANGUAGES))

each_pair = pytest.mark.parametrize(("first", "second"), PAIRS, ids=["-".join(pair) for pair in PAIRS])


Place = tuple[str, str, tuple[int, ...], tuple[int, ...]]
"""The first's word for it, the second's, and the descriptors that each inherits."""


@contextmanager
def by_name(name: str) -> Iterator[Place]:
    yield f"name:{name}", f"name:{name}", (), ()


@contextmanager
def by_key(name: str) -> Iterator[Place]:
    key = random.SystemRandom().randrange(1, 1 << 31)
    try:
        yield f"key:{key}", f"key:{key}", (), ()
        with pytest.raises(FileNotFoundError):
            Region.sysv_remove(key)
        with pytest.raises(FileNotFoundError):
            Semaphore.sysv_remove(key)
    finally:
        Region.sysv_remove(key, missing_ok=True)
        Semaphore.sysv_remove(key, missing_ok=True)


@contextmanager
def by_descriptor(name: str) -> Iterator[Place]:
    with Region.memfd(4096, name=name) as region:
        fd = region.fileno()
        yield f"fd:{fd}", f"fd:{fd}", (fd,), (fd,)


@contextmanager
def by_socket(name: str) -> Iterator[Place]:
    with ExitStack() as stack:
        one, other = (stack.enter_context(end).fileno() for end in socket.socketpair())
        yield f"socket:{one}", f"socket:{other}", (one,), (other,)


@pytest.mark.parametrize("place", [by_name, by_key, by_descriptor, by_socket], ids=lambda place: place.__name__)
@each_pair
def test_steps(peers: Peers, name: str, place: Callable[[str], AbstractContextManager[Place]], first: str, second: str) -> None:
    """Both do every operation on every dtype, by turns, and know what it makes; then they pass two semaphores to and fro."""
    with place(name) as (word, other, descriptors, others):
        early = peers.start(first, "step-first", EDGES, word, STEPS, descriptors=descriptors)
        line = next_line(early)
        assert line == "ready\n", early.communicate(timeout=LIMIT)
        peers.start(second, "step-second", EDGES, other, STEPS, descriptors=others)
        assert peers.finish() == [f"{STEPS} steps\n"] * 2


def await_word(words: View, i: int, wanted: int) -> None:
    while (word := words.atomic_load(i)) != wanted:
        assert words.wait(i, word, LIMIT)


def test_all_count_at_once(peers: Peers, name: str) -> None:
    """A million each, on one int64 and one uint32 that wraps around: nothing is lost."""
    with Region.create(name, 4096, temporary=True) as region:
        words = region.view("uint32", 2)
        narrow = region.view("uint32", 1, offset=128)
        narrow[0] = 0xFFFFFFFF
        for language in LANGUAGES:
            peers.start(language, "count", name, TIMES)
        await_word(words, 0, len(LANGUAGES))
        words.atomic_store(1, 1)
        words.wake(1)
        assert peers.finish() == [f"{TIMES} counted\n"] * len(LANGUAGES)
        assert region.view("int64", 1, offset=64)[0] == len(LANGUAGES) * TIMES
        assert narrow[0] == len(LANGUAGES) * TIMES - 1
