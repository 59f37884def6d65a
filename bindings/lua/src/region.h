/* The Region class. A region's handle owns one reference of the core's region; closing sets the pointer to NULL. Its user value is
 * the name or path that it was opened by.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_LUA_REGION_H
#define MEMWELL_LUA_REGION_H

#include <stdbool.h>

#include <lauxlib.h>
#include <lua.h>

#include "memwell/region.h"

/* core    NULL: closed, or never open
 * named   the user value is a name that unlink takes, and not a path */
typedef struct region_handle {
  mw_region *core;
  bool named;
} region_handle;

/* The gate: the region of the handle at `index`, which must be one; raises where it is closed. */
mw_region *mw__lua_region(lua_State *L, int index, const char *call);

/* Raise that the region of the handle at `index` is closed. */
int mw__lua_region_closed(lua_State *L, int index, const char *call);

/* The methods of Region that look for something in its bytes, in search.c. */
extern const luaL_Reg mw__lua_search_methods[];

#endif
