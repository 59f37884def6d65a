/* Named shared memory: created whole or not at all, attached to by its owner, temporary if asked.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "harness.h"

static const char *name(void) { return harness_name("named"); }

static const char *path(void) { return harness_shm_path("", name()); }

static mw_region *created(uint64_t size, mw_region_options options) {
  mw_region *region = NULL;
  options.size_of_struct = sizeof options;
  assert_ok(mw_region_create(name(), size, &options, &why, &region));
  return region;
}

static mw_region *attached(mw_region_options options) {
  mw_region *region = NULL;
  options.size_of_struct = sizeof options;
  assert_ok(mw_region_attach(name(), &options, &why, &region));
  return region;
}

static void assert_not_attached(int status, int number, mw_region_options options) {
  mw_region *region = (mw_region *)1;
  options.size_of_struct = sizeof options;
  assert_fails(status, mw_region_attach(name(), &options, &why, &region));
  assert_why("Region.attach", name(), number);
  assert_ptr_equal(region, (mw_region *)1);
}

/* ---- create */

static void what_is_created_can_be_attached_to(void **state) {
  (void)state;
  mw_region *one = created(5000, (mw_region_options){0}), *two = attached((mw_region_options){0});
  uint64_t devices[2], inodes[2];
  int fds[2];
  assert_ok(mw_region_descriptor(one, &why, &fds[0]));
  assert_ok(mw_region_descriptor(two, &why, &fds[1]));
  assert_true((fcntl(fds[0], F_GETFD) & FD_CLOEXEC) != 0);
  assert_true((fcntl(fds[1], F_GETFD) & FD_CLOEXEC) != 0);
  assert_int_equal(mw_region_size(two), 5000);
  assert_int_equal(harness_file_size(path()), 5000);
  assert_ok(mw_region_write(one, 4990, "0123456789", 10, &why));
  assert_memory_equal((char *)mw_region_data(two) + 4990, "0123456789", 10);
  mw_region_identity(one, &devices[0], &inodes[0]);
  mw_region_identity(two, &devices[1], &inodes[1]);
  assert_int_equal(devices[0], devices[1]);
  assert_int_equal(inodes[0], inodes[1]);
  mw_region_close(one);
  assert_memory_equal((char *)mw_region_data(two) + 4990, "0123456789", 10);
  mw_region_close(two);
  assert_ok(mw_region_unlink(name(), &why));
}

static void a_taken_name_is_refused(void **state) {
  (void)state;
  mw_region *region = created(100, (mw_region_options){0}), *other = (mw_region *)1;
  assert_ok(mw_region_write(region, 0, "mine", 4, &why));
  assert_fails(MW_EEXIST, mw_region_create(name(), 200, NULL, &why, &other));
  assert_why("Region.create", name(), EEXIST);
  assert_ptr_equal(other, (mw_region *)1);
  assert_int_equal(harness_file_size(path()), 100);
  assert_memory_equal(mw_region_data(region), "mine", 4);
  mw_region_close(region);
  assert_ok(mw_region_unlink(name(), &why));
}

static void a_link_or_folder_takes_the_name_too(void **state) {
  (void)state;
  mw_region *region;
  assert_int_equal(symlink("/nowhere", path()), 0);
  assert_fails(MW_EEXIST, mw_region_create(name(), 100, NULL, &why, &region));
  assert_int_equal(unlink(path()), 0);
  assert_int_equal(mkdir(path(), 0700), 0);
  assert_fails(MW_EEXIST, mw_region_create(name(), 100, NULL, &why, &region));
  assert_int_equal(rmdir(path()), 0);
}

static void permissions_are_exact(void **state) {
  (void)state;
  static const unsigned masks[] = {0, 0022, 0077, 0777}, permissions[] = {0, 0600, 0644, 0666, 0400, 0200, 0777};
  for (int m = 0; m < 4; m++)
    for (int p = 0; p < 7; p++) {
      mode_t before = umask((mode_t)masks[m]);
      mw_region *region = created(10, (mw_region_options){.permissions = permissions[p]});
      umask(before);
      assert_int_equal(harness_permissions(path()), permissions[p] != 0 ? permissions[p] : 0600);
      mw_region_close(region);
      assert_ok(mw_region_unlink(name(), &why));
    }
}

