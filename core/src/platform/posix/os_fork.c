/* Threads of this process, and the lock that a fork waits for.
 *
 * SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <stdatomic.h>

#include "platform/os.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void take(void) { pthread_mutex_lock(&lock); }
static void give(void) { pthread_mutex_unlock(&lock); }
static void watch_forks(void) { pthread_atfork(take, give, give); }

void mw__os_fork_lock(void) {
  pthread_once(&once, watch_forks);
  take();
}

void mw__os_fork_unlock(void) { give(); }

uint64_t mw__os_thread(void) {
  static _Atomic uint64_t last;
  static _Thread_local uint64_t number;
  if (!number) number = atomic_fetch_add(&last, 1) + 1;
  return number;
}
