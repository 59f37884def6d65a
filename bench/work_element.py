"""The worker in Python for single elements: read and write one number in a line of 1,000. memwell beside memoryview, array, numpy,
struct, ctypes, multiprocessing.Array, a list, and a type in bare C that checks nothing.

The indices go from 0 to 19, and the numbers are none that the interpreter keeps ready made.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import ctypes
import importlib
import mmap
import multiprocessing
import struct
from array import array
from typing import Any

from serve import UNROLLED, Work, repeating, serve

from memwell import Region

bare_python: Any = importlib.import_module("bare_python")

COUNT = 1000
KINDS: dict[str, tuple[Any, float, str, Any]] = {
    "float64": ("d", 1.5, "Floats", ctypes.c_double),
    "int32": ("i", 100000, "Integers", ctypes.c_int32),
}


def works_on(kind: str, who: str, container: Any, value: float) -> dict[str, Work]:
    """Reading and writing container[i], which must already hold `value` everywhere."""
    assert container[UNROLLED] == value
    return {
        f"read_{kind}_{who}": repeating([f"v[{i}]" for i in range(UNROLLED)], v=container),
        f"write_{kind}_{who}": repeating([f"v[{i}] = x" for i in range(UNROLLED)], v=container, x=value),
    }


def struct_works(kind: str, code: str, memory: mmap.mmap, value: float) -> dict[str, Work]:
    size = struct.calcsize(code)
    form = struct.Struct(code)
    reads, writes = [f"get(m, {i * size})" for i in range(UNROLLED)], [f"put(m, {i * size}, x)" for i in range(UNROLLED)]
    return {
        f"read_{kind}_struct": repeating(reads, get=form.unpack_from, m=memory),
        f"write_{kind}_struct": repeating(writes, put=form.pack_into, m=memory, x=value),
    }


def filled(container: Any, value: float) -> Any:
    for i in range(COUNT):
        container[i] = value
    return container


def main() -> None:
    works: dict[str, Work] = {}
    lacking: dict[str, str] = {}
    for kind, (code, value, bare, c_type) in KINDS.items():
        region = Region.anonymous(8 * COUNT)
        memory = mmap.mmap(-1, struct.calcsize(code) * COUNT)
        works |= works_on(kind, "memwell", filled(region.view(kind, COUNT), value), value)
        works |= works_on(kind, "memoryview", filled(memoryview(memory).cast("B").cast(code), value), value)
        works |= works_on(kind, "array", array(code, [value] * COUNT), value)
        works |= works_on(kind, "ctypes", filled((c_type * COUNT)(), value), value)
        works |= works_on(kind, "multiprocessing", filled(multiprocessing.Array(code, COUNT), value), value)
        works |= works_on(kind, "list", [value] * COUNT, value)
        works |= works_on(kind, "bare", filled(getattr(bare_python, bare)(), value), value)
        works |= struct_works(kind, code, memory, value)
        try:
            import numpy
        except ImportError as problem:
            lacking |= {f"{way}_{kind}_numpy": str(problem) for way in ("read", "write")}
        else:
            works |= works_on(kind, "numpy", numpy.full(COUNT, value, dtype=kind), value)
    serve(works, lacking)


if __name__ == "__main__":
    main()
