/* What Mutex.recovering gives: a context manager that holds a mutex while it is being mended.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_PYTHON_RECOVERY_TYPE_H
#define MEMWELL_PYTHON_RECOVERY_TYPE_H

#include "module.h"

#include <stdbool.h>

#include "mutex_type.h"

bool mwpy_recovery_type_add(PyObject *module, mwpy_state *state);

/* New reference. */
PyObject *mwpy_recovery_new(MutexObject *mutex, double seconds);

#endif
