/* require "memwell": makes the classes from their tables, in one loop, and the module's constants.
 * Main entry: luaopen_memwell. Nothing here or elsewhere in the module is static and mutable: each Lua state has its own classes.
 *
 * SPDX-License-Identifier: MIT */
#include "module.h"

#include "errors.h"
#include "memwell.h"
#include "region.h"

const mw__lua_class *mw__lua_class_of(mw__lua_type type) {
  static const mw__lua_class *const classes[MW__LUA_TYPES + 1] = {
      [MW__LUA_REGION] = &mw__lua_region_class,       [MW__LUA_VIEW] = &mw__lua_view_class,
      [MW__LUA_SEMAPHORE] = &mw__lua_semaphore_class, [MW__LUA_GUARD] = &mw__lua_guard_class,
      [MW__LUA_STREAM] = &mw__lua_stream_class,       [MW__LUA_WELL] = &mw__lua_well_class,
      [MW__LUA_MUTEX] = &mw__lua_mutex_class,         [MW__LUA_ROBUST_SEMAPHORE] = &mw__lua_robust_semaphore_class,
      [MW__LUA_EVENT] = &mw__lua_event_class,
  };
  return classes[type];
}

/* Put functions into the table on the top; each gets all upvalues. The metatables are at `metatables` + 1 and up, the members of
 * the class at `members`. */
static void set_functions(lua_State *L, const luaL_Reg *functions, int metatables, int members) {
  if (functions == NULL) return;
  for (int type = 1; type <= MW__LUA_TYPES; type++) lua_pushvalue(L, metatables + type);
  lua_pushvalue(L, members);
  luaL_setfuncs(L, functions, MW__LUA_UPVALUES);
}

static void set_lists(lua_State *L, const luaL_Reg *const *lists, size_t count, int metatables, int members) {
  for (size_t i = 0; i < count; i++) set_functions(L, lists[i], metatables, members);
}

static void set_methods(lua_State *L, const mw__lua_class *class, int metatables, int members) {
  set_lists(L, class->methods, sizeof class->methods / sizeof *class->methods, metatables, members);
}

static void set_fields(lua_State *L, const luaL_Reg *fields) {
  for (const luaL_Reg *field = fields; field->name != NULL; field++) {
    lua_pushlightuserdata(L, (void *)field);
    lua_setfield(L, -2, field->name);
  }
}

/* The metatable is whole before any handle gets it, as finalizers demand; scripts see only its class's name. */
static void set_metatable(lua_State *L, const mw__lua_class *class, int metatables, int type, int members) {
  static const luaL_Reg index[] = {{"__index", mw__lua_index}, {NULL, NULL}};
  lua_pushvalue(L, metatables + type);
  set_functions(L, index, metatables, members);
  set_functions(L, class->metamethods, metatables, members);
  lua_pushstring(L, class->name);
  lua_setfield(L, -2, "__name");
  lua_pushstring(L, class->name);
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 1);
}

/* Make the class, and put its table into the module where scripts can make such handles themselves. */
static void add_class(lua_State *L, int module, int metatables, int type) {
  const mw__lua_class *class = mw__lua_class_of((mw__lua_type)type);
  lua_newtable(L);
  int members = lua_gettop(L);
  set_methods(L, class, metatables, members);
  set_fields(L, class->fields);
  set_metatable(L, class, metatables, type, members);
  if (class->functions[0] != NULL) {
    lua_newtable(L);
    set_lists(L, class->functions, sizeof class->functions / sizeof *class->functions, metatables, members);
    set_methods(L, class, metatables, members);
    lua_setfield(L, module, class->name + sizeof "memwell." - 1);
  }
  lua_settop(L, members - 1);
}

int luaopen_memwell(lua_State *L) {
  luaL_checkversion(L);
  lua_newtable(L);
  int module = lua_gettop(L);
  int metatables = module;
  for (int type = 1; type <= MW__LUA_TYPES; type++) lua_newtable(L);
  for (int type = 1; type <= MW__LUA_TYPES; type++) add_class(L, module, metatables, type);
  lua_settop(L, module);
  mw__lua_push_errno_table(L);
  lua_setfield(L, module, "errno");
  lua_pushcfunction(L, mw__lua_ftok);
  lua_setfield(L, module, "ftok");
  lua_pushinteger(L, (lua_Integer)mw_page_size());
  lua_setfield(L, module, "PAGE_SIZE");
  lua_pushfstring(L, "memwell %s", mw_version());
  lua_setfield(L, module, "_VERSION");
  return 1;
}
