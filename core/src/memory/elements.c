/* One loop for each thing to do, written once and made for every C type.
 *
 * Each loop is an inline function of the stride; it is made twice, for the stride that a dense run has, where the compiler can use
 * vectors, and for any other. Elements are loaded by memcpy, which is how C spells an access of any alignment.
 *
 * SPDX-License-Identifier: MIT */
#include "memory/elements.h"

#include <math.h>
#include <string.h>

#include "base/half.h"

/* X(dtypes' code, suffix, C type in memory, C type in registers, how to get from one to the other) */
#define SAME(x) (x)
#define TRUTH(x) ((x) != 0)
#define KINDS_OF_INTEGER(X)                   \
  X(INT8, int8, int8_t, int64_t, SAME)        \
  X(UINT8, uint8, uint8_t, uint64_t, SAME)    \
  X(INT16, int16, int16_t, int64_t, SAME)     \
  X(UINT16, uint16, uint16_t, uint64_t, SAME) \
  X(INT32, int32, int32_t, int64_t, SAME)     \
  X(UINT32, uint32, uint32_t, uint64_t, SAME) \
  X(INT64, int64, int64_t, int64_t, SAME)     \
  X(UINT64, uint64, uint64_t, uint64_t, SAME) \
  X(BOOL, truth, uint8_t, uint64_t, TRUTH)
#define KINDS_OF_FLOAT(X)                                   \
  X(FLOAT16, float16, uint16_t, double, mw__half_to_double) \
  X(FLOAT32, float32, float, double, SAME)                  \
  X(FLOAT64, float64, double, double, SAME)
#define KINDS(X) KINDS_OF_INTEGER(X) KINDS_OF_FLOAT(X)

#define ALWAYS_INLINE static inline __attribute__((always_inline))

#define DEFINE_LOAD(code, name, memory, wide, convert)                                    \
  ALWAYS_INLINE wide load_##name(const unsigned char *base, int64_t stride, uint64_t i) { \
    memory element;                                                                       \
    memcpy(&element, base + (int64_t)i * stride, sizeof element);                         \
    return (wide)convert(element);                                                        \
  }
KINDS(DEFINE_LOAD)

/* Call `loop` with a stride that the compiler knows where the run is dense. */
#define BY_STRIDE(size, run, loop, ...)                                                          \
  ((run).stride == (int64_t)(size) ? loop((run).base, (int64_t)(size), (run).count, __VA_ARGS__) \
                                   : loop((run).base, (run).stride, (run).count, __VA_ARGS__))

/* ---- filling and copying: by size, not by type */

#define SIZES(X) X(1) X(2) X(4) X(8)

#define DEFINE_FILL(size)                                                                                    \
  ALWAYS_INLINE void fill_##size(unsigned char *base, int64_t stride, uint64_t count, const void *element) { \
    for (uint64_t i = 0; i < count; i++) memcpy(base + (int64_t)i * stride, element, size);                  \
  }
SIZES(DEFINE_FILL)

void mw__elements_fill(mw__run run, size_t size, const void *element) {
  unsigned char copy[8]; /* in registers, not in memory that the loop might write to */
  memcpy(copy, element, size);
  switch (size) {
#define CASE(size) \
  case size: BY_STRIDE(size, run, fill_##size, copy); break;
    SIZES(CASE)
#undef CASE
  }
}

#define DEFINE_COPY(size)                                                                                                        \
  ALWAYS_INLINE void copy_##size(unsigned char *base, int64_t stride, uint64_t count, const unsigned char *from, int64_t step) { \
    for (uint64_t i = 0; i < count; i++) memcpy(base + (int64_t)i * stride, from + (int64_t)i * step, size);                     \
  }
SIZES(DEFINE_COPY)

