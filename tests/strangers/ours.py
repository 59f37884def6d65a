"""memwell in Python, across from a stranger. README.md has the requests.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

from typing import Any

from serving import serve

from memwell import Region, Semaphore


def seconds(timeout: str) -> float | None:
    return None if timeout == "never" else float(timeout)


class Ours:
    """One region and one semaphore at a time."""

    region: Region | None = None

    def keep(self, region: Region) -> int:
        self.memory_close()
        self.region = region
        return region.size

    def memory_create(self, name: str, size: str, mode: str) -> int:
        return self.keep(Region.create(name, int(size), permissions=int(mode, 8)))

    def memory_open(self, name: str, timeout: str = "0") -> int:
        return self.keep(Region.attach(name, timeout=seconds(timeout)))

    def memory_unlink(self, name: str) -> None:
        Region.unlink(name)

    def memory_close(self) -> None:
        if self.region is not None:
            self.region.close()

    def file(self, path: str, mode: Any, offset: str, size: str) -> int:
        return self.keep(Region.file(path, mode, offset=int(offset), size=None if size == "all" else int(size)))

    def kept(self) -> Region:
        assert self.region is not None
        return self.region

    def flush(self) -> None:
        self.kept().flush()

    def read(self, offset: str, count: str) -> str:
        return self.kept().read(int(offset), int(count)).hex()

    def write(self, offset: str, digits: str) -> None:
        self.kept().write(bytes.fromhex(digits), int(offset))

    def semaphore_create(self, name: str, value: str, mode: str) -> None:
        self.semaphore = Semaphore.create(name, int(value), permissions=int(mode, 8))

    def semaphore_open(self, name: str, timeout: str = "0") -> None:
        self.semaphore = Semaphore.attach(name, timeout=seconds(timeout))

    def semaphore_unlink(self, name: str) -> None:
        Semaphore.unlink(name)

    def post(self, count: str) -> None:
        self.semaphore.release(int(count))

    def wait(self, timeout: str) -> int:
        return int(self.semaphore.acquire(seconds(timeout)))

    def value(self) -> int:
        return self.semaphore.value


ours = Ours()
serve(
    {
        "memory-create": ours.memory_create,
        "memory-open": ours.memory_open,
        "memory-unlink": ours.memory_unlink,
        "memory-close": ours.memory_close,
        "file": ours.file,
        "flush": ours.flush,
        "read": ours.read,
        "write": ours.write,
        "semaphore-create": ours.semaphore_create,
        "semaphore-open": ours.semaphore_open,
        "semaphore-unlink": ours.semaphore_unlink,
        "post": ours.post,
        "wait": ours.wait,
        "value": ours.value,
    }
)
ours.memory_close()
