/* Wells for tests, and a table of the kinds of locks.
 *
 * SPDX-License-Identifier: MIT */
#include "locks.h"

#include <sched.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness.h"

/* ---- wells */

const char *well_name(void) { return harness_name("well"); }

mw_well *well_created(void) {
  mw_well *well = NULL;
  assert_ok(mw_well_create(well_name(), WELL_SIZE, NULL, &why, &well));
  return well;
}

static mw_well *attached_as(unsigned flags) {
  mw_well *well = NULL;
  mw_well_options options = {.size_of_struct = sizeof options, .flags = flags};
  assert_ok(mw_well_attach(well_name(), &options, &why, &well));
  return well;
}

mw_well *well_attached(void) { return attached_as(0); }
mw_well *well_observed(void) { return attached_as(MW_OBSERVER); }

void well_close(mw_well *well) { assert_ok(mw_well_close(well, &why)); }

void well_close_and_unlink(mw_well *well) {
  well_close(well);
  assert_ok(mw_well_unlink(well_name(), &why));
}

/* ---- objects */

mw_mutex *well_mutex(mw_well *well, const char *name) {
  mw_mutex *mutex = NULL;
  if (mw_well_mutex(well, name, 0, &why, &mutex) < 0) assert_ok(why.status);
  return mutex;
}

mw_robust_semaphore *well_semaphore(mw_well *well, const char *name, unsigned capacity) {
  mw_robust_semaphore *semaphore = NULL;
  if (mw_well_semaphore(well, name, capacity, 0, &why, &semaphore) < 0) assert_ok(why.status);
  return semaphore;
}

mw_event *well_event(mw_well *well, const char *name) {
  mw_event *event = NULL;
  if (mw_well_event(well, name, 0, &why, &event) < 0) assert_ok(why.status);
  return event;
}

mw_object_info well_object(mw_well *well, const char *name) {
  mw_object_info info;
  for (uint32_t cursor = 0; mw_well_next_object(well, &cursor, &why, &info) == 1;)
    if (strcmp(info.name, name) == 0) return info;
  harness_fail("the well has no \"%s\"", name);
}

_Atomic uint64_t *well_word(mw_well *well, const char *name, uint64_t offset) {
  return (_Atomic uint64_t *)(void *)((char *)mw_region_data(mw_well_region(well)) + well_object(well, name).offset + offset);
}

/* ---- participants */

int well_slot_of(mw_well *well) {
  int slot = -1;
  assert_ok(mw_well_slot(well, &why, &slot));
  return slot;
}

unsigned well_participants(mw_well *well) {
  unsigned count = 0;
  mw_participant_info info;
  for (uint32_t cursor = 0; mw_well_next_participant(well, &cursor, &why, &info) == 1;) count++;
  return count;
}

mw_participant_info well_participant(mw_well *well, int slot) {
  mw_participant_info info;
  uint32_t cursor = (uint32_t)slot;
  if (mw_well_next_participant(well, &cursor, &why, &info) == 1 && info.slot == slot) return info;
  harness_fail("nobody is attached in slot %d", slot);
}

/* ---- kinds */

static void *make_mutex(mw_well *well, const char *name) { return well_mutex(well, name); }
static void *make_semaphore(mw_well *well, const char *name) { return well_semaphore(well, name, 1); }
static void *make_event(mw_well *well, const char *name) { return well_event(well, name); }

static int find_mutex(mw_well *well, const char *name, mw_error *error, void **out_lock) {
  return mw_well_mutex(well, name, MW_MUST_EXIST, error, (mw_mutex **)out_lock);
}

static int find_semaphore(mw_well *well, const char *name, mw_error *error, void **out_lock) {
  return mw_well_semaphore(well, name, 0, 0, error, (mw_robust_semaphore **)out_lock);
}

static int find_event(mw_well *well, const char *name, mw_error *error, void **out_lock) {
  return mw_well_event(well, name, MW_MUST_EXIST, error, (mw_event **)out_lock);
}

