/* A named semaphore: byte for byte the one that sem_open makes and opens, in the file that sem_open names: sem.NAME (glibc) or
 * NAME (musl) in the shared-memory file system.
 *
 * It has no owner: a process that is killed between acquire and release never gives its unit back. Programs on glibc and on musl
 * lay the semaphore out differently and cannot share one.
 *
 * Lifetime is as with mw_region: the handle has one reference, hold and drop add and give back, close gives the handle's own back
 * and ends every wait of another thread with MW_ECLOSED, provided that this thread holds a reference. No call is safe in a signal
 * handler. After fork the child uses the same semaphore; it never unlinks what its parent made MW_TEMPORARY.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_SEMAPHORE_H
#define MEMWELL_SEMAPHORE_H

#include <stdbool.h>
#include <stdint.h>

#include "memwell/deadline.h"
#include "memwell/export.h"
#include "memwell/region.h"
#include "memwell/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mw_semaphore mw_semaphore;

#define MW_SEMAPHORE_MAX 0x7fffffffu

/* Create a semaphore of the given value. It is whole before it has its name, and the permissions are taken as given whatever the
 * umask; 0 means 0600.
 *
 * name    as sem_open takes it: one leading "/" is allowed and means nothing, a further "/" is not; at most 251 bytes
 * flags   MW_TEMPORARY
 * Ownership: *out_semaphore is the caller's, to be closed. Returns 0, or
 *   MW_EEXIST  the name is taken
 *   MW_EINVAL  a name that cannot be, a value above MW_SEMAPHORE_MAX, an unknown flag
 *   MW_ENOSPC, MW_EMFILE, MW_ENOMEM, MW_EACCES, MW_EINTR, MW_EOS
 * Threads, processes, fork: safe. */
MW_API int mw_semaphore_create(const char *name, unsigned value, unsigned permissions, unsigned flags, mw_error *error,
                               mw_semaphore **out_semaphore);

/* Attach to a semaphore, whoever made it. Links are not followed, and it must belong to the caller's effective user or to root
 * unless MW_ANY_OWNER is set.
 *
 * wait_for_name   wait so long for the name to appear, and for a file that is still of size 0 to get its size
 * Ownership: *out_semaphore is the caller's, to be closed. Returns 0, or
 *   MW_ENOENT, MW_EAGAIN, MW_EPERM, MW_EACCES, MW_EINTR, MW_EINVAL, MW_EMFILE, MW_ENOMEM, MW_EOS  as mw_region_attach
 *   MW_EFORMAT  not a semaphore: the size is not that of sem_t, the value is none that a semaphore can have, or it was made for the
 *               threads of one process (as zeros say in glibc)
 * Threads, processes, fork: safe. */
MW_API int mw_semaphore_attach(const char *name, mw_deadline wait_for_name, unsigned flags, mw_error *error,
                               mw_semaphore **out_semaphore);

/* Attach, or create where the name is free; of several callers at once exactly one creates. `value` and `permissions` are for a new
 * one only.
 * Returns 0 where it attached, 1 where it created, or what mw_semaphore_attach and mw_semaphore_create return.
 * Threads, processes, fork: safe. */
MW_API int mw_semaphore_open(const char *name, unsigned value, unsigned permissions, mw_error *error, mw_semaphore **out_semaphore);

/* Remove the name. Those who have the semaphore keep it.
 * Returns 0, or MW_ENOENT, MW_EINVAL, MW_EACCES, MW_EPERM, MW_EOS. Threads, processes, fork: safe. */
MW_API int mw_semaphore_unlink(const char *name, mw_error *error);

/* Wait until the semaphore is positive, then decrease it by one. Spins for a moment where there is a CPU to spare, then sleeps in
 * the kernel.
 *
 * deadline   monotonic; MW_DEADLINE_NOW polls, MW_DEADLINE_NEVER waits for ever
 * Returns 0, or, with the value unchanged,
 *   MW_ETIMEDOUT  the deadline passed
 *   MW_EINTR      a signal handler ran; call again with the same deadline
 *   MW_ECLOSED    the handle was closed, before or during the wait
 * Threads: safe. Processes: safe. Fork: the child may use it. Signals: not safe in handlers. */
MW_API int mw_semaphore_acquire(mw_semaphore *semaphore, mw_deadline deadline, mw_error *error);

/* Increase the semaphore by `n`, one at a time, and wake as many who wait.
 * Returns 0, or
 *   MW_EOVERFLOW  the value would exceed MW_SEMAPHORE_MAX; nothing was added, unless others released at the same time
 *   MW_EINVAL     n is 0
 *   MW_ECLOSED
 * Threads, processes, fork: safe. Signals: not safe in handlers. */
MW_API int mw_semaphore_release(mw_semaphore *semaphore, unsigned n, mw_error *error);

/* The value now; it may have changed before the caller looks at it. 0 while others wait.
 * Returns 0, or MW_ECLOSED. Threads, processes, fork: safe. */
MW_API int mw_semaphore_value(mw_semaphore *semaphore, mw_error *error, unsigned *out_value);

/* Its name without a leading slash; whether it was closed; its file's device and inode.
 * Ownership: the string is the semaphore's own. */
MW_API const char *mw_semaphore_name(const mw_semaphore *semaphore);
MW_API bool mw_semaphore_is_closed(const mw_semaphore *semaphore);
MW_API void mw_semaphore_identity(const mw_semaphore *semaphore, uint64_t *out_device, uint64_t *out_inode);

/* One more reference; one less, and the last one unmaps. NULL is fine for drop. */
MW_API void mw_semaphore_hold(mw_semaphore *semaphore);
MW_API void mw_semaphore_drop(mw_semaphore *semaphore);

/* Allow no new use, end the waits of other threads, and give the handle's own reference back. To be called once for each
 * semaphore; NULL is fine. */
MW_API void mw_semaphore_close(mw_semaphore *semaphore);

#ifdef __cplusplus
}
#endif
#endif
