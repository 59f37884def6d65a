/* Named semaphores: made whole, attached to by their owner, removed. What they do is in test_semaphore_kinds.c.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "harness.h"

static const char *name(void) { return harness_name("semaphore"); }

static const char *path(void) { return harness_shm_path("sem.", name()); }

static mw_semaphore *created(unsigned value) {
  mw_semaphore *semaphore = NULL;
  assert_ok(mw_semaphore_create(name(), value, 0, 0, &why, &semaphore));
  return semaphore;
}

static mw_semaphore *attached(void) {
  mw_semaphore *semaphore = NULL;
  assert_ok(mw_semaphore_attach(name(), MW_DEADLINE_NOW, 0, &why, &semaphore));
  return semaphore;
}

static unsigned value_of(mw_semaphore *semaphore) {
  unsigned value = 12345;
  assert_ok(mw_semaphore_value(semaphore, &why, &value));
  return value;
}

static void close_and_unlink(mw_semaphore *semaphore) {
  mw_semaphore_close(semaphore);
  assert_ok(mw_semaphore_unlink(name(), &why));
}

static void assert_not_attached(int status, int number, unsigned flags) {
  mw_semaphore *semaphore = (mw_semaphore *)1;
  assert_fails(status, mw_semaphore_attach(name(), MW_DEADLINE_NOW, flags, &why, &semaphore));
  assert_why("Semaphore.attach", name(), number);
  assert_ptr_equal(semaphore, (mw_semaphore *)1);
}

/* ---- create, attach, open, unlink */

static void what_is_created_can_be_attached_to(void **state) {
  (void)state;
  mw_semaphore *one = created(3), *two = attached();
  uint64_t devices[2], inodes[2];
  struct stat stat_now;
  assert_int_equal(value_of(two), 3);
  assert_string_equal(mw_semaphore_name(one), name());
  assert_string_equal(mw_semaphore_name(two), name());
  assert_ok(mw_semaphore_acquire(one, MW_DEADLINE_NOW, &why));
  assert_int_equal(value_of(two), 2);
  mw_semaphore_identity(one, &devices[0], &inodes[0]);
  mw_semaphore_identity(two, &devices[1], &inodes[1]);
  assert_int_equal(stat(path(), &stat_now), 0);
  assert_int_equal(devices[0], stat_now.st_dev);
  assert_int_equal(inodes[0], stat_now.st_ino);
  assert_int_equal(devices[1], devices[0]);
  assert_int_equal(inodes[1], inodes[0]);
  mw_semaphore_close(one);
  assert_int_equal(value_of(two), 2);
  close_and_unlink(two);
}

static void it_is_the_file_that_sem_open_makes(void **state) {
  (void)state;
  mw_semaphore *semaphore = created(7);
  unsigned char ours[64] = {0}, theirs[64] = {0};
  assert_int_equal(harness_file_size(path()), sizeof(sem_t));
  FILE *file = fopen(path(), "re");
  assert_int_equal(fread(ours, 1, sizeof ours, file), sizeof(sem_t));
  fclose(file);
  close_and_unlink(semaphore);
  sem_t *plain = sem_open(name(), O_CREAT | O_EXCL, 0600, 7);
  if (plain == SEM_FAILED) harness_fail("sem_open: %s", strerror(errno));
  memcpy(theirs, plain, sizeof(sem_t));
  sem_close(plain);
  sem_unlink(name());
  assert_memory_equal(ours, theirs, sizeof ours);
}

static void a_taken_name_is_refused(void **state) {
  (void)state;
  mw_semaphore *semaphore = created(3), *other = (mw_semaphore *)1;
  assert_fails(MW_EEXIST, mw_semaphore_create(name(), 5, 0, 0, &why, &other));
  assert_why("Semaphore.create", name(), EEXIST);
  assert_ptr_equal(other, (mw_semaphore *)1);
  assert_int_equal(value_of(semaphore), 3);
  close_and_unlink(semaphore);
}

