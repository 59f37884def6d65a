/* The dtypes as a table, reading their names, and moving single values in and out of memory.
 *
 * SPDX-License-Identifier: MIT */
#include "base/dtype.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/half.h"

typedef struct dtype_row {
  const char *name;
  char format[2];
  char kind;
  uint8_t size;
} dtype_row;

static const dtype_row rows[MW_DTYPE_COUNT] = {
#define ROW(code, name, letter, kind, size) {name, {letter, '\0'}, kind, size},
    MW_DTYPE_MAP(ROW)
#undef ROW
};

#define COUNT_ONE(code, name, letter, kind, size) +1
_Static_assert(0 MW_DTYPE_MAP(COUNT_ONE) == MW_DTYPE_COUNT, "MW_DTYPE_COUNT is the number of rows in MW_DTYPE_MAP");
#undef COUNT_ONE

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "a value's low bytes are taken to come first");

bool mw__dtype_is_valid(mw_dtype dtype) { return (unsigned)dtype < MW_DTYPE_COUNT; }

const char *mw_dtype_name(mw_dtype dtype) { return mw__dtype_is_valid(dtype) ? rows[dtype].name : NULL; }

const char *mw_dtype_format(mw_dtype dtype) { return mw__dtype_is_valid(dtype) ? rows[dtype].format : NULL; }

size_t mw_dtype_size(mw_dtype dtype) { return mw__dtype_is_valid(dtype) ? rows[dtype].size : 0; }

mw_value_kind mw_dtype_kind(mw_dtype dtype) {
  switch (rows[dtype].kind) {
    case 'i': return MW_VALUE_INT;
    case 'u': return MW_VALUE_UINT;
    case 'f': return MW_VALUE_FLOAT;
    default: return MW_VALUE_BOOL;
  }
}

/* ---- reading a dtype's text */

static bool find_name(const char *text, mw_dtype *out_dtype) {
  for (unsigned i = 0; i < MW_DTYPE_COUNT; i++) {
    if (strcmp(rows[i].name, text) != 0) continue;
    *out_dtype = (mw_dtype)i;
    return true;
  }
  return false;
}

/* "l" and "L" are C's long in the machine's own sizes, and four bytes in the standard ones. */
static char resolve_long(char letter, char order) {
  bool standard = order == '=' || order == '<' || order == '>' || order == '!';
  if (letter == 'l') return standard ? 'i' : 'q';
  if (letter == 'L') return standard ? 'I' : 'Q';
  return letter;
}

static bool find_struct_code(const char *text, char order, mw_dtype *out_dtype) {
  if (text[0] == '\0' || text[1] != '\0') return false;
  char letter = resolve_long(text[0], order);
  for (unsigned i = 0; i < MW_DTYPE_COUNT; i++) {
    if (rows[i].format[0] != letter) continue;
    *out_dtype = (mw_dtype)i;
    return true;
  }
  return false;
}

static bool find_typestring(const char *text, mw_dtype *out_dtype) {
  if (text[0] == '\0' || text[1] == '\0' || text[2] != '\0') return false;
  for (unsigned i = 0; i < MW_DTYPE_COUNT; i++) {
    if (rows[i].kind != text[0] || rows[i].size != text[1] - '0') continue;
    *out_dtype = (mw_dtype)i;
    return true;
  }
  return false;
}

static bool is_foreign_order(char order) { return order == '>' || order == '!'; }

int mw_dtype_parse(const char *text, mw_error *error, mw_dtype *out_dtype) {
  mw__call call = {"dtype", text, error};
  if (!text) return mw__fail(&call, MW_EINVAL, "the dtype is NULL");
  mw_dtype dtype;
  bool found = find_name(text, &dtype);
  if (!found) {
    char order = strchr("@=<>!|", text[0]) && text[0] ? text[0] : '@';
    const char *rest = order == text[0] ? text + 1 : text;
    found = find_struct_code(rest, order, &dtype) || find_typestring(rest, &dtype);
    if (found && is_foreign_order(order) && rows[dtype].size > 1)
      return mw__fail(&call, MW_EINVAL, "only the machine's own byte order is possible; view the bytes as uint8 and convert");
  }
  if (!found)
    return mw__fail(&call, MW_EINVAL,
                    "no such dtype; there are int8 to int64, uint8 to uint64, float16, float32, float64 and bool, "
                    "their struct codes (\"d\") and numpy typestrings (\"<f8\")");
  *out_dtype = dtype;
  return 0;
}

/* ---- single values */

static mw_value int_value(int64_t number) { return (mw_value){MW_VALUE_INT, {.i = number}}; }
static mw_value uint_value(uint64_t number) { return (mw_value){MW_VALUE_UINT, {.u = number}}; }
static mw_value float_value(double number) { return (mw_value){MW_VALUE_FLOAT, {.f = number}}; }
static mw_value half_value(uint16_t half) { return float_value(mw__half_to_double(half)); }

#define LOAD(type, wrap)                     \
  do {                                       \
    type number;                             \
    memcpy(&number, element, sizeof number); \
    return wrap(number);                     \
  } while (0)

mw_value mw_dtype_load(mw_dtype dtype, const void *element) {
  switch (dtype) {
    case MW_INT8: LOAD(int8_t, int_value);
    case MW_UINT8: LOAD(uint8_t, uint_value);
    case MW_INT16: LOAD(int16_t, int_value);
    case MW_UINT16: LOAD(uint16_t, uint_value);
    case MW_INT32: LOAD(int32_t, int_value);
    case MW_UINT32: LOAD(uint32_t, uint_value);
    case MW_INT64: LOAD(int64_t, int_value);
    case MW_UINT64: LOAD(uint64_t, uint_value);
    case MW_FLOAT16: LOAD(uint16_t, half_value);
    case MW_FLOAT32: LOAD(float, float_value);
    case MW_FLOAT64: LOAD(double, float_value);
    case MW_BOOL: break;
  }
  return (mw_value){MW_VALUE_BOOL, {.u = *(const uint8_t *)element != 0}};
}
#undef LOAD

