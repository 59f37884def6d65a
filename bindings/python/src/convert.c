/* Conversions of single arguments and values. Main entries: mwpy_convert_size, mwpy_convert_value, mwpy_from_element.
 *
 * SPDX-License-Identifier: MIT */
#include "convert.h"

#include <math.h>
#include <string.h>

#include "errors.h"

static bool wrong_type(const char *call, const char *argument, const char *expected, PyObject *value) {
  PyObject *type = PyType_GetName(Py_TYPE(value));
  if (type != NULL) PyErr_Format(PyExc_TypeError, "%s: %s must be %s, not %U", call, argument, expected, type);
  Py_XDECREF(type);
  return false;
}

/* ------------------------------------------------------------------ names and paths */

PyObject *mwpy_convert_name(const char *call, PyObject *value) {
  if (!PyUnicode_Check(value)) {
    wrong_type(call, "the name", "a str", value);
    return NULL;
  }
  PyObject *bytes = PyUnicode_EncodeFSDefault(value);
  char *chars;
  if (bytes == NULL || PyBytes_AsStringAndSize(bytes, &chars, NULL) == 0) return bytes;
  Py_DECREF(bytes);
  return PyErr_Format(PyExc_ValueError, "%s(%R): a name cannot have a NUL inside", call, value);
}

PyObject *mwpy_convert_path(const char *call, PyObject *value) {
  PyObject *bytes;
  if (PyUnicode_FSConverter(value, &bytes)) return bytes;
  if (PyErr_ExceptionMatches(PyExc_ValueError) && (PyUnicode_Check(value) || PyBytes_Check(value)) &&
      !PyErr_ExceptionMatches(PyExc_UnicodeError)) {
    PyErr_Format(PyExc_ValueError, "%s(%R): a path cannot have a NUL inside", call, value);
  }
  return NULL;
}

/* ------------------------------------------------------------------ integers */

/* An int from what has __index__, but a bool, which here is nearly always a mistake. New reference. */
static PyObject *plain_integer(const char *call, const char *argument, PyObject *value) {
  if (PyBool_Check(value) || !PyIndex_Check(value)) {
    wrong_type(call, argument, "an integer", value);
    return NULL;
  }
  return PyNumber_Index(value);
}

/* The common part: an integer from 0 to 2**63 - 1. */
static bool convert_natural(const char *call, const char *argument, PyObject *value, long long *out) {
  PyObject *integer = plain_integer(call, argument, value);
  if (integer == NULL) return false;
  int overflow;
  long long number = PyLong_AsLongLongAndOverflow(integer, &overflow);
  if (overflow < 0 || (overflow == 0 && number < 0)) {
    PyErr_Format(PyExc_ValueError, "%s: %s must not be negative, but is %R", call, argument, integer);
  } else if (overflow > 0) {
    PyErr_Format(PyExc_ValueError, "%s: %s must be at most %lld, but is %R", call, argument, (long long)INT64_MAX, integer);
  } else {
    *out = number;
  }
  Py_DECREF(integer);
  return !PyErr_Occurred();
}

bool mwpy_convert_size(const char *call, const char *argument, PyObject *value, uint64_t *out) {
  long long number;
  if (value == NULL) return true;
  if (!convert_natural(call, argument, value, &number)) return false;
  *out = (uint64_t)number;
  return true;
}

bool mwpy_convert_size_or_none(const char *call, const char *argument, PyObject *value, uint64_t *out) {
  return value == Py_None || mwpy_convert_size(call, argument, value, out);
}

bool mwpy_convert_unsigned(const char *call, const char *argument, PyObject *value, unsigned *out) {
  long long number;
  if (value == NULL) return true;
  if (!convert_natural(call, argument, value, &number)) return false;
  *out = number < UINT32_MAX ? (unsigned)number : UINT32_MAX;
  return true;
}

bool mwpy_convert_key(const char *call, PyObject *value, int32_t *out) {
  PyObject *integer = plain_integer(call, "the key", value);
  if (integer == NULL) return false;
  int overflow;
  long long number = PyLong_AsLongLongAndOverflow(integer, &overflow);
  if (overflow != 0 || number < INT32_MIN || number > UINT32_MAX) {
    PyErr_Format(PyExc_OverflowError, "%s: the key has 32 bits, and %R has more", call, integer);
  } else {
    *out = (int32_t)(uint32_t)number;
  }
  Py_DECREF(integer);
  return !PyErr_Occurred();
}

bool mwpy_convert_how(const char *call, PyObject *value, mw_how *out) {
  static const char *const names[] = {[MW_ATTACH] = "attach", [MW_CREATE] = "create", [MW_OPEN] = "open"};
  if (value == NULL) return true;
  if (!PyUnicode_Check(value)) return wrong_type(call, "how", "a str", value);
  for (int i = MW_ATTACH; i <= MW_OPEN; i++) {
    if (PyUnicode_CompareWithASCIIString(value, names[i]) != 0) continue;
    *out = (mw_how)i;
    return true;
  }
  PyErr_Format(PyExc_ValueError, "%s: how is 'attach', 'create' or 'open', not %R", call, value);
  return false;
}

