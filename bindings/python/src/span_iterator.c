/* One iterator, which asks the region at every step for the next run or the next line, so that closing the region ends it. Main
 * entries: mwpy_region_runs, mwpy_region_lines.
 *
 * SPDX-License-Identifier: MIT */
#include "span_iterator.h"

#include "arguments.h"
#include "convert.h"
#include "errors.h"
#include "memwell/search.h"
#include "region_bytes.h"
#include "region_type.h"

/* So many bytes are searched with the GIL: spans are short, mostly, and each is a step of its own. */
#define NEAR ((uint64_t)64 << 10)

/* What was found: [start, end), and where the next step begins. */
typedef struct span {
  uint64_t start;
  uint64_t end;
  uint64_t next;
} span;

/* set   the bytes of runs; not used for lines */
typedef struct IteratorObject {
  PyObject_HEAD RegionObject *region;
  const char *call;
  int (*find)(const struct IteratorObject *self, mw_region *handle, uint64_t stop, mw_error *error, span *out_span);
  uint64_t next;
  uint64_t stop;
  mw_byte_set set;
} IteratorObject;

/* ------------------------------------------------------------------ a step; the caller holds the region */

/* A run that ends nearby is found with the GIL; one that is farther away, or longer, without it. */
static int find_run(const IteratorObject *self, mw_region *handle, uint64_t stop, mw_error *error, span *out_span) {
  uint64_t bound = stop - self->next > NEAR ? self->next + NEAR : stop;
  int status = mw_search_run(handle, &self->set, self->next, bound, error, &out_span->start, &out_span->end);
  if (bound < stop && (status == MW_ENOENT || (status == 0 && out_span->end == bound))) {
    PyThreadState *thread = PyEval_SaveThread();
    status = mw_search_run(handle, &self->set, self->next, stop, error, &out_span->start, &out_span->end);
    PyEval_RestoreThread(thread);
  }
  out_span->next = out_span->end;
  return status;
}

/* The same; a line is looked for in pieces, each of which begins where the one before found no end. */
static int find_line(const IteratorObject *self, mw_region *handle, uint64_t stop, mw_error *error, span *out_span) {
  uint64_t from = self->next, bound = stop - from > NEAR ? from + NEAR : stop;
  int status = mw_region_line(handle, from, bound, error, &out_span->end, &out_span->next);
  while (status == 0 && out_span->end == bound && bound < stop && mwpy_signals_allow(&status, error)) {
    from = bound;
    bound = stop - from > MWPY_PIECE ? from + MWPY_PIECE : stop;
    PyThreadState *thread = PyEval_SaveThread();
    status = mw_region_line(handle, from, bound, error, &out_span->end, &out_span->next);
    PyEval_RestoreThread(thread);
  }
  out_span->start = self->next;
  return status;
}

static PyObject *iterator_next(PyObject *object) {
  IteratorObject *self = (IteratorObject *)object;
  mw_region *handle = mwpy_region_hold(self->region, self->call);
  if (handle == NULL) return NULL;
  uint64_t size = mw_region_size(handle), stop = self->stop < size ? self->stop : size;
  PyObject *bytes = NULL;
  span found;
  mw_error error;
  int status = self->next < stop ? self->find(self, handle, stop, &error, &found) : MW_ENOENT;
  if (status == 0) {
    bytes = mwpy_region_bytes(self->region, handle, found.start, found.end - found.start);
    if (bytes != NULL) self->next = found.next;
  } else if (status == MW_ENOENT) {
    self->next = stop;
  } else {
    mwpy_raise(self->region->state, &error);
  }
  mw_region_drop(handle);
  return bytes;
}

/* ------------------------------------------------------------------ where it begins */

/* An iterator over [start, end), bounds as the caller gave them. */
static IteratorObject *iterator_new(RegionObject *region, const char *call, Py_ssize_t start, Py_ssize_t end) {
  mw_region *handle = mwpy_region_handle(region, call);
  if (handle == NULL) return NULL;
  uint64_t size = mw_region_size(handle), stop = mwpy_place_of_bound(end, size);
  IteratorObject *self = (IteratorObject *)PyType_GenericAlloc(region->state->span_iterator_type, 0);
  if (self == NULL) return NULL;
  self->region = (RegionObject *)Py_NewRef((PyObject *)region);
  self->call = call;
  self->next = mwpy_place_of_bound(start, size);
  self->stop = stop < size ? stop : size;
  return self;
}

PyObject *mwpy_region_runs(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"Region.runs", 1, 3, {"members", "start", "end"}};
  PyObject *values[3] = {NULL};
  Py_ssize_t start = 0, end = PY_SSIZE_T_MAX;
  Py_buffer members;
  if (!mwpy_arguments(&signature, args, nargs, kwnames, values) || !mwpy_convert_bound_as_is(signature.call, values[1], &start) ||
      !mwpy_convert_bound_as_is(signature.call, values[2], &end) || PyObject_GetBuffer(values[0], &members, PyBUF_SIMPLE) < 0) {
    return NULL;
  }
  IteratorObject *self = iterator_new((RegionObject *)object, signature.call, start, end);
  if (self != NULL) {
    self->find = find_run;
    self->set = mw_search_byte_set(members.buf, (size_t)members.len);
  }
  PyBuffer_Release(&members);
  return (PyObject *)self;
}

PyObject *mwpy_region_lines(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"Region.lines", 0, 2, {"start", "end"}};
  PyObject *values[2] = {NULL};
  Py_ssize_t start = 0, end = PY_SSIZE_T_MAX;
  if (!mwpy_arguments(&signature, args, nargs, kwnames, values) || !mwpy_convert_bound_as_is(signature.call, values[0], &start) ||
      !mwpy_convert_bound_as_is(signature.call, values[1], &end)) {
    return NULL;
  }
  IteratorObject *self = iterator_new((RegionObject *)object, signature.call, start, end);
  if (self != NULL) self->find = find_line;
  return (PyObject *)self;
}

/* ------------------------------------------------------------------ the class */

/* No tp_clear: a cycle that goes through an iterator goes through the __dict__ of a Region's subclass. */
static int iterator_traverse(PyObject *object, visitproc visit, void *arg) {
  Py_VISIT(Py_TYPE(object));
  Py_VISIT(((IteratorObject *)object)->region);
  return 0;
}

static void iterator_dealloc(PyObject *object) {
  PyTypeObject *type = Py_TYPE(object);
  PyObject_GC_UnTrack(object);
  Py_XDECREF((PyObject *)((IteratorObject *)object)->region);
  PyObject_GC_Del(object);
  Py_DECREF(type);
}

static PyType_Slot iterator_slots[] = {
    MWPY_SLOT(Py_tp_iter, PyObject_SelfIter),
    MWPY_SLOT(Py_tp_iternext, iterator_next),
    MWPY_SLOT(Py_tp_traverse, iterator_traverse),
    MWPY_SLOT(Py_tp_dealloc, iterator_dealloc),
    {0, NULL},
};

static PyType_Spec iterator_spec = {
    .name = "memwell._SpanIterator",
    .basicsize = sizeof(IteratorObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = iterator_slots,
};

bool mwpy_span_iterator_add(PyObject *module, mwpy_state *state) {
  state->span_iterator_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &iterator_spec, NULL);
  return state->span_iterator_type != NULL;
}
