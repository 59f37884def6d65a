"""Has a worker do works under valgrind's callgrind, and tells what each work takes: instructions, system calls, allocations.

callgrind writes down what it has counted at each mark (mark.h), so that one process serves for all works: what it did up to the
first mark, and between two works, is thrown away. Of each work n repetitions are counted and then 2 n; the difference divided by
n is what one takes, without what it takes to begin.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from contest import AbsentError
from workers import Crew, Worker

REPETITIONS = 200

ALLOCATORS = {
    *("malloc", "calloc", "realloc", "posix_memalign", "aligned_alloc"),
    *("_PyObject_Malloc", "_PyObject_Calloc", "_PyObject_Realloc"),
}
"""The functions of which each call is an allocation. Python's own are counted where its interpreter names them."""

HEAP = re.compile(
    r"(malloc|calloc|realloc|free|_int_\w+|unlink_chunk|malloc_consolidate|sysmalloc|systrim|tcache_\w+"
    r"|_PyObject_(Malloc|Calloc|Realloc|Free))([@.]\S*)?"
)
"""What an allocator itself does. How much that is depends on what was there and given back before, in other works too; so it is not
counted, and each call of an allocator is."""

COMMAND = (
    *("valgrind", "--tool=callgrind", "--quiet", "--dump-before=bench_mark", "--collect-systime=yes", "--compress-strings=no"),
    *("--compress-pos=no", "--dump-line=no"),
)
EVENTS = ("Ir", "sysCount")
"""What callgrind calls instructions and system calls."""


@dataclass(frozen=True, order=True)
class Count:
    """What one repetition of a work takes."""

    instructions: int
    system_calls: int
    allocations: int


Tally = tuple[int, int, int]
"""Of all repetitions together."""


def tally_of(dump: str) -> Tally:
    """What one dump of callgrind's says was done since the one before."""
    events = re.search(r"^events: (.*)$", dump, re.M)
    totals = re.search(r"^(?:summary|totals): (.*)$", dump, re.M)
    if not events or not totals:
        raise AbsentError("callgrind wrote no totals")
    by_name = dict(zip(events[1].split(), map(int, totals[1].split()), strict=False))
    instructions, calls = (by_name.get(event, 0) for event in EVENTS)
    in_heap = sum(count for function, count in own_instructions(dump) if HEAP.fullmatch(function))
    return instructions - in_heap, calls, sum(allocations_in(dump))


def own_instructions(dump: str) -> Iterator[tuple[str, int]]:
    """What each function did itself; the first of its costs. The line behind calls= is what those did that it called."""
    function, of_callee = "", False
    for line in dump.splitlines():
        if line.startswith("fn="):
            function = line.removeprefix("fn=")
        elif line.startswith("calls="):
            of_callee = True
        elif cost := re.match(r"[\d+*-]\S* (\d+)", line):
            if not of_callee:
                yield function, int(cost[1])
            of_callee = False


def allocations_in(dump: str) -> Iterator[int]:
    """How often allocators were called, for each place that calls one."""
    for callee, times in re.findall(r"^cfn=(\S+)\ncalls=(\d+)", dump, re.M):
        if callee.partition("@")[0] in ALLOCATORS:
            yield int(times)


def per_repetition(once: Tally, twice: Tally, n: int) -> Count:
    return Count(*(round((more - less) / n) for less, more in zip(once, twice, strict=True)))


def count_works(crew: Crew, name: str, environment: dict[str, str]) -> dict[str, Count]:
    """What every work of a worker takes. Raises AbsentError."""
    with tempfile.TemporaryDirectory() as folder:
        command, settings = crew.command(name)
        dumps = Path(folder) / "dump"
        worker = Worker(name, [*COMMAND, f"--callgrind-out-file={dumps}", *command], {**settings, **environment})
        works = sorted(worker.works)
        try:
            for work in works:
                worker.ask(work, REPETITIONS)  # whatever happens the first time
                worker.ask(work, REPETITIONS)
                worker.ask(work, 2 * REPETITIONS)
        finally:
            worker.stop()

        def tally(mark: int) -> Tally:
            return tally_of(Path(f"{dumps}.{mark}").read_text(errors="replace"))

        # A request has a mark before and one behind, and the dump of the second has what was done between them.
        return {work: per_repetition(tally(6 * i + 4), tally(6 * i + 6), REPETITIONS) for i, work in enumerate(works)}
