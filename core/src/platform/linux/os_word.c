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

#define FUTEX_32 2
#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449 /* on every architecture; Linux 5.16 */
#endif

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

/* struct futex_waitv of linux/futex.h, which older headers lack. */
typedef struct word_wait {
  uint64_t value;
  uint64_t address;
  uint32_t flags;
  uint32_t reserved;
} word_wait;

int mw__os_words_wait(const mw_watch *words, unsigned count, mw_deadline deadline) {
  word_wait waits[MW_WATCH_MAX];
  for (unsigned i = 0; i < count; i++) waits[i] = (word_wait){words[i].value, (uint64_t)(uintptr_t)words[i].word, FUTEX_32, 0};
  struct timespec until = {.tv_sec = deadline / NANOSECONDS, .tv_nsec = deadline % NANOSECONDS};
  long result = syscall(SYS_futex_waitv, waits, count, 0, &until, CLOCK_MONOTONIC);
  return result >= 0 || errno == EAGAIN ? 0 : errno;
}
