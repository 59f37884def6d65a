/* memwell.Region: attributes, subscripts, copies in and out, the buffer protocol, the end of its life. How one is made is in
 * region_source.c. Main entry: mwpy_region_type_add.
 *
 * Every method converts its arguments first, which may run Python code, and asks for the handle last.
 *
 * SPDX-License-Identifier: MIT */
#include "region_type.h"

#include <stddef.h>
#include <structmember.h>

#include "arguments.h"
#include "convert.h"
#include "elements.h"
#include "errors.h"
#include "memwell.h"
#include "region_source.h"
#include "run_iterator.h"
#include "view_type.h"

/* Below this a copy is quicker than handing the GIL over and back. */
#define LONG_WORK ((uint64_t)64 << 10)

/* ------------------------------------------------------------------ handle and GIL */

mw_region *mwpy_region_handle(RegionObject *self, const char *call) {
  if (self->handle == NULL) mwpy_raise_closed(self->state, call, "region", self->title);
  return self->handle;
}

mw_region *mwpy_region_hold(RegionObject *self, const char *call) {
  mw_region *handle = mwpy_region_handle(self, call);
  if (handle != NULL) mw_region_hold(handle);
  return handle;
}

PyThreadState *mwpy_threads_begin(uint64_t bytes) { return bytes > LONG_WORK ? PyEval_SaveThread() : NULL; }

void mwpy_threads_end(PyThreadState *thread) {
  if (thread != NULL) PyEval_RestoreThread(thread);
}

/* None, or the exception of a failed core call. */
static PyObject *region_result(RegionObject *self, int status, const mw_error *error) {
  if (status < 0) return mwpy_raise(self->state, error);
  Py_RETURN_NONE;
}

/* ------------------------------------------------------------------ attributes */

static PyObject *region_get_size(PyObject *object, void *unused) {
  mw_region *handle = mwpy_region_handle((RegionObject *)object, "Region.size");
  (void)unused;
  return handle == NULL ? NULL : PyLong_FromUnsignedLongLong(mw_region_size(handle));
}

static PyObject *region_get_exports(PyObject *object, void *unused) {
  mw_region *handle = mwpy_region_handle((RegionObject *)object, "Region.exports");
  (void)unused;
  return handle == NULL ? NULL : PyLong_FromUnsignedLong(mw_region_holds(handle));
}

static PyObject *region_get_kind(PyObject *object, void *unused) {
  (void)unused;
  return Py_NewRef(((RegionObject *)object)->kind);
}

/* The title is the `name` of named memory and the `path` of a file. */
static PyObject *region_title_if(PyObject *object, const char *kind) {
  RegionObject *self = (RegionObject *)object;
  return Py_NewRef(self->title != NULL && PyUnicode_CompareWithASCIIString(self->kind, kind) == 0 ? self->title : Py_None);
}

static PyObject *region_get_name(PyObject *object, void *unused) {
  (void)unused;
  return region_title_if(object, "named");
}

static PyObject *region_get_path(PyObject *object, void *unused) {
  (void)unused;
  return region_title_if(object, "file");
}

static PyObject *region_get_readonly(PyObject *object, void *unused) {
  (void)unused;
  return PyBool_FromLong(((RegionObject *)object)->access == MW_READ);
}

static PyObject *region_get_private(PyObject *object, void *unused) {
  (void)unused;
  return PyBool_FromLong(((RegionObject *)object)->access == MW_COPY_ON_WRITE);
}

static PyObject *region_get_closed(PyObject *object, void *unused) {
  (void)unused;
  return PyBool_FromLong(((RegionObject *)object)->handle == NULL);
}

