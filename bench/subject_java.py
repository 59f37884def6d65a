"""P4 and P5 in Java: elements one by one and in bulk beside FileChannel.map, a semaphore beside a file lock.

SPDX-License-Identifier: MIT
"""

from contest import Contender, Contest, Role

WHY_VIEW = """\
A call through JNI takes as long as it takes, and the view asks at each element whether its region is still open. Java reads a \
direct buffer by one instruction; for elements one by one take `region.buffer()`, which is the row above."""


def contender(name: str, work: str, role: Role = "peer", at_most: float | None = None, why: str = "") -> Contender:
    return Contender(name, role, "java:WorkJava", work, at_most, why)


def memwell(name: str, work: str) -> Contender:
    return contender(name, work, "memwell")


CONTESTS = [
    Contest(
        "P4",
        "Java: region.buffer().getDouble(8 * i)",
        "ns",
        memwell("memwell buffer", "read_buffer"),
        (
            contender("MappedByteBuffer of FileChannel.map", "read_mapped", at_most=1.1),
            contender("memwell view.getDouble(i)", "read_view", "memwell"),
            contender("memwell view.get(i), a Double", "read_object", "memwell"),
        ),
    ),
    Contest(
        "P4",
        "Java: view.getDouble(i)",
        "ns",
        memwell("memwell view", "read_view"),
        (contender("MappedByteBuffer of FileChannel.map", "read_mapped", at_most=1.1, why=WHY_VIEW),),
    ),
    Contest(
        "P4",
        "Java: region.buffer().putDouble(8 * i, x)",
        "ns",
        memwell("memwell buffer", "write_buffer"),
        (
            contender("MappedByteBuffer of FileChannel.map", "write_mapped", at_most=1.1),
            contender("memwell view.setDouble(i, x)", "write_view", "memwell"),
        ),
    ),
    Contest(
        "P4",
        "Java: a million float64 into a double[], each",
        "ns",
        memwell("memwell buffer.asDoubleBuffer().get", "bulk_buffer"),
        (
            contender("MappedByteBuffer.asDoubleBuffer().get", "bulk_mapped", at_most=1.1),
            contender("memwell view.toDoubleArray()", "bulk_view", "memwell"),
        ),
    ),
    Contest(
        "P4",
        "Java: sum of a million float64, each",
        "ns",
        memwell("memwell view.sum()", "sum_view"),
        (contender("a loop over a MappedByteBuffer", "sum_mapped", at_most=1.0),),
    ),
    Contest(
        "P5",
        "Java: s.acquire(); s.release()",
        "ns",
        memwell("memwell Semaphore", "pair_memwell"),
        (
            contender("FileChannel.lock, the only one between processes", "pair_file_lock", at_most=0.5),
            contender("memwell, try (s.hold())", "pair_hold", "memwell"),
            contender("java.util.concurrent.Semaphore (one process only)", "pair_concurrent"),
        ),
    ),
]
