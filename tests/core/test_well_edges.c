/* The edges of a well's calls: arguments that only one of several calls had been given, children that have no slot yet, waiters
 * beyond those that are counted, deletions that death cut short, and pages that are lost under each call that looks.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness.h"
#include "locks.h"

enum { ADMIN = 192, PARTICIPANTS = 256, SLOT = 128 }; /* in the well, docs/formats.md */
#define GONE UINT64_C(0x474f4e450000ffff)

static _Atomic uint64_t *word_at(mw_well *well, size_t offset) {
  return (_Atomic uint64_t *)(void *)((char *)mw_region_data(mw_well_region(well)) + offset);
}

/* ---- names and shapes */

static void every_call_that_takes_a_name_looks_at_it(void **state) {
  (void)state;
  mw_well *well = well_created();
  mw_view view;
  mw_mutex *mutex = NULL;
  mw_robust_semaphore *semaphore = NULL;
  mw_event *event = NULL;
  assert_fails(MW_EINVAL, mw_well_find_array(well, "", &why, &view));
  assert_fails(MW_EINVAL, mw_well_mutex(well, "", 0, &why, &mutex));
  assert_fails(MW_EINVAL, mw_well_semaphore(well, NULL, 1, 0, &why, &semaphore));
  assert_fails(MW_EINVAL, mw_well_event(well, "", 0, &why, &event));
  assert_fails(MW_EINVAL, mw_well_delete(well, "", &why));
  well_close_and_unlink(well);
}

static void a_shape_beyond_all_memory_is_refused(void **state) {
  (void)state;
  mw_well *well = well_created();
  mw_view view;
  uint64_t wraps[3] = {UINT64_MAX, 2, 2}, huge[2] = {UINT64_C(1) << 62, 2};
  assert_fails(MW_EINVAL, mw_well_array(well, "a", MW_INT8, 3, wraps, &why, &view));
  assert_fails(MW_EINVAL, mw_well_array(well, "a", MW_INT8, 2, huge, &why, &view));
  assert_fails(MW_EINVAL, mw_well_array(well, "a", (mw_dtype)MW_DTYPE_COUNT, 1, huge, &why, &view));
  assert_fails(MW_EINVAL, mw_well_array(well, "a", MW_INT8, 1, NULL, &why, &view));
  well_close_and_unlink(well);
}

/* The reason is cut where it has no more room. */
static void a_shape_that_differs_is_another(void **state) {
  (void)state;
  mw_well *well = well_created();
  mw_view view;
  uint64_t there[8] = {0, 1, 1, 1, 1, 1, 1, 1}, wanted[8] = {0, 1, 1, 1, 1, 1, 1, 2}, long_one[8];
  assert_int_equal(mw_well_array(well, "a", MW_UINT8, 8, there, &why, &view), 1);
  assert_fails(MW_EKIND, mw_well_array(well, "a", MW_UINT8, 8, wanted, &why, &view));
  assert_non_null(strstr(why.reason, "wanted array of uint8, shape (0, 1, 1, 1, 1, 1, 1, 2)"));
  assert_fails(MW_EKIND, mw_well_array(well, "a", MW_UINT8, 7, wanted, &why, &view));
  mw_robust_semaphore *semaphore = NULL;
  assert_fails(MW_EKIND, mw_well_semaphore(well, "a", 0, 0, &why, &semaphore));
  mw_mutex_drop(well_mutex(well, "m"));
  assert_fails(MW_EKIND, mw_well_array(well, "m", MW_UINT8, 8, there, &why, &view));
  assert_non_null(strstr(why.reason, "found mutex, wanted array of uint8"));
  assert_fails(MW_EKIND, mw_well_semaphore(well, "a", 0, 0, &why, &semaphore));
  assert_non_null(strstr(why.reason, ", wanted semaphore"));
  assert_fails(MW_EKIND, mw_well_array(well, "a", MW_INT8, 8, there, &why, &view));
  for (int i = 0; i < 8; i++) long_one[i] = 0;
  long_one[1] = long_one[2] = long_one[3] = long_one[4] = long_one[5] = UINT64_MAX;
  assert_fails(MW_EKIND, mw_well_array(well, "a", MW_UINT8, 8, long_one, &why, &view));
  assert_non_null(strstr(why.reason, "18446744073709551615"));
  well_close_and_unlink(well);
}

