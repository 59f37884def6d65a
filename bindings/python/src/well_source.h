/* The ways to get a Well: class methods, as the class's table wants them, and pickles.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_PYTHON_WELL_SOURCE_H
#define MEMWELL_PYTHON_WELL_SOURCE_H

#include "module.h"

/* Class methods: METH_FASTCALL | METH_KEYWORDS | METH_CLASS. */
PyObject *mwpy_well_create(PyObject *type, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);
PyObject *mwpy_well_attach(PyObject *type, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);
PyObject *mwpy_well_open(PyObject *type, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);
PyObject *mwpy_well_file(PyObject *type, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);

/* Static method: METH_STATIC | METH_FASTCALL | METH_KEYWORDS. */
PyObject *mwpy_well_unlink(PyObject *unused, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);

/* Well.__reduce__, and _reopen_well(cls, is_file, title, is_observer, device, inode), which a pickle calls. */
PyObject *mwpy_well_reduce(PyObject *object, PyObject *unused);
PyObject *mwpy_well_reopen(PyObject *module, PyObject *const *args, Py_ssize_t nargs);

#endif
