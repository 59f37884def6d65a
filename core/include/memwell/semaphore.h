/* A counting semaphore between processes, of three kinds:
 *
 *   named   byte for byte the one that sem_open makes and opens, in the file that sem_open names: sem.NAME (glibc) or NAME (musl)
 *           in the shared-memory file system
 *   at      a sem_t inside a region, beside a C program's own
 *   sysv    one of a System V set, as semget makes it
 *
 * It has no owner: a process that is killed between acquire and release never gives its unit back, but for MW_UNDO on System V.
 * Programs on glibc and on musl lay sem_t out differently and cannot share one.
 *
 * Where the memory of a named semaphore, or of the region that one is in, loses its page (somebody cut the file), every call is
 * MW_EFAULT.
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

/* A sem_t at `offset` in a region; libc's layout, so any program that knows where it is may use it.
 *
 * offset   a multiple of 8; the sem_t is 32 bytes (64-bit Linux)
 * value    0 to MW_SEMAPHORE_MAX: make it, whoever used what was there before; -1: take the one that is there
 * Ownership: the semaphore holds the region's memory; *out_semaphore is the caller's, to be closed. Returns 0, or
 *   MW_EINVAL     the alignment, past the region's end, a value that cannot be, or private memory, which nobody shares
 *   MW_EFORMAT    with -1: there is no semaphore that processes share; zeros are none in glibc
 *   MW_EREADONLY, MW_ECLOSED, MW_EFAULT, MW_ENOMEM
 * Threads, processes, fork: safe; making one while others use it is not. */
MW_API int mw_semaphore_at(mw_region *region, uint64_t offset, int64_t value, mw_error *error, mw_semaphore **out_semaphore);

enum {
  MW_UNDO = 1u << 8,      /* sysv: SEM_UNDO. What this process has acquired and not released is given back when it ends */
  MW_UNUSED_OK = 1u << 9, /* sysv: attach to a set on which nobody has operated yet */
};

#define MW_SEMAPHORE_SYSV_MAX 32767u /* SEMVMX */

/* Zero-initialise it, set size_of_struct, set what differs from the defaults. NULL in its place means all defaults.
 *
 * how           MW_ATTACH unless set
 * count         create, open: how many semaphores a new set has; 0 means index + 1
 * value         of every semaphore of a new set, at most MW_SEMAPHORE_SYSV_MAX
 * permissions   of a new set, the lowest nine bits; 0 means 0600
 * wait_for_use  attach, open: how long to wait for a set on which nobody has operated yet
 * inode         only the set that mw_semaphore_identity said this of, else MW_ENOENT; 0 means any
 * flags         MW_UNDO, MW_UNUSED_OK, MW_ANY_OWNER */
typedef struct mw_semaphore_sysv_options {
  size_t size_of_struct;
  mw_how how;
  unsigned count;
  unsigned value;
  unsigned permissions;
  mw_deadline wait_for_use;
  uint64_t inode;
  unsigned flags;
} mw_semaphore_sysv_options;

/* One semaphore of a System V set.
 *
 * key     as ftok makes it; MW_KEY_PRIVATE with MW_CREATE only
 * index   which of the set, from 0
 * semget makes a set of zeros first, which is given its values then. So the maker operates on it once, without changing anything,
 * and an attach waits until somebody has (sem_otime; W. R. Stevens, "UNIX Network Programming" vol. 2, section 11.6). A set that
 * others made and have not operated on yet is taken with MW_UNUSED_OK.
 * Ownership: *out_semaphore is the caller's, to be closed; the set stays: mw_semaphore_sysv_remove. Returns 0 where it attached, 1
 * where it created, or
 *   MW_ENOENT   nothing has this key; or another set than options->inode
 *   MW_EEXIST   the key is taken
 *   MW_EAGAIN   nobody has operated on the set yet: its maker is not done, or was killed, or never does
 *   MW_EINVAL   no such index; a value above MW_SEMAPHORE_SYSV_MAX; more than SEMMSL; MW_KEY_PRIVATE without MW_CREATE
 *   MW_ENOSPC   SEMMNI or SEMMNS is reached; the reason gives both
 *   MW_EPERM    another user's
 *   MW_EACCES   its permissions do not allow reading and altering
 *   MW_EINTR, MW_ENOMEM, MW_EOS
 * Threads, processes, fork: safe. A forked child with MW_UNDO has nothing to give back of what its parent acquired. */