static void options_are_looked_at_by_every_call(void **state) {
  (void)state;
  mw_well *well = NULL;
  mw_well_options options = {.size_of_struct = sizeof options, .flags = 1u << 30};
  assert_fails(MW_EINVAL, mw_well_attach(well_name(), &options, &why, &well));
  assert_fails(MW_EINVAL, mw_well_open(well_name(), WELL_SIZE, &options, &why, &well));
  assert_fails(MW_EINVAL, mw_well_file("x", 0, &options, &why, &well));
  assert_fails(MW_EINVAL, mw_well_file("", 0, NULL, &why, &well));
  assert_fails(MW_EINVAL, mw_well_file(NULL, 0, NULL, &why, &well));
  assert_fails(MW_EINVAL, mw_well_attach("a/b", NULL, &why, &well));
  options = (mw_well_options){.size_of_struct = sizeof options, .flags = MW_OBSERVER};
  assert_fails(MW_ENOENT, mw_well_file(harness_path("none"), WELL_SIZE, &options, &why, &well)); /* who looks makes nothing */
  options = (mw_well_options){.size_of_struct = sizeof options, .inode = 1};
  assert_fails(MW_ENOENT, mw_well_file(harness_path("none"), WELL_SIZE, &options, &why, &well)); /* nor who wants that one */
}

/* ---- the end of handles */

static void a_closed_handle_is_closed_once_and_says_so(void **state) {
  (void)state;
  mw_well *well = well_created(), *observer = well_observed();
  int slot;
  uint64_t size;
  unsigned count;
  uint32_t cursor = 0;
  mw_view view;
  mw_participant_info participant;
  mw_object_info object;
  assert_fails(MW_ENOTSUP, mw_well_slot(observer, &why, &slot));
  mw_well_hold(well);
  assert_ok(mw_well_close(well, &why));
  assert_ok(mw_well_close(well, &why));
  mw_well_abandon(well);
  assert_ok(mw_well_close(NULL, &why));
  mw_well_abandon(NULL);
  assert_fails(MW_ECLOSED, mw_well_slot(well, &why, &slot));
  assert_fails(MW_ECLOSED, mw_well_free(well, &why, &size));
  assert_fails(MW_ECLOSED, mw_well_reap(well, &why, &count));
  assert_fails(MW_ECLOSED, mw_well_next_participant(well, &cursor, &why, &participant));
  assert_fails(MW_ECLOSED, mw_well_next_object(well, &cursor, &why, &object));
  assert_fails(MW_ECLOSED, mw_well_find_array(well, "a", &why, &view));
  assert_fails(MW_ECLOSED, mw_well_delete(well, "a", &why));
  mw_well_drop(well);
  mw_well_hold(observer);
  well_close(observer);
  assert_fails(MW_ECLOSED, mw_well_find_array(observer, "a", &why, &view));
  mw_well_drop(observer);
  assert_ok(mw_well_unlink(well_name(), &why));
}

/* ---- a child that has no slot yet */

