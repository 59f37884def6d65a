/* A kernel that cannot wait for several words at once (before 5.16). See no_tmpfile.c.
 *
 * SPDX-License-Identifier: MIT */
#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include <unistd.h>

typedef long caller(long number, ...);

long syscall(long number, ...) {
  if (number == SYS_futex_waitv) {
    errno = ENOSYS;
    return -1;
  }
  va_list arguments;
  va_start(arguments, number);
  long words[6];
  for (int i = 0; i < 6; i++) words[i] = va_arg(arguments, long);
  va_end(arguments);
  static caller *next;
  if (!next) *(void **)&next = dlsym(RTLD_NEXT, "syscall");
  return next(number, words[0], words[1], words[2], words[3], words[4], words[5]);
}
