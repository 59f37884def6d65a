/* Mutexes, semaphores and events in a well, and sleeping for them. What takes no system call and no memory cannot fail for the want
 * of it, and is not here.
 *
 * SPDX-License-Identifier: MIT */
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "sweep.h"

#define SIZE 65536
#define MOMENT 0.001

static mw_well *well;
static mw_mutex *mutex;
static mw_robust_semaphore *semaphore;
static mw_event *event;
static mw_watch watches[2];
static pid_t other;
static harness_gate holding;

static const char *name(void) { return harness_name("inject"); }

/* ---- a well with one of each, of a single permit */

static void get_all(mw_well *from) {
  assert_true(mw_well_mutex(from, "m", 0, &why, &mutex) >= 0);
  assert_true(mw_well_semaphore(from, "s", 1, 0, &why, &semaphore) >= 0);
  assert_true(mw_well_event(from, "e", 0, &why, &event) >= 0);
}

static void set_up(void) {
  assert_ok(mw_well_create(name(), SIZE, NULL, &why, &well));
  get_all(well);
}

static void tear_down(void) {
  mw_mutex_drop(mutex);
  mw_robust_semaphore_drop(semaphore);
  mw_event_drop(event);
  assert_ok(mw_well_close(well, &why));
  assert_ok(mw_well_unlink(name(), &why));
}

static void acquire_both(void) {
  assert_ok(mw_mutex_acquire(mutex, MW_DEADLINE_NOW, &why));
  assert_ok(mw_robust_semaphore_acquire(semaphore, MW_DEADLINE_NOW, &why));
}

static void release_both(void) {
  assert_ok(mw_mutex_release(mutex, &why));
  assert_ok(mw_robust_semaphore_release(semaphore, 1, &why));
}

/* ---- others */

/* Handles that a child has inherited are of its own process, which attaches with them. */
static void set_up_dead(void) {
  set_up();
  pid_t child = harness_fork();
  if (child == 0) {
    acquire_both();
    _exit(0);
  }
  assert_int_equal(harness_wait(child), 0);
}

static void set_up_held(void) {
  set_up();
  harness_gate_init(&holding);
  other = harness_fork();
  if (other == 0) {
    acquire_both();
    harness_gate_open(&holding);
    for (;;) pause();
  }
  harness_gate_wait(&holding);
  harness_gate_fini(&holding);
}

static void tear_down_held(void) {
  kill(other, SIGKILL);
  assert_int_equal(harness_wait(other), 128 + SIGKILL);
  tear_down();
}

/* The run goes on in a child that has inherited the handles and has not used them. */
static void set_up_inherited(void) {
  set_up();
  pid_t child = harness_fork();
  if (child > 0) _exit(harness_wait(child));
}

/* ---- acquiring */

static int acquire(void) { return mw_mutex_acquire(mutex, mw_deadline_after(MOMENT), &why); }
static int acquire_now(void) { return mw_mutex_acquire(mutex, MW_DEADLINE_NOW, &why); }
static int recover(void) { return mw_mutex_recover_begin(mutex, mw_deadline_after(MOMENT), &why); }
static int acquire_permit(void) { return mw_robust_semaphore_acquire(semaphore, mw_deadline_after(MOMENT), &why); }

static void not_held(void) { assert_false(mw_mutex_is_held(mutex)); }
static void release(void) { assert_ok(mw_mutex_release(mutex, &why)); }
static void mended(void) {
  assert_ok(mw_mutex_recover_end(mutex, true, &why));
  release();
}

static void no_permit(void) {
  unsigned held;
  assert_ok(mw_robust_semaphore_held(semaphore, &why, &held));
  assert_int_equal(held, 0);
}

static void release_permit(void) { assert_ok(mw_robust_semaphore_release(semaphore, 1, &why)); }

/* ---- releasing, where somebody said that he would sleep */

static void set_up_watched(void) {
  set_up();
  acquire_both();
  assert_ok(mw_mutex_watch(mutex, &why, &watches[0]));
  assert_ok(mw_robust_semaphore_watch(semaphore, &why, &watches[1]));
}

static int release_watched(void) { return mw_mutex_release(mutex, &why); }
static int release_watched_permit(void) { return mw_robust_semaphore_release(semaphore, 1, &why); }

static void set_up_watched_event(void) {
  set_up();
  assert_ok(mw_event_watch(event, &why, &watches[0]));
}

static int set(void) { return mw_event_set(event, &why); }
static int wait_for_event(void) { return mw_event_wait(event, mw_deadline_after(MOMENT), &why); }

/* ---- sleeping for one, and for two */

static int wait_for_one(void) { return mw_watch_wait(watches, 1, mw_deadline_after(MOMENT), &why); }
static int wait_for_two(void) { return mw_watch_wait(watches, 2, mw_deadline_after(MOMENT), &why); }

/* ---- the table */

static const scenario table[] = {
    {"mutex_acquire_in_vain", .set_up = set_up_held, .call = acquire, .result = MW_ETIMEDOUT, .check = not_held,
     .tear_down = tear_down_held},
    {"mutex_acquire_of_the_dead", .set_up = set_up_dead, .call = acquire, .result = MW_EOWNERDEAD, .check = not_held,
     .tear_down = tear_down},
    {"mutex_recover_of_the_dead", .set_up = set_up_dead, .call = recover, .result = 1, .check = not_held, .undo = mended,
     .tear_down = tear_down},
    {"well_attach_by_mutex_after_fork", .set_up = set_up_inherited, .call = acquire_now, .check = not_held, .undo = release,
     .tear_down = tear_down},
    {"mutex_release_watched", .set_up = set_up_watched, .call = release_watched, .undo = release_permit, .tear_down = tear_down},
    {"permit_acquire_in_vain", .set_up = set_up_held, .call = acquire_permit, .result = MW_ETIMEDOUT, .check = no_permit,
     .tear_down = tear_down_held},
    {"permit_acquire_of_the_dead", .set_up = set_up_dead, .call = acquire_permit, .check = no_permit, .undo = release_permit,
     .tear_down = tear_down},
    {"permit_release_watched", .set_up = set_up_watched, .call = release_watched_permit, .undo = release, .tear_down = tear_down},
    {"event_wait_in_vain", .set_up = set_up, .call = wait_for_event, .result = MW_ETIMEDOUT, .tear_down = tear_down},
    {"event_set_watched", .set_up = set_up_watched_event, .call = set, .tear_down = tear_down},
    {"watch_one_in_vain", .set_up = set_up_watched, .call = wait_for_one, .result = MW_ETIMEDOUT, .undo = release_both,
     .tear_down = tear_down},
    {"watch_two_in_vain", .set_up = set_up_watched, .call = wait_for_two, .result = MW_ETIMEDOUT, .undo = release_both,
     .tear_down = tear_down},
};

const scenarios lock_scenarios = {table, sizeof table / sizeof *table};