static void permissions_beyond_chmod_are_refused(void **state) {
  (void)state;
  static const unsigned permissions[] = {010000, 0100644, ~0u};
  for (int p = 0; p < 3; p++) {
    mw_region_options options = {sizeof options, .permissions = permissions[p]};
    mw_region *region;
    assert_fails(MW_EINVAL, mw_region_create(name(), 10, &options, &why, &region));
    assert_fails(MW_EINVAL, mw_region_open(name(), 10, &options, &why, &region));
  }
  assert_false(harness_exists(path()));
}

static void a_size_that_cannot_be_is_refused(void **state) {
  (void)state;
  static const uint64_t sizes[] = {0, (uint64_t)INT64_MAX + 1, UINT64_MAX};
  for (int i = 0; i < 3; i++) {
    mw_region *region;
    assert_fails(MW_EINVAL, mw_region_create(name(), sizes[i], NULL, &why, &region));
    assert_fails(MW_EINVAL, mw_region_open(name(), sizes[i], NULL, &why, &region));
    assert_fails(MW_EINVAL, mw_region_anonymous(sizes[i], NULL, &why, &region));
  }
  assert_false(harness_exists(path()));
}

/* Where there is no fallocate the space is written until it is full, which is soon on a small file system only. */
static void a_size_beyond_the_file_system_is_refused_at_once(void **state) {
  (void)state;
  struct statvfs statvfs_now;
  if (harness_makes_drafts) harness_small_shm(1 << 20);
  assert_int_equal(statvfs(HARNESS_SHM, &statvfs_now), 0);
  uint64_t all = (uint64_t)statvfs_now.f_blocks * statvfs_now.f_frsize;
  const uint64_t sizes[] = {all + 1, all * 2, (uint64_t)1 << 50};
  for (int i = 0; i < 3; i++) {
    mw_region *region = (mw_region *)1;
    assert_fails(MW_ENOSPC, mw_region_create(name(), sizes[i], NULL, &why, &region));
    assert_why("Region.create", name(), ENOSPC);
    assert_fails(MW_ENOSPC, mw_region_open(name(), sizes[i], NULL, &why, &region));
    assert_ptr_equal(region, (mw_region *)1);
    assert_false(harness_exists(path()));
  }
}

static void a_full_file_system_is_an_error_of_create(void **state) {
  (void)state;
  harness_small_shm(1 << 20);
  struct statvfs before, after;
  assert_int_equal(statvfs(HARNESS_SHM, &before), 0);
  mw_region *region = (mw_region *)1;
  assert_fails(MW_ENOSPC, mw_region_create(name(), (1 << 20) + 1, NULL, &why, &region));
  assert_why("Region.create", name(), ENOSPC);
  assert_false(harness_exists(path()));
  assert_int_equal(statvfs(HARNESS_SHM, &after), 0);
  assert_int_equal(before.f_bfree, after.f_bfree);
  assert_int_equal(before.f_ffree, after.f_ffree); /* no file is left, whatever its name */
  region = created(1 << 20, (mw_region_options){0});
  assert_ok(mw_region_fill(region, 1, 0, 1 << 20, &why)); /* all the space was really there */
  mw_region_close(region);
}

static void what_is_created_is_mapped_for_writing(void **state) {
  (void)state;
  for (int access = MW_READ; access <= MW_COPY_ON_WRITE; access++) {
    mw_region_options options = {sizeof options, .access = (mw_access)access};
    mw_region *region;
    assert_fails(MW_EINVAL, mw_region_create(name(), 100, &options, &why, &region));
    assert_false(harness_exists(path()));
  }
}

static void nothing_is_left_without_descriptors(void **state) {
  (void)state;
  struct rlimit before, few;
  mw_region *region = (mw_region *)1;
  assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
  int next = dup(0);
  close(next);
  few = before;
  few.rlim_cur = (rlim_t)next;
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
  int create = mw_region_create(name(), 100, NULL, &why, &region);
  int open = mw_region_open(name(), 100, NULL, &why, &region);
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
  assert_int_equal(create, MW_EMFILE);
  assert_int_equal(open, MW_EMFILE);
  assert_false(harness_exists(path()));
  region = created(100, (mw_region_options){0});
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
  mw_region *other = (mw_region *)1;
  int attach = mw_region_attach(name(), NULL, &why, &other);
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
  assert_true(attach == MW_EMFILE || attach == 0); /* 0: the region's own descriptor sits above the limit */
  if (attach == 0) mw_region_close(other);
  mw_region_close(region);
  assert_ok(mw_region_unlink(name(), &why));
}

/* ---- attach */

