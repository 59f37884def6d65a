/* The twelve element types: their names, and single values in and out of memory. Half precision is tried on every one of its
 * 65,536 patterns.
 *
 * SPDX-License-Identifier: MIT */
#include <float.h>
#include <math.h>
#include <string.h>

#include "harness.h"

static const struct {
  mw_dtype dtype;
  const char *name;
  char letter;
  char kind;
  size_t size;
} table[] = {
#define ROW(code, name, letter, kind, size) {MW_##code, name, letter, kind, size},
    MW_DTYPE_MAP(ROW)
#undef ROW
};

static mw_value of_int(int64_t i) { return (mw_value){MW_VALUE_INT, {.i = i}}; }

static mw_value of_uint(uint64_t u) { return (mw_value){MW_VALUE_UINT, {.u = u}}; }

static mw_value of_float(double f) { return (mw_value){MW_VALUE_FLOAT, {.f = f}}; }

static mw_value of_bool(uint64_t u) { return (mw_value){MW_VALUE_BOOL, {.u = u}}; }

/* ---- names */

static mw_dtype parsed(const char *text) {
  mw_dtype dtype = (mw_dtype)99;
  assert_ok(mw_dtype_parse(text, &why, &dtype));
  return dtype;
}

static void there_are_twelve(void **state) {
  (void)state;
  assert_int_equal(sizeof table / sizeof table[0], MW_DTYPE_COUNT);
  for (int i = 0; i < MW_DTYPE_COUNT; i++) {
    char letter[2] = {table[i].letter, '\0'};
    assert_int_equal(table[i].dtype, i);
    assert_string_equal(mw_dtype_name(table[i].dtype), table[i].name);
    assert_string_equal(mw_dtype_format(table[i].dtype), letter);
    assert_int_equal(mw_dtype_size(table[i].dtype), table[i].size);
  }
}

static void other_numbers_are_no_dtypes(void **state) {
  (void)state;
  static const int others[] = {-1, 12, 13, 1000, INT32_MIN};
  for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
    assert_null(mw_dtype_name((mw_dtype)others[i]));
    assert_null(mw_dtype_format((mw_dtype)others[i]));
    assert_int_equal(mw_dtype_size((mw_dtype)others[i]), 0);
  }
}

static void names_letters_and_typestrings_are_read(void **state) {
  (void)state;
  for (int i = 0; i < MW_DTYPE_COUNT; i++) {
    static const char marks[] = "@=<";
    char text[8] = {table[i].letter, '\0'};
    assert_int_equal(parsed(table[i].name), i);
    assert_int_equal(parsed(text), i);
    for (int k = 0; marks[k] != '\0'; k++) {
      char marked[8] = {marks[k], table[i].letter, '\0'};
      assert_int_equal(parsed(marked), i);
    }
    char numpy[8] = {table[i].size == 1 ? '|' : '<', table[i].kind, (char)('0' + (char)table[i].size), '\0'};
    assert_int_equal(parsed(numpy), i);
    char foreign[8] = {'>', table[i].letter, '\0'};
    mw_dtype dtype = MW_INT8;
    if (table[i].size == 1) assert_int_equal(parsed(foreign), i); /* one byte has no order */
    if (table[i].size > 1) assert_fails(MW_EINVAL, mw_dtype_parse(foreign, &why, &dtype));
  }
}

static void the_letter_l_is_as_in_struct(void **state) {
  (void)state;
  assert_int_equal(parsed("l"), MW_INT64);
  assert_int_equal(parsed("L"), MW_UINT64);
  assert_int_equal(parsed("@l"), MW_INT64);
  assert_int_equal(parsed("=l"), MW_INT32);
  assert_int_equal(parsed("<l"), MW_INT32);
  assert_int_equal(parsed("<L"), MW_UINT32);
  assert_int_equal(parsed("=L"), MW_UINT32);
}

