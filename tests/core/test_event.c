/* The event: a flag that is set and cleared, and no wake-up lost. What it has in common with locks is in test_lock_kinds.c.
 *
 * SPDX-License-Identifier: MIT */
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "locks.h"

#define ADMIN 192 /* in the well's header */

typedef struct place {
  mw_well *well;
  mw_event *event;
} place;

static place begin(void) {
  place place = {.well = well_created()};
  place.event = well_event(place.well, "e");
  return place;
}

static void end(place *place) {
  mw_event_drop(place->event);
  well_close_and_unlink(place->well);
}

static bool is_set(mw_event *event) {
  bool set = false;
  assert_ok(mw_event_is_set(event, &why, &set));
  return set;
}

/* ---- the flag */

static void it_is_set_and_cleared(void **state) {
  (void)state;
  place here = begin();
  mw_well *other = well_attached();
  mw_event *same = well_event(other, "e");
  assert_string_equal(mw_event_name(same), "e");
  assert_false(is_set(same)); /* a new one is clear */
  for (int i = 0; i < 10; i++) {
    assert_ok(mw_event_set(here.event, &why));
    assert_true(is_set(same));
    assert_ok(mw_event_wait(same, MW_DEADLINE_NEVER, &why));
    assert_true(is_set(same)); /* a wait takes nothing */
    if (i % 2) assert_ok(mw_event_set(same, &why));
    assert_ok(mw_event_clear(same, &why));
    assert_false(is_set(here.event));
    if (i % 3) assert_ok(mw_event_clear(here.event, &why));
    assert_fails(MW_ETIMEDOUT, mw_event_wait(here.event, MW_DEADLINE_NOW, &why));
    assert_why("Event.wait", "e", why.os_errno);
  }
  mw_event_drop(same);
  well_close(other);
  end(&here);
}

static void a_death_leaves_it_as_it_is(void **state) {
  (void)state;
  place here = begin();
  for (int set = 0; set < 2; set++) {
    pid_t child = harness_fork();
    if (child == 0) {
      assert_ok(set ? mw_event_set(here.event, &why) : mw_event_clear(here.event, &why));
      raise(SIGKILL);
    }
    assert_int_equal(harness_wait(child), 128 + SIGKILL);
    unsigned count = 0;
    assert_ok(mw_well_reap(here.well, &why, &count));
    assert_int_equal(count, 1);
    assert_int_equal(is_set(here.event), set);
  }
  end(&here);
}

static void assert_refuses(int status, mw_event *event) {
  bool set;
  assert_fails(status, mw_event_is_set(event, &why, &set));
  assert_fails(status, mw_event_set(event, &why));
  assert_fails(status, mw_event_clear(event, &why));
  assert_fails(status, mw_event_wait(event, MW_DEADLINE_NEVER, &why));
}

static void an_event_that_is_no_more_refuses_every_call(void **state) {
  (void)state;
  for (int set = 0; set < 2; set++) {
    place here = begin();
    mw_well *other = well_attached();
    mw_event *closed = well_event(other, "e"), *deleted = well_event(here.well, "d");
    if (set) assert_ok(mw_event_set(here.event, &why));
    if (set) assert_ok(mw_event_set(deleted, &why));
    well_close(other);
    assert_refuses(MW_ECLOSED, closed);
    assert_ok(mw_well_delete(here.well, "d", &why));
    assert_refuses(MW_ECLOSED, deleted);
    mw_event_drop(closed);
    mw_event_drop(deleted);
    harness_let_faults_kill();
    assert_int_equal(truncate(harness_shm_path("", well_name()), 4096), 0);
    assert_refuses(MW_EFAULT, here.event);
    end(&here);
  }
}

static void a_damaged_event_refuses_every_call(void **state) {
  (void)state;
  place here = begin();
  _Atomic uint64_t *word = well_word(here.well, "e", 0);
  uint64_t whole = *word;
  *word = 0;
  assert_refuses(MW_EFORMAT, here.event);
  assert_int_equal(*word, 0);
  *word = whole;
  end(&here);
}

/* ---- waking */