bool mwpy_convert_flag(PyObject *value, unsigned flag, unsigned *flags) {
  if (value == NULL) return true;
  int truth = PyObject_IsTrue(value);
  if (truth > 0) *flags |= flag;
  return truth >= 0;
}

bool mwpy_convert_byte(const char *call, PyObject *value, uint8_t *out) {
  if (value == NULL) return true;
  if (!PyIndex_Check(value)) return wrong_type(call, "a byte", "an integer from 0 to 255", value);
  PyObject *integer = PyNumber_Index(value);
  if (integer == NULL) return false;
  int overflow;
  long number = PyLong_AsLongAndOverflow(integer, &overflow);
  if (overflow != 0 || number < 0 || number > UINT8_MAX) {
    PyErr_Format(PyExc_OverflowError, "%s: a byte holds 0 to 255, not %R", call, integer);
  } else {
    *out = (uint8_t)number;
  }
  Py_DECREF(integer);
  return !PyErr_Occurred();
}

int64_t mwpy_convert_index(const char *call, PyObject *value, uint64_t length) {
  if (!PyIndex_Check(value)) {
    wrong_type(call, "an index", "an integer", value);
    return -1;
  }
  Py_ssize_t index = PyNumber_AsSsize_t(value, PyExc_IndexError);
  if (index == -1 && PyErr_Occurred()) return -1;
  int64_t place = index < 0 ? index + (int64_t)length : index;
  if (place >= 0 && place < (int64_t)length) return place;
  PyErr_Format(PyExc_IndexError, "%s: index %zd is out of range for %llu elements", call, index, (unsigned long long)length);
  return -1;
}

/* ------------------------------------------------------------------ timeouts */

static bool seconds_of_integer(PyObject *value, double *out_seconds) {
  PyObject *integer = PyNumber_Index(value);
  if (integer == NULL) return false;
  int overflow;
  long long number = PyLong_AsLongLongAndOverflow(integer, &overflow);
  Py_DECREF(integer);
  *out_seconds = overflow == 0 ? (double)number : overflow * (double)INFINITY;
  return true;
}

bool mwpy_convert_timeout(const char *call, PyObject *value, double *out_seconds) {
  if (value == NULL) return true;
  double seconds = INFINITY;
  if (PyFloat_Check(value)) {
    seconds = PyFloat_AsDouble(value);
  } else if (PyIndex_Check(value) && !PyBool_Check(value)) {
    if (!seconds_of_integer(value, &seconds)) return false;
  } else if (value != Py_None) {
    return wrong_type(call, "the timeout", "a number of seconds or None", value);
  }
  if (isnan(seconds) || seconds < 0) {
    PyErr_Format(PyExc_ValueError, "%s: the timeout must be 0 or more seconds, not %R", call, value);
    return false;
  }
  *out_seconds = seconds;
  return true;
}

mw_deadline mwpy_deadline(double seconds) { return mw_deadline_after(seconds); }

/* ------------------------------------------------------------------ dtypes and shapes */

static bool parse_dtype(const char *call, PyObject *text, mw_dtype *out) {
  Py_ssize_t length;
  const char *chars = PyUnicode_AsUTF8AndSize(text, &length);
  if (chars == NULL) return false;
  if (strlen(chars) != (size_t)length) {
    PyErr_Format(PyExc_ValueError, "%s: %R is no dtype", call, text);
    return false;
  }
  mw_error error;
  if (mw_dtype_parse(chars, &error, out) == 0) return true;
  PyErr_Format(PyExc_ValueError, "%s: dtype %R: %s", call, text, error.reason);
  return false;
}

bool mwpy_convert_dtype(const char *call, PyObject *value, mw_dtype *out) {
  if (value == NULL) return true;
  if (PyUnicode_Check(value)) return parse_dtype(call, value, out);
  PyObject *text = PyObject_GetAttrString(value, "str");
  if (text == NULL && !PyErr_ExceptionMatches(PyExc_AttributeError)) return false;
  bool done = false;
  if (text != NULL && PyUnicode_Check(text)) {
    done = parse_dtype(call, text, out);
  } else {
    PyErr_Clear();
    wrong_type(call, "the dtype", "a str, as \"float64\", or have an attribute str, as numpy's dtypes", value);
  }
  Py_XDECREF(text);
  return done;
}

