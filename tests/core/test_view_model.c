/* Views against a naive model, at random but always the same: every dtype, 1 to 8 dimensions, slices with steps of both signs,
 * selections, overlapping copies.
 *
 * The model knows of each element only where it is: a list of offsets. It reads and writes them one by one.
 *
 * SPDX-License-Identifier: MIT */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "kinds.h"

enum { BYTES = 6000, MOST = 600, ROUNDS = 400 };

typedef struct model {
  mw_dtype dtype;
  int ndim;
  uint64_t shape[MW_MAX_DIMENSIONS];
  uint64_t count;
  uint64_t offsets[MOST]; /* in row-major order */
} model;

/* ---- numbers: xorshift64*, so that every run is the same */

static uint64_t state_of_random;

static uint64_t below(uint64_t limit) {
  if (limit == 0) harness_fail("there is no number below 0");
  state_of_random ^= state_of_random >> 12;
  state_of_random ^= state_of_random << 25;
  state_of_random ^= state_of_random >> 27;
  return (state_of_random * 0x2545f4914f6cdd1dULL >> 11) % limit;
}

/* ---- the model's geometry */

static uint64_t product(int ndim, const uint64_t *shape) {
  uint64_t count = 1;
  for (int i = 0; i < ndim; i++) count *= shape[i];
  return count;
}

/* The place of row-major number `n` in each dimension. */
static void places_of(int ndim, const uint64_t *shape, uint64_t n, uint64_t *places) {
  for (int i = ndim - 1; i >= 0; i--) {
    places[i] = n % shape[i];
    n /= shape[i];
  }
}

static uint64_t number_of(int ndim, const uint64_t *shape, const uint64_t *places) {
  uint64_t n = 0;
  for (int i = 0; i < ndim; i++) n = n * shape[i] + places[i];
  return n;
}

static void model_init(model *it, mw_dtype dtype, int ndim, const uint64_t *shape, uint64_t offset) {
  it->dtype = dtype;
  it->ndim = ndim;
  memcpy(it->shape, shape, (size_t)ndim * sizeof *shape);
  it->count = product(ndim, shape);
  for (uint64_t i = 0; i < it->count; i++) it->offsets[i] = offset + i * mw_dtype_size(dtype);
}

static void model_slice(model *it, int dimension, uint64_t start, int64_t step, uint64_t count) {
  model old = *it;
  it->shape[dimension] = count;
  it->count = product(it->ndim, it->shape);
  for (uint64_t i = 0; i < it->count; i++) {
    uint64_t places[MW_MAX_DIMENSIONS];
    places_of(it->ndim, it->shape, i, places);
    places[dimension] = start + places[dimension] * (uint64_t)step;
    it->offsets[i] = old.offsets[number_of(old.ndim, old.shape, places)];
  }
}

static void model_select(model *it, int dimension, uint64_t index) {
  model_slice(it, dimension, index, 1, 1);
  it->ndim--;
  for (int i = dimension; i < it->ndim; i++) it->shape[i] = it->shape[i + 1];
}

static mw_value model_get(const model *it, const uint8_t *bytes, uint64_t n) {
  return mw_dtype_load(it->dtype, bytes + it->offsets[n]);
}

/* ---- a view and its model, made together at random */

static void random_shape(int *ndim, uint64_t *shape) {
  uint64_t room = MOST;
  *ndim = 1 + (int)below(MW_MAX_DIMENSIONS);
  for (int i = 0; i < *ndim; i++) {
    shape[i] = 1 + below(room < 9 ? room : 9);
    room /= shape[i];
  }
  if (*ndim == 1) shape[0] = 1 + below(MOST);
}

