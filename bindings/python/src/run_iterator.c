/* Region.runs and its iterator. It asks the region at every step, so that closing the region ends it. Main entry: mwpy_region_runs.
 *
 * SPDX-License-Identifier: MIT */
#include "run_iterator.h"

#include "arguments.h"
#include "convert.h"
#include "errors.h"
#include "memwell/search.h"
#include "region_type.h"

/* So many bytes are searched with the GIL: runs are short, mostly, and each is a step of its own. */
#define NEAR ((uint64_t)64 << 10)

typedef struct IteratorObject {
  PyObject_HEAD RegionObject *region;
  uint64_t next;
  uint64_t stop;
  mw_byte_set set;
} IteratorObject;

static PyObject *iterator_new(RegionObject *region, const Py_buffer *members, uint64_t start, uint64_t stop) {
  IteratorObject *self = (IteratorObject *)PyType_GenericAlloc(region->state->run_iterator_type, 0);
  if (self == NULL) return NULL;
  self->region = (RegionObject *)Py_NewRef((PyObject *)region);
  self->next = start;
  self->stop = stop;
  self->set = mw_search_byte_set(members->buf, (size_t)members->len);
  return (PyObject *)self;
}

PyObject *mwpy_region_runs(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"Region.runs", 1, 3, {"members", "start", "end"}};
  RegionObject *self = (RegionObject *)object;
  PyObject *values[3] = {NULL};
  if (!mwpy_arguments(&signature, args, nargs, kwnames, values)) return NULL;
  mw_region *handle = mwpy_region_handle(self, signature.call);
  if (handle == NULL) return NULL;
  uint64_t size = mw_region_size(handle), start = 0, stop = size;
  if (!mwpy_convert_bound(signature.call, values[1], size, &start) || !mwpy_convert_bound(signature.call, values[2], size, &stop)) {
    return NULL;
  }
  Py_buffer members;
  if (PyObject_GetBuffer(values[0], &members, PyBUF_SIMPLE) < 0) return NULL;
  PyObject *iterator = iterator_new(self, &members, start, stop);
  PyBuffer_Release(&members);
  return iterator;
}

/* A run that ends nearby is found with the GIL; one that is farther away, or longer, without it. The caller holds the region. */
static int find_run(const IteratorObject *self, mw_region *handle, uint64_t stop, mw_error *error, uint64_t *start, uint64_t *end) {
  uint64_t bound = stop - self->next > NEAR ? self->next + NEAR : stop;
  int status = mw_search_run(handle, &self->set, self->next, bound, error, start, end);
  if (bound == stop || (status == 0 && *end < bound)) return status;
  PyThreadState *thread = PyEval_SaveThread();
  status = mw_search_run(handle, &self->set, self->next, stop, error, start, end);
  PyEval_RestoreThread(thread);
  return status;
}

static PyObject *iterator_next(PyObject *object) {
  IteratorObject *self = (IteratorObject *)object;
  mw_region *handle = mwpy_region_hold(self->region, "Region.runs");
  if (handle == NULL) return NULL;
  uint64_t size = mw_region_size(handle), stop = self->stop < size ? self->stop : size, start, end;
  PyObject *run = NULL;
  mw_error error;
  int status = self->next < stop ? find_run(self, handle, stop, &error, &start, &end) : MW_ENOENT;
  if (status == 0) {
    self->next = end;
    run = PyBytes_FromStringAndSize((const char *)mw_region_data(handle) + start, (Py_ssize_t)(end - start));
  } else if (status == MW_ENOENT) {
    self->next = stop;
  } else {
    mwpy_raise(self->region->state, &error);
  }
  mw_region_drop(handle);
  return run;
}

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
    .name = "memwell._RunIterator",
    .basicsize = sizeof(IteratorObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = iterator_slots,
};

bool mwpy_run_iterator_add(PyObject *module, mwpy_state *state) {
  state->run_iterator_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &iterator_spec, NULL);
  return state->run_iterator_type != NULL;
}
