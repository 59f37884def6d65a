"""What each kind of memory costs: to make it, to get it, to touch it first. There is no goal and no peer: docs/kinds.md shows it.

SPDX-License-Identifier: MIT
"""

from typing import Literal

from contest import Contender, Contest

KINDS = {
    "named": "named",
    "file": "file",
    "anonymous": "anonymous",
    "private": "anonymous, private",
    "memfd": "memfd",
    "sealed": "memfd, with four seals",
    "sysv": "System V",
}
"""What is made, by its work."""

WAYS = {
    "named": "named",
    "no_fd": "named, without a descriptor",
    "no_guard": "named, without the guard",
    "file": "file",
    "fd": "from a descriptor",
    "received": "sent and received over a socket",
    "sysv": "System V",
}
"""How one gets at what is there, by its work."""


SEMAPHORES = {"named": "named", "at": "in a region", "sysv": "System V", "undo": "System V, with undo"}


def contest(title: str, verb: str, kinds: dict[str, str], *limits: Contender, unit: Literal["ns", "us"] = "us") -> Contest:
    """One work, done with all kinds; the first is what the others are compared with."""
    ours, *others = (Contender(text, "memwell in C", "c:kind_calls", f"{verb}_{work}") for work, text in kinds.items())
    return Contest("kinds", title, unit, Contender(ours.name, "memwell", ours.worker, ours.work), (*others, *limits))


def limit(work: str) -> Contender:
    return Contender("named, the system calls alone", "limit", "c:limit_attach", work)


CONTESTS = [
    contest("C: make 4 KiB, close it, remove it", "new", KINDS, limit("create")),
    contest("C: make 1 MiB, write to each of its 256 pages, close it, remove it", "touched", KINDS),
    contest("C: get 4 KiB that are there, close it", "get", WAYS, limit("attach")),
    contest("C: acquire and release a semaphore that is free", "turn", SEMAPHORES, unit="ns"),
]
