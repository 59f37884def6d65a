"""Hand a text over in sealed memory to a reader that does not trust us.

    joined.py sealed_send.py TEXT [SEAL ...] -- sealed_receive.py

Descriptor 3 is a Unix socket; joined.py starts two programs with one between them. Without SEALs it seals as the reader wants it:
shrink, grow, write, seal.
"""

# SPDX-License-Identifier: MIT
import sys

import memwell

SOCKET = 3


def send(text: bytes, seals: list[str]) -> None:
    with memwell.Region.memfd(len(text) + 1, name="letter") as letter:
        letter.write(text)
        letter.seal(*seals)  # with "write" the region is read-only from here on, for us too
        letter.send(SOCKET)


def main() -> None:
    if len(sys.argv) < 2:
        sys.exit("usage: sealed_send.py TEXT [SEAL ...]")
    text = sys.argv[1].encode()
    try:
        send(text, sys.argv[2:] or ["shrink", "grow", "write", "seal"])
    except (OSError, ValueError) as error:
        sys.exit(f"sealed_send: {error}")
    print(f"sent {len(text)} bytes")


if __name__ == "__main__":
    main()
