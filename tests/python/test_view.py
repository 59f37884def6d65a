"""Views: elements, rows and slices, copies, numbers over all elements, and the buffer protocol, much of it beside numpy.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import array
import ctypes
import itertools
import math
import struct
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import memwell
from memwell import Region, View

INTEGERS = ["int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"]
FLOATS = ["float16", "float32", "float64"]
DTYPES = [*INTEGERS, *FLOATS, "bool"]
FORMATS = dict(zip(DTYPES, "bBhHiIqQefd?", strict=True))
ORDER = "<" if struct.pack("=H", 1) == b"\1\0" else ">"
OTHER = ">" if ORDER == "<" else "<"


@pytest.fixture
def memory() -> Iterator[Region]:
    with Region.anonymous(1 << 16) as region:
        yield region


def view_of(region: Region, values: np.ndarray[Any, Any], offset: int = 0) -> View:
    """A view that holds what an array holds."""
    view = region.view(values.dtype, values.shape, offset=offset)
    view.copy_from(values)
    return view


# Dtypes -------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
def test_names_of_a_dtype(memory: Region, dtype: str) -> None:
    code = np.dtype(dtype)
    letter = FORMATS[dtype]
    for spelled in (dtype, letter, "@" + letter, "=" + letter, code.str, code, code.newbyteorder("=")):
        view = memory.view(spelled, 3)
        assert (view.dtype, view.format, view.itemsize) == (dtype, letter, code.itemsize)
        assert (view.shape, view.ndim, view.nbytes, view.strides) == ((3,), 1, 3 * code.itemsize, (code.itemsize,))
    if code.itemsize > 1:
        for spelled in (OTHER + letter, code.newbyteorder(OTHER)):
            with pytest.raises(ValueError, match=r"Region\.view"):
                memory.view(spelled)


@pytest.mark.parametrize("wrong", ["", "float65", "d\0", "dd", "S3", "O", "M8[ns]", "🐍", np.dtype("f4,i4"), np.dtype("U3")])
def test_no_dtype(memory: Region, wrong: Any) -> None:
    with pytest.raises(ValueError):
        memory.view(wrong)


@pytest.mark.parametrize("wrong", [3, None, b"d", float, object(), ["d"]])
def test_not_even_a_dtype(memory: Region, wrong: Any) -> None:
    with pytest.raises(TypeError, match="dtype"):
        memory.view(wrong)


@pytest.mark.parametrize("dtype", INTEGERS)
def test_integers_exactly_or_not_at_all(memory: Region, dtype: str) -> None:
    view = memory.view(dtype, 4)
    info = np.iinfo(dtype)
    for value in (info.min, info.max, 0, 1, 100):
        view[1] = value
        assert view[1] == value
        assert type(view[1]) is int
        assert memory.read(view.itemsize, view.itemsize) == np.array([value], dtype=dtype).tobytes()
    for value in (info.min - 1, info.max + 1, 2**64, -(2**63) - 1, 10**30, float(2**70), 1e300):
        with pytest.raises(OverflowError, match=dtype):
            view[1] = value
    for value in (1.5, math.nan, math.inf, Fraction(1, 2)):
        with pytest.raises((ValueError, OverflowError)):
            view[1] = value
    view[1] = 2.0
    view[2] = np.int16(3)
    view[3] = True
    assert view.tolist() == [0, 2, 3, 1]
    assert view[1] == 2


@pytest.mark.parametrize("dtype", FLOATS)
def test_floats(memory: Region, dtype: str) -> None:
    view = memory.view(dtype, 2)
    largest = float(np.finfo(dtype).max)
    for value in (
        0.1,
        -1e-3,
        largest,
        -largest,
        math.inf,
        -math.inf,
        float(np.finfo(dtype).smallest_subnormal),
        5,
        True,
        2**60 % 2**11,
    ):
        view[1] = value
        assert view[1] == float(np.dtype(dtype).type(value))
        assert type(view[1]) is float
    view[1] = math.nan
    assert math.isnan(view[1])
    view[1] = -0.0
    assert math.copysign(1, view[1]) == -1
    for ok in (Decimal("0.5"), Fraction(1, 2), np.float32(0.5), np.float64(0.5)):
        view[0] = ok
        assert view[0] == 0.5
    if dtype != "float64":
        with pytest.raises(OverflowError):
            view[1] = largest * 4
    with pytest.raises(OverflowError):
        view[1] = 10**400


def test_bools(memory: Region) -> None:
    view = memory.view("bool", 3)
    for value in (True, False, 1, 0, 1.0, np.True_):
        view[0] = value
        assert view[0] is bool(value)
    for value in (2, -1, 10**20):
        with pytest.raises(OverflowError):
            view[0] = value
    memory[1] = 77
    assert view[1] is True
    assert view.tolist() == [True, True, False]
    assert (view.sum(), view.max(), view.min()) == (2, True, False)


@pytest.mark.parametrize("wrong", ["1", b"1", None, [], 1j, object(), "x"])
@pytest.mark.parametrize("dtype", ["int32", "float64", "bool", "uint8"])
def test_not_a_number(memory: Region, dtype: str, wrong: Any) -> None:
    view = memory.view(dtype, 2)
    calls: list[Callable[[], object]] = [
        lambda: view.__setitem__(0, wrong),
        lambda: view.fill(wrong),
        lambda: view.index(wrong),
        lambda: view.count(wrong),
        lambda: view.copy_from([1, wrong]),
    ]
    for call in calls:
        with pytest.raises(TypeError):
            call()
    assert view.tolist() == [0, 0]


# Shapes -------------------------------------------------------------------------------------------------------------------------


def test_shapes(memory: Region) -> None:
    size = len(memory)
    assert memory.view().shape == (size,)
    assert memory.view("float64").shape == (size // 8,)
    assert memory.view("float64", None, offset=8).shape == (size // 8 - 1,)
    assert memory.view("float64", 3).shape == memory.view("float64", (3,)).shape == memory.view("float64", [3]).shape == (3,)
    assert memory.view("i", (2, np.int64(3))).strides == (12, 4)
    assert memory.view("i", (1,) * 8).ndim == 8
    assert memory.view("i", 0).tolist() == []
    assert memory.view("i", (3, 0)).tolist() == [[], [], []]
    assert memory.view("i", (0, 3)).tolist() == []
    assert memory.view("i", 1, offset=3).offset == 3
    assert memory.view("i", 0, offset=size).nbytes == 0
    for shape in ((1,) * 9, (), -1, (2, -1), size, (2**32, 2**32), (2**62, 4), 2**70, (0, 2**63)):
        with pytest.raises(ValueError):
            memory.view("i", shape)
    for shape in ("3", 3.0, (3.0,), True, (True,), {3}, {3: 3}):
        with pytest.raises((TypeError, ValueError)):
            memory.view("i", shape)
    for offset, error in [(-1, ValueError), (size + 1, ValueError), (2**63, ValueError), (1.0, TypeError), (True, TypeError)]:
        with pytest.raises(error):
            memory.view("B", offset=offset)
    with pytest.raises(ValueError, match="multiple"):
        memory.view("float64", offset=1)


def test_numpy_sees_the_same_memory(memory: Region) -> None:
    view = memory.view("float64", (100, 3))
    array = np.asarray(view)
    assert (array.shape, array.strides, array.dtype) == ((100, 3), (24, 8), np.float64)
    array[5, 1] = 2.5
    assert view[5, 1] == 2.5
    view[6] = [1, 2, 3]
    assert array[6].tolist() == [1, 2, 3]
    assert memory.exports == 1
    del array
    assert memory.exports == 0


def test_attributes_cannot_be_set(memory: Region) -> None:
    view = memory.view("i", 3)
    for attribute in ("dtype", "format", "shape", "strides", "ndim", "itemsize", "nbytes", "offset", "readonly", "region", "new"):
        with pytest.raises(AttributeError):
            setattr(view, attribute, 1)
    assert view.region is memory


# Subscripts beside numpy --------------------------------------------------------------------------------------------------------

shapes = hnp.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=5)
dtypes = st.sampled_from(DTYPES)


@st.composite
def arrays(draw: st.DrawFn, dtype: st.SearchStrategy[str] = dtypes, shape: st.SearchStrategy[Any] = shapes) -> np.ndarray[Any, Any]:
    return draw(hnp.arrays(np.dtype(draw(dtype)), draw(shape)))


@st.composite
def keys(draw: st.DrawFn, shape: tuple[int, ...]) -> Any:
    """What may be between the brackets, now and then out of range."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.integers(-7, 7))
    return draw(hnp.basic_indices(shape, allow_ellipsis=True, allow_newaxis=False))


