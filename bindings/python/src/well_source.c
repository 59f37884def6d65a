/* Where wells come from. Each class method is its signature and the one core call; well_make does what they share: the object, the
 * GIL, signals, errors. The arguments are read as Region's are.
 *
 * SPDX-License-Identifier: MIT */
#include "well_source.h"

#include "arguments.h"
#include "convert.h"
#include "errors.h"
#include "region_request.h"
#include "region_source.h"
#include "well_type.h"

typedef struct source {
  mwpy_signature signature;
  int (*call)(const mwpy_request *request, const mw_well_options *options, mw_error *error, mw_well **out_well);
} source;

static int call_create(const mwpy_request *request, const mw_well_options *options, mw_error *error, mw_well **out_well) {
  return mw_well_create(request->text, request->size, options, error, out_well);
}

static int call_attach(const mwpy_request *request, const mw_well_options *options, mw_error *error, mw_well **out_well) {
  return mw_well_attach(request->text, options, error, out_well);
}

static int call_open(const mwpy_request *request, const mw_well_options *options, mw_error *error, mw_well **out_well) {
  return mw_well_open(request->text, request->size, options, error, out_well);
}

static int call_file(const mwpy_request *request, const mw_well_options *options, mw_error *error, mw_well **out_well) {
  return mw_well_file(request->text, request->size, options, error, out_well);
}

static const source source_attach = {{"Well.attach", 1, 1, {"name", "timeout", "readonly", "any_owner"}}, call_attach};
static const source source_file = {{"Well.file", 1, 2, {"path", "size", "permissions", "readonly", "slots", "objects"}}, call_file};

/* ------------------------------------------------------------------ making one */

static mw_well_options options_of(const mwpy_request *request) {
  mw_well_options options = {
      .size_of_struct = sizeof options,
      .flags = request->options.flags,
      .permissions = request->options.permissions,
      .slots = request->slots,
      .objects = request->objects,
      .device = request->options.device,
      .inode = request->options.inode,
  };
  if (request->options.access == MW_READ) options.flags |= MW_OBSERVER;
  return options;
}

/* What stays known of a well after it is closed. */
static bool well_describe(WellObject *self) {
  self->is_file = mw_well_is_file(self->handle);
  self->is_observer = mw_well_is_observer(self->handle);
  self->title = PyUnicode_DecodeFSDefault(mw_well_name(self->handle));
  return self->title != NULL;
}

/* Fill a new object; false with an exception set. */
static bool well_fill(WellObject *self, const source *source, const mwpy_request *request) {
  mw_well_options options = options_of(request);
  mw_deadline deadline = mwpy_deadline(request->timeout);
  mw_error error;
  int status;
  do {
    options.wait_for_name = mwpy_wait_slice(deadline);
    PyThreadState *thread = PyEval_SaveThread();
    status = source->call(request, &options, &error, &self->handle);
    PyEval_RestoreThread(thread);
  } while (mwpy_wait_goes_on(&status, &error, mwpy_region_is_pending(status), options.wait_for_name, deadline));
  if (status >= 0) return well_describe(self);
  mwpy_region_raise(self->state, &error, request->text);
  return false;
}

/* The object first, then the well, so that no failure of Python's can lose one. */
static PyObject *well_make(PyTypeObject *type, mwpy_state *state, const source *source, const mwpy_request *request) {
  WellObject *self = (WellObject *)PyType_GenericAlloc(type, 0);
  if (self == NULL) return NULL;
  self->state = state;
  if (well_fill(self, source, request)) return (PyObject *)self;
  mwpy_well_unmake(self);
  return NULL;
}

static PyObject *make_from_arguments(PyObject *type, const source *source, PyObject *const *args, Py_ssize_t nargs,
                                     PyObject *kwnames) {
  mwpy_request request = mwpy_request_new(MW_READ_WRITE);
  PyObject *well = NULL;
  if (mwpy_request_read(&request, &source->signature, args, nargs, kwnames)) {
    well = well_make((PyTypeObject *)type, mwpy_state_of((PyTypeObject *)type), source, &request);
  }
  mwpy_request_clear(&request);
  return well;
}

PyObject *mwpy_well_create(PyObject *type, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const source source = {{"Well.create", 2, 2, {"name", "size", "permissions", "temporary", "slots", "objects"}},
                                call_create};
  return make_from_arguments(type, &source, args, nargs, kwnames);
}

PyObject *mwpy_well_attach(PyObject *type, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  return make_from_arguments(type, &source_attach, args, nargs, kwnames);
}

