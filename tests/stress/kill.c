/* Creators that are killed at any moment: what has the name afterwards is whole, or there is nothing.
 *
 * SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "harness.h"

enum { KILLS = 500, SIZE = 1 << 18, PERMISSIONS = 0640, VALUE = 77, LONGEST_LIFE = 1500 /* microseconds */ };

/* Moments that differ, and are the same in each run as far as clocks are. */
static void live_a_while(void) {
  static uint64_t random = 88172645463325252ULL;
  random ^= random << 13;
  random ^= random >> 7;
  random ^= random << 17;
  struct timespec life = {0, (long)(random % LONGEST_LIFE) * 1000};
  nanosleep(&life, NULL);
}

/* Without O_TMPFILE a creator that is killed leaves the name it worked under. That name is nobody's. */
static void remove_drafts(void) {
  DIR *directory = opendir(HARNESS_SHM);
  if (!harness_makes_drafts || directory == NULL) {
    if (directory != NULL) closedir(directory);
    return;
  }
  for (struct dirent *entry; (entry = readdir(directory)) != NULL;)
    if (strncmp(entry->d_name, ".memwell-", 9) == 0) unlinkat(dirfd(directory), entry->d_name, 0);
  closedir(directory);
}

/* Start a process that creates and unlinks for ever, let it work, kill it. */
static void kill_one(void (*create)(void), harness_gate *at_work) {
  pid_t child = harness_fork();
  if (child == 0)
    for (bool first = true;; first = false) {
      create();
      if (first) harness_gate_open(at_work);
    }
  harness_gate_wait(at_work);
  live_a_while();
  kill(child, SIGKILL);
  assert_int_equal(harness_wait(child), 128 + SIGKILL);
}

/* ---- regions */

static void create_region(void) {
  mw_region_options options = {sizeof options, .permissions = PERMISSIONS};
  mw_region *region;
  assert_ok(mw_region_create(harness_name("kill"), SIZE, &options, &why, &region));
  mw_region_close(region);
  assert_ok(mw_region_unlink(harness_name("kill"), &why));
}

static bool is_whole_region(void) {
  mw_region *region;
  int result = mw_region_attach(harness_name("kill"), NULL, &why, &region);
  if (result == MW_ENOENT) return false;
  assert_ok(result);
  assert_int_equal(mw_region_size(region), SIZE);
  assert_int_equal(harness_permissions(harness_shm_path("", harness_name("kill"))), PERMISSIONS);
  const uint8_t *bytes = mw_region_data(region);
  for (int i = 0; i < SIZE; i++) assert_int_equal(bytes[i], 0);
  mw_region_close(region);
  assert_ok(mw_region_unlink(harness_name("kill"), &why));
  return true;
}

static void killed_creators_leave_whole_regions_or_none(void **state) {
  (void)state;
  int left = 0;
  harness_gate at_work;
  harness_gate_init(&at_work);
  for (int i = 0; i < KILLS; i++) {
    kill_one(create_region, &at_work);
    left += is_whole_region();
  }
  printf("kill: %d creators killed, %d names left, all of them whole\n", KILLS, left);
  create_region(); /* and the next one is not hindered */
  remove_drafts();
  harness_gate_fini(&at_work);
}

/* ---- semaphores */

static void create_semaphore(void) {
  mw_semaphore *semaphore;
  assert_ok(mw_semaphore_create(harness_name("kill"), VALUE, PERMISSIONS, 0, &why, &semaphore));
  mw_semaphore_close(semaphore);
  assert_ok(mw_semaphore_unlink(harness_name("kill"), &why));
}

static bool is_whole_semaphore(void) {
  mw_semaphore *semaphore;
  unsigned value = 0;
  int result = mw_semaphore_attach(harness_name("kill"), MW_DEADLINE_NOW, 0, &why, &semaphore);
  if (result == MW_ENOENT) return false;
  assert_ok(result);
  assert_ok(mw_semaphore_value(semaphore, &why, &value));
  assert_int_equal(value, VALUE);
  assert_int_equal(harness_permissions(harness_shm_path("sem.", harness_name("kill"))), PERMISSIONS);
  mw_semaphore_close(semaphore);
  assert_ok(mw_semaphore_unlink(harness_name("kill"), &why));
  return true;
}

static void killed_creators_leave_whole_semaphores_or_none(void **state) {
  (void)state;
  int left = 0;
  harness_gate at_work;
  harness_gate_init(&at_work);
  for (int i = 0; i < KILLS; i++) {
    kill_one(create_semaphore, &at_work);
    left += is_whole_semaphore();
  }
  printf("kill: %d creators killed, %d names left, all of them whole\n", KILLS, left);
  create_semaphore();
  remove_drafts();
  harness_gate_fini(&at_work);
}

/* ---- files that are made new */

static void create_file(void) {
  mw_region_options options = {sizeof options, .flags = MW_EXCLUSIVE, .permissions = PERMISSIONS};
  mw_region *region;
  assert_ok(mw_region_file(harness_shm_path("", harness_name("kill")), SIZE, &options, &why, &region));
  mw_region_close(region);
  assert_int_equal(unlink(harness_shm_path("", harness_name("kill"))), 0);
}

static void killed_creators_leave_whole_files_or_none(void **state) {
  (void)state;
  harness_gate at_work;
  harness_gate_init(&at_work);
  for (int i = 0; i < KILLS; i++) {
    kill_one(create_file, &at_work);
    is_whole_region(); /* it is one and the same kind of file */
  }
  create_file();
  remove_drafts();
  harness_gate_fini(&at_work);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(killed_creators_leave_whole_regions_or_none),
    cmocka_unit_test(killed_creators_leave_whole_semaphores_or_none),
    cmocka_unit_test(killed_creators_leave_whole_files_or_none),
};

HARNESS_MAIN(tests)
