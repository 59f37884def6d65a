/* Subscripts of views. Main entries: mwpy_subscript_parse, mwpy_subscript_apply.
 *
 * SPDX-License-Identifier: MIT */
#include "subscript.h"

#include "convert.h"
#include "errors.h"

static bool parse_slice(PyObject *key, uint64_t length, int dimension, mwpy_subscript *out) {
  Py_ssize_t start, stop, step;
  if (PySlice_Unpack(key, &start, &stop, &step) < 0) return false;
  Py_ssize_t count = PySlice_AdjustIndices((Py_ssize_t)length, &start, &stop, step);
  out->dimensions[dimension].is_place = false;
  /* An empty range may begin before the first place. */
  out->dimensions[dimension].start = count == 0 ? 0 : (uint64_t)start;
  out->dimensions[dimension].step = step;
  out->dimensions[dimension].count = (uint64_t)count;
  return true;
}

static bool parse_one(PyObject *key, uint64_t length, int dimension, mwpy_subscript *out) {
  if (PySlice_Check(key)) return parse_slice(key, length, dimension, out);
  if (!PyIndex_Check(key)) {
    PyErr_Format(PyExc_TypeError, "View[...]: a subscript is made of integers, slices and one Ellipsis, not %R", key);
    return false;
  }
  int64_t place = mwpy_convert_index("View[...]", key, length);
  if (place < 0) return false;
  out->dimensions[dimension].is_place = true;
  out->dimensions[dimension].start = (uint64_t)place;
  out->places++;
  return true;
}

static void keep_whole(const mw_view *view, int first, int end, mwpy_subscript *out) {
  for (int i = first; i < end; i++) {
    out->dimensions[i].is_place = false;
    out->dimensions[i].start = 0;
    out->dimensions[i].step = 1;
    out->dimensions[i].count = view->shape[i];
  }
}

/* Where the Ellipsis is in a tuple, or its length if there is none; -1 with an exception set if there are two. */
static Py_ssize_t find_ellipsis(PyObject *keys, Py_ssize_t length) {
  Py_ssize_t found = length;
  for (Py_ssize_t i = 0; i < length; i++) {
    if (PyTuple_GetItem(keys, i) != Py_Ellipsis) continue;
    if (found < length) {
      PyErr_SetString(PyExc_IndexError, "View[...]: a subscript has one Ellipsis at most");
      return -1;
    }
    found = i;
  }
  return found;
}

/* The keys before the Ellipsis count from the first dimension, those after it from the last. */
static bool parse_tuple(const mw_view *view, PyObject *keys, mwpy_subscript *out) {
  Py_ssize_t length = PyTuple_Size(keys);
  Py_ssize_t ellipsis = find_ellipsis(keys, length);
  if (ellipsis < 0) return false;
  Py_ssize_t given = ellipsis < length ? length - 1 : length;
  if (given > view->ndim) {
    PyErr_Format(PyExc_IndexError, "View[...]: %zd subscripts for %d dimensions", given, view->ndim);
    return false;
  }
  int before = (int)ellipsis, after = (int)(given - ellipsis);
  for (int i = 0; i < before; i++) {
    if (!parse_one(PyTuple_GetItem(keys, i), view->shape[i], i, out)) return false;
  }
  keep_whole(view, before, view->ndim - after, out);
  for (int i = 0; i < after; i++) {
    int dimension = view->ndim - after + i;
    if (!parse_one(PyTuple_GetItem(keys, ellipsis + 1 + i), view->shape[dimension], dimension, out)) return false;
  }
  return true;
}

bool mwpy_subscript_parse(const ViewObject *self, PyObject *key, mwpy_subscript *out_subscript) {
  const mw_view *view = &self->view;
  out_subscript->places = 0;
  if (PyTuple_Check(key)) return parse_tuple(view, key, out_subscript);
  if (key == Py_Ellipsis) {
    keep_whole(view, 0, view->ndim, out_subscript);
    return true;
  }
  keep_whole(view, 1, view->ndim, out_subscript);
  return parse_one(key, view->shape[0], 0, out_subscript);
}

static bool find_element(const ViewObject *self, const mwpy_subscript *subscript, void **out_element) {
  uint64_t indices[MW_MAX_DIMENSIONS];
  for (int i = 0; i < self->view.ndim; i++) indices[i] = subscript->dimensions[i].start;
  *out_element = mw_view_element(&self->view, indices);
  if (*out_element != NULL) return true;
  mw_error error;
  if (mw_view_check(&self->view, &error) < 0) {
    mwpy_raise(self->region->state, &error);
  } else {
    PyErr_SetString(PyExc_IndexError, "View[...]: out of range");
  }
  return false;
}

/* From the last dimension to the first, so that one which is left out moves none that is still to come. */
bool mwpy_subscript_apply(const ViewObject *self, const mwpy_subscript *subscript, mw_view *out_view, void **out_element) {
  *out_element = NULL;
  if (mwpy_region_handle(self->region, "View[...]") == NULL) return false;
  if (subscript->places == self->view.ndim) return find_element(self, subscript, out_element);
  *out_view = self->view;
  mw_error error;
  for (int i = self->view.ndim - 1; i >= 0; i--) {
    mw_view before = *out_view;
    uint64_t start = subscript->dimensions[i].start;
    int status = subscript->dimensions[i].is_place ? mw_view_select(&before, i, start, &error, out_view)
                                                   : mw_view_slice(&before, i, start, subscript->dimensions[i].step,
                                                                   subscript->dimensions[i].count, &error, out_view);
    if (status < 0) {
      mwpy_raise(self->region->state, &error);
      return false;
    }
  }
  return true;
}
