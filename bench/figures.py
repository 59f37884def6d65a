"""What a work of several processes says of itself, as figures.h does in C: the time, and what all of them spend on a processor for
one work, and how long single works take.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

from collections.abc import Iterable

PARTS = {"p50": 0.5, "p99": 0.99, "p99.9": 0.999}


def figures(time: int, cpu: float, times: Iterable[int]) -> str:
    """`cpu` is for one work; `times` are those of single works, at least one."""
    in_order = sorted(times)
    parts = " ".join(f"{name}={in_order[int(len(in_order) * part)]}" for name, part in PARTS.items())
    return f"{time} cpu={cpu:.1f} {parts}"
