"""What the kernel sees of memwell: which descriptors are kept, how they are opened, and that the quick ways never ask it.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import re
import shutil
import subprocess
import uuid
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MARKS = ("/mark/open", "/mark/quiet", "/mark/deaths", "/mark/quiet-again", "/mark/close", "/mark/end")
OPENING = re.compile(r"^(open|openat|openat2|memfd_create|socket|pipe2|dup3?|fcntl)\((.*)\)\s+= (\d+)")
CLOSING = re.compile(r"^close\((\d+)\)")


def can_trace() -> bool:
    return bool(shutil.which("strace")) and subprocess.run(["strace", "true"], capture_output=True, check=False).returncode == 0


pytestmark = pytest.mark.skipif(not can_trace(), reason="strace is missing, or may not trace here")


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """quiet.c on the static library, so that only memwell's own calls are between the marks."""
    target = tmp_path_factory.mktemp("strace") / "quiet"
    source = ROOT / "tests" / "strace" / "quiet.c"
    command = ["cc", "-std=c11", "-D_GNU_SOURCE", "-I", str(ROOT / "core" / "include"), str(source)]
    subprocess.run([*command, str(ROOT / "build" / "libmemwell.a"), "-pthread", "-o", str(target)], check=True)
    return target


def trace(program: Path, folder: Path, descriptors: str) -> dict[str, list[str]]:
    """The system calls behind each mark, up to the next one."""
    file = folder / "file"
    file.touch()
    name = f"mw-strace-{uuid.uuid4().hex}"
    output = folder / "trace"
    subprocess.run(["strace", "-o", str(output), str(program), name, str(file), descriptors], check=True)
    parts: dict[str, list[str]] = {}
    calls: list[str] = []
    for line in output.read_text().splitlines():
        found = next((mark for mark in MARKS if f'"{mark}"' in line), None)
        if found:
            calls = parts.setdefault(found, [])
        else:
            calls.append(line)
    assert tuple(parts) == MARKS
    return parts


@pytest.fixture(params=["keep", "drop"])
def calls(request: pytest.FixtureRequest, program: Path, tmp_path: Path) -> tuple[str, dict[str, list[str]]]:
    return request.param, trace(program, tmp_path, request.param)


def opened(lines: list[str]) -> dict[int, str]:
    """The descriptors that are open after these calls, and the call that has opened each."""
    there: dict[int, str] = {}
    for line in lines:
        if (match := OPENING.match(line)) and (match[1] != "fcntl" or "F_DUPFD" in match[2]):
            there[int(match[3])] = line
        elif match := CLOSING.match(line):
            there.pop(int(match[1]), None)
    return there


def test_a_region_and_a_well_keep_one_descriptor_and_a_semaphore_none(calls: tuple[str, dict[str, list[str]]]) -> None:
    descriptors, parts = calls
    kept = opened(parts["/mark/open"])
    assert len(kept) == (3 if descriptors == "keep" else 1), kept


def test_nothing_stays_open(calls: tuple[str, dict[str, list[str]]]) -> None:
    _, parts = calls
    assert opened([line for mark in MARKS[:-1] for line in parts[mark]]) == {}


def test_every_descriptor_is_closed_on_exec(calls: tuple[str, dict[str, list[str]]]) -> None:
    _, parts = calls
    opening = [line for lines in parts.values() for line in lines if OPENING.match(line)]
    opening = [line for line in opening if not line.startswith("fcntl") or "F_DUPFD" in line]
    assert opening
    assert [line for line in opening if "CLOEXEC" not in line] == []


def test_turns_and_atomics_make_no_system_call(calls: tuple[str, dict[str, list[str]]]) -> None:
    _, parts = calls
    assert parts["/mark/quiet"] == []


def test_locks_make_none_either_after_those_who_waited_were_killed(calls: tuple[str, dict[str, list[str]]]) -> None:
    _, parts = calls
    assert any("futex" in line for line in parts["/mark/deaths"]), "nobody rang for the dead"
    assert parts["/mark/quiet-again"] == []
