/* The methods of View on single elements that are atomic between all programs, and sleeping until one changes. They are here as the
 * table of View's methods wants them, METH_FASTCALL | METH_KEYWORDS.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_PYTHON_ATOMICS_H
#define MEMWELL_PYTHON_ATOMICS_H

#include "module.h"

PyObject *mwpy_view_atomic_load(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);
PyObject *mwpy_view_atomic_store(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);
PyObject *mwpy_view_atomic_add(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);
PyObject *mwpy_view_atomic_sub(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);
PyObject *mwpy_view_atomic_and(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);
PyObject *mwpy_view_atomic_or(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);
PyObject *mwpy_view_atomic_xor(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);
PyObject *mwpy_view_atomic_exchange(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);
PyObject *mwpy_view_atomic_compare_exchange(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);
PyObject *mwpy_view_wait(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);
PyObject *mwpy_view_wake(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);

#endif
