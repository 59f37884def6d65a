/* Hand a text over in sealed memory to a reader that does not trust us.
 *
 *   joined.py sealed_send TEXT [SEAL ...] -- sealed_receive
 *
 * Descriptor 3 is a Unix socket; examples/python/joined.py starts two programs with one between them. Without SEALs it seals as
 * the reader wants it: shrink, grow, write, seal.
 *
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memwell.h"

enum { SOCKET = 3 };

static mw_error error;

static void must(int status) {
  if (status >= 0) return;
  char text[640];
  mw_error_message(&error, text, sizeof text);
  fprintf(stderr, "sealed_send: %s\n", text);
  exit(1);
}

int main(int argc, char **argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: sealed_send TEXT [SEAL ...]\n");
    return 2;
  }
  unsigned seals = argc > 2 ? 0 : MW_SEAL_SHRINK | MW_SEAL_GROW | MW_SEAL_WRITE | MW_SEAL_SEAL;
  for (int i = 2; i < argc; i++) {
    unsigned seal;
    must(mw_seal_parse(argv[i], &error, &seal));
    seals |= seal;
  }
  mw_region *region;
  must(mw_region_memfd("letter", strlen(argv[1]) + 1, NULL, &error, &region));
  must(mw_region_write(region, 0, argv[1], strlen(argv[1]), &error));
  must(mw_region_seal(region, seals, &error)); /* with "write" the region is read-only from here on, for us too */
  must(mw_region_send(region, SOCKET, mw_deadline_after(10), &error));
  printf("sent %zu bytes\n", strlen(argv[1]));
  mw_region_close(region);
  return 0;
}