static void other_texts_are_refused(void **state) {
  (void)state;
  static const char *const texts[] = {"",    " ",    "int",    "float", "int128", "complex64", "Int8",     "INT8", "int8 ", " int8",
                                      "s",   "P",    "dd",     "2d",    "d2",     "O",         "S10",      "<U4",  "<f3",   "<f16",
                                      "<i0", "f8x",  "<",      "@",     "=",      "|",         ">",        "<b2",  "c16",   "M8",
                                      "<M8", "\xff", "float6", "bool8", "i4i4",   "x",         "float64,", "<<f8", "<=d"};
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    mw_dtype dtype = (mw_dtype)99;
    assert_fails(MW_EINVAL, mw_dtype_parse(texts[i], &why, &dtype));
    assert_int_equal(dtype, 99);
  }
}

static void the_other_byte_order_is_refused(void **state) {
  (void)state;
  static const char *const texts[] = {">f8", ">d", "!d", ">i2", ">u4", ">l", "!H", ">e"};
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    mw_dtype dtype;
    assert_fails(MW_EINVAL, mw_dtype_parse(texts[i], &why, &dtype));
  }
}

static void the_reason_lists_what_there_is(void **state) {
  (void)state;
  mw_dtype dtype;
  assert_fails(MW_EINVAL, mw_dtype_parse("complex", &why, &dtype));
  static const char *const names[] = {"int8", "uint64", "float16", "float32", "float64", "bool"};
  for (int i = 0; i < 6; i++) assert_non_null(strstr(why.reason, names[i]));
}

/* ---- integers */

static const struct {
  mw_dtype dtype;
  int64_t low;
  uint64_t high;
} ranges[] = {
    {MW_INT8, INT8_MIN, INT8_MAX},    {MW_UINT8, 0, UINT8_MAX},   {MW_INT16, INT16_MIN, INT16_MAX}, {MW_UINT16, 0, UINT16_MAX},
    {MW_INT32, INT32_MIN, INT32_MAX}, {MW_UINT32, 0, UINT32_MAX}, {MW_INT64, INT64_MIN, INT64_MAX}, {MW_UINT64, 0, UINT64_MAX},
};
enum { RANGES = sizeof ranges / sizeof ranges[0] };

static bool is_signed(mw_dtype dtype) { return mw_dtype_kind(dtype) == MW_VALUE_INT; }

/* Store into memory without alignment, and see that its neighbours and, on failure, the element itself did not change. */
static int store(mw_dtype dtype, mw_value value, mw_value *out_loaded) {
  unsigned char memory[24];
  memset(memory, 0xa5, sizeof memory);
  size_t size = mw_dtype_size(dtype);
  int result = mw_dtype_store(dtype, memory + 7, value, &why);
  for (size_t i = 0; i < sizeof memory; i++)
    if (i < 7 || i >= 7 + size || result != 0) assert_int_equal(memory[i], 0xa5);
  if (result == 0) *out_loaded = mw_dtype_load(dtype, memory + 7);
  return result;
}

static void assert_integer_round_trip(mw_dtype dtype, mw_value value) {
  mw_value loaded;
  assert_ok(store(dtype, value, &loaded));
  assert_int_equal(loaded.kind, mw_dtype_kind(dtype));
  assert_true(loaded.as.u == value.as.u); /* both are two's complement of the same number */
}

static void integers_fit_exactly(void **state) {
  (void)state;
  for (int i = 0; i < RANGES; i++) {
    assert_integer_round_trip(ranges[i].dtype, of_int(ranges[i].low));
    assert_integer_round_trip(ranges[i].dtype, of_int(0));
    assert_integer_round_trip(ranges[i].dtype, of_int(1));
    assert_integer_round_trip(ranges[i].dtype, of_uint(ranges[i].high));
    assert_integer_round_trip(ranges[i].dtype, of_uint(ranges[i].high - 1));
    if (is_signed(ranges[i].dtype)) assert_integer_round_trip(ranges[i].dtype, of_int(-1));
  }
}

