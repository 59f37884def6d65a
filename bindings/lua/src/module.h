/* The module's classes, described as data. Main entry: luaopen_memwell, the only symbol that the module shows.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_LUA_MODULE_H
#define MEMWELL_LUA_MODULE_H

#include <lauxlib.h>
#include <lua.h>

#include "handle.h"

/* name         what type errors, tostring and getmetatable say
 * functions    lists of what the class table alone has: what makes handles; none where scripts make no such handles themselves
 * methods      lists of what the class table and every handle have
 * fields       what a handle reads without a call; each is called with the handle
 * metamethods  __index is mw__lua_index where none is given */
typedef struct mw__lua_class {
  const char *name;
  const luaL_Reg *functions[2];
  const luaL_Reg *methods[8];
  const luaL_Reg *fields;
  const luaL_Reg *metamethods;
} mw__lua_class;

extern const mw__lua_class mw__lua_region_class;
extern const mw__lua_class mw__lua_view_class;
extern const mw__lua_class mw__lua_semaphore_class;
extern const mw__lua_class mw__lua_guard_class;
extern const mw__lua_class mw__lua_stream_class;
extern const mw__lua_class mw__lua_well_class;
extern const mw__lua_class mw__lua_mutex_class;
extern const mw__lua_class mw__lua_robust_semaphore_class;
extern const mw__lua_class mw__lua_event_class;

/* The class whose handles are of this type. */
const mw__lua_class *mw__lua_class_of(mw__lua_type type);

__attribute__((visibility("default"))) int luaopen_memwell(lua_State *L);

#endif