static int acquire_mutex(void *lock, mw_deadline deadline, mw_error *error) { return mw_mutex_acquire(lock, deadline, error); }
static int release_mutex(void *lock, mw_error *error) { return mw_mutex_release(lock, error); }
static int block_mutex(void *lock, mw_error *error) { return mw_mutex_acquire(lock, MW_DEADLINE_NOW, error); }
static int watch_mutex(void *lock, mw_error *error, mw_watch *out_watch) { return mw_mutex_watch(lock, error, out_watch); }
static void hold_mutex(void *lock) { mw_mutex_hold(lock); }
static void drop_mutex(void *lock) { mw_mutex_drop(lock); }

static int acquire_permit(void *lock, mw_deadline deadline, mw_error *error) {
  return mw_robust_semaphore_acquire(lock, deadline, error);
}
static int release_permit(void *lock, mw_error *error) { return mw_robust_semaphore_release(lock, 1, error); }
static int block_permit(void *lock, mw_error *error) { return mw_robust_semaphore_acquire(lock, MW_DEADLINE_NOW, error); }
static int watch_permit(void *lock, mw_error *error, mw_watch *out_watch) {
  return mw_robust_semaphore_watch(lock, error, out_watch);
}
static void hold_semaphore(void *lock) { mw_robust_semaphore_hold(lock); }
static void drop_semaphore(void *lock) { mw_robust_semaphore_drop(lock); }

static int wait_for_event(void *lock, mw_deadline deadline, mw_error *error) { return mw_event_wait(lock, deadline, error); }
static int set_event(void *lock, mw_error *error) { return mw_event_set(lock, error); }
static int clear_event(void *lock, mw_error *error) { return mw_event_clear(lock, error); }
static int watch_event(void *lock, mw_error *error, mw_watch *out_watch) { return mw_event_watch(lock, error, out_watch); }
static void hold_event(void *lock) { mw_event_hold(lock); }
static void drop_event(void *lock) { mw_event_drop(lock); }

static const lock_kind kinds[] = {
    {"mutex", "Mutex", true, 0, make_mutex, find_mutex, acquire_mutex, release_mutex, block_mutex, watch_mutex, hold_mutex,
     drop_mutex},
    {"semaphore", "RobustSemaphore", true, 64, make_semaphore, find_semaphore, acquire_permit, release_permit, block_permit,
     watch_permit, hold_semaphore, drop_semaphore},
    {"event", "Event", false, 0, make_event, find_event, wait_for_event, set_event, clear_event, watch_event, hold_event,
     drop_event},
};

static void on_kinds(lock_check *check, bool owned_only) {
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
    if (owned_only && !kinds[i].owned) continue;
    mw_well *well = well_created();
    void *lock = kinds[i].make(well, "lock");
    mw_well_hold(well); /* the check may close it */
    check(&kinds[i], well, lock);
    kinds[i].drop(lock);
    well_close_and_unlink(well);
    mw_well_drop(well);
  }
}

void on_each_lock(lock_check *check) { on_kinds(check, false); }
void on_each_owned_lock(lock_check *check) { on_kinds(check, true); }

/* ---- sleepers */

static void *acquire_it(void *context) {
  lock_sleeper *sleeper = context;
  sleeper->thread = (pid_t)syscall(SYS_gettid);
  intptr_t result = sleeper->kind->acquire(sleeper->lock, sleeper->deadline, NULL);
  sleeper->kind->drop(sleeper->lock);
  return (void *)result;
}

void lock_put_to_sleep(lock_sleeper *sleeper, const lock_kind *kind, void *lock, mw_deadline deadline) {
  *sleeper = (lock_sleeper){.kind = kind, .lock = lock, .deadline = deadline};
  kind->hold(lock);
  assert_int_equal(pthread_create(&sleeper->handle, NULL, acquire_it, sleeper), 0);
  while (sleeper->thread == 0) sched_yield();
  harness_await_futex(getpid(), sleeper->thread);
}

int lock_sleeper_result(lock_sleeper *sleeper) {
  void *result;
  assert_int_equal(pthread_join(sleeper->handle, &result), 0);
  return (int)(intptr_t)result;
}
