/* The mutex: whose it is, and what becomes of it when its holder dies. What it has in common with other locks is in
 * test_lock_kinds.c.
 *
 * SPDX-License-Identifier: MIT */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "locks.h"

static int owner_of(mw_mutex *mutex, bool *out_inconsistent) {
  int slot = -7;
  assert_ok(mw_mutex_owner(mutex, &why, &slot, out_inconsistent));
  return slot;
}

static void assert_is(mw_mutex *mutex, int owner, bool inconsistent) {
  bool said = !inconsistent;
  assert_int_equal(owner_of(mutex, &said), owner);
  assert_int_equal(said, inconsistent);
  assert_int_equal(owner_of(mutex, NULL), owner);
}

/* A child that acquires the mutex, and is killed. */
static void let_a_holder_die(mw_mutex *mutex) {
  pid_t child = harness_fork();
  if (child == 0) {
    assert_ok(mw_mutex_acquire(mutex, MW_DEADLINE_NEVER, &why));
    raise(SIGKILL);
  }
  assert_int_equal(harness_wait(child), 128 + SIGKILL);
}

/* The mutex "m" of a new well, which nobody has. */
typedef struct place {
  mw_well *well;
  mw_mutex *mutex;
  int slot;
} place;

static place begin(void) {
  place place = {.well = well_created()};
  place.mutex = well_mutex(place.well, "m");
  place.slot = well_slot_of(place.well);
  return place;
}

static void end(place *place) {
  mw_mutex_drop(place->mutex);
  well_close_and_unlink(place->well);
}

/* ---- whose it is */

static void it_says_who_holds_it(void **state) {
  (void)state;
  place here = begin();
  assert_string_equal(mw_mutex_name(here.mutex), "m");
  assert_is(here.mutex, -1, false);
  assert_false(mw_mutex_is_held(here.mutex));
  assert_ok(mw_mutex_acquire(here.mutex, MW_DEADLINE_NOW, &why));
  assert_is(here.mutex, here.slot, false);
  assert_true(mw_mutex_is_held(here.mutex));
  assert_int_equal(well_object(here.well, "m").owner, here.slot);
  pid_t child = harness_fork();
  if (child == 0) {
    assert_false(mw_mutex_is_held(here.mutex));
    assert_is(here.mutex, here.slot, false);
    assert_false(mw_mutex_is_held(here.mutex));
    _exit(0);
  }
  assert_int_equal(harness_wait(child), 0);
  assert_ok(mw_mutex_release(here.mutex, &why));
  assert_is(here.mutex, -1, false);
  end(&here);
}

static void the_same_thread_cannot_have_it_twice(void **state) {
  (void)state;
  place here = begin();
  mw_well *again = well_attached();
  mw_mutex *same = well_mutex(again, "m");
  assert_ok(mw_mutex_acquire(here.mutex, MW_DEADLINE_NOW, &why));
  assert_fails(MW_EDEADLK, mw_mutex_acquire(here.mutex, MW_DEADLINE_NOW, &why));
  assert_fails(MW_EDEADLK, mw_mutex_acquire(here.mutex, MW_DEADLINE_NEVER, &why));
  assert_fails(MW_EDEADLK, mw_mutex_acquire(same, MW_DEADLINE_NEVER, &why)); /* by whatever handle */
  assert_fails(MW_EDEADLK, mw_mutex_recover_begin(here.mutex, MW_DEADLINE_NEVER, &why));
  assert_why("Mutex.recover", "m", why.os_errno);
  assert_ok(mw_mutex_release(same, &why));
  assert_ok(mw_mutex_acquire(here.mutex, MW_DEADLINE_NOW, &why));
  assert_ok(mw_mutex_release(here.mutex, &why));
  mw_mutex_drop(same);
  well_close(again);
  end(&here);
}

static void *release_here(void *context) { return (void *)(intptr_t)mw_mutex_release(context, NULL); }
static void *try_here(void *context) { return (void *)(intptr_t)mw_mutex_acquire(context, MW_DEADLINE_NOW, NULL); }

static int in_thread(void *(*act)(void *context), void *context) {
  pthread_t thread;
  void *result;
  assert_int_equal(pthread_create(&thread, NULL, act, context), 0);
  assert_int_equal(pthread_join(thread, &result), 0);
  return (int)(intptr_t)result;
}

