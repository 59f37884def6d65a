/* find, rfind and count, as bytes has them; over a long range in pieces that overlap by what is sought.
 *
 * SPDX-License-Identifier: MIT */
#include "region_search.h"

#include "arguments.h"
#include "convert.h"
#include "errors.h"
#include "memwell/search.h"
#include "region_type.h"

/* What is sought, and where: offsets in the region, with end no further than its end. */
typedef struct hunt {
  mw_region *region;
  const void *sub;
  size_t size;
  uint64_t start;
  uint64_t end;
} hunt;

/* Those of the three kinds of work; *out is an offset or a count. */
typedef int (*hunt_call)(const hunt *hunt, mw_error *error, uint64_t *out);

/* So many bytes have every place at which a piece of places begins one. */
static uint64_t piece_of(const hunt *hunt) { return MWPY_PIECE + hunt->size; }

static int call_find(const hunt *hunt, mw_error *error, uint64_t *out) {
  uint64_t start = hunt->start, piece = piece_of(hunt), end;
  int status;
  do {
    end = hunt->end > start && hunt->end - start > piece ? start + piece : hunt->end;
    PyThreadState *thread = mwpy_threads_begin(end - start);
    status = mw_region_find(hunt->region, hunt->sub, hunt->size, start, end, error, out);
    mwpy_threads_end(thread);
    start += MWPY_PIECE;
  } while (status == MW_ENOENT && end < hunt->end && mwpy_signals_allow(&status, error));
  return status;
}

static int call_rfind(const hunt *hunt, mw_error *error, uint64_t *out) {
  uint64_t end = hunt->end, piece = piece_of(hunt), start;
  int status;
  do {
    start = end > hunt->start && end - hunt->start > piece ? end - piece : hunt->start;
    PyThreadState *thread = mwpy_threads_begin(end - start);
    status = mw_region_rfind(hunt->region, hunt->sub, hunt->size, start, end, error, out);
    mwpy_threads_end(thread);
    end -= MWPY_PIECE;
  } while (status == MW_ENOENT && start > hunt->start && mwpy_signals_allow(&status, error));
  return status;
}

static int call_count(const hunt *hunt, mw_error *error, uint64_t *out) {
  if (hunt->size == 0) return mw_region_count(hunt->region, hunt->sub, 0, hunt->start, hunt->end, error, out);
  uint64_t start = hunt->start, piece = piece_of(hunt), sum = 0, end;
  int status;
  do {
    uint64_t count = 0;
    end = hunt->end > start && hunt->end - start > piece ? start + piece : hunt->end;
    PyThreadState *thread = mwpy_threads_begin(end - start);
    status = mw_region_count_part(hunt->region, hunt->sub, hunt->size, start, end, error, &count, &start);
    mwpy_threads_end(thread);
    sum += count;
  } while (status == 0 && end < hunt->end && mwpy_signals_allow(&status, error));
  *out = sum;
  return status;
}

/* Look for the buffer in the region; the bounds are as the caller gave them. */
static PyObject *hunt_in(RegionObject *self, const char *name, hunt_call call, const Py_buffer *sub, Py_ssize_t start,
                         Py_ssize_t end) {
  mw_region *handle = mwpy_region_hold(self, name);
  if (handle == NULL) return NULL;
  uint64_t size = mw_region_size(handle), stop = mwpy_place_of_bound(end, size), found = 0;
  hunt hunt = {handle, sub->buf, (size_t)sub->len, mwpy_place_of_bound(start, size), stop < size ? stop : size};
  mw_error error;
  int status = call(&hunt, &error, &found);
  mw_region_drop(handle);
  if (status == MW_ENOENT) return PyLong_FromLong(-1);
  return status < 0 ? mwpy_raise(self->state, &error) : PyLong_FromUnsignedLongLong(found);
}

static PyObject *hunt_method(PyObject *object, const mwpy_signature *signature, PyObject *const *args, Py_ssize_t nargs,
                             PyObject *kwnames, hunt_call call) {
  PyObject *values[3] = {NULL};
  Py_ssize_t start = 0, end = PY_SSIZE_T_MAX;
  Py_buffer sub;
  if (!mwpy_arguments(signature, args, nargs, kwnames, values) || !mwpy_convert_bound_as_is(signature->call, values[1], &start) ||
      !mwpy_convert_bound_as_is(signature->call, values[2], &end) || PyObject_GetBuffer(values[0], &sub, PyBUF_SIMPLE) < 0) {
    return NULL;
  }
  PyObject *result = hunt_in((RegionObject *)object, signature->call, call, &sub, start, end);
  PyBuffer_Release(&sub);
  return result;
}

PyObject *mwpy_region_find(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"Region.find", 1, 3, {"sub", "start", "end"}};
  return hunt_method(object, &signature, args, nargs, kwnames, call_find);
}

PyObject *mwpy_region_rfind(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"Region.rfind", 1, 3, {"sub", "start", "end"}};
  return hunt_method(object, &signature, args, nargs, kwnames, call_rfind);
}

PyObject *mwpy_region_count(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"Region.count", 1, 3, {"sub", "start", "end"}};
  return hunt_method(object, &signature, args, nargs, kwnames, call_count);
}
