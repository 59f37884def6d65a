/* Mutex.recovering, in C because nothing may come between the acquire and the body: a generator could be interrupted there.
 *
 * SPDX-License-Identifier: MIT */
#include "recovery_type.h"

#include "errors.h"

/* seconds      how long to wait, each time it is entered
 * was_broken   whether the mutex was, when it was entered last; only who holds the mutex looks */
typedef struct RecoveryObject {
  PyObject_HEAD MutexObject *mutex;
  double seconds;
  bool was_broken;
} RecoveryObject;

PyObject *mwpy_recovery_new(MutexObject *mutex, double seconds) {
  RecoveryObject *self = (RecoveryObject *)PyType_GenericAlloc(mutex->member.state->recovery_type, 0);
  if (self == NULL) return NULL;
  self->mutex = (MutexObject *)Py_NewRef((PyObject *)mutex);
  self->seconds = seconds;
  return (PyObject *)self;
}

static PyObject *recovery_enter(PyObject *object, PyObject *unused) {
  RecoveryObject *self = (RecoveryObject *)object;
  mw_error error;
  (void)unused;
  int status = mwpy_mutex_begin(self->mutex, self->seconds, &error);
  if (status < 0) return mwpy_raise(self->mutex->member.state, &error);
  self->was_broken = status > 0;
  Py_RETURN_NONE;
}

/* A recovery that failed holds the mutex no more; one that ended well, or mended nothing, has to release it. */
static int leave(RecoveryObject *self, bool is_mended, mw_error *error) {
  mw_mutex *handle = self->mutex->handle;
  if (self->was_broken) {
    int status = mw_mutex_recover_end(handle, is_mended, error);
    if (status < 0 || !is_mended) return status;
  }
  return mw_mutex_release(handle, error);
}

static PyObject *recovery_exit(PyObject *object, PyObject *const *args, Py_ssize_t nargs) {
  RecoveryObject *self = (RecoveryObject *)object;
  mw_error error;
  bool has_raised = nargs > 0 && args[0] != Py_None;
  if (leave(self, !has_raised, &error) < 0) return mwpy_raise(self->mutex->member.state, &error);
  Py_RETURN_NONE;
}

static int recovery_traverse(PyObject *object, visitproc visit, void *arg) {
  Py_VISIT(Py_TYPE(object));
  Py_VISIT((PyObject *)((RecoveryObject *)object)->mutex);
  return 0;
}

static void recovery_dealloc(PyObject *object) {
  PyTypeObject *type = Py_TYPE(object);
  PyObject_GC_UnTrack(object);
  Py_XDECREF((PyObject *)((RecoveryObject *)object)->mutex);
  ((freefunc)PyType_GetSlot(type, Py_tp_free))(object);
  Py_DECREF(type);
}

static PyMethodDef recovery_methods[] = {
    {"__enter__", recovery_enter, METH_NOARGS, "__enter__($self)\n--\n\nAcquire the mutex, broken or not."},
    {"__exit__", MWPY_METHOD(recovery_exit), METH_FASTCALL, "__exit__($self, /, *exc)\n--\n\nRelease it, mended or not."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot recovery_slots[] = {
    {Py_tp_methods, recovery_methods},
    MWPY_SLOT(Py_tp_dealloc, recovery_dealloc),
    MWPY_SLOT(Py_tp_traverse, recovery_traverse),
    {0, NULL},
};

static PyType_Spec recovery_spec = {
    .name = "memwell._memwell._Recovery",
    .basicsize = sizeof(RecoveryObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = recovery_slots,
};

bool mwpy_recovery_type_add(PyObject *module, mwpy_state *state) {
  state->recovery_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &recovery_spec, NULL);
  return state->recovery_type != NULL;
}