void mw__elements_copy(mw__run run, const unsigned char *source, int64_t step, size_t size) {
  if (run.stride == (int64_t)size && step == (int64_t)size) {
    memmove(run.base, source, run.count * size);
    return;
  }
  switch (size) {
#define CASE(size) \
  case size: BY_STRIDE(size, run, copy_##size, source, step); break;
    SIZES(CASE)
#undef CASE
  }
}

void mw__elements_take(mw__run run, const uint64_t *indices, uint64_t count, size_t size, unsigned char *to) {
  switch (size) {
#define CASE(size)                                                                                                 \
  case size:                                                                                                       \
    for (uint64_t i = 0; i < count; i++) memcpy(to + i * size, run.base + (int64_t)indices[i] * run.stride, size); \
    break;
    SIZES(CASE)
#undef CASE
  }
}

/* ---- sums */

#define SUM_BLOCK 512 /* elements between two looks at the rounding error */
#define SUM_LANES 8

/* Blocks of integers fit into 64 bits but for the widest types, which are added one by one. */
#define DEFINE_SUM_INTEGER(code, name, memory, wide, convert)                                              \
  ALWAYS_INLINE void sum_##name(const unsigned char *base, int64_t stride, uint64_t count, mw__sum *sum) { \
    for (uint64_t i = 0; i < count;) {                                                                     \
      uint64_t end = count - i < SUM_BLOCK ? count : i + SUM_BLOCK;                                        \
      if (sizeof(memory) == 8) {                                                                           \
        __int128 block = 0;                                                                                \
        for (; i < end; i++) block += load_##name(base, stride, i);                                        \
        sum->integers += block;                                                                            \
      } else {                                                                                             \
        wide block = 0;                                                                                    \
        for (; i < end; i++) block += load_##name(base, stride, i);                                        \
        sum->integers += block;                                                                            \
      }                                                                                                    \
    }                                                                                                      \
  }
KINDS_OF_INTEGER(DEFINE_SUM_INTEGER)

/* Neumaier's step. Beside an infinity the error means nothing and would turn it into NaN. */
static void add_block(mw__sum *sum, double block) {
  double total = sum->floats + block;
  if (isfinite(total))
    sum->error += fabs(sum->floats) >= fabs(block) ? (sum->floats - total) + block : (block - total) + sum->floats;
  sum->floats = total;
}

#define DEFINE_SUM_FLOAT(code, name, memory, wide, convert)                                                              \
  ALWAYS_INLINE void sum_##name(const unsigned char *base, int64_t stride, uint64_t count, mw__sum *sum) {               \
    for (uint64_t i = 0; i < count;) {                                                                                   \
      uint64_t end = count - i < SUM_BLOCK ? count : i + SUM_BLOCK;                                                      \
      double lanes[SUM_LANES] = {0};                                                                                     \
      for (; i + SUM_LANES <= end; i += SUM_LANES)                                                                       \
        for (uint64_t k = 0; k < SUM_LANES; k++) lanes[k] += load_##name(base, stride, i + k);                           \
      for (; i < end; i++) lanes[0] += load_##name(base, stride, i);                                                     \
      add_block(sum, ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]))); \
    }                                                                                                                    \
  }
KINDS_OF_FLOAT(DEFINE_SUM_FLOAT)

void mw__elements_sum(mw__run run, mw_dtype dtype, mw__sum *sum) {
  switch (dtype) {
#define CASE(code, name, memory, wide, convert) \
  case MW_##code: BY_STRIDE(sizeof(memory), run, sum_##name, sum); break;
    KINDS(CASE)
#undef CASE
  }
}

bool mw__sum_value(const mw__sum *sum, mw_dtype dtype, mw_value *out_value) {
  if (mw_dtype_kind(dtype) == MW_VALUE_FLOAT) {
    double total = isfinite(sum->floats) ? sum->floats + sum->error : sum->floats;
    *out_value = (mw_value){MW_VALUE_FLOAT, {.f = total}};
    return true;
  }
  bool is_signed = mw_dtype_kind(dtype) == MW_VALUE_INT;
  if (sum->integers > (is_signed ? INT64_MAX : (__int128)UINT64_MAX) || sum->integers < (is_signed ? INT64_MIN : 0)) return false;
  *out_value = is_signed ? (mw_value){MW_VALUE_INT, {.i = (int64_t)sum->integers}}
                         : (mw_value){MW_VALUE_UINT, {.u = (uint64_t)sum->integers}};
  return true;
}

/* ---- extremes */