def same(view: Any, array: Any) -> bool:
    if isinstance(array, np.ndarray):
        return (
            isinstance(view, View)
            and view.shape == array.shape
            and view.tobytes() == array.tobytes()
            and (array.size == 0 or np.asarray(view).tobytes() == array.tobytes())
            and repr(view.tolist()) == repr(array.tolist())
        )
    return repr(view) == repr(array.item())


@settings(max_examples=400, deadline=None)
@given(data=st.data(), values=arrays())
def test_reading_beside_numpy(data: st.DataObject, values: np.ndarray[Any, Any]) -> None:
    with Region.anonymous(1 << 14) as memory:
        view: Any = view_of(memory, values, offset=data.draw(st.integers(0, 9)))
        array: Any = values
        for _ in range(3):
            assert same(view, array)
            if not isinstance(view, View) or view.ndim == 0:
                break
            key = data.draw(keys(view.shape))
            try:
                expected = array[key]
            except IndexError:
                with pytest.raises(IndexError):
                    view[key]
                break
            if isinstance(expected, np.ndarray) and expected.ndim == 0:
                expected = expected[()]
            view, array = view[key], expected


@settings(max_examples=400, deadline=None)
@given(data=st.data(), values=arrays(st.sampled_from(["int16", "float64", "uint8", "bool"])))
def test_writing_beside_numpy(data: st.DataObject, values: np.ndarray[Any, Any]) -> None:
    with Region.anonymous(1 << 14) as memory:
        view = view_of(memory, values)
        key = data.draw(hnp.basic_indices(values.shape, allow_ellipsis=True, allow_newaxis=False))
        target = values[key]
        if isinstance(target, np.ndarray) and target.ndim > 0:
            source = data.draw(hnp.arrays(values.dtype, target.shape))
            way = data.draw(st.sampled_from(["array", "list", "view", "fortran", "other dtype"]))
            with Region.anonymous(1 << 14) as other:
                given_as: Any = {
                    "array": source,
                    "list": source.tolist(),
                    "view": view_of(other, source),
                    "fortran": np.asfortranarray(source),
                    "other dtype": source.astype("float64"),
                }[way]
                view[key] = given_as
        else:
            source = data.draw(hnp.arrays(values.dtype, ()))[()]
            view[key] = source.item()
        values[key] = source
        assert view.tobytes() == values.tobytes()


