"""The worker in Python for locks that nobody else wants: those of a well, whose holder may die, beside multiprocessing's, the
kernel's locks of files and System V's semaphores that are undone; and events. Semaphores are in work_semaphore.py.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import fcntl
import importlib
import multiprocessing
import os
import tempfile
import threading
from contextlib import ExitStack
from typing import Any

from serve import Work, repeating, serve

from memwell import Well

NAME = f"memwell-bench-{os.getpid()}-lock"

try:
    sysv_ipc: Any = importlib.import_module("sysv_ipc")
except ImportError as problem:
    sysv_ipc = None
    no_sysv_ipc = str(problem)


def pair(lock: Any) -> Work:
    return repeating(["s.acquire(); s.release()"], s=lock)


def block(lock: Any) -> Work:
    return repeating(["with s: pass"], s=lock)


def is_set(event: Any) -> Work:
    return repeating(["e.is_set()"], e=event)


def works_on_file(file: Any) -> dict[str, Work]:
    """A lock of a whole file, which the kernel takes away from the dead."""
    return {
        "pair_flock": repeating(
            ["lock(fd, exclusive); lock(fd, none)"], lock=fcntl.flock, fd=file.fileno(), exclusive=fcntl.LOCK_EX, none=fcntl.LOCK_UN
        )
    }


def works_on_undone(stack: ExitStack) -> dict[str, Work]:
    if not sysv_ipc:
        return {}
    semaphore = sysv_ipc.Semaphore(None, sysv_ipc.IPC_CREX, initial_value=1)
    stack.callback(semaphore.remove)
    semaphore.undo = True
    return {"pair_undo": pair(semaphore), "with_undo": block(semaphore)}


def main() -> None:
    lacking = {} if sysv_ipc else {"pair_undo": no_sysv_ipc, "with_undo": no_sysv_ipc}
    with ExitStack() as stack:
        well = stack.enter_context(Well.create(NAME, 65536, temporary=True))
        file = stack.enter_context(tempfile.TemporaryFile())
        mutex, permits = well.mutex("mutex"), well.semaphore("permits", 1)
        works = {
            "pair_mutex": pair(mutex),
            "with_mutex": block(mutex),
            "pair_permits": pair(permits),
            "with_permits": block(permits),
            "is_set_memwell": is_set(well.event("event")),
            "is_set_multiprocessing": is_set(multiprocessing.Event()),
            "is_set_threading": is_set(threading.Event()),
        }
        serve(works | works_on_file(file) | works_on_undone(stack), lacking)


if __name__ == "__main__":
    main()
