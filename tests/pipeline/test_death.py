"""Workers that die at any moment, of anything: the totals stay exact, and nobody waits for the dead."""

# SPDX-License-Identifier: MIT
import errno
import itertools
import os
import sys
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

import crew
import job
import languages
import pytest
import ranges
from inputs import gather
from job import Outcome, run
from pipeline_support import HERE, Pipeline, reference
from signals import Signals

Tree = Callable[..., list[str]]


# The job's memory: regions and semaphores, or one well.
either = pytest.mark.parametrize("well", [False, True], ids=["apart", "well"])


def outcome_of(paths: list[str], *languages: str, kills: int = 0, seed: int = 0, well: bool = False) -> Outcome:
    with Signals() as signals:
        return run(gather(paths), languages, signals, kills=kills, seed=seed, well=well)


@pytest.fixture(scope="module")
def expected(corpus: list[str]) -> Counter[bytes]:
    return reference(corpus)


# ---- by SIGKILL


@pytest.mark.parametrize(("seed", "well"), [*((seed, False) for seed in range(12)), *((seed, True) for seed in range(12, 24))])
def test_workers_killed_at_random_leave_the_totals_exact(
    monkeypatch: pytest.MonkeyPatch,
    corpus: list[str],
    expected: Counter[bytes],
    seed: int,
    well: bool,
) -> None:
    """Small ranges, so that there are many moments at which a kill may come, and always work left for whoever comes next."""
    monkeypatch.setattr(ranges, "RANGE_SIZE", 32 * 1024)
    outcome = outcome_of(corpus, "python", "lua", "python", "lua", kills=10, seed=seed, well=well)
    assert outcome.counts == expected
    assert outcome.problems == []
    assert sum(worker.restarts for worker in outcome.workers) > 0


@pytest.mark.parametrize("options", [[], ["--well"]])
def test_the_program_kills_when_it_is_told_to(pipeline: Pipeline, corpus: list[str], options: list[str]) -> None:
    assert "counts are the same" in pipeline.run(*corpus, "--check", "--no-watch", "--kill", 6, *options).stdout


@either
@pytest.mark.parametrize("first", [1, 2, 3, 4])
@pytest.mark.parametrize("language", ["python", "lua", "ruby", "perl"])
def test_a_worker_may_be_killed_before_any_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, tree: Tree, language: str, first: int, well: bool
) -> None:
    """Its first process dies before its Nth line, for every N; so between any two stores, which have lines of their own."""
    monkeypatch.setattr(ranges, "RANGE_SIZE", 40)
    paths = tree(a=b"one two two " * 5, b=b"three", c=b"three three", d=b"")
    expected = reference(paths)
    some = 4 if language in ("python", "lua") else 20  # the rest takes long to start
    for n in itertools.count(first, some):  # in four tests, none of which is long even where the machine is busy
        marker = str(tmp_path / f"marker{n}")
        monkeypatch.setattr(crew, "command_of", partial(dying, n, marker))
        outcome = outcome_of(paths, language, well=well)
        assert (outcome.counts, outcome.problems) == (expected, []), n
        if not os.path.exists(marker):
            break
        assert outcome.workers[0].restarts <= 1
    assert n > 40


def dying(n: int, marker: str, language: str) -> list[str]:
    if language == "python":
        return [sys.executable, str(HERE / "dying_worker.py"), f"line:{n}", marker]
    if language == "ruby":
        return ["ruby", str(HERE / "dying_worker.rb"), str(languages.HERE / "worker.rb"), str(n), marker]
    if language == "perl":
        return ["perl", str(HERE / "dying_worker.pl"), str(languages.HERE / "worker.pl"), str(n), marker]
    return ["lua5.4", str(HERE / "dying_worker.lua"), str(languages.HERE / "worker.lua"), str(n), marker]


@either
def test_every_worker_killed_at_once(
    monkeypatch: pytest.MonkeyPatch, corpus: list[str], expected: Counter[bytes], well: bool
) -> None:
    def strike(self: job.Killer, coordinator: job.Coordinator) -> None:
        if next(answers) in (3, 6, 9):
            for worker in coordinator.crew:
                if worker.process is not None:
                    worker.process.kill()

    answers = itertools.count(1)
    monkeypatch.setattr(job.Killer, "strike", strike)
    outcome = outcome_of(corpus, "python", "lua", "lua", "python", well=well)
    assert outcome.counts == expected
    assert outcome.problems == []
    assert sum(worker.restarts for worker in outcome.workers) > 0


# ---- by what they count


@either
@pytest.mark.parametrize("name", ["SIGSEGV", "SIGBUS", "SIGTERM"])
def test_a_range_that_kills_three_times_is_given_up(monkeypatch: pytest.MonkeyPatch, tree: Tree, name: str, well: bool) -> None:
    monkeypatch.setattr(crew, "command_of", lambda language: [sys.executable, str(HERE / "dying_worker.py"), f"poison:{name}", ""])
    paths = tree(a=b"one two", b_poison=b"three", c=b"four " * 10)
    outcome = outcome_of(paths, "python", "python", well=well)
    assert outcome.counts == reference([paths[0], paths[2]])
    assert outcome.problems == [(paths[1], f"3 workers died on it, by {name}")]
    assert [source.path for source in outcome.counted] == [paths[0], paths[2]]


