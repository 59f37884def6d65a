"""Regions over Unix sockets, between real processes: what arrives, every wrong message, time-outs, and Ctrl-C.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import contextlib
import errno
import multiprocessing
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import memwell
from memwell import Region

Pair = tuple[socket.socket, socket.socket]

TYPES = [socket.SOCK_STREAM, socket.SOCK_SEQPACKET, socket.SOCK_DGRAM]
A_MINUTE = 60


@pytest.fixture
def pair() -> Iterator[Pair]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


@pytest.fixture(params=TYPES, ids=lambda kind: kind.name)
def any_pair(request: pytest.FixtureRequest) -> Iterator[Pair]:
    ours, theirs = socket.socketpair(socket.AF_UNIX, request.param)
    with ours, theirs:
        yield ours, theirs


def message(*, magic: bytes = b"MWREGION", version: int = 1, readonly: int = 0, offset: int = 0, size: int = 100) -> bytes:
    """As docs/formats.md has it."""
    return struct.pack("=8sIIQQ", magic, version, readonly, offset, size)


@contextlib.contextmanager
def memory(size: int = 100) -> Iterator[int]:
    """The descriptor of a memfd that memwell has no part in."""
    number = os.memfd_create("sent", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.ftruncate(number, size)
    yield number
    os.close(number)


def python(program: str, *sockets: socket.socket) -> subprocess.Popen[str]:
    """A process that runs the program; the sockets are its `sockets`."""
    numbers = [each.fileno() for each in sockets]
    start = f"""
import os, signal, socket, sys
import memwell
from memwell import Region
sockets = [socket.socket(fileno=number) for number in {numbers}]
"""
    return subprocess.Popen(
        [sys.executable, "-c", start + program], pass_fds=numbers, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def finished(child: subprocess.Popen[str]) -> str:
    """What it printed, once it has ended well."""
    said, complaint = child.communicate(timeout=A_MINUTE)
    assert (child.returncode, complaint) == (0, "")
    return said


def await_poll(process: int) -> None:
    """Until a thread of the process sleeps in poll or ppoll, which is how one waits for a socket."""
    calls = {"x86_64": {"7", "271"}, "aarch64": {"73"}}.get(os.uname().machine)
    if calls is None:
        pytest.skip("the number of poll is not known here")
    last = time.monotonic() + A_MINUTE
    while time.monotonic() < last:
        for thread in Path(f"/proc/{process}/task").iterdir():
            with contextlib.suppress(OSError):
                if (thread / "syscall").read_text().split()[0] in calls:
                    return
        os.sched_yield()
    pytest.fail(f"process {process} never waited")


# What arrives -------------------------------------------------------------------------------------------------------------------


def test_what_is_sent_arrives(any_pair: Pair) -> None:
    ours, theirs = any_pair
    sent = Region.memfd(10000)
    sent.fill(5)
    sent.send(ours)
    with Region.receive(theirs) as received:
        assert (received.kind, received.name, received.path) == ("fd", None, None)
        assert (received.readonly, received.private) == (False, False)
        assert bytes(received) == b"\5" * 10000
        received.write(b"back")
        assert sent.read(0, 4) == b"back"
        sent.close()
        assert received.read(0, 5) == b"back\5"
        received.resize(20000)


def test_a_part_of_a_file(pair: Pair, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"0123456789")
    with Region.file(tmp_path / "file", "r+", offset=3, size=4) as sent:
        sent.send(pair[0])
    with Region.receive(pair[1]) as received:
        assert bytes(received) == b"3456"
        received[0] = ord("x")
    assert (tmp_path / "file").read_bytes() == b"012x456789"


def test_several_in_a_row(any_pair: Pair) -> None:
    for size in range(100, 105):
        with Region.anonymous(size) as region:
            region.send(any_pair[0])
    for size in range(100, 105):
        with Region.receive(any_pair[1]) as region:
            assert len(region) == size


def test_numbers_of_sockets_and_subclasses(pair: Pair) -> None:
    class Frames(Region):
        pass

    with Region.anonymous(10) as sent:
        sent.send(pair[0].fileno())
    with Frames.receive(pair[1].fileno()) as received:
        assert type(received) is Frames


def test_another_program_receives_and_answers(pair: Pair) -> None:
    program = """
with Region.receive(sockets[0]) as region:
    region.write(region.read(0, 5)[::-1], 5)
    region.send(sockets[0])
