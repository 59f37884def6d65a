/* The sweep: each scenario again and again, the first, second, third ... call failing with each of its errnos, once and for good,
 * until the scenario makes no more calls. A failed call must say why, leave nothing behind, change nothing, and work when it is
 * made again.
 *
 * SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "leaks.h"
#include "sweep.h"
#include "system.h"

/* The lines of a list that the kernel keeps, without its heading. */
static int lines_of(const char *path) {
  FILE *file = fopen(path, "re");
  if (!file) return 0;
  int lines = -1;
  for (int letter; (letter = fgetc(file)) != EOF;) lines += letter == '\n';
  fclose(file);
  return lines;
}

/* ---- one run, in its own process */

/* What there is beside memory: descriptors, mappings, names, System V. */
typedef struct world {
  harness_leaks open;
  int names;
  int segments;
  int sets;
  int blocks;
} world;

static bool has_own_ipc;

static void look_at(world *world) {
  harness_leaks_look(&world->open);
  world->names = harness_leaks_count_names();
  world->segments = has_own_ipc ? lines_of("/proc/sysvipc/shm") : 0;
  world->sets = has_own_ipc ? lines_of("/proc/sysvipc/sem") : 0;
  world->blocks = system_blocks();
}

static void assert_same_world(const world *before, int blocks_kept) {
  static world now;
  look_at(&now);
  assert_int_equal(harness_leaks_compare(&before->open), 0);
  assert_int_equal(now.names, before->names);
  assert_int_equal(now.segments, before->segments);
  assert_int_equal(now.sets, before->sets);
  assert_in_range(now.blocks - before->blocks, 0, blocks_kept);
}

/* What a run tells the process that has ordered it. */
typedef struct report {
  scenario scenario;
  system_failure failure;
  system_outcome outcome;
} report;

static void run(void *context) {
  static world before, prepared;
  report *report = context;
  const scenario *scenario = &report->scenario;
  has_own_ipc = unshare(CLONE_NEWIPC) == 0; /* where there is the right to it, so that segments and sets can be counted */
  look_at(&before);
  if (scenario->set_up) scenario->set_up();
  look_at(&prepared);
  memset(&why, 0, sizeof why);
  system_arm(&report->failure);
  int result = scenario->call();
  report->outcome = system_disarm();
  const system_outcome *met = &report->outcome;
  if (met->function)
    assert_true(is_right_answer(scenario, met->function, met->os_errno, report->failure.stays, result));
  else
    assert_int_equal(result, scenario->result);
  if (result < 0) harness_assert_fails(result, result, scenario->name, __FILE__, __LINE__);
  if (result < 0 && result != scenario->result) {
    assert_same_world(&prepared, scenario->keeps);
    if (scenario->check) scenario->check();
    result = scenario->call();
    assert_int_equal(result, scenario->result);
  }
  if (scenario->undo) scenario->undo();
  if (scenario->tear_down) scenario->tear_down();
  assert_same_world(&before, scenario->keeps);
}

/* ---- all runs of a scenario */

/* Returns whether all went well; *report says what was met. */
static bool try(report *report) {
  report->outcome = (system_outcome){0};
  if (harness_in_child(run, report) == 0) return true;
  harness_leaks_names(harness_test_process(), false);
  harness_leaks_keys(harness_test_process(), false);
  harness_leaks_directory(harness_test_process());
  printf("inject: %s: when call %u (%s) failed %s with %s\n", report->scenario.name, report->failure.place + 1,
         report->outcome.function ? report->outcome.function : "none", report->failure.stays ? "for good" : "once",
         report->outcome.os_errno ? strerrorname_np(report->outcome.os_errno) : "nothing");
  return false;
}

/* A signal interrupts one call; it would be the next one that fails for good, and a loop around it that never ends. */
static bool can_stay(const report *report) { return report->outcome.os_errno != EINTR; }

static void sweep(void **state) {
  const scenario *scenario = *state;
  report *report = harness_shared(sizeof *report);
  unsigned wrong = 0, met = 0;
  bool more = true;
  report->scenario = *scenario;
  for (unsigned place = 0; more; place++) {
    unsigned errors = 1;
    for (unsigned way = 0; way < 2 * errors; way++) {
      if (way % 2 && !can_stay(report)) continue;
      report->failure = (system_failure){.place = place, .error = way / 2, .stays = way % 2};
      wrong += !try(report);
      more = report->outcome.function;
      if (!more) break;
      errors = report->outcome.errors;
      met++;
    }
  }
  if (wrong) harness_fail("%u of %u failures were not taken well", wrong, met);
  if (!met) harness_fail("%s never met a failure: it makes no call that can fail", scenario->name);
}

/* ---- the program */

static size_t add(struct CMUnitTest *tests, size_t count, const scenarios *table) {
  for (size_t i = 0; i < table->count; i++) {
    const scenario *scenario = &table->first[i];
    if (scenario->is_large && harness_makes_drafts) continue;
    tests[count++] = (struct CMUnitTest){scenario->name, sweep, NULL, NULL, (void *)(uintptr_t)scenario};
  }
  return count;
}

int main(int argc, char **argv) {
  static const scenarios *const tables[] = {&making_scenarios, &page_scenarios, &semaphore_scenarios, &well_scenarios,
                                            &lock_scenarios};
  struct CMUnitTest tests[200];
  size_t count = 0;
  for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) count = add(tests, count, tables[i]);
  return harness_main(argc, argv, tests, count);
}
