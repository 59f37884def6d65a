/* Region: the ways to get one, and how names and keys go. Main entry: mw__lua_region_functions.
 *
 * Each way checks and converts its arguments, makes a handle, and lets one call of the core open it.
 *
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "convert.h"
#include "errors.h"
#include "interrupt.h"
#include "module.h"
#include "region.h"

#define EVERYWHERE (MW__LUA_GUARDED | MW__LUA_ON_FAULT | MW__LUA_KEEP_FD) /* options that every way takes */

/* ---- options and handles */

mw__lua_options mw__lua_check_region_options(lua_State *L, int arg, unsigned known, mw_region_options *out_options) {
  static const struct {
    unsigned option, flag;
  } meanings[] = {{MW__LUA_TEMPORARY, MW_TEMPORARY}, {MW__LUA_ANY_OWNER, MW_ANY_OWNER}, {MW__LUA_HUGE_PAGES, MW_HUGE_PAGES}};
  mw__lua_options given = mw__lua_check_options(L, arg, known | EVERYWHERE);
  if (given.flags & MW__LUA_READONLY && given.flags & MW__LUA_PRIVATE)
    luaL_argerror(L, arg, "options 'readonly' and 'private' exclude each other");
  mw_region_options options = {.size_of_struct = sizeof options,
                               .offset = given.offset,
                               .permissions = given.permissions,
                               .require_seals = given.require_seals};
  if (given.flags & MW__LUA_READONLY) options.access = MW_READ;
  if (given.flags & MW__LUA_PRIVATE) options.access = MW_COPY_ON_WRITE;
  for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++) {
    if (given.flags & meanings[i].option) options.flags |= meanings[i].flag;
  }
  if (!(given.flags & MW__LUA_KEEP_FD)) options.flags |= MW_NO_FD;
  if (!(given.flags & MW__LUA_GUARDED)) options.flags |= MW_NO_GUARD;
  if (given.fault_aborts) options.flags |= MW_FAULT_ABORTS;
  *out_options = options;
  return given;
}

region_handle *mw__lua_new_region(lua_State *L) { return mw__lua_new(L, MW__LUA_REGION, sizeof(region_handle)); }

/* A handle that remembers argument 1, the name or path, also where opening it fails. */
static region_handle *new_titled_region(lua_State *L, bool named) {
  region_handle *handle = mw__lua_new_region(L);
  handle->named = named;
  lua_pushvalue(L, 1);
  lua_setiuservalue(L, -2, 1);
  return handle;
}

int mw__lua_region_made(lua_State *L, int status, const mw_error *error) {
  if (status < 0) return mw__lua_fail(L, error);
  const region_handle *handle = lua_touserdata(L, -1);
  if (lua_getiuservalue(L, -1, 1) == LUA_TNIL) {
    lua_pushstring(L, mw_region_name(handle->core));
    lua_setiuservalue(L, -3, 1);
  }
  lua_pop(L, 1);
  return 1;
}

/* For calls that attach or create, and tell which of the two: the second result. Of all who open at once exactly one creates. */
static int made_or_found(lua_State *L, int status, const mw_error *error) {
  int count = mw__lua_region_made(L, status, error);
  if (status < 0) return count;
  lua_pushboolean(L, status);
  return 2;
}

/* ---- files and descriptors */

static int region_file(lua_State *L) {
  static const char *const modes[] = {"r", "r+", "w+", "x+", "c", NULL};
  static const struct {
    mw_access access;
    unsigned flags;
  } meanings[] = {
      {MW_READ, 0}, {MW_READ_WRITE, 0}, {MW_READ_WRITE, MW_TRUNCATE}, {MW_READ_WRITE, MW_EXCLUSIVE}, {MW_COPY_ON_WRITE, 0}};
  const char *path = mw__lua_check_name(L, 1);
  int mode = luaL_checkoption(L, 2, "r", modes);
  mw_region_options options;
  mw__lua_options given = mw__lua_check_region_options(L, 3, MW__LUA_OFFSET | MW__LUA_SIZE | MW__LUA_PERMISSIONS, &options);
  options.access = meanings[mode].access;
  options.flags |= meanings[mode].flags;
  region_handle *handle = new_titled_region(L, false);
  mw_error error;
  int status;
  do status = mw_region_file(path, given.size, &options, &error, &handle->core);
  while (mw__lua_again(L, status));
  return mw__lua_region_made(L, status, &error);
}

static int region_from_fd(lua_State *L) {
  int fd = mw__lua_check_fd(L, 1);
  mw_region_options options;
  mw__lua_options given = mw__lua_check_region_options(
      L, 2, MW__LUA_OFFSET | MW__LUA_SIZE | MW__LUA_READONLY | MW__LUA_PRIVATE | MW__LUA_REQUIRE_SEALS, &options);
  region_handle *handle = mw__lua_new_region(L);
  mw_error error;
  int status;
  do status = mw_region_from_fd(fd, given.size, &options, &error, &handle->core);
  while (mw__lua_again(L, status));
  return mw__lua_region_made(L, status, &error);
}

/* ---- named memory */