static void a_child_holds_nothing_before_it_attaches(void **state) {
  (void)state;
  mw_well *well = well_created();
  mw_mutex *mutex = well_mutex(well, "m");
  mw_robust_semaphore *semaphore = well_semaphore(well, "s", 4);
  assert_ok(mw_mutex_acquire(mutex, MW_DEADLINE_NOW, &why));
  assert_ok(mw_robust_semaphore_acquire(semaphore, MW_DEADLINE_NOW, &why));
  mw_event *event = well_event(well, "e");
  for (int way = 0; way < 7; way++) {
    pid_t child = harness_fork();
    if (child == 0) {
      unsigned held = 9;
      if (way == 0) assert_fails(MW_ENOTOWNER, mw_mutex_release(mutex, &why));
      if (way == 1) assert_fails(MW_ENOTOWNER, mw_mutex_recover_end(mutex, true, &why));
      if (way == 2) assert_fails(MW_ENOTOWNER, mw_robust_semaphore_release(semaphore, 1, &why));
      if (way == 3) assert_fails(MW_ENOTOWNER, mw_robust_semaphore_release(semaphore, 2, &why));
      if (way == 4) assert_false(mw_mutex_is_held(mutex));
      if (way == 5) assert_ok(mw_robust_semaphore_held(semaphore, &why, &held));
      if (way == 5) assert_int_equal(held, 0);
      bool set = true;
      if (way == 6) assert_ok(mw_event_is_set(event, &why, &set));
      if (way == 6) assert_false(set);
      mw_event_drop(event);
      mw_mutex_drop(mutex);
      mw_robust_semaphore_drop(semaphore);
      well_close(well); /* of which it holds nothing */
      _exit(0);
    }
    assert_int_equal(harness_wait(child), 0);
  }
  mw_event_drop(event);
  assert_true(mw_mutex_is_held(mutex));
  assert_ok(mw_mutex_release(mutex, &why));
  assert_ok(mw_robust_semaphore_release(semaphore, 1, &why));
  mw_mutex_drop(mutex);
  mw_robust_semaphore_drop(semaphore);
  well_close_and_unlink(well);
}

/* ---- more waiters than are counted */

static void count_waiters(const lock_kind *kind, mw_well *well, void *lock) {
  enum { WAITERS = 17, COUNTED = 16 };
  if (kind->owned) return; /* an event wakes all at once */
  lock_sleeper sleepers[WAITERS];
  for (int i = 0; i < WAITERS; i++) lock_put_to_sleep(&sleepers[i], kind, lock, MW_DEADLINE_NEVER);
  assert_int_equal(well_object(well, "lock").waiters, COUNTED);
  assert_ok(kind->release(lock, &why));
  for (int i = 0; i < WAITERS; i++) assert_ok(lock_sleeper_result(&sleepers[i]));
  assert_int_equal(well_object(well, "lock").waiters, 0);
}

static void seventeen_threads_wait_and_sixteen_are_counted(void **state) {
  (void)state;
  on_each_lock(count_waiters);
}

/* ---- deletions that death cut short */

/* Who has the slot of the child dies with the admin lock in hand and its lock's words GONE. */
static void die_deleting(mw_well *well, const char *label, uint64_t offset, unsigned words) {
  mw_mutex *own = well_mutex(well, "own");
  _Atomic uint64_t *admin = word_at(well, ADMIN), *signature = well_word(well, "own", 0);
  pid_t child = harness_fork();
  if (child == 0) {
    assert_ok(mw_mutex_acquire(own, MW_DEADLINE_NOW, &why));
    *admin = *signature;
    for (unsigned i = 0; i < words; i++) *well_word(well, label, offset + 8 * (uint64_t)i) = GONE;
    assert_ok(mw_mutex_release(own, &why));
    fflush(NULL);
    kill(getpid(), SIGKILL);
  }
  assert_int_equal(harness_wait(child), 128 + SIGKILL);
  mw_mutex_drop(own);
}

static void a_mutex_that_was_to_be_deleted_is_there_to_be_mended(void **state) {
  (void)state;
  mw_well *well = well_created();
  mw_mutex *mutex = well_mutex(well, "m");
  die_deleting(well, "m", 0, 1);
  assert_fails(MW_EOWNERDEAD, mw_mutex_acquire(mutex, mw_deadline_after(10), &why));
  assert_int_equal(mw_mutex_recover_begin(mutex, MW_DEADLINE_NOW, &why), 1);
  assert_ok(mw_mutex_recover_end(mutex, true, &why));
  assert_ok(mw_mutex_release(mutex, &why));
  assert_ok(mw_well_check(well, &why));
  mw_mutex_drop(mutex);
  well_close_and_unlink(well);
}

