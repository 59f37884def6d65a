/* A view as a DLPack capsule. Main entry: mwpy_view_dlpack.
 *
 * What is handed out is one block: the struct that the consumer sees, the shape and the strides that it points to, and a reference
 * to the mw_region, or a copy of the elements. No Python object is in it, so that it can be given back from anywhere.
 *
 * SPDX-License-Identifier: MIT */
#include "dlpack.h"

#include <stdbool.h>
#include <stdlib.h>

#include "arguments.h"
#include "errors.h"
#include "view_type.h"

#define NAME_PLAIN "dltensor"
#define NAME_VERSIONED "dltensor_versioned"

/* region   the reference that is dropped at the end; NULL with a copy
 * copy     the elements themselves; NULL where they are the region's */
typedef struct handout {
  union {
    mwpy_dl_managed plain;
    mwpy_dl_versioned versioned;
  } managed;
  int64_t shape[MW_MAX_DIMENSIONS];
  int64_t strides[MW_MAX_DIMENSIONS];
  mw_region *region;
  void *copy;
} handout;

/* What the consumer asks for. */
typedef struct wish {
  bool is_versioned;
  bool is_copied;
} wish;

/* ------------------------------------------------------------------ giving back */

static void handout_end(handout *self) {
  mw_region_drop(self->region);
  free(self->copy);
  free(self);
}

static void delete_plain(mwpy_dl_managed *managed) { handout_end(managed->context); }

static void delete_versioned(mwpy_dl_versioned *managed) { handout_end(managed->context); }

/* A capsule that was used has another name by then, and is none of ours. */
static void destroy_capsule(PyObject *capsule) {
  const char *name = PyCapsule_IsValid(capsule, NAME_PLAIN) ? NAME_PLAIN : NAME_VERSIONED;
  if (!PyCapsule_IsValid(capsule, name)) return;
  handout_end(PyCapsule_GetContext(capsule));
}

/* ------------------------------------------------------------------ making one */

static PyObject *refuse(const char *why) {
  return PyErr_Format(PyExc_BufferError, "View.__dlpack__: %s; copy=True makes a copy", why);
}

static mwpy_dl_type type_of(mw_dtype dtype) {
  static const uint8_t kinds[] = {
      [MW_VALUE_INT] = MWPY_DL_INT,
      [MW_VALUE_UINT] = MWPY_DL_UINT,
      [MW_VALUE_FLOAT] = MWPY_DL_FLOAT,
      [MW_VALUE_BOOL] = MWPY_DL_BOOL,
  };
  return (mwpy_dl_type){kinds[mw_dtype_kind(dtype)], (uint8_t)(8 * mw_dtype_size(dtype)), 1};
}

static void lay_out(handout *self, const mw_view *view) {
  int64_t itemsize = (int64_t)mw_dtype_size(view->dtype), dense = 1;
  for (int i = view->ndim - 1; i >= 0; i--) {
    self->shape[i] = (int64_t)view->shape[i];
    self->strides[i] = self->copy != NULL ? dense : view->strides[i] / itemsize;
    dense *= self->shape[i] > 0 ? self->shape[i] : 1;
  }
}

/* A consumer may use instructions that want alignment, and counts in elements. */
static bool is_regular(const mw_view *view, const void *data) {
  size_t itemsize = mw_dtype_size(view->dtype);
  for (int i = 0; i < view->ndim; i++) {
    if (view->strides[i] % (int64_t)itemsize != 0) return false;
  }
  return (uintptr_t)data % itemsize == 0;
}

static PyObject *capsule_of(handout *self, const mw_view *view, void *data, const wish *wish) {
  mwpy_dl_tensor tensor = {data, {MWPY_DL_CPU, 0}, view->ndim, type_of(view->dtype), self->shape, self->strides, 0};
  if (wish->is_versioned) {
    uint64_t flags = wish->is_copied ? MWPY_DL_IS_COPIED : mw_view_is_writable(view) ? 0 : MWPY_DL_READ_ONLY;
    self->managed.versioned = (mwpy_dl_versioned){{1, 0}, self, delete_versioned, flags, tensor};
  } else {
    self->managed.plain = (mwpy_dl_managed){tensor, self, delete_plain};
  }
  PyObject *capsule = PyCapsule_New(&self->managed, wish->is_versioned ? NAME_VERSIONED : NAME_PLAIN, NULL);
  if (capsule == NULL) return NULL;
  if (PyCapsule_SetContext(capsule, self) < 0 || PyCapsule_SetDestructor(capsule, destroy_capsule) < 0) Py_CLEAR(capsule);
  return capsule;
}

