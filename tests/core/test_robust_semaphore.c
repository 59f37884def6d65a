/* The semaphore whose permits come back: counting, and whose permits they are. What it has in common with other locks is in
 * test_lock_kinds.c.
 *
 * SPDX-License-Identifier: MIT */
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "harness.h"
#include "locks.h"

typedef struct place {
  mw_well *well;
  mw_robust_semaphore *semaphore;
} place;

static place begin(unsigned capacity) {
  place place = {.well = well_created()};
  place.semaphore = well_semaphore(place.well, "s", capacity);
  return place;
}

static void end(place *place) {
  mw_robust_semaphore_drop(place->semaphore);
  well_close_and_unlink(place->well);
}

static unsigned value_of(mw_robust_semaphore *semaphore) {
  unsigned value = 12345;
  assert_ok(mw_robust_semaphore_value(semaphore, &why, &value));
  return value;
}

static unsigned held_of(mw_robust_semaphore *semaphore) {
  unsigned held = 12345;
  assert_ok(mw_robust_semaphore_held(semaphore, &why, &held));
  return held;
}

static void acquire(mw_robust_semaphore *semaphore, unsigned n) {
  for (unsigned i = 0; i < n; i++) assert_ok(mw_robust_semaphore_acquire(semaphore, MW_DEADLINE_NOW, &why));
}

static void assert_exhausted(mw_robust_semaphore *semaphore) {
  assert_fails(MW_ETIMEDOUT, mw_robust_semaphore_acquire(semaphore, MW_DEADLINE_NOW, &why));
}

/* A child that acquires so many and waits for its end. */
static pid_t holder_of(mw_robust_semaphore *semaphore, unsigned n, harness_gate *held) {
  pid_t child = harness_fork();
  if (child != 0) {
    harness_gate_wait(held);
    return child;
  }
  acquire(semaphore, n);
  harness_gate_open(held);
  for (;;) pause();
}

static void end_suddenly(pid_t child) {
  kill(child, SIGKILL);
  assert_int_equal(harness_wait(child), 128 + SIGKILL);
}

/* ---- counting */

static void as_many_are_given_out_as_there_are(void **state) {
  (void)state;
  const unsigned capacities[] = {1, 2, 7, 8, 9, 63, 64, 65, 4096};
  for (size_t i = 0; i < sizeof capacities / sizeof capacities[0]; i++) {
    place here = begin(capacities[i]);
    assert_string_equal(mw_robust_semaphore_name(here.semaphore), "s");
    assert_int_equal(mw_robust_semaphore_capacity(here.semaphore), capacities[i]);
    assert_int_equal(value_of(here.semaphore), capacities[i]);
    acquire(here.semaphore, capacities[i]);
    assert_exhausted(here.semaphore);
    assert_int_equal(value_of(here.semaphore), 0);
    assert_int_equal(held_of(here.semaphore), capacities[i]);
    assert_int_equal(well_object(here.well, "s").held, capacities[i]);
    assert_int_equal(well_object(here.well, "s").capacity, capacities[i]);
    assert_ok(mw_robust_semaphore_release(here.semaphore, capacities[i], &why));
    assert_int_equal(held_of(here.semaphore), 0);
    assert_ok(mw_well_check(here.well, &why));
    end(&here);
  }
}

static void capacities_that_cannot_be_are_refused(void **state) {
  (void)state;
  mw_well *well = well_created();
  mw_robust_semaphore *semaphore = NULL;
  assert_fails(MW_EINVAL, mw_well_semaphore(well, "s", MW_MAX_PERMITS + 1, 0, &why, &semaphore));
  assert_fails(MW_EINVAL, mw_well_semaphore(well, "s", UINT32_MAX, 0, &why, &semaphore));
  assert_fails(MW_ENOENT, mw_well_semaphore(well, "s", 0, 0, &why, &semaphore));
  assert_fails(MW_ENOENT, mw_well_semaphore(well, "s", 3, MW_MUST_EXIST, &why, &semaphore));
  assert_fails(MW_EINVAL, mw_well_semaphore(well, "s", 3, MW_TEMPORARY, &why, &semaphore));
  assert_null(semaphore);
  well_close_and_unlink(well);
}