static void integers_out_of_range_are_refused(void **state) {
  (void)state;
  mw_value loaded;
  for (int i = 0; i < RANGES; i++) {
    if (ranges[i].low > INT64_MIN) assert_fails(MW_EOVERFLOW, store(ranges[i].dtype, of_int(ranges[i].low - 1), &loaded));
    if (ranges[i].high < UINT64_MAX) assert_fails(MW_EOVERFLOW, store(ranges[i].dtype, of_uint(ranges[i].high + 1), &loaded));
    if (ranges[i].dtype != MW_INT64) assert_fails(MW_EOVERFLOW, store(ranges[i].dtype, of_int(INT64_MIN), &loaded));
    if (ranges[i].dtype != MW_UINT64) assert_fails(MW_EOVERFLOW, store(ranges[i].dtype, of_uint(UINT64_MAX), &loaded));
  }
}

static void integral_floats_are_integers(void **state) {
  (void)state;
  mw_value loaded;
  for (int i = 0; i < RANGES; i++) {
    assert_ok(store(ranges[i].dtype, of_float(100.0), &loaded));
    assert_true(loaded.as.u == 100);
    assert_ok(store(ranges[i].dtype, of_float(-0.0), &loaded));
    assert_true(loaded.as.u == 0);
    assert_ok(store(ranges[i].dtype, of_float((double)ranges[i].low), &loaded));
    assert_true(loaded.as.i == ranges[i].low);
  }
}

static void other_floats_are_no_integers(void **state) {
  (void)state;
  mw_value loaded;
  for (int i = 0; i < RANGES; i++) {
    assert_fails(MW_EINVAL, store(ranges[i].dtype, of_float(0.5), &loaded));
    assert_fails(MW_EINVAL, store(ranges[i].dtype, of_float(-1.5), &loaded));
    assert_fails(MW_EINVAL, store(ranges[i].dtype, of_float(DBL_MIN), &loaded));
    assert_true(store(ranges[i].dtype, of_float(NAN), &loaded) < 0);
    assert_true(store(ranges[i].dtype, of_float(INFINITY), &loaded) < 0);
    assert_true(store(ranges[i].dtype, of_float(-INFINITY), &loaded) < 0);
  }
}

static void integral_floats_out_of_range_are_refused(void **state) {
  (void)state;
  mw_value loaded;
  for (int i = 0; i < RANGES; i++) {
    double above = ldexp(1.0, (int)(8 * mw_dtype_size(ranges[i].dtype)) - is_signed(ranges[i].dtype));
    assert_fails(MW_EOVERFLOW, store(ranges[i].dtype, of_float(above), &loaded));
    double below = is_signed(ranges[i].dtype) ? nextafter(-above, -INFINITY) : -1.0;
    assert_fails(MW_EOVERFLOW, store(ranges[i].dtype, of_float(floor(below)), &loaded));
    assert_fails(MW_EOVERFLOW, store(ranges[i].dtype, of_float(1e300), &loaded));
    assert_ok(store(ranges[i].dtype, of_float(floor(nextafter(above, 0.0))), &loaded));
  }
}

static void bools_are_numbers(void **state) {
  (void)state;
  mw_value loaded;
  for (int i = 0; i < RANGES; i++) {
    assert_ok(store(ranges[i].dtype, of_bool(1), &loaded));
    assert_true(loaded.as.u == 1);
  }
  assert_ok(store(MW_FLOAT64, of_bool(1), &loaded));
  assert_true(loaded.as.f == 1.0);
  assert_ok(store(MW_FLOAT16, of_bool(0), &loaded));
  assert_true(loaded.as.f == 0.0);
}

/* ---- bool */