/* Fill in where the elements are: in the region, which is held for them, or in a copy. False with an exception set. */
static bool take_elements(handout *self, const ViewObject *view, bool is_copied, void **out_data) {
  mw_error error;
  uint64_t size = mw_view_nbytes(&view->view);
  self->region = mwpy_region_hold(view->region, "View.__dlpack__");
  if (self->region == NULL) return false;
  *out_data = mw_view_data(&view->view);
  if (!is_copied) {
    if (mw_view_check(&view->view, &error) == 0) return true;
    mwpy_raise(view->region->state, &error);
    return false;
  }
  *out_data = self->copy = malloc(size > 0 ? (size_t)size : 1);
  if (self->copy == NULL) {
    PyErr_NoMemory();
    return false;
  }
  PyThreadState *thread = mwpy_threads_begin(size);
  int status = mw_view_read(&view->view, self->copy, size, &error);
  mwpy_threads_end(thread);
  if (status < 0) mwpy_raise(view->region->state, &error);
  mw_region_drop(self->region);
  self->region = NULL;
  return status == 0;
}

static PyObject *hand_out(const ViewObject *view, const wish *wish) {
  handout *self = calloc(1, sizeof *self);
  PyObject *capsule = NULL;
  void *data;
  if (self == NULL) return PyErr_NoMemory();
  if (take_elements(self, view, wish->is_copied, &data)) {
    if (!wish->is_copied && !wish->is_versioned && !mw_view_is_writable(&view->view)) {
      refuse("the view is read-only, which DLPack can say from version 1 on: ask with max_version=(1, 0)");
    } else if (!wish->is_copied && !is_regular(&view->view, data)) {
      refuse("the elements do not lie at multiples of their size");
    } else {
      lay_out(self, &view->view);
      capsule = capsule_of(self, &view->view, data, wish);
    }
  }
  if (capsule == NULL) handout_end(self);
  return capsule;
}

/* ------------------------------------------------------------------ what the consumer asks for */

/* A pair of ints that are not negative; false with a TypeError set where it is none. */
static bool convert_pair(const char *argument, PyObject *value, long out[2]) {
  bool is_pair = PyTuple_Check(value) && PyTuple_Size(value) == 2;
  for (int i = 0; is_pair && i < 2; i++) {
    PyObject *number = PyTuple_GetItem(value, i);
    int overflow = 0;
    out[i] = PyLong_Check(number) ? PyLong_AsLongAndOverflow(number, &overflow) : -1;
    is_pair = overflow == 0 && out[i] >= 0;
  }
  if (!is_pair) PyErr_Format(PyExc_TypeError, "View.__dlpack__: %s must be a tuple of two integers, not %R", argument, value);
  return is_pair;
}

static bool convert_version(PyObject *value, bool *out_versioned) {
  long version[2];
  if (value == NULL || value == Py_None) return true;
  if (!convert_pair("max_version", value, version)) return false;
  *out_versioned = version[0] >= 1;
  return true;
}

static bool check_device(PyObject *value) {
  long device[2];
  if (value == NULL || value == Py_None) return true;
  if (!convert_pair("dl_device", value, device)) return false;
  if (device[0] == MWPY_DL_CPU && device[1] == 0) return true;
  PyErr_Format(PyExc_BufferError, "View.__dlpack__: the memory is on device (1, 0), the CPU, and cannot go to %R", value);
  return false;
}

static bool check_stream(PyObject *value) {
  if (value == NULL || value == Py_None) return true;
  PyErr_Format(PyExc_ValueError, "View.__dlpack__: the CPU has no streams; stream must be None, not %R", value);
  return false;
}

static bool convert_copy(PyObject *value, bool *out_copied) {
  *out_copied = value == Py_True;
  if (value == NULL || value == Py_None || PyBool_Check(value)) return true;
  PyErr_Format(PyExc_TypeError, "View.__dlpack__: copy must be True, False or None, not %R", value);
  return false;
}

PyObject *mwpy_view_dlpack(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"View.__dlpack__", 0, 0, {"stream", "max_version", "dl_device", "copy"}};
  PyObject *values[4] = {NULL};
  wish wish = {false, false};
  if (!mwpy_arguments(&signature, args, nargs, kwnames, values) || !check_stream(values[0]) ||
      !convert_version(values[1], &wish.is_versioned) || !check_device(values[2]) || !convert_copy(values[3], &wish.is_copied)) {
    return NULL;
  }
  return hand_out((ViewObject *)object, &wish);
}

PyObject *mwpy_view_dlpack_device(PyObject *object, PyObject *unused) {
  (void)object;
  (void)unused;
  return Py_BuildValue("ii", MWPY_DL_CPU, 0);
}
