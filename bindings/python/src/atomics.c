/* Atomic elements of views, and sleeping on one. Main entries: mwpy_view_atomic_add and the like, mwpy_view_wait.
 *
 * The core says which views have atomic elements. An operation keeps the GIL, for it takes less time than handing that over; only
 * a wait lets go of it, with a reference of its own to the memory, so that another thread may close the region.
 *
 * SPDX-License-Identifier: MIT */
#include "atomics.h"

#include <limits.h>
#include <math.h>

#include "arguments.h"
#include "convert.h"
#include "errors.h"
#include "memwell/atomic.h"
#include "view_type.h"

/* ------------------------------------------------------------------ arguments */

/* Which element is meant: an index as view[i] takes it. */
static bool convert_place(const ViewObject *self, const char *call, PyObject *value, uint64_t *out_place) {
  int64_t place = mwpy_convert_index(call, value, self->view.shape[0]);
  *out_place = (uint64_t)place;
  return place >= 0;
}

/* What was in the element, or the exception of a failed call. */
static PyObject *word_result(const ViewObject *self, int status, const mw_error *error, int64_t word) {
  return status < 0 ? mwpy_raise(self->region->state, error) : mwpy_from_word(self->view.dtype, word);
}

/* ------------------------------------------------------------------ one element, one step */

PyObject *mwpy_view_atomic_load(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"View.atomic_load", 1, 1, {"i"}};
  ViewObject *self = (ViewObject *)object;
  PyObject *values[1] = {NULL};
  uint64_t place;
  int64_t word = 0;
  mw_error error;
  if (!mwpy_arguments(&signature, args, nargs, kwnames, values) || !convert_place(self, signature.call, values[0], &place) ||
      mwpy_region_handle(self->region, signature.call) == NULL) {
    return NULL;
  }
  int status = mw_view_atomic_load(&self->view, place, &error, &word);
  return word_result(self, status, &error, word);
}

PyObject *mwpy_view_atomic_store(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"View.atomic_store", 2, 2, {"i", "value"}};
  ViewObject *self = (ViewObject *)object;
  PyObject *values[2] = {NULL};
  uint64_t place;
  int64_t word;
  mw_error error;
  if (!mwpy_arguments(&signature, args, nargs, kwnames, values) || !convert_place(self, signature.call, values[0], &place) ||
      !mwpy_convert_word(signature.call, self->view.dtype, values[1], &word) ||
      mwpy_region_handle(self->region, signature.call) == NULL) {
    return NULL;
  }
  if (mw_view_atomic_store(&self->view, place, word, &error) < 0) return mwpy_raise(self->region->state, &error);
  Py_RETURN_NONE;
}

typedef bool (*convert_call)(const char *call, mw_dtype dtype, PyObject *value, int64_t *out);
typedef int (*change_call)(const mw_view *view, uint64_t i, int64_t value, mw_error *error, int64_t *out_old);

/* What add, sub, and, or, xor and exchange have in common: an element, one operand, and the value that was there before. */
static PyObject *change(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames,
                        const mwpy_signature *signature, convert_call convert, change_call call) {
  ViewObject *self = (ViewObject *)object;
  PyObject *values[2] = {NULL};
  uint64_t place;
  int64_t word = 1, old = 0;
  mw_error error;
  if (!mwpy_arguments(signature, args, nargs, kwnames, values) || !convert_place(self, signature->call, values[0], &place) ||
      (values[1] != NULL && !convert(signature->call, self->view.dtype, values[1], &word)) ||
      mwpy_region_handle(self->region, signature->call) == NULL) {
    return NULL;
  }
  int status = call(&self->view, place, word, &error, &old);
  return word_result(self, status, &error, old);
}

PyObject *mwpy_view_atomic_add(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"View.atomic_add", 1, 2, {"i", "n"}};
  return change(object, args, nargs, kwnames, &signature, mwpy_convert_bits, mw_view_atomic_add);
}

PyObject *mwpy_view_atomic_sub(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"View.atomic_sub", 1, 2, {"i", "n"}};
  return change(object, args, nargs, kwnames, &signature, mwpy_convert_bits, mw_view_atomic_sub);
}

PyObject *mwpy_view_atomic_and(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"View.atomic_and", 2, 2, {"i", "n"}};
  return change(object, args, nargs, kwnames, &signature, mwpy_convert_bits, mw_view_atomic_and);
}

