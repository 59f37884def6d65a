"""Read what a writer, in any of the three languages, put into named memory, and tell it so by a semaphore.

reader.py NAME [SECONDS]      may be started before the writer
"""

# SPDX-License-Identifier: MIT
import sys

import memwell


def read_parcel(name: str, seconds: float) -> str:
    with memwell.Region.attach(name, timeout=seconds, readonly=True) as parcel:
        written = memwell.Semaphore.attach(name + ".written", timeout=seconds)
        read = memwell.Semaphore.attach(name + ".read", timeout=seconds)
        if not written.acquire(timeout=seconds):
            raise TimeoutError(f"nothing was written to {name} within {seconds:g} seconds")

        length = parcel.view("int64", 1, offset=8)[0]  # copied, checked, then used: the writer may be wrong
        if parcel[0] != 1 or not 0 <= length <= 80:
            raise ValueError(f"{name} holds no parcel")
        numbers = parcel.view("float64", 4, offset=16)  # a window, not a copy
        text = parcel.read(48, length).decode(errors="replace")
        line = f'"{text}" and {" ".join(f"{x:g}" for x in numbers)}, sum {numbers.sum():g}'
        read.release()
    return line


def main() -> None:
    if len(sys.argv) not in (2, 3):
        sys.exit("usage: reader.py NAME [SECONDS]")
    name, seconds = (*sys.argv[1:], "10")[:2]
    try:
        print(read_parcel(name, float(seconds)))
    except (OSError, ValueError) as error:
        sys.exit(f"reader: {error}")


if __name__ == "__main__":
    main()