static PyGetSetDef region_attributes[] = {
    {"size", region_get_size, NULL, "How many bytes it has.", NULL},
    {"kind", region_get_kind, NULL, "\"file\", \"named\" or \"anonymous\".", NULL},
    {"name", region_get_name, NULL, "The name of named memory, without a leading slash; None for other kinds.", NULL},
    {"path", region_get_path, NULL, "The path of a mapped file, as it was given; None for other kinds.", NULL},
    {"readonly", region_get_readonly, NULL, "Whether it was mapped for reading only.", NULL},
    {"private", region_get_private, NULL, "Whether writes stay in this process (mode \"c\", anonymous(private=True)).", NULL},
    {"closed", region_get_closed, NULL, "Whether close() was called.", NULL},
    {"exports", region_get_exports, NULL, "How many buffers of it others hold now: numpy arrays, memoryviews, running calls.",
     NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

/* ------------------------------------------------------------------ subscripts */

static Py_ssize_t region_length(PyObject *object) {
  mw_region *handle = mwpy_region_handle((RegionObject *)object, "Region.__len__");
  return handle == NULL ? -1 : (Py_ssize_t)mw_region_size(handle);
}

/* Where byte `index`, counted from the start, is; NULL with ClosedError or IndexError set. */
static uint8_t *region_byte(RegionObject *self, const char *call, Py_ssize_t index) {
  mw_region *handle = mwpy_region_handle(self, call);
  if (handle == NULL) return NULL;
  uint64_t size = mw_region_size(handle);
  if (index >= 0 && (uint64_t)index < size) return (uint8_t *)mw_region_data(handle) + index;
  PyErr_Format(PyExc_IndexError, "%s: index %zd is out of range for %llu bytes", call, index, (unsigned long long)size);
  return NULL;
}

static Py_ssize_t from_the_end(RegionObject *self, Py_ssize_t index) {
  return index < 0 && self->handle != NULL ? index + (Py_ssize_t)mw_region_size(self->handle) : index;
}

static PyObject *region_item(PyObject *object, Py_ssize_t index) {
  const uint8_t *byte = region_byte((RegionObject *)object, "Region[i]", index);
  return byte == NULL ? NULL : PyLong_FromLong(*byte);
}

/* The bytes that a slice means, as a view. */
static bool region_slice(RegionObject *self, const char *call, PyObject *slice, mw_view *out_view) {
  Py_ssize_t start, stop, step;
  if (PySlice_Unpack(slice, &start, &stop, &step) < 0) return false;
  mw_region *handle = mwpy_region_handle(self, call);
  if (handle == NULL) return false;
  Py_ssize_t count = PySlice_AdjustIndices((Py_ssize_t)mw_region_size(handle), &start, &stop, step);
  mw_error error;
  mw_view whole;
  int status = mw_view_init(&whole, handle, MW_UINT8, 1, NULL, 0, &error);
  if (status == 0) {
    status = mw_view_slice(&whole, 0, count == 0 ? 0 : (uint64_t)start, step, (uint64_t)count, &error, out_view);
  }
  if (status < 0) mwpy_raise(self->state, &error);
  return status == 0;
}

static PyObject *region_subscript(PyObject *object, PyObject *key) {
  RegionObject *self = (RegionObject *)object;
  if (PyIndex_Check(key)) {
    Py_ssize_t index = PyNumber_AsSsize_t(key, PyExc_IndexError);
    if (index == -1 && PyErr_Occurred()) return NULL;
    return region_item(object, from_the_end(self, index));
  }
  mw_view view;
  if (PySlice_Check(key)) return region_slice(self, "Region[a:b]", key, &view) ? mwpy_view_new(self, &view) : NULL;
  return PyErr_Format(PyExc_TypeError, "Region[...]: a subscript is an integer or a slice, not %R", key);
}

static int region_set_byte(RegionObject *self, PyObject *key, PyObject *value) {
  uint8_t byte;
  Py_ssize_t index = PyNumber_AsSsize_t(key, PyExc_IndexError);
  if ((index == -1 && PyErr_Occurred()) || !mwpy_convert_byte("Region[i]", value, &byte)) return -1;
  uint8_t *place = region_byte(self, "Region[i]", from_the_end(self, index));
  if (place == NULL) return -1;
  if (self->access == MW_READ) {
    PyErr_SetString(PyExc_TypeError, "Region[i]: the region was mapped for reading only");
    return -1;
  }
  *place = byte;
  return 0;
}

/* The buffer is taken before the slice is looked at, since giving it may run Python code. */
static int region_set_slice(RegionObject *self, PyObject *key, PyObject *value) {
  Py_buffer source;
  mw_view target;
  int result = -1;
  if (PyObject_GetBuffer(value, &source, PyBUF_SIMPLE) < 0) return -1;
  if (region_slice(self, "Region[a:b]", key, &target)) {
    if (mw_view_nbytes(&target) != (uint64_t)source.len) {
      PyErr_Format(PyExc_ValueError, "Region[a:b]: the slice has %llu bytes, the value %zd; a region does not change its size here",
                   (unsigned long long)mw_view_nbytes(&target), source.len);
    } else if (mwpy_elements_write(self, "Region[a:b]", &target, source.buf)) {
      result = 0;
    }
  }
  PyBuffer_Release(&source);
  return result;
}

static int region_set_subscript(PyObject *object, PyObject *key, PyObject *value) {
  if (value == NULL) {
    PyErr_SetString(PyExc_TypeError, "Region[...]: bytes of a region cannot be deleted");
    return -1;
  }
  if (PyIndex_Check(key)) return region_set_byte((RegionObject *)object, key, value);
  if (PySlice_Check(key)) return region_set_slice((RegionObject *)object, key, value);
  PyErr_Format(PyExc_TypeError, "Region[...]: a subscript is an integer or a slice, not %R", key);
  return -1;
}

/* ------------------------------------------------------------------ the buffer protocol */

void mwpy_region_export(mw_region *handle, Py_buffer *buffer) {
  mw_region_hold(handle);
  buffer->internal = handle;
}

void mwpy_region_release_buffer(PyObject *object, Py_buffer *buffer) {
  (void)object;
  mw_region_drop(buffer->internal);
}

static int region_get_buffer(PyObject *object, Py_buffer *buffer, int flags) {
  static char nothing[1];
  RegionObject *self = (RegionObject *)object;
  buffer->obj = NULL;
  mw_region *handle = mwpy_region_handle(self, "memoryview(region)");
  if (handle == NULL) return -1;
  void *data = mw_region_data(handle);
  Py_ssize_t size = (Py_ssize_t)mw_region_size(handle);
  if (PyBuffer_FillInfo(buffer, object, data == NULL ? nothing : data, size, self->access == MW_READ, flags) < 0) return -1;
  mwpy_region_export(handle, buffer);
  return 0;
}

PyObject *mwpy_region_buffer_method(PyObject *object, PyObject *flags) {
  (void)flags;
  return PyMemoryView_FromObject(object);
}

PyObject *mwpy_region_release_buffer_method(PyObject *object, PyObject *buffer) {
  (void)object;
  return PyObject_CallMethod(buffer, "release", NULL);
}

/* ------------------------------------------------------------------ copies */

/* A bytes object of [offset, offset + size), which lie inside. In pieces, so that Ctrl-C works on the large ones. */
static PyObject *region_bytes_of(RegionObject *self, mw_region *handle, uint64_t offset, uint64_t size) {
  PyObject *bytes = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)size);
  char *target = bytes == NULL ? NULL : PyBytes_AsString(bytes);
  for (uint64_t done = 0; bytes != NULL && done < size;) {
    size_t piece = (size_t)(size - done < MWPY_PIECE ? size - done : MWPY_PIECE), copied;
    mw_error error;
    PyThreadState *thread = mwpy_threads_begin(piece);
    int status = mw_region_read(handle, offset + done, target + done, piece, &error, &copied);
    mwpy_threads_end(thread);
    done += piece;
    if (status < 0) mwpy_raise(self->state, &error);
    if (status < 0 || (done < size && PyErr_CheckSignals() < 0)) Py_CLEAR(bytes);
  }
  return bytes;
}

