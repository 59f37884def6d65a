/* Watches: sleeping for one word, or for many, until somebody rings.
 *
 * SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness.h"
#include "locks.h"

enum { QUIET = 1, RUNG = 2 };

/* ---- words of the caller's own */

static void what_cannot_be_is_refused(void **state) {
  (void)state;
  uint32_t word = QUIET;
  mw_watch watches[MW_WATCH_MAX + 1];
  for (int i = 0; i <= MW_WATCH_MAX; i++) watches[i] = (mw_watch){&word, QUIET};
  assert_fails(MW_EINVAL, mw_watch_wait(watches, 0, MW_DEADLINE_NOW, &why));
  assert_fails(MW_EINVAL, mw_watch_wait(watches, MW_WATCH_MAX + 1, MW_DEADLINE_NOW, &why));
  assert_why("Watch.wait", "", 0);
}

static void a_deadline_or_a_signal_ends_the_wait(void **state) {
  (void)state;
  uint32_t words[MW_WATCH_MAX];
  mw_watch watches[MW_WATCH_MAX];
  for (int i = 0; i < MW_WATCH_MAX; i++) {
    words[i] = QUIET;
    watches[i] = (mw_watch){&words[i], QUIET};
  }
  const unsigned counts[] = {1, 2, MW_WATCH_MAX};
  for (int i = 0; i < 3; i++) {
    assert_fails(MW_ETIMEDOUT, mw_watch_wait(watches, counts[i], MW_DEADLINE_NOW, &why));
    assert_fails(MW_ETIMEDOUT, mw_watch_wait(watches, counts[i], mw_deadline_after(0.01), &why));
    harness_interrupt_every(5);
    assert_fails(MW_EINTR, mw_watch_wait(watches, counts[i], MW_DEADLINE_NEVER, &why));
    harness_interrupt_every(0);
    words[counts[i] - 1] = RUNG; /* it differs already */
    assert_ok(mw_watch_wait(watches, counts[i], MW_DEADLINE_NEVER, &why));
    words[counts[i] - 1] = QUIET;
  }
}

typedef struct waiter {
  mw_watch watches[MW_WATCH_MAX];
  unsigned count;
  _Atomic pid_t thread;
} waiter;

static void *wait_for_any(void *context) {
  waiter *waiter = context;
  waiter->thread = (pid_t)syscall(SYS_gettid);
  return (void *)(intptr_t)mw_watch_wait(waiter->watches, waiter->count, MW_DEADLINE_NEVER, NULL);
}

static void a_ring_of_any_word_ends_the_wait(void **state) {
  (void)state;
  static _Atomic uint32_t words[MW_WATCH_MAX];
  const unsigned counts[] = {1, 2, 17, MW_WATCH_MAX};
  for (int round = 0; round < 4; round++) {
    waiter waiter = {.count = counts[round]};
    pthread_t thread;
    void *result;
    for (int i = 0; i < MW_WATCH_MAX; i++) {
      words[i] = QUIET;
      waiter.watches[i] = (mw_watch){&words[i], QUIET};
    }
    assert_int_equal(pthread_create(&thread, NULL, wait_for_any, &waiter), 0);
    while (waiter.thread == 0) sched_yield();
    mw_watch_ring(&words[counts[round] - 1], RUNG); /* asleep or not: the word differs, or wakes it */
    assert_int_equal(pthread_join(thread, &result), 0);
    assert_int_equal((intptr_t)result, 0);
    assert_int_equal(words[counts[round] - 1], RUNG);
  }
}

static void ringing_for_nobody_is_fine(void **state) {
  (void)state;
  uint32_t word = QUIET;
  mw_watch_ring(&word, RUNG);
  assert_int_equal(word, RUNG);
}

/* ---- locks */

static void *watch_and_acquire(void *context) {
  lock_sleeper *sleeper = context;
  const lock_kind *kind = sleeper->kind;
  mw_watch watches[2];
  uint32_t own = QUIET;
  int result = MW_ETIMEDOUT;
  sleeper->thread = (pid_t)syscall(SYS_gettid);
  while (result == MW_ETIMEDOUT) { /* as memwell/watch.h says */
    assert_ok(kind->watch(sleeper->lock, &why, &watches[0]));
    watches[1] = (mw_watch){&own, QUIET};
    result = kind->acquire(sleeper->lock, MW_DEADLINE_NOW, NULL);
    if (result == MW_ETIMEDOUT) (void)mw_watch_wait(watches, 2, mw_deadline_after(MW_WATCH_SLICE), NULL);
  }
  return (void *)(intptr_t)result;
}

