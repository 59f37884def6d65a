/* Put a text on the next free shelf in shared memory, and ring the bell of who waits for it.
 *
 *   bell_ring NAME FIFO TEXT
 *
 * Any number of programs may ring at once: each takes its shelf by one atomic addition.
 *
 * SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "memwell.h"

enum { SHELVES = 8, SHELF = 64 };

static int put_on_shelf(mw_region *region, const char *text, unsigned char *out_shelf, mw_error *error) {
  mw_view taken; /* how many texts have come so far; a C program may also have an _Atomic uint32_t here */
  int64_t before;
  int status = mw_view_init(&taken, region, MW_UINT32, 1, (uint64_t[]){1}, 0, error);
  if (!status) status = mw_view_atomic_add(&taken, 0, 1, error, &before);
  if (status) return status;
  *out_shelf = (unsigned char)(before % SHELVES);
  return mw_region_write(region, (uint64_t)(SHELF + *out_shelf * SHELF), text, strlen(text) + 1, error);
}

int main(int argc, char **argv) {
  if (argc < 4 || strlen(argv[3]) >= SHELF) {
    fprintf(stderr, "usage: bell_ring NAME FIFO TEXT, TEXT of at most %d bytes\n", SHELF - 1);
    return 2;
  }
  mw_error error;
  mw_region *region = NULL;
  unsigned char shelf = 0;
  if (mw_region_attach(argv[1], NULL, &error, &region) < 0 || put_on_shelf(region, argv[3], &shelf, &error) < 0) {
    fprintf(stderr, "bell_ring: %s(%s): %s\n", error.call, error.object, error.reason);
    return 1;
  }
  int bell = open(argv[2], O_WRONLY | O_NONBLOCK | O_CLOEXEC);
  if (bell < 0 || write(bell, &shelf, 1) != 1) {
    perror(argv[2]);
    return 1;
  }
  close(bell);
  mw_region_close(region);
  printf("rang for shelf %d\n", shelf);
  return 0;
}
