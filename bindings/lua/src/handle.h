/* Handles: the userdata that stand for regions, views, semaphores, guards, streams, wells and their objects in a script.
 *
 * A handle is born closed and has its metatable before it has what it stands for, so that an error in between leaves a harmless
 * object. Every C function of the module has the same upvalues: the metatables, one for each type, and the members of its class.
 * A type check compares two pointers there and looks nothing up.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_LUA_HANDLE_H
#define MEMWELL_LUA_HANDLE_H

#include <stdbool.h>
#include <stddef.h>

#include <lua.h>

/* The types; each number is also the upvalue that has the type's metatable. */
typedef enum mw__lua_type {
  MW__LUA_REGION = 1,
  MW__LUA_VIEW,
  MW__LUA_SEMAPHORE,
  MW__LUA_GUARD,
  MW__LUA_STREAM,
  MW__LUA_WELL,
  MW__LUA_MUTEX,
  MW__LUA_ROBUST_SEMAPHORE,
  MW__LUA_EVENT,
} mw__lua_type;

enum {
  MW__LUA_TYPES = MW__LUA_EVENT,
  MW__LUA_MEMBERS, /* the upvalue that has the members of the function's own class */
  MW__LUA_UPVALUES = MW__LUA_MEMBERS,
};

/* Push a new handle of `size` zero bytes with its metatable and one user value, or as many as are said; they are nil. */
void *mw__lua_new(lua_State *L, mw__lua_type type, size_t size);
void *mw__lua_new_with(lua_State *L, mw__lua_type type, size_t size, int user_values);

/* The handle at `index`, or NULL where there is something else. */
void *mw__lua_test(lua_State *L, int index, mw__lua_type type);

/* The handle that is argument `arg`; raises where it is something else. */
void *mw__lua_check(lua_State *L, int arg, mw__lua_type type);

/* The handle at 1, for calls where nanoseconds count: the metatable stays on the stack, as popping it would cost one more call. So
 * what depends on the top is asked first. */
static inline void *mw__lua_self(lua_State *L, mw__lua_type type) {
  if (lua_getmetatable(L, 1) && lua_rawequal(L, -1, lua_upvalueindex((int)type))) return lua_touserdata(L, 1);
  return mw__lua_check(L, 1, type);
}

/* __index of every handle: methods as they are, fields by calling what reads them, anything else nil. */
int mw__lua_index(lua_State *L);

#endif
