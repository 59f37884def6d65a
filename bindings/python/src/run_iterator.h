/* Region.runs, which finds runs of bytes where they lie, and its iterator.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_PYTHON_RUN_ITERATOR_H
#define MEMWELL_PYTHON_RUN_ITERATOR_H

#include "module.h"

#include <stdbool.h>

bool mwpy_run_iterator_add(PyObject *module, mwpy_state *state);

/* Region.runs(members, start=0, end=None) */
PyObject *mwpy_region_runs(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);

#endif
