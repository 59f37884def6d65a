"""The examples with a well: workers killed while they hold something, in every pairing of languages, and what is told of it."""

# SPDX-License-Identifier: MIT
import itertools
import os
import pty
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import memwell

LANGUAGES = ("c", "python", "lua")
SIZE = 65536

each_language = pytest.mark.parametrize("language", LANGUAGES)
each_pair = pytest.mark.parametrize(("first", "second"), list(itertools.product(LANGUAGES, LANGUAGES)))

Child = subprocess.Popen[str]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "well"


@pytest.fixture(autouse=True)
def nobody_is_left(path: Path) -> Iterator[None]:
    """Whatever a test did, its workers are gone, so that no other test has them beside it."""
    yield
    if path.exists():
        with memwell.Well.file(path) as well:
            for one in well.participants():
                if not one.self and one.state != "dead":
                    os.kill(one.pid, signal.SIGKILL)


def read_line(child: Child) -> str:
    assert child.stdout is not None
    line = child.stdout.readline()
    if not line:
        _, errors = child.communicate(timeout=60)
        pytest.fail(f"ended with status {child.returncode}: {errors}")
    return line.rstrip("\n")


def stop(pid: int) -> None:
    """Return when it is stopped, which takes a moment on another processor; it need not be our child."""
    os.kill(pid, signal.SIGSTOP)
    while Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "T":
        pass


def kill_holding(well: memwell.Well, pid: int, name: str) -> None:
    """Kill a process at a moment at which it holds this: it is stopped when it does, and let go on if by then it no longer did."""

    def holds() -> bool:
        return any(one.pid == pid and name in one.holds for one in well.participants())

    held = False
    while not held:
        os.kill(pid, signal.SIGCONT)
        while not holds():
            pass
        stop(pid)
        held = holds()
    os.kill(pid, signal.SIGKILL)


# ---- pool


@each_pair
def test_a_permit_comes_back_from_whoever_is_killed(programs: Any, first: str, second: str, path: Path) -> None:
    victim = programs.start(first, "pool", path, 1)
    assert read_line(victim) == f"{victim.pid} works, 0 of 1 permits are free"
    with memwell.Well.file(path) as well:
        kill_holding(well, victim.pid, "permits")
        victim.communicate()
        lines = programs.succeed(second, "pool", path, 1, 2).splitlines()
        assert [re.sub(r"^\d+ ", "", line) for line in lines] == ["works, 0 of 1 permits are free"] * 2
        assert programs.succeed(second, "pool", path, 1, 0) == "1 of 1 permits are free\n"
        well.check()


@each_language
def test_a_look_at_the_pool_gives_back_what_the_dead_hold(programs: Any, language: str, path: Path) -> None:
    victim = programs.start(language, "pool", path, 3)
    read_line(victim)
    with memwell.Well.file(path) as well:
        kill_holding(well, victim.pid, "permits")
        victim.communicate()
    assert programs.succeed(language, "pool", path, 3, 0) == "3 of 3 permits are free\n"


@each_language
def test_a_pool_has_as_many_permits_as_it_was_made_with(programs: Any, language: str, path: Path) -> None:
    programs.succeed(language, "pool", path, 2, 0)
    message = programs.fail(language, "pool", path, 3, 0)
    assert "Well.semaphore" in message
    assert "capacity 2" in message


# ---- bank


def accounts(*balances: int) -> str:
    return "".join(f"account {i}: {balance}\n" for i, balance in enumerate(balances)) + f"in all: {sum(balances)}\n"


@each_pair
def test_whoever_comes_next_repairs_what_a_killed_clerk_left(programs: Any, first: str, second: str, path: Path) -> None:
    programs.succeed(second, "bank", path, 1, 2, 25)
    clerk = programs.start(first, "bank", path, 2, 0, 50, 3600)
    assert read_line(clerk) == f"{clerk.pid} has taken 50 from account 2"
    clerk.kill()
    clerk.communicate()
    expected = "repaired: a transfer from account 2 to 0 died half-way, and is undone\n" + accounts(100, 75, 125, 100)
    assert programs.succeed(second, "bank", path) == expected
    assert programs.succeed(first, "bank", path) == accounts(100, 75, 125, 100)


@each_language
def test_a_clerk_waits_until_another_is_ready_or_dead(programs: Any, language: str, path: Path) -> None:
    slow = programs.start("python", "bank", path, 0, 1, 10, 3600)
    read_line(slow)
    waiting = programs.start(language, "bank", path, 0, 1, 20)
    with memwell.Well.file(path) as well:
        while not any(one.name == "ledger" and one.waiters for one in well.objects()):
            assert waiting.poll() is None
    slow.kill()
    slow.communicate()
    output, errors = waiting.communicate(timeout=60)
    assert (waiting.returncode, errors) == (0, "")
    assert output.startswith("repaired")
    assert programs.succeed(language, "bank", path) == accounts(80, 120, 100, 100)