@st.composite
def slices_of_one_length(draw: st.DrawFn, length: int) -> tuple[slice, slice]:
    """Two slices that select equally many places of `length`."""
    count = draw(st.integers(0, length))

    def one() -> slice:
        step = draw(st.integers(1, max(1, (length - 1) // max(1, count - 1))))
        first = draw(st.integers(0, length - 1 - step * (count - 1))) if count else 0
        stop = first + step * (count - 1) + 1 if count else 0
        forward = slice(first, stop, step)
        return forward if draw(st.booleans()) or not count else slice(stop - 1, first - 1 if first else None, -step)

    return one(), one()


@settings(max_examples=300, deadline=None)
@given(data=st.data(), values=arrays(st.just("int32"), hnp.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=8)))
def test_overlapping_copies_beside_numpy(data: st.DataObject, values: np.ndarray[Any, Any]) -> None:
    with Region.anonymous(1 << 14) as memory:
        view = view_of(memory, values)
        pairs = [data.draw(slices_of_one_length(length)) for length in values.shape]
        one, two = tuple(pair[0] for pair in pairs), tuple(pair[1] for pair in pairs)
        way: Any = data.draw(st.sampled_from([lambda v: v, memoryview, np.asarray]))
        view[one] = way(view[two])
        values[one] = values[two].copy()
        assert view.tobytes() == values.tobytes()


def test_subscripts_out_of_range(memory: Region) -> None:
    view = memory.view("i", (3, 4))
    line = memory.view("d", 5)
    for target, key in [
        (line, 5),
        (line, -6),
        (line, 2**62),
        (line, 2**70),
        (line, -(2**70)),
        (view, 3),
        (view, (0, 4)),
        (view, (0, -5)),
        (view, (0, 0, 0)),
        (view, (..., ...)),
        (line, (0, 0)),
    ]:
        with pytest.raises(IndexError):
            target[key]
        with pytest.raises(IndexError):
            target[key] = 1
    for key in ("a", 1.0, None, [0], b"0", (0, "a"), (None, 0), slice("a"), slice(None, 1.5)):
        with pytest.raises(TypeError):
            view[key]
        with pytest.raises(TypeError):
            view[key] = 1
    with pytest.raises(ValueError):
        view[::0]
    with pytest.raises(TypeError):
        del view[0]
    with pytest.raises(TypeError):
        del memory[0]


def test_steps_of_any_size(memory: Region) -> None:
    line = memory.view("d", 5)
    line.copy_from([0, 1, 2, 3, 4])
    huge = 2**63 - 1
    assert line[::huge].tolist() == [0]
    assert line[::-huge].tolist() == [4]
    assert line[4:4:huge].tolist() == []
    assert line[3::huge][::-1].tolist() == [3]
    assert line[huge:].tolist() == []
    assert line[:huge].tolist() == [0, 1, 2, 3, 4]
    assert line[-huge:huge:3].tolist() == [0, 3]


# Assignment ---------------------------------------------------------------------------------------------------------------------


def test_sources(memory: Region) -> None:
    line = memory.view("int32", 3)
    sources: list[Any] = [
        [1, 2, 3],
        (1, 2, 3),
        range(1, 4),
        b"\1\2\3",
        bytearray(b"\1\2\3"),
        array.array("d", [1, 2, 3]),
        np.array([1, 2, 3], dtype="u8"),
        np.array([9, 1, 9, 2, 9, 3])[1::2],
        memoryview(array.array("i", [1, 2, 3])),
        (ctypes.c_short * 3)(1, 2, 3),
        [True, 2.0, np.int8(3)],
    ]
    for source in sources:
        line.fill(0)
        line[:] = source
        assert line.tolist() == [1, 2, 3], source
        line.fill(0)
        line.copy_from(source)
        assert line.tolist() == [1, 2, 3], source


def test_nested_sources(memory: Region) -> None:
    view = memory.view("float32", (2, 3))
    row = memory.view("uint8", 3, offset=1000)
    row.copy_from([4, 5, 6])
    for source in (
        [[1, 2, 3], [4, 5, 6]],
        ([1, 2, 3], np.array([4, 5, 6.0])),
        [range(1, 4), b"\4\5\6"],
        [array.array("i", [1, 2, 3]), row],
    ):
        view.fill(0)
        view[:] = source
        assert view.tolist() == [[1, 2, 3], [4, 5, 6]]


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ([1, 2], ValueError),
        ([1, 2, 3, 4], ValueError),
        (b"1234", ValueError),
        (np.zeros((3, 1)), ValueError),
        (np.zeros((1, 3)), ValueError),
        ([1, 2, 2**40], OverflowError),
        (np.array([1, 2, 2**40]), OverflowError),
        ([1, 2, 0.5], ValueError),
        (np.array([1, 2, 0.5]), ValueError),
        ([1, 2, "3"], TypeError),
        ([1, 2, [3]], TypeError),
        ("123", TypeError),
        (5, TypeError),
        (5.0, TypeError),
        (np.float64(5), TypeError),
        (np.array(5), TypeError),
        (None, TypeError),
        ({1, 2, 3}, TypeError),
        ({1: 1, 2: 2, 3: 3}, TypeError),
        (iter([1, 2, 3]), TypeError),
        (np.zeros(3, dtype=complex), TypeError),
        (np.zeros(3, dtype="S2"), TypeError),
        (np.zeros(3, dtype=">i4"), TypeError),
    ],
)
def test_wrong_sources_write_nothing(memory: Region, source: Any, error: type[Exception]) -> None:
    line = memory.view("int32", 3)
    line.copy_from([7, 8, 9])
    with pytest.raises(error):
        line[:] = source
    with pytest.raises(error):
        line.copy_from(source)
    assert line.tolist() == [7, 8, 9]


