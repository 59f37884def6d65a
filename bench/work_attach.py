"""The worker in Python for named memory: attach to it, create it. memwell beside multiprocessing.shared_memory, posix_ipc, and os
with mmap.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import importlib
import mmap
import os
from contextlib import ExitStack
from multiprocessing.shared_memory import SharedMemory
from typing import Any

from serve import Work, repeating, serve

from memwell import Region

SIZE = 4096
NAME = f"memwell-bench-{os.getpid()}-python"

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


def attach_mmap(path: str) -> None:
    fd = os.open(path, os.O_RDWR)
    memory = mmap.mmap(fd, os.fstat(fd).st_size)
    os.close(fd)
    memory.close()


def attach_posix_ipc(name: str) -> None:
    shared = posix_ipc.SharedMemory(name)
    memory = mmap.mmap(shared.fd, shared.size)
    shared.close_fd()
    memory.close()


def create_memwell(name: str) -> None:
    Region.create(name, SIZE).close()
    Region.unlink(name)


def create_shared_memory(name: str) -> None:
    memory = SharedMemory(name, create=True, size=SIZE)
    memory.close()
    memory.unlink()


def create_memwell_touched(name: str) -> None:
    region = Region.create(name, SIZE)
    region[0] = 1
    region.close()
    Region.unlink(name)


def create_shared_memory_touched(name: str) -> None:
    memory = SharedMemory(name, create=True, size=SIZE)
    bytes_of: Any = memory.buf
    bytes_of[0] = 1
    memory.close()
    memory.unlink()


def create_mmap(path: str) -> None:
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    os.ftruncate(fd, SIZE)
    memory = mmap.mmap(fd, SIZE)
    os.close(fd)
    memory.close()
    os.unlink(path)


def create_posix_ipc(name: str) -> None:
    shared = posix_ipc.SharedMemory(name, posix_ipc.O_CREX, size=SIZE)
    memory = mmap.mmap(shared.fd, SIZE)
    shared.close_fd()
    memory.close()
    shared.unlink()


def attach_sysv_ipc(key: int) -> None:
    sysv_ipc.SharedMemory(key).detach()


def create_sysv_ipc() -> None:
    shared = sysv_ipc.SharedMemory(None, sysv_ipc.IPC_CREX, size=SIZE)
    shared.detach()
    shared.remove()


def sysv_works(stack: ExitStack) -> dict[str, Work]:
    """On a segment that is there as long as the worker."""
    if not sysv_ipc:
        return {}
    shared = sysv_ipc.SharedMemory(None, sysv_ipc.IPC_CREX, size=SIZE)
    stack.callback(shared.remove)
    shared.detach()
    return {
        "attach_sysv_ipc": repeating(["attach(key)"], attach=attach_sysv_ipc, key=shared.key),
        "create_sysv_ipc": repeating(["create()"], create=create_sysv_ipc),
    }


def all_works() -> dict[str, Work]:
    new = NAME + "-new"
    works = {
        "attach_memwell": repeating(["Region.attach(name).close()"], Region=Region, name=NAME),
        "attach_shared_memory": repeating(["SharedMemory(name).close()"], SharedMemory=SharedMemory, name=NAME),
        "attach_mmap": repeating(["attach(path)"], attach=attach_mmap, path=f"/dev/shm/{NAME}"),
        "create_memwell": repeating(["create(name)"], create=create_memwell, name=new),
        "create_shared_memory": repeating(["create(name)"], create=create_shared_memory, name=new),
        "touched_memwell": repeating(["create(name)"], create=create_memwell_touched, name=new),
        "touched_shared_memory": repeating(["create(name)"], create=create_shared_memory_touched, name=new),
        "create_mmap": repeating(["create(path)"], create=create_mmap, path=f"/dev/shm/{new}"),
    }
    if posix_ipc:
        works["attach_posix_ipc"] = repeating(["attach(name)"], attach=attach_posix_ipc, name=f"/{NAME}")
        works["create_posix_ipc"] = repeating(["create(name)"], create=create_posix_ipc, name=f"/{new}")
    return works


def main() -> None:
    lacking = {} if posix_ipc else {"attach_posix_ipc": no_posix_ipc, "create_posix_ipc": no_posix_ipc}
    if not sysv_ipc:
        lacking |= {"attach_sysv_ipc": no_sysv_ipc, "create_sysv_ipc": no_sysv_ipc}
    with ExitStack() as stack:
        # SharedMemory made it and takes its name away, because in Python 3.11 and 3.12 it has registered what it only attached to.
        memory = SharedMemory(NAME, create=True, size=SIZE)
        stack.callback(memory.unlink)
        stack.callback(memory.close)
        serve(all_works() | sysv_works(stack), lacking)


if __name__ == "__main__":
    main()
