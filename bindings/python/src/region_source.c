/* Where regions come from. Each class method converts its arguments and hands one core call to region_make, which does what they
 * share: the object, the GIL, signals, errors. Pickling reopens by name or path and then asks whether it is the same memory.
 *
 * SPDX-License-Identifier: MIT */
#include "region_source.h"

#include <string.h>

#include "arguments.h"
#include "convert.h"
#include "errors.h"
#include "region_type.h"

/* Every call that makes a region, in one form. */
typedef int (*source_call)(const char *text, uint64_t size, const mw_region_options *options, mw_error *error,
                           mw_region **out_region);

static int call_attach(const char *text, uint64_t size, const mw_region_options *options, mw_error *error, mw_region **out_region) {
  (void)size;
  return mw_region_attach(text, options, error, out_region);
}

static int call_anonymous(const char *text, uint64_t size, const mw_region_options *options, mw_error *error,
                          mw_region **out_region) {
  (void)text;
  return mw_region_anonymous(size, options, error, out_region);
}

/* A region object that is closed as yet. */
static RegionObject *region_born(PyTypeObject *type, mwpy_state *state) {
  RegionObject *self = (RegionObject *)PyType_GenericAlloc(type, 0);
  if (self != NULL) self->state = state;
  return self;
}

/* What stays known of a region after it is closed. */
static bool region_describe(RegionObject *self, unsigned flags) {
  const char *title = mw_region_name(self->handle);
  self->kind = PyUnicode_InternFromString(mw_region_kind(self->handle));
  self->access = mw_region_access(self->handle);
  self->without_fd = (flags & MW_NO_FD) != 0;
  if (title != NULL) self->title = PyUnicode_DecodeFSDefault(title);
  return self->kind != NULL && (title == NULL || self->title != NULL);
}

/* Close a region that nobody has seen. */
static void region_discard(RegionObject *self) {
  mw_region *handle = self->handle;
  self->handle = NULL;
  mw_region_close(handle);
  Py_DECREF(self);
}

static PyObject *raise_with_text(mwpy_state *state, const mw_error *error, const char *text) {
  PyObject *filename = text == NULL ? NULL : PyUnicode_DecodeFSDefault(text);
  if (text == NULL || filename != NULL) mwpy_raise_about(state, error, filename);
  Py_XDECREF(filename);
  return NULL;
}

/* Make the object and then the region, so that no failure of Python's can lose a region. `bytes` is the name or path, stolen, and
 * NULL where there is none. */
static PyObject *region_make(PyTypeObject *type, mwpy_state *state, source_call call, PyObject *bytes, uint64_t size,
                             const mw_region_options *options) {
  const char *text = bytes == NULL ? NULL : PyBytes_AsString(bytes);
  bool may_wait = call != call_attach || options->wait_for_name != MW_DEADLINE_NOW;
  RegionObject *self = region_born(type, state);
  if (self == NULL) {
    Py_XDECREF(bytes);
    return NULL;
  }
  mw_error error;
  mw_region_options slice = *options;
  int status;
  do {
    slice.wait_for_name = mwpy_wait_slice(options->wait_for_name);
    PyThreadState *thread = mwpy_threads_begin(may_wait ? UINT64_MAX : 0);
    status = call(text, size, &slice, &error, &self->handle);
    mwpy_threads_end(thread);
  } while (
      mwpy_wait_goes_on(&status, &error, status == MW_ENOENT || status == MW_EAGAIN, slice.wait_for_name, options->wait_for_name));
  if (status < 0) {
    raise_with_text(state, &error, text);
    Py_CLEAR(self);
  } else if (!region_describe(self, options->flags)) {
    region_discard(self);
    self = NULL;
  }
  Py_XDECREF(bytes);
  return (PyObject *)self;
}

static mw_region_options default_options(void) {
  mw_region_options options;
  memset(&options, 0, sizeof options);
  options.size_of_struct = sizeof options;
  return options;
}

