/* The limit for reaching elements from Lua: a userdata of doubles whose functions check nothing at all, neither type nor range nor
 * whether it is closed. The same for a semaphore. Also what most C modules do: elements with luaL_checkudata and a range check, as
 * a peer; and two clocks, of which plain Lua has none that is fine enough.
 *
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <semaphore.h>
#include <string.h>
#include <time.h>

#include <lauxlib.h>
#include <lua.h>

#include "mark.h"

#define CHECKED "bench.checked"

typedef struct numbers {
  size_t count;
  double elements[];
} numbers;

int luaopen_bare_lua(lua_State *L);

/* ---- nothing checked */

static int bare_index(lua_State *L) {
  const numbers *n = lua_touserdata(L, 1);
  lua_pushnumber(L, n->elements[lua_tointeger(L, 2) - 1]);
  return 1;
}

static int bare_newindex(lua_State *L) {
  numbers *n = lua_touserdata(L, 1);
  n->elements[lua_tointeger(L, 2) - 1] = lua_tonumber(L, 3);
  return 0;
}

static int bare_get(lua_State *L) {
  const numbers *n = lua_touserdata(L, lua_upvalueindex(1));
  lua_pushnumber(L, n->elements[lua_tointeger(L, 1) - 1]);
  return 1;
}

static int bare_set(lua_State *L) {
  numbers *n = lua_touserdata(L, lua_upvalueindex(1));
  n->elements[lua_tointeger(L, 1) - 1] = lua_tonumber(L, 2);
  return 0;
}

static int bare_next(lua_State *L) {
  const numbers *n = lua_touserdata(L, lua_upvalueindex(1));
  lua_Integer i = lua_tointeger(L, 2);
  if ((size_t)i >= n->count) return 0;
  lua_pushinteger(L, i + 1);
  lua_pushnumber(L, n->elements[i]);
  return 2;
}

static int bare_fill(lua_State *L) {
  numbers *n = lua_touserdata(L, 1);
  double value = lua_tonumber(L, 2);
  for (size_t i = 0; i < n->count; i++) n->elements[i] = value;
  return 0;
}

static int bare_copy(lua_State *L) {
  numbers *n = lua_touserdata(L, 1);
  const numbers *source = lua_touserdata(L, 2);
  memcpy(n->elements, source->elements, n->count * sizeof(double));
  return 0;
}

/* The plain loop: each addition waits for the one before, and the rounding error grows with the count. */
static int bare_sum(lua_State *L) {
  const numbers *n = lua_touserdata(L, 1);
  double sum = 0;
  for (size_t i = 0; i < n->count; i++) sum += n->elements[i];
  lua_pushnumber(L, sum);
  return 1;
}

static int push_closure(lua_State *L, lua_CFunction function) {
  lua_pushvalue(L, 1);
  lua_pushcclosure(L, function, 1);
  return 1;
}

static int bare_getter(lua_State *L) { return push_closure(L, bare_get); }

static int bare_setter(lua_State *L) { return push_closure(L, bare_set); }

static int bare_iter(lua_State *L) {
  push_closure(L, bare_next);
  lua_pushnil(L);
  lua_pushinteger(L, 0);
  return 3;
}

/* ---- as most modules do it */

static int checked_get(lua_State *L) {
  const numbers *n = luaL_checkudata(L, 1, CHECKED);
  lua_Integer i = luaL_checkinteger(L, 2);
  luaL_argcheck(L, (size_t)i - 1 < n->count, 2, "out of range");
  lua_pushnumber(L, n->elements[i - 1]);
  return 1;
}

static int checked_set(lua_State *L) {
  numbers *n = luaL_checkudata(L, 1, CHECKED);
  lua_Integer i = luaL_checkinteger(L, 2);
  luaL_argcheck(L, (size_t)i - 1 < n->count, 2, "out of range");
  n->elements[i - 1] = luaL_checknumber(L, 3);
  return 0;
}

/* ---- a semaphore: nothing checked, and methods in a table, so that finding one costs no call */

static int bare_acquire(lua_State *L) {
  lua_pushboolean(L, sem_trywait(lua_touserdata(L, 1)) == 0);
  return 1;
}

static int bare_release(lua_State *L) {
  sem_post(lua_touserdata(L, 1));
  return 0;
}

static int make_semaphore(lua_State *L) {
  sem_t *semaphore = lua_newuserdatauv(L, sizeof *semaphore, 0);
  sem_init(semaphore, 1, 1);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_setmetatable(L, -2);
  return 1;
}

/* ---- the module */

static int push_time(lua_State *L, clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  lua_pushinteger(L, (lua_Integer)time.tv_sec * 1000000000 + time.tv_nsec);
  return 1;
}

/* As in serve.h. */
static int now(lua_State *L) { return push_time(L, CLOCK_THREAD_CPUTIME_ID); }

/* The same for all processes, and for whoever waits. */
static int wall(lua_State *L) { return push_time(L, CLOCK_MONOTONIC); }

static int mark(lua_State *L) {
  (void)L;
  bench_mark();
  return 0;
}

static int make(lua_State *L) {
  size_t count = (size_t)luaL_checkinteger(L, 1);
  numbers *n = lua_newuserdatauv(L, sizeof *n + count * sizeof(double), 0);
  n->count = count;
  for (size_t i = 0; i < count; i++) n->elements[i] = 1.5;
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_setmetatable(L, -2);
  return 1;
}

/* A function that makes things with the metatable on the top, which it takes. */
static void add_maker(lua_State *L, lua_CFunction maker, const char *name) {
  lua_pushcclosure(L, maker, 1);
  lua_setfield(L, -2, name);
}

int luaopen_bare_lua(lua_State *L) {
  static const luaL_Reg bare[] = {{"__index", bare_index}, {"__newindex", bare_newindex}, {NULL, NULL}};
  static const luaL_Reg checked[] = {{"get", checked_get}, {"set", checked_set}, {NULL, NULL}};
  static const luaL_Reg semaphore[] = {{"acquire", bare_acquire}, {"release", bare_release}, {NULL, NULL}};
  static const luaL_Reg functions[] = {{"getter", bare_getter},
                                       {"setter", bare_setter},
                                       {"iter", bare_iter},
                                       {"fill", bare_fill},
                                       {"copy", bare_copy},
                                       {"sum", bare_sum},
                                       {"now", now},
                                       {"wall", wall},
                                       {"mark", mark},
                                       {NULL, NULL}};
  luaL_newlib(L, functions);
  luaL_newlib(L, bare);
  add_maker(L, make, "bare");
  luaL_newmetatable(L, CHECKED);
  luaL_newlib(L, checked);
  lua_setfield(L, -2, "__index");
  add_maker(L, make, "checked");
  luaL_newlib(L, semaphore);
  lua_pushvalue(L, -1);
  lua_setfield(L, -2, "__index");
  add_maker(L, make_semaphore, "semaphore");
  return 1;
}
