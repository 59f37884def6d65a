/* The other side is plain C that has never heard of memwell: what we make is what shm_open and sem_open make, and the reverse.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"

enum { SIZE = 10000 };

static const char *slashed(void) {
  static char name[128];
  snprintf(name, sizeof name, "/%s", harness_name("plain"));
  return name;
}

static char *map_plainly(int fd) {
  char *memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  assert_true(memory != MAP_FAILED);
  close(fd);
  return memory;
}

static void shm_open_finds_our_region(void **state) {
  (void)state;
  mw_region *region;
  struct stat stat;
  assert_ok(mw_region_create(harness_name("plain"), SIZE, NULL, &why, &region));
  int fd = shm_open(slashed(), O_RDWR, 0);
  assert_true(fd >= 0);
  assert_int_equal(fstat(fd, &stat), 0);
  assert_int_equal(stat.st_size, SIZE);
  assert_int_equal(stat.st_mode & 07777, 0600);
  char *memory = map_plainly(fd);
  memcpy(memory + 5000, "from plain C", 13);
  assert_memory_equal((char *)mw_region_data(region) + 5000, "from plain C", 12);
  munmap(memory, SIZE);
  mw_region_close(region);
  assert_int_equal(shm_unlink(slashed()), 0);
  assert_fails(MW_ENOENT, mw_region_attach(harness_name("plain"), NULL, &why, &region));
}

static void we_attach_to_what_shm_open_made(void **state) {
  (void)state;
  mw_region *region;
  int fd = shm_open(slashed(), O_RDWR | O_CREAT | O_EXCL, 0600);
  assert_true(fd >= 0);
  assert_fails(MW_EAGAIN, mw_region_attach(slashed(), NULL, &why, &region)); /* no size yet: its creator is not done */
  assert_int_equal(ftruncate(fd, SIZE), 0);
  char *memory = map_plainly(fd);
  memcpy(memory + 9000, "made by plain C", 16);
  assert_ok(mw_region_attach(slashed(), NULL, &why, &region));
  assert_int_equal(mw_region_size(region), SIZE);
  assert_memory_equal((char *)mw_region_data(region) + 9000, "made by plain C", 15);
  assert_ok(mw_region_write(region, 0, "answer", 6, &why));
  assert_memory_equal(memory, "answer", 6);
  munmap(memory, SIZE);
  mw_region_close(region);
  assert_ok(mw_region_unlink(slashed(), &why));
  assert_int_equal(shm_open(slashed(), O_RDWR, 0), -1);
}

static void each_refuses_a_name_that_the_other_took(void **state) {
  (void)state;
  mw_region *region;
  assert_ok(mw_region_create(slashed(), SIZE, NULL, &why, &region));
  assert_int_equal(shm_open(slashed(), O_RDWR | O_CREAT | O_EXCL, 0600), -1);
  mw_region_close(region);
  assert_int_equal(shm_unlink(slashed()), 0);
  close(shm_open(slashed(), O_RDWR | O_CREAT | O_EXCL, 0600));
  assert_fails(MW_EEXIST, mw_region_create(slashed(), SIZE, NULL, &why, &region));
  assert_ok(mw_region_unlink(slashed(), &why));
}

static void plain_mmap_of_a_file_sees_the_same(void **state) {
  (void)state;
  mw_region *region;
  mw_region_options options = {sizeof options, .flags = MW_EXCLUSIVE};
  assert_ok(mw_region_file(harness_path("file"), SIZE, &options, &why, &region));
  char *memory = map_plainly(open(harness_path("file"), O_RDWR | O_CLOEXEC));
  memcpy(memory, "one file", 9);
  assert_memory_equal(mw_region_data(region), "one file", 8);
  munmap(memory, SIZE);
  mw_region_close(region);
}

/* ---- semaphores */

static sem_t *opened(const char *name) {
  sem_t *semaphore = sem_open(name, 0);
  if (semaphore == SEM_FAILED) harness_fail("sem_open(%s): %s", name, strerror(errno));
  return semaphore;
}

static sem_t *made(const char *name) {
  sem_t *semaphore = sem_open(name, O_CREAT | O_EXCL, 0600, 0);
  if (semaphore == SEM_FAILED) harness_fail("sem_open(%s): %s", name, strerror(errno));
  return semaphore;
}

/* A process that only knows <semaphore.h>: it waits on one and posts the other, many times. */
static void answer_plainly(void *rounds) {
  sem_t *ask = opened(harness_name("ask")), *answer = opened(harness_name("answer"));
  for (int i = 0; i < *(int *)rounds; i++) {
    assert_int_equal(sem_wait(ask), 0);
    assert_int_equal(sem_post(answer), 0);
  }
  sem_close(ask);
  sem_close(answer);
}

