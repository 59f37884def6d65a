/* Region: what the kernel does with its pages, its size, its protection and seals. Main entry: mw__lua_pages_methods.
 *
 * SPDX-License-Identifier: MIT */
#include "memwell/pages.h"

#include "convert.h"
#include "errors.h"
#include "interrupt.h"
#include "region.h"

/* ---- a range of bytes */

typedef struct range {
  uint64_t offset;
  uint64_t size;
} range;

/* An offset, which is argument `arg`, and a size behind it: all of the region where they are not given. */
static range check_range(lua_State *L, int arg) {
  uint64_t offset = mw__lua_opt_size(L, arg, "offset", 0);
  return (range){offset, mw__lua_opt_size(L, arg + 1, "size", UINT64_MAX)};
}

typedef int (*range_call)(mw_region *region, uint64_t offset, uint64_t size, mw_error *error);

static int on_range(lua_State *L, const char *name, range_call call) {
  mw__lua_check(L, 1, MW__LUA_REGION);
  range bytes = check_range(L, 2);
  mw_region *region = mw__lua_region(L, 1, name);
  bytes.size = mw__lua_size_behind(region, bytes.offset, bytes.size);
  mw_error error;
  int status;
  do status = call(region, bytes.offset, bytes.size, &error);
  while (mw__lua_again(L, status));
  return mw__lua_result(L, status, &error);
}

static int region_discard(lua_State *L) { return on_range(L, "Region.discard", mw_region_discard); }
static int region_populate(lua_State *L) { return on_range(L, "Region.populate", mw_region_populate); }
static int region_mlock(lua_State *L) { return on_range(L, "Region.mlock", mw_region_mlock); }
static int region_munlock(lua_State *L) { return on_range(L, "Region.munlock", mw_region_munlock); }

static int region_flush(lua_State *L) {
  mw__lua_check(L, 1, MW__LUA_REGION);
  range bytes = check_range(L, 2);
  mw__lua_options given = mw__lua_check_options(L, 4, MW__LUA_WAIT);
  mw_region *region = mw__lua_region(L, 1, "Region.flush");
  bytes.size = mw__lua_size_behind(region, bytes.offset, bytes.size);
  mw_error error;
  int status;
  do status = mw_region_flush(region, bytes.offset, bytes.size, given.flags & MW__LUA_WAIT, &error);
  while (mw__lua_again(L, status));
  return mw__lua_result(L, status, &error);
}

static mw_advice check_advice(lua_State *L, int arg) {
  mw_advice advice = MW_ADVICE_NORMAL;
  mw_error error;
  if (mw_advice_parse(mw__lua_check_name(L, arg), &error, &advice) < 0) luaL_argerror(L, arg, lua_pushstring(L, error.reason));
  return advice;
}

static int region_advise(lua_State *L) {
  mw__lua_check(L, 1, MW__LUA_REGION);
  mw_advice advice = check_advice(L, 2);
  range bytes = check_range(L, 3);
  mw_region *region = mw__lua_region(L, 1, "Region.advise");
  mw_error error;
  int status = mw_region_advise(region, advice, bytes.offset, mw__lua_size_behind(region, bytes.offset, bytes.size), &error);
  return mw__lua_result(L, status, &error);
}

static int region_resident(lua_State *L) {
  mw__lua_check(L, 1, MW__LUA_REGION);
  mw_error error;
  uint64_t bytes = 0;
  int status = mw_region_resident(mw__lua_region(L, 1, "Region.resident"), &error, &bytes);
  if (status < 0) return mw__lua_fail(L, &error);
  lua_pushinteger(L, (lua_Integer)bytes);
  return 1;
}

/* ---- its size */

static int region_resize(lua_State *L) {
  mw__lua_check(L, 1, MW__LUA_REGION);
  uint64_t size = mw__lua_check_size(L, 2, "size");
  mw_region *region = mw__lua_region(L, 1, "Region.resize");
  mw_error error;
  int status;
  do status = mw_region_resize(region, size, &error);
  while (mw__lua_again(L, status));
  return mw__lua_result(L, status, &error);
}

static int region_remap(lua_State *L) {
  mw__lua_check(L, 1, MW__LUA_REGION);
  mw_error error;
  int status = mw_region_remap(mw__lua_region(L, 1, "Region.remap"), &error);
  return mw__lua_result(L, status, &error);
}

/* ---- what may be done with it */

static int region_protect(lua_State *L) {
  mw__lua_check(L, 1, MW__LUA_REGION);
  mw__lua_options given = mw__lua_check_options(L, 2, MW__LUA_READONLY);
  luaL_argcheck(L, given.present & MW__LUA_READONLY, 2, "option 'readonly' expected, true or false");
  mw_error error;
  int status = mw_region_protect(mw__lua_region(L, 1, "Region.protect"), given.flags & MW__LUA_READONLY, &error);
  return mw__lua_result(L, status, &error);
}

static unsigned check_seals(lua_State *L, int first_arg) {
  unsigned seals = 0;
  int last = lua_gettop(L);
  luaL_argcheck(L, last >= first_arg, first_arg, "name of a seal expected, got no value");
  for (int arg = first_arg; arg <= last; arg++) {
    const char *wrong = mw__lua_read_seal(L, arg, &seals);
    if (wrong != NULL) luaL_argerror(L, arg, wrong);
  }
  return seals;
}

static int region_seal(lua_State *L) {
  mw__lua_check(L, 1, MW__LUA_REGION);
  unsigned seals = check_seals(L, 2);
  mw_error error;
  int status = mw_region_seal(mw__lua_region(L, 1, "Region.seal"), seals, &error);
  return mw__lua_result(L, status, &error);
}

int mw__lua_region_seals(lua_State *L) {
#define NAME(constant, bit, name) {MW_SEAL_##constant, name},
  static const struct {
    unsigned seal;
    const char *name;
  } names[] = {MW_SEAL_MAP(NAME)};
#undef NAME
  mw__lua_check(L, 1, MW__LUA_REGION);
  unsigned seals = 0;
  if (mw_region_seals(mw__lua_region(L, 1, "Region.seals"), NULL, &seals) < 0) {
    lua_pushnil(L);
    return 1;
  }
  lua_newtable(L);
  for (size_t i = 0, count = 0; i < sizeof names / sizeof *names; i++) {
    if (!(seals & names[i].seal)) continue;
    lua_pushstring(L, names[i].name);
    lua_seti(L, -2, (lua_Integer)++count);
  }
  return 1;
}

const luaL_Reg mw__lua_pages_methods[] = {
    {"flush", region_flush},     {"advise", region_advise},   {"discard", region_discard},   {"populate", region_populate},
    {"mlock", region_mlock},     {"munlock", region_munlock}, {"resize", region_resize},     {"remap", region_remap},
    {"protect", region_protect}, {"seal", region_seal},       {"resident", region_resident}, {NULL, NULL},
};