/* ------------------------------------------------------------------ class methods */

static const struct mode {
  const char *name;
  mw_access access;
  unsigned flags;
} modes[] = {
    {"r", MW_READ, 0},          {"r+", MW_READ_WRITE, 0}, {"w+", MW_READ_WRITE, MW_TRUNCATE}, {"x+", MW_READ_WRITE, MW_EXCLUSIVE},
    {"c", MW_COPY_ON_WRITE, 0},
};

static bool convert_mode(PyObject *value, mw_region_options *options) {
  if (value != NULL && !PyUnicode_Check(value)) {
    PyErr_Format(PyExc_TypeError, "Region.file: the mode must be a str, not %R", value);
    return false;
  }
  for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
    if (value == NULL ? i == 0 : PyUnicode_CompareWithASCIIString(value, modes[i].name) == 0) {
      options->access = modes[i].access;
      options->flags |= modes[i].flags;
      return true;
    }
  }
  PyErr_Format(PyExc_ValueError, "Region.file: the mode must be 'r', 'r+', 'w+', 'x+' or 'c', not %R", value);
  return false;
}

/* The core takes 0 for "up to the end"; here that is None, and a 0 is a mistake. */
static bool convert_file_size(PyObject *value, uint64_t *out_size) {
  if (!mwpy_convert_size_or_none("Region.file", "size", value, out_size)) return false;
  if (value == NULL || value == Py_None || *out_size > 0) return true;
  PyErr_SetString(PyExc_ValueError, "Region.file: a size of 0 cannot be mapped; leave it out to map up to the end of the file");
  return false;
}

/* keep_fd=False sets MW_NO_FD. */
static bool convert_keep_fd(PyObject *value, unsigned *flags) {
  unsigned keep = 0;
  if (value == NULL) return true;
  if (!mwpy_convert_flag(value, 1, &keep)) return false;
  if (keep == 0) *flags |= MW_NO_FD;
  return true;
}

PyObject *mwpy_region_file(PyObject *type, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"Region.file", 1, 2, {"path", "mode", "offset", "size", "permissions", "keep_fd"}};
  PyObject *values[6] = {NULL};
  mw_region_options options = default_options();
  uint64_t size = 0;
  if (!mwpy_arguments(&signature, args, nargs, kwnames, values) || !convert_mode(values[1], &options) ||
      !mwpy_convert_size(signature.call, "offset", values[2], &options.offset) || !convert_file_size(values[3], &size) ||
      !mwpy_convert_unsigned(signature.call, "permissions", values[4], &options.permissions) ||
      !convert_keep_fd(values[5], &options.flags)) {
    return NULL;
  }
  PyObject *path = mwpy_convert_path(signature.call, values[0]);
  if (path == NULL) return NULL;
  return region_make((PyTypeObject *)type, mwpy_state_of((PyTypeObject *)type), mw_region_file, path, size, &options);
}

PyObject *mwpy_region_create(PyObject *type, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"Region.create", 2, 2, {"name", "size", "permissions", "temporary"}};
  PyObject *values[4] = {NULL};
  mw_region_options options = default_options();
  uint64_t size = 0;
  if (!mwpy_arguments(&signature, args, nargs, kwnames, values) || !mwpy_convert_size(signature.call, "size", values[1], &size) ||
      !mwpy_convert_unsigned(signature.call, "permissions", values[2], &options.permissions) ||
      !mwpy_convert_flag(values[3], MW_TEMPORARY, &options.flags)) {
    return NULL;
  }
  PyObject *name = mwpy_convert_name(signature.call, values[0]);
  if (name == NULL) return NULL;
  return region_make((PyTypeObject *)type, mwpy_state_of((PyTypeObject *)type), mw_region_create, name, size, &options);
}