static void threads_exclude_each_other_and_any_may_release(void **state) {
  (void)state;
  place here = begin();
  assert_ok(mw_mutex_acquire(here.mutex, MW_DEADLINE_NOW, &why));
  assert_int_equal(in_thread(try_here, here.mutex), MW_ETIMEDOUT);
  assert_int_equal(in_thread(release_here, here.mutex), 0);
  assert_int_equal(in_thread(release_here, here.mutex), MW_ENOTOWNER);
  assert_int_equal(in_thread(try_here, here.mutex), 0);
  assert_true(mw_mutex_is_held(here.mutex)); /* by a thread that has ended */
  assert_ok(mw_mutex_release(here.mutex, &why));
  end(&here);
}

static void who_has_not_got_it_cannot_release_it(void **state) {
  (void)state;
  place here = begin();
  assert_fails(MW_ENOTOWNER, mw_mutex_release(here.mutex, &why));
  assert_why("Mutex.release", "m", why.os_errno);
  assert_fails(MW_ENOTOWNER, mw_mutex_recover_end(here.mutex, true, &why));
  assert_fails(MW_ENOTOWNER, mw_mutex_recover_end(here.mutex, false, &why));
  assert_ok(mw_mutex_acquire(here.mutex, MW_DEADLINE_NOW, &why));
  assert_fails(MW_ENOTOWNER, mw_mutex_recover_end(here.mutex, true, &why)); /* it is held, and not being recovered */
  pid_t child = harness_fork();
  if (child == 0) {
    assert_fails(MW_ENOTOWNER, mw_mutex_release(here.mutex, &why));
    _exit(0);
  }
  assert_int_equal(harness_wait(child), 0);
  assert_is(here.mutex, here.slot, false);
  assert_ok(mw_mutex_release(here.mutex, &why));
  end(&here);
}

/* ---- after a death */

static void an_inconsistent_mutex_is_nobodys_but_to_mend(void **state) {
  (void)state;
  place here = begin();
  let_a_holder_die(here.mutex);
  for (int i = 0; i < 2; i++) {
    assert_fails(MW_EOWNERDEAD, mw_mutex_acquire(here.mutex, MW_DEADLINE_NOW, &why));
    assert_fails(MW_EOWNERDEAD, mw_mutex_acquire(here.mutex, MW_DEADLINE_NEVER, &why));
    assert_is(here.mutex, -1, true);
    assert_true(well_object(here.well, "m").inconsistent);
    assert_fails(MW_ENOTOWNER, mw_mutex_release(here.mutex, &why));
  }
  assert_ok(mw_well_check(here.well, &why));
  end(&here);
}

static void a_recovery_ends_one_way_or_the_other(void **state) {
  (void)state;
  place here = begin();
  let_a_holder_die(here.mutex);
  for (int mended = 0; mended < 2; mended++) {
    assert_int_equal(mw_mutex_recover_begin(here.mutex, MW_DEADLINE_NOW, &why), 1);
    assert_is(here.mutex, here.slot, false);
    assert_true(mw_mutex_is_held(here.mutex));
    assert_fails(MW_EBUSY, mw_mutex_release(here.mutex, &why));
    assert_fails(MW_EDEADLK, mw_mutex_acquire(here.mutex, MW_DEADLINE_NEVER, &why));
    assert_fails(MW_EDEADLK, mw_mutex_recover_begin(here.mutex, MW_DEADLINE_NOW, &why));
    assert_int_equal(in_thread(try_here, here.mutex), MW_ETIMEDOUT);
    assert_fails(MW_EBUSY, mw_well_delete(here.well, "m", &why));
    assert_fails(MW_EBUSY, mw_well_close(here.well, &why));
    assert_ok(mw_mutex_recover_end(here.mutex, mended, &why));
    assert_is(here.mutex, mended ? here.slot : -1, !mended);
    assert_int_equal(mw_mutex_is_held(here.mutex), mended);
  }
  assert_fails(MW_ENOTOWNER, mw_mutex_recover_end(here.mutex, true, &why));
  assert_ok(mw_mutex_release(here.mutex, &why));
  end(&here);
}

static void a_consistent_mutex_is_acquired_by_recover_too(void **state) {
  (void)state;
  place here = begin();
  assert_int_equal(mw_mutex_recover_begin(here.mutex, MW_DEADLINE_NOW, &why), 0);
  assert_int_equal(in_thread(try_here, here.mutex), MW_ETIMEDOUT);
  pid_t child = harness_fork();
  if (child == 0) {
    assert_fails(MW_ETIMEDOUT, mw_mutex_recover_begin(here.mutex, MW_DEADLINE_NOW, &why));
    assert_fails(MW_ETIMEDOUT, mw_mutex_recover_begin(here.mutex, mw_deadline_after(0.1), &why));
    harness_interrupt_every(5);
    assert_fails(MW_EINTR, mw_mutex_recover_begin(here.mutex, MW_DEADLINE_NEVER, &why));
    _exit(0);
  }
  assert_int_equal(harness_wait(child), 0);
  assert_ok(mw_mutex_release(here.mutex, &why));
  end(&here);
}