static void a_bool_is_0_or_1(void **state) {
  (void)state;
  mw_value loaded;
  static const struct {
    mw_value value;
    uint64_t result;
  } good[] = {{{MW_VALUE_INT, {.i = 0}}, 0},    {{MW_VALUE_INT, {.i = 1}}, 1},  {{MW_VALUE_UINT, {.u = 1}}, 1},
              {{MW_VALUE_BOOL, {.u = 0}}, 0},   {{MW_VALUE_BOOL, {.u = 1}}, 1}, {{MW_VALUE_FLOAT, {.f = 1.0}}, 1},
              {{MW_VALUE_FLOAT, {.f = 0.0}}, 0}};
  for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
    assert_ok(store(MW_BOOL, good[i].value, &loaded));
    assert_int_equal(loaded.kind, MW_VALUE_BOOL);
    assert_true(loaded.as.u == good[i].result);
  }
}

static void other_numbers_are_no_bools(void **state) {
  (void)state;
  mw_value loaded;
  assert_fails(MW_EOVERFLOW, store(MW_BOOL, of_int(2), &loaded));
  assert_fails(MW_EOVERFLOW, store(MW_BOOL, of_int(-1), &loaded));
  assert_fails(MW_EOVERFLOW, store(MW_BOOL, of_uint(UINT64_MAX), &loaded));
  assert_fails(MW_EOVERFLOW, store(MW_BOOL, of_float(2.0), &loaded));
  assert_fails(MW_EINVAL, store(MW_BOOL, of_float(0.5), &loaded));
  assert_true(store(MW_BOOL, of_float(NAN), &loaded) < 0);
}

static void every_byte_but_0_is_true(void **state) {
  (void)state;
  for (int i = 0; i < 256; i++) {
    unsigned char byte = (unsigned char)i;
    mw_value value = mw_dtype_load(MW_BOOL, &byte);
    assert_int_equal(value.kind, MW_VALUE_BOOL);
    assert_true(value.as.u == (i != 0));
  }
}

/* ---- floats */

static void floats_are_kept(void **state) {
  (void)state;
  mw_value loaded;
  static const double values[] = {0.0, 1.0, -1.5, 0.1, DBL_MAX, -DBL_MAX, DBL_MIN, 4.9e-324, INFINITY, -INFINITY};
  for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
    assert_ok(store(MW_FLOAT64, of_float(values[i]), &loaded));
    assert_int_equal(loaded.kind, MW_VALUE_FLOAT);
    assert_true(loaded.as.f == values[i]);
  }
  static const mw_dtype dtypes[] = {MW_FLOAT16, MW_FLOAT32, MW_FLOAT64};
  for (int i = 0; i < 3; i++) {
    assert_ok(store(dtypes[i], of_float(NAN), &loaded));
    assert_true(isnan(loaded.as.f));
    assert_ok(store(dtypes[i], of_float(-0.0), &loaded));
    assert_true(loaded.as.f == 0.0 && signbit(loaded.as.f));
    assert_ok(store(dtypes[i], of_float(-INFINITY), &loaded));
    assert_true(loaded.as.f == -INFINITY);
  }
}

static void float32_rounds_to_nearest(void **state) {
  (void)state;
  mw_value loaded;
  static const double values[] = {0.1, 1e-45, 7e-46, 1e-50, 16777217.0, 16777219.0, 3.4e38, FLT_MIN, -FLT_MAX};
  for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
    assert_ok(store(MW_FLOAT32, of_float(values[i]), &loaded));
    assert_true(loaded.as.f == (double)(float)values[i]);
  }
}

static void a_float_that_would_become_infinite_is_refused(void **state) {
  (void)state;
  mw_value loaded;
  assert_fails(MW_EOVERFLOW, store(MW_FLOAT32, of_float(3.5e38), &loaded));
  assert_fails(MW_EOVERFLOW, store(MW_FLOAT32, of_float(-DBL_MAX), &loaded));
  assert_fails(MW_EOVERFLOW, store(MW_FLOAT32, of_float(0x1.ffffffp127), &loaded)); /* half way: rounds up */
  assert_ok(store(MW_FLOAT32, of_float(0x1.fffffefffffffp127), &loaded));           /* just below: rounds down */
  assert_true(loaded.as.f == FLT_MAX);
  assert_fails(MW_EOVERFLOW, store(MW_FLOAT16, of_float(65520.0), &loaded));
  assert_fails(MW_EOVERFLOW, store(MW_FLOAT16, of_float(-1e10), &loaded));
  assert_fails(MW_EOVERFLOW, store(MW_FLOAT16, of_int(65520), &loaded));
  assert_fails(MW_EOVERFLOW, store(MW_FLOAT16, of_uint(UINT64_MAX), &loaded));
  assert_ok(store(MW_FLOAT16, of_float(nextafter(65520.0, 0.0)), &loaded));
  assert_true(loaded.as.f == 65504.0);
}