static void permits_that_were_to_be_deleted_are_free(void **state) {
  (void)state;
  mw_well *well = well_created();
  mw_robust_semaphore *semaphore = well_semaphore(well, "s", 3);
  die_deleting(well, "s", 64, 3);
  unsigned value = 9;
  assert_ok(mw_well_check(well, &why)); /* it is on its way, and no damage */
  assert_ok(mw_robust_semaphore_value(semaphore, &why, &value));
  assert_int_equal(value, 0);
  assert_ok(mw_robust_semaphore_acquire(semaphore, mw_deadline_after(10), &why));
  assert_ok(mw_robust_semaphore_value(semaphore, &why, &value));
  assert_int_equal(value, 2);
  assert_ok(mw_robust_semaphore_release(semaphore, 1, &why));
  assert_ok(mw_well_check(well, &why));
  mw_robust_semaphore_drop(semaphore);
  well_close_and_unlink(well);
}

/* ---- slots whose word is damaged */

static void a_damaged_slot_is_nobodys_to_reap_or_rob(void **state) {
  (void)state;
  mw_well *well = well_created();
  int slot = well_slot_of(well);
  _Atomic uint64_t *other = word_at(well, PARTICIPANTS + (size_t)(slot + 1) * SLOT);
  uint64_t before = *other;
  unsigned count = 9;
  uint32_t cursor = (uint32_t)slot + 1;
  mw_participant_info info;
  *other = 1; /* in use, and not a life */
  assert_fails(MW_ENOENT, mw_well_break_locks(well, slot + 1, &why, &count));
  assert_ok(mw_well_reap(well, &why, &count));
  assert_int_equal(count, 0);
  assert_fails(MW_EFORMAT, mw_well_next_participant(well, &cursor, &why, &info));
  assert_fails(MW_EFORMAT, mw_well_check(well, &why));
  pid_t child = harness_fork();
  if (child == 0) {
    mw_well *theirs = NULL;
    *other = (before | ((UINT64_C(1) << 48) - 2)); /* a generation that is the last */
    assert_fails(MW_EFORMAT, mw_well_attach(well_name(), NULL, &why, &theirs));
    _exit(0);
  }
  assert_int_equal(harness_wait(child), 0);
  *other = before;
  well_close_and_unlink(well);
}

/* ---- a page that is lost under each call that looks */

static void looks_at_the_tables(mw_well *well, int call) {
  uint64_t size;
  uint32_t cursor = 0;
  unsigned count;
  mw_object_info object;
  mw_participant_info participant;
  mw_view view;
  uint64_t one = 1;
  if (call == 0) assert_fails(MW_EFAULT, mw_well_free(well, &why, &size));
  if (call == 1) assert_fails(MW_EFAULT, mw_well_next_object(well, &cursor, &why, &object));
  if (call == 2) assert_fails(MW_EFAULT, mw_well_next_participant(well, &cursor, &why, &participant));
  if (call == 3) assert_fails(MW_EFAULT, mw_well_reap(well, &why, &count));
  if (call == 4) assert_fails(MW_EFAULT, mw_well_find_array(well, "a", &why, &view));
  if (call == 5) assert_fails(MW_EFAULT, mw_well_array(well, "a", MW_INT8, 1, &one, &why, &view));
  if (call == 6) assert_fails(MW_EFAULT, mw_well_delete(well, "a", &why));
  if (call == 7) assert_fails(MW_EFAULT, mw_well_check(well, &why));
}

static void every_look_at_a_lost_page_says_so(void **state) {
  (void)state;
  for (int call = 0; call < 8; call++) {
    pid_t child = harness_fork();
    if (child == 0) {
      harness_let_faults_kill();
      mw_well *well = NULL;
      char label[32];
      snprintf(label, sizeof label, "lost-%d", call);
      assert_ok(mw_well_create(harness_name(label), WELL_SIZE, NULL, &why, &well));
      assert_int_equal(truncate(harness_shm_path("", harness_name(label)), 0), 0);
      looks_at_the_tables(well, call);
      mw_well_abandon(well);
      assert_ok(mw_well_unlink(harness_name(label), &why));
      _exit(0);
    }
    assert_int_equal(harness_wait(child), 0);
  }
}

