/* memwell.Mutex. Main entry: mwpy_mutex_type_add.
 *
 * An acquire that the core has granted is never given up: between that and the return there is no Python code but `recover`.
 *
 * SPDX-License-Identifier: MIT */
#include "mutex_type.h"

#include <math.h>

#include "errors.h"
#include "recovery_type.h"
#include "watch_type.h"

static mwpy_state *state_of(const MutexObject *self) { return self->member.state; }

/* "In use" is a mutex that is being mended. */
static PyObject *mutex_raise(MutexObject *self, const mw_error *error) {
  if (error->status == MW_EBUSY) return mwpy_raise_as(PyExc_RuntimeError, error);
  return mwpy_raise(state_of(self), error);
}

/* ------------------------------------------------------------------ acquire and release */

static int call_acquire(void *handle, mw_deadline deadline, mw_error *error) { return mw_mutex_acquire(handle, deadline, error); }

static int call_begin(void *handle, mw_deadline deadline, mw_error *error) {
  return mw_mutex_recover_begin(handle, deadline, error);
}

int mwpy_mutex_begin(MutexObject *self, double seconds, mw_error *error) {
  return mwpy_well_member_wait(call_begin, self->handle, seconds, error);
}

/* Say that it was not mended, and go on with the exception that is set. */
static void mutex_leave_broken(MutexObject *self) {
  PyObject *type, *value, *traceback;
  PyErr_Fetch(&type, &value, &traceback);
  (void)mw_mutex_recover_end(self->handle, false, NULL);
  PyErr_Restore(type, value, traceback);
}

/* It is held to be mended. 1: it is, and held; -1: an exception is set, and it is broken still. */
static int mutex_mend(MutexObject *self) {
  PyObject *recover = Py_NewRef(self->recover);
  PyObject *result = PyObject_CallNoArgs(recover);
  mw_error error;
  Py_DECREF(recover);
  if (result == NULL) {
    mutex_leave_broken(self);
    return -1;
  }
  Py_DECREF(result);
  if (mw_mutex_recover_end(self->handle, true, &error) == 0) return 1;
  mutex_raise(self, &error);
  return -1;
}

/* 1: acquired; 0: timed out, or where `is_task`, this thread holds it already; -1: an exception is set. */
static int mutex_take(MutexObject *self, double seconds, bool is_task) {
  mw_error error;
  mwpy_wait_call call = self->recover == NULL ? call_acquire : call_begin;
  int status = mwpy_well_member_wait(call, self->handle, seconds, &error);
  if (status == 0) return 1;
  if (status > 0 && self->recover != NULL) return mutex_mend(self);
  if (status == MW_ETIMEDOUT || (status == MW_EDEADLK && is_task)) return 0;
  mutex_raise(self, &error);
  return -1;
}

static PyObject *mutex_acquire(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"Mutex.acquire", 0, 1, {"timeout"}};
  double seconds;
  if (!mwpy_well_member_timeout(&signature, args, nargs, kwnames, &seconds)) return NULL;
  int acquired = mutex_take((MutexObject *)object, seconds, false);
  return acquired < 0 ? NULL : PyBool_FromLong(acquired);
}

static PyObject *mutex_release(PyObject *object, PyObject *unused) {
  MutexObject *self = (MutexObject *)object;
  mw_error error;
  (void)unused;
  if (mw_mutex_release(self->handle, &error) < 0) return mutex_raise(self, &error);
  Py_RETURN_NONE;
}

static PyObject *mutex_enter(PyObject *object, PyObject *unused) {
  (void)unused;
  return mutex_take((MutexObject *)object, INFINITY, false) < 0 ? NULL : Py_NewRef(object);
}

static PyObject *mutex_exit(PyObject *object, PyObject *const *args, Py_ssize_t nargs) {
  (void)args;
  (void)nargs;
  return mutex_release(object, NULL);
}

static PyObject *mutex_recovering(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"Mutex.recovering", 0, 1, {"timeout"}};
  double seconds;
  if (!mwpy_well_member_timeout(&signature, args, nargs, kwnames, &seconds)) return NULL;
  return mwpy_recovery_new((MutexObject *)object, seconds);
}

/* ------------------------------------------------------------------ beside asyncio */

