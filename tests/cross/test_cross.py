"""Every ordered pair of languages on the same memory. README.md describes what the peers do.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import errno
import itertools
import math
import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from driver import HERE, LANGUAGES, LIMIT, OWN_CASES, SHARED_MEMORY, Peers, names_with, next_line
from pattern import DTYPES, Pattern
from questions import DATA_SIZE, answers, memory, questions, rounding
from survey import FLOAT

import memwell

EDGES = HERE / "edges.tsv"
ROUNDS = 1000
FEWER_ROUNDS = 200
"""Where a binding by SWIG takes part: all of them have the same C below them."""
PAIRS = list(itertools.product(LANGUAGES, LANGUAGES))

each_pair = pytest.mark.parametrize(("first", "second"), PAIRS, ids=["-".join(pair) for pair in PAIRS])
each_language = pytest.mark.parametrize("language", OWN_CASES)


# ---- rounds


def rounds_of(*languages: str) -> int:
    return ROUNDS if set(languages) <= set(OWN_CASES) else FEWER_ROUNDS


@each_pair
def test_rounds(peers: Peers, name: str, first: str, second: str) -> None:
    """The second is there before the name is, and finds it when the first creates it."""
    rounds = rounds_of(first, second)
    late = peers.start(second, "second", EDGES, name, rounds)
    line = next_line(late)
    assert line == "waiting\n", late.communicate(timeout=LIMIT)
    assert names_with(name) == []
    peers.start(first, "first", EDGES, name, rounds)
    assert peers.finish() == [f"{rounds} rounds\n"] * 2


def test_the_rounds_meet_every_edge() -> None:
    pattern = Pattern(EDGES)
    for dtype in DTYPES:
        seen = {pattern.bits(number, dtype, k) for number in range(ROUNDS) for k in range(8)}
        assert set(pattern.edges[dtype]) <= seen


@each_pair
def test_a_peer_notices_a_wrong_answer(peers: Peers, name: str, first: str, second: str, tmp_path: Path) -> None:
    """With other edges the two sides do not mean the same, and the one who finds it says where."""
    other = tmp_path / "edges.tsv"
    other.write_text(EDGES.read_text().replace("7bff", "7bfe"))
    late = peers.start(second, "second", EDGES, name, ROUNDS)
    assert next_line(late) == "waiting\n"
    peers.start(first, "first", other, name, ROUNDS)
    with pytest.raises(AssertionError, match="float16 element"):
        peers.finish()
    for left in names_with(name):
        (SHARED_MEMORY / left).unlink()


# ---- survey


def read_answers(region: memwell.Region, offset: int, count: int) -> list[tuple[int, int]]:
    return list(struct.iter_unpack("QQ", region.read(offset, 16 * count)))


def is_right(found: tuple[int, int], wanted: tuple[int, float], tolerance: float) -> bool:
    what, bits = found
    if what != wanted[0]:
        return False
    if what != FLOAT:
        return bits == int(wanted[1]) & 0xFFFFFFFFFFFFFFFF
    number: float = struct.unpack("d", struct.pack("Q", bits))[0]
    if math.isnan(wanted[1]):
        return math.isnan(number)
    return math.isclose(number, wanted[1], rel_tol=0, abs_tol=tolerance)


def test_survey(peers: Peers, name: str, tmp_path: Path) -> None:
    """Sums, smallest, largest, counts, places, picks and comparisons agree bit for bit, and with numpy."""
    data = memory(Pattern(EDGES))
    asked = list(questions(data))
    table = tmp_path / "questions.tsv"
    table.write_text("".join(f"{question}\n" for question in asked))
    wanted = [(question, answer) for question in asked for answer in answers(data, question)]
    room = 16 * len(wanted)
    with memwell.Region.create(name, DATA_SIZE + len(LANGUAGES) * room, temporary=True) as region:
        region.write(data)
        for i, language in enumerate(LANGUAGES):
            assert peers.run(language, "survey", table, name, DATA_SIZE + i * room) == f"{len(wanted)} answers\n"
        found = [read_answers(region, DATA_SIZE + i * room, len(wanted)) for i in range(len(LANGUAGES))]
        assert region.read(0, DATA_SIZE) == data
    for (question, answer), *each in zip(wanted, *found, strict=True):
        assert len(set(each)) == 1, (str(question), answer, each)
        assert is_right(each[0], answer, rounding(data, question)), (str(question), answer, each[0])


# ---- cases

EXCEPTIONS = {
    "EINVAL": "ValueError",
    "ERANGE": "IndexError",
    "EOVERFLOW": "OverflowError",
    "EREADONLY": "TypeError",
    "ECLOSED": "ClosedError",
    "EFORMAT": "FormatError",
    "EFAULT": "FaultError",
}
"""What Python raises where memwell itself refused."""

RETURNED = {("EFAULT", "Region.check"): errno.EIO, ("EOVERFLOW", "Semaphore.release"): errno.EOVERFLOW}
"""What Lua returns though no system call failed; with the errno that it returns."""


@pytest.fixture
def table(name: str, tmp_path: Path) -> Iterator[Path]:
    """The table of cases with names in it, and around it what its calls need."""
    made = Objects(name, tmp_path)
    lines = (HERE / "cases.tsv").read_text().splitlines()
    if os.geteuid() != 0:  # nobody else can give a file away
        lines = [line for line in lines if "@.other" not in line]
    path = tmp_path / "cases.tsv"
    path.write_text("".join(f"{line.replace('@', name).replace('%', str(made.folder))}\n" for line in lines if line[0] != "#"))
    try:
        yield path
    finally:
        made.remove()


class Objects:
    """Everything that the cases are about; `picture` says what is there, to see that no refused call changed it."""

    def __init__(self, name: str, tmp_path: Path) -> None:
        self.name = name
        self.folder = tmp_path / "files"
        self.folder.mkdir()
        for prefix in ("", "sem."):
            self.make_strange(SHARED_MEMORY / f"{prefix}{name}")
        self.make_own()
        (self.folder / "file").write_bytes(bytes(range(100)))
        (self.folder / "cut").write_bytes(bytes(100))
        (self.folder / "folder").mkdir()
        os.mkfifo(self.folder / "fifo")

    def make_strange(self, path: Path) -> None:
        """What is no shared memory of ours, under that name and an ending."""
        Path(f"{path}.empty").touch(0o600)
        Path(f"{path}.folder").mkdir()
        Path(f"{path}.link").symlink_to(f"{path}.elsewhere")
        os.mkfifo(f"{path}.fifo", 0o600)
        Path(f"{path}.other").write_bytes(bytes(64))
        if os.geteuid() == 0:
            os.chown(f"{path}.other", 12345, 12345)

    def make_own(self) -> None:
        with memwell.Region.create(f"{self.name}.region", 64) as region:
            region.write(bytes(range(64)))
        with memwell.Region.create(f"{self.name}.ones", 64) as region:
            region.fill(0xFF)
        memwell.Semaphore.create(f"{self.name}.semaphore", 1).close()
        memwell.Semaphore.create(f"{self.name}.full", 0x7FFFFFFF).close()
        size = (SHARED_MEMORY / f"sem.{self.name}.full").stat().st_size
        for ending, contents in (
            ("zeros", bytes(size)),
            ("short", bytes(16)),
            ("longer", bytes(2 * size)),
            ("garbage", b"\xa5" * size),
        ):
            (SHARED_MEMORY / f"sem.{self.name}.{ending}").write_bytes(contents)

    def remove(self) -> None:
        for left in names_with(self.name):
            path = SHARED_MEMORY / left
            if path.is_dir() and not path.is_symlink():
                path.rmdir()
            else:
                path.unlink()


def picture(name: str, folder: Path) -> dict[str, Any]:
    """Each object's mode, owner and contents."""
    paths = [SHARED_MEMORY / left for left in names_with(name)] + [path for path in folder.iterdir() if path.name != "cut"]
    return {str(path): (path.lstat().st_mode, path.lstat().st_uid, contents(path)) for path in paths}


