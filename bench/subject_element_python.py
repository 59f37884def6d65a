"""P3: one element read or written from Python. The limit is a type in bare C that checks nothing.

SPDX-License-Identifier: MIT
"""

from contest import Contender, Contest, Role

PEERS = {
    "array": "array.array",
    "numpy": "numpy",
    "ctypes": "ctypes array",
    "multiprocessing": "multiprocessing.Array",
    "struct": "struct, prepared, on an mmap",
    "list": "list (no memory to share)",
}


WHY_NOT_LESS = """\
In CPython 3.11 reading an int32 takes 370 instructions, loop included, memoryview's 433, and a type in bare C that checks \
nothing 330; of a float64 it is 283, 362 and 244. The 40 between are the checks: an int, in range, the region open and still \
as large as the view."""


def contest(python: str, way: str, kind: str, goal: float | None) -> Contest:
    worker = f"{python}:work_element"
    statement = {"read": "view[i]", "write": "view[i] = x"}[way]
    version = " 3.13" if python == "python3.13" else ""

    def contender(who: str, name: str, role: Role, at_most: float | None = None) -> Contender:
        why = WHY_NOT_LESS if at_most else ""
        return Contender(name, role, worker, f"{way}_{kind}_{who}", at_most, why)

    return Contest(
        "P3",
        f"Python{version}: {statement}, {kind}",
        "ns",
        contender("memwell", "memwell View", "memwell"),
        (
            contender("bare", "a type in bare C", "limit"),
            contender("memoryview", "memoryview.cast", "peer", goal),
            *[contender(who, name, "peer") for who, name in PEERS.items()],
        ),
    )


CONTESTS = [
    *[contest("python", way, kind, 0.8) for kind in ("float64", "int32") for way in ("read", "write")],
    *[contest("python3.13", way, "float64", None) for way in ("read", "write")],
    *[contest("python3.13", way, "int32", 1.2) for way in ("read", "write")],
]
