"""P9: a gigabyte of new shared memory, every page there and ready to be written. The limit reserves and touches it, in bare C.

SPDX-License-Identifier: MIT
"""

from contest import Contender, Contest

LIMIT = "fallocate, then every page touched, in C"

CONTESTS = [
    Contest(
        "P9",
        "Python: 1 GiB of new shared memory, populated",
        "ms",
        Contender("memwell Region.create, populate", "memwell", "python:work_fresh", "fresh_memwell"),
        (
            Contender(LIMIT, "limit", "c:limit_fresh", "touched", 1.05),
            Contender("fallocate, then MADV_POPULATE_WRITE, in C", "limit", "c:limit_fresh", "populated"),
            Contender("ftruncate, then every page touched, in C", "limit", "c:limit_fresh", "sparse"),
            Contender("multiprocessing SharedMemory, every page touched", "peer", "python:work_fresh", "fresh_shared_memory"),
            Contender("memwell Region.create, every page touched", "memwell in C", "python:work_fresh", "fresh_memwell_touched"),
        ),
        repetitions=1,
        rounds=12,
    ),
]
