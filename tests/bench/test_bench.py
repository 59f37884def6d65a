"""The runner of the benchmarks, with rounds so short that the figures say nothing: every contest is held and every contender takes
part. No test here looks at how long anything took.

The C programs, the bare modules and the Lua module are those of MEMWELL_BUILD, or build/ at the top.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from typing import Any

import agreement
import crowd
import death
import document
import pytest
import report
import run
import workers
from contest import FULL_SLICE, AbsentError, Contender, Contest, Outcome, Pace, Row, play

import memwell

ROOT = Path(__file__).resolve().parents[2]
BENCH = ROOT / "bench"
BUILD = Path(os.environ.get("MEMWELL_BUILD", ROOT / "build"))
SHARED_MEMORY = Path("/dev/shm")
SUBJECTS = sorted(path.stem.removeprefix("subject_") for path in BENCH.glob("subject_*.py"))
CONTESTED = [subject for subject in SUBJECTS if run.contests_of(subject)]
NOT_HERE = [name for name, found in (("LuaJIT", which("luajit")), ("iceoryx2", find_spec("iceoryx2"))) if not found]
MAYBE = (
    *("Python 3.13", "numpy", "File::Map", "posix_ipc", "zmq", "sysv_ipc", "Boost", "luaposix", *NOT_HERE),
    *("on the disk only", "message queues", "of 1 GiB"),
)
MAY_BE_ABSENT = re.compile("|".join(map(re.escape, MAYBE)))
"""Not on every machine that runs the tests."""


LEFT_OUT = "left out of a quick run: "


def bench(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(BENCH / "run.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, env={**os.environ, **environment})


def left_behind() -> list[str]:
    """Names whose maker has ended; others may run the benchmarks at the same time."""
    named = (re.search(r"memwell-bench-(\d+)", path.name) for path in SHARED_MEMORY.iterdir())
    return [name.string for name in named if name and not Path(f"/proc/{int(name[1])}").exists()]


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.fixture(autouse=True)
def _nothing_is_left_behind() -> Any:
    before = set(left_behind())
    yield
    assert set(left_behind()) - before == set()


@pytest.mark.parametrize("subject", CONTESTED)
def test_a_subject_yields_figures_for_every_contender(subject: str, tmp_path: Path) -> None:
    kept = tmp_path / "run.jsonl"
    done = bench("--quick", "--only", subject, "--rounds", "2", "--slice", "0.05", "--json", str(kept))
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    facts, *contests = lines_of(kept)
    assert facts["kind"] == "facts"
    assert facts["rounds"] == "2"
    titles = {contest["title"] for contest in contests}
    long = {contest.title for contest in run.contests_of(subject) if contest.long}
    named = {line.removeprefix(LEFT_OUT) for line in done.stdout.splitlines() if line.startswith(LEFT_OUT)}
    assert named == long
    assert titles == {contest.title for contest in run.contests_of(subject)} - long
    for contest in contests:
        assert contest["subject"] == subject
        assert contest["rows"][0]["role"] == "memwell"
        for row in contest["rows"]:
            if row["absent"]:
                assert MAY_BE_ABSENT.search(f"{contest['title']} {row['name']}"), row
                continue
            assert len(row["times"]) == 2
            figures = row["times"] + row["ratios"]
            assert all(math.isfinite(figure) and figure > 0 for figure in figures), row
        assert contest["title"] in done.stdout


def test_every_target_has_goals() -> None:
    targets = set()
    for subject in SUBJECTS:
        for contest in run.contests_of(subject):
            goals = [contest.at_most, *[rival.at_most for rival in contest.rivals]]
            targets |= {contest.target for goal in goals if goal is not None}
            names = [contest.ours.name, *[rival.name for rival in contest.rivals]]
            assert len(set(names)) == len(names), contest.title
    assert targets == {"P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "P9", "P10", "P11", "P12", "P13", "P14"}


@pytest.mark.parametrize("subject", ["pingpong", "crowd"])
def test_who_waits_says_how_and_what_it_costs(subject: str, tmp_path: Path) -> None:
    kept = tmp_path / "run.jsonl"
    done = bench("--quick", "--only", subject, "--rounds", "1", "--slice", "0.1", "--json", str(kept))
    assert done.returncode == 0, done.stderr
    for contest in lines_of(kept)[1:]:
        for row in contest["rows"]:
            if not row["absent"]:
                assert row["waits"], row
                assert set(row["details"]) == {"cpu", "p50", "p99", "p99.9"}, row
    again = report.kept(kept)
    assert all(heading in document.page(again, []) for heading in ("| waits |", "| CPU |", "| p99.9 |"))


ANSWERS = """
import sys
print("has good\\nhas dies\\nhas hangs\\nhas dies_in_Lua\\nready", flush=True)
for line in sys.stdin:
    work = line.split()[0]
    if work == "dies":
        sys.exit("it had enough")
    if work == "dies_in_Lua":
        sys.exit("lua5.4: it had enough\\nstack traceback:\\n\\t[C]: in ?")
    if work == "good":
        print("10 p50=2.5", flush=True)
