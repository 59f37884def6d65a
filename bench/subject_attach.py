"""P1, P2: attach to named memory and create it. The limit makes the same system calls in bare C.

SPDX-License-Identifier: MIT
"""

from contest import Contender, Contest

ATTACH_LIMIT = "open, fstat, mmap, munmap, close in C"
CREATE_LIMIT = "the same system calls in C"
RACY_LIMIT = "open O_EXCL, ftruncate, mmap in C (not atomic)"

WHY_NOT_HALF_TO_ATTACH = """\
The five system calls alone, the limit, are most of memwell's time, and not far below half of SharedMemory's. What memwell \
adds in C and in the binding are some 3,500 instructions."""

WHY_NOT_HALF_TO_CREATE = """\
Half is out of reach while creation is atomic: the system calls alone, the limit, take more than half of SharedMemory's time. \
O_TMPFILE and linkat cost more than O_EXCL, and fallocate takes the page at once that SharedMemory leaves to the first write. \
With a byte written (the next table) both have paid for it."""

WHY_MORE_TO_CREATE = """\
memwell makes one system call more, an fstat, whose answer a handle needs to know the object again; and there are some 5,900 \
instructions of Python, the binding and the core. That is 1.1 x; what is more comes of the system calls themselves, which take \
half as long again for some processes as for others while this machine's host is busy (the quartiles)."""

CONTESTS = [
    Contest(
        "P1",
        "Python: attach to named memory, close it",
        "us",
        Contender("memwell Region.attach", "memwell", "python:work_attach", "attach_memwell"),
        (
            Contender(ATTACH_LIMIT, "limit", "c:limit_attach", "attach", 1.5),
            Contender("memwell's core from C", "memwell in C", "c:core_calls", "attach"),
            Contender(
                "multiprocessing SharedMemory", "peer", "python:work_attach", "attach_shared_memory", 0.5, WHY_NOT_HALF_TO_ATTACH
            ),
            Contender("os.open, os.fstat, mmap", "peer", "python:work_attach", "attach_mmap"),
            Contender("posix_ipc, mmap", "peer", "python:work_attach", "attach_posix_ipc"),
            Contender("sysv_ipc", "peer", "python:work_attach", "attach_sysv_ipc"),
            Contender("Boost.Interprocess, in C++", "peer", "c++:boost_calls", "attach"),
        ),
    ),
    Contest(
        "P1",
        "Lua: attach to named memory, close it",
        "us",
        Contender("memwell Region.attach", "memwell", "lua:work_attach", "attach_memwell"),
        (Contender(ATTACH_LIMIT, "limit", "c:limit_attach", "attach"),),
    ),
    Contest(
        "P2",
        "Python: create 4 KiB of named memory, close it, unlink it",
        "us",
        Contender("memwell Region.create", "memwell", "python:work_attach", "create_memwell"),
        (
            Contender(CREATE_LIMIT, "limit", "c:limit_attach", "create", 1.3, WHY_MORE_TO_CREATE),
            Contender(RACY_LIMIT, "limit", "c:limit_attach", "create_racy"),
            Contender("memwell's core from C", "memwell in C", "c:core_calls", "create"),
            Contender(
                "multiprocessing SharedMemory", "peer", "python:work_attach", "create_shared_memory", 0.5, WHY_NOT_HALF_TO_CREATE
            ),
            Contender("os.open, os.ftruncate, mmap (not atomic)", "peer", "python:work_attach", "create_mmap"),
            Contender("posix_ipc, mmap (not atomic)", "peer", "python:work_attach", "create_posix_ipc"),
            Contender("sysv_ipc", "peer", "python:work_attach", "create_sysv_ipc"),
            Contender("Boost.Interprocess, in C++ (not atomic)", "peer", "c++:boost_calls", "create"),
        ),
    ),
    Contest(
        "P2",
        "Python: the same, with a byte written to it",
        "us",
        Contender("memwell Region.create", "memwell", "python:work_attach", "touched_memwell"),
        (
            Contender(CREATE_LIMIT, "limit", "c:limit_attach", "create_touched"),
            Contender(RACY_LIMIT, "limit", "c:limit_attach", "create_racy_touched"),
            Contender("multiprocessing SharedMemory", "peer", "python:work_attach", "touched_shared_memory"),
        ),
    ),
    Contest(
        "P2",
        "Lua: create 4 KiB of named memory, close it, unlink it",
        "us",
        Contender("memwell Region.create", "memwell", "lua:work_attach", "create_memwell"),
        (Contender(CREATE_LIMIT, "limit", "c:limit_attach", "create"),),
    ),
]