def test_clerks_of_all_languages_at_once(programs: Any, path: Path) -> None:
    orders = [(0, 1, 10), (1, 2, 20), (2, 3, 30), (3, 0, 40), (2, 2, 50), (1, 0, 5)]
    clerks = [programs.start(language, "bank", path, *order) for order, language in zip(orders, LANGUAGES * 2, strict=True)]
    for clerk in clerks:
        output, errors = clerk.communicate(timeout=60)
        assert (clerk.returncode, errors, output.count("\n")) == (0, "", 2)
    assert programs.succeed("c", "bank", path) == accounts(135, 85, 90, 90)


@each_language
def test_a_transfer_that_cannot_be_leaves_everything_as_it_was(programs: Any, language: str, path: Path) -> None:
    assert "has only 100" in programs.fail(language, "bank", path, 0, 1, 101)
    for account in (-1, 4):
        assert programs.fail(language, "bank", path, account, 1, 5) != ""
        assert programs.fail(language, "bank", path, 1, account, 5) != ""
    assert programs.succeed("python", "bank", path) == accounts(100, 100, 100, 100)


# ---- supervisor


def supervise(programs: Any, language: str, path: Path, workers: int, *worker_languages: str) -> Child:
    commands = [["--", *programs.command(one, "pool", path, 2)] for one in worker_languages]
    child: Child = programs.start(language, "supervisor", path, workers, *itertools.chain(*commands))
    return child


def who_came(child: Child) -> int:
    line = read_line(child)
    assert line.endswith(" came"), line
    return int(line.split()[0])


def send_home(child: Child, signal_number: int = signal.SIGINT) -> list[str]:
    child.send_signal(signal_number)
    output, errors = child.communicate(timeout=60)
    assert (child.returncode, errors) == (0, "")
    lines: list[str] = output.splitlines()
    return lines


def await_work(well: memwell.Well, pid: int) -> int:
    """Until it has signed on, a moment after it came; the number of its language."""
    roster = well.array("roster")
    while True:
        for one, language, _ in roster.tolist():
            if one == pid:
                return int(language)


def assert_nobody_works(path: Path) -> None:
    with memwell.Well.file(path) as well:
        assert [one.self for one in well.participants()] == [True]
        assert well.semaphore("permits").value == 2
        well.check()


@each_pair
def test_a_killed_worker_is_told_of_and_replaced(programs: Any, first: str, second: str, path: Path) -> None:
    child = supervise(programs, first, path, 2, second)
    victim, other = who_came(child), who_came(child)
    with memwell.Well.file(path) as well:
        assert who_came(child) == os.getpid()  # whoever attaches is a guest
        kill_holding(well, victim, "permits")
        assert read_line(child) == f"{victim} died, holding permits"
        heir = who_came(child)
        await_work(well, heir)
        assert {one.pid for one in well.participants()} == {child.pid, os.getpid(), other, heir}
    assert read_line(child) == f"{os.getpid()} left"
    lines = send_home(child)
    assert lines[0].split() == ["slot", "pid", "language", "state", "turns", "holds"]
    workers = {int(line.split()[1]): line.split()[2] for line in lines if re.match(r" +\d+ +\d+ ", line)}
    assert workers == {child.pid: "supervisor", other: second, heir: second}
    assert any(re.fullmatch(r"semaphore permits: [012] of 2 free, \d+ waiting", line) for line in lines)
    assert sorted(lines[-2:]) == sorted([f"{other} left", f"{heir} left"])
    assert_nobody_works(path)


@each_pair
def test_after_a_killed_supervisor_the_next_goes_on_with_its_workers(programs: Any, first: str, second: str, path: Path) -> None:
    child = supervise(programs, first, path, 2, "c")
    workers = {who_came(child), who_came(child)}
    child.kill()
    with child:  # until it has ended, and not until its pipes are, which its workers have too
        pass
    successor = supervise(programs, second, path, 3, "lua")
    assert {who_came(successor), who_came(successor)} == workers
    third = who_came(successor)
    lines = send_home(successor, signal.SIGINT if second == "lua" else signal.SIGTERM)
    assert {int(line.split()[0]) for line in lines if line.endswith(" left")} == {*workers, third}
    assert_nobody_works(path)


@each_language
def test_every_language_at_once_each_replaced_by_its_own(programs: Any, language: str, path: Path) -> None:
    child = supervise(programs, language, path, 3, *LANGUAGES)
    pids = {who_came(child) for _ in range(3)}
    with memwell.Well.file(path) as well:
        assert who_came(child) == os.getpid()
        (victim,) = (pid for pid in pids if await_work(well, pid) == 2)
        kill_holding(well, victim, "permits")
        assert "died" in read_line(child)
        assert await_work(well, who_came(child)) == 2
    read_line(child)
    send_home(child)
    assert_nobody_works(path)