"""
    child = python(program, pair[1])
    with Region.memfd(10) as region:
        region.write(b"hello")
        region.send(pair[0])
        with Region.receive(pair[0]) as answer:
            assert bytes(region) == bytes(answer) == b"helloolleh"
    finished(child)


def fill_what_comes(theirs: socket.socket) -> None:
    with theirs, Region.receive(theirs) as region:
        region.fill(7)


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_multiprocessing(method: str, pair: Pair) -> None:
    context: Any = multiprocessing.get_context(method)
    child = context.Process(target=fill_what_comes, args=(pair[1],))
    child.start()
    with Region.anonymous(100) as region:
        region.send(pair[0])
        child.join(A_MINUTE)
        assert child.exitcode == 0
        assert bytes(region) == b"\7" * 100
    child.close()


def test_it_survives_its_sender(pair: Pair) -> None:
    child = python("region = Region.memfd(100); region.write(b'last words'); region.send(sockets[0])", pair[0])
    finished(child)
    with Region.receive(pair[1]) as region:
        assert region.read(0, 10) == b"last words"


# The message --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("readonly", [False, True])
def test_the_message_is_as_documented(pair: Pair, tmp_path: Path, readonly: bool) -> None:
    (tmp_path / "file").write_bytes(bytes(9000))
    with Region.file(tmp_path / "file", "r" if readonly else "r+", offset=4099, size=77) as region:
        region.send(pair[0])
    data, numbers, _, _ = socket.recv_fds(pair[1], 100, 10)
    assert data == message(readonly=readonly, offset=4099, size=77)
    assert len(numbers) == 1
    assert os.fstat(numbers[0]).st_ino == (tmp_path / "file").stat().st_ino
    os.close(numbers[0])


def test_a_plain_program_can_send_one(any_pair: Pair) -> None:
    with memory(5000) as number:
        os.pwrite(number, b"plain", 4097)
        socket.send_fds(any_pair[0], [message(offset=4097)], [number])
        with Region.receive(any_pair[1]) as region:
            assert (len(region), region.read(0, 5)) == (100, b"plain")
            region[0] = 1
        assert os.pread(number, 1, 4097) == b"\1"


def test_a_stream_may_deliver_it_in_parts(pair: Pair) -> None:
    with memory() as number:
        socket.send_fds(pair[0], [message()[:1]], [number])
        for place in range(1, 32):
            pair[0].send(message()[place : place + 1])
    with Region.receive(pair[1]) as region:
        assert len(region) == 100


def test_parts_may_be_far_apart(pair: Pair) -> None:
    """Farther than the slices that a wait is cut into, so that signals are seen."""
    child = python("assert len(Region.receive(sockets[0])) == 100", pair[1])
    with memory() as number:
        socket.send_fds(pair[0], [message()[:20]], [number])
    await_poll(child.pid)
    threading.Event().wait(0.15)
    pair[0].send(message()[20:])
    finished(child)


WRONG: list[tuple[bytes, int, str]] = [
    (message(magic=b"MWREGIOM"), 1, "from_fd"),
    (bytes(32), 1, "from_fd"),
    (b"x" * 32, 1, "from_fd"),
    (message(version=2), 1, "version"),
    (message(version=0), 1, "version"),
    (message(version=1 << 24), 1, "version"),
    (message(readonly=2), 1, "readonly"),
    (message(size=0), 1, "size"),
    (message(), 0, "no descriptor"),
    (message(), 2, "more than one descriptor"),
    (message(), 5, "more than one descriptor"),
]


@pytest.mark.parametrize(("sent", "count", "text"), WRONG, ids=lambda value: "" if isinstance(value, bytes) else str(value))
def test_a_wrong_message(any_pair: Pair, sent: bytes, count: int, text: str) -> None:
    with memory() as number:
        socket.send_fds(any_pair[0], [sent], [number] * count)
    with pytest.raises(memwell.FormatError, match=rf"Region\.receive.*{text}"):
        Region.receive(any_pair[1])


@pytest.mark.parametrize("size", [1, 31])
def test_half_a_message(any_pair: Pair, size: int) -> None:
    with memory() as number:
        socket.send_fds(any_pair[0], [message()[:size]], [number])
    any_pair[0].close()
    with pytest.raises(memwell.FormatError):
        Region.receive(any_pair[1])


def test_half_a_message_is_not_waited_for_where_nothing_is(pair: Pair) -> None:
    pair[0].send(message()[:20])
    pair[1].setblocking(False)
    with pytest.raises(memwell.FormatError, match="part"):
        Region.receive(pair[1])


@pytest.mark.parametrize(("offset", "size"), [(0, 101), (1, 100), (101, 1), (2**64 - 1, 1), (0, 2**64 - 1), (2**63 - 1, 1)])
def test_past_the_end_of_the_object(pair: Pair, offset: int, size: int) -> None:
    with memory() as number:
        socket.send_fds(pair[0], [message(offset=offset, size=size)], [number])
    with pytest.raises(ValueError, match=r"Region\.receive"):
        Region.receive(pair[1])


def test_what_cannot_be_mapped(pair: Pair) -> None:
    socket.send_fds(pair[0], [message()], [pair[0].fileno()])
    with pytest.raises(OSError) as caught:
        Region.receive(pair[1])
    assert caught.value.errno == errno.ENODEV


# Who may write ------------------------------------------------------------------------------------------------------------------


def test_a_reader_sends_what_it_has(pair: Pair, name: str) -> None:
    Region.create(name, 10).close()
    with Region.attach(name, readonly=True) as sent:
        sent.send(pair[0])
    with Region.receive(pair[1]) as received:
        assert received.readonly
        with pytest.raises(TypeError):
            received[0] = 1
        with pytest.raises(PermissionError):
            received.protect(readonly=False)


@pytest.mark.parametrize("seal", ["write", "future_write"])
def test_what_is_sealed_arrives_read_only(pair: Pair, seal: str) -> None:
    program = f"""
