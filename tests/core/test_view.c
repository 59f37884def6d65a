/* Views: their geometry and every call on it, one by one. test_view_model.c compares them with a naive model at random.
 *
 * Each runs for every kind of region that can be written to.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "kinds.h"

static mw_value of_int(int64_t i) { return (mw_value){MW_VALUE_INT, {.i = i}}; }

static mw_value of_uint(uint64_t u) { return (mw_value){MW_VALUE_UINT, {.u = u}}; }

static mw_value of_float(double f) { return (mw_value){MW_VALUE_FLOAT, {.f = f}}; }

/* For tests that look at elements as C does, which needs them aligned. */
static bool is_aligned(void) { return region_kind_now()->aligned; }

/* Zeros, of the kind that the test runs for. */
static mw_region *memory(uint64_t size) { return region_of_kind(region_kind_now(), size, false); }

static mw_view one_dimension(mw_region *region, mw_dtype dtype, uint64_t count) {
  mw_view view;
  assert_ok(mw_view_init(&view, region, dtype, 1, &count, 0, &why));
  return view;
}

/* 0, 1, 2 ... in row-major order */
static void number(const mw_view *view) {
  for (uint64_t i = 0; i < mw_view_count(view); i++)
    assert_ok(mw_dtype_store(view->dtype, (char *)mw_view_data(view) + i * mw_dtype_size(view->dtype), of_uint(i), &why));
}

/* The values of a small int32 view, in row-major order. */
static void assert_values(const mw_view *view, uint64_t count, const int32_t *values) {
  int32_t got[64];
  assert_int_equal(mw_view_count(view), count);
  assert_ok(mw_view_read(view, got, mw_view_nbytes(view), &why));
  for (uint64_t i = 0; i < count; i++) assert_int_equal(got[i], values[i]);
}

/* ---- init */

static void a_view_describes_itself(void **state) {
  (void)state;
  mw_region *region = memory(10000);
  const uint64_t shape[] = {3, 4, 5};
  mw_view view;
  assert_ok(mw_view_init(&view, region, MW_INT32, 3, shape, 13, &why));
  assert_ptr_equal(view.region, region);
  assert_int_equal(view.offset, 13);
  assert_int_equal(view.low, 13);
  assert_int_equal(view.end, 13 + 3 * 4 * 5 * 4);
  assert_int_equal(view.ndim, 3);
  assert_false(view.readonly);
  assert_int_equal(view.strides[0], 80);
  assert_int_equal(view.strides[1], 20);
  assert_int_equal(view.strides[2], 4);
  assert_int_equal(mw_view_count(&view), 60);
  assert_int_equal(mw_view_nbytes(&view), 240);
  assert_true(mw_view_is_dense(&view));
  assert_ptr_equal(mw_view_data(&view), (char *)mw_region_data(region) + 13);
  assert_ok(mw_view_check(&view, &why));
  mw_region_close(region);
}

static void without_a_shape_it_has_what_fits(void **state) {
  (void)state;
  mw_region *region = memory(1000);
  mw_view view;
  for (int dtype = 0; dtype < MW_DTYPE_COUNT; dtype++) {
    size_t size = mw_dtype_size((mw_dtype)dtype);
    assert_ok(mw_view_init(&view, region, (mw_dtype)dtype, 1, NULL, 0, &why));
    assert_int_equal(view.shape[0], 1000 / size);
    assert_ok(mw_view_init(&view, region, (mw_dtype)dtype, 1, NULL, 1000 - 3 * size, &why));
    assert_int_equal(view.shape[0], 3);
    assert_ok(mw_view_init(&view, region, (mw_dtype)dtype, 1, NULL, 1000, &why));
    assert_int_equal(view.shape[0], 0);
    if (size > 1) assert_fails(MW_EINVAL, mw_view_init(&view, region, (mw_dtype)dtype, 1, NULL, 1, &why));
    assert_fails(MW_EINVAL, mw_view_init(&view, region, (mw_dtype)dtype, 1, NULL, 1001, &why));
    assert_fails(MW_EINVAL, mw_view_init(&view, region, (mw_dtype)dtype, 1, NULL, UINT64_MAX, &why));
  }
  assert_fails(MW_EINVAL, mw_view_init(&view, region, MW_INT8, 2, NULL, 0, &why));
  mw_region_close(region);
}

static void it_has_1_to_8_dimensions(void **state) {
  (void)state;
  static const int bad[] = {0, -1, 9, INT_MAX, INT_MIN};
  const uint64_t shape[9] = {2, 1, 2, 1, 2, 1, 2, 1, 1};
  mw_region *region = memory(1000);
  mw_view view;
  for (int ndim = 1; ndim <= MW_MAX_DIMENSIONS; ndim++) assert_ok(mw_view_init(&view, region, MW_UINT8, ndim, shape, 0, &why));
  assert_int_equal(mw_view_count(&view), 16);
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
    assert_fails(MW_EINVAL, mw_view_init(&view, region, MW_UINT8, bad[i], shape, 0, &why));
  assert_fails(MW_EINVAL, mw_view_init(&view, region, (mw_dtype)12, 1, shape, 0, &why));
  assert_fails(MW_EINVAL, mw_view_init(&view, region, (mw_dtype)-1, 1, shape, 0, &why));
  mw_region_close(region);
}

static void what_does_not_fit_is_refused(void **state) {
  (void)state;
  static const struct {
    uint64_t shape[3], offset;
  } rows[] = {{{126, 1, 1}, 0},
              {{125, 1, 1}, 1},
              {{5, 5, 6}, 0},
              {{1, 1, 1}, 993},
              {{1, 1, 1}, UINT64_MAX},
              {{UINT64_MAX, 1, 1}, 0},
              {{1ULL << 32, 1ULL << 32, 1}, 0},
              {{1ULL << 61, 1, 1}, 0},
              {{1ULL << 63, 2, 1}, 0},
              {{0, UINT64_MAX, UINT64_MAX}, 1001},
              {{0, 1, 1}, 1001},
              {{3037000500, 3037000500, 3}, 8}};
  mw_region *region = memory(1000);
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    mw_view view;
    assert_fails(MW_EINVAL, mw_view_init(&view, region, MW_FLOAT64, 3, rows[i].shape, rows[i].offset, &why));
  }
  mw_region_close(region);
}

