"""Wells between every ordered pair of languages: two that live, and what one leaves that is killed.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import itertools
import signal

import pytest
from driver import LANGUAGES, LIMIT, Peers, next_line

TURNS = 2000
PAIRS = list(itertools.product(LANGUAGES, LANGUAGES))

each_pair = pytest.mark.parametrize(("first", "second"), PAIRS, ids=["-".join(pair) for pair in PAIRS])

HEIRLOOM = """\
slot 0 running: permits turn
turn: its owner died
permits: 3
turn: its owner died
turn: acquired
counts: 1 1
"""


@each_pair
def test_two_that_live(peers: Peers, name: str, first: str, second: str) -> None:
    """They change one array, take turns by a mutex, ring by events, divide permits, and list the same objects."""
    early = peers.start(first, "well-first", name, TURNS)
    assert next_line(early) == "ready\n", early.communicate(timeout=LIMIT)
    peers.start(second, "well-second", name, TURNS)
    told, other = peers.finish()
    assert other == f"ready\n{told}"
    assert [line.split()[0] for line in told.splitlines()] == ["counts", "grid", "permits", "ping", "pong", "turn"]


@each_pair
def test_one_that_is_killed(peers: Peers, name: str, first: str, second: str) -> None:
    """Who waits for what it held is told; the permits come back, and the mutex when it is mended."""
    holder = peers.start(first, "well-holder", name)
    assert next_line(holder) == "holding\n", holder.communicate(timeout=LIMIT)
    heir = peers.start(second, "well-heir", name)
    seen = next_line(heir)
    assert seen == HEIRLOOM.splitlines(keepends=True)[0], (seen, heir.communicate(timeout=LIMIT))
    holder.kill()
    assert holder.wait(LIMIT) == -signal.SIGKILL
    out, err = heir.communicate(timeout=LIMIT)
    assert (heir.returncode, err, seen + out) == (0, "", HEIRLOOM)
