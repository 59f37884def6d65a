/* One well between two: arrays, turns, permits, events; and what the one that is killed leaves to the other. Main entries:
 * wells_first, wells_second, wells_holder, wells_heir.
 *
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "peer.h"

enum { SIZE = 65536, ROWS = 3, COLUMNS = 4, PERMITS = 3, MOST_OBJECTS = 16 };

static const double patience = 60.0; /* seconds: only a peer that died is waited for so long */

typedef struct parts {
  mw_well *well;
  mw_view grid;
  mw_view counts;
  mw_mutex *turn;
  mw_robust_semaphore *permits;
  mw_event *ping;
  mw_event *pong;
} parts;

/* ---- finding, or creating, and closing */

static parts parts_of(mw_well *well) {
  parts own = {.well = well};
  mw_error error;
  must(mw_well_array(well, "grid", MW_FLOAT64, 2, (uint64_t[]){ROWS, COLUMNS}, &error, &own.grid), &error);
  must(mw_well_array(well, "counts", MW_INT64, 1, (uint64_t[]){2}, &error, &own.counts), &error);
  must(mw_well_mutex(well, "turn", 0, &error, &own.turn), &error);
  must(mw_well_semaphore(well, "permits", PERMITS, 0, &error, &own.permits), &error);
  must(mw_well_event(well, "ping", 0, &error, &own.ping), &error);
  must(mw_well_event(well, "pong", 0, &error, &own.pong), &error);
  return own;
}

static parts create(const char *name) {
  mw_error error;
  mw_well *well = NULL;
  must(mw_well_create(name, SIZE, NULL, &error, &well), &error);
  return parts_of(well);
}

static parts attach(const char *name) {
  mw_well_options options = {.size_of_struct = sizeof options, .wait_for_name = mw_deadline_after(patience)};
  mw_error error;
  mw_well *well = NULL;
  must(mw_well_attach(name, &options, &error, &well), &error);
  return parts_of(well);
}

static void close_all(const parts *own) {
  mw_error error;
  must(mw_well_check(own->well, &error), &error);
  mw_mutex_drop(own->turn);
  mw_robust_semaphore_drop(own->permits);
  mw_event_drop(own->ping);
  mw_event_drop(own->pong);
  must(mw_well_close(own->well, &error), &error);
}

static void unlink_well(const char *name) {
  mw_error error;
  must(mw_well_unlink(name, &error), &error);
}

/* ---- its objects */

static int64_t *counts_of(const parts *own) { return mw_view_at(&own->counts, 0); }

static double *cell_of(const parts *own, ptrdiff_t row, ptrdiff_t column) {
  return (double *)mw_view_data(&own->grid) + row * COLUMNS + column;
}

/* Each cell has the other side's number; leave one of our own. */
static void answer_grid(const parts *own, double wanted_sign, double sign) {
  for (int row = 0; row < ROWS; row++) {
    for (int column = 0; column < COLUMNS; column++) {
      double number = row * COLUMNS + column + 0.5;
      if (*cell_of(own, row, column) != wanted_sign * number) give_up("grid %d %d: %g", row, column, *cell_of(own, row, column));
      *cell_of(own, row, column) = sign * number;
    }
  }
}

static void take_turns(const parts *own, uint64_t count) {
  int64_t *counts = counts_of(own);
  mw_error error;
  for (uint64_t i = 0; i < count; i++) {
    must(mw_mutex_acquire(own->turn, mw_deadline_after(patience), &error), &error);
    if (counts[0] != counts[1]) give_up("two have the turn: %" PRId64 ", %" PRId64, counts[0], counts[1]);
    counts[0]++;
    counts[1]++;
    must(mw_mutex_release(own->turn, &error), &error);
  }
}

static void set(mw_event *event) {
  mw_error error;
  must(mw_event_set(event, &error), &error);
}

static void await(mw_event *event) {
  mw_error error;
  must(mw_event_wait(event, mw_deadline_after(patience), &error), &error);
  must(mw_event_clear(event, &error), &error);
}

static bool try_permit(const parts *own) {
  mw_error error;
  int status = mw_robust_semaphore_acquire(own->permits, MW_DEADLINE_NOW, &error);
  if (status != MW_ETIMEDOUT) must(status, &error);
  return status == 0;
}

static void take_two_permits(const parts *own) {
  for (int i = 0; i < 2; i++)
    if (!try_permit(own)) give_up("no permits");
}

static void release_permits(const parts *own, unsigned n) {
  mw_error error;
  must(mw_robust_semaphore_release(own->permits, n, &error), &error);
}

static void expect_value(const parts *own, unsigned wanted) {
  mw_error error;
  unsigned value = 0;
  must(mw_robust_semaphore_value(own->permits, &error, &value), &error);
  if (value != wanted) give_up("permits: %u free instead of %u", value, wanted);
}

static int by_name(const void *one, const void *other) {
  return strcmp(((const mw_object_info *)one)->name, ((const mw_object_info *)other)->name);
}

