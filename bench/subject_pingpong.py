"""P7: ping-pong of two processes, there and back. Nothing is handed over but the turn.

Where it spins each side has a processor of its own; where it sleeps, both have one between them, or one each. bench/rally.h says
how it goes.

SPDX-License-Identifier: MIT
"""

from dataclasses import replace

from contest import Contender, Contest

SPINS, SLEEPS, FIRST_SPINS = "spins", "sleeps", "spins first"
APART, ASLEEP, ONE_CPU = "apart", "asleep", "one-cpu"


def ours(work: str, name: str, place: str, waits: str) -> Contender:
    return Contender(name, "memwell", f"c:pingpong_calls {place}", work, waits=waits)


def bare(name: str, work: str, place: str, waits: str, at_most: float | None = None, why: str = "") -> Contender:
    return Contender(name, "limit", f"c:limit_pingpong {place}", work, at_most, why, waits)


def in_c(place: str) -> tuple[Contender, ...]:
    """What the kernel and libc have."""
    peers = {
        "POSIX semaphore, in C": "posix",
        "pipe, in C": "pipe",
        "Unix socket, in C": "socket",
        "eventfd, in C": "eventfd",
        "POSIX message queue, in C": "mq",
        "System V message queue, in C": "msg",
    }
    return tuple(Contender(name, "peer", f"c:limit_pingpong {place}", work, waits=SLEEPS) for name, work in peers.items())


def in_python(place: str, goal: float | None = None) -> tuple[Contender, ...]:
    peers = {
        "multiprocessing.Pipe": "pipe",
        "multiprocessing.Semaphore": "multiprocessing",
        "multiprocessing.SimpleQueue": "queue",
        "pyzmq, ipc": "zmq",
        "iceoryx2, a loaned sample and an event": "iceoryx2_woken",
    }
    worker = f"python:work_pingpong {place}"
    return tuple(
        Contender(name, "peer", worker, work, goal if work == "pipe" else None, "", SLEEPS) for name, work in peers.items()
    )


def spinning(at_most: float | None = None, why: str = "") -> Contender:
    return bare("bare spinning", "spinning", APART, SPINS, at_most, why)


def futex(place: str, at_most: float | None = None) -> Contender:
    return bare("bare futex", "futex", place, SLEEPS, at_most)


SEMAPHORE = ours("semaphore", "memwell Semaphore", APART, FIRST_SPINS)
EVENT = ours("event", "memwell Event", APART, FIRST_SPINS)
VIEW = ours("view", "memwell View.wait and wake", APART, FIRST_SPINS)
WAKING = bare("bare spinning and a futex_wake each time", "waking", APART, SPINS, 1.5)
POLLED = Contender(
    "iceoryx2, a loaned sample that is polled for", "peer", f"python:work_pingpong {APART}", "iceoryx2_polled", waits=SPINS
)
WITH_LUA = Contender(
    "memwell Semaphore, Python and Lua", "memwell", f"python:work_pingpong {APART}", "lua_memwell", waits=FIRST_SPINS
)
IN_PYTHON = Contender(
    "memwell Semaphore, twice Python", "memwell", f"python:work_pingpong {APART}", "python_memwell", waits=FIRST_SPINS
)


def spins(title: str, our: Contender, rivals: tuple[Contender, ...], repetitions: int = 5_000) -> Contest:
    return Contest("P7", title, "us", our, rivals, repetitions=repetitions, rounds=30)


def sleeps(title: str, our: Contender, place: str, goal: float | None = None) -> Contest:
    """In C; so few trips where a sleeper on another processor has to be woken, because each takes so long."""
    worker = f"c:pingpong_calls {place}"
    others = tuple(replace(other, worker=worker, waits=SLEEPS) for other in (SEMAPHORE, EVENT, VIEW) if other != our)
    rivals = (futex(place, goal), *others, *in_c(place))
    repetitions = 5_000 if place == ONE_CPU else 500
    return Contest("P7", title, "us", replace(our, worker=worker, waits=SLEEPS), rivals, repetitions=repetitions, rounds=20)


CONTESTS = [
    spins("C and C: ping-pong by semaphores", SEMAPHORE, (spinning(1.5), futex(APART), *in_c(APART)), 1_000),
    spins("C and C: ping-pong by events", EVENT, (spinning(1.5),)),
    spins("C and C: ping-pong by an element that is waited for", VIEW, (WAKING, spinning())),
    sleeps("C and C: ping-pong by semaphores, asleep, on one processor", SEMAPHORE, ONE_CPU, 1.3),
    sleeps("C and C: ping-pong by events, asleep, on one processor", EVENT, ONE_CPU, 1.3),
    sleeps("C and C: ping-pong by semaphores, asleep, on two processors", SEMAPHORE, ASLEEP),
    Contest(
        "P7",
        "Python and Lua: ping-pong by semaphores",
        "us",
        WITH_LUA,
        (spinning(), IN_PYTHON, *in_python(APART, 0.05), POLLED, *in_c(APART)),
        repetitions=500,
        rounds=20,
    ),
    Contest(
        "P7",
        "Python and Lua: ping-pong by semaphores, asleep, on one processor",
        "us",
        replace(WITH_LUA, worker=f"python:work_pingpong {ONE_CPU}", waits=SLEEPS),
        (
            futex(ONE_CPU),
            replace(IN_PYTHON, worker=f"python:work_pingpong {ONE_CPU}", waits=SLEEPS),
            *in_python(ONE_CPU),
            *in_c(ONE_CPU),
        ),
        repetitions=500,
        rounds=20,
    ),
]
