/* memwell.Semaphore: how it is made, acquired, released and closed. Main entry: mwpy_semaphore_type_add.
 *
 * The object owns one mw_semaphore, and close() sets the pointer to NULL. An acquire that succeeds at once keeps the GIL; only one
 * that has to wait lets go of it, holding a reference of its own, so that another thread may close.
 *
 * SPDX-License-Identifier: MIT */
#include "semaphore_type.h"

#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <structmember.h>

#include "arguments.h"
#include "convert.h"
#include "errors.h"
#include "memwell/semaphore.h"

typedef struct SemaphoreObject {
  PyObject_HEAD mwpy_state *state;
  mw_semaphore *handle;
  PyObject *name;
  PyObject *weakrefs;
} SemaphoreObject;

static mw_semaphore *semaphore_handle(SemaphoreObject *self, const char *call) {
  if (self->handle == NULL) mwpy_raise_closed(self->state, call, "semaphore", self->name);
  return self->handle;
}

/* ------------------------------------------------------------------ where it comes from */

/* What is asked for, in one form for create, attach and open. */
typedef struct request {
  unsigned value;
  unsigned permissions;
  unsigned flags;
  mw_deadline wait_for_name;
} request;

typedef int (*source_call)(const char *name, const request *request, mw_error *error, mw_semaphore **out_semaphore);

static int call_create(const char *name, const request *request, mw_error *error, mw_semaphore **out_semaphore) {
  return mw_semaphore_create(name, request->value, request->permissions, request->flags, error, out_semaphore);
}

static int call_attach(const char *name, const request *request, mw_error *error, mw_semaphore **out_semaphore) {
  return mw_semaphore_attach(name, request->wait_for_name, request->flags, error, out_semaphore);
}

static int call_open(const char *name, const request *request, mw_error *error, mw_semaphore **out_semaphore) {
  return mw_semaphore_open(name, request->value, request->permissions, error, out_semaphore);
}

/* Fill a new object; false with an exception set. */
static bool semaphore_fill(SemaphoreObject *self, source_call call, const char *name, const request *request) {
  mw_error error;
  int status;
  struct request slice = *request;
  do {
    slice.wait_for_name = mwpy_wait_slice(request->wait_for_name);
    PyThreadState *thread = request->wait_for_name == MW_DEADLINE_NOW ? NULL : PyEval_SaveThread();
    status = call(name, &slice, &error, &self->handle);
    if (thread != NULL) PyEval_RestoreThread(thread);
  } while (
      mwpy_wait_goes_on(&status, &error, status == MW_ENOENT || status == MW_EAGAIN, slice.wait_for_name, request->wait_for_name));
  if (status < 0) {
    mwpy_raise(self->state, &error);
    return false;
  }
  self->name = PyUnicode_DecodeFSDefault(mw_semaphore_name(self->handle));
  return self->name != NULL;
}

/* The object first, then the semaphore, so that no failure of Python's can lose one. */
static PyObject *semaphore_make(PyTypeObject *type, mwpy_state *state, source_call call, const char *verb, PyObject *given,
                                const request *request) {
  PyObject *name = mwpy_convert_name(verb, given);
  SemaphoreObject *self = name == NULL ? NULL : (SemaphoreObject *)PyType_GenericAlloc(type, 0);
  if (self != NULL) {
    self->state = state;
    if (!semaphore_fill(self, call, PyBytes_AsString(name), request)) Py_CLEAR(self);
  }
  Py_XDECREF(name);
  return (PyObject *)self;
}

static PyObject *semaphore_create(PyObject *type, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"Semaphore.create", 1, 2, {"name", "value", "permissions", "temporary"}};
  PyObject *values[4] = {NULL};
  request request = {0, 0, 0, MW_DEADLINE_NOW};
  if (!mwpy_arguments(&signature, args, nargs, kwnames, values) ||
      !mwpy_convert_unsigned(signature.call, "value", values[1], &request.value) ||
      !mwpy_convert_unsigned(signature.call, "permissions", values[2], &request.permissions) ||
      !mwpy_convert_flag(values[3], MW_TEMPORARY, &request.flags)) {
    return NULL;
  }
  return semaphore_make((PyTypeObject *)type, mwpy_state_of((PyTypeObject *)type), call_create, signature.call, values[0],
                        &request);
}

