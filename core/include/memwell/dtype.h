/* The twelve element types, in the machine's byte order, and single values of any of them.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_DTYPE_H
#define MEMWELL_DTYPE_H

#include <stddef.h>
#include <stdint.h>

#include "memwell/export.h"
#include "memwell/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* X(code, name, struct code, numpy kind, size in bytes) */
#define MW_DTYPE_MAP(X)              \
  X(INT8, "int8", 'b', 'i', 1)       \
  X(UINT8, "uint8", 'B', 'u', 1)     \
  X(INT16, "int16", 'h', 'i', 2)     \
  X(UINT16, "uint16", 'H', 'u', 2)   \
  X(INT32, "int32", 'i', 'i', 4)     \
  X(UINT32, "uint32", 'I', 'u', 4)   \
  X(INT64, "int64", 'q', 'i', 8)     \
  X(UINT64, "uint64", 'Q', 'u', 8)   \
  X(FLOAT16, "float16", 'e', 'f', 2) \
  X(FLOAT32, "float32", 'f', 'f', 4) \
  X(FLOAT64, "float64", 'd', 'f', 8) \
  X(BOOL, "bool", '?', 'b', 1)

typedef enum mw_dtype {
#define MW__DTYPE_CODE(code, name, letter, kind, size) MW_##code,
  MW_DTYPE_MAP(MW__DTYPE_CODE)
#undef MW__DTYPE_CODE
} mw_dtype;

#define MW_DTYPE_COUNT 12

/* One element's value, wide enough for every dtype. Loading gives the kind that the dtype has: MW_VALUE_INT for signed integers,
 * MW_VALUE_UINT for unsigned ones, MW_VALUE_FLOAT, MW_VALUE_BOOL (in u: 0 or 1). */
typedef enum mw_value_kind { MW_VALUE_INT, MW_VALUE_UINT, MW_VALUE_FLOAT, MW_VALUE_BOOL } mw_value_kind;
typedef struct mw_value {
  mw_value_kind kind;
  union {
    int64_t i;
    uint64_t u;
    double f;
  } as;
} mw_value;

/* Read a dtype from its name ("float64"), a struct code ("d", with "@", "=" or the machine's own order before it) or a numpy
 * typestring ("<f8", "|u1"). As in Python's struct, "l" and "L" have 8 bytes on their own and 4 after "=" or "<".
 *
 * Returns 0, or
 *   MW_EINVAL  the text names no dtype, or one in the other byte order; the reason lists what there is
 * Threads, fork, signals: safe. */
MW_API int mw_dtype_parse(const char *text, mw_error *error, mw_dtype *out_dtype);

/* The name ("float64"), the struct code as a string ("d"), and the size of one element in bytes. A number that is no dtype gives
 * NULL, NULL and 0.
 * Ownership: constant strings. Threads, fork, signals: safe. */
MW_API const char *mw_dtype_name(mw_dtype dtype);
MW_API const char *mw_dtype_format(mw_dtype dtype);
MW_API size_t mw_dtype_size(mw_dtype dtype);

/* The kind of value that mw_dtype_load gives for this dtype. Threads, fork, signals: safe. */
MW_API mw_value_kind mw_dtype_kind(mw_dtype dtype);

/* Read one element. `element` needs no alignment. A bool that is not 0 is 1, whatever was stored.
 * Threads: safe; the read is not atomic. Fork, signals: safe. */
MW_API mw_value mw_dtype_load(mw_dtype dtype, const void *element);

/* Write one element, converted to the dtype: integers exactly or not at all, floats rounded to nearest even. `element` needs no
 * alignment.
 *
 * Returns 0, or, with the element unchanged,
 *   MW_EOVERFLOW  the dtype cannot hold the value; a finite number that a float dtype would turn into infinity counts as such, and
 *                 so does a bool that is neither 0 nor 1
 *   MW_EINVAL     a float that is not integral, for an integer or bool dtype
 * Threads: safe; the write is not atomic. Fork, signals: safe. */
MW_API int mw_dtype_store(mw_dtype dtype, void *element, mw_value value, mw_error *error);

#ifdef __cplusplus
}
#endif
#endif
