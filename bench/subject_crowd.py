"""P12: a lock that 8 processes in Python or in Lua want, beside fewer and more of them, and beside the peers with 8.

From C it is in subject_lock.py.

SPDX-License-Identifier: MIT
"""

from contest import Contender, Contest

WORKER = "python:work_crowd"
PROCESSES = (1, 2, 4, 8, 16)
FIRST_SPINS, SLEEPS = "spins first", "sleeps"

MUTEX_PEERS = {
    "multiprocessing.Lock (not back after a death)": "multiprocessing_lock_8",
    "fcntl.lockf": "lockf_8",
    "sysv_ipc.Semaphore, undo": "undo_8",
}
PERMIT_PEERS = {
    "multiprocessing.Semaphore (not back after a death)": "multiprocessing_semaphore_8",
    "posix_ipc.Semaphore (not back after a death)": "posix_ipc_8",
    "sysv_ipc.Semaphore, undo": "undo_8",
}


def ours(work: str, processes: int) -> Contender:
    goal = 1 / 0.7 if processes < 8 else None
    return Contender(f"memwell, {processes} processes", "memwell", WORKER, f"{work}_{processes}", goal, waits=FIRST_SPINS)


def contest(language: str, lock: str, work: str, peers: dict[str, str]) -> Contest:
    where = "" if language == "Python" else " (Python)"
    return Contest(
        "P12",
        f"{language}: one {lock}, and 8 processes that want it",
        "ns",
        ours(work, 8),
        (
            *[ours(work, processes) for processes in PROCESSES if processes != 8],
            *[Contender(f"{name}, 8 processes{where}", "peer", WORKER, peer, waits=SLEEPS) for name, peer in peers.items()],
        ),
        slices=20,
        rounds=30,
    )


CONTESTS = [
    contest("Python", "mutex", "mutex", MUTEX_PEERS),
    contest("Python", "permit", "permits", PERMIT_PEERS),
    contest("Lua", "mutex", "lua_mutex", MUTEX_PEERS),
    contest("Lua", "permit", "lua_permits", PERMIT_PEERS),
]
