"""Counts the words once more, in one plain process without memwell, to compare with.

    recount.py < PATHS > COUNTS     paths separated by NUL; a pickle of the counts, the paths not read, and the seconds

It shares nothing with the pipeline but the list of files, and finds the words in another way: by a table and bytes.split.
"""

# SPDX-License-Identifier: MIT
import os
import pickle
import string
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

WORD_BYTES = (string.ascii_letters + string.digits + "_").encode() + bytes(range(128, 256))
TO_WORDS = bytes(byte if byte in WORD_BYTES else ord(" ") for byte in range(256))


class Recount(NamedTuple):
    """What a plain recount found."""

    counts: dict[bytes, int]
    unread: list[str]
    seconds: float


def recount(paths: Iterable[str]) -> Recount:
    """Count in a process of its own."""
    names = b"\0".join(os.fsencode(path) for path in paths)
    done = subprocess.run([sys.executable, "-I", __file__], input=names, stdout=subprocess.PIPE, check=True, process_group=0)
    return Recount(*pickle.loads(done.stdout))


def differences(counts: dict[bytes, int], recounted: dict[bytes, int]) -> list[tuple[bytes, int, int]]:
    """Every word whose two counts differ, with both."""
    return sorted(
        (word, counts.get(word, 0), recounted.get(word, 0))
        for word in counts.keys() | recounted.keys()
        if counts.get(word) != recounted.get(word)
    )


def main() -> None:
    counts: Counter[bytes] = Counter()
    unread: list[str] = []
    begin = time.monotonic()
    for path in filter(None, sys.stdin.buffer.read().split(b"\0")):
        try:
            with open(path, "rb") as file:
                counts.update(file.read().translate(TO_WORDS).split())
        except OSError:
            unread.append(os.fsdecode(path))
    pickle.dump((dict(counts), unread, time.monotonic() - begin), sys.stdout.buffer)


if __name__ == "__main__":
    main()