static void what_is_missing_is_refused(void **state) {
  (void)state;
  assert_not_attached(MW_ENOENT, ENOENT, (mw_region_options){0});
  assert_not_attached(MW_ENOENT, ENOENT, (mw_region_options){.access = MW_READ});
  assert_not_attached(MW_ENOENT, ENOENT, (mw_region_options){.wait_for_name = mw_deadline_after(0.02)});
  assert_not_attached(MW_ENOENT, ENOENT, (mw_region_options){.wait_for_name = -5});
  assert_false(harness_exists(path()));
}

static void a_link_is_never_followed(void **state) {
  (void)state;
  harness_write_file(harness_path("target"), "secret", 6, 0600);
  assert_int_equal(symlink(harness_path("target"), path()), 0);
  assert_not_attached(MW_EOS, ELOOP, (mw_region_options){0});
  assert_not_attached(MW_EOS, ELOOP, (mw_region_options){.access = MW_READ});
  assert_not_attached(MW_EOS, ELOOP, (mw_region_options){.flags = MW_ANY_OWNER});
  mw_region *region;
  assert_fails(MW_EOS, mw_region_open(name(), 6, NULL, &why, &region));
  assert_true(harness_exists(path()));
  assert_ok(mw_region_unlink(name(), &why)); /* of the link, not of its target */
  assert_true(harness_exists(harness_path("target")));
}

static void only_a_regular_file_is_memory(void **state) {
  (void)state;
  for (int access = MW_READ_WRITE; access <= MW_COPY_ON_WRITE; access++) {
    assert_int_equal(mkdir(path(), 0700), 0);
    mw_region_options options = {sizeof options, .access = (mw_access)access};
    mw_region *region;
    assert_fails(MW_EINVAL, mw_region_attach(name(), &options, &why, &region));
    assert_int_equal(rmdir(path()), 0);
    assert_int_equal(mkfifo(path(), 0600), 0);
    assert_fails(MW_EINVAL, mw_region_attach(name(), &options, &why, &region));
    assert_int_equal(unlink(path()), 0);
  }
}

static void an_object_of_size_0_is_not_ready(void **state) {
  (void)state;
  harness_write_file(path(), "", 0, 0600);
  assert_not_attached(MW_EAGAIN, EAGAIN, (mw_region_options){0});
  assert_not_attached(MW_EAGAIN, EAGAIN, (mw_region_options){.wait_for_name = mw_deadline_after(0.02)});
  mw_region *region;
  assert_fails(MW_EAGAIN, mw_region_open(name(), 10, NULL, &why, &region));
  assert_int_equal(harness_file_size(path()), 0); /* a failed attach changes nothing */
  assert_ok(mw_region_unlink(name(), &why));
}

typedef struct waiting_visit {
  harness_gate ready;
  uint64_t size;
} waiting_visit;

static void wait_for_it(void *context) {
  waiting_visit *visit = context;
  mw_region_options options = {sizeof options, .wait_for_name = MW_DEADLINE_NEVER};
  mw_region *region;
  harness_gate_open(&visit->ready);
  assert_ok(mw_region_attach(name(), &options, &why, &region));
  assert_int_equal(mw_region_size(region), visit->size);
  mw_region_close(region);
}

static pid_t waiting_child(waiting_visit *visit) {
  harness_gate_init(&visit->ready);
  pid_t child = harness_fork();
  if (child == 0) {
    wait_for_it(visit);
    _exit(0);
  }
  harness_gate_wait(&visit->ready);
  return child;
}

static void attach_waits_for_the_name(void **state) {
  (void)state;
  waiting_visit visit = {.size = 123};
  pid_t child = waiting_child(&visit);
  mw_region *region = created(123, (mw_region_options){0});
  assert_int_equal(harness_wait(child), 0);
  mw_region_close(region);
  harness_gate_fini(&visit.ready);
  assert_ok(mw_region_unlink(name(), &why));
}

static void attach_waits_for_the_size(void **state) {
  (void)state;
  waiting_visit visit = {.size = 4567};
  harness_write_file(path(), "", 0, 0600);
  pid_t child = waiting_child(&visit);
  assert_int_equal(truncate(path(), 4567), 0);
  assert_int_equal(harness_wait(child), 0);
  harness_gate_fini(&visit.ready);
  assert_ok(mw_region_unlink(name(), &why));
}

static void a_signal_ends_the_wait_for_a_name(void **state) {
  (void)state;
  harness_interrupt_every(5);
  assert_not_attached(MW_EINTR, EINTR, (mw_region_options){.wait_for_name = MW_DEADLINE_NEVER});
  harness_interrupt_every(0);
}

