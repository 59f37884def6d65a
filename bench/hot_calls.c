/* The calls that a program makes most, each alone, from C: instructions.py counts what they take.
 *
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <string.h>
#include <unistd.h>

#include "core_worker.h"

#define SIZE 4096
#define COUNT 1000
#define LINES 100

static mw_error error;
static char attached[64], created[64], well_name[64];
static mw_region *text;
static mw_view floats, integers;
static mw_semaphore *semaphore;
static mw_well *well;
static mw_mutex *mutex;
static mw_robust_semaphore *permits;
static mw_event *event;

#define good(call) must_be_good((call), &error)

/* ---- regions */

static void attach(long n) {
  for (long i = 0; i < n; i++) {
    mw_region *region;
    good(mw_region_attach(attached, NULL, &error, &region));
    mw_region_close(region);
  }
}

static void create(long n) {
  for (long i = 0; i < n; i++) {
    mw_region *region;
    good(mw_region_create(created, SIZE, NULL, &error, &region));
    mw_region_close(region);
    good(mw_region_unlink(created, &error));
  }
}

static void find(long n) {
  uint64_t offset;
  for (long i = 0; i < n; i++) good(mw_region_find(text, "needle", 6, 0, SIZE, &error, &offset));
}

static void lines(long n) {
  uint64_t end;
  for (long i = 0; i < n; i++)
    for (uint64_t start = 0; start < SIZE;) good(mw_region_line(text, start, SIZE, &error, &end, &start));
}

/* ---- views */

static void element(long n) {
  for (long i = 0; i < n; i++) must(*(volatile double *)mw_view_at(&floats, 5) == 1.5, "an element");
}

static void sum(long n) {
  mw_value value;
  for (long i = 0; i < n; i++) good(mw_view_sum(&floats, &error, &value));
}

static void atomic_add(long n) {
  int64_t old;
  for (long i = 0; i < n; i++) good(mw_view_atomic_add(&integers, 5, 1, &error, &old));
}

/* ---- locks that are free */

static void turn_semaphore(long n) {
  for (long i = 0; i < n; i++) {
    good(mw_semaphore_acquire(semaphore, MW_DEADLINE_NEVER, &error));
    good(mw_semaphore_release(semaphore, 1, &error));
  }
}

static void turn_mutex(long n) {
  for (long i = 0; i < n; i++) {
    good(mw_mutex_acquire(mutex, MW_DEADLINE_NEVER, &error));
    good(mw_mutex_release(mutex, &error));
  }
}

static void turn_permit(long n) {
  for (long i = 0; i < n; i++) {
    good(mw_robust_semaphore_acquire(permits, MW_DEADLINE_NEVER, &error));
    good(mw_robust_semaphore_release(permits, 1, &error));
  }
}

static void is_set(long n) {
  bool set;
  for (long i = 0; i < n; i++) good(mw_event_is_set(event, &error, &set));
}

static void set_and_clear(long n) {
  for (long i = 0; i < n; i++) {
    good(mw_event_set(event, &error));
    good(mw_event_clear(event, &error));
  }
}

/* ---- wells */

static void look_up(long n) {
  mw_view view;
  for (long i = 0; i < n; i++) good(mw_well_find_array(well, "array", &error, &view));
}

static void attach_well(long n) {
  good(mw_well_close(well, &error)); /* so that each time is the process's first */
  for (long i = 0; i < n; i++) {
    mw_well *again;
    good(mw_well_attach(well_name, NULL, &error, &again));
    good(mw_well_close(again, &error));
  }
  good(mw_well_attach(well_name, NULL, &error, &well));
  good(mw_well_mutex(well, "mutex", 0, &error, &mutex));
  good(mw_well_semaphore(well, "permits", 4, 0, &error, &permits));
  good(mw_well_event(well, "event", 0, &error, &event));
}

/* ---- what is there */

static mw_view view_of_all(mw_dtype dtype) {
  uint64_t count = COUNT;
  mw_region *region;
  mw_view view;
  good(mw_region_anonymous(8 * count, NULL, &error, &region));
  good(mw_view_init(&view, region, dtype, 1, &count, 0, &error));
  return view;
}

/* Lines of equal length, and a needle in the last of them. */
static void write_text(void) {
  good(mw_region_anonymous(SIZE, NULL, &error, &text));
  char *bytes = mw_region_data(text);
  memset(bytes, 'x', SIZE);
  for (int i = 1; i <= LINES; i++) bytes[(uint64_t)i * SIZE / LINES - 1] = '\n';
  static const char needle[] = {'n', 'e', 'e', 'd', 'l', 'e'}; /* which ends without a NUL */
  memcpy(bytes + SIZE - 10, needle, sizeof needle);
}

/* All names are of one length, whatever the process's number is: what is counted depends on it. */
static void name_it(char *name, const char *what) { snprintf(name, 64, "memwell-bench-%07ld-%s", (long)getpid(), what); }

static void begin(void) {
  mw_region *region;
  uint64_t count = COUNT;
  mw_view array;
  name_it(attached, "hot");
  name_it(created, "hot-new");
  name_it(well_name, "hot-well");
  good(mw_region_create(attached, SIZE, NULL, &error, &region));
  write_text();
  floats = view_of_all(MW_FLOAT64);
  integers = view_of_all(MW_INT64);
  for (int i = 0; i < COUNT; i++) ((double *)mw_view_data(&floats))[i] = 1.5;
  good(mw_semaphore_create(attached, 1, 0, 0, &error, &semaphore));
  good(mw_well_create(well_name, 65536, NULL, &error, &well));
  good(mw_well_array(well, "array", MW_FLOAT64, 1, &count, &error, &array));
  good(mw_well_mutex(well, "mutex", 0, &error, &mutex));
  good(mw_well_semaphore(well, "permits", 4, 0, &error, &permits));
  good(mw_well_event(well, "event", 0, &error, &event));
}

static void end(void) {
  good(mw_region_unlink(attached, &error));
  good(mw_semaphore_unlink(attached, &error));
  good(mw_well_unlink(well_name, &error));
}

int main(void) {
  static const work works[] = {
      {"region_attach", attach},       {"region_create", create},          {"region_find", find},
      {"region_lines", lines},         {"view_element", element},          {"view_sum", sum},
      {"view_atomic_add", atomic_add}, {"semaphore_turn", turn_semaphore}, {"mutex_turn", turn_mutex},
      {"permit_turn", turn_permit},    {"event_is_set", is_set},           {"event_set_clear", set_and_clear},
      {"well_array", look_up},         {"well_attach", attach_well}};
  begin();
  serve(works, sizeof works / sizeof *works);
  end();
  return 0;
}
