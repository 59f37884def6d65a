"""P9: new shared memory, every page there and ready to be written. The limit reserves and touches it, in bare C.

SPDX-License-Identifier: MIT
"""

from contest import Contender, Contest

LIMIT = "fallocate, then every page touched, in C"


def contest(title: str, mebibytes: int, long: bool) -> Contest:
    python, c = (f"{worker} {mebibytes << 20}" for worker in ("python:work_fresh", "c:limit_fresh"))
    return Contest(
        "P9",
        f"Python: {title} of new shared memory, populated",
        "ms",
        Contender("memwell Region.create, populate", "memwell", python, "fresh_memwell"),
        (
            Contender(LIMIT, "limit", c, "touched", 1.05),
            Contender("fallocate, then MADV_POPULATE_WRITE, in C", "limit", c, "populated"),
            Contender("ftruncate, then every page touched, in C", "limit", c, "sparse"),
            Contender("multiprocessing SharedMemory, every page touched", "peer", python, "fresh_shared_memory"),
            Contender("memwell Region.create, every page touched", "memwell in C", python, "fresh_memwell_touched"),
        ),
        repetitions=1,
        rounds=12,
        long=long,
    )


CONTESTS = [contest("64 MiB", 64, False), contest("1 GiB", 1024, True)]
