"""The task table: every file cut at word borders into ranges, in shared memory, and the deals in which they are handed out.

`cut` maps a file and gives its ranges; a RangeTable holds all of them in JOB.ranges and JOB.paths; `deals_of` makes the deals. A
deal is what a worker gets at once: one range of a file that has several, or some small files whole.
"""

# SPDX-License-Identifier: MIT
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from inputs import Source
from layout import RESULT_HEAD, Range
from memory import Apart, Together
from words import border

from memwell import Region

RANGE_SIZE = 512 * 1024  # bytes, at least, of every range but a file's last; the README has the measurements
MOST_RANGES = 256  # in one deal


class Span(NamedTuple):
    """One range: a file's number and the bytes [begin, end) of it. No word crosses its ends."""

    file: int
    begin: int
    end: int

    @property
    def size(self) -> int:
        return self.end - self.begin


@dataclass(frozen=True)
class Deal:
    """`count` ranges from number `first` on, with `size` bytes together."""

    first: int
    count: int
    size: int

    @property
    def ranges(self) -> range:
        return range(self.first, self.first + self.count)

    @property
    def result_size(self) -> int:
        """The most bytes that the counts of this deal can take, whatever is in the files.

        Every word but a range's last has a byte after it, so the words and their newlines take size + count bytes at most, and
        every second byte begins a word at most. All words of a range begin within its first RANGE_SIZE bytes: a range is longer
        only because its last word is.
        """
        most_words = (min(self.size, RANGE_SIZE) + self.count) // 2 + 1
        return RESULT_HEAD + 8 * most_words + self.size + self.count


def cut(source: Source, file: int) -> list[Span]:
    """The ranges of a file as it is now; none if it is empty. OSError if it cannot be mapped."""
    spans: list[Span] = []
    with Region.file(source.path, keep_fd=False) as region:
        begin = 0
        while begin < region.size:
            end = border(region, region.size, begin + RANGE_SIZE) if begin + RANGE_SIZE < region.size else region.size
            spans.append(Span(file, begin, end))
            begin = end
    return spans


def deals_of(spans: Sequence[Span]) -> Iterator[Deal]:
    """All ranges, in their order. The ranges of a file that has several come alone, so that the file can be given up as a whole."""
    first, size = 0, 0
    for i, span in enumerate(spans):
        alone = is_part(spans, i)
        if i > first and (alone or size + span.size > RANGE_SIZE or i - first == MOST_RANGES):
            yield Deal(first, i - first, size)
            first, size = i, 0
        size += span.size
        if alone:
            yield Deal(i, 1, size)
            first, size = i + 1, 0
    if first < len(spans):
        yield Deal(first, len(spans) - first, size)


def is_part(spans: Sequence[Span], i: int) -> bool:
    """Whether the file of range i has other ranges."""
    return spans[i].begin > 0 or (i + 1 < len(spans) and spans[i + 1].file == spans[i].file)


def paths_size(sources: Sequence[Source]) -> int:
    return max(1, sum(len(os.fsencode(source.path)) for source in sources))


def tables_size(sources: Sequence[Source], spans: Sequence[Span]) -> int:
    """The bytes that a RangeTable takes in a well."""
    return paths_size(sources) + 8 * Range.FIELDS * max(1, len(spans))


class RangeTable:
    """The arrays "ranges" and "paths", which tell the workers what the numbers in their mailboxes mean."""

    def __init__(self, memory: Apart | Together, sources: Sequence[Source], spans: Sequence[Span]) -> None:
        self.paths = memory.array("paths", "uint8", paths_size(sources))
        self.rows = memory.array("ranges", "int64", max(1, len(spans)), int(Range.FIELDS))
        self._fill(sources, spans)

    def _fill(self, sources: Sequence[Source], spans: Sequence[Span]) -> None:
        places: list[tuple[int, int]] = []
        place = 0
        for source in sources:
            path = os.fsencode(source.path)
            self.paths[place : place + len(path)] = path
            places.append((place, len(path)))
            place += len(path)
        for i, span in enumerate(spans):
            path_at, path_size = places[span.file]
            self.rows[i] = [span.file, span.begin, span.end, path_at, path_size, 0, 0, 0]

    def error_of(self, i: int) -> int:
        """The errno that the worker found for range i, or 0."""
        return int(self.rows[i, Range.ERROR])
