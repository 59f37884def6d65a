"""Play ping-pong on one word of shared memory: wait sleeps while it has a value, wake ends that sleep.

    ping.py NAME ROUNDS [SECONDS]      then, in any of the three languages: pong NAME

Odd numbers are pong's turn, even ones ping's. The second word says how many rounds there are.
"""

# SPDX-License-Identifier: MIT
import sys

import memwell


def wait_while(words: memwell.View, value: int, seconds: float) -> None:
    """A wait may also end because somebody woke us for nothing: so it is asked again."""
    while words.atomic_load(0) == value:
        if not words.wait(0, value, timeout=seconds):
            raise TimeoutError(f"no answer within {seconds:g} seconds")


def play(name: str, rounds: int, seconds: float) -> None:
    with memwell.Region.create(name, 8, temporary=True) as region:
        words = region.view("int32")
        words.atomic_store(1, rounds)
        for turn in range(1, 2 * rounds, 2):
            words.atomic_store(0, turn)
            words.wake(0)
            wait_while(words, turn, seconds)


def main() -> None:
    if len(sys.argv) not in (3, 4):
        sys.exit("usage: ping.py NAME ROUNDS [SECONDS]")
    name, rounds, seconds = (*sys.argv[1:], "10")[:3]
    try:
        play(name, int(rounds), float(seconds))
    except (OSError, ValueError) as error:
        sys.exit(f"ping: {error}")
    print(f"{rounds} rounds")


if __name__ == "__main__":
    main()