/* The page that the locks are in, and not the tables'. */
static void calls_a_lock(mw_well *well, int call) {
  mw_mutex *mutex = well_mutex(well, "m");
  mw_robust_semaphore *semaphore = well_semaphore(well, "s", 3);
  mw_event *event = well_event(well, "e");
  int slot;
  unsigned count = 9;
  bool set;
  assert_int_equal(truncate(harness_shm_path("", mw_well_name(well)), WELL_SIZE - 4096), 0);
  if (call == 0) assert_fails(MW_EFAULT, mw_mutex_acquire(mutex, MW_DEADLINE_NEVER, &why));
  if (call == 1) assert_fails(MW_EFAULT, mw_mutex_release(mutex, &why));
  if (call == 2) assert_fails(MW_EFAULT, mw_mutex_recover_begin(mutex, MW_DEADLINE_NEVER, &why));
  if (call == 3) assert_fails(MW_EFAULT, mw_mutex_recover_end(mutex, true, &why));
  if (call == 4) assert_fails(MW_EFAULT, mw_mutex_owner(mutex, &why, &slot, NULL));
  if (call == 5) assert_fails(MW_EFAULT, mw_robust_semaphore_acquire(semaphore, MW_DEADLINE_NEVER, &why));
  if (call == 6) assert_fails(MW_EFAULT, mw_robust_semaphore_release(semaphore, 1, &why));
  if (call == 7) assert_fails(MW_EFAULT, mw_robust_semaphore_release(semaphore, 2, &why));
  if (call == 8) assert_fails(MW_EFAULT, mw_robust_semaphore_value(semaphore, &why, &count));
  if (call == 9) assert_fails(MW_EFAULT, mw_robust_semaphore_held(semaphore, &why, &count));
  if (call == 10) assert_fails(MW_EFAULT, mw_event_set(event, &why));
  if (call == 11) assert_fails(MW_EFAULT, mw_event_clear(event, &why));
  if (call == 12) assert_fails(MW_EFAULT, mw_event_wait(event, MW_DEADLINE_NEVER, &why));
  if (call == 13) assert_fails(MW_EFAULT, mw_event_is_set(event, &why, &set));
  assert_int_equal(count, 9);
  mw_mutex_drop(mutex);
  mw_robust_semaphore_drop(semaphore);
  mw_event_drop(event);
}

static void a_lock_whose_own_page_is_lost_says_so(void **state) {
  (void)state;
  for (int call = 0; call < 14; call++) {
    pid_t child = harness_fork();
    if (child == 0) {
      harness_let_faults_kill();
      mw_well *well = well_created();
      calls_a_lock(well, call);
      mw_well_abandon(well);
      assert_ok(mw_well_unlink(well_name(), &why));
      _exit(0);
    }
    assert_int_equal(harness_wait(child), 0);
  }
}

static void an_event_that_is_no_more_was_not_set(void **state) {
  (void)state;
  mw_well *well = well_created();
  mw_event *event = well_event(well, "e");
  mw_watch watch;
  assert_ok(mw_event_watch(event, &why, &watch));
  assert_false(mw_event_was_set(event, &watch));
  assert_ok(mw_event_set(event, &why));
  assert_ok(mw_event_clear(event, &why));
  assert_true(mw_event_was_set(event, &watch)); /* in between */
  assert_ok(mw_event_watch(event, &why, &watch));
  assert_ok(mw_well_delete(well, "e", &why));
  assert_false(mw_event_was_set(event, &watch));
  mw_event_drop(event);
  well_close_and_unlink(well);
}

/* ---- the region that a well is in, and wells beside each other */

static void the_region_of_a_well_is_to_be_looked_at(void **state) {
  (void)state;
  mw_well *well = well_created();
  mw_region *region = mw_well_region(well);
  int fd;
  assert_int_equal(mw_region_size(region), WELL_SIZE);
  assert_fails(MW_EPERM, mw_region_resize(region, (uint64_t)2 * WELL_SIZE, &why));
  assert_fails(MW_EPERM, mw_region_remap(region, &why));
  assert_fails(MW_EPERM, mw_region_protect(region, true, &why));
  assert_fails(MW_EPERM, mw_region_seal(region, MW_SEAL_SHRINK, &why));
  assert_fails(MW_EPERM, mw_region_discard(region, 0, WELL_SIZE, &why));
  assert_fails(MW_ENOTSUP, mw_region_descriptor(region, &why, &fd)); /* the well's, one for all handles */
  assert_ok(mw_well_check(well, &why));
  well_close_and_unlink(well);
}

