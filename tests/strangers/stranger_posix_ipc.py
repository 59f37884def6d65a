"""The module posix_ipc as a stranger: memory and semaphores as it makes and opens them. README.md has the requests.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import errno
import importlib
import mmap
import os
from typing import Any

from serving import serve

posix_ipc: Any = importlib.import_module("posix_ipc")  # it has no annotations


class Stranger:
    """One piece of memory and one semaphore at a time."""

    def memory_begin(self, name: str, mode: str) -> None:
        self.memory = posix_ipc.SharedMemory("/" + name, posix_ipc.O_CREX, mode=int(mode, 8))

    def memory_size(self, size: str) -> None:
        os.ftruncate(self.memory.fd, int(size))
        self.map = mmap.mmap(self.memory.fd, int(size))

    def memory_create(self, name: str, size: str, mode: str) -> None:
        self.memory = posix_ipc.SharedMemory("/" + name, posix_ipc.O_CREX, mode=int(mode, 8), size=int(size))
        self.map = mmap.mmap(self.memory.fd, int(size))

    def memory_open(self, name: str, _timeout: str = "") -> int:
        try:
            self.memory = posix_ipc.SharedMemory("/" + name)
        except posix_ipc.ExistentialError as error:
            raise FileNotFoundError(errno.ENOENT, str(error)) from None
        self.map = mmap.mmap(self.memory.fd, self.memory.size)
        return int(self.memory.size)

    def memory_unlink(self, name: str) -> None:
        posix_ipc.unlink_shared_memory("/" + name)

    def read(self, offset: str, count: str) -> str:
        return self.map[int(offset) : int(offset) + int(count)].hex()

    def write(self, offset: str, digits: str) -> None:
        data = bytes.fromhex(digits)
        self.map[int(offset) : int(offset) + len(data)] = data

    def semaphore_create(self, name: str, value: str, mode: str) -> None:
        self.semaphore = posix_ipc.Semaphore("/" + name, posix_ipc.O_CREX, mode=int(mode, 8), initial_value=int(value))

    def semaphore_open(self, name: str, _timeout: str = "") -> None:
        try:
            self.semaphore = posix_ipc.Semaphore("/" + name)
        except posix_ipc.ExistentialError as error:
            raise FileNotFoundError(errno.ENOENT, str(error)) from None

    def semaphore_unlink(self, name: str) -> None:
        posix_ipc.unlink_semaphore("/" + name)

    def post(self, count: str) -> None:
        for _ in range(int(count)):
            try:
                self.semaphore.release()
            except ValueError as error:
                raise OverflowError(str(error)) from None

    def wait(self, timeout: str) -> int:
        try:
            self.semaphore.acquire(0 if timeout == "0" else None)
        except posix_ipc.BusyError:
            return 0
        return 1

    def value(self) -> int:
        return int(self.semaphore.value)


stranger = Stranger()
serve(
    {
        "memory-begin": stranger.memory_begin,
        "memory-size": stranger.memory_size,
        "memory-create": stranger.memory_create,
        "memory-open": stranger.memory_open,
        "memory-unlink": stranger.memory_unlink,
        "read": stranger.read,
        "write": stranger.write,
        "semaphore-create": stranger.semaphore_create,
        "semaphore-open": stranger.semaphore_open,
        "semaphore-unlink": stranger.semaphore_unlink,
        "post": stranger.post,
        "wait": stranger.wait,
        "value": stranger.value,
    }
)
