/* Who is killed while it waits leaves a bell that is rung once for nobody. After that every call makes as few system calls as if
 * nobody had ever waited: there is no count of waiters that a death could leave too high.
 *
 * SPDX-License-Identifier: MIT */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#include "stage.h"
#include "step.h"

/* Long enough to sleep once, and to look who has died. */
#define SLICE_AND_MORE mw_deadline_after(1.5 * MW_WATCH_SLICE)

/* One kind of object.
 * hold   take all of it
 * wait   for it, in vain
 * give   it all back, or set it
 * use    it, when nobody else does */
typedef struct manner {
  const char *name;
  void (*hold)(void);
  void (*wait)(void);
  void (*give)(void);
  void (*use)(void);
} manner;

static void hold_mutex(void) { assert_ok(mw_mutex_acquire(me.mutex, MW_DEADLINE_NOW, &why)); }
static void wait_for_mutex(void) { assert_fails(MW_ETIMEDOUT, mw_mutex_acquire(me.mutex, SLICE_AND_MORE, &why)); }
static void give_mutex(void) { assert_ok(mw_mutex_release(me.mutex, &why)); }

static void use_mutex(void) {
  hold_mutex();
  give_mutex();
}

static void hold_permits(void) {
  for (int i = 0; i < PERMITS; i++) assert_ok(mw_robust_semaphore_acquire(me.semaphore, MW_DEADLINE_NOW, &why));
}

static void wait_for_permit(void) { assert_fails(MW_ETIMEDOUT, mw_robust_semaphore_acquire(me.semaphore, SLICE_AND_MORE, &why)); }
static void give_permits(void) { assert_ok(mw_robust_semaphore_release(me.semaphore, PERMITS, &why)); }

static void use_permits(void) {
  hold_permits();
  give_permits();
}

static void hold_nothing(void) {}
static void wait_for_event(void) { assert_fails(MW_ETIMEDOUT, mw_event_wait(me.event, SLICE_AND_MORE, &why)); }
static void set_event(void) { assert_ok(mw_event_set(me.event, &why)); }

static void use_event(void) {
  assert_ok(mw_event_clear(me.event, &why));
  set_event();
  assert_ok(mw_event_wait(me.event, MW_DEADLINE_NOW, &why));
}

static const manner mutex = {"mutex", hold_mutex, wait_for_mutex, give_mutex, use_mutex};
static const manner semaphore = {"semaphore", hold_permits, wait_for_permit, give_permits, use_permits};
static const manner event = {"event", hold_nothing, wait_for_event, set_event, use_event};

static void enter(void) {
  actor_attach();
  actor_find_all();
}

/* ---- one holds, and one waits and is killed */

typedef struct holder {
  const manner *manner;
  pid_t pid;
  harness_gate ready, go;
} holder;

static void holder_start(holder *holder, const manner *manner) {
  holder->manner = manner;
  harness_gate_init(&holder->ready);
  harness_gate_init(&holder->go);
  holder->pid = harness_fork();
  if (holder->pid == 0) {
    enter();
    manner->hold();
    harness_gate_open(&holder->ready);
    harness_gate_wait(&holder->go);
    manner->give();
    actor_detach();
    fflush(NULL);
    _Exit(0);
  }
  harness_gate_wait(&holder->ready);
}

static void holder_end(holder *holder) {
  harness_gate_open(&holder->go);
  assert_int_equal(harness_wait(holder->pid), 0);
  harness_gate_fini(&holder->ready);
  harness_gate_fini(&holder->go);
}

/* On one CPU nobody spins before it sleeps. */
static void enter_on_one_cpu(void *unused) {
  (void)unused;
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET((size_t)sched_getcpu(), &one);
  sched_setaffinity(0, sizeof one, &one);
  enter();
}

static void wait_for_it(void *manner) { ((const struct manner *)manner)->wait(); }

/* At its `count`th change. Returns false where it came to its end before. */
static bool kill_waiter(const manner *manner, long count) {
  step_process process;
  step_start(&process, enter_on_one_cpu, wait_for_it, (void *)(uintptr_t)manner);
  const well_bytes *map = stage_map();
  well_bytes last = *map;
  step_memory memory = {map, &last, sizeof last};
  bool acts = true;
  for (long i = 0; i < count && acts; i++) acts = step_until_change(&process, &memory);
  step_kill(&process);
  stage_unmap(map);
  return acts;
}

/* ---- one uses it, alone */

/* The first time may ring for the dead. */
static void enter_and_use(void *manner) {
  enter();
  ((const struct manner *)manner)->use();
}

static void use_again(void *manner) { ((const struct manner *)manner)->use(); }

/* By an act and by what ends its being stepped. */
static int count_calls(const manner *manner, void (*act)(void *manner)) {
  step_process process;
  int count = 0;
  step_start(&process, enter_and_use, act, (void *)(uintptr_t)manner);
  do count += step_is_at_call(&process);
  while (step_once(&process));
  assert_int_equal(step_finish(&process), 0);
  return count;
}

static void no_system_call_after_a_waiter_was_killed(void **state) {
  const manner *manner = *state;
  static well_bytes begin;
  long count = 0;
  bool acts = true;
  stage_make(NULL, &begin);
  stage_put(&begin);
  int least = count_calls(manner, NULL);
  assert_true(least > 0); /* they are seen */
  for (; acts; count++) {
    holder holder;
    stage_put(&begin);
    holder_start(&holder, manner);
    acts = kill_waiter(manner, count);
    holder_end(&holder);
    int calls = count_calls(manner, use_again) - least;
    if (calls != 0)
      harness_fail("%s: a waiter was killed at its state %ld, and who uses it alone makes system calls: %d", manner->name, count,
                   calls);
  }
  printf("quiet: %s: a waiter killed at each of %ld states\n", manner->name, count - 1);
  stage_clear();
}

#define TEST(manner)                                                                                           \
  {                                                                                                            \
    "no_system_call_after_a_waiter_was_killed_" #manner, no_system_call_after_a_waiter_was_killed, NULL, NULL, \
        (void *)(uintptr_t) & (manner)                                                                         \
  }

static const struct CMUnitTest tests[] = {TEST(mutex), TEST(semaphore), TEST(event)};

HARNESS_MAIN(tests)
