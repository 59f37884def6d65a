/* Wells: made whole, attached to, their directory, their space, and who is attached. Locks are in test_mutex.c and so on.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness.h"

#define SIZE 65536

static const char *name(void) { return harness_name("well"); }

static mw_well *created(uint64_t size) {
  mw_well *well = NULL;
  assert_ok(mw_well_create(name(), size, NULL, &why, &well));
  return well;
}

static mw_well *attached(void) {
  mw_well *well = NULL;
  assert_ok(mw_well_attach(name(), NULL, &why, &well));
  return well;
}

static mw_well *observed(void) {
  mw_well *well = NULL;
  mw_well_options options = {.size_of_struct = sizeof options, .flags = MW_OBSERVER};
  assert_ok(mw_well_attach(name(), &options, &why, &well));
  return well;
}

static void close_well(mw_well *well) {
  assert_ok(mw_well_close(well, &why));
  mw_well_drop(NULL);
}

static void close_and_unlink(mw_well *well) {
  close_well(well);
  assert_ok(mw_well_unlink(name(), &why));
}

static mw_view array(mw_well *well, const char *label, uint64_t count) {
  mw_view view;
  assert_true(mw_well_array(well, label, MW_FLOAT64, 1, &count, &why, &view) >= 0);
  return view;
}

static uint64_t free_of(mw_well *well) {
  uint64_t size = 0;
  assert_ok(mw_well_free(well, &why, &size));
  return size;
}

static int slot_of(mw_well *well) {
  int slot = -1;
  assert_ok(mw_well_slot(well, &why, &slot));
  return slot;
}

static unsigned count_participants(mw_well *well) {
  uint32_t cursor = 0;
  unsigned count = 0;
  mw_participant_info info;
  while (mw_well_next_participant(well, &cursor, &why, &info) == 1) count++;
  return count;
}

static unsigned count_objects(mw_well *well) {
  uint32_t cursor = 0;
  unsigned count = 0;
  mw_object_info info;
  while (mw_well_next_object(well, &cursor, &why, &info) == 1) count++;
  return count;
}

/* ---- making and attaching */

static void what_is_created_can_be_attached_to(void **state) {
  (void)state;
  mw_well *one = created(SIZE), *two = attached();
  assert_int_equal(mw_well_size(two), SIZE);
  assert_string_equal(mw_well_name(two), name());
  assert_int_equal(slot_of(one), slot_of(two)); /* a process has one slot */
  assert_int_equal(count_participants(one), 1);
  assert_ok(mw_well_check(two, &why));
  close_well(one);
  assert_int_equal(count_participants(two), 1);
  close_and_unlink(two);
}

static void an_array_is_the_same_memory_for_all(void **state) {
  (void)state;
  mw_well *one = created(SIZE), *two = attached();
  mw_view here = array(one, "a", 100), there = array(two, "a", 100);
  *(double *)mw_view_at(&here, 99) = 2.5;
  assert_true(*(double *)mw_view_at(&there, 99) == 2.5);
  assert_int_equal(here.offset % 64, 0);
  mw_view found;
  assert_ok(mw_well_find_array(two, "a", &why, &found));
  assert_int_equal(found.shape[0], 100);
  assert_int_equal(found.dtype, MW_FLOAT64);
  close_well(one);
  assert_null(mw_view_at(&here, 0));
  close_and_unlink(two);
}

static void what_is_there_must_agree(void **state) {
  (void)state;
  mw_well *well = created(SIZE);
  uint64_t shape[2] = {3, 4};
  mw_view view;
  mw_mutex *mutex = NULL;
  mw_robust_semaphore *semaphore = NULL;
  assert_int_equal(mw_well_array(well, "a", MW_INT32, 2, shape, &why, &view), 1);
  assert_fails(MW_EKIND, mw_well_array(well, "a", MW_INT64, 2, shape, &why, &view));
  assert_string_equal(why.reason, "found array of int32, shape (3, 4), wanted array of int64, shape (3, 4)");
  assert_fails(MW_EKIND, mw_well_array(well, "a", MW_INT32, 1, shape, &why, &view));
  assert_fails(MW_EKIND, mw_well_mutex(well, "a", 0, &why, &mutex));
  assert_int_equal(mw_well_semaphore(well, "s", 3, 0, &why, &semaphore), 1);
  mw_robust_semaphore_drop(semaphore);
  assert_fails(MW_EKIND, mw_well_semaphore(well, "s", 4, 0, &why, &semaphore));
  assert_string_equal(why.reason, "found semaphore of capacity 3, wanted semaphore of capacity 4");
  assert_ok(mw_well_semaphore(well, "s", 0, 0, &why, &semaphore));
  assert_int_equal(mw_robust_semaphore_capacity(semaphore), 3);
  mw_robust_semaphore_drop(semaphore);
  assert_fails(MW_EKIND, mw_well_find_array(well, "s", &why, &view));
  close_and_unlink(well);
}

