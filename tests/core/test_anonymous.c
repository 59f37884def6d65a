/* Shared memory without a name.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"

static mw_region *made(uint64_t size, mw_region_options options) {
  mw_region *region = NULL;
  options.size_of_struct = sizeof options;
  assert_ok(mw_region_anonymous(size, &options, &why, &region));
  return region;
}

static void it_is_a_memory_file(void **state) {
  (void)state;
  mw_region *region = made(5000, (mw_region_options){0});
  char link[64], target[64] = "";
  int fd;
  assert_ok(mw_region_descriptor(region, &why, &fd));
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  assert_true(readlink(link, target, sizeof target - 1) > 0);
  assert_non_null(strstr(target, "memfd:"));
  assert_null(mw_region_name(region));
  mw_region_close(region);
}

static void two_are_two(void **state) {
  (void)state;
  mw_region *one = made(100, (mw_region_options){0}), *two = made(100, (mw_region_options){0});
  uint64_t devices[2], inodes[2];
  mw_region_identity(one, &devices[0], &inodes[0]);
  mw_region_identity(two, &devices[1], &inodes[1]);
  assert_true(devices[0] != devices[1] || inodes[0] != inodes[1]);
  assert_ok(mw_region_write(one, 0, "one", 3, &why));
  assert_memory_equal(mw_region_data(two), "\0\0\0", 3);
  mw_region_close(one);
  mw_region_close(two);
}

static void a_size_of_0_is_refused(void **state) {
  (void)state;
  mw_region *region = (mw_region *)1;
  assert_fails(MW_EINVAL, mw_region_anonymous(0, NULL, &why, &region));
  assert_why("Region.anonymous", "", 0);
  assert_ptr_equal(region, (mw_region *)1);
}

/* A memory file has no file system that could be full: without a check of its own, memwell would fill all memory until the kernel
 * ends processes. The limit stops it should that check be missing. */
static void more_than_all_memory_is_refused_at_once(void **state) {
  (void)state;
  static const uint64_t sizes[] = {(uint64_t)1 << 48, (uint64_t)1 << 62, INT64_MAX};
  struct rlimit limit;
  mw_region *small = made(100, (mw_region_options){0});
  signal(SIGXFSZ, SIG_IGN);
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
  limit.rlim_cur = 1 << 20;
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
  for (int i = 0; i < 3; i++) {
    mw_region *region = (mw_region *)1;
    int result = mw_region_anonymous(sizes[i], NULL, &why, &region);
    assert_true(result == MW_ENOSPC || result == MW_ENOMEM);
    assert_ptr_equal(region, (mw_region *)1);
    result = mw_region_resize(small, sizes[i], &why);
    assert_true(result == MW_ENOSPC || result == MW_ENOMEM);
    assert_int_equal(mw_region_size(small), 100);
  }
  mw_region_close(small);
}

static void write_to(void *region) { assert_ok(mw_region_write(region, 0, "child", 5, &why)); }

static void children_share_it(void **state) {
  (void)state;
  mw_region *region = made(100, (mw_region_options){0});
  assert_int_equal(harness_in_child(write_to, region), 0);
  assert_memory_equal(mw_region_data(region), "child", 5);
  mw_region_close(region);
}

static void private_memory_is_each_process_own(void **state) {
  (void)state;
  mw_region *region = made(100, (mw_region_options){.access = MW_COPY_ON_WRITE});
  assert_ok(mw_region_write(region, 0, "mine!", 5, &why));
  assert_int_equal(harness_in_child(write_to, region), 0);
  assert_memory_equal(mw_region_data(region), "mine!", 5);
  mw_region_close(region);
}

static void it_can_neither_be_temporary_nor_read_only(void **state) {
  (void)state;
  static const mw_region_options bad[] = {
      {sizeof *bad, .flags = MW_TEMPORARY}, {sizeof *bad, .flags = MW_ANY_OWNER}, {sizeof *bad, .access = MW_READ}};
  for (int i = 0; i < 3; i++) {
    mw_region *region;
    assert_fails(MW_EINVAL, mw_region_anonymous(100, &bad[i], &why, &region));
  }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(it_is_a_memory_file),
    cmocka_unit_test(two_are_two),
    cmocka_unit_test(a_size_of_0_is_refused),
    cmocka_unit_test(more_than_all_memory_is_refused_at_once),
    cmocka_unit_test(children_share_it),
    cmocka_unit_test(private_memory_is_each_process_own),
    cmocka_unit_test(it_can_neither_be_temporary_nor_read_only),
};

HARNESS_MAIN(tests)
