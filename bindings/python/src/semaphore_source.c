/* Where semaphores come from. Each class method converts its arguments into a request and hands one core call to semaphore_make,
 * which does what they share: the object, the GIL, signals, errors. Pickling finds the same one again by its address.
 *
 * SPDX-License-Identifier: MIT */
#include "semaphore_source.h"

#include <errno.h>

#include "arguments.h"
#include "convert.h"
#include "errors.h"
#include "semaphore_type.h"

/* What is asked for, in one form for every kind.
 *
 * deadline   of the wait for the name, or for the set to be used
 * region     and place, value: of one in a region; the object is kept by the semaphore's
 * set        of System V; its deadline is the one above */
typedef struct request {
  const char *name;
  unsigned value;
  unsigned permissions;
  unsigned flags;
  mw_deadline deadline;
  RegionObject *region;
  uint64_t offset;
  int64_t new_value;
  int32_t key;
  unsigned index;
  mw_semaphore_sysv_options set;
} request;

typedef int (*source_call)(const request *request, mw_error *error, mw_semaphore **out_semaphore);

static int call_create(const request *request, mw_error *error, mw_semaphore **out_semaphore) {
  return mw_semaphore_create(request->name, request->value, request->permissions, request->flags, error, out_semaphore);
}

static int call_attach(const request *request, mw_error *error, mw_semaphore **out_semaphore) {
  return mw_semaphore_attach(request->name, request->deadline, request->flags, error, out_semaphore);
}

static int call_open(const request *request, mw_error *error, mw_semaphore **out_semaphore) {
  return mw_semaphore_open(request->name, request->value, request->permissions, error, out_semaphore);
}

static int call_at(const request *request, mw_error *error, mw_semaphore **out_semaphore) {
  return mw_semaphore_at(request->region->handle, request->offset, request->new_value, error, out_semaphore);
}

static int call_sysv(const request *request, mw_error *error, mw_semaphore **out_semaphore) {
  mw_semaphore_sysv_options options = request->set;
  options.size_of_struct = sizeof options;
  options.wait_for_use = request->deadline;
  return mw_semaphore_sysv(request->key, request->index, &options, error, out_semaphore);
}

/* ------------------------------------------------------------------ what they share */

/* What stays known of a semaphore after it is closed. */
static bool semaphore_describe(SemaphoreObject *self, const request *request) {
  self->is_sysv = mw_semaphore_sysv_id(self->handle, NULL, &self->key, &self->id, &self->index) == 0;
  self->undo = (request->set.flags & MW_UNDO) != 0;
  self->offset = request->offset;
  if (request->region != NULL) self->region = (RegionObject *)Py_NewRef((PyObject *)request->region);
  self->kind = PyUnicode_InternFromString(mw_semaphore_kind(self->handle));
  if (request->name != NULL) self->name = PyUnicode_DecodeFSDefault(mw_semaphore_name(self->handle));
  return self->kind != NULL && (request->name == NULL || self->name != NULL);
}

/* Fill a new object; false with an exception set. Only a call that may wait lets go of the GIL. */
static bool semaphore_fill(SemaphoreObject *self, source_call call, const request *request) {
  mw_error error;
  int status;
  struct request slice = *request;
  do {
    slice.deadline = mwpy_wait_slice(request->deadline);
    PyThreadState *thread = request->deadline == MW_DEADLINE_NOW ? NULL : PyEval_SaveThread();
    status = call(&slice, &error, &self->handle);
    if (thread != NULL) PyEval_RestoreThread(thread);
  } while (mwpy_wait_goes_on(&status, &error, status == MW_ENOENT || status == MW_EAGAIN, slice.deadline, request->deadline));
  if (status >= 0) return semaphore_describe(self, request);
  mwpy_raise(self->state, &error);
  return false;
}

