/* Two who meet at every instruction: one that is about to sleep, and one that releases. Nobody may sleep for what is free.
 *
 * A lost wake-up costs an acquire no more than a slice, and would be seen by nobody. So what is counted here is not time: it is
 * sleeps that ended because their time was over, where there was something to wake up for.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>

#include "stage.h"
#include "step.h"

/* One kind of object.
 * hold      take all of it
 * give      give it all back, or set it
 * get       wait for it
 * try       get it now: 0, or MW_ETIMEDOUT
 * watch     say that somebody will sleep for it */
typedef struct manner {
  const char *name;
  void (*hold)(void);
  void (*give)(void);
  void (*get)(void);
  int (*try)(void);
  void (*watch)(mw_watch *watch);
} manner;

static void hold_mutex(void) { assert_ok(mw_mutex_acquire(me.mutex, FOR_LONG, &why)); }
static void give_mutex(void) { assert_ok(mw_mutex_release(me.mutex, &why)); }
static int try_mutex(void) { return mw_mutex_acquire(me.mutex, MW_DEADLINE_NOW, &why); }
static void watch_mutex(mw_watch *watch) { assert_ok(mw_mutex_watch(me.mutex, &why, watch)); }

static void get_permit(void) { assert_ok(mw_robust_semaphore_acquire(me.semaphore, FOR_LONG, &why)); }
static int try_permit(void) { return mw_robust_semaphore_acquire(me.semaphore, MW_DEADLINE_NOW, &why); }
static void watch_permits(mw_watch *watch) { assert_ok(mw_robust_semaphore_watch(me.semaphore, &why, watch)); }
static void give_permit(void) { assert_ok(mw_robust_semaphore_release(me.semaphore, 1, &why)); }

static void hold_permits(void) {
  for (int i = 0; i < PERMITS; i++) get_permit();
}

static void hold_nothing(void) {}
static void set_event(void) { assert_ok(mw_event_set(me.event, &why)); }
static void set_and_clear_event(void) {
  set_event();
  assert_ok(mw_event_clear(me.event, &why));
}

static void get_event(void) { assert_ok(mw_event_wait(me.event, FOR_LONG, &why)); }

static const manner mutex = {"mutex", hold_mutex, give_mutex, hold_mutex, try_mutex, watch_mutex};
static const manner semaphore = {"semaphore", hold_permits, give_permit, get_permit, try_permit, watch_permits};
static const manner event = {"event", hold_nothing, set_event, get_event, NULL, NULL};

static const manner pulse = {"pulse", hold_nothing, set_and_clear_event, get_event, NULL, NULL};

/* What the processes of one meeting share. */
typedef struct meeting {
  const manner *manner;
  harness_gate ready, go, done, asleep;
  bool sleeps;
} meeting;

static void meeting_init(meeting *meeting) {
  harness_gate_init(&meeting->ready);
  harness_gate_init(&meeting->go);
  harness_gate_init(&meeting->done);
  harness_gate_init(&meeting->asleep);
}

static void meeting_fini(meeting *meeting) {
  harness_gate_fini(&meeting->ready);
  harness_gate_fini(&meeting->go);
  harness_gate_fini(&meeting->done);
  harness_gate_fini(&meeting->asleep);
}

static void enter(void) {
  actor_attach();
  actor_find_all();
}

static pid_t start(void (*live)(meeting *meeting), meeting *meeting) {
  pid_t child = harness_fork();
  if (child > 0) return child;
  live(meeting);
  fflush(NULL);
  _Exit(0);
}

/* ---- somebody releases while the other one is about to sleep */