static void names_and_shapes_that_cannot_be_are_refused(void **state) {
  (void)state;
  mw_well *well = created(SIZE);
  char longest[129];
  uint64_t one = 1, shape[2] = {UINT64_MAX / 2, 8};
  mw_view view;
  memset(longest, 'x', 128);
  longest[128] = '\0';
  assert_fails(MW_EINVAL, mw_well_array(well, "", MW_INT8, 1, &one, &why, &view));
  assert_fails(MW_EINVAL, mw_well_array(well, longest, MW_INT8, 1, &one, &why, &view));
  assert_fails(MW_EINVAL, mw_well_array(well, NULL, MW_INT8, 1, &one, &why, &view));
  assert_fails(MW_EINVAL, mw_well_array(well, "a", MW_INT8, 2, shape, &why, &view));
  assert_fails(MW_EINVAL, mw_well_array(well, "a", MW_INT8, 9, shape, &why, &view));
  assert_fails(MW_ENOENT, mw_well_find_array(well, "a", &why, &view));
  assert_int_equal(why.os_errno, 0); /* it is the well that says so, not the system */
  longest[127] = '\0';
  assert_int_equal(mw_well_array(well, longest, MW_INT8, 1, &one, &why, &view), 1);
  one = 0;
  assert_int_equal(mw_well_array(well, "empty", MW_INT8, 1, &one, &why, &view), 1);
  assert_ok(mw_well_check(well, &why));
  close_and_unlink(well);
}

static void sizes_that_cannot_be_are_refused(void **state) {
  (void)state;
  mw_well *well = NULL;
  mw_well_options options = {.size_of_struct = sizeof options, .slots = 257};
  assert_fails(MW_EINVAL, mw_well_create(name(), 100, NULL, &why, &well));
  assert_fails(MW_EINVAL, mw_well_create(name(), SIZE, &options, &why, &well));
  options = (mw_well_options){.size_of_struct = sizeof options, .slots = 1, .objects = 1};
  assert_ok(mw_well_create(name(), 256 + 128 + 16 * 256 + 64, &options, &why, &well));
  close_and_unlink(well);
}

/* ---- space */

static void a_full_well_says_what_is_free(void **state) {
  (void)state;
  mw_well *well = created(SIZE);
  uint64_t count = free_of(well) + 1;
  mw_view view;
  assert_fails(MW_EFULL, mw_well_array(well, "a", MW_UINT8, 1, &count, &why, &view));
  assert_int_equal(count_objects(well), 0);
  count--;
  assert_int_equal(mw_well_array(well, "a", MW_UINT8, 1, &count, &why, &view), 1);
  assert_int_equal(free_of(well), 0);
  mw_mutex *mutex = NULL;
  assert_fails(MW_EFULL, mw_well_mutex(well, "m", 0, &why, &mutex));
  assert_ok(mw_well_check(well, &why));
  close_and_unlink(well);
}

static void a_full_directory_says_so(void **state) {
  (void)state;
  mw_well_options options = {.size_of_struct = sizeof options, .objects = 3};
  mw_well *well = NULL;
  assert_ok(mw_well_create(name(), SIZE, &options, &why, &well));
  const char *const labels[] = {"a", "b", "c"};
  for (int i = 0; i < 3; i++) array(well, labels[i], 1);
  uint64_t one = 1;
  mw_view view;
  assert_fails(MW_EFULL, mw_well_array(well, "d", MW_INT8, 1, &one, &why, &view));
  assert_ok(mw_well_delete(well, "b", &why));
  assert_fails(MW_EFULL, mw_well_array(well, "d", MW_INT8, 1, &one, &why, &view)); /* we are attached still */
  close_well(well);
  well = attached();
  assert_int_equal(mw_well_array(well, "d", MW_INT8, 1, &one, &why, &view), 1);
  assert_int_equal(count_objects(well), 3);
  close_and_unlink(well);
}

