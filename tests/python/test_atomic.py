"""Atomic elements: one step each, between all threads and processes.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import multiprocessing
import struct
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import memwell
from memwell import Region, View

BITS = {"int32": 32, "uint32": 32, "int64": 64, "uint64": 64}
DTYPES = list(BITS)
OPERANDS = st.integers(-(2**70), 2**70) | st.sampled_from([0, 1, -1, 2**31, 2**32 - 1, 2**63, 2**64 - 1, -(2**31), -(2**63)])


def bounds(dtype: str) -> tuple[int, int]:
    bits = BITS[dtype]
    return (0, 2**bits - 1) if dtype.startswith("u") else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


def wrapped(dtype: str, value: int) -> int:
    """The value of this dtype that has the same lowest bits."""
    low, _ = bounds(dtype)
    return (value - low) % 2 ** BITS[dtype] + low


CHANGES: dict[str, Callable[[int, int], int]] = {
    "atomic_add": lambda old, n: old + n,
    "atomic_sub": lambda old, n: old - n,
    "atomic_and": lambda old, n: old & n,
    "atomic_or": lambda old, n: old | n,
    "atomic_xor": lambda old, n: old ^ n,
}


@pytest.fixture(params=DTYPES)
def words(request: pytest.FixtureRequest) -> Iterator[View]:
    """Four atomic elements."""
    with Region.anonymous(32) as region:
        yield region.view(request.param, 4)


# Against a model ----------------------------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(
    dtype=st.sampled_from(DTYPES),
    steps=st.lists(
        st.tuples(
            st.sampled_from([*CHANGES, "atomic_store", "atomic_exchange", "atomic_compare_exchange"]),
            st.integers(-4, 3),
            OPERANDS,
            OPERANDS | st.none(),
        )
    ),
)
def test_as_integers_of_python(dtype: str, steps: list[tuple[str, int, int, int | None]]) -> None:
    low, high = bounds(dtype)
    model = [0] * 4
    with Region.anonymous(32) as region:
        view = region.view(dtype, 4)
        for verb, i, n, expected in steps:
            call, old = getattr(view, verb), model[i]
            if verb in CHANGES:
                assert call(i, n) == old
                model[i] = wrapped(dtype, CHANGES[verb](old, n))
            elif not low <= n <= high or (
                verb == "atomic_compare_exchange" and expected is not None and not low <= expected <= high
            ):
                with pytest.raises(OverflowError, match=rf"View\.{verb}.*{dtype}"):
                    call(i, n) if verb != "atomic_compare_exchange" else call(i, old if expected is None else expected, n)
            elif verb == "atomic_store":
                assert call(i, n) is None
                model[i] = n
            elif verb == "atomic_exchange":
                assert call(i, n) == old
                model[i] = n
            else:
                wanted = old if expected is None else expected
                assert call(i, wanted, n) == old
                model[i] = n if wanted == old else old
            assert view.atomic_load(i) == model[i]
        assert view.tolist() == model


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_bits_are_those_of_the_machine(dtype: str) -> None:
    low, high = bounds(dtype)
    with Region.anonymous(8) as region:
        view = region.view(dtype, 1)
        for value in (low, high, wrapped(dtype, 0x8123456789ABCDEF)):
            view.atomic_store(0, value)
            assert region.read(0, view.itemsize) == struct.pack(view.format, value)
            assert view.atomic_load(0) == view[0] == value


# Arguments ----------------------------------------------------------------------------------------------------------------------


def test_keywords_and_defaults(words: View) -> None:
    assert words.atomic_add(0) == 0
    assert words.atomic_add(i=0, n=4) == 1
    assert words.atomic_sub(0) == 5
    assert words.atomic_exchange(i=0, value=7) == 4
    assert words.atomic_compare_exchange(i=0, expected=7, value=8) == 7
    words.atomic_store(i=0, value=9)
    assert words.atomic_or(i=0, n=16) == 9
    assert words.atomic_and(0, n=24) == 25
    assert words.atomic_xor(0, np.int64(8)) == 24
    assert words.atomic_load(i=np.uint8(0)) == 16
    assert words.atomic_exchange(-4, True) == 16


def calls(view: View, i: Any, value: Any) -> list[Callable[[], object]]:
    """Every call that writes."""
    return [
        lambda: view.atomic_store(i, value),
        lambda: view.atomic_exchange(i, value),
        lambda: view.atomic_compare_exchange(i, value, 0),
        lambda: view.atomic_compare_exchange(i, 0, value),
        *[lambda verb=verb: getattr(view, verb)(i, value) for verb in CHANGES],  # type: ignore[misc]
    ]


@pytest.mark.parametrize("wrong", [1.0, "1", None, 1j, [1], b"1"])
def test_values_that_are_no_integers(words: View, wrong: Any) -> None:
    for call in calls(words, 0, wrong):
        with pytest.raises(TypeError, match="integer"):
            call()
    assert words.tolist() == [0] * 4


@pytest.mark.parametrize(
    ("i", "error"), [(4, IndexError), (-5, IndexError), (2**70, IndexError), (1.0, TypeError), ("0", TypeError)]
)
def test_wrong_indices(words: View, i: Any, error: type[Exception]) -> None:
    for call in [lambda: words.atomic_load(i), *calls(words, i, 1)]:
        with pytest.raises(error):
            call()


def test_index_that_closes_the_region() -> None:
    with Region.anonymous(32) as region:
        view = region.view("int32")

        class Closing:
            def __index__(self) -> int:
                region.close()
                return 0

        for call in [lambda: view.atomic_load(Closing()), *calls(view, 0, Closing()), *calls(view, Closing(), 0)]:
            with pytest.raises(memwell.ClosedError, match=r"View\.atomic_"):
                call()


# Views that have no atomic elements ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "uint16", "float16", "float32", "float64", "bool"])
def test_other_dtypes(region: Region, dtype: str) -> None:
    view = region.view(dtype)
    for call in [lambda: view.atomic_load(0), *calls(view, 0, 1)]:
        with pytest.raises(ValueError, match=f"{dtype}.*not atomic"):
            call()


@pytest.mark.parametrize("dtype", DTYPES)
def test_more_dimensions(region: Region, dtype: str) -> None:
    view = region.view(dtype, (4, 4))
    for call in [lambda: view.atomic_load(0), *calls(view, 0, 1)]:
        with pytest.raises(ValueError, match="2 dimensions"):
            call()
    assert view[1].atomic_add(2, 5) == 0
    assert view[1, 2] == 5


@pytest.mark.parametrize("dtype", DTYPES)
def test_misaligned(region: Region, dtype: str) -> None:
    for offset in (1, 2, BITS[dtype] // 16):
        view = region.view(dtype, 2, offset=offset)
        for call in [lambda view=view: view.atomic_load(0), *calls(view, 0, 1)]:
            with pytest.raises(ValueError, match="multiple of its size"):
                call()
    assert not any(region.read(0, 64))


def test_slices(region: Region) -> None:
    view = region.view("int64", 8)
    view[::-2].atomic_add(0, 3)
    view[1:5].atomic_store(-1, 9)
    assert view.tolist() == [0, 0, 0, 0, 9, 0, 0, 3]


def test_read_only(name: str) -> None:
    with Region.create(name, 8) as region, Region.attach(name, readonly=True) as reader:
        region.view("int32")[0] = 5
        view = reader.view("int32")
        assert view.atomic_load(0) == 5
        for call in calls(view, 0, 1):
            with pytest.raises(TypeError, match="read-only"):
                call()


def test_closed(region: Region) -> None:
    view = region.view("int32")
    region.close()
    for call in [lambda: view.atomic_load(0), *calls(view, 0, 1)]:
        with pytest.raises(memwell.ClosedError, match="closed"):
            call()


def test_after_a_resize(region: Region) -> None:
    view = region.view("int32")
    region.resize(8)
    with pytest.raises(IndexError):
        view.atomic_load(1000)
    assert view.atomic_add(1, 2) == 0
    assert region.view("int32")[1] == 2


# One step -----------------------------------------------------------------------------------------------------------------------


def count(region: Region, times: int) -> None:
    view = region.view("uint32")
    for _ in range(times):
        view.atomic_add(0)
        view.atomic_sub(1, 3)


def test_processes_at_once(region: Region) -> None:
    context = multiprocessing.get_context("fork")
    children = [context.Process(target=count, args=(region, 20_000)) for _ in range(4)]
    for child in children:
        child.start()
    for child in children:
        child.join(120)
        assert child.exitcode == 0
    assert region.view("uint32", 2).tolist() == [80_000, 2**32 - 240_000]


def test_threads_at_once(region: Region) -> None:
    """Compare and exchange in a loop, as everything else can be made of it."""
    view = region.view("int64")
    before = sys.getswitchinterval()

    def add() -> None:
        for _ in range(2000):
            old = view.atomic_load(0)
            while (seen := view.atomic_compare_exchange(0, old, old + 1)) != old:
                old = seen

    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=add) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    assert view[0] == 8000