static bool convert_extents(const char *call, PyObject *extents, int *out_ndim, uint64_t out_shape[MW_MAX_DIMENSIONS]) {
  Py_ssize_t ndim = PyTuple_Size(extents);
  if (ndim < 1 || ndim > MW_MAX_DIMENSIONS) {
    PyErr_Format(PyExc_ValueError, "%s: a shape has 1 to %d dimensions, not %zd", call, MW_MAX_DIMENSIONS, ndim);
    return false;
  }
  for (Py_ssize_t i = 0; i < ndim; i++) {
    if (!mwpy_convert_size(call, "an extent of the shape", PyTuple_GetItem(extents, i), &out_shape[i])) return false;
  }
  *out_ndim = (int)ndim;
  return true;
}

bool mwpy_convert_shape(const char *call, PyObject *value, int *out_ndim, uint64_t out_shape[MW_MAX_DIMENSIONS]) {
  if (PyIndex_Check(value)) {
    *out_ndim = 1;
    return mwpy_convert_size(call, "the shape", value, &out_shape[0]);
  }
  if (!PySequence_Check(value) || PyUnicode_Check(value)) {
    return wrong_type(call, "the shape", "an integer or a tuple of integers", value);
  }
  PyObject *extents = PySequence_Tuple(value);
  if (extents == NULL) return false;
  bool done = convert_extents(call, extents, out_ndim, out_shape);
  Py_DECREF(extents);
  return done;
}

/* ------------------------------------------------------------------ values */

/* An int of at most 64 bits; false without an exception where it has more. */
static bool value_of_integer(PyObject *integer, mw_value *out) {
  int overflow;
  long long number = PyLong_AsLongLongAndOverflow(integer, &overflow);
  if (overflow == 0) {
    *out = (mw_value){.kind = MW_VALUE_INT, .as.i = number};
    return true;
  }
  if (overflow < 0) return false;
  unsigned long long large = PyLong_AsUnsignedLongLong(integer);
  if (large == (unsigned long long)-1 && PyErr_Occurred()) {
    PyErr_Clear();
    return false;
  }
  *out = (mw_value){.kind = MW_VALUE_UINT, .as.u = large};
  return true;
}

/* A number that is no int. */
static bool value_of_float(const char *call, PyObject *value, mw_value *out) {
  if (!PyFloat_Check(value) && (!PyNumber_Check(value) || PyComplex_Check(value))) {
    return wrong_type(call, "an element", "a number", value);
  }
  double number = PyFloat_AsDouble(value);
  *out = (mw_value){.kind = MW_VALUE_FLOAT, .as.f = number};
  return number != -1.0 || !PyErr_Occurred();
}

/* An int of more than 64 bits, rounded; only a float dtype can take that. */
static bool value_of_long_integer(const char *call, mw_dtype dtype, PyObject *integer, mw_value *out) {
  double rounded = mw_dtype_kind(dtype) == MW_VALUE_FLOAT ? PyLong_AsDouble(integer) : -1.0;
  if (rounded == -1.0) {
    PyErr_Format(PyExc_OverflowError, "%s: %s cannot hold %R", call, mw_dtype_name(dtype), integer);
    return false;
  }
  *out = (mw_value){.kind = MW_VALUE_FLOAT, .as.f = rounded};
  return true;
}

bool mwpy_convert_value(const char *call, mw_dtype dtype, PyObject *value, mw_value *out) {
  if (PyFloat_Check(value) || !PyIndex_Check(value)) return value_of_float(call, value, out);
  PyObject *integer = PyNumber_Index(value);
  if (integer == NULL) return false;
  bool done = value_of_integer(integer, out) || value_of_long_integer(call, dtype, integer, out);
  Py_DECREF(integer);
  return done;
}

/* An int of more than 64 bits equals an element only if a double holds it exactly. */
static bool sought_long_integer(PyObject *integer, mw_value *out, bool *out_possible) {
  double rounded = PyLong_AsDouble(integer);
  if (rounded == -1.0 && PyErr_Occurred()) {
    PyErr_Clear();
    *out_possible = false;
    return true;
  }
  PyObject *exact = PyLong_FromDouble(rounded);
  int equal = exact == NULL ? -1 : PyObject_RichCompareBool(exact, integer, Py_EQ);
  Py_XDECREF(exact);
  *out = (mw_value){.kind = MW_VALUE_FLOAT, .as.f = rounded};
  *out_possible = equal > 0;
  return equal >= 0;
}

bool mwpy_convert_sought(const char *call, PyObject *value, mw_value *out, bool *out_possible) {
  *out_possible = true;
  if (PyFloat_Check(value) || !PyIndex_Check(value)) return value_of_float(call, value, out);
  PyObject *integer = PyNumber_Index(value);
  if (integer == NULL) return false;
  bool done = value_of_integer(integer, out) || sought_long_integer(integer, out, out_possible);
  Py_DECREF(integer);
  return done;
}