static void slice_both(mw_view *view, model *it) {
  int dimension = (int)below((uint64_t)it->ndim);
  uint64_t extent = it->shape[dimension], start = below(extent);
  int64_t step = (int64_t)(1 + below(3)) * (below(2) != 0 ? 1 : -1);
  uint64_t most = step > 0 ? (extent - 1 - start) / (uint64_t)step + 1 : start / (uint64_t)-step + 1;
  uint64_t count = 1 + below(most);
  mw_view out;
  assert_ok(mw_view_slice(view, dimension, start, step, count, &why, &out));
  *view = out;
  model_slice(it, dimension, start, step, count);
}

static void select_both(mw_view *view, model *it) {
  if (it->ndim < 2) return;
  int dimension = (int)below((uint64_t)it->ndim);
  uint64_t index = below(it->shape[dimension]);
  mw_view out;
  assert_ok(mw_view_select(view, dimension, index, &why, &out));
  *view = out;
  model_select(it, dimension, index);
}

static void make_both(mw_region *region, mw_dtype dtype, mw_view *view, model *it) {
  uint64_t shape[MW_MAX_DIMENSIONS];
  int ndim;
  random_shape(&ndim, shape);
  uint64_t size = product(ndim, shape) * mw_dtype_size(dtype), offset = below(BYTES - size + 1);
  assert_ok(mw_view_init(view, region, dtype, ndim, shape, offset, &why));
  model_init(it, dtype, ndim, shape, offset);
  for (uint64_t i = below(4); i > 0; i--) {
    if (below(4) == 0)
      select_both(view, it);
    else
      slice_both(view, it);
  }
}

static void scribble(mw_region *region) {
  uint8_t *bytes = mw_region_data(region);
  for (int i = 0; i < BYTES; i++) bytes[i] = (uint8_t)below(256);
}

/* Floats of random bits would be NaN too often, and sums of anything would overflow. */
static void scribble_small_numbers(mw_region *region, const model *it) {
  uint8_t *bytes = mw_region_data(region);
  for (uint64_t i = 0; i < it->count; i++) {
    mw_value value = {MW_VALUE_UINT, {.u = below(it->dtype == MW_BOOL ? 2 : 8)}};
    assert_ok(mw_dtype_store(it->dtype, bytes + it->offsets[i], value, &why));
  }
}

/* A region of each kind that can be written to. */
static mw_region *regions[32];
static int region_count;

static void add_region(const region_kind *kind) {
  if (kind->writable) regions[region_count++] = region_of_kind(kind, BYTES, false);
}

/* Run a check on many views of every dtype, on regions of every kind in turn. */
static void on_many(void (*check)(mw_region *region, const mw_view *view, const model *it)) {
  static model it;
  state_of_random = 88172645463325252ULL;
  on_each_region_kind(add_region);
  for (int round = 0; round < ROUNDS; round++)
    for (int dtype = 0; dtype < MW_DTYPE_COUNT; dtype++) {
      mw_region *region = regions[(round + dtype) % region_count];
      mw_view view;
      make_both(region, (mw_dtype)dtype, &view, &it);
      scribble(region);
      check(region, &view, &it);
    }
  while (region_count > 0) mw_region_close(regions[--region_count]);
}

static bool same_bits(mw_value one, mw_value two) {
  return one.kind == two.kind && (one.as.u == two.as.u || (one.kind == MW_VALUE_FLOAT && isnan(one.as.f) && isnan(two.as.f)));
}

/* Numbers of one dtype, so of one kind. */
static bool is_equal(mw_value one, mw_value two) {
  return one.kind == MW_VALUE_FLOAT ? one.as.f == two.as.f : one.as.u == two.as.u;
}

static bool is_less(mw_value one, mw_value two) {
  if (one.kind == MW_VALUE_FLOAT) return one.as.f < two.as.f;
  return one.kind == MW_VALUE_INT ? one.as.i < two.as.i : one.as.u < two.as.u;
}

/* ---- the checks */

