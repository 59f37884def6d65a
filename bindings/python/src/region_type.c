/* memwell.Region: attributes, subscripts, copies in and out, the buffer protocol, the end of its life. How one is made is in
 * region_source.c. Main entry: mwpy_region_type_add.
 *
 * Every method converts its arguments first, which may run Python code, and asks for the handle last.
 *
 * SPDX-License-Identifier: MIT */
#include "region_type.h"

#include <errno.h>
#include <stddef.h>
#include <structmember.h>

#include "arguments.h"
#include "convert.h"
#include "elements.h"
#include "errors.h"
#include "memwell/view.h"
#include "region_bytes.h"
#include "region_pages.h"
#include "region_pickle.h"
#include "region_search.h"
#include "region_source.h"
#include "span_iterator.h"
#include "view_type.h"
#include "well_type.h"

/* ------------------------------------------------------------------ the handle */

mw_region *mwpy_region_handle(RegionObject *self, const char *call) {
  if (self->handle == NULL) mwpy_raise_closed(self->state, call, "region", self->title);
  return self->handle;
}

mw_region *mwpy_region_hold(RegionObject *self, const char *call) {
  mw_region *handle = mwpy_region_handle(self, call);
  if (handle != NULL) mw_region_hold(handle);
  return handle;
}

PyObject *mwpy_region_result(RegionObject *self, int status, const mw_error *error) {
  if (status < 0) return mwpy_raise(self->state, error);
  Py_RETURN_NONE;
}

bool mwpy_region_is_kind(const RegionObject *self, const char *kind) {
  return PyUnicode_CompareWithASCIIString(self->kind, kind) == 0;
}