static void deleted_memory_is_used_again_when_all_have_gone(void **state) {
  (void)state;
  mw_well *well = created(SIZE);
  uint64_t before = free_of(well);
  mw_view view = array(well, "a", 1000);
  assert_int_equal(free_of(well), before - 8000);
  assert_ok(mw_well_delete(well, "a", &why));
  assert_int_equal(free_of(well), before - 8000);
  *(double *)mw_view_at(&view, 0) = 1; /* a view of what was deleted stays usable */
  mw_view again = array(well, "a", 10);
  assert_true(again.offset != view.offset);
  close_well(well);
  well = attached();
  assert_int_equal(free_of(well), before - 128);
  assert_fails(MW_ENOENT, mw_well_delete(well, "b", &why));
  assert_ok(mw_well_check(well, &why));
  close_and_unlink(well);
}

/* Many more than fit at once, so that every entry is used again and searches stay right. */
static void objects_come_and_go(void **state) {
  (void)state;
  mw_well_options options = {.size_of_struct = sizeof options, .objects = 40};
  mw_well *well = NULL;
  assert_ok(mw_well_create(name(), SIZE, &options, &why, &well));
  char label[16];
  for (int round = 0; round < 50; round++) {
    for (int i = 0; i < 20; i++) {
      snprintf(label, sizeof label, "%d-%d", round, i);
      array(well, label, 1 + (uint64_t)i);
    }
    for (int i = 0; i < 20; i++) {
      snprintf(label, sizeof label, "%d-%d", round, i);
      assert_ok(mw_well_delete(well, label, &why));
    }
    assert_int_equal(count_objects(well), 0);
    assert_ok(mw_well_check(well, &why));
    close_well(well);
    well = attached();
  }
  close_and_unlink(well);
}

/* With the same memory again and again, under entries that differ: nobody else is attached, so that it is free at once. */
static void come_and_go(void *context) {
  atomic_bool *over = context;
  for (int i = 0; i < 800; i++) {
    mw_well *well = attached();
    char label[16];
    snprintf(label, sizeof label, "%d", i % 7);
    array(well, label, 1 + (uint64_t)i % 50);
    assert_ok(mw_well_delete(well, label, &why));
    close_well(well);
  }
  atomic_store(over, true);
}

/* An observer takes no lock, and reads some entries before a change and others after it. */
static void what_changes_meanwhile_is_no_damage(void **state) {
  (void)state;
  atomic_bool *over = harness_shared(sizeof *over);
  mw_well_options options = {.size_of_struct = sizeof options, .objects = 4000}; /* so that reading them takes a while */
  mw_well *well = NULL;
  assert_ok(mw_well_create(name(), 1 << 22, &options, &why, &well));
  close_well(well);
  pid_t child = harness_fork();
  if (child == 0) {
    come_and_go(over);
    fflush(NULL);
    _exit(0);
  }
  mw_well *observer = observed();
  do {
    assert_ok(mw_well_check(observer, &why));
    assert_in_range(free_of(observer), 1, 1 << 22);
  } while (!atomic_load(over));
  assert_int_equal(harness_wait(child), 0);
  close_and_unlink(observer);
}

typedef struct changer {
  mw_well *well;
  int number;
  pthread_t thread;
} changer;

/* Each creates and deletes names of its own among all that the others do, and looks at everything. */
static void *create_and_delete(void *context) {
  changer *changer = context;
  mw_error error;
  char own[16];
  snprintf(own, sizeof own, "own-%d", changer->number);
  for (int round = 0; round < 60; round++) {
    uint64_t count = 1 + (uint64_t)round % 7;
    mw_view view;
    mw_mutex *mutex = NULL;
    mw_object_info info;
    bool is_array = round % 2;
    if (is_array) assert_int_equal(mw_well_array(changer->well, own, MW_INT64, 1, &count, &error, &view), 1);
    if (!is_array) assert_int_equal(mw_well_mutex(changer->well, own, 0, &error, &mutex), 1);
    assert_true(mw_well_array(changer->well, "shared", MW_INT8, 1, &(uint64_t){9}, &error, &view) >= 0);
    for (uint32_t cursor = 0; mw_well_next_object(changer->well, &cursor, &error, &info) == 1;) assert_true(info.name[0] != 0);
    assert_int_equal(mw_well_check(changer->well, &error), 0);
    assert_int_equal(mw_well_delete(changer->well, own, &error), 0);
    assert_int_equal(mw_well_find_array(changer->well, own, &error, &view), MW_ENOENT);
    mw_mutex_drop(mutex);
  }
  return NULL;
}