def test_source_that_changes_while_it_is_read(memory: Region) -> None:
    items: list[Any] = []

    class Shrinks:
        def __index__(self) -> int:
            items.clear()
            return 1

    items += [Shrinks(), 2, 3]
    line = memory.view("int32", 3)
    line[:] = items
    assert line.tolist() == [1, 2, 3]


# Methods ------------------------------------------------------------------------------------------------------------------------


def test_reshape(memory: Region) -> None:
    line = memory.view("i", 12)
    line.copy_from(range(12))
    assert line.reshape(3, 4).tolist() == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]
    assert line.reshape((2, 6))[1, 0] == 6
    assert line.reshape([12]).shape == line.reshape(12).shape == (12,)
    assert line.reshape(3, 4).reshape(2, 2, 3)[1, 1].tolist() == [9, 10, 11]
    for shape in ((5,), (3, 5), (-1,), (12, 0), (1,) * 9, ()):
        with pytest.raises(ValueError, match=r"View\.reshape"):
            line.reshape(*shape)
    with pytest.raises(ValueError):
        line[::2].reshape(3, 2)
    with pytest.raises(TypeError):
        line.reshape(3.0, 4)


@settings(max_examples=200, deadline=None)
@given(values=arrays(st.sampled_from([*INTEGERS, "bool"])))
def test_numbers_over_integers_beside_numpy(values: np.ndarray[Any, Any]) -> None:
    with Region.anonymous(1 << 14) as memory:
        view = view_of(memory, values)
        total = sum(int(value) for value in values.ravel())
        low, high = (-(2**63), 2**63) if values.dtype.kind == "i" else (0, 2**64)
        if low <= total < high:
            assert view.sum() == total
        else:
            with pytest.raises(OverflowError):
                view.sum()
        if values.size:
            assert (view.min(), view.max()) == (values.min().item(), values.max().item())
            assert type(view.min()) is type(values.min().item())
            one = values.ravel()[-1].item()
            assert view.count(one) == np.count_nonzero(values == one)
            if values.ndim == 1:
                assert view.index(one) == values.tolist().index(one)
        else:
            for call in (view.min, view.max):
                with pytest.raises(ValueError):
                    call()


