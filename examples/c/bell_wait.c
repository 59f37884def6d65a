/* Wait at a FIFO for the bell, and print what lies in shared memory at each ring.
 *
 *   bell_wait NAME FIFO RINGS      then, in any of the three languages: bell_ring NAME FIFO TEXT
 *
 * A FIFO beside shared memory wakes whoever waits in select, poll or an event loop; each byte in it is the number of a shelf. This
 * program makes both and removes both. examples/README.md draws the shelves.
 *
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "memwell.h"

enum { SHELVES = 8, SHELF = 64 };

int main(int argc, char **argv) {
  if (argc < 4) {
    fprintf(stderr, "usage: bell_wait NAME FIFO RINGS\n");
    return 2;
  }
  mw_error error;
  mw_region *region;
  mw_region_options options = {.size_of_struct = sizeof options, .flags = MW_TEMPORARY};
  if (mw_region_create(argv[1], SHELF + SHELVES * SHELF, &options, &error, &region) < 0) {
    fprintf(stderr, "bell_wait: %s(%s): %s\n", error.call, error.object, error.reason);
    return 1;
  }
  FILE *bell = mkfifo(argv[2], 0600) == 0 ? fopen(argv[2], "r+b") : NULL; /* r+: no end of file between two who ring */
  if (!bell) {
    perror(argv[2]);
    mw_region_close(region);
    return 1;
  }
  setvbuf(bell, NULL, _IONBF, 0);
  setvbuf(stdout, NULL, _IOLBF, 0); /* each line as it comes, also into a pipe */
  printf("listening\n");
  const char *shelves = (const char *)mw_region_data(region) + SHELF;
  for (int rings = atoi(argv[3]), shelf; rings > 0 && (shelf = fgetc(bell)) != EOF; rings--)
    printf("%d: %.*s\n", shelf % SHELVES, SHELF, shelves + (size_t)(shelf % SHELVES) * SHELF);
  fclose(bell);
  unlink(argv[2]);
  mw_region_close(region);
  return 0;
}
