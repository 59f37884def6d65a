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
#include "memwell/watch.h"

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

typedef enum mw__os_kind { MW__OS_REGULAR, MW__OS_FOLDER, MW__OS_LINK, MW__OS_DEVICE, MW__OS_OTHER } mw__os_kind;

typedef struct mw__os_file_info {
  mw__os_kind kind;
  unsigned owner;
  uint64_t size;
  uint64_t device;
  uint64_t inode;
  size_t page_size; /* of a mapping of it: larger where it is made of huge pages */
} mw__os_file_info;

enum {
  MW__OS_WRITE = 1u << 0,   /* read and write, not only read */
  MW__OS_CREATE = 1u << 1,  /* make the file where it is missing, its permissions cut by the umask */
  MW__OS_NO_LINK = 1u << 2, /* a symbolic link is ELOOP */
};

/* Never waits for the other end of a FIFO. */
int mw__os_open(const char *path, unsigned flags, unsigned permissions, int *out_fd);
void mw__os_close(int fd);
int mw__os_duplicate(int fd, int *out_fd);
bool mw__os_is_writable(int fd); /* it was opened for reading and writing */
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

/* ---- memory: addresses and sizes are multiples of the page, where nothing else is said */

/* READ_PRIVATE shows what is there, as READ does, and never becomes a mapping that could write to the file. */
typedef enum mw__os_protection {
  MW__OS_MAP_READ,
  MW__OS_MAP_READ_PRIVATE,
  MW__OS_MAP_SHARED,
  MW__OS_MAP_PRIVATE
} mw__os_protection;

/* Map `size` > 0 bytes, any number, of a file from `offset`. A sealed file that can be mapped for reading only privately is. */
int mw__os_map(int fd, uint64_t offset, size_t size, mw__os_protection protection, void **out_address);
void mw__os_unmap(void *address, size_t size);

/* The same in place of what is mapped at `address`. EBUSY and so on: that is gone all the same. */
int mw__os_map_at(void *address, int fd, uint64_t offset, size_t size, mw__os_protection protection);

int mw__os_protect(void *address, size_t size, bool writable);
int mw__os_flush(void *address, size_t size, bool wait);
int mw__os_lock(void *address, size_t size);
int mw__os_unlock(void *address, size_t size);
uint64_t mw__os_lock_limit(void); /* bytes that this process may lock in memory */

/* How many bytes of the pages are in memory now. `page` may be larger than the page. */
int mw__os_resident(void *address, size_t size, uint64_t *out_bytes);

/* madvise's, apart from those that change what is there. EINVAL: not this kernel, or not this memory. */
typedef enum mw__os_advice {
  MW__OS_NORMAL,
  MW__OS_SEQUENTIAL,
  MW__OS_RANDOM,
  MW__OS_WILL_NEED,
  MW__OS_COLD,
  MW__OS_PAGE_OUT,
  MW__OS_HUGE_PAGES,
  MW__OS_SMALL_PAGES,
  MW__OS_NO_DUMP,
  MW__OS_DUMP,
} mw__os_advice;
int mw__os_advise(void *address, size_t size, mw__os_advice advice);

/* Bring the pages in, for writing where they are `writable`. EFAULT: one is lost (its file ends before it, or has no room for it).
 * */
int mw__os_populate(void *address, size_t size, bool writable);

/* Give the pages back: those of a shared mapping in the file itself, where they read as zeros then; of a private one, what this
 * process has changed. */
int mw__os_discard(void *address, size_t size, bool shared);

/* ---- files in memory */

/* A file in memory, without a name that leads to it, of size 0; it can be sealed. `name` is what /proc shows of it. */
int mw__os_memory_file(const char *name, bool huge_pages, int *out_fd);

/* The size of the huge pages that such a file is made of; 0: there are none on this system. */
size_t mw__os_huge_page_size(void);

/* Whether a file is made of huge pages. */
bool mw__os_is_huge(int fd);

/* Fail with what is to be done about the want of huge pages. */
int mw__os_fail_huge(const mw__call *call, int os_errno, uint64_t size);