static void hold_and_give(meeting *meeting) {
  enter();
  meeting->manner->hold();
  harness_gate_open(&meeting->ready);
  harness_gate_wait(&meeting->go);
  meeting->manner->give();
  harness_gate_open(&meeting->done);
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

static void get(void *manner) { ((const struct manner *)manner)->get(); }

/* From the first thing on that anybody can see of it, which is the note for people that it is about to sleep. Returns false where
 * it would sleep next. */
static bool step_before_sleep(step_process *process, long count) {
  const well_bytes *map = stage_map();
  well_bytes last = *map;
  step_memory memory = {map, &last, sizeof last};
  bool acts = step_until_change(process, &memory);
  for (long i = 0; i < count && acts; i++) acts = step_once(process);
  stage_unmap(map);
  if (!acts) harness_fail("it got what another one holds");
  return !step_is_at_call(process);
}

/* The other one gives it back when `count` instructions of waiting are done. Returns false where it would sleep
 * next. */
static bool meet_before_sleep(const manner *manner, const well_bytes *begin, long count) {
  meeting meeting = {.manner = manner};
  step_process process;
  meeting_init(&meeting);
  stage_put(begin);
  pid_t holder = start(hold_and_give, &meeting);
  harness_gate_wait(&meeting.ready);
  step_start(&process, enter_on_one_cpu, get, (void *)(uintptr_t)manner);
  bool awake = step_before_sleep(&process, count);
  harness_gate_open(&meeting.go);
  harness_gate_wait(&meeting.done);
  int overslept = step_count_failures(&process, SYS_futex, ETIMEDOUT);
  if (overslept != 0) harness_fail("%s: free at instruction %ld, and slept for until time was over", manner->name, count);
  assert_int_equal(step_finish(&process), 0);
  assert_int_equal(harness_wait(holder), 0);
  meeting_fini(&meeting);
  return awake;
}

static void nobody_sleeps_for_what_is_free(void **state) {
  static well_bytes begin;
  long count = 0;
  stage_make(NULL, &begin);
  while (meet_before_sleep(*state, &begin, count)) count++;
  printf("meetings: %s: free at each of %ld instructions before a sleep\n", ((const manner *)*state)->name, count);
  stage_clear();
}

/* ---- somebody goes to sleep while the other one releases, and a third one was faster */

static void be_faster(meeting *meeting) {
  mw_watch watch;
  enter();
  meeting->manner->watch(&watch); /* as one that has slept before */
  harness_gate_open(&meeting->ready);
  harness_gate_wait(&meeting->go);
  bool got = meeting->manner->try() == 0;
  harness_gate_open(&meeting->done);
  harness_gate_wait(&meeting->go);
  if (got) meeting->manner->give();
}

/* For as long as it takes, not for a slice. */
static void sleep_until_rung(meeting *meeting) {
  mw_watch watch;
  enter();
  for (bool first = true, got = false; !got; first = false) {
    meeting->manner->watch(&watch);
    got = meeting->manner->try() == 0;
    meeting->sleeps = !got;
    if (first) harness_gate_open(&meeting->asleep);
    if (!got) assert_ok(mw_watch_wait(&watch, 1, mw_deadline_after(5), &why));
  }
}

static void hold_first(void *manner) {
  enter();
  ((const struct manner *)manner)->hold();
}

static void give(void *manner) { ((const struct manner *)manner)->give(); }

/* The others come when `count` instructions of giving back are done. Returns false where that was all. */
static bool meet_while_giving(meeting *meeting, const well_bytes *begin, long count) {
  step_process process;
  bool acts = true;
  meeting_init(meeting);
  stage_put(begin);
  step_start(&process, hold_first, give, (void *)(uintptr_t)meeting->manner);
  pid_t faster = start(be_faster, meeting);
  harness_gate_wait(&meeting->ready);
  for (long i = 0; i < count && acts; i++) acts = step_once(&process);
  harness_gate_open(&meeting->go);
  harness_gate_wait(&meeting->done);
  pid_t sleeper = start(sleep_until_rung, meeting);
  harness_gate_wait(&meeting->asleep);
  if (meeting->sleeps) harness_await_futex(sleeper, 0);
  assert_int_equal(step_finish(&process), 0);
  harness_gate_open(&meeting->go);
  assert_int_equal(harness_wait(faster), 0);
  if (harness_wait(sleeper) != 0)
    harness_fail("%s: nobody woke who went to sleep at instruction %ld of a release", meeting->manner->name, count);
  meeting_fini(meeting);
  return acts;
}

static void whoever_goes_to_sleep_is_woken(void **state) {
  static well_bytes begin;
  meeting *meeting = harness_shared(sizeof *meeting);
  long count = 0;
  meeting->manner = *state;
  stage_make(NULL, &begin);
  while (meet_while_giving(meeting, &begin, count)) count++;
  printf("meetings: %s: asleep at each of %ld instructions of a release\n", meeting->manner->name, count);
  stage_clear();
}

#define TEST(function, manner) \
  { #function "_" #manner, function, NULL, NULL, (void *)(uintptr_t) & (manner) }

static const struct CMUnitTest tests[] = {
    TEST(nobody_sleeps_for_what_is_free, mutex), TEST(nobody_sleeps_for_what_is_free, semaphore),
    TEST(nobody_sleeps_for_what_is_free, event), TEST(nobody_sleeps_for_what_is_free, pulse),
    TEST(whoever_goes_to_sleep_is_woken, mutex), TEST(whoever_goes_to_sleep_is_woken, semaphore),
};

HARNESS_MAIN(tests)