with Region.receive(sockets[0], require_seals=["shrink", {seal!r}]) as region:
    print(region.readonly, region.read(0, 5), sorted(region.seals))
    try:
        region.write(b"lies")
    except TypeError:
        print("refused")
"""
    child = python(program, pair[1])
    with Region.memfd(10) as sent:
        sent.write(b"truth")
        sent.seal("shrink", seal)
        sent.send(pair[0])
        assert finished(child) == f"True b'truth' {sorted(['shrink', seal])}\nrefused\n"
        assert sent.read(0, 5) == b"truth"


def test_a_missing_seal(pair: Pair) -> None:
    with Region.memfd(10) as sent:
        sent.seal("shrink")
        for required in (["write"], ["shrink", "grow"]):
            sent.send(pair[0])
            with pytest.raises(PermissionError, match=re.escape(f'"{required[-1]}"')) as caught:
                Region.receive(pair[1], require_seals=required)
            assert caught.value.errno == errno.EPERM
        sent.send(pair[0])
        Region.receive(pair[1], require_seals=["shrink"]).close()
        sent.send(pair[0])
        with pytest.raises(ValueError, match="future_write"):
            Region.receive(pair[1], require_seals=["shrunk"])
        Region.receive(pair[1]).close()  # which had stayed in the socket


def test_without_a_descriptor(pair: Pair) -> None:
    with Region.anonymous(10) as sent:
        sent.send(pair[0])
        before = len(os.listdir("/proc/self/fd"))
        with Region.receive(pair[1], keep_fd=False) as received:
            assert len(os.listdir("/proc/self/fd")) == before
            received[0] = 1
            with pytest.raises(OSError) as caught:
                received.send(pair[0])
            assert caught.value.errno == errno.ENOTSUP
        assert sent[0] == 1


# Waiting ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("timeout", [0.0, 0.02, 0.25])
def test_the_sockets_time_out_is_the_deadline(any_pair: Pair, timeout: float) -> None:
    any_pair[1].settimeout(timeout)
    before = time.monotonic()
    with pytest.raises(TimeoutError, match=r"Region\.receive"):
        Region.receive(any_pair[1])
    assert time.monotonic() - before >= timeout
    with Region.anonymous(10) as region:
        region.send(any_pair[0])
    Region.receive(any_pair[1]).close()


def test_a_bare_number_waits_even_where_it_does_not_block(pair: Pair) -> None:
    pair[1].setblocking(False)
    child = python("assert len(Region.receive(sockets[0].fileno())) == 10", pair[1])
    await_poll(child.pid)
    with Region.anonymous(10) as region:
        region.send(pair[0])
    finished(child)


def test_a_full_socket(pair: Pair) -> None:
    pair[0].setblocking(False)
    pair[0].setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    count = 0

    def fill_up() -> None:
        nonlocal count
        while count < 500:
            region.send(pair[0])
            count += 1

    with Region.anonymous(10) as region:
        with pytest.raises(OSError) as caught:
            fill_up()
        assert isinstance(caught.value, TimeoutError) or caught.value.errno == errno.ETOOMANYREFS
        pair[0].settimeout(A_MINUTE)
        sender = threading.Thread(target=region.send, args=(pair[0],))
        sender.start()
        for _ in range(count + 1):
            with Region.receive(pair[1]) as received:
                assert len(received) == 10
        sender.join()


def test_other_threads_run_meanwhile(pair: Pair) -> None:
    received: list[Region] = []
    receiver = threading.Thread(target=lambda: received.append(Region.receive(pair[1])))
    receiver.start()
    await_poll(os.getpid())
    with Region.anonymous(10) as region:
        region.send(pair[0])
    receiver.join()
    received[0].close()


@pytest.mark.parametrize("begun", [False, True])
def test_ctrl_c(pair: Pair, begun: bool) -> None:
    """It ends the wait, for the beginning of a message and for the rest of one."""
    program = """
