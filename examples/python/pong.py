"""The other side of ping, in any of the three languages.

pong.py NAME [SECONDS]      may be started first
"""

# SPDX-License-Identifier: MIT
import sys

import memwell


def wait_while(words: memwell.View, value: int, seconds: float) -> None:
    """A wait may also end because somebody woke us for nothing: so it is asked again."""
    while words.atomic_load(0) == value:
        if not words.wait(0, value, timeout=seconds):
            raise TimeoutError(f"no ball within {seconds:g} seconds")


def play(name: str, seconds: float) -> int:
    with memwell.Region.attach(name, timeout=seconds) as region:
        words = region.view("int32")
        wait_while(words, 0, seconds)  # from here on the number of rounds is there too: it was stored before
        rounds: int = words.atomic_load(1)
        for turn in range(0, 2 * rounds, 2):
            wait_while(words, turn, seconds)
            words.atomic_store(0, turn + 2)
            words.wake(0)
    return rounds


def main() -> None:
    if len(sys.argv) not in (2, 3):
        sys.exit("usage: pong.py NAME [SECONDS]")
    name, seconds = (*sys.argv[1:], "10")[:2]
    try:
        print(f"{play(name, float(seconds))} answers")
    except (OSError, ValueError) as error:
        sys.exit(f"pong: {error}")


if __name__ == "__main__":
    main()
