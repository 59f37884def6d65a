/* memwell.RobustSemaphore. Main entry: mwpy_robust_semaphore_type_add.
 *
 * SPDX-License-Identifier: MIT */
#include "robust_semaphore_type.h"

#include <math.h>

#include "convert.h"
#include "errors.h"
#include "watch_type.h"

static mwpy_state *state_of(const RobustSemaphoreObject *self) { return self->member.state; }

/* ------------------------------------------------------------------ acquire and release */

static int call_acquire(void *handle, mw_deadline deadline, mw_error *error) {
  return mw_robust_semaphore_acquire(handle, deadline, error);
}

/* 1: acquired; 0: timed out; -1: an exception is set. */
static int semaphore_take(RobustSemaphoreObject *self, double seconds) {
  mw_error error;
  int status = mwpy_well_member_wait(call_acquire, self->handle, seconds, &error);
  if (status == 0) return 1;
  if (status == MW_ETIMEDOUT) return 0;
  mwpy_raise(state_of(self), &error);
  return -1;
}

static PyObject *semaphore_acquire(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"RobustSemaphore.acquire", 0, 1, {"timeout"}};
  double seconds;
  if (!mwpy_well_member_timeout(&signature, args, nargs, kwnames, &seconds)) return NULL;
  int acquired = semaphore_take((RobustSemaphoreObject *)object, seconds);
  return acquired < 0 ? NULL : PyBool_FromLong(acquired);
}

/* To release more than one holds is a wrong number. */
static PyObject *semaphore_give(RobustSemaphoreObject *self, unsigned n) {
  mw_error error;
  int status = mw_robust_semaphore_release(self->handle, n, &error);
  if (status == 0) Py_RETURN_NONE;
  return status == MW_ENOTOWNER ? mwpy_raise_as(PyExc_ValueError, &error) : mwpy_raise(state_of(self), &error);
}

static PyObject *semaphore_release(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"RobustSemaphore.release", 0, 1, {"n"}};
  PyObject *values[1] = {NULL};
  unsigned n = 1;
  if (!mwpy_arguments(&signature, args, nargs, kwnames, values) || !mwpy_convert_unsigned(signature.call, "n", values[0], &n)) {
    return NULL;
  }
  return semaphore_give((RobustSemaphoreObject *)object, n);
}

static PyObject *semaphore_enter(PyObject *object, PyObject *unused) {
  (void)unused;
  return semaphore_take((RobustSemaphoreObject *)object, INFINITY) < 0 ? NULL : Py_NewRef(object);
}

static PyObject *semaphore_exit(PyObject *object, PyObject *const *args, Py_ssize_t nargs) {
  (void)args;
  (void)nargs;
  return semaphore_give((RobustSemaphoreObject *)object, 1);
}

/* ------------------------------------------------------------------ beside asyncio */

static PyObject *semaphore_acquire_async(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"RobustSemaphore.acquire_async", 0, 1, {"timeout"}};
  return mwpy_well_member_await(&signature, object, args, nargs, kwnames);
}

static PyObject *semaphore_try(PyObject *object, PyObject *unused) {
  (void)unused;
  int acquired = semaphore_take((RobustSemaphoreObject *)object, 0);
  return acquired < 0 ? NULL : PyBool_FromLong(acquired);
}

static PyObject *semaphore_watch(PyObject *object, PyObject *unused) {
  RobustSemaphoreObject *self = (RobustSemaphoreObject *)object;
  mw_watch watch;
  mw_error error;
  (void)unused;
  if (mw_robust_semaphore_watch(self->handle, &error, &watch) < 0) return mwpy_raise(state_of(self), &error);
  return mwpy_watch_new(state_of(self), object, watch);
}

/* ------------------------------------------------------------------ attributes and the rest */

typedef int (*number_call)(mw_robust_semaphore *semaphore, mw_error *error, unsigned *out_number);

static PyObject *number_of(PyObject *object, number_call call) {
  RobustSemaphoreObject *self = (RobustSemaphoreObject *)object;
  mw_error error;
  unsigned number;
  return call(self->handle, &error, &number) < 0 ? mwpy_raise(state_of(self), &error) : PyLong_FromUnsignedLong(number);
}

static PyObject *semaphore_get_value(PyObject *object, void *unused) {
  (void)unused;
  return number_of(object, mw_robust_semaphore_value);
}

static PyObject *semaphore_get_held(PyObject *object, void *unused) {
  (void)unused;
  return number_of(object, mw_robust_semaphore_held);
}

static PyObject *semaphore_get_capacity(PyObject *object, void *unused) {
  (void)unused;
  return PyLong_FromUnsignedLong(mw_robust_semaphore_capacity(((RobustSemaphoreObject *)object)->handle));
}