static PyObject *mutex_acquire_async(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"Mutex.acquire_async", 0, 1, {"timeout"}};
  return mwpy_well_member_await(&signature, object, args, nargs, kwnames);
}

static PyObject *mutex_try(PyObject *object, PyObject *unused) {
  (void)unused;
  int acquired = mutex_take((MutexObject *)object, 0, true);
  return acquired < 0 ? NULL : PyBool_FromLong(acquired);
}

static PyObject *mutex_watch(PyObject *object, PyObject *unused) {
  MutexObject *self = (MutexObject *)object;
  mw_watch watch;
  mw_error error;
  (void)unused;
  if (mw_mutex_watch(self->handle, &error, &watch) < 0) return mutex_raise(self, &error);
  return mwpy_watch_new(state_of(self), object, watch);
}

/* ------------------------------------------------------------------ attributes and the rest */

static bool mutex_look(MutexObject *self, int *out_slot, bool *out_inconsistent) {
  mw_error error;
  if (mw_mutex_owner(self->handle, &error, out_slot, out_inconsistent) == 0) return true;
  mutex_raise(self, &error);
  return false;
}

static PyObject *mutex_get_owner(PyObject *object, void *unused) {
  int slot;
  bool inconsistent;
  (void)unused;
  if (!mutex_look((MutexObject *)object, &slot, &inconsistent)) return NULL;
  return slot < 0 ? Py_NewRef(Py_None) : PyLong_FromLong(slot);
}

static PyObject *mutex_get_locked(PyObject *object, void *unused) {
  int slot;
  bool inconsistent;
  (void)unused;
  return mutex_look((MutexObject *)object, &slot, &inconsistent) ? PyBool_FromLong(slot >= 0) : NULL;
}

static PyObject *mutex_get_inconsistent(PyObject *object, void *unused) {
  int slot;
  bool inconsistent;
  (void)unused;
  return mutex_look((MutexObject *)object, &slot, &inconsistent) ? PyBool_FromLong(inconsistent) : NULL;
}

