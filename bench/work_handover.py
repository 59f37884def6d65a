"""The worker in Python for handing over: numbers that numpy writes here and sums up in another process, in place by memwell or by
multiprocessing's shared memory or by iceoryx2, and copied by pipes and queues. The size in bytes is the second argument.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import contextlib
import importlib
import multiprocessing
import os
import sys
from collections.abc import Callable
from contextlib import ExitStack
from multiprocessing.shared_memory import SharedMemory
from time import perf_counter_ns
from typing import Any

import iceoryx
import rally
import toolchain
from contest import AbsentError
from rally import ForkedPartner, ProgramPartner, Stroke
from serve import Work, serve

from memwell import Region, Semaphore

NAME = f"memwell-bench-{os.getpid()}"
MOMENT = 1e-6  # seconds: long enough to look how many processors there are

try:
    numpy: Any = importlib.import_module("numpy")
    no_numpy = ""
except ImportError as problem:
    numpy = None
    no_numpy = str(problem)


class Payload:
    """The numbers, all the same and others each time; each process counts the trips for itself, from where it was forked."""

    def __init__(self, numbers: Any) -> None:
        self.numbers = numbers
        self.trip = 0

    def write(self) -> Any:
        self.trip += 1
        self.numbers.fill(self.trip)
        return self.numbers

    def read(self, numbers: Any) -> None:
        self.trip += 1
        if numbers.sum() != self.trip * len(numbers):
            raise ValueError("what came is not what was sent")


def handing_over(payload: Payload, send: Callable[[Any], object], hear: Stroke, receive: Callable[[], Any], tell: Stroke) -> Work:
    """`send` the numbers here and `hear` that they were read; `receive` them there and `tell` so."""

    def begin() -> None:
        send(payload.write())
        hear()

    def answer() -> None:
        payload.read(receive())
        tell()

    return rally.rally(begin, ForkedPartner(lambda: answer))


def in_place(numbers: Any, ping: Any, pong: Any) -> Work:
    def receive() -> Any:
        ping.acquire()
        return numbers

    return handing_over(Payload(numbers), lambda _: ping.release(), pong.acquire, receive, pong.release)


def by_pipe(numbers: Any) -> Work:
    ours, theirs = multiprocessing.Pipe()
    room = numpy.empty_like(numbers)

    def receive() -> Any:
        theirs.recv_bytes_into(room)
        return room

    return handing_over(Payload(numbers), ours.send_bytes, ours.recv_bytes, receive, lambda: theirs.send_bytes(b"x"))


def by_queue(numbers: Any) -> Work:
    ping: multiprocessing.Queue[Any] = multiprocessing.Queue()
    pong: multiprocessing.Queue[int] = multiprocessing.Queue()
    return handing_over(Payload(numbers), ping.put, pong.get, ping.get, lambda: pong.put(1))


def with_lua(stack: ExitStack, numbers: Any, region: Region, ping: Semaphore, pong: Semaphore) -> Work:
    names = [name for name in (region.name, ping.name, pong.name) if name]
    partner = ProgramPartner(toolchain.find_lua(), str(toolchain.BENCH / "partner_handover.lua"), *names)
    stack.callback(partner.stop)
    payload = Payload(numbers)

    def begin() -> None:
        payload.write()
        ping.release()
        pong.acquire()

    return rally.rally(begin, partner)


def with_iceoryx(stack: ExitStack, size: int, how: str) -> Work:
    """Each time in the memory of a sample that is loaned for it."""
    end, partner = stack.enter_context(iceoryx.end_and_partner(size, how))
    payload = Payload(None)

    def begin() -> None:
        sample = end.loan()
        payload.numbers = iceoryx.numbers_in(sample)
        payload.write()
        end.send(sample)
        end.receive()

    return rally.rally(begin, partner)


def passes(numbers: Any) -> Work:
    """Both in this process, and nothing handed over."""
    writer, reader = Payload(numbers), Payload(numbers)

    def work(n: int) -> int:
        begin = perf_counter_ns()
        for _ in range(n):
            reader.read(writer.write())
        return perf_counter_ns() - begin

    return work


def works_on(stack: ExitStack, size: int, lacking: dict[str, str]) -> dict[str, Work]:
    count = size // 8
    region = stack.enter_context(Region.create(f"{NAME}-payload", size, temporary=True))
    ping, pong = (
        stack.enter_context(contextlib.closing(Semaphore.create(f"{NAME}-{side}", temporary=True))) for side in ("ping", "pong")
    )
    ping.acquire(MOMENT)
    numbers = numpy.asarray(region.view("float64"))
    memory = SharedMemory(create=True, size=size)
    stack.callback(memory.unlink)
    theirs = numpy.frombuffer(memory.buf, count=count)
    memory.close = lambda: None  # type: ignore[method-assign]  # it cannot while numpy looks at it; the process ends, and it does
    semaphores = multiprocessing.Semaphore(0), multiprocessing.Semaphore(0)
    works = {
        "memwell": in_place(numbers, ping, pong),
        "shared_memory": in_place(theirs, *semaphores),
        "pipe": by_pipe(numpy.zeros(count)),
        "queue": by_queue(numpy.zeros(count)),
        "passes": passes(numpy.zeros(count)),
    }
    try:
        works["lua"] = with_lua(stack, numbers, region, ping, pong)
    except (AbsentError, OSError) as problem:
        lacking["lua"] = str(problem)
    for how in iceoryx.HOWS:
        try:
            works[f"iceoryx2_{how}"] = with_iceoryx(stack, size, how)
        except AbsentError as problem:
            lacking[f"iceoryx2_{how}"] = str(problem)
    return works


NAMES = ("memwell", "shared_memory", "pipe", "queue", "passes", "lua", *(f"iceoryx2_{how}" for how in iceoryx.HOWS))


def main() -> None:
    lacking: dict[str, str] = {}
    works: dict[str, Work] = {}
    with ExitStack() as stack:
        lack = no_numpy or rally.lacking()
        try:
            works = {} if lack else works_on(stack, int(sys.argv[2]), lacking)
        except (OSError, MemoryError) as problem:
            lack = str(problem)
        serve(works, dict.fromkeys(NAMES, lack) if lack else lacking)


if __name__ == "__main__":
    main()
