"""Read a text from memory whose sender is not trusted: it is taken only if nobody can cut it or write to it any more.

    joined.py sealed_send.py TEXT [SEAL ...] -- sealed_receive.py

With these seals the text can be checked and then used where it lies. Without, a sender could change it in between, or cut the
memory under the reader's feet.
"""

# SPDX-License-Identifier: MIT
import sys

import memwell

SOCKET = 3


def receive() -> str:
    with memwell.Region.receive(SOCKET, require_seals=("shrink", "write")) as letter:
        return bytes(letter).partition(b"\0")[0].decode(errors="replace")


def main() -> None:
    try:
        print(f'received "{receive()}", which nobody can change any more')
    except (OSError, ValueError) as error:
        sys.exit(f"sealed_receive: {error}")


if __name__ == "__main__":
    main()