static bool region_is_readonly(const RegionObject *self) {
  return self->handle == NULL ? self->was_readonly : mw_region_is_readonly(self->handle);
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

/* The key and the identifier of System V memory, and None for the rest. */
static PyObject *region_get_segment(RegionObject *self, const char *call, bool wants_key) {
  if (!mwpy_region_is_kind(self, "sysv")) Py_RETURN_NONE;
  mw_region *handle = mwpy_region_handle(self, call);
  mw_error error;
  int32_t key, id;
  if (handle == NULL) return NULL;
  if (mw_region_sysv_id(handle, &error, &key, &id) < 0) return mwpy_raise(self->state, &error);
  return PyLong_FromLong(wants_key ? key : id);
}

static PyObject *region_get_key(PyObject *object, void *unused) {
  (void)unused;
  return region_get_segment((RegionObject *)object, "Region.key", true);
}

static PyObject *region_get_id(PyObject *object, void *unused) {
  (void)unused;
  return region_get_segment((RegionObject *)object, "Region.id", false);
}

static PyObject *region_get_faulted(PyObject *object, void *unused) {
  mw_region *handle = mwpy_region_handle((RegionObject *)object, "Region.faulted");
  (void)unused;
  return handle == NULL ? NULL : PyBool_FromLong(mw_region_is_faulted(handle));
}

/* The title is the `name` of named memory and the `path` of a file. */
static PyObject *region_title_if(PyObject *object, const char *kind) {
  RegionObject *self = (RegionObject *)object;
  return Py_NewRef(self->title != NULL && mwpy_region_is_kind(self, kind) ? self->title : Py_None);
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
  return PyBool_FromLong(region_is_readonly((RegionObject *)object));
}

static PyObject *region_get_private(PyObject *object, void *unused) {
  (void)unused;
  return PyBool_FromLong(((RegionObject *)object)->is_private);
}

static PyObject *region_get_closed(PyObject *object, void *unused) {
  (void)unused;
  return PyBool_FromLong(((RegionObject *)object)->handle == NULL);
}

static PyObject *region_get_well(PyObject *object, void *unused) {
  PyObject *well = ((RegionObject *)object)->well;
  (void)unused;
  return Py_NewRef(well == NULL ? Py_None : well);
}

static PyGetSetDef region_attributes[] = {
    {"size", region_get_size, NULL, "How many bytes it has.", NULL},
    {"kind", region_get_kind, NULL, "\"file\", \"named\", \"anonymous\", \"memfd\", \"fd\" or \"sysv\".", NULL},
    {"name", region_get_name, NULL, "The name of named memory, without a leading slash; None for other kinds.", NULL},
    {"path", region_get_path, NULL, "The path of a mapped file, as it was given; None for other kinds.", NULL},
    {"key", region_get_key, NULL, "The key of System V memory, with a sign as ftok() returns it; None for other kinds.", NULL},
    {"id", region_get_id, NULL, "The identifier of System V memory, as ipcs shows it; None for other kinds.", NULL},
    {"readonly", region_get_readonly, NULL, "Whether it can only be read: mapped so, protected, or sealed.", NULL},
    {"private", region_get_private, NULL, "Whether writes stay in this process (mode \"c\", private=True).", NULL},
    {"closed", region_get_closed, NULL, "Whether close() was called.", NULL},
    {"exports", region_get_exports, NULL, "How many buffers of it others hold now: numpy arrays, memoryviews, running calls.",
     NULL},
    {"faulted", region_get_faulted, NULL, "Whether a page of it was lost; until remap() every call raises FaultError.", NULL},
    {"well", region_get_well, NULL, "The Well whose memory it is; None for other regions.", NULL},
    {"seals", mwpy_region_get_seals, NULL,
     "The seals of its memfd, as a tuple of names; empty where there are none, or can be none.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

/* ------------------------------------------------------------------ subscripts */

static Py_ssize_t region_length(PyObject *object) {
  mw_region *handle = mwpy_region_handle((RegionObject *)object, "Region.__len__");
  return handle == NULL ? -1 : (Py_ssize_t)mw_region_size(handle);
}

/* Byte `index`, counted from the start, is in the region `*out_handle`; false with ClosedError or IndexError set. */
static bool region_find_byte(RegionObject *self, Py_ssize_t index, mw_region **out_handle) {
  mw_region *handle = mwpy_region_handle(self, "Region[i]");
  if (handle == NULL) return false;
  *out_handle = handle;
  uint64_t size = mw_region_size(handle);
  if (index >= 0 && (uint64_t)index < size) return true;
  PyErr_Format(PyExc_IndexError, "Region[i]: index %zd is out of range for %llu bytes", index, (unsigned long long)size);
  return false;
}

static Py_ssize_t from_the_end(RegionObject *self, Py_ssize_t index) {
  return index < 0 && self->handle != NULL ? index + (Py_ssize_t)mw_region_size(self->handle) : index;
}

static PyObject *region_item(PyObject *object, Py_ssize_t index) {
  RegionObject *self = (RegionObject *)object;
  mw_region *handle;
  mw_error error;
  uint8_t byte;
  size_t size;
  if (!region_find_byte(self, index, &handle)) return NULL;
  if (mw_region_read(handle, (uint64_t)index, &byte, 1, &error, &size) < 0) return mwpy_raise_in(self->state, "Region[i]", &error);
  return PyLong_FromLong(byte);
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
  mw_region *handle;
  mw_error error;
  Py_ssize_t index = PyNumber_AsSsize_t(key, PyExc_IndexError);
  if ((index == -1 && PyErr_Occurred()) || !mwpy_convert_byte("Region[i]", value, &byte)) return -1;
  index = from_the_end(self, index);
  if (!region_find_byte(self, index, &handle)) return -1;
  if (mw_region_write(handle, (uint64_t)index, &byte, 1, &error) == 0) return 0;
  mwpy_raise_in(self->state, "Region[i]", &error);
  return -1;
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
  mw_error error;
  if (mw_region_is_faulted(handle) && mw_region_check(handle, &error) < 0) {
    mwpy_raise_in(self->state, "memoryview(region)", &error);
    return -1;
  }
  void *data = mw_region_data(handle);
  Py_ssize_t size = (Py_ssize_t)mw_region_size(handle);
  if (PyBuffer_FillInfo(buffer, object, data == NULL ? nothing : data, size, mw_region_is_readonly(handle), flags) < 0) return -1;
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
  return mwpy_region_result(self, status, &error);
}

static PyObject *region_remap(PyObject *object, PyObject *unused) {
  RegionObject *self = (RegionObject *)object;
  mw_region *handle = mwpy_region_handle(self, "Region.remap");
  mw_error error;
  (void)unused;
  return handle == NULL ? NULL : mwpy_region_result(self, mw_region_remap(handle, &error), &error);
}

/* The class is Python's, as it has little to do but to follow io.RawIOBase. */
static PyObject *region_stream(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"Region.stream", 0, 2, {"offset", "size"}};
  PyObject *values[2] = {NULL};
  uint64_t offset = 0, size = UINT64_MAX;
  if (!mwpy_arguments(&signature, args, nargs, kwnames, values) ||
      !mwpy_convert_size(signature.call, "offset", values[0], &offset) ||
      !mwpy_convert_size_or_none(signature.call, "size", values[1], &size)) {
    return NULL;
  }
  mw_region *handle = mwpy_region_handle((RegionObject *)object, signature.call);
  if (handle == NULL) return NULL;
  if (!mwpy_region_has(handle, offset, size == UINT64_MAX ? 0 : size)) {
    return PyErr_Format(PyExc_ValueError, "Region.stream: offset and size go past the end (%llu bytes)",
                        (unsigned long long)mw_region_size(handle));
  }
  PyObject *module = PyImport_ImportModule("memwell._stream");
  PyObject *stop = size == UINT64_MAX ? Py_NewRef(Py_None) : PyLong_FromUnsignedLongLong(offset + size);
  PyObject *stream = NULL;
  if (module != NULL && stop != NULL) {
    stream = PyObject_CallMethod(module, "RegionStream", "OKO", object, (unsigned long long)offset, stop);
  }
  Py_XDECREF(stop);
  Py_XDECREF(module);
  return stream;
}

static PyObject *region_check(PyObject *object, PyObject *unused) {
  RegionObject *self = (RegionObject *)object;
  mw_region *handle = mwpy_region_handle(self, "Region.check");
  mw_error error;
  (void)unused;
  if (handle == NULL) return NULL;
  return mwpy_region_result(self, mw_region_check(handle, &error), &error);
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

/* Take the handle away; NULL where it was gone before. */
static mw_region *region_end(RegionObject *self) {
  mw_region *handle = self->handle;
  self->was_readonly = region_is_readonly(self);
  self->handle = NULL;
  return handle;
}

void mwpy_region_detach(RegionObject *self) { mw_region_drop(region_end(self)); }

static PyObject *refuse_close(RegionObject *self) {
  PyObject *text = PyUnicode_FromFormat("Region.close: it is the memory of a well, which closes it: %R", self->well);
  PyObject *exception = text == NULL ? NULL : PyObject_CallFunction(PyExc_OSError, "iO", EPERM, text);
  if (exception != NULL) PyErr_SetObject((PyObject *)Py_TYPE(exception), exception);
  Py_XDECREF(exception);
  Py_XDECREF(text);
  return NULL;
}

/* Giving a large mapping back takes the kernel a while. */
static PyObject *region_close(PyObject *object, PyObject *unused) {
  (void)unused;
  if (((RegionObject *)object)->well != NULL) return refuse_close((RegionObject *)object);
  mw_region *handle = region_end((RegionObject *)object);
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
                                (unsigned long long)mw_region_size(self->handle),
                                mw_region_is_readonly(self->handle) ? ", read-only" : "");
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
  return PyErr_Format(PyExc_TypeError, "a Region is made by Region.file, create, attach, open, anonymous, memfd, from_fd, sysv or "
                                       "receive");
}

/* A Region can be part of a cycle only through the __dict__ of a subclass, of its own or its Well's, which clears that itself:
 * there is no tp_clear. */
static int region_traverse(PyObject *object, visitproc visit, void *arg) {
  Py_VISIT(Py_TYPE(object));
  Py_VISIT(((RegionObject *)object)->well);
  return 0;
}

/* Nobody closed it: say so, as files do, and close it. A well's is nothing that anybody could have closed. */
static void region_finalize(PyObject *object) {
  RegionObject *self = (RegionObject *)object;
  if (self->handle == NULL || self->well != NULL) return;
  PyObject *type, *value, *traceback;
  PyErr_Fetch(&type, &value, &traceback);
  if (PyErr_ResourceWarning(object, 1, "unclosed region %R", object) < 0 && PyErr_ExceptionMatches(PyExc_Warning)) {
    PyErr_WriteUnraisable(object);
  }
  mw_region_close(region_end(self));
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
  if (self->handle != NULL && self->well == NULL && finalize_from_dealloc(object)) return;
  PyObject_GC_UnTrack(object);
  if (self->well != NULL) mwpy_well_forget_region(self->well);
  if (self->weakrefs != NULL) PyObject_ClearWeakRefs(object);
  mw_region_drop(self->handle);
  Py_XDECREF(self->title);
  Py_XDECREF(self->kind);
  Py_XDECREF(self->well);
  ((freefunc)PyType_GetSlot(type, Py_tp_free))(object);
  Py_DECREF(type);
}

/* ------------------------------------------------------------------ the class */

#define CLASS_METHOD (METH_FASTCALL | METH_KEYWORDS | METH_CLASS)

static PyMethodDef region_methods[] = {
    {"file", MWPY_METHOD(mwpy_region_file), CLASS_METHOD,
     "file($type, path, mode='r', *, offset=0, size=None, permissions=0o600,\n     guard=True, on_fault='error', "
     "keep_fd=True)\n--\n\n"
     "Map a file, or a character device such as /dev/zero.\n\n"
     "mode         'r' reads, 'r+' reads and writes, 'w+' creates or empties,\n"
     "             'x+' creates and must be the first, 'c' keeps writes private\n"
     "offset       where the region begins in the file; any number of bytes\n"
     "size         how many bytes; None means up to the end. 'r+' grows a shorter\n"
     "             file, 'r' and 'c' raise ValueError. A device needs one\n"
     "permissions  of a new file, taken as given whatever the umask\n"
     "guard        False: a page that is lost ends the process with SIGBUS, as it\n"
     "             does without memwell\n"
     "on_fault     what a lost page is: 'error', FaultError from the next call;\n"
     "             'abort', SIGBUS after a line that names the region\n"
     "keep_fd      False keeps no descriptor; there is no resize, remap, seal, send or\n"
     "             fileno then\n\n"
     "guard, on_fault and keep_fd are the same wherever a region is made.\n\n"
     "OSError as open() raises it (FileNotFoundError, FileExistsError, PermissionError,\n"
     "IsADirectoryError; ENOSPC: no room to grow; ENODEV: a FIFO, a socket or a device\n"
     "that cannot be mapped), ValueError for an offset or size past the end."},
    {"create", MWPY_METHOD(mwpy_region_create), CLASS_METHOD,
     "create($type, name, size, *, permissions=0o600, temporary=False, guard=True,\n       on_fault='error', keep_fd=True)\n--\n\n"
     "Create named shared memory of size zero bytes.\n\n"
     "It appears under its name whole, with its size and permissions, or not at all. A\n"
     "temporary one is unlinked when this process closes it or exits; its children leave\n"
     "it alone.\n\n"
     "FileExistsError where the name is taken, OSError with ENOSPC where there is no room,\n"
     "ValueError for a name that cannot be or a size of 0."},
    {"attach", MWPY_METHOD(mwpy_region_attach), CLASS_METHOD,
     "attach($type, name, *, timeout=0, readonly=False, any_owner=False, guard=True,\n       on_fault='error', "
     "keep_fd=True)\n--\n\n"
     "Map named shared memory that somebody made, whole.\n\n"
     "Waits up to timeout seconds (None: for ever) for the name to appear; then\n"
     "FileNotFoundError, or BlockingIOError where it is there and has no size yet.\n"
     "PermissionError where it belongs to another user, unless any_owner is true, or where\n"
     "its permissions do not allow the access. ValueError for a name that cannot be."},
    {"open", MWPY_METHOD(mwpy_region_open), CLASS_METHOD,
     "open($type, name, size, *, permissions=0o600, any_owner=False, guard=True,\n     on_fault='error', keep_fd=True)\n--\n\n"
     "Attach to named shared memory, or create it: of many at once, one creates.\n\n"
     "What exists is mapped whole; ValueError where that is less than size. Otherwise the\n"
     "errors of attach and create."},
    {"anonymous", MWPY_METHOD(mwpy_region_anonymous), CLASS_METHOD,
     "anonymous($type, size, *, private=False, huge_pages=False, guard=True,\n          on_fault='error', keep_fd=True)\n--\n\n"
     "Make memory without a name, which children that are forked later share.\n\n"
     "private     each process has its own copy of it from the fork on\n"
     "huge_pages  made of the system's huge pages (vm.nr_hugepages)\n\n"
     "OSError with ENOMEM or ENOSPC where there is not so much, ValueError for a size of 0."},
    {"memfd", MWPY_METHOD(mwpy_region_memfd), CLASS_METHOD,
     "memfd($type, size, *, name='memwell', huge_pages=False, guard=True,\n      on_fault='error', keep_fd=True)\n--\n\n"
     "Make a file in memory, to be handed to other processes by send() and sealed.\n\n"
     "name        what /proc shows of it, at most 249 bytes; it leads nowhere\n"
     "huge_pages  made of the system's huge pages (vm.nr_hugepages)\n\n"
     "Errors as anonymous()."},
    {"from_fd", MWPY_METHOD(mwpy_region_from_fd), CLASS_METHOD,
     "from_fd($type, fd, *, offset=0, size=None, readonly=False, private=False,\n        require_seals=(), guard=True, "
     "on_fault='error', keep_fd=True)\n--\n\n"
     "Map what a descriptor leads to: a file, shared memory, a memfd, a device.\n\n"
     "fd             stays the caller's; the region keeps a duplicate. An object with\n"
     "               fileno() will do\n"
     "offset, size   the part that is mapped; None means up to the end. Nothing is grown\n"
     "private        writes stay in this process\n"
     "require_seals  names of seals that the memfd must have before anything is mapped\n\n"
     "PermissionError where a seal is missing, or the descriptor or a seal does not allow\n"
     "the access; ValueError past the end; OSError with ENODEV for a FIFO, a socket or a\n"
     "device that cannot be mapped, with EBADF for what is no descriptor;\n"
     "IsADirectoryError."},
    {"sysv", MWPY_METHOD(mwpy_region_sysv), CLASS_METHOD,
     "sysv($type, key, size=None, *, how='attach', permissions=0o600, readonly=False,\n     huge_pages=False, any_owner=False, "
     "guard=True, on_fault='error', keep_fd=True)\n--\n\n"
     "Map System V shared memory, whole: what shmget and shmat do.\n\n"
     "key          as ftok() makes it, with a sign or without; 0, IPC_PRIVATE, makes\n"
     "             memory that nobody finds\n"
     "size         of a new one; what exists must have as much\n"
     "how          'attach' finds it, 'create' makes it and must be the first, 'open' does\n"
     "             either\n"
     "permissions  of a new one: the lowest nine bits of chmod\n"
     "huge_pages   made of the system's huge pages (vm.nr_hugepages)\n\n"
     "The segment stays when all have closed it, until sysv_remove(). FileNotFoundError,\n"
     "FileExistsError; PermissionError for another user's, unless any_owner is true, or\n"
     "where its permissions do not allow the access; OSError with ENOSPC where SHMMNI or\n"
     "SHMALL is reached; ValueError for a size beyond SHMMAX or that of what exists."},
    {"receive", MWPY_METHOD(mwpy_region_receive), CLASS_METHOD,
     "receive($type, socket, *, require_seals=(), guard=True, on_fault='error',\n        keep_fd=True)\n--\n\n"
     "Map the region that another process sent through a Unix socket.\n\n"
     "socket         connected; a descriptor, or an object with fileno(), whose time-out,\n"
     "               if it has gettimeout(), is kept to\n"
     "require_seals  names of seals that the memfd must have before anything is mapped;\n"
     "               without 'shrink' the sender can cut the memory\n\n"
     "It can be written where the sender's could. FormatError where what came is no such\n"
     "message, or has not exactly one descriptor; PermissionError where a seal is missing;\n"
     "TimeoutError; ConnectionResetError where the other side closed; OSError for what is\n"
     "no Unix socket."},
    {"send", MWPY_METHOD(mwpy_region_send), METH_FASTCALL | METH_KEYWORDS,
     "send($self, socket)\n--\n\n"
     "Hand the region to another process, which calls receive(). Both keep it.\n\n"
     "socket as in receive(). TimeoutError, BrokenPipeError; OSError with ENOTSUP for\n"
     "private and System V memory, and where no descriptor was kept."},
    {"unlink", MWPY_METHOD(mwpy_region_unlink), METH_STATIC | METH_FASTCALL | METH_KEYWORDS,
     "unlink(name, *, missing_ok=False)\n--\n\n"
     "Remove a name. Whoever has the memory mapped keeps it.\n\n"
     "FileNotFoundError where there is none, unless missing_ok; PermissionError."},
    {"sysv_remove", MWPY_METHOD(mwpy_region_sysv_remove), CLASS_METHOD,
     "sysv_remove($type, key, *, missing_ok=False)\n--\n\n"
     "Remove System V memory: nobody finds it any more, and it goes with the last that\n"
     "has it mapped.\n\n"
     "key  or an open region, the only way where the key is 0\n\n"
     "FileNotFoundError where there is none, unless missing_ok; PermissionError where it\n"
     "is another user's; OSError with ENOTSUP for a region of another kind."},
    {"view", MWPY_METHOD(region_view), METH_FASTCALL | METH_KEYWORDS,
     "view($self, dtype='uint8', shape=None, *, offset=0)\n--\n\n"
     "A typed window on the region: no copy.\n\n"
     "dtype   a name ('float64'), a struct code ('d'), a numpy typestring ('<f8') or\n"
     "        dtype\n"
     "shape   an integer or a tuple of up to 8; None means one dimension, up to the end\n"
     "offset  where it begins, in bytes"},
    {"read", MWPY_METHOD(mwpy_region_read), METH_FASTCALL | METH_KEYWORDS,
     "read($self, offset, size)\n--\n\nCopy up to size bytes out, as many as there are."},
    {"readinto", MWPY_METHOD(mwpy_region_readinto), METH_FASTCALL | METH_KEYWORDS,
     "readinto($self, buffer, offset=0)\n--\n\n"
     "Copy bytes out into a writable buffer, as many as it takes or there are; returns how\n"
     "many."},
    {"write", MWPY_METHOD(mwpy_region_write), METH_FASTCALL | METH_KEYWORDS,
     "write($self, data, offset=0)\n--\n\n"
     "Copy bytes in; returns how many. ValueError, and nothing written, past the end;\n"
     "TypeError where the region is read-only."},
    {"find", MWPY_METHOD(mwpy_region_find), METH_FASTCALL | METH_KEYWORDS,
     "find($self, sub, start=0, end=None)\n--\n\n"
     "The first place of the bytes sub, or -1; all as bytes.find, but nothing is copied."},
    {"rfind", MWPY_METHOD(mwpy_region_rfind), METH_FASTCALL | METH_KEYWORDS,
     "rfind($self, sub, start=0, end=None)\n--\n\nThe last place of the bytes sub, or -1; all as bytes.rfind."},
    {"count", MWPY_METHOD(mwpy_region_count), METH_FASTCALL | METH_KEYWORDS,
     "count($self, sub, start=0, end=None)\n--\n\nHow often the bytes sub are there, not overlapping; all as bytes.count."},
    {"lines", MWPY_METHOD(mwpy_region_lines), METH_FASTCALL | METH_KEYWORDS,
     "lines($self, start=0, end=None)\n--\n\n"
     "Iterate over the lines, each as bytes without its newline.\n\n"
     "They are found where they lie. start and end as in bytes.find. A newline at the end\n"
     "begins no further line."},
    {"runs", MWPY_METHOD(mwpy_region_runs), METH_FASTCALL | METH_KEYWORDS,
     "runs($self, members, start=0, end=None)\n--\n\n"
     "Iterate over the runs of bytes that are all among members, each as bytes.\n\n"
     "They are found where they lie: like re.findall(b'[members]+', ...), but nothing\n"
     "is copied but the runs. start and end as in bytes.find."},
    {"stream", MWPY_METHOD(region_stream), METH_FASTCALL | METH_KEYWORDS,
     "stream($self, offset=0, size=None)\n--\n\n"
     "An io.RawIOBase over the region, or a part of it: for csv, zipfile, pickle and\n"
     "whatever else reads or writes files.\n\n"
     "Without a size it goes up to the region's end, wherever that is then. Closing it does\n"
     "not close the region. ValueError past the end."},
    {"fill", MWPY_METHOD(mwpy_region_fill), METH_FASTCALL | METH_KEYWORDS,
     "fill($self, byte=0, offset=0, size=None)\n--\n\nSet size bytes from offset, or all up to the end, to one byte."},
    {"move", MWPY_METHOD(mwpy_region_move), METH_FASTCALL | METH_KEYWORDS,
     "move($self, dest, src, size)\n--\n\nCopy bytes within the region; the ranges may overlap."},
    {"flush", MWPY_METHOD(mwpy_region_flush), METH_FASTCALL | METH_KEYWORDS,
     "flush($self, offset=0, size=None, *, wait=True)\n--\n\n"
     "Hand changes to the disk; with wait, return when they are there.\n\n"
     "OSError with EIO where the disk fails."},
    {"advise", MWPY_METHOD(mwpy_region_advise), METH_FASTCALL | METH_KEYWORDS,
     "advise($self, advice, offset=0, size=None)\n--\n\n"
     "Say how the memory is going to be used; what is in it does not change.\n\n"
     "advice  'normal', 'sequential', 'random', 'willneed', 'cold', 'pageout', 'hugepage',\n"
     "        'nohugepage', 'dontdump', 'dodump'\n\n"
     "ValueError for another word, OSError with ENOTSUP where the kernel or the kind of\n"
     "memory does not take it."},
    {"discard", MWPY_METHOD(mwpy_region_discard), METH_FASTCALL | METH_KEYWORDS,
     "discard($self, offset=0, size=None)\n--\n\n"
     "Give memory and contents up: shared bytes become zeros for everybody, private ones\n"
     "what the file has.\n\n"
     "TypeError where it is read-only; PermissionError where it is sealed; OSError with\n"
     "ENOTSUP where the file system cannot."},
    {"populate", MWPY_METHOD(mwpy_region_populate), METH_FASTCALL | METH_KEYWORDS,
     "populate($self, offset=0, size=None)\n--\n\n"
     "Bring the pages in now, so that touching them later costs nothing.\n\n"
     "FaultError where some are lost already."},
    {"mlock", MWPY_METHOD(mwpy_region_mlock), METH_FASTCALL | METH_KEYWORDS,
     "mlock($self, offset=0, size=None)\n--\n\n"
     "Keep the pages in memory, never on swap; forked children have no locks.\n\n"
     "OSError with ENOMEM, EAGAIN or EPERM beyond RLIMIT_MEMLOCK."},
    {"munlock", MWPY_METHOD(mwpy_region_munlock), METH_FASTCALL | METH_KEYWORDS,
     "munlock($self, offset=0, size=None)\n--\n\nLet the pages go to swap again; locks do not add up."},
    {"resident", mwpy_region_resident, METH_NOARGS,
     "resident($self)\n--\n\nHow many of its bytes are in memory now, counted in pages."},
    {"protect", MWPY_METHOD(mwpy_region_protect), METH_FASTCALL | METH_KEYWORDS,
     "protect($self, *, readonly)\n--\n\n"
     "Refuse writing through this region, or allow it again.\n\n"
     "BufferError while others hold buffers of it; PermissionError where it was mapped for\n"
     "reading only, or is sealed."},
    {"seal", MWPY_METHOD(mwpy_region_seal), METH_FASTCALL,
     "seal($self, *seals)\n--\n\n"
     "Promise for a memfd, for ever and to everybody: 'shrink' and 'grow', that its size\n"
     "changes in neither way; 'write', its contents in no way; 'future_write', only\n"
     "through mappings that are there; 'seal', that no seals are added.\n\n"
     "OSError with ENOTSUP for what is no memfd; PermissionError where it is sealed with\n"
     "'seal'; for 'write' BufferError while others hold buffers, and OSError with EBUSY\n"
     "while other mappings can write."},
    {"resize", MWPY_METHOD(region_resize), METH_FASTCALL | METH_KEYWORDS,
     "resize($self, size)\n--\n\n"
     "Change the size, of the file too. Views follow; one that lies past the new end raises\n"
     "IndexError.\n\n"
     "BufferError while others hold buffers of it (see exports), and nothing is changed.\n"
     "OSError with ENOTSUP for private and System V memory, devices and regions without a\n"
     "descriptor, with ENOSPC where there is no room; PermissionError where it is sealed;\n"
     "TypeError where it is read-only."},
    {"remap", region_remap, METH_NOARGS,
     "remap($self)\n--\n\n"
     "Map anew what others have made of the file, with its present size; what was lost is\n"
     "looked for again, and faulted is False.\n\n"
     "BufferError while others hold buffers of it; OSError with ENOTSUP for private memory\n"
     "and regions without a descriptor. System V memory and devices stay as they are."},
    {"check", region_check, METH_NOARGS,
     "check($self)\n--\n\nRaise FaultError where a page was lost, or the file was cut to less than the region."},
    {"fileno", region_fileno, METH_NOARGS,
     "fileno($self)\n--\n\nThe region's file descriptor; do not close it. OSError with ENOTSUP where it keeps none."},
    {"close", region_close, METH_NOARGS,
     "close($self)\n--\n\n"
     "End the region. Its views raise ClosedError from now on.\n\n"
     "Never fails because somebody still looks: numpy arrays and memoryviews stay valid,\n"
     "and the memory is unmapped when the last of them goes. A second close does nothing.\n"
     "PermissionError for the memory of a well, which is closed with the well."},
    {"__enter__", region_enter, METH_NOARGS, "__enter__($self)\n--\n\nThe region itself."},
    {"__exit__", MWPY_METHOD(region_exit), METH_FASTCALL, "__exit__($self, /, *exc)\n--\n\nClose it."},
    MWPY_BUFFER_METHODS,
    {"__bytes__", mwpy_region_to_bytes, METH_NOARGS, "__bytes__($self)\n--\n\nA copy of all of it."},
    {"__reduce__", mwpy_region_reduce, METH_NOARGS,
     "__reduce__($self)\n--\n\n"
     "Pickle the name, path or key with device and inode, not the contents.\n\n"
     "Loading opens the same memory again, or raises FileNotFoundError. TypeError for\n"
     "memory that has no name: send() it. The memory of a well travels with its Well."},
    {NULL, NULL, 0, NULL},
};

static PyMemberDef region_members[] = {
    {"__weaklistoffset__", T_PYSSIZET, offsetof(RegionObject, weakrefs), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

PyDoc_STRVAR(region_doc, "A mapped range of memory: a file, named shared memory, System V memory, memory without\n"
                         "a name, or what a descriptor leads to.\n\n"
                         "Made by Region.file, create, attach, open, anonymous, memfd, from_fd, sysv and\n"
                         "receive. What they create is byte for byte what open, shm_open and shmget create, so\n"
                         "any program can be on the other side.\n\n"
                         "region[i] is a byte, region[a:b] a View, and the buffer protocol is supported:\n"
                         "numpy.asarray(region.view('float64')) copies nothing. Use it in a with statement, or\n"
                         "close it.\n\n"
                         "Every call raises ClosedError after close(), and FaultError after a page was lost\n"
                         "(somebody cut the file, or its file system is full) until remap().");

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
  return state->region_type != NULL && PyModule_AddType(module, state->region_type) == 0 && mwpy_span_iterator_add(module, state);
}