static PyObject *region_read(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"Region.read", 2, 2, {"offset", "size"}};
  RegionObject *self = (RegionObject *)object;
  PyObject *values[2] = {NULL};
  uint64_t offset = 0, size = 0;
  if (!mwpy_arguments(&signature, args, nargs, kwnames, values) ||
      !mwpy_convert_size(signature.call, "offset", values[0], &offset) ||
      !mwpy_convert_size(signature.call, "size", values[1], &size)) {
    return NULL;
  }
  mw_region *handle = mwpy_region_hold(self, signature.call);
  if (handle == NULL) return NULL;
  uint64_t total = mw_region_size(handle);
  uint64_t rest = offset < total ? total - offset : 0;
  PyObject *bytes = region_bytes_of(self, handle, offset, size < rest ? size : rest);
  mw_region_drop(handle);
  return bytes;
}

static PyObject *region_to_bytes(PyObject *object, PyObject *unused) {
  RegionObject *self = (RegionObject *)object;
  mw_region *handle = mwpy_region_hold(self, "bytes(region)");
  (void)unused;
  if (handle == NULL) return NULL;
  PyObject *bytes = region_bytes_of(self, handle, 0, mw_region_size(handle));
  mw_region_drop(handle);
  return bytes;
}

static PyObject *region_write(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"Region.write", 1, 2, {"data", "offset"}};
  RegionObject *self = (RegionObject *)object;
  PyObject *values[2] = {NULL}, *result = NULL;
  uint64_t offset = 0;
  Py_buffer data;
  if (!mwpy_arguments(&signature, args, nargs, kwnames, values) ||
      !mwpy_convert_size(signature.call, "offset", values[1], &offset) || PyObject_GetBuffer(values[0], &data, PyBUF_SIMPLE) < 0) {
    return NULL;
  }
  mw_region *handle = mwpy_region_hold(self, signature.call);
  if (handle != NULL) {
    mw_error error;
    PyThreadState *thread = mwpy_threads_begin((uint64_t)data.len);
    int status = mw_region_write(handle, offset, data.buf, (size_t)data.len, &error);
    mwpy_threads_end(thread);
    mw_region_drop(handle);
    result = status < 0 ? mwpy_raise(self->state, &error) : PyLong_FromSsize_t(data.len);
  }
  PyBuffer_Release(&data);
  return result;
}

