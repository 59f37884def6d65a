/* memwell.Semaphore: the class, and what a pickle of one calls.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_PYTHON_SEMAPHORE_TYPE_H
#define MEMWELL_PYTHON_SEMAPHORE_TYPE_H

#include "module.h"

#include <stdbool.h>

bool mwpy_semaphore_type_add(PyObject *module, mwpy_state *state);

/* _reopen_semaphore(cls, name, device, inode): what a pickle calls. */
PyObject *mwpy_semaphore_reopen(PyObject *module, PyObject *const *args, Py_ssize_t nargs);

#endif
