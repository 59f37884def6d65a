/* Pickling a region: what another process finds it by, and how it is found again. Views pickle with their region.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_PYTHON_REGION_PICKLE_H
#define MEMWELL_PYTHON_REGION_PICKLE_H

#include "module.h"

/* __reduce__ */
PyObject *mwpy_region_reduce(PyObject *object, PyObject *unused);

/* _reopen_region(cls, kind, title, size, offset, readonly, flags, device, inode): what a pickle calls. The title is a name, an
 * absolute path or a key. */
PyObject *mwpy_region_reopen(PyObject *module, PyObject *const *args, Py_ssize_t nargs);

#endif
