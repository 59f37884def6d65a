/* memwell.View: elements, rows and slices, numbers over all elements, the buffer protocol. Main entries: mwpy_view_type_add,
 * mwpy_view_new.
 *
 * One element of a one-dimensional view by an int is the call that programs make most; view_subscript and view_set_subscript begin
 * with it, and everything else is beside the way.
 *
 * SPDX-License-Identifier: MIT */
#include "view_type.h"

#include <stddef.h>
#include <string.h>
#include <structmember.h>

#include "arguments.h"
#include "atomics.h"
#include "convert.h"
#include "dlpack.h"
#include "elements.h"
#include "errors.h"
#include "subscript.h"
#include "view_iterator.h"

PyObject *mwpy_view_new(RegionObject *region, const mw_view *view) {
  ViewObject *self = (ViewObject *)PyType_GenericAlloc(region->state->view_type, 0);
  if (self == NULL) return NULL;
  self->region = (RegionObject *)Py_NewRef((PyObject *)region);
  self->view = *view;
  return (PyObject *)self;
}

/* What the region allows may change, see Region.protect; after close it is what the view was made with. */
static bool view_is_writable(const ViewObject *self) {
  return self->region->handle == NULL ? !self->view.readonly : mw_view_is_writable(&self->view);
}

/* ------------------------------------------------------------------ attributes */

static PyObject *view_get_dtype(PyObject *object, void *unused) {
  (void)unused;
  return PyUnicode_FromString(mw_dtype_name(((ViewObject *)object)->view.dtype));
}

static PyObject *view_get_format(PyObject *object, void *unused) {
  (void)unused;
  return PyUnicode_FromString(mw_dtype_format(((ViewObject *)object)->view.dtype));
}

static PyObject *view_get_shape(PyObject *object, void *unused) {
  const mw_view *view = &((ViewObject *)object)->view;
  (void)unused;
  return mwpy_from_extents(view->ndim, view->shape);
}

static PyObject *view_get_strides(PyObject *object, void *unused) {
  const mw_view *view = &((ViewObject *)object)->view;
  (void)unused;
  return mwpy_from_strides(view->ndim, view->strides);
}

static PyObject *view_get_ndim(PyObject *object, void *unused) {
  (void)unused;
  return PyLong_FromLong(((ViewObject *)object)->view.ndim);
}

static PyObject *view_get_itemsize(PyObject *object, void *unused) {
  (void)unused;
  return PyLong_FromSize_t(mw_dtype_size(((ViewObject *)object)->view.dtype));
}

static PyObject *view_get_nbytes(PyObject *object, void *unused) {
  (void)unused;
  return PyLong_FromUnsignedLongLong(mw_view_nbytes(&((ViewObject *)object)->view));
}

static PyObject *view_get_offset(PyObject *object, void *unused) {
  (void)unused;
  return PyLong_FromUnsignedLongLong(((ViewObject *)object)->view.offset);
}

static PyObject *view_get_readonly(PyObject *object, void *unused) {
  (void)unused;
  return PyBool_FromLong(!view_is_writable((ViewObject *)object));
}

static PyObject *view_get_region(PyObject *object, void *unused) {
  (void)unused;
  return Py_NewRef((PyObject *)((ViewObject *)object)->region);
}

