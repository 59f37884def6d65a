/* Tests that are bad on purpose, for harness.cmake: the harness must fail every one of them.
 *
 * SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness.h"

static void failed_assertion(void **state) {
  (void)state;
  assert_int_equal(1, 2);
}

static void refuse(void *is_the_child_right) { assert_null(is_the_child_right); }

static void failed_assertion_in_child(void **state) { assert_int_equal(harness_in_child(refuse, &state), 0); }

static void wrong_status(void **state) {
  (void)state;
  mw_region *region;
  assert_fails(MW_EEXIST, mw_region_attach("no/name", NULL, &why, &region));
}

static void crash(void **state) {
  (void)state;
  raise(SIGSEGV);
}

static void sudden_exit(void **state) {
  (void)state;
  signal(SIGABRT, SIG_DFL);
  kill(getpid(), SIGABRT);
}

static void hang(void **state) {
  (void)state;
  for (;;) pause();
}

static void leaked_descriptor(void **state) {
  (void)state;
  assert_true(dup(0) >= 0);
}

static void leaked_mapping(void **state) {
  (void)state;
  int fd = memfd_create("leaked", MFD_CLOEXEC);
  assert_int_equal(ftruncate(fd, 4096), 0);
  assert_true(mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) != MAP_FAILED);
  close(fd);
}

static void leaked_region(void **state) {
  (void)state;
  static mw_region *region;
  mw_region_options options = {sizeof options, .flags = MW_NO_FD};
  assert_ok(mw_region_create(harness_name("a"), 4096, &options, &why, &region));
  assert_ok(mw_region_unlink(harness_name("a"), &why));
}

static void leaked_name(void **state) {
  (void)state;
  mw_region *region;
  assert_ok(mw_region_create(harness_name("a"), 4096, NULL, &why, &region));
  mw_region_close(region);
}

static void leaked_semaphore_name(void **state) {
  (void)state;
  mw_semaphore *semaphore;
  assert_ok(mw_semaphore_create(harness_name("a"), 0, 0, 0, &why, &semaphore));
  mw_semaphore_close(semaphore);
}

static void leaked_segment(void **state) {
  (void)state;
  mw_region *region;
  assert_int_equal(mw_region_sysv(harness_key(0), 4096, MW_CREATE, NULL, &why, &region), 1);
  mw_region_close(region);
}

static void leaked_private_segment(void **state) {
  (void)state;
  mw_region *region;
  assert_int_equal(mw_region_sysv(MW_KEY_PRIVATE, 4096, MW_CREATE, NULL, &why, &region), 1);
  mw_region_close(region);
}

static void leaked_set(void **state) {
  (void)state;
  mw_semaphore *semaphore;
  mw_semaphore_sysv_options options = {sizeof options, .how = MW_CREATE};
  assert_int_equal(mw_semaphore_sysv(harness_key(0), 0, &options, &why, &semaphore), 1);
  mw_semaphore_close(semaphore);
}

static void leaked_process(void **state) {
  (void)state;
  if (harness_fork() == 0)
    for (;;) pause();
}

/* ---- what only valgrind and the sanitizers notice */

static void use_after_free(void **state) {
  volatile char *volatile memory = malloc(10);
  free((void *)memory);
  if (memory[5] == 'x') *state = NULL; // NOLINT(clang-analyzer-unix.Malloc): that is the point
}

static void use_after_free_there(void *state) { use_after_free(state); }

static void use_after_free_in_child(void **state) { assert_int_equal(harness_in_child(use_after_free_there, state), 0); }

static void leaked_memory(void **state) {
  (void)state;
  void *volatile memory = malloc(10);
  assert_non_null(memory);
  memory = NULL;
} // NOLINT(clang-analyzer-unix.Malloc): that is the point

static void *count_up(void *counter) {
  for (int i = 0; i < 1000; i++) ++*(volatile int *)counter;
  return NULL;
}

static void data_race(void **state) {
  (void)state;
  int counter = 0;
  pthread_t thread;
  assert_int_equal(pthread_create(&thread, NULL, count_up, &counter), 0);
  count_up(&counter);
  assert_int_equal(pthread_join(thread, NULL), 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(failed_assertion),
    cmocka_unit_test(failed_assertion_in_child),
    cmocka_unit_test(wrong_status),
    cmocka_unit_test(crash),
    cmocka_unit_test(sudden_exit),
    cmocka_unit_test(hang),
    cmocka_unit_test(leaked_descriptor),
    cmocka_unit_test(leaked_mapping),
    cmocka_unit_test(leaked_region),
    cmocka_unit_test(leaked_name),
    cmocka_unit_test(leaked_semaphore_name),
    cmocka_unit_test(leaked_segment),
    cmocka_unit_test(leaked_private_segment),
    cmocka_unit_test(leaked_set),
    cmocka_unit_test(leaked_process),
    cmocka_unit_test(use_after_free),
    cmocka_unit_test(use_after_free_in_child),
    cmocka_unit_test(leaked_memory),
    cmocka_unit_test(data_race),
};

HARNESS_MAIN(tests)