/* Cleared at once: all who waited are told all the same. They are stopped meanwhile, so that none of them sees it set. */
static void who_waited_while_it_was_set_is_told(void **state) {
  (void)state;
  enum { WAITERS = 3 };
  place here = begin();
  pid_t children[WAITERS];
  for (int i = 0; i < WAITERS; i++)
    if ((children[i] = harness_fork()) == 0) _exit(mw_event_wait(here.event, MW_DEADLINE_NEVER, &why) != 0);
  for (int i = 0; i < WAITERS; i++) {
    int status;
    harness_await_futex(children[i], 0);
    kill(children[i], SIGSTOP);
    assert_int_equal(waitpid(children[i], &status, WUNTRACED), children[i]);
  }
  assert_ok(mw_event_set(here.event, &why));
  assert_ok(mw_event_clear(here.event, &why));
  for (int i = 0; i < WAITERS; i++) kill(children[i], SIGCONT);
  for (int i = 0; i < WAITERS; i++) assert_int_equal(harness_wait(children[i]), 0);
  assert_false(is_set(here.event));
  end(&here);
}

/* A wait of several calls, as bindings make it: what happens between two of them is not lost. */
static void who_waits_in_parts_is_told_of_what_was_between(void **state) {
  (void)state;
  place here = begin();
  mw_watch since = {0};
  assert_fails(MW_ETIMEDOUT, mw_event_wait_since(here.event, &since, MW_DEADLINE_NOW, &why));
  assert_fails(MW_ETIMEDOUT, mw_event_wait_since(here.event, &since, mw_deadline_after(0.001), &why));
  assert_ok(mw_event_clear(here.event, &why)); /* of what is clear is nothing */
  assert_fails(MW_ETIMEDOUT, mw_event_wait_since(here.event, &since, MW_DEADLINE_NOW, &why));
  assert_ok(mw_event_set(here.event, &why));
  assert_ok(mw_event_clear(here.event, &why));
  assert_fails(MW_ETIMEDOUT, mw_event_wait(here.event, MW_DEADLINE_NOW, &why));
  assert_ok(mw_event_wait_since(here.event, &since, MW_DEADLINE_NOW, &why));
  since = (mw_watch){0};
  assert_fails(MW_ETIMEDOUT, mw_event_wait_since(here.event, &since, MW_DEADLINE_NOW, &why));
  assert_ok(mw_event_set(here.event, &why));
  assert_ok(mw_event_wait_since(here.event, &since, MW_DEADLINE_NEVER, &why));
  end(&here);
}

/* Two events, each set for the other side in turn: one wake-up that is lost, and both sleep for good. */
static void no_wake_up_is_lost(void **state) {
  (void)state;
  enum { ROUNDS = 3000 };
  place here = begin();
  mw_event *back = well_event(here.well, "back");
  pid_t child = harness_fork();
  for (int i = 0; i < ROUNDS; i++) {
    if (child == 0) {
      assert_ok(mw_event_wait(here.event, MW_DEADLINE_NEVER, &why));
      assert_ok(mw_event_clear(here.event, &why));
      assert_ok(mw_event_set(back, &why));
    } else {
      assert_ok(mw_event_set(here.event, &why));
      assert_ok(mw_event_wait(back, MW_DEADLINE_NEVER, &why));
      assert_ok(mw_event_clear(back, &why));
    }
  }
  if (child == 0) _exit(0);
  assert_int_equal(harness_wait(child), 0);
  mw_event_drop(back);
  end(&here);
}

static void one_event_wakes_many_again_and_again(void **state) {
  (void)state;
  enum { WAITERS = 4, ROUNDS = 200 };
  place here = begin();
  _Atomic unsigned *awake = harness_shared(4096), *cleared = awake + 16;
  pid_t children[WAITERS];
  for (int i = 0; i < WAITERS; i++)
    if ((children[i] = harness_fork()) == 0) {
      for (unsigned round = 1; round <= ROUNDS; round++) {
        assert_ok(mw_event_wait(here.event, MW_DEADLINE_NEVER, &why));
        atomic_fetch_add(awake, 1);
        while (*cleared < round) sched_yield();
      }
      _exit(0);
    }
  for (unsigned round = 1; round <= ROUNDS; round++) {
    assert_ok(mw_event_set(here.event, &why));
    while (*awake < WAITERS * round) sched_yield();
    assert_ok(mw_event_clear(here.event, &why));
    *cleared = round;
  }
  for (int i = 0; i < WAITERS; i++) assert_int_equal(harness_wait(children[i]), 0);
  end(&here);
}

