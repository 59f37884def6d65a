/* futex: sleeping on a word of shared memory until somebody says that it has changed.
 *
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "platform/os.h"

/* In linux/futex.h, which not every libc comes with. */
#define FUTEX_WAKE 1
#define FUTEX_WAIT_BITSET 9
#define FUTEX_BITSET_MATCH_ANY 0xffffffffu

#define NANOSECONDS 1000000000

int mw__os_word_wait(void *word, uint32_t value, mw_deadline deadline) {
  struct timespec until = {.tv_sec = deadline / NANOSECONDS, .tv_nsec = deadline % NANOSECONDS};
  long result = syscall(SYS_futex, word, FUTEX_WAIT_BITSET, value, &until, NULL, FUTEX_BITSET_MATCH_ANY);
  return result == 0 ? 0 : errno;
}

/* The kernel wakes one even where it is asked for none. */
int mw__os_word_wake(void *word, unsigned count, unsigned *out_woken) {
  long result = count ? syscall(SYS_futex, word, FUTEX_WAKE, count < INT_MAX ? count : INT_MAX, NULL, NULL, 0) : 0;
  if (result < 0) return errno;
  *out_woken = (unsigned)result;
  return 0;
}
