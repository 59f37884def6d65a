/* memwell.RobustSemaphore: the object and the class.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_PYTHON_ROBUST_SEMAPHORE_TYPE_H
#define MEMWELL_PYTHON_ROBUST_SEMAPHORE_TYPE_H

#include "module.h"

#include <stdbool.h>

#include "memwell/robust_semaphore.h"
#include "well_member.h"

typedef struct RobustSemaphoreObject {
  MemberObject member;
  mw_robust_semaphore *handle;
} RobustSemaphoreObject;

bool mwpy_robust_semaphore_type_add(PyObject *module, mwpy_state *state);

/* An object of this semaphore, whose handle it takes even where it fails. New reference. */
PyObject *mwpy_robust_semaphore_new(WellObject *well, mw_robust_semaphore *handle);

#endif
