/* Attaches among creators that are killed at any moment, removers, and whoever squats on the name: what an attach gets is whole,
 * and ours.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "harness.h"

enum { SIZE = 3 * 4096 + 100, PERMISSIONS = 0640, VALUE = 77, ATTACHERS = 3, QUICK = 4000, FULL = 25000, KILLS_FULL = 400 };
enum { LONGEST_LIFE = 1000 /* microseconds */ };

/* The objects that are made and attached to.
 *
 * create   makes one and lets go of it; 0, or a status
 * attach   one attach: 0 where it got one and that was whole, MW_EFORMAT where it was not, or what the attach said
 * remove   whatever there is
 * absent   besides MW_ENOENT, what an attach may say of one that is just made or removed */
typedef struct kind {
  int (*create)(void);
  int (*attach)(void);
  int (*remove)(void);
  int absent;
} kind;

typedef struct tally {
  atomic_int attached, missed, wrong, last_wrong, made, killed;
  int wanted;
} tally;

/* ---- named regions */

static int create_region(void) {
  mw_region_options options = {.size_of_struct = sizeof options, .permissions = PERMISSIONS};
  mw_region *region;
  int status = mw_region_create(harness_name("o"), SIZE, &options, &why, &region);
  if (status == 0) mw_region_close(region);
  return status;
}

static bool is_zeros(mw_region *region) {
  const uint8_t *bytes = mw_region_data(region);
  for (size_t i = 0; i < SIZE; i += 97)
    if (bytes[i] != 0) return false;
  return bytes[SIZE - 1] == 0;
}

static int attach_region(void) {
  mw_region *region;
  struct stat stat;
  int fd, status = mw_region_attach(harness_name("o"), NULL, &why, &region);
  if (status != 0) return status;
  bool is_whole = mw_region_size(region) == SIZE && mw_region_descriptor(region, &why, &fd) == 0 && fstat(fd, &stat) == 0 &&
                  (stat.st_mode & 07777) == PERMISSIONS && is_zeros(region);
  mw_region_close(region);
  return is_whole ? 0 : MW_EFORMAT;
}

static int remove_region(void) { return mw_region_unlink(harness_name("o"), &why); }

/* ---- named semaphores */

static int create_semaphore(void) {
  mw_semaphore *semaphore;
  int status = mw_semaphore_create(harness_name("o"), VALUE, PERMISSIONS, 0, &why, &semaphore);
  if (status == 0) mw_semaphore_close(semaphore);
  return status;
}

static int close_if_whole(mw_semaphore *semaphore) {
  unsigned value = 0;
  int status = mw_semaphore_value(semaphore, &why, &value);
  mw_semaphore_close(semaphore);
  return status != 0 ? status : value == VALUE ? 0 : MW_EFORMAT;
}

static int attach_semaphore(void) {
  mw_semaphore *semaphore;
  int status = mw_semaphore_attach(harness_name("o"), MW_DEADLINE_NOW, 0, &why, &semaphore);
  return status != 0 ? status : close_if_whole(semaphore);
}

static int remove_semaphore(void) { return mw_semaphore_unlink(harness_name("o"), &why); }

/* ---- System V; the keys are as much this test's own as they can be */

static int32_t key(void) {
  int32_t number = 0x6d770000;
  for (const char *name = harness_name("o"); *name; name++) number = (int32_t)((uint32_t)number * 31 + (uint8_t)*name);
  return number | 1;
}

static int create_segment(void) {
  mw_region_options options = {.size_of_struct = sizeof options, .permissions = PERMISSIONS};
  mw_region *region;
  int status = mw_region_sysv(key(), SIZE, MW_CREATE, &options, &why, &region);
  if (status < 0) return status;
  mw_region_close(region);
  return 0;
}