@settings(max_examples=200, deadline=None)
@given(values=arrays(st.sampled_from(FLOATS), hnp.array_shapes(max_dims=2, max_side=20)))
def test_numbers_over_floats_beside_math(values: np.ndarray[Any, Any]) -> None:
    with Region.anonymous(1 << 14) as memory:
        view = view_of(memory, values)
        numbers = [float(value) for value in values.ravel()]
        if any(map(math.isnan, numbers)):
            assert math.isnan(view.min())
            assert math.isnan(view.max())
            assert math.isnan(view.sum())
            return
        assert (view.min(), view.max()) == (min(numbers), max(numbers))
        if not any(map(math.isinf, numbers)) and max(map(abs, numbers)) < 1e300:
            exact = math.fsum(numbers)
            assert math.isclose(view.sum(), exact, rel_tol=1e-12, abs_tol=1e-14 * sum(map(abs, numbers)))


def test_sum_does_not_lose_small_numbers() -> None:
    count = 100_000
    with Region.anonymous(8 * (count + 1)) as memory:
        view = memory.view("float64")
        view.fill(1e-16)
        view[0] = 1.0
        assert math.isclose(view.sum() - 1.0, count * 1e-16, rel_tol=1e-3)
        view[1] = math.inf
        assert view.sum() == math.inf
        view[2] = -math.inf
        assert math.isnan(view.sum())
        assert memory.view("float32", 0).sum() == 0


