"""The stub: it agrees with the module, and says the right types to the users of a type checker.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("mypy")

USE = """
import asyncio
from array import array
from pathlib import Path
from typing import assert_type

import numpy as np
import memwell


class Frames(memwell.Region):
    pass


with memwell.Region.create("frames", 4096, permissions=0o644, temporary=True) as region:
    assert_type(region, memwell.Region)
    assert_type(region[0], int)
    assert_type(region[0:4], memwell.View)
    region[0:4] = b"abcd"
    region[0:4] = array("b", [1, 2, 3, 4])
    view = region.view("float64", (8, 8), offset=64)
    assert_type(view, memwell.View)
    assert_type(view.shape, tuple[int, ...])
    assert_type(region.name, str | None)
    view[0, 1] = 2.5
    view[1:3, ..., ::2].fill(0)
    view[0] = [1, 2, 3]
    view.copy_from(memoryview(b"x"))
    view.copy_from(np.zeros(3))
    view[0] = np.zeros(3)
    view.take(np.array([1]))
    region.view(np.dtype("i4"))
    memoryview(view)
    bytes(region)
    assert_type(view.index(1), int)
    region.view(view)  # E: Argument 1
    region[0:4] = 5  # E:
    region["a"]  # E:
    view["a"] = 1  # E:

assert_type(Frames.attach("frames", timeout=None), Frames)
memwell.Region.file(Path("x"), "r+", size=10)
memwell.Region.file("x", "rw")  # E: Argument 2
memwell.Region.create("x", "10")  # E: Argument 2
memwell.Region.attach("x", private=True)  # E: Unexpected keyword
memwell.Region()  # E: Too few arguments
semaphore = memwell.Semaphore.open("turn", 1)
with semaphore:
    pass
assert_type(semaphore.acquire(0.5), bool)


async def main() -> None:
    assert_type(await semaphore.acquire_async(timeout=1), bool)


asyncio.run(main())


def caught(error: memwell.FaultError) -> int | None:
    return error.errno


class Sub(memwell.View):  # E: Cannot inherit from final
    pass
"""


def mypy(*arguments: str, folder: Path) -> str:
    command = [sys.executable, "-m", "mypy", "--no-error-summary", "--cache-dir", str(folder / "cache"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder).stdout


def test_stub_agrees_with_the_module(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mypy.stubtest", "memwell"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_types_that_users_see(tmp_path: Path) -> None:
    (tmp_path / "use.py").write_text(USE)
    found = [line.split(":", 3) for line in mypy("--strict", "use.py", folder=tmp_path).splitlines() if ": error:" in line]
    lines = USE.splitlines()
    expected = {number: line.split("# E:")[1].strip() for number, line in enumerate(lines, 1) if "# E:" in line}
    assert {int(number) for _, number, *_ in found} == set(expected), found
    for _, number, _, message in found:
        assert expected[int(number)] in message or any(expected[int(number)] in other[3] for other in found if other[1] == number)