static void a_release_of_too_many_releases_none(void **state) {
  (void)state;
  place here = begin(5);
  acquire(here.semaphore, 3);
  assert_fails(MW_EINVAL, mw_robust_semaphore_release(here.semaphore, 0, &why));
  assert_why("RobustSemaphore.release", "s", why.os_errno);
  assert_fails(MW_ENOTOWNER, mw_robust_semaphore_release(here.semaphore, 4, &why));
  assert_non_null(strstr(why.reason, "4 are to be released, and this process holds 3"));
  assert_fails(MW_ENOTOWNER, mw_robust_semaphore_release(here.semaphore, UINT32_MAX, &why));
  assert_int_equal(held_of(here.semaphore), 3);
  assert_ok(mw_robust_semaphore_release(here.semaphore, 2, &why));
  assert_ok(mw_robust_semaphore_release(here.semaphore, 1, &why));
  assert_fails(MW_ENOTOWNER, mw_robust_semaphore_release(here.semaphore, 1, &why));
  assert_non_null(strstr(why.reason, "this process holds 0"));
  assert_int_equal(value_of(here.semaphore), 5);
  end(&here);
}

/* ---- whose they are */

static void nobody_releases_what_others_hold(void **state) {
  (void)state;
  place here = begin(4);
  acquire(here.semaphore, 3);
  pid_t child = harness_fork();
  if (child == 0) {
    assert_fails(MW_ENOTOWNER, mw_robust_semaphore_release(here.semaphore, 1, &why));
    assert_int_equal(held_of(here.semaphore), 0);
    acquire(here.semaphore, 1);
    assert_exhausted(here.semaphore);
    assert_fails(MW_ENOTOWNER, mw_robust_semaphore_release(here.semaphore, 2, &why));
    assert_int_equal(held_of(here.semaphore), 1);
    assert_ok(mw_robust_semaphore_release(here.semaphore, 1, &why));
    _exit(0);
  }
  assert_int_equal(harness_wait(child), 0);
  assert_int_equal(held_of(here.semaphore), 3);
  assert_int_equal(value_of(here.semaphore), 1);
  assert_ok(mw_robust_semaphore_release(here.semaphore, 3, &why));
  end(&here);
}

static void all_that_the_dead_held_come_back(void **state) {
  (void)state;
  place here = begin(6);
  harness_gate held;
  harness_gate_init(&held);
  acquire(here.semaphore, 1);
  pid_t two = holder_of(here.semaphore, 2, &held), three = holder_of(here.semaphore, 3, &held);
  assert_exhausted(here.semaphore);
  end_suddenly(three);
  acquire(here.semaphore, 3); /* nobody was asked to reap */
  assert_exhausted(here.semaphore);
  end_suddenly(two);
  unsigned count = 0;
  assert_ok(mw_well_reap(here.well, &why, &count));
  assert_int_equal(count, 1);
  assert_int_equal(value_of(here.semaphore), 2);
  assert_int_equal(held_of(here.semaphore), 4);
  assert_ok(mw_robust_semaphore_release(here.semaphore, 4, &why));
  harness_gate_fini(&held);
  end(&here);
}

