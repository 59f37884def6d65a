/* Region: bytes in and out, in place. Main entry: mw__lua_region_bytes_methods.
 *
 * SPDX-License-Identifier: MIT */
#include "convert.h"
#include "errors.h"
#include "region.h"
#include "view.h"

/* What a short text is copied to before Lua sees it: Lua reads a short string twice, and another process may write in between. */
#define SHORT_TEXT 256

/* Making room for a long one may run finalizers, and one of those may close the region: so the gate is passed after it. */
static int push_long(lua_State *L, int index, const char *call, uint64_t offset, size_t size, mw_error *error) {
  luaL_Buffer text;
  char *bytes = luaL_buffinitsize(L, &text, size);
  size_t count = 0;
  int status = mw_region_read(mw__lua_region(L, index, call), offset, bytes, size, error, &count);
  if (status == 0) luaL_pushresultsize(&text, count);
  return status;
}

static int push_short(lua_State *L, int index, const char *call, uint64_t offset, size_t size, mw_error *error) {
  char bytes[SHORT_TEXT];
  size_t count = 0;
  int status = mw_region_read(mw__lua_region(L, index, call), offset, bytes, size, error, &count);
  if (status == 0) lua_pushlstring(L, bytes, count);
  return status;
}

int mw__lua_push_bytes(lua_State *L, int index, const char *call, uint64_t offset, uint64_t size, mw_error *error) {
  uint64_t there = mw__lua_size_behind(mw__lua_region(L, index, call), offset, UINT64_MAX);
  if (size > there) size = there;
  int status = (size <= SHORT_TEXT ? push_short : push_long)(L, index, call, offset, (size_t)size, error);
  if (status < 0) mw__lua_name_call(error, call);
  return status;
}

static int region_read(lua_State *L) {
  mw__lua_check(L, 1, MW__LUA_REGION);
  uint64_t offset = mw__lua_opt_size(L, 2, "offset", 0);
  uint64_t size = mw__lua_opt_size(L, 3, "size", UINT64_MAX);
  mw_error error;
  return mw__lua_push_bytes(L, 1, "Region.read", offset, size, &error) < 0 ? mw__lua_fail(L, &error) : 1;
}

/* Bytes that a string, a region or a view has. A view that is not dense is gathered into memory that Lua owns, at index 4. */
static const void *source_bytes(lua_State *L, int arg, const char *call, size_t *out_size) {
  if (mw__lua_test(L, arg, MW__LUA_REGION) != NULL) {
    mw_region *source = mw__lua_region(L, arg, call);
    *out_size = (size_t)mw_region_size(source);
    return mw_region_data(source);
  }
  if (mw__lua_test(L, arg, MW__LUA_VIEW) != NULL) return mw__lua_view_bytes(L, arg, call, out_size);
  if (lua_type(L, arg) != LUA_TSTRING) luaL_typeerror(L, arg, "string, region or view");
  return lua_tolstring(L, arg, out_size);
}

static int region_write(lua_State *L) {
  static const char call[] = "Region.write";
  mw__lua_check(L, 1, MW__LUA_REGION);
  uint64_t offset = mw__lua_opt_size(L, 3, "offset", 0);
  size_t size;
  const void *data = source_bytes(L, 2, call, &size);
  mw_region *region = mw__lua_region(L, 1, call);
  mw_error error;
  int status = mw_region_write(region, offset, data, size, &error);
  if (status < 0) return mw__lua_fail(L, &error);
  lua_pushinteger(L, (lua_Integer)size);
  return 1;
}

uint64_t mw__lua_size_behind(const mw_region *region, uint64_t offset, uint64_t size) {
  if (size != UINT64_MAX) return size;
  uint64_t end = mw_region_size(region);
  return offset < end ? end - offset : 0;
}

static int region_fill(lua_State *L) {
  mw__lua_check(L, 1, MW__LUA_REGION);
  lua_Integer byte = mw__lua_opt_integer(L, 2, 0);
  luaL_argcheck(L, byte >= 0 && byte <= UINT8_MAX, 2, "a byte is 0 to 255");
  uint64_t offset = mw__lua_opt_size(L, 3, "offset", 0);
  uint64_t size = mw__lua_opt_size(L, 4, "size", UINT64_MAX);
  mw_region *region = mw__lua_region(L, 1, "Region.fill");
  mw_error error;
  int status = mw_region_fill(region, (uint8_t)byte, offset, mw__lua_size_behind(region, offset, size), &error);
  return status < 0 ? mw__lua_fail(L, &error) : 0;
}

static int region_move(lua_State *L) {
  mw__lua_check(L, 1, MW__LUA_REGION);
  uint64_t destination = mw__lua_check_size(L, 2, "destination");
  uint64_t source = mw__lua_check_size(L, 3, "source");
  uint64_t size = mw__lua_check_size(L, 4, "size");
  mw_error error;
  int status = mw_region_move(mw__lua_region(L, 1, "Region.move"), destination, source, size, &error);
  return status < 0 ? mw__lua_fail(L, &error) : 0;
}

const luaL_Reg mw__lua_region_bytes_methods[] = {
    {"read", region_read}, {"write", region_write}, {"fill", region_fill}, {"move", region_move}, {NULL, NULL},
};
