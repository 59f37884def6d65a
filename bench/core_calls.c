/* memwell's core without any binding: what of a binding's time is the core's, and what its own.
 *
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <unistd.h>

#include "core_worker.h"

#define SIZE 4096
#define LOST_PAGES ((size_t)20000)
#define PAGE ((size_t)4096)

static char attached[64], created[64];
static mw_semaphore *semaphore;

static void attach_with(long n, unsigned flags) {
  const mw_region_options options = {.size_of_struct = sizeof options, .flags = flags};
  for (long i = 0; i < n; i++) {
    mw_error error;
    mw_region *region = NULL;
    must_be_good(mw_region_attach(attached, &options, &error, &region), &error);
    mw_region_close(region);
  }
}

static void attach(long n) { attach_with(n, 0); }
static void attach_unguarded(long n) { attach_with(n, MW_NO_GUARD); }

/* Touch every page of a mapping that its file has no longer. */
static void touch_lost(long n) {
  mw_region_options options = {.size_of_struct = sizeof options, .access = MW_READ};
  for (long i = 0; i < n; i++) {
    mw_error error;
    mw_region *object = NULL, *region = NULL;
    must_be_good(mw_region_memfd("lost", LOST_PAGES * PAGE, NULL, &error, &object), &error);
    int fd = -1;
    must_be_good(mw_region_descriptor(object, &error, &fd), &error);
    must_be_good(mw_region_from_fd(fd, 0, &options, &error, &region), &error);
    must(ftruncate(fd, 0) == 0, "ftruncate");
    const volatile char *memory = mw_region_data(region);
    for (size_t page = 0; page < LOST_PAGES; page++) (void)memory[page * PAGE];
    must(mw_region_is_faulted(region), "the loss is noticed");
    mw_region_close(region);
    mw_region_close(object);
  }
}

static void create(long n) {
  for (long i = 0; i < n; i++) {
    mw_error error;
    mw_region *region = NULL;
    must_be_good(mw_region_create(created, SIZE, NULL, &error, &region), &error);
    mw_region_close(region);
    must_be_good(mw_region_unlink(created, &error), &error);
  }
}

static void acquire_release(long n) {
  for (long i = 0; i < n; i++) {
    mw_error error;
    must_be_good(mw_semaphore_acquire(semaphore, MW_DEADLINE_NEVER, &error), &error);
    must_be_good(mw_semaphore_release(semaphore, 1, &error), &error);
  }
}

int main(void) {
  static const work works[] = {{"attach", attach},
                               {"attach_unguarded", attach_unguarded},
                               {"touch_lost", touch_lost},
                               {"create", create},
                               {"acquire_release", acquire_release}};
  snprintf(attached, sizeof attached, "memwell-bench-%ld-core", (long)getpid());
  snprintf(created, sizeof created, "memwell-bench-%ld-core-new", (long)getpid());
  mw_error error;
  mw_region *region = NULL;
  must_be_good(mw_region_create(attached, SIZE, NULL, &error, &region), &error);
  must_be_good(mw_semaphore_create(attached, 1, 0, 0, &error, &semaphore), &error);
  serve(works, sizeof works / sizeof *works);
  must_be_good(mw_region_unlink(attached, &error), &error);
  must_be_good(mw_semaphore_unlink(attached, &error), &error);
  mw_semaphore_close(semaphore);
  mw_region_close(region);
  return 0;
}
