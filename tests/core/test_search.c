/* Runs, bytes and lines in a region, found where they lie; against the plainest way there is.
 *
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

/* ---- bytes in a row: the models */

/* Where `sub` lies first in [start, end), or last, as Python's bytes.find says; -1: nowhere. */
static int64_t model_find(const char *text, size_t length, const char *sub, size_t size, uint64_t start, uint64_t end, bool last) {
  int64_t found = -1;
  if (end > length) end = length;
  for (uint64_t i = start; i <= end && size <= end - i; i++)
    if (memcmp(text + i, sub, size) == 0) {
      found = (int64_t)i;
      if (!last) break;
    }
  return found;
}

static uint64_t model_count(const char *text, size_t length, const char *sub, size_t size, uint64_t start, uint64_t end) {
  uint64_t count = 0;
  if (end > length) end = length;
  for (uint64_t i = start; i <= end && size <= end - i;) {
    bool is_here = memcmp(text + i, sub, size) == 0;
    count += is_here;
    i += is_here && size > 0 ? size : 1;
  }
  return count;
}

static void assert_agrees(mw_region *region, const char *text, size_t length, const char *sub, size_t size, uint64_t start,
                          uint64_t end) {
  int64_t first = model_find(text, length, sub, size, start, end, false),
          last = model_find(text, length, sub, size, start, end, true);
  uint64_t offset = 77, count = 78;
  if (first >= 0) {
    assert_ok(mw_region_find(region, sub, size, start, end, &why, &offset));
    assert_int_equal(offset, first);
    assert_ok(mw_region_rfind(region, sub, size, start, end, &why, &offset));
    assert_int_equal(offset, last);
  } else {
    assert_fails(MW_ENOENT, mw_region_find(region, sub, size, start, end, &why, &offset));
    assert_fails(MW_ENOENT, mw_region_rfind(region, sub, size, start, end, &why, &offset));
    assert_int_equal(offset, 77);
  }
  assert_ok(mw_region_count(region, sub, size, start, end, &why, &count));
  assert_int_equal(count, model_count(text, length, sub, size, start, end));
}

static void fill_at_random(char *text, size_t size, const char *alphabet) {
  size_t count = strlen(alphabet);
  for (size_t i = 0; i < size; i++) text[i] = alphabet[(size_t)random() % count];
}

/* ---- bytes in a row: the tests */

/* Needles out of the text itself are found, others mostly not. Few letters make many near misses. */
static void bytes_are_found_as_the_model_finds_them(void **state) {
  (void)state;
  enum { LENGTH = 700 };
  static char text[LENGTH], other[301];
  mw_region *region;
  srandom(11);
  assert_ok(mw_region_anonymous(LENGTH, NULL, &why, &region));
  for (size_t size = 0; size <= 300; size++)
    for (int round = 0; round < 12; round++) {
      fill_at_random(text, LENGTH, round % 2 ? "ab" : "a\0b");
      fill_at_random(other, sizeof other, round % 3 ? "ab" : "aaaaaaab");
      assert_ok(mw_region_write(region, 0, text, LENGTH, &why));
      uint64_t start = (uint64_t)random() % (LENGTH + 1), end = (uint64_t)random() % (LENGTH + 50);
      size_t place = (size_t)random() % (LENGTH - size + 1);
      assert_agrees(region, text, LENGTH, text + place, size, 0, UINT64_MAX);
      assert_agrees(region, text, LENGTH, text + place, size, start, end);
      assert_agrees(region, text, LENGTH, text + place, size, place, place + size);
      assert_agrees(region, text, LENGTH, text + place, size, place + 1, end);
      assert_agrees(region, text, LENGTH, other, size, start, end);
    }
  mw_region_close(region);
}

static void every_start_and_end_is_tried(void **state) {
  (void)state;
  static const char text[] = "abaababaabaab";
  static const char *const subs[] = {"", "a", "b", "ab", "aa", "aba", "abaab", "abaababaabaab", "abaababaabaabx", "c"};
  mw_region *region = region_of(text);
  size_t length = strlen(text);
  for (size_t i = 0; i < sizeof subs / sizeof subs[0]; i++)
    for (uint64_t start = 0; start <= length + 2; start++)
      for (uint64_t end = 0; end <= length + 2; end++) assert_agrees(region, text, length, subs[i], strlen(subs[i]), start, end);
  mw_region_close(region);
}

