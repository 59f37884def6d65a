"""Named memory made by either side and used by the other.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import errno
import itertools
import mmap
import os
import stat

import pytest
from program import SHARED_MEMORY, Program, Refused, Start

import memwell

OURS = ("python", "lua")
STRANGERS = ("c", "posix_ipc", "shared_memory")
SIZE = 12345
PAIRS = [*itertools.product(OURS, STRANGERS), *itertools.product(STRANGERS, OURS)]
NEVER_BEFORE = "00" * 8

each_pair = pytest.mark.parametrize(("maker", "user"), PAIRS, ids=["-".join(pair) for pair in PAIRS])
each_of_ours = pytest.mark.parametrize("ours", OURS)
each_stepwise = pytest.mark.parametrize("stranger", ["c", "posix_ipc"])


def refused(program: Program, *words: object) -> int:
    """The errno with which a request is refused."""
    with pytest.raises(Refused) as caught:
        program.ask(*words)
    return caught.value.number


@each_pair
def test_either_side_uses_what_the_other_made(start: Start, name: str, maker: str, user: str) -> None:
    one, other = start(maker), start(user)
    one.ask("memory-create", name, SIZE, "0600")
    assert (SHARED_MEMORY / name).stat().st_size == SIZE
    assert other.ask("memory-open", name) == str(SIZE)
    assert other.ask("read", 0, 8) == other.ask("read", SIZE - 8, 8) == NEVER_BEFORE
    one.ask("write", 4093, "00ff10e280")
    assert other.ask("read", 4093, 5) == "00ff10e280"
    other.ask("write", SIZE - 3, "c0ffee")
    assert one.ask("read", SIZE - 3, 3) == "c0ffee"
    assert (SHARED_MEMORY / name).read_bytes()[-3:] == b"\xc0\xff\xee"
    one.ask("memory-unlink", name)


@each_pair
def test_either_side_unlinks_and_both_go_on(start: Start, name: str, maker: str, user: str) -> None:
    one, other = start(maker), start(user)
    one.ask("memory-create", name, SIZE, "0600")
    other.ask("memory-open", name)
    other.ask("memory-unlink", name)
    assert not (SHARED_MEMORY / name).exists()
    one.ask("write", 100, "beef")
    assert other.ask("read", 100, 2) == "beef"
    for program in (one, other):
        assert refused(program, "memory-open", name) == errno.ENOENT


@each_pair
def test_a_new_object_of_the_same_name_is_another(start: Start, name: str, maker: str, user: str) -> None:
    one, other = start(maker), start(user)
    one.ask("memory-create", name, SIZE, "0600")
    one.ask("write", 0, "01")
    other.ask("memory-open", name)
    one.ask("memory-unlink", name)
    one.ask("memory-create", name, SIZE, "0600")
    one.ask("write", 0, "02")
    assert other.ask("read", 0, 1) == "01"
    other.ask("memory-open", name)
    assert other.ask("read", 0, 1) == "02"
    other.ask("memory-unlink", name)


@each_pair
def test_a_taken_name_is_taken_for_both(start: Start, name: str, maker: str, user: str) -> None:
    one, other = start(maker), start(user)
    one.ask("memory-create", name, SIZE, "0600")
    one.ask("write", 0, "77")
    with pytest.raises(Refused):
        other.ask("memory-create", name, 10, "0600")
    assert one.ask("read", 0, 1) == "77"
    assert (SHARED_MEMORY / name).stat().st_size == SIZE
    one.ask("memory-unlink", name)


@each_of_ours
@pytest.mark.parametrize("mode", ["0600", "0664", "0400", "0777"])
def test_permissions_are_those_asked_for(start: Start, name: str, ours: str, mode: str) -> None:
    program = start(ours, umask=0o077)
    program.ask("memory-create", name, 1, mode)
    found = (SHARED_MEMORY / name).stat()
    assert (stat.S_IMODE(found.st_mode), found.st_uid, found.st_size) == (int(mode, 8), os.geteuid(), 1)
    program.ask("memory-unlink", name)


@each_of_ours
@each_stepwise
def test_a_size_that_is_still_to_come_is_waited_for(start: Start, name: str, ours: str, stranger: str) -> None:
    """shm_open makes a name of size 0, ftruncate gives it its size: an attach in between has to wait."""
    maker, user = start(stranger), start(ours)
    maker.ask("memory-begin", name, "0600")
    assert refused(user, "memory-open", name, 0) == errno.EAGAIN
    assert refused(user, "memory-open", name, 0.03) == errno.EAGAIN
    assert (SHARED_MEMORY / name).stat().st_size == 0
    user.tell("memory-open", name, 30)
    maker.ask("memory-size", SIZE)
    assert user.answer() == str(SIZE)
    maker.ask("write", 7, "abcd")
    assert user.ask("read", 7, 2) == "abcd"
    user.ask("memory-unlink", name)


@each_of_ours
@pytest.mark.parametrize("stranger", STRANGERS)
def test_a_name_that_is_still_to_come_is_waited_for(start: Start, name: str, ours: str, stranger: str) -> None:
    maker, user = start(stranger), start(ours)
    assert refused(user, "memory-open", name, 0.01) == errno.ENOENT
    for size in range(100, 120):
        user.tell("memory-open", name, 30)
        maker.ask("memory-create", name, size, "0600")
        assert user.answer() == str(size)
        user.ask("memory-unlink", name)
        user.ask("memory-close")


@each_of_ours
def test_a_leading_slash_means_nothing(start: Start, name: str, ours: str) -> None:
    program, stranger = start(ours), start("c")
    program.ask("memory-create", f"/{name}", 10, "0600")
    assert stranger.ask("memory-open", name) == "10"
    assert stranger.ask("memory-open", f"/{name}") == "10"
    program.ask("memory-unlink", f"/{name}")


def test_python_mmap_shares_the_pages(name: str) -> None:
    """No copy anywhere: what one mapping is told the other knows at once."""
    with memwell.Region.create(name, SIZE, temporary=True) as region, open(SHARED_MEMORY / name, "r+b") as file:
        with mmap.mmap(file.fileno(), 0) as other:
            assert len(other) == SIZE
            numbers = region.view("float64", 100, offset=1001)
            numbers.copy_from([x / 4 for x in range(100)])
            assert memoryview(other)[1001:1801].tobytes() == numbers.tobytes()
            other[1001:1009] = b"\x00" * 8
            assert numbers[0] == 0.0
            other[SIZE - 1] = 200
            assert region[SIZE - 1] == 200