static void the_value_has_a_range(void **state) {
  (void)state;
  static const unsigned good[] = {0, 1, MW_SEMAPHORE_MAX}, bad[] = {MW_SEMAPHORE_MAX + 1, UINT32_MAX};
  for (int i = 0; i < 3; i++) {
    mw_semaphore *semaphore = created(good[i]);
    assert_int_equal(value_of(semaphore), good[i]);
    close_and_unlink(semaphore);
  }
  for (int i = 0; i < 2; i++) {
    mw_semaphore *semaphore;
    assert_fails(MW_EINVAL, mw_semaphore_create(name(), bad[i], 0, 0, &why, &semaphore));
    assert_fails(MW_EINVAL, mw_semaphore_open(name(), bad[i], 0, &why, &semaphore));
  }
  assert_false(harness_exists(path()));
}

static void unknown_flags_are_refused(void **state) {
  (void)state;
  static const unsigned flags[] = {MW_ANY_OWNER, MW_NO_FD, MW_TRUNCATE, MW_EXCLUSIVE, 1u << 20};
  mw_semaphore *semaphore;
  for (int i = 0; i < 5; i++) assert_fails(MW_EINVAL, mw_semaphore_create(name(), 1, 0, flags[i], &why, &semaphore));
  assert_false(harness_exists(path()));
  semaphore = created(1);
  static const unsigned others[] = {MW_TEMPORARY, MW_NO_FD, MW_TRUNCATE, 1u << 20};
  for (int i = 0; i < 4; i++)
    assert_fails(MW_EINVAL, mw_semaphore_attach(name(), MW_DEADLINE_NOW, others[i], &why, &(mw_semaphore *){NULL}));
  close_and_unlink(semaphore);
}

static void permissions_are_exact(void **state) {
  (void)state;
  static const unsigned masks[] = {0, 0022, 0777}, permissions[] = {0, 0600, 0644, 0666, 0400};
  for (int m = 0; m < 3; m++)
    for (int p = 0; p < 5; p++) {
      mw_semaphore *semaphore;
      mode_t before = umask((mode_t)masks[m]);
      assert_ok(mw_semaphore_create(name(), 1, permissions[p], 0, &why, &semaphore));
      umask(before);
      assert_int_equal(harness_permissions(path()), permissions[p] != 0 ? permissions[p] : 0600);
      close_and_unlink(semaphore);
    }
  mw_semaphore *semaphore;
  assert_fails(MW_EINVAL, mw_semaphore_create(name(), 1, 010000, 0, &why, &semaphore));
}

static void open_creates_then_attaches(void **state) {
  (void)state;
  mw_semaphore *one, *two;
  assert_int_equal(mw_semaphore_open(name(), 4, 0640, &why, &one), 1);
  assert_int_equal(mw_semaphore_open(name(), 9, 0600, &why, &two), 0);
  assert_int_equal(value_of(two), 4);
  assert_int_equal(harness_permissions(path()), 0640);
  mw_semaphore_close(one);
  close_and_unlink(two);
}

static void what_is_missing_is_refused(void **state) {
  (void)state;
  mw_semaphore *semaphore;
  assert_not_attached(MW_ENOENT, ENOENT, 0);
  assert_fails(MW_ENOENT, mw_semaphore_attach(name(), mw_deadline_after(0.02), 0, &why, &semaphore));
  assert_fails(MW_ENOENT, mw_semaphore_unlink(name(), &why));
  assert_why("Semaphore.unlink", name(), ENOENT);
}

static void a_second_unlink_is_refused(void **state) {
  (void)state;
  mw_semaphore *semaphore = created(1);
  assert_ok(mw_semaphore_unlink(name(), &why));
  assert_fails(MW_ENOENT, mw_semaphore_unlink(name(), &why));
  assert_ok(mw_semaphore_acquire(semaphore, MW_DEADLINE_NOW, &why)); /* who has it keeps it */
  mw_semaphore_close(semaphore);
}

static void a_signal_ends_the_wait_for_a_name(void **state) {
  (void)state;
  mw_semaphore *semaphore;
  harness_interrupt_every(5);
  assert_fails(MW_EINTR, mw_semaphore_attach(name(), MW_DEADLINE_NEVER, 0, &why, &semaphore));
  harness_interrupt_every(0);
}

