"""The parts of the pipeline that need no worker: words, ranges, deals, names, and the layout in its three languages."""

# SPDX-License-Identifier: MIT
import os
import random
import re
import subprocess
import sys
from enum import IntEnum
from pathlib import Path

import layout
import names
import pytest
import ranges
from inputs import look
from layout import Board, Mail, Range, Result, Row, State
from pipeline_support import ROOT, reference
from ranges import Deal, Span, cut, deals_of
from recount import WORD_BYTES
from words import GAP, WORD, border, printable

from memwell import Region, Semaphore, Well

PIPELINE = ROOT / "examples" / "pipeline"


def test_a_word_is_the_same_in_every_place() -> None:
    for byte in range(256):
        is_word = byte in WORD_BYTES
        assert bool(WORD.fullmatch(bytes((byte,)))) == is_word != bool(GAP.fullmatch(bytes((byte,))))
    patterns = re.findall(r'"\^?\.?\*?\[\^?([^]]*)\]\+?"', (PIPELINE / "worker.lua").read_text())
    assert set(patterns) == {r"A-Za-z0-9_\128-\255"}


def test_a_border_is_the_first_place_that_cuts_no_word() -> None:
    chance = random.Random(1)
    for _ in range(300):
        text = bytes(chance.choices(b"ab_9\xff \n\0", k=chance.randint(2, 40)))
        at = chance.randint(1, len(text) - 1)
        cuts = [i for i in range(at, len(text)) if not (WORD.match(text[i - 1 : i]) and WORD.match(text[i : i + 1]))]
        assert border(text, len(text), at) == (cuts[0] if cuts else len(text))


