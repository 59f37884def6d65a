/* Exclusion between processes, and between the threads of one: a mutex in a well (mw_well_mutex).
 *
 * It belongs to the process that acquired it, is not recursive, and does not notice a thread that ends; a process it does. When its
 * holder dies, by whatever end, what it protected may be half done: the mutex is inconsistent then, and nobody gets it but to mend
 * that. mw_mutex_recover_begin takes it for that, mw_mutex_recover_end says whether it was mended.
 *
 * Lifetime is as with mw_region: the handle has one reference, hold and drop add and give back. A handle holds the well's memory,
 * not the well: after mw_well_close every call is MW_ECLOSED, but for giving back what the process holds still because it has
 * another handle of the well; and so it is after the object was deleted from the well, by whichever process. After fork the child
 * may use the same handle as another process; what its parent holds stays the parent's. No call is safe in a signal handler.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_MUTEX_H
#define MEMWELL_MUTEX_H

#include <stdbool.h>
#include <stdint.h>

#include "memwell/deadline.h"
#include "memwell/export.h"
#include "memwell/status.h"
#include "memwell/watch.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mw_mutex mw_mutex;

/* Acquire it. Uncontended there is no system call; else it spins for a moment where there is a CPU to spare, then sleeps, 40 ms at
 * a time, and looks whether the holder is still alive.
 *
 * deadline   monotonic; MW_DEADLINE_NOW polls, MW_DEADLINE_NEVER waits for ever
 * Returns 0, or, not holding it,
 *   MW_ETIMEDOUT   the deadline passed
 *   MW_EOWNERDEAD  a process died while it held it, and nobody has mended what that left: mw_mutex_recover_begin
 *   MW_EDEADLK     this thread holds it already
 *   MW_EINTR       a signal handler ran; call again with the same deadline
 *   MW_ECLOSED     the well was closed or the mutex deleted, before or during the wait
 *   MW_EFAULT      its page was lost
 *   MW_EFORMAT     something has overwritten it
 *   MW_EFULL, MW_EMFILE, MW_ENOENT  in a forked child's first call, which attaches to the well: no slot; as mw_well_attach
 * Threads, processes: safe. Fork: see above. Signals: not safe in handlers. */
MW_API int mw_mutex_acquire(mw_mutex *mutex, mw_deadline deadline, mw_error *error);

/* Release it; any thread of the process may.
 * Returns 0, or
 *   MW_ENOTOWNER  this process does not hold it; it may have, until somebody broke its locks
 *   MW_EBUSY      it is being recovered: mw_mutex_recover_end
 *   MW_ECLOSED, MW_EFAULT, MW_EFORMAT
 * Threads, processes: safe. */
MW_API int mw_mutex_release(mw_mutex *mutex, mw_error *error);

/* Acquire it whether or not it is inconsistent.
 * Returns 1: it was inconsistent, and is held to be mended; 0: it was not, and is held as by mw_mutex_acquire; or what that
 * returns, but for MW_EOWNERDEAD. If the process dies before it ends the recovery, the mutex is inconsistent again. */
MW_API int mw_mutex_recover_begin(mw_mutex *mutex, mw_deadline deadline, mw_error *error);

/* mended   true: it is consistent, and held as by mw_mutex_acquire; false: it is inconsistent, and not held any more
 * Returns 0, or MW_ENOTOWNER (this process is not recovering it), MW_ECLOSED, MW_EFAULT, MW_EFORMAT. */
MW_API int mw_mutex_recover_end(mw_mutex *mutex, bool mended, mw_error *error);

/* Who holds it: a slot of mw_well_next_participant, or -1. *out_inconsistent says whether its holder died and nobody has mended
 * that, nor is about to; NULL is fine.
 * Returns 0, or MW_ECLOSED, MW_EFAULT, MW_EFORMAT. It may have changed before the caller looks at it. */
MW_API int mw_mutex_owner(mw_mutex *mutex, mw_error *error, int *out_slot, bool *out_inconsistent);

/* Whether this process holds it, and is mending it or not. Signals: safe. */
MW_API bool mw_mutex_is_held(const mw_mutex *mutex);

/* Say that somebody will sleep for it, and where: see memwell/watch.h. Returns 0, or MW_ECLOSED, MW_EFAULT. */
MW_API int mw_mutex_watch(mw_mutex *mutex, mw_error *error, mw_watch *out_watch);

/* Its name in the well. Ownership: the mutex's own. */
MW_API const char *mw_mutex_name(const mw_mutex *mutex);

/* One more reference; one less, and the last one frees the handle, not the mutex. NULL is fine for drop. */
MW_API void mw_mutex_hold(mw_mutex *mutex);
MW_API void mw_mutex_drop(mw_mutex *mutex);

#ifdef __cplusplus
}
#endif
#endif
