/* Fork in the middle: what a child may do with the handles that it got, and what it must leave to its parent.
 *
 * SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness.h"

typedef struct handles {
  mw_region *region;
  mw_semaphore *semaphore;
} handles;

static handles made(unsigned flags) {
  handles it;
  mw_region_options options = {sizeof options, .flags = flags};
  assert_ok(mw_region_create(harness_name("fork"), 10000, &options, &why, &it.region));
  assert_ok(mw_semaphore_create(harness_name("turns"), 0, 0, flags, &why, &it.semaphore));
  return it;
}

static void close_both(void *context) {
  handles *it = context;
  mw_region_close(it->region);
  mw_semaphore_close(it->semaphore);
}

static void unlink_both(void) {
  assert_ok(mw_region_unlink(harness_name("fork"), &why));
  assert_ok(mw_semaphore_unlink(harness_name("turns"), &why));
}

static void assert_names_exist(bool wanted) {
  assert_int_equal(harness_exists(harness_shm_path("", harness_name("fork"))), wanted);
  assert_int_equal(harness_exists(harness_shm_path("sem.", harness_name("turns"))), wanted);
}

static void use_both(void *context) {
  handles *it = context;
  assert_ok(mw_region_write(it->region, 5000, "from the child", 14, &why));
  assert_ok(mw_region_check(it->region, &why));
  assert_ok(mw_semaphore_release(it->semaphore, 2, &why));
  assert_ok(mw_semaphore_acquire(it->semaphore, MW_DEADLINE_NOW, &why));
}

static void a_child_uses_the_same_objects(void **state) {
  (void)state;
  handles it = made(0);
  unsigned value;
  assert_int_equal(harness_in_child(use_both, &it), 0);
  assert_memory_equal((char *)mw_region_data(it.region) + 5000, "from the child", 14);
  assert_ok(mw_semaphore_value(it.semaphore, &why, &value));
  assert_int_equal(value, 1);
  close_both(&it);
  unlink_both();
}

static void a_child_that_closes_takes_nothing_from_its_parent(void **state) {
  (void)state;
  handles it = made(0);
  assert_int_equal(harness_in_child(close_both, &it), 0);
  use_both(&it);
  close_both(&it);
  unlink_both();
}

static void close_and_exit(void *context) {
  close_both(context);
  exit(0);
}

static void just_exit(void *context) {
  (void)context;
  exit(0);
}

static void a_child_never_unlinks_what_its_parent_made(void **state) {
  (void)state;
  handles it = made(MW_TEMPORARY);
  assert_int_equal(harness_in_child(close_both, &it), 0);
  assert_names_exist(true);
  assert_int_equal(harness_in_child(close_and_exit, &it), 0);
  assert_names_exist(true);
  assert_int_equal(harness_in_child(just_exit, NULL), 0);
  assert_names_exist(true);
  close_both(&it);
  assert_names_exist(false);
}

static handles forgotten; /* still reachable, so that they are no leak to the leak checkers */

static void make_and_fork(void *context) {
  (void)context;
  forgotten = made(MW_TEMPORARY);
  assert_int_equal(harness_in_child(just_exit, NULL), 0);
  assert_names_exist(true);
  exit(0);
}

static void a_child_unlinks_its_own(void **state) {
  (void)state;
  assert_int_equal(harness_in_child(make_and_fork, NULL), 0);
  assert_names_exist(false);
}

static void make_own_in_used_place(void *context) {
  handles *it = context, own;
  mw_region_options options = {sizeof options, .flags = MW_TEMPORARY};
  close_both(it);
  assert_ok(mw_region_create(harness_name("own"), 10, &options, &why, &own.region));
  mw_region_close(own.region);
  assert_false(harness_exists(harness_shm_path("", harness_name("own"))));
}

static void a_childs_own_temporary_is_not_mixed_up_with_its_parents(void **state) {
  (void)state;
  handles it = made(MW_TEMPORARY);
  assert_int_equal(harness_in_child(make_own_in_used_place, &it), 0);
  assert_names_exist(true);
  close_both(&it);
  assert_names_exist(false);
}

/* ---- fork while another thread is inside a call */

static void *acquire(void *context) {
  handles *it = context;
  intptr_t result = mw_semaphore_acquire(it->semaphore, MW_DEADLINE_NEVER, NULL);
  return (void *)result;
}

static void *work(void *context) {
  handles *it = context;
  while (mw_region_fill(it->region, 1, 0, 10000, NULL) == 0) {}
  mw_region_drop(it->region);
  return NULL;
}

static void a_fork_beside_a_wait_leaves_both_sides_whole(void **state) {
  (void)state;
  handles it = made(0);
  pthread_t thread;
  void *result;
  assert_int_equal(pthread_create(&thread, NULL, acquire, &it), 0);
  assert_int_equal(harness_in_child(use_both, &it), 0); /* +2 -1, and the thread takes the last one */
  assert_int_equal(pthread_join(thread, &result), 0);
  assert_int_equal((intptr_t)result, 0);
  close_both(&it);
  unlink_both();
}

static void a_fork_beside_other_calls_leaves_both_sides_whole(void **state) {
  (void)state;
  handles it = made(MW_TEMPORARY);
  pthread_t thread;
  mw_region_hold(it.region);
  assert_int_equal(pthread_create(&thread, NULL, work, &it), 0);
  for (int i = 0; i < 20; i++) assert_int_equal(harness_in_child(make_own_in_used_place, &it), 0);
  close_both(&it);
  assert_int_equal(pthread_join(thread, NULL), 0);
  assert_names_exist(false);
}

static void an_exec_closes_the_descriptors(void **state) {
  (void)state;
  handles it = made(0);
  pid_t child = harness_fork();
  if (child == 0) {
    execl("/bin/sh", "sh", "-c", "for fd in /proc/$$/fd/*; do case $(readlink $fd) in */dev/shm/*) exit 1;; esac; done",
          (char *)NULL);
    _exit(2);
  }
  assert_int_equal(harness_wait(child), 0);
  close_both(&it);
  unlink_both();
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_child_uses_the_same_objects),
    cmocka_unit_test(a_child_that_closes_takes_nothing_from_its_parent),
    cmocka_unit_test(a_child_never_unlinks_what_its_parent_made),
    cmocka_unit_test(a_child_unlinks_its_own),
    cmocka_unit_test(a_childs_own_temporary_is_not_mixed_up_with_its_parents),
    cmocka_unit_test(a_fork_beside_a_wait_leaves_both_sides_whole),
    cmocka_unit_test(a_fork_beside_other_calls_leaves_both_sides_whole),
    cmocka_unit_test(an_exec_closes_the_descriptors),
};

HARNESS_MAIN(tests)