static PyObject *semaphore_attach(PyObject *type, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"Semaphore.attach", 1, 1, {"name", "timeout", "any_owner"}};
  PyObject *values[3] = {NULL};
  request request = {0, 0, 0, MW_DEADLINE_NOW};
  double seconds = 0;
  if (!mwpy_arguments(&signature, args, nargs, kwnames, values) || !mwpy_convert_timeout(signature.call, values[1], &seconds) ||
      !mwpy_convert_flag(values[2], MW_ANY_OWNER, &request.flags)) {
    return NULL;
  }
  request.wait_for_name = mwpy_deadline(seconds);
  return semaphore_make((PyTypeObject *)type, mwpy_state_of((PyTypeObject *)type), call_attach, signature.call, values[0],
                        &request);
}

static PyObject *semaphore_open(PyObject *type, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"Semaphore.open", 1, 2, {"name", "value", "permissions"}};
  PyObject *values[3] = {NULL};
  request request = {0, 0, 0, MW_DEADLINE_NOW};
  if (!mwpy_arguments(&signature, args, nargs, kwnames, values) ||
      !mwpy_convert_unsigned(signature.call, "value", values[1], &request.value) ||
      !mwpy_convert_unsigned(signature.call, "permissions", values[2], &request.permissions)) {
    return NULL;
  }
  return semaphore_make((PyTypeObject *)type, mwpy_state_of((PyTypeObject *)type), call_open, signature.call, values[0], &request);
}

static PyObject *semaphore_unlink(PyObject *unused, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
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

/* ------------------------------------------------------------------ acquire and release */

/* Wait without the GIL. 1: acquired; 0: timed out; -1: an exception is set. */
static int semaphore_wait(SemaphoreObject *self, mw_semaphore *handle, double seconds) {
  mw_deadline deadline = mwpy_deadline(seconds), slice;
  mw_error error;
  int status;
  mw_semaphore_hold(handle);
  do {
    slice = mwpy_wait_slice(deadline);
    PyThreadState *thread = PyEval_SaveThread();
    status = mw_semaphore_acquire(handle, slice, &error);
    PyEval_RestoreThread(thread);
  } while (mwpy_wait_goes_on(&status, &error, status == MW_ETIMEDOUT, slice, deadline));
  mw_semaphore_drop(handle);
  if (status == 0) return 1;
  if (status == MW_ETIMEDOUT) return 0;
  mwpy_raise(self->state, &error);
  return -1;
}

/* The same, trying once with the GIL first. */
static int semaphore_take(SemaphoreObject *self, double seconds) {
  mw_semaphore *handle = semaphore_handle(self, "Semaphore.acquire");
  if (handle == NULL) return -1;
  int status = mw_semaphore_acquire(handle, MW_DEADLINE_NOW, NULL);
  if (status == 0) return 1;
  if (status == MW_ETIMEDOUT && seconds <= 0) return 0;
  return semaphore_wait(self, handle, seconds);
}

static PyObject *semaphore_acquire(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"Semaphore.acquire", 0, 1, {"timeout"}};
  double seconds = INFINITY;
  if (nargs > 0 || kwnames != NULL) {
    PyObject *values[1] = {NULL};
    if (!mwpy_arguments(&signature, args, nargs, kwnames, values) || !mwpy_convert_timeout(signature.call, values[0], &seconds)) {
      return NULL;
    }
  }
  int acquired = semaphore_take((SemaphoreObject *)object, seconds);
  return acquired < 0 ? NULL : PyBool_FromLong(acquired);
}

static bool semaphore_give(SemaphoreObject *self, unsigned n) {
  mw_semaphore *handle = semaphore_handle(self, "Semaphore.release");
  mw_error error;
  if (handle == NULL) return false;
  if (mw_semaphore_release(handle, n, &error) == 0) return true;
  mwpy_raise(self->state, &error);
  return false;
}

