/* The monotonic clock, and sleeping to an instant on it.
 *
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <sched.h>
#include <time.h>

#include "platform/os.h"

#define NANOSECONDS 1000000000

int64_t mw__os_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * NANOSECONDS + now.tv_nsec + 1; /* + 1: 0 means MW_DEADLINE_NOW */
}

int mw__os_sleep_until(mw_deadline deadline) {
  struct timespec until = {.tv_sec = deadline / NANOSECONDS, .tv_nsec = deadline % NANOSECONDS};
  return clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
}

void mw__os_yield(void) { sched_yield(); }

void mw__os_relax(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}
