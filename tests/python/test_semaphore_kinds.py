"""Every test over every kind of semaphore that tests/kinds/semaphores.tsv has.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import asyncio
import csv
import multiprocessing
import pickle
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import memwell
from memwell import Region, Semaphore

if TYPE_CHECKING:
    from conftest import Interrupted, Ticking

TABLE = Path(__file__).resolve().parents[1] / "kinds" / "semaphores.tsv"
LINES = list(
    csv.DictReader((line for line in TABLE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")), delimiter="\t")
)


@dataclass
class Kind:
    """A line of the table, and how to make one."""

    name: str
    most: int
    undo: bool
    new_name: Callable[[], str]
    region: Region | None = None
    made: list[Semaphore] = field(default_factory=list)
    places: dict[int, Any] = field(default_factory=dict)

    def make(self, value: int = 0, cls: type[Semaphore] = Semaphore) -> Any:
        """A new semaphore."""
        if self.name == "named":
            place: Any = self.new_name()
            made = cls.create(place, value)
        elif self.name == "at":
            if self.region is None:
                self.region = Region.create(self.new_name(), 4096)
            place = 64 * (len(self.made) + 1)
            made = cls.at(self.region, place, value)
        else:
            place = random.randrange(1, 2**31)
            made = cls.sysv(place, 1, how="create", value=value, undo=self.undo)
        self.places[id(made)] = place
        self.made.append(made)
        return made

    def again(self, made: Semaphore) -> Semaphore:
        """Another handle on it, as another program gets it."""
        place = self.places[id(made)]
        if self.name == "named":
            other = Semaphore.attach(place)
        elif self.name == "at":
            assert self.region is not None
            other = Semaphore.at(self.region, place)
        else:
            other = Semaphore.sysv(place, 1, undo=self.undo)
        self.made.append(other)
        return other

    def end(self) -> None:
        for made in self.made:
            if self.name.startswith("sysv") and id(made) in self.places:
                Semaphore.sysv_remove(self.places[id(made)], missing_ok=True)
            made.close()
        if self.region is not None:
            self.region.close()


@pytest.fixture(params=LINES, ids=[line["kind"] for line in LINES])
def kind(request: pytest.FixtureRequest, new_name: Callable[[], str]) -> Iterator[Kind]:
    line = request.param
    kind = Kind(line["kind"], int(line["most"]), line["undo"] == "yes", new_name)
    yield kind
    kind.end()


def end(again: Semaphore) -> None:
    """Close one that came out of a pickle, with the region that came with it."""
    again.close()
    if again.region is not None:
        again.region.close()


class Turn(Semaphore):
    """A subclass with attributes of its own."""

    rate: int


# In one thread ------------------------------------------------------------------------------------------------------------------


def test_acquire_and_release(kind: Kind) -> None:
    made = kind.make(1)
    other = kind.again(made)
    assert (made.value, made.closed) == (1, False)
    assert made.acquire() is True
    assert (made.value, other.value) == (0, 0)
    assert made.acquire(0) is False
    assert other.acquire(0.001) is False
    other.release()
    made.release(n=3)
    assert made.value == other.value == 4
    assert made.acquire(None) is made.acquire(float("inf")) is made.acquire(timeout=1) is True
    assert other.value == 1


def test_with(kind: Kind) -> None:
    made = kind.make(1)
    with made as held:
        assert held is made
        assert made.value == 0
    with pytest.raises(KeyError), made:
        raise KeyError
    assert made.value == 1


def test_bounds(kind: Kind) -> None:
    made = kind.make(kind.most)
    for n in (1, 2, kind.most, kind.most + 1, 2**32):
        with pytest.raises(OverflowError, match=str(kind.most)):
            made.release(n)
    with pytest.raises(ValueError, match="n must be at most"):
        made.release(2**70)
    assert made.value == kind.most
    assert made.acquire(0)
    made.release()
    for value in (kind.most + 1, 2**32, 2**70, -1):
        with pytest.raises(ValueError, match="value"):
            kind.make(value)
    with pytest.raises(TypeError, match="value"):
        kind.make(True)


def test_wrong_counts_and_timeouts(kind: Kind) -> None:
    made = kind.make(1)
    for n, error in [(0, ValueError), (-1, ValueError), (True, TypeError), (1.0, TypeError), (None, TypeError)]:
        with pytest.raises(error):
            made.release(n)
    for timeout, error in [(True, TypeError), ("1", TypeError), (float("nan"), ValueError), (-1, ValueError)]:
        with pytest.raises(error, match="timeout"):
            made.acquire(timeout)
        with pytest.raises(error, match="timeout"):
            made.acquire_async(timeout)
    assert made.value == 1


def test_attributes(kind: Kind) -> None:
    made = kind.make(3)
    place = kind.places[id(made)]
    if kind.name == "named":
        expected = ("named", place, None, None)
    elif kind.name == "at":
        expected = ("at", None, None, None)
    else:
        expected = ("sysv", None, place, 1)
    for _ in range(2):
        assert (made.kind, made.name, made.key, made.index) == expected
        assert isinstance(made.id, int) == kind.name.startswith("sysv")
        made.close()


def test_repr(kind: Kind) -> None:
    made = kind.make(3)
    place = kind.places[id(made)]
    title = {"named": repr(place), "at": f"at byte {place} of {kind.region!r}"}.get(kind.name) or f"sysv {place:#x}[1]"
    assert repr(made) == f"<memwell.Semaphore {title}, value 3>"
    made.close()
    assert repr(made) == f"<memwell.Semaphore {title}, closed>"


def test_close(kind: Kind) -> None:
    made = kind.make(1)
    other = kind.again(made)
    made.close()
    made.close()
    assert made.closed
    uses: list[Callable[[], object]] = [
        made.acquire,
        made.release,
        lambda: made.value,
        made.__enter__,
        made.__reduce__,
        lambda: made.__exit__(None, None, None),
    ]
    for use in uses:
        with pytest.raises(memwell.ClosedError, match="closed"):
            use()
    assert other.acquire(0)


def test_subclass(kind: Kind) -> None:
    made = kind.make(1, Turn)
    made.rate = 25
    other = pickle.loads(pickle.dumps(made))
    assert (type(made), type(other), other.rate) == (Turn, Turn, 25)
    end(other)


# Waiting ------------------------------------------------------------------------------------------------------------------------


def test_two_threads_take_turns(kind: Kind) -> None:
    ping, pong = kind.make(), kind.make()

    def answer() -> None:
        for _ in range(200):
            ping.acquire()
            pong.release()

    thread = threading.Thread(target=answer)
    thread.start()
    for _ in range(200):
        ping.release()
        assert pong.acquire(60)
    thread.join()
    assert (ping.value, pong.value) == (0, 0)


def test_close_ends_the_wait_of_another_thread(kind: Kind) -> None:
    made = kind.make()
    caught: list[BaseException] = []
    started = threading.Event()

    def wait() -> None:
        started.set()
        try:
            made.acquire(60)
        except memwell.ClosedError as error:
            caught.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    started.wait()
    made.close()
    thread.join()
    assert len(caught) == 1


def test_signal_handlers_run_and_the_wait_goes_on(kind: Kind, ticking: Ticking) -> None:
    made = kind.make()
    with ticking(lambda n: n == 3 and made.release()):
        assert made.acquire(60)


def test_signal_handler_that_raises_ends_the_wait(kind: Kind, interrupted: Interrupted) -> None:
    made = kind.make()
    with pytest.raises(LookupError, match="from the handler"):
        interrupted(made.acquire)
    assert made.value == 0


def test_asyncio(kind: Kind) -> None:
    made = kind.make()

    async def main() -> None:
        assert await made.acquire_async(0) is False
        asyncio.get_running_loop().call_later(0.001, made.release, 2)
        assert await made.acquire_async(60) is True
        cancelled = asyncio.ensure_future(made.acquire_async())
        cancelled.cancel()
        with pytest.raises(asyncio.CancelledError):
            await cancelled

    asyncio.run(main())
    assert made.value == 1


# Between processes --------------------------------------------------------------------------------------------------------------


def answer_to(ping: Semaphore, pong: Semaphore, times: int, all_taken: Any) -> None:
    """Stays until all is taken: what it gave with `undo`, its end would take back."""
    for _ in range(times):
        ping.acquire()
        pong.release()
    all_taken.wait(60)


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_two_processes_take_turns(kind: Kind, method: str) -> None:
    context: Any = multiprocessing.get_context(method)
    ping, pong = kind.make(), kind.make()
    all_taken = context.Event()
    child = context.Process(target=answer_to, args=(ping, pong, 50, all_taken))
    child.start()
    for _ in range(50):
        ping.release()
        assert pong.acquire(60)
    all_taken.set()
    child.join(60)
    assert child.exitcode == 0
    if not kind.undo:  # which gives back what the child took, and takes back what it gave
        assert (ping.value, pong.value) == (0, 0)


def hold(made: Semaphore, held: Any) -> None:
    made.acquire()
    held.set()
    signal.pause()


def test_killed_holder(kind: Kind) -> None:
    context = multiprocessing.get_context("fork")
    made, held = kind.make(1), context.Event()
    child = context.Process(target=hold, args=(made, held))
    child.start()
    assert held.wait(60)
    assert made.value == 0
    child.kill()
    child.join(60)
    assert made.value == (1 if kind.undo else 0)


def test_control_c(kind: Kind, tmp_path: Path) -> None:
    (tmp_path / "semaphore").write_bytes(pickle.dumps(kind.make()))
    program = f"""
