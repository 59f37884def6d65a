"""The worker in Python for a semaphore that nobody else wants: take and give back. memwell beside multiprocessing, posix_ipc and
threading (of one process only).

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import threading
from contextlib import ExitStack
from typing import Any

from serve import Work, repeating, serve

from memwell import Semaphore

bare_python: Any = importlib.import_module("bare_python")

NAME = f"memwell-bench-{os.getpid()}-semaphore"

try:
    posix_ipc: Any = importlib.import_module("posix_ipc")
except ImportError as problem:
    posix_ipc = None
    no_posix_ipc = str(problem)

try:
    sysv_ipc: Any = importlib.import_module("sysv_ipc")
except ImportError as problem:
    sysv_ipc = None
    no_sysv_ipc = str(problem)


def works_on(who: str, semaphore: Any) -> dict[str, Work]:
    """A pair of calls counts as one; so does a block."""
    pair = repeating(["s.acquire(); s.release()"], s=semaphore)
    return {f"pair_{who}": pair, f"with_{who}": repeating(["with s: pass"], s=semaphore)}


def main() -> None:
    lacking = {}
    with ExitStack() as stack:
        own = Semaphore.create(NAME, 1)
        stack.callback(Semaphore.unlink, NAME)
        works = works_on("memwell", own)
        works |= works_on("bare", bare_python.Semaphore())
        works |= works_on("multiprocessing", multiprocessing.Semaphore(1))
        works |= works_on("lock", multiprocessing.Lock())
        works |= works_on("threading", threading.Semaphore(1))
        if posix_ipc:
            other = posix_ipc.Semaphore(f"/{NAME}-other", posix_ipc.O_CREX, initial_value=1)
            stack.callback(other.unlink)
            works |= works_on("posix_ipc", other)
        else:
            lacking = {"pair_posix_ipc": no_posix_ipc, "with_posix_ipc": no_posix_ipc}
        if sysv_ipc:
            oldest = sysv_ipc.Semaphore(None, sysv_ipc.IPC_CREX, initial_value=1)
            stack.callback(oldest.remove)
            works |= works_on("sysv_ipc", oldest)
        else:
            lacking |= {"pair_sysv_ipc": no_sysv_ipc, "with_sysv_ipc": no_sysv_ipc}
        serve(works, lacking)


if __name__ == "__main__":
    main()
