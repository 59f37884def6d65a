/* Space that is really there: fallocate, within what the machine has.
 *
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "platform/os.h"

#define TMPFS_MAGIC 0x01021994 /* in linux/magic.h, which not every libc comes with */
#define LARGE (16 << 20)       /* what it takes longer to clear than to ask whether there is so much */

/* For file systems without fallocate: bytes that were written have their space. */
static int write_zeros(int fd, uint64_t from, uint64_t to) {
  static char zeros[65536]; /* not const: that would be 64 KiB of every binary */
  while (from < to) {
    uint64_t left = to - from;
    ssize_t count = pwrite(fd, zeros, left < sizeof zeros ? (size_t)left : sizeof zeros, (off_t)from);
    if (count < 0) return errno;
    from += (uint64_t)count;
  }
  return 0;
}

/* Bytes of memory that the machine can still give, those on its swap included; all that there can be where it does not say. */
static uint64_t available_memory(void) {
  FILE *facts = fopen("/proc/meminfo", "re");
  if (!facts) return UINT64_MAX;
  uint64_t total = 0, kibibytes;
  char line[128];
  while (fgets(line, sizeof line, facts))
    if (sscanf(line, "MemAvailable: %" SCNu64, &kibibytes) == 1 || sscanf(line, "SwapFree: %" SCNu64, &kibibytes) == 1)
      total += kibibytes * 1024;
  fclose(facts);
  return total ? total : UINT64_MAX;
}

/* A file in memory may have no limit but the machine's memory, and fallocate would go on until the kernel kills somebody for it. */
static bool exceeds_memory(int fd, uint64_t growth) {
  struct statfs system;
  if (growth < LARGE || fstatfs(fd, &system) != 0 || system.f_type != TMPFS_MAGIC) return false;
  return growth > available_memory();
}

int mw__os_reserve(int fd, uint64_t size, uint64_t new_size) {
  if (new_size <= size) return 0;
  if (exceeds_memory(fd, new_size - size)) return ENOSPC;
  if (fallocate(fd, 0, (off_t)size, (off_t)(new_size - size)) == 0) return 0;
  int failure = errno;
  if (failure == EOPNOTSUPP || failure == ENOSYS) failure = write_zeros(fd, size, new_size);
  if (failure) (void)mw__os_set_size(fd, size); /* no half-grown file; that it could not be cut is not the news */
  return failure;
}
