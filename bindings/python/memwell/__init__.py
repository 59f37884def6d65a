# What the package shows; the code is in _memwell. SPDX-License-Identifier: MIT
"""Memory that Python, Lua and C programs hold in common.

A Region is a mapped range of memory: a file (Region.file), named shared memory (Region.create, attach, open), System V memory
(Region.sysv), memory shared with forked children (Region.anonymous), a file in memory that can be sealed and sent
(Region.memfd, send, receive), or what a descriptor leads to (Region.from_fd). A View is a typed window on it, without a
copy. A Semaphore lets programs take turns.

A Well is memory that describes itself, and that outlives its users: in it are named arrays, mutexes, semaphores and events, and
when a process dies, even by kill -9, what it held comes back.

    import memwell

    with memwell.Region.create("frames", 1 << 20) as region:
        table = region.view("float64", (100, 3))
        table[0, 0] = 1.5          # any program that attaches to "frames" sees it

Sizes and offsets are bytes, from 0. Timeouts are seconds: None waits for ever, 0 does not wait. Permissions are taken as given
whatever the umask. Names are what shm_open and sem_open take: one leading "/" is allowed and means nothing.

An OS failure is the matching OSError subclass; a wrong argument TypeError or ValueError; a use after close ClosedError.
"""

from ._memwell import (
    PAGE_SIZE,
    ClosedError,
    Error,
    Event,
    FaultError,
    FormatError,
    FullError,
    KindError,
    Mutex,
    ObjectInfo,
    OwnerDiedError,
    ParticipantInfo,
    Region,
    RobustSemaphore,
    Semaphore,
    View,
    Well,
    __version__,
    ftok,
)

__all__ = [
    "PAGE_SIZE",
    "ClosedError",
    "Error",
    "Event",
    "FaultError",
    "FormatError",
    "FullError",
    "KindError",
    "Mutex",
    "ObjectInfo",
    "OwnerDiedError",
    "ParticipantInfo",
    "Region",
    "RobustSemaphore",
    "Semaphore",
    "View",
    "Well",
    "__version__",
    "ftok",
]