static void integers_become_floats_rounded_once(void **state) {
  (void)state;
  mw_value loaded;
  static const int64_t values[] = {0,
                                   -1,
                                   16777217,
                                   -16777219,
                                   INT64_MAX,
                                   INT64_MIN,
                                   INT64_MAX - 512,
                                   (1LL << 53) + 1,
                                   (1LL << 54) + 3,
                                   (1LL << 25) + 1,
                                   0x7fffff4000000001};
  for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
    assert_ok(store(MW_FLOAT64, of_int(values[i]), &loaded));
    assert_true(loaded.as.f == (double)values[i]);
    assert_ok(store(MW_FLOAT32, of_int(values[i]), &loaded));
    assert_true(loaded.as.f == (double)(float)values[i]); /* not by way of double, which would round twice */
  }
  assert_ok(store(MW_FLOAT64, of_uint(UINT64_MAX), &loaded));
  assert_true(loaded.as.f == 18446744073709551616.0);
}

/* ---- half precision: sign, 5 bits of exponent, 10 bits of fraction */

static double half_value(uint16_t bits) {
  int exponent = (bits >> 10) & 31, fraction = bits & 1023;
  double value = exponent == 31  ? (fraction != 0 ? NAN : INFINITY)
                 : exponent == 0 ? ldexp(fraction, -24)
                                 : ldexp(1024 + fraction, exponent - 25);
  return (bits & 0x8000) != 0 ? -value : value;
}

static double loaded_half(uint16_t bits) { return mw_dtype_load(MW_FLOAT16, &bits).as.f; }

static uint16_t stored_half(double value) {
  uint16_t bits = 0;
  int result = mw_dtype_store(MW_FLOAT16, &bits, of_float(value), NULL);
  return result == 0 ? bits : 0xffff; /* a NaN, which the callers do not expect */
}

static void every_half_is_loaded(void **state) {
  (void)state;
  for (unsigned bits = 0; bits < 65536; bits++) {
    double wanted = half_value((uint16_t)bits), got = loaded_half((uint16_t)bits);
    if (isnan(wanted))
      assert_true(isnan(got));
    else
      assert_true(got == wanted && !signbit(got) == !signbit(wanted));
  }
}

static void every_half_survives_a_round_trip(void **state) {
  (void)state;
  for (unsigned bits = 0; bits < 65536; bits++) {
    double value = half_value((uint16_t)bits);
    if (isnan(value)) continue;
    assert_int_equal(stored_half(value), bits);
  }
}

static void every_half_nan_stays_one(void **state) {
  (void)state;
  for (unsigned fraction = 1; fraction < 1024; fraction++) {
    uint16_t bits = (uint16_t)(0x7c00 | fraction), again = 0;
    assert_ok(mw_dtype_store(MW_FLOAT16, &again, mw_dtype_load(MW_FLOAT16, &bits), &why));
    assert_true((again & 0x7c00) == 0x7c00 && (again & 0x3ff) != 0);
  }
}

/* Between two neighbours: below the middle goes down, above it up, the middle itself to the even one. */
static void every_half_rounds_to_nearest_even(void **state) {
  (void)state;
  for (unsigned bits = 0; bits < 0x7bff; bits++) {
    double low = half_value((uint16_t)bits), high = half_value((uint16_t)(bits + 1)), middle = (low + high) / 2;
    unsigned even = (bits & 1) == 0 ? bits : bits + 1;
    assert_int_equal(stored_half(middle), even);
    assert_int_equal(stored_half(nextafter(middle, 0.0)), bits);
    assert_int_equal(stored_half(nextafter(middle, INFINITY)), bits + 1);
    assert_int_equal(stored_half(-middle), even | 0x8000);
  }
}

