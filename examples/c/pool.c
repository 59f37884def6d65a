/* A worker of a pool that shares a few permits. Whoever dies with one, even by kill -9, gives it back.
 *
 *   pool FILE PERMITS [TURNS]      in any of the three languages, in as many terminals as you like
 *
 * It takes turns until Ctrl-C, or so many; with 0 it only says how many permits are free. Kill one that works, kill -9 PID, and
 * another takes its permit over. The first to come makes FILE, a well; examples/README.md says what is in it. supervisor shows it
 * as a table, and starts new workers for those that died.
 *
 * SPDX-License-Identifier: MIT */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "memwell.h"

enum { SIZE = 65536, SLOTS = 64 };
enum { PID, LANGUAGE, TURNS, FIELDS, C = 1 }; /* of a row of the roster */
#define WORK 0.4                              /* seconds with a permit */
#define REST 0.1                              /* and without */

static mw_error error;

static int must(int status) {
  if (status >= 0) return status;
  char text[640];
  mw_error_message(&error, text, sizeof text);
  fprintf(stderr, "pool: %s\n", text);
  exit(1); /* whatever is held comes back */
}

static unsigned free_permits(mw_robust_semaphore *permits) {
  unsigned value;
  must(mw_robust_semaphore_value(permits, &error, &value));
  return value;
}

/* Wait so many seconds, but no longer than until the event is set. Says whether it is. */
static bool wait_for(mw_event *event, double seconds) {
  int status = mw_event_wait(event, mw_deadline_after(seconds), &error);
  if (status != MW_ETIMEDOUT) must(status);
  return status == 0;
}

/* This process's row of the roster, which has one for each slot. It says who is here until the worker itself leaves. */
static mw_view sign_on(mw_well *well) {
  const uint64_t shape[] = {SLOTS, FIELDS};
  mw_view roster, row;
  int slot;
  must(mw_well_array(well, "roster", MW_INT64, 2, shape, &error, &roster));
  must(mw_well_slot(well, &error, &slot));
  must(mw_view_select(&roster, 0, (uint64_t)slot, &error, &row));
  must(mw_view_atomic_store(&row, LANGUAGE, C, &error));
  must(mw_view_atomic_store(&row, TURNS, 0, &error));
  must(mw_view_atomic_store(&row, PID, getpid(), &error));
  return row;
}

/* One turn with a permit. False when it is time to stop. */
static bool turn(mw_robust_semaphore *permits, mw_event *stop) {
  int status;
  while ((status = mw_robust_semaphore_acquire(permits, mw_deadline_after(1), &error)) == MW_ETIMEDOUT)
    if (wait_for(stop, 0)) return false;
  must(status);
  printf("%d works, %u of %u permits are free\n", getpid(), free_permits(permits), mw_robust_semaphore_capacity(permits));
  fflush(stdout);
  wait_for(stop, WORK); /* the work: here it only takes its time */
  must(mw_robust_semaphore_release(permits, 1, &error));
  return !wait_for(stop, REST);
}

static void work(mw_well *well, mw_robust_semaphore *permits, int turns) {
  mw_event *stop;
  must(mw_well_event(well, "stop", 0, &error, &stop));
  mw_view row = sign_on(well);
  for (int taken = 1; taken != turns + 1 && turn(permits, stop); taken++) must(mw_view_atomic_store(&row, TURNS, taken, &error));
  must(mw_view_atomic_store(&row, PID, 0, &error)); /* left, and did not die */
  mw_event_drop(stop);
}

int main(int argc, char **argv) {
  if (argc < 3) {
    fprintf(stderr, "usage: pool FILE PERMITS [TURNS]\n");
    return 2;
  }
  int turns = argc > 3 ? atoi(argv[3]) : -1; /* -1: until Ctrl-C, which is a death like others */
  mw_well *well;
  mw_robust_semaphore *permits;
  must(mw_well_file(argv[1], SIZE, NULL, &error, &well));
  must(mw_well_semaphore(well, "permits", (unsigned)atoi(argv[2]), 0, &error, &permits));
  if (turns != 0) work(well, permits, turns);
  must(mw_well_reap(well, &error, &(unsigned){0}));
  if (turns == 0) printf("%u of %u permits are free\n", free_permits(permits), mw_robust_semaphore_capacity(permits));
  mw_robust_semaphore_drop(permits);
  must(mw_well_close(well, &error));
  return 0;
}