static PyGetSetDef mutex_attributes[] = {
    MWPY_MEMBER_ATTRIBUTES,
    {"locked", mutex_get_locked, NULL, "Whether somebody holds it.", NULL},
    {"owner", mutex_get_owner, NULL, "The slot of who holds it, or None.", NULL},
    {"inconsistent", mutex_get_inconsistent, NULL,
     "Whether its holder died, and nobody has mended what that left, nor is about to.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyObject *mutex_repr(PyObject *object) {
  int slot;
  bool inconsistent;
  char state[32] = "free";
  if (mw_mutex_owner(((MutexObject *)object)->handle, NULL, &slot, &inconsistent) < 0) return mwpy_well_member_repr(object, NULL);
  if (inconsistent) PyOS_snprintf(state, sizeof state, "inconsistent");
  if (slot >= 0) PyOS_snprintf(state, sizeof state, "held by slot %d", slot);
  return mwpy_well_member_repr(object, state);
}

static PyObject *mutex_reduce(PyObject *object, PyObject *unused) {
  (void)unused;
  return mwpy_well_member_reduce(object, "mutex", ((MutexObject *)object)->recover);
}

/* ------------------------------------------------------------------ life and class */

PyObject *mwpy_mutex_new(WellObject *well, mw_mutex *handle, PyObject *recover) {
  MutexObject *self = (MutexObject *)mwpy_well_member_new(well->state->mutex_type, well, mw_mutex_name(handle));
  if (self == NULL) {
    mw_mutex_drop(handle);
    return NULL;
  }
  self->handle = handle;
  self->recover = Py_XNewRef(recover);
  return (PyObject *)self;
}

static int mutex_traverse(PyObject *object, visitproc visit, void *arg) {
  Py_VISIT(((MutexObject *)object)->recover);
  return mwpy_well_member_traverse(object, visit, arg);
}

/* A recover that refers to its mutex is a cycle. */
static int mutex_clear(PyObject *object) {
  Py_CLEAR(((MutexObject *)object)->recover);
  return 0;
}

static void mutex_dealloc(PyObject *object) {
  MutexObject *self = (MutexObject *)object;
  PyObject_GC_UnTrack(object);
  if (self->member.weakrefs != NULL) PyObject_ClearWeakRefs(object);
  mutex_clear(object);
  mw_mutex_drop(self->handle);
  mwpy_well_member_free(object);
}

static PyMethodDef mutex_methods[] = {
    {"acquire", MWPY_METHOD(mutex_acquire), METH_FASTCALL | METH_KEYWORDS,
     "acquire($self, timeout=None)\n--\n\n"
     "Wait until nobody has it, then take it.\n\n"
     "Returns False where timeout seconds passed first; None waits for ever, 0 does not\n"
     "wait. The clock is monotonic, other threads run meanwhile, and Ctrl-C works.\n\n"
     "Where a holder died: with a recover, that is called first, and what it raises is\n"
     "raised here; without one OwnerDiedError, and nothing is held. RuntimeError where\n"
     "this thread holds it already."},
    {"release", mutex_release, METH_NOARGS,
     "release($self)\n--\n\n"
     "Give it back; any thread of the process may.\n\n"
     "RuntimeError where this process does not hold it: it may have, until somebody broke\n"
     "its locks."},
    {"recovering", MWPY_METHOD(mutex_recovering), METH_FASTCALL | METH_KEYWORDS,
     "recovering($self, timeout=None)\n--\n\n"
     "A context manager that acquires the mutex, broken or not, for as long as it is being\n"
     "mended.\n\n"
     "Left without an exception, the mutex is consistent, and released. Left with one, it\n"
     "is released too, and as inconsistent as it was. TimeoutError where timeout seconds\n"
     "passed first."},
    {"acquire_async", MWPY_METHOD(mutex_acquire_async), METH_FASTCALL | METH_KEYWORDS,
     "acquire_async($self, timeout=None)\n--\n\n"
     "acquire(), to be awaited beside asyncio.\n\n"
     "Tasks of one thread exclude each other too, and an await that is cancelled holds\n"
     "nothing. A recover is called by the event loop's thread."},
    {"_try", mutex_try, METH_O,
     "_try($self, watch, /)\n--\n\nacquire(0), and False too where this thread holds it: another of its tasks may."},
    {"_watch", mutex_watch, METH_NOARGS, "_watch($self)\n--\n\nSay that somebody will sleep for it, and where."},
    {"__enter__", mutex_enter, METH_NOARGS, "__enter__($self)\n--\n\nAcquire it."},
    {"__exit__", MWPY_METHOD(mutex_exit), METH_FASTCALL, "__exit__($self, /, *exc)\n--\n\nRelease it."},
    MWPY_MEMBER_REDUCE(mutex_reduce),
    {NULL, NULL, 0, NULL},
};

static PyMemberDef mutex_members[] = {
    MWPY_MEMBER_WEAKREFS,
    {NULL, 0, 0, 0, NULL},
};

PyDoc_STRVAR(mutex_doc, "Exclusion between processes, and between the threads of one; made by Well.mutex.\n\n"
                        "It belongs to the process that acquired it, and is not recursive. A thread that ends\n"
                        "without releasing it is not noticed; a process is. When its holder dies the mutex is\n"
                        "inconsistent: an acquire with a recover calls that, holding it, and goes on; one\n"
                        "without raises OwnerDiedError, for everybody, until `with mutex.recovering():` is left\n"
                        "without an exception. A recover that raises, or dies, leaves it inconsistent.");

static PyType_Slot mutex_slots[] = {
    MWPY_TEXT(Py_tp_doc, mutex_doc),
    {Py_tp_methods, mutex_methods},
    {Py_tp_getset, mutex_attributes},
    {Py_tp_members, mutex_members},
    MWPY_SLOT(Py_tp_new, mwpy_well_member_refuse),
    MWPY_SLOT(Py_tp_dealloc, mutex_dealloc),
    MWPY_SLOT(Py_tp_traverse, mutex_traverse),
    MWPY_SLOT(Py_tp_clear, mutex_clear),
    MWPY_SLOT(Py_tp_repr, mutex_repr),
    {0, NULL},
};

static PyType_Spec mutex_spec = {
    .name = "memwell.Mutex",
    .basicsize = sizeof(MutexObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = mutex_slots,
};

bool mwpy_mutex_type_add(PyObject *module, mwpy_state *state) {
  state->mutex_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &mutex_spec, NULL);
  return state->mutex_type != NULL && PyModule_AddType(module, state->mutex_type) == 0 && mwpy_recovery_type_add(module, state);
}
