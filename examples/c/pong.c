/* The other side of ping, in any of the three languages.
 *
 *   pong NAME [SECONDS]      may be started first
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
  fprintf(stderr, "pong: %s\n", text);
  exit(1);
}

/* A wait may also end because somebody woke us for nothing: so it is asked again. */
static void wait_while(const mw_view *words, int64_t value, mw_deadline deadline) {
  for (int64_t now = value; now == value; must(mw_view_atomic_load(words, 0, &error, &now)))
    must(mw_view_wait(words, 0, value, deadline, &error));
}

int main(int argc, char **argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: pong NAME [SECONDS]\n");
    return 2;
  }
  mw_deadline deadline = mw_deadline_after(argc > 2 ? atof(argv[2]) : 10);
  mw_region_options options = {.size_of_struct = sizeof options, .wait_for_name = deadline};
  mw_region *region;
  mw_view words;
  int64_t rounds;
  unsigned woken;
  must(mw_region_attach(argv[1], &options, &error, &region));
  must(mw_view_init(&words, region, MW_INT32, 1, NULL, 0, &error));
  wait_while(&words, 0, deadline); /* from here on the number of rounds is there too: it was stored before */
  must(mw_view_atomic_load(&words, 1, &error, &rounds));
  for (int64_t round = 0; round < rounds; round++) {
    wait_while(&words, 2 * round, deadline);
    must(mw_view_atomic_store(&words, 0, 2 * round + 2, &error));
    must(mw_view_wake(&words, 0, UINT_MAX, &error, &woken));
  }
  printf("%d answers\n", (int)rounds);
  mw_region_close(region);
  return 0;
}
