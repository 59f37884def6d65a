/* System V shared memory, and what its limits are called.
 *
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>

#include "platform/os.h"

#define HUGE_PAGES 04000 /* SHM_HUGETLB, which not every libc's headers have */
#define LEAST_HUGE 16    /* pages: the smallest huge page of any processor has as many */

int mw__os_sysv_key(const char *path, int project, int *out_key) {
  key_t key = ftok(path, project);
  if (key == -1) return errno;
  *out_key = key;
  return 0;
}

static int find(int key, size_t size, int flags, int *out_id) {
  int id = shmget(key, size, flags);
  if (id < 0) return errno;
  *out_id = id;
  return 0;
}

int mw__os_sysv_memory_find(int key, int *out_id) { return find(key, 0, 0, out_id); }

int mw__os_sysv_memory_create(int key, uint64_t size, unsigned permissions, bool huge_pages, int *out_id) {
  return find(key, size, IPC_CREAT | IPC_EXCL | (huge_pages ? HUGE_PAGES : 0) | (int)(permissions & 0777), out_id);
}

int mw__os_sysv_memory_info(int id, mw__os_sysv_info *out_info) {
  struct shmid_ds segment;
  if (shmctl(id, IPC_STAT, &segment) != 0) return errno;
  *out_info = (mw__os_sysv_info){.owner = segment.shm_perm.uid, .size = segment.shm_segsz};
  return 0;
}

int mw__os_sysv_memory_remove(int id) { return shmctl(id, IPC_RMID, NULL) == 0 ? 0 : errno; }

int mw__os_sysv_memory_map(int id, bool writable, void **out_address) {
  void *address = shmat(id, NULL, writable ? 0 : SHM_RDONLY);
  if ((intptr_t)address == -1) return errno;
  *out_address = address;
  return 0;
}

void mw__os_sysv_memory_unmap(void *address) { shmdt(address); }

/* Nothing says what a segment's pages are, so a part of one is let go for a moment, which of a huge page cannot be; it is there
 * again, with what is in it, at the next touch. Of locked memory it cannot be either: there a part is protected for a moment, and
 * the kernel counts the parts as attached from then on. Huge pages begin at addresses where few others do. Behind the first page of
 * a segment that has only one lies somebody else's memory, which must not be touched. */
size_t mw__os_sysv_memory_unit(void *address, uint64_t size, bool writable) {
  size_t page = mw__os_page_size();
  if (size <= page || (uintptr_t)address % (LEAST_HUGE * page)) return page;
  char *second = (char *)address + page;
  if (madvise(second, page, MADV_DONTNEED) == 0) return page;
  if (mprotect(second, page, PROT_NONE) != 0) return errno == EINVAL ? mw__os_huge_page_size() : page;
  (void)mprotect(second, page, writable ? PROT_READ | PROT_WRITE : PROT_READ);
  return page;
}

/* A limit of the kernel's; 0 where it does not say. */
static uint64_t limit(const char *path) {
  FILE *file = fopen(path, "re");
  if (!file) return 0;
  uint64_t number;
  int found = fscanf(file, "%" SCNu64, &number);
  fclose(file);
  return found == 1 ? number : 0;
}

int mw__os_fail_sysv_memory(const mw__call *call, int os_errno, uint64_t size) {
  if (os_errno == EINVAL)
    return mw__fail_errno(call, os_errno,
                          "%" PRIu64 " bytes are more than SHMMAX allows (%" PRIu64 "); root can raise kernel.shmmax", size,
                          limit("/proc/sys/kernel/shmmax"));
  if (os_errno == ENOSPC)
    return mw__fail_errno(call, os_errno,
                          "SHMMNI (%" PRIu64 " segments) or SHMALL (%" PRIu64
                          " pages) is reached; remove some (ipcs, ipcrm), or have root raise kernel.shmmni or kernel.shmall",
                          limit("/proc/sys/kernel/shmmni"), limit("/proc/sys/kernel/shmall"));
  return mw__os_fail(call, os_errno);
}
