/* Region.runs and Region.lines, which find spans of bytes where they lie, and their iterator.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_PYTHON_SPAN_ITERATOR_H
#define MEMWELL_PYTHON_SPAN_ITERATOR_H

#include "module.h"

#include <stdbool.h>

bool mwpy_span_iterator_add(PyObject *module, mwpy_state *state);

/* Region.runs(members, start=0, end=None), Region.lines(start=0, end=None) */
PyObject *mwpy_region_runs(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);
PyObject *mwpy_region_lines(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);

#endif
