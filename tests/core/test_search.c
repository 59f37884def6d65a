/* Runs of bytes in a region, found where they lie.
 *
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"

static mw_region *region_of(const char *text) {
  mw_region *region;
  assert_ok(mw_region_anonymous(strlen(text), NULL, &why, &region));
  assert_ok(mw_region_write(region, 0, text, strlen(text), &why));
  return region;
}

/* All runs between two offsets, as "start-end start-end ". */
static const char *runs_of(mw_region *region, const char *members, uint64_t start, uint64_t end) {
  static char text[4096];
  mw_byte_set set = mw_search_byte_set(members, strlen(members));
  size_t length = 0;
  text[0] = '\0';
  uint64_t from, to = start;
  while (mw_search_run(region, &set, to, end, NULL, &from, &to) == 0)
    length += (size_t)snprintf(text + length, sizeof text - length, "%d-%d ", (int)from, (int)to);
  return text;
}

static void each_run_is_found(void **state) {
  (void)state;
  mw_region *region = region_of("..ab.c..abc");
  assert_string_equal(runs_of(region, "abc", 0, 11), "2-4 5-6 8-11 ");
  assert_string_equal(runs_of(region, ".", 0, 11), "0-2 4-5 6-8 ");
  assert_string_equal(runs_of(region, ".abc", 0, 11), "0-11 ");
  assert_string_equal(runs_of(region, "x", 0, 11), "");
  assert_string_equal(runs_of(region, "", 0, 11), "");
  mw_region_close(region);
}

static void nothing_beyond_the_bounds_is_looked_at(void **state) {
  (void)state;
  mw_region *region = region_of("abcabc");
  assert_string_equal(runs_of(region, "abc", 2, 4), "2-4 ");
  assert_string_equal(runs_of(region, "ac", 1, 5), "2-4 ");
  assert_string_equal(runs_of(region, "abc", 3, 3), "");
  assert_string_equal(runs_of(region, "abc", 6, 6), "");
  mw_region_close(region);
}

static void a_set_has_the_members_that_it_was_made_of(void **state) {
  (void)state;
  const unsigned char members[] = {0, 255, 128, 255};
  mw_byte_set set = mw_search_byte_set(members, sizeof members);
  for (int byte = 0; byte < 256; byte++) assert_int_equal(set.member[byte], byte == 0 || byte == 128 || byte == 255);
}

/* Against the plainest way there is, on random bytes. */
static void agrees_with_a_byte_by_byte_look(void **state) {
  (void)state;
  srandom(7);
  char text[201] = "";
  for (int round = 0; round < 500; round++) {
    size_t size = (size_t)(random() % 200) + 1;
    for (size_t i = 0; i < size; i++) text[i] = "ab.."[random() % 4];
    text[size] = '\0';
    char expected[4096] = "";
    size_t length = 0;
    for (size_t i = 0; i < size; i++) {
      bool begins = text[i] != '.' && (i == 0 || text[i - 1] == '.'),
           ends = text[i] != '.' && text[i + 1] != 'a' && text[i + 1] != 'b';
      if (begins) length += (size_t)snprintf(expected + length, sizeof expected - length, "%zu-", i);
      if (ends) length += (size_t)snprintf(expected + length, sizeof expected - length, "%zu ", i + 1);
    }
    mw_region *region = region_of(text);
    assert_string_equal(runs_of(region, "ab", 0, size), expected);
    mw_region_close(region);
  }
}

static void what_cannot_be_is_refused(void **state) {
  (void)state;
  mw_region *region = region_of("abc");
  mw_byte_set set = mw_search_byte_set("x", 1);
  uint64_t from = 77, to = 78;
  assert_fails(MW_EINVAL, mw_search_run(region, &set, 0, 4, &why, &from, &to));
  assert_fails(MW_EINVAL, mw_search_run(region, &set, 2, 1, &why, &from, &to));
  assert_fails(MW_EINVAL, mw_search_run(region, &set, UINT64_MAX, UINT64_MAX, &why, &from, &to));
  assert_fails(MW_ENOENT, mw_search_run(region, &set, 0, 3, &why, &from, &to));
  mw_region_hold(region);
  mw_region_close(region);
  assert_fails(MW_ECLOSED, mw_search_run(region, &set, 0, 3, &why, &from, &to));
  assert_int_equal(from, 77);
  assert_int_equal(to, 78);
  mw_region_drop(region);
}

static void an_empty_region_has_no_runs(void **state) {
  (void)state;
  harness_write_file(harness_path("empty"), "", 0, 0600);
  mw_region *region;
  assert_ok(mw_region_file(harness_path("empty"), 0, NULL, &why, &region));
  assert_string_equal(runs_of(region, "abc", 0, 0), "");
  mw_region_close(region);
}

/* Overlapping candidates ("aaa" in a row of them) are where a part that forgets what the one before has taken would go wrong. */
static void parts_add_up_to_the_count(void **state) {
  (void)state;
  static const char *const subs[] = {"a", "aa", "aaa", "aba", "ba", "bb.", "aaaaaaaa"};
  srandom(8);
  char text[101] = "";
  for (int round = 0; round < 300; round++) {
    for (size_t i = 0; i < 100; i++) text[i] = "aaab."[random() % 5];
    mw_region *region = region_of(text);
    for (size_t i = 0; i < sizeof subs / sizeof subs[0]; i++) {
      size_t size = strlen(subs[i]), step = (size_t)(random() % 12) + size;
      uint64_t all, sum = 0, part, next = 0;
      assert_ok(mw_region_count(region, subs[i], size, 0, 100, &why, &all));
      for (uint64_t end = step; end < 100 + step; end += step) {
        assert_ok(mw_region_count_part(region, subs[i], size, next, end, &why, &part, &next));
        sum += part;
      }
      assert_int_equal(sum, all);
    }
    mw_region_close(region);
  }
}

static void no_bytes_are_counted_as_a_whole_only(void **state) {
  (void)state;
  mw_region *region = region_of("abc");
  uint64_t count = 77, next = 78;
  assert_fails(MW_EINVAL, mw_region_count_part(region, "", 0, 0, 3, &why, &count, &next));
  assert_int_equal(count, 77);
  assert_ok(mw_region_count(region, "", 0, 1, UINT64_MAX, &why, &count));
  assert_int_equal(count, 3);
  assert_ok(mw_region_count(region, "", 0, 4, UINT64_MAX, &why, &count));
  assert_int_equal(count, 0);
  mw_region_close(region);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(each_run_is_found),
    cmocka_unit_test(nothing_beyond_the_bounds_is_looked_at),
    cmocka_unit_test(a_set_has_the_members_that_it_was_made_of),
    cmocka_unit_test(agrees_with_a_byte_by_byte_look),
    cmocka_unit_test(what_cannot_be_is_refused),
    cmocka_unit_test(an_empty_region_has_no_runs),
    cmocka_unit_test(parts_add_up_to_the_count),
    cmocka_unit_test(no_bytes_are_counted_as_a_whole_only),
};

HARNESS_MAIN(tests)