static void check_geometry(mw_region *region, const mw_view *view, const model *it) {
  const uint8_t *bytes = mw_region_data(region);
  uint64_t low = BYTES, end = 0, dense = it->offsets[0];
  bool is_dense = true;
  assert_int_equal(view->ndim, it->ndim);
  assert_int_equal(mw_view_count(view), it->count);
  assert_int_equal(mw_view_nbytes(view), it->count * mw_dtype_size(it->dtype));
  for (uint64_t i = 0; i < it->count; i++) {
    uint64_t places[MW_MAX_DIMENSIONS], offset = it->offsets[i];
    places_of(it->ndim, it->shape, i, places);
    assert_ptr_equal(mw_view_element(view, places), bytes + offset);
    if (it->ndim == 1) assert_ptr_equal(mw_view_at(view, i), bytes + offset);
    if (offset < low) low = offset;
    if (offset + mw_dtype_size(it->dtype) > end) end = offset + mw_dtype_size(it->dtype);
    is_dense = is_dense && offset == dense;
    dense += mw_dtype_size(it->dtype);
  }
  for (int i = 0; i < it->ndim; i++) assert_int_equal(view->shape[i], it->shape[i]);
  assert_int_equal(mw_view_is_dense(view), is_dense);
  assert_int_equal(view->offset, it->offsets[0]);
  assert_true(view->low <= low && end <= view->end && view->end <= BYTES);
  assert_ok(mw_view_check(view, &why));
}

static void the_geometry_is_the_models(void **state) {
  (void)state;
  on_many(check_geometry);
}

static void check_read(mw_region *region, const mw_view *view, const model *it) {
  const uint8_t *bytes = mw_region_data(region);
  uint8_t buffer[BYTES];
  size_t size = mw_dtype_size(it->dtype);
  assert_ok(mw_view_read(view, buffer, it->count * size, &why));
  for (uint64_t i = 0; i < it->count; i++) assert_memory_equal(buffer + i * size, bytes + it->offsets[i], size);
}

static void reading_copies_every_element(void **state) {
  (void)state;
  on_many(check_read);
}

static void check_write(mw_region *region, const mw_view *view, const model *it) {
  uint8_t wanted[BYTES], buffer[BYTES];
  size_t size = mw_dtype_size(it->dtype);
  memcpy(wanted, mw_region_data(region), BYTES);
  for (uint64_t i = 0; i < it->count * size; i++) buffer[i] = (uint8_t)below(256);
  for (uint64_t i = 0; i < it->count; i++) memcpy(wanted + it->offsets[i], buffer + i * size, size);
  assert_ok(mw_view_write(view, buffer, it->count * size, &why));
  assert_memory_equal(mw_region_data(region), wanted, BYTES);
}

static void writing_changes_every_element_and_no_other_byte(void **state) {
  (void)state;
  on_many(check_write);
}

static void check_fill(mw_region *region, const mw_view *view, const model *it) {
  uint8_t wanted[BYTES];
  mw_value value = {MW_VALUE_UINT, {.u = below(it->dtype == MW_BOOL ? 2 : 100)}};
  memcpy(wanted, mw_region_data(region), BYTES);
  for (uint64_t i = 0; i < it->count; i++) assert_ok(mw_dtype_store(it->dtype, wanted + it->offsets[i], value, &why));
  assert_ok(mw_view_fill(view, value, &why));
  assert_memory_equal(mw_region_data(region), wanted, BYTES);
}

static void filling_changes_every_element_and_no_other_byte(void **state) {
  (void)state;
  on_many(check_fill);
}

