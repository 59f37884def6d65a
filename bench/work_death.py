"""The experiments of death.py in Python: what others see of a process that is killed. One is named by the argument; it prints its
verdict and what it saw as JSON.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import fcntl
import importlib
import json
import mmap
import multiprocessing
import os
import queue
import random
import select
import signal
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path
from typing import Any, NoReturn

from memwell import OwnerDiedError, Region, Semaphore, Well

NAME = f"memwell-bench-{os.getpid()}"
PATIENCE = 3.0  # seconds until somebody hangs
KILLS = 100
LONGEST = 0.003  # seconds until a process is killed that is killed anywhere

Act = Callable[[Callable[[], object]], object]
"""What is done by who is killed; it calls its argument where that is to happen."""

Seen = tuple[str, str]
"""A verdict, and what was seen."""


# Killing, and going on ----------------------------------------------------------------------------------------------------------


def forever() -> NoReturn:
    while True:
        signal.pause()


def forked(act: Act) -> tuple[int, Callable[[], None]]:
    """A child that does `act`, and what waits until it has come to the place."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            act(lambda: os.write(writer, b"x"))
            forever()
        finally:
            os._exit(1)
    os.close(writer)

    def there() -> None:
        if os.read(reader, 1) != b"x":
            raise RuntimeError("who was to be killed ended before")
        os.close(reader)

    return pid, there


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def killed_there(act: Act) -> None:
    """`act`, killed where it says so: it says so, and pauses."""

    def stop(say: Callable[[], object]) -> Callable[[], object]:
        def here() -> NoReturn:
            say()
            forever()

        return here

    pid, there = forked(lambda say: act(stop(say)))
    there()
    kill(pid)


def killed_asleep(act: Act) -> None:
    """`act`, killed in the call after it said so, as soon as it sleeps there."""
    pid, there = forked(act)
    there()
    while Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "S":
        time.sleep(0.001)
    time.sleep(0.05)
    kill(pid)


def killed_anywhere(act: Callable[[], object]) -> None:
    """`act`, over and over, killed wherever it is."""

    def endless(say: Callable[[], object]) -> NoReturn:
        say()
        while True:
            act()

    pid, there = forked(endless)
    there()
    time.sleep(random.uniform(0, LONGEST))
    kill(pid)


