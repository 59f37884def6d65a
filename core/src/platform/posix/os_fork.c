/* The lock among the threads of this process that a fork waits for.
 *
 * SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>

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