def test_a_file_that_kills_is_given_up_with_all_its_ranges(monkeypatch: pytest.MonkeyPatch, tree: Tree) -> None:
    monkeypatch.setattr(crew, "command_of", lambda language: [sys.executable, str(HERE / "dying_worker.py"), "poison:SIGBUS", ""])
    monkeypatch.setattr(ranges, "RANGE_SIZE", 100)
    paths = tree(a=b"one two " * 100, b_poison=b"three " * 100, c=b"four " * 100)
    outcome = outcome_of(paths, "python", "python")
    assert outcome.counts == reference([paths[0], paths[2]])
    assert len(outcome.problems) == 1


def test_a_file_cut_under_the_mapping_is_reported(monkeypatch: pytest.MonkeyPatch, tree: Tree) -> None:
    """The worker meets the lost pages, lives on, and says that the file is shorter than its range."""
    monkeypatch.setattr(crew, "command_of", lambda language: [sys.executable, str(HERE / "dying_worker.py"), "cut", ""])
    paths = tree(a=b"one two", b_poison=b"three " * 1000, c=b"four")
    outcome = outcome_of(paths, "python")
    assert outcome.counts == reference([paths[0], paths[2]])
    assert outcome.problems == [(paths[1], "became shorter, while the job ran")]
    assert outcome.workers[0].restarts == 0


# ---- files that change between the plan and the count


def after_the_plan(monkeypatch: pytest.MonkeyPatch, change: Callable[[], object]) -> None:
    """Do something to the files when they are cut and no worker has begun."""
    begin = job.Coordinator.run

    def run_after(self: job.Coordinator) -> None:
        change()
        begin(self)

    monkeypatch.setattr(job.Coordinator, "run", run_after)


@pytest.mark.parametrize("language", ["python", "lua", "ruby", "perl"])
@pytest.mark.parametrize("words", [10, 300_000])
def test_files_that_vanish_or_shrink_add_nothing(monkeypatch: pytest.MonkeyPatch, tree: Tree, language: str, words: int) -> None:
    paths = tree(a=b"one two", gone=b"three " * words, cut=b"four " * words, folder=b"five " * words, pipe=b"x " * words, z=b"six")
    expected = reference([paths[0], paths[5]])

    def change() -> None:
        os.unlink(paths[1])
        os.truncate(paths[2], 7)
        os.unlink(paths[3])
        os.mkdir(paths[3])
        os.unlink(paths[4])
        os.mkfifo(paths[4])

    after_the_plan(monkeypatch, change)
    outcome = outcome_of(paths, language, language)
    assert outcome.counts == expected
    assert outcome.total == 3
    reasons = dict(outcome.problems)
    assert reasons.keys() == set(paths[1:5])
    assert "no such file" in reasons[paths[1]]
    assert "became shorter" in reasons[paths[2]]
    assert "directory" in reasons[paths[3]]
    assert outcome.bytes == 10


def test_a_file_that_grew_is_counted_as_planned_and_reported(monkeypatch: pytest.MonkeyPatch, tree: Tree) -> None:
    paths = tree(a=b"one two")
    after_the_plan(monkeypatch, lambda: Path(paths[0]).write_bytes(b"one two three"))
    outcome = outcome_of(paths, "python")
    assert outcome.counts == {b"one": 1, b"two": 1}
    assert outcome.problems == [(paths[0], "changed while the job ran; counted as it was found")]


def test_a_file_whose_answer_finds_no_memory_is_given_up(monkeypatch: pytest.MonkeyPatch, tree: Tree) -> None:
    """A word of 3 MB needs a larger result region than there is at the start; here nobody can make it larger."""
    give = crew.Crew.give

    def no_room(self: crew.Crew, worker: crew.Worker, deal: ranges.Deal) -> None:
        if deal.result_size > worker.room.size:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        give(self, worker, deal)

    monkeypatch.setattr(crew.Crew, "give", no_room)
    paths = tree(a=b"one two", b=b"w" * 3_000_000 + b" word" * 200_000, c=b"three")
    outcome = outcome_of(paths, "python", "lua")
    assert outcome.counts == reference([paths[0], paths[2]])
    assert [path for path, _ in outcome.problems] == [paths[1]]


@either
def test_a_wrong_answer_ends_the_job(monkeypatch: pytest.MonkeyPatch, tree: Tree, well: bool) -> None:
    """Numbers from another process are checked before they are used."""
    take = crew.Crew.take

    def spoiled(self: crew.Crew, worker: crew.Worker) -> crew.Answer:
        worker.room.region.view("int64", 2, offset=worker.room.offset)[1] = 1 << 40
        return take(self, worker)

    monkeypatch.setattr(crew.Crew, "take", spoiled)
    with pytest.raises(crew.JobError, match="python 1"):
        outcome_of(tree(a=b"one"), "python", well=well)
