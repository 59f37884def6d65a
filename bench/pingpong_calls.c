/* Ping-pong of two processes by what memwell has: a semaphore, an event, an element that is waited for.
 *
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "rally.h"

#include "core_worker.h"

#define A_LINE 64             /* bytes of a cache line: each side has its own */
#define ELEMENTS (A_LINE / 4) /* of an int32 view in it */
#define MOMENT 1e-6           /* s: long enough to look how many processors there are */
#define IN_THE_REGION(side) (A_LINE * (uint64_t)(side))

static mw_error error;
static char name[64];
static mw_well *well;
static mw_region *region;
static mw_semaphore *semaphores[2];
static mw_event *events[2];
static mw_view balls;

#define good(call) must_be_good((call), &error)

static void await_semaphore(int side) { good(mw_semaphore_acquire(semaphores[side], MW_DEADLINE_NEVER, &error)); }
static void pass_semaphore(int side) { good(mw_semaphore_release(semaphores[side], 1, &error)); }

static void await_event(int side) {
  good(mw_event_wait(events[side], MW_DEADLINE_NEVER, &error));
  good(mw_event_clear(events[side], &error));
}
static void pass_event(int side) { good(mw_event_set(events[side], &error)); }

static void await_view(int side) {
  int64_t ball = 0;
  uint64_t place = (uint64_t)side * ELEMENTS;
  for (;;) {
    good(mw_view_atomic_exchange(&balls, place, 0, &error, &ball));
    if (ball) return;
    good(mw_view_wait(&balls, place, 0, MW_DEADLINE_NEVER, &error));
  }
}
static void pass_view(int side) {
  unsigned woken;
  uint64_t place = (uint64_t)side * ELEMENTS;
  good(mw_view_atomic_store(&balls, place, 1, &error));
  good(mw_view_wake(&balls, place, 1, &error, &woken));
}

RALLY(semaphore)
RALLY(event)
RALLY(view)

static void begin(void) {
  uint64_t count = UINT64_C(2) * ELEMENTS;
  snprintf(name, sizeof name, "memwell-bench-%ld-pingpong", (long)getpid());
  good(mw_well_create(name, 65536, NULL, &error, &well));
  good(mw_well_event(well, "ping", 0, &error, &events[0]));
  good(mw_well_event(well, "pong", 0, &error, &events[1]));
  good(mw_region_anonymous(4096, NULL, &error, &region));
  good(mw_semaphore_at(region, IN_THE_REGION(0), 0, &error, &semaphores[0]));
  good(mw_semaphore_at(region, IN_THE_REGION(1), 0, &error, &semaphores[1]));
  good(mw_view_init(&balls, region, MW_INT32, 1, &count, IN_THE_REGION(2), &error));
  must(mw_semaphore_acquire(semaphores[0], mw_deadline_after(MOMENT), &error) == MW_ETIMEDOUT, "nobody has released it");
}

int main(int count, char **arguments) {
  static const work works[] = {{"semaphore", rally_semaphore}, {"event", rally_event}, {"view", rally_view}};
  rally_begin(count, arguments);
  begin();
  rally_serve(works, sizeof works / sizeof *works);
  good(mw_well_unlink(name, &error));
  return 0;
}
