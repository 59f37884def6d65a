/* Regions from descriptors: what can be mapped is, all else is refused, and the descriptor stays the caller's.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"

static int data_file(int flags) {
  harness_write_file(harness_path("file"), "some data", 9, 0600);
  return open(harness_path("file"), flags | O_CLOEXEC);
}

static mw_region_options for_reading(void) { return (mw_region_options){sizeof(mw_region_options), .access = MW_READ}; }

static void assert_refused(int status, int number, int fd, uint64_t size, const mw_region_options *options) {
  mw_region *region = (mw_region *)1;
  char name[24];
  snprintf(name, sizeof name, "fd %d", fd);
  assert_fails(status, mw_region_from_fd(fd, size, options, &why, &region));
  assert_why("Region.from_fd", name, number);
  assert_ptr_equal(region, (mw_region *)1);
}

/* ---- what can be mapped */

static void check_object(int fd, const char *content) {
  mw_region *region;
  char byte = 0;
  assert_ok(mw_region_from_fd(fd, 0, NULL, &why, &region));
  assert_string_equal(mw_region_kind(region), "fd");
  assert_int_equal(mw_region_size(region), 9);
  assert_memory_equal(mw_region_data(region), content, 9);
  assert_ok(mw_region_write(region, 8, "!", 1, &why));
  assert_int_equal(pread(fd, &byte, 1, 8), 1);
  assert_int_equal(byte, '!');
  mw_region_close(region);
  assert_true(fcntl(fd, F_GETFD) >= 0); /* still the caller's */
}

static void files_and_memory_can_be_mapped(void **state) {
  (void)state;
  int fds[3] = {data_file(O_RDWR), shm_open(harness_name("shm"), O_RDWR | O_CREAT | O_EXCL, 0600), memfd_create("m", MFD_CLOEXEC)};
  shm_unlink(harness_name("shm"));
  for (int i = 0; i < 3; i++) {
    assert_int_equal(pwrite(fds[i], "some data", 9, 0), 9);
    check_object(fds[i], "some data");
    close(fds[i]);
  }
}

static void it_is_called_by_its_number(void **state) {
  (void)state;
  int fd = data_file(O_RDWR);
  char name[24];
  snprintf(name, sizeof name, "fd %d", fd);
  mw_region *region;
  assert_ok(mw_region_from_fd(fd, 0, NULL, &why, &region));
  assert_string_equal(mw_region_name(region), name);
  mw_region_close(region);
  close(fd);
}

static void the_region_outlives_the_descriptor(void **state) {
  (void)state;
  int fd = data_file(O_RDWR), duplicate = -1;
  mw_region *region;
  assert_ok(mw_region_from_fd(fd, 0, NULL, &why, &region));
  assert_ok(mw_region_descriptor(region, &why, &duplicate));
  assert_int_not_equal(duplicate, fd);
  assert_true((fcntl(duplicate, F_GETFD) & FD_CLOEXEC) != 0);
  close(fd);
  assert_ok(mw_region_check(region, &why));
  assert_ok(mw_region_resize(region, 100, &why));
  assert_int_equal(harness_file_size(harness_path("file")), 100);
  mw_region_close(region);
}

static int open_descriptors(void) {
  int count = 0;
  for (int fd = 0; fd < 256; fd++) count += fcntl(fd, F_GETFD) >= 0;
  return count;
}

static void without_a_descriptor_none_is_kept(void **state) {
  (void)state;
  int fd = data_file(O_RDWR), before = open_descriptors(), none;
  mw_region *region;
  mw_region_options options = {sizeof options, .flags = MW_NO_FD};
  assert_ok(mw_region_from_fd(fd, 0, &options, &why, &region));
  assert_int_equal(open_descriptors(), before);
  assert_fails(MW_ENOTSUP, mw_region_descriptor(region, &why, &none));
  assert_memory_equal(mw_region_data(region), "some data", 9);
  mw_region_close(region);
  close(fd);
}

