"""Ask a sysv_server, in any of the three languages, and print what it answers.

sysv_client.py FILE TEXT [SECONDS]
"""

# SPDX-License-Identifier: MIT
import sys

import memwell

TURN, ASKED, ANSWERED = range(3)  # of the set
TEXT_MAX = 120


def ask(key: int, text: bytes, seconds: float) -> str:
    with memwell.Region.sysv(key) as counter:
        turn = memwell.Semaphore.sysv(key, TURN, undo=True)  # SEM_UNDO: if we are killed, the next client has its turn
        asked, answered = memwell.Semaphore.sysv(key, ASKED), memwell.Semaphore.sysv(key, ANSWERED)
        if not turn.acquire(timeout=seconds):
            raise TimeoutError(f"it was not our turn within {seconds:g} seconds")
        length = counter.view("int64", 1)
        length[0] = len(text)
        counter.write(text, 8)  # more than 120 bytes is a ValueError: they would end outside
        asked.release()
        if not answered.acquire(timeout=seconds):
            raise TimeoutError(f"no answer within {seconds:g} seconds")
        answer = counter.read(8, min(length[0], TEXT_MAX)).decode(errors="replace")
        turn.release()
    return answer


def main() -> None:
    if len(sys.argv) not in (3, 4):
        sys.exit("usage: sysv_client.py FILE TEXT [SECONDS]")
    path, text, seconds = (*sys.argv[1:], "10")[:3]
    try:
        print(ask(memwell.ftok(path, ord("m")), text.encode(), float(seconds)))
    except (OSError, ValueError) as error:
        sys.exit(f"sysv_client: {error}")


if __name__ == "__main__":
    main()