PyObject *mwpy_view_atomic_or(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"View.atomic_or", 2, 2, {"i", "n"}};
  return change(object, args, nargs, kwnames, &signature, mwpy_convert_bits, mw_view_atomic_or);
}

PyObject *mwpy_view_atomic_xor(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"View.atomic_xor", 2, 2, {"i", "n"}};
  return change(object, args, nargs, kwnames, &signature, mwpy_convert_bits, mw_view_atomic_xor);
}

PyObject *mwpy_view_atomic_exchange(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"View.atomic_exchange", 2, 2, {"i", "value"}};
  return change(object, args, nargs, kwnames, &signature, mwpy_convert_word, mw_view_atomic_exchange);
}

PyObject *mwpy_view_atomic_compare_exchange(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"View.atomic_compare_exchange", 3, 3, {"i", "expected", "value"}};
  ViewObject *self = (ViewObject *)object;
  PyObject *values[3] = {NULL};
  uint64_t place;
  int64_t expected, word, old = 0;
  mw_error error;
  if (!mwpy_arguments(&signature, args, nargs, kwnames, values) || !convert_place(self, signature.call, values[0], &place) ||
      !mwpy_convert_word(signature.call, self->view.dtype, values[1], &expected) ||
      !mwpy_convert_word(signature.call, self->view.dtype, values[2], &word) ||
      mwpy_region_handle(self->region, signature.call) == NULL) {
    return NULL;
  }
  int status = mw_view_atomic_compare_exchange(&self->view, place, expected, word, &error, &old);
  return word_result(self, status, &error, old);
}

/* ------------------------------------------------------------------ sleeping on one */

/* Sleep without the GIL. The caller holds the region. */
static int sleep_on(const ViewObject *self, uint64_t place, int64_t word, double seconds, mw_error *error) {
  mw_deadline deadline = mwpy_deadline(seconds), slice;
  int status;
  do {
    slice = mwpy_wait_slice(deadline);
    PyThreadState *thread = PyEval_SaveThread();
    status = mw_view_wait(&self->view, place, word, slice, error);
    PyEval_RestoreThread(thread);
  } while (mwpy_wait_goes_on(&status, error, status == MW_ETIMEDOUT, slice, deadline));
  return status;
}

/* A look first, with the GIL: mostly there is nothing to wait for. */
PyObject *mwpy_view_wait(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"View.wait", 2, 3, {"i", "value", "timeout"}};
  ViewObject *self = (ViewObject *)object;
  PyObject *values[3] = {NULL};
  double seconds = INFINITY;
  uint64_t place;
  int64_t word;
  mw_error error;
  if (!mwpy_arguments(&signature, args, nargs, kwnames, values) || !convert_place(self, signature.call, values[0], &place) ||
      !mwpy_convert_word(signature.call, self->view.dtype, values[1], &word) ||
      !mwpy_convert_timeout(signature.call, values[2], &seconds)) {
    return NULL;
  }
  mw_region *handle = mwpy_region_hold(self->region, signature.call);
  if (handle == NULL) return NULL;
  int status = mw_view_wait(&self->view, place, word, MW_DEADLINE_NOW, &error);
  if (status == MW_ETIMEDOUT && seconds > 0) status = sleep_on(self, place, word, seconds, &error);
  mw_region_drop(handle);
  if (status < 0 && status != MW_ETIMEDOUT) return mwpy_raise(self->region->state, &error);
  return PyBool_FromLong(status == 0);
}

PyObject *mwpy_view_wake(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"View.wake", 1, 2, {"i", "count"}};
  ViewObject *self = (ViewObject *)object;
  PyObject *values[2] = {NULL};
  uint64_t place;
  unsigned count = UINT_MAX, woken = 0;
  mw_error error;
  if (!mwpy_arguments(&signature, args, nargs, kwnames, values) || !convert_place(self, signature.call, values[0], &place) ||
      !mwpy_convert_unsigned(signature.call, "count", values[1] == Py_None ? NULL : values[1], &count) ||
      mwpy_region_handle(self->region, signature.call) == NULL) {
    return NULL;
  }
  if (mw_view_wake(&self->view, place, count, &error, &woken) < 0) return mwpy_raise(self->region->state, &error);
  return PyLong_FromUnsignedLong(woken);
}