@each_language
def test_one_look_at_any_well(programs: Any, language: str, path: Path) -> None:
    clerk = programs.start("c", "bank", path, 0, 1, 10, 3600)
    read_line(clerk)
    lines = programs.succeed(language, "supervisor", path, 0, "--once").splitlines()
    assert lines[0] == f"{clerk.pid} came"
    assert re.search(rf" {clerk.pid}  -  +running +0  ledger$", "\n".join(lines), re.MULTILINE)
    assert lines[-1] == f"mutex ledger: held by {clerk.pid}, 0 waiting"
    stop(clerk.pid)
    assert f"{clerk.pid}  -           stopped      0  ledger" in programs.succeed(language, "supervisor", path, 0, "--once")
    clerk.kill()
    clerk.communicate()
    lines = programs.succeed(language, "supervisor", path, 0, "--once").splitlines()
    assert lines[-1] == "mutex ledger: inconsistent: its owner died, 0 waiting"


@each_language
def test_once_shows_the_workers_when_they_are_there(programs: Any, language: str, path: Path) -> None:
    output = programs.succeed(language, "supervisor", path, 2, "--once")
    assert len(re.findall(rf"^ +\d+ +\d+  {language} +running ", output, re.MULTILINE)) == 2
    assert output.count(" left\n") == 2
    assert_nobody_works(path)


def test_a_worker_that_does_not_come_is_told_of(programs: Any, tmp_path: Path) -> None:
    children = [programs.start(language, "supervisor", tmp_path / language, 1, "--", "true") for language in LANGUAGES]
    for child in children:
        assert read_line(child).endswith(" was started and did not come")
        send_home(child)


@each_language
def test_a_stopped_worker_does_not_keep_the_supervisor(programs: Any, language: str, path: Path) -> None:
    child = supervise(programs, language, path, 1, "c")
    worker = who_came(child)
    stop(worker)
    with memwell.Well.file(path) as well:
        who_came(child)
        assert [one.state for one in well.participants() if one.pid == worker] == ["stopped"]
        child.send_signal(signal.SIGINT)
        assert child.stderr is not None
        assert child.stderr.readline() == f"supervisor: {worker} does not end; kill -9 it\n"
        os.kill(worker, signal.SIGKILL)
    child.communicate(timeout=60)
    assert child.returncode == 0


# ---- its terminal


def at_terminal(programs: Any, language: str, environment: dict[str, str], *arguments: object) -> tuple[int, int]:
    """Start it at a terminal of its own. Returns its pid, and our end of the terminal."""
    command = programs.command(language, "supervisor", *arguments)
    pid, terminal = pty.fork()
    if pid == 0:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # a test that runs in the background may have it ignored
        os.execvpe(command[0], command, {**programs.environment, "TERM": "xterm", "COLUMNS": "120", **environment})
    return pid, terminal


def read_terminal(terminal: int) -> bytes:
    """What it has to say; nothing when nobody is left at its other end."""
    try:
        return os.read(terminal, 4096)
    except OSError:
        return b""


def read_until(terminal: int, text: str) -> str:
    drawn = b""
    while text.encode() not in drawn and (part := read_terminal(terminal)):
        drawn += part
    assert text.encode() in drawn, drawn
    return drawn.decode()


@pytest.mark.parametrize("kind", [*LANGUAGES, "python without rich"])
def test_the_screen_of_who_kills_a_worker_by_hand(programs: Any, kind: str, path: Path, tmp_path: Path) -> None:
    """Draws again and again, tells who died and who came, and goes home on the terminal's Ctrl-C, which it alone gets."""
    environment = {}
    if kind == "python without rich":
        (tmp_path / "sitecustomize.py").write_text("import sys; sys.modules['rich'] = None\n")
        environment["PYTHONPATH"] = str(tmp_path)
    language = kind.partition(" ")[0]
    pid, terminal = at_terminal(programs, language, environment, path, 2)
    try:
        read_until(terminal, "0 of 2 free")
        with memwell.Well.file(path, SIZE) as well:
            victim = next(one.pid for one in well.participants() if one.pid not in (pid, os.getpid()))
            kill_holding(well, victim, "permits")
            drawn = read_until(terminal, f"{victim} died, holding permits")
        assert "\033[H" in drawn
        assert ("━" in drawn) == (kind == "python")
        assert "kill -9 one of these" in read_until(terminal, f"{os.getpid()} left")
        os.write(terminal, b"\x03")
        while part := read_terminal(terminal):
            drawn += part.decode(errors="replace")
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    finally:
        os.close(terminal)
    assert "Traceback" not in drawn
    assert "traceback" not in drawn
    assert_nobody_works(path)
