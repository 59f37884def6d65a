/* The state of one memwell module: its types and its exceptions. Each interpreter has a module, and so a state, of its own; nothing
 * in the binding is a mutable C static.
 *
 * Objects keep a pointer to the state. Their type keeps the module alive, and the module its state.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_PYTHON_MODULE_H
#define MEMWELL_PYTHON_MODULE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

typedef struct mwpy_state {
  PyTypeObject *region_type;
  PyTypeObject *view_type;
  PyTypeObject *view_iterator_type;
  PyTypeObject *span_iterator_type;
  PyTypeObject *semaphore_type;
  PyTypeObject *well_type;
  PyTypeObject *object_info_type;
  PyTypeObject *participant_info_type;
  PyTypeObject *mutex_type;
  PyTypeObject *recovery_type;
  PyTypeObject *robust_semaphore_type;
  PyTypeObject *event_type;
  PyTypeObject *watch_type;
  PyTypeObject *bell_type;
  PyObject *error;
  PyObject *closed_error;
  PyObject *format_error;
  PyObject *fault_error;
  PyObject *owner_died_error;
  PyObject *kind_error;
  PyObject *full_error;
} mwpy_state;

/* The state behind a class of ours or a subclass of one, for class methods. */
mwpy_state *mwpy_state_of(PyTypeObject *type);

/* A method taken by METH_FASTCALL and friends, as the tables want it. */
#define MWPY_METHOD(function) ((PyCFunction)(void (*)(void))(function))

/* Function pointers in slot tables, without the pedantic warning on their way through void *. */
#define MWPY_SLOT(slot, function) \
  { slot, (void *)(uintptr_t)(function) }

/* A text in a slot table, which takes no const. */
#define MWPY_TEXT(slot, text) \
  { slot, (void *)(uintptr_t)(text) }

#endif