/* The object first, then the semaphore, so that no failure of Python's can lose one. */
static PyObject *semaphore_make(PyTypeObject *type, mwpy_state *state, source_call call, const request *request) {
  SemaphoreObject *self = (SemaphoreObject *)PyType_GenericAlloc(type, 0);
  if (self == NULL) return NULL;
  self->state = state;
  if (!semaphore_fill(self, call, request)) Py_CLEAR(self);
  return (PyObject *)self;
}

static PyObject *semaphore_make_named(PyObject *type, mwpy_state *state, source_call call, const char *verb, PyObject *given,
                                      request *request) {
  PyObject *name = mwpy_convert_name(verb, given);
  if (name == NULL) return NULL;
  request->name = PyBytes_AsString(name);
  PyObject *object = semaphore_make((PyTypeObject *)type, state, call, request);
  Py_DECREF(name);
  return object;
}

/* ------------------------------------------------------------------ by name */

PyObject *mwpy_semaphore_create(PyObject *type, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"Semaphore.create", 1, 2, {"name", "value", "permissions", "temporary"}};
  PyObject *values[4] = {NULL};
  request request = {.deadline = MW_DEADLINE_NOW};
  if (!mwpy_arguments(&signature, args, nargs, kwnames, values) ||
      !mwpy_convert_unsigned(signature.call, "value", values[1], &request.value) ||
      !mwpy_convert_unsigned(signature.call, "permissions", values[2], &request.permissions) ||
      !mwpy_convert_flag(values[3], MW_TEMPORARY, &request.flags)) {
    return NULL;
  }
  return semaphore_make_named(type, mwpy_state_of((PyTypeObject *)type), call_create, signature.call, values[0], &request);
}

PyObject *mwpy_semaphore_attach(PyObject *type, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"Semaphore.attach", 1, 1, {"name", "timeout", "any_owner"}};
  PyObject *values[3] = {NULL};
  request request = {0};
  double seconds = 0;
  if (!mwpy_arguments(&signature, args, nargs, kwnames, values) || !mwpy_convert_timeout(signature.call, values[1], &seconds) ||
      !mwpy_convert_flag(values[2], MW_ANY_OWNER, &request.flags)) {
    return NULL;
  }
  request.deadline = mwpy_deadline(seconds);
  return semaphore_make_named(type, mwpy_state_of((PyTypeObject *)type), call_attach, signature.call, values[0], &request);
}

PyObject *mwpy_semaphore_open(PyObject *type, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"Semaphore.open", 1, 2, {"name", "value", "permissions"}};
  PyObject *values[3] = {NULL};
  request request = {.deadline = MW_DEADLINE_NOW};
  if (!mwpy_arguments(&signature, args, nargs, kwnames, values) ||
      !mwpy_convert_unsigned(signature.call, "value", values[1], &request.value) ||
      !mwpy_convert_unsigned(signature.call, "permissions", values[2], &request.permissions)) {
    return NULL;
  }
  return semaphore_make_named(type, mwpy_state_of((PyTypeObject *)type), call_open, signature.call, values[0], &request);
}

PyObject *mwpy_semaphore_unlink(PyObject *unused, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"Semaphore.unlink", 1, 1, {"name", "missing_ok"}};
  PyObject *values[2] = {NULL};
  unsigned missing_ok = 0;
  (void)unused;
  if (!mwpy_arguments(&signature, args, nargs, kwnames, values) || !mwpy_convert_flag(values[1], 1, &missing_ok)) return NULL;
  PyObject *name = mwpy_convert_name(signature.call, values[0]);
  if (name == NULL) return NULL;
  mw_error error;
  int status = mw_semaphore_unlink(PyBytes_AsString(name), &error);
  Py_DECREF(name);
  if (status == 0 || (status == MW_ENOENT && missing_ok != 0)) Py_RETURN_NONE;
  return mwpy_raise(NULL, &error);
}

/* ------------------------------------------------------------------ in a region, of System V */

