/* What madvise does on Linux: advice, bringing pages in, giving them back, and asking whether one is lost.
 *
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "platform/os.h"

/* In linux/mman.h; not every libc's headers are as new as its kernel. */
#ifndef MADV_COLD
#define MADV_COLD 20
#endif
#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif
#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#define MADV_POPULATE_WRITE 23
#endif

int mw__os_advise(void *address, size_t size, mw__os_advice advice) {
  static const int numbers[] = {
      [MW__OS_NORMAL] = MADV_NORMAL,       [MW__OS_SEQUENTIAL] = MADV_SEQUENTIAL,
      [MW__OS_RANDOM] = MADV_RANDOM,       [MW__OS_WILL_NEED] = MADV_WILLNEED,
      [MW__OS_COLD] = MADV_COLD,           [MW__OS_PAGE_OUT] = MADV_PAGEOUT,
      [MW__OS_HUGE_PAGES] = MADV_HUGEPAGE, [MW__OS_SMALL_PAGES] = MADV_NOHUGEPAGE,
      [MW__OS_NO_DUMP] = MADV_DONTDUMP,    [MW__OS_DUMP] = MADV_DODUMP,
  };
  return madvise(address, size, numbers[advice]) == 0 ? 0 : errno;
}

/* Kernels before 5.14: a read of each page brings it in, and its write fault comes later. */
static void touch(const volatile char *address, size_t size) {
  for (size_t i = 0; i < size; i += mw__os_page_size()) (void)address[i];
}

int mw__os_populate(void *address, size_t size, bool writable) {
  if (madvise(address, size, writable ? MADV_POPULATE_WRITE : MADV_POPULATE_READ) == 0) return 0;
  if (errno != EINVAL) return errno;
  touch(address, size);
  return 0;
}

int mw__os_discard(void *address, size_t size, bool shared) {
  return madvise(address, size, shared ? MADV_REMOVE : MADV_DONTNEED) == 0 ? 0 : errno;
}

/* Asked of the kernel without a libc that may be a sanitizer's. What populating says of a page is defined: EFAULT where touching it
 * would be SIGBUS. */
mw__os_presence mw__os_page_presence(void *page, size_t size, bool writable) {
  int saved = errno;
  long result = syscall(SYS_madvise, page, size, writable ? MADV_POPULATE_WRITE : MADV_POPULATE_READ);
  mw__os_presence presence = result == 0 ? MW__OS_THERE : errno == EFAULT ? MW__OS_LOST : MW__OS_UNKNOWN;
  errno = saved;
  return presence;
}

bool mw__os_map_zeros_at(void *address, size_t size, bool writable) {
  long flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE;
  return syscall(SYS_mmap, address, size, writable ? PROT_READ | PROT_WRITE : PROT_READ, flags, -1L, 0L) == (long)address;
}
