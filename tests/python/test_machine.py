"""A state machine: what regions, views and numpy arrays do in any order, beside a bytearray that does the same.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import os
import shutil
import struct
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

import memwell
from memwell import Region, View

MOST = 3 * 4096 + 100
DTYPES = ["uint8", "int16", "int32", "uint64", "float64"]
SIZES = st.integers(1, MOST) | st.sampled_from([1, 4095, 4096, 4097, 8192])
PICKS = st.integers(0, 1000)


class Window:
    """A view, and where in the model each of its elements is."""

    def __init__(self, view: View, places: list[int]) -> None:
        self.view, self.places = view, places
        self.format, self.itemsize = f"={view.format}", view.itemsize

    def fits(self, model: bytearray) -> bool:
        return max(self.places) + self.itemsize <= len(model)

    def expected(self, model: bytearray) -> list[Any]:
        return [struct.unpack_from(self.format, model, place)[0] for place in self.places]

    def put(self, model: bytearray, values: list[int]) -> None:
        for place, value in zip(self.places, values, strict=True):
            struct.pack_into(self.format, model, place, value)


class Memory(RuleBasedStateMachine):
    """One file, one region on it, views of that, and arrays that hold its memory."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="memwell-machine-"))
        self.path = self.folder / "file"
        self.windows: list[Window] = []
        self.arrays: list[tuple[Window, Any]] = []
        self.readonly = False

    @initialize(size=SIZES)
    def create(self, size: int) -> None:
        self.path.write_bytes(bytes(size))
        self.region = Region.file(self.path, "r+")  # without a size, so that it follows the file's end
        self.model = bytearray(size)

    def teardown(self) -> None:
        self.arrays.clear()
        self.region.close()
        shutil.rmtree(self.folder)

    # What it always is

    @invariant()
    def has_the_bytes_of_the_model(self) -> None:
        assert bytes(self.region) == self.model
        assert (self.region.size, self.region.exports, self.region.faulted) == (len(self.model), len(self.arrays), False)
        assert self.region.readonly == self.readonly
        assert self.path.stat().st_size == len(self.model)

    # Views

    @precondition(lambda self: len(self.model) >= 8)
    @rule(dtype=st.sampled_from(DTYPES), offset=PICKS, count=st.integers(1, 500))
    def look(self, dtype: str, offset: int, count: int) -> None:
        itemsize = np.dtype(dtype).itemsize
        offset = offset % (len(self.model) - itemsize + 1)
        count = min(count, (len(self.model) - offset) // itemsize)
        view = self.region.view(dtype, count, offset=offset)
        self.windows.append(Window(view, [offset + i * itemsize for i in range(count)]))

    @precondition(lambda self: self.windows)
    @rule(pick=PICKS, start=st.integers(-5, 5), step=st.sampled_from([-3, -1, 1, 2]))
    def slice(self, pick: int, start: int, step: int) -> None:
        window = self.windows[pick % len(self.windows)]
        if not window.fits(self.model):
            with pytest.raises(IndexError):
                window.view.tolist()
        elif places := window.places[start::step]:
            self.windows.append(Window(window.view[start::step], places))

    @precondition(lambda self: self.windows)
    @rule(pick=PICKS)
    def read(self, pick: int) -> None:
        window = self.windows[pick % len(self.windows)]
        if window.fits(self.model):
            np.testing.assert_array_equal(window.view.tolist(), window.expected(self.model))
        else:
            with pytest.raises(IndexError):
                window.view.tolist()

    @precondition(lambda self: self.windows)
    @rule(pick=PICKS, values=st.lists(st.integers(0, 255), min_size=1, max_size=5), how=st.sampled_from(["element", "all", "fill"]))
    def write(self, pick: int, values: list[int], how: str) -> None:
        window = self.windows[pick % len(self.windows)]
        count = len(window.places)
        wanted = window.expected(self.model) if window.fits(self.model) else [0] * count
        if how == "element":
            wanted[pick % count] = values[0]
        else:
            wanted = [values[0 if how == "fill" else i % len(values)] for i in range(count)]
        try:
            if how == "element":
                window.view[pick % count] = values[0]
            elif how == "all":
                window.view[:] = wanted
            else:
                window.view.fill(values[0])
        except TypeError:
            assert self.readonly
        except IndexError:
            assert not window.fits(self.model)
        else:
            assert not self.readonly
            window.put(self.model, wanted)

    # The region's own

    @rule(offset=PICKS, data=st.binary(max_size=300))
    def write_bytes(self, offset: int, data: bytes) -> None:
        try:
            self.region.write(data, offset)
        except ValueError:
            assert offset + len(data) > len(self.model)
        except TypeError:
            assert self.readonly
        else:
            self.model[offset : offset + len(data)] = data

    @rule(byte=st.integers(0, 255), offset=PICKS)
    def fill(self, byte: int, offset: int) -> None:
        offset = min(offset, len(self.model))
        if self.readonly:
            with pytest.raises(TypeError):
                self.region.fill(byte, offset)
        else:
            self.region.fill(byte, offset)
            self.model[offset:] = bytes([byte]) * (len(self.model) - offset)

    @rule(size=SIZES)
    def resize(self, size: int) -> None:
        if self.arrays or self.readonly:
            with pytest.raises((BufferError, TypeError)):
                self.region.resize(size)
        else:
            self.region.resize(size)
            self.model_to(size)

    @rule(readonly=st.booleans())
    def protect(self, readonly: bool) -> None:
        if self.arrays:
            with pytest.raises(BufferError):
                self.region.protect(readonly=not self.readonly)
        else:
            self.region.protect(readonly=readonly)
            self.readonly = readonly
        assert all(window.view.readonly == self.readonly for window in self.windows)

    # Buffers of others

    @precondition(lambda self: self.windows and len(self.arrays) < 4)
    @rule(pick=PICKS)
    def hold(self, pick: int) -> None:
        window = self.windows[pick % len(self.windows)]
        if window.fits(self.model):
            array = np.asarray(window.view)
            assert array.flags.writeable != self.readonly
            self.arrays.append((window, array))
        else:
            with pytest.raises(IndexError):
                memoryview(window.view)

    @precondition(lambda self: self.arrays)
    @rule(pick=PICKS, value=st.integers(0, 100))
    def use(self, pick: int, value: int) -> None:
        window, array = self.arrays[pick % len(self.arrays)]
        np.testing.assert_array_equal(array, window.expected(self.model))
        if array.flags.writeable:
            array[:] = value
            window.put(self.model, [value] * len(window.places))

    @precondition(lambda self: self.arrays)
    @rule(pick=PICKS)
    def let_go(self, pick: int) -> None:
        del self.arrays[pick % len(self.arrays)]

    # Others on the same file

    @rule()
    def attach(self) -> None:
        with Region.file(self.path, "r") as other:
            assert bytes(other) == self.model

    @precondition(lambda self: not self.arrays)
    @rule(size=SIZES | st.just(0))
    def truncate_from_outside(self, size: int) -> None:
        os.truncate(self.path, size)
        if size < len(self.model):
            with pytest.raises(memwell.FaultError):
                self.region.check()
        self.region.remap()
        self.model_to(size)

    @rule()
    def close_and_open_again(self) -> None:
        self.region.close()
        for window in self.windows:
            with pytest.raises(memwell.ClosedError):
                window.view.tolist()
        for window, array in self.arrays:
            np.testing.assert_array_equal(array, window.expected(self.model))
        self.arrays.clear()
        self.windows.clear()
        self.region, self.readonly = Region.file(self.path, "r+"), False

    def model_to(self, size: int) -> None:
        self.model = self.model[:size] + bytes(max(0, size - len(self.model)))


TestMemory = Memory.TestCase
TestMemory.settings = settings(
    max_examples=25,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
