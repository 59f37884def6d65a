/* The iterator of views. It asks the view at every step, so that closing the region ends it. Main entry: mwpy_view_iterator_new.
 *
 * SPDX-License-Identifier: MIT */
#include "view_iterator.h"

#include "convert.h"

typedef struct IteratorObject {
  PyObject_HEAD ViewObject *view;
  uint64_t next;
} IteratorObject;

PyObject *mwpy_view_iterator_new(PyObject *object) {
  ViewObject *view = (ViewObject *)object;
  if (mwpy_region_handle(view->region, "iter(view)") == NULL) return NULL;
  IteratorObject *self = (IteratorObject *)PyType_GenericAlloc(view->region->state->view_iterator_type, 0);
  if (self != NULL) self->view = (ViewObject *)Py_NewRef(object);
  return (PyObject *)self;
}

static PyObject *iterator_next(PyObject *object) {
  IteratorObject *self = (IteratorObject *)object;
  ViewObject *view = self->view;
  if (self->next >= view->view.shape[0]) return NULL;
  uint64_t index = self->next++;
  if (view->view.ndim == 1 && view->region->handle != NULL) {
    const void *element = mw_view_at(&view->view, index);
    if (element != NULL) return mwpy_from_element(view->view.dtype, element);
  }
  return PySequence_GetItem((PyObject *)view, (Py_ssize_t)index);
}

static PyObject *iterator_length_hint(PyObject *object, PyObject *unused) {
  IteratorObject *self = (IteratorObject *)object;
  (void)unused;
  return PyLong_FromUnsignedLongLong(self->view->view.shape[0] - self->next);
}

/* No tp_clear: a cycle that goes through an iterator goes through the __dict__ of a Region's subclass. */
static int iterator_traverse(PyObject *object, visitproc visit, void *arg) {
  Py_VISIT(Py_TYPE(object));
  Py_VISIT(((IteratorObject *)object)->view);
  return 0;
}

static void iterator_dealloc(PyObject *object) {
  PyTypeObject *type = Py_TYPE(object);
  PyObject_GC_UnTrack(object);
  Py_XDECREF((PyObject *)((IteratorObject *)object)->view);
  PyObject_GC_Del(object);
  Py_DECREF(type);
}

static PyMethodDef iterator_methods[] = {
    {"__length_hint__", iterator_length_hint, METH_NOARGS, "__length_hint__($self)\n--\n\nHow many are left."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot iterator_slots[] = {
    {Py_tp_methods, iterator_methods},          MWPY_SLOT(Py_tp_iter, PyObject_SelfIter),
    MWPY_SLOT(Py_tp_iternext, iterator_next),   MWPY_SLOT(Py_tp_traverse, iterator_traverse),
    MWPY_SLOT(Py_tp_dealloc, iterator_dealloc), {0, NULL},
};

static PyType_Spec iterator_spec = {
    .name = "memwell._ViewIterator",
    .basicsize = sizeof(IteratorObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = iterator_slots,
};

bool mwpy_view_iterator_add(PyObject *module, mwpy_state *state) {
  state->view_iterator_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &iterator_spec, NULL);
  return state->view_iterator_type != NULL;
}
