/* Answer requests through System V shared memory and semaphores, as programs have done since 1983.
 *
 *   sysv_server FILE REQUESTS [SECONDS]      then, in any of the three languages: sysv_client FILE TEXT
 *
 * FILE exists and is what both make their key of. The answer to a text is the same text in capitals. examples/README.md draws the
 * counter that clients come to.
 *
 * SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "memwell.h"

enum { TURN, ASKED, ANSWERED, SEMAPHORES }; /* of the set */
enum { TEXT_MAX = 120, PROJECT = 'm' };

typedef struct counter {
  int64_t length; /* of the text, in bytes */
  char text[TEXT_MAX];
} counter;

static mw_error error;

static void must(int status) {
  if (status >= 0) return;
  char text[640];
  mw_error_message(&error, text, sizeof text);
  fprintf(stderr, "sysv_server: %s\n", text);
  exit(1);
}

static mw_semaphore *the_semaphore(int32_t key, unsigned index, mw_how how) {
  mw_semaphore_sysv_options options = {.size_of_struct = sizeof options, .how = how, .count = SEMAPHORES};
  mw_semaphore *semaphore;
  must(mw_semaphore_sysv(key, index, &options, &error, &semaphore));
  return semaphore;
}

static void answer(counter *counter) {
  int64_t length = counter->length; /* copied, checked, then used: the client may be wrong */
  if (length < 0 || length > TEXT_MAX) length = counter->length = 0;
  for (int64_t i = 0; i < length; i++) counter->text[i] = (char)toupper((unsigned char)counter->text[i]);
}

int main(int argc, char **argv) {
  if (argc < 3) {
    fprintf(stderr, "usage: sysv_server FILE REQUESTS [SECONDS]\n");
    return 2;
  }
  int requests = atoi(argv[2]), answered = 0, status = 0;
  mw_deadline deadline = mw_deadline_after(argc > 3 ? atof(argv[3]) : 10);
  int32_t key;
  mw_region *region;
  must(mw_region_sysv_key(argv[1], PROJECT, &error, &key));
  must(mw_region_sysv(key, sizeof(counter), MW_CREATE, NULL, &error, &region));
  mw_semaphore *turn = the_semaphore(key, TURN, MW_CREATE);
  mw_semaphore *asked = the_semaphore(key, ASKED, MW_ATTACH), *done = the_semaphore(key, ANSWERED, MW_ATTACH);
  must(mw_semaphore_release(turn, 1, &error)); /* open: the first client may come */
  printf("open\n");
  fflush(stdout);

  for (; answered < requests && (status = mw_semaphore_acquire(asked, deadline, &error)) == 0; answered++) {
    answer(mw_region_data(region));
    must(mw_semaphore_release(done, 1, &error));
  }
  if (status == 0) must(mw_semaphore_acquire(turn, deadline, &error)); /* the last client has read its answer */
  must(mw_semaphore_sysv_remove(key, NULL));                           /* System V objects stay until somebody removes them */
  must(mw_region_sysv_remove(key, NULL));
  must(status);
  printf("answered %d\n", answered);
  mw_semaphore_close(turn);
  mw_semaphore_close(asked);
  mw_semaphore_close(done);
  mw_region_close(region);
  return 0;
}