/* Piece by piece, unless the core is going to refuse all of it. */
static int region_fill_pieces(mw_region *handle, uint8_t byte, uint64_t offset, uint64_t size, mw_error *error) {
  uint64_t total = mw_region_size(handle);
  uint64_t most = offset <= total && size <= total - offset ? MWPY_PIECE : UINT64_MAX;
  uint64_t done = 0;
  int status;
  do {
    uint64_t piece = size - done < most ? size - done : most;
    PyThreadState *thread = mwpy_threads_begin(piece);
    status = mw_region_fill(handle, byte, offset + done, piece, error);
    mwpy_threads_end(thread);
    done += piece;
    if (status == 0 && done < size && PyErr_CheckSignals() < 0) status = error->status = MW_EINTR;
  } while (status == 0 && done < size);
  return status;
}

static PyObject *region_fill(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"Region.fill", 0, 3, {"byte", "offset", "size"}};
  RegionObject *self = (RegionObject *)object;
  PyObject *values[3] = {NULL};
  uint8_t byte = 0;
  uint64_t offset = 0, size = UINT64_MAX;
  if (!mwpy_arguments(&signature, args, nargs, kwnames, values) || !mwpy_convert_byte(signature.call, values[0], &byte) ||
      !mwpy_convert_size(signature.call, "offset", values[1], &offset) ||
      !mwpy_convert_size_or_none(signature.call, "size", values[2], &size)) {
    return NULL;
  }
  mw_region *handle = mwpy_region_hold(self, signature.call);
  if (handle == NULL) return NULL;
  uint64_t total = mw_region_size(handle);
  if (size == UINT64_MAX) size = offset < total ? total - offset : 0;
  mw_error error;
  int status = region_fill_pieces(handle, byte, offset, size, &error);
  mw_region_drop(handle);
  return region_result(self, status, &error);
}

static PyObject *region_move(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"Region.move", 3, 3, {"dest", "src", "size"}};
  RegionObject *self = (RegionObject *)object;
  PyObject *values[3] = {NULL};
  uint64_t destination = 0, source = 0, size = 0;
  if (!mwpy_arguments(&signature, args, nargs, kwnames, values) ||
      !mwpy_convert_size(signature.call, "dest", values[0], &destination) ||
      !mwpy_convert_size(signature.call, "src", values[1], &source) ||
      !mwpy_convert_size(signature.call, "size", values[2], &size)) {
    return NULL;
  }
  mw_region *handle = mwpy_region_hold(self, signature.call);
  if (handle == NULL) return NULL;
  mw_error error;
  PyThreadState *thread = mwpy_threads_begin(size);
  int status = mw_region_move(handle, destination, source, size, &error);
  mwpy_threads_end(thread);
  mw_region_drop(handle);
  return region_result(self, status, &error);
}

