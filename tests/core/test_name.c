/* Names, as the calls that take one see them: the rules are those of shm_open and sem_open.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "harness.h"

/* ---- what cannot be a name: every call refuses it in the same way and touches nothing */

static void assert_refused_everywhere(const char *name) {
  mw_region *region = (mw_region *)1;
  mw_semaphore *semaphore = (mw_semaphore *)1;
  assert_fails(MW_EINVAL, mw_region_create(name, 64, NULL, &why, &region));
  assert_string_equal(why.call, "Region.create");
  assert_fails(MW_EINVAL, mw_region_attach(name, NULL, &why, &region));
  assert_string_equal(why.call, "Region.attach");
  assert_fails(MW_EINVAL, mw_region_open(name, 64, NULL, &why, &region));
  assert_string_equal(why.call, "Region.open");
  assert_fails(MW_EINVAL, mw_region_unlink(name, &why));
  assert_string_equal(why.call, "Region.unlink");
  assert_fails(MW_EINVAL, mw_semaphore_create(name, 1, 0, 0, &why, &semaphore));
  assert_string_equal(why.call, "Semaphore.create");
  assert_fails(MW_EINVAL, mw_semaphore_attach(name, MW_DEADLINE_NOW, 0, &why, &semaphore));
  assert_string_equal(why.call, "Semaphore.attach");
  assert_fails(MW_EINVAL, mw_semaphore_open(name, 1, 0, &why, &semaphore));
  assert_string_equal(why.call, "Semaphore.open");
  assert_fails(MW_EINVAL, mw_semaphore_unlink(name, &why));
  assert_string_equal(why.call, "Semaphore.unlink");
  assert_ptr_equal(region, (mw_region *)1);
  assert_ptr_equal(semaphore, (mw_semaphore *)1);
}

static void an_empty_name_is_refused(void **state) {
  (void)state;
  assert_refused_everywhere("");
  assert_refused_everywhere("/");
}

static void a_name_is_no_path(void **state) {
  (void)state;
  static const char *const names[] = {"a/b", "/a/b", "//a", "a/", "/a/", "//", "../a", "a//b", "/../a", "./a", "../etc/passwd"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) assert_refused_everywhere(names[i]);
}

static void a_name_is_no_folder(void **state) {
  (void)state;
  static const char *const names[] = {".", "..", "/.", "/.."};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) assert_refused_everywhere(names[i]);
}

static void a_missing_name_is_refused(void **state) {
  (void)state;
  assert_refused_everywhere(NULL);
  mw_region *region;
  assert_fails(MW_EINVAL, mw_region_file(NULL, 0, NULL, &why, &region));
}

/* ---- length: 255 bytes, and 4 less where "sem." comes before it */

static const char *name_of(size_t length, const char *prefix) {
  static char name[400];
  int used = snprintf(name, sizeof name, "%s%s-", prefix, harness_name("long"));
  memset(name + used, 'x', sizeof name - (size_t)used);
  name[length] = '\0';
  return name;
}

static void the_longest_region_name_works(void **state) {
  (void)state;
  mw_region *region;
  assert_ok(mw_region_create(name_of(255, ""), 64, NULL, &why, &region));
  assert_string_equal(mw_region_name(region), name_of(255, ""));
  mw_region_close(region);
  assert_ok(mw_region_attach(name_of(256, "/"), NULL, &why, &region));
  mw_region_close(region);
  assert_ok(mw_region_unlink(name_of(255, ""), &why));
}

static void a_longer_region_name_is_refused(void **state) {
  (void)state;
  mw_region *region;
  static const size_t lengths[] = {256, 257, 399};
  for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++)
    assert_fails(MW_EINVAL, mw_region_create(name_of(lengths[i], ""), 64, NULL, &why, &region));
  assert_fails(MW_EINVAL, mw_region_create(name_of(257, "/"), 64, NULL, &why, &region));
}

static void the_longest_semaphore_name_works(void **state) {
  (void)state;
  mw_semaphore *semaphore;
  assert_ok(mw_semaphore_create(name_of(251, ""), 1, 0, 0, &why, &semaphore));
  assert_string_equal(mw_semaphore_name(semaphore), name_of(251, ""));
  mw_semaphore_close(semaphore);
  assert_ok(mw_semaphore_unlink(name_of(252, "/"), &why));
}

