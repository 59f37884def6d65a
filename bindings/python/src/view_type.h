/* memwell.View: the object and the class. A view refers to its Region object, and is unusable once that is closed.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_PYTHON_VIEW_TYPE_H
#define MEMWELL_PYTHON_VIEW_TYPE_H

#include "module.h"

#include <stdbool.h>

#include "memwell/view.h"
#include "region_type.h"

/* view     its geometry; never changes. The mw_region in it may be used only while region->handle is not NULL. */
typedef struct ViewObject {
  PyObject_HEAD RegionObject *region;
  PyObject *weakrefs;
  mw_view view;
} ViewObject;

bool mwpy_view_type_add(PyObject *module, mwpy_state *state);

/* A view object of this geometry on this region; new reference. */
PyObject *mwpy_view_new(RegionObject *region, const mw_view *view);

/* _reopen_view(region, dtype, shape, strides, offset): what a pickle calls. */
PyObject *mwpy_view_reopen(PyObject *module, PyObject *const *args, Py_ssize_t nargs);

#endif
