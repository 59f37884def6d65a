/* Region's methods that copy bytes: out of it, into it, within it.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_PYTHON_REGION_BYTES_H
#define MEMWELL_PYTHON_REGION_BYTES_H

#include "region_type.h"

/* A bytes object of [offset, offset + size), which lie inside. The caller holds the region. */
PyObject *mwpy_region_bytes(RegionObject *self, mw_region *handle, uint64_t offset, uint64_t size);

/* Methods: METH_FASTCALL | METH_KEYWORDS. */
PyObject *mwpy_region_read(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);
PyObject *mwpy_region_readinto(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);
PyObject *mwpy_region_write(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);
PyObject *mwpy_region_fill(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);
PyObject *mwpy_region_move(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);

/* __bytes__ */
PyObject *mwpy_region_to_bytes(PyObject *object, PyObject *unused);

#endif
