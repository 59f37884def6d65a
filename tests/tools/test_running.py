"""How a check counts: no failure may hide, whether a command crashes, runs no test, hangs or writes no report.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import check
import pytest
import running
from running import Counts, NoCountError, Run, Skip, junit, luaunit, minitest, nothing, one, run_step, tallied, tap


def sh(script: str, count: running.Counter = nothing, **settings: float | Path) -> Run:
    return Run(["sh", "-c", script], count, **settings)  # type: ignore[arg-type]


def result_of(tmp_path: Path, *runs: Run | Skip) -> running.Result:
    return run_step("step", lambda: iter(runs), tmp_path / "logs")


def test_counts_add_up_and_read_well() -> None:
    assert Counts(1, 2, 3) + Counts(10, 20, 30) == Counts(11, 22, 33)
    assert str(Counts(3)) == "3 passed, 0 failed"
    assert str(Counts(3, 1, 2)) == "3 passed, 1 failed, 2 skipped"


def test_what_a_command_counts_itself_is_taken_from_its_last_line() -> None:
    assert tallied("passed: it\ncalls: 3 passed, 1 failed, 2 skipped\n") == Counts(3, 1, 2)
    for output in ("", "calls: 3 passed\n", "calls: 3 passed, 1 failed, 2 skipped\nTraceback\n"):
        with pytest.raises(NoCountError):
            tallied(output)


def test_what_a_command_skips_by_itself_is_told(tmp_path: Path) -> None:
    result = result_of(tmp_path, sh("echo skipped: no such tool; echo calls: 0 passed, 0 failed, 1 skipped", tallied))
    assert result.counts == Counts(skipped=1)
    assert result.remarks == ["no such tool"]


def test_luaunit_lines_are_counted() -> None:
    assert luaunit("ok\nRan 12 tests in 0.001 seconds, 12 successes, 0 failures\nOK\n") == Counts(12)
    assert luaunit("Ran 5 tests in 0.1 seconds, 1 success, 1 failure, 1 error, 2 skipped\n") == Counts(1, 2, 2)
    with pytest.raises(NoCountError):
        luaunit("lua5.4: cannot open file\n")


def test_minitest_lines_are_counted() -> None:
    assert minitest("...\n12 runs, 34 assertions, 0 failures, 0 errors, 0 skips\n") == Counts(12)
    assert minitest("9 runs, 2 assertions, 1 failures, 2 errors, 3 skips\n") == Counts(3, 3, 3)
    with pytest.raises(NoCountError):
        minitest("cannot load such file -- memwell (LoadError)\n")


@pytest.mark.parametrize(
    ("output", "counts"),
    [
        ("# Subtest: one\n    not ok 1 - inside\n    1..1\nok 1 - one\nok 2 - a word # in it\n1..2\n", Counts(2)),
        ("1..3\nok 1\nnot ok 2 - it fails\n#   Failed test\nok 3 # skip no threads\n", Counts(1, 1, 1)),
        ("ok 1\n1..4\n", Counts(1, 3)),
        ("1..0 # SKIP in a checkout only\n", Counts(skipped=1)),
    ],
)
def test_lines_of_tap_are_counted(output: str, counts: Counts) -> None:
    assert tap(output) == counts


def test_tap_without_a_plan_counts_nothing() -> None:
    with pytest.raises(NoCountError):
        tap("ok 1 - one\nCan't locate Memwell.pm in @INC\n")


@pytest.mark.parametrize(
    ("xml", "counts"),
    [
        ('<testsuites><testsuite errors="1" failures="2" skipped="3" tests="10"/></testsuites>', Counts(4, 3, 3)),
        ('<testsuite tests="7" failures="1" disabled="1" skipped="2"/>', Counts(3, 1, 3)),
    ],
)
def test_reports_are_counted(tmp_path: Path, xml: str, counts: Counts) -> None:
    report = tmp_path / "report.xml"
    report.write_text(xml)
    assert junit(report)("") == counts


@pytest.mark.parametrize("content", [None, "", "<testsuite"])
def test_a_report_that_is_missing_or_cut_is_no_count(tmp_path: Path, content: str | None) -> None:
    report = tmp_path / "report.xml"
    if content is not None:
        report.write_text(content)
    with pytest.raises(NoCountError):
        junit(report)("")


def test_a_step_adds_up_its_commands(tmp_path: Path) -> None:
    tests = "echo Ran 2 tests in 0 seconds, 2 successes, 0 failures"
    result = result_of(tmp_path, sh("true"), sh("true", one), sh(tests, luaunit), Skip("no such machine"))
    assert result.counts == Counts(3, 0, 1)
    assert result.remarks == ["no such machine"]
    assert result.troubles == []


def test_a_failing_check_is_one_failure_and_shows_its_output(tmp_path: Path) -> None:
    result = result_of(tmp_path, sh("echo the reason; exit 3", one), sh("true", one))
    assert result.counts == Counts(1, 1)
    assert "the reason" in result.troubles[0]
    assert "exit status 3" in result.troubles[0]
    assert "the reason" in (tmp_path / "logs" / "step.log").read_text()


def test_a_failing_preparation_ends_the_step(tmp_path: Path) -> None:
    result = result_of(tmp_path, sh("false"), sh("true", one))
    assert result.counts == Counts(0, 1)


def test_a_runner_that_fails_with_no_failed_test_is_a_failure(tmp_path: Path) -> None:
    result = result_of(tmp_path, sh("echo Ran 2 tests in 0 seconds, 2 successes, 0 failures; exit 139", luaunit))
    assert result.counts == Counts(2, 1)


def test_a_runner_that_ran_nothing_is_a_failure(tmp_path: Path) -> None:
    assert result_of(tmp_path, sh("echo Ran 0 tests in 0 seconds, 0 successes, 0 failures", luaunit)).counts == Counts(0, 1)
    assert result_of(tmp_path, sh("true", luaunit)).counts == Counts(0, 1)
    assert result_of(tmp_path, sh("true")).counts == Counts(0, 1)
    assert result_of(tmp_path).troubles == ["the step ran no test"]


def test_an_old_report_does_not_count(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    report.write_text('<testsuite tests="7"/>')
    result = result_of(tmp_path, Run(["true"], junit(report), report=report))
    assert result.counts == Counts(0, 1)


def test_a_program_that_is_missing_is_a_failure(tmp_path: Path) -> None:
    result = result_of(tmp_path, Run(["no-such-program-anywhere"], one))
    assert result.counts == Counts(0, 1)
    assert "no-such-program-anywhere: No such file" in result.troubles[0]


def test_a_step_that_cannot_go_on_is_a_failure(tmp_path: Path) -> None:
    def step() -> Iterator[Run]:
        yield sh("true", one)
        raise LookupError("no wheel")

    result = run_step("step", step, tmp_path)
    assert result.counts == Counts(1, 1)
    assert result.troubles == ["LookupError: no wheel"]


def has_ended(process: int) -> bool:
    """Whether a process that is no child of this one is dead, or soon dies of the signal that it has got."""
    try:
        handle = os.pidfd_open(process)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], 60)[0])
    finally:
        os.close(handle)


def test_a_command_that_hangs_is_ended_with_its_children(tmp_path: Path) -> None:
    begin = time.monotonic()
    result = result_of(tmp_path, sh(f"sleep 1000 & echo $! >{tmp_path}/child; wait", one, limit=5))
    assert time.monotonic() - begin < 60
    assert result.counts == Counts(0, 1)
    assert "exit status 124" in result.troubles[0]
    assert has_ended(int((tmp_path / "child").read_text()))


def test_every_step_has_a_word_and_the_list_names_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert check.main(["--list"]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in listed] == list(check.STEPS)
    assert all(len(line.split()) > 1 for line in listed)


def test_an_unknown_step_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        check.main(["no-such-step"])
    assert end.value.code == 2
    assert "no step is called no-such-step" in capsys.readouterr().err


@pytest.mark.parametrize(("failed", "status"), [(0, 0), (1, 1)])
def test_the_last_line_is_the_total(
    failed: int, status: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = [sh("true", one), sh("exit 1" if failed else "true", one)]
    monkeypatch.setattr(check, "STEPS", {"only": ("the only step", lambda: iter(runs))})
    assert check.main([]) == status
    assert capsys.readouterr().out.splitlines()[-1] == f"total: {2 - failed} passed, {failed} failed"


def test_only_an_interpreter_that_works_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    broken, working = tmp_path / "broken", tmp_path / "working"
    for folder in (broken, working):
        folder.mkdir()
    (broken / f"python{version}").write_text("#!/bin/sh\nexit 127\n")
    (broken / f"python{version}").chmod(0o755)
    (working / f"python{version}").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    (working / f"python{version}").chmod(0o755)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("PYENV_ROOT", raising=False)
    monkeypatch.setenv("PATH", f"{broken}:{working}")
    assert check.find_python(version) == (str(working / f"python{version}"), str(working / f"python{version}"))
    monkeypatch.setenv("PATH", str(broken))
    found, remark = check.find_python(version)
    assert found is None
    assert "does not run" in remark


def test_the_shell_scripts_parse() -> None:
    for script in (check.ROOT / "tools").glob("*.sh"):
        subprocess.run(["sh", "-n", str(script)], check=True)


def test_what_several_steps_need_is_made_by_the_first(tmp_path: Path) -> None:
    thing = f"{tmp_path}/thing"
    makers = [sh("exit 1"), sh(f"echo made >>{thing}"), sh(f"echo made >>{thing}")]

    def step() -> Iterator[Run | Skip]:
        yield from check.once("the thing of this test", iter([makers.pop(0)]))
        yield sh(f"test -e {thing}", one)

    results = [run_step("step", step, tmp_path / "logs").counts for _ in range(3)]
    assert results == [Counts(0, 1), Counts(1, 0), Counts(1, 0)]
    assert Path(thing).read_text() == "made\n"
