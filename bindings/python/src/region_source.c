/* Where regions come from. Each class method is its signature and the one core call; mwpy_region_make does what they share: the
 * object, the GIL, signals, errors.
 *
 * SPDX-License-Identifier: MIT */
#include "region_source.h"

#include "arguments.h"
#include "convert.h"
#include "errors.h"
#include "memwell/handover.h"
#include "region_type.h"

/* ------------------------------------------------------------------ making one */

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
  self->is_private = mw_region_access(self->handle) == MW_COPY_ON_WRITE;
  self->flags = flags;
  if (title != NULL) self->title = PyUnicode_DecodeFSDefault(title);
  return self->kind != NULL && (title == NULL || self->title != NULL);
}

void mwpy_region_unmake(RegionObject *self) {
  mw_region *handle = self->handle;
  self->handle = NULL;
  mw_region_close(handle);
  Py_DECREF(self);
}

PyObject *mwpy_region_of_well(mwpy_state *state, PyObject *well, mw_region *handle) {
  RegionObject *self = region_born(state->region_type, state);
  if (self == NULL) return NULL;
  mw_region_hold(handle);
  self->handle = handle;
  if (region_describe(self, 0)) {
    self->well = Py_NewRef(well);
    return (PyObject *)self;
  }
  self->handle = NULL;
  mw_region_drop(handle);
  Py_DECREF(self);
  return NULL;
}

PyObject *mwpy_region_raise(mwpy_state *state, const mw_error *error, const char *text) {
  PyObject *filename = text == NULL ? NULL : PyUnicode_DecodeFSDefault(text);
  if (text == NULL || filename != NULL) mwpy_raise_about(state, error, filename);
  Py_XDECREF(filename);
  return NULL;
}

bool mwpy_region_is_pending(int status) { return status == MW_ENOENT || status == MW_EAGAIN || status == MW_ETIMEDOUT; }

PyObject *mwpy_region_make(PyTypeObject *type, mwpy_state *state, const mwpy_source *source, const mwpy_request *request) {
  RegionObject *self = region_born(type, state);
  if (self == NULL) return NULL;
  mw_deadline deadline = mwpy_deadline(request->timeout);
  bool is_quick = source->is_quick && deadline == MW_DEADLINE_NOW;
  mwpy_request slice = *request;
  mw_error error;
  int status;
  do {
    slice.options.wait_for_name = mwpy_wait_slice(deadline);
    PyThreadState *thread = mwpy_threads_begin(is_quick ? 0 : UINT64_MAX);
    status = source->call(&slice, &error, &self->handle);
    mwpy_threads_end(thread);
  } while (mwpy_wait_goes_on(&status, &error, mwpy_region_is_pending(status), slice.options.wait_for_name, deadline));
  if (status < 0) {
    mwpy_region_raise(state, &error, request->text);
    Py_CLEAR(self);
  } else if (!region_describe(self, request->options.flags)) {
    mwpy_region_unmake(self);
    self = NULL;
  }
  return (PyObject *)self;
}

static PyObject *make_from_arguments(PyObject *type, const mwpy_source *source, PyObject *const *args, Py_ssize_t nargs,
                                     PyObject *kwnames) {
  mwpy_request request = mwpy_request_new(source->access);
  PyObject *region = NULL;
  if (mwpy_request_read(&request, &source->signature, args, nargs, kwnames)) {
    region = mwpy_region_make((PyTypeObject *)type, mwpy_state_of((PyTypeObject *)type), source, &request);
  }
  mwpy_request_clear(&request);
  return region;
}

/* ------------------------------------------------------------------ the sources */

static int call_file(const mwpy_request *request, mw_error *error, mw_region **out_region) {
  return mw_region_file(request->text, request->size, &request->options, error, out_region);
}

static int call_create(const mwpy_request *request, mw_error *error, mw_region **out_region) {
  return mw_region_create(request->text, request->size, &request->options, error, out_region);
}

