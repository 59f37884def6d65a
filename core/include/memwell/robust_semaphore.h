/* Permits, a fixed number of them, in a well (mw_well_semaphore). A permit belongs to the process that acquired it, any of whose
 * threads may release it, and comes back if the process dies, by whatever end. It is for limiting, not for signalling: nobody can
 * release what it does not hold.
 *
 * Lifetime, fork and signals are as with mw_mutex.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_ROBUST_SEMAPHORE_H
#define MEMWELL_ROBUST_SEMAPHORE_H

#include <stdint.h>

#include "memwell/deadline.h"
#include "memwell/export.h"
#include "memwell/status.h"
#include "memwell/watch.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mw_robust_semaphore mw_robust_semaphore;

#define MW_MAX_PERMITS 4096

/* Acquire one permit. Uncontended there is no system call. The time grows with the capacity when few are free.
 *
 * deadline   monotonic; MW_DEADLINE_NOW polls, MW_DEADLINE_NEVER waits for ever
 * Returns 0, or, with nothing acquired,
 *   MW_ETIMEDOUT  the deadline passed
 *   MW_EINTR      a signal handler ran; call again with the same deadline
 *   MW_ECLOSED    the well was closed or the semaphore deleted, before or during the wait
 *   MW_EFAULT     its page was lost
 *   MW_EFORMAT    something has overwritten it
 *   MW_EFULL, MW_EMFILE, MW_ENOENT  in a forked child's first call, which attaches to the well
 * Threads, processes: safe. Signals: not safe in handlers. */
MW_API int mw_robust_semaphore_acquire(mw_robust_semaphore *semaphore, mw_deadline deadline, mw_error *error);

/* Release `n` permits of this process.
 * Returns 0, or
 *   MW_ENOTOWNER  this process holds fewer; none was released, unless other threads released at the same time
 *   MW_EINVAL     n is 0
 *   MW_ECLOSED, MW_EFAULT, MW_EFORMAT
 * Threads, processes: safe. */
MW_API int mw_robust_semaphore_release(mw_robust_semaphore *semaphore, unsigned n, mw_error *error);

/* How many permits are free, and how many this process holds, now. Returns 0, or MW_ECLOSED, MW_EFAULT. */
MW_API int mw_robust_semaphore_value(mw_robust_semaphore *semaphore, mw_error *error, unsigned *out_value);
MW_API int mw_robust_semaphore_held(mw_robust_semaphore *semaphore, mw_error *error, unsigned *out_held);

/* Say that somebody will sleep for one, and where: see memwell/watch.h. Returns 0, or MW_ECLOSED, MW_EFAULT. */
MW_API int mw_robust_semaphore_watch(mw_robust_semaphore *semaphore, mw_error *error, mw_watch *out_watch);

/* How many permits there are, and its name in the well. Ownership: the name is the semaphore's own. */
MW_API unsigned mw_robust_semaphore_capacity(const mw_robust_semaphore *semaphore);
MW_API const char *mw_robust_semaphore_name(const mw_robust_semaphore *semaphore);

/* One more reference; one less, and the last one frees the handle, not the semaphore. NULL is fine for drop. */
MW_API void mw_robust_semaphore_hold(mw_robust_semaphore *semaphore);
MW_API void mw_robust_semaphore_drop(mw_robust_semaphore *semaphore);

#ifdef __cplusplus
}
#endif
#endif
