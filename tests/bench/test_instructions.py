"""The guard against slowing down: what is compared and how, without valgrind; the step "instructions" of the check counts for real.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import callgrind
import instructions
import pytest
from callgrind import Count
from contest import AbsentError

KEPT = Count(1000, 5, 2)
DUMP = """\
part: 2
desc: Trigger: --dump-before=bench_mark
events: Ir sysCount sysTime sysCpuTime
fn=attach
17 30
cfn=malloc
calls=4 0
17 80
cfn=free
calls=4 0
17 80
cob=/lib/libc.so.6
cfn=calloc
calls=2 0
17 80
cfn=my_malloc
calls=9 0
17 80
fn=malloc
17 20
cfn=_int_malloc
calls=4 0
17 7
fn=_int_malloc
17 7
fn=my_malloc
17 5
totals: 1234 10 0 0
"""


def word(kept: Count | None, now: Count | None) -> str:
    return instructions.compare("call", kept, now).word


def test_what_is_as_it_was_passes() -> None:
    assert word(KEPT, KEPT) == "passed"
    assert word(KEPT, Count(1020, 5, 2)) == "passed"
    assert word(Count(10, 0, 0), Count(13, 0, 0)) == "passed"


@pytest.mark.parametrize(
    ("now", "what"),
    [
        (Count(1021, 5, 2), "1021 instructions, not 1000"),
        (Count(1000, 6, 2), "6 system calls, not 5"),
        (Count(1000, 5, 3), "3 allocations, not 2"),
        (Count(900, 6, 2), "6 system calls, not 5"),
    ],
)
def test_more_of_anything_fails_and_says_how_to_accept_it(now: Count, what: str) -> None:
    verdict = instructions.compare("call", KEPT, now)
    assert verdict.word == "failed"
    assert what in verdict.text
    assert "--accept" in verdict.text


def test_few_instructions_more_fail_where_there_are_few() -> None:
    assert word(Count(10, 0, 0), Count(14, 0, 0)) == "failed"


def test_less_passes_and_is_told() -> None:
    verdict = instructions.compare("call", KEPT, Count(900, 5, 2))
    assert verdict.word == "passed"
    assert "less than" in verdict.text


def test_a_call_that_is_new_or_gone_fails() -> None:
    assert word(None, KEPT) == "failed"
    assert word(KEPT, None) == "failed"
    verdicts = list(instructions.compare_all({"a": KEPT, "b": KEPT}, {"b": KEPT, "c": KEPT}))
    assert [(verdict.name, verdict.word) for verdict in verdicts] == [("a", "failed"), ("b", "passed"), ("c", "failed")]


def test_another_toolchain_is_skipped_with_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    def count(language: str) -> Any:
        raise AssertionError(f"{language} was counted")

    monkeypatch.setattr(instructions, "facts", lambda language: {"compiler": "cc 13"})
    monkeypatch.setattr(instructions, "count", count)
    (verdict,) = instructions.judge("C", ({"compiler": "cc 12"}, {"call": KEPT}))
    assert verdict.word == "skipped"
    assert "compiler: cc 13, not cc 12" in verdict.text


def test_what_cannot_be_counted_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def count(language: str) -> Any:
        raise AbsentError("it died")

    monkeypatch.setattr(instructions, "facts", lambda language: {})
    monkeypatch.setattr(instructions, "count", count)
    (verdict,) = instructions.judge("C", ({}, {"call": KEPT}))
    assert (verdict.word, verdict.text) == ("failed", "it died")


def test_what_is_kept_is_read_back(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    numbers = {"C": ({"compiler": "cc 12"}, {"call": KEPT, "other": Count(1, 0, 0)})}
    monkeypatch.setattr(instructions, "KEPT", tmp_path / "kept.json")
    instructions.keep(numbers)
    assert instructions.kept_numbers() == numbers
    assert '"call": {"instructions": 1000, "system_calls": 5, "allocations": 2}' in instructions.KEPT.read_text()


def test_the_committed_numbers_are_of_every_language() -> None:
    kept = instructions.kept_numbers()
    assert set(kept) == set(instructions.WORKERS)
    assert sum(len(counts) for _, counts in kept.values()) > 20


def test_a_dump_is_read() -> None:
    assert list(callgrind.own_instructions(DUMP)) == [("attach", 30), ("malloc", 20), ("_int_malloc", 7), ("my_malloc", 5)]
    assert callgrind.tally_of(DUMP) == (1234 - 27, 10, 6)
    with pytest.raises(AbsentError):
        callgrind.tally_of("version: 1\n")


def test_what_begins_a_work_does_not_count() -> None:
    assert callgrind.per_repetition((700, 2, 3), (1200, 2, 8), 5) == Count(100, 0, 1)
