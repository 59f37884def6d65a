/* Region: what looks for something in its bytes where they lie, and copies only what it finds. Main entry: mw__lua_search_methods.
 *
 * SPDX-License-Identifier: MIT */
#include "memwell/search.h"

#include "convert.h"
#include "errors.h"
#include "region.h"

/* ---- bytes in a row */

typedef int (*find_call)(mw_region *region, const void *sub, size_t size, uint64_t start, uint64_t end, mw_error *error,
                         uint64_t *out_result);

/* The result is an offset or a count; what is absent is nil without a message, as with string.find. */
static int look_for(lua_State *L, const char *name, find_call call) {
  size_t size;
  mw__lua_check(L, 1, MW__LUA_REGION);
  const char *sub = luaL_checklstring(L, 2, &size);
  uint64_t start = mw__lua_opt_size(L, 3, "start", 0);
  uint64_t stop = mw__lua_opt_size(L, 4, "stop", UINT64_MAX);
  mw_error error;
  uint64_t result = 0;
  int status = call(mw__lua_region(L, 1, name), sub, size, start, stop, &error, &result);
  if (status < 0 && status != MW_ENOENT) return mw__lua_fail(L, &error);
  if (status == MW_ENOENT)
    luaL_pushfail(L);
  else
    lua_pushinteger(L, (lua_Integer)result);
  return 1;
}

static int region_find(lua_State *L) { return look_for(L, "Region.find", mw_region_find); }

static int region_rfind(lua_State *L) { return look_for(L, "Region.rfind", mw_region_rfind); }

static int region_count(lua_State *L) { return look_for(L, "Region.count", mw_region_count); }

/* ---- one piece after the other
 *
 * The iterators have the region as upvalue 1, and where they are as upvalue 2. A region that becomes smaller meanwhile ends them
 * sooner; a page that is lost is raised, as a loop would take nil for its end. */

static uint64_t stop_in(const mw_region *region, uint64_t stop) {
  uint64_t size = mw_region_size(region);
  return stop < size ? stop : size;
}

static int push_piece(lua_State *L, const char *call, uint64_t start, uint64_t end) {
  mw_error error;
  if (mw__lua_push_bytes(L, lua_upvalueindex(1), call, start, end - start, &error) < 0) return mw__lua_raise(L, &error);
  lua_pushinteger(L, (lua_Integer)start);
  return 2;
}

typedef struct run_search {
  mw_byte_set set;
  uint64_t next;
  uint64_t stop;
} run_search;

static int next_run(lua_State *L) {
  static const char call[] = "Region.runs";
  mw_region *region = mw__lua_region(L, lua_upvalueindex(1), call);
  run_search *search = lua_touserdata(L, lua_upvalueindex(2));
  uint64_t stop = stop_in(region, search->stop), start = search->next;
  if (start >= stop) return 0;
  mw_error error;
  int status = mw_search_run(region, &search->set, search->next, stop, &error, &start, &search->next);
  if (status < 0) return status == MW_ENOENT ? 0 : mw__lua_raise(L, &error);
  return push_piece(L, call, start, search->next);
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

typedef struct line_walk {
  uint64_t next;
  uint64_t stop;
} line_walk;

static int next_line(lua_State *L) {
  static const char call[] = "Region.lines";
  mw_region *region = mw__lua_region(L, lua_upvalueindex(1), call);
  line_walk *walk = lua_touserdata(L, lua_upvalueindex(2));
  uint64_t start = walk->next, end;
  mw_error error;
  int status = mw_region_line(region, start, stop_in(region, walk->stop), &error, &end, &walk->next);
  if (status < 0) return status == MW_ENOENT ? 0 : mw__lua_raise(L, &error);
  return push_piece(L, call, start, end);
}

static int region_lines(lua_State *L) {
  mw__lua_check(L, 1, MW__LUA_REGION);
  line_walk given = {.next = mw__lua_opt_size(L, 2, "start", 0), .stop = mw__lua_opt_size(L, 3, "stop", UINT64_MAX)};
  mw__lua_region(L, 1, "Region.lines");
  lua_pushvalue(L, 1);
  line_walk *walk = lua_newuserdatauv(L, sizeof *walk, 0);
  *walk = given;
  lua_pushcclosure(L, next_line, 2);
  return 1;
}

const luaL_Reg mw__lua_search_methods[] = {
    {"find", region_find}, {"rfind", region_rfind}, {"count", region_count},
    {"runs", region_runs}, {"lines", region_lines}, {NULL, NULL},
};
