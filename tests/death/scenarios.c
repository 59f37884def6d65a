/* The table of scenarios, and what is done in them.
 *
 * SPDX-License-Identifier: MIT */
#include "scenarios.h"

#include <stdlib.h>

#include "stage.h"

/* Long enough to sleep once, and to look who has died. */
#define SLICE_AND_MORE mw_deadline_after(1.5 * MW_WATCH_SLICE)

/* ---- mutex */

static void acquire(void) { assert_ok(mw_mutex_acquire(me.mutex, FOR_LONG, &why)); }
static void release(void) { assert_ok(mw_mutex_release(me.mutex, &why)); }
static void acquire_in_vain(void) { assert_fails(MW_ETIMEDOUT, mw_mutex_acquire(me.mutex, SLICE_AND_MORE, &why)); }
static void acquire_of_the_dead(void) { assert_fails(MW_EOWNERDEAD, mw_mutex_acquire(me.mutex, FOR_LONG, &why)); }
static void poll_of_the_dead(void) { assert_fails(MW_EOWNERDEAD, mw_mutex_acquire(me.mutex, MW_DEADLINE_NOW, &why)); }

static void recover(void) { assert_int_equal(mw_mutex_recover_begin(me.mutex, FOR_LONG, &why), 1); }
static void recover_nothing(void) { assert_int_equal(mw_mutex_recover_begin(me.mutex, FOR_LONG, &why), 0); }
static void mend(void) { assert_ok(mw_mutex_recover_end(me.mutex, true, &why)); }
static void give_up(void) { assert_ok(mw_mutex_recover_end(me.mutex, false, &why)); }

static int wait_for_mutex(void) {
  int result = mw_mutex_recover_begin(me.mutex, FOR_LONG, &why);
  if (result < 0) assert_ok(result);
  if (result == 1) mend();
  release();
  return result == 1 ? RECOVERED : 0;
}

/* ---- semaphore */

static void acquire_permit(void) { assert_ok(mw_robust_semaphore_acquire(me.semaphore, FOR_LONG, &why)); }
static void release_permit(void) { assert_ok(mw_robust_semaphore_release(me.semaphore, 1, &why)); }
static void release_permits(void) { assert_ok(mw_robust_semaphore_release(me.semaphore, PERMITS, &why)); }

static void acquire_permits(void) {
  for (int i = 0; i < PERMITS; i++) acquire_permit();
}

static void acquire_permit_in_vain(void) {
  assert_fails(MW_ETIMEDOUT, mw_robust_semaphore_acquire(me.semaphore, SLICE_AND_MORE, &why));
}

/* Not the one that a deletion looks at first. */
static void acquire_later_permit(void) {
  acquire_permits();
  for (int i = 1; i < PERMITS; i++) release_permit();
}

static int wait_for_permit(void) {
  acquire_permit();
  release_permit();
  return 0;
}

/* ---- event */

static void set(void) { assert_ok(mw_event_set(me.event, &why)); }
static void clear(void) { assert_ok(mw_event_clear(me.event, &why)); }
static void wait_for_set(void) { assert_ok(mw_event_wait(me.event, FOR_LONG, &why)); }
static void wait_in_vain(void) { assert_fails(MW_ETIMEDOUT, mw_event_wait(me.event, SLICE_AND_MORE, &why)); }

static int wait_for_event(void) {
  int result = mw_event_wait(me.event, FOR_LONG, &why);
  if (result != MW_ECLOSED) assert_ok(result);
  return 0;
}

/* ---- the directory */

static mw_mutex *new_mutex;
static mw_robust_semaphore *new_semaphore;
static mw_event *new_event;
static mw_view new_array;

static void create_mutex(void) { assert_int_equal(mw_well_mutex(me.well, "new", 0, &why, &new_mutex), 1); }
static void create_semaphore(void) { assert_int_equal(mw_well_semaphore(me.well, "new", 9, 0, &why, &new_semaphore), 1); }
static void create_event(void) { assert_int_equal(mw_well_event(me.well, "new", 0, &why, &new_event), 1); }

static void create_array(void) {
  assert_int_equal(mw_well_array(me.well, "new", MW_UINT64, 1, (uint64_t[]){ELEMENTS}, &why, &new_array), 1);
}

static void delete_mutex(void) { assert_ok(mw_well_delete(me.well, "mutex", &why)); }
static void delete_semaphore(void) { assert_ok(mw_well_delete(me.well, "semaphore", &why)); }
static void delete_event(void) { assert_ok(mw_well_delete(me.well, "event", &why)); }
static void delete_array(void) { assert_ok(mw_well_delete(me.well, "array", &why)); }
static void fail_to_delete_mutex(void) { assert_fails(MW_EBUSY, mw_well_delete(me.well, "mutex", &why)); }
static void fail_to_delete_semaphore(void) { assert_fails(MW_EBUSY, mw_well_delete(me.well, "semaphore", &why)); }

/* ---- attaching and reaping */

static void acquire_all(void) {
  acquire();
  acquire_permits();
}

static void abandon(void) { mw_well_abandon(me.well); }

static void enter(void) {
  actor_attach();
  actor_find_all();
}

/* Die while a mutex is mended that another left, who died while it held it. */
static void die_mending(void) {
  acquire_all();
  abandon();
  enter();
  recover();
  acquire_permit();
}

