"""Whole runs of the pipeline: exact on real and on odd files, with workers of any language, and tidy however it ends."""

# SPDX-License-Identifier: MIT
import os
import pty
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pipeline as program
import pytest
from inputs import gather
from job import Outcome, run
from pipeline_support import BUILD, HERE, Pipeline, job_names, reference
from recount import recount
from signals import Signals

import memwell

Tree = Callable[..., list[str]]


# The job's memory: regions and semaphores, or one well.
either = pytest.mark.parametrize("well", [False, True], ids=["apart", "well"])


def outcome_of(paths: list[str], *languages: str, well: bool = False) -> Outcome:
    """One job in this process, unwatched."""
    with Signals() as signals:
        return run(gather(paths), languages or ("python", "lua"), signals, well=well)


# ---- exact

SPECS = [
    *("python=1", "lua=1", "python=3", "lua=3", "python=1,lua=1", "python=2,lua=2"),
    *("java=1", "python=1,java=2", "ruby=1", "python=1,lua=1,ruby=1", "perl=1", "python=1,perl=2"),
]


def test_the_default_input_is_counted_exactly(pipeline: Pipeline) -> None:
    done = pipeline.run("--check", "--no-watch")
    assert "counts are the same" in done.stdout
    assert "MB/s" in done.stdout


@either
@pytest.mark.parametrize("spec", SPECS)
def test_every_crew_counts_the_same(pipeline: Pipeline, corpus: list[str], spec: str, well: bool) -> None:
    languages = program.workers(spec)
    outcome = outcome_of(corpus, *languages, well=well)
    assert outcome.counts == reference(corpus)
    assert outcome.total == sum(outcome.counts.values())
    assert sum(worker.ranges for worker in outcome.workers) == outcome.ranges
    assert sum(worker.words for worker in outcome.workers) == outcome.total
    assert sum(worker.bytes for worker in outcome.workers) == outcome.bytes == sum(os.path.getsize(path) for path in corpus)
    assert outcome.problems == []


def test_both_languages_take_part(corpus: list[str]) -> None:
    """Each worker gets a deal before any gets its second."""
    assert all(worker.ranges > 0 for worker in outcome_of(corpus, "python", "lua", "python", "lua").workers)


ODD = {
    "empty": b"",
    "one_word": b"word",
    "one_byte": b"x",
    "no_words": b" \n\t.,;" * 1000,
    "nul": b"a\0b\0\0c",
    "binary": bytes(range(256)) * 5000,
    "latin": "K\u00f6nig \u00df\n".encode("latin-1") * 100,
    "utf16": "some text\n".encode("utf-16") * 100,
    "crlf": b"a b\r\nc\r\n" * 1000,
    "one_line": b"some words in a line " * 150_000,
    "one_huge_word": b"w" * 3_000_000,
    "huge_words": b"a " + b"x" * 1_100_000 + b" b " + b"y" * 600_000 + b" c",
    "words_of_windows": b" ".join(b"z" * n for n in (16_383, 16_384, 16_385, 32_768, 524_287, 524_288, 524_289)),
    "all_distinct": b" ".join(b"%x" % n for n in range(300_000)),
    "shortest_distinct": b" ".join(bytes((a, b)) for a in range(128, 256) for b in range(128, 256)),
    "two_bytes_each": b"a " * 700_000,
}


@pytest.mark.parametrize("language", ["python", "lua", "ruby", "perl"])
@pytest.mark.parametrize("name", ODD)
def test_odd_files_are_counted_exactly(tree: Tree, name: str, language: str) -> None:
    paths = tree(**{name: ODD[name]})
    outcome = outcome_of(paths, language, language)
    assert outcome.counts == reference(paths)
    assert outcome.problems == []
    assert len(outcome.counted) == 1


@pytest.mark.parametrize("options", [[], ["--well"]])
def test_odd_files_together(pipeline: Pipeline, tree: Tree, tmp_path: Path, options: list[str]) -> None:
    tree(**ODD)
    assert "counts are the same" in pipeline.run(tmp_path, "--check", "--no-watch", *options).stdout


def test_file_names_are_bytes(tree: Tree, tmp_path: Path) -> None:
    for name in (b"two words", b"new\nline", b"not utf-8 \xff\xfe", b"-dash", "gr\u00fc\u00dfe".encode()):
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_bytes(b"one two two")
    outcome = outcome_of([str(tmp_path)], "python", "lua")
    assert outcome.counts == {b"one": 5, b"two": 10}
    assert outcome.problems == []


