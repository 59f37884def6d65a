/* A small program outside the tree: one region, one view, one semaphore.
 *
 * SPDX-License-Identifier: MIT */
#include <memwell.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv) {
  char name[64], message[600];
  mw_error error;
  mw_region *region = NULL;
  mw_semaphore *semaphore = NULL;
  mw_view view;
  mw_value sum;
  if (argc > 1 && strcmp(argv[1], "--version") == 0) return puts(mw_version()) < 0;
  snprintf(name, sizeof name, "consumer-%d", (int)getpid());
  mw_region_options options = {sizeof options, .flags = MW_TEMPORARY};
  int failed = mw_region_create(name, 800, &options, &error, &region) != 0 ||
               mw_semaphore_create(name, 1, 0, MW_TEMPORARY, &error, &semaphore) != 0 ||
               mw_view_init(&view, region, MW_FLOAT64, 1, NULL, 0, &error) != 0 ||
               mw_semaphore_acquire(semaphore, mw_deadline_after(10), &error) != 0 ||
               mw_view_fill(&view, (mw_value){MW_VALUE_FLOAT, {.f = 0.5}}, &error) != 0 || mw_view_sum(&view, &error, &sum) != 0 ||
               mw_semaphore_release(semaphore, 1, &error) != 0;
  if (failed) {
    mw_error_message(&error, message, sizeof message);
    fprintf(stderr, "%s\n", message);
  }
  mw_semaphore_close(semaphore);
  mw_region_close(region);
  return failed || sum.as.f != 50.0 || strcmp(mw_version(), MW_VERSION) != 0;
}
