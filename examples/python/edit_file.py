"""Edit a file in place: map it, write into the mapping, and the file has changed. Nothing is read into a buffer and nothing is
written back.

    edit_file.py PATH OFFSET TEXT      write TEXT over what stands at byte OFFSET
"""

# SPDX-License-Identifier: MIT
import sys

import memwell


def edit(path: str, offset: int, text: bytes) -> bytes:
    with memwell.Region.file(path, "r+") as file:
        before = file.read(offset, len(text))  # a copy of what stood there, only to show it
        file.write(text, offset)  # past the end is a ValueError, and nothing is written
        file.flush()  # every program sees it already; now the disk does
    return before


def main() -> None:
    if len(sys.argv) != 4:
        sys.exit("usage: edit_file.py PATH OFFSET TEXT")
    path, offset, text = sys.argv[1:]
    try:
        before = edit(path, int(offset), text.encode())
    except (OSError, ValueError) as error:
        sys.exit(f"edit_file: {error}")
    print(f'{path}: "{before.decode(errors="replace")}" is now "{text}"')


if __name__ == "__main__":
    main()
