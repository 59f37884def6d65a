/* Who we are, and what machine this is.
 *
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <unistd.h>

#include "platform/os.h"

int64_t mw__os_process(void) { return getpid(); }

unsigned mw__os_user(void) { return geteuid(); }

size_t mw__os_page_size(void) {
  static _Atomic size_t size;
  if (!atomic_load_explicit(&size, memory_order_relaxed))
    atomic_store_explicit(&size, (size_t)sysconf(_SC_PAGESIZE), memory_order_relaxed);
  return atomic_load_explicit(&size, memory_order_relaxed);
}

static unsigned count_cpus(void) {
  cpu_set_t usable;
  if (sched_getaffinity(0, sizeof usable, &usable) == 0) return (unsigned)CPU_COUNT(&usable);
  long online = sysconf(_SC_NPROCESSORS_ONLN); /* more CPUs than the set has room for */
  return online > 0 ? (unsigned)online : 1;
}

/* Counted once: a wait that may spin for nothing costs less than a system call in each. */
unsigned mw__os_cpu_count(void) {
  static _Atomic unsigned count;
  if (!atomic_load_explicit(&count, memory_order_relaxed)) atomic_store_explicit(&count, count_cpus(), memory_order_relaxed);
  return atomic_load_explicit(&count, memory_order_relaxed);
}