static int region_create(lua_State *L) {
  const char *name = mw__lua_check_name(L, 1);
  uint64_t size = mw__lua_check_size(L, 2, "size");
  mw_region_options options;
  mw__lua_check_region_options(L, 3, MW__LUA_PERMISSIONS | MW__LUA_TEMPORARY, &options);
  region_handle *handle = new_titled_region(L, true);
  mw_error error;
  int status;
  do status = mw_region_create(name, size, &options, &error, &handle->core);
  while (mw__lua_again(L, status));
  return mw__lua_region_made(L, status, &error);
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
  attach_call call = {.name = mw__lua_check_name(L, 1)};
  unsigned known = MW__LUA_TIMEOUT | MW__LUA_READONLY | MW__LUA_ANY_OWNER;
  mw__lua_options given = mw__lua_check_region_options(L, 2, known, &call.options);
  call.out_region = &new_titled_region(L, true)->core;
  mw_error error;
  int status = mw__lua_wait_for_name(L, given.deadline, attach_step, &call, &error);
  return mw__lua_region_made(L, status, &error);
}

static int region_open(lua_State *L) {
  const char *name = mw__lua_check_name(L, 1);
  uint64_t size = mw__lua_check_size(L, 2, "size");
  mw_region_options options;
  mw__lua_check_region_options(L, 3, MW__LUA_PERMISSIONS | MW__LUA_ANY_OWNER, &options);
  region_handle *handle = new_titled_region(L, true);
  mw_error error;
  int status;
  do status = mw_region_open(name, size, &options, &error, &handle->core);
  while (mw__lua_again(L, status));
  return made_or_found(L, status, &error);
}

/* A region that has a name may stand for it, open or closed. Its name takes its place as argument 1. */
static const char *check_unlinkable(lua_State *L) {
  const region_handle *handle = mw__lua_test(L, 1, MW__LUA_REGION);
  if (handle == NULL) return mw__lua_check_name(L, 1);
  luaL_argcheck(L, handle->named, 1,
                "the region has no name to remove; a file is removed with os.remove, System V memory with sysv_remove");
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

/* ---- memory without a name */

static int region_anonymous(lua_State *L) {
  uint64_t size = mw__lua_check_size(L, 1, "size");
  mw_region_options options;
  mw__lua_check_region_options(L, 2, MW__LUA_PRIVATE | MW__LUA_HUGE_PAGES, &options);
  region_handle *handle = mw__lua_new_region(L);
  mw_error error;
  int status;
  do status = mw_region_anonymous(size, &options, &error, &handle->core);
  while (mw__lua_again(L, status));
  return mw__lua_region_made(L, status, &error);
}

static int region_memfd(lua_State *L) {
  uint64_t size = mw__lua_check_size(L, 1, "size");
  mw_region_options options;
  mw__lua_options given = mw__lua_check_region_options(L, 2, MW__LUA_NAME | MW__LUA_HUGE_PAGES, &options);
  const char *name = given.present & MW__LUA_NAME ? given.name : "memwell";
  region_handle *handle = mw__lua_new_region(L);
  mw_error error;
  int status;
  do status = mw_region_memfd(name, size, &options, &error, &handle->core);
  while (mw__lua_again(L, status));
  return mw__lua_region_made(L, status, &error);
}

/* ---- System V memory */

static int region_sysv(lua_State *L) {
  int32_t key = mw__lua_check_key(L, 1);
  uint64_t size = mw__lua_opt_size(L, 2, "size", 0);
  luaL_argcheck(L, size > 0 || lua_isnoneornil(L, 2), 2, "the size is 0; leave it out to attach to whatever there is");
  mw_region_options options;
  unsigned known = MW__LUA_HOW | MW__LUA_PERMISSIONS | MW__LUA_READONLY | MW__LUA_HUGE_PAGES | MW__LUA_ANY_OWNER;
  mw__lua_options given = mw__lua_check_region_options(L, 3, known, &options);
  region_handle *handle = mw__lua_new_region(L);
  mw_error error;
  int status;
  do status = mw_region_sysv(key, size, given.how, &options, &error, &handle->core);
  while (mw__lua_again(L, status));
  return made_or_found(L, status, &error);
}

/* By the key, or, as memory that is private has none that leads to it, by an open region. */
static int region_sysv_remove(lua_State *L) {
  bool is_region = mw__lua_test(L, 1, MW__LUA_REGION) != NULL;
  int32_t key = is_region ? 0 : mw__lua_check_key(L, 1);
  mw__lua_options given = mw__lua_check_options(L, 2, MW__LUA_MISSING_OK);
  mw_error error;
  int status =
      is_region ? mw_region_sysv_unlink(mw__lua_region(L, 1, "Region.sysv_remove"), &error) : mw_region_sysv_remove(key, &error);
  if (status == MW_ENOENT && (given.flags & MW__LUA_MISSING_OK)) status = 0;
  return mw__lua_result(L, status, &error);
}

int mw__lua_ftok(lua_State *L) {
  const char *path = mw__lua_check_name(L, 1);
  lua_Integer project = mw__lua_check_integer(L, 2);
  luaL_argcheck(L, project >= 1 && project <= UINT8_MAX, 2, "a project is 1 to 255");
  mw_error error;
  int32_t key = 0;
  int status = mw_region_sysv_key(path, (int)project, &error, &key);
  if (status < 0) return mw__lua_fail(L, &error);
  lua_pushinteger(L, key);
  return 1;
}

/* ---- the lists */

const luaL_Reg mw__lua_region_functions[] = {
    {"file", region_file},     {"from_fd", region_from_fd}, {"create", region_create},
    {"attach", region_attach}, {"open", region_open},       {"anonymous", region_anonymous},
    {"memfd", region_memfd},   {"sysv", region_sysv},       {NULL, NULL},
};

const luaL_Reg mw__lua_region_removal_methods[] = {{"unlink", region_unlink}, {"sysv_remove", region_sysv_remove}, {NULL, NULL}};
