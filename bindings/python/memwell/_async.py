"""Semaphores beside asyncio. Imported at the first acquire_async(), so that `import memwell` costs no asyncio.

SPDX-License-Identifier: MIT
"""

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._memwell import Semaphore

FIRST_PAUSE = 0.000_25
LONGEST_PAUSE = 0.020


async def acquire(semaphore: "Semaphore", timeout: float | None) -> bool:
    """Take one unit; False where `timeout` seconds passed first.

    The kernel tells no event loop about a semaphore, so this looks again and again, first soon and then at least every
    20 ms. Between a successful look and the return there is no await: one that is cancelled has taken nothing.
    """
    now = asyncio.get_running_loop().time
    deadline = None if timeout is None else now() + timeout
    pause = FIRST_PAUSE
    while not semaphore.acquire(0):
        left = LONGEST_PAUSE if deadline is None else deadline - now()
        if left <= 0:
            return False
        await asyncio.sleep(min(pause, left))
        pause = min(2 * pause, LONGEST_PAUSE)
    return True
