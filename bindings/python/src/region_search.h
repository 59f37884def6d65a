/* Region's methods that look for bytes: find, rfind, count.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_PYTHON_REGION_SEARCH_H
#define MEMWELL_PYTHON_REGION_SEARCH_H

#include "module.h"

/* Methods: METH_FASTCALL | METH_KEYWORDS. */
PyObject *mwpy_region_find(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);
PyObject *mwpy_region_rfind(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);
PyObject *mwpy_region_count(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);

#endif