PyObject *mwpy_region_attach(PyObject *type, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"Region.attach", 1, 1, {"name", "timeout", "readonly", "any_owner"}};
  PyObject *values[4] = {NULL};
  mw_region_options options = default_options();
  double seconds = 0;
  unsigned readonly = 0;
  if (!mwpy_arguments(&signature, args, nargs, kwnames, values) || !mwpy_convert_timeout(signature.call, values[1], &seconds) ||
      !mwpy_convert_flag(values[2], 1, &readonly) || !mwpy_convert_flag(values[3], MW_ANY_OWNER, &options.flags)) {
    return NULL;
  }
  PyObject *name = mwpy_convert_name(signature.call, values[0]);
  if (name == NULL) return NULL;
  options.access = readonly != 0 ? MW_READ : MW_READ_WRITE;
  options.wait_for_name = mwpy_deadline(seconds);
  return region_make((PyTypeObject *)type, mwpy_state_of((PyTypeObject *)type), call_attach, name, 0, &options);
}

PyObject *mwpy_region_open(PyObject *type, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"Region.open", 2, 2, {"name", "size", "permissions", "any_owner"}};
  PyObject *values[4] = {NULL};
  mw_region_options options = default_options();
  uint64_t size = 0;
  if (!mwpy_arguments(&signature, args, nargs, kwnames, values) || !mwpy_convert_size(signature.call, "size", values[1], &size) ||
      !mwpy_convert_unsigned(signature.call, "permissions", values[2], &options.permissions) ||
      !mwpy_convert_flag(values[3], MW_ANY_OWNER, &options.flags)) {
    return NULL;
  }
  PyObject *name = mwpy_convert_name(signature.call, values[0]);
  if (name == NULL) return NULL;
  return region_make((PyTypeObject *)type, mwpy_state_of((PyTypeObject *)type), mw_region_open, name, size, &options);
}

PyObject *mwpy_region_anonymous(PyObject *type, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"Region.anonymous", 1, 1, {"size", "private"}};
  PyObject *values[2] = {NULL};
  mw_region_options options = default_options();
  uint64_t size = 0;
  unsigned is_private = 0;
  if (!mwpy_arguments(&signature, args, nargs, kwnames, values) || !mwpy_convert_size(signature.call, "size", values[0], &size) ||
      !mwpy_convert_flag(values[1], 1, &is_private)) {
    return NULL;
  }
  if (is_private != 0) options.access = MW_COPY_ON_WRITE;
  return region_make((PyTypeObject *)type, mwpy_state_of((PyTypeObject *)type), call_anonymous, NULL, size, &options);
}

PyObject *mwpy_region_unlink(PyObject *unused, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"Region.unlink", 1, 1, {"name", "missing_ok"}};
  PyObject *values[2] = {NULL};
  unsigned missing_ok = 0;
  (void)unused;
  if (!mwpy_arguments(&signature, args, nargs, kwnames, values) || !mwpy_convert_flag(values[1], 1, &missing_ok)) return NULL;
  PyObject *name = mwpy_convert_name(signature.call, values[0]);
  if (name == NULL) return NULL;
  mw_error error;
  int status = mw_region_unlink(PyBytes_AsString(name), &error);
  Py_DECREF(name);
  if (status == 0 || (status == MW_ENOENT && missing_ok != 0)) Py_RETURN_NONE;
  return mwpy_raise(NULL, &error);
}

/* ------------------------------------------------------------------ pickling */

/* The title that another process finds the region by: a file's path made absolute, a name as it is. New reference. */
static PyObject *title_elsewhere(const RegionObject *self) {
  if (PyUnicode_CompareWithASCIIString(self->kind, "file") != 0) return Py_NewRef(self->title);
  PyObject *module = PyImport_ImportModule("os.path");
  PyObject *path = module == NULL ? NULL : PyObject_CallMethod(module, "abspath", "O", self->title);
  Py_XDECREF(module);
  return path;
}