@pytest.mark.parametrize("options", [[], ["--well"]])
def test_nothing_to_count(pipeline: Pipeline, tmp_path: Path, options: list[str]) -> None:
    assert "Totals" in pipeline.run(tmp_path, "--check", "--no-watch", *options).stdout


# ---- reported


def test_what_cannot_be_counted_is_reported(pipeline: Pipeline, tree: Tree, tmp_path: Path) -> None:
    good = tree(good=b"one two two")
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "dangling").symlink_to("nothing")
    (tmp_path / "round").symlink_to(".", target_is_directory=True)
    with socket.socket(socket.AF_UNIX) as unix:
        unix.bind(str(tmp_path / "socket"))
    outcome = outcome_of([str(tmp_path), str(tmp_path / "vanished"), "/dev/null", "", "nul\0nul", *good, *good])
    assert outcome.counts == {b"one": 1, b"two": 2}
    reasons = {os.path.basename(path): reason for path, reason in outcome.problems}
    assert reasons["fifo"] == reasons["socket"] == reasons["null"] == "not a regular file"
    assert reasons["loop"] == "too many levels of symbolic links"
    assert reasons["dangling"] == reasons["vanished"] == reasons[""] == "no such file or directory"
    assert "null" in reasons["nul\0nul"]
    assert len(outcome.problems) == 8
    assert "Problems" in pipeline.run(tmp_path, "--check").stdout


def test_a_file_counts_once(pipeline: Pipeline, tree: Tree, tmp_path: Path) -> None:
    [path] = tree(text=b"one two two")
    (tmp_path / "link").symlink_to(path)
    os.link(path, tmp_path / "hard")
    assert outcome_of([path, path, str(tmp_path)]).counts == {b"one": 1, b"two": 2}
    assert "counted once" in pipeline.run(path, path, tmp_path).stdout


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_is_reported(tree: Tree) -> None:
    good, bad = tree(good=b"one", bad=b"two")
    os.chmod(bad, 0)
    outcome = outcome_of([good, bad])
    assert outcome.counts == {b"one": 1}
    assert outcome.problems == [(bad, "permission denied")]


def test_match_selects_within_folders(tree: Tree, tmp_path: Path) -> None:
    other = tree(**{"a.txt": b"one", "b.md": b"two"})[1]
    assert [source.path for source in gather([str(tmp_path)], "*.txt").sources] == [str(tmp_path / "a.txt")]
    assert len(gather([str(tmp_path), other], "*.txt").sources) == 2


# ---- the check


def test_the_check_finds_a_difference(monkeypatch: pytest.MonkeyPatch, tree: Tree, capsys: pytest.CaptureFixture[str]) -> None:
    paths = tree(text=b"one two two")
    monkeypatch.setattr(program, "recount", lambda paths: recount(paths)._replace(counts={b"one": 1, b"two": 3}))
    assert program.main([*paths, "--check", "--no-watch"]) == 1
    assert "differs: two: 2 here, 3 in the recount" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        "--workers tcl=1",
        "--workers python=0",
        "--workers ,",
        "--workers lua=x",
        "--workers lua=65",
        "--top -1",
        "--kill many",
        "--what",
    ],
)
def test_wrong_arguments(pipeline: Pipeline, arguments: str) -> None:
    assert "usage: pipeline.py" in pipeline.run(*arguments.split(), status=2).stderr


# ---- signals


@pytest.mark.parametrize(("name", "options"), [("SIGINT", []), ("SIGTERM", []), ("SIGHUP", []), ("SIGINT", ["--well"])])
@pytest.mark.parametrize("when", ["plan", "answer:1", "answer:5", "twice"])
def test_a_signal_leaves_nothing_behind(pipeline: Pipeline, corpus: list[str], name: str, options: list[str], when: str) -> None:
    number = {"SIGHUP": 1, "SIGINT": 2, "SIGTERM": 15}[name]
    done = pipeline.run(name, when, *corpus, *options, program=HERE / "interrupted.py", status=128 + number)
    assert f"stopped by {name}" in done.stderr
    assert "Traceback" not in done.stderr


def test_ctrl_c_on_a_terminal_twice(pipeline: Pipeline, corpus: list[str]) -> None:
    """The terminal sends its signal to the whole foreground group, the watcher included; here when the bar shows a rate."""
    pid, terminal = pty.fork()
    if pid == 0:
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a test that runs in the background may have it ignored
        os.execv(sys.executable, [sys.executable, str(program.__file__), *corpus * 3])
    try:
        drawn = b""
        while b"MB/s" not in drawn and (part := _read(terminal)):
            drawn += part
        os.write(terminal, b"\x03")
        os.write(terminal, b"\x03")
        while part := _read(terminal):
            drawn += part
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 130
    finally:
        os.close(terminal)
    assert b"stopped by SIGINT" in drawn
    assert b"Traceback" not in drawn
    pipeline.nothing_is_left_of(pid)