static PyObject *region_flush(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"Region.flush", 0, 2, {"offset", "size", "wait"}};
  RegionObject *self = (RegionObject *)object;
  PyObject *values[3] = {NULL};
  uint64_t offset = 0, size = UINT64_MAX;
  unsigned wait = 0;
  if (!mwpy_arguments(&signature, args, nargs, kwnames, values) ||
      !mwpy_convert_size(signature.call, "offset", values[0], &offset) ||
      !mwpy_convert_size_or_none(signature.call, "size", values[1], &size) ||
      !mwpy_convert_flag(values[2] == NULL ? Py_True : values[2], 1, &wait)) {
    return NULL;
  }
  mw_region *handle = mwpy_region_hold(self, signature.call);
  if (handle == NULL) return NULL;
  uint64_t total = mw_region_size(handle);
  if (size == UINT64_MAX) size = offset < total ? total - offset : 0;
  mw_error error;
  int status;
  do {
    PyThreadState *thread = mwpy_threads_begin(UINT64_MAX);
    status = mw_region_flush(handle, offset, size, wait != 0, &error);
    mwpy_threads_end(thread);
  } while (mwpy_interrupted(status));
  mw_region_drop(handle);
  return region_result(self, status, &error);
}

/* ------------------------------------------------------------------ the region as a whole */

static PyObject *region_view(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"Region.view", 0, 2, {"dtype", "shape", "offset"}};
  RegionObject *self = (RegionObject *)object;
  PyObject *values[3] = {NULL};
  mw_dtype dtype = MW_UINT8;
  uint64_t shape[MW_MAX_DIMENSIONS], offset = 0;
  int ndim = 1;
  if (!mwpy_arguments(&signature, args, nargs, kwnames, values) || !mwpy_convert_dtype(signature.call, values[0], &dtype) ||
      !mwpy_convert_size(signature.call, "offset", values[2], &offset)) {
    return NULL;
  }
  bool is_shaped = values[1] != NULL && values[1] != Py_None;
  if (is_shaped && !mwpy_convert_shape(signature.call, values[1], &ndim, shape)) return NULL;
  mw_region *handle = mwpy_region_handle(self, signature.call);
  if (handle == NULL) return NULL;
  mw_view view;
  mw_error error;
  if (mw_view_init(&view, handle, dtype, ndim, is_shaped ? shape : NULL, offset, &error) < 0)
    return mwpy_raise(self->state, &error);
  return mwpy_view_new(self, &view);
}

/* With the GIL, since nobody may look at the region while it moves. */
static PyObject *region_resize(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"Region.resize", 1, 1, {"size"}};
  RegionObject *self = (RegionObject *)object;
  PyObject *values[1] = {NULL};
  uint64_t size = 0;
  if (!mwpy_arguments(&signature, args, nargs, kwnames, values) || !mwpy_convert_size(signature.call, "size", values[0], &size)) {
    return NULL;
  }
  mw_error error;
  int status;
  do {
    mw_region *handle = mwpy_region_handle(self, signature.call);
    if (handle == NULL) return NULL;
    status = mw_region_resize(handle, size, &error);
  } while (mwpy_interrupted(status));
  return region_result(self, status, &error);
}

static PyObject *region_check(PyObject *object, PyObject *unused) {
  RegionObject *self = (RegionObject *)object;
  mw_region *handle = mwpy_region_handle(self, "Region.check");
  mw_error error;
  (void)unused;
  if (handle == NULL) return NULL;
  return region_result(self, mw_region_check(handle, &error), &error);
}

static PyObject *region_fileno(PyObject *object, PyObject *unused) {
  RegionObject *self = (RegionObject *)object;
  mw_region *handle = mwpy_region_handle(self, "Region.fileno");
  mw_error error;
  int fd;
  (void)unused;
  if (handle == NULL) return NULL;
  if (mw_region_descriptor(handle, &error, &fd) < 0) return mwpy_raise(self->state, &error);
  return PyLong_FromLong(fd);
}