static void no_bytes_are_everywhere(void **state) {
  (void)state;
  mw_region *region = region_of("abc");
  uint64_t place = 77, count = 78;
  assert_ok(mw_region_find(region, "", 0, 1, UINT64_MAX, &why, &place));
  assert_int_equal(place, 1);
  assert_ok(mw_region_rfind(region, NULL, 0, 1, UINT64_MAX, &why, &place));
  assert_int_equal(place, 3);
  assert_ok(mw_region_count(region, "", 0, 0, UINT64_MAX, &why, &count));
  assert_int_equal(count, 4);
  assert_fails(MW_ENOENT, mw_region_find(region, "", 0, 4, UINT64_MAX, &why, &place));
  assert_ok(mw_region_count(region, "", 0, 4, UINT64_MAX, &why, &count));
  assert_int_equal(count, 0);
  mw_region_close(region);
}

/* rfind looks at windows of 64 KiB from the end: needles at each side of each border, and longer ones than a window. */
static void the_last_is_found_across_windows(void **state) {
  (void)state;
  enum { WINDOW = 65536, LENGTH = 3 * WINDOW + 123 };
  static const size_t sizes[] = {2, 17, WINDOW - 1, WINDOW, WINDOW + 1, 2 * WINDOW + 5, LENGTH};
  char *sub = malloc(LENGTH);
  mw_region *region;
  assert_ok(mw_region_anonymous(LENGTH, NULL, &why, &region));
  srandom(5);
  fill_at_random(sub, LENGTH, "xyz");
  for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
    for (uint64_t window = 0; window <= 3; window++)
      for (int64_t shift = -1; shift <= 1; shift++) {
        int64_t place = (int64_t)(LENGTH - window * WINDOW) - (int64_t)sizes[i] / 2 + shift;
        uint64_t found = 77, count = 78;
        if (place < 0 || (uint64_t)place + sizes[i] > LENGTH) continue;
        assert_ok(mw_region_write(region, (uint64_t)place, sub, sizes[i], &why));
        assert_ok(mw_region_rfind(region, sub, sizes[i], 0, UINT64_MAX, &why, &found));
        assert_int_equal(found, place);
        assert_ok(mw_region_find(region, sub, sizes[i], 0, UINT64_MAX, &why, &found));
        assert_int_equal(found, place);
        assert_ok(mw_region_count(region, sub, sizes[i], 0, UINT64_MAX, &why, &count));
        assert_int_equal(count, 1);
        assert_fails(MW_ENOENT, mw_region_rfind(region, sub, sizes[i], (uint64_t)place + 1, UINT64_MAX, &why, &found));
        assert_fails(MW_ENOENT, mw_region_rfind(region, sub, sizes[i], 0, (uint64_t)place + sizes[i] - 1, &why, &found));
        assert_ok(mw_region_fill(region, 0, (uint64_t)place, sizes[i], &why));
      }
  mw_region_close(region);
  free(sub);
}

/* At every place there is one: looking at each would take hours. */
static void of_many_the_last_is_found(void **state) {
  (void)state;
  enum { LENGTH = 300000 };
  mw_region *region;
  uint64_t place = 77, count = 78;
  assert_ok(mw_region_anonymous(LENGTH, NULL, &why, &region));
  for (uint64_t size = 1; size <= LENGTH - 2; size = size * 3 + 1) {
    assert_ok(mw_region_rfind(region, mw_region_data(region), size, 1, LENGTH - 1, &why, &place));
    assert_int_equal(place, LENGTH - 1 - size);
    assert_ok(mw_region_find(region, mw_region_data(region), size, 1, LENGTH - 1, &why, &place));
    assert_int_equal(place, 1);
    assert_ok(mw_region_count(region, mw_region_data(region), size, 1, LENGTH - 1, &why, &count));
    assert_int_equal(count, (LENGTH - 2) / size);
  }
  mw_region_close(region);
}

static void what_is_sought_may_lie_in_the_region_itself(void **state) {
  (void)state;
  mw_region *region = region_of("abcabcab");
  uint64_t place = 77, count = 0;
  const char *data = mw_region_data(region);
  assert_ok(mw_region_rfind(region, data, 3, 0, UINT64_MAX, &why, &place));
  assert_int_equal(place, 3);
  assert_ok(mw_region_count(region, data + 6, 2, 0, UINT64_MAX, &why, &count));
  assert_int_equal(count, 3);
  mw_region_close(region);
}

/* ---- lines */

/* All lines between two offsets, each in brackets. */
static const char *lines_of(mw_region *region, uint64_t start, uint64_t end) {
  static char text[4096];
  size_t length = 0;
  uint64_t line_end;
  text[0] = '\0';
  for (uint64_t next = start; mw_region_line(region, next, end, &why, &line_end, &next) == 0; start = next)
    length += (size_t)snprintf(text + length, sizeof text - length, "[%.*s]", (int)(line_end - start),
                               (const char *)mw_region_data(region) + start);
  return text;
}

