/* Between Python's values and the core's.
 *
 * The functions that read an argument are alike: `call` and `argument` are what the error message names, `value` is what the caller
 * gave, and NULL, an argument not given, leaves *out as it was. They return false with an exception set. They may run Python
 * code (__index__ and the like), so a caller looks at its region only afterwards.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_PYTHON_CONVERT_H
#define MEMWELL_PYTHON_CONVERT_H

#include "module.h"

#include <stdbool.h>
#include <stdint.h>

#include "memwell/deadline.h"
#include "memwell/dtype.h"
#include "memwell/region.h"
#include "memwell/view.h"

/* A name, which must be a str, or a path, which may also be bytes or have __fspath__: a new bytes object in the file system's
 * encoding, without a NUL inside. NULL with an exception set. */
PyObject *mwpy_convert_name(const char *call, PyObject *value);
PyObject *mwpy_convert_path(const char *call, PyObject *value);

/* A size, an offset or a count: an integer, not a bool, from 0 to 2**63 - 1. None counts as not given for the _or_none form. */
bool mwpy_convert_size(const char *call, const char *argument, PyObject *value, uint64_t *out);
bool mwpy_convert_size_or_none(const char *call, const char *argument, PyObject *value, uint64_t *out);

/* Permissions, a semaphore's value: an integer as above. One that is too large for an unsigned int becomes the largest of them,
 * which the core refuses as well, and it says how much it takes. */
bool mwpy_convert_unsigned(const char *call, const char *argument, PyObject *value, unsigned *out);

/* A key of System V: 32 bits, signed as ftok gives it or unsigned as ipcs shows it. */
bool mwpy_convert_key(const char *call, PyObject *value, int32_t *out);

/* "attach", "create" or "open". */
bool mwpy_convert_how(const char *call, PyObject *value, mw_how *out);

/* Set `flag` in *flags where `value` is true. */
bool mwpy_convert_flag(PyObject *value, unsigned flag, unsigned *flags);

/* One byte: an integer from 0 to 255. OverflowError outside of that. */
bool mwpy_convert_byte(const char *call, PyObject *value, uint8_t *out);

/* A timeout in seconds: an int or a float, not a bool; infinity for None. The deadline starts to run with mwpy_deadline. */
bool mwpy_convert_timeout(const char *call, PyObject *value, double *out_seconds);
mw_deadline mwpy_deadline(double seconds);

/* A dtype: a str, or anything whose attribute `str` is one, as numpy's dtypes. */
bool mwpy_convert_dtype(const char *call, PyObject *value, mw_dtype *out);

/* A shape: an integer or a sequence of them. */
bool mwpy_convert_shape(const char *call, PyObject *value, int *out_ndim, uint64_t out_shape[MW_MAX_DIMENSIONS]);

/* A number to be stored as an element of this dtype. */
bool mwpy_convert_value(const char *call, mw_dtype dtype, PyObject *value, mw_value *out);

/* A number to be looked for. *out_possible is false for an integer that no element can equal, of whatever dtype. */
bool mwpy_convert_sought(const char *call, PyObject *value, mw_value *out, bool *out_possible);

/* An integer for one atomic element. A `word` is a value that the dtype has; `bits` are any integer, modulo what the
 * dtype can hold. Both go to the core as int64_t: values of uint64 above 2**63 - 1 bit for bit. */
bool mwpy_convert_word(const char *call, mw_dtype dtype, PyObject *value, int64_t *out);
bool mwpy_convert_bits(const char *call, mw_dtype dtype, PyObject *value, int64_t *out);

/* An index as Python counts it, negative from the end; -1 with IndexError set where it is none of [0, length). */
int64_t mwpy_convert_index(const char *call, PyObject *value, uint64_t length);

/* A bound of a search, as list.index takes it: negative from the end, clipped to the length. None counts as not given. */
bool mwpy_convert_bound(const char *call, PyObject *value, uint64_t length, uint64_t *out);

/* The same in two steps, for those who know the length only later, and not clipped, as bytes.find takes it: past the end is past
 * the end. */
bool mwpy_convert_bound_as_is(const char *call, PyObject *value, Py_ssize_t *out);
uint64_t mwpy_place_of_bound(Py_ssize_t bound, uint64_t length);

/* The core's values as Python objects; new references, NULL with an exception set. */
PyObject *mwpy_from_value(mw_value value);
PyObject *mwpy_from_element(mw_dtype dtype, const void *element);
PyObject *mwpy_from_word(mw_dtype dtype, int64_t word);
PyObject *mwpy_from_extents(int ndim, const uint64_t *extents);
PyObject *mwpy_from_strides(int ndim, const int64_t *strides);

/* The __dict__ of a subclass's object, or None: what a pickle keeps beside the object itself. New reference. */
PyObject *mwpy_attributes_of(PyObject *object);

#endif
