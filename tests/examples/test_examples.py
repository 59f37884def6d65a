"""Every example, run as a child: what it prints, what it leaves, and, where two programs meet, in every pairing of languages."""

# SPDX-License-Identifier: MIT
import itertools
import struct
import subprocess
from pathlib import Path
from typing import Any

import pytest

import memwell

LANGUAGES = ("c", "python", "lua")
PAIRS = list(itertools.product(LANGUAGES, LANGUAGES))
NAMES = (
    *("edit_file", "writer", "reader", "image_make", "image_filter", "records", "sysv_server", "sysv_client"),
    *("bell_wait", "bell_ring", "ping", "pong", "sealed_send", "log_tail", "pool", "bank", "supervisor"),
)

WRITERS = (*LANGUAGES, "java", "ruby", "perl")
"""The languages that have `writer` and `reader`: all."""

each_language = pytest.mark.parametrize("language", LANGUAGES)
each_pair = pytest.mark.parametrize(("first", "second"), PAIRS)
each_writer = pytest.mark.parametrize("language", WRITERS)
each_pair_of_writers = pytest.mark.parametrize(("first", "second"), list(itertools.product(WRITERS, WRITERS)))


@each_language
@pytest.mark.parametrize("program", NAMES)
def test_without_arguments_each_program_says_how_it_is_called(programs: Any, language: str, program: str) -> None:
    assert programs.fail(language, program).startswith(f"usage: {program}")


@each_writer
@pytest.mark.parametrize("program", ["writer", "reader"])
def test_so_do_writer_and_reader_in_every_language(programs: Any, language: str, program: str) -> None:
    assert programs.fail(language, program).startswith(f"usage: {program}")


@pytest.mark.parametrize("program", [*NAMES, "sealed_receive"])
def test_each_program_exists_in_each_language(programs: Any, program: str) -> None:
    for language, ending in (("c", "c"), ("python", "py"), ("lua", "lua")):
        assert (programs.root / "examples" / language / f"{program}.{ending}").is_file()


# ---- edit_file