static void an_extent_of_0_is_an_empty_view(void **state) {
  (void)state;
  static const uint64_t shapes[][3] = {{0, 5, 5}, {5, 0, 5}, {5, 5, 0}, {0, 0, 0}};
  mw_region *region = memory(1000);
  for (int i = 0; i < 4; i++) {
    mw_view view, other;
    mw_value value;
    assert_ok(mw_view_init(&view, region, MW_FLOAT64, 3, shapes[i], 1000, &why));
    assert_int_equal(mw_view_count(&view), 0);
    assert_int_equal(mw_view_nbytes(&view), 0);
    assert_null(mw_view_data(&view));
    assert_ok(mw_view_fill(&view, of_int(1), &why));
    assert_ok(mw_view_read(&view, NULL, 0, &why));
    assert_ok(mw_view_write(&view, NULL, 0, &why));
    other = view;
    assert_ok(mw_view_copy(&view, &other, &why));
    assert_ok(mw_view_sum(&view, &why, &value));
    assert_fails(MW_EINVAL, mw_view_min(&view, &why, &value));
    assert_fails(MW_EINVAL, mw_view_max(&view, &why, &value));
  }
  mw_view apart;
  assert_ok(mw_view_init_strided(&apart, region, MW_FLOAT64, 2, (uint64_t[]){0, 3}, (int64_t[]){100, 50}, 0, &why));
  assert_true(mw_view_is_dense(&apart)); /* nothing lies between nothing */
  assert_ok(mw_view_init_strided(&apart, region, MW_FLOAT64, 2, (uint64_t[]){1, 3}, (int64_t[]){100, 50}, 0, &why));
  assert_false(mw_view_is_dense(&apart));
  mw_region_close(region);
}

static void a_view_of_read_only_memory_is_read_only(void **state) {
  (void)state;
  mw_region *region = memory(100), *reader;
  harness_write_file(harness_path("bytes"), "0123456789abcdef", 16, 0600);
  mw_region_options options = {sizeof options, .access = MW_READ};
  assert_ok(mw_region_file(harness_path("bytes"), 0, &options, &why, &reader));
  mw_view view = one_dimension(reader, MW_UINT8, 16), source = one_dimension(region, MW_UINT8, 16);
  assert_true(view.readonly);
  assert_fails(MW_EREADONLY, mw_view_fill(&view, of_int(1), &why));
  assert_fails(MW_EREADONLY, mw_view_write(&view, "fedcba9876543210", 16, &why));
  assert_fails(MW_EREADONLY, mw_view_copy(&view, &source, &why));
  mw_view rows;
  const uint64_t shape[] = {4, 4};
  assert_ok(mw_view_reshape(&view, 2, shape, &why, &rows));
  assert_true(rows.readonly);
  assert_ok(mw_view_slice(&view, 0, 0, 2, 8, &why, &rows));
  assert_true(rows.readonly);
  assert_ok(mw_view_copy(&source, &view, &why));
  assert_memory_equal(mw_region_data(region), "0123456789abcdef", 16);
  mw_region_close(region);
  mw_region_close(reader);
}

/* ---- strides of the caller's */

static void strides_of_any_sign_are_possible(void **state) {
  (void)state;
  mw_region *region = memory(400);
  mw_view all = one_dimension(region, MW_INT32, 100), view;
  number(&all);
  assert_ok(mw_view_init_strided(&view, region, MW_INT32, 2, (uint64_t[]){2, 3}, (int64_t[]){40, -8}, 20, &why));
  assert_values(&view, 6, (int32_t[]){5, 3, 1, 15, 13, 11});
  assert_int_equal(view.low, 4);
  assert_int_equal(view.end, 64);
  assert_ok(mw_view_init_strided(&view, region, MW_INT32, 2, (uint64_t[]){2, 3}, (int64_t[]){4, 0}, 0, &why)); /* the same thrice */
  assert_values(&view, 6, (int32_t[]){0, 0, 0, 1, 1, 1});
  assert_ok(mw_view_init_strided(&view, region, MW_INT32, 1, (uint64_t[]){3}, (int64_t[]){-4}, 8, &why));
  assert_values(&view, 3, (int32_t[]){2, 1, 0});
  assert_ok(mw_view_init_strided(&view, region, MW_INT32, 2, (uint64_t[]){10, 10}, (int64_t[]){40, 4}, 0, &why));
  assert_true(mw_view_is_dense(&view));
  mw_region_close(region);
}

static void strides_that_lead_out_of_the_region_are_refused(void **state) {
  (void)state;
  static const struct {
    uint64_t shape[2];
    int64_t strides[2];
    uint64_t offset;
  } rows[] = {
      {{2, 1}, {4, 4}, 396},
      {{2, 1}, {-4, 4}, 3},
      {{1, 1}, {4, 4}, 397},
      {{1, 1}, {4, 4}, 400},
      {{101, 1}, {4, 4}, 0},
      {{2, 1}, {INT64_MAX, 4}, 0},
      {{2, 1}, {INT64_MIN, 4}, 399},
      {{3, 3}, {INT64_MAX, INT64_MAX}, 0},
      {{3, 1}, {INT64_MIN, 4}, 0},
      {{2, 2}, {400, -400}, 4},
      {{1, 1}, {4, 4}, UINT64_MAX},
      {{UINT64_MAX, 1}, {0, 0}, 0},
      {{1ULL << 33, 1ULL << 33}, {0, 0}, 0},
      {{1ULL << 61, 1}, {0, 0}, 0},
      {{1ULL << 62, 1}, {4, 4}, 0},
      {{5, 5}, {-80, -20}, 100},
  };
  mw_region *region = memory(400);
  mw_view view;
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    assert_fails(MW_EINVAL, mw_view_init_strided(&view, region, MW_INT32, 2, rows[i].shape, rows[i].strides, rows[i].offset, &why));
  static const uint64_t shape[9] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
  static const int64_t strides[9] = {4, 4, 4, 4, 4, 4, 4, 4, 4};
  assert_ok(mw_view_init_strided(&view, region, MW_INT32, 8, shape, strides, 0, &why));
  assert_fails(MW_EINVAL, mw_view_init_strided(&view, region, MW_INT32, 9, shape, strides, 0, &why));
  assert_fails(MW_EINVAL, mw_view_init_strided(&view, region, MW_INT32, 0, shape, strides, 0, &why));
  assert_fails(MW_EINVAL, mw_view_init_strided(&view, region, MW_DTYPE_COUNT, 1, shape, strides, 0, &why));
  mw_region_close(region);
}

