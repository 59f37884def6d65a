/* Files in memory: their names, their size, their place among descriptors.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"

static mw_region *memory_of(uint64_t size) {
  mw_region *region = NULL;
  assert_ok(mw_region_memfd("memory", size, NULL, &why, &region));
  return region;
}

static void it_is_a_memfd(void **state) {
  (void)state;
  mw_region *region = memory_of(12345);
  int fd = -1;
  struct stat stat;
  char path[64], link[128] = "";
  assert_string_equal(mw_region_kind(region), "memfd");
  assert_string_equal(mw_region_name(region), "memory");
  assert_ok(mw_region_descriptor(region, &why, &fd));
  assert_int_equal(fstat(fd, &stat), 0);
  assert_int_equal(stat.st_size, 12345);
  assert_int_equal(stat.st_mode & 0111, 0); /* nobody runs it */
  assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
  assert_int_equal(fcntl(fd, F_GET_SEALS) & (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE), 0);
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  assert_true(readlink(path, link, sizeof link - 1) > 0);
  assert_string_equal(link, "/memfd:memory (deleted)");
  mw_region_close(region);
}

static void names_may_be_the_same_and_long(void **state) {
  (void)state;
  char name[251];
  mw_region *regions[3], *none = (mw_region *)1;
  memset(name, 'n', sizeof name);
  name[249] = '\0';
  assert_ok(mw_region_memfd(name, 1, NULL, &why, &regions[0]));
  assert_ok(mw_region_memfd(name, 1, NULL, &why, &regions[1]));
  assert_string_equal(mw_region_name(regions[1]), name);
  assert_ok(mw_region_memfd("", 1, NULL, &why, &regions[2]));
  assert_string_equal(mw_region_name(regions[2]), "");
  for (int i = 0; i < 3; i++) mw_region_close(regions[i]);
  name[249] = 'n';
  name[250] = '\0';
  assert_fails(MW_EINVAL, mw_region_memfd(name, 1, NULL, &why, &none));
  assert_non_null(strstr(why.reason, "249"));
  assert_fails(MW_EINVAL, mw_region_memfd(NULL, 1, NULL, &why, &none));
  assert_ptr_equal(none, (mw_region *)1);
}

static void any_bytes_are_a_name(void **state) {
  (void)state;
  static const char *const names[] = {"a/b", "/", "..", " ", "\xff\x01\n"};
  for (int i = 0; i < 5; i++) {
    mw_region *region;
    assert_ok(mw_region_memfd(names[i], 1, NULL, &why, &region));
    assert_string_equal(mw_region_name(region), names[i]);
    mw_region_close(region);
  }
}

static void what_cannot_be_is_refused(void **state) {
  (void)state;
  mw_region *region = (mw_region *)1;
  static const unsigned flags[] = {MW_TEMPORARY, MW_ANY_OWNER, MW_TRUNCATE, MW_EXCLUSIVE, 1u << 20};
  assert_fails(MW_EINVAL, mw_region_memfd("memory", 0, NULL, &why, &region));
  assert_fails(MW_EINVAL, mw_region_memfd("memory", UINT64_MAX, NULL, &why, &region));
  assert_fails(MW_EINVAL, mw_region_memfd("memory", (uint64_t)INT64_MAX + 1, NULL, &why, &region));
  assert_why("Region.memfd", "memory", 0);
  for (int i = 0; i < 5; i++) {
    mw_region_options options = {sizeof options, .flags = flags[i]};
    assert_fails(MW_EINVAL, mw_region_memfd("memory", 1, &options, &why, &region));
  }
  mw_region_options reading = {sizeof reading, .access = MW_READ};
  assert_fails(MW_EINVAL, mw_region_memfd("memory", 1, &reading, &why, &region));
  assert_fails(MW_ENOSPC, mw_region_memfd("memory", INT64_MAX, NULL, &why, &region));
  assert_ptr_equal(region, (mw_region *)1);
}

static void write_in_child(void *region) { assert_ok(mw_region_write(region, 0, "child", 6, &why)); }

static void it_can_be_private(void **state) {
  (void)state;
  mw_region *region;
  mw_region_options options = {sizeof options, .access = MW_COPY_ON_WRITE};
  assert_ok(mw_region_memfd("memory", 100, &options, &why, &region));
  assert_ok(mw_region_write(region, 0, "parent", 7, &why));
  assert_int_equal(harness_in_child(write_in_child, region), 0);
  assert_string_equal(mw_region_data(region), "parent");
  mw_region_close(region);
}

static void others_map_it_by_its_descriptor(void **state) {
  (void)state;
  mw_region *region = memory_of(100);
  int fd;
  assert_ok(mw_region_descriptor(region, &why, &fd));
  char *other = mmap(NULL, 100, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  memcpy(other, "plain", sizeof "plain");
  assert_string_equal(mw_region_data(region), "plain");
  munmap(other, 100);
  mw_region_close(region);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(it_is_a_memfd),        cmocka_unit_test(names_may_be_the_same_and_long),
    cmocka_unit_test(any_bytes_are_a_name), cmocka_unit_test(what_cannot_be_is_refused),
    cmocka_unit_test(it_can_be_private),    cmocka_unit_test(others_map_it_by_its_descriptor),
};

HARNESS_MAIN(tests)
