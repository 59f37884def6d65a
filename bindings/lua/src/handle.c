/* What all handles have in common: making them, knowing their type, finding their members.
 * Main entries: mw__lua_new, mw__lua_check, mw__lua_index.
 *
 * SPDX-License-Identifier: MIT */
#include "handle.h"

#include <string.h>

#include <lauxlib.h>

#include "module.h"

void *mw__lua_new_with(lua_State *L, mw__lua_type type, size_t size, int user_values) {
  void *handle = lua_newuserdatauv(L, size, user_values);
  memset(handle, 0, size);
  lua_pushvalue(L, lua_upvalueindex((int)type));
  lua_setmetatable(L, -2);
  return handle;
}

void *mw__lua_new(lua_State *L, mw__lua_type type, size_t size) { return mw__lua_new_with(L, type, size, 1); }

void *mw__lua_test(lua_State *L, int index, mw__lua_type type) {
  void *handle = lua_touserdata(L, index);
  if (handle == NULL || !lua_getmetatable(L, index)) return NULL;
  if (!lua_rawequal(L, -1, lua_upvalueindex((int)type))) handle = NULL;
  lua_pop(L, 1);
  return handle;
}

void *mw__lua_check(lua_State *L, int arg, mw__lua_type type) {
  void *handle = mw__lua_test(L, arg, type);
  if (handle == NULL) luaL_typeerror(L, arg, mw__lua_class_of(type)->name);
  return handle;
}

/* A field is a light userdata that points to its entry in the class's table; its function finds the handle at 1 and checks it. */
int mw__lua_index(lua_State *L) {
  if (lua_rawget(L, lua_upvalueindex(MW__LUA_MEMBERS)) != LUA_TLIGHTUSERDATA) return 1;
  const luaL_Reg *field = lua_touserdata(L, -1);
  lua_settop(L, 1);
  return field->func(L);
}