/* One handle, so that the thread sanitizer sees all. What is deleted stays put while we are attached. */
static void threads_change_the_directory_together(void **state) {
  (void)state;
  enum { CHANGERS = 4 };
  mw_well_options options = {.size_of_struct = sizeof options, .objects = 1000};
  mw_well *well = NULL;
  assert_ok(mw_well_create(name(), (uint64_t)16 * SIZE, &options, &why, &well));
  changer changers[CHANGERS];
  for (int i = 0; i < CHANGERS; i++) {
    changers[i] = (changer){.well = well, .number = i};
    assert_int_equal(pthread_create(&changers[i].thread, NULL, create_and_delete, &changers[i]), 0);
  }
  for (int i = 0; i < CHANGERS; i++) assert_int_equal(pthread_join(changers[i].thread, NULL), 0);
  assert_int_equal(count_objects(well), 1);
  close_and_unlink(well);
}

/* ---- who is attached */

static void attach_in_child(void *context) {
  harness_gate *gates = context;
  mw_well *well = attached();
  harness_gate_open(&gates[0]);
  harness_gate_wait(&gates[1]);
  close_well(well);
}

static void the_dead_leave_their_slot(void **state) {
  (void)state;
  mw_well *well = created(SIZE);
  harness_gate gates[2];
  harness_gate_init(&gates[0]);
  harness_gate_init(&gates[1]);
  pid_t child = harness_fork();
  if (child == 0) {
    attach_in_child(gates);
    _exit(0);
  }
  harness_gate_wait(&gates[0]);
  uint32_t cursor = 0;
  mw_participant_info info;
  assert_int_equal(mw_well_next_participant(well, &cursor, &why, &info), 1);
  assert_true(info.self);
  assert_int_equal(mw_well_next_participant(well, &cursor, &why, &info), 1);
  assert_false(info.self);
  assert_int_equal(info.pid, child);
  assert_int_equal(info.state, MW_RUNNING);
  kill(child, SIGKILL);
  assert_int_equal(harness_wait(child), 128 + SIGKILL);
  cursor = (uint32_t)info.slot;
  assert_int_equal(mw_well_next_participant(well, &cursor, &why, &info), 1);
  assert_int_equal(info.state, MW_DEAD);
  unsigned count = 0;
  assert_ok(mw_well_reap(well, &why, &count));
  assert_int_equal(count, 1);
  assert_int_equal(count_participants(well), 1);
  harness_gate_fini(&gates[0]);
  harness_gate_fini(&gates[1]);
  close_and_unlink(well);
}

static void a_forked_child_has_a_slot_of_its_own(void **state) {
  (void)state;
  mw_well *well = created(SIZE);
  int slot = slot_of(well);
  pid_t child = harness_fork();
  if (child == 0) {
    assert_int_not_equal(slot_of(well), slot);
    assert_int_equal(count_participants(well), 2);
    close_well(well);
    _exit(0);
  }
  assert_int_equal(harness_wait(child), 0);
  assert_int_equal(count_participants(well), 1);
  close_and_unlink(well);
}

