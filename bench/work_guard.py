"""The worker in Python for the guard's price at an access: the same view with a guard and without.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import tempfile

from serve import UNROLLED, Work, repeating, serve

from memwell import Region

COUNT = 1000


def reading(region: Region) -> Work:
    return repeating([f"v[{i}]" for i in range(UNROLLED)], v=region.view("float64", COUNT))


def main() -> None:
    with tempfile.NamedTemporaryFile() as file:
        file.truncate(8 * COUNT)
        guarded, unguarded = Region.file(file.name), Region.file(file.name, guard=False)
        serve({"read_guarded": reading(guarded), "read_unguarded": reading(unguarded)}, {})


if __name__ == "__main__":
    main()