static PyObject *semaphore_release(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"Semaphore.release", 0, 1, {"n"}};
  unsigned n = 1;
  if (nargs > 0 || kwnames != NULL) {
    PyObject *values[1] = {NULL};
    if (!mwpy_arguments(&signature, args, nargs, kwnames, values) || !mwpy_convert_unsigned(signature.call, "n", values[0], &n)) {
      return NULL;
    }
  }
  if (!semaphore_give((SemaphoreObject *)object, n)) return NULL;
  Py_RETURN_NONE;
}

static PyObject *semaphore_enter(PyObject *object, PyObject *unused) {
  (void)unused;
  return semaphore_take((SemaphoreObject *)object, INFINITY) < 0 ? NULL : Py_NewRef(object);
}

static PyObject *semaphore_exit(PyObject *object, PyObject *const *args, Py_ssize_t nargs) {
  (void)args;
  (void)nargs;
  if (!semaphore_give((SemaphoreObject *)object, 1)) return NULL;
  Py_RETURN_NONE;
}

/* The timeout is checked here, so that a wrong one is an error of the call and not of the await. */
static PyObject *semaphore_acquire_async(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"Semaphore.acquire_async", 0, 1, {"timeout"}};
  PyObject *values[1] = {NULL};
  double seconds;
  if (!mwpy_arguments(&signature, args, nargs, kwnames, values) || !mwpy_convert_timeout(signature.call, values[0], &seconds)) {
    return NULL;
  }
  PyObject *module = PyImport_ImportModule("memwell._async");
  PyObject *timeout = values[0] == NULL ? Py_None : values[0];
  PyObject *coroutine = module == NULL ? NULL : PyObject_CallMethod(module, "acquire", "OO", object, timeout);
  Py_XDECREF(module);
  return coroutine;
}

/* ------------------------------------------------------------------ attributes and the rest */

static PyObject *semaphore_get_name(PyObject *object, void *unused) {
  (void)unused;
  return Py_NewRef(((SemaphoreObject *)object)->name);
}

static PyObject *semaphore_get_value(PyObject *object, void *unused) {
  SemaphoreObject *self = (SemaphoreObject *)object;
  mw_semaphore *handle = semaphore_handle(self, "Semaphore.value");
  unsigned value;
  mw_error error;
  (void)unused;
  if (handle == NULL) return NULL;
  if (mw_semaphore_value(handle, &error, &value) < 0) return mwpy_raise(self->state, &error);
  return PyLong_FromUnsignedLong(value);
}

static PyObject *semaphore_get_closed(PyObject *object, void *unused) {
  (void)unused;
  return PyBool_FromLong(((SemaphoreObject *)object)->handle == NULL);
}