@pytest.mark.parametrize(("options", "fewest"), [([], 6), (["--well"], 1)])
def test_after_a_killed_coordinator_the_workers_end_and_the_next_start_sweeps(
    pipeline: Pipeline, corpus: list[str], options: list[str], fewest: int
) -> None:
    """The run below returns when its standard error is closed: when the last worker and the watcher that it left have ended."""
    pipeline.run("SIGKILL", "answer:2", *corpus, *options, program=HERE / "interrupted.py", status=-9)
    left = {name for name in job_names() if f"memwell-pipeline.{pipeline.pid}." in name}
    assert len(left) >= fewest
    pipeline.run(corpus[0], "--no-watch")
    assert job_names() & left == set()


@pytest.mark.parametrize("options", [[], ["--well"]])
def test_nothing_is_left_in_the_process_that_ran_the_job(corpus: list[str], options: list[str]) -> None:
    """The fixture `leaves_nothing` looks for names, descriptors, threads and children."""
    assert program.main([*corpus, "--kill", "3", *options]) == 0


def test_a_worker_that_cannot_start_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
    tree: Tree,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("LUA_CPATH", "/nowhere/?.so")
    monkeypatch.setenv("LUA_CPATH_5_4", "/nowhere/?.so")
    paths = tree(text=b"one two two")
    assert program.main([*paths, "--workers", "lua=1", "--no-watch"]) == 3
    assert program.main([*paths, "--workers", "lua=1", "--no-watch", "--well"]) == 3
    assert "every worker ended before it did anything" in capfd.readouterr().err
    outcome = outcome_of(paths, "lua", "python")
    assert outcome.counts == {b"one": 1, b"two": 2}
    assert outcome.problems == [] or outcome.problems[0].path == "worker lua 1"


def test_a_language_that_is_not_installed_is_left_out(
    monkeypatch: pytest.MonkeyPatch, tree: Tree, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("LUA", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    paths = tree(text=b"one two two")
    assert program.main([*paths, "--workers", "lua=1,python=1", "--no-watch", "--check"]) == 0
    assert "no lua workers: no lua5.4 on the path" in capfd.readouterr().err
    assert program.main([*paths, "--workers", "lua=1", "--no-watch"]) == 3
    assert "no worker can be started" in capfd.readouterr().err


# ---- the watcher


@pytest.mark.parametrize("options", [[], ["--well"]])
def test_the_watcher_writes_lines_where_no_terminal_is(pipeline: Pipeline, corpus: list[str], options: list[str]) -> None:
    err = pipeline.run(*corpus, *options).stderr
    assert "100.0 %" in err
    assert "done after" in err
    assert "python" in err
    assert "\r" not in err


def test_the_watcher_draws_a_bar_on_a_terminal(corpus: list[str]) -> None:
    ours, theirs = os.openpty()
    try:
        process = subprocess.Popen(
            [sys.executable, program.__file__, *corpus, "--top", "0"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=theirs,
        )
        os.close(theirs)
        drawn = b""
        while part := _read(ours):
            drawn += part
        assert process.wait() == 0
    finally:
        os.close(ours)
    assert b"\r\x1b[K[####" in drawn
    assert b"MB/s" in drawn
    assert drawn.endswith(b"\n")


def _read(terminal: int) -> bytes:
    """What a terminal has to say; nothing when nobody is left at its other end."""
    try:
        return os.read(terminal, 4096)
    except OSError:
        return b""


def test_the_job_goes_on_without_its_watcher(pipeline: Pipeline, corpus: list[str]) -> None:
    assert "same" in pipeline.run(*corpus, "--check", "--watcher", "/bin/false").stdout


def test_the_watcher_looks_before_it_believes(tmp_path: Path) -> None:
    done = subprocess.run([BUILD / "examples/watch", "memwell-no-such-board"], capture_output=True, text=True, timeout=20)
    assert done.returncode == 1
    assert "Region.attach" in done.stderr
    assert "memwell-no-such-board" in done.stderr
    done = subprocess.run([BUILD / "examples/watch", "memwell-no-such.well"], capture_output=True, text=True, timeout=20)
    assert done.returncode == 1
    assert "Well.attach" in done.stderr
    name = f"memwell-test-board-{os.getpid()}"
    with memwell.Region.create(name, 4096, temporary=True):
        done = subprocess.run([BUILD / "examples/watch", name], capture_output=True, text=True, timeout=20)
        assert done.returncode == 1
        assert "not the board of a pipeline" in done.stderr