import pickle
with open({str(tmp_path / "semaphore")!r}, "rb") as file:
    made = pickle.load(file)
print("ready", flush=True)
made.acquire()
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        child.send_signal(signal.SIGINT)
        _, error = child.communicate(timeout=60)
    assert "KeyboardInterrupt" in error
    assert child.returncode == -signal.SIGINT


# Pickles ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickle(kind: Kind, protocol: int) -> None:
    made = kind.make(5)
    other = pickle.loads(pickle.dumps(made, protocol))
    assert (other.kind, other.name, other.key, other.id, other.index) == (made.kind, made.name, made.key, made.id, made.index)
    assert other.acquire(0)
    assert made.value == 4
    end(other)


def test_pickle_of_one_that_is_gone(kind: Kind) -> None:
    made = kind.make(5)
    saved = pickle.dumps(made)
    place = kind.places[id(made)]
    if kind.name == "named":
        Semaphore.unlink(place)
    elif kind.name == "at":
        assert kind.region is not None
        assert kind.region.name is not None
        Region.unlink(kind.region.name)
    else:
        Semaphore.sysv_remove(place)
    with pytest.raises(FileNotFoundError):
        pickle.loads(saved)


def test_pickle_of_another_one_in_its_place(kind: Kind) -> None:
    made = kind.make(5)
    saved = pickle.dumps(made)
    place = kind.places[id(made)]
    if kind.name == "named":
        Semaphore.unlink(place)
        another = Semaphore.create(place, 5)
    elif kind.name == "at":
        pytest.skip("a place in a region is what it is")
    else:
        Semaphore.sysv_remove(made)
        another = Semaphore.sysv(place, 1, how="create", value=5)
    with pytest.raises(FileNotFoundError):
        pickle.loads(saved)
    another.close()


def test_pickles_that_are_none() -> None:
    reopen = memwell._memwell._reopen_semaphore  # type: ignore[attr-defined]
    odd: list[tuple[Any, ...]] = [
        (),
        (Semaphore,),
        (Semaphore, "sysv", [1]),
        (Semaphore, "odd", ()),
        (int, "named", ()),
        (1, "at", ()),
    ]
    odd += [
        (Semaphore, "named", ("a",)),
        (Semaphore, "at", (1, 2)),
        (Semaphore, "at", (1,)),
        (Semaphore, "sysv", ("a", 1, 2, False)),
    ]
    for arguments in odd:
        with pytest.raises(TypeError):
            reopen(*arguments)