static int attach_segment(void) {
  mw_region *region;
  struct shmid_ds facts;
  int32_t its_key, id;
  int status = mw_region_sysv(key(), 0, MW_ATTACH, NULL, &why, &region);
  if (status != 0) return status;
  bool is_whole = mw_region_size(region) == SIZE && mw_region_sysv_id(region, &why, &its_key, &id) == 0 && is_zeros(region) &&
                  shmctl(id, IPC_STAT, &facts) == 0 && (facts.shm_perm.mode & 0777) == PERMISSIONS;
  mw_region_close(region);
  return is_whole ? 0 : MW_EFORMAT;
}

static int remove_segment(void) { return mw_region_sysv_remove(key(), &why); }

static int create_set(void) {
  mw_semaphore_sysv_options options = {
      .size_of_struct = sizeof options, .how = MW_CREATE, .count = 2, .value = VALUE, .permissions = PERMISSIONS};
  mw_semaphore *semaphore;
  int status = mw_semaphore_sysv(key(), 1, &options, &why, &semaphore);
  if (status < 0) return status;
  mw_semaphore_close(semaphore);
  return 0;
}

static int attach_set(void) {
  mw_semaphore *semaphore;
  int status = mw_semaphore_sysv(key(), 1, NULL, &why, &semaphore);
  if (status != 0) return status;
  status = close_if_whole(semaphore);
  return status == MW_EOS && why.os_errno == EIDRM ? MW_ENOENT : status; /* removed since */
}

static int remove_set(void) { return mw_semaphore_sysv_remove(key(), &why); }

/* ---- the crowd */

static void attach_until_all_have(const kind *kind, tally *all) {
  while (all->attached < all->wanted) {
    int status = kind->attach();
    if (status == 0) {
      all->attached++;
    } else if (status == MW_ENOENT || status == kind->absent) {
      all->missed++;
      sched_yield();
    } else {
      all->wrong++;
      all->last_wrong = status;
      if (all->wrong == 1) printf("attach: %s: %s\n", why.call, why.reason);
    }
  }
}

/* Until it is killed. What it leaves there is removed by itself in the next turn, or by who killed it. */
static void create_and_remove(const kind *kind, tally *all, harness_gate *at_work) {
  for (bool first = true;; first = false) {
    int status = kind->create();
    if (status == 0) {
      all->made++;
    } else if (status != MW_EEXIST) {
      all->wrong++;
      all->last_wrong = status;
    }
    if (first) harness_gate_open(at_work);
    if (harness_below(4) == 0) sched_yield();
    kind->remove();
  }
}

static void kill_a_creator(const kind *kind, tally *all, harness_gate *at_work) {
  pid_t creator = harness_fork();
  if (creator == 0) {
    harness_seed((uint64_t)getpid());
    create_and_remove(kind, all, at_work);
  }
  harness_gate_wait(at_work);
  nanosleep(&(struct timespec){0, (long)harness_below(LONGEST_LIFE) * 1000}, NULL);
  kill(creator, SIGKILL);
  assert_int_equal(harness_wait(creator), 128 + SIGKILL);
  all->killed++;
  kind->remove();
}

static void amid_the_crowd(const kind *kind) {
  tally *all = harness_shared(sizeof *all);
  pid_t attachers[ATTACHERS];
  harness_gate at_work;
  harness_gate_init(&at_work);
  all->wanted = harness_rounds(QUICK, FULL);
  int kills = harness_rounds(KILLS_FULL / 10, KILLS_FULL);
  for (int i = 0; i < ATTACHERS; i++)
    if ((attachers[i] = harness_fork()) == 0) {
      attach_until_all_have(kind, all);
      _exit(0);
    }
  while (all->killed < kills || all->attached < all->wanted) kill_a_creator(kind, all, &at_work);
  for (int i = 0; i < ATTACHERS; i++) assert_int_equal(harness_wait(attachers[i]), 0);
  printf("attach: %d attached, %d found nothing, %d made, %d creators killed\n", all->attached, all->missed, all->made,
         all->killed);
  if (all->wrong != 0) harness_fail("%d wrong, the last with %s", all->wrong, mw_status_name(all->last_wrong));
  assert_int_equal(kind->attach(), MW_ENOENT);
  assert_int_equal(kind->create(), 0); /* nothing hinders the next one */
  assert_int_equal(kind->attach(), 0);
  assert_int_equal(kind->remove(), 0);
  harness_gate_fini(&at_work);
}