static void a_view_of_an_empty_region_is_empty(void **state) {
  (void)state;
  harness_write_file(harness_path("empty"), "", 0, 0600);
  mw_region *region;
  mw_view view;
  uint64_t place = 0;
  char byte = 77;
  assert_ok(mw_region_file(harness_path("empty"), 0, NULL, &why, &region));
  assert_ok(mw_view_init(&view, region, MW_INT8, 1, NULL, 0, &why));
  assert_ok(mw_view_take(&view, &place, 0, &byte, &why));
  assert_fails(MW_ERANGE, mw_view_take(&view, &place, 1, &byte, &why));
  assert_int_equal(byte, 77);
  mw_region_close(region);
}

/* What is made of an empty view is as usable as that, wherever it begins, and strides of any size are no matter. */
static void parts_of_an_empty_view_are_usable(void **state) {
  (void)state;
  mw_region *region = memory(40);
  mw_view view, part;
  assert_ok(mw_view_init(&view, region, MW_INT32, 2, (uint64_t[]){100, 0}, 40, &why));
  assert_ok(mw_view_select(&view, 0, 50, &why, &part));
  assert_ok(mw_view_check(&part, &why));
  assert_ok(mw_view_slice(&view, 0, 99, -2, 40, &why, &part));
  assert_ok(mw_view_check(&part, &why));
  int64_t strides[] = {INT64_MAX, INT64_MIN};
  assert_ok(mw_view_init_strided(&view, region, MW_INT32, 2, (uint64_t[]){100, 0}, strides, 0, &why));
  assert_ok(mw_view_slice(&view, 0, 3, 7, 10, &why, &part));
  assert_ok(mw_view_select(&part, 0, 9, &why, &part));
  assert_ok(mw_view_fill(&part, of_int(1), &why));
  mw_region_close(region);
}

/* An extent of 0 makes the others meaningless, however large: whatever is made of them must not overflow. */
static void an_empty_view_may_have_huge_extents(void **state) {
  (void)state;
  static const uint64_t shapes[][3] = {{0, 1ULL << 61, 1ULL << 61}, {1ULL << 63, 0, 1ULL << 63}, {UINT64_MAX, UINT64_MAX, 0}};
  mw_region *region = memory(400);
  for (int i = 0; i < 3; i++) {
    mw_view view, part;
    if (mw_view_init(&view, region, MW_FLOAT64, 3, shapes[i], 0, &why) != 0) continue; /* refused: fine as well */
    assert_int_equal(mw_view_count(&view), 0);
    for (int k = 0; k < 3; k++) {
      uint64_t last = shapes[i][k] - 1;
      (void)mw_view_slice(&view, k, last, INT64_MIN, 2, &why, &part);
      (void)mw_view_slice(&view, k, last, -(1LL << 60), 2, &why, &part);
      (void)mw_view_slice(&view, k, 0, INT64_MAX, 2, &why, &part);
      (void)mw_view_select(&view, k, last, &why, &part);
      assert_null(mw_view_element(&view, (uint64_t[]){last, last, last}));
    }
    assert_ok(mw_view_fill(&view, of_int(1), &why));
  }
  mw_region_close(region);
}

/* ---- slice, select, reshape */

static void a_slice_takes_start_step_and_count(void **state) {
  (void)state;
  mw_region *region = memory(4000);
  mw_view view = one_dimension(region, MW_INT32, 10), part;
  number(&view);
  assert_ok(mw_view_slice(&view, 0, 2, 1, 3, &why, &part));
  assert_values(&part, 3, (int32_t[]){2, 3, 4});
  assert_true(mw_view_is_dense(&part));
  assert_ok(mw_view_slice(&view, 0, 1, 3, 3, &why, &part));
  assert_values(&part, 3, (int32_t[]){1, 4, 7});
  assert_false(mw_view_is_dense(&part));
  assert_ok(mw_view_slice(&view, 0, 9, -1, 10, &why, &part));
  assert_values(&part, 10, (int32_t[]){9, 8, 7, 6, 5, 4, 3, 2, 1, 0});
  assert_ok(mw_view_slice(&part, 0, 8, -4, 3, &why, &part)); /* of a slice, into itself */
  assert_values(&part, 3, (int32_t[]){1, 5, 9});
  assert_int_equal(part.low, 4);
  assert_int_equal(part.end, 40);
  assert_ok(mw_view_slice(&view, 0, 5, 100, 1, &why, &part));
  assert_values(&part, 1, (int32_t[]){5});
  assert_ok(mw_view_slice(&view, 0, 10, 1, 0, &why, &part));
  assert_int_equal(mw_view_count(&part), 0);
  mw_region_close(region);
}

static void a_slice_that_leaves_the_view_is_refused(void **state) {
  (void)state;
  static const struct {
    uint64_t start;
    int64_t step;
    uint64_t count;
  } rows[] = {{0, 1, 11},          {1, 1, 10},         {10, 1, 1},
              {9, 2, 2},           {0, -1, 2},         {9, -1, 11},
              {3, -2, 3},          {UINT64_MAX, 1, 1}, {0, INT64_MAX, 2},
              {9, INT64_MIN, 2},   {0, 1, UINT64_MAX}, {0, 2, UINT64_MAX / 2},
              {5, -1, UINT64_MAX}, {11, 1, 0},         {0, INT64_MAX, UINT64_MAX},
              {9, INT64_MIN, 3}};
  mw_region *region = memory(4000);
  mw_view view = one_dimension(region, MW_INT32, 10), part, before;
  memset(&part, 0x5a, sizeof part);
  before = part;
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    assert_fails(MW_ERANGE, mw_view_slice(&view, 0, rows[i].start, rows[i].step, rows[i].count, &why, &part));
  assert_fails(MW_EINVAL, mw_view_slice(&view, 0, 0, 0, 1, &why, &part));
  assert_fails(MW_ERANGE, mw_view_slice(&view, 1, 0, 1, 1, &why, &part));
  assert_fails(MW_ERANGE, mw_view_slice(&view, -1, 0, 1, 1, &why, &part));
  assert_memory_equal(&part, &before, sizeof part);
  mw_region_close(region);
}

