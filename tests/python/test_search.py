"""Region.runs: bounds, zero bytes, long runs, and a region that changes or closes meanwhile.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import random
import re

import pytest

import memwell
from memwell import Region


def region_of(content: bytes) -> Region:
    region = Region.anonymous(len(content))
    region.write(content)
    return region


def test_each_run() -> None:
    with region_of(b"..ab.c..abc") as region:
        assert list(region.runs(b"abc")) == [b"ab", b"c", b"abc"]
        assert list(region.runs(b".")) == [b"..", b".", b".."]
        assert list(region.runs(b"cb.aabc")) == [b"..ab.c..abc"]
        assert list(region.runs(b"x")) == []
        assert list(region.runs(b"")) == []


def test_bounds_are_those_of_bytes_find() -> None:
    with region_of(b"abcabc") as region:
        assert list(region.runs(b"abc", 2, 4)) == [b"ca"]
        assert list(region.runs(b"abc", end=-4)) == [b"ab"]
        assert list(region.runs(b"abc", -2)) == [b"bc"]
        assert list(region.runs(b"abc", -100, 100)) == [b"abcabc"]
        assert list(region.runs(b"abc", 1, None)) == [b"bcabc"]
        assert list(region.runs(b"abc", 4, 2)) == []
        assert list(region.runs(b"abc", 7)) == []


def test_zero_bytes_and_high_ones() -> None:
    with region_of(b"\0\xff\0\0\xfe") as region:
        assert list(region.runs(b"\0")) == [b"\0", b"\0\0"]
        assert list(region.runs(bytearray(b"\xfe\xff"))) == [b"\xff", b"\xfe"]


@pytest.mark.parametrize("size", [65_534, 65_535, 65_536, 65_537, 200_000])
def test_long_runs_and_long_gaps(size: int) -> None:
    with region_of(b"-" * size + b"x" * size + b"-" + b"y") as region:
        assert list(region.runs(b"xy")) == [b"x" * size, b"y"]


def test_agrees_with_regular_expressions() -> None:
    numbers = random.Random(4)
    for _ in range(200):
        content = bytes(numbers.choices(b"abcde", k=numbers.randrange(1, 80)))
        start, end = numbers.randrange(-90, 90), numbers.randrange(-90, 90)
        with region_of(content) as region:
            assert list(region.runs(b"abc", start, end)) == re.findall(b"[abc]+", content[start:end])


def test_sees_what_is_there_now() -> None:
    with region_of(b"a-a-a") as region:
        runs = region.runs(b"a")
        assert next(runs) == b"a"
        region[2] = ord("-")
        assert list(runs) == [b"a"]
        assert list(runs) == []


def test_region_cut_meanwhile() -> None:
    with region_of(b"aa-a-a") as region:
        runs = region.runs(b"a")
        region.resize(1)
        assert list(runs) == [b"a"]
        region.resize(3)
        assert list(runs) == []


def test_closed() -> None:
    region = region_of(b"a-a")
    runs = region.runs(b"a")
    next(runs)
    region.close()
    with pytest.raises(memwell.ClosedError, match=r"Region\.runs"):
        next(runs)
    with pytest.raises(memwell.ClosedError, match=r"Region\.runs"):
        region.runs(b"a")


def test_closed_while_arguments_are_converted() -> None:
    region = region_of(b"a-a")

    class Closing:
        def __index__(self) -> int:
            region.close()
            return 0

    with pytest.raises(memwell.ClosedError):
        region.runs(b"a", Closing())


def test_wrong_arguments() -> None:
    with region_of(b"a-a") as region:
        with pytest.raises(TypeError):
            region.runs()
        with pytest.raises(TypeError):
            region.runs("a")
        with pytest.raises(TypeError, match="bound"):
            region.runs(b"a", 1.5)