static PyGetSetDef view_attributes[] = {
    {"dtype", view_get_dtype, NULL, "The element type's name: \"float64\".", NULL},
    {"format", view_get_format, NULL, "The element type's struct code: \"d\".", NULL},
    {"shape", view_get_shape, NULL, "How many elements there are in each dimension.", NULL},
    {"strides", view_get_strides, NULL, "How many bytes lie from one element to the next in each dimension.", NULL},
    {"ndim", view_get_ndim, NULL, "How many dimensions there are.", NULL},
    {"itemsize", view_get_itemsize, NULL, "The size of one element in bytes.", NULL},
    {"nbytes", view_get_nbytes, NULL, "The size of all elements in bytes.", NULL},
    {"offset", view_get_offset, NULL, "Where element [0, 0, ...] is, in bytes from the region's start.", NULL},
    {"readonly", view_get_readonly, NULL, "Whether its elements cannot be written now; see Region.protect and seal.", NULL},
    {"region", view_get_region, NULL, "The region that it is a window on.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

/* ------------------------------------------------------------------ subscripts */

/* The element of a one-dimensional view that an exact int means; NULL without an exception where anything is unusual. Nobody else's
 * code runs here. */
static void *quick_element(const ViewObject *self, PyObject *key) {
  if (!PyLong_CheckExact(key) || self->view.ndim != 1 || self->region->handle == NULL) return NULL;
  Py_ssize_t index = PyLong_AsSsize_t(key);
  if (index < 0) {
    if (index == -1 && PyErr_Occurred()) {
      PyErr_Clear();
      return NULL;
    }
    index += (Py_ssize_t)self->view.shape[0];
  }
  return mw_view_at(&self->view, (uint64_t)index);
}

/* The same, to be written. */
static void *quick_place(const ViewObject *self, PyObject *key) {
  void *element = quick_element(self, key);
  return element != NULL && mw_view_is_writable(&self->view) ? element : NULL;
}

static PyObject *view_subscript_of(ViewObject *self, PyObject *key) {
  mwpy_subscript subscript;
  mw_view view;
  void *element;
  if (!mwpy_subscript_parse(self, key, &subscript) || !mwpy_subscript_apply(self, &subscript, &view, &element)) return NULL;
  return element != NULL ? mwpy_from_element(self->view.dtype, element) : mwpy_view_new(self->region, &view);
}

static PyObject *view_subscript(PyObject *object, PyObject *key) {
  ViewObject *self = (ViewObject *)object;
  const void *element = quick_element(self, key);
  if (element == NULL) return view_subscript_of(self, key);
  if (self->view.dtype == MW_FLOAT64) {
    double number;
    memcpy(&number, element, sizeof number);
    return PyFloat_FromDouble(number);
  }
  if (self->view.dtype == MW_INT32) {
    int32_t number;
    memcpy(&number, element, sizeof number);
    return PyLong_FromLong(number);
  }
  return mwpy_from_element(self->view.dtype, element);
}

static PyObject *view_item(PyObject *object, Py_ssize_t index) {
  PyObject *key = PyLong_FromSsize_t(index);
  PyObject *item = key == NULL ? NULL : view_subscript(object, key);
  Py_XDECREF(key);
  return item;
}

/* Stores the two commonest kinds of element; false where it is neither, or the value is not plain, or does not fit. */
static bool quick_store(const ViewObject *self, PyObject *key, PyObject *value) {
  if (self->view.dtype == MW_FLOAT64 && PyFloat_CheckExact(value)) {
    void *element = quick_place(self, key);
    double number = PyFloat_AsDouble(value);
    if (element != NULL) memcpy(element, &number, sizeof number);
    return element != NULL;
  }
  if (self->view.dtype == MW_INT32 && PyLong_CheckExact(value)) {
    int overflow;
    long wide = PyLong_AsLongAndOverflow(value, &overflow);
    int32_t number = (int32_t)wide;
    void *element = overflow == 0 && number == wide ? quick_place(self, key) : NULL;
    if (element != NULL) memcpy(element, &number, sizeof number);
    return element != NULL;
  }
  return false;
}

/* The value is converted, then the region is asked for: converting may have closed or protected it. */
static bool store_element(ViewObject *self, const mwpy_subscript *subscript, PyObject *source) {
  mw_value value;
  mw_view unused;
  void *element;
  mw_error error;
  if (!mwpy_convert_value("View[...]", self->view.dtype, source, &value) ||
      !mwpy_subscript_apply(self, subscript, &unused, &element))
    return false;
  if (!mw_view_is_writable(&self->view)) {
    PyErr_SetString(PyExc_TypeError, "View[...]: the view is read-only");
    return false;
  }
  if (mw_dtype_store(self->view.dtype, element, value, &error) == 0) return true;
  mwpy_raise_in(self->region->state, "View[...]", &error);
  return false;
}

static int view_set_subscript(PyObject *object, PyObject *key, PyObject *value) {
  ViewObject *self = (ViewObject *)object;
  mwpy_subscript subscript;
  mw_view target;
  void *element;
  if (value == NULL) {
    PyErr_SetString(PyExc_TypeError, "View[...]: elements of a view cannot be deleted");
    return -1;
  }
  if (quick_store(self, key, value)) return 0;
  if (!mwpy_subscript_parse(self, key, &subscript)) return -1;
  if (subscript.places == self->view.ndim) return store_element(self, &subscript, value) ? 0 : -1;
  if (!mwpy_subscript_apply(self, &subscript, &target, &element)) return -1;
  return mwpy_elements_assign(self->region, "View[...]", &target, value) ? 0 : -1;
}

static Py_ssize_t view_length(PyObject *object) {
  ViewObject *self = (ViewObject *)object;
  return mwpy_region_handle(self->region, "View.__len__") == NULL ? -1 : (Py_ssize_t)self->view.shape[0];
}

/* ------------------------------------------------------------------ the buffer protocol */

static bool asks(int flags, int what) { return (flags & what) == what; }

static int refuse(const char *why) {
  PyErr_SetString(PyExc_BufferError, why);
  return -1;
}

/* Leave out what was not asked for, where that leaves a buffer that is still true. */
static int buffer_reduce(Py_buffer *buffer, int flags) {
  if (asks(flags, PyBUF_WRITABLE) && buffer->readonly) return refuse("memwell.View: the view is read-only");
  if (asks(flags, PyBUF_C_CONTIGUOUS) && !PyBuffer_IsContiguous(buffer, 'C')) return refuse("memwell.View: it is not C-contiguous");
  if (asks(flags, PyBUF_F_CONTIGUOUS) && !PyBuffer_IsContiguous(buffer, 'F')) {
    return refuse("memwell.View: it is not Fortran-contiguous");
  }
  if (asks(flags, PyBUF_ANY_CONTIGUOUS) && !PyBuffer_IsContiguous(buffer, 'A')) return refuse("memwell.View: it is not contiguous");
  if (!asks(flags, PyBUF_FORMAT)) buffer->format = NULL;
  if (asks(flags, PyBUF_STRIDES)) return 0;
  if (!PyBuffer_IsContiguous(buffer, 'C')) return refuse("memwell.View: without strides it would have to be C-contiguous");
  buffer->strides = NULL;
  if (asks(flags, PyBUF_ND)) return 0;
  if (buffer->format != NULL) return refuse("memwell.View: a format without a shape says nothing");
  buffer->ndim = 1;
  buffer->shape = NULL;
  return 0;
}

/* The shape and the strides are the view's own: it lives as long as the buffer, and they never change. */
static int view_get_buffer(PyObject *object, Py_buffer *buffer, int flags) {
  static char nothing[1];
  ViewObject *self = (ViewObject *)object;
  mw_error error;
  buffer->obj = NULL;
  mw_region *handle = mwpy_region_handle(self->region, "memoryview(view)");
  if (handle == NULL) return -1;
  if (mw_view_check(&self->view, &error) < 0) {
    mwpy_raise(self->region->state, &error);
    return -1;
  }
  void *data = mw_view_data(&self->view);
  buffer->buf = data == NULL ? nothing : data;
  buffer->len = (Py_ssize_t)mw_view_nbytes(&self->view);
  buffer->itemsize = (Py_ssize_t)mw_dtype_size(self->view.dtype);
  buffer->readonly = !mw_view_is_writable(&self->view);
  buffer->ndim = self->view.ndim;
  buffer->format = (char *)(uintptr_t)mw_dtype_format(self->view.dtype);
  buffer->shape = (Py_ssize_t *)self->view.shape;
  buffer->strides = (Py_ssize_t *)self->view.strides;
  buffer->suboffsets = NULL;
  buffer->internal = NULL;
  if (buffer_reduce(buffer, flags) < 0) return -1;
  mwpy_region_export(handle, buffer);
  buffer->obj = Py_NewRef(object);
  return 0;
}

/* ------------------------------------------------------------------ comparison */

/* 1 or 0, or -1 with an exception set. */
static int equal_views(ViewObject *self, ViewObject *other) {
  mw_region *one = mwpy_region_hold(self->region, "View.__eq__");
  mw_region *two = one == NULL ? NULL : mwpy_region_hold(other->region, "View.__eq__");
  int result = -1;
  if (two != NULL) {
    mw_error error;
    bool equal = false;
    PyThreadState *thread = mwpy_threads_begin(mw_view_nbytes(&self->view));
    int status = mw_view_equals(&self->view, &other->view, &error, &equal);
    mwpy_threads_end(thread);
    if (status < 0) mwpy_raise(self->region->state, &error);
    if (status == 0) result = equal;
  }
  mw_region_drop(two);
  mw_region_drop(one);
  return result;
}

/* As memoryview does it, which does not know of lost pages. */
static PyObject *compare_as_memory(ViewObject *self, PyObject *other, int operation) {
  mw_region *handle = mwpy_region_hold(self->region, "View.__eq__");
  if (handle == NULL) return NULL;
  PyObject *memory = PyMemoryView_FromObject((PyObject *)self);
  PyObject *result = memory == NULL ? NULL : PyObject_RichCompare(memory, other, operation);
  mw_error error;
  if (result != NULL && mw_region_is_faulted(handle) && mw_region_check(handle, &error) < 0) {
    mwpy_raise(self->region->state, &error);
    Py_CLEAR(result);
  }
  Py_XDECREF(memory);
  mw_region_drop(handle);
  return result;
}

static PyObject *view_compare(PyObject *object, PyObject *other, int operation) {
  ViewObject *self = (ViewObject *)object;
  if ((operation != Py_EQ && operation != Py_NE) || !PyObject_CheckBuffer(other)) Py_RETURN_NOTIMPLEMENTED;
  if (Py_IS_TYPE(other, self->region->state->view_type)) {
    int equal = equal_views(self, (ViewObject *)other);
    return equal < 0 ? NULL : PyBool_FromLong(operation == Py_EQ ? equal : !equal);
  }
  return compare_as_memory(self, other, operation);
}

/* ------------------------------------------------------------------ methods */

static PyObject *view_tolist(PyObject *object, PyObject *unused) {
  ViewObject *self = (ViewObject *)object;
  (void)unused;
  return mwpy_elements_to_list(self->region, "View.tolist", &self->view);
}

static PyObject *view_tobytes(PyObject *object, PyObject *unused) {
  ViewObject *self = (ViewObject *)object;
  (void)unused;
  return mwpy_elements_to_bytes(self->region, "View.tobytes", &self->view);
}

static PyObject *view_fill(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"View.fill", 1, 1, {"value"}};
  ViewObject *self = (ViewObject *)object;
  PyObject *values[1] = {NULL};
  mw_value value;
  if (!mwpy_arguments(&signature, args, nargs, kwnames, values) ||
      !mwpy_convert_value(signature.call, self->view.dtype, values[0], &value) ||
      !mwpy_elements_fill(self->region, signature.call, &self->view, value)) {
    return NULL;
  }
  Py_RETURN_NONE;
}

static PyObject *view_copy_from(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"View.copy_from", 1, 1, {"source"}};
  ViewObject *self = (ViewObject *)object;
  PyObject *values[1] = {NULL};
  if (!mwpy_arguments(&signature, args, nargs, kwnames, values) ||
      !mwpy_elements_assign(self->region, signature.call, &self->view, values[0])) {
    return NULL;
  }
  Py_RETURN_NONE;
}

