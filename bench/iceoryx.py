"""iceoryx2's publish-subscribe between two processes: each sends loaned samples, which it writes in place, and receives the
other's. The main entry is end_and_partner.

The other process is a program, partner_iceoryx.py, because iceoryx2 (0.10.0) hangs in a child that was forked beside a node.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import toolchain
from contest import AbsentError
from rally import ProgramPartner

try:
    iceoryx2: Any = importlib.import_module("iceoryx2")
    no_iceoryx2 = ""
except ImportError as problem:
    iceoryx2 = None
    no_iceoryx2 = str(problem)

SHARED_MEMORY = Path("/dev/shm")
POLLED, WOKEN = HOWS = ("polled", "woken")
PROGRAM = str(toolchain.BENCH / "partner_iceoryx.py")
TURN = ctypes.c_uint8(1)
"""What is sent where nothing is handed over but the turn."""


def config_of(prefix: str, folder: str) -> Any:
    """Its files are not among those of others: some are in a folder, and those in /dev/shm have a prefix."""
    config = iceoryx2.config.default()
    config.global_cfg.prefix = iceoryx2.FileName.new(prefix)
    config.global_cfg.root_path = iceoryx2.Path.new(folder)
    return config


class End:
    """The end of a side: what side 0 sends are samples of `size` bytes, or TURN where that is 0, and what side 1 answers is TURN.

    One sample at most is on its way, and one in each hand. Samples are counted in bytes, because of a loaned one of float64 the
    module (0.10.0) says that it has eight times as many elements as it has.

    A subscriber cannot be waited for: either it is polled, or an event says when to look, as in iceoryx2's own examples.
    """

    def __init__(self, config: Any, side: int, size: int, how: str) -> None:
        self.size = size
        modes = iceoryx2.SignalHandlingMode
        self.node = iceoryx2.NodeBuilder.new().config(config).signal_handling_mode(modes.Disabled).create(iceoryx2.ServiceType.Ipc)
        out, into = (("ping", size), ("pong", 0))[:: -1 if side else 1]
        publishing = self.service(*out).publisher_builder().max_loaned_samples(1)
        self.publisher = (publishing.initial_max_slice_len(out[1]) if out[1] else publishing).create()
        self.subscriber = self.service(*into).subscriber_builder().create()
        self.notifier = self.builder(out[0]).event().open_or_create().notifier_builder().create()
        self.listener = self.builder(into[0]).event().open_or_create().listener_builder().create()
        self.patience = iceoryx2.Duration.from_secs(1)  # a handler of signals runs only after a wait
        self.is_polled = how == POLLED
        self.receive = self.receive_polling if self.is_polled else self.receive_sleeping

    def builder(self, name: str) -> Any:
        return self.node.service_builder(iceoryx2.ServiceName.new(name))

    def service(self, name: str, size: int) -> Any:
        payload = iceoryx2.Slice[ctypes.c_uint8] if size else ctypes.c_uint8
        service = self.builder(name).publish_subscribe(payload).payload_alignment(iceoryx2.Alignment.new(64))
        service = service.max_publishers(1).max_subscribers(1).history_size(0)
        return service.subscriber_max_buffer_size(1).subscriber_max_borrowed_samples(1).open_or_create()

    def loan(self) -> Any:
        """A sample to be written, and then sent."""
        return self.publisher.loan_slice_uninit(self.size)

    def send(self, sample: Any) -> None:
        sample.assume_init().send()
        if not self.is_polled:
            self.notifier.notify()

    def send_turn(self) -> None:
        self.publisher.loan_uninit().write_payload(TURN).send()
        if not self.is_polled:
            self.notifier.notify()

    def receive_polling(self) -> Any:
        while (sample := self.subscriber.receive()) is None:
            pass
        return sample

    def receive_sleeping(self) -> Any:
        while True:
            self.listener.timed_wait(self.patience)
            if (sample := self.subscriber.receive()) is not None:
                return sample

    def close(self) -> None:
        for port in (self.publisher, self.subscriber, self.notifier, self.listener):
            port.delete()
        self.node = None


@contextlib.contextmanager
def end_and_partner(size: int, how: str) -> Iterator[tuple[End, ProgramPartner]]:
    """The end of side 0, and the process that has the other. Nothing is left of both. Raises AbsentError."""
    if no_iceoryx2:
        raise AbsentError(no_iceoryx2)
    prefix = f"memwell-bench-{os.getpid()}-{how}-"
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        stack.callback(sweep, prefix)
        try:
            end = End(config_of(prefix, folder), 0, size, how)
            stack.callback(end.close)
            partner = ProgramPartner(sys.executable, PROGRAM, prefix, folder, str(size), how)
        except Exception as problem:  # its errors have no class of their own in common
            raise AbsentError(f"{type(problem).__name__}: {problem}") from None
        stack.callback(partner.stop)
        yield end, partner


def sweep(prefix: str) -> None:
    for path in SHARED_MEMORY.glob(f"{prefix}*"):
        path.unlink()


def numbers_in(sample: Any) -> Any:
    """numpy's array of the float64 that a sample has."""
    return importlib.import_module("numpy").frombuffer(sample.payload().as_memory_view())
