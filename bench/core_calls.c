/* memwell's core without any binding: what of a binding's time is the core's, and what its own.
 *
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <unistd.h>

#include "core_worker.h"

#define SIZE 4096

static char attached[64], created[64];
static mw_semaphore *semaphore;

static void attach(long n) {
  for (long i = 0; i < n; i++) {
    mw_error error;
    mw_region *region = NULL;
    must_be_good(mw_region_attach(attached, NULL, &error, &region), &error);
    mw_region_close(region);
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
  static const work works[] = {{"attach", attach}, {"create", create}, {"acquire_release", acquire_release}};
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