static PyObject *view_take(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"View.take", 1, 1, {"indices"}};
  ViewObject *self = (ViewObject *)object;
  PyObject *values[1] = {NULL};
  if (!mwpy_arguments(&signature, args, nargs, kwnames, values)) return NULL;
  return mwpy_elements_take(self->region, signature.call, &self->view, values[0]);
}

static PyObject *view_reshape(PyObject *object, PyObject *args) {
  ViewObject *self = (ViewObject *)object;
  uint64_t shape[MW_MAX_DIMENSIONS];
  int ndim;
  PyObject *given = PyTuple_Size(args) == 1 ? PyTuple_GetItem(args, 0) : args;
  if (!mwpy_convert_shape("View.reshape", given, &ndim, shape)) return NULL;
  mw_view view;
  mw_error error;
  if (mwpy_region_handle(self->region, "View.reshape") == NULL) return NULL;
  if (mw_view_reshape(&self->view, ndim, shape, &error, &view) < 0) return mwpy_raise(self->region->state, &error);
  return mwpy_view_new(self->region, &view);
}

/* sum, min and max are one and the same to us. */
static PyObject *view_reduce_by(PyObject *object, const char *call, int (*reduce)(const mw_view *, mw_error *, mw_value *)) {
  ViewObject *self = (ViewObject *)object;
  mw_region *handle = mwpy_region_hold(self->region, call);
  if (handle == NULL) return NULL;
  mw_error error;
  mw_value result;
  PyThreadState *thread = mwpy_threads_begin(mw_view_nbytes(&self->view));
  int status = reduce(&self->view, &error, &result);
  mwpy_threads_end(thread);
  mw_region_drop(handle);
  return status < 0 ? mwpy_raise(self->region->state, &error) : mwpy_from_value(result);
}

