/* Region:runs, which finds runs of bytes where they lie. Main entry: mw__lua_search_methods.
 *
 * SPDX-License-Identifier: MIT */
#include "memwell/search.h"

#include <string.h>

#include "convert.h"
#include "module.h"
#include "region.h"

/* What a run is copied to before Lua sees it. Lua reads a short string twice, and another process may write in between. */
#define SHORT_RUN 256

typedef struct run_search {
  mw_byte_set set;
  uint64_t next;
  uint64_t stop;
} run_search;

static void push_run(lua_State *L, const char *bytes, size_t size) {
  char copy[SHORT_RUN];
  if (size <= sizeof copy) bytes = memcpy(copy, bytes, size);
  lua_pushlstring(L, bytes, size);
}

/* The iterator: upvalue 1 is the region, 2 the search. A region that was cut meanwhile ends it sooner. */
static int next_run(lua_State *L) {
  mw_region *region = mw__lua_region(L, lua_upvalueindex(1), "Region.runs");
  run_search *search = lua_touserdata(L, lua_upvalueindex(2));
  uint64_t size = mw_region_size(region), stop = search->stop < size ? search->stop : size, start;
  if (mw_search_run(region, &search->set, search->next, stop, NULL, &start, &search->next) < 0) return 0;
  push_run(L, (const char *)mw_region_data(region) + start, (size_t)(search->next - start));
  lua_pushinteger(L, (lua_Integer)start);
  return 2;
}

static int region_runs(lua_State *L) {
  size_t count;
  mw__lua_check(L, 1, MW__LUA_REGION);
  const char *bytes = luaL_checklstring(L, 2, &count);
  uint64_t start = mw__lua_opt_size(L, 3, "start", 0);
  uint64_t stop = mw__lua_opt_size(L, 4, "stop", UINT64_MAX);
  mw__lua_region(L, 1, "Region.runs");
  lua_pushvalue(L, 1);
  run_search *search = lua_newuserdatauv(L, sizeof *search, 0);
  *search = (run_search){.set = mw_search_byte_set(bytes, count), .next = start, .stop = stop};
  lua_pushcclosure(L, next_run, 2);
  return 1;
}

const luaL_Reg mw__lua_search_methods[] = {{"runs", region_runs}, {NULL, NULL}};