def test_index_and_count(memory: Region) -> None:
    values = [5, 1, 5, 2, 5]
    view = memory.view("int16", 5)
    view.copy_from(values)
    bounds = [None, 0, 1, 4, 5, 6, 99, -1, -5, -6, -99, 2**70, -(2**70)]
    for value, start, stop in itertools.product([5, 2, 9, 5.0, 2**70, 0.5], bounds[1:], bounds):
        stop_or_end = len(values) if stop is None else stop
        try:
            expected = values.index(value, start, min(max(stop_or_end, -(2**60)), 2**60))
        except ValueError:
            with pytest.raises(ValueError, match="not there"):
                view.index(value, start, stop)
        else:
            assert view.index(value, start, stop) == expected
    assert view.index(2, start=-2, stop=None) == 3
    assert [view.count(value) for value in (5, 5.0, 1, 9, True, 2**70, math.nan)] == [3, 3, 1, 0, 1, 0, 0]
    assert view[::2].count(5) == 3
    with pytest.raises(ValueError):
        view.reshape(5, 1).index(5)
    floats = memory.view("float64", 2)
    floats.copy_from([math.nan, 2.0**70])
    assert floats.count(math.nan) == 0
    assert floats.index(2**70) == 1
    assert floats.count(2**70 + 1) == 0


def test_take(memory: Region) -> None:
    line = memory.view("float64", 10)
    line.copy_from(range(10))
    indices: list[Any] = [
        [3, -1, 0, 3],
        (3, -1, 0, 3),
        np.array([3, -1, 0, 3]),
        np.array([3, -1, 0, 3], dtype="i1"),
        np.array([3, 9, -1, 9, 0, 9, 3, 9])[::2],
        array.array("q", [3, -1, 0, 3]),
    ]
    for index in indices:
        assert line.take(index) == [3.0, 9.0, 0.0, 3.0]
    assert line.take(b"\1\2") == [1.0, 2.0]
    assert line.take(range(3)) == [0.0, 1.0, 2.0]
    assert line.take(memory.view("uint8", 0)) == []
    assert line.take([]) == []
    assert line[::-2].take([0, -1]) == [9.0, 1.0]
    for index in ([10], [-11], np.array([0, 10]), np.array([0, -11]), [2**70], np.array([2**64 - 1], dtype="u8")):
        with pytest.raises(IndexError):
            line.take(index)
    for index in ([1.0], ["1"], np.array([1.0]), np.array([True]), np.array([[1]]), 1, None, {1}, "1"):
        with pytest.raises(TypeError):
            line.take(index)
    with pytest.raises(ValueError):
        line.reshape(2, 5).take([0])


