/* The wrappers, and the counting of calls. Main entry: fails, which every wrapper asks first.
 *
 * SPDX-License-Identifier: MIT */
#include "system.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

/* ---- the table */

enum function {
#define NUMBER(name, ...) IS_##name,
  SYSTEM_MAP(NUMBER)
#undef NUMBER
};

#define ERRNOS(name, ...) static const int errnos_of_##name[] = {__VA_ARGS__};
SYSTEM_MAP(ERRNOS)
#undef ERRNOS

static const struct {
  const char *name;
  const int *errnos;
  unsigned errors;
} functions[] = {
#define ROW(name, ...) {#name, errnos_of_##name, sizeof errnos_of_##name / sizeof *errnos_of_##name},
    SYSTEM_MAP(ROW)
#undef ROW
};

/* ---- counting and failing */

static system_failure wanted;
static system_outcome outcome;
static enum function failing;
static unsigned calls;
static bool armed;
static int blocks;

void system_arm(const system_failure *failure) {
  wanted = *failure;
  outcome = (system_outcome){0};
  calls = 0;
  armed = true;
}

system_outcome system_disarm(void) {
  armed = false;
  return outcome;
}

int system_blocks(void) { return blocks; }

/* The number that this call fails with; 0: it does not. */
static int failure_of(enum function function) {
  if (!armed) return 0;
  if (calls++ == wanted.place) {
    failing = function;
    outcome = (system_outcome){functions[function].name, functions[function].errnos[wanted.error], functions[function].errors};
    return outcome.os_errno;
  }
  return outcome.function && wanted.stays && failing == function ? outcome.os_errno : 0;
}

static bool fails(enum function function) {
  int failure = failure_of(function);
  if (failure) errno = failure;
  return failure != 0;
}

/* ---- functions that either fail or do what they do */

#define WRAP(type, name, failed, parameters, arguments) \
  type __real_##name parameters;                        \
  type __wrap_##name parameters;                        \
  type __wrap_##name parameters { return fails(IS_##name) ? (failed) : __real_##name arguments; }

WRAP(FILE *, fopen, NULL, (const char *path, const char *mode), (path, mode))
WRAP(ssize_t, read, -1, (int fd, void *bytes, size_t size), (fd, bytes, size))
WRAP(int, fstat, -1, (int fd, struct stat *stat), (fd, stat))
WRAP(int, lstat, -1, (const char *path, struct stat *stat), (path, stat))
WRAP(int, fstatfs, -1, (int fd, struct statfs *system), (fd, system))
WRAP(int, fallocate, -1, (int fd, int mode, off_t offset, off_t size), (fd, mode, offset, size))
WRAP(ssize_t, pwrite, -1, (int fd, const void *data, size_t size, off_t offset), (fd, data, size, offset))
WRAP(int, ftruncate, -1, (int fd, off_t size), (fd, size))
WRAP(int, fchmod, -1, (int fd, mode_t mode), (fd, mode))
WRAP(int, linkat, -1, (int from, const char *old, int to, const char *new, int flags), (from, old, to, new, flags))
WRAP(int, unlink, -1, (const char *path), (path))
WRAP(ssize_t, getrandom, -1, (void *bytes, size_t size, unsigned flags), (bytes, size, flags))
WRAP(int, memfd_create, -1, (const char *name, unsigned flags), (name, flags))
WRAP(void *, mmap, MAP_FAILED, (void *address, size_t size, int protection, int flags, int fd, off_t offset),
     (address, size, protection, flags, fd, offset))
WRAP(int, mprotect, -1, (void *address, size_t size, int protection), (address, size, protection))
WRAP(int, msync, -1, (void *address, size_t size, int flags), (address, size, flags))
WRAP(int, mlock, -1, (const void *address, size_t size), (address, size))
WRAP(int, munlock, -1, (const void *address, size_t size), (address, size))
WRAP(int, madvise, -1, (void *address, size_t size, int advice), (address, size, advice))
WRAP(int, mincore, -1, (void *address, size_t size, unsigned char *present), (address, size, present))
WRAP(int, shmget, -1, (key_t key, size_t size, int flags), (key, size, flags))
WRAP(void *, shmat, (void *)-1, (int id, const void *address, int flags), (id, address, flags))
WRAP(int, semget, -1, (key_t key, int count, int flags), (key, count, flags))
WRAP(int, semop, -1, (int id, struct sembuf *operations, size_t count), (id, operations, count))
WRAP(int, semtimedop, -1, (int id, struct sembuf *operations, size_t count, const struct timespec *span),
     (id, operations, count, span))
WRAP(key_t, ftok, -1, (const char *path, int project), (path, project))
WRAP(ssize_t, sendmsg, -1, (int socket, const struct msghdr *message, int flags), (socket, message, flags))
WRAP(ssize_t, recvmsg, -1, (int socket, struct msghdr *message, int flags), (socket, message, flags))
WRAP(int, poll, -1, (struct pollfd * waited, nfds_t count, int milliseconds), (waited, count, milliseconds))
WRAP(int, sigaction, -1, (int number, const struct sigaction *action, struct sigaction *old), (number, action, old))
WRAP(int, sched_getaffinity, -1, (pid_t process, size_t size, cpu_set_t *usable), (process, size, usable))
WRAP(int, getrlimit, -1, (int resource, struct rlimit *limit), (resource, limit))
WRAP(int, sem_trywait, -1, (sem_t * semaphore), (semaphore))
WRAP(int, sem_clockwait, -1, (sem_t * semaphore, clockid_t clock, const struct timespec *until), (semaphore, clock, until))
WRAP(int, sem_post, -1, (sem_t * semaphore), (semaphore))

