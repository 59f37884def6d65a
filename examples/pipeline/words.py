"""What a word is, and where a text may be cut without cutting one. Needs nothing but the standard library.

A word is a longest run of word bytes: ASCII letters, digits, underscore, and every byte above 127. Case is kept, and nothing is
decoded. worker.lua has the same set as a Lua pattern; recount.py has it once more as a table, on purpose written another way.
"""

# SPDX-License-Identifier: MIT
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Buffer

WORD = re.compile(rb"[A-Za-z0-9_\x80-\xff]+")
WORD_BYTES = bytes(byte for byte in range(256) if WORD.match(bytes((byte,))))
GAP = re.compile(rb"[^A-Za-z0-9_\x80-\xff]")


def border(text: "Buffer", size: int, at: int) -> int:
    """The first offset from `at` (at least 1) on that has no word on both of its sides; the end of the text is one."""
    gap = GAP.search(text, at - 1, size)
    return size if gap is None else max(at, gap.start())


def printable(text: bytes | str, width: int = 0) -> str:
    """A word or a path as it may go to a terminal: on one line, without control characters, cut to `width` characters."""
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")
    start = data if width == 0 else data[: 4 * width]
    characters = start.decode("utf-8", "backslashreplace")
    clean = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in characters)
    if width == 0 or (len(clean) <= width and start == data):
        return clean
    return f"{clean[: width - 1]}…"