/* Die in every slot, so that whoever attaches has to take one of a dead. */
static void die_everywhere(void) {
  acquire();
  for (int i = 1; i < WELL_SLOTS; i++) {
    acquire_permit();
    abandon();
    enter();
  }
}

static void reap(void) {
  unsigned dead;
  assert_ok(mw_well_reap(me.well, &why, &dead));
  assert_true(dead > 0);
}

/* Of the one other process. */
static void break_locks(void) {
  mw_participant_info info;
  uint32_t cursor = 0;
  unsigned count = 0;
  while (mw_well_next_participant(me.well, &cursor, &why, &info) == 1)
    if (!info.self) assert_ok(mw_well_break_locks(me.well, info.slot, &why, &count));
  assert_int_equal(count, 1 + PERMITS);
}

/* ---- before */

static void nothing(void) {}

#define ENTER_AND(act)                \
  static void enter_and_##act(void) { \
    enter();                          \
    act();                            \
  }
ENTER_AND(acquire)
ENTER_AND(acquire_permit)
ENTER_AND(acquire_permits)
ENTER_AND(acquire_all)
ENTER_AND(set)
ENTER_AND(recover)
ENTER_AND(acquire_of_the_dead)
ENTER_AND(delete_array)

/* ---- after */

static void set_if_it_is_there(void) {
  actor_attach();
  int result = mw_well_event(me.well, "event", MW_MUST_EXIST, &why, &me.event);
  if (result != MW_ENOENT) assert_ok(result);
  if (result == 0) set();
  actor_detach();
}

/* ---- the table */

const scenario scenarios[] = {
    {"mutex_acquire", .act = acquire},
    {"mutex_acquire_held", .holder = acquire, .act = acquire_in_vain},
    {"mutex_acquire_of_the_dead", .past = acquire, .act = acquire_of_the_dead},
    {"mutex_poll_of_the_dead", .past = acquire, .act = poll_of_the_dead},
    {"mutex_release", .before = enter_and_acquire, .act = release},
    {"mutex_release_waited_for", .waiter = wait_for_mutex, .before = enter_and_acquire, .act = release},
    {"mutex_recover_begin", .past = acquire, .act = recover},
    {"mutex_recover_begin_of_the_mending", .past = die_mending, .act = recover},
    {"mutex_recover_begin_consistent", .act = recover_nothing},
    {"mutex_recover_end", .past = acquire, .before = enter_and_recover, .act = mend},
    {"mutex_recover_end_given_up", .past = acquire, .waiter = wait_for_mutex, .before = enter_and_recover, .act = give_up},

    {"semaphore_acquire", .act = acquire_permit},
    {"semaphore_acquire_held", .holder = acquire_permits, .act = acquire_permit_in_vain},
    {"semaphore_acquire_of_the_dead", .past = acquire_permits, .act = acquire_permit},
    {"semaphore_acquire_all", .act = acquire_permits},
    {"semaphore_release", .before = enter_and_acquire_permit, .act = release_permit},
    {"semaphore_release_all", .before = enter_and_acquire_permits, .act = release_permits},
    {"semaphore_release_waited_for", .waiter = wait_for_permit, .before = enter_and_acquire_permits, .act = release_permit},
    {"semaphore_release_all_waited_for", .waiter = wait_for_permit, .before = enter_and_acquire_permits, .act = release_permits},

    {"event_set", .act = set},
    {"event_set_waited_for", .waiter = wait_for_event, .act = set, .after = set_if_it_is_there},
    {"event_clear", .before = enter_and_set, .act = clear},
    {"event_wait_set", .before = enter_and_set, .act = wait_for_set},
    {"event_wait_in_vain", .act = wait_in_vain},

    {"create_mutex", .act = create_mutex},
    {"create_semaphore", .act = create_semaphore},
    {"create_event", .act = create_event},
    {"create_array", .act = create_array},
    {"create_array_where_one_was", .before = enter_and_delete_array, .act = create_array},
    {"delete_mutex", .holder = nothing, .act = delete_mutex},
    {"delete_mutex_held", .holder = acquire, .act = fail_to_delete_mutex},
    {"delete_mutex_of_the_dead", .past = acquire, .act = delete_mutex},
    {"delete_mutex_inconsistent", .past = acquire, .before = enter_and_acquire_of_the_dead, .act = delete_mutex},
    {"delete_semaphore", .holder = nothing, .act = delete_semaphore},
    {"delete_semaphore_held", .holder = acquire_later_permit, .act = fail_to_delete_semaphore},
    {"delete_semaphore_of_the_dead", .past = acquire_later_permit, .act = delete_semaphore},
    {"delete_event", .holder = nothing, .before = enter_and_set, .act = delete_event},
    {"delete_event_waited_for", .waiter = wait_for_event, .act = delete_event, .after = set_if_it_is_there},
    {"delete_array", .act = delete_array},

    {"attach", .before = nothing, .act = actor_attach},
    {"attach_in_a_slot_of_the_dead", .past = die_everywhere, .before = nothing, .act = actor_attach},
    {"detach", .act = actor_detach},
    {"abandon", .before = enter_and_acquire_all, .act = abandon},
    {"reap", .past = acquire_all, .act = reap},
    {"reap_the_mending", .past = die_mending, .act = reap},
    {"break_locks", .holder = acquire_all, .act = break_locks},
};

const size_t scenario_count = sizeof scenarios / sizeof scenarios[0];
