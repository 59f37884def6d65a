"""Put a text on the next free shelf in shared memory, and ring the bell of who waits for it.

    bell_ring.py NAME FIFO TEXT

Any number of programs may ring at once: each takes its shelf by one atomic addition.
"""

# SPDX-License-Identifier: MIT
import os
import sys

import memwell

SHELVES, SHELF = 8, 64


def ring(name: str, fifo: str, text: bytes) -> int:
    if len(text) >= SHELF:
        raise ValueError(f"TEXT has {len(text)} bytes; at most {SHELF - 1} lie on a shelf")
    with memwell.Region.attach(name) as region:
        shelf: int = region.view("uint32", 1).atomic_add(0) % SHELVES  # how many texts had come before
        region.write(text + b"\0", SHELF + shelf * SHELF)
        bell = os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
        os.write(bell, bytes([shelf]))
        os.close(bell)
    return shelf


def main() -> None:
    if len(sys.argv) != 4:
        sys.exit("usage: bell_ring.py NAME FIFO TEXT")
    try:
        print(f"rang for shelf {ring(sys.argv[1], sys.argv[2], sys.argv[3].encode())}")
    except (OSError, ValueError) as error:
        sys.exit(f"bell_ring: {error}")


if __name__ == "__main__":
    main()