/* An int for an element that is an integer. Only __index__ makes one: 1.0 is none. New reference. */
static PyObject *element_integer(const char *call, PyObject *value) {
  if (PyIndex_Check(value)) return PyNumber_Index(value);
  wrong_type(call, "an atomic element", "an integer", value);
  return NULL;
}

/* Whether an int that fits into 64 bits one way or the other is one that those of a uint64, or of an int64, can say. */
static bool word_has(mw_dtype dtype, mw_value value) {
  return dtype == MW_UINT64 ? value.kind == MW_VALUE_UINT || value.as.i >= 0 : value.kind == MW_VALUE_INT;
}

bool mwpy_convert_word(const char *call, mw_dtype dtype, PyObject *value, int64_t *out) {
  mw_value number;
  PyObject *integer = element_integer(call, value);
  if (integer == NULL) return false;
  bool fits = value_of_integer(integer, &number) && word_has(dtype, number);
  if (fits) *out = number.kind == MW_VALUE_UINT ? (int64_t)number.as.u : number.as.i;
  if (!fits) PyErr_Format(PyExc_OverflowError, "%s: %s cannot hold %R", call, mw_dtype_name(dtype), integer);
  Py_DECREF(integer);
  return fits;
}

bool mwpy_convert_bits(const char *call, mw_dtype dtype, PyObject *value, int64_t *out) {
  (void)dtype;
  PyObject *integer = element_integer(call, value);
  if (integer == NULL) return false;
  *out = (int64_t)PyLong_AsUnsignedLongLongMask(integer);
  Py_DECREF(integer);
  return !PyErr_Occurred();
}

bool mwpy_convert_bound_as_is(const char *call, PyObject *value, Py_ssize_t *out) {
  if (value == NULL || value == Py_None) return true;
  if (!PyIndex_Check(value)) {
    PyErr_Format(PyExc_TypeError, "%s: a bound must be an integer, not %R", call, value);
    return false;
  }
  Py_ssize_t bound = PyNumber_AsSsize_t(value, NULL);
  if (bound == -1 && PyErr_Occurred()) return false;
  *out = bound;
  return true;
}

uint64_t mwpy_place_of_bound(Py_ssize_t bound, uint64_t length) {
  if (bound >= 0) return (uint64_t)bound;
  return bound + (Py_ssize_t)length < 0 ? 0 : (uint64_t)(bound + (Py_ssize_t)length);
}

bool mwpy_convert_bound(const char *call, PyObject *value, uint64_t length, uint64_t *out) {
  Py_ssize_t bound = 0;
  if (value == NULL || value == Py_None) return true;
  if (!mwpy_convert_bound_as_is(call, value, &bound)) return false;
  uint64_t place = mwpy_place_of_bound(bound, length);
  *out = place < length ? place : length;
  return true;
}

PyObject *mwpy_from_value(mw_value value) {
  switch (value.kind) {
    case MW_VALUE_INT: return PyLong_FromLongLong(value.as.i);
    case MW_VALUE_UINT: return PyLong_FromUnsignedLongLong(value.as.u);
    case MW_VALUE_FLOAT: return PyFloat_FromDouble(value.as.f);
    case MW_VALUE_BOOL: break;
  }
  return PyBool_FromLong(value.as.u != 0);
}

PyObject *mwpy_from_element(mw_dtype dtype, const void *element) { return mwpy_from_value(mw_dtype_load(dtype, element)); }

PyObject *mwpy_from_word(mw_dtype dtype, int64_t word) {
  return dtype == MW_UINT64 ? PyLong_FromUnsignedLongLong((uint64_t)word) : PyLong_FromLongLong(word);
}

PyObject *mwpy_from_extents(int ndim, const uint64_t *extents) {
  PyObject *tuple = PyTuple_New(ndim);
  for (int i = 0; tuple != NULL && i < ndim; i++) {
    PyObject *extent = PyLong_FromUnsignedLongLong(extents[i]);
    if (extent == NULL || PyTuple_SetItem(tuple, i, extent) < 0) Py_CLEAR(tuple);
  }
  return tuple;
}

PyObject *mwpy_from_strides(int ndim, const int64_t *strides) {
  PyObject *tuple = PyTuple_New(ndim);
  for (int i = 0; tuple != NULL && i < ndim; i++) {
    PyObject *stride = PyLong_FromLongLong(strides[i]);
    if (stride == NULL || PyTuple_SetItem(tuple, i, stride) < 0) Py_CLEAR(tuple);
  }
  return tuple;
}

PyObject *mwpy_attributes_of(PyObject *object) {
  PyObject *attributes = PyObject_GetAttrString(object, "__dict__");
  if (attributes != NULL || !PyErr_ExceptionMatches(PyExc_AttributeError)) return attributes;
  PyErr_Clear();
  return Py_NewRef(Py_None);
}
