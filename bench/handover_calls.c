/* Handing over in place, in a region of memwell's, from process to process by its semaphores.
 *
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "rally.h"

#include "core_worker.h"
#include "payload.h"

#define A_PAGE 4096
#define A_LINE 64
#define MOMENT 1e-6 /* s: long enough to look how many processors there are */

static mw_error error;
static mw_region *region;
static mw_semaphore *semaphores[2];
static uint64_t *words; /* after the page of the semaphores */

#define good(call) must_be_good((call), &error)

static void await_token(int side) { good(mw_semaphore_acquire(semaphores[side], MW_DEADLINE_NEVER, &error)); }
static void pass_token(int side) { good(mw_semaphore_release(semaphores[side], 1, &error)); }

/* Side 1 hears of a payload, and side 0 that it was read. */
static void await_payload(int side) {
  await_token(side);
  if (side == 1) payload_read(words);
}
static void pass_payload(int side) {
  if (side == 1) payload_write(words);
  pass_token(side);
}

RALLY(token)
RALLY(payload)

int main(int count, char **arguments) {
  static const work works[] = {{"token", rally_token}, {"payload", rally_payload}};
  must(count == 3, "a place and a size");
  rally_begin(count, arguments);
  payload_begin(arguments[2]);
  good(mw_region_anonymous(A_PAGE + payload_size(), NULL, &error, &region));
  good(mw_semaphore_at(region, 0, 0, &error, &semaphores[0]));
  good(mw_semaphore_at(region, A_LINE, 0, &error, &semaphores[1]));
  words = (uint64_t *)((char *)mw_region_data(region) + A_PAGE);
  must(mw_semaphore_acquire(semaphores[0], mw_deadline_after(MOMENT), &error) == MW_ETIMEDOUT, "nobody has released it");
  rally_serve(works, sizeof works / sizeof *works);
  return 0;
}