def contents(path: Path) -> bytes:
    """What is in a file; nothing where it is no file."""
    return path.read_bytes() if path.is_file() and not path.is_symlink() else b""


def c_outcome(wanted: str, by: str) -> tuple[str, int]:
    """The status and the errno that C is to give."""
    number = getattr(errno, wanted) if by == "os" else 0
    status = {"EISDIR": "EOS", "ELOOP": "EOS", "ENOTDIR": "EOS", "ENODEV": "ENOTSUP"}.get(wanted, wanted)
    return f"MW_{status}", number


def python_outcome(wanted: str, by: str) -> tuple[str, int]:
    """The exception and its errno that Python is to give."""
    if by == "os":
        number = getattr(errno, wanted)
        return type(OSError(number, "")).__name__, number
    return EXCEPTIONS[wanted], errno.EIO if wanted == "EFAULT" else 0


def lua_outcome(wanted: str, by: str, call: str) -> tuple[str, int]:
    """Whether Lua is to return or to raise, and with which errno."""
    if by == "os":
        return "returned", getattr(errno, wanted)
    if (wanted, call) in RETURNED:
        return "returned", RETURNED[wanted, call]
    return "raised", 0


def expected(language: str, wanted: str, by: str, call: str) -> tuple[str, int]:
    if language == "c":
        return c_outcome(wanted, by)
    return python_outcome(wanted, by) if language == "python" else lua_outcome(wanted, by, call)


