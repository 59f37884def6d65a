"""P9: new shared memory, every page there and ready to be written. The limit reserves and touches it, in bare C.

SPDX-License-Identifier: MIT
"""

from contest import Contender, Contest

LIMIT = "fallocate, then every page touched, in C"


def limits(size: int) -> tuple[Contender, ...]:
    worker = f"c:limit_fresh {size}"
    return (
        Contender(LIMIT, "limit", worker, "touched", 1.05),
        Contender("fallocate, then MADV_POPULATE_WRITE, in C", "limit", worker, "populated"),
        Contender("ftruncate, then every page touched, in C", "limit", worker, "sparse"),
    )


def contest(language: str, worker: str, title: str, mebibytes: int, more: dict[str, str]) -> Contest:
    """With what else there is in the language, by name: another way in memwell, or a peer."""
    size = mebibytes << 20
    ours = f"{worker} {size}"
    rest = (Contender(name, "memwell" if name.startswith("memwell") else "peer", ours, work) for name, work in more.items())
    return Contest(
        "P9",
        f"{language}: {title} of new shared memory, populated",
        "ms",
        Contender("memwell Region.create, populate", "memwell", ours, "fresh_memwell"),
        (*limits(size), *rest),
        repetitions=1,
        rounds=12,
        long=mebibytes > 64,
    )


IN_PYTHON = {
    "multiprocessing SharedMemory, every page touched": "fresh_shared_memory",
    "memwell Region.create, every page touched": "fresh_memwell_touched",
}
IN_LUA = {"memwell Region.create, every byte written": "fresh_memwell_filled"}

CONTESTS = [
    contest("Python", "python:work_fresh", "64 MiB", 64, IN_PYTHON),
    contest("Lua", "lua:work_fresh", "64 MiB", 64, IN_LUA),
    contest("Python", "python:work_fresh", "1 GiB", 1024, IN_PYTHON),
    contest("Lua", "lua:work_fresh", "1 GiB", 1024, IN_LUA),
]