static void a_device_needs_a_size(void **state) {
  (void)state;
  int fd = open("/dev/zero", O_RDWR | O_CLOEXEC);
  mw_region *region;
  assert_refused(MW_EINVAL, 0, fd, 0, NULL);
  assert_ok(mw_region_from_fd(fd, 10000, NULL, &why, &region));
  assert_int_equal(((char *)mw_region_data(region))[9999], 0);
  assert_ok(mw_region_fill(region, 1, 0, 10000, &why));
  assert_fails(MW_ENOTSUP, mw_region_resize(region, 20000, &why));
  assert_ok(mw_region_remap(region, &why));
  assert_ok(mw_region_check(region, &why));
  mw_region_close(region);
  close(fd);
}

/* ---- which part */

static void any_part_can_be_mapped(void **state) {
  (void)state;
  int fd = data_file(O_RDWR);
  static const struct {
    uint64_t offset, size, there;
  } rows[] = {{0, 0, 9}, {0, 9, 9}, {0, 4, 4}, {5, 0, 4}, {5, 4, 4}, {5, 1, 1}, {9, 0, 0}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    mw_region *region;
    mw_region_options options = {sizeof options, .offset = rows[i].offset};
    assert_ok(mw_region_from_fd(fd, rows[i].size, &options, &why, &region));
    assert_int_equal(mw_region_size(region), rows[i].there);
    assert_int_equal(mw_region_offset(region), rows[i].offset);
    if (rows[i].there > 0) assert_memory_equal(mw_region_data(region), &"some data"[rows[i].offset], rows[i].there);
    mw_region_close(region);
  }
  close(fd);
}

static void nothing_past_the_end_can_be_mapped(void **state) {
  (void)state;
  int fd = data_file(O_RDWR);
  static const struct {
    uint64_t offset, size;
  } rows[] = {{0, 10},         {5, 5},          {10, 0},         {10, 1},         {UINT64_MAX, 0},
              {UINT64_MAX, 1}, {0, UINT64_MAX}, {INT64_MAX, 10}, {5, UINT64_MAX}, {4096, 4096}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    mw_region_options options = {sizeof options, .offset = rows[i].offset};
    assert_refused(MW_EINVAL, 0, fd, rows[i].size, &options);
  }
  assert_int_equal(harness_file_size(harness_path("file")), 9); /* and nothing is grown */
  close(fd);
}

/* ---- access */

static void the_descriptor_decides_what_is_allowed(void **state) {
  (void)state;
  static const struct {
    int flags;
    mw_access access;
    bool allowed;
  } rows[] = {{O_RDWR, MW_READ_WRITE, true},    {O_RDWR, MW_READ, true},    {O_RDWR, MW_COPY_ON_WRITE, true},
              {O_RDONLY, MW_READ_WRITE, false}, {O_RDONLY, MW_READ, true},  {O_RDONLY, MW_COPY_ON_WRITE, true},
              {O_WRONLY, MW_READ_WRITE, false}, {O_WRONLY, MW_READ, false}, {O_WRONLY, MW_COPY_ON_WRITE, false}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    int fd = data_file(rows[i].flags);
    mw_region_options options = {sizeof options, .access = rows[i].access};
    mw_region *region;
    if (rows[i].allowed) {
      assert_ok(mw_region_from_fd(fd, 0, &options, &why, &region));
      assert_int_equal(mw_region_is_readonly(region), rows[i].access == MW_READ);
      mw_region_close(region);
    } else {
      assert_refused(MW_EACCES, EACCES, fd, 0, &options);
    }
    close(fd);
  }
}

static void store(void *address) { *(volatile char *)address = 1; }

static void for_reading_it_is_protected(void **state) {
  (void)state;
  int fd = data_file(O_RDWR);
  mw_region_options options = for_reading();
  mw_region *region;
  assert_ok(mw_region_from_fd(fd, 0, &options, &why, &region));
  assert_int_equal(harness_in_child(store, mw_region_data(region)), 128 + SIGSEGV);
  mw_region_close(region);
  close(fd);
}

/* ---- what cannot be mapped */

