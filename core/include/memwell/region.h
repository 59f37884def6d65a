/* A region is a mapped range of memory: a file, a named shared memory object, System V memory, a file in memory (memfd), anonymous
 * memory, or whatever else a descriptor leads to that can be mapped.
 *
 * What these calls create is byte for byte what open, shm_open, shmget and memfd_create create: no header, nothing hidden. Any
 * program can be on the other side.
 *
 * Lifetime. A region is reference-counted. The call that makes it gives the handle one reference; mw_region_hold adds one for
 * whoever else needs the memory, mw_region_drop gives one back, and the last one unmaps. mw_region_close gives the handle's own
 * reference back and makes every later call on the region fail with MW_ECLOSED, while the memory stays mapped for those who still
 * hold it. A thread that shares a region with a thread that may close it holds a reference of its own while it uses it.
 *
 * Lost pages. Touching a page that its file no longer has (somebody cut the file), or that a full file system has no room for, is
 * SIGBUS, which kills. Regions are guarded against that, unless MW_NO_GUARD is set: from the first lost page on the memory reads as
 * zeros, for this process alone, and every later call on the region is MW_EFAULT, until mw_region_remap. A call that copies or
 * looks at many bytes notices by itself; who reads through a pointer (mw_region_data, mw_view_at) asks mw_region_check afterwards.
 * The guard is one handler for SIGBUS, installed with the first guarded region; it hands on every fault that is none of its own. A
 * thread that blocks SIGBUS cannot be guarded: memwell unblocks it in each thread that makes or reads a region, the first time and
 * whenever it has much to do.
 *
 * Every call may be made from several threads at once, but for mw_region_resize, mw_region_remap, mw_region_protect, mw_region_seal
 * and mw_region_close beside a caller that holds no reference of its own. None is safe in a signal handler. After fork the child
 * has the same memory and may use its copy of the handle; it never unlinks what its parent made MW_TEMPORARY.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_REGION_H
#define MEMWELL_REGION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "memwell/deadline.h"
#include "memwell/export.h"
#include "memwell/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mw_region mw_region;

typedef enum mw_access {
  MW_READ_WRITE,    /* writes reach the object */
  MW_READ,          /* a write through the mapping is a segmentation fault; memwell's own calls refuse it */
  MW_COPY_ON_WRITE, /* writes stay in this process and are gone at close */
} mw_access;

enum {
  MW_TEMPORARY = 1u << 0,    /* create: this process, never its children, unlinks the name at close or at its ordinary exit */
  MW_ANY_OWNER = 1u << 1,    /* attach, open: take an object that belongs to another user */
  MW_NO_FD = 1u << 2,        /* keep no descriptor; the region then has no resize, remap, seal, send and descriptor */
  MW_TRUNCATE = 1u << 3,     /* file: create the file, or empty it in place ("w+") */
  MW_EXCLUSIVE = 1u << 4,    /* file: create the file, which must be new ("x+") */
  MW_NO_GUARD = 1u << 5,     /* a lost page is SIGBUS, as without memwell */
  MW_FAULT_ABORTS = 1u << 6, /* a lost page is SIGBUS, and a line on standard error says so */
  MW_HUGE_PAGES = 1u << 7,   /* anonymous, memfd, System V: made of the system's huge pages (vm.nr_hugepages) */
};

/* What to do about a key of System V. */
typedef enum mw_how {
  MW_ATTACH, /* find what is there */
  MW_CREATE, /* make it; it must be new */
  MW_OPEN,   /* either: of several at once, exactly one makes it */
} mw_how;

#define MW_KEY_PRIVATE 0 /* IPC_PRIVATE: always new, and found by nobody */

