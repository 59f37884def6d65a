"""The worker for the time that a module takes to load: each time in a fresh interpreter, which measures itself.

Both read the time that they had on a processor. What the kernel reads from a disk at the first time is in its cache afterwards.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from importlib.util import find_spec

from serve import Work, serve

PYTHON = "from time import thread_time_ns as now; begin = now(); import {module}; print(now() - begin)"
LUA = "local clock = os.clock; local begin = clock(); require '{module}'; print(string.format('%.0f', (clock() - begin) * 1e9))"
MODULES = {
    "memwell": "memwell",
    "shared_memory": "multiprocessing.shared_memory",
    "mmap": "mmap",
    "ctypes": "ctypes",
    "posix_ipc": "posix_ipc",
    "numpy": "numpy",
    "bare": "bare_python",
}


def fresh(*command: str) -> Work:
    def work(n: int) -> int:
        return sum(int(subprocess.run(command, check=True, capture_output=True, text=True).stdout) for _ in range(n))

    return work


def main() -> None:
    works = {}
    lacking = {}
    for name, module in MODULES.items():
        if find_spec(module.partition(".")[0]) is None:
            lacking[f"python_{name}"] = f"No module named '{module}'"
        else:
            works[f"python_{name}"] = fresh(sys.executable, "-c", PYTHON.format(module=module))
    for name, module in {"memwell": "memwell", "bare": "bare_lua", "string": "string"}.items():
        works[f"lua_{name}"] = fresh(shutil.which("lua5.4") or "lua5.4", "-e", LUA.format(module=module))
    serve(works, lacking)


if __name__ == "__main__":
    main()
