"""The totals. What a worker answers counts from the moment that it is added here, and not before.

A file in several ranges is all or nothing: its counts are kept aside until its last range is there. So a file that vanishes or
shrinks half-way leaves nothing of itself in the totals.
"""

# SPDX-License-Identifier: MIT
from dataclasses import dataclass, field

from crew import Answer


@dataclass
class Part:
    """What has come of a file that has several ranges."""

    missing: int  # ranges
    counts: dict[bytes, int] = field(default_factory=dict)
    total: int = 0


def merge(counts: dict[bytes, int], words: list[bytes], numbers: list[int]) -> None:
    """Add to each word's count."""
    known = counts.get
    for word, n in zip(words, numbers, strict=False):
        counts[word] = known(word, 0) + n


class Tally:
    """Counts by word, and the sum of them."""

    def __init__(self) -> None:
        self.counts: dict[bytes, int] = {}
        self.total = 0
        self._parts: dict[int, Part] = {}

    def add(self, answer: Answer) -> None:
        """Take the counts of whole files."""
        merge(self.counts, answer.words, answer.counts)
        self.total += answer.total

    def add_part(self, file: int, ranges: int, answer: Answer) -> None:
        """Take the counts of one range of a file that has `ranges`."""
        part = self._parts.setdefault(file, Part(ranges))
        merge(part.counts, answer.words, answer.counts)
        part.total += answer.total
        part.missing -= 1
        if part.missing == 0:
            del self._parts[file]
            self.add(Answer(list(part.counts), list(part.counts.values()), part.total))

    def drop(self, file: int) -> None:
        """Forget the ranges of a file that is given up."""
        self._parts.pop(file, None)
