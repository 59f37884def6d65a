"""A region as a file. Imported at the first Region.stream(), so that `import memwell` costs no io classes.

SPDX-License-Identifier: MIT
"""

import errno
import io
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Buffer

    from ._memwell import Region


class RegionStream(io.RawIOBase):
    """The bytes of a region from `start` to `stop`, or to its end where that is None, as a raw file.

    Every read copies once, from the region into what it returns. Closing the stream does not close the region; closing the
    region makes every call ClosedError, which is a ValueError, as of a closed file.
    """

    def __init__(self, region: "Region", start: int, stop: int | None) -> None:
        super().__init__()
        self._region = region
        self._start = start
        self._stop = stop
        self._place = start

    def _end(self) -> int:
        """Where the stream ends now: others may have resized the region."""
        if self.closed:
            raise ValueError("Region.stream: the stream is closed")
        size = self._region.size
        return size if self._stop is None else min(self._stop, size)

    def _room(self, wanted: int) -> int:
        return max(0, min(wanted, self._end() - self._place))

    def readable(self) -> bool:
        self._end()
        return True

    def writable(self) -> bool:
        self._end()
        return not self._region.readonly

    def seekable(self) -> bool:
        self._end()
        return True

    def readinto(self, buffer: "Buffer", /) -> int:
        with memoryview(buffer) as view, view.cast("B") as target, target[: self._room(target.nbytes)] as part:
            size = self._region.readinto(part, self._place)
        self._place += size
        return size

    def _take(self, size: int) -> bytes:
        taken = self._region.read(self._place, self._room(size))
        self._place += len(taken)
        return taken

    def read(self, size: int | None = -1, /) -> bytes:
        return self.readall() if size is None or size < 0 else self._take(size)

    def readall(self) -> bytes:
        return self._take(self._end())

    def readline(self, size: int | None = -1, /) -> bytes:
        end = self._place + self._room(self._end() if size is None or size < 0 else size)
        newline = self._region.find(b"\n", self._place, end)
        return self._take((end if newline < 0 else newline + 1) - self._place)

    def write(self, data: "Buffer", /) -> int:
        """Write what fits; OSError with ENOSPC where nothing does."""
        with memoryview(data) as view, view.cast("B") as source:
            size = self._room(source.nbytes)
            if size == 0 and source.nbytes > 0:
                raise OSError(errno.ENOSPC, "Region.stream: the stream is at the region's end, which writing does not move")
            with source[:size] as part:
                self._region.write(part, self._place)
        self._place += size
        return size

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        bases = {os.SEEK_SET: self._start, os.SEEK_CUR: self._place, os.SEEK_END: self._end()}
        if whence not in bases:
            raise ValueError(f"Region.stream: whence must be 0, 1 or 2, not {whence!r}")
        place = bases[whence] + offset
        if place < self._start:
            raise ValueError(f"Region.stream: a place cannot be negative, but is {place - self._start}")
        self._place = place
        return place - self._start

    def tell(self) -> int:
        self._end()
        return self._place - self._start

    def truncate(self, size: int | None = None, /) -> int:
        raise io.UnsupportedOperation("Region.stream: a stream has the region's size; resize() changes that")
