"""Views as DLPack capsules: both forms of them, what they refuse, and who keeps the memory.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import ctypes
import gc
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import memwell
from memwell import Region, View

DTYPES = [*(f"{kind}{bits}" for kind in ("int", "uint") for bits in (8, 16, 32, 64)), "float16", "float32", "float64", "bool"]


class Tensor(ctypes.Structure):
    _fields_ = (
        ("data", ctypes.c_void_p),
        ("device_type", ctypes.c_int32),
        ("device_id", ctypes.c_int32),
        ("ndim", ctypes.c_int32),
        ("kind", ctypes.c_uint8),
        ("bits", ctypes.c_uint8),
        ("lanes", ctypes.c_uint16),
        ("shape", ctypes.POINTER(ctypes.c_int64)),
        ("strides", ctypes.POINTER(ctypes.c_int64)),
        ("byte_offset", ctypes.c_uint64),
    )


class Plain(ctypes.Structure):
    """DLManagedTensor."""

    _fields_ = (("tensor", Tensor), ("context", ctypes.c_void_p), ("deleter", ctypes.CFUNCTYPE(None, ctypes.c_void_p)))


class Versioned(ctypes.Structure):
    """DLManagedTensorVersioned."""

    _fields_ = (
        ("major", ctypes.c_uint32),
        ("minor", ctypes.c_uint32),
        ("context", ctypes.c_void_p),
        ("deleter", ctypes.CFUNCTYPE(None, ctypes.c_void_p)),
        ("flags", ctypes.c_uint64),
        ("tensor", Tensor),
    )


pointer_of = ctypes.pythonapi.PyCapsule_GetPointer
pointer_of.restype, pointer_of.argtypes = ctypes.c_void_p, (ctypes.py_object, ctypes.c_char_p)
rename = ctypes.pythonapi.PyCapsule_SetName
rename.argtypes = (ctypes.py_object, ctypes.c_char_p)


def plain(capsule: Any) -> Plain:
    return Plain.from_address(pointer_of(capsule, b"dltensor"))


def versioned(capsule: Any) -> Versioned:
    return Versioned.from_address(pointer_of(capsule, b"dltensor_versioned"))


def take(capsule: Any) -> Versioned:
    """What a consumer does: from now on the memory is its own, until it calls the deleter."""
    taken = versioned(capsule)
    rename(capsule, b"used_dltensor_versioned")
    return taken


class Old:
    """A view as a producer of the time before version 1."""

    def __init__(self, view: View) -> None:
        self.view = view

    def __dlpack__(self, *, stream: None = None) -> Any:
        return self.view.__dlpack__(stream=stream)

    def __dlpack_device__(self) -> tuple[int, int]:
        return self.view.__dlpack_device__()


# numpy --------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("producer", [Old, lambda view: view], ids=["plain", "versioned"])
def test_numpy(region: Region, dtype: str, producer: Any) -> None:
    view = region.view(dtype, (3, 4), offset=64)
    view[1, 2] = 1
    array = np.from_dlpack(producer(view))
    assert (array.dtype, array.shape) == (np.dtype(dtype), (3, 4))
    assert array.tolist() == view.tolist()
    view[2, 3] = 1
    assert array[2, 3] == 1


@pytest.mark.parametrize("producer", [Old, lambda view: view], ids=["plain", "versioned"])
def test_numpy_strides(region: Region, producer: Any) -> None:
    view = region.view("int32", (4, 6))
    view.copy_from(np.arange(24).reshape(4, 6))
    for part in (view[::2, ::-3], view[1], view[::-1], view[..., 2], view[2:2]):
        assert np.from_dlpack(producer(part)).tolist() == part.tolist()


def test_numpy_and_read_only_memory(name: str) -> None:
    with Region.create(name, 64) as region, Region.attach(name, readonly=True) as reader:
        region[0] = 7
        array = np.from_dlpack(reader.view())
        assert array[0] == 7
        assert not array.flags.writeable
        with pytest.raises(BufferError, match="read-only"):
            np.from_dlpack(Old(reader.view()))
        del array


def test_numpy_keeps_the_memory(region: Region) -> None:
    view = region.view("float64")
    array = np.from_dlpack(view)
    assert region.exports == 1
    with pytest.raises(BufferError):
        region.resize(8192)
    region.close()
    array[5] = 2.5
    assert array[5] == 2.5


def test_torch(region: Region) -> None:
    torch = pytest.importorskip("torch")
    view = region.view("float32", (4, 4))
    tensor = torch.from_dlpack(view)
    tensor[1, 2] = 3
    assert view[1, 2] == 3
    del tensor
    assert region.exports == 0


# What is in a capsule -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [None, (0, 8), (0, 0)])
def test_plain(region: Region, version: tuple[int, int] | None) -> None:
    capsule = region.view("uint16", (2, 3), offset=8).__dlpack__(max_version=version)
    tensor = plain(capsule).tensor
    assert (tensor.device_type, tensor.device_id, tensor.ndim) == (1, 0, 2)
    assert (tensor.kind, tensor.bits, tensor.lanes, tensor.byte_offset) == (1, 16, 1, 0)
    assert (tensor.shape[:2], tensor.strides[:2]) == ([2, 3], [3, 1])


@pytest.mark.parametrize("version", [(1, 0), (1, 1), (2, 0), (10**6, 0)])
def test_versioned(region: Region, version: tuple[int, int]) -> None:
    capsule = region.view("bool", 5)[::-2].__dlpack__(max_version=version)
    found = versioned(capsule)
    assert (found.major, found.minor, found.flags) == (1, 0, 0)
    assert (found.tensor.kind, found.tensor.bits) == (6, 8)
    assert (found.tensor.shape[0], found.tensor.strides[0]) == (3, -2)


def test_flags(name: str) -> None:
    with Region.create(name, 64), Region.attach(name, readonly=True) as reader:
        view = reader.view()
        assert versioned(view.__dlpack__(max_version=(1, 0))).flags == 1
        assert versioned(view.__dlpack__(max_version=(1, 0), copy=False)).flags == 1
        assert versioned(view.__dlpack__(max_version=(1, 0), copy=True)).flags == 2
        assert plain(view.__dlpack__(copy=True)).tensor.ndim == 1


def test_device(region: Region) -> None:
    assert region.view().__dlpack_device__() == (1, 0)


# Who keeps what -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [None, (1, 0)])
def test_capsule_that_nobody_takes(region: Region, version: Any) -> None:
    capsule = region.view().__dlpack__(max_version=version)
    assert region.exports == 1
    del capsule
    gc.collect()
    assert region.exports == 0


def test_capsule_that_outlives_its_region(region: Region) -> None:
    capsule = region.view().__dlpack__()
    region.close()
    tensor = plain(capsule).tensor
    ctypes.memset(tensor.data, 7, 4096)


def test_deleter_in_another_thread(region: Region) -> None:
    """ctypes lets go of the GIL around the call, and the thread is none that made anything."""
    taken = take(region.view().__dlpack__(max_version=(1, 0)))
    gc.collect()
    assert region.exports == 1
    thread = threading.Thread(target=taken.deleter, args=(ctypes.addressof(taken),))
    thread.start()
    thread.join()
    assert region.exports == 0


def test_last_deleter_unmaps(name: str) -> None:
    Region.create(name, 4096).close()
    region = Region.attach(name)
    taken = take(region.view().__dlpack__(max_version=(1, 0)))
    region.close()
    mapped = f"/dev/shm/{name}"
    assert mapped in Path("/proc/self/maps").read_text()
    taken.deleter(ctypes.addressof(taken))
    assert mapped not in Path("/proc/self/maps").read_text()


def test_copies(region: Region) -> None:
    view = region.view("int16", (3, 4))[::-1, ::2]
    view.copy_from(np.arange(6).reshape(3, 2))
    capsule = view.__dlpack__(max_version=(1, 0), copy=True)
    assert region.exports == 0
    view.fill(0)
    tensor = versioned(capsule).tensor
    assert (tensor.shape[:2], tensor.strides[:2]) == ([3, 2], [2, 1])
    assert ctypes.string_at(tensor.data, 12) == np.arange(6, dtype="int16").tobytes()


# What is refused ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "version", [1, 1.0, "1.0", (), (1,), (1, 0, 0), [1, 0], (1, "0"), (1.0, 0), (-1, 0), (1, -1), (2**70, 0), b"\1\0"]
)
def test_corrupted_versions(region: Region, version: Any) -> None:
    with pytest.raises(TypeError, match="max_version"):
        region.view().__dlpack__(max_version=version)
    assert region.exports == 0


def test_other_devices(region: Region) -> None:
    view = region.view()
    assert view.__dlpack__(dl_device=(1, 0)) is not None
    for device in [(2, 0), (1, 1), (0, 0), (10, 3)]:
        with pytest.raises(BufferError, match="device"):
            view.__dlpack__(dl_device=device)
    for wrong in (1, "cpu", (1,), (1, 0, 0), (1, None), (-1, 0)):
        with pytest.raises(TypeError, match="dl_device"):
            view.__dlpack__(dl_device=wrong)  # type: ignore[arg-type]


def test_streams_and_odd_options(region: Region) -> None:
    view = region.view()
    for stream in (0, 1, -1, "0", False):
        with pytest.raises(ValueError, match="stream"):
            view.__dlpack__(stream=stream)  # type: ignore[arg-type]
    for copy in (0, 1, "yes", []):
        with pytest.raises(TypeError, match="copy"):
            view.__dlpack__(copy=copy)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        view.__dlpack__(None)  # type: ignore[misc]
    with pytest.raises(TypeError):
        view.__dlpack__(flags=1)  # type: ignore[call-arg]
    assert region.exports == 0


def test_misaligned(region: Region) -> None:
    view = region.view("int32", 3, offset=1)
    view.copy_from([1, 2, 3])
    for version in (None, (1, 0)):
        with pytest.raises(BufferError, match="multiples of their size"):
            view.__dlpack__(max_version=version)
    assert np.from_dlpack(view, copy=True).tolist() == [1, 2, 3]
    assert region.exports == 0


def test_closed(region: Region) -> None:
    view = region.view()
    region.close()
    for copy in (None, True):
        with pytest.raises(memwell.ClosedError, match="__dlpack__"):
            view.__dlpack__(copy=copy)


def test_resized_away(region: Region) -> None:
    view = region.view("int32")
    region.resize(8)
    for copy in (None, True):
        with pytest.raises(IndexError):
            view.__dlpack__(copy=copy)
    assert region.exports == 0
