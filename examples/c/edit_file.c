/* Edit a file in place: map it, write into the mapping, and the file has changed. Nothing is read into a buffer and nothing is
 * written back.
 *
 *   edit_file PATH OFFSET TEXT      write TEXT over what stands at byte OFFSET
 *
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memwell.h"

static void must(int status, const mw_error *error) {
  if (status >= 0) return;
  char text[640];
  mw_error_message(error, text, sizeof text);
  fprintf(stderr, "edit_file: %s\n", text);
  exit(1);
}

int main(int argc, char **argv) {
  if (argc != 4) {
    fprintf(stderr, "usage: edit_file PATH OFFSET TEXT\n");
    return 2;
  }
  uint64_t offset = strtoull(argv[2], NULL, 10);
  size_t size = strlen(argv[3]);

  mw_error error;
  mw_region *file;
  must(mw_region_file(argv[1], 0, NULL, &error, &file), &error); /* 0: up to the end of the file */

  char *before = malloc(size + 1); /* a copy of what stood there, only to show it */
  if (!before) return 1;
  size_t count;
  must(mw_region_read(file, offset, before, size, &error, &count), &error);
  must(mw_region_write(file, offset, argv[3], size, &error), &error);         /* past the end is an error, and nothing is written */
  must(mw_region_flush(file, 0, mw_region_size(file), true, &error), &error); /* every program sees it already; now the disk does */

  printf("%s: \"%.*s\" is now \"%s\"\n", argv[1], (int)count, before, argv[3]);
  free(before);
  mw_region_close(file);
  return 0;
}
