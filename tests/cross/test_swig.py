"""Every ordered pair with a language that SWIG carries memwell to: 200 rounds of region and semaphores, all dtypes.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from driver import HERE, LIMIT, SHARED_MEMORY, Peers, names_with, next_line
from swig_peers import COMMANDS, MissingPeerError, command_of

EDGES = HERE / "edges.tsv"
ROUNDS = 200
NATIVE = ("c", "python", "lua")
PAIRS = [pair for pair in itertools.product((*NATIVE, *COMMANDS), repeat=2) if set(pair) & set(COMMANDS)]

each_pair = pytest.mark.parametrize(("first", "second"), PAIRS, ids=["-".join(pair) for pair in PAIRS])


@pytest.fixture(autouse=True)
def swig_peers(peers: Peers, first: str, second: str) -> None:
    """The commands of those that are not there from the start."""
    for language in {first, second} & set(COMMANDS):
        try:
            peers.commands[language] = command_of(language)
        except MissingPeerError as missing:
            pytest.skip(str(missing))


@each_pair
def test_rounds(peers: Peers, name: str, first: str, second: str) -> None:
    """As in test_cross.py: the second is there before the name is."""
    late = peers.start(second, "second", EDGES, name, ROUNDS)
    line = next_line(late)
    assert line == "waiting\n", late.communicate(timeout=LIMIT)
    assert names_with(name) == []
    peers.start(first, "first", EDGES, name, ROUNDS)
    assert peers.finish() == [f"{ROUNDS} rounds\n"] * 2


@pytest.mark.parametrize(("first", "second"), [("c", language) for language in COMMANDS])
def test_a_peer_notices_a_wrong_answer(peers: Peers, name: str, first: str, second: str, tmp_path: Path) -> None:
    """With other edges the two sides do not mean the same, and the one who finds it says where."""
    other = tmp_path / "edges.tsv"
    other.write_text(EDGES.read_text().replace("7bff", "7bfe"))
    late = peers.start(second, "second", EDGES, name, ROUNDS)
    assert next_line(late) == "waiting\n"
    peers.start(first, "first", other, name, ROUNDS)
    with pytest.raises(AssertionError, match="float16 element"):
        peers.finish()
    for left in names_with(name):
        (SHARED_MEMORY / left).unlink()