static void named_regions_are_whole(void **state) {
  (void)state;
  amid_the_crowd(&(kind){create_region, attach_region, remove_region, MW_ENOENT});
}

static void named_semaphores_are_whole(void **state) {
  (void)state;
  amid_the_crowd(&(kind){create_semaphore, attach_semaphore, remove_semaphore, MW_ENOENT});
}

static void segments_are_whole(void **state) {
  (void)state;
  amid_the_crowd(&(kind){create_segment, attach_segment, remove_segment, MW_ENOENT});
}

/* A set whose maker was killed before it gave the values is there, and is said to be not ready. */
static void sets_are_whole(void **state) {
  (void)state;
  amid_the_crowd(&(kind){create_set, attach_set, remove_set, MW_EAGAIN});
}

/* ---- squatters */

static void lay_link(const char *path) { (void)!symlink("/dev/shm", path); }
static void lay_fifo(const char *path) { (void)!mkfifo(path, 0666); }
static void lay_folder(const char *path) { (void)!mkdir(path, 0755); }

static void lay_file(const char *path) {
  int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (fd < 0) return;
  (void)!ftruncate(fd, SIZE);
  close(fd);
}

/* Put something in the way, and take it away, until the attachers have seen enough. */
static void squat(tally *all, void (*lay)(const char *path)) {
  const char *path = harness_shm_path("", harness_name("o"));
  while (all->missed + all->attached < all->wanted) {
    lay(path);
    sched_yield();
    if (lay == lay_folder)
      rmdir(path);
    else
      unlink(path);
  }
}

static bool is_refusal(int status) {
  return status == MW_ENOENT || status == MW_EPERM || status == MW_EINVAL || (status == MW_EOS && why.os_errno == ELOOP);
}

static void attach_to_nothing_of_theirs(tally *all) {
  while (all->missed + all->attached < all->wanted) {
    int status = attach_region();
    if (is_refusal(status)) {
      all->missed++;
      continue;
    }
    all->wrong++;
    all->last_wrong = status;
    all->missed++;
  }
}

static void amid_squatters(bool as_stranger, void (*lay)(const char *path)) {
  tally *all = harness_shared(sizeof *all);
  all->wanted = harness_rounds(QUICK, FULL);
  pid_t squatter = harness_fork();
  if (squatter == 0) {
    if (as_stranger) harness_become(HARNESS_STRANGER);
    squat(all, lay);
    _exit(0);
  }
  attach_to_nothing_of_theirs(all);
  assert_int_equal(harness_wait(squatter), 0);
  if (all->wrong != 0) harness_fail("%d wrong, the last with %s", all->wrong, mw_status_name(all->last_wrong));
  assert_int_equal(create_region(), 0);
  assert_int_equal(attach_region(), 0);
  assert_int_equal(remove_region(), 0);
}

static void links_are_refused(void **state) {
  (void)state;
  amid_squatters(false, lay_link);
}

static void fifos_are_refused(void **state) {
  (void)state;
  amid_squatters(false, lay_fifo);
}

static void folders_are_refused(void **state) {
  (void)state;
  amid_squatters(false, lay_folder);
}

static void files_of_strangers_are_refused(void **state) {
  (void)state;
  harness_needs_root();
  amid_squatters(true, lay_file);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(named_regions_are_whole), cmocka_unit_test(named_semaphores_are_whole),
    cmocka_unit_test(segments_are_whole),      cmocka_unit_test(sets_are_whole),
    cmocka_unit_test(links_are_refused),       cmocka_unit_test(fifos_are_refused),
    cmocka_unit_test(folders_are_refused),     cmocka_unit_test(files_of_strangers_are_refused),
};

HARNESS_MAIN(tests)