@each_language
def test_cases(peers: Peers, name: str, table: Path, language: str) -> None:
    """Every bad call gives the same in each language, says which call it was, and changes nothing."""
    before = picture(name, table.parent / "files")
    cases = [line.split("\t") for line in table.read_text().splitlines()]
    asked = [case for case in cases if language != "c" or case[2] != "bindings"]
    lines = peers.run(language, "cases", table).splitlines()
    assert [line.split("\t")[0] for line in lines] == [case[0] for case in asked]
    wrong = []
    for (case, wanted, by, call, *arguments), line in zip(asked, lines, strict=True):
        _, outcome, number, message, *_ = line.split("\t")
        if (outcome, int(number)) != expected(language, wanted, by, call) or not is_clear(wanted, by, call, arguments, message):
            wrong.append(f"{case}: {outcome} {number} {message!r}, not {expected(language, wanted, by, call)}")
    assert not wrong, "\n".join(wrong)
    assert picture(name, table.parent / "files") == before


NAMELESS = ("View.set", "View.row", "View.slice", "View.index", "View.reshape", "Region.view")
"""Calls that a language may write otherwise: v[i], v[a:b]."""

ABOUT_OBJECTS = ("ECLOSED", "EFORMAT", "EREADONLY", "EFAULT", "EEXIST")


def is_clear(wanted: str, by: str, call: str, arguments: list[str], message: str) -> bool:
    """The message names the call, and the object where it is that which is wrong, and says more than that."""
    subject = arguments[0].split(" ")[-1]
    names_call = call in NAMELESS or call.split(".")[1] in message
    is_about_object = (by == "os" or wanted in ABOUT_OBJECTS) and subject and call != "Region.anonymous"
    return names_call and (subject in message or not is_about_object) and len(message) > len(call) + 8


def test_system_errors_have_the_same_reason(peers: Peers, table: Path) -> None:
    """Where the operating system refused, the languages give one text: the core's."""
    lines = {language: peers.run(language, "cases", table).splitlines() for language in OWN_CASES}
    by_case = {language: {line.split("\t")[0]: line.split("\t") for line in lines[language]} for language in OWN_CASES}
    for case, _, by, call, *_ in (line.split("\t") for line in table.read_text().splitlines()):
        if by == "os":
            reason = by_case["c"][case][4]
            assert len(reason) > 4
            for language in OWN_CASES:
                message = by_case[language][case][3]
                assert reason in message, (language, message)
                assert call in message, (language, message)
