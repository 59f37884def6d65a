"""The workers: their processes, mailboxes, bells and answers.

A Crew starts workers, gives them deals, says which have answered and which have ended, and reads their answers. What any of that
means for the job is the coordinator's business (job.py). A worker shares nothing with another, so none can keep another waiting.
"""

# SPDX-License-Identifier: MIT
import os
import queue
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple, Self

from languages import command_of, environment
from layout import NOTHING, RESULT_HEAD, Mail, Result
from memory import Apart, Bell, Room, Together
from ranges import RANGE_SIZE, Deal

GOOD_BYE = 2.0  # seconds that an idle worker has to end when it is told to


class JobError(Exception):
    """The job cannot be done at all."""


class Answer(NamedTuple):
    """The counts of one deal."""

    words: list[bytes]
    counts: list[int]
    total: int


@dataclass(eq=False)
class Worker:
    """A place in the crew. Processes come and go; the place, its mailbox and the room for its answers stay."""

    number: int  # and its row of JOB.mail
    language: str
    name: str  # "lua 1"
    room: Room  # for its answers
    go: Bell | None = None  # a new one for each process: a dead one's may have any value
    process: "subprocess.Popen[bytes] | None" = None
    thread: threading.Thread | None = None  # that waits for the process's end
    seen: bool = False  # whether the process has attached to the well
    deal: Deal | None = None
    order: int = 0
    false_starts: int = 0  # processes in a row that ended before they did anything
    retired: bool = False

    @property
    def idle(self) -> bool:
        return self.process is not None and self.deal is None


class Crew:
    """All workers of a job, and the bell that they ring when one has answered or ended."""

    def __init__(self, memory: Apart | Together, languages: Sequence[str]) -> None:
        self.memory = memory
        self.commands = {language: command_of(language) for language in set(languages)}
        self.ended: queue.SimpleQueue[tuple[Worker, int]] = queue.SimpleQueue()
        self._orders = 0
        self.bell = memory.bell("bell")
        self.mail = memory.array("mail", "int64", len(languages), int(Mail.FIELDS))
        size = memory.largest_answer or Deal(0, 1, RANGE_SIZE).result_size
        self.workers: list[Worker] = []
        for i, language in enumerate(languages):
            room = memory.room(f"result.{i}", size)
            self.workers.append(Worker(i, language, f"{language} {languages[:i].count(language) + 1}", room))

    def __iter__(self) -> Iterator[Worker]:
        return iter(self.workers)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self, worker: Worker) -> int:
        """Fill a worker's place with a new process, and say which."""
        if worker.thread is not None:
            worker.thread.join()
        if worker.go is not None:
            worker.go.close()
        worker.go = self.memory.bell(f"go.{worker.number}")
        command = [*self.commands[worker.language], self.memory.name, str(worker.number), str(os.getpid())]
        try:
            # In a process group of its own, so that a terminal's Ctrl-C reaches the coordinator alone.
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=environment(), process_group=0
            )
        except OSError as error:
            raise JobError(f"cannot start {command[0]}: {error.strerror}") from error
        worker.process, worker.seen = process, False
        if self.memory.living() is None:
            self._watch(worker, process)
        return process.pid

    def _watch(self, worker: Worker, process: "subprocess.Popen[bytes]") -> None:
        """Where no well tells who lives, a thread for each process waits for its end."""
        worker.thread = threading.Thread(target=self._await_end, args=(worker, process), name=f"end of {worker.name}", daemon=True)
        worker.thread.start()

    def _await_end(self, worker: Worker, process: "subprocess.Popen[bytes]") -> None:
        """Sleep until it ends, say so, ring the bell."""
        self.ended.put((worker, process.wait()))
        self.bell.release()

    def endings(self) -> Iterator[tuple[Worker, int]]:
        """Who has ended since the last time, and how."""
        living = self.memory.living()
        if living is not None:
            for worker in self.workers:
                if worker.process is not None and self._has_gone(worker, worker.process, living):
                    yield worker, worker.process.wait()
        while not self.ended.empty():
            yield self.ended.get()

    @staticmethod
    def _has_gone(worker: Worker, process: "subprocess.Popen[bytes]", living: set[int]) -> bool:
        """Who was seen in the well and is not there any more; and who ended before it came there."""
        worker.seen = worker.seen or process.pid in living
        return process.pid not in living and (worker.seen or process.poll() is not None)

    def give(self, worker: Worker, deal: Deal) -> None:
        """Put a deal into a worker's mailbox. OSError, and nothing has changed, if there is no shared memory for its answer."""
        if worker.room.size < deal.result_size:
            worker.room = self.memory.enlarge(worker.room, deal.result_size)
        worker.deal = deal
        self._send(worker, deal.first, deal.count)

    def _send(self, worker: Worker, first: int, count: int) -> None:
        assert worker.go is not None
        self._orders += 1
        worker.order = self._orders
        row = worker.number
        self.mail[row, Mail.FIRST] = first
        self.mail[row, Mail.COUNT] = count
        self.mail[row, Mail.RESULT_SIZE] = worker.room.size
        self.mail[row, Mail.CURRENT] = NOTHING
        self.mail[row, Mail.ORDER] = worker.order
        worker.go.release()

    def has_answered(self, worker: Worker) -> bool:
        return worker.deal is not None and self.mail[worker.number, Mail.ANSWER] == worker.order

    def current_of(self, worker: Worker) -> int:
        """The range that a worker was counting last, or NOTHING."""
        return int(self.mail[worker.number, Mail.CURRENT])

    def take(self, worker: Worker) -> Answer:
        """Copy a worker's answer out, so that the worker can go on. Another process's numbers are checked before they are used."""
        region, offset, size = worker.room
        order, distinct, text_size, total = region.view("int64", int(Result.FIELDS), offset=offset).tolist()
        offset, size = offset + RESULT_HEAD, size - RESULT_HEAD
        if order == worker.order and 0 <= distinct <= size // 8 and 0 <= text_size <= size - 8 * distinct:
            counts = region.view("int64", distinct, offset=offset).tolist()
            text = region.read(offset + 8 * distinct, text_size)
            words = text.split(b"\n") if distinct else []
            if len(words) == distinct and sum(counts) == total:
                return Answer(words, counts, total)
        raise JobError(f"worker {worker.name} wrote an answer that does not fit together")

    def close(self) -> None:
        """End every process, and wait for it."""
        for worker in self.workers:
            if worker.idle:
                self._send(worker, 0, 0)
        for worker in self.workers:
            if worker.process is not None:
                if worker.idle:  # one that is counting has no time left: it holds nothing that anybody needs
                    with suppress(subprocess.TimeoutExpired):
                        worker.process.wait(GOOD_BYE)
                worker.process.kill()
                worker.process.wait()
            if worker.thread is not None:
                worker.thread.join()
