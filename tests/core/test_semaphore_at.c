/* A sem_t inside a region, next to what plain C programs have there.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness.h"

static mw_region *memory_of(uint64_t size) {
  mw_region *region = NULL;
  assert_ok(mw_region_memfd("semaphores", size, NULL, &why, &region));
  return region;
}

static sem_t *place(mw_region *region, uint64_t offset) { return (sem_t *)(void *)((char *)mw_region_data(region) + offset); }

static unsigned value_of(mw_semaphore *semaphore) {
  unsigned value = 12345;
  assert_ok(mw_semaphore_value(semaphore, &why, &value));
  return value;
}

static void assert_refused(int status, mw_region *region, uint64_t offset, int64_t value) {
  mw_semaphore *semaphore = (mw_semaphore *)1;
  assert_fails(status, mw_semaphore_at(region, offset, value, &why, &semaphore));
  assert_string_equal(why.call, "Semaphore.at");
  assert_ptr_equal(semaphore, (mw_semaphore *)1);
}

static void it_is_what_sem_init_makes(void **state) {
  (void)state;
  mw_region *region = memory_of(4096);
  mw_semaphore *semaphore;
  sem_t theirs;
  memset(&theirs, 0, sizeof theirs);
  memset(mw_region_data(region), 0xee, 4096);
  assert_int_equal(sem_init(&theirs, 1, 7), 0);
  assert_ok(mw_semaphore_at(region, 40, 7, &why, &semaphore));
  assert_memory_equal(place(region, 40), &theirs, sizeof theirs);
  const uint8_t *data = mw_region_data(region);
  assert_int_equal(data[39], 0xee);
  assert_int_equal(data[40 + sizeof(sem_t)], 0xee);
  assert_string_equal(mw_semaphore_kind(semaphore), "at");
  assert_string_equal(mw_semaphore_name(semaphore), "semaphores");
  mw_semaphore_close(semaphore);
  mw_region_close(region);
}

static void a_c_program_may_use_the_same_one(void **state) {
  (void)state;
  mw_region *region = memory_of(4096);
  mw_semaphore *semaphore;
  int value = -1;
  assert_int_equal(sem_init(place(region, 64), 1, 3), 0);
  assert_ok(mw_semaphore_at(region, 64, -1, &why, &semaphore));
  assert_int_equal(value_of(semaphore), 3);
  assert_int_equal(sem_trywait(place(region, 64)), 0);
  assert_int_equal(value_of(semaphore), 2);
  assert_ok(mw_semaphore_acquire(semaphore, MW_DEADLINE_NOW, &why));
  assert_int_equal(sem_getvalue(place(region, 64), &value), 0);
  assert_int_equal(value, 1);
  assert_ok(mw_semaphore_release(semaphore, 2, &why));
  assert_int_equal(sem_post(place(region, 64)), 0);
  assert_int_equal(value_of(semaphore), 4);
  mw_semaphore_close(semaphore);
  mw_region_close(region);
}

static void a_c_program_wakes_us(void **state) {
  (void)state;
  mw_region *region = memory_of(4096);
  mw_semaphore *semaphore;
  assert_ok(mw_semaphore_at(region, 0, 0, &why, &semaphore));
  pid_t child = harness_fork();
  if (child == 0) {
    assert_ok(mw_semaphore_acquire(semaphore, MW_DEADLINE_NEVER, &why));
    _exit(0);
  }
  harness_await_futex(child, 0);
  assert_int_equal(sem_post(place(region, 0)), 0);
  assert_int_equal(harness_wait(child), 0);
  mw_semaphore_close(semaphore);
  mw_region_close(region);
}

static void many_fit_into_one_region(void **state) {
  (void)state;
  enum { MANY = 100 };
  mw_region *region = memory_of(MANY * sizeof(sem_t));
  mw_semaphore *semaphores[MANY];
  for (unsigned i = 0; i < MANY; i++) assert_ok(mw_semaphore_at(region, i * sizeof(sem_t), i, &why, &semaphores[i]));
  assert_int_equal(mw_region_holds(region), MANY);
  for (unsigned i = 0; i < MANY; i++) {
    assert_int_equal(value_of(semaphores[i]), i);
    mw_semaphore_close(semaphores[i]);
  }
  assert_int_equal(mw_region_holds(region), 0);
  mw_region_close(region);
}

static void a_place_that_cannot_be_is_refused(void **state) {
  (void)state;
  mw_region *region = memory_of(4096);
  static const uint64_t odd[] = {1, 2, 4, 7, 12, 4095 - sizeof(sem_t)},
                        past[] = {4096, 4096 - sizeof(sem_t) + 8, 1 << 20, UINT64_MAX, UINT64_MAX - 7};
  for (int i = 0; i < 6; i++) assert_refused(MW_EINVAL, region, odd[i], 1);
  for (int i = 0; i < 5; i++) assert_refused(MW_EINVAL, region, past[i], 1);
  const uint8_t *data = mw_region_data(region);
  for (int i = 0; i < 4096; i++) assert_int_equal(data[i], 0);
  mw_semaphore *last;
  assert_ok(mw_semaphore_at(region, 4096 - sizeof(sem_t), 1, &why, &last));
  mw_semaphore_close(last);
  mw_region_close(region);
}

/* The place's own address counts, not its offset. */
static void an_odd_region_has_even_places(void **state) {
  (void)state;
  mw_region *region;
  mw_semaphore *semaphore;
  mw_region_options options = {sizeof options, .flags = MW_TRUNCATE};
  assert_ok(mw_region_file(harness_path("file"), 4096, &options, &why, &region));
  mw_region_close(region);
  options = (mw_region_options){sizeof options, .offset = 13};
  assert_ok(mw_region_file(harness_path("file"), 0, &options, &why, &region));
  assert_refused(MW_EINVAL, region, 0, 1);
  assert_refused(MW_EINVAL, region, 8, 1);
  assert_ok(mw_semaphore_at(region, 3, 1, &why, &semaphore));
  mw_semaphore_close(semaphore);
  mw_region_close(region);
}