static int call_attach(const mwpy_request *request, mw_error *error, mw_region **out_region) {
  return mw_region_attach(request->text, &request->options, error, out_region);
}

static int call_open(const mwpy_request *request, mw_error *error, mw_region **out_region) {
  return mw_region_open(request->text, request->size, &request->options, error, out_region);
}

static int call_anonymous(const mwpy_request *request, mw_error *error, mw_region **out_region) {
  return mw_region_anonymous(request->size, &request->options, error, out_region);
}

static int call_memfd(const mwpy_request *request, mw_error *error, mw_region **out_region) {
  const char *name = request->text == NULL ? "memwell" : request->text;
  return mw_region_memfd(name, request->size, &request->options, error, out_region);
}

static int call_from_fd(const mwpy_request *request, mw_error *error, mw_region **out_region) {
  return mw_region_from_fd(request->descriptor, request->size, &request->options, error, out_region);
}

static int call_sysv(const mwpy_request *request, mw_error *error, mw_region **out_region) {
  return mw_region_sysv(request->key, request->size, request->how, &request->options, error, out_region);
}

/* The deadline of every wait is where the deadline for a name is. */
static int call_receive(const mwpy_request *request, mw_error *error, mw_region **out_region) {
  return mw_region_receive(request->descriptor, request->options.wait_for_name, &request->options, error, out_region);
}

/* What every way to make a region knows. */
#define COMMON_OPTIONS "guard", "on_fault", "keep_fd"

const mwpy_source mwpy_source_file = {
    {"Region.file", 1, 2, {"path", "mode", "offset", "size", "permissions", COMMON_OPTIONS}}, call_file, MW_READ, false};
const mwpy_source mwpy_source_attach = {
    {"Region.attach", 1, 1, {"name", "timeout", "readonly", "any_owner", COMMON_OPTIONS}}, call_attach, MW_READ_WRITE, true};
const mwpy_source mwpy_source_sysv = {
    {"Region.sysv", 1, 2, {"key", "size", "how", "permissions", "readonly", "huge_pages", "any_owner", COMMON_OPTIONS}},
    call_sysv,
    MW_READ_WRITE,
    false};

PyObject *mwpy_region_file(PyObject *type, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  return make_from_arguments(type, &mwpy_source_file, args, nargs, kwnames);
}

PyObject *mwpy_region_create(PyObject *type, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_source source = {
      {"Region.create", 2, 2, {"name", "size", "permissions", "temporary", COMMON_OPTIONS}}, call_create, MW_READ_WRITE, false};
  return make_from_arguments(type, &source, args, nargs, kwnames);
}

PyObject *mwpy_region_attach(PyObject *type, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  return make_from_arguments(type, &mwpy_source_attach, args, nargs, kwnames);
}

PyObject *mwpy_region_open(PyObject *type, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_source source = {
      {"Region.open", 2, 2, {"name", "size", "permissions", "any_owner", COMMON_OPTIONS}}, call_open, MW_READ_WRITE, false};
  return make_from_arguments(type, &source, args, nargs, kwnames);
}

PyObject *mwpy_region_anonymous(PyObject *type, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_source source = {
      {"Region.anonymous", 1, 1, {"size", "private", "huge_pages", COMMON_OPTIONS}}, call_anonymous, MW_READ_WRITE, false};
  return make_from_arguments(type, &source, args, nargs, kwnames);
}

PyObject *mwpy_region_memfd(PyObject *type, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_source source = {
      {"Region.memfd", 1, 1, {"size", "name", "huge_pages", COMMON_OPTIONS}}, call_memfd, MW_READ_WRITE, false};
  return make_from_arguments(type, &source, args, nargs, kwnames);
}

PyObject *mwpy_region_from_fd(PyObject *type, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_source source = {
      {"Region.from_fd", 1, 1, {"fd", "offset", "size", "readonly", "private", "require_seals", COMMON_OPTIONS}},
      call_from_fd,
      MW_READ_WRITE,
      false};
  return make_from_arguments(type, &source, args, nargs, kwnames);
}

