/* Region's methods about its pages: flush, advise, discard, populate, lock, protect, seal.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_PYTHON_REGION_PAGES_H
#define MEMWELL_PYTHON_REGION_PAGES_H

#include "module.h"

/* Methods: METH_FASTCALL | METH_KEYWORDS. */
PyObject *mwpy_region_flush(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);
PyObject *mwpy_region_advise(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);
PyObject *mwpy_region_discard(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);
PyObject *mwpy_region_populate(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);
PyObject *mwpy_region_mlock(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);
PyObject *mwpy_region_munlock(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);
PyObject *mwpy_region_protect(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);

/* METH_FASTCALL, METH_NOARGS and an attribute. */
PyObject *mwpy_region_seal(PyObject *object, PyObject *const *args, Py_ssize_t nargs);
PyObject *mwpy_region_resident(PyObject *object, PyObject *unused);
PyObject *mwpy_region_get_seals(PyObject *object, void *unused);

#endif