def test_fill(memory: Region) -> None:
    view = memory.view("uint16", (4, 5))
    view.fill(7)
    assert view.sum() == 140
    view[1:3, ::2].fill(0)
    assert view.sum() == 140 - 6 * 7
    view[0].fill(1)
    assert view[0].tolist() == [1] * 5
    with pytest.raises(OverflowError):
        view.fill(-1)
    view[:, 0:0].fill(9)


def test_equality(memory: Region) -> None:
    view = memory.view("int32", 4)
    view.copy_from([1, 2, 3, 4])
    other = memory.view("float64", 4, offset=100)
    other.copy_from([1, 2, 3, 4])
    assert view == other
    assert not view != other  # noqa: SIM202
    assert view == array.array("i", [1, 2, 3, 4])
    assert array.array("i", [1, 2, 3, 4]) == memoryview(view)
    assert view[:2] == view[0:2]
    assert view[:2] != view[1:3]
    assert view != view.reshape(2, 2)
    assert view != [1, 2, 3, 4]
    assert view != None  # noqa: E711
    assert memory.view("B", 3) == bytes([1, 0, 0])
    other[0] = math.nan
    assert other != other[:]
    with pytest.raises(TypeError):
        view < other  # noqa: B015
    with pytest.raises(TypeError, match="unhashable"):
        hash(view)


def test_iteration(memory: Region) -> None:
    line = memory.view("int32", 3)
    line.copy_from([1, 2, 3])
    assert list(line) == [1, 2, 3]
    assert list(reversed(line)) == [3, 2, 1]
    assert 2 in line
    assert 9 not in line
    assert [row.tolist() for row in line.reshape(3, 1)] == [[1], [2], [3]]
    assert list(zip(line, line[::-1], strict=True)) == [(1, 3), (2, 2), (3, 1)]
    iterator = iter(line)
    assert iterator.__length_hint__() == 3
    next(iterator)
    assert iterator.__length_hint__() == 2
    assert list(iterator) == [2, 3]
    assert list(iterator) == []
    first, *rest = line
    assert (first, rest) == (1, [2, 3])


def test_repr(region: Region) -> None:
    assert repr(region.view("float64", (10, 3))) == f"<memwell.View float64 (10, 3) of Region '{region.name}'>"
    with Region.anonymous(16) as other:
        view = other.view("i")
        assert repr(view) == "<memwell.View int32 (4,) of Region>"
    assert repr(view) == "<memwell.View int32 (4,) of Region, closed>"


def test_no_constructor() -> None:
    with pytest.raises(TypeError):
        View()
    with pytest.raises(TypeError):
        type("Sub", (View,), {})


def test_closed_region() -> None:
    region = Region.anonymous(4096)
    view = region.view("int32", 10)
    rows = region.view("int32", (5, 2))
    iterator = iter(view)
    next(iterator)
    region.close()
    uses: list[Callable[[], object]] = [
        lambda: view[0],
        lambda: view[0:1],
        lambda: view[0:1, ...],
        lambda: rows[0],
        lambda: rows[0, 0],
        lambda: view.__setitem__(0, 1),
        lambda: view.__setitem__(slice(0, 1), [1]),
        lambda: view.__setitem__(slice(0, 1), b"1"),
        lambda: view.__setitem__(slice(0, 1), view),
        lambda: len(view),
        lambda: list(view),
        lambda: next(iterator),
        lambda: view == view[:],
        lambda: view == b"",
        lambda: memoryview(view),
        lambda: np.asarray(memoryview(view)),
        lambda: bytes(view),
        view.tolist,
        view.tobytes,
        lambda: view.fill(1),
        lambda: view.copy_from([0] * 10),
        lambda: view.take([0]),
        lambda: view.reshape(2, 5),
        view.sum,
        view.min,
        view.max,
        lambda: view.index(0),
        lambda: view.count(0),
        view.__reduce__,
    ]
    for use in uses:
        with pytest.raises(memwell.ClosedError, match="closed"):
            use()
    assert (view.shape, view.dtype, view.region) == ((10,), "int32", region)


