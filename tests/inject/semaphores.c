/* Semaphores of the three kinds, and waiting on a word.
 *
 * SPDX-License-Identifier: MIT */
#include <sys/ipc.h>
#include <sys/sem.h>
#include <unistd.h>

#include "sweep.h"

#define KEY harness_key(0)
#define MOMENT 0.001

static mw_semaphore *semaphore; /* set up */
static mw_semaphore *made;      /* by the call under test */
static mw_region *region;
static unsigned value_before;

static const char *name(void) { return harness_name("inject"); }

static unsigned value_of(mw_semaphore *asked) {
  unsigned value;
  assert_ok(mw_semaphore_value(asked, &why, &value));
  return value;
}

static void nothing_made(void) { assert_null(made); }

/* It works, and goes. */
static void close_made(void) {
  assert_non_null(made);
  assert_ok(mw_semaphore_release(made, 1, &why));
  assert_ok(mw_semaphore_acquire(made, MW_DEADLINE_NOW, &why));
  mw_semaphore_close(made);
  made = NULL;
}

/* ---- named */

static int create_with(unsigned flags) { return mw_semaphore_create(name(), 3, 0, flags, &why, &made); }
static int create(void) { return create_with(0); }
static int create_temporary(void) { return create_with(MW_TEMPORARY); }
static int attach(void) { return mw_semaphore_attach(name(), MW_DEADLINE_NOW, 0, &why, &made); }
static int attach_in_vain(void) { return mw_semaphore_attach(name(), mw_deadline_after(MOMENT), 0, &why, &made); }
static int open_name(void) { return mw_semaphore_open(name(), 3, 0, &why, &made); }
static int unlink_name(void) { return mw_semaphore_unlink(name(), &why); }

static void remove_name(void) { assert_ok(unlink_name()); }

static void undo_name(void) {
  close_made();
  remove_name();
}

static void no_name(void) {
  nothing_made();
  assert_false(harness_exists(harness_shm_path("sem.", name())));
}

static void set_up_name(void) {
  assert_ok(mw_semaphore_create(name(), 0, 0, 0, &why, &semaphore));
  mw_semaphore_close(semaphore);
}

static void name_is_there(void) {
  nothing_made();
  assert_true(harness_exists(harness_shm_path("sem.", name())));
}

/* ---- in a region */

static void set_up_region(void) {
  assert_ok(mw_region_anonymous(4096, NULL, &why, &region));
  assert_ok(mw_semaphore_at(region, 64, 5, &why, &semaphore));
  mw_semaphore_close(semaphore);
}

static void close_region(void) { mw_region_close(region); }
static int make_at(void) { return mw_semaphore_at(region, 128, 3, &why, &made); }
static int take_at(void) { return mw_semaphore_at(region, 64, -1, &why, &made); }

static void nobody_holds_region(void) {
  nothing_made();
  assert_int_equal(mw_region_holds(region), 0);
}

/* ---- System V */

static int sysv_with(int32_t key, mw_how how, double seconds) {
  mw_semaphore_sysv_options options = {
      sizeof options, .how = how, .count = 3, .value = 2, .wait_for_use = mw_deadline_after(seconds), .flags = MW_UNDO};
  return mw_semaphore_sysv(key, 1, &options, &why, &made);
}

static int sysv_create(void) { return sysv_with(KEY, MW_CREATE, 0); }
static int sysv_private(void) { return sysv_with(MW_KEY_PRIVATE, MW_CREATE, 0); }
static int sysv_attach(void) { return sysv_with(KEY, MW_ATTACH, 0); }
static int sysv_attach_in_vain(void) { return sysv_with(KEY, MW_ATTACH, MOMENT); }
static int sysv_open(void) { return sysv_with(KEY, MW_OPEN, 0); }
static int sysv_remove(void) { return mw_semaphore_sysv_remove(KEY, &why); }
static int sysv_unlink(void) { return mw_semaphore_sysv_unlink(semaphore, &why); }

static void set_up_unused_set(void) { assert_true(semget(KEY, 3, IPC_CREAT | IPC_EXCL | 0600) >= 0); }
static void remove_set(void) { assert_int_equal(semctl(semget(KEY, 0, 0), 0, IPC_RMID), 0); }
static void set_is_there(void) { assert_true(semget(KEY, 3, 0) >= 0); }

static void no_set(void) {
  nothing_made();
  assert_int_equal(semget(KEY, 0, 0), -1);
}

static void undo_set(void) {
  close_made();
  remove_set();
}

static void undo_private(void) {
  assert_ok(mw_semaphore_sysv_unlink(made, &why));
  mw_semaphore_close(made);
}

/* ---- taking turns */

static void set_up_sysv(void) {
  mw_semaphore_sysv_options options = {sizeof options, .how = MW_CREATE, .count = 3, .value = 2};
  assert_int_equal(mw_semaphore_sysv(KEY, 0, &options, &why, &semaphore), 1);
  value_before = 2;
}

static void tear_down_sysv(void) {
  mw_semaphore_close(semaphore);
  remove_set();
}

static void close_semaphore(void) { mw_semaphore_close(semaphore); }

static void set_up_empty_sysv(void) {
  set_up_sysv();
  assert_ok(mw_semaphore_acquire(semaphore, MW_DEADLINE_NOW, &why));
  assert_ok(mw_semaphore_acquire(semaphore, MW_DEADLINE_NOW, &why));
  value_before = 0;
}