static void as_many_sleepers_wake_as_permits_come_back(void **state) {
  (void)state;
  enum { SLEEPERS = 4 };
  place here = begin(SLEEPERS);
  harness_gate held, end_gate;
  harness_gate_init(&held);
  harness_gate_init(&end_gate);
  pid_t holder = holder_of(here.semaphore, SLEEPERS, &held), children[SLEEPERS];
  for (int round = 0; round < 2; round++) {
    for (int i = 0; i < SLEEPERS; i++)
      if ((children[i] = harness_fork()) == 0) {
        assert_ok(mw_robust_semaphore_acquire(here.semaphore, MW_DEADLINE_NEVER, &why));
        harness_gate_open(&held);
        harness_gate_wait(&end_gate);
        assert_ok(mw_robust_semaphore_release(here.semaphore, 1, &why));
        _exit(0);
      }
    for (int i = 0; i < SLEEPERS; i++) harness_await_futex(children[i], 0);
    if (round == 0) end_suddenly(holder);
    if (round == 1) assert_ok(mw_robust_semaphore_release(here.semaphore, SLEEPERS, &why));
    for (int i = 0; i < SLEEPERS; i++) harness_gate_wait(&held); /* all have one at the same time */
    for (int i = 0; i < SLEEPERS; i++) harness_gate_open(&end_gate);
    for (int i = 0; i < SLEEPERS; i++) assert_int_equal(harness_wait(children[i]), 0);
    acquire(here.semaphore, SLEEPERS);
  }
  assert_ok(mw_robust_semaphore_release(here.semaphore, SLEEPERS, &why));
  harness_gate_fini(&held);
  harness_gate_fini(&end_gate);
  end(&here);
}

static void broken_locks_are_all_that_one_held(void **state) {
  (void)state;
  place here = begin(5);
  mw_mutex *mutex = well_mutex(here.well, "m");
  harness_gate gates[2];
  harness_gate_init(&gates[0]);
  harness_gate_init(&gates[1]);
  acquire(here.semaphore, 1);
  pid_t child = harness_fork();
  if (child == 0) {
    acquire(here.semaphore, 4);
    assert_ok(mw_mutex_acquire(mutex, MW_DEADLINE_NOW, &why));
    harness_gate_open(&gates[0]);
    harness_gate_wait(&gates[1]);
    assert_fails(MW_ENOTOWNER, mw_robust_semaphore_release(here.semaphore, 1, &why));
    assert_fails(MW_ENOTOWNER, mw_mutex_release(mutex, &why));
    _exit(0);
  }
  harness_gate_wait(&gates[0]);
  unsigned count = 0;
  int slot = 1 - well_slot_of(here.well);
  assert_fails(MW_EINVAL, mw_well_break_locks(here.well, well_slot_of(here.well), &why, &count));
  assert_ok(mw_well_break_locks(here.well, slot, &why, &count));
  assert_int_equal(count, 5);
  assert_int_equal(value_of(here.semaphore), 4);
  assert_int_equal(held_of(here.semaphore), 1);
  harness_gate_open(&gates[1]);
  assert_int_equal(harness_wait(child), 0);
  assert_ok(mw_robust_semaphore_release(here.semaphore, 1, &why));
  harness_gate_fini(&gates[0]);
  harness_gate_fini(&gates[1]);
  mw_mutex_drop(mutex);
  end(&here);
}

/* ---- its end */

static void one_permit_that_is_out_keeps_it_from_being_deleted(void **state) {
  (void)state;
  place here = begin(9);
  harness_gate held;
  harness_gate_init(&held);
  pid_t child = holder_of(here.semaphore, 1, &held);
  acquire(here.semaphore, 4);
  assert_fails(MW_EBUSY, mw_well_delete(here.well, "s", &why));
  assert_int_equal(value_of(here.semaphore), 4); /* nothing was changed */
  assert_fails(MW_EBUSY, mw_well_close(here.well, &why));
  assert_ok(mw_robust_semaphore_release(here.semaphore, 4, &why));
  assert_fails(MW_EBUSY, mw_well_delete(here.well, "s", &why));
  end_suddenly(child);
  assert_ok(mw_well_delete(here.well, "s", &why));
  harness_gate_fini(&held);
  end(&here);
}

static void assert_counts_fail(int status, mw_robust_semaphore *semaphore) {
  unsigned count = 7;
  assert_fails(status, mw_robust_semaphore_value(semaphore, &why, &count));
  assert_fails(status, mw_robust_semaphore_held(semaphore, &why, &count));
  assert_fails(status, mw_robust_semaphore_release(semaphore, 2, &why));
  assert_int_equal(count, 7);
}

