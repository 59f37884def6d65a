/* Region: the handle, its fields and its end. Main entry: mw__lua_region_class, which lists the files that have the rest.
 *
 * Each method checks and converts its arguments, passes the gate, makes one call of the core, and converts what comes back.
 *
 * SPDX-License-Identifier: MIT */
#include "region.h"

#include <string.h>

#include "errors.h"
#include "module.h"
#include "view.h"

/* ---- the gate */

int mw__lua_region_closed(lua_State *L, int index, const char *call) {
  lua_getiuservalue(L, index, 1);
  return mw__lua_refuse(L, call, lua_tostring(L, -1), "the region is closed");
}

mw_region *mw__lua_region(lua_State *L, int index, const char *call) {
  const region_handle *handle = lua_touserdata(L, index);
  if (handle->core == NULL) mw__lua_region_closed(L, index, call);
  return handle->core;
}

static mw_region *check_region(lua_State *L, const char *call) {
  mw__lua_check(L, 1, MW__LUA_REGION);
  return mw__lua_region(L, 1, call);
}

/* ---- whether it is there, and its end */

static int region_check(lua_State *L) {
  mw_region *region = check_region(L, "Region.check");
  mw_error error;
  int status = mw_region_check(region, &error);
  return mw__lua_result(L, status, &error);
}

static int region_fileno(lua_State *L) {
  mw_region *region = check_region(L, "Region.fileno");
  mw_error error;
  int fd = -1;
  int status = mw_region_descriptor(region, &error, &fd);
  if (status < 0) return mw__lua_fail(L, &error);
  lua_pushinteger(L, fd);
  return 1;
}

static void close_own(region_handle *handle) {
  mw_region *region = handle->core;
  handle->core = NULL;
  mw_region_close(region);
}

/* close and __close: the second time does nothing. */
static int region_close(lua_State *L) {
  region_handle *handle = mw__lua_check(L, 1, MW__LUA_REGION);
  if (handle->lent && handle->core != NULL)
    mw__lua_refuse(L, "Region.close", mw_region_name(handle->core), "it is the region of a well, and closed with that");
  close_own(handle);
  lua_pushboolean(L, 1);
  return 1;
}

/* The region of a well is left to the well's own finalizer. */
static int region_gc(lua_State *L) {
  region_handle *handle = mw__lua_check(L, 1, MW__LUA_REGION);
  if (!handle->lent) close_own(handle);
  return 0;
}

/* ---- fields */

static int region_size(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)mw_region_size(check_region(L, "Region.size")));
  return 1;
}

static int region_kind(lua_State *L) {
  lua_pushstring(L, mw_region_kind(check_region(L, "Region.kind")));
  return 1;
}

/* The core's name of the region where that is its kind, else nil. */
static int push_name_of(lua_State *L, const mw_region *region, const char *kind) {
  if (strcmp(mw_region_kind(region), kind) == 0)
    lua_pushstring(L, mw_region_name(region));
  else
    lua_pushnil(L);
  return 1;
}

static int region_name(lua_State *L) { return push_name_of(L, check_region(L, "Region.name"), "named"); }

static int region_path(lua_State *L) { return push_name_of(L, check_region(L, "Region.path"), "file"); }

static int region_readonly(lua_State *L) {
  lua_pushboolean(L, mw_region_is_readonly(check_region(L, "Region.readonly")));
  return 1;
}

static int region_private(lua_State *L) {
  lua_pushboolean(L, mw_region_access(check_region(L, "Region.private")) == MW_COPY_ON_WRITE);
  return 1;
}

/* The two numbers that ipcs shows of System V memory: a key and an identifier. */
static int push_number_of(lua_State *L, const char *call, int which) {
  int32_t numbers[2];
  if (mw_region_sysv_id(check_region(L, call), NULL, &numbers[0], &numbers[1]) == 0)
    lua_pushinteger(L, numbers[which]);
  else
    lua_pushnil(L);
  return 1;
}

static int region_key(lua_State *L) { return push_number_of(L, "Region.key", 0); }

static int region_id(lua_State *L) { return push_number_of(L, "Region.id", 1); }

static int region_faulted(lua_State *L) {
  lua_pushboolean(L, mw_region_is_faulted(check_region(L, "Region.faulted")));
  return 1;
}

static int region_exports(lua_State *L) {
  lua_pushinteger(L, mw_region_holds(check_region(L, "Region.exports")));
  return 1;
}

static int region_is_closed(lua_State *L) {
  const region_handle *handle = mw__lua_check(L, 1, MW__LUA_REGION);
  lua_pushboolean(L, handle->core == NULL);
  return 1;
}

static int region_tostring(lua_State *L) {
  const region_handle *handle = mw__lua_check(L, 1, MW__LUA_REGION);
  if (handle->core == NULL) {
    lua_pushliteral(L, "memwell.Region (closed)");
    return 1;
  }
  const char *name = mw_region_name(handle->core);
  lua_pushfstring(L, name != NULL ? "memwell.Region (%s, %I bytes, \"%s\")" : "memwell.Region (%s, %I bytes)",
                  mw_region_kind(handle->core), (LUAI_UACINT)mw_region_size(handle->core), name);
  return 1;
}

/* ---- the class */

static const luaL_Reg methods[] = {
    {"view", mw__lua_region_view}, {"check", region_check}, {"fileno", region_fileno}, {"close", region_close}, {NULL, NULL},
};

static const luaL_Reg fields[] = {
    {"size", region_size},
    {"kind", region_kind},
    {"name", region_name},
    {"path", region_path},
    {"key", region_key},
    {"id", region_id},
    {"readonly", region_readonly},
    {"private", region_private},
    {"exports", region_exports},
    {"seals", mw__lua_region_seals},
    {"faulted", region_faulted},
    {"closed", region_is_closed},
    {NULL, NULL},
};

static const luaL_Reg metamethods[] = {
    {"__len", region_size}, {"__tostring", region_tostring}, {"__close", region_close}, {"__gc", region_gc}, {NULL, NULL},
};

const mw__lua_class mw__lua_region_class = {
    .name = "memwell.Region",
    .functions = {mw__lua_region_functions, mw__lua_handover_functions},
    .methods = {methods, mw__lua_region_removal_methods, mw__lua_region_bytes_methods, mw__lua_pages_methods,
                mw__lua_handover_methods, mw__lua_search_methods, mw__lua_pack_methods, mw__lua_stream_methods},
    .fields = fields,
    .metamethods = metamethods,
};
