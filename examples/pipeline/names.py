"""The names of a job, and the end of those that a killed job left behind.

A coordinator creates JOB.board before every other name, holds a lock on it as long as it lives (the kernel frees it, whatever the
death), and takes its name away last. So a board without its lock means a dead job, and no board means no names. A job in a well has
one name, JOB.well, and its coordinator holds the mutex "claim" in it, which is inconsistent after its death.
"""

# SPDX-License-Identifier: MIT
import errno
import fcntl
import os
import secrets
from contextlib import suppress

from memwell import Mutex, OwnerDiedError, Region, Semaphore, Well

PREFIX = "memwell-pipeline."
BOARD = ".board"
WELL = ".well"
FOLDER = "/dev/shm"  # where Linux keeps shared memory: a region under its name, a semaphore under "sem." and its name


def claim(size: int) -> tuple[str, Region]:
    """A new job's name, and its board, locked."""
    while True:
        job = f"{PREFIX}{os.getpid()}.{secrets.token_hex(4)}"
        board = Region.create(job + BOARD, size, temporary=True)
        fcntl.flock(board.fileno(), fcntl.LOCK_EX)
        if os.fstat(board.fileno()).st_nlink > 0:
            return job, board
        board.close()  # a sweep came between the two calls and took the board for a dead one's


def claim_well(size: int, *, slots: int, objects: int) -> tuple[str, Well, Mutex]:
    """A new job's name, its well, and the mutex that says that somebody is at work here."""
    while True:
        job = f"{PREFIX}{os.getpid()}.{secrets.token_hex(4)}"
        well = Well.create(job + WELL, size, temporary=True, slots=slots, objects=objects)
        claimed = well.mutex("claim")
        claimed.acquire()
        if os.path.exists(os.path.join(FOLDER, job + WELL)):
            return job, well, claimed
        claimed.release()  # a sweep came between
        well.close()


def sweep() -> int:
    """Remove what dead jobs of this user left, and say how many names that were. Jobs that live are not touched."""
    removed = 0
    for name in _names():
        if name.startswith(PREFIX) and name.endswith(BOARD):
            removed += _sweep_job(name.removesuffix(BOARD))
        elif name.startswith(PREFIX) and name.endswith(WELL):
            removed += _sweep_well(name)
    return removed


def _sweep_well(name: str) -> int:
    try:
        well = Well.attach(name)
    except (OSError, ValueError, MemoryError):
        return 0  # somebody else's, or gone meanwhile, or full of those who work in it
    with well:
        claimed = well.mutex("claim")
        try:
            if not claimed.acquire(timeout=0):
                return 0
        except OwnerDiedError:
            Well.unlink(name, missing_ok=True)
            return 1
        with suppress(FileNotFoundError):
            Well.unlink(name)  # made, and its coordinator dead before it had claimed it
        claimed.release()
        return 1


def _sweep_job(job: str) -> int:
    try:
        board = Region.attach(job + BOARD)
    except (OSError, ValueError):
        return 0  # somebody else's, or gone meanwhile
    with board:
        try:
            fcntl.flock(board.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
                return 0
            raise
        return _remove(job)


def _remove(job: str) -> int:
    """Remove every name of a job, the board last."""
    names = sorted((name for name in _names() if name.removeprefix("sem.").startswith(job + ".")), key=(job + BOARD).__eq__)
    for name in names:
        if name.startswith("sem."):
            Semaphore.unlink(name.removeprefix("sem."), missing_ok=True)
        else:
            Region.unlink(name, missing_ok=True)
    return len(names)


def _names() -> list[str]:
    try:
        return os.listdir(FOLDER)
    except OSError:
        return []
