"""Uses a file that others cut, grow and punch holes into, in Python and numpy: each loss is an error, and no more than that.

    weather.py PATH PROGRESS PLACE    until the first int32 of the file PROGRESS is 1; counts its calls in the one at PLACE

Prints how many calls it made and how many losses it was told of.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import contextlib
import random
import sys
from collections.abc import Callable

import numpy as np

from memwell import FaultError, Region


def load_array(region: Region) -> None:
    array = np.asarray(region)
    array.sum()
    array[::512].max()
    del array
    region.check()


def store_array(region: Region) -> None:
    array = np.asarray(region)
    array[:] = 7
    array[::97] += 1
    del array
    region.check()


def copy_memory(region: Region) -> None:
    with memoryview(region) as memory:
        bytes(memory)
    region.check()


USES: tuple[Callable[[Region], object], ...] = (
    lambda region: region.read(0, len(region)),
    lambda region: region.write(b"\3" * len(region)),
    lambda region: region.fill(1),
    lambda region: region.find(b"\1\2\3"),
    lambda region: region.view("uint8").sum(),
    lambda region: region[len(region) - 1],
    lambda region: list(region.lines()),
    load_array,
    store_array,
    copy_memory,
)


def main() -> None:
    path, progress_path, place = sys.argv[1:]
    calls = losses = 0
    with Region.file(progress_path, "r+") as progress, Region.file(path, "r+") as region:
        words = progress.view("int32")
        while words[0] == 0:
            try:
                if len(region) > 0:
                    random.choice(USES)(region)
                else:
                    region.remap()
            except FaultError:
                losses += 1
                region.remap()
            calls += 1
            words[int(place)] = calls
            if random.randrange(16) == 0:
                region.remap()
        with contextlib.suppress(FaultError):
            region.check()
    print(calls, losses)


if __name__ == "__main__":
    main()