static void every_dimension_can_be_sliced(void **state) {
  (void)state;
  mw_region *region = memory(4000);
  mw_view view, part;
  const uint64_t shape[] = {3, 4};
  assert_ok(mw_view_init(&view, region, MW_INT32, 2, shape, 0, &why));
  number(&view);
  assert_ok(mw_view_slice(&view, 1, 3, -2, 2, &why, &part));
  assert_values(&part, 6, (int32_t[]){3, 1, 7, 5, 11, 9});
  assert_ok(mw_view_slice(&part, 0, 2, -2, 2, &why, &part));
  assert_values(&part, 4, (int32_t[]){11, 9, 3, 1});
  assert_int_equal(part.low, 4);
  assert_int_equal(part.end, 48);
  mw_region_close(region);
}

static void select_takes_a_dimension_away(void **state) {
  (void)state;
  mw_region *region = memory(4000);
  mw_view view, row, column;
  const uint64_t shape[] = {3, 4};
  assert_ok(mw_view_init(&view, region, MW_INT32, 2, shape, 0, &why));
  number(&view);
  assert_ok(mw_view_select(&view, 0, 1, &why, &row));
  assert_int_equal(row.ndim, 1);
  assert_values(&row, 4, (int32_t[]){4, 5, 6, 7});
  assert_ok(mw_view_select(&view, 1, 3, &why, &column));
  assert_values(&column, 3, (int32_t[]){3, 7, 11});
  assert_fails(MW_ERANGE, mw_view_select(&view, 0, 3, &why, &row));
  assert_fails(MW_ERANGE, mw_view_select(&view, 2, 0, &why, &row));
  assert_fails(MW_ERANGE, mw_view_select(&view, -1, 0, &why, &row));
  assert_fails(MW_ERANGE, mw_view_select(&view, 0, UINT64_MAX, &why, &row));
  assert_fails(MW_EINVAL, mw_view_select(&column, 0, 0, &why, &row));
  mw_region_close(region);
}