static mw_well *created_as(const char *label) {
  mw_well *well = NULL;
  assert_ok(mw_well_create(harness_name(label), WELL_SIZE, NULL, &why, &well));
  return well;
}

static void wells_beside_each_other_are_found_and_left_in_any_order(void **state) {
  (void)state;
  static const int orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
  static const char *const labels[3] = {"one", "two", "three"};
  for (int order = 0; order < 6; order++) {
    mw_well *wells[3], *again[3] = {NULL, NULL, NULL};
    for (int i = 0; i < 3; i++) wells[i] = created_as(labels[i]);
    for (int i = 0; i < 3; i++) assert_ok(mw_well_attach(harness_name(labels[i]), NULL, &why, &again[i]));
    for (int i = 0; i < 3; i++) {
      int gone = orders[order][i];
      assert_int_equal(well_participants(wells[gone]), 1);
      assert_int_equal(well_slot_of(wells[gone]), well_slot_of(again[gone]));
      well_close(wells[gone]);
      assert_int_equal(well_participants(again[gone]), 1);
      well_close(again[gone]);
      assert_ok(mw_well_unlink(harness_name(labels[gone]), &why));
    }
  }
}

/* ---- what a check and an attach look at */

static void the_counts_and_the_admin_lock_are_checked(void **state) {
  (void)state;
  enum { TICKET = 128, SERIAL = 136 };
  static const size_t places[] = {TICKET, SERIAL, ADMIN};
  static const uint64_t damage[] = {UINT64_C(1) << 48, UINT64_C(1) << 48, GONE};
  mw_well *well = well_created();
  for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
    _Atomic uint64_t *word = word_at(well, places[i]);
    uint64_t before = *word;
    *word = damage[i];
    assert_fails(MW_EFORMAT, mw_well_check(well, &why));
    *word = 0;
    assert_fails(MW_EFORMAT, mw_well_check(well, &why));
    *word = before;
    assert_ok(mw_well_check(well, &why));
  }
  well_close_and_unlink(well);
}

/* Where the entry of an object is. */
static size_t entry_of(mw_well *well, const char *label) {
  enum { DIRECTORY = 40, NAME = 128, ENTRY = 256 };
  size_t entry = *word_at(well, DIRECTORY);
  while (strcmp((char *)(void *)word_at(well, entry + NAME), label) != 0) entry += ENTRY;
  return entry;
}

/* Free space is what the entries leave over: they are doubted there too, though nobody sums them up for it. */
static void memory_that_is_not_in_the_well_leaves_nothing_free(void **state) {
  (void)state;
  enum { LOCKS_FLOOR = 144, OFFSET = 8, ENTRY_SIZE = 16 };
  mw_well *well = well_created();
  mw_view view;
  uint64_t count = 100, size;
  assert_int_equal(mw_well_array(well, "a", MW_INT64, 1, &count, &why, &view), 1);
  size_t entry = entry_of(well, "a");
  const struct {
    size_t place;
    uint64_t damage;
  } damages[] = {
      {entry + OFFSET, 0}, {entry + OFFSET, WELL_SIZE + 64}, {entry + ENTRY_SIZE, UINT64_MAX}, {entry + ENTRY_SIZE, WELL_SIZE},
      {LOCKS_FLOOR, 0},    {LOCKS_FLOOR, WELL_SIZE + 64},    {LOCKS_FLOOR, WELL_SIZE - 1}};
  for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
    _Atomic uint64_t *word = word_at(well, damages[i].place);
    uint64_t before = *word;
    *word = damages[i].damage;
    assert_fails(MW_EFORMAT, mw_well_free(well, &why, &size));
    assert_fails(MW_EFORMAT, mw_well_array(well, "b", MW_INT64, 1, &count, &why, &view));
    assert_fails(MW_EFORMAT, mw_well_check(well, &why));
    *word = before;
    assert_ok(mw_well_free(well, &why, &size));
  }
  well_close_and_unlink(well);
}

