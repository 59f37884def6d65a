/* Many elements at once: from buffers and sequences into a view, and from a view into lists and bytes.
 *
 * What comes from Python is converted as a whole before any of it is written, so that a wrong element changes nothing.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_PYTHON_ELEMENTS_H
#define MEMWELL_PYTHON_ELEMENTS_H

#include "module.h"

#include <stdbool.h>
#include <stdint.h>

#include "memwell/view.h"
#include "region_type.h"

/* Copy a buffer of exactly the target's bytes into it; it may lie in the region itself. */
bool mwpy_elements_write(RegionObject *region, const char *call, const mw_view *target, const void *data);

/* Copy `source`, a View, a buffer or a sequence, nested where there are more dimensions, of the target's shape. */
bool mwpy_elements_assign(RegionObject *region, const char *call, const mw_view *target, PyObject *source);

/* The elements as a list, of lists where there are more dimensions; as bytes in row-major order. New references. */
PyObject *mwpy_elements_to_list(RegionObject *region, const char *call, const mw_view *view);
PyObject *mwpy_elements_to_bytes(RegionObject *region, const char *call, const mw_view *view);

/* The elements at `indices`, a buffer or a sequence of integers, as a list. New reference. */
PyObject *mwpy_elements_take(RegionObject *region, const char *call, const mw_view *view, PyObject *indices);

/* Set all elements, in pieces. */
bool mwpy_elements_fill(RegionObject *region, const char *call, const mw_view *view, mw_value value);

#endif