PyObject *mwpy_well_open(PyObject *type, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const source source = {{"Well.open", 2, 2, {"name", "size", "permissions", "any_owner", "slots", "objects"}}, call_open};
  return make_from_arguments(type, &source, args, nargs, kwnames);
}

PyObject *mwpy_well_file(PyObject *type, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  return make_from_arguments(type, &source_file, args, nargs, kwnames);
}

PyObject *mwpy_well_unlink(PyObject *unused, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"Well.unlink", 1, 1, {"name", "missing_ok"}};
  PyObject *values[2] = {NULL};
  unsigned missing_ok = 0;
  (void)unused;
  if (!mwpy_arguments(&signature, args, nargs, kwnames, values) || !mwpy_convert_flag(values[1], 1, &missing_ok)) return NULL;
  PyObject *name = mwpy_convert_name(signature.call, values[0]);
  if (name == NULL) return NULL;
  mw_error error;
  int status = mw_well_unlink(PyBytes_AsString(name), &error);
  Py_DECREF(name);
  if (status == 0 || (status == MW_ENOENT && missing_ok != 0)) Py_RETURN_NONE;
  return mwpy_raise(NULL, &error);
}

/* ------------------------------------------------------------------ pickles */

/* What another process finds the well by. New reference. */
static PyObject *title_elsewhere(const WellObject *self) {
  if (!self->is_file) return Py_NewRef(self->title);
  PyObject *module = PyImport_ImportModule("os.path");
  PyObject *absolute = module == NULL ? NULL : PyObject_CallMethod(module, "abspath", "O", self->title);
  Py_XDECREF(module);
  return absolute;
}

/* Nothing is asked of the well before all Python code that may close it has run. */
static PyObject *reduced(WellObject *self, PyObject *title, PyObject *attributes, PyObject *reopen) {
  mw_well *handle = mwpy_well_handle(self, "Well.__reduce__");
  uint64_t device, inode;
  if (handle == NULL) return NULL;
  mw_region_identity(mw_well_region(handle), &device, &inode);
  return Py_BuildValue("O(OOOOKK)O", reopen, Py_TYPE((PyObject *)self), self->is_file ? Py_True : Py_False, title,
                       self->is_observer ? Py_True : Py_False, (unsigned long long)device, (unsigned long long)inode, attributes);
}

PyObject *mwpy_well_reduce(PyObject *object, PyObject *unused) {
  WellObject *self = (WellObject *)object;
  (void)unused;
  PyObject *title = title_elsewhere(self);
  PyObject *attributes = title == NULL ? NULL : mwpy_attributes_of(object);
  PyObject *module = attributes == NULL ? NULL : PyImport_ImportModule("memwell._memwell");
  PyObject *reopen = module == NULL ? NULL : PyObject_GetAttrString(module, "_reopen_well");
  PyObject *result = reopen == NULL ? NULL : reduced(self, title, attributes, reopen);
  Py_XDECREF(reopen);
  Py_XDECREF(module);
  Py_XDECREF(attributes);
  Py_XDECREF(title);
  return result;
}

/* Which well it is, is checked by the core before anything happens to it; so whose it is need not be. */
static bool read_pickle(PyObject *const *args, bool is_file, mwpy_request *request) {
  unsigned is_observer = 0;
  if (!mwpy_convert_flag(args[3], 1, &is_observer)) return false;
  if (is_observer != 0) request->options.access = MW_READ;
  if (!is_file) request->options.flags |= MW_ANY_OWNER;
  request->text_owner = PyUnicode_EncodeFSDefault(args[2]);
  request->text = request->text_owner == NULL ? NULL : PyBytes_AsString(request->text_owner);
  if (request->text == NULL) return false;
  request->options.device = PyLong_AsUnsignedLongLong(args[4]);
  request->options.inode = PyErr_Occurred() ? 0 : PyLong_AsUnsignedLongLong(args[5]);
  return !PyErr_Occurred();
}

PyObject *mwpy_well_reopen(PyObject *module, PyObject *const *args, Py_ssize_t nargs) {
  mwpy_state *state = PyModule_GetState(module);
  if (nargs != 6 || !PyType_Check(args[0]) || !PyType_IsSubtype((PyTypeObject *)args[0], state->well_type) ||
      !PyUnicode_Check(args[2])) {
    return PyErr_Format(PyExc_TypeError, "Well: this pickle was not made by this version of memwell");
  }
  bool is_file = args[1] == Py_True;
  mwpy_request request = mwpy_request_new(MW_READ_WRITE);
  PyObject *well = NULL;
  if (read_pickle(args, is_file, &request)) {
    well = well_make((PyTypeObject *)args[0], state, is_file ? &source_file : &source_attach, &request);
  }
  mwpy_request_clear(&request);
  return well;
}