MW_API int mw_semaphore_sysv(int32_t key, unsigned index, const mw_semaphore_sysv_options *options, mw_error *error,
                             mw_semaphore **out_semaphore);

/* Remove the set that has this key, with all its semaphores; those who wait on one get MW_EOS (EIDRM).
 * Returns 0, or MW_ENOENT, MW_EACCES, MW_EPERM, MW_EINVAL (MW_KEY_PRIVATE). */
MW_API int mw_semaphore_sysv_remove(int32_t key, mw_error *error);

/* The same for the set of an open semaphore, whatever its key.
 * Returns 0, or MW_ENOTSUP (not of System V), MW_ECLOSED, MW_EPERM, MW_EOS (EIDRM: removed already). */
MW_API int mw_semaphore_sysv_unlink(mw_semaphore *semaphore, mw_error *error);

/* The key, the identifier and the index of a System V semaphore. Returns 0, or MW_ENOTSUP for the other kinds. */
MW_API int mw_semaphore_sysv_id(const mw_semaphore *semaphore, mw_error *error, int32_t *out_key, int32_t *out_id,
                                unsigned *out_index);

/* Wait until the semaphore is positive, then decrease it by one. Spins for a moment where there is a CPU to spare, then sleeps in
 * the kernel.
 *
 * deadline   monotonic; MW_DEADLINE_NOW polls, MW_DEADLINE_NEVER waits for ever
 * Returns 0, or, with the value unchanged,
 *   MW_ETIMEDOUT  the deadline passed
 *   MW_EINTR      a signal handler ran; call again with the same deadline
 *   MW_ECLOSED    the handle, or the region that it is in, was closed, before or during the wait
 *   MW_EFAULT     its page was lost
 *   MW_EFORMAT    something has overwritten the sem_t, and there is nothing to wait on
 *   MW_EOS        sysv: EIDRM, the set was removed
 * Threads: safe. Processes: safe. Fork: the child may use it. Signals: not safe in handlers. */
MW_API int mw_semaphore_acquire(mw_semaphore *semaphore, mw_deadline deadline, mw_error *error);

/* Increase the semaphore by `n`, one at a time (of System V: in one step), and wake as many who wait.
 * Returns 0, or
 *   MW_EOVERFLOW  the value would exceed MW_SEMAPHORE_MAX (MW_SEMAPHORE_SYSV_MAX); nothing was added, unless others released at the
 *                 same time
 *   MW_EINVAL     n is 0
 *   MW_EFORMAT    something has overwritten the sem_t
 *   MW_ECLOSED, MW_EFAULT, MW_EOS (EIDRM: the set was removed)
 * Threads, processes, fork: safe. Signals: not safe in handlers. */
MW_API int mw_semaphore_release(mw_semaphore *semaphore, unsigned n, mw_error *error);

/* The value now; it may have changed before the caller looks at it. 0 while others wait.
 * Returns 0, or MW_ECLOSED, MW_EFAULT, MW_EOS (EIDRM: the set was removed). Threads, processes, fork: safe. */
MW_API int mw_semaphore_value(mw_semaphore *semaphore, mw_error *error, unsigned *out_value);

/* What it is: "named", "at" or "sysv"; its name without a leading slash, its key as "0x1a2b", or its region's name or NULL; whether
 * it was closed; its object's device and inode.
 * Ownership: the strings are the semaphore's own. */
MW_API const char *mw_semaphore_kind(const mw_semaphore *semaphore);
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
