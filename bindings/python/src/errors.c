/* The exceptions, and which status becomes which. Main entries: mwpy_raise, mwpy_wait_goes_on.
 *
 * SPDX-License-Identifier: MIT */
#include "errors.h"

#include <errno.h>

/* In seconds: how late a signal may be noticed in the worst case. */
#define WAIT_SLICE 0.1

PyDoc_STRVAR(error_doc, "The base of memwell's own exceptions.");
PyDoc_STRVAR(closed_error_doc, "The object, or the region behind a view, was closed.");
PyDoc_STRVAR(format_error_doc, "Not a memwell object, another version of it, or damaged; the message says which part.");
PyDoc_STRVAR(fault_error_doc, "The memory behind a region went away: its file was cut.");
PyDoc_STRVAR(owner_died_error_doc, "A process died while it held the mutex, and nobody has mended what that left.");
PyDoc_STRVAR(kind_error_doc, "The name in the well is another kind of object, dtype, shape or capacity; the message says both.");
PyDoc_STRVAR(full_error_doc, "No room left in the well, in its directory or in its table of processes.");

static bool add_exception(PyObject *module, const char *name, const char *doc, PyObject *first_base, PyObject *second_base,
                          PyObject **out_exception) {
  char full_name[40];
  PyOS_snprintf(full_name, sizeof full_name, "memwell.%s", name);
  PyObject *bases = second_base == NULL ? PyTuple_Pack(1, first_base) : PyTuple_Pack(2, first_base, second_base);
  if (bases == NULL) return false;
  *out_exception = PyErr_NewExceptionWithDoc(full_name, doc, bases, NULL);
  Py_DECREF(bases);
  return *out_exception != NULL && PyModule_AddObjectRef(module, name, *out_exception) == 0;
}

bool mwpy_errors_add(PyObject *module, mwpy_state *state) {
  return add_exception(module, "Error", error_doc, PyExc_Exception, NULL, &state->error) &&
         add_exception(module, "ClosedError", closed_error_doc, state->error, PyExc_ValueError, &state->closed_error) &&
         add_exception(module, "FormatError", format_error_doc, state->error, PyExc_ValueError, &state->format_error) &&
         add_exception(module, "FaultError", fault_error_doc, state->error, PyExc_OSError, &state->fault_error) &&
         add_exception(module, "OwnerDiedError", owner_died_error_doc, state->error, PyExc_RuntimeError,
                       &state->owner_died_error) &&
         add_exception(module, "KindError", kind_error_doc, state->error, PyExc_TypeError, &state->kind_error) &&
         add_exception(module, "FullError", full_error_doc, state->error, PyExc_MemoryError, &state->full_error);
}

/* The exception for what memwell itself refused; NULL where that is an OSError with the errno that stands for the status. */
static PyObject *exception_for(mwpy_state *state, int status) {
  switch (status) {
    case MW_EINVAL: return PyExc_ValueError;
    case MW_ERANGE: return PyExc_IndexError;
    case MW_EOVERFLOW: return PyExc_OverflowError;
    case MW_EREADONLY: return PyExc_TypeError;
    case MW_EBUSY: return PyExc_BufferError;
    case MW_ENOMEM: return PyExc_MemoryError;
    case MW_EDEADLK:
    case MW_ENOTOWNER: return PyExc_RuntimeError;
    case MW_ECLOSED: return state != NULL ? state->closed_error : PyExc_ValueError;
    case MW_EFORMAT: return state != NULL ? state->format_error : PyExc_ValueError;
    case MW_EOWNERDEAD: return state != NULL ? state->owner_died_error : PyExc_RuntimeError;
    case MW_EKIND: return state != NULL ? state->kind_error : PyExc_TypeError;
    case MW_EFULL: return state != NULL ? state->full_error : PyExc_MemoryError;
    default: return NULL;
  }
}

/* `type(number, "Region.attach: why", filename)`; OSError picks its own subclass by the number. */
static PyObject *raise_os_error(PyObject *type, int number, const mw_error *error, PyObject *filename) {
  const char *reason = error->reason[0] != '\0' ? error->reason : mw_status_text(error->status);
  PyObject *about = filename != NULL           ? Py_NewRef(filename)
                    : error->object[0] != '\0' ? PyUnicode_DecodeFSDefault(error->object)
                                               : Py_NewRef(Py_None);
  PyObject *text = PyUnicode_FromFormat("%s: %s", error->call, reason);
  PyObject *exception = NULL;
  if (about != NULL && text != NULL) {
    exception = about == Py_None ? PyObject_CallFunction(type, "iO", number, text)
                                 : PyObject_CallFunction(type, "iOO", number, text, about);
  }
  if (exception != NULL) PyErr_SetObject((PyObject *)Py_TYPE(exception), exception);
  Py_XDECREF(exception);
  Py_XDECREF(text);
  Py_XDECREF(about);
  return NULL;
}

static PyObject *raise_message(PyObject *type, const mw_error *error) {
  char message[640];
  mw_error_message(error, message, sizeof message);
  PyObject *text = PyUnicode_FromFormat("%s", message);
  if (text != NULL) PyErr_SetObject(type, text);
  Py_XDECREF(text);
  return NULL;
}

PyObject *mwpy_raise_about(mwpy_state *state, const mw_error *error, PyObject *filename) {
  if (error->status == MW_EINTR) return NULL;
  if (error->status == MW_EFAULT && state != NULL) {
    return raise_os_error(state->fault_error, mw_status_errno(MW_EFAULT), error, filename);
  }
  if (error->os_errno != 0) return raise_os_error(PyExc_OSError, error->os_errno, error, filename);
  PyObject *type = exception_for(state, error->status);
  if (type != NULL) return raise_message(type, error);
  int number = mw_status_errno(error->status);
  return raise_os_error(PyExc_OSError, number != 0 ? number : EIO, error, filename);
}

PyObject *mwpy_raise(mwpy_state *state, const mw_error *error) { return mwpy_raise_about(state, error, NULL); }

PyObject *mwpy_raise_as(PyObject *type, const mw_error *error) {
  bool is_os_error = PyType_IsSubtype((PyTypeObject *)type, (PyTypeObject *)PyExc_OSError);
  return is_os_error ? raise_os_error(type, mw_status_errno(error->status), error, NULL) : raise_message(type, error);
}

PyObject *mwpy_raise_in(mwpy_state *state, const char *call, const mw_error *error) {
  mw_error renamed = *error;
  PyOS_snprintf(renamed.call, sizeof renamed.call, "%s", call);
  renamed.object[0] = '\0';
  return mwpy_raise(state, &renamed);
}

bool mwpy_interrupted(int status) { return status == MW_EINTR && PyErr_CheckSignals() == 0; }

mw_deadline mwpy_wait_slice(mw_deadline deadline) {
  mw_deadline slice = deadline == MW_DEADLINE_NOW ? deadline : mw_deadline_after(WAIT_SLICE);
  return slice < deadline ? slice : deadline;
}

bool mwpy_wait_goes_on(int *status, mw_error *error, bool is_pending, mw_deadline slice, mw_deadline deadline) {
  if (*status != MW_EINTR && !(is_pending && slice < deadline)) return false;
  if (PyErr_CheckSignals() == 0) return true;
  *status = error->status = MW_EINTR;
  return false;
}

PyObject *mwpy_raise_closed(mwpy_state *state, const char *call, const char *noun, PyObject *name) {
  if (name != NULL) return PyErr_Format(state->closed_error, "%s: the %s %R is closed", call, noun, name);
  return PyErr_Format(state->closed_error, "%s: the %s is closed", call, noun);
}
