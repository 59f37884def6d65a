/* What an object of a well gives to somebody who wants to sleep for many of them at once: an event loop's waiting thread, say.
 *
 *   mw_mutex_watch(mutex, &error, &watch);              that a sleeper is coming is said, and where it will sleep
 *   if (mw_mutex_acquire(mutex, MW_DEADLINE_NOW, ...)   look once more: it may have come free just now
 *   mw_watch_wait(&watch, 1, deadline, &error);         sleep
 *   ... and all of it again
 *
 * A dead owner does not ring. So sleep no longer than MW_WATCH_SLICE at a time, and look again: an acquire with MW_DEADLINE_NOW
 * gives back what a dead process held.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_WATCH_H
#define MEMWELL_WATCH_H

#include <stdint.h>

#include "memwell/deadline.h"
#include "memwell/export.h"
#include "memwell/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MW_WATCH_MAX 128
#define MW_WATCH_SLICE 0.04 /* seconds */

/* word    in the well's memory, or the caller's own
 * value   what it has while there is nothing to wake up for
 * Ownership: the word is borrowed from the object, whose handle must be kept while somebody sleeps. */
typedef struct mw_watch {
  void *word;
  uint32_t value;
} mw_watch;

/* Sleep until one of the words is changed and woken, or differs already.
 *
 * count   1 to MW_WATCH_MAX
 * Returns 0, or
 *   MW_ETIMEDOUT  the deadline passed
 *   MW_EINTR      a signal handler ran
 *   MW_EFAULT     the page of one is lost
 *   MW_EINVAL     count
 * On kernels before 5.16 it looks every few milliseconds where count is above 1.
 * Threads, processes: safe. Signals: not safe in handlers. */
MW_API int mw_watch_wait(const mw_watch *watches, unsigned count, mw_deadline deadline, mw_error *error);

/* Set a word of the caller's own to `value`, and wake who sleeps on it with mw_watch_wait. */
MW_API void mw_watch_ring(void *word, uint32_t value);

#ifdef __cplusplus
}
#endif
#endif