static void each_line_is_found(void **state) {
  (void)state;
  static const struct {
    const char *text, *lines;
  } rows[] = {{"one\ntwo\nthree", "[one][two][three]"},
              {"one\n", "[one]"},
              {"\n", "[]"},
              {"\n\nx", "[][][x]"},
              {"x", "[x]"},
              {"a\r\nb", "[a\r][b]"}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    mw_region *region = region_of(rows[i].text);
    assert_string_equal(lines_of(region, 0, UINT64_MAX), rows[i].lines);
    mw_region_close(region);
  }
}

static void lines_are_cut_at_the_bounds(void **state) {
  (void)state;
  mw_region *region = region_of("one\ntwo\nthree");
  assert_string_equal(lines_of(region, 1, 6), "[ne][tw]");
  assert_string_equal(lines_of(region, 3, 4), "[]");
  assert_string_equal(lines_of(region, 0, 3), "[one]");
  assert_string_equal(lines_of(region, 5, 5), "");
  assert_string_equal(lines_of(region, 13, UINT64_MAX), "");
  assert_string_equal(lines_of(region, 99, UINT64_MAX), "");
  assert_string_equal(lines_of(region, 6, 5), "");
  uint64_t end = 77, next = 78;
  assert_fails(MW_ENOENT, mw_region_line(region, 13, 13, &why, &end, &next));
  assert_why("Region.lines", "", 0);
  assert_int_equal(end, 77);
  assert_int_equal(next, 78);
  mw_region_close(region);
}

static void a_closed_region_is_not_searched(void **state) {
  (void)state;
  mw_region *region = region_of("abc");
  uint64_t a = 77, b = 78;
  mw_region_hold(region);
  mw_region_close(region);
  assert_fails(MW_ECLOSED, mw_region_find(region, "a", 1, 0, 3, &why, &a));
  assert_fails(MW_ECLOSED, mw_region_rfind(region, "a", 1, 0, 3, &why, &a));
  assert_fails(MW_ECLOSED, mw_region_count(region, "a", 1, 0, 3, &why, &a));
  assert_fails(MW_ECLOSED, mw_region_count(region, "", 0, 0, 3, &why, &a));
  assert_fails(MW_ECLOSED, mw_region_count_part(region, "a", 1, 0, 3, &why, &a, &b));
  assert_fails(MW_ECLOSED, mw_region_line(region, 0, 3, &why, &a, &b));
  assert_int_equal(a, 77);
  assert_int_equal(b, 78);
  mw_region_drop(region);
}

static void a_lost_page_is_noticed(void **state) {
  (void)state;
  mw_byte_set set = mw_search_byte_set("x", 1);
  for (int call = 0; call < 6; call++) {
    harness_let_faults_kill();
    mw_region *region = region_of("abc");
    uint64_t a = 77, b = 78;
    int fd, result;
    assert_ok(mw_region_descriptor(region, &why, &fd));
    assert_int_equal(ftruncate(fd, 0), 0);
    switch (call) {
      case 0: result = mw_region_find(region, "x", 1, 0, 3, &why, &a); break;
      case 1: result = mw_region_rfind(region, "x", 1, 0, 3, &why, &a); break;
      case 2: result = mw_region_count(region, "x", 1, 0, 3, &why, &a); break;
      case 3: result = mw_region_count_part(region, "x", 1, 0, 3, &why, &a, &b); break;
      case 4: result = mw_region_line(region, 0, 3, &why, &a, &b); break;
      default: result = mw_search_run(region, &set, 0, 3, &why, &a, &b);
    }
    assert_fails(MW_EFAULT, result);
    assert_int_equal(a, 77);
    assert_int_equal(b, 78);
    mw_region_close(region);
  }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(each_run_is_found),
    cmocka_unit_test(nothing_beyond_the_bounds_is_looked_at),
    cmocka_unit_test(a_set_has_the_members_that_it_was_made_of),
    cmocka_unit_test(agrees_with_a_byte_by_byte_look),
    cmocka_unit_test(what_cannot_be_is_refused),
    cmocka_unit_test(an_empty_region_has_no_runs),
    cmocka_unit_test(bytes_are_found_as_the_model_finds_them),
    cmocka_unit_test(every_start_and_end_is_tried),
    cmocka_unit_test(no_bytes_are_everywhere),
    cmocka_unit_test(the_last_is_found_across_windows),
    cmocka_unit_test(of_many_the_last_is_found),
    cmocka_unit_test(what_is_sought_may_lie_in_the_region_itself),
    cmocka_unit_test(each_line_is_found),
    cmocka_unit_test(lines_are_cut_at_the_bounds),
    cmocka_unit_test(a_closed_region_is_not_searched),
    cmocka_unit_test(a_lost_page_is_noticed),
    cmocka_unit_test(parts_add_up_to_the_count),
    cmocka_unit_test(no_bytes_are_counted_as_a_whole_only),
};

HARNESS_MAIN(tests)