static int overflow(const mw__call *call, mw_dtype dtype, mw_value value) {
  switch (value.kind) {
    case MW_VALUE_INT: return mw__fail(call, MW_EOVERFLOW, "%s cannot hold %" PRId64, rows[dtype].name, value.as.i);
    case MW_VALUE_FLOAT: return mw__fail(call, MW_EOVERFLOW, "%s cannot hold %.17g", rows[dtype].name, value.as.f);
    default: return mw__fail(call, MW_EOVERFLOW, "%s cannot hold %" PRIu64, rows[dtype].name, value.as.u);
  }
}

/* Turn a float into the integer that it is. */
static int integral_value(const mw__call *call, mw_dtype dtype, mw_value *value) {
  double number = value->as.f;
  if (number >= 0x1p63 && number < 0x1p64) {
    *value = uint_value((uint64_t)number);
    return 0;
  }
  if (number >= -0x1p63 && number < 0x1p63 && (double)(int64_t)number == number) {
    *value = int_value((int64_t)number);
    return 0;
  }
  bool beyond = isfinite(number) && (number < -0x1p63 || number >= 0x1p64); /* where every double is an integer */
  if (beyond) return overflow(call, dtype, *value);
  return mw__fail(call, MW_EINVAL, "%s holds integers, and %.17g is none", rows[dtype].name, number);
}

static int store_signed(const mw__call *call, mw_dtype dtype, void *element, mw_value value) {
  int64_t limit = INT64_MAX >> (64 - 8 * rows[dtype].size);
  if (value.kind != MW_VALUE_INT) {
    if (value.as.u > (uint64_t)limit) return overflow(call, dtype, value);
    value = int_value((int64_t)value.as.u);
  }
  if (value.as.i > limit || value.as.i < -limit - 1) return overflow(call, dtype, value);
  memcpy(element, &value.as.i, rows[dtype].size); /* little endian: the low bytes come first */
  return 0;
}

static int store_unsigned(const mw__call *call, mw_dtype dtype, void *element, mw_value value) {
  uint64_t limit = dtype == MW_BOOL ? 1 : UINT64_MAX >> (64 - 8 * rows[dtype].size);
  if (value.kind == MW_VALUE_INT && value.as.i < 0) return overflow(call, dtype, value);
  if (value.as.u > limit) return overflow(call, dtype, value);
  memcpy(element, &value.as.u, rows[dtype].size);
  return 0;
}

static double value_to_double(mw_value value) {
  if (value.kind == MW_VALUE_FLOAT) return value.as.f;
  return value.kind == MW_VALUE_INT ? (double)value.as.i : (double)value.as.u;
}

static float value_to_float(mw_value value) {
  if (value.kind == MW_VALUE_FLOAT) return (float)value.as.f;
  return value.kind == MW_VALUE_INT ? (float)value.as.i : (float)value.as.u;
}

static int store_float(const mw__call *call, mw_dtype dtype, void *element, mw_value value) {
  double number = value_to_double(value);
  if (dtype == MW_FLOAT64) {
    memcpy(element, &number, sizeof number);
  } else if (dtype == MW_FLOAT32) {
    float single = value_to_float(value);
    if (isinf(single) && !isinf(number)) return overflow(call, dtype, value);
    memcpy(element, &single, sizeof single);
  } else {
    uint16_t half = mw__half_from_double(number);
    if ((half & 0x7fff) == 0x7c00 && !isinf(number)) return overflow(call, dtype, value);
    memcpy(element, &half, sizeof half);
  }
  return 0;
}

int mw__dtype_store(const mw__call *call, mw_dtype dtype, void *element, mw_value value) {
  if (rows[dtype].kind == 'f') return store_float(call, dtype, element, value);
  if (value.kind == MW_VALUE_FLOAT) {
    int status = integral_value(call, dtype, &value);
    if (status) return status;
  }
  return rows[dtype].kind == 'i' ? store_signed(call, dtype, element, value) : store_unsigned(call, dtype, element, value);
}

int mw_dtype_store(mw_dtype dtype, void *element, mw_value value, mw_error *error) {
  mw__call call = {"dtype.store", mw_dtype_name(dtype), error};
  if (!mw__dtype_is_valid(dtype)) return mw__fail(&call, MW_EINVAL, "%d is no dtype", (int)dtype);
  return mw__dtype_store(&call, dtype, element, value);
}

/* Integers compare exactly: a double between would take 2^53 + 1 for 2^53. */
bool mw__value_equals(mw_value a, mw_value b) {
  if (a.kind == MW_VALUE_FLOAT && b.kind == MW_VALUE_FLOAT) return a.as.f == b.as.f;
  if (b.kind == MW_VALUE_FLOAT) return mw__value_equals(b, a);
  if (a.kind == MW_VALUE_FLOAT) {
    mw__call quiet = {"dtype", NULL, NULL};
    if (integral_value(&quiet, MW_INT64, &a)) return false;
  }
  bool a_negative = a.kind == MW_VALUE_INT && a.as.i < 0, b_negative = b.kind == MW_VALUE_INT && b.as.i < 0;
  return a_negative == b_negative && a.as.u == b.as.u;
}