static PyGetSetDef semaphore_attributes[] = {
    MWPY_MEMBER_ATTRIBUTES,
    {"capacity", semaphore_get_capacity, NULL, "How many permits there are.", NULL},
    {"value", semaphore_get_value, NULL, "How many of them are free now.", NULL},
    {"held", semaphore_get_held, NULL, "How many this process holds.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyObject *semaphore_repr(PyObject *object) {
  mw_robust_semaphore *handle = ((RobustSemaphoreObject *)object)->handle;
  unsigned value;
  char state[48];
  if (mw_robust_semaphore_value(handle, NULL, &value) < 0) return mwpy_well_member_repr(object, NULL);
  PyOS_snprintf(state, sizeof state, "%u of %u free", value, mw_robust_semaphore_capacity(handle));
  return mwpy_well_member_repr(object, state);
}

static PyObject *semaphore_reduce(PyObject *object, PyObject *unused) {
  (void)unused;
  return mwpy_well_member_reduce(object, "semaphore", NULL);
}

/* ------------------------------------------------------------------ life and class */

PyObject *mwpy_robust_semaphore_new(WellObject *well, mw_robust_semaphore *handle) {
  PyObject *object = mwpy_well_member_new(well->state->robust_semaphore_type, well, mw_robust_semaphore_name(handle));
  if (object == NULL) {
    mw_robust_semaphore_drop(handle);
  } else {
    ((RobustSemaphoreObject *)object)->handle = handle;
  }
  return object;
}

static void semaphore_dealloc(PyObject *object) {
  RobustSemaphoreObject *self = (RobustSemaphoreObject *)object;
  PyObject_GC_UnTrack(object);
  if (self->member.weakrefs != NULL) PyObject_ClearWeakRefs(object);
  mw_robust_semaphore_drop(self->handle);
  mwpy_well_member_free(object);
}

static PyMethodDef semaphore_methods[] = {
    {"acquire", MWPY_METHOD(semaphore_acquire), METH_FASTCALL | METH_KEYWORDS,
     "acquire($self, timeout=None)\n--\n\n"
     "Wait until a permit is free, then take it.\n\n"
     "Returns False where timeout seconds passed first; None waits for ever, 0 does not\n"
     "wait. The clock is monotonic, other threads run meanwhile, and Ctrl-C works. What a\n"
     "dead process held is free."},
    {"release", MWPY_METHOD(semaphore_release), METH_FASTCALL | METH_KEYWORDS,
     "release($self, n=1)\n--\n\n"
     "Give n permits of this process back; any of its threads may.\n\n"
     "ValueError, and nothing is released, where this process holds fewer."},
    {"acquire_async", MWPY_METHOD(semaphore_acquire_async), METH_FASTCALL | METH_KEYWORDS,
     "acquire_async($self, timeout=None)\n--\n\n"
     "acquire(), to be awaited beside asyncio. An await that is cancelled holds nothing."},
    {"_try", semaphore_try, METH_O, "_try($self, watch, /)\n--\n\nacquire(0)."},
    {"_watch", semaphore_watch, METH_NOARGS, "_watch($self)\n--\n\nSay that somebody will sleep for it, and where."},
    {"__enter__", semaphore_enter, METH_NOARGS, "__enter__($self)\n--\n\nAcquire a permit."},
    {"__exit__", MWPY_METHOD(semaphore_exit), METH_FASTCALL, "__exit__($self, /, *exc)\n--\n\nRelease it."},
    MWPY_MEMBER_REDUCE(semaphore_reduce),
    {NULL, NULL, 0, NULL},
};

static PyMemberDef semaphore_members[] = {
    MWPY_MEMBER_WEAKREFS,
    {NULL, 0, 0, 0, NULL},
};

PyDoc_STRVAR(semaphore_doc, "Permits, a fixed number of them; made by Well.semaphore.\n\n"
                            "A permit belongs to the process that acquired it, any of whose threads may release it,\n"
                            "and comes back if the process dies. It is for limiting, not for signalling: nobody\n"
                            "can release what it does not hold. To signal, use an Event or a Semaphore.");

static PyType_Slot semaphore_slots[] = {
    MWPY_TEXT(Py_tp_doc, semaphore_doc),
    {Py_tp_methods, semaphore_methods},
    {Py_tp_getset, semaphore_attributes},
    {Py_tp_members, semaphore_members},
    MWPY_SLOT(Py_tp_new, mwpy_well_member_refuse),
    MWPY_SLOT(Py_tp_dealloc, semaphore_dealloc),
    MWPY_SLOT(Py_tp_traverse, mwpy_well_member_traverse),
    MWPY_SLOT(Py_tp_repr, semaphore_repr),
    {0, NULL},
};

static PyType_Spec semaphore_spec = {
    .name = "memwell.RobustSemaphore",
    .basicsize = sizeof(RobustSemaphoreObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = semaphore_slots,
};

bool mwpy_robust_semaphore_type_add(PyObject *module, mwpy_state *state) {
  state->robust_semaphore_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &semaphore_spec, NULL);
  return state->robust_semaphore_type != NULL && PyModule_AddType(module, state->robust_semaphore_type) == 0;
}