def attempt(act: Callable[[], Seen]) -> Seen:
    """What another process sees that does `act` next."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            try:
                seen = act()
            except Exception as problem:
                seen = "loses", f"{type(problem).__name__}: {problem}"
            os.write(writer, json.dumps(seen).encode())
        finally:
            os._exit(0)
    os.close(writer)
    answered = bool(select.select([reader], [], [], PATIENCE)[0])
    text = os.read(reader, 65536) if answered else b""
    os.close(reader)
    if answered:
        os.waitpid(pid, 0)
    else:
        kill(pid)
    if not text:
        return "hangs", f"who comes next waits for ever (given up after {PATIENCE:g} s)"
    verdict, seen = json.loads(text)
    return verdict, seen


# A lock that guards something ---------------------------------------------------------------------------------------------------


class Pair:
    """Two numbers that are the same, while nobody has the lock."""

    def __init__(self) -> None:
        self.memory = mmap.mmap(-1, mmap.PAGESIZE)

    def get(self) -> tuple[int, int]:
        first, second = struct.unpack_from("qq", self.memory)
        return first, second

    def put(self, first: int, second: int) -> None:
        struct.pack_into("qq", self.memory, 0, first, second)

    def change(self, between: Callable[[], object] = lambda: None) -> None:
        first, second = self.get()
        self.put(first + 1, second)
        between()
        self.put(first + 1, second + 1)

    def is_whole(self) -> bool:
        first, second = self.get()
        return first == second

    def mend(self) -> None:
        first, _ = self.get()
        self.put(first, first)


def guarding(acquire: Callable[[], object], release: Callable[[], object], pair: Pair, told: list[bool]) -> Seen:
    """Killed while it holds the lock, between two writes. `told` is filled in by an acquire that tells of the death."""

    def half_way(here: Callable[[], object]) -> None:
        acquire()
        pair.change(here)
        release()

    def next_one() -> Seen:
        acquire()
        if told:
            return "recovers", "who comes next is told, mends what is half written, and goes on"
        if not pair.is_whole():
            return "loses", "the lock comes back, and nobody is told that what it guards is half written"
        return "recovers", "the lock comes back"

    killed_there(half_way)
    return attempt(next_one)


def guarding_quietly(acquire: Callable[[], object], release: Callable[[], object]) -> Seen:
    return guarding(acquire, release, Pair(), [])


def well() -> Well:
    return Well.create(NAME, 1 << 20, temporary=True)


def memwell_mutex_recover() -> Seen:
    pair, told = Pair(), list[bool]()

    def mend() -> None:
        pair.mend()
        told.append(True)

    with well() as place:
        mutex = place.mutex("mutex", recover=mend)
        return guarding(mutex.acquire, mutex.release, pair, told)


def memwell_mutex() -> Seen:
    pair, told = Pair(), list[bool]()
    with well() as place:
        mutex = place.mutex("mutex")

        def acquire() -> None:
            try:
                mutex.acquire()
            except OwnerDiedError:
                with mutex.recovering():
                    pair.mend()
                told.append(True)
                mutex.acquire()

        return guarding(acquire, mutex.release, pair, told)


def multiprocessing_lock() -> Seen:
    lock = multiprocessing.Lock()
    return guarding_quietly(lock.acquire, lock.release)


def file_lock() -> Seen:
    with tempfile.NamedTemporaryFile() as file:

        def acquire() -> None:
            fcntl.lockf(file, fcntl.LOCK_EX)

        return guarding_quietly(acquire, lambda: fcntl.lockf(file, fcntl.LOCK_UN))


def ultradict_lock() -> Seen:
    with ExitStack() as stack:
        shared = ultradict(stack)
        return guarding_quietly(shared.lock.acquire, shared.lock.release)


def ultradict(stack: ExitStack) -> Any:
    shared = importlib.import_module("UltraDict").UltraDict({"count": 0}, name=NAME, create=True, shared_lock=True)
    stack.callback(shared.close, unlink=True)
    return shared


# A permit -----------------------------------------------------------------------------------------------------------------------


def permit(acquire: Callable[[], object]) -> Seen:
    """Killed while it has the only permit."""

    def hold(here: Callable[[], object]) -> None:
        acquire()
        here()

    def next_one() -> Seen:
        acquire()
        return "recovers", "the permit comes back"

    killed_there(hold)
    return attempt(next_one)


def memwell_permit() -> Seen:
    with well() as place:
        return permit(place.semaphore("permits", 1).acquire)


def memwell_semaphore() -> Seen:
    with Semaphore.create(f"{NAME}-semaphore", 2, temporary=True) as semaphore:  # one is acquired by `with`
        return permit(semaphore.acquire)


def multiprocessing_semaphore() -> Seen:
    return permit(multiprocessing.Semaphore(1).acquire)


def posix_ipc_semaphore() -> Seen:
    posix_ipc = importlib.import_module("posix_ipc")
    semaphore = posix_ipc.Semaphore(f"/{NAME}-posix", posix_ipc.O_CREX, initial_value=1)
    semaphore.unlink()
    return permit(semaphore.acquire)


def sysv_semaphore(undo: bool) -> Seen:
    sysv_ipc = importlib.import_module("sysv_ipc")
    semaphore = sysv_ipc.Semaphore(None, sysv_ipc.IPC_CREX, initial_value=1)
    semaphore.undo = undo
    try:
        return permit(semaphore.acquire)
    finally:
        semaphore.remove()


# Somebody who waits -------------------------------------------------------------------------------------------------------------


def waiting(wait: Callable[[], object], next_one: Callable[[], Seen]) -> Seen:
    def act(here: Callable[[], object]) -> None:
        here()
        wait()

    killed_asleep(act)
    return attempt(next_one)


def memwell_event() -> Seen:
    with well() as place:
        event = place.event("event")

        def next_one() -> Seen:
            event.set()
            event.wait()
            return "recovers", "set wakes the others and returns"

        return waiting(event.wait, next_one)


def multiprocessing_event() -> Seen:
    event = multiprocessing.Event()

    def next_one() -> Seen:
        event.set()
        event.wait()
        return "recovers", "set wakes the others and returns"

    return waiting(event.wait, next_one)


def acquired_by_others(acquire: Callable[[], object], release: Callable[[], object]) -> Seen:
    """One waits for a unit and is killed; then one comes."""

    def next_one() -> Seen:
        release()
        acquire()
        return "recovers", "the next unit goes to who is alive"

    return waiting(acquire, next_one)


def memwell_semaphore_waiter() -> Seen:
    with Semaphore.create(f"{NAME}-semaphore", 1, temporary=True) as semaphore:
        return acquired_by_others(semaphore.acquire, semaphore.release)


def multiprocessing_semaphore_waiter() -> Seen:
    semaphore = multiprocessing.Semaphore(0)
    return acquired_by_others(semaphore.acquire, semaphore.release)


def multiprocessing_queue_reader() -> Seen:
    messages: multiprocessing.Queue[str] = multiprocessing.Queue()

    def next_one() -> Seen:
        messages.put("one")
        try:
            messages.get(timeout=PATIENCE / 2)
        except queue.Empty:
            return "hangs", "the dead reader keeps the readers' lock: get never returns, or says Empty of a queue that is not"
        return "recovers", "the next message goes to who is alive"

    return waiting(messages.get, next_one)


# In the middle of writing -------------------------------------------------------------------------------------------------------


def half_a_message(
    send: Callable[[bytes], object], receive: Callable[[], object], afterwards: Callable[[], object] = lambda: None
) -> Seen:
    """A message too large for any buffer, so that its sender sleeps in the middle of it."""

    def next_one() -> Seen:
        try:
            receive()
        except (EOFError, OSError) as problem:
            return "recovers", f"the message is lost, and the receiver is told ({type(problem).__name__})"
        return "loses", "half a message came as if it were one"

    def act(here: Callable[[], object]) -> None:
        here()
        send(bytes(1 << 22))
        time.sleep(PATIENCE)  # a queue's thread is the one that sleeps

    killed_asleep(act)
    afterwards()
    return attempt(next_one)


def multiprocessing_pipe_sender() -> Seen:
    """Each side closes the other's end; who forgets that waits for ever."""
    ours, theirs = multiprocessing.Pipe()

    def send(message: bytes) -> None:
        ours.close()
        theirs.send_bytes(message)

    return half_a_message(send, ours.recv_bytes, theirs.close)


