/* Write into named memory, tell the reader by a semaphore, and wait until it has read.
 *
 *   writer NAME TEXT [SECONDS]      then, in any of the three languages: reader NAME
 *
 * The memory and both semaphores are temporary: their names are gone when this program ends. examples/README.md draws the parcel.
 *
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memwell.h"

typedef struct parcel {
  uint8_t written; /* 0 until the rest is there */
  int64_t length;  /* of the text, in bytes */
  double numbers[4];
  char text[80];
} parcel;
_Static_assert(sizeof(parcel) == 128, "the same bytes in every language");

static void must(int status, const mw_error *error) {
  if (status >= 0) return;
  char text[640];
  mw_error_message(error, text, sizeof text);
  fprintf(stderr, "writer: %s\n", text);
  exit(1); /* an ordinary exit: what was temporary goes with it */
}

static mw_semaphore *new_semaphore(const char *name, const char *suffix) {
  char full[256];
  snprintf(full, sizeof full, "%s%s", name, suffix);
  mw_error error;
  mw_semaphore *semaphore;
  must(mw_semaphore_create(full, 0, 0600, MW_TEMPORARY, &error, &semaphore), &error);
  return semaphore;
}

int main(int argc, char **argv) {
  if (argc < 3 || strlen(argv[2]) > sizeof(((parcel *)0)->text)) {
    fprintf(stderr, "usage: writer NAME TEXT [SECONDS], TEXT of at most 80 bytes\n");
    return 2;
  }
  mw_deadline deadline = mw_deadline_after(argc > 3 ? atof(argv[3]) : 10);
  mw_region_options options = {.size_of_struct = sizeof options, .flags = MW_TEMPORARY};
  mw_error error;
  mw_region *region;
  must(mw_region_create(argv[1], sizeof(parcel), &options, &error, &region), &error);
  mw_semaphore *written = new_semaphore(argv[1], ".written");
  mw_semaphore *read = new_semaphore(argv[1], ".read");

  parcel *p = mw_region_data(region); /* plain memory: C needs no view */
  for (int i = 0; i < 4; i++) p->numbers[i] = i + 0.5;
  p->length = (int64_t)strlen(argv[2]);
  memcpy(p->text, argv[2], strlen(argv[2]));
  p->written = 1;
  must(mw_semaphore_release(written, 1, &error), &error); /* orders all of the above before what the reader does */
  must(mw_semaphore_acquire(read, deadline, &error), &error);
  printf("written and read\n");
  mw_semaphore_close(written);
  mw_semaphore_close(read);
  mw_region_close(region);
  return 0;
}
