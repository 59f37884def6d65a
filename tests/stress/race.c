/* Many processes open one name at once: always exactly one of them creates, and nobody ever sees half of what it makes.
 *
 * What a process sees is counted in memory that all share, and judged at the end: a process that stopped at its first complaint
 * would leave the others waiting at the barrier.
 *
 * SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"

enum { PROCESSES = 16, ROUNDS = 1000, CHURN = 2000, SIZE = 3 * 4096 + 100, PERMISSIONS = 0640, VALUE = 1000 };
enum { STAMP = 0x77, STAMPED = 100 };

typedef struct tally {
  pthread_barrier_t barrier;
  atomic_int creators; /* in this round */
  atomic_int failures, wrong_size, wrong_bytes, wrong_permissions, wrong_value, wrong_object, wrong_creators;
  atomic_int seen;
  _Atomic uint64_t inode; /* of this round's object */
} tally;

static tally *new_tally(void) {
  tally *all = harness_shared(sizeof *all);
  pthread_barrierattr_t attributes;
  pthread_barrierattr_init(&attributes);
  pthread_barrierattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  pthread_barrier_init(&all->barrier, &attributes, PROCESSES);
  return all;
}

static void assert_all_right(const tally *all) {
  assert_int_equal(all->failures, 0);
  assert_int_equal(all->wrong_size, 0);
  assert_int_equal(all->wrong_bytes, 0);
  assert_int_equal(all->wrong_permissions, 0);
  assert_int_equal(all->wrong_value, 0);
  assert_int_equal(all->wrong_object, 0);
  assert_int_equal(all->wrong_creators, 0);
}

/* Run `body` in all processes, and wait for them. */
static void in_all(void (*body)(tally *all, int number), tally *all) {
  pid_t children[PROCESSES];
  for (int i = 0; i < PROCESSES; i++)
    if ((children[i] = harness_fork()) == 0) {
      body(all, i);
      _exit(0);
    }
  for (int i = 0; i < PROCESSES; i++) assert_int_equal(harness_wait(children[i]), 0);
}

/* ---- what there is to see of an object */

/* All zeros, but for the creator's stamp at both ends, of which perhaps not every byte is there yet. */
static bool bytes_are_right(mw_region *region) {
  uint8_t bytes[SIZE];
  size_t size = 0;
  if (mw_region_read(region, 0, bytes, SIZE, NULL, &size) != 0 || size != SIZE) return false;
  for (size_t i = 0; i < SIZE; i++)
    if (bytes[i] != 0 && !(bytes[i] == STAMP && (i < STAMPED || i >= SIZE - STAMPED))) return false;
  return true;
}

static void look_at_region(tally *all, mw_region *region, bool created) {
  struct stat stat;
  int fd;
  if (mw_region_size(region) != SIZE)
    all->wrong_size++;
  else if (!bytes_are_right(region))
    all->wrong_bytes++;
  if (mw_region_descriptor(region, NULL, &fd) != 0 || fstat(fd, &stat) != 0)
    all->failures++;
  else if ((stat.st_mode & 07777) != PERMISSIONS || stat.st_size != SIZE)
    all->wrong_permissions++;
  if (!created) return;
  mw_region_fill(region, STAMP, 0, STAMPED, NULL);
  mw_region_fill(region, STAMP, SIZE - STAMPED, STAMPED, NULL);
}

static int open_region(mw_region **out_region) {
  mw_region_options options = {sizeof options, .permissions = PERMISSIONS};
  return mw_region_open(harness_name("race"), SIZE, &options, &why, out_region);
}

/* ---- rounds: all open at once, one judges */

static void agree_on_object(tally *all, uint64_t inode) {
  uint64_t none = 0;
  if (!atomic_compare_exchange_strong(&all->inode, &none, inode) && none != inode) all->wrong_object++;
}

static void judge_round(tally *all, int (*unlink_it)(const char *name, mw_error *error)) {
  if (all->creators != 1) all->wrong_creators++;
  if (unlink_it(harness_name("race"), NULL) != 0) all->failures++;
  all->creators = 0;
  all->inode = 0;
}

