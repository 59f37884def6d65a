"""Wait at a FIFO for the bell, and print what lies in shared memory at each ring.

    bell_wait.py NAME FIFO RINGS      then, in any of the three languages: bell_ring NAME FIFO TEXT

A FIFO beside shared memory wakes whoever waits in select, poll or an event loop; each byte in it is the number of a shelf. This
program makes both and removes both. examples/README.md draws the shelves.
"""

# SPDX-License-Identifier: MIT
import os
import sys

import memwell

SHELVES, SHELF = 8, 64


def listen(name: str, fifo: str, rings: int) -> None:
    with memwell.Region.create(name, SHELF + SHELVES * SHELF, temporary=True) as region:
        os.mkfifo(fifo, 0o600)
        try:
            with open(fifo, "r+b", buffering=0) as bell:  # r+: no end of file between two who ring
                print("listening", flush=True)
                for _ in range(rings):
                    shelf = bell.read(1)[0] % SHELVES
                    text = region.read(SHELF + shelf * SHELF, SHELF).partition(b"\0")[0]
                    print(f"{shelf}: {text.decode(errors='replace')}", flush=True)
        finally:
            os.unlink(fifo)


def main() -> None:
    if len(sys.argv) != 4:
        sys.exit("usage: bell_wait.py NAME FIFO RINGS")
    try:
        listen(sys.argv[1], sys.argv[2], int(sys.argv[3]))
    except (OSError, ValueError) as error:
        sys.exit(f"bell_wait: {error}")


if __name__ == "__main__":
    main()