/* Giving a large mapping back takes the kernel a while. */
static PyObject *region_close(PyObject *object, PyObject *unused) {
  RegionObject *self = (RegionObject *)object;
  mw_region *handle = self->handle;
  (void)unused;
  self->handle = NULL;
  if (handle != NULL) {
    PyThreadState *thread = mwpy_threads_begin(mw_region_size(handle) / 16);
    mw_region_close(handle);
    mwpy_threads_end(thread);
  }
  Py_RETURN_NONE;
}

static PyObject *region_enter(PyObject *object, PyObject *unused) {
  (void)unused;
  return mwpy_region_handle((RegionObject *)object, "Region.__enter__") == NULL ? NULL : Py_NewRef(object);
}

/* close() is looked up, since a subclass may have its own. */
static PyObject *region_exit(PyObject *object, PyObject *const *args, Py_ssize_t nargs) {
  (void)args;
  (void)nargs;
  PyObject *result = PyObject_CallMethod(object, "close", NULL);
  if (result == NULL) return NULL;
  Py_DECREF(result);
  Py_RETURN_NONE;
}

static PyObject *region_repr(PyObject *object) {
  RegionObject *self = (RegionObject *)object;
  PyObject *type = PyType_GetName(Py_TYPE(object));
  PyObject *title = self->title == NULL ? PyUnicode_FromString("") : PyUnicode_FromFormat(" %R", self->title);
  PyObject *text = NULL;
  if (type == NULL || title == NULL) {
    /* The exception is set. */
  } else if (self->handle == NULL) {
    text = PyUnicode_FromFormat("<memwell.%U %U%U, closed>", type, self->kind, title);
  } else {
    text = PyUnicode_FromFormat("<memwell.%U %U%U, %llu bytes%s>", type, self->kind, title,
                                (unsigned long long)mw_region_size(self->handle), self->access == MW_READ ? ", read-only" : "");
  }
  Py_XDECREF(type);
  Py_XDECREF(title);
  return text;
}

/* ------------------------------------------------------------------ life */

static PyObject *region_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
  (void)type;
  (void)args;
  (void)kwargs;
  return PyErr_Format(PyExc_TypeError, "a Region is made by Region.file, Region.create, Region.attach, Region.open or "
                                       "Region.anonymous");
}

/* A Region can be part of a cycle only through the __dict__ of a subclass, which clears that itself: there is no tp_clear. */
static int region_traverse(PyObject *object, visitproc visit, void *arg) {
  Py_VISIT(Py_TYPE(object));
  return 0;
}

/* Nobody closed it: say so, as files do, and close it. */
static void region_finalize(PyObject *object) {
  RegionObject *self = (RegionObject *)object;
  if (self->handle == NULL) return;
  PyObject *type, *value, *traceback;
  PyErr_Fetch(&type, &value, &traceback);
  if (PyErr_ResourceWarning(object, 1, "unclosed region %R", object) < 0 && PyErr_ExceptionMatches(PyExc_Warning)) {
    PyErr_WriteUnraisable(object);
  }
  mw_region *handle = self->handle;
  self->handle = NULL;
  mw_region_close(handle);
  PyErr_Restore(type, value, traceback);
}

/* The stable ABI lacks PyObject_CallFinalizerFromDealloc: the object lives again for the warning. True where it stays alive. */
static bool finalize_from_dealloc(PyObject *object) {
  Py_SET_REFCNT(object, 1);
  region_finalize(object);
  Py_SET_REFCNT(object, Py_REFCNT(object) - 1);
  return Py_REFCNT(object) > 0;
}

static void region_dealloc(PyObject *object) {
  RegionObject *self = (RegionObject *)object;
  PyTypeObject *type = Py_TYPE(object);
  if (self->handle != NULL && finalize_from_dealloc(object)) return;
  PyObject_GC_UnTrack(object);
  if (self->weakrefs != NULL) PyObject_ClearWeakRefs(object);
  Py_XDECREF(self->title);
  Py_XDECREF(self->kind);
  ((freefunc)PyType_GetSlot(type, Py_tp_free))(object);
  Py_DECREF(type);
}

/* ------------------------------------------------------------------ the class */

#define CLASS_METHOD (METH_FASTCALL | METH_KEYWORDS | METH_CLASS)

