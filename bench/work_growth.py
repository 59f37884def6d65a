"""The worker in Python for what attaching, a lock and a look-up cost by how much there is, as growth_calls.c has it from C.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import os
from contextlib import ExitStack

from serve import Work, repeating, serve

from memwell import Region, Well

COUNTS = (1, 100, 10_000)
NAME = f"memwell-bench-{os.getpid()}-growth"


class Regions:
    """What this process has attached beside the one that comes and goes: without descriptors, of which it has a thousand or so."""

    def __init__(self) -> None:
        self.held: list[Region] = []

    def attach_beside(self, count: int) -> Work:
        def run(n: int) -> int | str:
            while len(self.held) > count:
                self.held.pop().close()
            while len(self.held) < count:
                self.held.append(Region.attach(NAME, keep_fd=False))
            return repeating(["attach(name).close()"], attach=Region.attach, name=NAME)(n)

        return run


class Vessel:
    """A well of so many arrays, made when it is first needed: thousands of them take their time."""

    def __init__(self, arrays: int, stack: ExitStack) -> None:
        self.arrays, self.stack = arrays, stack
        self.name = f"{NAME}-{arrays}"
        self.last = f"array-{arrays - 1}"
        self.well: Well | None = None
        self.is_made = False

    def make(self) -> Well:
        well = Well.create(self.name, 16 << 20, objects=self.arrays + 2)
        self.stack.callback(Well.unlink, self.name)
        self.is_made = True
        for i in range(self.arrays):
            well.array(f"array-{i}", "int64", 1)
        well.mutex("mutex")
        return well

    def attached(self) -> Well:
        if self.well is None:
            self.well = Well.attach(self.name) if self.is_made else self.make()
        return self.well

    def leave(self) -> None:
        """So that the next to attach is the process's first."""
        self.attached().close()
        self.well = None

    def attach(self, n: int) -> int | str:
        self.leave()
        return repeating(["attach(name).close()"], attach=Well.attach, name=self.name)(n)

    def look_up(self, n: int) -> int | str:
        return repeating(["w.array(name)"], w=self.attached(), name=self.last)(n)

    def turn(self, n: int) -> int | str:
        return repeating(["m.acquire(); m.release()"], m=self.attached().mutex("mutex"))(n)


def main() -> None:
    regions = Regions()
    with ExitStack() as stack:
        stack.enter_context(Region.create(NAME, 4096, temporary=True))
        works = {f"regions_{count}": regions.attach_beside(count) for count in COUNTS}
        for vessel in [Vessel(count, stack) for count in COUNTS]:
            works |= {f"{verb.__name__}_of_{vessel.arrays}": verb for verb in (vessel.attach, vessel.look_up, vessel.turn)}
        serve(works, {})


if __name__ == "__main__":
    main()