static void a_value_that_cannot_be_is_refused(void **state) {
  (void)state;
  static const int64_t wrong[] = {-2, (int64_t)MW_SEMAPHORE_MAX + 1, INT64_MAX, INT64_MIN};
  mw_region *region = memory_of(4096);
  mw_semaphore *semaphore;
  for (int i = 0; i < 4; i++) assert_refused(MW_EINVAL, region, 0, wrong[i]);
  assert_ok(mw_semaphore_at(region, 0, MW_SEMAPHORE_MAX, &why, &semaphore));
  assert_int_equal(value_of(semaphore), MW_SEMAPHORE_MAX);
  mw_semaphore_close(semaphore);
  mw_region_close(region);
}

static void what_is_no_semaphore_is_refused(void **state) {
  (void)state;
  mw_region *region = memory_of(4096);
  assert_refused(MW_EFORMAT, region, 0, -1); /* zeros */
  memset(mw_region_data(region), 0xff, 4096);
  assert_refused(MW_EFORMAT, region, 0, -1);
  memset(mw_region_data(region), 0, 4096);
  assert_int_equal(sem_init(place(region, 0), 0, 1), 0); /* of the threads of one process */
  assert_refused(MW_EFORMAT, region, 0, -1);
  assert_int_equal(mw_region_holds(region), 0);
  mw_region_close(region);
}

static void memory_that_nobody_shares_is_refused(void **state) {
  (void)state;
  mw_region *region;
  mw_region_options options = {sizeof options, .access = MW_COPY_ON_WRITE};
  assert_ok(mw_region_anonymous(4096, &options, &why, &region));
  assert_refused(MW_EINVAL, region, 0, 1);
  assert_non_null(strstr(why.reason, "private"));
  mw_region_close(region);
}

