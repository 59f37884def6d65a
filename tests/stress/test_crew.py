"""Python, Lua and C programs on one well that are killed at any moment, and others that take their places: no unit of a ledger and
no permit is lost, no lock has two owners, the well is exact, and nobody is stuck.

KILLS in the environment says how many are killed, SEED with which random numbers.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import os
import random
import select
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from memwell import Region, Well

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILD = Path(os.environ.get("MEMWELL_BUILD", ROOT / "build"))
KILLS = int(os.environ.get("KILLS") or (1000 if os.environ.get("STRESS") == "full" else 300))
KILLS_IN_A_ROW = 100
LONGEST_LIFE = 0.02
"""Seconds from the first act on."""
LIMIT = 120.0
"""Seconds: longer than those who work have patience."""

LANGUAGES = ("c", "python", "lua") * 2
WORKERS, ACCOUNTS, EACH, PERMITS = len(LANGUAGES), 8, 100, 3
DOOMED, ACTS, MENDED = WORKERS, 2 * WORKERS, 3 * WORKERS
LASTING = {"ledger", "journal", "inside", "turn", "permits", "bell", "closing"}


@dataclass
class Worker:
    place: int
    life: int
    process: subprocess.Popen[str]

    def await_act(self) -> None:
        """Return when it is at work; one who has ended instead shows why."""
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], LIMIT)
        if not ready or self.process.stdout.readline() != "working\n":
            self.fail()

    def fail(self) -> None:
        self.process.kill()
        raise AssertionError(f"{self.process.args!r}: {self.process.returncode} {self.process.communicate(timeout=LIMIT)}")

    def end(self, code: int) -> None:
        """Wait for an end that is to be that one, and without complaint."""
        _, errors = self.process.communicate(timeout=LIMIT)
        assert (self.process.returncode, errors) == (code, ""), f"{self.process.args!r}: {errors}"


class Crew:
    def __init__(self, name: str, program: Path, seed: int) -> None:
        self.name, self.random, self.lives = name, random.Random(seed), 0
        self.commands = {
            "c": [str(program)],
            "python": [sys.executable, "-W", "error", str(HERE / "crew.py")],
            "lua": ["lua5.4", str(HERE / "crew.lua")],
        }
        self.environment = {**os.environ, "LUA_CPATH": os.environ.get("LUA_CPATH", f"{BUILD}/lua/?.so;;")}
        self.region = Region.create(f"{name}-notes", 8 * (MENDED + 1), temporary=True)
        self.notes = self.region.view("int64")
        self.observer = Well.attach(name, readonly=True)
        self.inside = self.observer.array("inside")
        self.workers: list[Worker] = []

    def start(self, place: int) -> Worker:
        """The note of a permit goes before that of the doom: who looks at both must not take the dead's for this one's."""
        self.notes[place] = 0
        self.notes[DOOMED + place] = 0
        self.lives += 1
        command = [*self.commands[LANGUAGES[place]], self.name, str(place), str(self.lives), str(self.random.getrandbits(31))]
        pipe = subprocess.PIPE
        process = subprocess.Popen(command, env=self.environment, stdout=pipe, stderr=pipe, text=True)
        return Worker(place, self.lives, process)

    def choose(self) -> Worker:
        """Anybody; now and then whoever has the turn just now."""
        owners = [worker for worker in self.workers if worker.life == self.inside[0]]
        return self.random.choice(owners if owners and self.random.randrange(4) == 0 else self.workers)

    def kill_one(self) -> None:
        """At once if he has the turn, else at a moment that is nobody's: this sleep waits for nothing."""
        victim = self.choose()
        victim.await_act()
        if victim.life != self.inside[0]:
            time.sleep(self.random.random() * LONGEST_LIFE)
        self.notes[DOOMED + victim.place] = 1
        victim.process.kill()
        victim.end(-signal.SIGKILL)
        self.workers[victim.place] = self.start(victim.place)

    def kill_in_a_row(self, kills: int) -> None:
        self.workers = [self.start(place) for place in range(WORKERS)]
        for _ in range(kills):
            self.kill_one()
        for worker in self.workers:
            worker.await_act()
        with Well.attach(self.name) as well:
            well.event("closing").set()
        for worker in self.workers:
            worker.end(0)

    def close(self) -> None:
        for worker in self.workers:
            worker.process.kill()
            worker.process.communicate()
        self.observer.close()
        self.region.close()


# ---- what must be there when they have gone


def check_ledger(well: Well) -> None:
    """The one who is last mends as all of them do."""
    ledger, journal, turn = well.array("ledger"), well.array("journal"), well.mutex("turn")
    with turn.recovering(LIMIT):
        if journal[0]:
            ledger[journal[1]], ledger[journal[3]] = journal[2], journal[4]
        journal[0] = well.array("inside")[0] = 0
    with turn:
        assert ledger.sum() == ACCOUNTS * EACH, list(ledger)


def check_permits(well: Well) -> None:
    permits = well.semaphore("permits", create=False)
    assert [permits.acquire(0) for _ in range(PERMITS + 1)] == [True] * PERMITS + [False]
    permits.release(PERMITS)


def check_directory(well: Well) -> None:
    """Delete what the workers have left; nothing else is there."""
    left = {info.name for info in well.objects()} - LASTING
    assert left <= {f"own-{place}" for place in range(WORKERS)}
    for name in left:
        well.delete(name)
    assert {info.name for info in well.objects()} == LASTING


def check_all(name: str) -> None:
    with Well.attach(name) as well:
        well.check()
        well.reap()
        assert [participant.self for participant in well.participants()] == [True]
        check_ledger(well)
        check_permits(well)
        check_directory(well)
        well.event("bell").set()
        assert well.event("bell").wait(0)
        well.event("closing").clear()
        well.check()


# ---- the test


def create(name: str) -> None:
    with Well.create(name, 1 << 20, slots=16, objects=64) as well:
        well.array("ledger", "int64", ACCOUNTS).fill(EACH)
        well.array("journal", "int64", 5)
        well.array("inside", "int64", 1)
        well.mutex("turn")
        well.semaphore("permits", PERMITS)
        well.event("bell")
        well.event("closing")


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("crew") / "crew"
    command = ["cc", "-std=c11", "-O1", "-Wall", "-Wextra", "-Werror", f"-I{ROOT / 'core' / 'include'}", str(HERE / "crew.c")]
    subprocess.run([*command, str(BUILD / "libmemwell.a"), "-pthread", "-lm", "-o", str(target)], check=True)
    return target


@pytest.fixture
def name() -> Iterator[str]:
    unique = f"mw-test-{os.getpid()}-{uuid.uuid4().hex[:8]}"
    yield unique
    left = [path for path in Path("/dev/shm").iterdir() if unique in path.name]
    for path in left:
        path.unlink()
    assert left == []


def test_a_well_is_exact_though_its_crew_is_killed(name: str, program: Path) -> None:
    seed = int(os.environ.get("SEED") or random.getrandbits(31))
    print(f"SEED={seed}")
    create(name)
    with ExitStack() as stack:
        stack.callback(Well.unlink, name)
        crew = Crew(name, program, seed)
        stack.callback(crew.close)
        for done in range(0, KILLS, KILLS_IN_A_ROW):
            crew.kill_in_a_row(min(KILLS_IN_A_ROW, KILLS - done))
            check_all(name)
        acts, mended = [crew.notes[ACTS + place] for place in range(WORKERS)], crew.notes[MENDED]
        print(f"crew: {KILLS} killed in {acts} acts, {mended} times mended")
        assert all(acts)
        assert mended > 0 or KILLS < 300, "nobody was killed who had the turn"