/* Zero-initialise it, set size_of_struct, set what differs from the defaults. NULL in its place means all defaults.
 *
 * access         MW_READ_WRITE unless set
 * offset         file: where the region begins, in bytes; any number, not only a page's multiple
 * permissions    the bits of chmod for what the call creates, taken as given whatever the umask; 0 means 0600
 * wait_for_name  attach: how long to wait for the name to appear
 * device, inode  attach, and file without MW_TRUNCATE and MW_EXCLUSIVE: only the object that mw_region_identity said this of, else
 *                MW_ENOENT; an inode of 0 means any
 * flags          MW_TEMPORARY and so on; one that the call does not know is MW_EINVAL. Every call that makes a region knows
 *                MW_NO_FD,
 *                MW_NO_GUARD and MW_FAULT_ABORTS
 * require_seals  from_fd, receive: seals (mw_seal, memwell/pages.h) that the object must have, else MW_EPERM */
typedef struct mw_region_options {
  size_t size_of_struct;
  mw_access access;
  unsigned flags;
  uint64_t offset;
  unsigned permissions;
  mw_deadline wait_for_name;
  uint64_t device;
  uint64_t inode;
  unsigned require_seals;
} mw_region_options;

/* Map a file, as open(2) opens it: links are followed, whoever owns it.
 *
 * size   bytes from options->offset; 0 means up to the end of the file; a character device (/dev/zero) needs one. MW_READ_WRITE
 *        grows the file to offset + size where it is shorter; the other accesses refuse that. A file that ends at the offset gives
 *        an empty region.
 * With MW_EXCLUSIVE or MW_TRUNCATE a size of 0 gives an empty file. MW_EXCLUSIVE makes the file whole before it has its name.
 * What the file grows by is reserved here, so that a full disk is an error of this call and not a fault later. Holes that it had
 * before stay holes. A call that fails leaves no file that it has made and no growth; what MW_TRUNCATE has emptied stays empty.
 *
 * Ownership: *out_region is the caller's, to be closed. Returns 0, or
 *   MW_EINVAL  an empty path, offset past the end, offset + size past the end of a file that may not grow, an overflow,
 *              an unknown flag
 *   MW_ENOENT, MW_EACCES, MW_EPERM, MW_EEXIST, MW_EMFILE, MW_ENOMEM, MW_ENOSPC, MW_EIO  as open, fstat, fallocate and mmap say
 *   MW_EINTR   a signal handler ran while the file was opened or its space reserved; nothing is left behind, call again
 *   MW_ENOTSUP a FIFO, a socket, or a device that cannot be mapped
 *   MW_EOS     any other errno (EISDIR: a directory; ELOOP), in error->os_errno
 * Threads, processes, fork: safe. */
MW_API int mw_region_file(const char *path, uint64_t size, const mw_region_options *options, mw_error *error,
                          mw_region **out_region);

/* Create named shared memory of `size` bytes of zeros. It has its size and its permissions before it has its name, so that
 * nobody ever attaches to half of it, and a caller that is killed leaves nothing behind.
 *
 * name   as shm_open takes it: one leading "/" is allowed and means nothing, a further "/" is not; at most 255 bytes
 * size   at least 1
 *
 * Ownership: *out_region is the caller's, to be closed. Returns 0, or
 *   MW_EEXIST  the name is taken
 *   MW_EINVAL  a name that cannot be, a size of 0 or beyond 2^63 - 1, an unknown flag
 *   MW_ENOSPC  the shared-memory file system has no room for it; the name was not created
 *   MW_EINTR   a signal handler ran while the space was reserved; nothing is left behind, call again
 *   MW_EMFILE, MW_ENOMEM, MW_EACCES, MW_EOS
 * Threads, processes, fork: safe. */
MW_API int mw_region_create(const char *name, uint64_t size, const mw_region_options *options, mw_error *error,
                            mw_region **out_region);

