/* Region: the ways to get one, its bytes, its size, its end. Main entry: mw__lua_region_class.
 *
 * Each method checks and converts its arguments, passes the gate, makes one call of the core, and converts what comes back.
 *
 * SPDX-License-Identifier: MIT */
#include "region.h"

#include <string.h>

#include "convert.h"
#include "errors.h"
#include "interrupt.h"
#include "memwell/pages.h"
#include "memwell/view.h"
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

/* ---- the ways to get one */

/* A handle, on the top before anything is opened; for a named region and a file it remembers argument 1. */
static region_handle *new_region(lua_State *L, const char *kind) {
  region_handle *handle = mw__lua_new(L, MW__LUA_REGION, sizeof *handle);
  handle->named = strcmp(kind, "named") == 0;
  if (strcmp(kind, "anonymous") != 0) {
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, 1);
  }
  return handle;
}

static int region_result(lua_State *L, int status, const mw_error *error) { return status < 0 ? mw__lua_fail(L, error) : 1; }

static int region_file(lua_State *L) {
  static const char *const modes[] = {"r", "r+", "w+", "x+", "c", NULL};
  static const struct {
    mw_access access;
    unsigned flags;
  } meanings[] = {
      {MW_READ, 0}, {MW_READ_WRITE, 0}, {MW_READ_WRITE, MW_TRUNCATE}, {MW_READ_WRITE, MW_EXCLUSIVE}, {MW_COPY_ON_WRITE, 0}};
  const char *path = mw__lua_check_name(L, 1);
  int mode = luaL_checkoption(L, 2, "r", modes);
  mw__lua_options given = mw__lua_check_options(L, 3, MW__LUA_OFFSET | MW__LUA_SIZE | MW__LUA_PERMISSIONS | MW__LUA_KEEP_FD);
  mw_region_options options = {.size_of_struct = sizeof options,
                               .access = meanings[mode].access,
                               .flags = meanings[mode].flags | (given.flags & MW__LUA_KEEP_FD ? 0 : MW_NO_FD),
                               .offset = given.offset,
                               .permissions = given.permissions};
  region_handle *handle = new_region(L, "file");
  mw_error error;
  int status;
  do status = mw_region_file(path, given.size, &options, &error, &handle->core);
  while (mw__lua_again(L, status));
  return region_result(L, status, &error);
}

static int region_create(lua_State *L) {
  const char *name = mw__lua_check_name(L, 1);
  uint64_t size = mw__lua_check_size(L, 2, "size");
  mw__lua_options given = mw__lua_check_options(L, 3, MW__LUA_PERMISSIONS | MW__LUA_TEMPORARY);
  mw_region_options options = {.size_of_struct = sizeof options,
                               .flags = given.flags & MW__LUA_TEMPORARY ? MW_TEMPORARY : 0,
                               .permissions = given.permissions};
  region_handle *handle = new_region(L, "named");
  mw_error error;
  int status;
  do status = mw_region_create(name, size, &options, &error, &handle->core);
  while (mw__lua_again(L, status));
  return region_result(L, status, &error);
}

typedef struct attach_call {
  const char *name;
  mw_region_options options;
  mw_region **out_region;
} attach_call;

static int attach_step(void *subject, mw_deadline deadline, mw_error *error) {
  attach_call *call = subject;
  call->options.wait_for_name = deadline;
  return mw_region_attach(call->name, &call->options, error, call->out_region);
}

static int region_attach(lua_State *L) {
  const char *name = mw__lua_check_name(L, 1);
  mw__lua_options given = mw__lua_check_options(L, 2, MW__LUA_TIMEOUT | MW__LUA_READONLY | MW__LUA_ANY_OWNER);
  mw_region_options options = {.size_of_struct = sizeof options,
                               .access = given.flags & MW__LUA_READONLY ? MW_READ : MW_READ_WRITE,
                               .flags = given.flags & MW__LUA_ANY_OWNER ? MW_ANY_OWNER : 0};
  region_handle *handle = new_region(L, "named");
  mw_error error;
  int status = mw__lua_wait(L, given.deadline, attach_step, &(attach_call){name, options, &handle->core}, &error);
  return region_result(L, status, &error);
}

/* The second result tells who made it: exactly one of all who open at once. */
static int region_open(lua_State *L) {
  const char *name = mw__lua_check_name(L, 1);
  uint64_t size = mw__lua_check_size(L, 2, "size");
  mw__lua_options given = mw__lua_check_options(L, 3, MW__LUA_PERMISSIONS | MW__LUA_ANY_OWNER);
  mw_region_options options = {.size_of_struct = sizeof options,
                               .flags = given.flags & MW__LUA_ANY_OWNER ? MW_ANY_OWNER : 0,
                               .permissions = given.permissions};
  region_handle *handle = new_region(L, "named");
  mw_error error;
  int status;
  do status = mw_region_open(name, size, &options, &error, &handle->core);
  while (mw__lua_again(L, status));
  if (status < 0) return mw__lua_fail(L, &error);
  lua_pushboolean(L, status);
  return 2;
}