/* A Region that is open; false with an exception set. */
static bool take_region(mwpy_state *state, const char *call, PyObject *value, RegionObject **out_region) {
  if (!PyObject_TypeCheck(value, state->region_type)) {
    PyErr_Format(PyExc_TypeError, "%s: the region must be a memwell.Region, not %R", call, value);
    return false;
  }
  *out_region = (RegionObject *)value;
  return mwpy_region_handle(*out_region, call) != NULL;
}

/* The region is asked for last: converting the others may have closed it. */
static PyObject *semaphore_make_at(PyObject *type, mwpy_state *state, PyObject *region, PyObject *offset, PyObject *value) {
  static const char call[] = "Semaphore.at";
  request request = {.deadline = MW_DEADLINE_NOW, .new_value = -1};
  bool is_new = value != NULL && value != Py_None;
  if (!mwpy_convert_size(call, "offset", offset, &request.offset) ||
      (is_new && !mwpy_convert_unsigned(call, "value", value, &request.value)) ||
      !take_region(state, call, region, &request.region)) {
    return NULL;
  }
  if (is_new) request.new_value = request.value;
  return semaphore_make((PyTypeObject *)type, state, call_at, &request);
}

PyObject *mwpy_semaphore_at(PyObject *type, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"Semaphore.at", 2, 3, {"region", "offset", "value"}};
  PyObject *values[3] = {NULL};
  if (!mwpy_arguments(&signature, args, nargs, kwnames, values)) return NULL;
  return semaphore_make_at(type, mwpy_state_of((PyTypeObject *)type), values[0], values[1], values[2]);
}

PyObject *mwpy_semaphore_sysv(PyObject *type, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {
      "Semaphore.sysv",
      1,
      2,
      {"key", "index", "how", "value", "permissions", "undo", "count", "timeout", "unused_ok", "any_owner"}};
  PyObject *values[10] = {NULL};
  request request = {0};
  double seconds = 0;
  if (!mwpy_arguments(&signature, args, nargs, kwnames, values) || !mwpy_convert_key(signature.call, values[0], &request.key) ||
      !mwpy_convert_unsigned(signature.call, "index", values[1], &request.index) ||
      !mwpy_convert_how(signature.call, values[2], &request.set.how) ||
      !mwpy_convert_unsigned(signature.call, "value", values[3], &request.set.value) ||
      !mwpy_convert_unsigned(signature.call, "permissions", values[4], &request.set.permissions) ||
      !mwpy_convert_flag(values[5], MW_UNDO, &request.set.flags) ||
      !mwpy_convert_unsigned(signature.call, "count", values[6] == Py_None ? NULL : values[6], &request.set.count) ||
      !mwpy_convert_timeout(signature.call, values[7], &seconds) ||
      !mwpy_convert_flag(values[8], MW_UNUSED_OK, &request.set.flags) ||
      !mwpy_convert_flag(values[9], MW_ANY_OWNER, &request.set.flags)) {
    return NULL;
  }
  request.deadline = mwpy_deadline(seconds);
  return semaphore_make((PyTypeObject *)type, mwpy_state_of((PyTypeObject *)type), call_sysv, &request);
}

static int remove_set(PyObject *key, SemaphoreObject *semaphore, mw_error *error) {
  static const char call[] = "Semaphore.sysv_remove";
  int32_t number;
  if (semaphore == NULL) return mwpy_convert_key(call, key, &number) ? mw_semaphore_sysv_remove(number, error) : 1;
  if (semaphore->handle != NULL) return mw_semaphore_sysv_unlink(semaphore->handle, error);
  mwpy_raise_closed(semaphore->state, call, "semaphore", semaphore->name);
  return 1;
}

static bool is_gone(int status, const mw_error *error) { return status == MW_ENOENT || error->os_errno == EIDRM; }

