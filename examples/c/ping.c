/* Play ping-pong on one word of shared memory: wait sleeps while it has a value, wake ends that sleep.
 *
 *   ping NAME ROUNDS [SECONDS]      then, in any of the three languages: pong NAME
 *
 * Odd numbers are pong's turn, even ones ping's. The second word says how many rounds there are.
 *
 * SPDX-License-Identifier: MIT */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "memwell.h"

static mw_error error;

static void must(int status) {
  if (status >= 0) return;
  char text[640];
  mw_error_message(&error, text, sizeof text);
  fprintf(stderr, "ping: %s\n", text);
  exit(1);
}

/* A wait may also end because somebody woke us for nothing: so it is asked again. */
static void wait_while(const mw_view *words, int64_t value, mw_deadline deadline) {
  for (int64_t now = value; now == value; must(mw_view_atomic_load(words, 0, &error, &now)))
    must(mw_view_wait(words, 0, value, deadline, &error));
}

int main(int argc, char **argv) {
  if (argc < 3) {
    fprintf(stderr, "usage: ping NAME ROUNDS [SECONDS]\n");
    return 2;
  }
  int32_t rounds = atoi(argv[2]);
  mw_deadline deadline = mw_deadline_after(argc > 3 ? atof(argv[3]) : 10);
  mw_region_options options = {.size_of_struct = sizeof options, .flags = MW_TEMPORARY};
  mw_region *region;
  mw_view words;
  unsigned woken;
  must(mw_region_create(argv[1], 8, &options, &error, &region));
  must(mw_view_init(&words, region, MW_INT32, 1, NULL, 0, &error));
  must(mw_view_atomic_store(&words, 1, rounds, &error));
  for (int32_t round = 0; round < rounds; round++) {
    must(mw_view_atomic_store(&words, 0, 2 * round + 1, &error));
    must(mw_view_wake(&words, 0, UINT_MAX, &error, &woken));
    wait_while(&words, 2 * round + 1, deadline);
  }
  printf("%d rounds\n", rounds);
  mw_region_close(region);
  return 0;
}
