/* The core's platform as the targets of wells want it: walls around what is mapped, and sleeps that take no time. The linker leads
 * the core's calls here (--wrap; CMakeLists.txt names them).
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <sanitizer/asan_interface.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "wells.h"

/* ---- walls */

static size_t page_size(void) {
  static size_t size;
  if (!size) size = (size_t)sysconf(_SC_PAGESIZE);
  return size;
}

static size_t whole_pages(size_t size) { return (size + page_size() - 1) / page_size() * page_size(); }

int __real_mw__os_map(int fd, uint64_t offset, size_t size, int protection, void **out_address);
int __wrap_mw__os_map(int fd, uint64_t offset, size_t size, int protection, void **out_address);
int mw__os_map_at(void *address, int fd, uint64_t offset, size_t size, int protection);

int __wrap_mw__os_map(int fd, uint64_t offset, size_t size, int protection, void **out_address) {
  size_t page = page_size(), whole = whole_pages(size);
  char *wall = mmap(NULL, whole + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (wall == MAP_FAILED) return errno;
  int failure = mw__os_map_at(wall + page, fd, offset, size, protection);
  if (failure) {
    munmap(wall, whole + 2 * page);
    return failure;
  }
  ASAN_POISON_MEMORY_REGION(wall + page + size, whole - size); /* the rest of the last page */
  *out_address = wall + page;
  return 0;
}

void __wrap_mw__os_unmap(void *address, size_t size);
void __wrap_mw__os_unmap(void *address, size_t size) {
  size_t page = page_size(), whole = whole_pages(size);
  ASAN_UNPOISON_MEMORY_REGION(address, whole);
  munmap((char *)address - page, whole + 2 * page);
}

/* ---- sleeps */

static unsigned sleeps_left;

void (*before_sleep)(void);

void allow_sleeps(unsigned count) { sleeps_left = count; }

static int sleep_through(mw_deadline deadline) {
  if (before_sleep) before_sleep();
  if (deadline <= mw_deadline_after(0)) return ETIMEDOUT;
  if (sleeps_left == 0) return EINTR;
  sleeps_left--;
  return ETIMEDOUT;
}

int __wrap_mw__os_word_wait(const _Atomic uint32_t *word, uint32_t value, mw_deadline deadline);
int __wrap_mw__os_word_wait(const _Atomic uint32_t *word, uint32_t value, mw_deadline deadline) {
  return *word == value ? sleep_through(deadline) : EAGAIN;
}

static bool look_once(bool (*is_done)(void *subject), void *subject, mw_deadline deadline) {
  (void)deadline;
  return is_done(subject);
}

bool __wrap_mw__spin_until(bool (*is_done)(void *subject), void *subject, mw_deadline deadline);
bool __wrap_mw__spin_until(bool (*is_done)(void *subject), void *subject, mw_deadline deadline) {
  return look_once(is_done, subject, deadline);
}

bool __wrap_mw__back_off_until(bool (*is_done)(void *subject), void *subject, mw_deadline deadline);
bool __wrap_mw__back_off_until(bool (*is_done)(void *subject), void *subject, mw_deadline deadline) {
  return look_once(is_done, subject, deadline);
}