/* The source is a view of the same shape elsewhere in the region, so that the two often overlap. */
static void check_copy(mw_region *region, const mw_view *view, const model *it) {
  static model other;
  mw_view source;
  uint8_t old[BYTES], wanted[BYTES];
  size_t size = mw_dtype_size(it->dtype);
  uint64_t offset = below(BYTES - it->count * size + 1);
  assert_ok(mw_view_init(&source, region, it->dtype, it->ndim, it->shape, offset, &why));
  model_init(&other, it->dtype, it->ndim, it->shape, offset);
  int flipped = (int)below((uint64_t)it->ndim);
  mw_view flipped_source;
  assert_ok(mw_view_slice(&source, flipped, it->shape[flipped] - 1, -1, it->shape[flipped], &why, &flipped_source));
  model_slice(&other, flipped, it->shape[flipped] - 1, -1, it->shape[flipped]);
  memcpy(old, mw_region_data(region), BYTES);
  memcpy(wanted, old, BYTES);
  for (uint64_t i = 0; i < it->count; i++) memcpy(wanted + it->offsets[i], old + other.offsets[i], size);
  assert_ok(mw_view_copy(view, &flipped_source, &why));
  assert_memory_equal(mw_region_data(region), wanted, BYTES);
}

static void a_copy_is_as_if_the_source_were_saved_first(void **state) {
  (void)state;
  on_many(check_copy);
}

/* Between two regions: the other way of copying, which needs no care. */
static void check_copy_apart(mw_region *region, const mw_view *view, const model *it) {
  mw_region *elsewhere;
  mw_view source;
  uint8_t wanted[BYTES];
  size_t size = mw_dtype_size(it->dtype);
  if (below(8) != 0) return;
  assert_ok(mw_region_anonymous(BYTES, NULL, &why, &elsewhere));
  scribble(elsewhere);
  assert_ok(mw_view_init(&source, elsewhere, it->dtype, it->ndim, it->shape, 5, &why));
  memcpy(wanted, mw_region_data(region), BYTES);
  for (uint64_t i = 0; i < it->count; i++)
    memcpy(wanted + it->offsets[i], (uint8_t *)mw_region_data(elsewhere) + 5 + i * size, size);
  assert_ok(mw_view_copy(view, &source, &why));
  assert_memory_equal(mw_region_data(region), wanted, BYTES);
  mw_region_close(elsewhere);
}

static void a_copy_between_regions_is_exact(void **state) {
  (void)state;
  on_many(check_copy_apart);
}

static void check_take(mw_region *region, const mw_view *view, const model *it) {
  if (it->ndim != 1) return;
  uint64_t indices[50];
  uint8_t buffer[50 * 8];
  size_t size = mw_dtype_size(it->dtype);
  for (int i = 0; i < 50; i++) indices[i] = below(it->count);
  assert_ok(mw_view_take(view, indices, 50, buffer, &why));
  for (int i = 0; i < 50; i++)
    assert_memory_equal(buffer + (size_t)i * size, (uint8_t *)mw_region_data(region) + it->offsets[indices[i]], size);
}

static void taking_gathers_the_right_elements(void **state) {
  (void)state;
  on_many(check_take);
}

static void check_search(mw_region *region, const mw_view *view, const model *it) {
  const uint8_t *bytes = mw_region_data(region);
  if (below(2) != 0) scribble_small_numbers(region, it);
  mw_value value = model_get(it, bytes, below(it->count));
  uint64_t start = below(it->count + 1), count = 0, first = UINT64_MAX, got_count, got_first = UINT64_MAX;
  for (uint64_t i = it->count; i-- > 0;) {
    if (!is_equal(model_get(it, bytes, i), value)) continue;
    count++;
    if (i >= start) first = i;
  }
  assert_ok(mw_view_count_of(view, value, &why, &got_count));
  assert_int_equal(got_count, count);
  if (it->ndim != 1) return;
  assert_int_equal(mw_view_index(view, value, start, &why, &got_first), first == UINT64_MAX ? MW_ENOENT : 0);
  assert_int_equal(got_first, first);
}

static void searching_finds_what_is_there(void **state) {
  (void)state;
  on_many(check_search);
}

