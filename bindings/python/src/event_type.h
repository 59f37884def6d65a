/* memwell.Event: the object and the class.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_PYTHON_EVENT_TYPE_H
#define MEMWELL_PYTHON_EVENT_TYPE_H

#include "module.h"

#include <stdbool.h>

#include "memwell/event.h"
#include "well_member.h"

typedef struct EventObject {
  MemberObject member;
  mw_event *handle;
} EventObject;

bool mwpy_event_type_add(PyObject *module, mwpy_state *state);

/* An object of this event, whose handle it takes even where it fails. New reference. */
PyObject *mwpy_event_new(WellObject *well, mw_event *handle);

#endif
