/* memwell.Semaphore: the object and the class.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_PYTHON_SEMAPHORE_TYPE_H
#define MEMWELL_PYTHON_SEMAPHORE_TYPE_H

#include "module.h"

#include <stdbool.h>
#include <stdint.h>

#include "memwell/semaphore.h"
#include "region_type.h"

/* handle   NULL before the semaphore is there and after close
 * kind     "named", "at" or "sysv", a str
 * name     of a named one, a str; NULL for the others
 * region   and offset: of one that is at a place in a region
 * key      and what follows: of one of System V
 * All but the handle remain known after close. */
typedef struct SemaphoreObject {
  PyObject_HEAD mwpy_state *state;
  mw_semaphore *handle;
  PyObject *kind;
  PyObject *name;
  RegionObject *region;
  uint64_t offset;
  bool is_sysv;
  bool undo;
  int32_t key;
  int32_t id;
  unsigned index;
  PyObject *weakrefs;
} SemaphoreObject;

bool mwpy_semaphore_type_add(PyObject *module, mwpy_state *state);

#endif