static void a_full_table_says_so_and_the_dead_make_room(void **state) {
  (void)state;
  mw_well_options options = {.size_of_struct = sizeof options, .slots = 2};
  mw_well *well = NULL, *other = NULL;
  assert_ok(mw_well_create(name(), SIZE, &options, &why, &well));
  harness_gate gates[2];
  harness_gate_init(&gates[0]);
  harness_gate_init(&gates[1]);
  pid_t child = harness_fork();
  if (child == 0) {
    attach_in_child(gates);
    _exit(0);
  }
  harness_gate_wait(&gates[0]);
  pid_t third = harness_fork();
  if (third == 0) {
    assert_fails(MW_EFULL, mw_well_attach(name(), NULL, &why, &other));
    other = observed(); /* which takes none */
    close_well(other);
    _exit(0);
  }
  assert_int_equal(harness_wait(third), 0);
  kill(child, SIGKILL);
  assert_int_equal(harness_wait(child), 128 + SIGKILL);
  third = harness_fork();
  if (third == 0) {
    assert_ok(mw_well_attach(name(), NULL, &why, &other));
    close_well(other);
    _exit(0);
  }
  assert_int_equal(harness_wait(third), 0);
  harness_gate_fini(&gates[0]);
  harness_gate_fini(&gates[1]);
  close_and_unlink(well);
}

static void an_observer_only_looks(void **state) {
  (void)state;
  mw_well *well = created(SIZE), *observer = observed();
  mw_view view = array(well, "a", 5), seen;
  mw_mutex *mutex = NULL;
  *(double *)mw_view_at(&view, 4) = 7;
  assert_ok(mw_well_find_array(observer, "a", &why, &seen));
  assert_true(*(double *)mw_view_at(&seen, 4) == 7);
  assert_false(mw_view_is_writable(&seen));
  assert_int_equal(count_objects(observer), 1);
  assert_int_equal(count_participants(observer), 1);
  assert_ok(mw_well_check(observer, &why));
  assert_fails(MW_EPERM, mw_well_mutex(observer, "m", 0, &why, &mutex));
  assert_fails(MW_EPERM, mw_well_delete(observer, "a", &why));
  int slot;
  assert_true(mw_well_is_observer(observer) && !mw_well_is_observer(well));
  assert_fails(MW_ENOTSUP, mw_well_slot(observer, &why, &slot));
  uint64_t one = 1;
  assert_fails(MW_ENOENT, mw_well_array(observer, "b", MW_INT8, 1, &one, &why, &seen));
  close_well(observer);
  close_and_unlink(well);
}

static void close_descriptors_of(mw_well *well) {
  mw_region *region = mw_well_region(well);
  uint64_t device, inode;
  mw_region_identity(region, &device, &inode);
  for (int fd = 3; fd < 64; fd++) {
    struct stat info;
    if (fstat(fd, &info) == 0 && info.st_ino == inode && info.st_dev == device) close(fd);
  }
}

static void closed_descriptors_do_not_end_a_life(void **state) {
  (void)state;
  mw_well *well = created(SIZE);
  mw_mutex *mutex = NULL;
  assert_int_equal(mw_well_mutex(well, "m", 0, &why, &mutex), 1);
  assert_ok(mw_mutex_acquire(mutex, MW_DEADLINE_NOW, &why));
  close_descriptors_of(well);
  pid_t child = harness_fork();
  if (child == 0) {
    mw_well *other = attached(); /* as a stranger would be, the inherited one having no slot */
    mw_mutex *same = NULL;
    assert_ok(mw_well_mutex(other, "m", 0, &why, &same));
    assert_fails(MW_ETIMEDOUT, mw_mutex_acquire(same, MW_DEADLINE_NOW, &why));
    mw_mutex_drop(same);
    _exit(0);
  }
  assert_int_equal(harness_wait(child), 0);
  assert_ok(mw_mutex_release(mutex, &why));
  mw_mutex_drop(mutex);
  close_and_unlink(well);
}

/* A child attaches anew, and this one has neither a descriptor nor a name to do it by. */
static void a_child_that_finds_no_way_to_the_well_is_told(void **state) {
  (void)state;
  mw_well *well = created(SIZE), *other = NULL;
  close_descriptors_of(well);
  assert_ok(mw_well_unlink(name(), &why));
  assert_ok(mw_well_create(name(), SIZE, NULL, &why, &other)); /* which is another one */
  pid_t child = harness_fork();
  if (child == 0) {
    int slot;
    assert_fails(MW_ENOENT, mw_well_slot(well, &why, &slot));
    assert_non_null(strstr(why.reason, "attach anew"));
    assert_ok(mw_well_slot(other, &why, &slot));
    _exit(0);
  }
  assert_int_equal(harness_wait(child), 0);
  assert_ok(mw_well_check(well, &why));
  close_well(well);
  close_and_unlink(other);
}

/* ---- files that are none */