static PyMethodDef region_methods[] = {
    {"file", MWPY_METHOD(mwpy_region_file), CLASS_METHOD,
     "file($type, path, mode='r', *, offset=0, size=None, permissions=0o600,\n     keep_fd=True)\n--\n\n"
     "Map a file.\n\n"
     "mode         'r' reads, 'r+' reads and writes, 'w+' creates or empties,\n"
     "             'x+' creates and must be the first, 'c' keeps writes private\n"
     "offset       where the region begins in the file; any number of bytes\n"
     "size         how many bytes; None means up to the end. 'r+' grows a shorter\n"
     "             file, 'r' and 'c' raise ValueError\n"
     "permissions  of a new file, taken as given whatever the umask\n"
     "keep_fd      False keeps no descriptor; there is no resize, check or fileno then"},
    {"create", MWPY_METHOD(mwpy_region_create), CLASS_METHOD,
     "create($type, name, size, *, permissions=0o600, temporary=False)\n--\n\n"
     "Create named shared memory of size zero bytes.\n\n"
     "FileExistsError where the name is taken. It appears under its name whole, with\n"
     "its size and permissions, or not at all. A temporary one is unlinked when this\n"
     "process closes it or exits; its children leave it alone."},
    {"attach", MWPY_METHOD(mwpy_region_attach), CLASS_METHOD,
     "attach($type, name, *, timeout=0, readonly=False, any_owner=False)\n--\n\n"
     "Map named shared memory that somebody made, whole.\n\n"
     "Waits up to timeout seconds (None: for ever) for the name to appear; then\n"
     "FileNotFoundError. PermissionError where it belongs to another user, unless\n"
     "any_owner is true."},
    {"open", MWPY_METHOD(mwpy_region_open), CLASS_METHOD,
     "open($type, name, size, *, permissions=0o600, any_owner=False)\n--\n\n"
     "Attach to named shared memory, or create it: of many at once, one creates.\n\n"
     "What exists is mapped whole; ValueError where that is less than size."},
    {"anonymous", MWPY_METHOD(mwpy_region_anonymous), CLASS_METHOD,
     "anonymous($type, size, *, private=False)\n--\n\n"
     "Make memory without a name, which children that are forked later share.\n\n"
     "private=True: each process has its own copy of it from the fork on."},
    {"unlink", MWPY_METHOD(mwpy_region_unlink), METH_STATIC | METH_FASTCALL | METH_KEYWORDS,
     "unlink(name, *, missing_ok=False)\n--\n\n"
     "Remove a name. Whoever has the memory mapped keeps it."},
    {"view", MWPY_METHOD(region_view), METH_FASTCALL | METH_KEYWORDS,
     "view($self, dtype='uint8', shape=None, *, offset=0)\n--\n\n"
     "A typed window on the region: no copy.\n\n"
     "dtype   a name ('float64'), a struct code ('d'), a numpy typestring ('<f8') or\n"
     "        dtype\n"
     "shape   an integer or a tuple of up to 8; None means one dimension, up to the end\n"
     "offset  where it begins, in bytes"},
    {"read", MWPY_METHOD(region_read), METH_FASTCALL | METH_KEYWORDS,
     "read($self, offset, size)\n--\n\nCopy up to size bytes out, as many as there are."},
    {"write", MWPY_METHOD(region_write), METH_FASTCALL | METH_KEYWORDS,
     "write($self, data, offset=0)\n--\n\n"
     "Copy bytes in; returns how many. ValueError, and nothing written, past the end."},
    {"runs", MWPY_METHOD(mwpy_region_runs), METH_FASTCALL | METH_KEYWORDS,
     "runs($self, members, start=0, end=None)\n--\n\n"
     "Iterate over the runs of bytes that are all among members, each as bytes.\n\n"
     "They are found where they lie: like re.findall(b'[members]+', ...), but nothing\n"
     "is copied but the runs. start and end as in bytes.find."},
    {"fill", MWPY_METHOD(region_fill), METH_FASTCALL | METH_KEYWORDS,
     "fill($self, byte=0, offset=0, size=None)\n--\n\nSet size bytes from offset, or all up to the end, to one byte."},
    {"move", MWPY_METHOD(region_move), METH_FASTCALL | METH_KEYWORDS,
     "move($self, dest, src, size)\n--\n\nCopy bytes within the region; the ranges may overlap."},
    {"flush", MWPY_METHOD(region_flush), METH_FASTCALL | METH_KEYWORDS,
     "flush($self, offset=0, size=None, *, wait=True)\n--\n\n"
     "Hand changes to the disk; with wait, return when they are there."},
    {"resize", MWPY_METHOD(region_resize), METH_FASTCALL | METH_KEYWORDS,
     "resize($self, size)\n--\n\n"
     "Change the size, of the file too.\n\n"
     "BufferError while others hold buffers of it (see exports). Views follow; one that\n"
     "lies past the new end raises IndexError."},
    {"check", region_check, METH_NOARGS, "check($self)\n--\n\nRaise FaultError where the file was cut to less than the region."},
    {"fileno", region_fileno, METH_NOARGS, "fileno($self)\n--\n\nThe region's file descriptor; do not close it."},
    {"close", region_close, METH_NOARGS,
     "close($self)\n--\n\n"
     "End the region. Its views raise ClosedError from now on.\n\n"
     "Never fails because somebody still looks: numpy arrays and memoryviews stay valid,\n"
     "and the memory is unmapped when the last of them goes. A second close does nothing."},
    {"__enter__", region_enter, METH_NOARGS, "__enter__($self)\n--\n\nThe region itself."},
    {"__exit__", MWPY_METHOD(region_exit), METH_FASTCALL, "__exit__($self, /, *exc)\n--\n\nClose it."},
    MWPY_BUFFER_METHODS,
    {"__bytes__", region_to_bytes, METH_NOARGS, "__bytes__($self)\n--\n\nA copy of all of it."},
    {"__reduce__", mwpy_region_reduce, METH_NOARGS,
     "__reduce__($self)\n--\n\n"
     "Pickle the name or path with device and inode, not the contents.\n\n"
     "Loading opens the same memory again, or raises FileNotFoundError. TypeError for\n"
     "memory without a name."},
    {NULL, NULL, 0, NULL},
};

