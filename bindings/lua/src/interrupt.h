/* Waiting, with an ear for signals. The stand-alone interpreter answers Ctrl-C by setting a debug hook, which runs, and stops the
 * script, at the next instruction of the VM: so a call that waits must come back for it.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_LUA_INTERRUPT_H
#define MEMWELL_LUA_INTERRUPT_H

#include <stdbool.h>

#include <lua.h>

#include "memwell/deadline.h"
#include "memwell/status.h"

/* Whether the call that gave this status is to be made again: a signal came, and it left no hook behind. */
bool mw__lua_again(lua_State *L, int status);

/* One step of a wait: a call of the core for `subject` with this deadline. */
typedef int (*mw__lua_step)(void *subject, mw_deadline deadline, mw_error *error);

/* Wait for ever or until the deadline; returns the status of the last step, or MW_EINTR with *error saying so. A step whose time is
 * over says MW_ETIMEDOUT; one that waits for a name may also say that there is none, or that what it names is not ready yet. */
int mw__lua_wait(lua_State *L, mw_deadline deadline, mw__lua_step step, void *subject, mw_error *error);
int mw__lua_wait_for_name(lua_State *L, mw_deadline deadline, mw__lua_step step, void *subject, mw_error *error);

#endif