static void read_only_and_closed_memory_is_refused(void **state) {
  (void)state;
  mw_region *region = memory_of(4096);
  mw_semaphore *semaphore;
  assert_ok(mw_semaphore_at(region, 0, 1, &why, &semaphore));
  mw_semaphore_close(semaphore);
  assert_ok(mw_region_protect(region, true, &why));
  assert_refused(MW_EREADONLY, region, 0, 1);
  assert_refused(MW_EREADONLY, region, 0, -1);
  mw_region_hold(region);
  mw_region_close(region);
  assert_refused(MW_ECLOSED, region, 0, 1);
  mw_region_drop(region);
}

static void the_region_cannot_go_away_under_it(void **state) {
  (void)state;
  mw_region *region = memory_of(4096);
  mw_semaphore *semaphore;
  assert_ok(mw_semaphore_at(region, 0, 1, &why, &semaphore));
  assert_fails(MW_EBUSY, mw_region_resize(region, 8192, &why));
  assert_fails(MW_EBUSY, mw_region_remap(region, &why));
  assert_fails(MW_EBUSY, mw_region_protect(region, true, &why));
  assert_fails(MW_EBUSY, mw_region_seal(region, MW_SEAL_WRITE, &why));
  assert_ok(mw_semaphore_acquire(semaphore, MW_DEADLINE_NOW, &why));
  mw_semaphore_close(semaphore);
  assert_ok(mw_region_resize(region, 8192, &why));
  mw_region_close(region);
}

static void a_closed_region_closes_it(void **state) {
  (void)state;
  mw_region *region = memory_of(4096);
  mw_semaphore *semaphore;
  unsigned value = 77;
  assert_ok(mw_semaphore_at(region, 0, 1, &why, &semaphore));
  mw_region_close(region);
  assert_fails(MW_ECLOSED, mw_semaphore_acquire(semaphore, MW_DEADLINE_NOW, &why));
  assert_fails(MW_ECLOSED, mw_semaphore_release(semaphore, 1, &why));
  assert_fails(MW_ECLOSED, mw_semaphore_value(semaphore, &why, &value));
  assert_int_equal(value, 77);
  mw_semaphore_close(semaphore);
}

typedef struct sleeper {
  mw_semaphore *semaphore;
  _Atomic pid_t thread;
} sleeper;

static void *sleep_on_it(void *context) {
  sleeper *now = context;
  now->thread = (pid_t)syscall(SYS_gettid);
  intptr_t result = mw_semaphore_acquire(now->semaphore, MW_DEADLINE_NEVER, NULL);
  mw_semaphore_drop(now->semaphore);
  return (void *)result;
}

static int result_of_sleep_while(mw_semaphore *semaphore, void (*meanwhile)(mw_region *), mw_region *region) {
  sleeper now = {.semaphore = semaphore};
  pthread_t thread;
  void *result;
  mw_semaphore_hold(semaphore);
  assert_int_equal(pthread_create(&thread, NULL, sleep_on_it, &now), 0);
  while (now.thread == 0) sched_yield();
  harness_await_futex(getpid(), now.thread);
  meanwhile(region);
  assert_int_equal(pthread_join(thread, &result), 0);
  return (int)(intptr_t)result;
}

static void the_regions_close_ends_the_waits(void **state) {
  (void)state;
  mw_region *region = memory_of(4096);
  mw_semaphore *semaphore;
  assert_ok(mw_semaphore_at(region, 0, 0, &why, &semaphore));
  assert_int_equal(result_of_sleep_while(semaphore, mw_region_close, region), MW_ECLOSED);
  mw_semaphore_close(semaphore);
}

static void cut_it(mw_region *region) {
  int fd;
  assert_ok(mw_region_descriptor(region, &why, &fd));
  assert_int_equal(ftruncate(fd, 0), 0);
}

