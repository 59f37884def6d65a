/* Mapping files into memory, giving them back, and what the kernel can be asked to do with the pages meanwhile.
 *
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "platform/os.h"

#define RESIDENT_PAGES 4096 /* looked at in one call */

static const struct {
  int protection;
  int flags;
} ways[] = {
    [MW__OS_MAP_READ] = {PROT_READ, MAP_SHARED},
    [MW__OS_MAP_READ_PRIVATE] = {PROT_READ, MAP_PRIVATE | MAP_NORESERVE}, /* huge pages would be reserved, and are not needed */
    [MW__OS_MAP_SHARED] = {PROT_READ | PROT_WRITE, MAP_SHARED},
    [MW__OS_MAP_PRIVATE] = {PROT_READ | PROT_WRITE, MAP_PRIVATE},
};

static void *map_so(void *wanted, size_t size, int fd, uint64_t offset, mw__os_protection protection, int fixed) {
  return mmap(wanted, size, ways[protection].protection, ways[protection].flags | fixed, fd, (off_t)offset);
}

/* Kernels before 6.7 do not share a file that is sealed against writing, not even for reading. Nobody can change it: a private
 * mapping is the same. */
static int map(void *wanted, size_t size, int fd, uint64_t offset, mw__os_protection protection, int fixed, void **out_address) {
  void *address = map_so(wanted, size, fd, offset, protection, fixed);
  if (address == MAP_FAILED && errno == EPERM && protection == MW__OS_MAP_READ)
    address = map_so(wanted, size, fd, offset, MW__OS_MAP_READ_PRIVATE, fixed);
  if (address == MAP_FAILED) return errno;
  *out_address = address;
  return 0;
}

int mw__os_map(int fd, uint64_t offset, size_t size, mw__os_protection protection, void **out_address) {
  return map(NULL, size, fd, offset, protection, 0, out_address);
}

int mw__os_map_at(void *address, int fd, uint64_t offset, size_t size, mw__os_protection protection) {
  return map(address, size, fd, offset, protection, MAP_FIXED, &address);
}

void mw__os_unmap(void *address, size_t size) { munmap(address, size); }

int mw__os_protect(void *address, size_t size, bool writable) {
  return mprotect(address, size, writable ? PROT_READ | PROT_WRITE : PROT_READ) == 0 ? 0 : errno;
}

int mw__os_flush(void *address, size_t size, bool wait) { return msync(address, size, wait ? MS_SYNC : MS_ASYNC) == 0 ? 0 : errno; }

int mw__os_lock(void *address, size_t size) { return mlock(address, size) == 0 ? 0 : errno; }
int mw__os_unlock(void *address, size_t size) { return munlock(address, size) == 0 ? 0 : errno; }

uint64_t mw__os_lock_limit(void) {
  struct rlimit limit;
  return getrlimit(RLIMIT_MEMLOCK, &limit) == 0 ? limit.rlim_cur : 0;
}

int mw__os_resident(void *address, size_t size, uint64_t *out_bytes) {
  unsigned char present[RESIDENT_PAGES];
  size_t page = mw__os_page_size(), most = page * RESIDENT_PAGES;
  uint64_t bytes = 0;
  for (size_t done = 0; done < size; done += most) {
    size_t part = size - done < most ? size - done : most;
    if (mincore((char *)address + done, part, present) != 0) return errno;
    for (size_t i = 0; i < part / page; i++) bytes += present[i] & 1 ? page : 0;
  }
  *out_bytes = bytes;
  return 0;
}
