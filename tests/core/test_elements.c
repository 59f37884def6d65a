/* The loops over many elements: every dtype, densely and with gaps, with what is sought there and not there.
 *
 * SPDX-License-Identifier: MIT */
#include "harness.h"

#define COUNT 1500 /* several of the blocks in which sums are made */

static mw_region *region;

/* All elements of a dtype in a region of zeros: one after the other, or every second place backwards. */
static mw_view view_of(mw_dtype dtype, bool dense) {
  mw_view view;
  uint64_t places = (uint64_t)2 * COUNT;
  assert_ok(mw_view_init(&view, region, dtype, 1, &places, 0, &why));
  if (dense)
    assert_ok(mw_view_slice(&view, 0, 0, 1, COUNT, &why, &view));
  else
    assert_ok(mw_view_slice(&view, 0, places - 1, -2, COUNT, &why, &view));
  return view;
}

static mw_view element(const mw_view *view, uint64_t i) {
  mw_view one;
  assert_ok(mw_view_slice(view, 0, i, 1, 1, &why, &one));
  return one;
}

static const mw_value zero = {MW_VALUE_INT, {.i = 0}}, one = {MW_VALUE_INT, {.i = 1}}, two = {MW_VALUE_INT, {.i = 2}};

static double number(mw_value value) {
  return value.kind == MW_VALUE_FLOAT ? value.as.f : value.kind == MW_VALUE_INT ? (double)value.as.i : (double)value.as.u;
}

static void check_search(const mw_view *view) {
  uint64_t place, count;
  mw_view last = element(view, COUNT - 1);
  assert_fails(MW_ENOENT, mw_view_index(view, one, 0, &why, &place));
  assert_ok(mw_view_count_of(view, one, &why, &count));
  assert_int_equal(count, 0);
  assert_ok(mw_view_fill(&last, one, &why));
  assert_ok(mw_view_index(view, one, 0, &why, &place));
  assert_int_equal(place, COUNT - 1);
  assert_ok(mw_view_index(view, zero, 7, &why, &place));
  assert_int_equal(place, 7);
  assert_ok(mw_view_count_of(view, zero, &why, &count));
  assert_int_equal(count, COUNT - 1);
  assert_ok(mw_view_count_of(view, two, &why, &count)); /* no bool is 2 */
  assert_int_equal(count, 0);
}

static void check_sums(const mw_view *view) {
  mw_value sum, least, largest;
  assert_ok(mw_view_sum(view, &why, &sum));
  assert_true(number(sum) == 1);
  assert_ok(mw_view_min(view, &why, &least));
  assert_ok(mw_view_max(view, &why, &largest));
  assert_true(number(least) == 0 && number(largest) == 1);
}

static void check_take(const mw_view *view) {
  static const uint64_t places[] = {COUNT - 1, 0};
  unsigned char taken[2 * 8], element_size = (unsigned char)mw_dtype_size(view->dtype);
  assert_ok(mw_view_take(view, places, 2, taken, &why));
  assert_memory_equal(taken, mw_view_at(view, COUNT - 1), element_size);
  assert_memory_equal(taken + element_size, mw_view_at(view, 0), element_size);
}

static void check_equality(const mw_view *view) {
  mw_view forwards, backwards, first = element(view, 0), last = element(view, COUNT - 1);
  bool equal;
  assert_ok(mw_view_slice(view, 0, 0, 1, COUNT, &why, &forwards));
  assert_ok(mw_view_slice(view, 0, COUNT - 1, -1, COUNT, &why, &backwards));
  assert_ok(mw_view_equals(view, &forwards, &why, &equal));
  assert_true(equal);
  assert_ok(mw_view_equals(view, &backwards, &why, &equal));
  assert_false(equal);
  assert_ok(mw_view_equals(&backwards, view, &why, &equal));
  assert_false(equal);
  assert_ok(mw_view_fill(&first, one, &why));
  assert_ok(mw_view_equals(view, &backwards, &why, &equal));
  assert_true(equal);
  assert_ok(mw_view_fill(&last, zero, &why));
  assert_ok(mw_view_fill(&first, zero, &why));
}

/* The second half, with its gaps, to the first, and back by way of both. */
static void check_copy(const mw_view *view) {
  mw_view half, other;
  bool equal;
  assert_ok(mw_view_slice(view, 0, 0, 1, COUNT / 2, &why, &half));
  assert_ok(mw_view_slice(view, 0, COUNT - 1, -1, COUNT / 2, &why, &other));
  assert_ok(mw_view_fill(&other, one, &why));
  assert_ok(mw_view_copy(&half, &other, &why));
  assert_ok(mw_view_equals(&half, &other, &why, &equal));
  assert_true(equal);
  assert_ok(mw_view_fill(view, zero, &why));
}

static void on_every_dtype(void (*check)(const mw_view *view), bool ends_with_one) {
  assert_ok(mw_region_anonymous((uint64_t)2 * COUNT * 8, NULL, &why, &region));
  for (int dtype = 0; dtype < MW_DTYPE_COUNT; dtype++)
    for (int dense = 0; dense < 2; dense++) {
      assert_ok(mw_region_fill(region, 0, 0, mw_region_size(region), &why));
      mw_view view = view_of((mw_dtype)dtype, dense != 0);
      mw_view last = element(&view, COUNT - 1);
      if (ends_with_one) assert_ok(mw_view_fill(&last, one, &why));
      check(&view);
    }
  mw_region_close(region);
}

static void elements_are_found_and_counted(void **state) {
  (void)state;
  on_every_dtype(check_search, false);
}

static void sums_and_extremes(void **state) {
  (void)state;
  on_every_dtype(check_sums, true);
}

static void elements_are_taken(void **state) {
  (void)state;
  on_every_dtype(check_take, true);
}

static void elements_are_compared(void **state) {
  (void)state;
  on_every_dtype(check_equality, true);
}

static void elements_are_copied(void **state) {
  (void)state;
  on_every_dtype(check_copy, false);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(elements_are_found_and_counted), cmocka_unit_test(sums_and_extremes),   cmocka_unit_test(elements_are_taken),
    cmocka_unit_test(elements_are_compared),          cmocka_unit_test(elements_are_copied),
};

HARNESS_MAIN(tests)
