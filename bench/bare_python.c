/* The limit for reaching elements from Python: types whose subscript checks nothing at all, neither the key's type nor the range
 * nor whether the memory is still there. The same for a semaphore.
 *
 * SPDX-License-Identifier: MIT */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <semaphore.h>
#include <stdint.h>

#include "mark.h"

#define COUNT 1000

typedef struct numbers {
  PyObject_HEAD double floats[COUNT];
  int32_t integers[COUNT];
} numbers;

PyMODINIT_FUNC PyInit_bare_python(void);

static PyObject *get_float(PyObject *self, PyObject *key) {
  return PyFloat_FromDouble(((numbers *)self)->floats[PyLong_AsSsize_t(key)]);
}

static int set_float(PyObject *self, PyObject *key, PyObject *value) {
  ((numbers *)self)->floats[PyLong_AsSsize_t(key)] = PyFloat_AsDouble(value);
  return 0;
}

static PyObject *get_integer(PyObject *self, PyObject *key) {
  return PyLong_FromLong(((numbers *)self)->integers[PyLong_AsSsize_t(key)]);
}

static int set_integer(PyObject *self, PyObject *key, PyObject *value) {
  ((numbers *)self)->integers[PyLong_AsSsize_t(key)] = (int32_t)PyLong_AsLong(value);
  return 0;
}

static PyMappingMethods float_methods = {.mp_subscript = get_float, .mp_ass_subscript = set_float};
static PyMappingMethods integer_methods = {.mp_subscript = get_integer, .mp_ass_subscript = set_integer};

static PyTypeObject Floats = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "bare_python.Floats",
    .tp_basicsize = sizeof(numbers),
    .tp_as_mapping = &float_methods,
    .tp_new = PyType_GenericNew,
};

static PyTypeObject Integers = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "bare_python.Integers",
    .tp_basicsize = sizeof(numbers),
    .tp_as_mapping = &integer_methods,
    .tp_new = PyType_GenericNew,
};

/* ---- a semaphore */

typedef struct semaphore {
  PyObject_HEAD sem_t core;
} semaphore;

static PyObject *semaphore_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
  PyObject *self = PyType_GenericNew(type, args, kwargs);
  if (self) sem_init(&((semaphore *)self)->core, 1, 1);
  return self;
}

static PyObject *acquire(PyObject *self, PyObject *unused) {
  (void)unused;
  return PyBool_FromLong(sem_trywait(&((semaphore *)self)->core) == 0);
}

static PyObject *release(PyObject *self, PyObject *unused) {
  (void)unused;
  sem_post(&((semaphore *)self)->core);
  Py_RETURN_NONE;
}

static PyObject *leave(PyObject *self, PyObject *const *unused, Py_ssize_t count) {
  (void)unused;
  (void)count;
  return release(self, NULL);
}

static PyMethodDef semaphore_methods[] = {
    {"acquire", acquire, METH_NOARGS, "Take one."},
    {"release", release, METH_NOARGS, "Give one back."},
    {"__enter__", acquire, METH_NOARGS, "Take one."},
    {"__exit__", (PyCFunction)(void (*)(void))leave, METH_FASTCALL, "Give one back."},
    {NULL, NULL, 0, NULL},
};

static PyTypeObject Semaphore = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "bare_python.Semaphore",
    .tp_basicsize = sizeof(semaphore),
    .tp_methods = semaphore_methods,
    .tp_new = semaphore_new,
};

/* ---- the module */

/* As in serve.h. */
static PyObject *mark(PyObject *self, PyObject *unused) {
  (void)self;
  (void)unused;
  bench_mark();
  Py_RETURN_NONE;
}

static PyMethodDef functions[] = {
    {"mark", mark, METH_NOARGS, "A work begins or ends."},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef definition = {PyModuleDef_HEAD_INIT, .m_name = "bare_python", .m_size = -1, .m_methods = functions};

PyMODINIT_FUNC PyInit_bare_python(void) {
  static PyTypeObject *const types[] = {&Floats, &Integers, &Semaphore};
  PyObject *module = PyModule_Create(&definition);
  for (size_t i = 0; module && i < sizeof types / sizeof *types; i++) {
    if (PyModule_AddType(module, types[i]) < 0) Py_CLEAR(module);
  }
  return module;
}
