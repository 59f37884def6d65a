"""Pickles: regions, views and semaphores on their way to another process, which finds them by name.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import copy
import multiprocessing
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import memwell
from memwell import KindError, OwnerDiedError, Region, Semaphore, View, Well

METHODS = ["fork", "spawn", "forkserver"]


@pytest.fixture(params=METHODS)
def context(request: pytest.FixtureRequest) -> BaseContext:
    return multiprocessing.get_context(request.param)


def run(context: BaseContext, target: Callable[..., object], *args: object) -> None:
    """Call target(*args) in a child, which must succeed. The target must be one that a fresh interpreter can import."""
    child = context.Process(target=target, args=args)
    child.start()
    child.join(120)
    assert child.exitcode == 0
    child.close()


def again(obj: Any) -> Any:
    return pickle.loads(pickle.dumps(obj))


class Frames(Region):
    """A subclass with attributes of its own."""

    rate: int


class Turn(Semaphore):
    """The same of a semaphore."""

    rate: int


# In this process ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_named_region(region: Region, protocol: int) -> None:
    with pickle.loads(pickle.dumps(region, protocol)) as other:
        assert (other.name, len(other), other.kind, other.readonly) == (region.name, len(region), "named", False)
        other[5] = 6
        assert region[5] == 6


def test_readonly_stays_readonly(region: Region) -> None:
    assert region.name is not None
    with Region.attach(region.name, readonly=True) as reader, again(reader) as other:
        assert other.readonly
        with pytest.raises(TypeError):
            other[0] = 1


@pytest.mark.parametrize(("mode", "size"), [("r", None), ("r+", None), ("r+", 100), ("w+", 100), ("x+", 100)])
def test_file(mode: Any, size: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    if mode != "x+":
        Path("data").write_bytes(b"0123456789" * 20)
    with Region.file("data", mode, offset=3, size=size) as region:
        region_bytes = bytes(region)
        assert region.path == "data"
        saved = pickle.dumps(region)
        monkeypatch.chdir("/")
        with pickle.loads(saved) as other:
            assert bytes(other) == region_bytes
            assert other.path == str(tmp_path / "data")
            assert other.readonly == region.readonly
            if not other.readonly:
                other[0] = 99
                assert region[0] == 99


def test_file_without_descriptor(tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(b"abc")
    with Region.file(tmp_path / "data", keep_fd=False) as region, again(region) as other, pytest.raises(OSError):
        other.fileno()


def test_empty_file(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    with Region.file(tmp_path / "data", "r+") as region, again(region) as other:
        assert len(other) == 0


def test_subclass_keeps_its_attributes(name: str) -> None:
    with Frames.create(name, 10) as frames:
        frames.rate = 25
        with again(frames) as other:
            assert type(other) is Frames
            assert other.rate == 25
    turn = Turn.create(name, 1)
    turn.rate = 25
    other = again(turn)
    assert type(other) is Turn
    assert other.rate == 25
    other.close()
    turn.close()


def test_views(region: Region) -> None:
    base = region.view("int16", (4, 5, 6), offset=10)
    base.copy_from(np.arange(120).reshape(4, 5, 6))
    for view in (base, base[1], base[::2, ::-1, 3], base[..., -1::-2], base[2:2], base[1, 2, :], region[::-3]):
        other = again(view)
        assert (other.dtype, other.shape, other.strides, other.offset) == (view.dtype, view.shape, view.strides, view.offset)
        assert other == view
        other.region.close()


def test_view_and_its_region_stay_together(region: Region) -> None:
    view, other = again((region.view("i", 4), region))
    assert view.region is not other or other.closed is False
    view.region.close()
    other.close()


def test_view_with_geometry_from_elsewhere(region: Region) -> None:
    reopen = memwell._memwell._reopen_view
    for wrong in [
        (region, "int8", (5000,), (1,), 0),
        (region, "int8", (10,), (2**40,), 0),
        (region, "int8", (2,), (-1,), 0),
        (region, "int64", (2**61,), (8,), 0),
        (region, "int8", (2**62, 2), (2**62, 1), 0),
        (region, "int8", (10,), (1,), 2**63 - 1),
        (region, ">i2", (1,), (2,), 0),
        (region, "int8", (1,) * 9, (1,) * 9, 0),
    ]:
        with pytest.raises(ValueError):
            reopen(*wrong)
    for odd in [(), (region,), (1, "int8", (1,), (1,), 0), (region, "int8", (1,), (1, 1), 0), (region, "int8", (1,), [1], 0)]:
        with pytest.raises(TypeError):
            reopen(*odd)


def test_semaphore(semaphore: Semaphore) -> None:
    other = again(semaphore)
    other.release()
    assert semaphore.value == 2
    other.close()


def test_copy_is_another_handle(region: Region) -> None:
    with copy.copy(region) as other:
        assert other is not region
        region[0] = 7
        assert other[0] == 7


# What cannot be, or is no longer there ------------------------------------------------------------------------------------------


def test_memory_without_a_name(tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(b"abc")
    with (
        Region.anonymous(10) as region,
        Region.anonymous(10, private=True) as private,
        Region.file(tmp_path / "data", "c") as copied,
    ):
        for each, word in ((region, "anonymous"), (private, "private"), (copied, "private")):
            with pytest.raises(TypeError, match=word):
                pickle.dumps(each)
            with pytest.raises(TypeError, match=word):
                pickle.dumps(each.view())


def test_gone(name: str, tmp_path: Path) -> None:
    semaphore = Semaphore.create(name)
    with Region.create(name, 10) as region, Region.file(tmp_path / "data", "x+", size=10) as file:
        saved = [pickle.dumps(each) for each in (region, file, semaphore, region.view())]
        Region.unlink(name)
        Semaphore.unlink(name)
        (tmp_path / "data").unlink()
        for each in saved:
            with pytest.raises(FileNotFoundError):
                pickle.loads(each)
    semaphore.close()


def test_another_object_under_the_name(name: str, tmp_path: Path) -> None:
    path = tmp_path / "data"
    semaphore = Semaphore.create(name)
    with Region.create(name, 10) as region, Region.file(path, "x+", size=10) as file:
        saved = [pickle.dumps(each) for each in (region, file, semaphore, region.view())]
        Region.unlink(name)
        Semaphore.unlink(name)
        path.rename(tmp_path / "elsewhere")
        path.write_bytes(b"short")
        other = Semaphore.create(name)
        with Region.create(name, 10):
            for each in saved:
                with pytest.raises(FileNotFoundError):
                    pickle.loads(each)
    assert path.read_bytes() == b"short"
    semaphore.close()
    other.close()


def test_became_smaller(name: str) -> None:
    with Region.create(name, 1000) as region:
        saved = pickle.dumps(region)
        region.resize(10)
        with pytest.raises(ValueError, match="1000"):
            pickle.loads(saved)


# In other processes -------------------------------------------------------------------------------------------------------------


def test_region_in_a_child(context: BaseContext, region: Region) -> None:
    run(context, Region.fill, region, 7)
    assert bytes(region) == b"\7" * 4096


def test_view_in_a_child(context: BaseContext, region: Region) -> None:
    view = region.view("float64", (8, 8))
    run(context, View.fill, view[::2, 1::3], 2.5)
    expected = np.zeros((8, 8))
    expected[::2, 1::3] = 2.5
    assert view == expected


def test_file_in_a_child(context: BaseContext, tmp_path: Path) -> None:
    with Region.file(tmp_path / "data", "x+", size=10) as region:
        run(context, Region.write, region, b"abc", 3)
        assert bytes(region) == bytes(3) + b"abc" + bytes(4)


def test_semaphore_in_a_child(context: BaseContext, semaphore: Semaphore) -> None:
    run(context, Semaphore.release, semaphore, 4)
    assert semaphore.value == 5


def test_anonymous_memory_is_shared_over_fork_only() -> None:
    with Region.anonymous(10) as region, Region.anonymous(10, private=True) as private:
        child = os.fork()
        if child == 0:
            region[0] = 1
            private[0] = 1
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        assert (region[0], private[0]) == (1, 0)


def test_temporary_survives_the_exit_of_children(name: str) -> None:
    program = f"""
