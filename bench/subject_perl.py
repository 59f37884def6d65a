"""Perl: elements and a semaphore, beside what Perl brings (System V) and File::Map. There is no goal.

SPDX-License-Identifier: MIT
"""

from contest import Contender, Contest, Role

SHARED = "a list (no memory to share)"


def contender(name: str, work: str, role: Role = "peer") -> Contender:
    return Contender(name, role, "perl:work_perl", work)


CONTESTS = [
    Contest(
        "P4",
        "Perl: $v->get($i), float64",
        "ns",
        contender("memwell $v->get($i)", "read_get", "memwell"),
        (
            contender("memwell $v->[$i]", "read_array"),
            contender("unpack of memwell's buffer", "read_buffer"),
            contender("unpack of File::Map's", "read_file_map"),
            contender("shmread, unpack", "read_shmread"),
            contender(SHARED, "read_plain", "limit"),
        ),
    ),
    Contest(
        "P4",
        "Perl: tolist of a million float64, each",
        "ns",
        contender("memwell tolist", "bulk_tolist", "memwell"),
        (
            contender("unpack of memwell's buffer", "bulk_unpack"),
            contender("unpack of File::Map's", "bulk_file_map"),
            contender("shmread, unpack", "bulk_shmread"),
        ),
    ),
    Contest(
        "P5",
        "Perl: $s->acquire; $s->release",
        "ns",
        contender("memwell Semaphore", "pair_memwell", "memwell"),
        (
            contender("memwell, a guard", "pair_guard"),
            contender("semop, twice", "pair_semop"),
            Contender("sem_trywait, sem_post in C", "limit", "c:limit_semaphore", "acquire_release"),
        ),
    ),
]
