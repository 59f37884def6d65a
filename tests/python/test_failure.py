"""What docs/failure.md says that can happen to a well, tried. What a kill at each instant leaves is tried in tests/death.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import contextlib
import faulthandler
import fcntl
import os
import resource
import shutil
import signal
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import memwell
from memwell import Well

pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")  # who awaited has a thread

SIZE = 1 << 16
LIFE_LOCKS = 1 << 62
F_OFD_SETLK = 37
BOOT = 152  # where a well's header has the boot that last attached
FOREVER = 60  # seconds after which a test gives up


@dataclass
class Peers:
    """Forked processes, which end with the test."""

    children: list[int] = field(default_factory=list)

    def start(self, act: Callable[[], object], then: Callable[[], object] = signal.pause) -> int:
        """Fork a process that acts and then does something else, and wait until it has acted."""
        ready, tell = os.pipe()
        child = os.fork()
        if child == 0:
            with contextlib.suppress(BaseException):
                faulthandler.disable()
                resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
                act()
                os.write(tell, b"!")
                then()
            os._exit(1)
        self.children.append(child)
        os.close(tell)
        said = os.read(ready, 1)
        os.close(ready)
        assert said == b"!", "the peer could not do what it was to do"
        return child

    def end(self, child: int) -> None:
        self.children.remove(child)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)

    def await_end(self, child: int) -> None:
        self.children.remove(child)
        os.waitpid(child, 0)


@pytest.fixture
def peers(nothing_left: None) -> Iterator[Peers]:
    made = Peers()
    yield made
    for child in list(made.children):
        made.end(child)


@pytest.fixture
def well(name: str, peers: Peers) -> Iterator[Well]:
    with Well.create(name, SIZE) as made:
        yield made


def holds(well: Well) -> Callable[[], object]:
    """What a peer does to hold the mutex and both permits."""
    mutex, permits = well.mutex("mutex"), well.semaphore("permits", 2)
    return lambda: (mutex.acquire(), permits.acquire(), permits.acquire())


def assert_left_by_a_death(well: Well) -> None:
    mutex, permits = well.mutex("mutex"), well.semaphore("permits")
    with pytest.raises(memwell.OwnerDiedError):
        mutex.acquire(FOREVER)
    assert permits.acquire(FOREVER)
    assert permits.value == 1
    permits.release()
    with mutex.recovering(FOREVER):
        assert mutex.locked
    well.check()


def shared(well: Well) -> str:
    assert well.name is not None
    return f"/dev/shm/{well.name}"


# ------------------------------------------------------------------ ends of a process


def replace_program() -> None:
    os.execv(sys.executable, [sys.executable, "-c", "import signal; signal.pause()"])


def dies_of(number: int) -> Callable[[], None]:
    return lambda: os.kill(os.getpid(), number)


ENDS: dict[str, Callable[[], object]] = {
    "SIGKILL": dies_of(signal.SIGKILL),
    "SIGTERM": dies_of(signal.SIGTERM),
    "SIGSEGV": dies_of(signal.SIGSEGV),
    "SIGABRT": dies_of(signal.SIGABRT),
    "_exit": lambda: os._exit(0),
}


@pytest.mark.parametrize("end", ENDS)
def test_every_end_is_alike(end: str, well: Well, peers: Peers) -> None:
    peers.await_end(peers.start(holds(well), ENDS[end]))
    assert_left_by_a_death(well)


def test_an_orderly_exit_with_a_lock_is_a_death(well: Well) -> None:
    well.mutex("mutex"), well.semaphore("permits", 2)
    program = f"""