static PyObject *view_sum(PyObject *object, PyObject *unused) {
  (void)unused;
  return view_reduce_by(object, "View.sum", mw_view_sum);
}

static PyObject *view_min(PyObject *object, PyObject *unused) {
  (void)unused;
  return view_reduce_by(object, "View.min", mw_view_min);
}

static PyObject *view_max(PyObject *object, PyObject *unused) {
  (void)unused;
  return view_reduce_by(object, "View.max", mw_view_max);
}

static int find_value(const ViewObject *self, mw_value value, uint64_t start, uint64_t stop, mw_error *error, uint64_t *out_index) {
  mw_view part = self->view;
  if (stop == self->view.shape[0]) return mw_view_index(&self->view, value, start, error, out_index);
  int status = mw_view_slice(&self->view, 0, 0, 1, stop, error, &part);
  return status < 0 ? status : mw_view_index(&part, value, start < stop ? start : stop, error, out_index);
}

static PyObject *raise_not_there(PyObject *value) { return PyErr_Format(PyExc_ValueError, "View.index: %R is not there", value); }

static PyObject *view_index(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"View.index", 1, 3, {"value", "start", "stop"}};
  ViewObject *self = (ViewObject *)object;
  PyObject *values[3] = {NULL};
  mw_value value = {.kind = MW_VALUE_INT, .as.i = 0};
  bool is_possible;
  uint64_t length = self->view.shape[0], start = 0, stop = length, index;
  if (!mwpy_arguments(&signature, args, nargs, kwnames, values) ||
      !mwpy_convert_sought(signature.call, values[0], &value, &is_possible) ||
      !mwpy_convert_bound(signature.call, values[1], length, &start) ||
      !mwpy_convert_bound(signature.call, values[2], length, &stop)) {
    return NULL;
  }
  mw_region *handle = mwpy_region_hold(self->region, signature.call);
  if (handle == NULL) return NULL;
  mw_error error;
  PyThreadState *thread = mwpy_threads_begin(mw_view_nbytes(&self->view));
  int status = find_value(self, value, start, stop, &error, &index);
  mwpy_threads_end(thread);
  mw_region_drop(handle);
  if (status == MW_ENOENT || (status == 0 && !is_possible)) return raise_not_there(values[0]);
  return status < 0 ? mwpy_raise(self->region->state, &error) : PyLong_FromUnsignedLongLong(index);
}