static void check_watching(const lock_kind *kind, mw_well *well, void *lock) {
  lock_sleeper sleeper = {.kind = kind, .lock = lock};
  (void)well;
  assert_ok(kind->block(lock, &why));
  assert_int_equal(pthread_create(&sleeper.handle, NULL, watch_and_acquire, &sleeper), 0);
  while (sleeper.thread == 0) sched_yield();
  assert_ok(kind->release(lock, &why));
  assert_ok(lock_sleeper_result(&sleeper));
  if (kind->owned) assert_ok(kind->release(lock, &why));
}

static void a_release_rings(void **state) {
  (void)state;
  on_each_lock(check_watching);
}

static void check_no_ring_is_lost(const lock_kind *kind, mw_well *well, void *lock) {
  mw_watch watch;
  (void)well;
  assert_ok(kind->block(lock, &why));
  assert_ok(kind->watch(lock, &why, &watch));
  assert_fails(MW_ETIMEDOUT, mw_watch_wait(&watch, 1, mw_deadline_after(0.001), &why));
  assert_ok(kind->release(lock, &why));
  assert_ok(mw_watch_wait(&watch, 1, MW_DEADLINE_NEVER, &why)); /* it was released before anybody slept */
}

static void a_release_before_the_sleep_ends_it(void **state) {
  (void)state;
  on_each_lock(check_no_ring_is_lost);
}

/* A dead owner does not ring: who sleeps a slice and asks again gets what it held. */
static void check_death(const lock_kind *kind, mw_well *well, void *lock) {
  harness_gate held;
  lock_sleeper sleeper = {.kind = kind, .lock = lock};
  harness_gate_init(&held);
  pid_t child = harness_fork();
  if (child == 0) {
    assert_ok(kind->acquire(lock, MW_DEADLINE_NOW, &why));
    harness_gate_open(&held);
    for (;;) pause();
  }
  harness_gate_wait(&held);
  assert_int_equal(pthread_create(&sleeper.handle, NULL, watch_and_acquire, &sleeper), 0);
  while (sleeper.thread == 0) sched_yield();
  kill(child, SIGKILL);
  assert_int_equal(harness_wait(child), 128 + SIGKILL);
  int result = lock_sleeper_result(&sleeper);
  assert_true(result == 0 || result == MW_EOWNERDEAD);
  if (result == 0) assert_ok(kind->release(lock, &why));
  assert_int_equal(well_participants(well), 1);
  harness_gate_fini(&held);
}

static void a_death_is_found_at_the_next_look(void **state) {
  (void)state;
  on_each_owned_lock(check_death);
}

static void check_lost_page(const lock_kind *kind, mw_well *well, void *lock) {
  mw_watch watches[2];
  (void)well;
  harness_let_faults_kill();
  assert_ok(kind->block(lock, &why));
  assert_ok(kind->watch(lock, &why, &watches[0]));
  watches[1] = watches[0];
  assert_int_equal(truncate(harness_shm_path("", well_name()), 4096), 0);
  assert_fails(MW_EFAULT, mw_watch_wait(watches, 1, MW_DEADLINE_NEVER, &why));
  assert_fails(MW_EFAULT, kind->watch(lock, &why, &watches[0]));
}

static void a_lost_page_is_said(void **state) {
  (void)state;
  on_each_lock(check_lost_page);
}

/* ---- events */

static void a_watch_knows_whether_its_event_was_set(void **state) {
  (void)state;
  mw_well *well = well_created();
  mw_event *event = well_event(well, "e");
  mw_watch watch;
  assert_ok(mw_event_watch(event, &why, &watch));
  assert_false(mw_event_was_set(event, &watch));
  assert_ok(mw_event_clear(event, &why));
  assert_false(mw_event_was_set(event, &watch));
  assert_ok(mw_event_set(event, &why));
  assert_true(mw_event_was_set(event, &watch));
  assert_ok(mw_event_clear(event, &why));
  assert_true(mw_event_was_set(event, &watch)); /* though it is cleared again */
  assert_ok(mw_watch_wait(&watch, 1, MW_DEADLINE_NEVER, &why));
  assert_ok(mw_event_set(event, &why));
  assert_ok(mw_event_watch(event, &why, &watch)); /* set already: it differs at once */
  assert_true(mw_event_was_set(event, &watch));
  assert_ok(mw_watch_wait(&watch, 1, MW_DEADLINE_NEVER, &why));
  mw_event_drop(event);
  well_close_and_unlink(well);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(what_cannot_be_is_refused),
    cmocka_unit_test(a_deadline_or_a_signal_ends_the_wait),
    cmocka_unit_test(a_ring_of_any_word_ends_the_wait),
    cmocka_unit_test(ringing_for_nobody_is_fine),
    cmocka_unit_test(a_release_rings),
    cmocka_unit_test(a_release_before_the_sleep_ends_it),
    cmocka_unit_test(a_death_is_found_at_the_next_look),
    cmocka_unit_test(a_lost_page_is_said),
    cmocka_unit_test(a_watch_knows_whether_its_event_was_set),
};

HARNESS_MAIN(tests)
