/* A program that strace watches: what its argument names, between two marks that show in the trace as a failed unlink.
 *
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "memwell.h"

static mw_region *region;
static mw_region *file;
static mw_semaphore *semaphore;

static void must(int status) {
  if (status >= 0) return;
  fprintf(stderr, "quiet: %s\n", mw_status_name(status));
  exit(1);
}

static void mark(const char *text) {
  if (unlink(text) == 0) exit(1); /* nothing is called so */
}

/* A thousand times: the first round may ask the system something once. */
static void acquire_and_release(void) {
  for (int i = 0; i < 1000; i++) {
    must(mw_semaphore_release(semaphore, 1, NULL));
    must(mw_semaphore_acquire(semaphore, MW_DEADLINE_NEVER, NULL));
  }
}

static void count_atomically(void) {
  mw_view view;
  int64_t old;
  must(mw_view_init(&view, region, MW_UINT32, 1, NULL, 0, NULL));
  for (int i = 0; i < 1000; i++) must(mw_view_atomic_add(&view, 0, 1, NULL, &old));
}

static void open_all(const char *name, const char *path, unsigned flags) {
  mw_region_options options = {sizeof options, .flags = flags};
  must(mw_region_create(name, 10000, &options, NULL, &region));
  must(mw_region_file(path, 10000, &options, NULL, &file));
  must(mw_semaphore_create(name, 0, 0, 0, NULL, &semaphore));
}

static void close_all(const char *name) {
  mw_semaphore_close(semaphore);
  mw_region_close(file);
  mw_region_close(region);
  must(mw_semaphore_unlink(name, NULL));
  must(mw_region_unlink(name, NULL));
}

/* quiet NAME FILE keep|drop */
int main(int count, char **arguments) {
  if (count != 4) return 2;
  mark("/mark/open");
  open_all(arguments[1], arguments[2], strcmp(arguments[3], "drop") == 0 ? MW_NO_FD : 0);
  acquire_and_release();
  count_atomically();
  mark("/mark/quiet");
  acquire_and_release();
  count_atomically();
  mark("/mark/close");
  close_all(arguments[1]);
  mark("/mark/end");
  return 0;
}