try:
    try:
        Region.receive(sockets[0])
    finally:
        for _ in range(2):  # where Python runs the handlers of signals
            pass
except KeyboardInterrupt:
    print("interrupted", [n for n in os.listdir("/proc/self/fd") if "memfd" in os.path.realpath("/proc/self/fd/" + n)])
"""
    child = python("signal.signal(signal.SIGINT, signal.default_int_handler)\n" + program, pair[1])
    if begun:
        with memory() as number:
            socket.send_fds(pair[0], [message()[:20]], [number])
    await_poll(child.pid)
    child.send_signal(signal.SIGINT)
    assert finished(child) == "interrupted []\n"


def test_a_signal_that_raises_nothing_is_no_end(pair: Pair) -> None:
    program = """
signal.signal(signal.SIGUSR1, lambda *_: sockets[0].send(b"seen"))
assert len(Region.receive(sockets[0])) == 10
"""
    child = python(program, pair[1])
    await_poll(child.pid)
    child.send_signal(signal.SIGUSR1)
    pair[0].settimeout(A_MINUTE)
    assert pair[0].recv(4) == b"seen"
    with Region.anonymous(10) as region:
        region.send(pair[0])
    finished(child)


# Nobody there, or no socket -----------------------------------------------------------------------------------------------------


def test_a_closed_peer(pair: Pair) -> None:
    pair[0].close()
    with pytest.raises(ConnectionResetError, match="closed"):
        Region.receive(pair[1])
    with Region.anonymous(10) as region, pytest.raises(BrokenPipeError, match="closed"):
        region.send(pair[1])


def test_a_peer_that_dies_while_it_is_waited_for(pair: Pair) -> None:
    child = python("import time\nprint('ready', flush=True)\nsockets[0].recv(1)", pair[1])
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    pair[1].close()

    def kill_it() -> None:
        await_poll(os.getpid())
        child.kill()

    killer = threading.Thread(target=kill_it)
    killer.start()
    with pytest.raises(ConnectionResetError):
        Region.receive(pair[0])
    killer.join()
    child.communicate()


def test_what_is_no_socket(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (tmp_path / "file").open("r+b") as file, Region.anonymous(10) as region:
        calls: list[Callable[[object], object]] = [region.send, Region.receive]  # type: ignore[list-item]
        for call in calls:
            with pytest.raises(OSError) as caught:
                call(file)
            assert caught.value.errno == errno.ENOTSOCK
            for wrong in ("3", None, 3.5):
                with pytest.raises(TypeError):
                    call(wrong)
            with pytest.raises(ValueError):
                call(-1)
    with Region.anonymous(10) as region:
        for call in (region.send, Region.receive):  # type: ignore[assignment]
            with pytest.raises(OSError) as caught:
                call(2**20)
            assert caught.value.errno == errno.EBADF
        closed = socket.socket(socket.AF_UNIX)
        with closed, pytest.raises(OSError) as caught:
            region.send(closed)
        assert caught.value.errno == errno.ENOTCONN
        with pytest.raises((OSError, ValueError)):
            region.send(closed)


def test_what_has_no_object_is_not_sent(pair: Pair, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    with (
        Region.anonymous(10, private=True) as private,
        Region.anonymous(10, keep_fd=False) as without,
        Region.file(tmp_path / "empty", "r+") as empty,
    ):
        for each, text in ((private, "private"), (without, "descriptor"), (empty, "empty")):
            with pytest.raises(OSError, match=text) as caught:
                each.send(pair[0])
            assert caught.value.errno == errno.ENOTSUP
    closed = Region.anonymous(10)
    closed.close()
    with pytest.raises(memwell.ClosedError):
        closed.send(pair[0])
    pair[1].setblocking(False)
    with pytest.raises(TimeoutError):
        Region.receive(pair[1])


def test_a_gettimeout_that_closes_the_region(pair: Pair) -> None:
    region = Region.anonymous(10)

    class Closing:
        def fileno(self) -> int:
            return pair[0].fileno()

        def gettimeout(self) -> float:
            region.close()
            return 1.0

    with pytest.raises(memwell.ClosedError):
        region.send(Closing())
