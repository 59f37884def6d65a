"""A worker in Python: counts the ranges that the coordinator puts into its mailbox.

    worker.py JOB NUMBER COORDINATOR        started by the coordinator; `Worker.run` is the main entry

The words are found where they lie in the mapped file: nothing of it is copied but they. See worker.lua for the same in Lua.
"""

# SPDX-License-Identifier: MIT
import os
import sys
from array import array
from collections import Counter
from contextlib import ExitStack
from errno import EIO

from layout import RESULT_HEAD, SHORTER, TICK, Mail, Range, Result
from memory import Attached
from words import WORD_BYTES

from memwell import FaultError, Region


class Worker:
    """Everything that a worker holds. It may be killed between any two lines; whatever it leaves half-done is not looked at."""

    def __init__(self, job: str, number: int, coordinator: int, stack: ExitStack) -> None:
        self.memory = Attached(job, stack)
        self.number, self.coordinator = number, coordinator
        self.go = self.memory.bell(f"go.{number}")
        self.bell = self.memory.bell("bell")
        self.mail = self.memory.rows("mail", int(Mail.FIELDS))[number]
        self.ranges = self.memory.rows("ranges", int(Range.FIELDS))
        self.paths = self.memory.bytes("paths")
        self.room = self.memory.room(f"result.{number}")

    def run(self) -> None:
        """Count what the mailbox says, until it says that there is no more or the coordinator is gone."""
        while self.wait():
            order, first, count = self.mail[Mail.ORDER], self.mail[Mail.FIRST], self.mail[Mail.COUNT]
            if count == 0:
                return
            counts: Counter[bytes] = Counter()
            for i in range(first, first + count):
                self.mail[Mail.CURRENT] = i
                self.count(i, counts)
            self.answer(order, counts)

    def wait(self) -> bool:
        """Sleep until the coordinator has put something in. False if it is gone."""
        while not self.go.acquire(TICK):
            if not self.memory.has(self.coordinator):
                return False
        return True

    def path(self, at: int, size: int) -> str:
        return os.fsdecode(self.paths[at : at + size].tobytes())

    def count(self, i: int, counts: "Counter[bytes]") -> None:
        """Add the words of range i. A file that cannot be mapped, or has become shorter, is an error in the range's row."""
        _, begin, end, path_at, path_size = self.ranges[i, : Range.ERROR].tolist()
        error, words = 0, list[bytes]()
        try:
            with Region.file(self.path(path_at, path_size), keep_fd=False) as region:
                if region.size < end:
                    error = SHORTER
                else:
                    words = list(region.runs(WORD_BYTES, begin, end))
        except FaultError:  # it was cut under the mapping
            error = SHORTER
        except OSError as failure:
            error = failure.errno or EIO
        counts.update(words)
        self.ranges[i, Range.ERROR] = error
        self.ranges[i, Range.WORDS] = len(words)

    def answer(self, order: int, counts: "Counter[bytes]") -> None:
        """Write the counts out, then the order's number: with that last store, and not before, the answer is there."""
        if self.room.size < self.mail[Mail.RESULT_SIZE]:
            self.room.region.close()
            self.room = self.memory.room(f"result.{self.number}")  # the coordinator has made it larger
        region, offset, _ = self.room
        text = b"\n".join(counts)
        region.view("int64", len(counts), offset=offset + RESULT_HEAD).copy_from(array("q", counts.values()))
        region.write(text, offset + RESULT_HEAD + 8 * len(counts))
        region.view("int64", int(Result.FIELDS), offset=offset).copy_from([order, len(counts), len(text), counts.total()])
        self.mail[Mail.ANSWER] = order
        self.bell.release()


if __name__ == "__main__":
    with ExitStack() as everything:
        Worker(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), everything).run()
