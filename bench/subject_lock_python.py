"""P5, P6: the locks of a well that nobody else wants, from Python, and an event. Nobody waits, so no wait mode plays a part.

SPDX-License-Identifier: MIT
"""

from contest import Contender, Contest

WORKER = "python:work_lock"
SEMAPHORES = "python:work_semaphore"
NOT_BACK = "(not back after a death)"


def ours(name: str, work: str) -> Contender:
    return Contender(name, "memwell", WORKER, work)


def core(work: str) -> Contender:
    return Contender("memwell's core from C", "memwell in C", "c:lock_calls", work)


def peer(name: str, work: str, at_most: float | None = None, worker: str = WORKER) -> Contender:
    return Contender(name, "peer", worker, work, at_most)


def robust() -> Contender:
    return Contender("a robust pthread mutex, in C", "limit", "c:limit_lock", "robust")


def turns(verb: str, statement: str) -> list[Contest]:
    """Of a mutex and of a permit; the verb is what the works begin with."""
    return [
        Contest(
            "P6",
            f"Python: {statement.replace('x', 'mutex')}",
            "ns",
            ours("memwell Mutex", f"{verb}_mutex"),
            (
                robust(),
                core("turn_mutex"),
                peer(f"multiprocessing.Lock {NOT_BACK}", f"{verb}_lock", worker=SEMAPHORES),
                peer("sysv_ipc.Semaphore, undo", f"{verb}_undo"),
                *([peer("fcntl.flock", "pair_flock")] if verb == "pair" else []),
                peer("threading.Semaphore (one process only)", f"{verb}_threading", worker=SEMAPHORES),
            ),
        ),
        Contest(
            "P6",
            f"Python: {statement.replace('x', 'permit')}",
            "ns",
            ours("memwell RobustSemaphore", f"{verb}_permits"),
            (
                robust(),
                core("turn_semaphore"),
                peer(f"multiprocessing.Semaphore {NOT_BACK}", f"{verb}_multiprocessing", worker=SEMAPHORES),
                peer(f"posix_ipc.Semaphore {NOT_BACK}", f"{verb}_posix_ipc", worker=SEMAPHORES),
                peer("sysv_ipc.Semaphore, undo", f"{verb}_undo"),
            ),
        ),
    ]


CONTESTS = [
    *turns("pair", "x.acquire(); x.release()"),
    *turns("with", "with x: pass"),
    Contest(
        "P5",
        "Python: event.is_set()",
        "ns",
        ours("memwell Event", "is_set_memwell"),
        (
            Contender("one load, in C", "limit", "c:limit_lock", "load"),
            core("is_set"),
            peer("multiprocessing.Event", "is_set_multiprocessing", 0.1),
            peer("threading.Event (one process only)", "is_set_threading"),
        ),
    ),
]