static int region_anonymous(lua_State *L) {
  uint64_t size = mw__lua_check_size(L, 1, "size");
  mw__lua_options given = mw__lua_check_options(L, 2, MW__LUA_PRIVATE);
  mw_region_options options = {.size_of_struct = sizeof options,
                               .access = given.flags & MW__LUA_PRIVATE ? MW_COPY_ON_WRITE : MW_READ_WRITE};
  region_handle *handle = new_region(L, "anonymous");
  mw_error error;
  int status;
  do status = mw_region_anonymous(size, &options, &error, &handle->core);
  while (mw__lua_again(L, status));
  return region_result(L, status, &error);
}

/* A region that has a name may stand for it, open or closed. Its name takes its place as argument 1. */
static const char *check_unlinkable(lua_State *L) {
  const region_handle *handle = mw__lua_test(L, 1, MW__LUA_REGION);
  if (handle == NULL) return mw__lua_check_name(L, 1);
  luaL_argcheck(L, handle->named, 1, "the region has no name to remove; a file is removed with os.remove");
  lua_getiuservalue(L, 1, 1);
  lua_replace(L, 1);
  return lua_tostring(L, 1);
}

static int region_unlink(lua_State *L) {
  const char *name = check_unlinkable(L);
  mw__lua_options given = mw__lua_check_options(L, 2, MW__LUA_MISSING_OK);
  mw_error error;
  int status = mw_region_unlink(name, &error);
  if (status == MW_ENOENT && (given.flags & MW__LUA_MISSING_OK)) status = 0;
  return mw__lua_result(L, status, &error);
}

/* ---- bytes in and out */

/* Making room for the string may run finalizers, and one of those may close the region: so the gate is passed once more. */
static int region_read(lua_State *L) {
  static const char call[] = "Region.read";
  mw__lua_check(L, 1, MW__LUA_REGION);
  uint64_t offset = mw__lua_opt_size(L, 2, "offset", 0);
  uint64_t size = mw__lua_opt_size(L, 3, "size", UINT64_MAX);
  uint64_t end = mw_region_size(mw__lua_region(L, 1, call));
  uint64_t there = offset < end ? end - offset : 0;
  if (size > there) size = there;
  luaL_Buffer text;
  char *bytes = luaL_buffinitsize(L, &text, (size_t)size);
  mw_error error;
  size_t count = 0;
  int status = mw_region_read(mw__lua_region(L, 1, call), offset, bytes, (size_t)size, &error, &count);
  if (status < 0) return mw__lua_fail(L, &error);
  luaL_pushresultsize(&text, count);
  return 1;
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

/* The size that an optional argument gives, or what there is behind the offset. */
static uint64_t size_behind(const mw_region *region, uint64_t offset, uint64_t size) {
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
  int status = mw_region_fill(region, (uint8_t)byte, offset, size_behind(region, offset, size), &error);
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

/* ---- the object behind it */

static int region_flush(lua_State *L) {
  mw__lua_check(L, 1, MW__LUA_REGION);
  uint64_t offset = mw__lua_opt_size(L, 2, "offset", 0);
  uint64_t size = mw__lua_opt_size(L, 3, "size", UINT64_MAX);
  mw__lua_options given = mw__lua_check_options(L, 4, MW__LUA_WAIT);
  mw_region *region = mw__lua_region(L, 1, "Region.flush");
  size = size_behind(region, offset, size);
  mw_error error;
  int status;
  do status = mw_region_flush(region, offset, size, given.flags & MW__LUA_WAIT, &error);
  while (mw__lua_again(L, status));
  return mw__lua_result(L, status, &error);
}

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

/* close, __close and __gc: the second time does nothing. */
static int region_close(lua_State *L) {
  region_handle *handle = mw__lua_check(L, 1, MW__LUA_REGION);
  mw_region *region = handle->core;
  handle->core = NULL;
  mw_region_close(region);
  lua_pushboolean(L, 1);
  return 1;
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
  lua_pushboolean(L, mw_region_access(check_region(L, "Region.readonly")) == MW_READ);
  return 1;
}

static int region_private(lua_State *L) {
  lua_pushboolean(L, mw_region_access(check_region(L, "Region.private")) == MW_COPY_ON_WRITE);
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

static const luaL_Reg functions[] = {
    {"file", region_file}, {"create", region_create},       {"attach", region_attach},
    {"open", region_open}, {"anonymous", region_anonymous}, {NULL, NULL},
};

static const luaL_Reg methods[] = {
    {"unlink", region_unlink}, {"view", mw__lua_region_view}, {"read", region_read},   {"write", region_write},
    {"fill", region_fill},     {"move", region_move},         {"flush", region_flush}, {"resize", region_resize},
    {"check", region_check},   {"fileno", region_fileno},     {"close", region_close}, {NULL, NULL},
};

static const luaL_Reg fields[] = {
    {"size", region_size},       {"kind", region_kind},         {"name", region_name},
    {"path", region_path},       {"readonly", region_readonly}, {"private", region_private},
    {"exports", region_exports}, {"closed", region_is_closed},  {NULL, NULL},
};

static const luaL_Reg metamethods[] = {
    {"__len", region_size}, {"__tostring", region_tostring}, {"__close", region_close}, {"__gc", region_close}, {NULL, NULL},
};

const mw__lua_class mw__lua_region_class = {
    .name = "memwell.Region",
    .functions = functions,
    .methods = {methods, mw__lua_search_methods},
    .fields = fields,
    .metamethods = metamethods,
};