enum {
  MW__OS_SEAL_SEAL = 1u << 0,
  MW__OS_SEAL_SHRINK = 1u << 1,
  MW__OS_SEAL_GROW = 1u << 2,
  MW__OS_SEAL_WRITE = 1u << 3,
  MW__OS_SEAL_FUTURE_WRITE = 1u << 4,
};

/* EINVAL: not a file that has seals. */
int mw__os_seal(int fd, unsigned seals);
int mw__os_seals_of(int fd, unsigned *out_seals);

/* ---- lost pages */

/* What is known of one page: whether it could be touched now. Reading and writing it decide nothing; they would be the fault. Safe
 * in a signal handler. */
typedef enum mw__os_presence { MW__OS_LOST, MW__OS_THERE, MW__OS_UNKNOWN } mw__os_presence;
mw__os_presence mw__os_page_presence(void *page, size_t size, bool writable);

/* Zeros, of this process alone, in place of what is mapped. Safe in a signal handler. */
bool mw__os_map_zeros_at(void *address, size_t size, bool writable);

/* From now on a fault on a page that is not there (BUS_ADRERR) is `mend`'s: true where the instruction may be tried again. Every
 * other SIGBUS, and one that it refuses, goes where it would have gone. `is_expected` says whether such a fault is on its way in a
 * thread that has just sent itself the signal, as faulthandler does when it comes first. Both run in the signal handler. To be
 * called once in each copy of the core, which is never unloaded from then on. */
int mw__os_fault_watch(bool (*mend)(void *address), bool (*is_expected)(void));

/* Let a fault in this thread reach its handler: where SIGBUS is blocked, the kernel ends the process instead. */
void mw__os_fault_unblock(void);

/* Say so on standard error, in one line. Safe in a signal handler. */
void mw__os_complain(const char *line);

/* ---- words to wait on, shared between processes */

/* Sleep while the word has this value. EAGAIN: it has another; ETIMEDOUT, EINTR; EFAULT: its page is lost. 0: somebody woke us. */
int mw__os_word_wait(void *word, uint32_t value, mw_deadline deadline);
int mw__os_word_wake(void *word, unsigned count, unsigned *out_woken);

/* The same for several words at once, at most 128: 0 where one is woken, or has another value already. ENOSYS: not on this
 * kernel. */
int mw__os_words_wait(const mw_watch *words, unsigned count, mw_deadline deadline);

/* ---- life: that a process is still there, as others see it

 * A byte of a file, locked by an open file description, which goes with its process, however that ends; and with its last
 * descriptor, if nothing else holds it. */

/* Open the file that a descriptor leads to anew, for reading and writing: a description of its own, which shares no locks with it.
 * */
int mw__os_reopen(int fd, int *out_fd);

/* EAGAIN: another description has it. ENOTSUP: this file system has no such locks. */
int mw__os_lock_byte(int fd, uint64_t offset);
int mw__os_unlock_byte(int fd, uint64_t offset);
int mw__os_is_byte_locked(int fd, uint64_t offset, bool *out_locked); /* by another description */

/* Whether locks of its file system hold on this machine only: 0, or ENOTSUP for network and FUSE file systems. */
int mw__os_check_local(int fd);

/* Hold a descriptor's description by a page of memory that no forked child inherits, so that the descriptor can be closed. */
int mw__os_pin(int fd, void **out_pin);
void mw__os_unpin(void *pin);

/* A page of zeros, and again of zeros in a forked child. */
int mw__os_page_of_this_process(void **out_page);
void mw__os_page_end(void *page);

/* A lock among the threads of this process for which a fork waits, so that a child never inherits what is done under it by half.
 * Never wait for anything that another thread does while you hold it. */
void mw__os_fork_lock(void);
void mw__os_fork_unlock(void);

/* This thread among those of its process that live. One that has ended may have been the same. */
static inline uint64_t mw__os_thread(void) { return (uint64_t)(uintptr_t)__builtin_thread_pointer(); }

/* When a process began, in the kernel's ticks; 0 where nobody can tell. And whether that process, and no later one of its number,
 * is stopped. */
uint64_t mw__os_process_started(int64_t process);
bool mw__os_process_is_stopped(int64_t process, uint64_t started);