static void with_byte_flipped(size_t offset, const char *reason) {
  mw_well *well = created(SIZE), *other = NULL;
  close_well(well);
  int fd = open(harness_shm_path("", name()), O_RDWR);
  unsigned char byte;
  assert_int_equal(pread(fd, &byte, 1, (off_t)offset), 1);
  byte ^= 0x40;
  assert_int_equal(pwrite(fd, &byte, 1, (off_t)offset), 1);
  close(fd);
  assert_fails(MW_EFORMAT, mw_well_attach(name(), NULL, &why, &other));
  assert_non_null(strstr(why.reason, reason));
  assert_ok(mw_well_unlink(name(), &why));
}

static void damage_is_named(void **state) {
  (void)state;
  with_byte_flipped(0, "MEMWELL");
  with_byte_flipped(8, "byte_order");
  with_byte_flipped(12, "version");
  with_byte_flipped(16, "checksum");
  with_byte_flipped(56, "checksum");
  with_byte_flipped(263, "participants[0].life");
}

static uint64_t *word_at(mw_well *well, uint64_t offset) {
  return (uint64_t *)((char *)(uintptr_t)mw_region_data(mw_well_region(well)) + offset);
}

/* Nobody would ever give back what such a word says is held. */
static void an_owner_whom_there_never_was_is_damage(void **state) {
  (void)state;
  const uint64_t never = UINT64_C(1000) << 16 | 1, admin = 192;
  mw_well *well = created(SIZE);
  mw_mutex *mutex = NULL;
  mw_robust_semaphore *semaphore = NULL;
  mw_object_info info;
  uint32_t cursor = 0;
  uint64_t one = 1;
  mw_view view;
  assert_int_equal(mw_well_mutex(well, "m", 0, &why, &mutex), 1);
  assert_int_equal(mw_well_next_object(well, &cursor, &why, &info), 1);
  *word_at(well, info.offset) = never;
  assert_fails(MW_EFORMAT, mw_mutex_acquire(mutex, MW_DEADLINE_NEVER, &why));
  assert_fails(MW_EFORMAT, mw_mutex_release(mutex, &why));
  assert_fails(MW_EFORMAT, mw_well_check(well, &why));
  mw_mutex_drop(mutex);
  assert_int_equal(mw_well_semaphore(well, "s", 1, 0, &why, &semaphore), 1);
  *word_at(well, info.offset - 64) = never; /* its only permit, below the mutex */
  assert_fails(MW_EFORMAT, mw_robust_semaphore_acquire(semaphore, MW_DEADLINE_NEVER, &why));
  mw_robust_semaphore_drop(semaphore);
  *word_at(well, admin) = never;
  assert_fails(MW_EFORMAT, mw_well_array(well, "a", MW_INT8, 1, &one, &why, &view));
  assert_fails(MW_EFORMAT, mw_well_check(well, &why));
  assert_non_null(strstr(why.reason, "admin lock"));
  close_and_unlink(well);
}

static void counts_that_nobody_has_come_to_are_damage(void **state) {
  (void)state;
  const uint64_t ticket = 128, serial = 136;
  mw_well *well = created(SIZE);
  *word_at(well, serial) = UINT64_MAX;
  assert_fails(MW_EFORMAT, mw_well_check(well, &why));
  assert_non_null(strstr(why.reason, "serial"));
  *word_at(well, ticket) = UINT64_C(1) << 48;
  assert_fails(MW_EFORMAT, mw_well_check(well, &why));
  assert_non_null(strstr(why.reason, "ticket"));
  close_and_unlink(well);
}

static void what_is_cut_is_no_well(void **state) {
  (void)state;
  mw_well *well = created(SIZE), *other = NULL;
  close_well(well);
  const char *path = harness_shm_path("", name());
  for (off_t size = SIZE - 1; size > 0; size = size > 300 ? size / 2 : size - 1) {
    assert_int_equal(truncate(path, size), 0);
    assert_fails(MW_EFORMAT, mw_well_attach(name(), NULL, &why, &other));
  }
  assert_ok(mw_well_unlink(name(), &why));
}

