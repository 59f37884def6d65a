"""P13: how long a module takes to load, in a fresh interpreter each time. The limit is a module in bare C with little in it.

SPDX-License-Identifier: MIT
"""

from contest import Contender, Contest, Role

WORKER = "python:work_import"
MILLISECOND = 1e6


def contender(name: str, role: Role, work: str, at_most: float | None = None) -> Contender:
    return Contender(name, role, WORKER, work, at_most)


CONTESTS = [
    Contest(
        "P13",
        "Python: import memwell",
        "ms",
        contender("import memwell", "memwell", "python_memwell"),
        (
            contender("import a bare module in C", "limit", "python_bare"),
            contender("import multiprocessing.shared_memory", "peer", "python_shared_memory", 0.3),
            contender("import mmap", "peer", "python_mmap"),
            contender("import posix_ipc", "peer", "python_posix_ipc"),
            contender("import ctypes", "peer", "python_ctypes"),
            contender("import numpy", "peer", "python_numpy"),
        ),
        repetitions=1,
    ),
    Contest(
        "P13",
        'Lua: require "memwell"',
        "ms",
        contender('require "memwell"', "memwell", "lua_memwell"),
        (contender("require a bare module in C", "limit", "lua_bare"),),
        2 * MILLISECOND,
        repetitions=1,
    ),
]