static void take_turns(mw_semaphore *ask, mw_semaphore *answer) {
  int rounds = 2000;
  unsigned value;
  pid_t child = harness_fork();
  if (child == 0) {
    answer_plainly(&rounds);
    _exit(0);
  }
  for (int i = 0; i < rounds; i++) {
    assert_ok(mw_semaphore_release(ask, 1, &why));
    assert_ok(mw_semaphore_acquire(answer, MW_DEADLINE_NEVER, &why));
  }
  assert_int_equal(harness_wait(child), 0);
  assert_ok(mw_semaphore_value(ask, &why, &value));
  assert_int_equal(value, 0);
  assert_ok(mw_semaphore_value(answer, &why, &value));
  assert_int_equal(value, 0);
}

static void sem_open_uses_our_semaphores(void **state) {
  (void)state;
  mw_semaphore *ask, *answer;
  assert_ok(mw_semaphore_create(harness_name("ask"), 0, 0, 0, &why, &ask));
  assert_ok(mw_semaphore_create(harness_name("answer"), 0, 0, 0, &why, &answer));
  take_turns(ask, answer);
  mw_semaphore_close(ask);
  mw_semaphore_close(answer);
  assert_int_equal(sem_unlink(harness_name("ask")), 0);
  assert_int_equal(sem_unlink(harness_name("answer")), 0);
}

static void we_use_semaphores_of_sem_open(void **state) {
  (void)state;
  mw_semaphore *ask, *answer;
  sem_t *plain_ask = made(harness_name("ask")), *plain_answer = made(harness_name("answer"));
  assert_ok(mw_semaphore_attach(harness_name("ask"), MW_DEADLINE_NOW, 0, &why, &ask));
  assert_ok(mw_semaphore_attach(harness_name("answer"), MW_DEADLINE_NOW, 0, &why, &answer));
  take_turns(ask, answer);
  mw_semaphore_close(ask);
  mw_semaphore_close(answer);
  sem_close(plain_ask);
  sem_close(plain_answer);
  assert_ok(mw_semaphore_unlink(harness_name("ask"), &why));
  assert_ok(mw_semaphore_unlink(harness_name("answer"), &why));
}

static void values_are_the_same_on_both_sides(void **state) {
  (void)state;
  static const unsigned values[] = {0, 1, 17, MW_SEMAPHORE_MAX};
  for (int i = 0; i < 4; i++) {
    mw_semaphore *semaphore;
    unsigned ours;
    int theirs;
    assert_ok(mw_semaphore_create(harness_name("value"), values[i], 0, 0, &why, &semaphore));
    sem_t *plain = opened(harness_name("value"));
    assert_int_equal(sem_getvalue(plain, &theirs), 0);
    assert_int_equal(theirs, values[i]);
    if (values[i] > 0) assert_int_equal(sem_trywait(plain), 0);
    assert_ok(mw_semaphore_value(semaphore, &why, &ours));
    assert_int_equal(ours, values[i] > 0 ? values[i] - 1 : 0);
    sem_close(plain);
    mw_semaphore_close(semaphore);
    assert_ok(mw_semaphore_unlink(harness_name("value"), &why));
  }
}

static void a_plain_waiter_is_woken_and_wakes(void **state) {
  (void)state;
  mw_semaphore *semaphore;
  int one = 1;
  assert_ok(mw_semaphore_create(harness_name("ask"), 0, 0, 0, &why, &semaphore));
  mw_semaphore *answer;
  assert_ok(mw_semaphore_create(harness_name("answer"), 0, 0, 0, &why, &answer));
  pid_t child = harness_fork();
  if (child == 0) {
    answer_plainly(&one);
    _exit(0);
  }
  harness_await_futex(child, 0); /* asleep in sem_wait, not on its way there */
  assert_ok(mw_semaphore_release(semaphore, 1, &why));
  assert_ok(mw_semaphore_acquire(answer, MW_DEADLINE_NEVER, &why));
  assert_int_equal(harness_wait(child), 0);
  mw_semaphore_close(semaphore);
  mw_semaphore_close(answer);
  assert_ok(mw_semaphore_unlink(harness_name("ask"), &why));
  assert_ok(mw_semaphore_unlink(harness_name("answer"), &why));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(shm_open_finds_our_region),
    cmocka_unit_test(we_attach_to_what_shm_open_made),
    cmocka_unit_test(each_refuses_a_name_that_the_other_took),
    cmocka_unit_test(plain_mmap_of_a_file_sees_the_same),
    cmocka_unit_test(sem_open_uses_our_semaphores),
    cmocka_unit_test(we_use_semaphores_of_sem_open),
    cmocka_unit_test(values_are_the_same_on_both_sides),
    cmocka_unit_test(a_plain_waiter_is_woken_and_wakes),
};

HARNESS_MAIN(tests)