def test_ranges_cover_the_file_and_cut_no_word(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    chance = random.Random(2)
    path = tmp_path / "text"
    for size in (1, 2, 7, 64):
        monkeypatch.setattr(ranges, "RANGE_SIZE", size)
        for _ in range(20):
            text = bytes(chance.choices(b"ab9\xff  ", k=chance.randint(0, 200)))
            path.write_bytes(text)
            spans = cut(look(str(path)), 3)
            assert b"".join(text[span.begin : span.end] for span in spans) == text
            assert all(span.file == 3 and span.size > 0 for span in spans)
            assert [w for span in spans for w in WORD.findall(text, span.begin, span.end)] == WORD.findall(text)
            assert all(span.size >= size for span in spans[:-1])


def test_deals_hold_every_range_once_and_parts_come_alone() -> None:
    chance = random.Random(3)
    for _ in range(50):
        spans: list[Span] = []
        for file in range(chance.randint(0, 600)):
            parts = chance.choice((1, 1, 1, 1, 3))
            at = 0
            for _ in range(parts):
                size = chance.randint(1, 100_000)
                spans.append(Span(file, at, at + size))
                at += size
        deals = list(deals_of(spans))
        assert [i for deal in deals for i in deal.ranges] == list(range(len(spans)))
        for deal in deals:
            held = spans[deal.first : deal.first + deal.count]
            assert deal.size == sum(span.size for span in held)
            assert deal.count == 1 or (deal.size <= ranges.RANGE_SIZE and deal.count <= ranges.MOST_RANGES)
            assert deal.count == 1 or all(not ranges.is_part(spans, i) for i in deal.ranges)


def test_every_answer_fits() -> None:
    """The worst texts: every second byte begins a word that nobody has seen, or one word is all there is."""
    for text in (b"a b c d e f g h", b"a", b"x" * 100, b"a b " + b"x" * 100, b"", b" "):
        words = set(WORD.findall(text))
        needed = layout.RESULT_HEAD + 8 * len(words) + len(b"\n".join(words))
        assert needed <= Deal(0, 1, len(text)).result_size


def test_the_layout_is_the_same_in_every_language() -> None:
    lua = (PIPELINE / "worker.lua").read_text()
    fields: type[IntEnum]
    for table, fields in (("MAIL", Mail), ("RANGE", Range)):
        body = re.search(rf"local {table} = {{([^}}]*)}}", lua)
        assert body is not None
        for field, value in re.findall(r"(\w+) = (\d+)", body[1]):
            assert int(value) == fields[field] + (field != "FIELDS"), (table, field)
    assert f"local RESULT_FIELDS, RESULT_HEAD = {int(Result.FIELDS)}, {layout.RESULT_HEAD}" in lua
    assert f"local SHORTER = {layout.SHORTER} " in lua
    assert f"local TICK = {layout.TICK}" in lua
    ruby = (PIPELINE / "worker.rb").read_text()
    for table, fields in (("MAIL", Mail), ("RANGE", Range)):
        body = re.search(rf"{table} = {{([^}}]*)}}", ruby)
        assert body is not None
        assert {fields[field]: int(value) for field, value in re.findall(r"(\w+): (\d+)", body[1])}.items() <= {
            (field, int(field)) for field in fields
        }
    assert f"RESULT_FIELDS, RESULT_HEAD = {int(Result.FIELDS)}, {layout.RESULT_HEAD}" in ruby
    assert f"SHORTER = {layout.SHORTER} " in ruby
    assert f"TICK = {layout.TICK}" in ruby
    perl = (PIPELINE / "worker.pl").read_text()
    for table, fields in (("MAIL", Mail), ("RANGE", Range)):
        body = re.search(rf"%{table} = \(([^)]*)\)", perl)
        assert body is not None
        assert {fields[field]: int(value) for field, value in re.findall(r"(\w+) => (\d+)", body[1])}.items() <= {
            (field, int(field)) for field in fields
        }
    assert f"($RESULT_FIELDS, $RESULT_HEAD) = ({int(Result.FIELDS)}, {layout.RESULT_HEAD})" in perl
    assert f"$SHORTER = {layout.SHORTER};" in perl
    assert f"$TICK = {layout.TICK};" in perl
    c = (PIPELINE / "watch.c").read_text()
    for prefix, fields in (("BOARD_", Board), ("ROW_", Row), ("STATE_", State)):
        body = re.search(rf"enum {{\s*({prefix}\w+[^}}]*)}}", c)
        assert body is not None
        listed = [entry.strip().partition(" = ") for entry in body[1].split(",")]
        for place, (name, _, value) in enumerate(listed):
            assert fields[name.removeprefix(prefix)] == (int(value) if value else place), name
    assert layout.MAGIC.to_bytes(8, "little").decode() in c
    assert ", ".join(f'"{language}"' for language in layout.LANGUAGES) in c


def test_the_layout_is_the_same_in_java() -> None:
    java = (PIPELINE / "Worker.java").read_text()
    fields: type[IntEnum]
    for table, fields in (("Mail", Mail), ("Range", Range)):
        body = re.search(rf"interface {table} {{\s*int ([^;]*);", java)
        assert body is not None
        listed = re.findall(r"(\w+) = (\d+)", body[1])
        assert {field: int(value) for field, value in listed}.items() <= {each.name: int(each) for each in fields}.items()
    assert f"RESULT_HEAD = {layout.RESULT_HEAD};" in java
    assert f"SHORTER = {layout.SHORTER};" in java
    assert f"Duration.ofSeconds({layout.TICK:g})" in java


def test_names_of_dead_jobs_are_swept_and_others_are_not() -> None:
    job, board = names.claim(64)
    with board:
        dead = f"{names.PREFIX}{os.getpid()}.dead"
        Region.create(dead + names.BOARD, 64).close()
        Region.create(dead + ".mail", 64).close()
        Semaphore.create(dead + ".go.0").close()
        assert names.sweep() >= 3
        assert [name for name in os.listdir(names.FOLDER) if dead in name] == []
        Region.attach(job + names.BOARD).close()


def with_names(statement: str) -> None:
    """Run it in a process of its own: what a process has claimed is its own to sweep."""
    command = [sys.executable, "-c", f"import names, os; {statement}"]
    subprocess.run(command, env={**os.environ, "PYTHONPATH": str(PIPELINE)}, check=True, timeout=60)


def test_the_well_of_a_dead_job_is_swept_and_others_are_not() -> None:
    job, well, claimed = names.claim_well(1 << 20, slots=8, objects=16)
    try:
        before = {name for name in os.listdir(names.FOLDER) if name.startswith(names.PREFIX)}
        dead = f"{names.PREFIX}{os.getpid()}.dead.well"
        with_names(f"Well = names.Well.create({dead!r}, 1 << 20); Well.mutex('claim').acquire(); os._exit(0)")
        Well.create(f"{names.PREFIX}{os.getpid()}.unclaimed.well", 1 << 20).close()
        with_names("assert names.sweep() >= 2")
        assert {name for name in os.listdir(names.FOLDER) if f"{names.PREFIX}{os.getpid()}." in name} <= before
        assert os.path.exists(os.path.join(names.FOLDER, job + names.WELL))
    finally:
        claimed.release()
        well.close()


def test_what_is_printed_can_do_no_harm() -> None:
    assert printable(b"caf\xc3\xa9 \x1b[31m\n\xff") == "café \\x1b[31m\\n\\xff"
    assert printable(os.fsdecode(b"a\xff")) == "a\\xff"
    assert printable(b"x" * 3_000_000, 32) == "x" * 31 + "…"
    assert printable(b"x" * 32, 32) == "x" * 32


def test_the_reference_of_these_tests_agrees_with_the_definition(tmp_path: Path) -> None:
    path = tmp_path / "all"
    path.write_bytes(bytes(range(256)))
    words = (b"0123456789", bytes(range(65, 91)), b"_", bytes(range(97, 123)), bytes(range(128, 256)))
    assert reference([str(path)]) == dict.fromkeys(words, 1)
