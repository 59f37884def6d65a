"""A worker in Python: counts the ranges that the coordinator puts into its mailbox.

    worker.py JOB NUMBER COORDINATOR        started by the coordinator; `Worker.run` is the main entry

The words are found where they lie in the mapped file: nothing of it is copied but they. See worker.lua for the same in Lua.
"""

# SPDX-License-Identifier: MIT
import os
import sys
from array import array
from collections import Counter
from contextlib import ExitStack, closing
from errno import EIO
from functools import partial

from layout import RESULT_HEAD, SHORTER, TICK, Mail, Range, Result
from words import WORD_BYTES

from memwell import FaultError, Region, Semaphore


class Worker:
    """Everything that a worker holds. It may be killed between any two lines; whatever it leaves half-done is not looked at."""

    def __init__(self, job: str, number: int, coordinator: int, stack: ExitStack) -> None:
        def attach(name: str, readonly: bool = False) -> Region:
            return stack.enter_context(Region.attach(job + name, readonly=readonly))

        self.coordinator = coordinator
        self.go = stack.enter_context(closing(Semaphore.attach(f"{job}.go.{number}")))
        self.bell = stack.enter_context(closing(Semaphore.attach(f"{job}.bell")))
        self.mail = attach(".mail").view("int64", int(Mail.FIELDS), offset=8 * Mail.FIELDS * number)
        ranges = attach(".ranges")
        self.ranges = ranges.view("int64", (ranges.size // (8 * Range.FIELDS), int(Range.FIELDS)))
        self.paths = attach(".paths", readonly=True)
        self.attach_result = partial(attach, f".result.{number}")
        self.result = self.attach_result()

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
        """Sleep until the coordinator has put something in. False if it is gone: its children have another parent then."""
        while not self.go.acquire(TICK):
            if os.getppid() != self.coordinator:
                return False
        return True

    def count(self, i: int, counts: "Counter[bytes]") -> None:
        """Add the words of range i. A file that cannot be mapped, or has become shorter, is an error in the range's row."""
        _, begin, end, path_at, path_size = self.ranges[i, : Range.ERROR].tolist()
        error, words = 0, list[bytes]()
        try:
            with Region.file(os.fsdecode(self.paths.read(path_at, path_size)), keep_fd=False) as region:
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
        if self.result.size < self.mail[Mail.RESULT_SIZE]:
            self.result.close()
            self.result = self.attach_result()  # the coordinator has made it larger
        text = b"\n".join(counts)
        self.result.view("int64", len(counts), offset=RESULT_HEAD).copy_from(array("q", counts.values()))
        self.result.write(text, RESULT_HEAD + 8 * len(counts))
        self.result.view("int64", int(Result.FIELDS)).copy_from([order, len(counts), len(text), counts.total()])
        self.mail[Mail.ANSWER] = order
        self.bell.release()


if __name__ == "__main__":
    with ExitStack() as everything:
        Worker(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), everything).run()
