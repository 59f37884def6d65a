/* memwell.Well: the object, what its members need to know of it, and the class.
 *
 * Lifetime. The object owns one mw_well, `handle`, and close() sets it to NULL. Its Region is made when somebody asks for it,
 * refers to the well, and ends with it; so views keep the well alive. Mutexes, semaphores and events refer to the well as well.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_PYTHON_WELL_TYPE_H
#define MEMWELL_PYTHON_WELL_TYPE_H

#include "module.h"

#include <stdbool.h>

#include "memwell/well.h"
#include "region_type.h"

/* handle   NULL before the well is there and after close
 * title    its name or its path, a str; known after close, as what follows is
 * region   borrowed: of whoever asked for it; NULL where nobody has it now */
typedef struct WellObject {
  PyObject_HEAD mwpy_state *state;
  mw_well *handle;
  PyObject *title;
  bool is_file;
  bool is_observer;
  RegionObject *region;
  PyObject *weakrefs;
} WellObject;

bool mwpy_well_type_add(PyObject *module, mwpy_state *state);

/* The open handle; NULL with ClosedError set. */
mw_well *mwpy_well_handle(WellObject *self, const char *call);

/* Close a well that nobody has seen. */
void mwpy_well_unmake(WellObject *self);

/* What the Region of a well says when it goes. */
void mwpy_well_forget_region(PyObject *well);

#endif
