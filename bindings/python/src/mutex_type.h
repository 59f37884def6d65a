/* memwell.Mutex: the object and the class; and the context manager that Mutex.recovering gives.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_PYTHON_MUTEX_TYPE_H
#define MEMWELL_PYTHON_MUTEX_TYPE_H

#include "module.h"

#include <stdbool.h>

#include "memwell/mutex.h"
#include "well_member.h"

/* recover   what mends after a death, or NULL */
typedef struct MutexObject {
  MemberObject member;
  mw_mutex *handle;
  PyObject *recover;
} MutexObject;

bool mwpy_mutex_type_add(PyObject *module, mwpy_state *state);

/* An object of this mutex, whose handle it takes even where it fails. New reference. */
PyObject *mwpy_mutex_new(WellObject *well, mw_mutex *handle, PyObject *recover);

/* Acquire it whether or not it is inconsistent, as mwpy_well_member_wait: 1 where it was. */
int mwpy_mutex_begin(MutexObject *self, double seconds, mw_error *error);

#endif
