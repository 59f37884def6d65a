"""The worker in Python for new shared memory, so many bytes as its argument says: memwell beside multiprocessing.shared_memory.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import os
import sys
from multiprocessing.shared_memory import SharedMemory
from typing import Any

from serve import looping, serve

from memwell import PAGE_SIZE, Region

SIZE = int(sys.argv[1])
NAME = f"memwell-bench-{os.getpid()}-fresh"


def touch(memory: Any) -> None:
    """Write into every page, as quickly as Python can: one assignment with a step."""
    memory[::PAGE_SIZE] = bytes(SIZE // PAGE_SIZE)


def fresh_memwell() -> None:
    with Region.create(NAME, SIZE) as region:
        region.populate()
    Region.unlink(NAME)


def fresh_memwell_touched() -> None:
    with Region.create(NAME, SIZE) as region:
        touch(region.view())
    Region.unlink(NAME)


def fresh_shared_memory() -> None:
    memory = SharedMemory(NAME, create=True, size=SIZE)
    touch(memory.buf)
    memory.close()
    memory.unlink()


def main() -> None:
    serve({work.__name__: looping(work) for work in (fresh_memwell, fresh_memwell_touched, fresh_shared_memory)}, {})


if __name__ == "__main__":
    main()
