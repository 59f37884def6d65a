"""Follow a growing file, as tail -f does, in its mapping: remap picks up what was added.

    log_tail.py PATH LINES [SECONDS]      prints the first LINES lines, waiting for those that are not written yet

A log that is cut and begun again (logrotate's copytruncate) is read from its start again.
"""

# SPDX-License-Identifier: MIT
import itertools
import sys
import time
from collections.abc import Iterator

import memwell

PAUSE = 0.02


def follow(path: str, seconds: float) -> Iterator[str]:
    """The lines of the file, those that are still to come as well."""
    start, patience = 0, time.monotonic() + seconds
    with memwell.Region.file(path) as log:
        while True:
            end = log.rfind(b"\n", start) + 1  # of the last whole line; 0 where there is none
            for line in log.lines(start, end):
                yield line.decode(errors="replace")
            start = max(start, end)
            if time.monotonic() > patience:
                raise TimeoutError(f"no more lines came within {seconds:g} seconds")
            time.sleep(PAUSE)
            log.remap()
            if len(log) < start:  # it was cut: a new log
                start = 0


def main() -> None:
    if len(sys.argv) not in (3, 4):
        sys.exit("usage: log_tail.py PATH LINES [SECONDS]")
    path, lines, seconds = (*sys.argv[1:], "10")[:3]
    try:
        for line in itertools.islice(follow(path, float(seconds)), int(lines)):
            print(line, flush=True)
    except (OSError, ValueError) as error:
        sys.exit(f"log_tail: {error}")


if __name__ == "__main__":
    main()