static void set_up_named(void) {
  assert_ok(mw_semaphore_create(name(), 0, 0, 0, &why, &semaphore));
  value_before = 0;
}

static void tear_down_named(void) {
  mw_semaphore_close(semaphore);
  remove_name();
}

static void set_up_positive(void) {
  assert_ok(mw_semaphore_create(name(), 2, 0, 0, &why, &semaphore));
  value_before = 2;
}

static void value_is_unchanged(void) { assert_int_equal(value_of(semaphore), value_before); }

static int acquire(void) { return mw_semaphore_acquire(semaphore, MW_DEADLINE_NOW, &why); }
static int acquire_in_vain(void) { return mw_semaphore_acquire(semaphore, mw_deadline_after(MOMENT), &why); }
static int release(void) { return mw_semaphore_release(semaphore, 1, &why); }

static int value(void) {
  unsigned now;
  return mw_semaphore_value(semaphore, &why, &now);
}

/* ---- waiting on a word */

static mw_view words;

static void set_up_words(void) {
  assert_ok(mw_region_anonymous(4096, NULL, &why, &region));
  assert_ok(mw_view_init(&words, region, MW_UINT32, 1, NULL, 0, &why));
}

static int wait_in_vain(void) { return mw_view_wait(&words, 3, 0, mw_deadline_after(MOMENT), &why); }

static int wake(void) {
  unsigned woken;
  return mw_view_wake(&words, 3, 1, &why, &woken);
}

/* ---- the table */

static const scenario table[] = {
    {"semaphore_create", .call = create, .check = no_name, .undo = undo_name},
    {"semaphore_create_temporary", .call = create_temporary, .check = no_name, .undo = close_made, .keeps = 1},
    {"semaphore_attach", .set_up = set_up_name, .call = attach, .check = name_is_there, .undo = close_made,
     .tear_down = remove_name},
    {"semaphore_attach_in_vain", .call = attach_in_vain, .result = MW_ENOENT, .check = nothing_made},
    {"semaphore_open_new", .call = open_name, .result = 1, .check = no_name, .undo = undo_name},
    {"semaphore_open_existing", .set_up = set_up_name, .call = open_name, .check = name_is_there, .undo = close_made,
     .tear_down = remove_name},
    {"semaphore_unlink", .set_up = set_up_name, .call = unlink_name, .check = name_is_there},
    {"semaphore_at_new", .set_up = set_up_region, .call = make_at, .check = nobody_holds_region, .undo = close_made,
     .tear_down = close_region},
    {"semaphore_at_existing", .set_up = set_up_region, .call = take_at, .check = nobody_holds_region, .undo = close_made,
     .tear_down = close_region},
    {"semaphore_sysv_create", .call = sysv_create, .result = 1, .check = no_set, .undo = undo_set},
    {"semaphore_sysv_private", .call = sysv_private, .result = 1, .check = nothing_made, .undo = undo_private},
    {"semaphore_sysv_attach", .set_up = set_up_empty_sysv, .call = sysv_attach, .check = set_is_there, .undo = close_made,
     .tear_down = tear_down_sysv},
    {"semaphore_sysv_attach_in_vain", .set_up = set_up_unused_set, .call = sysv_attach_in_vain, .result = MW_EAGAIN,
     .check = set_is_there, .tear_down = remove_set},
    {"semaphore_sysv_open_new", .call = sysv_open, .result = 1, .check = no_set, .undo = undo_set},
    {"semaphore_sysv_remove", .set_up = set_up_unused_set, .call = sysv_remove, .check = set_is_there},
    {"semaphore_sysv_unlink", .set_up = set_up_sysv, .call = sysv_unlink, .check = set_is_there, .tear_down = close_semaphore},
    {"semaphore_acquire", .set_up = set_up_positive, .call = acquire, .check = value_is_unchanged, .tear_down = tear_down_named},
    {"semaphore_acquire_in_vain", .set_up = set_up_named, .call = acquire_in_vain, .result = MW_ETIMEDOUT,
     .check = value_is_unchanged, .tear_down = tear_down_named},
    {"semaphore_acquire_sysv", .set_up = set_up_sysv, .call = acquire, .check = value_is_unchanged, .tear_down = tear_down_sysv},
    {"semaphore_acquire_sysv_in_vain", .set_up = set_up_empty_sysv, .call = acquire_in_vain, .result = MW_ETIMEDOUT,
     .check = value_is_unchanged, .tear_down = tear_down_sysv},
    {"semaphore_release", .set_up = set_up_positive, .call = release, .check = value_is_unchanged, .tear_down = tear_down_named},
    {"semaphore_release_sysv", .set_up = set_up_sysv, .call = release, .check = value_is_unchanged, .tear_down = tear_down_sysv},
    {"semaphore_value_sysv", .set_up = set_up_sysv, .call = value, .check = value_is_unchanged, .tear_down = tear_down_sysv},
    {"view_wait_in_vain", .set_up = set_up_words, .call = wait_in_vain, .result = MW_ETIMEDOUT, .tear_down = close_region},
    {"view_wake", .set_up = set_up_words, .call = wake, .tear_down = close_region},
};

const scenarios semaphore_scenarios = {table, sizeof table / sizeof *table};
