"""P4 and P5 in Ruby: elements one by one and in bulk beside IO::Buffer.map, and a semaphore beside File#flock, which is what Ruby
has between processes.

SPDX-License-Identifier: MIT
"""

from contest import Contender, Contest, Role


def contender(name: str, role: Role, work: str) -> Contender:
    return Contender(name, role, "ruby:work_ruby", work)


CONTESTS = [
    Contest(
        "P4",
        "Ruby: v[i], float64",
        "ns",
        contender("memwell v[i]", "memwell", "read_memwell"),
        (
            contender("memwell v.get(i)", "memwell", "read_get"),
            contender("IO::Buffer.map, get_value", "peer", "read_mapped"),
            contender("an Array (no memory to share)", "peer", "read_array"),
        ),
    ),
    Contest(
        "P4",
        "Ruby: v[i] = x, float64",
        "ns",
        contender("memwell v[i] = x", "memwell", "write_memwell"),
        (contender("IO::Buffer.map, set_value", "peer", "write_mapped"),),
    ),
    Contest(
        "P4",
        "Ruby: to_a of a million float64, each",
        "ns",
        contender("memwell to_a", "memwell", "list_memwell"),
        (contender("IO::Buffer.map, get_string, unpack", "peer", "list_mapped"),),
    ),
    Contest(
        "P4",
        "Ruby: sum of a million float64, each",
        "ns",
        contender("memwell sum", "memwell", "sum_memwell"),
        (contender("IO::Buffer.map, get_string, unpack, sum", "peer", "sum_mapped"),),
    ),
    Contest(
        "P5",
        "Ruby: s.acquire; s.release",
        "ns",
        contender("memwell Semaphore", "memwell", "pair_memwell"),
        (
            contender("File#flock", "peer", "pair_flock"),
            contender("Thread::Mutex (one process only)", "peer", "pair_mutex"),
        ),
    ),
    Contest(
        "P5",
        "Ruby: s.synchronize { }",
        "ns",
        contender("memwell Semaphore", "memwell", "block_memwell"),
        (contender("Thread::Mutex (one process only)", "peer", "block_mutex"),),
    ),
]
