"""What every kind of region does, and which can do what: each test runs over each line of tests/kinds/regions.tsv.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import errno
import os
import pickle
import random
import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

import memwell
from memwell import Region, View

SIZE = 8192
TABLE = Path(__file__).resolve().parents[1] / "kinds" / "regions.tsv"


def read_table() -> dict[str, dict[str, str]]:
    """Each kind's line, by the names of the columns."""
    lines = [line.split("\t") for line in TABLE.read_text().splitlines() if line and not line.startswith("#")]
    return {line[0]: dict(zip(lines[0], line, strict=True)) for line in lines[1:]}


ABILITIES = read_table()


def file_of(folder: Path, size: int = SIZE) -> Path:
    path = folder / "data"
    path.write_bytes(bytes(size))
    return path


def sealed() -> Region:
    region = Region.memfd(SIZE)
    region.seal("shrink", "write")
    return region


def from_fd() -> Region:
    with Region.memfd(SIZE) as memfd:
        return Region.from_fd(memfd.fileno())


def received() -> Region:
    ours, theirs = socket.socketpair()
    with ours, theirs, Region.memfd(SIZE) as memfd:
        memfd.send(ours)
        return Region.receive(theirs)


def readonly_name(name: str) -> Region:
    Region.create(name, SIZE).close()
    return Region.attach(name, readonly=True)


def segment(*, readonly: bool = False) -> Region:
    """The fixture removes it."""
    key = random.randrange(1, 2**31)
    made = Region.sysv(key, SIZE, how="create")
    found = Region.sysv(key, readonly=readonly)
    made.close()
    return found


FACTORIES: dict[str, Callable[[str, Path], Region]] = {
    "file": lambda name, folder: Region.file(file_of(folder), "r+"),
    "file-odd-offset": lambda name, folder: Region.file(file_of(folder, SIZE + 13), "r+", offset=13),
    "file-readonly": lambda name, folder: Region.file(file_of(folder)),
    "file-private": lambda name, folder: Region.file(file_of(folder), "c"),
    "file-no-fd": lambda name, folder: Region.file(file_of(folder), "r+", keep_fd=False),
    "device": lambda name, folder: Region.file("/dev/zero", "r+", size=SIZE),
    "named": lambda name, folder: Region.create(name, SIZE),
    "named-readonly": lambda name, folder: readonly_name(name),
    "anonymous": lambda name, folder: Region.anonymous(SIZE),
    "anonymous-private": lambda name, folder: Region.anonymous(SIZE, private=True),
    "memfd": lambda name, folder: Region.memfd(SIZE),
    "memfd-sealed": lambda name, folder: sealed(),
    "fd": lambda name, folder: from_fd(),
    "received": lambda name, folder: received(),
    "sysv": lambda name, folder: segment(),
    "sysv-readonly": lambda name, folder: segment(readonly=True),
}


@pytest.fixture(params=ABILITIES)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def region(kind: str, name: str, tmp_path: Path) -> Iterator[Region]:
    with FACTORIES[kind](name, tmp_path) as made:
        yield made
        if made.kind == "sysv" and not made.closed:
            Region.sysv_remove(made)


def can(kind: str, ability: str) -> bool:
    return ABILITIES[kind][ability] == "yes"


def check_ability(able: bool, call: Callable[[], object]) -> None:
    """The call succeeds, or says that this kind cannot, and how it is otherwise."""
    if able:
        call()
        return
    with pytest.raises((OSError, TypeError)) as caught:
        call()
    assert not isinstance(caught.value, OSError) or caught.value.errno in {errno.ENOTSUP, errno.EPERM, errno.EACCES}


def test_every_kind_of_the_table_has_a_factory() -> None:
    assert set(FACTORIES) == set(ABILITIES)


# Regions ------------------------------------------------------------------------------------------------------------------------


def test_begins_with_zeros(kind: str, region: Region) -> None:
    assert len(region) == region.size == SIZE
    assert bytes(region) == bytes(SIZE)
    assert region.readonly == (not can(kind, "writable"))
    assert (region.closed, region.exports, region.faulted) == (False, 0, False)
    assert region.private == (not can(kind, "shared"))
    region.check()


def test_what_it_says_of_itself(kind: str, region: Region) -> None:
    assert region.kind == {"received": "fd", "device": "file"}.get(kind, kind.split("-")[0])
    assert (region.name is not None) == (region.kind == "named")
    assert (region.path is not None) == (region.kind == "file")
    assert (region.key is not None) == (region.id is not None) == (region.kind == "sysv")
    assert f" {region.kind}" in repr(region)
    assert ("read-only" in repr(region)) == region.readonly