static void what_is_no_memory_is_refused(void **state) {
  (void)state;
  int pipes[2], sockets[2];
  assert_int_equal(mkfifo(harness_path("fifo"), 0600), 0);
  assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
  assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets), 0);
  int fds[] = {open(harness_path("fifo"), O_RDWR | O_CLOEXEC), pipes[0], pipes[1], sockets[0], sockets[1]};
  for (int i = 0; i < 5; i++) {
    assert_refused(MW_ENOTSUP, ENODEV, fds[i], 0, NULL);
    assert_refused(MW_ENOTSUP, ENODEV, fds[i], 100, NULL);
    close(fds[i]);
  }
}

static void a_device_without_memory_is_refused(void **state) {
  (void)state;
  int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
  assert_refused(MW_ENOTSUP, ENODEV, fd, 100, NULL);
  close(fd);
}

static void a_folder_is_refused(void **state) {
  (void)state;
  int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  mw_region_options options = for_reading();
  assert_refused(MW_EOS, EISDIR, fd, 0, &options);
  close(fd);
}

static void what_is_no_descriptor_is_refused(void **state) {
  (void)state;
  int fd = data_file(O_RDWR);
  close(fd);
  assert_refused(MW_EOS, EBADF, fd, 0, NULL);
  assert_refused(MW_EOS, EBADF, -1, 0, NULL);
  assert_refused(MW_EOS, EBADF, 1 << 20, 0, NULL);
  fd = open(harness_path("file"), O_PATH | O_CLOEXEC);
  assert_refused(MW_EOS, EBADF, fd, 0, NULL); /* leads to a file, but not to what is in it */
  close(fd);
}

static void without_descriptors_it_says_so(void **state) {
  (void)state;
  int fd = data_file(O_RDWR);
  struct rlimit before, few;
  mw_region *region = (mw_region *)1;
  assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
  few = before;
  few.rlim_cur = (rlim_t)fd + 1;
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
  int result = mw_region_from_fd(fd, 0, NULL, &why, &region);
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
  assert_fails(MW_EMFILE, result);
  assert_ptr_equal(region, (mw_region *)1);
  close(fd);
}

static void what_does_not_apply_is_refused(void **state) {
  (void)state;
  int fd = data_file(O_RDWR);
  static const unsigned flags[] = {MW_TEMPORARY, MW_ANY_OWNER, MW_TRUNCATE, MW_EXCLUSIVE, MW_HUGE_PAGES, 1u << 20};
  for (int i = 0; i < 6; i++) {
    mw_region_options options = {sizeof options, .flags = flags[i]};
    assert_refused(MW_EINVAL, 0, fd, 0, &options);
  }
  mw_region_options unknown = {sizeof unknown, .require_seals = 1u << 5};
  assert_refused(MW_EINVAL, 0, fd, 0, &unknown);
  close(fd);
}

static void only_the_object_that_was_meant(void **state) {
  (void)state;
  int fd = data_file(O_RDWR), other = memfd_create("other", MFD_CLOEXEC);
  assert_int_equal(ftruncate(other, 9), 0);
  mw_region *region;
  mw_region_options options = {.size_of_struct = sizeof options};
  assert_ok(mw_region_from_fd(fd, 0, NULL, &why, &region));
  mw_region_identity(region, &options.device, &options.inode);
  mw_region_close(region);
  assert_ok(mw_region_from_fd(fd, 0, &options, &why, &region));
  mw_region_close(region);
  assert_refused(MW_ENOENT, ENOENT, other, 0, &options);
  close(fd);
  close(other);
}

/* ---- seals */

static const struct {
  unsigned seal;
  int number;
  const char *name;
} seals[] = {{MW_SEAL_SEAL, F_SEAL_SEAL, "\"seal\""},
             {MW_SEAL_SHRINK, F_SEAL_SHRINK, "\"shrink\""},
             {MW_SEAL_GROW, F_SEAL_GROW, "\"grow\""},
             {MW_SEAL_WRITE, F_SEAL_WRITE, "\"write\""},
             {MW_SEAL_FUTURE_WRITE, F_SEAL_FUTURE_WRITE, "\"future_write\""}};

