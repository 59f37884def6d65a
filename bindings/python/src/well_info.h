/* What a well says of its objects and of those who are attached: memwell.ObjectInfo and memwell.ParticipantInfo, named tuples.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_PYTHON_WELL_INFO_H
#define MEMWELL_PYTHON_WELL_INFO_H

#include "module.h"

#include <stdbool.h>

bool mwpy_well_info_add(PyObject *module, mwpy_state *state);

/* Methods of Well: METH_NOARGS. */
PyObject *mwpy_well_objects(PyObject *object, PyObject *unused);
PyObject *mwpy_well_participants(PyObject *object, PyObject *unused);

#endif