static void check_extremes(mw_region *region, const mw_view *view, const model *it) {
  const uint8_t *bytes = mw_region_data(region);
  mw_value least = model_get(it, bytes, 0), largest = least, got;
  bool has_nan = false;
  for (uint64_t i = 0; i < it->count; i++) {
    mw_value value = model_get(it, bytes, i);
    has_nan = has_nan || (value.kind == MW_VALUE_FLOAT && isnan(value.as.f));
    if (is_less(value, least)) least = value;
    if (is_less(largest, value)) largest = value;
  }
  if (has_nan) least.as.f = largest.as.f = NAN;
  assert_ok(mw_view_min(view, &why, &got));
  assert_true(same_bits(got, least) || is_equal(got, least)); /* -0.0 and 0.0 are both the least */
  assert_ok(mw_view_max(view, &why, &got));
  assert_true(same_bits(got, largest) || is_equal(got, largest));
}

static void the_extremes_are_right(void **state) {
  (void)state;
  on_many(check_extremes);
}

static void check_sum(mw_region *region, const mw_view *view, const model *it) {
  const uint8_t *bytes = mw_region_data(region);
  bool is_float = mw_dtype_kind(it->dtype) == MW_VALUE_FLOAT;
  if (is_float) scribble_small_numbers(region, it);
  __int128 wanted = 0;
  double wanted_float = 0;
  for (uint64_t i = 0; i < it->count; i++) {
    mw_value value = model_get(it, bytes, i);
    if (is_float)
      wanted_float += value.as.f;
    else
      wanted += value.kind == MW_VALUE_INT ? (__int128)value.as.i : (__int128)value.as.u;
  }
  mw_value sum;
  int result = mw_view_sum(view, &why, &sum);
  bool is_signed = mw_dtype_kind(it->dtype) == MW_VALUE_INT;
  bool fits = is_signed ? wanted >= INT64_MIN && wanted <= INT64_MAX : wanted <= UINT64_MAX;
  assert_int_equal(result, is_float || fits ? 0 : MW_EOVERFLOW);
  if (is_float)
    assert_true(sum.kind == MW_VALUE_FLOAT && sum.as.f == wanted_float);
  else if (result == 0)
    assert_true(sum.as.u == (uint64_t)wanted);
}

static void the_sum_is_exact(void **state) {
  (void)state;
  on_many(check_sum);
}

static void check_equals(mw_region *region, const mw_view *view, const model *it) {
  mw_region *elsewhere;
  mw_view other;
  bool equal;
  if (below(8) != 0) return;
  scribble_small_numbers(region, it);
  assert_ok(mw_region_anonymous(BYTES, NULL, &why, &elsewhere));
  assert_ok(mw_view_init(&other, elsewhere, MW_FLOAT64, it->ndim, it->shape, 0, &why));
  for (uint64_t i = 0; i < it->count; i++) {
    mw_value value = model_get(it, mw_region_data(region), i);
    assert_ok(mw_dtype_store(MW_FLOAT64, (double *)mw_region_data(elsewhere) + i, value, &why));
  }
  assert_ok(mw_view_equals(view, &other, &why, &equal));
  assert_true(equal);
  ((double *)mw_region_data(elsewhere))[below(it->count)] += 0.5;
  assert_ok(mw_view_equals(view, &other, &why, &equal));
  assert_false(equal);
  mw_region_close(elsewhere);
}

static void equality_is_by_value(void **state) {
  (void)state;
  on_many(check_equals);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_geometry_is_the_models),
    cmocka_unit_test(reading_copies_every_element),
    cmocka_unit_test(writing_changes_every_element_and_no_other_byte),
    cmocka_unit_test(filling_changes_every_element_and_no_other_byte),
    cmocka_unit_test(a_copy_is_as_if_the_source_were_saved_first),
    cmocka_unit_test(a_copy_between_regions_is_exact),
    cmocka_unit_test(taking_gathers_the_right_elements),
    cmocka_unit_test(searching_finds_what_is_there),
    cmocka_unit_test(the_extremes_are_right),
    cmocka_unit_test(the_sum_is_exact),
    cmocka_unit_test(equality_is_by_value),
};

HARNESS_MAIN(tests)
