"""A worker of a pool that shares a few permits. Whoever dies with one, even by kill -9, gives it back.

    pool.py FILE PERMITS [TURNS]      in any of the three languages, in as many terminals as you like

It takes turns until Ctrl-C, or so many; with 0 it only says how many permits are free. Kill one that works, kill -9 PID, and
another takes its permit over. The first to come makes FILE, a well; examples/README.md says what is in it. supervisor shows it
as a table, and starts new workers for those that died.
"""

# SPDX-License-Identifier: MIT
import itertools
import os
import signal
import sys

import memwell

SIZE, SLOTS = 65536, 64
PID, LANGUAGE, TURNS, FIELDS = range(4)  # of a row of the roster
PYTHON = 3  # the language, there
WORK, REST = 0.4, 0.1  # seconds with a permit, and without


def sign_on(well: memwell.Well) -> memwell.View:
    """This process's row of the roster, which has one for each slot. It says who is here until the worker itself leaves."""
    assert well.slot is not None  # only an observer has none
    row: memwell.View = well.array("roster", "int64", (SLOTS, FIELDS))[well.slot]
    row[LANGUAGE], row[TURNS] = PYTHON, 0
    row[PID] = os.getpid()
    return row


def turn(permits: memwell.RobustSemaphore, stop: memwell.Event) -> bool:
    """One turn with a permit. False when it is time to stop."""
    while not permits.acquire(timeout=1):
        if stop.is_set():
            return False
    print(f"{os.getpid()} works, {permits.value} of {permits.capacity} permits are free", flush=True)
    stop.wait(WORK)  # the work: here it only takes its time
    permits.release()
    return not stop.wait(REST)


def work(well: memwell.Well, permits: memwell.RobustSemaphore, turns: int) -> None:
    stop = well.event("stop")
    row = sign_on(well)
    for taken in itertools.count(1):
        if taken == turns + 1 or not turn(permits, stop):
            break
        row[TURNS] = taken
    row[PID] = 0  # left, and did not die


def main() -> None:
    if len(sys.argv) not in (3, 4):
        sys.exit("usage: pool.py FILE PERMITS [TURNS]")
    path, capacity, turns = (*sys.argv[1:], "-1")[:3]
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C is a death like others
    try:
        with memwell.Well.file(path, SIZE) as well:
            permits = well.semaphore("permits", int(capacity))
            if int(turns):
                work(well, permits, int(turns))
                return
            well.reap()
            print(f"{permits.value} of {permits.capacity} permits are free")
    except (OSError, ValueError, memwell.Error) as error:
        sys.exit(f"pool: {error}")


if __name__ == "__main__":
    main()