static void it_counts_nothing_that_is_no_more(void **state) {
  (void)state;
  place here = begin(3);
  mw_well *other = well_attached();
  mw_robust_semaphore *closed = well_semaphore(other, "s", 3), *deleted = well_semaphore(here.well, "d", 3);
  well_close(other);
  assert_counts_fail(MW_ECLOSED, closed);
  assert_ok(mw_well_delete(here.well, "d", &why));
  assert_counts_fail(MW_ECLOSED, deleted);
  assert_int_equal(mw_robust_semaphore_capacity(closed), 3);
  mw_robust_semaphore_drop(closed);
  mw_robust_semaphore_drop(deleted);
  harness_let_faults_kill();
  acquire(here.semaphore, 2);
  assert_int_equal(truncate(harness_shm_path("", well_name()), 4096), 0);
  assert_counts_fail(MW_EFAULT, here.semaphore);
  end(&here);
}

/* One that is damaged is out of use; the others are not. */
static void a_damaged_permit_is_nobodys(void **state) {
  (void)state;
  place here = begin(3);
  _Atomic uint64_t *words = well_word(here.well, "s", 64);
  uint64_t whole = words[1];
  words[1] = 0;
  acquire(here.semaphore, 2);
  assert_fails(MW_EFORMAT, mw_robust_semaphore_acquire(here.semaphore, MW_DEADLINE_NOW, &why));
  assert_fails(MW_EFORMAT, mw_robust_semaphore_acquire(here.semaphore, MW_DEADLINE_NEVER, &why));
  assert_fails(MW_EFORMAT, mw_robust_semaphore_release(here.semaphore, 3, &why));
  assert_int_equal(words[1], 0);
  assert_ok(mw_robust_semaphore_release(here.semaphore, 2, &why));
  assert_fails(MW_EFORMAT, mw_well_check(here.well, &why));
  words[1] = whole;
  assert_ok(mw_well_check(here.well, &why));
  end(&here);
}

/* ---- contention */

enum { WORKERS = 5, PERMITS = 3, ROUNDS = 1500 };

static void work(mw_robust_semaphore *semaphore, _Atomic int *inside) {
  for (int i = 0; i < ROUNDS; i++) {
    unsigned n = 1 + (unsigned)(i % 2);
    assert_ok(mw_robust_semaphore_acquire(semaphore, MW_DEADLINE_NEVER, &why));
    if (n == 2 && mw_robust_semaphore_acquire(semaphore, MW_DEADLINE_NOW, NULL) != 0) n = 1;
    assert_true(atomic_fetch_add(inside, (int)n) + (int)n <= PERMITS);
    atomic_fetch_sub(inside, (int)n);
    assert_ok(mw_robust_semaphore_release(semaphore, n, &why));
  }
}

static void no_more_are_inside_than_there_are_permits(void **state) {
  (void)state;
  place here = begin(PERMITS);
  _Atomic int *inside = harness_shared(4096);
  pid_t children[WORKERS];
  for (int i = 0; i < WORKERS; i++)
    if ((children[i] = harness_fork()) == 0) {
      work(here.semaphore, inside);
      _exit(0);
    }
  for (int i = 0; i < WORKERS; i++) assert_int_equal(harness_wait(children[i]), 0);
  assert_int_equal(value_of(here.semaphore), PERMITS);
  end(&here);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(as_many_are_given_out_as_there_are),
    cmocka_unit_test(capacities_that_cannot_be_are_refused),
    cmocka_unit_test(a_release_of_too_many_releases_none),
    cmocka_unit_test(nobody_releases_what_others_hold),
    cmocka_unit_test(all_that_the_dead_held_come_back),
    cmocka_unit_test(as_many_sleepers_wake_as_permits_come_back),
    cmocka_unit_test(broken_locks_are_all_that_one_held),
    cmocka_unit_test(one_permit_that_is_out_keeps_it_from_being_deleted),
    cmocka_unit_test(it_counts_nothing_that_is_no_more),
    cmocka_unit_test(a_damaged_permit_is_nobodys),
    cmocka_unit_test(no_more_are_inside_than_there_are_permits),
};

HARNESS_MAIN(tests)