@each_language
def test_edit_file_changes_the_file_and_nothing_else(programs: Any, language: str, tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(b"hello world!\n")
    assert programs.succeed(language, "edit_file", path, 6, "there") == f'{path}: "world" is now "there"\n'
    assert path.read_bytes() == b"hello there!\n"


@each_language
def test_edit_file_refuses_to_write_past_the_end(programs: Any, language: str, tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(b"hello world!\n")
    message = programs.fail(language, "edit_file", path, 10, "there")
    assert "Region.write" in message
    assert str(path) in message
    assert path.read_bytes() == b"hello world!\n"


@each_language
def test_edit_file_names_the_file_that_is_missing(programs: Any, language: str, tmp_path: Path) -> None:
    message = programs.fail(language, "edit_file", tmp_path / "nothing", 0, "x")
    assert "Region.file" in message
    assert str(tmp_path / "nothing") in message
    assert list(tmp_path.iterdir()) == []


# ---- writer and reader

SEEN = '"grüße, well" and 0.5 1.5 2.5 3.5, sum 8\n'


@each_pair_of_writers
@pytest.mark.parametrize("reader_starts", [False, True])
def test_any_language_reads_what_any_language_wrote(programs: Any, first: str, second: str, reader_starts: bool, name: str) -> None:
    order = [(first, "writer", name, "grüße, well", 30), (second, "reader", name, 30)]
    children = [programs.start(*one) for one in (reversed(order) if reader_starts else order)]
    try:
        answers = [child.communicate(timeout=60) for child in children]
    finally:
        for child in children:
            child.kill()
    assert [child.returncode for child in children] == [0, 0], answers
    assert sorted(answers) == sorted([("written and read\n", ""), (SEEN, "")])


@each_writer
def test_a_writer_that_nobody_reads_leaves_no_name(programs: Any, language: str, name: str) -> None:
    programs.fail(language, "writer", name, "hello", 0.05)


@each_writer
def test_a_text_that_is_too_long_is_refused(programs: Any, language: str, name: str) -> None:
    programs.fail(language, "writer", name, "x" * 81, 0.05)


@each_writer
def test_a_reader_that_nobody_writes_for_says_what_is_missing(programs: Any, language: str, name: str) -> None:
    message = programs.fail(language, "reader", name, 0.05)
    assert "Region.attach" in message
    assert name in message


@each_writer
def test_a_reader_believes_neither_the_size_nor_the_contents(programs: Any, language: str, name: str) -> None:
    for size, contents in ((128, b""), (16, b"\1"), (128, struct.pack("<B7xq", 1, 81)), (128, struct.pack("<B7xq", 1, -1))):
        with memwell.Region.create(name, size, temporary=True) as region:
            region.write(contents)
            written = memwell.Semaphore.create(f"{name}.written", 1, temporary=True)
            read = memwell.Semaphore.create(f"{name}.read", temporary=True)
            assert programs.fail(language, "reader", name, 5) != ""
            assert read.value == 0
            written.close()
            read.close()


# ---- image_make and image_filter

WIDTH, HEIGHT = 37, 23
HEADER = b"P6\n%d %d\n255\n" % (WIDTH, HEIGHT)


def picture() -> list[list[list[int]]]:
    return [[[x * 255 // WIDTH, y * 255 // HEIGHT, (x ^ y) % 256] for x in range(WIDTH)] for y in range(HEIGHT)]


def filtered(rows: list[list[list[int]]], name: str) -> list[list[list[int]]]:
    if name == "invert":
        return [[[255 - value for value in pixel] for pixel in row] for row in rows]
    if name == "grey":
        return [[[(299 * r + 587 * g + 114 * b) // 1000] * 3 for r, g, b in row] for row in rows]
    last = WIDTH - 1
    return [
        [[(row[max(x - 1, 0)][c] + row[x][c] + row[min(x + 1, last)][c]) // 3 for c in range(3)] for x in range(WIDTH)]
        for row in rows
    ]


def file_of(rows: list[list[list[int]]]) -> bytes:
    return HEADER + bytes(value for row in rows for pixel in row for value in pixel)


@each_pair
def test_an_image_of_any_language_is_filtered_by_any_other(programs: Any, first: str, second: str, tmp_path: Path) -> None:
    path = tmp_path / "picture.ppm"
    expected = picture()
    assert programs.succeed(first, "image_make", path, WIDTH, HEIGHT) == f"{path}: {WIDTH} x {HEIGHT} pixels\n"
    assert path.read_bytes() == file_of(expected)
    inode = path.stat().st_ino
    for name in ("blur", "invert", "grey"):
        expected = filtered(expected, name)
        assert programs.succeed(second, "image_filter", path, name) == f"{path}: {name}\n"
        assert path.read_bytes() == file_of(expected)
    assert path.stat().st_ino == inode


@each_language
def test_one_pixel_is_an_image_too(programs: Any, language: str, tmp_path: Path) -> None:
    path = tmp_path / "dot.ppm"
    programs.succeed(language, "image_make", path, 1, 1)
    for name in ("invert", "blur", "grey"):
        programs.succeed(language, "image_filter", path, name)
    assert path.read_bytes() == b"P6\n1 1\n255\n\xff\xff\xff"


@each_language
@pytest.mark.parametrize(
    "contents",
    [
        b"",
        b"P5\n1 1\n255\n\0\0\0",
        b"P6\n2 2\n255\n" + bytes(11),
        b"P6\n4000000000 4000000000\n255\n\0\0\0",
        b"P6\n-1 1\n255\n" + bytes(99),
    ],
    ids=("empty", "another format", "one byte short", "product overflows", "negative"),
)
def test_a_header_is_not_believed(programs: Any, language: str, contents: bytes, tmp_path: Path) -> None:
    path = tmp_path / "broken.ppm"
    path.write_bytes(contents)
    assert programs.fail(language, "image_filter", path, "invert") != ""
    assert path.read_bytes() == contents


# ---- records


def table(count: int) -> bytes:
    return b"".join(
        struct.pack("<qi?3xd40s", 1000 + i, 18 + i * 7 % 60, i % 3 != 0, i * 1.25, b"user-%04d" % i) for i in range(count)
    )


@each_pair
def test_a_table_of_any_language_is_read_by_any_other(programs: Any, first: str, second: str, tmp_path: Path) -> None:
    path = tmp_path / "users.tab"
    assert programs.succeed(first, "records", "make", path, 1000) == f"{path}: 1000 users\n"
    assert path.read_bytes() == table(1000)
    assert programs.succeed(second, "records", "show", path, 7, 3, 999, 7) == (
        "1007  user-0007      67       8.75  active\n"
        "1003  user-0003      39       3.75  away\n"
        "1999  user-0999      51    1248.75  away\n"
        "1007  user-0007      67       8.75  active\n"
        "4 users, balance 1270.00\n"
    )


@each_language
def test_an_index_past_the_end_is_refused_before_anything_is_shown(programs: Any, language: str, tmp_path: Path) -> None:
    path = tmp_path / "users.tab"
    path.write_bytes(table(10))
    done = programs.run(language, "records", "show", path, 3, 10)
    assert done.returncode == 1
    assert done.stdout == ""
    assert "take" in done.stderr
    assert "index 1" in done.stderr


# ---- sysv_server and sysv_client


def finish(child: "subprocess.Popen[str]") -> str:
    """What a child prints until it ends well."""
    try:
        output, errors = child.communicate(timeout=60)
    finally:
        child.kill()
    assert (child.returncode, errors) == (0, "")
    return output


def first_line(child: "subprocess.Popen[str]") -> str:
    assert child.stdout is not None
    return child.stdout.readline()


@each_pair
def test_any_language_answers_what_any_language_asks(programs: Any, first: str, second: str, tmp_path: Path) -> None:
    path = tmp_path / "counter.key"
    path.touch()
    server = programs.start(first, "sysv_server", path, 3, 30)
    assert first_line(server) == "open\n"
    for text in ("hello", "good bye", "x" * 120):
        assert programs.succeed(second, "sysv_client", path, text, 30) == f"{text.upper()}\n"
    assert finish(server) == "answered 3\n"
    with pytest.raises(FileNotFoundError):
        memwell.Region.sysv(memwell.ftok(path, ord("m")))


@each_language
def test_a_client_without_a_server_says_what_is_missing(programs: Any, language: str, tmp_path: Path) -> None:
    path = tmp_path / "counter.key"
    path.touch()
    assert "Region.sysv" in programs.fail(language, "sysv_client", path, "hello", 0.05)
    assert "ftok" in programs.fail(language, "sysv_client", tmp_path / "nothing", "hello", 0.05)


@each_language
def test_a_server_that_nobody_asks_leaves_nothing(programs: Any, language: str, tmp_path: Path) -> None:
    path = tmp_path / "counter.key"
    path.touch()
    message = programs.fail(language, "sysv_server", path, 1, 0.05)
    assert language == "c" or "0.05 seconds" in message
    with pytest.raises(FileNotFoundError):
        memwell.Region.sysv(memwell.ftok(path, ord("m")))
    with pytest.raises(FileNotFoundError):
        memwell.Semaphore.sysv(memwell.ftok(path, ord("m")))


@each_language
def test_a_client_that_is_killed_at_the_counter_lets_the_next_one_come(programs: Any, language: str, tmp_path: Path) -> None:
    path = tmp_path / "counter.key"
    path.touch()
    key = memwell.ftok(path, ord("m"))
    with memwell.Region.sysv(key, 128, how="create"):
        turn = memwell.Semaphore.sysv(key, 0, how="create", count=3, value=0)
        asked = memwell.Semaphore.sysv(key, 1)
        try:
            turn.release()
            client = programs.start(language, "sysv_client", path, "hello", 30)
            assert asked.acquire(timeout=30)
            client.kill()
            client.communicate()
            assert turn.acquire(timeout=30)
        finally:
            memwell.Semaphore.sysv_remove(key)
            memwell.Region.sysv_remove(key)


# ---- bell_wait and bell_ring


@each_pair
def test_whoever_waits_at_the_bell_hears_whoever_rings(programs: Any, first: str, second: str, name: str, tmp_path: Path) -> None:
    fifo = tmp_path / "bell"
    listener = programs.start(first, "bell_wait", name, fifo, 10)
    assert first_line(listener) == "listening\n"
    heard = []
    for i in range(10):
        assert programs.succeed(second, "bell_ring", name, fifo, f"text {i}") == f"rang for shelf {i % 8}\n"
        heard.append(first_line(listener) if i < 9 else finish(listener))
    assert heard == [f"{i % 8}: text {i}\n" for i in range(10)]
    assert not fifo.exists()


@each_language
def test_a_text_that_does_not_fit_on_the_shelf_is_refused(programs: Any, language: str, name: str, tmp_path: Path) -> None:
    with memwell.Region.create(name, 576, temporary=True) as region:
        assert programs.fail(language, "bell_ring", name, tmp_path / "bell", "x" * 64) != ""
        assert not any(bytes(region))


# ---- ping and pong


@each_pair
@pytest.mark.parametrize("pong_starts", [False, True])
def test_any_language_plays_with_any_other(programs: Any, first: str, second: str, pong_starts: bool, name: str) -> None:
    order = [(first, "ping", name, 1000, 30), (second, "pong", name, 30)]
    players = [programs.start(*one) for one in (reversed(order) if pong_starts else order)]
    assert sorted(map(finish, players)) == ["1000 answers\n", "1000 rounds\n"]


@each_language
def test_a_ping_that_nobody_answers_ends_in_time(programs: Any, language: str, name: str) -> None:
    message = programs.fail(language, "ping", name, 1, 0.05)
    assert language == "c" or "0.05 seconds" in message


# ---- sealed_send and sealed_receive


def joined(programs: Any, first: list[str], second: list[str]) -> "subprocess.CompletedProcess[str]":
    command = [*programs.command("python", "joined"), *first, "--", *second]
    # Both write to one pipe; unbuffered, Python writes the end of a line by itself, and the other's line may come between.
    environment = {name: value for name, value in programs.environment.items() if name != "PYTHONUNBUFFERED"}
    return subprocess.run(command, env=environment, text=True, capture_output=True, timeout=60)


@each_pair
def test_a_sealed_letter_is_taken(programs: Any, first: str, second: str) -> None:
    done = joined(programs, programs.command(first, "sealed_send", "read me"), programs.command(second, "sealed_receive"))
    assert (done.returncode, done.stderr) == (0, "")
    expected = ['received "read me", which nobody can change any more', "sent 7 bytes"]
    assert sorted(done.stdout.splitlines()) == expected


@each_pair
@pytest.mark.parametrize("seals", [("shrink",), ("write", "grow"), ("seal",)])
def test_a_letter_that_lacks_a_seal_is_refused(programs: Any, first: str, second: str, seals: tuple[str, ...]) -> None:
    done = joined(programs, programs.command(first, "sealed_send", "read me", *seals), programs.command(second, "sealed_receive"))
    assert done.returncode == 1
    assert done.stdout == "sent 7 bytes\n"
    assert "lacks the seal" in done.stderr


# ---- log_tail


@each_language
def test_a_growing_log_is_followed(programs: Any, language: str, tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("one\ntwo\nthr")
    tail = programs.start(language, "log_tail", path, 6, 30)
    assert [first_line(tail), first_line(tail)] == ["one\n", "two\n"]
    with path.open("a") as log:
        log.write("ee\n\n")
        log.flush()
        assert [first_line(tail), first_line(tail)] == ["three\n", "\n"]
        log.write("five" * 5000 + "\n")
    assert first_line(tail) == "five" * 5000 + "\n"
    path.write_text("six\n")  # cut, and begun again
    assert finish(tail) == "six\n"


@each_language
def test_lines_that_do_not_come_are_an_error(programs: Any, language: str, tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("one\n")
    assert "0.05 seconds" in programs.fail(language, "log_tail", path, 2, 0.05)