import memwell, os, sys
region = memwell.Region.create({name!r}, 10, temporary=True)
for number in range(3):
    child = os.fork()
    if child == 0:
        if number == 1:
            region.close()
        if number == 2:
            os._exit(0)
        sys.exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert os.path.exists("/dev/shm/{name}"), number
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert not os.path.exists(f"/dev/shm/{name}")


# Wells --------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_well(well: Well, protocol: int) -> None:
    with pickle.loads(pickle.dumps(well, protocol)) as other:
        assert (other.name, other.size, other.slot, other is well) == (well.name, well.size, well.slot, False)


def test_members_of_a_well_travel_with_it(well: Well) -> None:
    members = (well, well.array("a", "int32", (2, 3)), well.mutex("m", recover=os.getpid), well.semaphore("s", 3), well.event("e"))
    members[1][1, 2] = 7
    other, array, mutex, semaphore, event = again(members)
    assert array.region.well is mutex.well is semaphore.well is event.well is other
    assert (array[1, 2], array.shape, mutex.name, semaphore.capacity, event.name) == (7, (2, 3), "m", 3, "e")
    other.close()
    column = again(members[1][:, 2])
    assert column.tolist() == [0, 7]
    column.region.well.close()


def test_infos_of_a_well(well: Well) -> None:
    well.mutex("m")
    assert again(well.objects()) == well.objects()
    assert again(well.participants()) == well.participants()


def test_observer_stays_one(well: Well) -> None:
    assert well.name is not None
    with Well.attach(well.name, readonly=True) as observer, again(observer) as other:
        assert other.readonly


def test_well_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with Well.file("well", 1 << 20) as well:
        saved = pickle.dumps(well)
        monkeypatch.chdir("/")
        with pickle.loads(saved) as other:
            assert other.path == str(tmp_path / "well")


def test_another_well_of_this_name(well: Well) -> None:
    assert well.name is not None
    saved = pickle.dumps(well)
    Well.unlink(well.name)
    with pytest.raises(FileNotFoundError):
        pickle.loads(saved)
    with Well.create(well.name, 1 << 20), pytest.raises(FileNotFoundError):
        pickle.loads(saved)


def test_member_that_is_gone_or_another(name: str) -> None:
    with Well.create(name, 1 << 20) as well:
        saved = pickle.dumps(well.mutex("m"))
        well.delete("m")
        with pytest.warns(ResourceWarning, match="unclosed well"), pytest.raises(KeyError):
            pickle.loads(saved)
        well.event("m")
        with pytest.warns(ResourceWarning, match="unclosed well"), pytest.raises(KindError):
            pickle.loads(saved)


def test_workers_get_a_well(context: BaseContext, well: Well) -> None:
    turn, permits, counter, done = well.mutex("m"), well.semaphore("s", 2), well.array("c", "int64", 1), well.event("done")
    run(context, counter.fill, 7)
    run(context, done.set)
    run(context, well.check)
    assert counter[0] == 7
    assert done.is_set()
    run(context, permits.acquire)
    run(context, turn.acquire)
    assert permits.acquire(60)
    assert permits.acquire(60)
    permits.release(2)
    with pytest.raises(OwnerDiedError):
        turn.acquire(60)