/* Which start of the machine this is. */
int mw__os_boot(uint64_t out_boot[2]);

int mw__os_random(uint64_t *out_number);

/* ---- descriptors over a Unix socket */

/* Send `size` bytes, and a descriptor with the first of them. ETIMEDOUT, EINTR: nothing was sent. */
int mw__os_socket_send(int socket, const void *bytes, size_t size, int fd, mw_deadline deadline);

/* Receive up to `size` bytes, and the descriptors that come with them: the first `room` are kept, the others closed. *out_size is 0
 * at the end of the stream. ETIMEDOUT, EINTR: nothing was received. EMFILE: not all descriptors were; bytes and those are.
 * EMSGSIZE: a message was longer, and its rest is gone. */
int mw__os_socket_receive(int socket, void *bytes, size_t size, int *fds, unsigned room, mw_deadline deadline, size_t *out_size,
                          unsigned *out_count);

/* Whether one message never comes with a part of another, as it may on a stream. */
bool mw__os_socket_keeps_messages(int socket);

/* ---- System V */

/* ftok. */
int mw__os_sysv_key(const char *path, int project, int *out_key);

typedef struct mw__os_sysv_info {
  unsigned owner;
  uint64_t size; /* memory: bytes; semaphores: how many the set has */
  bool was_used; /* semaphores: somebody has operated on the set */
} mw__os_sysv_info;

/* shmget and semget: find what has the key, or create it where that is said, which is EEXIST if it is there. Key 0 (IPC_PRIVATE)
 * creates always. */
int mw__os_sysv_memory_find(int key, int *out_id);
int mw__os_sysv_memory_create(int key, uint64_t size, unsigned permissions, bool huge_pages, int *out_id);
int mw__os_sysv_memory_info(int id, mw__os_sysv_info *out_info);
int mw__os_sysv_memory_remove(int id);

int mw__os_sysv_memory_map(int id, bool writable, void **out_address); /* the whole segment */
void mw__os_sysv_memory_unmap(void *address);

/* The size of the pages of a segment of `size` bytes that was mapped here just now, and that nobody else knows of yet. */
size_t mw__os_sysv_memory_unit(void *address, uint64_t size, bool writable);

/* EACCES where it is to be used and may not be both read and altered. */
int mw__os_sysv_set_find(int key, bool to_use, int *out_id);
int mw__os_sysv_set_create(int key, unsigned count, unsigned permissions, int *out_id);
int mw__os_sysv_set_info(int id, mw__os_sysv_info *out_info);
int mw__os_sysv_set_remove(int id);

/* Give every semaphore of a new set this value, and mark the set as used by an operation that changes nothing. */
int mw__os_sysv_set_begin(int id, unsigned count, unsigned value);

/* semop on one semaphore. EAGAIN: it would have to wait. ERANGE: the value would be too large; EIDRM: the set was removed. */
int mw__os_sysv_set_try(int id, unsigned index, int change, bool undo);
int mw__os_sysv_set_wait(int id, unsigned index, int change, bool undo, mw_deadline deadline); /* ETIMEDOUT, EINTR */
int mw__os_sysv_set_value(int id, unsigned index, int *out_value);

/* Fail with the limit that stands in the way: SHMMAX, SHMALL, SHMMNI; SEMMNI, SEMMNS, SEMMSL. */
int mw__os_fail_sysv_memory(const mw__call *call, int os_errno, uint64_t size);
int mw__os_fail_sysv_set(const mw__call *call, int os_errno, unsigned count);

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

/* Sleep until it was decreased. ETIMEDOUT, EINTR: it was not. EILSEQ: it is none that processes share (any more). */
int mw__os_semaphore_wait(void *semaphore, mw_deadline deadline);

/* EOVERFLOW: it has the largest value already. EILSEQ: it is none that processes share (any more). */
int mw__os_semaphore_post(void *semaphore);

/* Whether the memory can hold a semaphore that processes share: the value is none that is impossible, and sleepers are woken across
 * processes. Zeros are none in glibc, where nobody would wake them. */
bool mw__os_semaphore_is_valid(void *semaphore);

/* Its value. */
int mw__os_semaphore_value(void *semaphore);

#endif
