/* Files in memory, of small pages or huge ones, and their seals.
 *
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/vfs.h>

#include "platform/os.h"

#define HUGETLBFS_MAGIC 0x958458f6 /* in linux/magic.h, which not every libc comes with */

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif
#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010
#endif

/* Kernels before 6.3 do not know MFD_NOEXEC_SEAL and say EINVAL. */
int mw__os_memory_file(const char *name, bool huge_pages, int *out_fd) {
  unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING | (huge_pages ? MFD_HUGETLB : 0);
  int fd = memfd_create(name, flags | MFD_NOEXEC_SEAL);
  if (fd < 0 && errno == EINVAL) fd = memfd_create(name, flags);
  if (fd < 0) return errno;
  *out_fd = fd;
  return 0;
}

/* A fact of /proc/meminfo; 0 where it does not say. */
static uint64_t memory_fact(const char *name) {
  FILE *facts = fopen("/proc/meminfo", "re");
  if (!facts) return 0;
  uint64_t fact = 0, number;
  char line[128], found[64];
  while (fgets(line, sizeof line, facts))
    if (sscanf(line, "%63[^:]: %" SCNu64, found, &number) == 2 && strcmp(found, name) == 0) fact = number;
  fclose(facts);
  return fact;
}

size_t mw__os_huge_page_size(void) { return (size_t)memory_fact("Hugepagesize") * 1024; }

bool mw__os_is_huge(int fd) {
  struct statfs system;
  return fstatfs(fd, &system) == 0 && (uint32_t)system.f_type == HUGETLBFS_MAGIC;
}

int mw__os_fail_huge(const mw__call *call, int os_errno, uint64_t size) {
  if (os_errno != ENOMEM && os_errno != ENOSPC && os_errno != EPERM) return mw__os_fail(call, os_errno);
  if (os_errno == EPERM)
    return mw__fail_errno(call, os_errno,
                          "this user may not have huge pages: be in the group of vm.hugetlb_shm_group, or CAP_IPC_LOCK");
  uint64_t page = mw__os_huge_page_size();
  return mw__fail_errno(call, os_errno,
                        "%" PRIu64 " huge pages are needed, and %" PRIu64 " are free; root can raise vm.nr_hugepages",
                        page ? (size + page - 1) / page : 0, memory_fact("HugePages_Free"));
}

static const struct {
  unsigned seal;
  int number;
} seals_of_linux[] = {
    {MW__OS_SEAL_SEAL, F_SEAL_SEAL},
    {MW__OS_SEAL_SHRINK, F_SEAL_SHRINK},
    {MW__OS_SEAL_GROW, F_SEAL_GROW},
    {MW__OS_SEAL_WRITE, F_SEAL_WRITE},
    {MW__OS_SEAL_FUTURE_WRITE, F_SEAL_FUTURE_WRITE},
};
#define SEALS (sizeof seals_of_linux / sizeof *seals_of_linux)

int mw__os_seal(int fd, unsigned seals) {
  int numbers = 0;
  for (size_t i = 0; i < SEALS; i++) numbers |= seals & seals_of_linux[i].seal ? seals_of_linux[i].number : 0;
  return fcntl(fd, F_ADD_SEALS, numbers) == 0 ? 0 : errno;
}

int mw__os_seals_of(int fd, unsigned *out_seals) {
  int numbers = fcntl(fd, F_GET_SEALS);
  if (numbers < 0) return errno;
  *out_seals = 0;
  for (size_t i = 0; i < SEALS; i++) *out_seals |= numbers & seals_of_linux[i].number ? seals_of_linux[i].seal : 0;
  return 0;
}
