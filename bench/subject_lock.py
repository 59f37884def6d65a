"""P6, P11, P12: the locks of a well, free and wanted by many, and what the death of a holder does.

SPDX-License-Identifier: MIT
"""

from contest import Contender, Contest


def ours(work: str, name: str = "memwell from C", worker: str = "c:lock_calls", waits: str = "") -> Contender:
    return Contender(name, "memwell", worker, work, waits=waits)


def peer(name: str, work: str, at_most: float | None = None, worker: str = "c:limit_lock", waits: str = "") -> Contender:
    return Contender(name, "peer", worker, work, at_most, waits=waits)


def boost(name: str, work: str) -> Contender:
    return peer(f"Boost {name}, in C++", work, worker="c++:boost_calls")


PEERS = (
    peer("a robust pthread mutex", "robust", 0.9),
    peer("System V with SEM_UNDO", "undo", 0.1),
    peer("a plain pthread mutex (not back after a death)", "plain"),
    peer("a POSIX semaphore (not back after a death)", "posix"),
)

PROCESSES = (1, 2, 4, 8, 16)
LOCKS = {"robust": "a robust pthread mutex", "posix": "a POSIX semaphore", "undo": "System V with SEM_UNDO"}

CROWD = "c:lock_contests"
FIRST_SPINS = "spins first"

WHY_MANY = """\
Alone, the lock's line stays in one processor's cache and a turn is two atomic operations. Where another processor wants it \
too, every look of a waiter takes the line away, though it looks ever more rarely; from two processes to sixteen there is \
little more."""


def contention(lock: str, title: str) -> Contest:
    """Turns of 8 processes, beside fewer and more, and beside the peers with 8. For so long that some lose their processor while
    they hold it."""
    alone = (
        Contender(f"memwell, {n} processes", "memwell", CROWD, f"{lock}_{n}", 1 / 0.7 if n < 8 else None, WHY_MANY, FIRST_SPINS)
        for n in PROCESSES
        if n != 8
    )
    peers = (peer(f"{text}, 8 processes", f"{other}_8", worker=CROWD, waits="sleeps") for other, text in LOCKS.items())
    return Contest(
        "P12",
        title,
        "ns",
        ours(f"{lock}_8", "memwell, 8 processes", CROWD, FIRST_SPINS),
        (*alone, *peers),
        slices=20,
        rounds=30,
    )


def burial(lock: str, title: str) -> Contest:
    never = {"posix": " (never: given up after 0.2 s)"}
    peers = (peer(text + never.get(other, ""), f"bury_{other}", worker=CROWD) for other, text in LOCKS.items())
    return Contest("P12", title, "ms", ours(f"bury_{lock}", worker=CROWD), tuple(peers), at_most=50e6, repetitions=2, rounds=30)


CONTESTS = [
    Contest(
        "P6",
        "C: acquire and release a mutex that is free",
        "ns",
        ours("turn_mutex"),
        (*PEERS, boost("interprocess_mutex", "turn_mutex")),
    ),
    Contest(
        "P6",
        "C: acquire and release a permit that is free",
        "ns",
        ours("turn_semaphore"),
        (*PEERS, boost("interprocess_semaphore", "turn_semaphore")),
    ),
    Contest("P6", "C: is the event set?", "ns", ours("is_set"), (Contender("one load", "limit", "c:limit_lock", "load"),)),
    Contest(
        "P11",
        "C: attach to a well beside 63 processes, and close it",
        "us",
        ours("attach_beside_others"),
        (Contender("alone", "memwell", "c:lock_calls", "attach_alone", 1.2),),
    ),
    contention("mutex", "C: one mutex, and 8 processes that want it"),
    contention("permits", "C: one permit, and 8 processes that want it"),
    burial("mutex", "C: kill -9 a holder, until its mutex is ours"),
    burial("permits", "C: kill -9 a holder, until its permit is ours"),
]