/* ---- a deletion that was not finished */

/* The state of the event's entry in the directory: docs/formats.md. */
static _Atomic uint64_t *entry_state(mw_well *well) {
  char *base = mw_region_data(mw_well_region(well));
  uint64_t directory;
  uint32_t entries;
  memcpy(&directory, base + 40, sizeof directory);
  memcpy(&entries, base + 60, sizeof entries);
  for (uint32_t i = 0; i < entries; i++) {
    char *entry = base + directory + (size_t)i * 256;
    if (strcmp(entry + 128, "e") == 0) return (_Atomic uint64_t *)(void *)entry;
  }
  harness_fail("the directory has no event");
}

/* Somebody was killed with the directory's lock in his hands, right behind the store that deletes the event. */
static void die_deleting(place *here) {
  _Atomic uint64_t *admin = (_Atomic uint64_t *)(void *)((char *)mw_region_data(mw_well_region(here->well)) + ADMIN);
  mw_mutex *mutex = well_mutex(here->well, "m");
  _Atomic uint64_t *owner = well_word(here->well, "m", 0), *state = entry_state(here->well);
  harness_gate done;
  harness_gate_init(&done);
  pid_t child = harness_fork();
  if (child == 0) {
    assert_ok(mw_mutex_acquire(mutex, MW_DEADLINE_NOW, &why));
    *admin = *owner; /* who we are */
    assert_ok(mw_mutex_release(mutex, &why));
    *state = (*state & ~UINT64_C(0xff)) | 0x44;
    harness_gate_open(&done);
    for (;;) pause();
  }
  harness_gate_wait(&done);
  harness_gate_fini(&done);
  mw_mutex_drop(mutex);
  kill(child, SIGKILL);
  assert_int_equal(harness_wait(child), 128 + SIGKILL);
}

static void what_the_dead_has_deleted_is_deleted(void **state) {
  (void)state;
  place here = begin();
  bool set;
  die_deleting(&here);
  assert_fails(MW_ECLOSED, mw_event_is_set(here.event, &why, &set));
  assert_fails(MW_ECLOSED, mw_event_set(here.event, &why));
  assert_fails(MW_ECLOSED, mw_event_clear(here.event, &why));
  assert_fails(MW_ECLOSED, mw_event_wait(here.event, MW_DEADLINE_NEVER, &why));
  mw_event *again = NULL;
  assert_int_equal(mw_well_event(here.well, "e", 0, &why, &again), 1); /* who finishes what the dead began */
  assert_ok(mw_event_set(again, &why));
  mw_event_drop(again);
  assert_fails(MW_ECLOSED, mw_event_is_set(here.event, &why, &set));
  assert_ok(mw_well_check(here.well, &why));
  end(&here);
}

static void who_waits_for_it_hears_of_it(void **state) {
  (void)state;
  place here = begin();
  pid_t waiter = harness_fork();
  if (waiter == 0) _exit(mw_event_wait(here.event, MW_DEADLINE_NEVER, &why) != MW_ECLOSED);
  harness_await_futex(waiter, 0);
  die_deleting(&here);
  assert_int_equal(harness_wait(waiter), 0);
  end(&here);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(it_is_set_and_cleared),
    cmocka_unit_test(a_death_leaves_it_as_it_is),
    cmocka_unit_test(an_event_that_is_no_more_refuses_every_call),
    cmocka_unit_test(a_damaged_event_refuses_every_call),
    cmocka_unit_test(who_waited_while_it_was_set_is_told),
    cmocka_unit_test(who_waits_in_parts_is_told_of_what_was_between),
    cmocka_unit_test(no_wake_up_is_lost),
    cmocka_unit_test(one_event_wakes_many_again_and_again),
    cmocka_unit_test(what_the_dead_has_deleted_is_deleted),
    cmocka_unit_test(who_waits_for_it_hears_of_it),
};

HARNESS_MAIN(tests)