static void what_is_too_small_for_a_half_is_zero(void **state) {
  (void)state;
  assert_int_equal(stored_half(DBL_MIN), 0);
  assert_int_equal(stored_half(4.9e-324), 0);
  assert_int_equal(stored_half(-DBL_MIN), 0x8000);
  assert_int_equal(stored_half(0x1p-25), 0);
  assert_int_equal(stored_half(0x1.0000000000001p-25), 1);
}

static void no_alignment_is_needed(void **state) {
  (void)state;
  unsigned char memory[32];
  for (int i = 0; i < MW_DTYPE_COUNT; i++)
    for (size_t shift = 0; shift < 9; shift++) {
      assert_ok(mw_dtype_store(table[i].dtype, memory + shift, of_int(1), &why));
      mw_value value = mw_dtype_load(table[i].dtype, memory + shift);
      assert_true(value.kind == MW_VALUE_FLOAT ? value.as.f == 1.0 : value.as.u == 1);
    }
}

static void what_is_no_dtype_is_refused_by_every_call(void **state) {
  (void)state;
  mw_dtype dtype = MW_BOOL;
  int32_t element = 7;
  mw_region *region = NULL;
  mw_view view;
  uint64_t one = 1;
  assert_fails(MW_EINVAL, mw_dtype_parse(NULL, &why, &dtype));
  assert_int_equal(dtype, MW_BOOL);
  assert_fails(MW_EINVAL, mw_dtype_store((mw_dtype)MW_DTYPE_COUNT, &element, (mw_value){0}, &why));
  assert_int_equal(element, 7);
  assert_ok(mw_region_anonymous(16, NULL, &why, &region));
  assert_fails(MW_EINVAL, mw_view_init(&view, region, (mw_dtype)MW_DTYPE_COUNT, 1, &one, 0, &why));
  mw_region_close(region);
  mw_region_close(NULL);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(there_are_twelve),
    cmocka_unit_test(other_numbers_are_no_dtypes),
    cmocka_unit_test(names_letters_and_typestrings_are_read),
    cmocka_unit_test(the_letter_l_is_as_in_struct),
    cmocka_unit_test(other_texts_are_refused),
    cmocka_unit_test(the_other_byte_order_is_refused),
    cmocka_unit_test(the_reason_lists_what_there_is),
    cmocka_unit_test(integers_fit_exactly),
    cmocka_unit_test(integers_out_of_range_are_refused),
    cmocka_unit_test(integral_floats_are_integers),
    cmocka_unit_test(other_floats_are_no_integers),
    cmocka_unit_test(integral_floats_out_of_range_are_refused),
    cmocka_unit_test(bools_are_numbers),
    cmocka_unit_test(a_bool_is_0_or_1),
    cmocka_unit_test(other_numbers_are_no_bools),
    cmocka_unit_test(every_byte_but_0_is_true),
    cmocka_unit_test(floats_are_kept),
    cmocka_unit_test(float32_rounds_to_nearest),
    cmocka_unit_test(a_float_that_would_become_infinite_is_refused),
    cmocka_unit_test(integers_become_floats_rounded_once),
    cmocka_unit_test(every_half_is_loaded),
    cmocka_unit_test(every_half_survives_a_round_trip),
    cmocka_unit_test(every_half_nan_stays_one),
    cmocka_unit_test(every_half_rounds_to_nearest_even),
    cmocka_unit_test(what_is_too_small_for_a_half_is_zero),
    cmocka_unit_test(no_alignment_is_needed),
    cmocka_unit_test(what_is_no_dtype_is_refused_by_every_call),
};

HARNESS_MAIN(tests)