PyObject *mwpy_semaphore_sysv_remove(PyObject *type, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"Semaphore.sysv_remove", 1, 1, {"key_or_semaphore", "missing_ok"}};
  mwpy_state *state = mwpy_state_of((PyTypeObject *)type);
  PyObject *values[2] = {NULL};
  unsigned missing_ok = 0;
  mw_error error;
  if (!mwpy_arguments(&signature, args, nargs, kwnames, values) || !mwpy_convert_flag(values[1], 1, &missing_ok)) return NULL;
  bool is_semaphore = PyObject_TypeCheck(values[0], state->semaphore_type);
  int status = remove_set(values[0], is_semaphore ? (SemaphoreObject *)values[0] : NULL, &error);
  if (status > 0) return NULL;
  if (status == 0 || (missing_ok != 0 && is_gone(status, &error))) Py_RETURN_NONE;
  return mwpy_raise(state, &error);
}

/* ------------------------------------------------------------------ pickles */

static PyObject *raise_another(PyObject *name) {
  const char *reason = "Semaphore: another one has this name now; the one that was pickled is gone";
  PyObject *exception = PyObject_CallFunction(PyExc_OSError, "isO", ENOENT, reason, name);
  if (exception != NULL) PyErr_SetObject((PyObject *)Py_TYPE(exception), exception);
  Py_XDECREF(exception);
  return NULL;
}

/* Which semaphore it is, is checked; so whose it is need not be. */
static PyObject *reopen_named(PyObject *type, mwpy_state *state, PyObject *address) {
  PyObject *name;
  unsigned long long device, inode;
  uint64_t found_device, found_inode;
  if (!PyArg_ParseTuple(address, "OKK", &name, &device, &inode)) return NULL;
  request request = {.flags = MW_ANY_OWNER, .deadline = MW_DEADLINE_NOW};
  PyObject *object = semaphore_make_named(type, state, call_attach, "Semaphore", name, &request);
  if (object == NULL) return NULL;
  mw_semaphore_identity(((SemaphoreObject *)object)->handle, &found_device, &found_inode);
  if (found_device == device && found_inode == inode) return object;
  Py_DECREF(object);
  return raise_another(name);
}

static PyObject *reopen_at(PyObject *type, mwpy_state *state, PyObject *address) {
  PyObject *region, *offset;
  if (!PyArg_ParseTuple(address, "OO", &region, &offset)) return NULL;
  return semaphore_make_at(type, state, region, offset, NULL);
}

/* The set may be one that only its maker has seen as yet: it is known which one it is. */
static PyObject *reopen_sysv(PyObject *type, mwpy_state *state, PyObject *address) {
  unsigned long long inode;
  int undo;
  request request = {.deadline = MW_DEADLINE_NOW, .set.flags = MW_ANY_OWNER | MW_UNUSED_OK};
  if (!PyArg_ParseTuple(address, "iIKp", &request.key, &request.index, &inode, &undo)) return NULL;
  request.set.inode = inode;
  if (undo) request.set.flags |= MW_UNDO;
  return semaphore_make((PyTypeObject *)type, state, call_sysv, &request);
}

PyObject *mwpy_semaphore_reopen(PyObject *module, PyObject *const *args, Py_ssize_t nargs) {
  static const struct {
    const char *kind;
    PyObject *(*reopen)(PyObject *type, mwpy_state *state, PyObject *address);
  } kinds[] = {{"named", reopen_named}, {"at", reopen_at}, {"sysv", reopen_sysv}};
  mwpy_state *state = PyModule_GetState(module);
  bool is_pickle = nargs == 3 && PyType_Check(args[0]) && PyUnicode_Check(args[1]) && PyTuple_Check(args[2]) &&
                   PyType_IsSubtype((PyTypeObject *)args[0], state->semaphore_type);
  for (size_t i = 0; is_pickle && i < sizeof kinds / sizeof kinds[0]; i++) {
    if (PyUnicode_CompareWithASCIIString(args[1], kinds[i].kind) == 0) return kinds[i].reopen(args[0], state, args[2]);
  }
  return PyErr_Format(PyExc_TypeError, "Semaphore: this pickle was not made by this version of memwell");
}