def test_bytes_in_and_out(kind: str, region: Region) -> None:
    writes: list[Callable[[], object]] = [
        lambda: region.__setitem__(0, 1),
        lambda: region.__setitem__(slice(1, 4), b"abc"),
        lambda: region.write(b"xyz", SIZE - 3),
        lambda: region.fill(7, 10, 2),
        lambda: region.move(20, 0, 4),
    ]
    for write in writes:
        check_ability(can(kind, "writable"), write)
    if can(kind, "writable"):
        assert region.read(0, 5) == b"\x01abc\0"
        assert bytes(region[3:0:-1]) == b"cba"
        assert region.read(SIZE - 3, 100) == b"xyz"
        assert region.read(10, 3) == b"\7\7\0"
        assert region.read(20, 4) == b"\x01abc"
    else:
        assert bytes(region) == bytes(SIZE)


def test_readinto(region: Region) -> None:
    target = bytearray(b"\xff" * 100)
    assert region.readinto(target, SIZE - 40) == 40
    assert target == bytes(40) + b"\xff" * 60
    assert region.readinto(target, SIZE) == 0
    assert region.readinto(np.ones((3, 5), "f8")) == 120
    for wrong in (b"constant", "text", 5):
        with pytest.raises((TypeError, BufferError)):
            region.readinto(wrong)  # type: ignore[arg-type]


def test_buffers_and_numpy(kind: str, region: Region) -> None:
    with memoryview(region) as buffer:
        assert buffer.readonly == region.readonly
        assert region.exports == 1
    array = np.asarray(region.view("uint8"))
    assert array.flags.writeable == can(kind, "writable")
    del array
    assert region.exports == 0


