"""Write into named memory, tell the reader by a semaphore, and wait until it has read.

    writer.py NAME TEXT [SECONDS]      then, in any of the three languages: reader NAME

The memory and both semaphores are temporary: their names are gone when this program ends. examples/README.md draws the parcel.
"""

# SPDX-License-Identifier: MIT
import sys

import memwell


def write(name: str, text: bytes, seconds: float) -> None:
    with memwell.Region.create(name, 128, temporary=True) as parcel:
        written = memwell.Semaphore.create(name + ".written", temporary=True)
        read = memwell.Semaphore.create(name + ".read", temporary=True)

        parcel.view("float64", 4, offset=16).copy_from([0.5, 1.5, 2.5, 3.5])
        parcel.view("int64", 1, offset=8)[0] = len(text)
        parcel.write(text, 48)  # more than 80 bytes is a ValueError: they would end outside
        parcel[0] = 1  # the flag: all the rest is there
        written.release()  # orders all of the above before what the reader does
        if not read.acquire(timeout=seconds):
            raise TimeoutError(f"nobody read {name} within {seconds:g} seconds")


def main() -> None:
    if len(sys.argv) not in (3, 4):
        sys.exit("usage: writer.py NAME TEXT [SECONDS]")
    name, text, seconds = (*sys.argv[1:], "10")[:3]
    try:
        write(name, text.encode(), float(seconds))
    except (OSError, ValueError) as error:
        sys.exit(f"writer: {error}")
    print("written and read")


if __name__ == "__main__":
    main()