static PyObject *view_count(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"View.count", 1, 1, {"value"}};
  ViewObject *self = (ViewObject *)object;
  PyObject *values[1] = {NULL};
  mw_value value = {.kind = MW_VALUE_INT, .as.i = 0};
  bool is_possible;
  uint64_t count;
  if (!mwpy_arguments(&signature, args, nargs, kwnames, values) ||
      !mwpy_convert_sought(signature.call, values[0], &value, &is_possible)) {
    return NULL;
  }
  mw_region *handle = mwpy_region_hold(self->region, signature.call);
  if (handle == NULL) return NULL;
  mw_error error;
  PyThreadState *thread = mwpy_threads_begin(mw_view_nbytes(&self->view));
  int status = mw_view_count_of(&self->view, value, &error, &count);
  mwpy_threads_end(thread);
  mw_region_drop(handle);
  return status < 0 ? mwpy_raise(self->region->state, &error) : PyLong_FromUnsignedLongLong(is_possible ? count : 0);
}

static PyObject *view_repr(PyObject *object) {
  ViewObject *self = (ViewObject *)object;
  PyObject *shape = mwpy_from_extents(self->view.ndim, self->view.shape);
  PyObject *type = PyType_GetName(Py_TYPE((PyObject *)self->region));
  PyObject *text = NULL;
  if (shape != NULL && type != NULL) {
    const char *closed = self->region->handle == NULL ? ", closed" : "";
    const char *dtype = mw_dtype_name(self->view.dtype);
    PyObject *title = self->region->title;
    text = title != NULL ? PyUnicode_FromFormat("<memwell.View %s %R of %U %R%s>", dtype, shape, type, title, closed)
                         : PyUnicode_FromFormat("<memwell.View %s %R of %U%s>", dtype, shape, type, closed);
  }
  Py_XDECREF(type);
  Py_XDECREF(shape);
  return text;
}