/* Attach to named shared memory, whole, whoever made it. Symbolic links are never followed, and the object must belong to the
 * caller's effective user or to root unless MW_ANY_OWNER is set. A failed attach changes nothing.
 *
 * options->wait_for_name   wait so long for the name to appear, and for an object that is still of size 0 to get its size
 *
 * Ownership: *out_region is the caller's, to be closed. Returns 0, or
 *   MW_ENOENT  no such name, and it did not appear in time; or another object than options->inode
 *   MW_EAGAIN  the name is there, but still of size 0: its creator is not done
 *   MW_EPERM   it belongs to another user; the reason names the uid
 *   MW_EACCES  its permissions do not allow the access
 *   MW_EINTR   a signal handler ran during the wait; call again with the same deadline
 *   MW_EINVAL  a name that cannot be, not a regular file, an unknown flag
 *   MW_EMFILE, MW_ENOMEM, MW_EOS (ELOOP: a symbolic link)
 * Threads, processes, fork: safe. */
MW_API int mw_region_attach(const char *name, const mw_region_options *options, mw_error *error, mw_region **out_region);

/* Attach, or create where the name is free; of several callers at once exactly one creates. What exists is mapped whole.
 *
 * Returns 0 where it attached, 1 where it created, or what mw_region_attach and mw_region_create return, and
 *   MW_EINVAL  what exists is smaller than size; the reason names both
 * Threads, processes, fork: safe. */
MW_API int mw_region_open(const char *name, uint64_t size, const mw_region_options *options, mw_error *error,
                          mw_region **out_region);

/* Make shared memory without a name: children that are forked later share it. It is a memfd underneath. MW_COPY_ON_WRITE makes it
 * private to each process.
 *
 * size   at least 1
 * Returns 0, or MW_EINVAL, MW_ENOSPC, MW_ENOMEM (with MW_HUGE_PAGES both may be the want of such pages), MW_EMFILE, MW_EINTR,
 * MW_EOS as mw_region_create does.
 * Ownership: *out_region is the caller's, to be closed. Threads, fork: safe. */
MW_API int mw_region_anonymous(uint64_t size, const mw_region_options *options, mw_error *error, mw_region **out_region);

/* Make a file in memory, to be handed to other processes by mw_region_send and to be sealed (memwell/pages.h).
 *
 * name   what /proc shows of it, at most 249 bytes; it leads nowhere and need not be unique
 * Otherwise as mw_region_anonymous. */
MW_API int mw_region_memfd(const char *name, uint64_t size, const mw_region_options *options, mw_error *error,
                           mw_region **out_region);

/* Map what a descriptor leads to: a file, shared memory, a memfd, a device.
 *
 * fd     stays the caller's; the region keeps a duplicate (none with MW_NO_FD)
 * size   bytes from options->offset; 0 means up to the end. Nothing is grown
 * Of the options access, offset, require_seals, device and inode count. Seals are asked for before anything is mapped.
 * Ownership: *out_region is the caller's, to be closed. Returns 0, or
 *   MW_EINVAL   offset or size past the end; a device without a size; an unknown flag or seal
 *   MW_EACCES   the descriptor does not allow the access
 *   MW_EPERM    a seal that is required is missing, or the object is sealed against the access
 *   MW_ENOENT   another object than options->inode
 *   MW_ENOTSUP  a FIFO, a socket, or a device that cannot be mapped
 *   MW_EMFILE, MW_ENOMEM, MW_EOS (EBADF: not a descriptor; EISDIR)
 * Threads, processes, fork: safe. */
MW_API int mw_region_from_fd(int fd, uint64_t size, const mw_region_options *options, mw_error *error, mw_region **out_region);

/* Map System V shared memory, whole.
 *
 * key    as ftok makes it; MW_KEY_PRIVATE with MW_CREATE only
 * size   of a new one, at least 1; what exists must have as much. 0 with MW_ATTACH: whatever it has
 * Of the options access (no MW_COPY_ON_WRITE), permissions (the lowest nine bits), inode, MW_ANY_OWNER and MW_HUGE_PAGES count.
 * Whose it is, is checked as in mw_region_attach. The segment stays when all have closed it: mw_region_sysv_remove.
 * Ownership: *out_region is the caller's, to be closed. Returns 0 where it attached, 1 where it created, or
 *   MW_ENOENT   nothing has this key; or another segment than options->inode
 *   MW_EEXIST   the key is taken
 *   MW_EINVAL   a size of 0 or beyond SHMMAX, or the segment is smaller; MW_KEY_PRIVATE without MW_CREATE
 *   MW_ENOSPC   SHMMNI or SHMALL is reached; the reason gives both
 *   MW_EPERM    another user's, or no right to huge pages
 *   MW_EACCES   its permissions do not allow the access
 *   MW_ENOMEM, MW_EOS
 * Threads, processes, fork: safe. */