PyObject *mwpy_region_sysv(PyObject *type, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  return make_from_arguments(type, &mwpy_source_sysv, args, nargs, kwnames);
}

PyObject *mwpy_region_receive(PyObject *type, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_source source = {
      {"Region.receive", 1, 1, {"socket", "require_seals", COMMON_OPTIONS}}, call_receive, MW_READ_WRITE, false};
  return make_from_arguments(type, &source, args, nargs, kwnames);
}

/* ------------------------------------------------------------------ on the way to another process */

PyObject *mwpy_region_send(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"Region.send", 1, 1, {"socket"}};
  RegionObject *self = (RegionObject *)object;
  mwpy_request request = mwpy_request_new(MW_READ_WRITE);
  if (!mwpy_request_read(&request, &signature, args, nargs, kwnames)) return NULL;
  mw_region *handle = mwpy_region_hold(self, signature.call);
  if (handle == NULL) return NULL;
  mw_deadline deadline = mwpy_deadline(request.timeout), slice;
  mw_error error;
  int status;
  do {
    slice = mwpy_wait_slice(deadline);
    PyThreadState *thread = mwpy_threads_begin(UINT64_MAX);
    status = mw_region_send(handle, request.descriptor, slice, &error);
    mwpy_threads_end(thread);
  } while (mwpy_wait_goes_on(&status, &error, mwpy_region_is_pending(status), slice, deadline));
  mw_region_drop(handle);
  return mwpy_region_result(self, status, &error);
}

/* ------------------------------------------------------------------ names and keys */

/* None where the name is gone now. */
static PyObject *removed(mwpy_state *state, int status, const mw_error *error, bool missing_ok) {
  if (status == 0 || (status == MW_ENOENT && missing_ok)) Py_RETURN_NONE;
  return mwpy_raise(state, error);
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
  return removed(NULL, status, &error, missing_ok != 0);
}

static PyObject *remove_segment_of(RegionObject *self, const char *call) {
  mw_region *handle = mwpy_region_handle(self, call);
  mw_error error;
  return handle == NULL ? NULL : mwpy_region_result(self, mw_region_sysv_unlink(handle, &error), &error);
}

PyObject *mwpy_region_sysv_remove(PyObject *type, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"Region.sysv_remove", 1, 1, {"key", "missing_ok"}};
  mwpy_state *state = mwpy_state_of((PyTypeObject *)type);
  PyObject *values[2] = {NULL};
  unsigned missing_ok = 0;
  int32_t key;
  if (!mwpy_arguments(&signature, args, nargs, kwnames, values) || !mwpy_convert_flag(values[1], 1, &missing_ok)) return NULL;
  if (PyType_IsSubtype(Py_TYPE(values[0]), state->region_type)) return remove_segment_of((RegionObject *)values[0], signature.call);
  if (!mwpy_convert_key(signature.call, values[0], &key)) return NULL;
  mw_error error;
  return removed(state, mw_region_sysv_remove(key, &error), &error, missing_ok != 0);
}

PyObject *mwpy_ftok(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"ftok", 2, 2, {"path", "project"}};
  PyObject *values[2] = {NULL};
  uint64_t project = 0;
  if (!mwpy_arguments(&signature, args, nargs, kwnames, values) ||
      !mwpy_convert_size(signature.call, "project", values[1], &project)) {
    return NULL;
  }
  PyObject *path = mwpy_convert_path(signature.call, values[0]);
  if (path == NULL) return NULL;
  mw_error error;
  int32_t key;
  int status = mw_region_sysv_key(PyBytes_AsString(path), project < INT32_MAX ? (int)project : INT32_MAX, &error, &key);
  Py_DECREF(path);
  return status < 0 ? mwpy_raise(PyModule_GetState(module), &error) : PyLong_FromLong(key);
}