/* ------------------------------------------------------------------ pickling */

static PyObject *view_reduce(PyObject *object, PyObject *unused) {
  ViewObject *self = (ViewObject *)object;
  const mw_view *view = &self->view;
  (void)unused;
  if (mwpy_region_handle(self->region, "View.__reduce__") == NULL) return NULL;
  PyObject *module = PyImport_ImportModule("memwell._memwell");
  PyObject *reopen = module == NULL ? NULL : PyObject_GetAttrString(module, "_reopen_view");
  PyObject *shape = reopen == NULL ? NULL : mwpy_from_extents(view->ndim, view->shape);
  PyObject *strides = shape == NULL ? NULL : mwpy_from_strides(view->ndim, view->strides);
  PyObject *result = NULL;
  if (strides != NULL) {
    result = Py_BuildValue("O(OsOOK)", reopen, (PyObject *)self->region, mw_dtype_name(view->dtype), shape, strides,
                           (unsigned long long)view->offset);
  }
  Py_XDECREF(strides);
  Py_XDECREF(shape);
  Py_XDECREF(reopen);
  Py_XDECREF(module);
  return result;
}

static bool convert_strides(PyObject *value, int ndim, int64_t *out_strides) {
  if (!PyTuple_Check(value) || PyTuple_Size(value) != ndim) {
    PyErr_SetString(PyExc_TypeError, "View: this pickle was not made by this version of memwell");
    return false;
  }
  for (int i = 0; i < ndim; i++) {
    out_strides[i] = PyLong_AsLongLong(PyTuple_GetItem(value, i));
    if (out_strides[i] == -1 && PyErr_Occurred()) return false;
  }
  return true;
}

PyObject *mwpy_view_reopen(PyObject *module, PyObject *const *args, Py_ssize_t nargs) {
  mwpy_state *state = PyModule_GetState(module);
  uint64_t shape[MW_MAX_DIMENSIONS], offset;
  int64_t strides[MW_MAX_DIMENSIONS];
  mw_dtype dtype;
  int ndim;
  if (nargs != 5 || !PyType_IsSubtype(Py_TYPE(args[0]), state->region_type)) {
    return PyErr_Format(PyExc_TypeError, "View: this pickle was not made by this version of memwell");
  }
  if (!mwpy_convert_dtype("View", args[1], &dtype) || !mwpy_convert_shape("View", args[2], &ndim, shape) ||
      !convert_strides(args[3], ndim, strides) || !mwpy_convert_size("View", "offset", args[4], &offset)) {
    return NULL;
  }
  RegionObject *region = (RegionObject *)args[0];
  mw_region *handle = mwpy_region_handle(region, "View");
  mw_view view;
  mw_error error;
  if (handle == NULL) return NULL;
  if (mw_view_init_strided(&view, handle, dtype, ndim, shape, strides, offset, &error) < 0) return mwpy_raise(state, &error);
  return mwpy_view_new(region, &view);
}

/* ------------------------------------------------------------------ life and class */

/* A cycle that goes through a view goes through the __dict__ of its Region's class, which clears that: there is no tp_clear. */
static int view_traverse(PyObject *object, visitproc visit, void *arg) {
  Py_VISIT(Py_TYPE(object));
  Py_VISIT((PyObject *)((ViewObject *)object)->region);
  return 0;
}

static void view_dealloc(PyObject *object) {
  ViewObject *self = (ViewObject *)object;
  PyTypeObject *type = Py_TYPE(object);
  PyObject_GC_UnTrack(object);
  if (self->weakrefs != NULL) PyObject_ClearWeakRefs(object);
  Py_XDECREF((PyObject *)self->region);
  PyObject_GC_Del(object);
  Py_DECREF(type);
}

