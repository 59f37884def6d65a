/* What is between the brackets of view[...]: integers, slices, an Ellipsis, or a tuple of them.
 *
 * In two steps, since reading a key may run Python code: mwpy_subscript_parse reads it and needs the view's shape only,
 * mwpy_subscript_apply then touches the region and runs none.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_PYTHON_SUBSCRIPT_H
#define MEMWELL_PYTHON_SUBSCRIPT_H

#include "module.h"

#include <stdbool.h>

#include "memwell/view.h"
#include "view_type.h"

/* For each dimension a place (is_place, start) or a range (start, step, count), all inside the shape. */
typedef struct mwpy_subscript {
  int places;
  struct {
    bool is_place;
    uint64_t start;
    int64_t step;
    uint64_t count;
  } dimensions[MW_MAX_DIMENSIONS];
} mwpy_subscript;

bool mwpy_subscript_parse(const ViewObject *self, PyObject *key, mwpy_subscript *out_subscript);

/* Where the one element is, if every dimension has a place: in *out_element, which is NULL otherwise and *out_view is what is
 * selected. False with an exception set. */
bool mwpy_subscript_apply(const ViewObject *self, const mwpy_subscript *subscript, mw_view *out_view, void **out_element);

#endif