"""


@pytest.mark.parametrize(
    ("work", "reason"),
    [("dies", "died: it had enough"), ("dies_in_Lua", "died: lua5.4: it had enough"), ("hangs", "did not answer for")],
)
def test_who_hangs_or_dies_is_named_and_the_rest_goes_on(work: str, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class SmallCrew(workers.Crew):
        def start(self, name: str) -> workers.Worker:
            return workers.Worker(name, [sys.executable, "-c", ANSWERS], {})

    monkeypatch.setattr(workers, "PATIENCE", 10.0)
    good, bad = (Contender(name, "peer", "python:answers", name) for name in ("good", work))
    with SmallCrew(sys.executable, sys.executable) as crew:
        outcome = play("none", Contest("P0", "nothing", "ns", good, (bad,), repetitions=10), crew, Pace(2, FULL_SLICE, 2, 2))
    ours, theirs = outcome.rows
    assert ours.times == [1.0, 1.0]
    assert ours.details == {"p50": [2.5, 2.5]}
    assert theirs.times == []
    assert reason in theirs.absent


DOCUMENTED_LOSSES = ("memwell Semaphore", "memwell Region, no lock")
"""A POSIX semaphore does not know who has its units; and memory alone does not know who writes."""

DEATHS = [death for subject in SUBJECTS for death in run.deaths_of(subject)]


@pytest.mark.parametrize("trial", [death for death in DEATHS if death.role == "memwell"], ids=lambda trial: trial.name)
def test_others_recover_when_one_is_killed(trial: death.Death) -> None:
    fate = death.fate_of("death", trial)
    assert fate.absent == ""
    assert (fate.verdict == "recovers") == (trial.name not in DOCUMENTED_LOSSES), fate


@pytest.mark.parametrize(
    ("name", "verdict"), [("multiprocessing.Lock", "hangs"), ("fcntl.lockf", "loses"), ("a robust pthread mutex, in C", "recovers")]
)
def test_an_experiment_tells_the_three_ends_apart(name: str, verdict: str) -> None:
    trial = next(trial for trial in DEATHS if trial.name == name)
    assert death.fate_of("death", trial).verdict == verdict


def test_every_experiment_is_there() -> None:
    import work_death

    named = {trial.work for trial in DEATHS if trial.worker == "python:work_death"}
    assert named == set(work_death.EXPERIMENTS)
    names = [(trial.title, trial.name) for trial in DEATHS]
    assert len(set(names)) == len(names)


def test_an_experiment_that_does_not_answer_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(death, "PATIENCE", 1.0)
    found = death.said_by([sys.executable, "-c", "import signal; signal.pause()"])
    assert found["verdict"] == "hangs"


@pytest.mark.parametrize(
    ("program", "reason"),
    [("raise SystemExit('no memory')", "no memory"), ('print(\'{"absent": "no such module"}\')', "no such module")],
)
def test_an_experiment_that_cannot_be_made_says_why(program: str, reason: str) -> None:
    with pytest.raises(AbsentError, match=reason):
        death.said_by([sys.executable, "-c", program])


def test_deaths_are_kept_and_on_the_page(tmp_path: Path) -> None:
    fates = [
        death.Fate("death", "Killed", "one", "memwell", "recovers", "all is there"),
        death.Fate("death", "Killed", "other", "peer", absent="no such module"),
    ]
    kept = tmp_path / "run.jsonl"
    report.keep(report.Run({"rounds": "1"}, [], fates), kept)
    assert report.kept(kept).fates == fates
    page = document.page(report.kept(kept), [])
    assert "| one | **recovers** | all is there |" in page
    assert "| other | absent | no such module |" in page


def test_what_came_wrong_is_no_figure(tmp_path: Path) -> None:
    """The receiver looks at every byte: it misses a payload of which the sender left one word out."""
    folder = tmp_path / "bench"
    folder.mkdir()
    for name in ("limit_handover.c", "figures.h", "rally.h", "serve.h", "mark.h", "payload.h"):
        text = (BENCH / name).read_text()
        (folder / name).write_text(text.replace("words[i] = word;", "words[i] = word + (i == 77);"))
    program = tmp_path / "limit_handover"
    subprocess.run(["cc", "-std=c11", "-O2", "-pthread", "-o", program, folder / "limit_handover.c"], check=True)
    done = subprocess.run([program, "one-cpu", "4096"], input="socket 2\n", capture_output=True, text=True, timeout=100)
    assert done.returncode == 1
    assert "what came is not what was sent" in done.stderr


class Member:
    """One that says it had so many turns."""

    def __init__(self, turns: int) -> None:
        self.turns = turns

    def begin(self, n: int) -> None: ...

    def end(self) -> crowd.Score:
        return crowd.Score(self.turns, 0, [1])


def test_a_lock_that_does_not_exclude_has_no_figure() -> None:
    """Each process counts its own turns; together they are as many as were counted in common, or somebody was not alone."""
    name = f"memwell-bench-{os.getpid()}-crowd"
    with memwell.Well.create(name, 65536, temporary=True) as well:
        place = crowd.Place.within(well)
        assert crowd.contend(place, [Member(7), Member(3)], 10).startswith("0 cpu=0.0 p50=1 ")
        with pytest.raises(RuntimeError, match="does not exclude"):
            crowd.contend(place, [Member(7), Member(4)], 10)


def test_an_unknown_subject_is_answered_with_those_there_are() -> None:
    done = bench("--only", "nonsense")
    assert done.returncode == 2
    assert "nonsense" in done.stderr
    for subject in SUBJECTS:
        assert subject in done.stderr


def test_an_unknown_peer_is_answered_with_those_there_are() -> None:
    done = bench("--only", "semaphore", "--peer", "nonsense")
    assert done.returncode == 2
    assert "nonsense" in done.stderr
    assert "multiprocessing.Semaphore" in done.stderr


def test_only_the_peers_that_were_asked_for_take_part(tmp_path: Path) -> None:
    kept = tmp_path / "run.jsonl"
    wanted = ["--only", "semaphore", "--only", "death", "--peer", "multiprocessing.semaphore"]
    done = bench("--quick", *wanted, "--rounds", "1", "--slice", "0.01", "--json", str(kept))
    assert done.returncode == 0, done.stderr
    found = report.kept(kept)
    assert found.outcomes
    assert all(row.name.startswith("multiprocessing.Semaphore") for outcome in found.outcomes for row in outcome.rows[1:])
    assert {fate.name.split(",")[0] for fate in found.fates} == {"multiprocessing.Semaphore"}


@pytest.mark.parametrize("arguments", [["--rounds", "0"], ["--slice", "0"], ["--slice", "-1"], ["--rounds", "x"]])
def test_a_wrong_pace_is_refused(arguments: list[str]) -> None:
    done = bench("--only", "import", *arguments)
    assert done.returncode == 2
    assert arguments[0] in done.stderr


def test_what_is_not_built_is_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    kept = tmp_path / "run.jsonl"
    done = bench(
        *("--only", "semaphore", "--rounds", "1", "--slice", "0.01", "--json", str(kept)), MEMWELL_BUILD=str(tmp_path / "build")
    )
    assert done.returncode == 0, done.stderr
    contests = lines_of(kept)[1:]
    absent = {contest["title"]: contest["rows"][0]["absent"] for contest in contests}
    for title, reason in absent.items():
        assert ("not built" in reason) == title.startswith("Lua"), (title, reason)
    assert "the Lua module memwell is not built here" in done.stdout


def test_the_page_is_written_from_the_kept_run() -> None:
    """docs/performance.md is what the command makes of bench/results.jsonl, and nobody edited it."""
    page = ROOT / "docs" / "performance.md"
    contests = [contest for subject in SUBJECTS for contest in run.contests_of(subject)]
    twice = agreement.compared(report.kept(BENCH / "results.jsonl"), report.kept(BENCH / "again.jsonl"))
    assert document.page(twice, contests) == page.read_text()
    assert "Not explained yet" not in page.read_text()


FACTS = {"processor": "one", "kernel": "Linux 6"}


def run_of(*ratios: float, facts: dict[str, str] = FACTS) -> report.Run:
    rows = [Row("ours", "memwell", [1.0]), Row("theirs", "peer", [1.0], list(ratios))]
    return report.Run(facts, [Outcome("subject", "P0", "A work", "ns", rows)])


@pytest.mark.parametrize(("again", "cell"), [(1.1, "1.00 x"), (1.3, "1.00 x, noisy: 1.30 x"), (0.8, "1.00 x, noisy: 0.80 x")])
def test_a_ratio_that_a_second_run_does_not_find_is_noisy(again: float, cell: str) -> None:
    page = document.page(agreement.compared(run_of(0.8, 0.9, 1.0, 1.1, 1.2), run_of(again)), [])
    assert f"| {cell} |" in page
    assert f"found {'0' if 'noisy' in cell else '1'} again" in page
    assert "noisy" not in document.page(run_of(1.0), [])


def test_runs_of_different_machines_are_not_compared(tmp_path: Path) -> None:
    files = [tmp_path / "first.jsonl", tmp_path / "second.jsonl"]
    for file, processor in zip(files, ("one", "other"), strict=True):
        report.keep(run_of(1.0, facts={**FACTS, "processor": processor}), file)
    before = (ROOT / "docs" / "performance.md").read_text()
    done = bench("--write-docs", str(files[0]), "--again", str(files[1]))
    assert done.returncode == 1
    assert "different machines" in done.stderr
    assert "processor: one, and other" in done.stderr
    assert (ROOT / "docs" / "performance.md").read_text() == before


def test_the_figures_of_the_kinds_are_those_of_the_kept_run() -> None:
    page = (ROOT / "docs" / "kinds.md").read_text()
    kept = report.kept(BENCH / "kinds.jsonl")
    assert document.kinds(kept, page) == page
    titles = {contest.title for contest in run.contests_of("kinds")}
    assert {outcome.title for outcome in kept.outcomes if outcome.subject == "kinds"} == titles


def whole_file(size: str, ratio: float) -> Outcome:
    rows = [Row("ours", "memwell", [1.0]), Row("read, 64 KiB at once", "peer", [1.0 / ratio], [ratio])]
    return Outcome("read", "P14", f"C: open a file of {size} that is in memory, add up all of it, close it", "us", rows)


def test_the_page_says_from_which_size_on_a_mapping_is_ahead() -> None:
    found = report.Run({}, [whole_file("4 KiB", 2.0), whole_file("1 MiB", 0.9), whole_file("16 MiB", 0.7)])
    assert "from 1 MiB on" in document.page(found, [])
    assert "at none of the sizes" in document.page(report.Run({}, [whole_file("4 KiB", 2.0)]), [])
    assert "crossover" not in document.page(report.Run({}, []), []).lower()
