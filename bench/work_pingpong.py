"""The worker in Python for ping-pong with another process: one in Lua by memwell's semaphores, and a second one in Python by those,
by multiprocessing's and by messages.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import contextlib
import importlib
import multiprocessing
import os
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import iceoryx
import rally
import toolchain
from contest import AbsentError
from rally import ForkedPartner, ProgramPartner, Stroke
from serve import Work, serve

from memwell import Semaphore

NAME = f"memwell-bench-{os.getpid()}"
MOMENT = 1e-6  # seconds: long enough to look how many processors there are


def by_semaphores(ping: Any, pong: Any) -> tuple[Stroke, Callable[[], Stroke]]:
    """The strokes of side 0, and what makes those of side 1."""
    await_ping, pass_ping, await_pong, pass_pong = ping.acquire, ping.release, pong.acquire, pong.release

    def begin() -> None:
        pass_ping()
        await_pong()

    def answer() -> None:
        await_ping()
        pass_pong()

    return begin, lambda: answer


def by_pipe() -> tuple[Stroke, Callable[[], Stroke]]:
    ours, theirs = multiprocessing.Pipe()

    def begin() -> None:
        ours.send_bytes(b"x")
        ours.recv_bytes()

    def answer() -> None:
        theirs.recv_bytes()
        theirs.send_bytes(b"x")

    return begin, lambda: answer


def by_queues() -> tuple[Stroke, Callable[[], Stroke]]:
    ping: multiprocessing.SimpleQueue[int] = multiprocessing.SimpleQueue()
    pong: multiprocessing.SimpleQueue[int] = multiprocessing.SimpleQueue()

    def begin() -> None:
        ping.put(1)
        pong.get()

    def answer() -> None:
        ping.get()
        pong.put(1)

    return begin, lambda: answer


class ZmqPartner(ForkedPartner):
    """Each side has a context of its own, because none survives a fork, and each partner a pair of its own, because a pair takes no
    second one."""

    def __init__(self, folder: str) -> None:
        super().__init__(self.connected)
        self.zmq: Any = importlib.import_module("zmq")
        self.folder = folder
        self.pairs = 0
        self.context = self.zmq.Context()
        self.pair = self.context.socket(self.zmq.PAIR)  # its thread begins here, where it may still run on any processor

    def begin(self, count: int) -> None:
        self.pair.close()
        self.pair = self.context.socket(self.zmq.PAIR)
        self.pairs += 1
        self.address = f"ipc://{self.folder}/{self.pairs}"
        self.pair.bind(self.address)
        super().begin(count)

    def connected(self) -> Stroke:
        theirs = self.zmq.Context().socket(self.zmq.PAIR)
        theirs.connect(self.address)

        def answer() -> None:
            theirs.recv()
            theirs.send(b"x")

        return answer

    def hit(self) -> None:
        self.pair.send(b"x")
        self.pair.recv()

    def stop(self) -> None:
        self.pair.close()
        self.context.term()


def with_zmq(stack: ExitStack) -> Work:
    partner = ZmqPartner(stack.enter_context(tempfile.TemporaryDirectory()))
    stack.callback(partner.stop)
    return rally.rally(partner.hit, partner)


def with_iceoryx(stack: ExitStack, how: str) -> Work:
    end, partner = stack.enter_context(iceoryx.end_and_partner(0, how))

    def begin() -> None:
        end.send_turn()
        end.receive()

    return rally.rally(begin, partner)


def forked(side: tuple[Stroke, Callable[[], Stroke]]) -> Work:
    stroke, prepare = side
    return rally.rally(stroke, ForkedPartner(prepare))


def with_lua(stack: ExitStack, ping: Semaphore, pong: Semaphore) -> Work:
    assert ping.name
    assert pong.name
    partner = ProgramPartner(toolchain.find_lua(), str(toolchain.BENCH / "partner_pingpong.lua"), ping.name, pong.name)
    stack.callback(partner.stop)
    stroke, _ = by_semaphores(ping, pong)
    return rally.rally(stroke, partner)


def main() -> None:
    works: dict[str, Work] = {}
    lacking: dict[str, str] = {}
    with ExitStack() as stack:
        if rally.place == "one-cpu":  # and so memwell does not spin
            stack.enter_context(rally.confined())
        ping, pong = (
            stack.enter_context(contextlib.closing(Semaphore.create(f"{NAME}-{side}", temporary=True))) for side in ("ping", "pong")
        )
        ping.acquire(MOMENT)
        try:
            works["lua_memwell"] = with_lua(stack, ping, pong)
        except (AbsentError, OSError) as problem:
            lacking["lua_memwell"] = str(problem)
        works["python_memwell"] = forked(by_semaphores(ping, pong))
        works["multiprocessing"] = forked(by_semaphores(multiprocessing.Semaphore(0), multiprocessing.Semaphore(0)))
        works["pipe"] = forked(by_pipe())
        works["queue"] = forked(by_queues())
        try:
            works["zmq"] = with_zmq(stack)
        except ImportError as problem:
            lacking["zmq"] = str(problem)
        for how in iceoryx.HOWS:
            try:
                works[f"iceoryx2_{how}"] = with_iceoryx(stack, how)
            except AbsentError as problem:
                lacking[f"iceoryx2_{how}"] = str(problem)
        if rally.lacking():
            lacking = dict.fromkeys(works, rally.lacking())
        serve(works, lacking)


if __name__ == "__main__":
    main()
