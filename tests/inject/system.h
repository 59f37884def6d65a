/* A system that fails on order: the calls of the C library that memwell makes, each of which can be told to fail.
 *
 * The linker hands every call of a function in the table to a wrapper here (--wrap; tests/CMakeLists.txt reads the names from this
 * file), which counts it and either fails or calls the real one. Calls count from system_arm to system_disarm only.
 *
 * SPDX-License-Identifier: MIT */
#ifndef INJECT_SYSTEM_H
#define INJECT_SYSTEM_H

#include <errno.h>
#include <stdbool.h>

/* X(function, errnos that it may plausibly fail with...). Of those that do several things by number, each thing has a row. */
#define SYSTEM_MAP(X)                                                                                                         \
  X(open, EACCES, EPERM, EMFILE, ENFILE, ENOMEM, EINTR, ENOENT, EEXIST, ELOOP, ENOSPC, EROFS, EIO, EOPNOTSUPP, EISDIR, ENXIO) \
  X(close, EIO, EINTR)                                                                                                        \
  X(fopen, EMFILE, ENFILE, ENOENT, EACCES, ENOMEM)                                                                            \
  X(fstat, EIO, ENOMEM, EOVERFLOW)                                                                                            \
  X(lstat, EACCES, EIO, ENOENT, ENOMEM)                                                                                       \
  X(fstatfs, EIO, ENOSYS)                                                                                                     \
  X(fallocate, ENOSPC, EDQUOT, EINTR, EOPNOTSUPP, ENOSYS, EFBIG, EPERM, EIO)                                                  \
  X(pwrite, ENOSPC, EDQUOT, EINTR, EFBIG, EIO)                                                                                \
  X(ftruncate, EINTR, EPERM, EFBIG, EIO)                                                                                      \
  X(fchmod, EPERM, EIO, EROFS)                                                                                                \
  X(linkat, EACCES, EPERM, EEXIST, ENOENT, ENOSPC, EDQUOT, EMLINK, EIO)                                                       \
  X(unlink, EACCES, EPERM, EBUSY, ENOENT, EROFS, EIO)                                                                         \
  X(getrandom, EINTR, EAGAIN, ENOSYS)                                                                                         \
  X(memfd_create, EMFILE, ENFILE, ENOMEM, EINVAL, EPERM, ENOSYS)                                                              \
  X(fcntl_dup, EMFILE, EBADF, ENOMEM)                                                                                         \
  X(fcntl_getfl, EBADF)                                                                                                       \
  X(fcntl_add_seals, EPERM, EBUSY, EINVAL)                                                                                    \
  X(fcntl_set_lock, EAGAIN, EACCES, EINVAL, ENOLCK, EOPNOTSUPP, EINTR, EIO)                                                   \
  X(fcntl_get_lock, EINVAL, ENOLCK, EOPNOTSUPP, EIO)                                                                          \
  X(fcntl_get_seals, EINVAL, EBADF)                                                                                           \
  X(mmap, ENOMEM, EACCES, EPERM, ENODEV, EAGAIN, ENFILE, EINVAL, EOVERFLOW)                                                   \
  X(mprotect, ENOMEM, EACCES, EINVAL)                                                                                         \
  X(msync, EIO, EBUSY, EINVAL, ENOMEM)                                                                                        \
  X(mlock, ENOMEM, EAGAIN, EPERM, EINVAL)                                                                                     \
  X(munlock, ENOMEM, EPERM, EINVAL)                                                                                           \
  X(madvise, ENOMEM, EAGAIN, EINTR, EINVAL, EIO, EPERM, EOPNOTSUPP, EFAULT, ENOSYS)                                           \
  X(mincore, ENOMEM, EAGAIN, EFAULT)                                                                                          \
  X(shmget, ENOENT, EEXIST, EACCES, EPERM, EINVAL, ENOMEM, ENOSPC, ENFILE, ENOSYS)                                            \
  X(shmat, ENOMEM, EACCES, EINVAL, EIDRM, ENFILE)                                                                             \
  X(shmctl_stat, EACCES, EIDRM, EINVAL, EOVERFLOW)                                                                            \
  X(shmctl_rmid, EPERM, EACCES, EIDRM, EINVAL)                                                                                \
  X(semget, ENOENT, EEXIST, EACCES, EINVAL, ENOMEM, ENOSPC, ENOSYS)                                                           \
  X(semctl_stat, EACCES, EIDRM, EINVAL)                                                                                       \
  X(semctl_setall, EACCES, EIDRM, EINVAL, ERANGE, ENOMEM)                                                                     \
  X(semctl_getval, EACCES, EIDRM, EINVAL)                                                                                     \
  X(semctl_rmid, EPERM, EACCES, EIDRM, EINVAL)                                                                                \
  X(semop, EACCES, EAGAIN, EIDRM, EINTR, EINVAL, ENOMEM, ERANGE)                                                              \
  X(semtimedop, EACCES, EAGAIN, EIDRM, EINTR, EINVAL, ENOMEM)                                                                 \
  X(ftok, ENOENT, EACCES, ENOTDIR, ELOOP)                                                                                     \
  X(sendmsg, EAGAIN, EINTR, EPIPE, ECONNRESET, ENOTCONN, ENOBUFS, ENOMEM, ETOOMANYREFS, EMSGSIZE)                             \
  X(recvmsg, EAGAIN, EINTR, ECONNRESET, ENOTCONN, ENOMEM)                                                                     \
  X(poll, EINTR, ENOMEM, EINVAL)                                                                                              \
  X(clock_nanosleep, EINTR)                                                                                                   \
  X(sched_getaffinity, EINVAL)                                                                                                \
  X(sigaction, EINVAL, EFAULT)                                                                                                \
  X(getrlimit, EINVAL, EPERM)                                                                                                 \
  X(sem_trywait, EAGAIN)                                                                                                      \
  X(sem_clockwait, EINTR, ETIMEDOUT, EINVAL)                                                                                  \
  X(sem_post, EOVERFLOW)                                                                                                      \
  X(renameat2, EEXIST, EINVAL, ENOSPC, EDQUOT, EACCES, EPERM, ENOSYS)                                                         \
  X(read, EIO, EINTR)                                                                                                         \
  X(pthread_atfork, ENOMEM)                                                                                                   \
  X(futex_waitv, EINTR, EAGAIN, EFAULT, ETIMEDOUT, ENOSYS)                                                                    \
  X(futex, EINTR, EAGAIN, EFAULT, ETIMEDOUT, ENOSYS)                                                                          \
  X(malloc, ENOMEM)                                                                                                           \
  X(calloc, ENOMEM)                                                                                                           \
  X(strdup, ENOMEM)

/* Which call fails, how, and whether it works again afterwards.
 *
 * place   which of the calls that are counted, from 0
 * error   which of its errnos, from 0
 * stays   every later call of the same function fails as well */
typedef struct system_failure {
  unsigned place;
  unsigned error;
  bool stays;
} system_failure;

/* What came of it. `function` is NULL where there were not so many calls. */
typedef struct system_outcome {
  const char *function;
  int os_errno;
  unsigned errors; /* how many errnos the function has */
} system_outcome;

void system_arm(const system_failure *failure);
system_outcome system_disarm(void);

/* Allocations of this program that were not given back yet. */
int system_blocks(void);

#endif
