/* Kills a process at every state that it brings a well into, and looks whether those who live can go on; then the same with the one
 * that comes after it. `KILL=all` in the environment: behind every system call too, and every death is a real one.
 *
 * What a death leaves is the well's bytes, and locks that the kernel frees. So where a second process is killed, whose states were
 * recorded in one run, each is put back as a new file (whose locks are free), unless everything is to be real.
 *
 * SPDX-License-Identifier: MIT */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "scenarios.h"
#include "stage.h"
#include "step.h"

static bool kills_all(void) {
  const char *kill = getenv("KILL");
  return kill != NULL && strcmp(kill, "all") == 0;
}

/* ---- what was seen */

/* States, and what of them tells one from the other. */
typedef struct states {
  well_bytes *first;
  well_bytes *marks;
  size_t count;
  size_t room;
} states;

static void make_room(states *states) {
  if (states->count < states->room) return;
  states->room = states->room * 2 + 64;
  states->first = realloc(states->first, states->room * sizeof *states->first);
  states->marks = realloc(states->marks, states->room * sizeof *states->marks);
  if (states->first == NULL || states->marks == NULL) harness_fail("no memory");
}

static void clear(states *states) {
  free(states->first);
  free(states->marks);
  *states = (struct states){0};
}

/* False: it was there before. */
static bool add_new(states *states, const well_bytes *state, bool all_that_differs) {
  make_room(states);
  well_bytes *mark = &states->marks[states->count];
  *mark = *state;
  bytes_blank_what_is_for_people(mark);
  if (!all_that_differs) bytes_blank_what_nobody_reads(mark);
  for (size_t i = 0; i < states->count; i++)
    if (memcmp(&states->marks[i], mark, sizeof *mark) == 0) return false;
  states->first[states->count++] = *state;
  return true;
}

/* begun    states of the first death from which there was a second one
 * judged   states of the second death that a survivor was sent to
 * reached  instructions of the longest way, or where all are killed, changes and calls
 * deaths   how many processes were killed
 * longest  wait of one who slept for what the dead had, in milliseconds */
typedef struct tally {
  states begun;
  states judged;
  long reached;
  long deaths;
  double longest;
} tally;

/* ---- a process beside */

typedef struct companion {
  const scenario *scenario;
  pid_t pid;
  harness_gate ready;
  harness_gate leave;
} companion;

static void give_back(void) {
  unsigned held;
  if (mw_mutex_is_held(me.mutex)) assert_ok(mw_mutex_release(me.mutex, &why));
  if (mw_robust_semaphore_held(me.semaphore, &why, &held) == 0 && held > 0)
    assert_ok(mw_robust_semaphore_release(me.semaphore, held, &why));
}

/* With the handles that were found before anything happened: what was deleted says so, and the rest works. */
static void use_what_is_there(void) {
  mw_mutex *mutex = NULL;
  mw_robust_semaphore *semaphore = NULL;
  mw_event *event = NULL;
  int result = mw_well_mutex(me.well, "mutex", MW_MUST_EXIST, &why, &mutex) == 0 ? 0 : MW_ECLOSED;
  int taken = mw_mutex_recover_begin(me.mutex, FOR_LONG, &why);
  assert_int_equal(taken < 0 ? taken : 0, result);
  if (taken == 1) assert_ok(mw_mutex_recover_end(me.mutex, false, &why)); /* as it was */
  if (taken == 0) assert_ok(mw_mutex_release(me.mutex, &why));
  result = mw_well_semaphore(me.well, "semaphore", 0, 0, &why, &semaphore) == 0 ? 0 : MW_ECLOSED;
  assert_int_equal(mw_robust_semaphore_acquire(me.semaphore, FOR_LONG, &why), result);
  if (result == 0) assert_ok(mw_robust_semaphore_release(me.semaphore, 1, &why));
  result = mw_well_event(me.well, "event", MW_MUST_EXIST, &why, &event) == 0 ? 0 : MW_ECLOSED;
  bool set;
  assert_int_equal(mw_event_is_set(me.event, &why, &set), result);
  mw_mutex_drop(mutex);
  mw_robust_semaphore_drop(semaphore);
  mw_event_drop(event);
}

static int keep_company(companion *companion) {
  int result = 0;
  actor_attach();
  actor_find_all();
  if (companion->scenario->waiter != NULL) {
    result = companion->scenario->waiter();
  } else {
    companion->scenario->holder();
    harness_gate_open(&companion->ready);
    harness_gate_wait(&companion->leave);
    give_back();
    use_what_is_there();
  }
  actor_detach();
  return result;
}