static void reshape_keeps_the_elements(void **state) {
  (void)state;
  if (!is_aligned()) return;
  mw_region *region = memory(4000);
  mw_view view = one_dimension(region, MW_INT32, 12), other;
  number(&view);
  const uint64_t shape[] = {2, 3, 2};
  assert_ok(mw_view_reshape(&view, 3, shape, &why, &other));
  assert_int_equal(other.strides[0], 24);
  assert_int_equal(*(int32_t *)mw_view_element(&other, (uint64_t[]){1, 2, 0}), 10);
  const uint64_t flat[] = {12};
  assert_ok(mw_view_reshape(&other, 1, flat, &why, &other));
  assert_values(&other, 12, (int32_t[]){0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
  mw_region_close(region);
}

static void reshape_refuses_another_count_or_a_gap(void **state) {
  (void)state;
  mw_region *region = memory(4000);
  mw_view view = one_dimension(region, MW_INT32, 12), other, odd;
  const uint64_t shapes[][2] = {{3, 3}, {0, 12}, {UINT64_MAX, 12}, {1ULL << 62, 1ULL << 62}, {13, 1}};
  for (int i = 0; i < 5; i++) assert_fails(MW_EINVAL, mw_view_reshape(&view, 2, shapes[i], &why, &other));
  assert_fails(MW_EINVAL, mw_view_reshape(&view, 0, shapes[0], &why, &other));
  assert_fails(MW_EINVAL, mw_view_reshape(&view, 9, shapes[0], &why, &other));
  assert_ok(mw_view_slice(&view, 0, 0, 2, 6, &why, &odd));
  const uint64_t six[] = {2, 3};
  assert_fails(MW_EINVAL, mw_view_reshape(&odd, 2, six, &why, &other));
  assert_ok(mw_view_slice(&view, 0, 11, -1, 12, &why, &odd));
  const uint64_t twelve[] = {3, 4};
  assert_fails(MW_EINVAL, mw_view_reshape(&odd, 2, twelve, &why, &other));
  mw_region_close(region);
}

/* ---- elements */

static void elements_are_found_by_index(void **state) {
  (void)state;
  if (!is_aligned()) return;
  mw_region *region = memory(4000);
  mw_view view = one_dimension(region, MW_INT32, 10), odd;
  number(&view);
  for (uint64_t i = 0; i < 10; i++) assert_ptr_equal(mw_view_at(&view, i), (int32_t *)mw_region_data(region) + i);
  assert_null(mw_view_at(&view, 10));
  assert_null(mw_view_at(&view, UINT64_MAX));
  assert_ok(mw_view_slice(&view, 0, 8, -3, 3, &why, &odd));
  assert_int_equal(*(int32_t *)mw_view_at(&odd, 2), 2);
  assert_null(mw_view_at(&odd, 3));
  mw_view grid;
  const uint64_t shape[] = {2, 5};
  assert_ok(mw_view_reshape(&view, 2, shape, &why, &grid));
  assert_int_equal(*(int32_t *)mw_view_element(&grid, (uint64_t[]){1, 4}), 9);
  assert_null(mw_view_element(&grid, (uint64_t[]){2, 0}));
  assert_null(mw_view_element(&grid, (uint64_t[]){0, 5}));
  assert_null(mw_view_element(&grid, (uint64_t[]){UINT64_MAX, 0}));
  assert_null(mw_view_at(&grid, 0)); /* which row's? */
  mw_region_close(region);
}

/* ---- fill, read, write, copy */

static void fill_sets_every_element_and_no_other_byte(void **state) {
  (void)state;
  for (int dtype = 0; dtype < MW_DTYPE_COUNT; dtype++) {
    mw_region *region = memory(1000);
    size_t size = mw_dtype_size((mw_dtype)dtype);
    mw_view view, part;
    const uint64_t count = 50;
    assert_ok(mw_view_init(&view, region, (mw_dtype)dtype, 1, &count, 3, &why));
    assert_ok(mw_view_slice(&view, 0, 40, -2, 20, &why, &part));
    assert_ok(mw_view_fill(&part, of_int(1), &why));
    const uint8_t *bytes = mw_region_data(region);
    for (uint64_t i = 0; i < 1000; i++) {
      bool inside = i >= 3 + 2 * size && i < 3 + 41 * size && ((i - 3) / size) % 2 == 0;
      if (!inside) assert_int_equal(bytes[i], 0);
    }
    for (uint64_t i = 0; i < 20; i++) {
      mw_value value = mw_dtype_load((mw_dtype)dtype, mw_view_at(&part, i));
      assert_true(value.kind == MW_VALUE_FLOAT ? value.as.f == 1.0 : value.as.u == 1);
    }
    mw_region_close(region);
  }
}

static void a_value_that_does_not_fit_fills_nothing(void **state) {
  (void)state;
  mw_region *region = memory(100);
  mw_view view = one_dimension(region, MW_UINT8, 100), bools = one_dimension(region, MW_BOOL, 100);
  assert_ok(mw_view_fill(&view, of_int(7), &why));
  assert_fails(MW_EOVERFLOW, mw_view_fill(&view, of_int(256), &why));
  assert_fails(MW_EOVERFLOW, mw_view_fill(&view, of_int(-1), &why));
  assert_fails(MW_EINVAL, mw_view_fill(&view, of_float(1.5), &why));
  assert_fails(MW_EOVERFLOW, mw_view_fill(&bools, of_int(2), &why));
  for (int i = 0; i < 100; i++) assert_int_equal(((uint8_t *)mw_region_data(region))[i], 7);
  mw_region_close(region);
}

static void read_and_write_need_the_exact_size(void **state) {
  (void)state;
  if (!is_aligned()) return;
  mw_region *region = memory(100);
  mw_view view = one_dimension(region, MW_INT32, 10);
  int32_t buffer[20];
  static const uint64_t sizes[] = {0, 39, 41, 80, UINT64_MAX};
  memset(buffer, 0x11, sizeof buffer);
  for (int i = 0; i < 5; i++) {
    assert_fails(MW_EINVAL, mw_view_read(&view, buffer, sizes[i], &why));
    assert_fails(MW_EINVAL, mw_view_write(&view, buffer, sizes[i], &why));
  }
  assert_int_equal(buffer[0], 0x11111111);
  assert_int_equal(*(int32_t *)mw_region_data(region), 0);
  mw_region_close(region);
}

static void what_is_written_may_lie_in_the_region_itself(void **state) {
  (void)state;
  mw_region *region = memory(400);
  mw_view all = one_dimension(region, MW_INT32, 20), reversed, part;
  number(&all);
  assert_ok(mw_view_slice(&all, 0, 9, -1, 10, &why, &reversed));
  assert_ok(mw_view_write(&reversed, mw_region_data(region), 40, &why));
  assert_values(&reversed, 10, (int32_t[]){0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
  number(&all);
  assert_ok(mw_view_slice(&all, 0, 1, 1, 10, &why, &part));
  assert_ok(mw_view_write(&part, mw_region_data(region), 40, &why));
  assert_values(&part, 10, (int32_t[]){0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
  number(&all);
  assert_ok(mw_view_slice(&all, 0, 0, 2, 10, &why, &part));
  assert_ok(mw_view_write(&part, (int32_t *)mw_region_data(region) + 5, 40, &why));
  assert_values(&part, 10, (int32_t[]){5, 6, 7, 8, 9, 10, 11, 12, 13, 14});
  mw_region_close(region);
}

static void copy_needs_the_same_dtype_and_shape(void **state) {
  (void)state;
  mw_region *region = memory(1000);
  const uint64_t shape[] = {2, 5};
  mw_view ten = one_dimension(region, MW_INT32, 10), nine = one_dimension(region, MW_INT32, 9), grid;
  mw_view unsigned_ten = one_dimension(region, MW_UINT32, 10), floats = one_dimension(region, MW_FLOAT32, 10);
  assert_ok(mw_view_init(&grid, region, MW_INT32, 2, shape, 0, &why));
  assert_fails(MW_EINVAL, mw_view_copy(&ten, &nine, &why));
  assert_fails(MW_EINVAL, mw_view_copy(&ten, &grid, &why));
  assert_fails(MW_EINVAL, mw_view_copy(&ten, &unsigned_ten, &why));
  assert_fails(MW_EINVAL, mw_view_copy(&ten, &floats, &why));
  mw_region_close(region);
}

static void a_copy_onto_itself_reversed_is_a_reversal(void **state) {
  (void)state;
  mw_region *region = memory(1000);
  mw_view view = one_dimension(region, MW_INT32, 10), reversed, shifted;
  number(&view);
  assert_ok(mw_view_slice(&view, 0, 9, -1, 10, &why, &reversed));
  assert_ok(mw_view_copy(&view, &reversed, &why));
  assert_values(&view, 10, (int32_t[]){9, 8, 7, 6, 5, 4, 3, 2, 1, 0});
  number(&view);
  assert_ok(mw_view_slice(&view, 0, 1, 1, 9, &why, &shifted));
  assert_ok(mw_view_slice(&view, 0, 0, 1, 9, &why, &reversed));
  assert_ok(mw_view_copy(&shifted, &reversed, &why));
  assert_values(&view, 10, (int32_t[]){0, 0, 1, 2, 3, 4, 5, 6, 7, 8});
  mw_region_close(region);
}

/* The same memory twice in one address space: overlap is a matter of the object, not of the pointer. */
static void two_mappings_of_one_object_may_overlap(void **state) {
  (void)state;
  mw_region *one, *two;
  assert_ok(mw_region_create(harness_name("twice"), 4096, NULL, &why, &one));
  assert_ok(mw_region_attach(harness_name("twice"), NULL, &why, &two));
  assert_ok(mw_region_unlink(harness_name("twice"), &why));
  mw_view view = one_dimension(one, MW_INT32, 10), other = one_dimension(two, MW_INT32, 10), reversed;
  number(&view);
  assert_ok(mw_view_slice(&other, 0, 9, -1, 10, &why, &reversed));
  assert_ok(mw_view_copy(&view, &reversed, &why));
  assert_values(&view, 10, (int32_t[]){9, 8, 7, 6, 5, 4, 3, 2, 1, 0});
  mw_region_close(one);
  mw_region_close(two);
}

static void take_gathers(void **state) {
  (void)state;
  mw_region *region = memory(1000);
  mw_view view = one_dimension(region, MW_INT32, 10), reversed;
  int32_t buffer[5] = {-1, -1, -1, -1, -1};
  const uint64_t indices[] = {9, 0, 5, 5, 1}, bad[] = {0, 1, 10, 2, 3}, worse[] = {UINT64_MAX};
  number(&view);
  assert_fails(MW_ERANGE, mw_view_take(&view, bad, 5, buffer, &why));
  assert_non_null(strstr(why.reason, "10"));
  assert_fails(MW_ERANGE, mw_view_take(&view, worse, 1, buffer, &why));
  for (int i = 0; i < 5; i++) assert_int_equal(buffer[i], -1);
  assert_ok(mw_view_take(&view, indices, 5, buffer, &why));
  assert_memory_equal(buffer, ((int32_t[]){9, 0, 5, 5, 1}), sizeof buffer);
  assert_ok(mw_view_slice(&view, 0, 9, -1, 10, &why, &reversed));
  assert_ok(mw_view_take(&reversed, indices, 5, buffer, &why));
  assert_memory_equal(buffer, ((int32_t[]){0, 9, 4, 4, 8}), sizeof buffer);
  assert_ok(mw_view_take(&view, NULL, 0, NULL, &why));
  mw_view grid;
  const uint64_t shape[] = {2, 5};
  assert_ok(mw_view_reshape(&view, 2, shape, &why, &grid));
  assert_fails(MW_EINVAL, mw_view_take(&grid, indices, 1, buffer, &why));
  mw_region_close(region);
}

/* ---- sum, min, max, index, count_of, equals */

static void sums_of_integers_are_exact(void **state) {
  (void)state;
  if (!is_aligned()) return;
  mw_region *region = memory(8000);
  mw_view view = one_dimension(region, MW_INT64, 1000);
  mw_value sum;
  int64_t *data = mw_region_data(region);
  data[0] = INT64_MAX, data[1] = INT64_MAX, data[2] = -INT64_MAX; /* beyond 64 bits in between, within at the end */
  assert_ok(mw_view_sum(&view, &why, &sum));
  assert_int_equal(sum.kind, MW_VALUE_INT);
  assert_true(sum.as.i == INT64_MAX);
  data[3] = 1;
  assert_fails(MW_EOVERFLOW, mw_view_sum(&view, &why, &sum));
  data[0] = data[1] = INT64_MIN, data[2] = 0;
  assert_fails(MW_EOVERFLOW, mw_view_sum(&view, &why, &sum));
  mw_view large = one_dimension(region, MW_UINT64, 1000);
  memset(data, 0, 8000);
  data[5] = -1;
  assert_ok(mw_view_sum(&large, &why, &sum));
  assert_int_equal(sum.kind, MW_VALUE_UINT);
  assert_true(sum.as.u == UINT64_MAX);
  data[6] = 1;
  assert_fails(MW_EOVERFLOW, mw_view_sum(&large, &why, &sum));
  mw_region_close(region);
}

static void sums_of_small_integers_do_not_wrap(void **state) {
  (void)state;
  static const struct {
    mw_dtype dtype;
    int64_t value;
  } rows[] = {{MW_INT8, -128},    {MW_INT8, 127},        {MW_UINT8, 255},        {MW_INT16, -32768},
              {MW_UINT16, 65535}, {MW_INT32, INT32_MIN}, {MW_UINT32, UINT32_MAX}};
  mw_region *region = memory(400000);
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    mw_view view = one_dimension(region, rows[i].dtype, 100000);
    mw_value sum;
    assert_ok(mw_view_fill(&view, of_int(rows[i].value), &why));
    assert_ok(mw_view_sum(&view, &why, &sum));
    assert_true(sum.as.i == rows[i].value * 100000);
  }
  mw_region_close(region);
}

static void sums_of_bools_count_them(void **state) {
  (void)state;
  mw_region *region = memory(1000);
  mw_view view = one_dimension(region, MW_BOOL, 1000);
  mw_value sum;
  uint8_t *data = mw_region_data(region);
  data[0] = 1, data[500] = 200, data[999] = 1; /* whatever was stored, it is one true */
  assert_ok(mw_view_sum(&view, &why, &sum));
  assert_true(sum.kind != MW_VALUE_FLOAT && sum.as.u == 3);
  mw_region_close(region);
}

static void sums_of_floats_do_not_drift(void **state) {
  (void)state;
  if (!is_aligned()) return;
  mw_region *region = memory(8000000);
  mw_view view = one_dimension(region, MW_FLOAT64, 1000000);
  mw_value sum;
  assert_ok(mw_view_fill(&view, of_float(0.1), &why));
  assert_ok(mw_view_sum(&view, &why, &sum));
  assert_int_equal(sum.kind, MW_VALUE_FLOAT);
  assert_true(fabs(sum.as.f - 100000.0) <= 2e-10); /* added one by one it would be off by 1.3e-6 */
  double *data = mw_region_data(region);
  memset(data, 0, 8000000);
  data[0] = 1e16, data[500000] = 1, data[750000] = 1, data[999999] = -1e16; /* what is far apart cancels exactly */
  assert_ok(mw_view_sum(&view, &why, &sum));
  assert_true(sum.as.f == 2.0);
  data[0] = INFINITY, data[999999] = 0;
  assert_ok(mw_view_sum(&view, &why, &sum));
  assert_true(sum.as.f == INFINITY);
  data[1] = -INFINITY;
  assert_ok(mw_view_sum(&view, &why, &sum));
  assert_true(isnan(sum.as.f));
  data[0] = data[1] = DBL_MAX;
  assert_ok(mw_view_sum(&view, &why, &sum));
  assert_true(sum.as.f == INFINITY);
  mw_region_close(region);
}

static void nan_is_the_least_and_the_largest(void **state) {
  (void)state;
  static const mw_dtype dtypes[] = {MW_FLOAT16, MW_FLOAT32, MW_FLOAT64};
  for (int i = 0; i < 3; i++)
    for (int place = 0; place < 5; place++) {
      mw_region *region = memory(400);
      mw_view view = one_dimension(region, dtypes[i], 5);
      mw_value value;
      number(&view);
      assert_ok(mw_view_min(&view, &why, &value));
      assert_true(value.as.f == 0.0);
      assert_ok(mw_view_max(&view, &why, &value));
      assert_true(value.as.f == 4.0);
      assert_ok(mw_dtype_store(dtypes[i], mw_view_at(&view, (uint64_t)place), of_float(NAN), &why));
      assert_ok(mw_view_min(&view, &why, &value));
      assert_true(isnan(value.as.f));
      assert_ok(mw_view_max(&view, &why, &value));
      assert_true(isnan(value.as.f));
      mw_region_close(region);
    }
}

static void numbers_compare_by_value(void **state) {
  (void)state;
  static const struct {
    mw_dtype dtype;
    mw_value stored, sought;
    bool equal;
  } rows[] = {
      {MW_INT32, {MW_VALUE_INT, {.i = -1}}, {MW_VALUE_UINT, {.u = UINT64_MAX}}, false},
      {MW_INT64, {MW_VALUE_INT, {.i = -1}}, {MW_VALUE_UINT, {.u = UINT64_MAX}}, false},
      {MW_UINT64, {MW_VALUE_UINT, {.u = UINT64_MAX}}, {MW_VALUE_INT, {.i = -1}}, false},
      {MW_UINT8, {MW_VALUE_UINT, {.u = 7}}, {MW_VALUE_FLOAT, {.f = 7.0}}, true},
      {MW_UINT8, {MW_VALUE_UINT, {.u = 7}}, {MW_VALUE_FLOAT, {.f = 7.5}}, false},
      {MW_UINT8, {MW_VALUE_UINT, {.u = 7}}, {MW_VALUE_INT, {.i = 263}}, false},
      {MW_INT64, {MW_VALUE_INT, {.i = (1LL << 53) + 1}}, {MW_VALUE_FLOAT, {.f = 9007199254740992.0}}, false},
      {MW_INT64, {MW_VALUE_INT, {.i = INT64_MAX}}, {MW_VALUE_FLOAT, {.f = 9223372036854775808.0}}, false},
      {MW_UINT64, {MW_VALUE_UINT, {.u = UINT64_MAX}}, {MW_VALUE_FLOAT, {.f = 18446744073709551616.0}}, false},
      {MW_FLOAT64, {MW_VALUE_FLOAT, {.f = 9007199254740992.0}}, {MW_VALUE_INT, {.i = (1LL << 53) + 1}}, false},
      {MW_FLOAT32, {MW_VALUE_FLOAT, {.f = 0.5}}, {MW_VALUE_FLOAT, {.f = 0.5}}, true},
      {MW_FLOAT32, {MW_VALUE_FLOAT, {.f = 0.1}}, {MW_VALUE_FLOAT, {.f = 0.1}}, false},
      {MW_FLOAT16, {MW_VALUE_FLOAT, {.f = -0.0}}, {MW_VALUE_INT, {.i = 0}}, true},
      {MW_FLOAT64, {MW_VALUE_FLOAT, {.f = NAN}}, {MW_VALUE_FLOAT, {.f = NAN}}, false},
      {MW_FLOAT64, {MW_VALUE_FLOAT, {.f = INFINITY}}, {MW_VALUE_FLOAT, {.f = INFINITY}}, true},
      {MW_BOOL, {MW_VALUE_BOOL, {.u = 1}}, {MW_VALUE_INT, {.i = 1}}, true},
      {MW_BOOL, {MW_VALUE_BOOL, {.u = 1}}, {MW_VALUE_FLOAT, {.f = 1.0}}, true},
      {MW_INT8, {MW_VALUE_INT, {.i = 1}}, {MW_VALUE_BOOL, {.u = 1}}, true},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    mw_region *region = memory(100);
    mw_view view = one_dimension(region, rows[i].dtype, 1);
    uint64_t place = 99, count = 99;
    assert_ok(mw_view_fill(&view, rows[i].stored, &why));
    assert_ok(mw_view_count_of(&view, rows[i].sought, &why, &count));
    assert_int_equal(count, rows[i].equal);
    if (rows[i].equal)
      assert_ok(mw_view_index(&view, rows[i].sought, 0, &why, &place));
    else
      assert_fails(MW_ENOENT, mw_view_index(&view, rows[i].sought, 0, &why, &place));
    assert_int_equal(place, rows[i].equal ? 0 : 99);
    mw_region_close(region);
  }
}

static void index_begins_at_start(void **state) {
  (void)state;
  mw_region *region = memory(100);
  mw_view view = one_dimension(region, MW_UINT8, 100), odd;
  uint8_t *data = mw_region_data(region);
  uint64_t place;
  data[3] = data[50] = data[99] = 9;
  assert_ok(mw_view_index(&view, of_int(9), 0, &why, &place));
  assert_int_equal(place, 3);
  assert_ok(mw_view_index(&view, of_int(9), 3, &why, &place));
  assert_int_equal(place, 3);
  assert_ok(mw_view_index(&view, of_int(9), 4, &why, &place));
  assert_int_equal(place, 50);
  assert_ok(mw_view_index(&view, of_int(9), 99, &why, &place));
  assert_int_equal(place, 99);
  assert_fails(MW_ENOENT, mw_view_index(&view, of_int(9), 100, &why, &place));
  assert_fails(MW_ENOENT, mw_view_index(&view, of_int(9), UINT64_MAX, &why, &place));
  assert_ok(mw_view_slice(&view, 0, 99, -7, 10, &why, &odd));
  assert_ok(mw_view_index(&odd, of_int(9), 1, &why, &place));
  assert_int_equal(place, 7);
  mw_view grid;
  const uint64_t shape[] = {10, 10};
  assert_ok(mw_view_reshape(&view, 2, shape, &why, &grid));
  assert_fails(MW_EINVAL, mw_view_index(&grid, of_int(9), 0, &why, &place));
  mw_region_close(region);
}

static void equals_compares_shape_and_values(void **state) {
  (void)state;
  mw_region *region = memory(1000), *other = memory(1000);
  mw_view ints = one_dimension(region, MW_INT32, 10), floats = one_dimension(other, MW_FLOAT64, 10), grid;
  bool equal = false;
  number(&ints);
  number(&floats);
  assert_ok(mw_view_equals(&ints, &floats, &why, &equal));
  assert_true(equal);
  assert_ok(mw_dtype_store(MW_FLOAT64, mw_view_at(&floats, 9), of_float(9.5), &why));
  assert_ok(mw_view_equals(&ints, &floats, &why, &equal));
  assert_false(equal);
  const uint64_t shape[] = {2, 5};
  assert_ok(mw_view_reshape(&ints, 2, shape, &why, &grid));
  assert_ok(mw_view_equals(&ints, &grid, &why, &equal));
  assert_false(equal);
  assert_ok(mw_dtype_store(MW_FLOAT64, mw_view_at(&floats, 3), of_float(NAN), &why));
  assert_ok(mw_view_equals(&floats, &floats, &why, &equal));
  assert_false(equal);
  mw_region_close(region);
  mw_region_close(other);
}

/* ---- the region goes or shrinks */

/* Calls on a view of ten int32, of which at least the last is gone. */
static void assert_all_fail(int status, const mw_view *view) {
  int32_t buffer[10];
  mw_value value;
  uint64_t place;
  bool equal;
  assert_fails(status, mw_view_check(view, &why));
  assert_null(mw_view_data(view));
  assert_null(mw_view_at(view, 9));
  assert_null(mw_view_element(view, (uint64_t[]){9}));
  assert_fails(status, mw_view_fill(view, of_int(1), &why));
  assert_fails(status, mw_view_read(view, buffer, sizeof buffer, &why));
  assert_fails(status, mw_view_write(view, buffer, sizeof buffer, &why));
  assert_fails(status, mw_view_copy(view, view, &why));
  assert_fails(status, mw_view_take(view, (uint64_t[]){0}, 1, buffer, &why));
  assert_fails(status, mw_view_sum(view, &why, &value));
  assert_fails(status, mw_view_min(view, &why, &value));
  assert_fails(status, mw_view_max(view, &why, &value));
  assert_fails(status, mw_view_index(view, of_int(1), 0, &why, &place));
  assert_fails(status, mw_view_count_of(view, of_int(1), &why, &place));
  assert_fails(status, mw_view_equals(view, view, &why, &equal));
}

static void a_closed_region_ends_its_views(void **state) {
  (void)state;
  mw_region *region = memory(1000);
  mw_view view = one_dimension(region, MW_INT32, 10), other;
  mw_region_hold(region);
  mw_region_close(region);
  assert_all_fail(MW_ECLOSED, &view);
  assert_fails(MW_ECLOSED, mw_view_init(&other, region, MW_INT32, 1, NULL, 0, &why));
  assert_fails(MW_ECLOSED, mw_view_init_strided(&other, region, MW_INT32, 1, (uint64_t[]){1}, (int64_t[]){4}, 0, &why));
  mw_region_drop(region);
}

static void a_region_that_became_too_small_ends_its_views(void **state) {
  (void)state;
  if (!region_kind_now()->resize) return;
  mw_region *region = memory(1000);
  mw_view view = one_dimension(region, MW_INT32, 10);
  assert_ok(mw_region_resize(region, 39, &why));
  assert_all_fail(MW_ERANGE, &view);
  assert_ok(mw_region_resize(region, 40, &why));
  assert_ok(mw_view_check(&view, &why));
  assert_ok(mw_view_fill(&view, of_int(3), &why));
  mw_region_close(region);
}

static void views_follow_a_region_that_grows(void **state) {
  (void)state;
  if (!region_kind_now()->resize) return;
  mw_region *region = memory(1000);
  mw_view view = one_dimension(region, MW_INT32, 10);
  number(&view);
  assert_ok(mw_region_resize(region, 100000000, &why));
  assert_ptr_equal(mw_view_data(&view), mw_region_data(region));
  assert_values(&view, 10, (int32_t[]){0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
  mw_region_close(region);
}

static void the_longest_name_of_a_call_is_whole_in_an_error(void **state) {
  (void)state;
  mw_region *region = memory(64);
  mw_view view = one_dimension(region, MW_UINT8, 64);
  int64_t old;
  assert_int_equal(mw_view_atomic_compare_exchange(&view, 0, 0, 1, &why, &old), MW_EINVAL);
  assert_string_equal(why.call, "View.atomic_compare_exchange");
  mw_region_close(region);
}

static const struct CMUnitTest tests[] = {
    test_on_each_writable_kind(a_view_describes_itself),
    test_on_each_writable_kind(without_a_shape_it_has_what_fits),
    test_on_each_writable_kind(it_has_1_to_8_dimensions),
    test_on_each_writable_kind(what_does_not_fit_is_refused),
    test_on_each_writable_kind(an_extent_of_0_is_an_empty_view),
    test_on_each_writable_kind(a_view_of_read_only_memory_is_read_only),
    test_on_each_writable_kind(strides_of_any_sign_are_possible),
    test_on_each_writable_kind(strides_that_lead_out_of_the_region_are_refused),
    cmocka_unit_test(a_view_of_an_empty_region_is_empty),
    test_on_each_writable_kind(parts_of_an_empty_view_are_usable),
    test_on_each_writable_kind(an_empty_view_may_have_huge_extents),
    test_on_each_writable_kind(a_slice_takes_start_step_and_count),
    test_on_each_writable_kind(a_slice_that_leaves_the_view_is_refused),
    test_on_each_writable_kind(every_dimension_can_be_sliced),
    test_on_each_writable_kind(select_takes_a_dimension_away),
    test_on_each_writable_kind(reshape_keeps_the_elements),
    test_on_each_writable_kind(reshape_refuses_another_count_or_a_gap),
    test_on_each_writable_kind(elements_are_found_by_index),
    test_on_each_writable_kind(fill_sets_every_element_and_no_other_byte),
    test_on_each_writable_kind(a_value_that_does_not_fit_fills_nothing),
    test_on_each_writable_kind(read_and_write_need_the_exact_size),
    test_on_each_writable_kind(what_is_written_may_lie_in_the_region_itself),
    test_on_each_writable_kind(copy_needs_the_same_dtype_and_shape),
    test_on_each_writable_kind(a_copy_onto_itself_reversed_is_a_reversal),
    test_on_each_writable_kind(two_mappings_of_one_object_may_overlap),
    test_on_each_writable_kind(take_gathers),
    test_on_each_writable_kind(sums_of_integers_are_exact),
    test_on_each_writable_kind(sums_of_small_integers_do_not_wrap),
    test_on_each_writable_kind(sums_of_bools_count_them),
    test_on_each_writable_kind(sums_of_floats_do_not_drift),
    test_on_each_writable_kind(nan_is_the_least_and_the_largest),
    test_on_each_writable_kind(numbers_compare_by_value),
    test_on_each_writable_kind(index_begins_at_start),
    test_on_each_writable_kind(equals_compares_shape_and_values),
    test_on_each_writable_kind(a_closed_region_ends_its_views),
    test_on_each_writable_kind(a_region_that_became_too_small_ends_its_views),
    test_on_each_writable_kind(views_follow_a_region_that_grows),
    test_on_each_writable_kind(the_longest_name_of_a_call_is_whole_in_an_error),
};

HARNESS_MAIN(tests)
