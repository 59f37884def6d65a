"""P8: something large is handed to another process, which reads it and says so. Written in place by the one, or written and copied;
every byte of it written before and read after, and found right.

SPDX-License-Identifier: MIT
"""

from contest import Contender, Contest

KIB, MIB = 1 << 10, 1 << 20
SIZES = {"1 KiB": KIB, "64 KiB": 64 * KIB, "1 MiB": MIB, "16 MiB": 16 * MIB, "64 MiB": 64 * MIB}

SPINS, SLEEPS, FIRST_SPINS = "spins", "sleeps", "spins first"

WHY_PASSES = """\
In one process what was written is still in that processor's own caches when it is read; from another processor every line has \
to come over, and has to be taken back to be written again. Bare spinning does the same, and is the row to compare with. Where \
the whole is small there is besides the hand-over itself, two of them for a trip."""

WHY_SPINNING = """\
It is within 1.1 x for most sizes, and near it for all. What memwell has more is two semaphores' calls, and where the \
passes take longer than it spins for, a sleep and a wake-up."""

WHY_PYTHON = """\
The semaphores' four calls, two processors' caches instead of one (see the same in C), and numpy's two calls at each end are \
all that is there besides."""


def trips(size: int) -> int:
    """So that a turn takes some tens of milliseconds."""
    return min(max(32 * MIB // size, 2), 1_000)


def rounds(size: int) -> int:
    return 30 if size < 16 * MIB else 10


def c(title: str, size: int) -> Contest:
    limit = f"c:limit_handover apart {size}"
    return Contest(
        "P8",
        f"C and C: hand over {title}, written and read",
        "us",
        Contender("memwell, in place", "memwell", f"c:handover_calls apart {size}", "payload", waits=FIRST_SPINS),
        (
            Contender("writing and reading alone, one process", "limit", limit, "passes", 1.1, WHY_PASSES),
            Contender("in place, bare spinning", "limit", limit, "spinning", 1.1, WHY_SPINNING, waits=SPINS),
            Contender("Unix socket", "peer", limit, "socket", waits=SLEEPS),
        ),
        repetitions=trips(size),
        rounds=rounds(size),
        long=size > 16 * MIB,
    )


def python(title: str, size: int) -> Contest:
    worker = f"python:work_handover apart {size}"
    return Contest(
        "P8",
        f"Python and Python: hand over {title}, written and read",
        "us",
        Contender("memwell, in place", "memwell", worker, "memwell", waits=FIRST_SPINS),
        (
            Contender("writing and reading alone, one process", "limit", worker, "passes", 1.1, WHY_PYTHON),
            Contender("memwell, read in Lua", "memwell", worker, "lua", waits=FIRST_SPINS),
            Contender("multiprocessing.Pipe", "peer", worker, "pipe", 1.0, waits=SLEEPS),
            Contender("multiprocessing.Queue", "peer", worker, "queue", 1.0, waits=SLEEPS),
            Contender("SharedMemory and multiprocessing.Semaphore", "peer", worker, "shared_memory", waits=SLEEPS),
            Contender("iceoryx2, a loaned sample and an event", "peer", worker, "iceoryx2_woken", waits=SLEEPS),
            Contender("iceoryx2, a loaned sample that is polled for", "peer", worker, "iceoryx2_polled", waits=SPINS),
        ),
        repetitions=trips(size),
        rounds=rounds(size),
        long=size > 16 * MIB,
    )


def token(size: int) -> str:
    return f"c:handover_calls apart {size}"


CONTESTS = [
    Contest(
        "P8",
        "C and C: hand over 64 MiB, nothing of it touched",
        "us",
        Contender("memwell, 64 MiB", "memwell", token(64 * MIB), "token", waits=FIRST_SPINS),
        (
            Contender("memwell, 1 KiB", "memwell", token(KIB), "token", 1.2, waits=FIRST_SPINS),
            Contender("bare spinning", "limit", f"c:limit_handover apart {KIB}", "token", 1.5, waits=SPINS),
        ),
        repetitions=5_000,
        rounds=30,
    ),
    *(c(title, size) for title, size in SIZES.items()),
    *(python(title, size) for title, size in SIZES.items()),
]