static void wait_for_name(void *gate) {
  mw_semaphore *semaphore;
  harness_gate_open(gate);
  assert_ok(mw_semaphore_attach(name(), MW_DEADLINE_NEVER, 0, &why, &semaphore));
  assert_ok(mw_semaphore_acquire(semaphore, MW_DEADLINE_NEVER, &why));
  mw_semaphore_close(semaphore);
}

static void attach_waits_for_the_name(void **state) {
  (void)state;
  harness_gate gate;
  harness_gate_init(&gate);
  pid_t child = harness_fork();
  if (child == 0) {
    wait_for_name(&gate);
    _exit(0);
  }
  harness_gate_wait(&gate);
  mw_semaphore *semaphore = created(1);
  assert_int_equal(harness_wait(child), 0);
  assert_int_equal(value_of(semaphore), 0);
  harness_gate_fini(&gate);
  close_and_unlink(semaphore);
}

/* ---- what is no semaphore */

/* What begins like a semaphore, with a byte too few or too many. */
static void another_size_is_no_semaphore(void **state) {
  (void)state;
  unsigned char bytes[4096] = {0};
  static const size_t sizes[] = {1, 16, sizeof(sem_t) - 1, sizeof(sem_t) + 1, sizeof bytes};
  assert_int_equal(sem_init((sem_t *)(void *)bytes, 1, 1), 0);
  for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
    harness_write_file(path(), bytes, sizes[i], 0600);
    assert_not_attached(MW_EFORMAT, 0, 0);
    mw_semaphore *semaphore;
    assert_fails(MW_EFORMAT, mw_semaphore_open(name(), 1, 0, &why, &semaphore));
    assert_int_equal(harness_file_size(path()), sizes[i]);
  }
  assert_ok(mw_semaphore_unlink(name(), &why));
}

static void a_file_of_size_0_is_not_ready(void **state) {
  (void)state;
  mw_semaphore *semaphore;
  harness_write_file(path(), "", 0, 0600);
  assert_not_attached(MW_EAGAIN, EAGAIN, 0);
  assert_fails(MW_EAGAIN, mw_semaphore_attach(name(), mw_deadline_after(0.02), 0, &why, &semaphore));
  assert_fails(MW_EAGAIN, mw_semaphore_open(name(), 1, 0, &why, &semaphore));
  assert_int_equal(harness_file_size(path()), 0);
  assert_ok(mw_semaphore_unlink(name(), &why));
}

/* The C library would take them for a semaphore of the threads of one process, whose release wakes nobody else. */
static void zeros_are_no_semaphore(void **state) {
  (void)state;
  static const char zeros[sizeof(sem_t)];
  harness_write_file(path(), zeros, sizeof zeros, 0600);
  assert_not_attached(MW_EFORMAT, 0, 0);
  mw_semaphore *semaphore;
  assert_fails(MW_EFORMAT, mw_semaphore_open(name(), 1, 0, &why, &semaphore));
  assert_ok(mw_semaphore_unlink(name(), &why));
}

static void a_value_that_cannot_be_is_refused(void **state) {
  (void)state;
  unsigned char bytes[sizeof(sem_t)];
  memset(bytes, 0xff, sizeof bytes);
  harness_write_file(path(), bytes, sizeof bytes, 0600);
  assert_not_attached(MW_EFORMAT, 0, 0);
  assert_ok(mw_semaphore_unlink(name(), &why));
}

static void a_link_or_folder_is_no_semaphore(void **state) {
  (void)state;
  mw_semaphore *semaphore = created(1), *other;
  char target[128];
  snprintf(target, sizeof target, "%s", path());
  const char *link = harness_shm_path("sem.", harness_name("link"));
  assert_int_equal(symlink(target, link), 0);
  assert_fails(MW_EOS, mw_semaphore_attach(harness_name("link"), MW_DEADLINE_NOW, 0, &why, &other));
  assert_int_equal(why.os_errno, ELOOP);
  assert_fails(MW_EEXIST, mw_semaphore_create(harness_name("link"), 1, 0, 0, &why, &other));
  assert_int_equal(unlink(link), 0);
  assert_int_equal(mkdir(link, 0700), 0);
  assert_fails(MW_EINVAL, mw_semaphore_attach(harness_name("link"), MW_DEADLINE_NOW, 0, &why, &other));
  assert_int_equal(rmdir(link), 0);
  close_and_unlink(semaphore);
}

