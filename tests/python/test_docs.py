"""Every example of docs/python.md runs.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "python.md"


def examples() -> list[tuple[int, str]]:
    """The ```python blocks of the guide, each with the line where it begins."""
    text = GUIDE.read_text(encoding="utf-8")
    return [
        (text.count("\n", 0, found.start()) + 1, found.group(1))
        for found in re.finditer(r"^```python\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)
    ]


def test_the_guide_has_examples() -> None:
    assert len(examples()) > 10


@pytest.mark.parametrize(("line", "program"), examples(), ids=lambda value: str(value) if isinstance(value, int) else "")
def test_example(line: int, program: str, name: str, tmp_path: Path) -> None:
    """Names in the guide are plain words; here each gets this test's own name in front, so that nothing collides."""
    program = re.sub(r'\b(create|attach|open|unlink)\("([a-z-]+)"', rf'\1("{name}-\2"', program)
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", program], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    left = [entry.name for entry in Path("/dev/shm").iterdir() if name in entry.name]
    for entry in left:
        (Path("/dev/shm") / entry).unlink()
    assert (done.returncode, done.stderr) == (0, ""), f"{GUIDE.name}:{line}\n{done.stderr}"
    assert left == []