static void companion_start(companion *companion) {
  companion->pid = harness_fork();
  if (companion->pid == 0) {
    int result = keep_company(companion);
    fflush(NULL);
    _Exit(result);
  }
  if (companion->scenario->waiter != NULL)
    harness_await_futex(companion->pid, 0);
  else
    harness_gate_wait(&companion->ready);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static void do_after(void *scenario) { ((const struct scenario *)scenario)->after(); }

/* Let the other one live on to its end, and see that it could. */
static void companion_end(companion *companion, legacy *left, tally *tally) {
  const scenario *scenario = companion->scenario;
  double begin = now();
  if (scenario->after != NULL) assert_int_equal(harness_in_child(do_after, (void *)(uintptr_t)scenario), 0);
  harness_gate_open(&companion->leave);
  int result = harness_wait(companion->pid);
  double wait = now() - begin;
  bool was_inconsistent =
      bytes_object(&left->bytes, "mutex") != NULL && bytes_will_be_inconsistent(&left->bytes, "mutex", companion->pid);
  if (result != 0 && result != RECOVERED) harness_fail("%s: the process beside it failed", scenario->name);
  if (scenario->waiter == NULL) return;
  if (wait > tally->longest) tally->longest = wait;
  if ((result == RECOVERED) != (scenario->past != NULL || was_inconsistent))
    harness_fail("%s: who waited found the mutex %s", scenario->name, result == RECOVERED ? "broken" : "whole");
  stage_read(&left->bytes);
}

/* ---- judging one death */

static void look_for_faults(const scenario *scenario, const well_bytes *bytes, long place) {
  const char *fault = bytes_fault(bytes);
  if (fault != NULL) harness_fail("%s, killed at %ld: %s", scenario->name, place, fault);
}

/* What is wrong when the survivor has gone too. */
static const char *fault_at_the_end(const well_bytes *end, const legacy *left) {
  if (bytes_count_participants(end) != 0) return "a slot is in use for ever";
  if (bytes_count_generations(end) != bytes_count_generations(&left->bytes) + 1) return "a generation was used twice";
  const char *fault = bytes_fault(end);
  return fault != NULL ? fault : bytes_unfinished(end);
}

static void judge(const scenario *scenario, legacy *left, long place) {
  static well_bytes end;
  if (harness_in_child(survive, left) != 0) harness_fail("%s, killed at %ld: the survivor found it wrong", scenario->name, place);
  stage_read(&end);
  const char *fault = fault_at_the_end(&end, left);
  if (fault != NULL) harness_fail("%s, killed at %ld: after all, %s", scenario->name, place, fault);
}

/* ---- the second death */

static void attach(void *unused) {
  (void)unused;
  actor_attach();
}

static void attach_and_revive(void *unused) {
  actor_attach();
  revive(unused);
}

/* Attaching is stepped where it may be more than taking a slot that nobody has, which scenarios of its own are about. */
static void start_reviver(step_process *process, const well_bytes *left) {
  bool steps_all = kills_all() || bytes_count_participants(left) == WELL_SLOTS;
  stage_put(left);
  if (steps_all)
    step_start(process, NULL, attach_and_revive, NULL);
  else
    step_start(process, attach, revive, NULL);
}

/* Every state through which the well goes while somebody comes after the dead. */
static void record(const well_bytes *left, states *out_states) {
  step_process process;
  start_reviver(&process, left);
  const well_bytes *map = stage_map();
  well_bytes last = *map;
  step_memory memory = {map, &last, sizeof last};
  do (void)add_new(out_states, &last, true);
  while (step_until_change(&process, &memory));
  stage_unmap(map);
  assert_int_equal(step_finish(&process), 0);
}

/* Kill who comes after the dead at its first change or call behind a place, which is moved there. Returns false where it comes to
 * its end before. */
static bool kill_reviver(const well_bytes *left, step_place *place, well_bytes *out_bytes) {
  step_process process;
  start_reviver(&process, left);
  const well_bytes *map = stage_map();
  bool acts = step_to(&process, place);
  well_bytes last;
  step_memory memory = {map, &last, sizeof last};
  acts = acts && step_along(&process, &memory, place);
  step_kill(&process);
  *out_bytes = *map;
  stage_unmap(map);
  return acts;
}

static void judge_second(const scenario *scenario, const well_bytes *bytes, long place) {
  static legacy left;
  left = (legacy){*bytes, 0};
  look_for_faults(scenario, bytes, place);
  judge(scenario, &left, place);
}

static void kill_whoever_comes(const scenario *scenario, const well_bytes *left, long place, tally *tally) {
  states seen = {0};
  if (kills_all()) {
    well_bytes bytes;
    for (step_place reached = {0}; kill_reviver(left, &reached, &bytes); tally->deaths++) {
      (void)add_new(&tally->judged, &bytes, true);
      judge_second(scenario, &bytes, place);
    }
    return;
  }
  record(left, &seen);
  for (size_t i = 0; i < seen.count; i++) {
    if (!add_new(&tally->judged, &seen.first[i], false)) continue;
    stage_put(&seen.first[i]);
    judge_second(scenario, &seen.first[i], place);
  }
  clear(&seen);
}

/* ---- the first death */

static void enter_or(void *context) {
  const scenario *scenario = context;
  if (scenario->before != NULL) {
    scenario->before();
    return;
  }
  actor_attach();
  actor_find_all();
}

static void act(void *context) { ((const scenario *)context)->act(); }

/* Run to the `count`th change, or change or call, *place being that of the one before. Returns false where the act ends before. */
static bool run_to(step_process *process, step_memory *memory, long count, step_place *place) {
  if (kills_all()) return count == 0 || (step_to(process, place) && step_along(process, memory, place));
  for (long i = 0; i < count; i++)
    if (!step_until_change(process, memory)) return false;
  return true;
}

/* Kill the actor at its `count`th change. False: its act came to its end before, and it is killed there. */
static bool kill_actor(const scenario *scenario, const well_bytes *begin, long count, step_place *place, well_bytes *out_at_death,
                       legacy *left, tally *tally) {
  companion companion = {scenario, 0, {{-1, -1}}, {{-1, -1}}};
  step_process process;
  bool has_company = scenario->holder != NULL || scenario->waiter != NULL;
  harness_gate_init(&companion.ready);
  harness_gate_init(&companion.leave);
  stage_put(begin);
  if (scenario->holder != NULL) companion_start(&companion);
  step_start(&process, enter_or, act, (void *)(uintptr_t)scenario);
  if (scenario->waiter != NULL) companion_start(&companion);
  const well_bytes *map = stage_map();
  left->bytes = *map;
  step_memory memory = {map, &left->bytes, sizeof left->bytes};
  bool acts = run_to(&process, &memory, count, place);
  *out_at_death = left->bytes = *map; /* while it lives: who waits may be quick to mend what it leaves */
  step_kill(&process);
  left->alive = companion.pid;
  stage_unmap(map);
  tally->deaths++;
  long reached = kills_all() ? count : process.instructions;
  if (reached > tally->reached) tally->reached = reached;
  look_for_faults(scenario, &left->bytes, count);
  const char *unfinished = bytes_unfinished(&left->bytes);
  if (!acts && unfinished != NULL) harness_fail("%s: when it has come to its end, %s", scenario->name, unfinished);
  if (has_company) companion_end(&companion, left, tally);
  harness_gate_fini(&companion.ready);
  harness_gate_fini(&companion.leave);
  return acts;
}

static void kill_at_every_state(void **state) {
  const scenario *scenario = *state;
  static well_bytes begin, at_death;
  static legacy left;
  tally tally = {0};
  states first = {0};
  step_place place = {0};
  bool acts = true;
  stage_make(scenario->past, &begin);
  for (long count = 0; acts; count++) {
    acts = kill_actor(scenario, &begin, count, &place, &at_death, &left, &tally);
    judge(scenario, &left, count);
    (void)add_new(&first, &at_death, true);
    if (add_new(&tally.begun, &at_death, kills_all())) kill_whoever_comes(scenario, &at_death, count, &tally);
  }
  printf("death: %s: %ld %s, %zu states, from %zu of them %zu more when the next is killed too, %ld killed", scenario->name,
         tally.reached, kills_all() ? "changes and calls" : "instructions", first.count, tally.begun.count, tally.judged.count,
         tally.deaths);
  if (scenario->waiter != NULL) printf(", %.1f ms was the longest wait", tally.longest);
  printf("\n");
  clear(&first);
  clear(&tally.begun);
  clear(&tally.judged);
  stage_clear();
}

int main(int argc, char **argv) {
  struct CMUnitTest *tests = calloc(scenario_count, sizeof *tests);
  if (tests == NULL) return 1;
  for (size_t i = 0; i < scenario_count; i++)
    tests[i] = (struct CMUnitTest){scenarios[i].name, kill_at_every_state, NULL, NULL, (void *)(uintptr_t)&scenarios[i]};
  int result = harness_main(argc, argv, tests, scenario_count);
  free(tests);
  return result;
}