/* ---- functions that do several things, or fail in another way */

/* Only the optional argument that all callers here give, or none. */
int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  mode_t mode = flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  return fails(IS_open) ? -1 : __real_open(path, flags, mode);
}

/* The descriptor is gone all the same. */
int __real_close(int fd);
int __wrap_close(int fd);
int __wrap_close(int fd) {
  int result = __real_close(fd);
  return fails(IS_close) ? -1 : result;
}

int __real_fcntl(int fd, int command, ...);
int __wrap_fcntl(int fd, int command, ...);
int __wrap_fcntl(int fd, int command, ...) {
  va_list arguments;
  va_start(arguments, command);
  void *argument = va_arg(arguments, void *); /* a number, a pointer or nothing, as the C library itself reads it */
  va_end(arguments);
  bool failed = command == F_DUPFD_CLOEXEC ? fails(IS_fcntl_dup)
                : command == F_ADD_SEALS   ? fails(IS_fcntl_add_seals)
                : command == F_GET_SEALS   ? fails(IS_fcntl_get_seals)
                : command == F_GETFL       ? fails(IS_fcntl_getfl)
                : command == F_OFD_SETLK   ? fails(IS_fcntl_set_lock)
                : command == F_OFD_GETLK   ? fails(IS_fcntl_get_lock)
                                           : false;
  return failed ? -1 : __real_fcntl(fd, command, argument);
}

int __real_shmctl(int id, int command, struct shmid_ds *segment);
int __wrap_shmctl(int id, int command, struct shmid_ds *segment);
int __wrap_shmctl(int id, int command, struct shmid_ds *segment) {
  return fails(command == IPC_STAT ? IS_shmctl_stat : IS_shmctl_rmid) ? -1 : __real_shmctl(id, command, segment);
}

int __real_semctl(int id, int index, int command, ...);
int __wrap_semctl(int id, int index, int command, ...);
int __wrap_semctl(int id, int index, int command, ...) {
  va_list arguments;
  va_start(arguments, command);
  void *argument = command == IPC_STAT || command == SETALL ? va_arg(arguments, void *) : NULL;
  va_end(arguments);
  enum function function = command == IPC_STAT ? IS_semctl_stat
                           : command == SETALL ? IS_semctl_setall
                           : command == GETVAL ? IS_semctl_getval
                                               : IS_semctl_rmid;
  return fails(function) ? -1 : __real_semctl(id, index, command, argument);
}

int __real_pthread_atfork(void (*before)(void), void (*in_parent)(void), void (*in_child)(void));
int __wrap_pthread_atfork(void (*before)(void), void (*in_parent)(void), void (*in_child)(void));
int __wrap_pthread_atfork(void (*before)(void), void (*in_parent)(void), void (*in_child)(void)) {
  int failure = failure_of(IS_pthread_atfork);
  return failure ? failure : __real_pthread_atfork(before, in_parent, in_child);
}

int __real_clock_nanosleep(clockid_t clock, int flags, const struct timespec *until, struct timespec *left);
int __wrap_clock_nanosleep(clockid_t clock, int flags, const struct timespec *until, struct timespec *left);
int __wrap_clock_nanosleep(clockid_t clock, int flags, const struct timespec *until, struct timespec *left) {
  int failure = failure_of(IS_clock_nanosleep);
  return failure ? failure : __real_clock_nanosleep(clock, flags, until, left);
}

/* What the signal handler calls by number is left alone. */
long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);
long __wrap_syscall(long number, ...) {
  va_list arguments;
  va_start(arguments, number);
  long words[6];
  for (int i = 0; i < 6; i++) words[i] = va_arg(arguments, long);
  va_end(arguments);
  if (number == SYS_renameat2 && fails(IS_renameat2)) return -1;
  if (number == SYS_futex && fails(IS_futex)) return -1;
  if (number == SYS_futex_waitv && fails(IS_futex_waitv)) return -1;
  return __real_syscall(number, words[0], words[1], words[2], words[3], words[4], words[5]);
}

/* ---- memory, which is counted besides */

static void *counted(void *block) {
  blocks += block != NULL;
  return block;
}

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_malloc(size_t size) { return fails(IS_malloc) ? NULL : counted(__real_malloc(size)); }

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size) { return fails(IS_calloc) ? NULL : counted(__real_calloc(count, size)); }

char *__real_strdup(const char *text);
char *__wrap_strdup(const char *text);
char *__wrap_strdup(const char *text) { return fails(IS_strdup) ? NULL : counted(__real_strdup(text)); }

void __real_free(void *block);
void __wrap_free(void *block);
void __wrap_free(void *block) {
  blocks -= block != NULL;
  __real_free(block);
}