static PyMemberDef region_members[] = {
    {"__weaklistoffset__", T_PYSSIZET, offsetof(RegionObject, weakrefs), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

PyDoc_STRVAR(region_doc, "A mapped range of memory: a file, named shared memory, or anonymous memory.\n\n"
                         "Made by Region.file, create, attach, open and anonymous. What they create is byte\n"
                         "for byte what open and shm_open create, so any program can be on the other side.\n\n"
                         "region[i] is a byte, region[a:b] a View, and the buffer protocol is supported:\n"
                         "numpy.asarray(region.view('float64')) copies nothing. Use it in a with statement, or\n"
                         "close it.");

static PyType_Slot region_slots[] = {
    MWPY_TEXT(Py_tp_doc, region_doc),
    {Py_tp_methods, region_methods},
    {Py_tp_getset, region_attributes},
    {Py_tp_members, region_members},
    MWPY_SLOT(Py_tp_new, region_new),
    MWPY_SLOT(Py_tp_dealloc, region_dealloc),
    MWPY_SLOT(Py_tp_finalize, region_finalize),
    MWPY_SLOT(Py_tp_traverse, region_traverse),
    MWPY_SLOT(Py_tp_repr, region_repr),
    MWPY_SLOT(Py_mp_length, region_length),
    MWPY_SLOT(Py_mp_subscript, region_subscript),
    MWPY_SLOT(Py_mp_ass_subscript, region_set_subscript),
    MWPY_SLOT(Py_sq_length, region_length),
    MWPY_SLOT(Py_sq_item, region_item),
    MWPY_SLOT(Py_bf_getbuffer, region_get_buffer),
    MWPY_SLOT(Py_bf_releasebuffer, mwpy_region_release_buffer),
    {0, NULL},
};

static PyType_Spec region_spec = {
    .name = "memwell.Region",
    .basicsize = sizeof(RegionObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = region_slots,
};

bool mwpy_region_type_add(PyObject *module, mwpy_state *state) {
  state->region_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &region_spec, NULL);
  return state->region_type != NULL && PyModule_AddType(module, state->region_type) == 0 && mwpy_run_iterator_add(module, state);
}
