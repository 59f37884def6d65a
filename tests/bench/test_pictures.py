"""The pictures, from runs that are made up: which lines they have, and that they are the same each time.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

from pathlib import Path

import pictures
import pytest
from contest import Outcome, Role, Row
from report import Run


def row(name: str, role: Role, time: float) -> Row:
    return Row(name, role, [time, time])


def hand_over(size: str, time: float) -> Outcome:
    rows = [row("in place", "memwell", time), row("bare", "limit", time / 2), row("a pipe", "peer", 9 * time)]
    return Outcome("handover", "P8", f"C and C: hand over {size}, written and read", "us", rows)


RUN = Run(
    {},
    [
        hand_over("1 KiB", 1e3),
        hand_over("1 MiB", 1e6),
        Outcome(
            "lock",
            "P12",
            "C: one mutex, and 8 processes that want it",
            "ns",
            [
                row("memwell, 8 processes", "memwell", 100),
                row("memwell, 1 processes", "memwell", 50),
                row("a robust one", "peer", 400),
            ],
        ),
        Outcome("element", "P3", "Python: view[i], float64", "ns", [row("memwell View", "memwell", 10), row("bare C", "limit", 5)]),
    ],
)


def test_lines_are_in_microseconds_by_bytes() -> None:
    lines = pictures.lines_by_size(RUN, "C and C")
    assert lines["in place", "memwell"] == [(1024, 1.0), (1 << 20, 1e3)]
    assert lines["bare", "limit"] == [(1024, 0.5), (1 << 20, 500.0)]
    assert pictures.lines_by_size(RUN, "Python and Python") == {}


def test_throughput_is_in_millions_by_processes() -> None:
    assert pictures.throughput(RUN.outcomes[2]) == [(1, 20.0), (8, 10.0)]


def test_a_picture_without_contests_is_left_out_and_said_to_be(tmp_path: Path) -> None:
    said = list(pictures.write(Run({}, []), tmp_path))
    assert len(said) == len(pictures.PICTURES)
    assert all(line.startswith("left out: ") for line in said)
    assert list(tmp_path.iterdir()) == []


def test_pictures_are_the_same_each_time(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        folder.mkdir()
        assert all(line.startswith("written: ") for line in pictures.write(RUN, folder))
    for name in pictures.PICTURES:
        text = (first / f"performance-{name}.svg").read_text()
        assert text == (second / f"performance-{name}.svg").read_text()
        assert "stroke-dasharray" in text or name == "throughput"
    assert ">a pipe<" in (first / "performance-latency.svg").read_text()