def test_search(kind: str, region: Region) -> None:
    assert (region.find(b"\0"), region.rfind(b"\0"), region.count(b"\0\0")) == (0, SIZE - 1, SIZE // 2)
    assert (region.find(b"x"), region.rfind(b"x"), region.count(b"x")) == (-1, -1, 0)
    assert list(region.lines(-3)) == [bytes(3)]
    if can(kind, "writable"):
        region.write(b"one\ntwo\n\nthree", SIZE - 14)
        assert list(region.lines(-14)) == [b"one", b"two", b"", b"three"]
        assert region.find(b"two") == SIZE - 10


def test_stream(kind: str, region: Region) -> None:
    with region.stream(10, 20) as stream:
        assert stream.read() == bytes(20)
        assert stream.writable() == can(kind, "writable")


def test_pages(kind: str, region: Region) -> None:
    region.populate()
    assert region.resident() >= SIZE or kind in {"device", "file-odd-offset"}
    region.advise("willneed", 5, 10)
    region.mlock(0, 10)
    region.munlock(0, 10)
    region.flush()
    region.flush(3, 5, wait=False)
    for call in (region.populate, region.mlock, region.munlock, region.flush):
        with pytest.raises(ValueError):
            call(SIZE - 1, 2)
        call(SIZE, 0)


def test_discard(kind: str, region: Region) -> None:
    if ABILITIES[kind]["discard"] == "fs":
        pytest.skip("up to the file system")
    if can(kind, "writable"):
        region.fill(7)
    check_ability(can(kind, "discard"), lambda: region.discard(100, SIZE - 200))
    if can(kind, "discard") and can(kind, "shared"):
        assert bytes(region) == b"\7" * 100 + bytes(SIZE - 200) + b"\7" * 100


def test_protect(kind: str, region: Region) -> None:
    region.protect(readonly=True)
    assert region.readonly
    with pytest.raises(TypeError):
        region.write(b"x")
    check_ability(can(kind, "writable"), lambda: region.protect(readonly=False))
    assert region.readonly == (not can(kind, "writable"))


def test_protect_while_others_hold_buffers(kind: str, region: Region) -> None:
    if can(kind, "writable"):
        with memoryview(region), pytest.raises(BufferError):
            region.protect(readonly=True)
        assert not region.readonly


def test_descriptor(kind: str, region: Region) -> None:
    check_ability(can(kind, "descriptor"), region.fileno)


def test_resize(kind: str, region: Region) -> None:
    check_ability(can(kind, "resize"), lambda: region.resize(2 * SIZE))
    assert len(region) == (2 * SIZE if can(kind, "resize") else SIZE)
    assert bytes(region) == bytes(len(region))
    if can(kind, "resize"):
        with memoryview(region), pytest.raises(BufferError):
            region.resize(10)
        assert len(region) == 2 * SIZE


def test_remap(kind: str, region: Region) -> None:
    check_ability(can(kind, "remap"), region.remap)
    assert len(region) == SIZE


def test_seal(kind: str, region: Region) -> None:
    if kind == "memfd-sealed":
        assert region.seals == ("shrink", "write")
        return
    check_ability(can(kind, "seal"), lambda: region.seal("shrink"))
    assert ("shrink" in region.seals) == can(kind, "seal")


def test_send(kind: str, region: Region) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        check_ability(can(kind, "send"), lambda: region.send(ours))
        if can(kind, "send"):
            with Region.receive(theirs) as other:
                assert (len(other), other.readonly) == (SIZE, region.readonly)


def test_pickle(kind: str, region: Region) -> None:
    if not can(kind, "pickle"):
        with pytest.raises(TypeError, match="cannot be pickled"):
            pickle.dumps(region)
        return
    with pickle.loads(pickle.dumps(region)) as other:
        assert (other.kind, len(other), other.readonly, other.id) == (region.kind, SIZE, region.readonly, region.id)
        if can(kind, "writable"):
            region[5] = 9
            assert other[5] == 9


def test_shared_over_fork(kind: str, region: Region) -> None:
    if not can(kind, "writable"):
        return
    child = os.fork()
    if child == 0:
        region[3] = 5
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert region[3] == (5 if can(kind, "shared") else 0)


def test_closed(region: Region) -> None:
    if region.kind == "sysv":
        Region.sysv_remove(region)
    view, stream, was_readonly = region.view(), region.stream(), region.readonly
    region.close()
    region.close()
    uses: list[Callable[[], object]] = [
        lambda: region.size,
        lambda: region.exports,
        lambda: region.faulted,
        lambda: region.seals,
        lambda: region[0],
        lambda: memoryview(region),
        lambda: region.read(0, 1),
        lambda: region.readinto(bytearray(1)),
        lambda: region.write(b"x"),
        lambda: region.find(b"x"),
        lambda: region.rfind(b"x"),
        lambda: region.count(b"x"),
        lambda: region.lines(),
        lambda: region.runs(b"x"),
        lambda: region.stream(),
        lambda: region.fill(),
        lambda: region.move(0, 0, 0),
        lambda: region.flush(),
        lambda: region.advise("normal"),
        lambda: region.discard(),
        lambda: region.populate(),
        lambda: region.mlock(),
        lambda: region.munlock(),
        lambda: region.resident(),
        lambda: region.protect(readonly=True),
        lambda: region.seal("shrink"),
        lambda: region.resize(1),
        lambda: region.remap(),
        lambda: region.check(),
        lambda: region.fileno(),
        lambda: region.send(0),
        lambda: pickle.dumps(region),
        lambda: view[0],
        lambda: stream.read(1),
    ]
    for use in uses:
        with pytest.raises(memwell.ClosedError, match="closed"):
            use()
    assert region.readonly == was_readonly
    assert "closed" in repr(region)


# Views --------------------------------------------------------------------------------------------------------------------------


def test_view(kind: str, region: Region) -> None:
    view = region.view("int32", (4, 5), offset=16)
    assert (view.shape, view.readonly, view.region) == ((4, 5), region.readonly, region)
    writes: list[Callable[[View], object]] = [
        lambda v: v.fill(3),
        lambda v: v.__setitem__((1, 2), 7),
        lambda v: v[2].copy_from(range(5)),
    ]
    for write in writes:
        check_ability(can(kind, "writable"), lambda write=write: write(view))  # type: ignore[misc]
    expected = np.zeros((4, 5), "i4")
    if can(kind, "writable"):
        expected[:] = 3
        expected[1, 2] = 7
        expected[2] = range(5)
    assert view.tolist() == expected.tolist()
    assert view.sum() == expected.sum()
    assert view[1::2, ::-1].tolist() == expected[1::2, ::-1].tolist()
    assert view == expected


def test_view_pickles_with_its_region(kind: str, region: Region) -> None:
    view = region.view("uint16", 10, offset=2)[::2]
    if can(kind, "pickle"):
        other = pickle.loads(pickle.dumps(view))
        assert other == view
        other.region.close()
    else:
        with pytest.raises(TypeError, match=re.escape("cannot be pickled")):
            pickle.dumps(view)
