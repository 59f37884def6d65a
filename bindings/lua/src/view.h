/* The View class. A view keeps its region's handle alive as its user value and looks through it at every access, so that closing
 * the region makes every view of it unusable at once, and a view never keeps memory mapped.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_LUA_VIEW_H
#define MEMWELL_LUA_VIEW_H

#include <stddef.h>

#include <lauxlib.h>
#include <lua.h>

#include "memwell/view.h"
#include "region.h"

/* owner   the region's handle; Lua moves no userdata, and the user value keeps it
 * core    its region is owner->core as long as that is not NULL, and must not be looked at otherwise */
typedef struct view_handle {
  const region_handle *owner;
  mw_view core;
} view_handle;

/* The gate: the view at `index`, which must be one; raises where its region is closed. */
const mw_view *mw__lua_view(lua_State *L, int index, const char *call);

/* The same, for calls that take single elements by one index: raises where there are more dimensions. */
const mw_view *mw__lua_flat_view(lua_State *L, int index, const char *call);

/* Push a view that has what the view at `index` has, to be narrowed by the caller. `index` may be that of an upvalue. */
view_handle *mw__lua_view_copy(lua_State *L, int index);

/* The view's bytes, densely: where they are, or a copy in memory that is pushed. Passes the gate. */
const void *mw__lua_view_bytes(lua_State *L, int index, const char *call, size_t *out_size);

/* Region:view */
int mw__lua_region_view(lua_State *L);

/* Methods and metamethods of View that work on one element, in element.c; on one between all processes, in atomic.c; and on many,
 * in batch.c. */
extern const luaL_Reg mw__lua_element_methods[];
extern const luaL_Reg mw__lua_atomic_methods[];
extern const luaL_Reg mw__lua_batch_methods[];
int mw__lua_element_index(lua_State *L);
int mw__lua_element_newindex(lua_State *L);

#endif