def multiprocessing_queue_sender() -> Seen:
    messages: multiprocessing.Queue[bytes] = multiprocessing.Queue()
    return half_a_message(messages.put, messages.get)


def memwell_region_writer() -> Seen:
    pair = Pair()
    killed_there(pair.change)
    if pair.is_whole():
        return "recovers", "all is written"
    return "loses", "half of it is new, and nobody is told: memory alone has nothing that could tell"


# Only attached ------------------------------------------------------------------------------------------------------------------

ATTACHED = """
import sys
{how}
print("attached", flush=True)
sys.stdin.read()
"""


def attached(how: str, next_one: Callable[[], Seen]) -> Seen:
    """A process that is nobody's child here attaches, and is killed."""
    program = [sys.executable, "-c", ATTACHED.format(how=how)]
    process = subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert process.stdout
    if process.stdout.readline() != "attached\n":
        raise RuntimeError("nobody attached")
    process.kill()
    process.communicate()  # also until its resource tracker, which has its descriptors, has ended
    return attempt(next_one)


def multiprocessing_shared_memory() -> Seen:
    memory = SharedMemory(create=True, size=4096, name=NAME)

    def next_one() -> Seen:
        try:
            SharedMemory(NAME)
        except FileNotFoundError:
            return "loses", "the dead one's resource tracker has removed the name under those who use the memory"
        return "recovers", "the memory is there"

    try:
        return attached(f"from multiprocessing.shared_memory import SharedMemory; m = SharedMemory({NAME!r})", next_one)
    finally:
        memory.close()


def memwell_region() -> Seen:
    with Region.create(NAME, 4096, temporary=True):

        def next_one() -> Seen:
            with Region.attach(NAME):
                return "recovers", "the memory is there"

        return attached(f"from memwell import Region; r = Region.attach({NAME!r})", next_one)


def memwell_well_attached() -> Seen:
    """So many die that the table of processes would be full long ago if their places did not come back."""
    with well() as place:
        most = 2 * 64
        for _ in range(most):
            killed_there(lambda here: (place.event("event").is_set(), here()))

        def next_one() -> Seen:
            place.event("event").set()
            return "recovers", f"{most} attached and were killed, and the next one finds a place"

        return attempt(next_one)


# Anywhere -----------------------------------------------------------------------------------------------------------------------


def anywhere(act: Callable[[], object], next_one: Callable[[], Seen]) -> Seen:
    """Until somebody is worse off for it, or so often."""
    told = 0
    for kills in range(1, KILLS + 1):
        killed_anywhere(act)
        verdict, seen = attempt(next_one)
        if verdict != "recovers":
            return verdict, f"at kill {kills} of {KILLS}: {seen}"
        told += seen == "told"
    return "recovers", f"{KILLS} kills, nothing lost" + (f"; {told} of them inside the lock, and told" if told else "")