/* Every set of seals that is there, against every set that is wanted. */
static void seals_that_are_wanted_must_be_there(void **state) {
  (void)state;
  for (unsigned there = 0; there < 32; there++) {
    int fd = memfd_create("sealed", MFD_CLOEXEC | MFD_ALLOW_SEALING), numbers = 0;
    assert_int_equal(ftruncate(fd, 100), 0);
    for (int i = 0; i < 5; i++) numbers |= there & seals[i].seal ? seals[i].number : 0;
    assert_int_equal(fcntl(fd, F_ADD_SEALS, numbers), 0);
    for (unsigned wanted = 0; wanted < 32; wanted++) {
      mw_region *region;
      mw_region_options options = for_reading();
      options.require_seals = wanted;
      if ((wanted & ~there) == 0) {
        assert_ok(mw_region_from_fd(fd, 0, &options, &why, &region));
        mw_region_close(region);
        continue;
      }
      assert_refused(MW_EPERM, EPERM, fd, 0, &options);
      bool names_one = false;
      for (int i = 0; i < 5; i++) names_one |= (wanted & ~there & seals[i].seal) && strstr(why.reason, seals[i].name) != NULL;
      assert_true(names_one);
    }
    close(fd);
  }
}

static void what_has_no_seals_lacks_them(void **state) {
  (void)state;
  int fds[] = {data_file(O_RDWR), open("/dev/zero", O_RDWR | O_CLOEXEC)};
  mw_region_options options = {sizeof options, .require_seals = MW_SEAL_SHRINK};
  for (int i = 0; i < 2; i++) {
    assert_refused(MW_EPERM, EPERM, fds[i], 9, &options);
    close(fds[i]);
  }
}

static void what_is_sealed_is_not_mapped_for_writing(void **state) {
  (void)state;
  static const int numbers[] = {F_SEAL_WRITE, F_SEAL_FUTURE_WRITE};
  for (int i = 0; i < 2; i++) {
    int fd = memfd_create("sealed", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    mw_region *region;
    mw_region_options options = for_reading(), private = {sizeof private, .access = MW_COPY_ON_WRITE};
    assert_int_equal(pwrite(fd, "some data", 9, 0), 9);
    assert_int_equal(fcntl(fd, F_ADD_SEALS, numbers[i]), 0);
    assert_refused(MW_EPERM, EPERM, fd, 0, NULL);
    assert_non_null(strstr(why.reason, "sealed"));
    assert_ok(mw_region_from_fd(fd, 0, &options, &why, &region));
    assert_memory_equal(mw_region_data(region), "some data", 9);
    assert_int_equal(harness_in_child(store, mw_region_data(region)), 128 + SIGSEGV);
    mw_region_close(region);
    assert_ok(mw_region_from_fd(fd, 0, &private, &why, &region));
    assert_ok(mw_region_fill(region, 1, 0, 9, &why));
    mw_region_close(region);
    close(fd);
  }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(files_and_memory_can_be_mapped),
    cmocka_unit_test(it_is_called_by_its_number),
    cmocka_unit_test(the_region_outlives_the_descriptor),
    cmocka_unit_test(without_a_descriptor_none_is_kept),
    cmocka_unit_test(a_device_needs_a_size),
    cmocka_unit_test(any_part_can_be_mapped),
    cmocka_unit_test(nothing_past_the_end_can_be_mapped),
    cmocka_unit_test(the_descriptor_decides_what_is_allowed),
    cmocka_unit_test(for_reading_it_is_protected),
    cmocka_unit_test(what_is_no_memory_is_refused),
    cmocka_unit_test(a_device_without_memory_is_refused),
    cmocka_unit_test(a_folder_is_refused),
    cmocka_unit_test(what_is_no_descriptor_is_refused),
    cmocka_unit_test(without_descriptors_it_says_so),
    cmocka_unit_test(what_does_not_apply_is_refused),
    cmocka_unit_test(only_the_object_that_was_meant),
    cmocka_unit_test(seals_that_are_wanted_must_be_there),
    cmocka_unit_test(what_has_no_seals_lacks_them),
    cmocka_unit_test(what_is_sealed_is_not_mapped_for_writing),
};

HARNESS_MAIN(tests)