import memwell
well = memwell.Well.attach({well.name!r})
mutex, permits = well.mutex("mutex"), well.semaphore("permits")
mutex.acquire(), permits.acquire(), permits.acquire()
"""
    subprocess.run([sys.executable, "-W", "ignore", "-c", program], check=True, timeout=FOREVER)
    assert_left_by_a_death(well)


def test_exec_is_an_end_though_the_process_goes_on(well: Well, peers: Peers) -> None:
    peers.start(holds(well), replace_program)
    assert_left_by_a_death(well)


def test_a_parents_death_is_seen_though_its_child_lives(well: Well, peers: Peers) -> None:
    """The child reads from a pipe that ends with the test."""
    until, keep = os.pipe()
    act = holds(well)

    def act_and_fork() -> None:
        act()
        if os.fork() == 0:
            os.close(keep)
            os.read(until, 1)
            os._exit(0)

    peers.end(peers.start(act_and_fork))
    assert_left_by_a_death(well)
    os.close(keep)
    os.close(until)


def test_kill_of_all_leaves_everything_as_it_was(name: str, peers: Peers) -> None:
    def make() -> None:
        well = Well.create(name, SIZE)
        well.array("array", "int64", 3)[1] = 7
        well.event("event").set()
        holds(well)()

    peers.end(peers.start(make))
    with Well.attach(name) as well:
        assert well.array("array").tolist() == [0, 7, 0]
        assert well.event("event").is_set()
        assert_left_by_a_death(well)


# ------------------------------------------------------------------ who is alive, and for whom


def test_a_stopped_process_is_never_robbed(well: Well, peers: Peers) -> None:
    mutex = well.mutex("mutex")
    child = peers.start(holds(well))
    os.kill(child, signal.SIGSTOP)
    os.waitpid(child, os.WUNTRACED)
    assert not mutex.acquire(0.1)
    assert {one.state for one in well.participants()} == {"running", "stopped"}
    assert well.reap() == 0
    (slot,) = (one.slot for one in well.participants() if not one.self)
    assert well.break_locks(slot) == 3
    assert_left_by_a_death(well)


def test_one_whose_locks_were_broken_learns_of_it_by_its_release(well: Well, peers: Peers) -> None:
    mutex = well.mutex("mutex")
    told, tell = os.pipe()

    def release() -> None:
        os.kill(os.getpid(), signal.SIGSTOP)
        try:
            mutex.release()
        except RuntimeError:
            os.write(tell, b"told")

    child = peers.start(mutex.acquire, release)
    os.waitpid(child, os.WUNTRACED)
    (slot,) = (one.slot for one in well.participants() if not one.self)
    assert well.break_locks(slot) == 1
    os.kill(child, signal.SIGCONT)
    assert os.read(told, 4) == b"told"
    os.close(told)
    os.close(tell)


def close_all_but(kept: int) -> None:
    for descriptor in range(3, 1024):
        if descriptor != kept:
            with contextlib.suppress(OSError):
                os.close(descriptor)


def test_without_descriptors_deaths_are_seen_as_long_as_the_well_has_a_name(well: Well, peers: Peers) -> None:
    """A peer that closes all its descriptors again and again keeps what it holds. It says what it sees: a death, or nothing."""
    mutex, other, event = well.mutex("mutex"), well.mutex("other"), well.event("event")
    answers, tell = os.pipe()

    def look() -> bytes:
        close_all_but(tell)
        event.wait()
        event.clear()
        try:
            return b"acquired" if other.acquire(0.2) else b"late"
        except memwell.OwnerDiedError:
            return b"dead"

    peers.start(mutex.acquire, lambda: [os.write(tell, look()) for _ in range(2)])
    assert not mutex.acquire(0.1)

    peers.end(peers.start(other.acquire))
    event.set()
    assert os.read(answers, 8) == b"dead"
    with other.recovering():
        pass

    child = peers.start(other.acquire)
    Well.unlink(str(well.name))
    peers.end(child)
    event.set()
    assert os.read(answers, 8) == b"late"
    with pytest.raises(memwell.OwnerDiedError):
        other.acquire(FOREVER)
    os.close(answers)
    os.close(tell)


def test_a_full_list_of_processes_has_room_for_an_observer_and_again_for_all_after_a_death(name: str, peers: Peers) -> None:
    with Well.create(name, SIZE, slots=2) as well:
        child = peers.start(well.reap)
        program = f"import memwell; memwell.Well.attach({name!r}).close()"
        full = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=FOREVER)
        assert "FullError" in full.stderr
        assert "all 2 slots" in full.stderr
        with Well.attach(name, readonly=True) as observer:
            assert len(observer.participants()) == 2
        peers.end(child)
        subprocess.run([sys.executable, "-c", program], check=True, timeout=FOREVER)


@pytest.mark.parametrize("kind", [fcntl.F_RDLCK, fcntl.F_WRLCK])
def test_a_strangers_lock_makes_the_dead_look_alive_as_long_as_it_is_there(kind: int, well: Well, peers: Peers) -> None:
    peers.end(peers.start(holds(well)))
    descriptor = os.open(shared(well), os.O_RDONLY if kind == fcntl.F_RDLCK else os.O_RDWR)
    fcntl.fcntl(descriptor, F_OFD_SETLK, struct.pack("hhqqi4x", kind, 0, LIFE_LOCKS + 1, 300, 0))
    assert not well.mutex("mutex").acquire(0.1)
    assert well.reap() == 0
    os.close(descriptor)
    assert_left_by_a_death(well)


# ------------------------------------------------------------------ the file


def test_a_cut_is_an_error_of_every_call_and_of_every_attach(well: Well) -> None:
    mutex, array = well.mutex("mutex"), well.array("array", "int64", 4)
    os.truncate(shared(well), 20000)
    for call in (lambda: mutex.acquire(0), well.objects, well.check, lambda: well.array("array"), lambda: array.tolist()):
        with pytest.raises(memwell.FaultError):
            call()
    with pytest.raises(memwell.FormatError, match="somebody cut it"):
        Well.attach(str(well.name))


def test_a_cut_within_the_last_page_is_damage_of_the_locks_there(well: Well) -> None:
    mutex = well.mutex("mutex")
    os.truncate(shared(well), SIZE - 1000)
    with pytest.raises(memwell.FormatError):
        mutex.acquire(0)
    with pytest.raises(memwell.FormatError, match="somebody cut it"):
        Well.attach(str(well.name))


def punch(path: str, offset: int) -> None:
    subprocess.run(["fallocate", "--punch-hole", "--offset", str(offset), "--length", "4096", path], check=True)


def test_a_hole_in_the_locks_is_damage_and_never_a_turn(well: Well) -> None:
    mutex, permits, event = well.mutex("mutex"), well.semaphore("permits", 2), well.event("event")
    punch(shared(well), SIZE - 4096)
    for call in (lambda: mutex.acquire(0), lambda: permits.acquire(0), event.is_set, event.set, well.check):
        with pytest.raises(memwell.FormatError):
            call()


def test_a_hole_in_the_header_leaves_what_is_known_in_use(well: Well) -> None:
    mutex = well.mutex("mutex")
    punch(shared(well), 0)
    for _ in range(2):
        assert mutex.acquire(0)
        mutex.release()
    for call in (lambda: well.mutex("new"), well.participants, well.check, lambda: Well.attach(str(well.name))):
        with pytest.raises(memwell.FormatError):
            call()


def test_a_copy_is_a_well_of_its_own_with_the_locks_of_the_dead(well: Well, tmp_path: Path) -> None:
    with well.mutex("mutex"):
        shutil.copy(shared(well), tmp_path / "copy")
    with Well.file(tmp_path / "copy") as copy:
        copy.check()
        with pytest.raises(memwell.OwnerDiedError):
            copy.mutex("mutex").acquire(FOREVER)
    assert not well.mutex("mutex").inconsistent


def test_a_new_well_of_an_old_name_is_another_one(well: Well) -> None:
    well.event("event").set()
    Well.unlink(str(well.name))
    with Well.create(str(well.name), SIZE) as other:
        assert not other.event("event").is_set()
        assert well.event("event").is_set()
        assert len(other.participants()) == len(well.participants()) == 1


def overwrite(path: Path, offset: int, data: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(data)


def test_after_a_restart_of_the_machine_everything_is_looked_at(tmp_path: Path, peers: Peers) -> None:
    path = tmp_path / "well"
    with Well.file(path, SIZE) as well:
        offset = well.region.size - 64
        peers.end(peers.start(holds(well)))
    overwrite(path, BOOT, bytes(16))  # as if another start of the machine had attached last
    with Well.file(path) as well:
        assert_left_by_a_death(well)
    overwrite(path, offset, bytes(8))
    with Well.file(path):
        pass  # the same start of the machine: nobody looks
    overwrite(path, BOOT, bytes(16))
    for _ in range(2):
        with pytest.raises(memwell.FormatError):
            Well.file(path)
    with Well.file(path, readonly=True) as observer:
        assert len(observer.objects()) == 2


# ------------------------------------------------------------------ threads


def test_a_thread_that_ends_with_a_mutex_leaves_it_to_the_others(well: Well) -> None:
    mutex = well.mutex("mutex")
    thread = threading.Thread(target=mutex.acquire)
    thread.start()
    thread.join()
    assert not mutex.acquire(0.05)
    mutex.release()
    assert mutex.acquire(0)
    mutex.release()


def test_a_close_ends_the_waits_of_other_threads(name: str) -> None:
    well = Well.create(name, SIZE)
    event = well.event("event")
    said: list[BaseException] = []

    def wait() -> None:
        try:
            event.wait()
        except memwell.ClosedError as error:
            said.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    while not any(item.waiters for item in well.objects()):
        os.sched_yield()
    well.close()
    thread.join(FOREVER)
    assert len(said) == 1