MW_API int mw_region_sysv(int32_t key, uint64_t size, mw_how how, const mw_region_options *options, mw_error *error,
                          mw_region **out_region);

/* Remove the segment that has this key: nobody finds it any more, and it goes when the last who has it mapped closes it.
 * Returns 0, or MW_ENOENT, MW_EACCES, MW_EPERM (not ours to remove), MW_EINVAL (MW_KEY_PRIVATE). Threads, processes, fork: safe. */
MW_API int mw_region_sysv_remove(int32_t key, mw_error *error);

/* The same for the segment of an open region, whatever its key: the only way for one of MW_KEY_PRIVATE. Twice is fine.
 * Returns 0, or MW_ENOTSUP (not System V memory), MW_ECLOSED, MW_EPERM, MW_EOS. */
MW_API int mw_region_sysv_unlink(mw_region *region, mw_error *error);

/* The key that ftok makes of an existing file and a project, 1 to 255.
 * Returns 0, or MW_EINVAL (project), MW_ENOENT, MW_EACCES. Threads, fork: safe. */
MW_API int mw_region_sysv_key(const char *path, int project, mw_error *error, int32_t *out_key);

/* Remove a name. Those who have the memory mapped keep it.
 *
 * Returns 0, or MW_ENOENT (no such name), MW_EINVAL (a name that cannot be), MW_EACCES or MW_EPERM (not ours to remove), MW_EOS.
 * Threads, processes, fork: safe. */
MW_API int mw_region_unlink(const char *name, mw_error *error);

/* Where the memory is, and its size in bytes: NULL and 0 when it is empty or closed. mw_region_resize moves it.
 * Ownership: borrowed; valid while the caller's reference is and nobody resizes. */
MW_API void *mw_region_data(const mw_region *region);
MW_API uint64_t mw_region_size(const mw_region *region);

/* What it is: "file", "named", "anonymous", "memfd", "fd" or "sysv"; its name without a leading slash, its path as given, its key
 * as "0x1a2b", "fd 7", "received", or NULL; how it was mapped; whether it can be written to now (mw_region_protect,
 * mw_region_seal); where it begins in its file; whether it was closed.
 * Ownership: strings are the region's own. */
MW_API const char *mw_region_kind(const mw_region *region);
MW_API const char *mw_region_name(const mw_region *region);
MW_API mw_access mw_region_access(const mw_region *region);
MW_API bool mw_region_is_readonly(const mw_region *region);
MW_API uint64_t mw_region_offset(const mw_region *region);
MW_API bool mw_region_is_closed(const mw_region *region);

/* The size of a page in bytes: what the system maps in. A region needs no alignment to it.
 * Threads, fork, signals: safe. */
MW_API uint64_t mw_page_size(void);

/* How many references there are beside the handle's own. */
MW_API uint32_t mw_region_holds(const mw_region *region);

/* The file's device and inode: the same pair, the same memory. System V memory has a pair of its own.
 * Known from the attach on, without a descriptor. */
MW_API void mw_region_identity(const mw_region *region, uint64_t *out_device, uint64_t *out_inode);

/* Whether another process that opens the region's name, path or key gets the same memory: what may be sent in the memory's place.
 * Returns 0, or MW_ENOTSUP (private, without a name, a device, MW_KEY_PRIVATE; the reason says so, and what to do), MW_ECLOSED. */
MW_API int mw_region_check_findable(mw_region *region, mw_error *error);

/* The key and the identifier of System V memory, as ipcs shows them.
 * Returns 0, or MW_ENOTSUP for every other kind. */
