"""Answer requests through System V shared memory and semaphores, as programs have done since 1983.

    sysv_server.py FILE REQUESTS [SECONDS]      then, in any of the three languages: sysv_client FILE TEXT

FILE exists and is what both make their key of. The answer to a text is the same text in capitals. examples/README.md draws the
counter that clients come to.
"""

# SPDX-License-Identifier: MIT
import sys

import memwell

TURN, ASKED, ANSWERED, SEMAPHORES = range(4)  # of the set
TEXT_MAX = 120


def answer(counter: memwell.Region) -> None:
    length = counter.view("int64", 1)
    if not 0 <= length[0] <= TEXT_MAX:  # the client may be wrong
        length[0] = 0
    text = counter.read(8, length[0])  # a copy, which the client cannot change any more
    counter.write(text.upper(), 8)  # bytes.upper: ASCII letters only, as C's toupper here


def serve(key: int, requests: int, seconds: float) -> int:
    counter = memwell.Region.sysv(key, 8 + TEXT_MAX, how="create")
    turn = memwell.Semaphore.sysv(key, TURN, how="create", count=SEMAPHORES)
    asked, answered = memwell.Semaphore.sysv(key, ASKED), memwell.Semaphore.sysv(key, ANSWERED)
    try:
        turn.release()  # open: the first client may come
        print("open", flush=True)
        for _ in range(requests):
            if not asked.acquire(timeout=seconds):
                raise TimeoutError(f"nobody asked within {seconds:g} seconds")
            answer(counter)
            answered.release()
        turn.acquire(timeout=seconds)  # the last client has read its answer
    finally:  # System V objects stay until somebody removes them
        memwell.Semaphore.sysv_remove(key)
        memwell.Region.sysv_remove(key)
        counter.close()
    return requests


def main() -> None:
    if len(sys.argv) not in (3, 4):
        sys.exit("usage: sysv_server.py FILE REQUESTS [SECONDS]")
    path, requests, seconds = (*sys.argv[1:], "10")[:3]
    try:
        print("answered", serve(memwell.ftok(path, ord("m")), int(requests), float(seconds)))
    except (OSError, ValueError) as error:
        sys.exit(f"sysv_server: {error}")


if __name__ == "__main__":
    main()