static void a_recoverer_that_dies_leaves_it_inconsistent(void **state) {
  (void)state;
  place here = begin();
  let_a_holder_die(here.mutex);
  harness_gate begun;
  harness_gate_init(&begun);
  pid_t child = harness_fork();
  if (child == 0) {
    assert_int_equal(mw_mutex_recover_begin(here.mutex, MW_DEADLINE_NOW, &why), 1);
    harness_gate_open(&begun);
    for (;;) pause();
  }
  harness_gate_wait(&begun);
  pid_t next = harness_fork();
  if (next == 0) {
    assert_int_equal(mw_mutex_recover_begin(here.mutex, MW_DEADLINE_NEVER, &why), 1);
    assert_ok(mw_mutex_recover_end(here.mutex, false, &why));
    _exit(0);
  }
  harness_await_futex(next, 0);
  kill(child, SIGKILL);
  assert_int_equal(harness_wait(child), 128 + SIGKILL);
  assert_int_equal(harness_wait(next), 0);
  assert_fails(MW_EOWNERDEAD, mw_mutex_acquire(here.mutex, MW_DEADLINE_NEVER, &why));
  harness_gate_fini(&begun);
  end(&here);
}

/* All who wait are told of a death, and of a recovery that was given up; the first who recovers is who mends it. */
static void every_waiter_is_told(void **state) {
  (void)state;
  enum { WAITERS = 4 };
  place here = begin();
  pid_t holder = harness_fork();
  if (holder == 0) {
    assert_ok(mw_mutex_acquire(here.mutex, MW_DEADLINE_NOW, &why));
    for (;;) pause();
  }
  while (owner_of(here.mutex, NULL) < 0) {}
  pid_t waiters[WAITERS];
  for (int i = 0; i < WAITERS; i++)
    if ((waiters[i] = harness_fork()) == 0) {
      assert_fails(MW_EOWNERDEAD, mw_mutex_acquire(here.mutex, MW_DEADLINE_NEVER, &why));
      _exit(0);
    }
  for (int i = 0; i < WAITERS; i++) harness_await_futex(waiters[i], 0);
  kill(holder, SIGKILL);
  assert_int_equal(harness_wait(holder), 128 + SIGKILL);
  for (int i = 0; i < WAITERS; i++) assert_int_equal(harness_wait(waiters[i]), 0);
  assert_int_equal(mw_mutex_recover_begin(here.mutex, MW_DEADLINE_NOW, &why), 1);
  for (int i = 0; i < WAITERS; i++)
    if ((waiters[i] = harness_fork()) == 0) {
      assert_fails(MW_EOWNERDEAD, mw_mutex_acquire(here.mutex, MW_DEADLINE_NEVER, &why));
      _exit(0);
    }
  for (int i = 0; i < WAITERS; i++) harness_await_futex(waiters[i], 0);
  assert_ok(mw_mutex_recover_end(here.mutex, false, &why));
  for (int i = 0; i < WAITERS; i++) assert_int_equal(harness_wait(waiters[i]), 0);
  end(&here);
}

static void a_recoverer_whose_locks_are_broken_is_told(void **state) {
  (void)state;
  place here = begin();
  let_a_holder_die(here.mutex);
  harness_gate gates[2];
  harness_gate_init(&gates[0]);
  harness_gate_init(&gates[1]);
  pid_t child = harness_fork();
  if (child == 0) {
    assert_int_equal(mw_mutex_recover_begin(here.mutex, MW_DEADLINE_NOW, &why), 1);
    harness_gate_open(&gates[0]);
    harness_gate_wait(&gates[1]);
    assert_fails(MW_ENOTOWNER, mw_mutex_recover_end(here.mutex, true, &why));
    _exit(0);
  }
  harness_gate_wait(&gates[0]);
  unsigned count = 0;
  assert_ok(mw_well_break_locks(here.well, owner_of(here.mutex, NULL), &why, &count));
  assert_int_equal(count, 1);
  assert_is(here.mutex, -1, true);
  harness_gate_open(&gates[1]);
  assert_int_equal(harness_wait(child), 0);
  assert_is(here.mutex, -1, true);
  harness_gate_fini(&gates[0]);
  harness_gate_fini(&gates[1]);
  end(&here);
}

