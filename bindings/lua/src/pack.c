/* Region:unpack and Region:pack, which are string.unpack and string.pack on the region's bytes. Main entry: mw__lua_pack_methods.
 *
 * Lua's own functions do the work, so that formats mean what they mean there; alignment ("!") counts from the region's start. They
 * see a copy of only the bytes that the format needs, which nobody changes while they look.
 *
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include <lualib.h>

#include "convert.h"
#include "errors.h"
#include "region.h"

enum {
  MOST_ALIGNMENT = 16, /* the largest that a format can ask for */
  FIRST_WINDOW = 256,  /* bytes that a format of no fixed size is given at first */
  WINDOW_GROWTH = 4,
};

static void push_string_function(lua_State *L, const char *name) {
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  if (lua_getfield(L, -1, LUA_STRLIBNAME) != LUA_TTABLE) luaL_error(L, "the library 'string' is not loaded");
  lua_getfield(L, -1, name);
  lua_replace(L, -3);
  lua_pop(L, 1);
}

/* The format at `index`, behind as many bytes as the first element is away from an aligned place. */
static void push_aligned_format(lua_State *L, int index, unsigned lead) {
  lua_pushfstring(L, "c%d ", (int)lead);
  lua_pushvalue(L, index);
  lua_concat(L, 2);
}

/* "bad argument #2 to 'unpack' (data string too short)": only what is in the parentheses. */
static const char *reason_in(lua_State *L, const char *message) {
  const char *open = strncmp(message, "bad argument #", 14) == 0 ? strchr(message, '(') : NULL;
  return open != NULL ? lua_pushlstring(L, open + 1, strlen(open) - 2) : message;
}

static const char *name_of(lua_State *L, const char *call) { return mw_region_name(mw__lua_region(L, 1, call)); }

/* Raise what Lua's function raised, which is on the top, about the region. */
static int refuse(lua_State *L, const char *call) {
  const char *reason = reason_in(L, luaL_tolstring(L, -1, NULL));
  return mw__lua_refuse(L, call, name_of(L, call), "%s", reason);
}

static void check_offset(lua_State *L, const char *call, uint64_t offset) {
  uint64_t size = mw_region_size(mw__lua_region(L, 1, call));
  if (offset <= size) return;
  mw__lua_refuse(L, call, name_of(L, call), "offset %I is past the end (%I bytes)", (LUAI_UACINT)offset, (LUAI_UACINT)size);
}

/* ---- unpack */

/* The bytes that the format at `format` takes from the aligned place on; a first guess where that depends on the bytes. */
static uint64_t size_of_format(lua_State *L, int format, unsigned lead, bool *out_fixed) {
  push_string_function(L, "packsize");
  push_aligned_format(L, format, lead);
  *out_fixed = lua_pcall(L, 1, 1, 0) == LUA_OK;
  uint64_t size = *out_fixed ? (uint64_t)lua_tointeger(L, -1) : FIRST_WINDOW;
  lua_pop(L, 1);
  return size;
}

/* Whether string.unpack found fault with the bytes, its argument 2, and not with the format. */
static bool wants_more(lua_State *L) {
  return lua_type(L, -1) == LUA_TSTRING && strstr(lua_tostring(L, -1), "argument #2 ") != NULL;
}

/* Stack: the region, the format, the offset. On success the results are on top of those. */
static int unpack_window(lua_State *L, uint64_t begin, uint64_t size, unsigned lead, mw_error *error, bool *out_done) {
  lua_settop(L, 3);
  push_string_function(L, "unpack");
  lua_pushvalue(L, 2);
  int status = mw__lua_push_bytes(L, 1, "Region.unpack", begin, size, error);
  if (status < 0) return status;
  lua_pushinteger(L, (lua_Integer)lead + 1);
  *out_done = lua_pcall(L, 3, LUA_MULTRET, 0) == LUA_OK;
  return 0;
}

static int region_unpack(lua_State *L) {
  static const char call[] = "Region.unpack";
  mw__lua_check(L, 1, MW__LUA_REGION);
  luaL_checktype(L, 2, LUA_TSTRING);
  uint64_t offset = mw__lua_opt_size(L, 3, "offset", 0);
  lua_settop(L, 3);
  check_offset(L, call, offset);
  unsigned lead = (unsigned)(offset % MOST_ALIGNMENT);
  uint64_t begin = offset - lead;
  bool fixed, done = false;
  uint64_t size = size_of_format(L, 2, lead, &fixed);
  for (;; size *= WINDOW_GROWTH) {
    mw_error error;
    if (unpack_window(L, begin, size, lead, &error, &done) < 0) return mw__lua_fail(L, &error);
    if (done) break;
    uint64_t there = mw_region_size(mw__lua_region(L, 1, call)) - begin;
    if (fixed || size >= there || !wants_more(L)) return refuse(L, call);
  }
  lua_Integer passed = lua_tointeger(L, -1) - 1;
  lua_pushinteger(L, (lua_Integer)begin + passed);
  lua_replace(L, -2);
  return lua_gettop(L) - 3;
}

/* ---- pack */

/* The bytes of the values from argument 4 on; string.pack counts its arguments as a script counts those of region:pack. */
static void push_packed(lua_State *L, const char *call, unsigned lead) {
  int last = lua_gettop(L);
  luaL_checkstack(L, last + LUA_MINSTACK, "too many values");
  push_string_function(L, "pack");
  push_aligned_format(L, 3, lead);
  lua_pushliteral(L, "");
  for (int arg = 4; arg <= last; arg++) lua_pushvalue(L, arg);
  if (lua_pcall(L, last - 1, 1, 0) == LUA_OK) return;
  const char *message = luaL_gsub(L, luaL_tolstring(L, -1, NULL), "to 'string.pack' ", "");
  mw__lua_refuse(L, call, name_of(L, call), "%s", message);
}

static int region_pack(lua_State *L) {
  static const char call[] = "Region.pack";
  mw__lua_check(L, 1, MW__LUA_REGION);
  uint64_t offset = mw__lua_check_size(L, 2, "offset");
  luaL_checktype(L, 3, LUA_TSTRING);
  unsigned lead = (unsigned)(offset % MOST_ALIGNMENT);
  check_offset(L, call, offset);
  push_packed(L, call, lead);
  size_t size;
  const char *bytes = lua_tolstring(L, -1, &size);
  mw_error error;
  if (mw_region_write(mw__lua_region(L, 1, call), offset, bytes + lead, size - lead, &error) < 0) {
    mw__lua_name_call(&error, call);
    return mw__lua_fail(L, &error);
  }
  lua_pushinteger(L, (lua_Integer)(offset + size - lead));
  return 1;
}

const luaL_Reg mw__lua_pack_methods[] = {{"unpack", region_unpack}, {"pack", region_pack}, {NULL, NULL}};
