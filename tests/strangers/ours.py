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

    def memory_create(self, name: str, size: str, mode: str) -> None:
        self.region = Region.create(name, int(size), permissions=int(mode, 8))

    def memory_open(self, name: str, timeout: str = "0") -> int:
        self.region = Region.attach(name, timeout=seconds(timeout))
        return self.region.size

    def memory_unlink(self, name: str) -> None:
        Region.unlink(name)

    def memory_close(self) -> None:
        self.region.close()

    def file(self, path: str, mode: Any, offset: str, size: str) -> int:
        self.region = Region.file(path, mode, offset=int(offset), size=None if size == "all" else int(size))
        return self.region.size

    def flush(self) -> None:
        self.region.flush()

    def read(self, offset: str, count: str) -> str:
        return self.region.read(int(offset), int(count)).hex()

    def write(self, offset: str, digits: str) -> None:
        self.region.write(bytes.fromhex(digits), int(offset))

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
if hasattr(ours, "region"):
    ours.region.close()
