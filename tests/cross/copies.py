"""Two copies of the core in one process, the Python extension's and that of the Lua module in an embedded Lua: files are cut under
regions of both, before and after Lua states are closed, and a fault that is neither's ends the process as it would have without
them. Prints a line for each loss that was survived and told.

    copies.py python|lua FILE    which copy installs its guard first

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import gc
import importlib
import mmap
import os
import resource
import sys
from pathlib import Path
from typing import Any

import memwell

PAGES = 4

LOSE = """
local path = ...
local memwell = require "memwell"
local region <close> = assert(memwell.Region.file(path, "r+"))
local view = region:view("int64")
assert(view:atomic_add(1) == 0 and view:sum() == 1)
assert(io.open(path, "w")):close()
local value, message, number = view:atomic_load(#view)
return value == nil and number == memwell.errno.EIO and region.faulted and not pcall(view.sum, view)
"""


def embedded_lua() -> Any:
    """A new Lua state. The Lua module finds Lua's functions in lupa's extension, which is loaded for all to see."""
    sys.setdlopenflags(sys.getdlopenflags() | os.RTLD_GLOBAL)
    return importlib.import_module("lupa.lua54").LuaRuntime()


class Lua:
    """A Lua state, which is closed by end()."""

    def __init__(self) -> None:
        self.runtime = embedded_lua()

    def lose(self, path: Path) -> None:
        assert self.runtime.execute(LOSE, str(path)) is True
        print("lua")

    def end(self) -> None:
        del self.runtime
        gc.collect()


def lose_in_python(path: Path) -> None:
    """Through a foreign buffer, which reads zeros; the next call says why."""
    with memwell.Region.file(path, "r+") as region:
        region[0] = 7
        with memoryview(region) as memory:
            os.truncate(path, 0)
            assert bytes(memory) == bytes(PAGES * mmap.PAGESIZE)
        try:
            region.check()
        except memwell.FaultError:
            print("python")


def filled(path: Path) -> Path:
    path.write_bytes(bytes(PAGES * mmap.PAGESIZE))
    return path


def lose_foreign(path: Path) -> None:
    """A mapping that is no region: this kills."""
    with path.open("r+b") as file, mmap.mmap(file.fileno(), 0) as memory:
        os.truncate(path, 0)
        print("foreign", flush=True)
        print(memory[0])


def main(first: str, path: Path) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if first == "python":
        lose_in_python(filled(path))
    for _ in range(2):
        lua = Lua()
        lua.lose(filled(path))
        lose_in_python(filled(path))
        lua.lose(filled(path))
        lua.end()
        lose_in_python(filled(path))
    lose_foreign(filled(path))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
