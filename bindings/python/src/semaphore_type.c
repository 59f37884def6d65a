/* memwell.Semaphore: how it is acquired, released and closed. How one is made is in semaphore_source.c. Main entry:
 * mwpy_semaphore_type_add.
 *
 * The object owns one mw_semaphore, and close() sets the pointer to NULL. An acquire that succeeds at once keeps the GIL; only one
 * that has to wait lets go of it, holding a reference of its own, so that another thread may close.
 *
 * SPDX-License-Identifier: MIT */
#include "semaphore_type.h"

#include <math.h>
#include <stddef.h>
#include <structmember.h>

#include "arguments.h"
#include "convert.h"
#include "errors.h"
#include "memwell/semaphore.h"
#include "semaphore_source.h"

static mw_semaphore *semaphore_handle(SemaphoreObject *self, const char *call) {
  if (self->handle == NULL) mwpy_raise_closed(self->state, call, "semaphore", self->name);
  return self->handle;
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

/* The object, or None where there is none. */
static PyObject *or_none(PyObject *object) { return Py_NewRef(object == NULL ? Py_None : object); }

static PyObject *semaphore_get_name(PyObject *object, void *unused) {
  (void)unused;
  return or_none(((SemaphoreObject *)object)->name);
}

static PyObject *semaphore_get_kind(PyObject *object, void *unused) {
  (void)unused;
  return Py_NewRef(((SemaphoreObject *)object)->kind);
}

static PyObject *number_of_set(PyObject *object, long number) {
  return ((SemaphoreObject *)object)->is_sysv ? PyLong_FromLong(number) : Py_NewRef(Py_None);
}

static PyObject *semaphore_get_key(PyObject *object, void *unused) {
  (void)unused;
  return number_of_set(object, ((SemaphoreObject *)object)->key);
}

static PyObject *semaphore_get_id(PyObject *object, void *unused) {
  (void)unused;
  return number_of_set(object, ((SemaphoreObject *)object)->id);
}

static PyObject *semaphore_get_index(PyObject *object, void *unused) {
  (void)unused;
  return number_of_set(object, (long)((SemaphoreObject *)object)->index);
}

static PyObject *semaphore_get_region(PyObject *object, void *unused) {
  (void)unused;
  return or_none((PyObject *)((SemaphoreObject *)object)->region);
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
    {"kind", semaphore_get_kind, NULL, "\"named\", \"at\" or \"sysv\".", NULL},
    {"name", semaphore_get_name, NULL, "Its name, without a leading slash; None for other kinds.", NULL},
    {"key", semaphore_get_key, NULL, "The key of its System V set; None for other kinds.", NULL},
    {"id", semaphore_get_id, NULL, "The identifier of its System V set, as ipcs shows it; None for other kinds.", NULL},
    {"index", semaphore_get_index, NULL, "Which of its System V set it is; None for other kinds.", NULL},
    {"region", semaphore_get_region, NULL, "The region that it is in; None for other kinds.", NULL},
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

/* What sets it apart: its name, its place, or its set. New reference. */
static PyObject *semaphore_title(const SemaphoreObject *self) {
  if (self->name != NULL) return PyUnicode_FromFormat("%R", self->name);
  if (self->is_sysv) return PyUnicode_FromFormat("sysv 0x%x[%u]", (unsigned)self->key, self->index);
  return PyUnicode_FromFormat("at byte %llu of %R", (unsigned long long)self->offset, (PyObject *)self->region);
}

static PyObject *semaphore_repr(PyObject *object) {
  SemaphoreObject *self = (SemaphoreObject *)object;
  PyObject *type = PyType_GetName(Py_TYPE(object));
  PyObject *title = type == NULL ? NULL : semaphore_title(self);
  PyObject *text = NULL;
  unsigned value;
  if (title == NULL) {
    text = NULL;
  } else if (self->handle == NULL) {
    text = PyUnicode_FromFormat("<memwell.%U %U, closed>", type, title);
  } else if (mw_semaphore_value(self->handle, NULL, &value) == 0) {
    text = PyUnicode_FromFormat("<memwell.%U %U, value %u>", type, title, value);
  } else {
    text = PyUnicode_FromFormat("<memwell.%U %U, gone>", type, title);
  }
  Py_XDECREF(title);
  Py_XDECREF(type);
  return text;
}

/* ------------------------------------------------------------------ pickling */

/* What _reopen_semaphore finds it by again, beside its class and kind: a tuple. New reference. */
static PyObject *semaphore_address(const SemaphoreObject *self) {
  uint64_t device, inode;
  mw_semaphore_identity(self->handle, &device, &inode);
  if (self->region != NULL) return Py_BuildValue("(OK)", (PyObject *)self->region, (unsigned long long)self->offset);
  if (!self->is_sysv) return Py_BuildValue("(OKK)", self->name, (unsigned long long)device, (unsigned long long)inode);
  if (self->key == MW_KEY_PRIVATE) {
    return PyErr_Format(PyExc_TypeError, "Semaphore: a set of IPC_PRIVATE has no key by which another process could find it");
  }
  return Py_BuildValue("(iIKO)", self->key, self->index, (unsigned long long)inode, self->undo ? Py_True : Py_False);
}

static PyObject *semaphore_reduce(PyObject *object, PyObject *unused) {
  SemaphoreObject *self = (SemaphoreObject *)object;
  (void)unused;
  PyObject *address = semaphore_handle(self, "Semaphore.__reduce__") == NULL ? NULL : semaphore_address(self);
  PyObject *attributes = address == NULL ? NULL : mwpy_attributes_of(object);
  PyObject *module = attributes == NULL ? NULL : PyImport_ImportModule("memwell._memwell");
  PyObject *reopen = module == NULL ? NULL : PyObject_GetAttrString(module, "_reopen_semaphore");
  PyObject *result = reopen == NULL ? NULL : Py_BuildValue("O(OOO)O", reopen, Py_TYPE(object), self->kind, address, attributes);
  Py_XDECREF(reopen);
  Py_XDECREF(module);
  Py_XDECREF(attributes);
  Py_XDECREF(address);
  return result;
}

/* ------------------------------------------------------------------ life and class */

static PyObject *semaphore_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
  (void)type;
  (void)args;
  (void)kwargs;
  return PyErr_Format(PyExc_TypeError, "a Semaphore is made by Semaphore.create, Semaphore.attach, Semaphore.open, "
                                       "Semaphore.at or Semaphore.sysv");
}

/* A cycle that goes through one goes through the __dict__ of its own or its Region's class, which clears that: no tp_clear. */
static int semaphore_traverse(PyObject *object, visitproc visit, void *arg) {
  Py_VISIT(Py_TYPE(object));
  Py_VISIT((PyObject *)((SemaphoreObject *)object)->region);
  return 0;
}

static void semaphore_dealloc(PyObject *object) {
  SemaphoreObject *self = (SemaphoreObject *)object;
  PyTypeObject *type = Py_TYPE(object);
  PyObject_GC_UnTrack(object);
  if (self->weakrefs != NULL) PyObject_ClearWeakRefs(object);
  semaphore_end(self);
  Py_XDECREF(self->name);
  Py_XDECREF(self->kind);
  Py_XDECREF((PyObject *)self->region);
  ((freefunc)PyType_GetSlot(type, Py_tp_free))(object);
  Py_DECREF(type);
}

#define CLASS_METHOD (METH_FASTCALL | METH_KEYWORDS | METH_CLASS)

static PyMethodDef semaphore_methods[] = {
    {"create", MWPY_METHOD(mwpy_semaphore_create), CLASS_METHOD,
     "create($type, name, value=0, *, permissions=0o600, temporary=False)\n--\n\n"
     "Create a named semaphore; FileExistsError where the name is taken.\n\n"
     "A temporary one is unlinked when this process closes it or exits; its children\n"
     "leave it alone."},
    {"attach", MWPY_METHOD(mwpy_semaphore_attach), CLASS_METHOD,
     "attach($type, name, *, timeout=0, any_owner=False)\n--\n\n"
     "Attach to a semaphore that somebody made.\n\n"
     "Waits up to timeout seconds (None: for ever) for the name to appear; then\n"
     "FileNotFoundError. PermissionError where it belongs to another user, unless\n"
     "any_owner is true."},
    {"open", MWPY_METHOD(mwpy_semaphore_open), CLASS_METHOD,
     "open($type, name, value=0, *, permissions=0o600)\n--\n\n"
     "Attach to a semaphore, or create it: of many at once, one creates.\n\n"
     "value and permissions are for a new one only."},
    {"at", MWPY_METHOD(mwpy_semaphore_at), CLASS_METHOD,
     "at($type, region, offset, value=None)\n--\n\n"
     "A sem_t inside a region, as a C program beside us has it.\n\n"
     "offset  in bytes, a multiple of 8; it takes 32 bytes\n"
     "value   makes it, whatever was there; None takes the one that is there"},
    {"sysv", MWPY_METHOD(mwpy_semaphore_sysv), CLASS_METHOD,
     "sysv($type, key, index=0, *, how='attach', value=0, permissions=0o600,\n     undo=False, count=None, timeout=0, "
     "unused_ok=False,\n"
     "     any_owner=False)\n--\n\n"
     "One semaphore of a System V set.\n\n"
     "key        as ftok makes it; 0 (IPC_PRIVATE) with how='create' only\n"
     "how        'attach', 'create', which must be new, or 'open', which is either\n"
     "value      of every semaphore of a new set, at most 32767\n"
     "undo       SEM_UNDO: what this process holds when it ends, is given back\n"
     "count      how many semaphores a new set has; None means index + 1\n"
     "timeout    how long to wait for the maker of a set to be done with it\n"
     "unused_ok  take a set on which nobody has operated yet\n\n"
     "The set stays until sysv_remove."},
    {"sysv_remove", MWPY_METHOD(mwpy_semaphore_sysv_remove), CLASS_METHOD,
     "sysv_remove($type, key_or_semaphore, *, missing_ok=False)\n--\n\n"
     "Remove a System V set, by its key or by one of its semaphores.\n\n"
     "Whoever waits on it gets an OSError (EIDRM)."},
    {"unlink", MWPY_METHOD(mwpy_semaphore_unlink), METH_STATIC | METH_FASTCALL | METH_KEYWORDS,
     "unlink(name, *, missing_ok=False)\n--\n\n"
     "Remove a name. Whoever has the semaphore keeps it."},
    {"acquire", MWPY_METHOD(semaphore_acquire), METH_FASTCALL | METH_KEYWORDS,
     "acquire($self, timeout=None)\n--\n\n"
     "Wait until the value is positive, then take one.\n\n"
     "Returns False where timeout seconds passed first; None waits for ever, 0 does not\n"
     "wait. The clock is monotonic, other threads run meanwhile, and Ctrl-C works."},
    {"release", MWPY_METHOD(semaphore_release), METH_FASTCALL | METH_KEYWORDS,
     "release($self, n=1)\n--\n\nAdd n, and wake as many who wait. OverflowError past 2**31 - 1, or 32767 in System V."},
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
     "Pickle the name with device and inode, the region and the offset in it, or the\n"
     "key with index and identifier.\n\n"
     "Loading attaches to the same semaphore again, or raises FileNotFoundError.\n"
     "TypeError for a set of IPC_PRIVATE."},
    {NULL, NULL, 0, NULL},
};

static PyMemberDef semaphore_members[] = {
    {"__weaklistoffset__", T_PYSSIZET, offsetof(SemaphoreObject, weakrefs), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

PyDoc_STRVAR(semaphore_doc, "A semaphore between any programs. Semaphore.create, attach and open give a named POSIX\n"
                            "one, the one that sem_open opens; at gives a sem_t inside a region; sysv one of a\n"
                            "System V set.\n\n"
                            "`with semaphore:` acquires and releases. It has no owner: a process that is killed\n"
                            "in between never gives the unit back, unless it is a sysv one with undo.");

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