/* What the well says that it has, but for what may change at any moment. */
static void print_objects(const parts *own) {
  mw_object_info infos[MOST_OBJECTS];
  uint32_t cursor = 0;
  unsigned count = 0;
  mw_error error;
  int status = 1;
  while (count < MOST_OBJECTS && (status = mw_well_next_object(own->well, &cursor, &error, &infos[count])) == 1) count++;
  must(status, &error);
  qsort(infos, count, sizeof *infos, by_name);
  for (unsigned i = 0; i < count; i++) {
    printf("%s %s %" PRIu64 " %" PRIu64, infos[i].name, infos[i].kind, infos[i].offset, infos[i].size);
    if (infos[i].ndim) printf(" %s", mw_dtype_name(infos[i].dtype));
    for (int d = 0; d < infos[i].ndim; d++) printf(" %" PRIu64, infos[i].shape[d]);
    if (infos[i].capacity) printf(" %u", infos[i].capacity);
    putchar('\n');
  }
}

/* ---- two that live */

void wells_first(const char *name, uint64_t count) {
  parts own = create(name);
  answer_grid(&own, 0, 1);
  puts("ready");
  fflush(stdout);
  await(own.pong);
  answer_grid(&own, -1, 1);
  take_turns(&own, count);
  for (uint64_t i = 0; i < count; i++) {
    set(own.ping);
    await(own.pong);
  }
  if (counts_of(&own)[0] != 2 * (int64_t)count) give_up("%" PRId64 " turns", counts_of(&own)[0]);
  take_two_permits(&own);
  set(own.ping);
  await(own.pong);
  expect_value(&own, 1);
  release_permits(&own, 2);
  print_objects(&own);
  close_all(&own);
  unlink_well(name);
}

void wells_second(const char *name, uint64_t count) {
  parts own = attach(name);
  answer_grid(&own, 1, -1);
  set(own.pong);
  take_turns(&own, count);
  for (uint64_t i = 0; i < count; i++) {
    await(own.ping);
    set(own.pong);
  }
  await(own.ping);
  expect_value(&own, 1);
  if (!try_permit(&own) || try_permit(&own)) give_up("not one permit was left");
  release_permits(&own, 1);
  puts("ready");
  print_objects(&own);
  set(own.pong);
  close_all(&own);
}

/* ---- one that is killed, and one that comes after it */

void wells_holder(const char *name) {
  mw_error error;
  parts own = create(name);
  must(mw_mutex_acquire(own.turn, MW_DEADLINE_NOW, &error), &error);
  counts_of(&own)[0] = 1;
  take_two_permits(&own);
  puts("holding");
  fflush(stdout);
  await(own.ping);
}

static void print_holds(const parts *own, int slot) {
  mw_object_info infos[MOST_OBJECTS];
  uint32_t cursor = 0;
  unsigned count = 0;
  mw_error error;
  while (count < MOST_OBJECTS && mw_well_next_held(own->well, slot, &cursor, &error, &infos[count]) == 1) count++;
  qsort(infos, count, sizeof *infos, by_name);
  for (unsigned i = 0; i < count; i++) printf(" %s", infos[i].name);
}

static void print_others(const parts *own) {
  mw_participant_info info;
  uint32_t cursor = 0;
  mw_error error;
  int status;
  while ((status = mw_well_next_participant(own->well, &cursor, &error, &info)) == 1) {
    if (info.self) continue;
    printf("slot %d %s:", info.slot, info.state == MW_RUNNING ? "running" : info.state == MW_STOPPED ? "stopped" : "dead");
    print_holds(own, info.slot);
    putchar('\n');
  }
  must(status, &error);
}

static void print_turn(const parts *own, mw_deadline deadline) {
  mw_error error;
  int status = mw_mutex_acquire(own->turn, deadline, &error);
  if (status != MW_EOWNERDEAD) must(status, &error);
  puts(status == 0 ? "turn: acquired" : "turn: its owner died");
}

static void recover(const parts *own, bool mended) {
  mw_error error;
  if (mw_mutex_recover_begin(own->turn, MW_DEADLINE_NOW, &error) != 1) give_up("the mutex is not inconsistent");
  if (mended) counts_of(own)[1] = counts_of(own)[0];
  must(mw_mutex_recover_end(own->turn, mended, &error), &error);
  if (mended) must(mw_mutex_release(own->turn, &error), &error);
}

void wells_heir(const char *name) {
  mw_error error;
  parts own = attach(name);
  expect_value(&own, 1);
  print_others(&own);
  fflush(stdout);
  print_turn(&own, mw_deadline_after(patience));
  unsigned permits = 0;
  while (try_permit(&own)) permits++;
  printf("permits: %u\n", permits);
  release_permits(&own, permits);
  recover(&own, false);
  print_turn(&own, MW_DEADLINE_NOW);
  recover(&own, true);
  print_turn(&own, MW_DEADLINE_NOW);
  printf("counts: %" PRId64 " %" PRId64 "\n", counts_of(&own)[0], counts_of(&own)[1]);
  must(mw_mutex_release(own.turn, &error), &error);
  close_all(&own);
  unlink_well(name);
}
