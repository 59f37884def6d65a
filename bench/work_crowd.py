"""The worker in Python for a lock that 1 to 16 processes want: memwell's, in Python and in Lua, beside multiprocessing's and
posix_ipc's, the kernel's locks of files, and System V's semaphores that are undone.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import fcntl
import importlib
import multiprocessing
import os
import tempfile
from contextlib import ExitStack
from functools import partial
from typing import Any

import toolchain
from contest import AbsentError
from crowd import ForkedMember, Member, Place, ProgramMember, Turn, contend
from serve import Work, serve

from memwell import Well

NAME = f"memwell-bench-{os.getpid()}-crowd"
PROCESSES = (1, 2, 4, 8, 16)
PEERS_PROCESSES = 8


def in_python(place: Place, take: Turn, give: Turn, processes: int) -> Work:
    return partial(contend, place, [ForkedMember(place, take, give) for _ in range(processes)])


class InLua:
    """Members in Lua, of whom each is started when it is first needed."""

    def __init__(self, place: Place, lock: str, stack: ExitStack) -> None:
        self.place, self.lock, self.stack = place, lock, stack
        self.command = (toolchain.find_lua(), str(toolchain.BENCH / "partner_crowd.lua"))
        toolchain.lua_modules()
        self.members: list[Member] = []

    def work(self, processes: int) -> Work:
        def run(n: int) -> str:
            while len(self.members) < processes:
                member = ProgramMember(*self.command, NAME, self.lock)
                self.stack.callback(member.stop)
                self.members.append(member)
            return contend(self.place, self.members[:processes], n)

        return run


def lua_works(place: Place, stack: ExitStack) -> dict[str, Work]:
    crowds = {lock: InLua(place, lock, stack) for lock in ("mutex", "permits")}
    return {f"lua_{lock}_{count}": crowd.work(count) for lock, crowd in crowds.items() for count in PROCESSES}


def peers(stack: ExitStack, lacking: dict[str, str]) -> dict[str, tuple[Turn, Turn]]:
    """What takes each lock, and what gives it back. A lock that a child may not inherit is opened by each for itself."""
    lock, semaphore = multiprocessing.Lock(), multiprocessing.Semaphore(1)
    found: dict[str, tuple[Turn, Turn]] = {
        "multiprocessing_lock": (lock.acquire, lock.release),
        "multiprocessing_semaphore": (semaphore.acquire, semaphore.release),
    }
    file = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 (the stack closes it)
    found["lockf"] = (partial(fcntl.lockf, file, fcntl.LOCK_EX), partial(fcntl.lockf, file, fcntl.LOCK_UN))
    try:
        posix_ipc: Any = importlib.import_module("posix_ipc")
        posix = posix_ipc.Semaphore(f"/{NAME}", posix_ipc.O_CREX, initial_value=1)
        stack.callback(posix.unlink)
        found["posix_ipc"] = (posix.acquire, posix.release)
    except ImportError as problem:
        lacking[f"posix_ipc_{PEERS_PROCESSES}"] = str(problem)
    try:
        sysv_ipc: Any = importlib.import_module("sysv_ipc")
        undone = sysv_ipc.Semaphore(None, sysv_ipc.IPC_CREX, initial_value=1)
        stack.callback(undone.remove)
        undone.undo = True
        found["undo"] = (undone.acquire, undone.release)
    except ImportError as problem:
        lacking[f"undo_{PEERS_PROCESSES}"] = str(problem)
    return found


def main() -> None:
    lacking: dict[str, str] = {}
    with ExitStack() as stack:
        well = stack.enter_context(Well.create(NAME, 65536, temporary=True))
        place, mutex, permits = Place.within(well), well.mutex("mutex"), well.semaphore("permits", 1)
        works = {f"mutex_{count}": in_python(place, mutex.acquire, mutex.release, count) for count in PROCESSES}
        works |= {f"permits_{count}": in_python(place, permits.acquire, permits.release, count) for count in PROCESSES}
        for name, (take, give) in peers(stack, lacking).items():
            works[f"{name}_{PEERS_PROCESSES}"] = in_python(place, take, give, PEERS_PROCESSES)
        try:
            works |= lua_works(place, stack)
        except AbsentError as problem:
            lacking |= {f"lua_{lock}_{count}": str(problem) for lock in ("mutex", "permits") for count in PROCESSES}
        serve(works, lacking)


if __name__ == "__main__":
    main()