def memwell_well_anywhere() -> Seen:
    """Attaching, making an array, changing what a mutex guards, deleting, closing."""
    Well.create(NAME, 1 << 20).close()
    pair = Pair()

    def act() -> None:
        with Well.attach(NAME) as place:
            place.array("array", "int64", 100)
            with place.mutex("mutex"):
                pair.change()
            place.delete("array")

    def next_one() -> Seen:
        with Well.attach(NAME) as place:
            mutex = place.mutex("mutex")
            told = False
            try:
                mutex.acquire()
            except OwnerDiedError:
                told = True
                with mutex.recovering():
                    pair.mend()
                mutex.acquire()
            if not pair.is_whole():
                return "loses", "half written, and nobody was told"
            mutex.release()
            place.check()
            place.array("array", "int64", 100)
            place.delete("array")
            return "recovers", "told" if told else ""

    try:
        return anywhere(act, next_one)
    finally:
        Well.unlink(NAME)


def guarded_anywhere(acquire: Callable[[], object], release: Callable[[], object]) -> Seen:
    pair = Pair()

    def act() -> None:
        acquire()
        pair.change()
        release()

    def next_one() -> Seen:
        acquire()
        if not pair.is_whole():
            return "loses", "half written, and nobody was told"
        release()
        return "recovers", ""

    return anywhere(act, next_one)


def multiprocessing_lock_anywhere() -> Seen:
    lock = multiprocessing.Lock()
    return guarded_anywhere(lock.acquire, lock.release)


def file_lock_anywhere() -> Seen:
    with tempfile.NamedTemporaryFile() as file:
        return guarded_anywhere(lambda: fcntl.lockf(file, fcntl.LOCK_EX), lambda: fcntl.lockf(file, fcntl.LOCK_UN))


def multiprocessing_queue_anywhere() -> Seen:
    messages: multiprocessing.Queue[bytes] = multiprocessing.Queue()

    def act() -> None:
        messages.put(bytes(1000))
        messages.get()

    def next_one() -> Seen:
        messages.put(b"last")
        try:
            messages.get(timeout=PATIENCE / 2)
        except queue.Empty:
            return "hangs", "get never returns, or says Empty of a queue that is not"
        messages.close()
        messages.join_thread()
        return "recovers", ""

    return anywhere(act, next_one)


def ultradict_anywhere() -> Seen:
    with ExitStack() as stack:
        shared = ultradict(stack)

        def act() -> None:
            with shared.lock:
                shared["count"] += 1

        def next_one() -> Seen:
            with shared.lock:
                shared["count"] += 1
            return "recovers", ""

        return anywhere(act, next_one)


EXPERIMENTS: dict[str, Callable[[], Seen]] = {
    "memwell_mutex": memwell_mutex,
    "memwell_mutex_recover": memwell_mutex_recover,
    "multiprocessing_lock": multiprocessing_lock,
    "file_lock": file_lock,
    "ultradict_lock": ultradict_lock,
    "memwell_permit": memwell_permit,
    "memwell_semaphore": memwell_semaphore,
    "multiprocessing_semaphore": multiprocessing_semaphore,
    "posix_ipc_semaphore": posix_ipc_semaphore,
    "sysv_ipc_undo": lambda: sysv_semaphore(True),
    "sysv_ipc": lambda: sysv_semaphore(False),
    "memwell_event": memwell_event,
    "multiprocessing_event": multiprocessing_event,
    "memwell_semaphore_waiter": memwell_semaphore_waiter,
    "multiprocessing_semaphore_waiter": multiprocessing_semaphore_waiter,
    "multiprocessing_queue_reader": multiprocessing_queue_reader,
    "multiprocessing_pipe_sender": multiprocessing_pipe_sender,
    "multiprocessing_queue_sender": multiprocessing_queue_sender,
    "memwell_region_writer": memwell_region_writer,
    "multiprocessing_shared_memory": multiprocessing_shared_memory,
    "memwell_region": memwell_region,
    "memwell_well_attached": memwell_well_attached,
    "memwell_well_anywhere": memwell_well_anywhere,
    "multiprocessing_lock_anywhere": multiprocessing_lock_anywhere,
    "file_lock_anywhere": file_lock_anywhere,
    "multiprocessing_queue_anywhere": multiprocessing_queue_anywhere,
    "ultradict_anywhere": ultradict_anywhere,
}


def main() -> None:
    try:
        verdict, seen = EXPERIMENTS[sys.argv[1]]()
    except ImportError as problem:
        print(json.dumps({"absent": str(problem)}), flush=True)
    else:
        print(json.dumps({"verdict": verdict, "seen": seen}), flush=True)


if __name__ == "__main__":
    main()
