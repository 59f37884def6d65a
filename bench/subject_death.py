"""What kill -9 of one process does to the others: nothing here is timed.

SPDX-License-Identifier: MIT
"""

from contest import Contest
from death import Death

CONTESTS: list[Contest] = []

LOCK = "Killed while it has a lock, half way through what it guards"
PERMIT = "Killed while it has the only permit"
WAITING = "Killed while it waits"
WRITING = "Killed while it writes"
ATTACHED = "Killed, having only attached"
ANYWHERE = "Killed anywhere, a hundred times"


def ours(title: str, name: str, work: str) -> Death:
    return Death(title, name, "memwell", "python:work_death", work)


def peer(title: str, name: str, work: str, worker: str = "python:work_death") -> Death:
    return Death(title, name, "peer", worker, work)


DEATHS = [
    ours(LOCK, "memwell Mutex", "memwell_mutex"),
    ours(LOCK, "memwell Mutex with recover", "memwell_mutex_recover"),
    peer(LOCK, "a robust pthread mutex, in C", "robust", "c:death_peers"),
    peer(LOCK, "a plain pthread mutex, in C", "plain", "c:death_peers"),
    peer(LOCK, "Boost interprocess_mutex, in C++", "mutex", "c++:death_boost"),
    peer(LOCK, "multiprocessing.Lock", "multiprocessing_lock"),
    peer(LOCK, "fcntl.lockf", "file_lock"),
    peer(LOCK, "UltraDict's shared lock", "ultradict_lock"),
    ours(PERMIT, "memwell RobustSemaphore", "memwell_permit"),
    ours(PERMIT, "memwell Semaphore", "memwell_semaphore"),
    peer(PERMIT, "multiprocessing.Semaphore", "multiprocessing_semaphore"),
    peer(PERMIT, "posix_ipc.Semaphore", "posix_ipc_semaphore"),
    peer(PERMIT, "sysv_ipc.Semaphore", "sysv_ipc"),
    peer(PERMIT, "sysv_ipc.Semaphore with undo", "sysv_ipc_undo"),
    ours(WAITING, "memwell Event, then set", "memwell_event"),
    ours(WAITING, "memwell Semaphore, then release", "memwell_semaphore_waiter"),
    peer(WAITING, "multiprocessing.Event, then set", "multiprocessing_event"),
    peer(WAITING, "multiprocessing.Semaphore, then release", "multiprocessing_semaphore_waiter"),
    peer(WAITING, "multiprocessing.Queue, then put and get", "multiprocessing_queue_reader"),
    peer(WAITING, "pthread_cond_t, then broadcast and destroy, in C", "condition", "c:death_peers"),
    ours(WRITING, "memwell Region, no lock", "memwell_region_writer"),
    peer(WRITING, "multiprocessing.Pipe", "multiprocessing_pipe_sender"),
    peer(WRITING, "multiprocessing.Queue", "multiprocessing_queue_sender"),
    ours(ATTACHED, "memwell Region", "memwell_region"),
    ours(ATTACHED, "memwell Well", "memwell_well_attached"),
    peer(ATTACHED, "multiprocessing SharedMemory", "multiprocessing_shared_memory"),
    ours(ANYWHERE, "memwell Well, Mutex and array", "memwell_well_anywhere"),
    peer(ANYWHERE, "multiprocessing.Lock", "multiprocessing_lock_anywhere"),
    peer(ANYWHERE, "fcntl.lockf", "file_lock_anywhere"),
    peer(ANYWHERE, "multiprocessing.Queue", "multiprocessing_queue_anywhere"),
    peer(ANYWHERE, "UltraDict", "ultradict_anywhere"),
]
