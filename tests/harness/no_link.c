/* A system where a descriptor can be linked to a name neither by AT_EMPTY_PATH nor through /proc (a chroot without /proc), although
 * O_TMPFILE and fallocate work. See no_tmpfile.c.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

int linkat(int from, const char *old, int to, const char *new, int flags) {
  if ((flags & (AT_EMPTY_PATH | AT_SYMLINK_FOLLOW)) != 0) {
    errno = ENOENT;
    return -1;
  }
  return (int)syscall(SYS_linkat, from, old, to, new, flags);
}
