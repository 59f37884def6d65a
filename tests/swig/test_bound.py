"""Nothing public is forgotten: every call of the headers is bound, or left out with a reason.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SWIG = ROOT / "bindings" / "swig"


def without_comments(text: str) -> str:
    return re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)


def words(*paths: Path) -> set[str]:
    return {word for path in paths for word in re.findall(r"\bmws?_\w+", without_comments(path.read_text()))}


def public_calls() -> set[str]:
    headers = (ROOT / "core" / "include" / "memwell").glob("*.h")
    return {
        call for header in headers for call in re.findall(r"^MW_API [^;{]*?\b(mw_\w+)\(", header.read_text(), flags=re.MULTILINE)
    }


def left_out() -> dict[str, str]:
    lines = (ROOT / "tests" / "swig" / "left_out.txt").read_text().splitlines()
    return dict(re.split(r"\s+", line, maxsplit=1) for line in lines if line and not line.startswith("#"))


def used() -> set[str]:
    return words(*(SWIG / "src").glob("*.c"), *SWIG.glob("*.i"))


def test_every_public_call_is_bound_or_left_out_with_a_reason() -> None:
    assert len(public_calls()) > 150
    assert public_calls() - used() - left_out().keys() == set()


def test_what_is_left_out_is_left_out() -> None:
    assert left_out().keys() & used() == set()
    assert left_out().keys() - public_calls() == set()


def object_calls() -> set[tuple[str, str]]:
    """Noun and verb of each call that src/objects.h declares for a class."""
    nouns = "region|view|semaphore|well|mutex|robust_semaphore|event|objects|participants|object_info"
    text = without_comments((SWIG / "src" / "objects.h").read_text())
    return set(re.findall(rf"\bmws_({nouns})_(\w+)\(", text))


INTERNAL = {"check_open", "enter", "leave", "enter_alone", "leave_alone", "new", "borrow", "share", "core"}
"""Calls of the layer's own."""


def methods() -> set[tuple[str, str]]:
    text = without_comments((SWIG / "memwell.i").read_text())
    found = set()
    for noun, body in re.findall(r"%extend mws_(\w+) \{(.*?)\n\}", text, flags=re.DOTALL):
        found |= {(noun, name) for name in re.findall(r"[\s*](\w+)\(", body)}
        found |= {(noun, "free") for _ in re.findall(r"~mws_\w+\(\)", body)}
    return found


def test_every_call_of_an_object_is_a_method() -> None:
    wanted = {(noun, name) for noun, name in object_calls() if name not in INTERNAL}
    assert len(wanted) > 130
    assert wanted - methods() == set()