/* ---- other users */

static void try_to_attach(void *context) {
  (void)context;
  harness_become(HARNESS_STRANGER);
  assert_not_attached(MW_EACCES, EACCES, 0);
}

static void permissions_keep_others_out(void **state) {
  (void)state;
  harness_needs_root();
  mw_semaphore *semaphore = created(1);
  assert_int_equal(harness_in_child(try_to_attach, NULL), 0);
  close_and_unlink(semaphore);
}

static void create_as_stranger(void *context) {
  (void)context;
  mw_semaphore *semaphore;
  harness_become(HARNESS_STRANGER);
  assert_ok(mw_semaphore_create(name(), 1, 0666, 0, &why, &semaphore));
  mw_semaphore_close(semaphore);
}

static void what_a_stranger_made_is_refused(void **state) {
  (void)state;
  harness_needs_root();
  mw_semaphore *semaphore;
  assert_int_equal(harness_in_child(create_as_stranger, NULL), 0);
  assert_not_attached(MW_EPERM, EPERM, 0);
  assert_non_null(strstr(why.reason, "65534"));
  assert_fails(MW_EPERM, mw_semaphore_open(name(), 1, 0, &why, &semaphore));
  assert_ok(mw_semaphore_attach(name(), MW_DEADLINE_NOW, MW_ANY_OWNER, &why, &semaphore));
  assert_int_equal(value_of(semaphore), 1);
  close_and_unlink(semaphore);
}

static void null_is_fine_for_close_and_drop(void **state) {
  (void)state;
  mw_semaphore_close(NULL);
  mw_semaphore_drop(NULL);
}

/* ---- temporary, full */

static mw_semaphore *forgotten; /* still reachable, so that it is no leak to the leak checkers */

static void exit_without_closing(void *context) {
  (void)context;
  assert_ok(mw_semaphore_create(name(), 1, 0, MW_TEMPORARY, &why, &forgotten));
  exit(0);
}

static void a_temporary_name_goes(void **state) {
  (void)state;
  mw_semaphore *semaphore;
  assert_ok(mw_semaphore_create(name(), 1, 0, MW_TEMPORARY, &why, &semaphore));
  mw_semaphore_hold(semaphore);
  assert_true(harness_exists(path()));
  mw_semaphore_close(semaphore);
  assert_false(harness_exists(path()));
  mw_semaphore_drop(semaphore);
  assert_int_equal(harness_in_child(exit_without_closing, NULL), 0);
  assert_false(harness_exists(path()));
}

static void another_semaphore_of_that_name_stays(void **state) {
  (void)state;
  mw_semaphore *old;
  assert_ok(mw_semaphore_create(name(), 1, 0, MW_TEMPORARY, &why, &old));
  assert_ok(mw_semaphore_unlink(name(), &why));
  mw_semaphore *new = created(2);
  mw_semaphore_close(old);
  assert_true(harness_exists(path()));
  close_and_unlink(new);
}

static void a_full_file_system_is_an_error_of_create(void **state) {
  (void)state;
  harness_small_shm(1 << 16);
  mw_region *region;
  mw_semaphore *semaphore;
  struct statvfs before, after;
  assert_ok(mw_region_create(harness_name("all"), 1 << 16, NULL, &why, &region));
  assert_int_equal(statvfs(HARNESS_SHM, &before), 0);
  assert_fails(MW_ENOSPC, mw_semaphore_create(name(), 1, 0, 0, &why, &semaphore));
  assert_false(harness_exists(path()));
  assert_int_equal(statvfs(HARNESS_SHM, &after), 0);
  assert_int_equal(before.f_ffree, after.f_ffree); /* no file is left, whatever its name */
  mw_region_close(region);
}

