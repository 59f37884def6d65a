/* The Well class, and what the objects of a well have in common. A well's handle has the handle of its region, through which views
 * of its arrays look, as its user value; that handle and those of its objects keep the well's.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_LUA_WELL_H
#define MEMWELL_LUA_WELL_H

#include <stdbool.h>
#include <stddef.h>

#include <lauxlib.h>
#include <lua.h>

#include "handle.h"
#include "memwell/well.h"
#include "region.h"

/* core     NULL: closed, or never open
 * region   the handle of its region, whose user value is the well's name or path
 * named    that is a name, which unlink takes */
typedef struct well_handle {
  mw_well *core;
  region_handle *region;
  bool named;
} well_handle;

/* The gate: the well of the handle at `index`, which must be one; raises where it is closed. */
mw_well *mw__lua_well(lua_State *L, int index, const char *call);

/* The user values of every object's handle, from 1: the well's handle, the object's name. A class may have more of its own. */
enum { MW__LUA_OBJECT_WELL = 1, MW__LUA_OBJECT_NAME, MW__LUA_OBJECT_VALUES = MW__LUA_OBJECT_NAME };

/* Push a handle of an object of the well at 1 whose name is at 2. */
void *mw__lua_new_object(lua_State *L, mw__lua_type type, size_t size, int user_values);

/* Raise that the handle of an object at 1 is closed. */
int mw__lua_object_closed(lua_State *L, const char *call, const char *kind);

/* Push what the handle at 1 is called by tostring. */
int mw__lua_object_tostring(lua_State *L, bool closed);

/* The results of a call that found or created what the handle on the top stands for, and tells which of the two; or failed to. */
int mw__lua_found(lua_State *L, int status, const mw_error *error);

/* Functions and methods of Well in files of their own: well_make.c, mutex.c, robust_semaphore.c, event.c. */
extern const luaL_Reg mw__lua_well_functions[];
extern const luaL_Reg mw__lua_well_removal_methods[];
int mw__lua_well_mutex(lua_State *L);
int mw__lua_well_semaphore(lua_State *L);
int mw__lua_well_event(lua_State *L);

#endif
