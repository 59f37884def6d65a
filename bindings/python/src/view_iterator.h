/* The iterator of memwell.View: elements, or rows of a view with more dimensions.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_PYTHON_VIEW_ITERATOR_H
#define MEMWELL_PYTHON_VIEW_ITERATOR_H

#include "module.h"

#include <stdbool.h>

#include "view_type.h"

bool mwpy_view_iterator_add(PyObject *module, mwpy_state *state);

/* iter(object) for a view; new reference. */
PyObject *mwpy_view_iterator_new(PyObject *object);

#endif