/* glibc aborts where the word that says whether a semaphore is shared holds anything else: a stranger's write must not end us. */
static void what_overwrites_it_is_no_death(void **state) {
  (void)state;
  mw_region *region;
  mw_semaphore *semaphore;
  assert_ok(mw_region_anonymous(4096, NULL, &why, &region));
  assert_ok(mw_semaphore_at(region, 0, 0, &why, &semaphore));
  assert_ok(mw_region_fill(region, 0xff, 4, 28, &why)); /* all but the value, which stays 0 */
  assert_fails(MW_EFORMAT, mw_semaphore_acquire(semaphore, mw_deadline_after(60), &why));
  assert_fails(MW_EFORMAT, mw_semaphore_release(semaphore, 1, &why));
  assert_fails(MW_EFORMAT, mw_semaphore_release(semaphore, 2, &why));
  assert_fails(MW_ETIMEDOUT, mw_semaphore_acquire(semaphore, MW_DEADLINE_NOW, &why));
  mw_semaphore_close(semaphore);
  mw_region_close(region);
}

static void without_descriptors_it_says_so(void **state) {
  (void)state;
  mw_semaphore *semaphore = created(1), *other = (mw_semaphore *)1;
  struct rlimit before, none;
  assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
  none = before;
  none.rlim_cur = 0;
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
  int attach = mw_semaphore_attach(name(), MW_DEADLINE_NOW, 0, &why, &other);
  int create = mw_semaphore_create(harness_name("b"), 1, 0, 0, &why, &other);
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
  assert_int_equal(attach, MW_EMFILE);
  assert_int_equal(create, MW_EMFILE);
  assert_ptr_equal(other, (mw_semaphore *)1);
  close_and_unlink(semaphore);
}

/* ---- System V */

static void a_set_that_was_removed_is_one_error(void **state) {
  (void)state;
  mw_semaphore_sysv_options options = {sizeof options, .how = MW_CREATE, .value = 1};
  mw_semaphore *semaphore = NULL;
  unsigned value;
  assert_int_equal(mw_semaphore_sysv(MW_KEY_PRIVATE, 0, &options, &why, &semaphore), 1);
  assert_ok(mw_semaphore_sysv_unlink(semaphore, &why));
  assert_int_equal(mw_semaphore_acquire(semaphore, MW_DEADLINE_NOW, &why), MW_EOS);
  assert_why("Semaphore.acquire", "0x0", EIDRM);
  assert_int_equal(mw_semaphore_release(semaphore, 1, &why), MW_EOS);
  assert_why("Semaphore.release", "0x0", EIDRM);
  assert_int_equal(mw_semaphore_value(semaphore, &why, &value), MW_EOS);
  assert_why("Semaphore.value", "0x0", EIDRM);
  assert_int_equal(mw_semaphore_sysv_unlink(semaphore, &why), MW_EOS);
  assert_why("Semaphore.sysv_remove", "0x0", EIDRM);
  mw_semaphore_close(semaphore);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(what_is_created_can_be_attached_to),
    cmocka_unit_test(it_is_the_file_that_sem_open_makes),
    cmocka_unit_test(a_taken_name_is_refused),
    cmocka_unit_test(the_value_has_a_range),
    cmocka_unit_test(unknown_flags_are_refused),
    cmocka_unit_test(permissions_are_exact),
    cmocka_unit_test(open_creates_then_attaches),
    cmocka_unit_test(what_is_missing_is_refused),
    cmocka_unit_test(a_second_unlink_is_refused),
    cmocka_unit_test(a_signal_ends_the_wait_for_a_name),
    cmocka_unit_test(attach_waits_for_the_name),
    cmocka_unit_test(another_size_is_no_semaphore),
    cmocka_unit_test(a_file_of_size_0_is_not_ready),
    cmocka_unit_test(zeros_are_no_semaphore),
    cmocka_unit_test(a_value_that_cannot_be_is_refused),
    cmocka_unit_test(a_link_or_folder_is_no_semaphore),
    cmocka_unit_test(permissions_keep_others_out),
    cmocka_unit_test(what_a_stranger_made_is_refused),
    cmocka_unit_test(null_is_fine_for_close_and_drop),
    cmocka_unit_test(a_temporary_name_goes),
    cmocka_unit_test(another_semaphore_of_that_name_stays),
    cmocka_unit_test(a_full_file_system_is_an_error_of_create),
    cmocka_unit_test(what_overwrites_it_is_no_death),
    cmocka_unit_test(without_descriptors_it_says_so),
    cmocka_unit_test(a_set_that_was_removed_is_one_error),
};

HARNESS_MAIN(tests)
