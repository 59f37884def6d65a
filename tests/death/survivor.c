/* Who comes after the dead: looks at everything, and uses it.
 *
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "stage.h"

/* ---- what was left */

static void check_array(const char *name) {
  mw_view array;
  assert_ok(mw_well_find_array(me.well, name, &why, &array));
  const uint64_t *elements = (const uint64_t *)(const void *)((uint8_t *)mw_region_data(mw_well_region(me.well)) + array.offset);
  bool is_new = strcmp(name, "array") != 0; /* and full of zeros */
  for (uint64_t i = 0; i < ELEMENTS; i++) assert_int_equal(elements[i], is_new ? 0 : i * 3 + 1);
}

static void check_mutex(const char *name, const legacy *left) {
  mw_mutex *mutex;
  assert_ok(mw_well_mutex(me.well, name, MW_MUST_EXIST, &why, &mutex));
  int recovers = mw_mutex_recover_begin(mutex, FOR_LONG, &why);
  if (recovers < 0) assert_ok(recovers);
  assert_int_equal(recovers, bytes_will_be_inconsistent(&left->bytes, name, left->alive));
  if (recovers) assert_ok(mw_mutex_recover_end(mutex, true, &why));
  assert_ok(mw_mutex_release(mutex, &why));
  assert_ok(mw_mutex_acquire(mutex, MW_DEADLINE_NOW, &why));
  assert_ok(mw_mutex_release(mutex, &why));
  mw_mutex_drop(mutex);
}

/* Every permit comes back, and none comes twice. */
static void check_semaphore(const char *name) {
  mw_robust_semaphore *semaphore;
  assert_ok(mw_well_semaphore(me.well, name, 0, MW_MUST_EXIST, &why, &semaphore));
  unsigned capacity = mw_robust_semaphore_capacity(semaphore), value;
  for (unsigned i = 0; i < capacity; i++) assert_ok(mw_robust_semaphore_acquire(semaphore, MW_DEADLINE_NOW, &why));
  assert_fails(MW_ETIMEDOUT, mw_robust_semaphore_acquire(semaphore, MW_DEADLINE_NOW, &why));
  assert_ok(mw_robust_semaphore_release(semaphore, capacity, &why));
  assert_ok(mw_robust_semaphore_value(semaphore, &why, &value));
  assert_int_equal(value, capacity);
  mw_robust_semaphore_drop(semaphore);
}

static void check_event(const char *name, const legacy *left) {
  mw_event *event;
  bool set;
  assert_ok(mw_well_event(me.well, name, MW_MUST_EXIST, &why, &event));
  assert_ok(mw_event_is_set(event, &why, &set));
  assert_int_equal(set, bytes_will_be_set(&left->bytes, name));
  assert_ok(mw_event_clear(event, &why));
  assert_fails(MW_ETIMEDOUT, mw_event_wait(event, MW_DEADLINE_NOW, &why));
  assert_ok(mw_event_set(event, &why));
  assert_ok(mw_event_wait(event, FOR_LONG, &why));
  mw_event_drop(event);
}

static void check_object(const mw_object_info *info, const legacy *left) {
  assert_non_null(bytes_object(&left->bytes, info->name));
  assert_int_equal(info->owner, -1);
  if (strcmp(info->kind, "array") == 0)
    check_array(info->name);
  else if (strcmp(info->kind, "mutex") == 0)
    check_mutex(info->name, left);
  else if (strcmp(info->kind, "semaphore") == 0)
    check_semaphore(info->name);
  else
    check_event(info->name, left);
}

static void check_objects(const legacy *left) {
  mw_object_info info;
  uint32_t cursor = 0;
  int count = 0, more;
  while ((more = mw_well_next_object(me.well, &cursor, &why, &info)) == 1) {
    check_object(&info, left);
    count++;
  }
  assert_ok(more);
  assert_int_equal(count, bytes_count_objects(&left->bytes));
}

static void check_participants(void) {
  mw_participant_info info;
  uint32_t cursor = 0;
  int count = 0, more;
  while ((more = mw_well_next_participant(me.well, &cursor, &why, &info)) == 1) {
    assert_true(info.self);
    count++;
  }
  assert_ok(more);
  assert_int_equal(count, 1);
}

/* ---- what is new */

static uint64_t free_now(void) {
  well_bytes now;
  uint64_t size;
  stage_read(&now);
  assert_ok(mw_well_free(me.well, &why, &size));
  assert_int_equal(size, bytes_free(&now));
  return bytes_largest_gap(&now);
}

/* An array of all that is free in one piece, but not of more. */
static void use_space(void) {
  mw_view array;
  uint64_t size = free_now();
  assert_fails(MW_EFULL, mw_well_array(me.well, "again-array", MW_UINT8, 1, (uint64_t[]){size + 1}, &why, &array));
  assert_int_equal(mw_well_array(me.well, "again-array", MW_UINT8, 1, (uint64_t[]){size}, &why, &array), 1);
  const uint8_t *elements = (uint8_t *)mw_region_data(mw_well_region(me.well)) + array.offset;
  for (uint64_t i = 0; i < size; i++) assert_int_equal(elements[i], 0);
  assert_ok(mw_well_delete(me.well, "again-array", &why));
  free_now();
}

static void use_locks(void) {
  mw_mutex *mutex;
  assert_int_equal(mw_well_mutex(me.well, "again", 0, &why, &mutex), 1);
  assert_ok(mw_mutex_acquire(mutex, MW_DEADLINE_NOW, &why));
  assert_fails(MW_EBUSY, mw_well_delete(me.well, "again", &why));
  assert_ok(mw_mutex_release(mutex, &why));
  assert_ok(mw_well_delete(me.well, "again", &why));
  assert_fails(MW_ECLOSED, mw_mutex_acquire(mutex, MW_DEADLINE_NOW, &why));
  mw_mutex_drop(mutex);
}

void survive(void *left) {
  unsigned dead;
  actor_attach();
  assert_ok(mw_well_check(me.well, &why));
  assert_ok(mw_well_reap(me.well, &why, &dead));
  check_participants();
  check_objects(left);
  use_locks();
  use_space();
  assert_ok(mw_well_check(me.well, &why));
  actor_detach();
}

/* ---- the same, in its shortest form */

void revive(void *unused) {
  (void)unused;
  unsigned dead;
  mw_mutex *mutex;
  assert_ok(mw_well_reap(me.well, &why, &dead));
  int recovers = mw_well_mutex(me.well, "mutex", MW_MUST_EXIST, &why, &mutex); /* unless it was deleted */
  if (recovers == 0) {
    recovers = mw_mutex_recover_begin(mutex, FOR_LONG, &why);
    if (recovers == 1) assert_ok(mw_mutex_recover_end(mutex, true, &why));
    assert_true(recovers >= 0);
    assert_ok(mw_mutex_release(mutex, &why));
    mw_mutex_drop(mutex);
  }
  assert_int_equal(mw_well_mutex(me.well, "revived", 0, &why, &mutex), 1); /* whoever changes the directory mends it first */
  mw_mutex_drop(mutex);
  assert_ok(mw_well_delete(me.well, "revived", &why));
}