static void only_the_very_object_is_attached_to(void **state) {
  (void)state;
  mw_region *old = created(100, (mw_region_options){0}), *again;
  mw_region_options options = {.size_of_struct = sizeof options};
  mw_region_identity(old, &options.device, &options.inode);
  again = attached(options);
  mw_region_close(again);
  assert_ok(mw_region_unlink(name(), &why));
  mw_region *new = created(100, (mw_region_options){0});
  assert_not_attached(MW_ENOENT, ENOENT, options);
  mw_region_close(old);
  mw_region_close(new);
  assert_ok(mw_region_unlink(name(), &why));
}

/* ---- open */

static void open_creates_then_attaches(void **state) {
  (void)state;
  mw_region *one, *two;
  assert_int_equal(mw_region_open(name(), 100, NULL, &why, &one), 1);
  assert_int_equal(mw_region_open(name(), 100, NULL, &why, &two), 0);
  assert_ok(mw_region_write(one, 0, "well", 4, &why));
  assert_memory_equal(mw_region_data(two), "well", 4);
  assert_int_equal(harness_permissions(path()), 0600);
  mw_region_close(one);
  mw_region_close(two);
  assert_ok(mw_region_unlink(name(), &why));
}

static void open_never_only_reads(void **state) {
  (void)state;
  mw_region *region = NULL;
  for (int access = MW_READ; access <= MW_COPY_ON_WRITE; access++) {
    mw_region_options options = {sizeof options, .access = (mw_access)access};
    assert_fails(MW_EINVAL, mw_region_open(name(), 100, &options, &why, &region));
    assert_false(harness_exists(path()));
  }
  assert_null(region);
}

static void open_takes_what_exists_whole(void **state) {
  (void)state;
  mw_region *one = created(1000, (mw_region_options){.permissions = 0640}), *two;
  assert_int_equal(mw_region_open(name(), 100, &(mw_region_options){sizeof(mw_region_options), .permissions = 0600}, &why, &two),
                   0);
  assert_int_equal(mw_region_size(two), 1000);
  assert_int_equal(harness_permissions(path()), 0640);
  mw_region_close(one);
  mw_region_close(two);
  assert_ok(mw_region_unlink(name(), &why));
}

static void open_refuses_what_is_too_small(void **state) {
  (void)state;
  mw_region *one = created(1234, (mw_region_options){0}), *two = (mw_region *)1;
  assert_fails(MW_EINVAL, mw_region_open(name(), 5678, NULL, &why, &two));
  assert_non_null(strstr(why.reason, "1234"));
  assert_non_null(strstr(why.reason, "5678"));
  assert_ptr_equal(two, (mw_region *)1);
  assert_int_equal(harness_file_size(path()), 1234);
  mw_region_close(one);
  assert_ok(mw_region_unlink(name(), &why));
}

/* ---- unlink */

static void who_has_it_mapped_keeps_it(void **state) {
  (void)state;
  mw_region *old = created(100, (mw_region_options){0});
  assert_ok(mw_region_unlink(name(), &why));
  assert_false(harness_exists(path()));
  mw_region *new = created(100, (mw_region_options){0});
  assert_ok(mw_region_write(old, 0, "old", 3, &why));
  assert_ok(mw_region_write(new, 0, "new", 3, &why));
  assert_memory_equal(mw_region_data(old), "old", 3);
  assert_ok(mw_region_check(old, &why));
  assert_ok(mw_region_resize(old, 5000, &why));
  mw_region_close(old);
  mw_region_close(new);
  assert_ok(mw_region_unlink(name(), &why));
}

static void unlink_of_nothing_is_refused(void **state) {
  (void)state;
  mw_region *region = created(100, (mw_region_options){0});
  mw_region_close(region);
  assert_ok(mw_region_unlink(name(), &why));
  assert_fails(MW_ENOENT, mw_region_unlink(name(), &why));
  assert_why("Region.unlink", name(), ENOENT);
}

/* ---- other users */

static void attach_as_stranger(void *context) {
  (void)context;
  harness_become(HARNESS_STRANGER);
  assert_not_attached(MW_EACCES, EACCES, (mw_region_options){0});
  assert_not_attached(MW_EACCES, EACCES, (mw_region_options){.access = MW_READ});
  assert_not_attached(MW_EACCES, EACCES, (mw_region_options){.flags = MW_ANY_OWNER});
  assert_true(mw_region_unlink(name(), &why) == MW_EPERM || why.status == MW_EACCES);
}

