/* Mapping files into memory, giving them back, and handing changes to the disk.
 *
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/mman.h>

#include "platform/os.h"

static const struct {
  int protection;
  int flags;
} ways[] = {
    [MW__OS_MAP_READ] = {PROT_READ, MAP_SHARED},
    [MW__OS_MAP_SHARED] = {PROT_READ | PROT_WRITE, MAP_SHARED},
    [MW__OS_MAP_PRIVATE] = {PROT_READ | PROT_WRITE, MAP_PRIVATE},
};

int mw__os_map(int fd, uint64_t offset, size_t size, mw__os_protection protection, void **out_address) {
  void *address = mmap(NULL, size, ways[protection].protection, ways[protection].flags, fd, (off_t)offset);
  if (address == MAP_FAILED) return errno;
  *out_address = address;
  return 0;
}

void mw__os_unmap(void *address, size_t size) { munmap(address, size); }

int mw__os_flush(void *address, size_t size, bool wait) { return msync(address, size, wait ? MS_SYNC : MS_ASYNC) == 0 ? 0 : errno; }