/* ---- the end of a well, and of the mutex */

static void a_well_is_not_closed_while_this_process_holds_something(void **state) {
  (void)state;
  place here = begin();
  mw_well *other = well_attached();
  mw_mutex *same = well_mutex(other, "m");
  assert_ok(mw_mutex_acquire(same, MW_DEADLINE_NOW, &why));
  well_close(other); /* there is another handle */
  assert_fails(MW_ECLOSED, mw_mutex_acquire(same, MW_DEADLINE_NOW, &why));
  assert_ok(mw_mutex_release(same, &why)); /* what is held can be given back all the same */
  assert_fails(MW_ECLOSED, mw_mutex_release(same, &why));
  assert_ok(mw_mutex_acquire(here.mutex, MW_DEADLINE_NOW, &why));
  assert_fails(MW_EBUSY, mw_well_close(here.well, &why));
  assert_non_null(strstr(why.reason, "\"m\""));
  assert_false(mw_well_is_closed(here.well));
  assert_fails(MW_EDEADLK, mw_mutex_acquire(here.mutex, MW_DEADLINE_NOW, &why));
  assert_ok(mw_mutex_release(here.mutex, &why));
  mw_mutex_drop(same);
  end(&here);
}

/* Whichever of a hundred it is, and though no handle of it is left. */
static void what_is_held_is_found_among_many(void **state) {
  (void)state;
  mw_well_options options = {sizeof options, .objects = 100};
  mw_well *well;
  assert_ok(mw_well_create(well_name(), 1 << 17, &options, &why, &well));
  for (unsigned i = 0; i < options.objects; i++) {
    char name[16];
    snprintf(name, sizeof name, "m-%u", i);
    mw_mutex *mutex = well_mutex(well, name);
    assert_ok(mw_mutex_acquire(mutex, MW_DEADLINE_NOW, &why));
    mw_mutex_drop(mutex);
    assert_fails(MW_EBUSY, mw_well_close(well, &why));
    assert_non_null(strstr(why.reason, name));
    mutex = well_mutex(well, name);
    assert_ok(mw_mutex_release(mutex, &why));
    mw_mutex_drop(mutex);
  }
  well_close_and_unlink(well);
}

static void what_a_process_abandons_is_as_at_its_death(void **state) {
  (void)state;
  place here = begin();
  assert_ok(mw_mutex_acquire(here.mutex, MW_DEADLINE_NOW, &why));
  mw_well_hold(here.well);
  mw_well_abandon(here.well);
  assert_true(mw_well_is_closed(here.well));
  assert_fails(MW_ECLOSED, mw_mutex_release(here.mutex, &why));
  assert_false(mw_mutex_is_held(here.mutex));
  mw_well_abandon(here.well); /* twice is fine, as is nothing */
  mw_well_abandon(NULL);
  assert_ok(mw_well_close(here.well, &why));
  mw_well *again = well_attached();
  mw_mutex *mutex = well_mutex(again, "m");
  assert_fails(MW_EOWNERDEAD, mw_mutex_acquire(mutex, MW_DEADLINE_NEVER, &why));
  assert_int_equal(well_participants(again), 1);
  mw_mutex_drop(mutex);
  mw_mutex_drop(here.mutex);
  mw_well_drop(here.well);
  well_close_and_unlink(again);
}

static void every_call_on_a_closed_well_says_so(void **state) {
  (void)state;
  place here = begin();
  mw_well *other = well_attached();
  mw_mutex *closed = well_mutex(other, "m");
  int slot = 7;
  well_close(other);
  assert_fails(MW_ECLOSED, mw_mutex_recover_begin(closed, MW_DEADLINE_NOW, &why));
  assert_fails(MW_ECLOSED, mw_mutex_recover_end(closed, true, &why));
  assert_fails(MW_ECLOSED, mw_mutex_owner(closed, &why, &slot, NULL));
  assert_int_equal(slot, 7);
  assert_string_equal(mw_mutex_name(closed), "m");
  mw_mutex_drop(closed);
  end(&here);
}

static void every_call_on_a_deleted_mutex_says_so(void **state) {
  (void)state;
  place here = begin();
  int slot = 7;
  assert_ok(mw_well_delete(here.well, "m", &why));
  assert_fails(MW_ECLOSED, mw_mutex_recover_begin(here.mutex, MW_DEADLINE_NOW, &why));
  assert_fails(MW_ECLOSED, mw_mutex_recover_end(here.mutex, true, &why));
  assert_fails(MW_ECLOSED, mw_mutex_owner(here.mutex, &why, &slot, NULL));
  end(&here);
}