static PyMethodDef view_methods[] = {
    {"tolist", view_tolist, METH_NOARGS, "tolist($self)\n--\n\nThe elements as a list, of lists where there are more dimensions."},
    {"tobytes", view_tobytes, METH_NOARGS, "tobytes($self)\n--\n\nThe elements as bytes, in row-major order: a copy."},
    {"fill", MWPY_METHOD(view_fill), METH_FASTCALL | METH_KEYWORDS, "fill($self, value)\n--\n\nSet every element to one value."},
    {"copy_from", MWPY_METHOD(view_copy_from), METH_FASTCALL | METH_KEYWORDS,
     "copy_from($self, source)\n--\n\n"
     "Copy every element from a buffer or a sequence of the same shape.\n\n"
     "All of it is converted before any of it is written."},
    {"take", MWPY_METHOD(view_take), METH_FASTCALL | METH_KEYWORDS,
     "take($self, indices)\n--\n\n"
     "The elements at these indices, a buffer or a sequence of integers, as a list.\n\n"
     "One-dimensional views only. Every index is checked before any element is read."},
    {"reshape", view_reshape, METH_VARARGS,
     "reshape($self, *shape)\n--\n\nThe same elements in another shape: no copy. Views of dense memory only."},
    {"sum", view_sum, METH_NOARGS,
     "sum($self)\n--\n\n"
     "The sum of all elements: of integers exact, of floats in double precision with a\n"
     "rounding error that does not grow with their number."},
    {"min", view_min, METH_NOARGS, "min($self)\n--\n\nThe smallest element; NaN if any is. ValueError of none."},
    {"max", view_max, METH_NOARGS, "max($self)\n--\n\nThe largest element; NaN if any is. ValueError of none."},
    {"index", MWPY_METHOD(view_index), METH_FASTCALL | METH_KEYWORDS,
     "index($self, value, start=0, stop=None)\n--\n\n"
     "The first place from start on, before stop, that has this value; ValueError if none.\n\n"
     "One-dimensional views only."},
    {"count", MWPY_METHOD(view_count), METH_FASTCALL | METH_KEYWORDS,
     "count($self, value)\n--\n\nHow many elements have this value."},
    {"atomic_load", MWPY_METHOD(mwpy_view_atomic_load), METH_FASTCALL | METH_KEYWORDS,
     "atomic_load($self, i)\n--\n\n"
     "Element i, read in one step.\n\n"
     "The atomic methods are for one-dimensional views of int32, uint32, int64 and uint64\n"
     "whose elements lie at multiples of their size. Each is one step for all threads,\n"
     "processes and languages, the same as memory_order_seq_cst in C."},
    {"atomic_store", MWPY_METHOD(mwpy_view_atomic_store), METH_FASTCALL | METH_KEYWORDS,
     "atomic_store($self, i, value)\n--\n\nWrite element i in one step."},
    {"atomic_add", MWPY_METHOD(mwpy_view_atomic_add), METH_FASTCALL | METH_KEYWORDS,
     "atomic_add($self, i, n=1)\n--\n\n"
     "Add n to element i and return what was there before.\n\n"
     "add, sub, and, or and xor wrap around, and take n modulo the element's size."},
    {"atomic_sub", MWPY_METHOD(mwpy_view_atomic_sub), METH_FASTCALL | METH_KEYWORDS,
     "atomic_sub($self, i, n=1)\n--\n\nSubtract n from element i and return what was there before."},
    {"atomic_and", MWPY_METHOD(mwpy_view_atomic_and), METH_FASTCALL | METH_KEYWORDS,
     "atomic_and($self, i, n)\n--\n\nKeep the bits of element i that n has too; return what was there before."},
    {"atomic_or", MWPY_METHOD(mwpy_view_atomic_or), METH_FASTCALL | METH_KEYWORDS,
     "atomic_or($self, i, n)\n--\n\nSet the bits of n in element i and return what was there before."},
    {"atomic_xor", MWPY_METHOD(mwpy_view_atomic_xor), METH_FASTCALL | METH_KEYWORDS,
     "atomic_xor($self, i, n)\n--\n\nTurn the bits of n over in element i and return what was there before."},
    {"atomic_exchange", MWPY_METHOD(mwpy_view_atomic_exchange), METH_FASTCALL | METH_KEYWORDS,
     "atomic_exchange($self, i, value)\n--\n\nWrite element i and return what was there before."},
    {"atomic_compare_exchange", MWPY_METHOD(mwpy_view_atomic_compare_exchange), METH_FASTCALL | METH_KEYWORDS,
     "atomic_compare_exchange($self, i, expected, value)\n--\n\n"
     "Write value where element i is expected; return what was there before.\n\n"
     "It was written exactly if what is returned is expected."},
    {"wait", MWPY_METHOD(mwpy_view_wait), METH_FASTCALL | METH_KEYWORDS,
     "wait($self, i, value, timeout=None)\n--\n\n"
     "Sleep while element i, an int32 or uint32 in shared memory, equals value.\n\n"
     "True: it differs, or somebody called wake(), so look again. False: timeout seconds\n"
     "passed first; None waits for ever, 0 does not wait. Other threads run meanwhile, and\n"
     "Ctrl-C works."},
    {"wake", MWPY_METHOD(mwpy_view_wake), METH_FASTCALL | METH_KEYWORDS,
     "wake($self, i, count=None)\n--\n\n"
     "Wake up to count of those who wait on element i, in any program; None wakes all.\n\n"
     "Change the element first. Returns how many there were."},
    {"__dlpack__", MWPY_METHOD(mwpy_view_dlpack), METH_FASTCALL | METH_KEYWORDS,
     "__dlpack__($self, *, stream=None, max_version=None, dl_device=None,\n           copy=None)\n--\n\n"
     "A DLPack capsule of the elements, for numpy.from_dlpack, torch.from_dlpack and the\nlike: no copy unless copy is True.\n\n"
     "BufferError for read-only memory unless max_version is (1, 0) or later."},
    {"__dlpack_device__", mwpy_view_dlpack_device, METH_NOARGS, "__dlpack_device__($self)\n--\n\n(1, 0): the CPU."},
    MWPY_BUFFER_METHODS,
    {"__bytes__", view_tobytes, METH_NOARGS, "__bytes__($self)\n--\n\nThe same as tobytes()."},
    {"__reduce__", view_reduce, METH_NOARGS, "__reduce__($self)\n--\n\nPickle the region, by its name, and the window's geometry."},
    {NULL, NULL, 0, NULL},
};