/* For floats `x < best || x != x` would do for NaN, but then a later number could displace it. */
#define DEFINE_EXTREME(verb, compare, name, wide)                                                          \
  ALWAYS_INLINE wide verb##_##name(const unsigned char *base, int64_t stride, uint64_t count, wide best) { \
    wide strange = 0;                                                                                      \
    for (uint64_t i = 0; i < count; i++) {                                                                 \
      wide x = load_##name(base, stride, i);                                                               \
      best = x compare best ? x : best;                                                                    \
      strange = x == x ? strange : x;                                                                      \
    }                                                                                                      \
    return strange == strange ? best : strange;                                                            \
  }
#define DEFINE_EXTREMES(code, name, memory, wide, convert) \
  DEFINE_EXTREME(min, <, name, wide)                       \
  DEFINE_EXTREME(max, >, name, wide)
KINDS(DEFINE_EXTREMES)

/* A value is the union's member that the dtype has; loads are wide already. */
#define MEMBER_int64_t(value) (value)->as.i
#define MEMBER_uint64_t(value) (value)->as.u
#define MEMBER_double(value) (value)->as.f

#define DEFINE_EXTREME_OF(verb)                                              \
  void mw__elements_##verb(mw__run run, mw_dtype dtype, mw_value *best) {    \
    if (mw_dtype_kind(dtype) == MW_VALUE_FLOAT && isnan(best->as.f)) return; \
    switch (dtype) { KINDS(CASE_##verb) }                                    \
  }
#define CASE_min(code, name, memory, wide, convert)                                        \
  case MW_##code:                                                                          \
    MEMBER_##wide(best) = BY_STRIDE(sizeof(memory), run, min_##name, MEMBER_##wide(best)); \
    break;
#define CASE_max(code, name, memory, wide, convert) \
  case MW_##code: MEMBER_##wide(best) = BY_STRIDE(sizeof(memory), run, max_##name, MEMBER_##wide(best)); break;
DEFINE_EXTREME_OF(min)
DEFINE_EXTREME_OF(max)

/* ---- equality */

#define DEFINE_SEARCH(code, name, memory, wide, convert)                                                                 \
  ALWAYS_INLINE uint64_t find_##name(const unsigned char *base, int64_t stride, uint64_t count, wide wanted) {           \
    uint64_t i = 0;                                                                                                      \
    while (i < count && load_##name(base, stride, i) != wanted) i++;                                                     \
    return i;                                                                                                            \
  }                                                                                                                      \
  ALWAYS_INLINE uint64_t count_##name(const unsigned char *base, int64_t stride, uint64_t count, wide wanted) {          \
    uint64_t found = 0;                                                                                                  \
    for (uint64_t i = 0; i < count; i++) found += load_##name(base, stride, i) == wanted;                                \
    return found;                                                                                                        \
  }                                                                                                                      \
  ALWAYS_INLINE bool equal_##name(const unsigned char *base, int64_t stride, uint64_t count, const unsigned char *other, \
                                  int64_t step) {                                                                        \
    uint64_t i = 0;                                                                                                      \
    while (i < count && load_##name(base, stride, i) == load_##name(other, step, i)) i++;                                \
    return i == count;                                                                                                   \
  }
KINDS(DEFINE_SEARCH)

uint64_t mw__elements_find(mw__run run, mw_dtype dtype, const void *element) {
  switch (dtype) {
#define CASE(code, name, memory, wide, convert) \
  case MW_##code: return BY_STRIDE(sizeof(memory), run, find_##name, load_##name(element, 0, 0));
    KINDS(CASE)
#undef CASE
  }
  return run.count;
}

uint64_t mw__elements_count(mw__run run, mw_dtype dtype, const void *element) {
  switch (dtype) {
#define CASE(code, name, memory, wide, convert) \
  case MW_##code: return BY_STRIDE(sizeof(memory), run, count_##name, load_##name(element, 0, 0));
    KINDS(CASE)
#undef CASE
  }
  return 0;
}

bool mw__elements_equal(mw__run run, mw__run other, mw_dtype dtype) {
  switch (dtype) {
#define CASE(code, name, memory, wide, convert) \
  case MW_##code: return BY_STRIDE(sizeof(memory), run, equal_##name, other.base, other.stride);
    KINDS(CASE)
#undef CASE
  }
  return false;
}
