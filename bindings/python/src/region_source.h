/* Where regions come from: the class methods of memwell.Region that make one, and pickling.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_PYTHON_REGION_SOURCE_H
#define MEMWELL_PYTHON_REGION_SOURCE_H

#include "module.h"

/* Class methods: METH_FASTCALL | METH_KEYWORDS | METH_CLASS. */
PyObject *mwpy_region_file(PyObject *type, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);
PyObject *mwpy_region_create(PyObject *type, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);
PyObject *mwpy_region_attach(PyObject *type, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);
PyObject *mwpy_region_open(PyObject *type, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);
PyObject *mwpy_region_anonymous(PyObject *type, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);

/* Static method: METH_STATIC | METH_FASTCALL | METH_KEYWORDS. */
PyObject *mwpy_region_unlink(PyObject *unused, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);

/* __reduce__ */
PyObject *mwpy_region_reduce(PyObject *object, PyObject *unused);

#endif