static PyMemberDef view_members[] = {
    {"__weaklistoffset__", T_PYSSIZET, offsetof(ViewObject, weakrefs), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

PyDoc_STRVAR(view_doc, "A typed window on a region, of one to eight dimensions; made by Region.view and by\n"
                       "slicing. No copy is ever made.\n\n"
                       "view[i] is an element or, of more dimensions, a row; view[i, j], view[1:5, ::2] and\n"
                       "view[..., 0] work as in numpy, and so does assigning. The buffer protocol is\n"
                       "supported: numpy.asarray(view) copies nothing.\n\n"
                       "After region.close() everything raises ClosedError; numpy arrays and memoryviews\n"
                       "taken before stay valid.");

static PyType_Slot view_slots[] = {
    MWPY_TEXT(Py_tp_doc, view_doc),
    {Py_tp_methods, view_methods},
    {Py_tp_getset, view_attributes},
    {Py_tp_members, view_members},
    MWPY_SLOT(Py_tp_dealloc, view_dealloc),
    MWPY_SLOT(Py_tp_traverse, view_traverse),
    MWPY_SLOT(Py_tp_repr, view_repr),
    MWPY_SLOT(Py_tp_iter, mwpy_view_iterator_new),
    MWPY_SLOT(Py_tp_richcompare, view_compare),
    MWPY_SLOT(Py_tp_hash, PyObject_HashNotImplemented),
    MWPY_SLOT(Py_mp_length, view_length),
    MWPY_SLOT(Py_mp_subscript, view_subscript),
    MWPY_SLOT(Py_mp_ass_subscript, view_set_subscript),
    MWPY_SLOT(Py_sq_length, view_length),
    MWPY_SLOT(Py_sq_item, view_item),
    MWPY_SLOT(Py_bf_getbuffer, view_get_buffer),
    MWPY_SLOT(Py_bf_releasebuffer, mwpy_region_release_buffer),
    {0, NULL},
};

static PyType_Spec view_spec = {
    .name = "memwell.View",
    .basicsize = sizeof(ViewObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = view_slots,
};

bool mwpy_view_type_add(PyObject *module, mwpy_state *state) {
  state->view_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &view_spec, NULL);
  return state->view_type != NULL && PyModule_AddType(module, state->view_type) == 0 && mwpy_view_iterator_add(module, state);
}