static void permissions_keep_others_out(void **state) {
  (void)state;
  harness_needs_root();
  mw_region *region = created(100, (mw_region_options){0});
  assert_int_equal(harness_in_child(attach_as_stranger, NULL), 0);
  mw_region_close(region);
  assert_ok(mw_region_unlink(name(), &why));
}

static void attach_to_own(void *context) {
  (void)context;
  harness_become(HARNESS_STRANGER);
  mw_region *region = created(100, (mw_region_options){.permissions = 0400});
  mw_region_close(region);
  assert_not_attached(MW_EACCES, EACCES, (mw_region_options){0});
  region = attached((mw_region_options){.access = MW_READ});
  mw_region_close(region);
  region = attached((mw_region_options){.access = MW_COPY_ON_WRITE}); /* which needs no right to write */
  assert_ok(mw_region_fill(region, 1, 0, 100, &why));
  mw_region_close(region);
  assert_ok(mw_region_unlink(name(), &why));
}

static void a_right_to_read_is_enough_to_read(void **state) {
  (void)state;
  harness_needs_root();
  assert_int_equal(harness_in_child(attach_to_own, NULL), 0);
}

static void create_as_stranger(void *context) {
  (void)context;
  harness_become(HARNESS_STRANGER);
  mw_region *region = created(100, (mw_region_options){.permissions = 0666});
  mw_region_close(region);
}

static void attach_as_another_stranger(void *context) {
  (void)context;
  harness_become(HARNESS_STRANGER - 1);
  assert_not_attached(MW_EPERM, EPERM, (mw_region_options){.access = MW_READ});
}

static void what_a_stranger_made_is_refused(void **state) {
  (void)state;
  harness_needs_root();
  assert_int_equal(harness_in_child(create_as_stranger, NULL), 0);
  assert_not_attached(MW_EPERM, EPERM, (mw_region_options){0});
  assert_non_null(strstr(why.reason, "65534"));
  assert_not_attached(MW_EPERM, EPERM, (mw_region_options){.access = MW_READ});
  assert_not_attached(MW_EPERM, EPERM, (mw_region_options){.wait_for_name = mw_deadline_after(0.02)});
  mw_region *region;
  assert_fails(MW_EPERM, mw_region_open(name(), 100, NULL, &why, &region));
  assert_int_equal(harness_in_child(attach_as_another_stranger, NULL), 0);
  region = attached((mw_region_options){.flags = MW_ANY_OWNER});
  mw_region_close(region);
  mw_region_options options = {sizeof options, .flags = MW_ANY_OWNER};
  assert_int_equal(mw_region_open(name(), 100, &options, &why, &region), 0);
  mw_region_close(region);
  assert_ok(mw_region_unlink(name(), &why));
}

static void take_what_root_made(void *context) {
  (void)context;
  harness_become(HARNESS_STRANGER);
  mw_region *region = attached((mw_region_options){0});
  assert_ok(mw_region_write(region, 0, "x", 1, &why));
  mw_region_close(region);
  assert_true(mw_region_unlink(name(), &why) == MW_EPERM || why.status == MW_EACCES); /* the folder is sticky */
}

static void what_root_made_is_taken(void **state) {
  (void)state;
  harness_needs_root();
  mw_region *region = created(100, (mw_region_options){.permissions = 0666});
  assert_int_equal(harness_in_child(take_what_root_made, NULL), 0);
  assert_memory_equal(mw_region_data(region), "x", 1);
  mw_region_close(region);
  assert_ok(mw_region_unlink(name(), &why));
}

/* ---- temporary */

static void a_temporary_name_goes_at_close(void **state) {
  (void)state;
  mw_region *region = created(100, (mw_region_options){.flags = MW_TEMPORARY}), *other = attached((mw_region_options){0});
  mw_region_hold(region);
  assert_true(harness_exists(path()));
  mw_region_close(region);
  assert_false(harness_exists(path()));
  mw_region_drop(region);
  assert_ok(mw_region_write(other, 0, "still here", 10, &why));
  mw_region_close(other);
}

static void only_create_makes_temporary_names(void **state) {
  (void)state;
  mw_region *region = created(100, (mw_region_options){0}), *other;
  mw_region_options options = {sizeof options, .flags = MW_TEMPORARY};
  assert_fails(MW_EINVAL, mw_region_attach(name(), &options, &why, &other));
  mw_region_close(region);
  assert_ok(mw_region_unlink(name(), &why));
}

