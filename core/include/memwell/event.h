/* A flag in a well that processes wait for (mw_well_event). It has no owner, and a process that dies leaves it as it is.
 *
 * Lifetime, fork and signals are as with mw_mutex.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_EVENT_H
#define MEMWELL_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "memwell/deadline.h"
#include "memwell/export.h"
#include "memwell/status.h"
#include "memwell/watch.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mw_event mw_event;

/* Set the flag and wake all who wait; clear it. Neither makes a system call where nobody waits. Twice is fine.
 * Returns 0, or MW_ECLOSED, MW_EFAULT, MW_EFORMAT (something has overwritten it). Threads, processes: safe. */
MW_API int mw_event_set(mw_event *event, mw_error *error);
MW_API int mw_event_clear(mw_event *event, mw_error *error);

/* Whether the flag is set: no system call. Returns 0, or MW_ECLOSED, MW_EFAULT, MW_EFORMAT. */
MW_API int mw_event_is_set(mw_event *event, mw_error *error, bool *out_set);

/* Wait until the flag is set. Who waits while it is set is told, even if it is cleared again at once. Spins for a moment where
 * there is a CPU to spare, then sleeps.
 *
 * deadline   monotonic; MW_DEADLINE_NOW polls, MW_DEADLINE_NEVER waits for ever
 * Returns 0, or
 *   MW_ETIMEDOUT  the deadline passed
 *   MW_EINTR      a signal handler ran; call again with the same deadline
 *   MW_ECLOSED    the well was closed or the event deleted, before or during the wait
 *   MW_EFAULT, MW_EFORMAT
 * Threads, processes: safe. Signals: not safe in handlers. */
MW_API int mw_event_wait(mw_event *event, mw_deadline deadline, mw_error *error);

/* The same in several calls, for who does something else in between, such as running signal handlers: what is set and cleared again
 * between two of them is told by the next one.
 *
 * since   a watch of zeros for the first call, which puts there since when; the next calls take it as it is
 * Returns, and is safe, as mw_event_wait. */
MW_API int mw_event_wait_since(mw_event *event, mw_watch *since, mw_deadline deadline, mw_error *error);

/* Say that somebody will sleep for it, and where: see memwell/watch.h. Where the flag is set already, the watch differs at once.
 * Returns 0, or MW_ECLOSED, MW_EFAULT, MW_EFORMAT. */
MW_API int mw_event_watch(mw_event *event, mw_error *error, mw_watch *out_watch);

/* Whether the flag was set since mw_event_watch gave this watch; it may be cleared again. */
MW_API bool mw_event_was_set(const mw_event *event, const mw_watch *watch);

/* Its name in the well. Ownership: the event's own. */
MW_API const char *mw_event_name(const mw_event *event);

/* One more reference; one less, and the last one frees the handle, not the event. NULL is fine for drop. */
MW_API void mw_event_hold(mw_event *event);
MW_API void mw_event_drop(mw_event *event);

#ifdef __cplusplus
}
#endif
#endif
