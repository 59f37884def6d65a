/* The lock among the threads of this process that a fork waits for.
 *
 * SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>

#include "platform/os.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool watches_forks; /* under the lock */

static void take(void) { pthread_mutex_lock(&lock); }
static void give(void) { pthread_mutex_unlock(&lock); }

/* Where there is no memory to say so, the next time may have some. */
void mw__os_fork_lock(void) {
  take();
  if (!watches_forks) watches_forks = pthread_atfork(take, give, give) == 0;
}

void mw__os_fork_unlock(void) { give(); }
