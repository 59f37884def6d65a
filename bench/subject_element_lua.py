"""P4: elements read and written from Lua, one by one and in bulk. The limit is a userdata in bare C that checks nothing.

SPDX-License-Identifier: MIT
"""

from contest import Contender, Contest, Role

WORKER = "lua:work_element"

WHY_NOT_TWICE = """\
v[i] became faster than it was planned to be, which makes it harder to beat: an iterator in bare C that checks nothing takes \
more than half of it already. memwell's takes 319 instructions an element, that one 286."""


def contender(name: str, role: Role, work: str, at_most: float | None = None, why: str = "") -> Contender:
    return Contender(name, role, WORKER, work, at_most, why)


def luajit(work: str, name: str = "LuaJIT, FFI") -> Contender:
    """Another interpreter, which compiles the loop: a peer without a goal."""
    return Contender(name, "peer", "luajit:work_element_luajit", work)


def bulk(verb: str, name: str, *rivals: Contender) -> Contest:
    """A goal of 1 ns for each of the million elements."""
    limit = contender("a loop in bare C", "limit", f"{verb}_bare")
    return Contest(
        "P4",
        f"Lua: {name} of a million float64, each",
        "ns",
        contender("memwell " + name, "memwell", f"{verb}_memwell"),
        (limit, *rivals),
        1.0,
    )


CONTESTS = [
    Contest(
        "P4",
        "Lua: v[i], float64",
        "ns",
        contender("memwell v[i]", "memwell", "read_memwell"),
        (
            contender("__index in bare C", "limit", "read_bare", 2.0),
            contender("string.unpack", "peer", "read_unpack", 1.0),
            contender("a method with luaL_checkudata", "peer", "read_checked"),
            contender("a table (no memory to share)", "peer", "read_table"),
            luajit("read", "LuaJIT, FFI, added up"),
        ),
    ),
    Contest(
        "P4",
        "Lua: v[i] = x, float64",
        "ns",
        contender("memwell v[i] = x", "memwell", "write_memwell"),
        (
            contender("__newindex in bare C", "limit", "write_bare", 2.0),
            contender("a method with luaL_checkudata", "peer", "write_checked"),
            contender("a table (no memory to share)", "peer", "write_table"),
            luajit("write"),
        ),
    ),
    Contest(
        "P4",
        "Lua: v[i], int32",
        "ns",
        contender("memwell v[i]", "memwell", "read_int32_memwell"),
        (contender("a table (no memory to share)", "peer", "read_int32_table"), luajit("read_int32", "LuaJIT, FFI, added up")),
    ),
    Contest(
        "P4",
        "Lua: v[i] = x, int32",
        "ns",
        contender("memwell v[i] = x", "memwell", "write_int32_memwell"),
        (contender("a table (no memory to share)", "peer", "write_int32_table"), luajit("write_int32")),
    ),
    Contest(
        "P4",
        "Lua: get = v:getter(); get(i)",
        "ns",
        contender("memwell getter", "memwell", "getter_memwell"),
        (contender("a call in bare C", "limit", "getter_bare", 1.35),),
    ),
    Contest(
        "P4",
        "Lua: set = v:setter(); set(i, x)",
        "ns",
        contender("memwell setter", "memwell", "setter_memwell"),
        (contender("a call in bare C", "limit", "setter_bare", 1.35),),
    ),
    Contest(
        "P4",
        "Lua: for i, x in v:iter(), each",
        "ns",
        contender("memwell iter", "memwell", "iter_memwell"),
        (
            contender("an iterator in bare C", "limit", "iter_bare"),
            contender("memwell v[i] in a loop", "memwell", "read_memwell", 0.55, WHY_NOT_TWICE),
            contender("memwell ipairs(v)", "memwell", "ipairs_memwell"),
            contender("ipairs of a table", "peer", "ipairs_table"),
        ),
    ),
    bulk("fill", "fill", luajit("fill", "LuaJIT, FFI, a loop")),
    bulk("copy", "copy_from", luajit("copy", "LuaJIT, ffi.copy")),
    bulk("sum", "sum", contender("adding up a table", "peer", "sum_table"), luajit("sum", "LuaJIT, FFI, a loop")),
]
