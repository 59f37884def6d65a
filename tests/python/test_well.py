"""Wells: how they are made, what is in them, who is attached, what is refused, and how they end.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import gc
import os
import signal
import stat
import subprocess
import sys
import threading
import warnings
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import memwell
from memwell import ClosedError, FormatError, FullError, KindError, Region, View, Well

if TYPE_CHECKING:
    from conftest import Child

SIZE = 1 << 20


# Making one ---------------------------------------------------------------------------------------------------------------------


def test_create_attach_open(new_name: Callable[[], str]) -> None:
    name = new_name()
    with Well.create("/" + name, SIZE) as made, Well.attach(name) as attached, Well.open(name, 65536) as opened:
        assert (made.name, made.path, made.size, made.closed, made.readonly) == (name, None, SIZE, False, False)
        assert made.slot == attached.slot == opened.slot == 0
        assert 0 < made.free < SIZE
        made.array("numbers", "int32", 10)[3] = 7
        assert attached.array("numbers")[3] == opened.array("numbers", "i", (10,))[3] == 7
        with pytest.raises(FileExistsError) as caught:
            Well.create(name, SIZE)
        assert caught.value.filename == name
    Well.unlink(name)
    Well.unlink(name, missing_ok=True)
    for call in (lambda: Well.unlink(name), lambda: Well.attach(name, timeout=0.01)):
        with pytest.raises(FileNotFoundError):
            call()
    with Well.open(name, SIZE) as made:
        assert made.objects() == []


def test_attach_waits_for_the_name(name: str) -> None:
    attached: list[Well] = []
    thread = threading.Thread(target=lambda: attached.append(Well.attach(name, timeout=60)))
    thread.start()
    with Well.create(name, SIZE):
        thread.join()
        attached[0].close()


def test_permissions_and_temporary(name: str) -> None:
    before = os.umask(0o077)
    try:
        with Well.create(name, SIZE, permissions=0o640, temporary=True):
            assert stat.S_IMODE(os.stat(f"/dev/shm/{name}").st_mode) == 0o640
    finally:
        os.umask(before)
    assert not os.path.exists(f"/dev/shm/{name}")


def test_no_constructor(well: Well) -> None:
    with pytest.raises(TypeError, match=r"Well\.create"):
        Well()
    for member in (well.mutex("m"), well.semaphore("s", 1), well.event("e")):
        with pytest.raises(TypeError, match=r"Well\.mutex"):
            type(member)()


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"size": 0}, ValueError),
        ({"size": 100}, ValueError),
        ({"size": -1}, ValueError),
        ({"size": True}, TypeError),
        ({"size": 1.5}, TypeError),
        ({"slots": 0}, ValueError),
        ({"slots": 257}, ValueError),
        ({"slots": True}, TypeError),
        ({"objects": 0}, ValueError),
        ({"objects": 1 << 21}, ValueError),
        ({"name": ""}, ValueError),
        ({"name": "a/b"}, ValueError),
        ({"name": "a\0b"}, ValueError),
        ({"name": "x" * 300}, (ValueError, OSError)),
        ({"name": b"bytes"}, TypeError),
        ({"color": 1}, TypeError),
    ],
)
def test_wrong_arguments(name: str, arguments: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error, match=r"Well\.create"):
        Well.create(**({"name": name, "size": SIZE} | arguments))
    assert not os.path.exists(f"/dev/shm/{name}")


def test_slots_and_objects(name: str) -> None:
    with Well.create(name, SIZE, slots=1, objects=2) as well:
        well.event("first")
        well.mutex("second")
        with pytest.raises(FullError, match="directory is full"):
            well.event("third")
        program = f"import memwell\ntry:\n    memwell.Well.attach({name!r})\nexcept memwell.FullError as error:\n    print(error)"
        output = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
        assert "all 1 slots" in output


# What is no well ----------------------------------------------------------------------------------------------------------------


def bytes_of_a_well(name: str) -> bytes:
    with Well.create(name, 16384, slots=2, objects=16) as well:
        well.array("a", "int8", 10)
        well.mutex("m")
        contents = bytes(well.region)
    Well.unlink(name)
    return contents


def test_not_a_well(new_name: Callable[[], str]) -> None:
    for content in (b"", b"x", bytes(128), bytes(SIZE), b"\xff" * 4096):
        name = new_name()
        Path("/dev/shm", name).write_bytes(content)
        with pytest.raises((FormatError, BlockingIOError), match=r"Well\.attach"):
            Well.attach(name)


def test_truncated(name: str, tmp_path: Path) -> None:
    whole = bytes_of_a_well(name)
    path = tmp_path / "well"
    for length in (*range(300), *range(300, len(whole), 997), len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises((FormatError, ValueError)):
            Well.file(path)


@pytest.mark.parametrize(("place", "field"), [(0, "magic"), (8, "byte_order"), (12, "version"), (16, "size"), (80, "checksum")])
def test_another_header(name: str, tmp_path: Path, place: int, field: str) -> None:
    content = bytearray(bytes_of_a_well(name))
    content[place] ^= 0x40
    (tmp_path / "well").write_bytes(content)
    for readonly in (False, True):
        with pytest.raises(FormatError, match=field):
            Well.file(tmp_path / "well", readonly=readonly)


def test_every_flipped_byte_is_an_error_or_an_answer(name: str, tmp_path: Path) -> None:
    whole = bytes_of_a_well(name)
    path = tmp_path / "well"
    for place in range(0, len(whole), 13):
        content = bytearray(whole)
        content[place] ^= 0xFF
        path.write_bytes(content)
        try:
            with Well.file(path) as well:
                well.check()
                well.array("a")
                well.mutex("m").acquire(0)
                well.mutex("m").release()
        except (memwell.Error, KeyError, OSError, RuntimeError):
            gc.collect()


# Arrays -------------------------------------------------------------------------------------------------------------------------


def test_arrays_are_views(well: Well) -> None:
    array = well.array("table", "float64", (3, 4))
    assert isinstance(array, View)
    assert (array.dtype, array.shape, array.region is well.region) == ("float64", (3, 4), True)
    assert array.tolist() == [[0.0] * 4] * 3
    np.asarray(array)[1] = 2.5
    assert well.array("table")[1, 2] == 2.5
    assert array.offset % 64 == 0
    well.array("flags", np.dtype("uint8"), 5).fill(1)
    assert well.array("flags").sum() == 5


def test_array_that_is_another(well: Well) -> None:
    well.array("a", "int32", (4, 5))
    well.mutex("m")
    well.semaphore("s", 3)
    kinds: list[tuple[Callable[[], object], str]] = [
        (lambda: well.array("a", "int64", (4, 5)), r"int32.*int64"),
        (lambda: well.array("a", "int32", 20), r"\(4, 5\).*\(20\)"),
        (lambda: well.array("a", "int32", (5, 4)), r"\(4, 5\).*\(5, 4\)"),
        (lambda: well.array("m"), "mutex"),
        (lambda: well.array("m", "int8", 1), "mutex.*array"),
        (lambda: well.mutex("a"), "array.*mutex"),
        (lambda: well.event("s"), "semaphore.*event"),
        (lambda: well.semaphore("a"), "array.*semaphore"),
        (lambda: well.semaphore("s", 4), "capacity 3.*capacity 4"),
    ]
    for call, words in kinds:
        with pytest.raises(KindError, match=words) as caught:
            call()
        assert isinstance(caught.value, TypeError)


def test_what_is_not_there(well: Well) -> None:
    missing: list[Callable[[], object]] = [
        lambda: well.array("a"),
        lambda: well.mutex("a", create=False),
        lambda: well.semaphore("a"),
        lambda: well.semaphore("a", 3, create=False),
        lambda: well.event("a", create=False),
        lambda: well.delete("a"),
    ]
    for call in missing:
        with pytest.raises(KeyError, match='"a"'):
            call()
    assert well.objects() == []


@pytest.mark.parametrize(("wrong", "error"), [("", ValueError), ("x" * 128, ValueError), ("a\0b", ValueError), (b"a", TypeError)])
def test_names_that_cannot_be(well: Well, wrong: Any, error: type[Exception]) -> None:
    calls: list[Callable[[Any], object]] = [
        well.array,
        lambda wrong: well.array(wrong, "int8", 1),
        well.mutex,
        lambda wrong: well.semaphore(wrong, 1),
        well.event,
        well.delete,
    ]
    for call in calls:
        with pytest.raises(error):
            call(wrong)
    assert well.objects() == []


def test_names_that_can_be(well: Well) -> None:
    for name in ("x" * 127, "with space", "a/b/c", "Zähler", "\n", "\udcff"):
        well.event(name).set()
        assert well.event(name, create=False).name == name
    assert len(well.objects()) == 6


def test_wrong_arrays(well: Well) -> None:
    calls: list[tuple[Callable[[], object], type[Exception]]] = [
        (lambda: well.array("a", "int32"), TypeError),
        (lambda: well.array("a", shape=3), TypeError),
        (lambda: well.array("a", "int33", 3), ValueError),
        (lambda: well.array("a", "int32", (1,) * 9), ValueError),
        (lambda: well.array("a", "int32", -1), ValueError),
        (lambda: well.array("a", "int64", 1 << 62), ValueError),
        (lambda: well.semaphore("a", 0), ValueError),
        (lambda: well.semaphore("a", 4097), ValueError),
        (lambda: well.semaphore("a", True), TypeError),
        (lambda: well.mutex("a", recover=5), TypeError),
    ]
    for call, error in calls:
        with pytest.raises(error, match=r"Well\."):
            call()
    assert well.objects() == []


def test_no_room(well: Well) -> None:
    with pytest.raises(FullError, match="are free") as caught:
        well.array("large", "int8", SIZE)
    assert isinstance(caught.value, MemoryError)
    assert well.objects() == []
    well.array("all of it", "int8", well.free - 63)
    with pytest.raises(FullError):
        well.array("more", "int8", 64)


# The directory ------------------------------------------------------------------------------------------------------------------


def test_objects(well: Well) -> None:
    array = well.array("array", "uint16", (2, 3))
    mutex, semaphore = well.mutex("mutex"), well.semaphore("semaphore", 5)
    well.event("event")
    semaphore.acquire()
    with mutex:
        infos = {info.name: info for info in well.objects()}
    semaphore.release()
    assert {info.kind for info in infos.values()} == set(infos)
    found = infos["array"]
    assert (found.offset, found.size, found.dtype, found.shape) == (array.offset, array.nbytes, "uint16", (2, 3))
    assert (found.owner, found.capacity, found.held, found.waiters, found.inconsistent) == (None, None, None, 0, False)
    assert (infos["semaphore"].capacity, infos["semaphore"].held, infos["semaphore"].dtype) == (5, 1, None)
    assert infos["mutex"].owner == well.slot
    assert infos["event"][:2] == ("event", "event")


def test_participants(well: Well, child: Callable[[str], Child]) -> None:
    other = child("well.mutex('turn').acquire(); well.semaphore('permits', 3).acquire()")
    mine, theirs = well.participants()
    assert (mine.slot, mine.pid, mine.state, mine.holds, mine.self) == (well.slot, os.getpid(), "running", (), True)
    assert (theirs.slot, theirs.pid, theirs.state, theirs.self) == (other.slot, other.process.pid, "running", False)
    assert sorted(theirs.holds) == ["permits", "turn"]
    other.kill()
    assert [each.state for each in well.participants()] == ["running", "dead"]
    assert well.reap() == 1
    assert well.reap() == 0
    assert len(well.participants()) == 1
    assert well.mutex("turn").inconsistent


def test_stopped_holder_is_never_robbed(well: Well, child: Callable[[str], Child]) -> None:
    other = child("well.mutex('turn').acquire(); permits = well.semaphore('permits', 2); permits.acquire(); permits.acquire()")
    other.process.send_signal(signal.SIGSTOP)
    os.waitid(os.P_PID, other.process.pid, os.WSTOPPED)
    assert [each.state for each in well.participants()] == ["running", "stopped"]
    assert well.reap() == 0
    assert not well.mutex("turn").acquire(0)
    assert well.break_locks(other.slot) == 3
    with well.mutex("turn").recovering():
        assert well.semaphore("permits").value == 2
    assert well.break_locks(other.slot) == 0


def test_break_locks_of_nobody(well: Well) -> None:
    assert well.slot is not None
    for slot, error in [(well.slot, ValueError), (64, ValueError), (2**40, ValueError), (5, KeyError), (-1, ValueError)]:
        with pytest.raises(error, match=r"Well\.break_locks"):
            well.break_locks(slot)


def test_delete(well: Well) -> None:
    before = well.free
    array, mutex, semaphore, event = well.array("a", "int8", 9), well.mutex("m"), well.semaphore("s", 2), well.event("e")
    for name in ("a", "m", "s", "e"):
        well.delete(name)
    assert well.objects() == []
    array[0] = 5
    uses: list[Callable[[], object]] = [
        mutex.acquire,
        mutex.release,
        lambda: mutex.locked,
        semaphore.acquire,
        lambda: semaphore.value,
        event.set,
        event.is_set,
        lambda: event.wait(0),
    ]
    for use in uses:
        with pytest.raises(ClosedError, match="deleted"):
            use()
    assert "gone" in repr(mutex)
    anew = well.mutex("m")
    with anew:
        pass
    assert well.free < before


def test_delete_while_it_is_held(well: Well, child: Callable[[str], Child]) -> None:
    other = child("well.semaphore('s', 2).acquire()")
    mutex = well.mutex("m")
    with mutex, pytest.raises(BlockingIOError, match=r"Well\.delete"):
        well.delete("m")
    with pytest.raises(BlockingIOError):
        well.delete("s")
    other.kill()
    well.delete("s")
    well.delete("m")


def test_check(well: Well) -> None:
    well.mutex("m")
    well.check()
    info = well.objects()[0]
    well.region[info.offset : info.offset + 8] = bytes(8)
    with pytest.raises(FormatError, match="m"):
        well.check()
    with pytest.raises(FormatError):
        well.mutex("m").acquire(0)


# The region ---------------------------------------------------------------------------------------------------------------------


def test_region_is_to_look_at(well: Well) -> None:
    region = well.region
    assert region is well.region
    assert (region.kind, region.name, region.size, region.well) == ("named", well.name, SIZE, well)
    assert region.read(0, 8) == b"MEMWELL\n"
    refused: list[Callable[[], object]] = [
        region.close,
        region.remap,
        lambda: region.resize(5),
        lambda: region.protect(readonly=True),
        lambda: region.seal("grow"),
    ]
    for call in refused:
        with pytest.raises(PermissionError, match=r"Region\.\w+: .*well"):
            call()
    assert not region.closed
    with Region.anonymous(10) as other:
        assert other.well is None


def test_a_view_keeps_the_well(name: str) -> None:
    array = Well.create(name, SIZE).array("a", "int8", 3)
    gc.collect()
    array[0] = 5
    well = array.region.well
    assert well is not None
    assert not well.closed
    well.close()


def test_numpy_keeps_the_memory_and_nothing_else(name: str) -> None:
    with Well.create(name, SIZE) as well:
        numbers = np.asarray(well.array("a", "int8", 3))
        numbers[0] = 5
    assert numbers.tolist() == [5, 0, 0]


# Closing ------------------------------------------------------------------------------------------------------------------------


def test_use_after_close(name: str) -> None:
    with Well.create(name, SIZE) as well:
        array, mutex, semaphore, event = well.array("a", "int8", 9), well.mutex("m"), well.semaphore("s", 2), well.event("e")
        region = well.region
    well.close()
    assert well.closed
    assert region.closed
    assert (well.name, mutex.name, mutex.well) == (name, "m", well)
    assert "closed" in repr(well)
    uses: list[Callable[[], object]] = [
        lambda: array[0],
        lambda: region[0],
        lambda: well.size,
        lambda: well.free,
        lambda: well.slot,
        lambda: well.region,
        well.objects,
        well.participants,
        well.reap,
        well.check,
        lambda: well.array("a"),
        lambda: well.mutex("m"),
        lambda: well.delete("m"),
        lambda: well.break_locks(1),
        well.__enter__,
        well.__reduce__,
        lambda: mutex.acquire(0),
        mutex.release,
        lambda: mutex.owner,
        mutex.recovering().__enter__,
        semaphore.acquire,
        semaphore.release,
        lambda: semaphore.held,
        event.set,
        event.clear,
        event.wait,
    ]
    for use in uses:
        with pytest.raises(ClosedError):
            use()


@pytest.mark.parametrize("hold", [lambda well: well.mutex("held"), lambda well: well.semaphore("held", 2)])
def test_close_while_holding(name: str, hold: Callable[[Well], Any]) -> None:
    well = Well.create(name, SIZE)
    lock = hold(well)
    with lock:
        with pytest.raises(RuntimeError, match=r'Well\.close.*"held"'):
            well.close()
        assert not well.closed
    well.close()


def test_other_handles_may_close_while_holding(well: Well) -> None:
    assert well.name is not None
    with well.mutex("m"), Well.attach(well.name) as other:
        other.close()
        with pytest.raises(RuntimeError):
            well.close()


def test_what_one_handle_acquires_another_may_release(well: Well) -> None:
    assert well.name is not None
    with Well.attach(well.name) as other:
        well.mutex("m").acquire()
        other.mutex("m").release()
        well.semaphore("s", 2).acquire()
        other.semaphore("s").release()


def test_closed_by_nobody(name: str) -> None:
    with Well.create(name, SIZE) as well:
        other = Well.attach(name)
        with pytest.warns(ResourceWarning, match="unclosed well"):
            del other
        well.mutex("m")
    last = Well.attach(name)
    last.mutex("m").acquire()
    with pytest.warns(ResourceWarning):
        del last
    with Well.attach(name) as well, pytest.raises(memwell.OwnerDiedError):
        well.mutex("m").acquire()


def test_warning_that_is_an_error(name: str) -> None:
    Well.create(name, SIZE).close()
    program = f"import memwell\nmemwell.Well.attach({name!r})\nprint('goes on')"
    output = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=True)
    assert output.stdout == "goes on\n"
    assert "unclosed well" in output.stderr


class Bank(Well):
    """A subclass with attributes of its own."""

    accounts: View


def test_subclass_in_a_cycle(name: str) -> None:
    bank = Bank.create(name, SIZE)
    bank.accounts = bank.array("accounts", "int64", 10)
    assert type(bank.accounts.region.well) is Bank
    gone = weakref.ref(bank)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        del bank
        gc.collect()
    assert gone() is None
    assert [each.category for each in caught] == [ResourceWarning]


def test_close_ends_the_waits_of_other_threads(name: str) -> None:
    well = Well.create(name, SIZE)
    event = well.event("never")
    raised: list[BaseException] = []
    started = threading.Semaphore(0)

    def wait() -> None:
        started.release()
        try:
            event.wait()
        except ClosedError as error:
            raised.append(error)

    threads = [threading.Thread(target=wait) for _ in range(3)]
    for thread in threads:
        thread.start()
        started.acquire()
    well.close()
    for thread in threads:
        thread.join()
    assert len(raised) == 3


# Observers ----------------------------------------------------------------------------------------------------------------------


def test_observer(well: Well) -> None:
    assert well.name is not None
    well.array("a", "int8", 3)[1] = 5
    with well.mutex("m"), Well.attach(well.name, readonly=True) as observer:
        assert (observer.readonly, observer.slot, observer.region.readonly) == (True, None, True)
        assert observer.array("a").tolist() == [0, 5, 0]
        assert {info.name for info in observer.objects()} == {"a", "m"}
        assert [each.holds for each in observer.participants()] == [("m",)]
        observer.check()
        assert "observed" in repr(observer)
        with pytest.raises(TypeError):
            observer.array("a")[0] = 1
        with pytest.raises(KeyError):
            observer.array("b", "int8", 1)
        refused: list[Callable[[], object]] = [
            lambda: observer.mutex("m"),
            lambda: observer.semaphore("s", 1),
            lambda: observer.event("e"),
            lambda: observer.delete("a"),
            observer.reap,
            lambda: observer.break_locks(0),
        ]
        for call in refused:
            with pytest.raises(PermissionError):
                call()


# Files --------------------------------------------------------------------------------------------------------------------------


def test_file(tmp_path: Path) -> None:
    path = tmp_path / "well"
    with pytest.raises(FileNotFoundError) as caught:
        Well.file(path)
    assert caught.value.filename == str(path)
    with Well.file(path, SIZE, permissions=0o640, slots=3, objects=20) as well:
        assert (well.name, well.path, well.size) == (None, str(path), SIZE)
        assert well.region.kind == "file"
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
        well.array("kept", "int64", 4)[2] = 42
        well.semaphore("permits", 4)
        well.event("happened").set()
    with Well.file(path, 5) as well:
        assert well.size == SIZE
        assert well.array("kept").tolist() == [0, 0, 42, 0]
        assert well.semaphore("permits").value == 4
        assert well.event("happened", create=False).is_set()
    with Well.file(os.fsencode(path), readonly=True) as observer:
        assert observer.array("kept")[2] == 42


def test_file_after_all_were_killed(tmp_path: Path) -> None:
    path = tmp_path / "well"
    program = f"""
