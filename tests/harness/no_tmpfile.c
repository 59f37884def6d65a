/* A system that lacks what memwell likes best: no O_TMPFILE, no linkat of a descriptor, no fallocate. A test program that is linked
 * with this file takes every fallback instead, on a machine that has it all.
 *
 * These definitions in the program come before those of the C library; they do the real work by system calls of their own.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <unistd.h>

extern const bool harness_makes_drafts;
const bool harness_makes_drafts = true;

int open(const char *path, int flags, ...) {
  if ((flags & O_TMPFILE) == O_TMPFILE) {
    errno = EOPNOTSUPP;
    return -1;
  }
  va_list arguments;
  va_start(arguments, flags);
  mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

int openat(int directory, const char *path, int flags, ...) {
  if ((flags & O_TMPFILE) == O_TMPFILE) {
    errno = EOPNOTSUPP;
    return -1;
  }
  va_list arguments;
  va_start(arguments, flags);
  mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  return (int)syscall(SYS_openat, directory, path, flags, mode);
}

/* As where the process may not link descriptors and has no /proc. */
int linkat(int from, const char *old, int to, const char *new, int flags) {
  if ((flags & (AT_EMPTY_PATH | AT_SYMLINK_FOLLOW)) != 0) {
    errno = (flags & AT_EMPTY_PATH) != 0 ? EPERM : ENOENT;
    return -1;
  }
  return (int)syscall(SYS_linkat, from, old, to, new, flags);
}

int fallocate(int fd, int mode, off_t offset, off_t size) {
  (void)fd, (void)mode, (void)offset, (void)size;
  errno = EOPNOTSUPP;
  return -1;
}
