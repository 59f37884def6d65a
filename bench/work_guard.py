"""The worker in Python for the guard's price, at an access and at an attach: the same with a guard and without.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import os

from serve import UNROLLED, Work, repeating, serve

from memwell import Region

COUNT = 1000
NAME = f"memwell-bench-{os.getpid()}-guard"


def reading(region: Region) -> Work:
    return repeating([f"v[{i}]" for i in range(UNROLLED)], v=region.view("float64", COUNT))


def attaching(guard: str) -> Work:
    return repeating([f"attach(name, guard={guard}).close()"], attach=Region.attach, name=NAME)


def main() -> None:
    with Region.create(NAME, 8 * COUNT, temporary=True):
        guarded, unguarded = Region.attach(NAME), Region.attach(NAME, guard=False)
        serve(
            {
                "read_guarded": reading(guarded),
                "read_unguarded": reading(unguarded),
                "attach_guarded": attaching("True"),
                "attach_unguarded": attaching("False"),
            },
            {},
        )


if __name__ == "__main__":
    main()