import memwell, os, signal
well = memwell.Well.file({str(path)!r}, {SIZE})
well.array("kept", "int64", 4)[2] = 42
well.mutex("turn").acquire()
well.semaphore("permits", 4).acquire()
os.kill(os.getpid(), signal.SIGKILL)
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == -signal.SIGKILL
    with Well.file(path) as well:
        assert well.array("kept")[2] == 42
        assert well.semaphore("permits").acquire(60)
        assert well.reap() <= 1
        assert well.semaphore("permits").value == 3
        well.semaphore("permits").release()
        with pytest.raises(memwell.OwnerDiedError):
            well.mutex("turn").acquire()


# Processes and threads ----------------------------------------------------------------------------------------------------------


def in_fork(work: Callable[[], object]) -> None:
    """Call it in a forked child, which must succeed and then ends at once."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
            os._exit(0)
        except BaseException as error:
            os.write(2, f"in the forked child: {error!r}\n".encode())
            os._exit(1)
    assert os.waitpid(pid, 0)[1] == 0


def test_forked_child_is_another_process(well: Well) -> None:
    mutex, semaphore, array = well.mutex("m"), well.semaphore("s", 3), well.array("a", "int8", 3)
    mine = well.slot

    def work() -> None:
        assert not mutex.acquire(0)
        assert semaphore.held == 0
        with pytest.raises(RuntimeError):
            mutex.release()
        assert semaphore.acquire(0)
        assert well.slot != mine
        assert well.mutex("m").owner == mine
        array[0] += 1

    with mutex, semaphore:
        in_fork(work)
        assert (mutex.owner, semaphore.held) == (mine, 1)
    assert array[0] == 1
    assert semaphore.acquire(60)
    semaphore.release()
    assert well.reap() <= 1
    assert semaphore.value == 3


def test_forked_child_takes_turns(well: Well) -> None:
    mutex, counter = well.mutex("m"), well.array("counter", "int64", 1)

    def work() -> None:
        for _ in range(300):
            with mutex:
                counter[0] += 1

    children = []
    for _ in range(3):
        pid = os.fork()
        if pid == 0:
            try:
                work()
                os._exit(0)
            finally:
                os._exit(1)
        children.append(pid)
    work()
    assert [os.waitpid(pid, 0)[1] for pid in children] == [0, 0, 0]
    assert counter[0] == 1200


def test_closing_every_descriptor_gives_no_lock_away(well: Well, child: Callable[[str], Child]) -> None:
    other = child("well.mutex('m').acquire(); os.closerange(3, 1000)")
    assert well.reap() == 0
    assert not well.mutex("m").acquire(0)
    other.kill()
    with well.mutex("m").recovering():
        pass


def test_threads_create_and_delete(well: Well) -> None:
    raised: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for turn in range(50):
                well.array(f"array {number}", "int32", turn + 1).fill(number)
                well.event("shared")
                well.objects()
                well.delete(f"array {number}")
        except BaseException as error:
            raised.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert raised == []
    assert [info.name for info in well.objects()] == ["shared"]
    well.check()
