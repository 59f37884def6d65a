"""P5, P6: the locks of a well that nobody else wants, from Lua; and an event. Lua 5.4 has none between processes; LuaJIT can have
libc's semaphore by its FFI, and luaposix the kernel's lock of a file.

SPDX-License-Identifier: MIT
"""

from contest import Contender, Contest

WORKER = "lua:work_lock"

LUAJIT = (
    Contender("LuaJIT's FFI, a POSIX semaphore (not back after a death)", "peer", "luajit:work_lock_luajit", "pair_ffi"),
    Contender("luaposix in LuaJIT, fcntl F_SETLKW", "peer", "luajit:work_lock_luajit", "pair_file"),
)
ROBUST = Contender("a robust pthread mutex, in C", "limit", "c:limit_lock", "robust")
BARE = Contender("a semaphore in bare C, called from Lua", "limit", "lua:work_semaphore", "pair_bare")


WHY_IS_SET = """\
Of its 727 instructions 44 are the core's. Most of the others find the method: name and closed are fields of an event, so that its \
__index is a function in C."""


def ours(name: str, work: str) -> Contender:
    return Contender(name, "memwell", WORKER, work)


def core(work: str) -> Contender:
    return Contender("memwell's core from C", "memwell in C", "c:lock_calls", work)


def python(name: str, work: str, at_most: float | None = None, worker: str = "python:work_semaphore", why: str = "") -> Contender:
    return Contender(f"{name} (Python)", "peer", worker, work, at_most, why)


def contest(title: str, ours: Contender, core: Contender, *peers: Contender) -> Contest:
    return Contest("P6", f"Lua: {title}", "ns", ours, (ROBUST, BARE, core, *LUAJIT, *peers))


MUTEX, PERMITS = core("turn_mutex"), core("turn_semaphore")
LOCK, SEMAPHORE = (
    python(f"multiprocessing.{name}", f"pair_{work}") for name, work in (("Lock", "lock"), ("Semaphore", "multiprocessing"))
)

CONTESTS = [
    contest("mutex:acquire(); mutex:release()", ours("memwell mutex", "pair_mutex"), MUTEX, LOCK),
    contest("permit:acquire(); permit:release()", ours("memwell permits", "pair_permits"), PERMITS, SEMAPHORE),
    contest(
        "local g <close> = mutex:guard()",
        ours("memwell guard", "guard_mutex"),
        MUTEX,
        python("multiprocessing.Lock, with", "with_lock"),
    ),
    contest(
        "local g <close> = permit:guard()",
        ours("memwell guard", "guard_permits"),
        PERMITS,
        python("multiprocessing.Semaphore, with", "with_multiprocessing"),
    ),
    Contest(
        "P5",
        "Lua: event:is_set()",
        "ns",
        ours("memwell event", "is_set"),
        (
            Contender("one load, in C", "limit", "c:limit_lock", "load"),
            core("is_set"),
            python("multiprocessing.Event", "is_set_multiprocessing", 0.1, "python:work_lock", WHY_IS_SET),
        ),
    ),
]