PyObject *mwpy_region_reduce(PyObject *object, PyObject *unused) {
  RegionObject *self = (RegionObject *)object;
  (void)unused;
  if (mwpy_region_handle(self, "Region.__reduce__") == NULL) return NULL;
  if (self->access == MW_COPY_ON_WRITE || self->title == NULL) {
    return PyErr_Format(PyExc_TypeError,
                        "%R cannot be pickled: %s memory has no name to find it by; create() or file() gives it one", object,
                        self->access == MW_COPY_ON_WRITE ? "private" : "anonymous");
  }
  PyObject *title = title_elsewhere(self);
  PyObject *attributes = title == NULL ? NULL : mwpy_attributes_of(object);
  PyObject *module = attributes == NULL ? NULL : PyImport_ImportModule("memwell._memwell");
  PyObject *reopen = module == NULL ? NULL : PyObject_GetAttrString(module, "_reopen_region");
  PyObject *result = NULL;
  mw_region *handle = reopen == NULL ? NULL : mwpy_region_handle(self, "Region.__reduce__");
  if (handle != NULL) {
    uint64_t device, inode;
    mw_region_identity(handle, &device, &inode);
    result =
        Py_BuildValue("O(OOOKKOOKK)O", reopen, Py_TYPE(object), self->kind, title, (unsigned long long)mw_region_size(handle),
                      (unsigned long long)mw_region_offset(handle), self->access == MW_READ ? Py_True : Py_False,
                      self->without_fd ? Py_True : Py_False, (unsigned long long)device, (unsigned long long)inode, attributes);
  }
  Py_XDECREF(reopen);
  Py_XDECREF(module);
  Py_XDECREF(attributes);
  Py_XDECREF(title);
  return result;
}

/* A file's size is asked for again; named memory is mapped whole, and must not have become smaller. */
static PyObject *reopen(PyTypeObject *type, mwpy_state *state, bool is_file, PyObject *title, uint64_t size,
                        const mw_region_options *options) {
  PyObject *bytes = PyUnicode_EncodeFSDefault(title);
  if (bytes == NULL) return NULL;
  PyObject *object = region_make(type, state, is_file ? mw_region_file : call_attach, bytes, size, options);
  if (object == NULL || mw_region_size(((RegionObject *)object)->handle) >= size) return object;
  PyErr_Format(PyExc_ValueError, "Region(%R): it had %llu bytes when it was pickled, and has %llu", title, (unsigned long long)size,
               (unsigned long long)mw_region_size(((RegionObject *)object)->handle));
  region_discard((RegionObject *)object);
  return NULL;
}

/* Which object it is, is checked by the core before anything happens to it; so whose it is need not be. */
PyObject *mwpy_region_reopen(PyObject *module, PyObject *const *args, Py_ssize_t nargs) {
  mwpy_state *state = PyModule_GetState(module);
  mw_region_options options = default_options();
  uint64_t size = 0;
  unsigned readonly = 0;
  if (nargs != 9 || !PyType_Check(args[0]) || !PyType_IsSubtype((PyTypeObject *)args[0], state->region_type) ||
      !PyUnicode_Check(args[1]) || !PyUnicode_Check(args[2])) {
    return PyErr_Format(PyExc_TypeError, "Region: this pickle was not made by this version of memwell");
  }
  bool is_file = PyUnicode_CompareWithASCIIString(args[1], "file") == 0;
  if (!mwpy_convert_size("Region", "size", args[3], &size) || !mwpy_convert_size("Region", "offset", args[4], &options.offset) ||
      !mwpy_convert_flag(args[5], 1, &readonly) || !mwpy_convert_flag(args[6], MW_NO_FD, &options.flags)) {
    return NULL;
  }
  options.device = PyLong_AsUnsignedLongLong(args[7]);
  options.inode = PyErr_Occurred() ? 0 : PyLong_AsUnsignedLongLong(args[8]);
  if (PyErr_Occurred()) return NULL;
  options.access = readonly != 0 ? MW_READ : MW_READ_WRITE;
  if (!is_file) options.flags = MW_ANY_OWNER;
  return reopen((PyTypeObject *)args[0], state, is_file, args[2], size, &options);
}
