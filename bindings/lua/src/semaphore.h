/* The Semaphore class, and the guards that hold a semaphore for a block.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_LUA_SEMAPHORE_H
#define MEMWELL_LUA_SEMAPHORE_H

#include <stdbool.h>

#include "memwell/semaphore.h"

/* core   NULL: closed, or never open. The user value is the name that it was opened by. */
typedef struct semaphore_handle {
  mw_semaphore *core;
} semaphore_handle;

/* semaphore   whose user value keeps it; the guard is made before the unit is taken
 * held        whether there is a unit to give back */
typedef struct guard_handle {
  const semaphore_handle *semaphore;
  bool held;
} guard_handle;

#endif
