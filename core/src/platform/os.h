/* Everything that memwell asks of an operating system: the one contract for every primitive.
 *
 * linux/ has what only Linux does, posix/ what every Unix does; another system is another folder. Nothing above this layer calls
 * the system itself. Unless it says otherwise a call returns 0 or a positive errno, and leaves its out-parameters alone on failure.
 * Paths are never NULL; descriptors that are made here are closed on exec.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MW_PLATFORM_OS_H
#define MW_PLATFORM_OS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "memwell/deadline.h"

/* ---- failing */

/* Fail with what the system says of `os_errno`, and what a user can do about it. */
int mw__os_fail(const mw__call *call, int os_errno);

/* ---- time and processes */

/* Now, in nanoseconds of the monotonic clock; never 0. */
int64_t mw__os_now(void);

/* Sleep until the instant. EINTR: a signal handler ran. */
int mw__os_sleep_until(mw_deadline deadline);

/* Let another process run, and tell the CPU that this is a spin. */
void mw__os_yield(void);
void mw__os_relax(void);

/* How many CPUs this process may use; at least 1. */
unsigned mw__os_cpu_count(void);

int64_t mw__os_process(void);
unsigned mw__os_user(void);
size_t mw__os_page_size(void);

/* ---- files */

typedef enum mw__os_kind { MW__OS_REGULAR, MW__OS_FOLDER, MW__OS_LINK, MW__OS_OTHER } mw__os_kind;

typedef struct mw__os_file_info {
  mw__os_kind kind;
  unsigned owner;
  uint64_t size;
  uint64_t device;
  uint64_t inode;
} mw__os_file_info;

enum {
  MW__OS_WRITE = 1u << 0,   /* read and write, not only read */
  MW__OS_CREATE = 1u << 1,  /* make the file where it is missing, its permissions cut by the umask */
  MW__OS_NO_LINK = 1u << 2, /* a symbolic link is ELOOP */
};

/* Never waits for the other end of a FIFO. */
int mw__os_open(const char *path, unsigned flags, unsigned permissions, int *out_fd);
void mw__os_close(int fd);
int mw__os_file_info_of(int fd, mw__os_file_info *out_info);
int mw__os_path_info(const char *path, mw__os_file_info *out_info); /* of a link, not of what it points to */
int mw__os_write(int fd, const void *data, size_t size);            /* all of it, from the file's start */
int mw__os_set_size(int fd, uint64_t size);
int mw__os_set_permissions(int fd, unsigned permissions);
int mw__os_unlink(const char *path);

/* Grow a file of `size` bytes to `new_size` with space that is really there, so that a full disk, or a machine out of memory, is
 * ENOSPC here and not a fault later. On failure the file has the size that it had. One that is large enough already is left alone.
 * EINTR: a signal handler ran. */
int mw__os_reserve(int fd, uint64_t size, uint64_t new_size);

/* ---- making a file before it has its name */

/* A file that nobody can open by name yet: truly nameless where the file system has that, under a name that nobody looks for
 * otherwise. */
typedef struct mw__os_draft {
  int fd;
  char temporary_path[4096]; /* empty while nameless */
} mw__os_draft;

/* Begin a file in the folder of `path`; unless `nameless`, under a temporary name. ENAMETOOLONG: no room for that name. */
int mw__os_draft_begin(mw__os_draft *draft, const char *path, bool nameless);

/* Give it its name, at once and only if the name is free (EEXIST). The descriptor stays the caller's. Any other failure of a
 * nameless one means that files cannot be named so here (no /proc on an older kernel): begin again, not nameless. */
int mw__os_draft_publish(mw__os_draft *draft, const char *path);

/* Give it up, descriptor and all. */
void mw__os_draft_discard(mw__os_draft *draft);

/* ---- memory */

typedef enum mw__os_protection { MW__OS_MAP_READ, MW__OS_MAP_SHARED, MW__OS_MAP_PRIVATE } mw__os_protection;

/* Map `size` > 0 bytes of a file from `offset`, a multiple of the page. */
int mw__os_map(int fd, uint64_t offset, size_t size, mw__os_protection protection, void **out_address);
void mw__os_unmap(void *address, size_t size);
int mw__os_flush(void *address, size_t size, bool wait); /* address: a multiple of the page */

/* A file in memory, without a name, of size 0. */
int mw__os_memory_file(int *out_fd);

/* The folder of named shared memory, with its slash: what shm_open and sem_open use. */
#define MW__OS_SHARED_FOLDER "/dev/shm/"

/* ---- semaphores: libc's sem_t, shared between processes */

#define MW__OS_SEMAPHORE_MAX_SIZE 64

/* What sem_open puts before a name: "sem." in glibc, nothing in musl. */
const char *mw__os_semaphore_prefix(void);

size_t mw__os_semaphore_size(void);

/* What a new semaphore looks like: mw__os_semaphore_size() bytes. */
int mw__os_semaphore_image(void *out_image, unsigned value);

bool mw__os_semaphore_try(void *semaphore);

/* Sleep until it was decreased. ETIMEDOUT, EINTR: it was not. */
int mw__os_semaphore_wait(void *semaphore, mw_deadline deadline);

/* EOVERFLOW: it has the largest value already. */
int mw__os_semaphore_post(void *semaphore);

/* Whether the memory can hold a semaphore that processes share: the value is none that is impossible, and sleepers are woken across
 * processes. Zeros are none in glibc, where nobody would wake them. */
bool mw__os_semaphore_is_valid(void *semaphore);

/* Its value. */
int mw__os_semaphore_value(void *semaphore);

#endif
