"""multiprocessing.shared_memory as a stranger. README.md has the requests.

Up to Python 3.12 its resource tracker takes every segment that a process opens for the process's own, and removes the name when the
process ends. So each is taken off its list here.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import sys
from multiprocessing import resource_tracker
from multiprocessing.shared_memory import SharedMemory

from serving import serve


class Stranger:
    """One segment at a time."""

    def open_segment(self, name: str, create: bool, size: int) -> SharedMemory:
        if sys.version_info >= (3, 13):
            return SharedMemory(name, create, size, track=False)
        segment = SharedMemory(name, create, size)
        resource_tracker.unregister(f"/{name}", "shared_memory")
        return segment

    def memory_create(self, name: str, size: str, _mode: str) -> None:
        self.segment = self.open_segment(name, True, int(size))

    def memory_open(self, name: str, _timeout: str = "") -> int:
        self.segment = self.open_segment(name, False, 0)
        return self.segment.size

    def memory_unlink(self, name: str) -> None:
        if sys.version_info < (3, 13):
            resource_tracker.register(f"/{name}", "shared_memory")  # unlink takes it back
        self.segment.unlink()

    def buffer(self) -> memoryview:
        assert self.segment.buf is not None
        return self.segment.buf

    def read(self, offset: str, count: str) -> str:
        return bytes(self.buffer()[int(offset) : int(offset) + int(count)]).hex()

    def write(self, offset: str, digits: str) -> None:
        data = bytes.fromhex(digits)
        self.buffer()[int(offset) : int(offset) + len(data)] = data


stranger = Stranger()
serve(
    {
        "memory-create": stranger.memory_create,
        "memory-open": stranger.memory_open,
        "memory-unlink": stranger.memory_unlink,
        "read": stranger.read,
        "write": stranger.write,
    }
)