static void every_call_on_a_damaged_mutex_says_so(void **state) {
  (void)state;
  place here = begin();
  _Atomic uint64_t *word = well_word(here.well, "m", 0);
  uint64_t whole = *word;
  int slot = 7;
  *word = 0;
  assert_fails(MW_EFORMAT, mw_mutex_recover_begin(here.mutex, MW_DEADLINE_NEVER, &why));
  assert_fails(MW_EFORMAT, mw_mutex_recover_end(here.mutex, true, &why));
  assert_fails(MW_EFORMAT, mw_mutex_owner(here.mutex, &why, &slot, NULL));
  assert_false(mw_mutex_is_held(here.mutex));
  *word = whole;
  end(&here);
}

static void every_call_on_a_lost_page_says_so(void **state) {
  (void)state;
  place here = begin();
  int slot = 7;
  harness_let_faults_kill();
  assert_ok(mw_mutex_acquire(here.mutex, MW_DEADLINE_NOW, &why));
  assert_int_equal(truncate(harness_shm_path("", well_name()), 4096), 0);
  assert_fails(MW_EFAULT, mw_mutex_release(here.mutex, &why)); /* it is not known who has it */
  assert_fails(MW_EFAULT, mw_mutex_recover_begin(here.mutex, MW_DEADLINE_NOW, &why));
  assert_fails(MW_EFAULT, mw_mutex_recover_end(here.mutex, true, &why));
  assert_fails(MW_EFAULT, mw_mutex_owner(here.mutex, &why, &slot, NULL));
  end(&here);
}

static void what_the_living_hold_is_not_deleted_and_what_the_dead_held_is(void **state) {
  (void)state;
  place here = begin();
  harness_gate held;
  harness_gate_init(&held);
  pid_t child = harness_fork();
  if (child == 0) {
    assert_ok(mw_mutex_acquire(here.mutex, MW_DEADLINE_NOW, &why));
    harness_gate_open(&held);
    for (;;) pause();
  }
  harness_gate_wait(&held);
  assert_fails(MW_EBUSY, mw_well_delete(here.well, "m", &why));
  assert_is(here.mutex, 1 - here.slot, false);
  kill(child, SIGKILL);
  assert_int_equal(harness_wait(child), 128 + SIGKILL);
  assert_ok(mw_well_delete(here.well, "m", &why));
  mw_mutex_drop(here.mutex);
  here.mutex = well_mutex(here.well, "m");
  assert_ok(mw_mutex_acquire(here.mutex, MW_DEADLINE_NOW, &why)); /* a new one, and whole */
  assert_fails(MW_EBUSY, mw_well_delete(here.well, "m", &why));
  assert_ok(mw_mutex_release(here.mutex, &why));
  let_a_holder_die(here.mutex);
  assert_ok(mw_well_delete(here.well, "m", &why)); /* inconsistent as it is */
  harness_gate_fini(&held);
  end(&here);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(it_says_who_holds_it),
    cmocka_unit_test(the_same_thread_cannot_have_it_twice),
    cmocka_unit_test(threads_exclude_each_other_and_any_may_release),
    cmocka_unit_test(who_has_not_got_it_cannot_release_it),
    cmocka_unit_test(an_inconsistent_mutex_is_nobodys_but_to_mend),
    cmocka_unit_test(a_recovery_ends_one_way_or_the_other),
    cmocka_unit_test(a_consistent_mutex_is_acquired_by_recover_too),
    cmocka_unit_test(a_recoverer_that_dies_leaves_it_inconsistent),
    cmocka_unit_test(every_waiter_is_told),
    cmocka_unit_test(a_recoverer_whose_locks_are_broken_is_told),
    cmocka_unit_test(a_well_is_not_closed_while_this_process_holds_something),
    cmocka_unit_test(what_is_held_is_found_among_many),
    cmocka_unit_test(what_a_process_abandons_is_as_at_its_death),
    cmocka_unit_test(every_call_on_a_closed_well_says_so),
    cmocka_unit_test(every_call_on_a_deleted_mutex_says_so),
    cmocka_unit_test(every_call_on_a_damaged_mutex_says_so),
    cmocka_unit_test(every_call_on_a_lost_page_says_so),
    cmocka_unit_test(what_the_living_hold_is_not_deleted_and_what_the_dead_held_is),
};

HARNESS_MAIN(tests)