/* By somebody who wrote over it: it says that this very thread changes the well. */
static void a_directory_that_is_said_to_be_ours_is_damaged(void **state) {
  (void)state;
  enum { THREAD = 16 };
  mw_well *well = well_created();
  mw_mutex *mutex = well_mutex(well, "m"), *other = NULL;
  uint64_t free = *word_at(well, ADMIN);
  assert_ok(mw_mutex_acquire(mutex, MW_DEADLINE_NOW, &why));
  *word_at(well, ADMIN + THREAD) = *well_word(well, "m", THREAD);
  *word_at(well, ADMIN) = *well_word(well, "m", 0);
  assert_fails(MW_EFORMAT, mw_well_mutex(well, "n", 0, &why, &other));
  assert_non_null(strstr(why.reason, "admin lock is damaged"));
  assert_fails(MW_EFORMAT, mw_well_delete(well, "m", &why));
  *word_at(well, ADMIN) = free;
  assert_ok(mw_mutex_release(mutex, &why));
  mw_mutex_drop(mutex);
  well_close_and_unlink(well);
}

static void either_half_of_another_boot_is_another(void **state) {
  (void)state;
  enum { BOOT = 152 };
  const char *path = harness_path("well");
  for (size_t half = 0; half < 2; half++) {
    mw_well *well = NULL;
    assert_true(mw_well_file(path, WELL_SIZE, NULL, &why, &well) >= 0);
    _Atomic uint64_t *boot = word_at(well, BOOT + 8 * half), *admin = word_at(well, ADMIN);
    uint64_t this_boot = *boot, free = *admin;
    *boot = this_boot + 1;
    *admin = GONE; /* which only a check of everything finds */
    well_close(well);
    assert_fails(MW_EFORMAT, mw_well_file(path, 0, NULL, &why, &well));
    mw_well_options options = {.size_of_struct = sizeof options, .flags = MW_OBSERVER};
    assert_ok(mw_well_file(path, 0, &options, &why, &well)); /* who looks may look at damage */
    assert_fails(MW_EFORMAT, mw_well_check(well, &why));
    well_close(well);
    mw_region *file = NULL;
    assert_ok(mw_region_file(path, 0, NULL, &why, &file));
    assert_ok(mw_region_write(file, ADMIN, &free, sizeof free, &why));
    mw_region_close(file);
    assert_ok(mw_well_file(path, 0, NULL, &why, &well));
    assert_int_equal(*word_at(well, BOOT + 8 * half), this_boot);
    well_close(well);
  }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_call_that_takes_a_name_looks_at_it),
    cmocka_unit_test(a_shape_beyond_all_memory_is_refused),
    cmocka_unit_test(a_shape_that_differs_is_another),
    cmocka_unit_test(options_are_looked_at_by_every_call),
    cmocka_unit_test(a_closed_handle_is_closed_once_and_says_so),
    cmocka_unit_test(a_child_holds_nothing_before_it_attaches),
    cmocka_unit_test(seventeen_threads_wait_and_sixteen_are_counted),
    cmocka_unit_test(a_mutex_that_was_to_be_deleted_is_there_to_be_mended),
    cmocka_unit_test(permits_that_were_to_be_deleted_are_free),
    cmocka_unit_test(a_damaged_slot_is_nobodys_to_reap_or_rob),
    cmocka_unit_test(every_look_at_a_lost_page_says_so),
    cmocka_unit_test(a_lock_whose_own_page_is_lost_says_so),
    cmocka_unit_test(an_event_that_is_no_more_was_not_set),
    cmocka_unit_test(the_region_of_a_well_is_to_be_looked_at),
    cmocka_unit_test(wells_beside_each_other_are_found_and_left_in_any_order),
    cmocka_unit_test(the_counts_and_the_admin_lock_are_checked),
    cmocka_unit_test(memory_that_is_not_in_the_well_leaves_nothing_free),
    cmocka_unit_test(a_directory_that_is_said_to_be_ours_is_damaged),
    cmocka_unit_test(either_half_of_another_boot_is_another),
};

HARNESS_MAIN(tests)
