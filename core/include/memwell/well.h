/* A well: one named region, or one file, that describes itself. In it are a directory of named objects (typed arrays, mutexes,
 * semaphores, events), the memory for them, and the list of the processes that are attached. When a process dies, by whatever end,
 * what it held comes back. docs/formats.md has every byte.
 *
 * A process has one slot in a well however often it attaches: what one handle acquires, another may release. It has to detach, or
 * end, before its slot is free again. A forked child is another process: its first call on a handle that it has inherited attaches
 * it, and it holds nothing of what its parent holds. An observer (MW_OBSERVER) has no slot, no locks, and changes nothing.
 *
 * Who may write to a well is trusted to be right, but not to live. What is read in it is checked before it is used, so that damage
 * is MW_EFORMAT and never a wrong address.
 *
 * Lifetime: a handle has one reference, hold and drop add and give back. mw_well_close ends its use: views and handles of objects
 * say MW_ECLOSED from then on; memory that others hold stays mapped. No call is safe in a signal handler; unless it says otherwise
 * a call is safe between threads and processes.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_WELL_H
#define MEMWELL_WELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "memwell/deadline.h"
#include "memwell/dtype.h"
#include "memwell/event.h"
#include "memwell/export.h"
#include "memwell/mutex.h"
#include "memwell/region.h"
#include "memwell/robust_semaphore.h"
#include "memwell/status.h"
#include "memwell/view.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mw_well mw_well;

#define MW_WELL_NAME_MAX 127  /* bytes of an object's name */
#define MW_WELL_MAX_SLOTS 256 /* processes that can be attached at once */

enum {
  MW_OBSERVER = 1u << 16,   /* attach, file: look only; arrays, objects, participants, check */
  MW_MUST_EXIST = 1u << 17, /* mutex, semaphore, event: do not create it */
};

/* Zero-initialise it, set size_of_struct, set what differs from the defaults. NULL in its place means all defaults.
 *
 * flags           create: MW_TEMPORARY; attach: MW_OBSERVER, MW_ANY_OWNER; open: MW_ANY_OWNER; file: MW_OBSERVER
 * permissions     of a new one; 0 means 0600
 * slots           of a new one: how many processes can be attached at once, 1 to MW_WELL_MAX_SLOTS; 0 means 64
 * objects         of a new one: how many objects it can have, at most 1,048,576; 0 means one for each 4096 bytes, at least 16, at
 *                 most 16384
 * wait_for_name   attach: how long to wait for the name
 * device, inode   attach, file: only the file that mw_region_identity said this of, else MW_ENOENT; an inode of 0 means any */
typedef struct mw_well_options {
  size_t size_of_struct;
  unsigned flags;
  unsigned permissions;
  uint32_t slots;
  uint32_t objects;
  mw_deadline wait_for_name;
  uint64_t device;
  uint64_t inode;
} mw_well_options;

/* Create a well and attach to it. It is whole before it has its name.
 *
 * name   as for mw_region_create; the well is named shared memory
 * size   bytes in all. Its tables take 128 bytes for each slot and about 340 for each object
 * Ownership: *out_well is the caller's, to be closed. Returns 0, or
 *   MW_EEXIST   the name is taken
 *   MW_EINVAL   a name that cannot be, a size too small for its tables (the reason says what it takes), an unknown flag
 *   MW_ENOTSUP  a file system without open-file-description locks, or a network or FUSE file system
 *   MW_ENOSPC, MW_EMFILE, MW_ENOMEM, MW_EACCES, MW_EINTR, MW_EOS  as mw_region_create */
MW_API int mw_well_create(const char *name, uint64_t size, const mw_well_options *options, mw_error *error, mw_well **out_well);

/* Attach to a well.
 * Ownership: *out_well is the caller's, to be closed. Returns 0, or
 *   MW_ENOENT, MW_EAGAIN, MW_EPERM, MW_EACCES, MW_EINTR, MW_EINVAL, MW_EMFILE, MW_ENOMEM, MW_EOS  as mw_region_attach
 *   MW_EFORMAT  it is no well, of another version or byte order, cut, or damaged; the reason names the field
 *   MW_EFULL    all slots are in use by processes that live; the reason says how many there are
 *   MW_ENOTSUP  as mw_well_create */
MW_API int mw_well_attach(const char *name, const mw_well_options *options, mw_error *error, mw_well **out_well);

/* Attach, or create where the name is free; of several callers at once exactly one creates. `size` and the options of a new one are
 * for a new one only. Returns 0 where it attached, 1 where it created, or what mw_well_attach and mw_well_create return. */
MW_API int mw_well_open(const char *name, uint64_t size, const mw_well_options *options, mw_error *error, mw_well **out_well);