static void race_for_region(tally *all, int number) {
  for (int round = 0; round < ROUNDS; round++) {
    mw_region *region = NULL;
    uint64_t device, inode;
    pthread_barrier_wait(&all->barrier);
    int result = open_region(&region);
    if (result < 0) {
      all->failures++;
    } else {
      all->creators += result;
      look_at_region(all, region, result == 1);
      mw_region_identity(region, &device, &inode);
      agree_on_object(all, inode);
    }
    pthread_barrier_wait(&all->barrier);
    if (number == 0) judge_round(all, mw_region_unlink);
    mw_region_close(region);
  }
}

static void one_process_creates_a_region(void **state) {
  (void)state;
  tally *all = new_tally();
  in_all(race_for_region, all);
  assert_all_right(all);
}

static void race_for_semaphore(tally *all, int number) {
  for (int round = 0; round < ROUNDS; round++) {
    mw_semaphore *semaphore = NULL;
    uint64_t device, inode;
    unsigned value = 0;
    pthread_barrier_wait(&all->barrier);
    int result = mw_semaphore_open(harness_name("race"), VALUE, PERMISSIONS, &why, &semaphore);
    if (result < 0) {
      all->failures++;
    } else {
      all->creators += result;
      if (mw_semaphore_value(semaphore, NULL, &value) != 0 || value != VALUE) all->wrong_value++;
      if (harness_permissions(harness_shm_path("sem.", harness_name("race"))) != PERMISSIONS) all->wrong_permissions++;
      mw_semaphore_identity(semaphore, &device, &inode);
      agree_on_object(all, inode);
    }
    pthread_barrier_wait(&all->barrier);
    if (number == 0) judge_round(all, mw_semaphore_unlink);
    mw_semaphore_close(semaphore);
  }
}

static void one_process_creates_a_semaphore(void **state) {
  (void)state;
  tally *all = new_tally();
  in_all(race_for_semaphore, all);
  assert_all_right(all);
}

/* ---- churn: no rounds, everybody opens and sometimes unlinks */

static void churn(tally *all, int number) {
  for (int i = 0; i < CHURN; i++) {
    mw_region *region;
    int result = open_region(&region);
    if (result < 0) {
      all->failures++;
      continue;
    }
    look_at_region(all, region, result == 1);
    all->seen++;
    mw_region_close(region);
    if ((i + number) % 3 == 0) mw_region_unlink(harness_name("race"), NULL);
  }
}

static void nobody_sees_half_a_region(void **state) {
  (void)state;
  tally *all = new_tally();
  in_all(churn, all);
  mw_region_unlink(harness_name("race"), NULL);
  assert_all_right(all);
  assert_int_equal(all->seen, PROCESSES * CHURN);
}

/* One creates and unlinks, the others only attach: what they get is whole, or not there. */
static void attach_or_create(tally *all, int number) {
  mw_region_options options = {sizeof options, .permissions = PERMISSIONS};
  for (int i = 0; i < CHURN; i++) {
    mw_region *region;
    int result = number == 0 ? mw_region_create(harness_name("race"), SIZE, &options, &why, &region)
                             : mw_region_attach(harness_name("race"), NULL, &why, &region);
    if (result == 0) {
      look_at_region(all, region, number == 0);
      mw_region_close(region);
      all->seen++;
    } else if (number == 0 || result != MW_ENOENT) {
      all->failures++;
    }
    if (number == 0 && mw_region_unlink(harness_name("race"), NULL) != 0) all->failures++;
  }
}

static void an_attach_finds_all_or_nothing(void **state) {
  (void)state;
  tally *all = new_tally();
  in_all(attach_or_create, all);
  assert_all_right(all);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(one_process_creates_a_region),
    cmocka_unit_test(one_process_creates_a_semaphore),
    cmocka_unit_test(nobody_sees_half_a_region),
    cmocka_unit_test(an_attach_finds_all_or_nothing),
};

HARNESS_MAIN(tests)
