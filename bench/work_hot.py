"""The calls that a program makes most, each alone, from Python: instructions.py counts what they take.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import os

from serve import Work, repeating, serve

from memwell import Region, Semaphore, Well

SIZE = 4096
COUNT = 1000
LINES = 100
NAME = f"memwell-bench-{os.getpid():07}-hot"
"""Of one length, whatever the process's number is: what is counted depends on it."""


def create(name: str) -> None:
    Region.create(name, SIZE).close()
    Region.unlink(name)


def text() -> Region:
    """Lines of equal length, and a needle in the last of them."""
    region = Region.anonymous(SIZE)
    region.fill(ord("x"))
    for i in range(1, LINES + 1):
        region[i * SIZE // LINES - 1] = ord("\n")
    region[SIZE - 10 : SIZE - 4] = b"needle"
    return region


def all_works(well: Well, semaphore: Semaphore) -> dict[str, Work]:
    floats, integers = (Region.anonymous(8 * COUNT).view(kind, COUNT) for kind in ("float64", "int64"))
    floats.fill(1.5)
    well.array("array", "float64", COUNT)
    region, mutex, permits, event = text(), well.mutex("mutex"), well.semaphore("permits", 4), well.event("event")
    return {
        "region_attach": repeating(["Region.attach(name).close()"], Region=Region, name=NAME),
        "region_create": repeating(["create(name)"], create=create, name=NAME + "-new"),
        "region_find": repeating(["r.find(b'needle')"], r=region),
        "region_lines": repeating(["for line in r.lines(): pass"], r=region),
        "view_get": repeating(["v[5]"], v=floats),
        "view_set": repeating(["v[5] = x"], v=floats, x=1.5),
        "view_get_int64": repeating(["v[7]"], v=integers),
        "view_sum": repeating(["v.sum()"], v=floats),
        "view_iterate": repeating(["for x in v: pass"], v=floats),
        "view_atomic_add": repeating(["v.atomic_add(5)"], v=integers),
        "semaphore_turn": repeating(["s.acquire(); s.release()"], s=semaphore),
        "semaphore_with": repeating(["with s: pass"], s=semaphore),
        "mutex_turn": repeating(["m.acquire(); m.release()"], m=mutex),
        "permit_turn": repeating(["p.acquire(); p.release()"], p=permits),
        "event_is_set": repeating(["e.is_set()"], e=event),
        "event_set_clear": repeating(["e.set(); e.clear()"], e=event),
        "well_array": repeating(["w.array('array')"], w=well),
    }


def main() -> None:
    with (
        Region.create(NAME, SIZE, temporary=True),
        Semaphore.create(NAME, 1, temporary=True) as semaphore,
        Well.create(NAME + "-well", 65536, temporary=True) as well,
    ):
        semaphore.release()  # the block holds what it began with
        serve(all_works(well, semaphore), {})
        semaphore.acquire()


if __name__ == "__main__":
    main()