/* A well in a file, which survives a restart of the machine; attach, or create where there is no such file.
 *
 * path   as open(2) takes it: links are followed, whoever owns it
 * size   of a new one; 0: there must be one
 * The first to attach after a restart checks all of it, as mw_well_check: in which order the system wrote the pages back is not
 * ours to say. Returns 0 where it attached, 1 where it created, or
 *   MW_ENOENT   with size 0: no such file
 *   MW_EFORMAT  as mw_well_attach, or the check failed; MW_OBSERVER attaches all the same
 *   what mw_region_file, mw_well_create and mw_well_attach return */
MW_API int mw_well_file(const char *path, uint64_t size, const mw_well_options *options, mw_error *error, mw_well **out_well);

/* Remove the name of a well in memory. Those who are attached stay so. As mw_region_unlink. */
MW_API int mw_well_unlink(const char *name, mw_error *error);

/* Close the handle. The process's last one detaches it from the well.
 * Returns 0, or MW_EBUSY, with nothing changed: this process still holds something in it, and this is its last handle. NULL and a
 * handle that is closed already are fine. Threads that wait in one of its objects end with MW_ECLOSED within 40 ms. */
MW_API int mw_well_close(mw_well *well, mw_error *error);

/* Close it whatever is held: others find that as the death of the process would leave it. */
MW_API void mw_well_abandon(mw_well *well);

/* One more reference; one less, and the last one frees the handle. NULL is fine for drop. */
MW_API void mw_well_hold(mw_well *well);
MW_API void mw_well_drop(mw_well *well);

/* Its name, or its path; whether it was closed; whether it is an observer's; whether it is in a file (mw_well_file). Ownership: the
 * name is the well's own. */
MW_API const char *mw_well_name(const mw_well *well);
MW_API bool mw_well_is_closed(const mw_well *well);
MW_API bool mw_well_is_observer(const mw_well *well);
MW_API bool mw_well_is_file(const mw_well *well);

/* The region that it is in, to look at. Writing into it, and views other than of arrays, are at the caller's risk; it is closed
 * with the well, and mw_region_resize, _remap, _protect, _seal and _discard of it are MW_EPERM. But for an observer's it keeps no
 * descriptor: all handles of a process have one together, which is the well's. Ownership: borrowed. */
MW_API mw_region *mw_well_region(const mw_well *well);

/* How many bytes it has in all, and how many of them are free for arrays, in however many pieces. Returns 0, or MW_ECLOSED,
 * MW_EFAULT, MW_EFORMAT. */
MW_API uint64_t mw_well_size(const mw_well *well);
MW_API int mw_well_free(mw_well *well, mw_error *error, uint64_t *out_size);

/* This process's slot. Returns 0, or MW_ENOTSUP (an observer), MW_ECLOSED, and what attaching a forked child returns. */
MW_API int mw_well_slot(mw_well *well, mw_error *error, int *out_slot);

/* Find an array, or create it, full of zeros.
 *
 * name   1 to MW_WELL_NAME_MAX bytes, any but NUL
 * shape  `ndim` extents, 1 <= ndim <= 8
 * *out_view is a view on the well's region, which mw_well_close ends. The view of an array that is deleted later stays usable, and
 * so does its memory, until the process detaches. Elements begin at a multiple of 64 bytes.
 * Returns 0 where it was there, 1 where it was created, or
 *   MW_EKIND       the name is another kind of object, or has another dtype or shape; the reason says both
 *   MW_EFULL       no room for so many bytes in one piece, or for one more object; the reason says what is free
 *   MW_EINVAL      a name or a shape that cannot be
 *   MW_ENOENT      an observer, and there is none
 *   MW_EFORMAT     the directory is damaged
 *   MW_ENOTOWNER   it was created, but somebody broke this process's locks meanwhile: mw_well_check
 *   MW_ECLOSED, MW_EFAULT, MW_EINTR, and what attaching a forked child returns */
MW_API int mw_well_array(mw_well *well, const char *name, mw_dtype dtype, int ndim, const uint64_t *shape, mw_error *error,
                         mw_view *out_view);

/* Find an array, whatever its dtype and shape. Returns 0, or MW_ENOENT, MW_EKIND (no array), and as mw_well_array. */
MW_API int mw_well_find_array(mw_well *well, const char *name, mw_error *error, mw_view *out_view);

/* Find a mutex, a semaphore or an event, or create it: free, with all its permits free, clear.
 *
 * capacity   1 to MW_MAX_PERMITS; 0: whatever it has, and then it must exist
 * flags      MW_MUST_EXIST
 * Ownership: the handle is the caller's, to be dropped. Returns 0 where it was there, 1 where it was created, or
 *   MW_ENOENT   with MW_MUST_EXIST or a capacity of 0: there is none
 *   MW_EKIND    the name is another kind of object, or has another capacity; the reason says both
 *   MW_EPERM    an observer has no locks
 *   MW_EFULL, MW_EINVAL, MW_EFORMAT, MW_ENOMEM, MW_ECLOSED, MW_EFAULT, MW_EINTR, MW_ENOTOWNER  as mw_well_array */