# The buffer protocol, beside memoryview and numpy -------------------------------------------------------------------------------


class PyBuffer(ctypes.Structure):
    _fields_ = (
        ("buf", ctypes.c_void_p),
        ("obj", ctypes.c_void_p),
        ("len", ctypes.c_ssize_t),
        ("itemsize", ctypes.c_ssize_t),
        ("readonly", ctypes.c_int),
        ("ndim", ctypes.c_int),
        ("format", ctypes.c_char_p),
        ("shape", ctypes.POINTER(ctypes.c_ssize_t)),
        ("strides", ctypes.POINTER(ctypes.c_ssize_t)),
        ("suboffsets", ctypes.POINTER(ctypes.c_ssize_t)),
        ("internal", ctypes.c_void_p),
    )


WRITABLE, FORMAT, ND, STRIDES, C, F, ANY, INDIRECT = 1, 4, 8, 0x18, 0x38, 0x58, 0x98, 0x118
FLAGS = sorted({a | b | c for a in (0, ND, STRIDES, C, F, ANY, INDIRECT) for b in (0, WRITABLE) for c in (0, FORMAT)})


def buffer_of(owner: Any, flags: int) -> tuple[Any, ...] | None:
    """What a consumer that asks with these flags is given; None for a BufferError."""
    buffer = PyBuffer()
    try:
        ctypes.pythonapi.PyObject_GetBuffer(ctypes.py_object(owner), ctypes.byref(buffer), flags)
    except BufferError:
        assert buffer.obj is None
        return None
    given = (
        buffer.buf,
        buffer.len,
        buffer.itemsize,
        bool(buffer.readonly),
        buffer.ndim,
        buffer.format,
        buffer.shape[: buffer.ndim] if buffer.shape else None,
        buffer.strides[: buffer.ndim] if buffer.strides else None,
        bool(buffer.suboffsets),
    )
    ctypes.pythonapi.PyBuffer_Release(ctypes.byref(buffer))
    return given


BUFFER_KEYS: Sequence[Any] = [
    (),
    (slice(None, None, 2),),
    (slice(None, None, -1),),
    (..., 0),
    (0,),
    (slice(0, 0),),
    (slice(1, 2), slice(1, 2)),
]


@pytest.mark.parametrize("readonly", [False, True])
@pytest.mark.parametrize("dtype", ["uint8", "float64", "bool"])
@pytest.mark.parametrize("key", BUFFER_KEYS, ids=str)
def test_flags_of_a_buffer_request(name: str, readonly: bool, dtype: str, key: Any) -> None:
    Region.create(name, 4096).close()
    with Region.attach(name, readonly=readonly) as region:
        view = region.view(dtype, (3, 4))[key]
        for flags in FLAGS:
            expected = buffer_of(memoryview(view), flags)
            given = buffer_of(view, flags)
            assert given == expected, hex(flags)
        assert region.exports == 0


@pytest.mark.parametrize("readonly", [False, True])
def test_flags_of_a_buffer_request_to_a_region(name: str, readonly: bool) -> None:
    Region.create(name, 100).close()
    with Region.attach(name, readonly=readonly) as region:
        twin = bytes(100) if readonly else bytearray(100)
        for flags in FLAGS:
            expected, given = buffer_of(twin, flags), buffer_of(region, flags)
            assert (given is None) == (expected is None), hex(flags)
            if given is not None and expected is not None:
                assert given[1:] == expected[1:], hex(flags)
        assert region.exports == 0


def test_named_methods_of_the_buffer_protocol(memory: Region) -> None:
    for owner in (memory, memory.view("i", 4)):
        buffer = owner.__buffer__(0)
        assert buffer.obj is owner
        assert memory.exports == 1
        owner.__release_buffer__(buffer)
        assert memory.exports == 0