MW_API int mw_region_sysv_id(const mw_region *region, mw_error *error, int32_t *out_key, int32_t *out_id);

/* The region's descriptor. Ownership: the region's; do not close it.
 * Returns 0, or MW_ECLOSED, or MW_ENOTSUP with MW_NO_FD. */
MW_API int mw_region_descriptor(mw_region *region, mw_error *error, int *out_fd);

/* Copy out up to `size` bytes from `offset`, clipped at the end. *out_size is how many there were, 0 past the end.
 * Returns 0, or MW_ECLOSED. */
MW_API int mw_region_read(mw_region *region, uint64_t offset, void *buffer, size_t size, mw_error *error, size_t *out_size);

/* Copy `size` bytes in at `offset`. `data` may lie in the region itself.
 * Returns 0, or, with nothing written, MW_EINVAL (past the end), MW_EREADONLY, MW_ECLOSED. */
MW_API int mw_region_write(mw_region *region, uint64_t offset, const void *data, size_t size, mw_error *error);

/* Set `size` bytes from `offset` to `byte`.
 * Returns 0, or, with nothing written, MW_EINVAL (past the end), MW_EREADONLY, MW_ECLOSED. */
MW_API int mw_region_fill(mw_region *region, uint8_t byte, uint64_t offset, uint64_t size, mw_error *error);

/* Copy `size` bytes from `source` to `destination` within the region, which may overlap.
 * Returns 0, or, with nothing written, MW_EINVAL (past the end), MW_EREADONLY, MW_ECLOSED. */
MW_API int mw_region_move(mw_region *region, uint64_t destination, uint64_t source, uint64_t size, mw_error *error);

/* Change the size of the region. The file grows with it; it shrinks with it where the region reaches up to the file's end. New
 * bytes are zero, and their space is reserved. Others who have it mapped keep the size that they mapped; where it shrank they
 * must not touch what is gone.
 *
 * Returns 0, or, with the region unchanged,
 *   MW_EBUSY    somebody else holds the memory
 *   MW_EINVAL   a size of 0, or an overflow
 *   MW_ENOTSUP  copy-on-write, no descriptor, a device, System V memory
 *   MW_EPERM    a memfd that is sealed against it
 *   MW_EREADONLY, MW_ECLOSED, MW_EFAULT, MW_ENOSPC, MW_ENOMEM, MW_EINTR, MW_EOS
 * Threads: the caller is the only one who uses the region meanwhile. */
MW_API int mw_region_resize(mw_region *region, uint64_t size, mw_error *error);

/* Map anew what others have made of the object: a region that was mapped up to the object's end follows that end, one that was
 * given a size has as much of it as there is. Pages that were lost are looked for again, and mw_region_check is content. Views
 * follow.
 *
 * Returns 0, or, with the region unchanged,
 *   MW_EBUSY    somebody else holds the memory
 *   MW_ENOTSUP  copy-on-write (what was written would be gone; open it again), or no descriptor
 *   MW_ECLOSED, MW_ENOMEM, MW_EOS
 * System V memory and devices keep their size; for them this does nothing. Threads: as mw_region_resize. */
MW_API int mw_region_remap(mw_region *region, mw_error *error);

/* Ask whether the memory is still all there. Where the region keeps a descriptor, a cut that nobody has touched yet is noticed too.
 * Returns 0, or MW_EFAULT (the reason says what is left, or where a page was lost), MW_ECLOSED. */
MW_API int mw_region_check(mw_region *region, mw_error *error);

/* Whether a page of the region was lost; it stays so until mw_region_remap. One load: for those who read through pointers.
 * Signals: safe. */
MW_API bool mw_region_is_faulted(const mw_region *region);

/* One more reference; one less, and the last one unmaps. NULL is fine for drop. */
MW_API void mw_region_hold(mw_region *region);
MW_API void mw_region_drop(mw_region *region);

/* Allow no new use, and give the handle's own reference back. To be called once for each region; NULL is fine. */
MW_API void mw_region_close(mw_region *region);

#ifdef __cplusplus
}
#endif
#endif
