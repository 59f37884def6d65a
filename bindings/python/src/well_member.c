/* What the objects of a well have in common. Main entry: mwpy_well_member_wait.
 *
 * SPDX-License-Identifier: MIT */
#include "well_member.h"

#include <math.h>

#include "convert.h"
#include "errors.h"

/* ------------------------------------------------------------------ life */

PyObject *mwpy_well_member_new(PyTypeObject *type, WellObject *well, const char *name) {
  MemberObject *self = (MemberObject *)PyType_GenericAlloc(type, 0);
  if (self == NULL) return NULL;
  self->state = well->state;
  self->well = (WellObject *)Py_NewRef((PyObject *)well);
  self->name = PyUnicode_DecodeFSDefault(name);
  if (self->name == NULL) Py_CLEAR(self);
  return (PyObject *)self;
}

void mwpy_well_member_free(PyObject *object) {
  MemberObject *self = (MemberObject *)object;
  PyTypeObject *type = Py_TYPE(object);
  Py_XDECREF(self->name);
  Py_XDECREF((PyObject *)self->well);
  ((freefunc)PyType_GetSlot(type, Py_tp_free))(object);
  Py_DECREF(type);
}

int mwpy_well_member_traverse(PyObject *object, visitproc visit, void *arg) {
  Py_VISIT(Py_TYPE(object));
  Py_VISIT((PyObject *)((MemberObject *)object)->well);
  return 0;
}

PyObject *mwpy_well_member_refuse(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
  PyObject *name = PyType_GetName(type);
  (void)args;
  (void)kwargs;
  if (name != NULL) PyErr_Format(PyExc_TypeError, "a %U is made by Well.mutex, Well.semaphore or Well.event", name);
  Py_XDECREF(name);
  return NULL;
}

PyObject *mwpy_well_member_repr(PyObject *object, const char *state) {
  MemberObject *self = (MemberObject *)object;
  PyObject *type = PyType_GetName(Py_TYPE(object));
  if (type == NULL) return NULL;
  PyObject *text =
      PyUnicode_FromFormat("<memwell.%U %R in %R, %s>", type, self->name, self->well->title, state == NULL ? "gone" : state);
  Py_DECREF(type);
  return text;
}

/* ------------------------------------------------------------------ waits */

int mwpy_well_member_wait(mwpy_wait_call call, void *handle, double seconds, mw_error *error) {
  mw_deadline slice = MW_DEADLINE_NOW;
  int status = call(handle, slice, error);
  if (status >= 0) return status; /* what is free costs no look at the clock */
  mw_deadline deadline = mwpy_deadline(seconds);
  while (mwpy_wait_goes_on(&status, error, status == MW_ETIMEDOUT, slice, deadline)) {
    slice = mwpy_wait_slice(deadline);
    PyThreadState *thread = PyEval_SaveThread();
    status = call(handle, slice, error);
    PyEval_RestoreThread(thread);
  }
  return status;
}

bool mwpy_well_member_timeout(const mwpy_signature *signature, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames,
                              double *out_seconds) {
  PyObject *values[1] = {NULL};
  *out_seconds = INFINITY;
  if (nargs == 0 && kwnames == NULL) return true;
  return mwpy_arguments(signature, args, nargs, kwnames, values) && mwpy_convert_timeout(signature->call, values[0], out_seconds);
}

/* The timeout is checked here, so that a wrong one is an error of the call and not of the await. */
PyObject *mwpy_well_member_await(const mwpy_signature *signature, PyObject *object, PyObject *const *args, Py_ssize_t nargs,
                                 PyObject *kwnames) {
  PyObject *values[1] = {NULL};
  double seconds;
  if (!mwpy_arguments(signature, args, nargs, kwnames, values) || !mwpy_convert_timeout(signature->call, values[0], &seconds)) {
    return NULL;
  }
  PyObject *module = PyImport_ImportModule("memwell._waiting");
  PyObject *timeout = values[0] == NULL ? Py_None : values[0];
  PyObject *coroutine = module == NULL ? NULL : PyObject_CallMethod(module, "wait", "OO", object, timeout);
  Py_XDECREF(module);
  return coroutine;
}

/* ------------------------------------------------------------------ attributes */

PyObject *mwpy_well_member_get_name(PyObject *object, void *unused) {
  (void)unused;
  return Py_NewRef(((MemberObject *)object)->name);
}

PyObject *mwpy_well_member_get_well(PyObject *object, void *unused) {
  (void)unused;
  return Py_NewRef((PyObject *)((MemberObject *)object)->well);
}

/* ------------------------------------------------------------------ pickles */

PyObject *mwpy_well_member_reduce(PyObject *object, const char *kind, PyObject *extra) {
  MemberObject *self = (MemberObject *)object;
  PyObject *module = PyImport_ImportModule("memwell._memwell");
  PyObject *reopen = module == NULL ? NULL : PyObject_GetAttrString(module, "_reopen_member");
  PyObject *result = NULL;
  if (reopen != NULL) {
    result = Py_BuildValue("O(OsOO)", reopen, (PyObject *)self->well, kind, self->name, extra == NULL ? Py_None : extra);
  }
  Py_XDECREF(reopen);
  Py_XDECREF(module);
  return result;
}

/* well.mutex(name, recover=..., create=False) and the like. */
static PyObject *reopen(PyObject *well, const char *kind, PyObject *name, PyObject *options) {
  PyObject *method = PyObject_GetAttrString(well, kind);
  PyObject *arguments = method == NULL ? NULL : PyTuple_Pack(1, name);
  PyObject *member = arguments == NULL ? NULL : PyObject_Call(method, arguments, options);
  Py_XDECREF(arguments);
  Py_XDECREF(method);
  return member;
}

PyObject *mwpy_well_member_reopen(PyObject *module, PyObject *const *args, Py_ssize_t nargs) {
  static const char *const kinds[] = {"mutex", "semaphore", "event"};
  mwpy_state *state = PyModule_GetState(module);
  bool is_pickle = nargs == 4 && PyObject_TypeCheck(args[0], state->well_type) && PyUnicode_Check(args[1]);
  for (size_t i = 0; is_pickle && i < sizeof kinds / sizeof kinds[0]; i++) {
    if (PyUnicode_CompareWithASCIIString(args[1], kinds[i]) != 0) continue;
    PyObject *options = Py_BuildValue("{sO}", "create", Py_False);
    PyObject *member = NULL;
    if (options != NULL && (args[3] == Py_None || PyDict_SetItemString(options, "recover", args[3]) == 0)) {
      member = reopen(args[0], kinds[i], args[2], options);
    }
    Py_XDECREF(options);
    return member;
  }
  return PyErr_Format(PyExc_TypeError, "Well: this pickle was not made by this version of memwell");
}