MW_API int mw_well_mutex(mw_well *well, const char *name, unsigned flags, mw_error *error, mw_mutex **out_mutex);
MW_API int mw_well_semaphore(mw_well *well, const char *name, unsigned capacity, unsigned flags, mw_error *error,
                             mw_robust_semaphore **out_semaphore);
MW_API int mw_well_event(mw_well *well, const char *name, unsigned flags, mw_error *error, mw_event **out_event);

/* Delete an object. Handles of it are MW_ECLOSED from then on, in every process; views of an array stay. Its name is free at once.
 * Its memory is used again when every process that was attached at that moment has gone.
 * Returns 0, or
 *   MW_ENOENT  no such object
 *   MW_EBUSY   somebody who lives holds it; nothing was changed
 *   MW_EPERM   an observer
 *   MW_ENOTOWNER  it was deleted; as mw_well_array
 *   MW_EFORMAT, MW_EINVAL, MW_ECLOSED, MW_EFAULT, MW_EINTR */
MW_API int mw_well_delete(mw_well *well, const char *name, mw_error *error);

/* kind       "array", "mutex", "semaphore", "event", or "kind N" of a later version
 * offset     of its memory in the region; size in bytes
 * owner      of a mutex: the slot that holds it, or -1
 * inconsistent   of a mutex: its holder died
 * waiters    threads that sleep for it now; more than 16 of one process are counted as 16
 * dtype, ndim, shape   of an array, else 0
 * capacity, held       of a semaphore, else 0: how many permits it has, and how many are out */
typedef struct mw_object_info {
  char name[MW_WELL_NAME_MAX + 1];
  char kind[16];
  uint64_t offset;
  uint64_t size;
  int owner;
  bool inconsistent;
  unsigned waiters;
  mw_dtype dtype;
  int ndim;
  uint64_t shape[MW_MAX_DIMENSIONS];
  unsigned capacity;
  unsigned held;
} mw_object_info;

/* One object after the other, in no order that means anything; *cursor is 0 for the first. What is created or deleted meanwhile may
 * be met or not. Returns 1 with one more, 0 at the end, or MW_EFORMAT, MW_ECLOSED, MW_EFAULT. */
MW_API int mw_well_next_object(mw_well *well, uint32_t *cursor, mw_error *error, mw_object_info *out_info);

typedef enum mw_participant_state { MW_RUNNING, MW_STOPPED, MW_DEAD } mw_participant_state;

/* slot    who it is; at most MW_WELL_MAX_SLOTS - 1
 * pid     as it sees itself; in a container that is not what others see
 * state   MW_STOPPED: by SIGSTOP or a debugger, as far as this process can see that; MW_DEAD: and nobody has reaped it yet
 * self    this process */
typedef struct mw_participant_info {
  int slot;
  int64_t pid;
  mw_participant_state state;
  bool self;
} mw_participant_info;

/* One attached process after the other, by slot; *cursor is 0 for the first. Returns 1 with one more, 0 at the end, or MW_EFORMAT,
 * MW_ECLOSED, MW_EFAULT. */
MW_API int mw_well_next_participant(mw_well *well, uint32_t *cursor, mw_error *error, mw_participant_info *out_info);

/* One object after the other that a slot holds: a mutex, or permits of a semaphore (info->held: how many are its). Otherwise as
 * mw_well_next_object. */
MW_API int mw_well_next_held(mw_well *well, int slot, uint32_t *cursor, mw_error *error, mw_object_info *out_info);

/* Give back all that the dead hold, now, rather than when somebody next waits for it. *out_count: how many processes were found
 * dead.
 * Returns 0, or MW_EPERM (an observer), MW_ECLOSED, MW_EFAULT, MW_EFORMAT. */
MW_API int mw_well_reap(mw_well *well, mw_error *error, unsigned *out_count);

/* A person's decision: give back what a slot holds though its process lives, as its death would: mutexes become inconsistent. That
 * process learns of it by MW_ENOTOWNER when it releases. Break the locks of a process that is stopped and stays so; one that goes
 * on works in what others have taken over. *out_count: how many locks and permits were given back.
 * Returns 0, or MW_EINVAL (no such slot, or this process's own), MW_ENOENT (nobody is attached there), MW_EPERM (an observer),
 * MW_ECLOSED, MW_EFAULT, MW_EFORMAT. */
MW_API int mw_well_break_locks(mw_well *well, int slot, mw_error *error, unsigned *out_count);

/* Look at every structure in it. Returns 0, or MW_EFORMAT (the reason says which field of what is damaged), MW_ECLOSED or
 * MW_EFAULT. */
MW_API int mw_well_check(mw_well *well, mw_error *error);

#ifdef __cplusplus
}
#endif
#endif