static PyGetSetDef semaphore_attributes[] = {
    {"name", semaphore_get_name, NULL, "Its name, without a leading slash.", NULL},
    {"value", semaphore_get_value, NULL, "How many units there are now; 0 while others wait.", NULL},
    {"closed", semaphore_get_closed, NULL, "Whether close() was called.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static void semaphore_end(SemaphoreObject *self) {
  mw_semaphore *handle = self->handle;
  self->handle = NULL;
  mw_semaphore_close(handle);
}

static PyObject *semaphore_close(PyObject *object, PyObject *unused) {
  (void)unused;
  semaphore_end((SemaphoreObject *)object);
  Py_RETURN_NONE;
}

static PyObject *semaphore_repr(PyObject *object) {
  SemaphoreObject *self = (SemaphoreObject *)object;
  PyObject *type = PyType_GetName(Py_TYPE(object));
  PyObject *text = NULL;
  unsigned value;
  if (type == NULL) return NULL;
  if (self->handle != NULL && mw_semaphore_value(self->handle, NULL, &value) == 0) {
    text = PyUnicode_FromFormat("<memwell.%U %R, value %u>", type, self->name, value);
  } else {
    text = PyUnicode_FromFormat("<memwell.%U %R, closed>", type, self->name);
  }
  Py_DECREF(type);
  return text;
}

/* ------------------------------------------------------------------ pickling */

static PyObject *semaphore_reduce(PyObject *object, PyObject *unused) {
  SemaphoreObject *self = (SemaphoreObject *)object;
  (void)unused;
  PyObject *attributes = mwpy_attributes_of(object);
  PyObject *module = attributes == NULL ? NULL : PyImport_ImportModule("memwell._memwell");
  PyObject *reopen = module == NULL ? NULL : PyObject_GetAttrString(module, "_reopen_semaphore");
  PyObject *result = NULL;
  mw_semaphore *handle = reopen == NULL ? NULL : semaphore_handle(self, "Semaphore.__reduce__");
  if (handle != NULL) {
    uint64_t device, inode;
    mw_semaphore_identity(handle, &device, &inode);
    result = Py_BuildValue("O(OOKK)O", reopen, Py_TYPE(object), self->name, (unsigned long long)device, (unsigned long long)inode,
                           attributes);
  }
  Py_XDECREF(reopen);
  Py_XDECREF(module);
  Py_XDECREF(attributes);
  return result;
}

static PyObject *raise_another(PyObject *name) {
  const char *reason = "Semaphore: another one has this name now; the one that was pickled is gone";
  PyObject *exception = PyObject_CallFunction(PyExc_OSError, "isO", ENOENT, reason, name);
  if (exception != NULL) PyErr_SetObject((PyObject *)Py_TYPE(exception), exception);
  Py_XDECREF(exception);
  return NULL;
}

/* Which semaphore it is, is checked; so whose it is need not be. */
PyObject *mwpy_semaphore_reopen(PyObject *module, PyObject *const *args, Py_ssize_t nargs) {
  mwpy_state *state = PyModule_GetState(module);
  if (nargs != 4 || !PyType_Check(args[0]) || !PyType_IsSubtype((PyTypeObject *)args[0], state->semaphore_type)) {
    return PyErr_Format(PyExc_TypeError, "Semaphore: this pickle was not made by this version of memwell");
  }
  unsigned long long device = PyLong_AsUnsignedLongLong(args[2]);
  unsigned long long inode = PyErr_Occurred() ? 0 : PyLong_AsUnsignedLongLong(args[3]);
  if (PyErr_Occurred()) return NULL;
  request request = {0, 0, MW_ANY_OWNER, MW_DEADLINE_NOW};
  PyObject *object = semaphore_make((PyTypeObject *)args[0], state, call_attach, "Semaphore", args[1], &request);
  if (object == NULL) return NULL;
  uint64_t found_device, found_inode;
  mw_semaphore_identity(((SemaphoreObject *)object)->handle, &found_device, &found_inode);
  if (found_device == device && found_inode == inode) return object;
  Py_DECREF(object);
  return raise_another(args[1]);
}

/* ------------------------------------------------------------------ life and class */

static PyObject *semaphore_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
  (void)type;
  (void)args;
  (void)kwargs;
  return PyErr_Format(PyExc_TypeError, "a Semaphore is made by Semaphore.create, Semaphore.attach or Semaphore.open");
}

/* It refers to a str and to its type only: there is no cycle to clear. */
static int semaphore_traverse(PyObject *object, visitproc visit, void *arg) {
  Py_VISIT(Py_TYPE(object));
  return 0;
}

static void semaphore_dealloc(PyObject *object) {
  SemaphoreObject *self = (SemaphoreObject *)object;
  PyTypeObject *type = Py_TYPE(object);
  PyObject_GC_UnTrack(object);
  if (self->weakrefs != NULL) PyObject_ClearWeakRefs(object);
  semaphore_end(self);
  Py_XDECREF(self->name);
  ((freefunc)PyType_GetSlot(type, Py_tp_free))(object);
  Py_DECREF(type);
}

#define CLASS_METHOD (METH_FASTCALL | METH_KEYWORDS | METH_CLASS)

