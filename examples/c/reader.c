/* Read what a writer, in any of the three languages, put into named memory, and tell it so by a semaphore.
 *
 *   reader NAME [SECONDS]      may be started before the writer
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
  fprintf(stderr, "reader: %s\n", text);
  exit(1);
}

static mw_semaphore *the_semaphore(const char *name, const char *suffix, mw_deadline deadline) {
  char full[256];
  snprintf(full, sizeof full, "%s%s", name, suffix);
  mw_error error;
  mw_semaphore *semaphore;
  must(mw_semaphore_attach(full, deadline, 0, &error, &semaphore), &error);
  return semaphore;
}

int main(int argc, char **argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: reader NAME [SECONDS]\n");
    return 2;
  }
  mw_deadline deadline = mw_deadline_after(argc > 2 ? atof(argv[2]) : 10);
  mw_region_options options = {.size_of_struct = sizeof options, .access = MW_READ, .wait_for_name = deadline};
  mw_error error;
  mw_region *region;
  must(mw_region_attach(argv[1], &options, &error, &region), &error);
  mw_semaphore *written = the_semaphore(argv[1], ".written", deadline);
  mw_semaphore *read = the_semaphore(argv[1], ".read", deadline);
  must(mw_semaphore_acquire(written, deadline, &error), &error);

  const parcel *p = mw_region_data(region);
  int64_t length = mw_region_size(region) < sizeof *p ? -1 : p->length; /* copied, checked, then used: the writer may be wrong */
  if (length < 0 || length > (int64_t)sizeof p->text || p->written != 1) {
    fprintf(stderr, "reader: %s holds no parcel\n", argv[1]);
    return 1;
  }
  double sum = 0;
  printf("\"%.*s\" and", (int)length, p->text);
  for (int i = 0; i < 4; i++) printf(" %g", p->numbers[i]), sum += p->numbers[i];
  printf(", sum %g\n", sum);
  must(mw_semaphore_release(read, 1, &error), &error);
  mw_semaphore_close(written);
  mw_semaphore_close(read);
  mw_region_close(region);
  return 0;
}
