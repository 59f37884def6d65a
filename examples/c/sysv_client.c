/* Ask a sysv_server, in any of the three languages, and print what it answers.
 *
 *   sysv_client FILE TEXT [SECONDS]
 *
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memwell.h"

enum { TURN, ASKED, ANSWERED }; /* of the set */
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
  fprintf(stderr, "sysv_client: %s\n", text);
  exit(1);
}

static mw_semaphore *the_semaphore(int32_t key, unsigned index, unsigned flags) {
  mw_semaphore_sysv_options options = {.size_of_struct = sizeof options, .flags = flags};
  mw_semaphore *semaphore;
  must(mw_semaphore_sysv(key, index, &options, &error, &semaphore));
  return semaphore;
}

int main(int argc, char **argv) {
  if (argc < 3 || strlen(argv[2]) > TEXT_MAX) {
    fprintf(stderr, "usage: sysv_client FILE TEXT [SECONDS], TEXT of at most %d bytes\n", TEXT_MAX);
    return 2;
  }
  mw_deadline deadline = mw_deadline_after(argc > 3 ? atof(argv[3]) : 10);
  int32_t key;
  mw_region *region;
  must(mw_region_sysv_key(argv[1], PROJECT, &error, &key));
  must(mw_region_sysv(key, sizeof(counter), MW_ATTACH, NULL, &error, &region));
  mw_semaphore *turn = the_semaphore(key, TURN, MW_UNDO); /* SEM_UNDO: if we are killed, the next client has its turn */
  mw_semaphore *asked = the_semaphore(key, ASKED, 0), *done = the_semaphore(key, ANSWERED, 0);

  counter *counter = mw_region_data(region);
  must(mw_semaphore_acquire(turn, deadline, &error));
  counter->length = (int64_t)strlen(argv[2]);
  memcpy(counter->text, argv[2], strlen(argv[2]));
  must(mw_semaphore_release(asked, 1, &error));
  must(mw_semaphore_acquire(done, deadline, &error));
  printf("%.*s\n", counter->length <= TEXT_MAX ? (int)counter->length : 0, counter->text);
  must(mw_semaphore_release(turn, 1, &error));
  mw_semaphore_close(turn);
  mw_semaphore_close(asked);
  mw_semaphore_close(done);
  mw_region_close(region);
  return 0;
}
