"""The worker in Python for a file's bytes, warm: its lines counted, and 64 bytes at random places. memwell beside io, os and mmap.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import mmap
import os
import random
import tempfile
from collections.abc import Callable
from functools import partial
from typing import BinaryIO

from serve import UNROLLED, Work, looping, repeating, serve

from memwell import Region

SIZE = 16 << 20
LINE = b"x" * 63 + b"\n"
LINES = SIZE // len(LINE)
PIECE = 64
CHUNK = 64 << 10


def count_memwell(path: str) -> int:
    with Region.file(path) as region:
        return region.count(b"\n")


def count_mmap(path: str) -> int:
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as memory:
        return sum(1 for _ in iter(memory.readline, b""))


def count_string(path: str) -> int:
    with open(path, "rb") as file:
        return file.read().count(b"\n")


def count_chunks(path: str) -> int:
    with open(path, "rb", buffering=0) as file:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(CHUNK), b""))


def seek_and_read(file: BinaryIO, offset: int) -> bytes:
    file.seek(offset)
    return file.read(PIECE)


def counting(count: Callable[[str], int], path: str) -> Work:
    assert count(path) == LINES
    return looping(partial(count, path))


def works_on(path: str, region: Region, memory: mmap.mmap, file: BinaryIO, raw: BinaryIO) -> dict[str, Work]:
    generator = random.Random(7)
    places = [generator.randrange(LINES) * PIECE for _ in range(UNROLLED)]
    fd = file.fileno()
    assert region.read(places[0], PIECE) == os.pread(fd, PIECE, places[0]) == seek_and_read(file, places[0]) == LINE
    return {
        "count_memwell": counting(count_memwell, path),
        "count_mmap": counting(count_mmap, path),
        "count_string": counting(count_string, path),
        "count_chunks": counting(count_chunks, path),
        "piece_memwell": repeating([f"read({place}, {PIECE})" for place in places], read=region.read),
        "piece_mmap": repeating([f"m[{place}:{place + PIECE}]" for place in places], m=memory),
        "piece_pread": repeating([f"pread(fd, {PIECE}, {place})" for place in places], pread=os.pread, fd=fd),
        "piece_buffered": repeating([f"read(file, {place})" for place in places], read=seek_and_read, file=file),
        "piece_raw": repeating([f"read(file, {place})" for place in places], read=seek_and_read, file=raw),
    }


def main() -> None:
    with tempfile.NamedTemporaryFile(prefix="memwell-bench-", dir="/var/tmp") as made:
        made.write(LINE * LINES)
        made.flush()
        path = made.name
        with open(path, "rb") as file, open(path, "rb", buffering=0) as raw, Region.file(path) as region:
            memory = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            serve(works_on(path, region, memory, file, raw), {})


if __name__ == "__main__":
    main()