static void a_lost_page_ends_the_waits(void **state) {
  (void)state;
  harness_let_faults_kill();
  mw_region *region = memory_of(4096);
  mw_semaphore *semaphore;
  unsigned value = 77;
  assert_ok(mw_semaphore_at(region, 0, 0, &why, &semaphore));
  assert_int_equal(result_of_sleep_while(semaphore, cut_it, region), MW_EFAULT);
  assert_fails(MW_EFAULT, mw_semaphore_release(semaphore, 1, &why));
  assert_fails(MW_EFAULT, mw_semaphore_value(semaphore, &why, &value));
  assert_refused(MW_EFAULT, region, 64, 1);
  mw_semaphore_close(semaphore);
  mw_region_close(region);
}

static void a_lost_page_is_noticed_by_each_call(void **state) {
  (void)state;
  for (int call = 0; call < 5; call++) {
    harness_let_faults_kill();
    mw_region *region = memory_of(4096);
    mw_semaphore *semaphore, *other;
    unsigned value;
    assert_ok(mw_semaphore_at(region, 0, 1, &why, &semaphore));
    cut_it(region);
    switch (call) {
      case 0: assert_fails(MW_EFAULT, mw_semaphore_acquire(semaphore, MW_DEADLINE_NOW, &why)); break;
      case 1: assert_fails(MW_EFAULT, mw_semaphore_release(semaphore, 1, &why)); break;
      case 2: assert_fails(MW_EFAULT, mw_semaphore_value(semaphore, &why, &value)); break;
      case 3: assert_fails(MW_EFAULT, mw_semaphore_at(region, 0, 1, &why, &other)); break;
      default: assert_fails(MW_EFAULT, mw_semaphore_at(region, 0, -1, &why, &other));
    }
    mw_semaphore_close(semaphore);
    mw_region_close(region);
  }
}

static void it_has_its_regions_identity_and_no_key(void **state) {
  (void)state;
  mw_region *region;
  mw_semaphore *semaphore;
  uint64_t devices[2], inodes[2];
  int32_t key = 77, id = 78;
  unsigned index = 79;
  assert_ok(mw_region_anonymous(4096, NULL, &why, &region));
  assert_ok(mw_semaphore_at(region, 0, 1, &why, &semaphore));
  assert_null(mw_semaphore_name(semaphore));
  mw_region_identity(region, &devices[0], &inodes[0]);
  mw_semaphore_identity(semaphore, &devices[1], &inodes[1]);
  assert_int_equal(devices[0], devices[1]);
  assert_int_equal(inodes[0], inodes[1]);
  assert_fails(MW_ENOTSUP, mw_semaphore_sysv_id(semaphore, &why, &key, &id, &index));
  assert_int_equal(key, 77);
  assert_int_equal(id, 78);
  assert_int_equal(index, 79);
  assert_fails(MW_ENOTSUP, mw_semaphore_sysv_unlink(semaphore, &why));
  mw_semaphore_close(semaphore);
  mw_region_close(region);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(it_is_what_sem_init_makes),
    cmocka_unit_test(a_c_program_may_use_the_same_one),
    cmocka_unit_test(a_c_program_wakes_us),
    cmocka_unit_test(many_fit_into_one_region),
    cmocka_unit_test(a_place_that_cannot_be_is_refused),
    cmocka_unit_test(an_odd_region_has_even_places),
    cmocka_unit_test(a_value_that_cannot_be_is_refused),
    cmocka_unit_test(what_is_no_semaphore_is_refused),
    cmocka_unit_test(memory_that_nobody_shares_is_refused),
    cmocka_unit_test(read_only_and_closed_memory_is_refused),
    cmocka_unit_test(the_region_cannot_go_away_under_it),
    cmocka_unit_test(a_closed_region_closes_it),
    cmocka_unit_test(the_regions_close_ends_the_waits),
    cmocka_unit_test(a_lost_page_ends_the_waits),
    cmocka_unit_test(a_lost_page_is_noticed_by_each_call),
    cmocka_unit_test(it_has_its_regions_identity_and_no_key),
};

HARNESS_MAIN(tests)
