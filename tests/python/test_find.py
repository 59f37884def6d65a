"""find, rfind, count and lines, against what bytes does.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import memwell
from memwell import Region

texts = st.binary(max_size=60) | st.text("ab\n", max_size=60).map(str.encode)
subs = st.binary(max_size=4) | st.text("ab\n", max_size=4).map(str.encode)
bounds = st.none() | st.integers(-70, 70) | st.sampled_from([2**62, -(2**62), 2**70, -(2**70)])


def region_of(content: bytes) -> Region:
    region = Region.anonymous(max(1, len(content)))
    region.write(content)
    return region


@given(texts.filter(bool), subs, bounds, bounds)
@settings(max_examples=300, deadline=None)
def test_as_bytes(content: bytes, sub: bytes, start: int | None, end: int | None) -> None:
    with region_of(content) as region:
        assert region.find(sub, start, end) == content.find(sub, start, end)
        assert region.rfind(sub, start, end) == content.rfind(sub, start, end)
        assert region.count(sub, start, end) == content.count(sub, start, end)


def lines_of(content: bytes) -> list[bytes]:
    lines = content.split(b"\n")
    return lines if lines[-1] else lines[:-1]


@given(texts.filter(bool), bounds, bounds)
@settings(max_examples=200, deadline=None)
def test_lines(content: bytes, start: int | None, end: int | None) -> None:
    with region_of(content) as region:
        assert list(region.lines(start, end)) == lines_of(content[start:end])


@pytest.mark.parametrize("length", [65_535, 65_536, 65_537, 200_000])
def test_long_lines(length: int) -> None:
    content = b"x" * length + b"\n" + b"y" * length
    with region_of(content) as region:
        assert list(region.lines()) == [b"x" * length, b"y" * length]


def test_across_pieces() -> None:
    """Work on more than 64 MiB is done in pieces: what lies across an edge is found, and counted once, as are rows that do."""
    piece = 64 << 20
    with Region.anonymous(2 * piece + 5000) as region:
        places = [3, piece - 2, piece + 4000, 2 * piece - 1, 2 * piece + 4000]
        for place in places:
            region.write(b"abc", place)
        assert region.find(b"abc") == places[0]
        assert region.find(b"abc", 4) == places[1]
        assert region.find(b"abc", piece + 4001) == places[3]
        assert region.rfind(b"abc", 0, places[-1] + 2) == places[3]
        assert region.rfind(b"abc", 0, places[1] + 2) == places[0]
        assert region.rfind(b"abd") == region.find(b"abd") == -1
        assert region.count(b"abc") == len(places)
        region.fill(ord("a"), piece - 1000, 2001)
        assert region.count(b"aa") == 1000
        assert region.count(b"aaa") == 667


def test_in_itself() -> None:
    with region_of(b"..abc..abc") as region:
        assert region.find(memoryview(region)[7:]) == 2
        assert region.count(region[2:5]) == 2


def test_wrong_arguments() -> None:
    with region_of(b"abc") as region:
        calls: list[Any] = [region.find, region.rfind, region.count]
        for call in calls:
            for wrong in [(), ("a",), (None,), (b"a", 1.5), (b"a", 0, "b"), (b"a", 0, 1, 2)]:
                with pytest.raises(TypeError):
                    call(*wrong)
        with pytest.raises(TypeError):
            region.lines(1.5)  # type: ignore[arg-type]


def test_region_closed_meanwhile() -> None:
    region = region_of(b"a\nb")
    lines = region.lines()
    assert next(lines) == b"a"
    region.close()
    with pytest.raises(memwell.ClosedError, match=r"Region\.lines"):
        next(lines)
