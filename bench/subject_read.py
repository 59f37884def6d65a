"""P14: a file through a mapping, and through read and pread: in order and at random places, warm and cold, from 4 KiB to 1 GiB; and
a message by memory in common, and by message queues.

SPDX-License-Identifier: MIT
"""

from contest import Contender, Contest, Role

WORKER = "c:read_calls"
QUEUES = "c:queue_contests"
MILLISECONDS = ("16MiB", "256MiB", "1GiB")
SIZES = ("4KiB", "64KiB", "1MiB", *MILLISECONDS)
LONG = ("256MiB", "1GiB")

WHY_NOT_LESS = """\
The mapping is the faster way, but both read every byte: what is saved is the copy alone, and in a small file the copy is from one \
near cache to another."""


def spaced(size: str) -> str:
    """4KiB as people write it."""
    return f"{size[:-3]} {size[-3:]}"


def contender(name: str, role: Role, work: str, at_most: float | None = None, why: str = "") -> Contender:
    return Contender(name, role, WORKER, work, at_most, why)


def whole(size: str) -> Contest:
    """Opened and closed each time, so that the page faults of a new mapping count. The least size at which it is ahead of read is
    the crossover."""
    return Contest(
        "P14",
        f"C: open a file of {spaced(size)} that is in memory, add up all of it, close it",
        "ms" if size in MILLISECONDS else "us",
        contender("memwell Region.file", "memwell", f"whole_map_{size}"),
        (
            contender("open, fstat, mmap, munmap", "limit", f"whole_bare_{size}"),
            contender("memwell Region.file, populate", "memwell", f"whole_populated_{size}"),
            contender("read, 64 KiB at once", "peer", f"whole_read_{size}"),
            contender("read, all at once into new memory", "peer", f"whole_string_{size}"),
        ),
        rounds=15,
        long=size in LONG,
    )


def kept(size: str) -> Contest:
    return Contest(
        "P14",
        f"C: add up all of {spaced(size)} of a file that is open and in memory",
        "ms" if size in MILLISECONDS else "us",
        contender("memwell's mapping", "memwell", f"kept_map_{size}"),
        (contender("pread, 64 KiB at once", "peer", f"kept_pread_{size}", 0.6, WHY_NOT_LESS),),
        rounds=15,
        long=size in LONG,
    )


def pieces(size: str) -> Contest:
    return Contest(
        "P14",
        f"C: add up 64 bytes at a random place of {spaced(size)} of a file that is open and in memory",
        "ns",
        contender("memwell's mapping", "memwell", f"piece_map_{size}"),
        (
            contender("memwell Region.read, checked and copied", "memwell", f"piece_copied_{size}"),
            contender("pread", "peer", f"piece_pread_{size}", 0.2),
        ),
        rounds=30,
        long=size in LONG,
    )


def cold(title: str, ours: Contender, *rivals: Contender, repetitions: int = 1) -> Contest:
    return Contest("P14", title, "ms" if repetitions == 1 else "us", ours, rivals, repetitions=repetitions, rounds=12)


def message(size: int) -> Contest:
    """Each side writes the message whole and reads it whole."""
    return Contest(
        "P14",
        f"C: a message of {size} bytes to another process and back",
        "us",
        Contender("memwell, in memory in common, two semaphores", "memwell", QUEUES, f"map_{size}"),
        (
            Contender("POSIX message queues", "peer", QUEUES, f"posix_{size}"),
            Contender("System V message queues", "peer", QUEUES, f"sysv_{size}"),
        ),
        repetitions=5_000,
        rounds=30,
    )


def binding(language: str, worker: str, verb: str, title: str, unit: str, peers: dict[str, str]) -> Contest:
    """The file has 16 MiB in lines of 64 bytes."""
    return Contest(
        "P14",
        f"{language}: {title}",
        "ms" if unit == "ms" else "ns",
        Contender("memwell Region", "memwell", worker, f"{verb}_memwell"),
        tuple(Contender(name, "peer", worker, f"{verb}_{work}") for work, name in peers.items()),
        rounds=30,
    )


COUNT_TITLE = "open a file of 16 MiB that is in memory, count its lines, close it"
PIECE_TITLE = "64 bytes at a random place of a file of 16 MiB that is open and in memory"

CONTESTS = [
    *map(whole, SIZES),
    *map(kept, SIZES),
    *map(pieces, ("4KiB", "16MiB", "1GiB")),
    cold(
        "C: open a file of 64 MiB that is on the disk only, add up all of it, close it",
        contender("memwell Region.file, advise sequential", "memwell", "cold_sequential"),
        contender("memwell Region.file", "memwell", "cold_map"),
        contender("memwell Region.file, populate", "memwell", "cold_populated"),
        contender("read, 64 KiB at once", "peer", "cold_read"),
    ),
    cold(
        "C: add up 64 bytes at a random place of a file of 64 MiB that is on the disk only",
        contender("memwell's mapping, advise random", "memwell", "cold_piece_map"),
        contender("pread, POSIX_FADV_RANDOM", "peer", "cold_piece_pread"),
        repetitions=200,
    ),
    *map(message, (64, 1024, 8192)),
    binding(
        "Python",
        "python:work_read",
        "count",
        COUNT_TITLE,
        "ms",
        {"string": "open().read().count", "chunks": "read, 64 KiB at once, count", "mmap": "mmap.readline"},
    ),
    binding(
        "Python",
        "python:work_read",
        "piece",
        PIECE_TITLE,
        "ns",
        {"pread": "os.pread", "mmap": "a slice of an mmap", "raw": "seek, read, unbuffered", "buffered": "seek, read"},
    ),
    binding(
        "Lua",
        "lua:work_read",
        "count",
        COUNT_TITLE,
        "ms",
        {"string": 'io.open():read "a", gsub', "chunks": "read, 64 KiB at once, gsub", "lines": "io.lines"},
    ),
    binding("Lua", "lua:work_read", "piece", PIECE_TITLE, "ns", {"io": "seek, read"}),
]
