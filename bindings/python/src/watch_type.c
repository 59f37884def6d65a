/* memwell._memwell._Watch and _Bell. Main entry: mwpy_watch_wait.
 *
 * SPDX-License-Identifier: MIT */
#include "watch_type.h"

#include "convert.h"
#include "errors.h"

/* ------------------------------------------------------------------ watches */

/* owner   whose word it is */
typedef struct WatchObject {
  PyObject_HEAD PyObject *owner;
  mw_watch watch;
} WatchObject;

PyObject *mwpy_watch_new(mwpy_state *state, PyObject *owner, mw_watch watch) {
  WatchObject *self = (WatchObject *)PyType_GenericAlloc(state->watch_type, 0);
  if (self == NULL) return NULL;
  self->owner = Py_NewRef(owner);
  self->watch = watch;
  return (PyObject *)self;
}

const mw_watch *mwpy_watch_of(mwpy_state *state, PyObject *object) {
  if (PyObject_TypeCheck(object, state->watch_type)) return &((WatchObject *)object)->watch;
  PyErr_Format(PyExc_TypeError, "%R is no watch", object);
  return NULL;
}

static PyObject *watch_get_place(PyObject *object, void *unused) {
  (void)unused;
  return PyLong_FromVoidPtr(((WatchObject *)object)->watch.word);
}

static PyObject *watch_get_rang(PyObject *object, void *unused) {
  const mw_watch *watch = &((WatchObject *)object)->watch;
  (void)unused;
  return PyBool_FromLong(__atomic_load_n((uint32_t *)watch->word, __ATOMIC_SEQ_CST) != watch->value);
}

static PyGetSetDef watch_attributes[] = {
    {"place", watch_get_place, NULL, "Where its word is: the same place, the same object.", NULL},
    {"rang", watch_get_rang, NULL, "Whether the word has changed since.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static int watch_traverse(PyObject *object, visitproc visit, void *arg) {
  Py_VISIT(Py_TYPE(object));
  Py_VISIT(((WatchObject *)object)->owner);
  return 0;
}

static void watch_dealloc(PyObject *object) {
  PyTypeObject *type = Py_TYPE(object);
  PyObject_GC_UnTrack(object);
  Py_XDECREF(((WatchObject *)object)->owner);
  ((freefunc)PyType_GetSlot(type, Py_tp_free))(object);
  Py_DECREF(type);
}

static PyType_Slot watch_slots[] = {
    {Py_tp_getset, watch_attributes},
    MWPY_SLOT(Py_tp_dealloc, watch_dealloc),
    MWPY_SLOT(Py_tp_traverse, watch_traverse),
    {0, NULL},
};

static PyType_Spec watch_spec = {
    .name = "memwell._memwell._Watch",
    .basicsize = sizeof(WatchObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = watch_slots,
};

/* ------------------------------------------------------------------ the bell */

typedef struct BellObject {
  PyObject_HEAD mwpy_state *state;
  uint32_t word;
} BellObject;

static PyObject *bell_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
  BellObject *self = (BellObject *)PyType_GenericAlloc(type, 0);
  (void)args;
  (void)kwargs;
  if (self != NULL) self->state = mwpy_state_of(type);
  return (PyObject *)self;
}

static PyObject *bell_ring(PyObject *object, PyObject *unused) {
  BellObject *self = (BellObject *)object;
  (void)unused;
  mw_watch_ring(&self->word, self->word + 1);
  Py_RETURN_NONE;
}

static PyObject *bell_watch(PyObject *object, PyObject *unused) {
  BellObject *self = (BellObject *)object;
  (void)unused;
  return mwpy_watch_new(self->state, object, (mw_watch){&self->word, self->word});
}

static void bell_dealloc(PyObject *object) {
  PyTypeObject *type = Py_TYPE(object);
  ((freefunc)PyType_GetSlot(type, Py_tp_free))(object);
  Py_DECREF(type);
}

static PyMethodDef bell_methods[] = {
    {"ring", bell_ring, METH_NOARGS, "ring($self)\n--\n\nWake who sleeps for it."},
    {"_watch", bell_watch, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot bell_slots[] = {
    {Py_tp_methods, bell_methods},
    MWPY_SLOT(Py_tp_new, bell_new),
    MWPY_SLOT(Py_tp_dealloc, bell_dealloc),
    {0, NULL},
};

static PyType_Spec bell_spec = {
    .name = "memwell._memwell._Bell",
    .basicsize = sizeof(BellObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = bell_slots,
};

bool mwpy_watch_type_add(PyObject *module, mwpy_state *state) {
  state->watch_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &watch_spec, NULL);
  if (state->watch_type == NULL) return false;
  state->bell_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &bell_spec, NULL);
  return state->bell_type != NULL && PyModule_AddType(module, state->bell_type) == 0 &&
         PyModule_AddIntConstant(module, "_WATCH_MAX", MW_WATCH_MAX) == 0;
}

/* ------------------------------------------------------------------ sleeping */

/* The tuple keeps the words alive meanwhile. */
static bool read_watches(mwpy_state *state, PyObject *tuple, mw_watch out_watches[MW_WATCH_MAX], unsigned *out_count) {
  Py_ssize_t count = PyTuple_Check(tuple) ? PyTuple_Size(tuple) : 0;
  if (count < 1 || count > MW_WATCH_MAX) {
    PyErr_Format(PyExc_ValueError, "_watch_wait: a tuple of 1 to %d watches, not %R", MW_WATCH_MAX, tuple);
    return false;
  }
  for (Py_ssize_t i = 0; i < count; i++) {
    const mw_watch *watch = mwpy_watch_of(state, PyTuple_GetItem(tuple, i));
    if (watch == NULL) return false;
    out_watches[i] = *watch;
  }
  *out_count = (unsigned)count;
  return true;
}

/* A page that is lost has rung: whoever looks at it finds out. */
PyObject *mwpy_watch_wait(PyObject *module, PyObject *const *args, Py_ssize_t nargs) {
  mwpy_state *state = PyModule_GetState(module);
  mw_watch watches[MW_WATCH_MAX];
  unsigned count;
  double seconds;
  mw_error error;
  if (nargs != 2) return PyErr_Format(PyExc_TypeError, "_watch_wait(watches, timeout)");
  if (!read_watches(state, args[0], watches, &count) || !mwpy_convert_timeout("_watch_wait", args[1], &seconds)) return NULL;
  mw_deadline deadline = mwpy_deadline(seconds);
  int status;
  do {
    PyThreadState *thread = PyEval_SaveThread();
    status = mw_watch_wait(watches, count, deadline, &error);
    PyEval_RestoreThread(thread);
  } while (mwpy_interrupted(status));
  if (status < 0 && status != MW_ETIMEDOUT && status != MW_EFAULT) return mwpy_raise(state, &error);
  return PyBool_FromLong(status != MW_ETIMEDOUT);
}
