/* The ways to get a Semaphore: class methods, as the class's table wants them, and what a pickle calls.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_PYTHON_SEMAPHORE_SOURCE_H
#define MEMWELL_PYTHON_SEMAPHORE_SOURCE_H

#include "module.h"

PyObject *mwpy_semaphore_create(PyObject *type, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);
PyObject *mwpy_semaphore_attach(PyObject *type, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);
PyObject *mwpy_semaphore_open(PyObject *type, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);
PyObject *mwpy_semaphore_at(PyObject *type, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);
PyObject *mwpy_semaphore_sysv(PyObject *type, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);
PyObject *mwpy_semaphore_sysv_remove(PyObject *type, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);

/* A static method. */
PyObject *mwpy_semaphore_unlink(PyObject *unused, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);

/* _reopen_semaphore(cls, kind, address): what a pickle calls. The address is (name, device, inode), (region, offset) or (key,
 * index, inode, undo). */
PyObject *mwpy_semaphore_reopen(PyObject *module, PyObject *const *args, Py_ssize_t nargs);

#endif
