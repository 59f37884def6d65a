"""The kinds of memory and of semaphores that two peers can share, each written as one word. README.md lists the words.

Main entries: create, attach.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

from typing import NamedTuple

from memwell import Region, Semaphore

SIZE, PING_AT, PONG_AT = 4096, 512, 576


class Place(NamedTuple):
    """A region, and two semaphores: of System V where the region is, else inside it."""

    region: Region
    ping: Semaphore
    pong: Semaphore

    def close(self) -> None:
        for part in (self.ping, self.pong, self.region):
            part.close()


def create_region(kind: str, what: str) -> Region:
    match kind:
        case "name":
            return Region.create(what, SIZE)
        case "key":
            return Region.sysv(int(what), SIZE, how="create")
        case "fd":
            return Region.from_fd(int(what))
    region = Region.memfd(SIZE)
    region.seal("grow", "shrink", "seal")
    region.send(int(what))
    return region


def attach_region(kind: str, what: str) -> Region:
    match kind:
        case "name":
            return Region.attach(what)
        case "key":
            return Region.sysv(int(what))
        case "fd":
            return Region.from_fd(int(what))
    return Region.receive(int(what), require_seals=["grow", "shrink"])


def create(word: str) -> Place:
    kind, what = word.split(":")
    region = create_region(kind, what)
    if kind == "key":
        ping = Semaphore.sysv(int(what), 0, how="create", count=2)
        return Place(region, ping, Semaphore.sysv(int(what), 1))
    return Place(region, Semaphore.at(region, PING_AT, 0), Semaphore.at(region, PONG_AT, 0))


def attach(word: str) -> Place:
    kind, what = word.split(":")
    region = attach_region(kind, what)
    if region.size != SIZE:
        raise SystemExit("the region has another size")
    if kind == "key":
        return Place(region, Semaphore.sysv(int(what), 0), Semaphore.sysv(int(what), 1))
    return Place(region, Semaphore.at(region, PING_AT), Semaphore.at(region, PONG_AT))


def remove(word: str) -> None:
    kind, what = word.split(":")
    if kind == "name":
        Region.unlink(what)
    if kind == "key":
        Region.sysv_remove(int(what))
        Semaphore.sysv_remove(int(what))