static void a_temporary_name_goes_without_a_descriptor_too(void **state) {
  (void)state;
  mw_region *region = created(100, (mw_region_options){.flags = MW_TEMPORARY | MW_NO_FD});
  mw_region_close(region);
  assert_false(harness_exists(path()));
}

static mw_region *forgotten; /* still reachable, so that it is no leak to the leak checkers */

static void exit_without_closing(void *context) {
  (void)context;
  forgotten = created(100, (mw_region_options){.flags = MW_TEMPORARY});
  exit(0);
}

static void a_temporary_name_goes_at_exit(void **state) {
  (void)state;
  assert_int_equal(harness_in_child(exit_without_closing, NULL), 0);
  assert_false(harness_exists(path()));
}

static void another_object_of_that_name_stays(void **state) {
  (void)state;
  mw_region *old = created(100, (mw_region_options){.flags = MW_TEMPORARY});
  assert_ok(mw_region_unlink(name(), &why));
  mw_region *new = created(200, (mw_region_options){0});
  mw_region_close(old);
  assert_int_equal(harness_file_size(path()), 200);
  mw_region_close(new);
  assert_ok(mw_region_unlink(name(), &why));
}

static void many_temporary_names_come_and_go(void **state) {
  (void)state;
  enum { MANY = 50 };
  mw_region *regions[MANY];
  char label[16];
  mw_region_options options = {sizeof options, .flags = MW_TEMPORARY | MW_NO_FD};
  for (int round = 0; round < 3; round++) {
    for (int i = 0; i < MANY; i++) {
      snprintf(label, sizeof label, "many-%d", i);
      assert_ok(mw_region_create(harness_name(label), 10, &options, &why, &regions[i]));
    }
    for (int i = 0; i < MANY; i++) {
      int k = (i * 7 + round) % MANY; /* not in the order in which they came */
      snprintf(label, sizeof label, "many-%d", k);
      mw_region_close(regions[k]);
      assert_false(harness_exists(harness_shm_path("", harness_name(label))));
    }
  }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(what_is_created_can_be_attached_to),
    cmocka_unit_test(a_taken_name_is_refused),
    cmocka_unit_test(a_link_or_folder_takes_the_name_too),
    cmocka_unit_test(permissions_are_exact),
    cmocka_unit_test(permissions_beyond_chmod_are_refused),
    cmocka_unit_test(a_size_that_cannot_be_is_refused),
    cmocka_unit_test(a_size_beyond_the_file_system_is_refused_at_once),
    cmocka_unit_test(a_full_file_system_is_an_error_of_create),
    cmocka_unit_test(what_is_created_is_mapped_for_writing),
    cmocka_unit_test(nothing_is_left_without_descriptors),
    cmocka_unit_test(what_is_missing_is_refused),
    cmocka_unit_test(a_link_is_never_followed),
    cmocka_unit_test(only_a_regular_file_is_memory),
    cmocka_unit_test(an_object_of_size_0_is_not_ready),
    cmocka_unit_test(attach_waits_for_the_name),
    cmocka_unit_test(attach_waits_for_the_size),
    cmocka_unit_test(a_signal_ends_the_wait_for_a_name),
    cmocka_unit_test(only_the_very_object_is_attached_to),
    cmocka_unit_test(open_creates_then_attaches),
    cmocka_unit_test(open_never_only_reads),
    cmocka_unit_test(open_takes_what_exists_whole),
    cmocka_unit_test(open_refuses_what_is_too_small),
    cmocka_unit_test(who_has_it_mapped_keeps_it),
    cmocka_unit_test(unlink_of_nothing_is_refused),
    cmocka_unit_test(permissions_keep_others_out),
    cmocka_unit_test(a_right_to_read_is_enough_to_read),
    cmocka_unit_test(what_a_stranger_made_is_refused),
    cmocka_unit_test(what_root_made_is_taken),
    cmocka_unit_test(a_temporary_name_goes_at_close),
    cmocka_unit_test(only_create_makes_temporary_names),
    cmocka_unit_test(a_temporary_name_goes_without_a_descriptor_too),
    cmocka_unit_test(a_temporary_name_goes_at_exit),
    cmocka_unit_test(another_object_of_that_name_stays),
    cmocka_unit_test(many_temporary_names_come_and_go),
};

HARNESS_MAIN(tests)
