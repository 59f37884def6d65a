"""P5: a semaphore that nobody else wants, taken and given back. Nobody waits, so no wait mode plays a part.

SPDX-License-Identifier: MIT
"""

from contest import Contender, Contest

WHY_PYTHON_PAIR = """\
Two calls from Python cost nearly as much as that: a type in bare C that checks nothing takes almost twice the limit. For the \
pair it needs 353 instructions, memwell 435, multiprocessing 923. The 82 between are the options of both calls, whether the \
handle is open, and keeping errors apart."""

WHY_WITH = """\
There is next to nothing left to gain: the block takes 1,202 instructions, with a type in bare C that checks nothing 1,173, \
and with multiprocessing.Semaphore 3,043. Nearly all of it is the interpreter's."""

WHY_LUA_LIMIT = """\
Two calls from Lua cost more than the semaphore: even bare C functions that check nothing take three times the limit."""

WHY_LUA_PAIR = """\
Of the pair's 1,464 instructions 615 only find the two methods: name, value and closed are fields of a semaphore, so that its \
__index is a function in C. With acquire and release in local variables it is 849; bare C functions that check nothing take \
668 (their rows below)."""


def python(name: str, work: str, at_most: float | None = None, why: str = "") -> Contender:
    return Contender(name, "peer", "python:work_semaphore", work, at_most, why)


def limit(at_most: float | None = None, why: str = "") -> Contender:
    return Contender("sem_trywait, sem_post in C", "limit", "c:limit_semaphore", "acquire_release", at_most, why)


def bare(language: str, work: str) -> Contender:
    return Contender(f"a semaphore in bare C, called from {language.capitalize()}", "limit", f"{language}:work_semaphore", work)


CORE = Contender("memwell's core from C", "memwell in C", "c:core_calls", "acquire_release")

CONTESTS = [
    Contest(
        "P5",
        "Python: s.acquire(); s.release()",
        "ns",
        Contender("memwell Semaphore", "memwell", "python:work_semaphore", "pair_memwell"),
        (
            limit(2.0, WHY_PYTHON_PAIR),
            bare("python", "pair_bare"),
            CORE,
            python("multiprocessing.Semaphore", "pair_multiprocessing", 1.0),
            python("multiprocessing.Lock", "pair_lock"),
            python("posix_ipc.Semaphore", "pair_posix_ipc"),
            python("sysv_ipc.Semaphore", "pair_sysv_ipc"),
            python("threading.Semaphore (one process only)", "pair_threading"),
        ),
    ),
    Contest(
        "P5",
        "Python: with s: pass",
        "ns",
        Contender("memwell Semaphore", "memwell", "python:work_semaphore", "with_memwell"),
        (
            limit(),
            bare("python", "with_bare"),
            python("multiprocessing.Semaphore", "with_multiprocessing", 0.4, WHY_WITH),
            python("multiprocessing.Lock", "with_lock"),
            python("posix_ipc.Semaphore", "with_posix_ipc"),
            python("sysv_ipc.Semaphore", "with_sysv_ipc"),
            python("threading.Semaphore (one process only)", "with_threading"),
        ),
    ),
    Contest(
        "P5",
        "Lua: s:acquire(); s:release()",
        "ns",
        Contender("memwell Semaphore", "memwell", "lua:work_semaphore", "pair_memwell"),
        (
            limit(2.0, WHY_LUA_LIMIT),
            bare("lua", "pair_bare"),
            Contender("memwell, both methods in local variables", "memwell", "lua:work_semaphore", "local_memwell"),
            python("multiprocessing.Semaphore (Python)", "pair_multiprocessing", 1.0, WHY_LUA_PAIR),
        ),
    ),
    Contest(
        "P5",
        "Lua: local g <close> = s:guard()",
        "ns",
        Contender("memwell guard", "memwell", "lua:work_semaphore", "guard_memwell"),
        (limit(), bare("lua", "pair_bare"), python("multiprocessing.Semaphore, with (Python)", "with_multiprocessing")),
    ),
    Contest(
        "P5",
        "Lua: s:hold(f), f does nothing",
        "ns",
        Contender("memwell hold", "memwell", "lua:work_semaphore", "hold_memwell"),
        (limit(), bare("lua", "pair_bare"), python("multiprocessing.Semaphore, with (Python)", "with_multiprocessing")),
    ),
]
