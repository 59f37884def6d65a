"""The other side of work_pingpong.py and work_handover.py where these play by iceoryx2: for each line N it receives a sample, reads
all of it and finds it right, and answers, N times; and then says how many nanoseconds it had on a processor.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import closing
from time import process_time_ns

from iceoryx import End, config_of, numbers_in
from rally import Stroke
from work_handover import Payload


def answering(end: End) -> Stroke:
    """To whom nothing but the turn is passed."""

    def answer() -> None:
        end.receive()
        end.send_turn()

    return answer


def reading(end: End) -> Stroke:
    read: Callable[[object], None] = Payload(None).read

    def answer() -> None:
        sample = end.receive()
        read(numbers_in(sample))
        del sample  # it is given back before the answer, so that the same memory can be loaned again
        end.send_turn()

    return answer


def main() -> None:
    _, prefix, folder, size, how = sys.argv
    with closing(End(config_of(prefix, folder), 1, int(size), how)) as end:
        answer = reading(end) if int(size) else answering(end)
        print("ready", flush=True)
        for line in sys.stdin:
            begin = process_time_ns()
            for _ in range(int(line)):
                answer()
            print(process_time_ns() - begin, flush=True)


if __name__ == "__main__":
    main()
