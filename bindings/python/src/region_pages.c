/* A region's pages. What may take long is done in pieces; what must be done as a whole, or not at all, is not.
 *
 * SPDX-License-Identifier: MIT */
#include "region_pages.h"

#include "arguments.h"
#include "convert.h"
#include "errors.h"
#include "memwell/pages.h"
#include "region_convert.h"
#include "region_type.h"

/* ------------------------------------------------------------------ ranges */

/* A range, from its two arguments. A size that was not given is UINT64_MAX until the region is at hand. */
typedef struct range {
  uint64_t offset;
  uint64_t size;
} range;

static bool convert_range(const char *call, PyObject *const *values, range *out) {
  *out = (range){0, UINT64_MAX};
  return mwpy_convert_size(call, "offset", values[0], &out->offset) &&
         mwpy_convert_size_or_none(call, "size", values[1], &out->size);
}

/* The call on all of the range, piece by piece or at once. */
static PyObject *on_range(RegionObject *self, const char *name, mwpy_range_call call, unsigned argument, bool in_pieces,
                          range range) {
  mw_region *handle = mwpy_region_hold(self, name);
  if (handle == NULL) return NULL;
  if (range.size == UINT64_MAX) range.size = mwpy_region_rest(handle, range.offset);
  mw_error error;
  int status;
  if (in_pieces) {
    status = mwpy_region_in_pieces(handle, call, argument, true, range.offset, range.size, &error);
  } else {
    PyThreadState *thread = mwpy_threads_begin(UINT64_MAX);
    status = call(handle, argument, range.offset, range.size, &error);
    mwpy_threads_end(thread);
  }
  mw_region_drop(handle);
  return mwpy_region_result(self, status, &error);
}

/* A method whose arguments are the range and no more. */
static PyObject *range_method(PyObject *object, const mwpy_signature *signature, PyObject *const *args, Py_ssize_t nargs,
                              PyObject *kwnames, mwpy_range_call call, bool in_pieces) {
  PyObject *values[2] = {NULL};
  range range;
  if (!mwpy_arguments(signature, args, nargs, kwnames, values) || !convert_range(signature->call, values, &range)) return NULL;
  return on_range((RegionObject *)object, signature->call, call, 0, in_pieces, range);
}

static int call_flush(mw_region *handle, unsigned wait, uint64_t offset, uint64_t size, mw_error *error) {
  return mw_region_flush(handle, offset, size, wait != 0, error);
}

static int call_advise(mw_region *handle, unsigned advice, uint64_t offset, uint64_t size, mw_error *error) {
  return mw_region_advise(handle, (mw_advice)advice, offset, size, error);
}

#define RANGE_CALL(verb)                                                                                        \
  static int call_##verb(mw_region *handle, unsigned unused, uint64_t offset, uint64_t size, mw_error *error) { \
    (void)unused;                                                                                               \
    return mw_region_##verb(handle, offset, size, error);                                                       \
  }
RANGE_CALL(discard)
RANGE_CALL(populate)
RANGE_CALL(mlock)
RANGE_CALL(munlock)

PyObject *mwpy_region_flush(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"Region.flush", 0, 2, {"offset", "size", "wait"}};
  PyObject *values[3] = {NULL};
  range range;
  unsigned wait = 0;
  if (!mwpy_arguments(&signature, args, nargs, kwnames, values) || !convert_range(signature.call, values, &range) ||
      !mwpy_convert_flag(values[2] == NULL ? Py_True : values[2], 1, &wait)) {
    return NULL;
  }
  return on_range((RegionObject *)object, signature.call, call_flush, wait, true, range);
}

PyObject *mwpy_region_advise(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"Region.advise", 1, 3, {"advice", "offset", "size"}};
  PyObject *values[3] = {NULL};
  range range;
  mw_error error;
  mw_advice advice;
  if (!mwpy_arguments(&signature, args, nargs, kwnames, values) || !convert_range(signature.call, values + 1, &range)) return NULL;
  const char *name = mwpy_convert_text(signature.call, "the advice", values[0]);
  if (name == NULL) return NULL;
  if (mw_advice_parse(name, &error, &advice) < 0) return mwpy_raise(NULL, &error);
  return on_range((RegionObject *)object, signature.call, call_advise, (unsigned)advice, false, range);
}

PyObject *mwpy_region_discard(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"Region.discard", 0, 2, {"offset", "size"}};
  return range_method(object, &signature, args, nargs, kwnames, call_discard, true);
}

PyObject *mwpy_region_populate(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"Region.populate", 0, 2, {"offset", "size"}};
  return range_method(object, &signature, args, nargs, kwnames, call_populate, true);
}

/* At once, so that a lock that is refused leaves nothing locked. */
PyObject *mwpy_region_mlock(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"Region.mlock", 0, 2, {"offset", "size"}};
  return range_method(object, &signature, args, nargs, kwnames, call_mlock, false);
}

PyObject *mwpy_region_munlock(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"Region.munlock", 0, 2, {"offset", "size"}};
  return range_method(object, &signature, args, nargs, kwnames, call_munlock, false);
}

PyObject *mwpy_region_resident(PyObject *object, PyObject *unused) {
  RegionObject *self = (RegionObject *)object;
  mw_region *handle = mwpy_region_hold(self, "Region.resident");
  (void)unused;
  if (handle == NULL) return NULL;
  mw_error error;
  uint64_t bytes;
  PyThreadState *thread = mwpy_threads_begin(mw_region_size(handle) / 16);
  int status = mw_region_resident(handle, &error, &bytes);
  mwpy_threads_end(thread);
  mw_region_drop(handle);
  return status < 0 ? mwpy_raise(self->state, &error) : PyLong_FromUnsignedLongLong(bytes);
}

/* ------------------------------------------------------------------ the region as a whole */

/* With the GIL, since nobody may look at the region meanwhile. */

PyObject *mwpy_region_protect(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"Region.protect", 1, 0, {"readonly"}};
  RegionObject *self = (RegionObject *)object;
  PyObject *values[1] = {NULL};
  unsigned readonly = 0;
  if (!mwpy_arguments(&signature, args, nargs, kwnames, values) || !mwpy_convert_flag(values[0], 1, &readonly)) return NULL;
  mw_region *handle = mwpy_region_handle(self, signature.call);
  mw_error error;
  return handle == NULL ? NULL : mwpy_region_result(self, mw_region_protect(handle, readonly != 0, &error), &error);
}

PyObject *mwpy_region_seal(PyObject *object, PyObject *const *args, Py_ssize_t nargs) {
  RegionObject *self = (RegionObject *)object;
  unsigned seals = 0;
  for (Py_ssize_t i = 0; i < nargs; i++) {
    if (!mwpy_convert_seal("Region.seal", args[i], &seals)) return NULL;
  }
  mw_region *handle = mwpy_region_handle(self, "Region.seal");
  mw_error error;
  return handle == NULL ? NULL : mwpy_region_result(self, mw_region_seal(handle, seals, &error), &error);
}

/* What cannot be sealed has no seals. */
PyObject *mwpy_region_get_seals(PyObject *object, void *unused) {
  RegionObject *self = (RegionObject *)object;
  mw_region *handle = mwpy_region_handle(self, "Region.seals");
  mw_error error;
  unsigned seals = 0;
  (void)unused;
  if (handle == NULL) return NULL;
  int status = mw_region_seals(handle, &error, &seals);
  return status < 0 && status != MW_ENOTSUP ? mwpy_raise(self->state, &error) : mwpy_from_seals(seals);
}