static void a_longer_semaphore_name_is_refused(void **state) {
  (void)state;
  mw_semaphore *semaphore;
  static const size_t lengths[] = {252, 253, 255, 256, 399};
  for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
    assert_fails(MW_EINVAL, mw_semaphore_create(name_of(lengths[i], ""), 1, 0, 0, &why, &semaphore));
    assert_fails(MW_EINVAL, mw_semaphore_unlink(name_of(lengths[i], ""), &why));
  }
}

/* ---- what can be one */

static void one_leading_slash_means_nothing(void **state) {
  (void)state;
  const char *name = harness_name("slash");
  char slashed[128];
  snprintf(slashed, sizeof slashed, "/%s", name);
  mw_region *one, *two;
  assert_ok(mw_region_create(slashed, 64, NULL, &why, &one));
  assert_string_equal(mw_region_name(one), name);
  assert_ok(mw_region_attach(name, NULL, &why, &two));
  assert_ok(mw_region_write(one, 0, "well", 4, &why));
  assert_memory_equal(mw_region_data(two), "well", 4);
  mw_region_close(one);
  mw_region_close(two);
  assert_ok(mw_region_unlink(slashed, &why));
  assert_false(harness_exists(harness_shm_path("", name)));
}

static void odd_bytes_are_names(void **state) {
  (void)state;
  static const char *const labels[] = {"with space", "new\nline", "quote\"s", "uml\xc3\xa4ut", "\xff\xfe",
                                       ".hidden",    "%s%n",      "sem.",     "...",           "a\tb\x01"};
  for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++) {
    const char *name = harness_name(labels[i]);
    mw_region *region;
    mw_semaphore *semaphore;
    assert_ok(mw_region_create(name, 64, NULL, &why, &region));
    assert_true(harness_exists(harness_shm_path("", name)));
    assert_fails(MW_EEXIST, mw_region_create(name, 64, NULL, &why, &region));
    assert_why("Region.create", name, EEXIST);
    assert_ok(mw_semaphore_create(name, 1, 0, 0, &why, &semaphore));
    mw_region_close(region);
    mw_semaphore_close(semaphore);
    assert_ok(mw_region_unlink(name, &why));
    assert_ok(mw_semaphore_unlink(name, &why));
  }
}

static void regions_and_semaphores_have_names_of_their_own(void **state) {
  (void)state;
  const char *name = harness_name("both");
  mw_region *region;
  mw_semaphore *semaphore;
  assert_ok(mw_region_create(name, 64, NULL, &why, &region));
  assert_fails(MW_ENOENT, mw_semaphore_attach(name, MW_DEADLINE_NOW, 0, &why, &semaphore));
  assert_ok(mw_semaphore_create(name, 3, 0, 0, &why, &semaphore));
  mw_region_close(region);
  mw_semaphore_close(semaphore);
  assert_ok(mw_region_unlink(name, &why));
  assert_ok(mw_semaphore_unlink(name, &why));
}

static void the_caller_may_change_the_name_afterwards(void **state) {
  (void)state;
  char name[128], path[128];
  snprintf(name, sizeof name, "%s", harness_name("mine"));
  snprintf(path, sizeof path, "%s", harness_path("mine"));
  harness_write_file(path, "12345678", 8, 0600);
  mw_region *region, *file;
  assert_ok(mw_region_create(name, 64, NULL, &why, &region));
  assert_ok(mw_region_file(path, 0, NULL, &why, &file));
  memset(name, 0, sizeof name);
  memset(path, 0, sizeof path);
  assert_string_equal(mw_region_name(region), harness_name("mine"));
  assert_string_equal(mw_region_name(file), harness_path("mine"));
  mw_region_close(region);
  mw_region_close(file);
  assert_ok(mw_region_unlink(harness_name("mine"), &why));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(an_empty_name_is_refused),
    cmocka_unit_test(a_name_is_no_path),
    cmocka_unit_test(a_name_is_no_folder),
    cmocka_unit_test(a_missing_name_is_refused),
    cmocka_unit_test(the_longest_region_name_works),
    cmocka_unit_test(a_longer_region_name_is_refused),
    cmocka_unit_test(the_longest_semaphore_name_works),
    cmocka_unit_test(a_longer_semaphore_name_is_refused),
    cmocka_unit_test(one_leading_slash_means_nothing),
    cmocka_unit_test(odd_bytes_are_names),
    cmocka_unit_test(regions_and_semaphores_have_names_of_their_own),
    cmocka_unit_test(the_caller_may_change_the_name_afterwards),
};

HARNESS_MAIN(tests)
