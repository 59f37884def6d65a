"""Every Python example in the documents runs.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"


def examples_of(page: Path) -> Iterator[tuple[str, str]]:
    """The ```python blocks of a page, each with the page and the line where it begins."""
    text = page.read_text(encoding="utf-8")
    for block in re.finditer(r"^```python\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL):
        line = text.count("\n", 0, block.start()) + 1
        yield f"{page.name}:{line}", block.group(1)


EXAMPLES = [example for page in sorted(DOCS.glob("*.md")) for example in examples_of(page)]


def test_the_guide_has_examples() -> None:
    assert len([place for place, _ in EXAMPLES if place.startswith("python.md:")]) > 10


@pytest.mark.parametrize(("place", "program"), [pytest.param(*example, id=example[0]) for example in EXAMPLES])
def test_example(place: str, program: str, name: str, tmp_path: Path) -> None:
    """Names in the guide are plain words; here each gets this test's own name in front, so that nothing collides."""
    program = re.sub(r'\b(create|attach|open|unlink)\("([a-z-]+)"', rf'\1("{name}-\2"', program)
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", program], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    left = [entry.name for entry in Path("/dev/shm").iterdir() if name in entry.name]
    for entry in left:
        (Path("/dev/shm") / entry).unlink()
    assert (done.returncode, done.stderr) == (0, ""), f"{place}\n{done.stderr}"
    assert left == []
