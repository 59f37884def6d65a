"""P1, P2: attach to named memory and create it. The limit makes the same system calls in bare C.

SPDX-License-Identifier: MIT
"""

from contest import Contender, Contest

CONTESTS = [
    Contest(
        "P1",
        "Python: attach to named memory, close it",
        "us",
        Contender("memwell Region.attach", "memwell", "python:work_attach", "attach_memwell"),
        (
            Contender("open, fstat, mmap, munmap, close in C", "limit", "c:limit_attach", "attach", at_most=1.5),
            Contender("memwell's core from C", "memwell in C", "c:core_calls", "attach"),
            Contender("multiprocessing SharedMemory", "peer", "python:work_attach", "attach_shared_memory", at_most=0.5),
            Contender("os.open, os.fstat, mmap", "peer", "python:work_attach", "attach_mmap"),
            Contender("posix_ipc, mmap", "peer", "python:work_attach", "attach_posix_ipc"),
        ),
    ),
    Contest(
        "P1",
        "Lua: attach to named memory, close it",
        "us",
        Contender("memwell Region.attach", "memwell", "lua:work_attach", "attach_memwell"),
        (Contender("open, fstat, mmap, munmap, close in C", "limit", "c:limit_attach", "attach"),),
    ),
    Contest(
        "P2",
        "Python: create 4 KiB of named memory, close it, unlink it",
        "us",
        Contender("memwell Region.create", "memwell", "python:work_attach", "create_memwell"),
        (
            Contender("the same system calls in C", "limit", "c:limit_attach", "create", at_most=1.3),
            Contender("open O_EXCL, ftruncate, mmap in C (not atomic)", "limit", "c:limit_attach", "create_racy"),
            Contender("memwell's core from C", "memwell in C", "c:core_calls", "create"),
            Contender("multiprocessing SharedMemory", "peer", "python:work_attach", "create_shared_memory", at_most=0.5),
            Contender("os.open, os.ftruncate, mmap (not atomic)", "peer", "python:work_attach", "create_mmap"),
            Contender("posix_ipc, mmap (not atomic)", "peer", "python:work_attach", "create_posix_ipc"),
        ),
    ),
    Contest(
        "P2",
        "Python: the same, with a byte written to it",
        "us",
        Contender("memwell Region.create", "memwell", "python:work_attach", "touched_memwell"),
        (
            Contender("the same system calls in C", "limit", "c:limit_attach", "create_touched"),
            Contender("open O_EXCL, ftruncate, mmap in C (not atomic)", "limit", "c:limit_attach", "create_racy_touched"),
            Contender("multiprocessing SharedMemory", "peer", "python:work_attach", "touched_shared_memory"),
        ),
    ),
    Contest(
        "P2",
        "Lua: create 4 KiB of named memory, close it, unlink it",
        "us",
        Contender("memwell Region.create", "memwell", "lua:work_attach", "create_memwell"),
        (Contender("the same system calls in C", "limit", "c:limit_attach", "create"),),
    ),
]