static void a_page_lost_under_it_is_an_error(void **state) {
  (void)state;
  harness_let_faults_kill();
  mw_well *well = created(SIZE);
  mw_mutex *mutex = NULL;
  assert_int_equal(mw_well_mutex(well, "m", 0, &why, &mutex), 1); /* on the last page */
  assert_int_equal(truncate(harness_shm_path("", name()), 4096), 0);
  assert_fails(MW_EFAULT, mw_mutex_acquire(mutex, MW_DEADLINE_NEVER, &why));
  assert_fails(MW_EFAULT, mw_well_check(well, &why));
  mw_mutex_drop(mutex);
  mw_well_abandon(well);
  assert_ok(mw_well_unlink(name(), &why));
}

/* ---- in a file */

static void a_file_keeps_everything(void **state) {
  (void)state;
  const char *path = harness_path("well");
  mw_well *well = NULL;
  assert_fails(MW_ENOENT, mw_well_file(path, 0, NULL, &why, &well));
  assert_int_equal(mw_well_file(path, SIZE, NULL, &why, &well), 1);
  assert_true(mw_well_is_file(well));
  mw_view view = array(well, "a", 3);
  *(double *)mw_view_at(&view, 1) = 4;
  close_well(well);
  assert_ok(mw_well_file(path, 0, NULL, &why, &well));
  assert_ok(mw_well_find_array(well, "a", &why, &view));
  assert_true(*(double *)mw_view_at(&view, 1) == 4);
  close_well(well);
}

static void write_byte(const char *path, off_t offset, unsigned char byte) {
  int fd = open(path, O_RDWR);
  assert_int_equal(pwrite(fd, &byte, 1, offset), 1);
  close(fd);
}

/* As it is after a power cut that lost what was written last: another boot, and damage. */
static void after_another_boot_all_is_checked(void **state) {
  (void)state;
  const char *path = harness_path("well");
  mw_well *well = NULL;
  assert_int_equal(mw_well_file(path, SIZE, NULL, &why, &well), 1);
  mw_mutex *mutex = NULL;
  assert_int_equal(mw_well_mutex(well, "m", 0, &why, &mutex), 1);
  mw_mutex_drop(mutex);
  close_well(well);
  write_byte(path, SIZE - 64, 0);                      /* of FREE */
  assert_ok(mw_well_file(path, 0, NULL, &why, &well)); /* the same boot: nothing is looked at */
  close_well(well);
  write_byte(path, 152, 0);
  write_byte(path, 153, 0);
  assert_fails(MW_EFORMAT, mw_well_file(path, 0, NULL, &why, &well));
  assert_non_null(strstr(why.reason, "\"m\""));
  write_byte(path, SIZE - 64, 0xff);
  assert_ok(mw_well_file(path, 0, NULL, &why, &well));
  close_well(well);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(what_is_created_can_be_attached_to),
    cmocka_unit_test(an_array_is_the_same_memory_for_all),
    cmocka_unit_test(what_is_there_must_agree),
    cmocka_unit_test(names_and_shapes_that_cannot_be_are_refused),
    cmocka_unit_test(sizes_that_cannot_be_are_refused),
    cmocka_unit_test(a_full_well_says_what_is_free),
    cmocka_unit_test(a_full_directory_says_so),
    cmocka_unit_test(deleted_memory_is_used_again_when_all_have_gone),
    cmocka_unit_test(objects_come_and_go),
    cmocka_unit_test(what_changes_meanwhile_is_no_damage),
    cmocka_unit_test(threads_change_the_directory_together),
    cmocka_unit_test(the_dead_leave_their_slot),
    cmocka_unit_test(a_forked_child_has_a_slot_of_its_own),
    cmocka_unit_test(a_full_table_says_so_and_the_dead_make_room),
    cmocka_unit_test(an_observer_only_looks),
    cmocka_unit_test(closed_descriptors_do_not_end_a_life),
    cmocka_unit_test(a_child_that_finds_no_way_to_the_well_is_told),
    cmocka_unit_test(damage_is_named),
    cmocka_unit_test(an_owner_whom_there_never_was_is_damage),
    cmocka_unit_test(counts_that_nobody_has_come_to_are_damage),
    cmocka_unit_test(what_is_cut_is_no_well),
    cmocka_unit_test(a_page_lost_under_it_is_an_error),
    cmocka_unit_test(a_file_keeps_everything),
    cmocka_unit_test(after_another_boot_all_is_checked),
};

HARNESS_MAIN(tests)
