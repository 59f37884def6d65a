"""The names of a job, and the end of those that a killed job left behind.

A coordinator creates JOB.board before every other name, holds a lock on it as long as it lives (the kernel frees it, whatever the
death), and takes its name away last. So a board without its lock means a dead job, and no board means no names.
"""

# SPDX-License-Identifier: MIT
import errno
import fcntl
import os
import secrets

from memwell import Region, Semaphore

PREFIX = "memwell-pipeline."
BOARD = ".board"
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


def sweep() -> int:
    """Remove what dead jobs of this user left, and say how many names that were. Jobs that live are not touched."""
    removed = 0
    for name in _names():
        if name.startswith(PREFIX) and name.endswith(BOARD):
            removed += _sweep_job(name.removesuffix(BOARD))
    return removed


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
