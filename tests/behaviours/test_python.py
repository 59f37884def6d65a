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