static PyMethodDef semaphore_methods[] = {
    {"create", MWPY_METHOD(semaphore_create), CLASS_METHOD,
     "create($type, name, value=0, *, permissions=0o600, temporary=False)\n--\n\n"
     "Create a named semaphore; FileExistsError where the name is taken.\n\n"
     "A temporary one is unlinked when this process closes it or exits; its children\n"
     "leave it alone."},
    {"attach", MWPY_METHOD(semaphore_attach), CLASS_METHOD,
     "attach($type, name, *, timeout=0, any_owner=False)\n--\n\n"
     "Attach to a semaphore that somebody made.\n\n"
     "Waits up to timeout seconds (None: for ever) for the name to appear; then\n"
     "FileNotFoundError. PermissionError where it belongs to another user, unless\n"
     "any_owner is true."},
    {"open", MWPY_METHOD(semaphore_open), CLASS_METHOD,
     "open($type, name, value=0, *, permissions=0o600)\n--\n\n"
     "Attach to a semaphore, or create it: of many at once, one creates.\n\n"
     "value and permissions are for a new one only."},
    {"unlink", MWPY_METHOD(semaphore_unlink), METH_STATIC | METH_FASTCALL | METH_KEYWORDS,
     "unlink(name, *, missing_ok=False)\n--\n\n"
     "Remove a name. Whoever has the semaphore keeps it."},
    {"acquire", MWPY_METHOD(semaphore_acquire), METH_FASTCALL | METH_KEYWORDS,
     "acquire($self, timeout=None)\n--\n\n"
     "Wait until the value is positive, then take one.\n\n"
     "Returns False where timeout seconds passed first; None waits for ever, 0 does not\n"
     "wait. The clock is monotonic, other threads run meanwhile, and Ctrl-C works."},
    {"release", MWPY_METHOD(semaphore_release), METH_FASTCALL | METH_KEYWORDS,
     "release($self, n=1)\n--\n\nAdd n, and wake as many who wait. OverflowError past 2**31 - 1."},
    {"acquire_async", MWPY_METHOD(semaphore_acquire_async), METH_FASTCALL | METH_KEYWORDS,
     "acquire_async($self, timeout=None)\n--\n\n"
     "acquire(), to be awaited beside asyncio.\n\n"
     "It looks again and again, at least every 20 ms. An await that is cancelled has\n"
     "taken nothing."},
    {"close", semaphore_close, METH_NOARGS,
     "close($self)\n--\n\n"
     "End the use of it here; threads that wait on it get ClosedError. Twice is fine."},
    {"__enter__", semaphore_enter, METH_NOARGS, "__enter__($self)\n--\n\nAcquire it."},
    {"__exit__", MWPY_METHOD(semaphore_exit), METH_FASTCALL, "__exit__($self, /, *exc)\n--\n\nRelease it; it is not closed."},
    {"__reduce__", semaphore_reduce, METH_NOARGS,
     "__reduce__($self)\n--\n\n"
     "Pickle the name with device and inode.\n\n"
     "Loading attaches to the same semaphore again, or raises FileNotFoundError."},
    {NULL, NULL, 0, NULL},
};

static PyMemberDef semaphore_members[] = {
    {"__weaklistoffset__", T_PYSSIZET, offsetof(SemaphoreObject, weakrefs), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

PyDoc_STRVAR(semaphore_doc, "A named POSIX semaphore, the one that sem_open opens: for signalling between any\n"
                            "programs. Made by Semaphore.create, attach and open.\n\n"
                            "`with semaphore:` acquires and releases. It has no owner: a process that is killed\n"
                            "in between never gives the unit back.");

static PyType_Slot semaphore_slots[] = {
    MWPY_TEXT(Py_tp_doc, semaphore_doc),
    {Py_tp_methods, semaphore_methods},
    {Py_tp_getset, semaphore_attributes},
    {Py_tp_members, semaphore_members},
    MWPY_SLOT(Py_tp_new, semaphore_new),
    MWPY_SLOT(Py_tp_dealloc, semaphore_dealloc),
    MWPY_SLOT(Py_tp_traverse, semaphore_traverse),
    MWPY_SLOT(Py_tp_repr, semaphore_repr),
    {0, NULL},
};

static PyType_Spec semaphore_spec = {
    .name = "memwell.Semaphore",
    .basicsize = sizeof(SemaphoreObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = semaphore_slots,
};

bool mwpy_semaphore_type_add(PyObject *module, mwpy_state *state) {
  state->semaphore_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &semaphore_spec, NULL);
  return state->semaphore_type != NULL && PyModule_AddType(module, state->semaphore_type) == 0;
}
