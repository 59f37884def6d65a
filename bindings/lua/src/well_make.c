/* Well: the ways to get one, and how its name goes. Main entry: mw__lua_well_functions.
 *
 * SPDX-License-Identifier: MIT */
#include "convert.h"
#include "errors.h"
#include "interrupt.h"
#include "well.h"

enum { OF_NEW = MW__LUA_PERMISSIONS | MW__LUA_SLOTS | MW__LUA_OBJECTS }; /* options of a well that does not exist yet */

static mw_well_options check_options(lua_State *L, int arg, unsigned known) {
  static const struct {
    unsigned option, flag;
  } meanings[] = {{MW__LUA_TEMPORARY, MW_TEMPORARY}, {MW__LUA_READONLY, MW_OBSERVER}, {MW__LUA_ANY_OWNER, MW_ANY_OWNER}};
  mw__lua_options given = mw__lua_check_options(L, arg, known);
  mw_well_options options = {.size_of_struct = sizeof options,
                             .permissions = given.permissions,
                             .slots = given.slots,
                             .objects = given.objects,
                             .wait_for_name = given.deadline};
  for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++) {
    if (given.flags & meanings[i].option) options.flags |= meanings[i].flag;
  }
  return options;
}

/* A well's handle and, below it, its region's, both closed as yet. They remember argument 1, the name or path. */
static well_handle *new_well(lua_State *L, bool named) {
  region_handle *region = mw__lua_new_with(L, MW__LUA_REGION, sizeof *region, 2);
  region->lent = true;
  lua_pushvalue(L, 1);
  lua_setiuservalue(L, -2, 1);
  well_handle *handle = mw__lua_new(L, MW__LUA_WELL, sizeof *handle);
  handle->region = region;
  handle->named = named;
  lua_pushvalue(L, -2);
  lua_setiuservalue(L, -2, 1);
  lua_pushvalue(L, -1);
  lua_setiuservalue(L, -3, 2);
  return handle;
}

/* The handle is on the top. What a file system lacks is no mistake of the program. */
static int made(lua_State *L, int status, const mw_error *error) {
  if (status == MW_ENOTSUP) return mw__lua_failure(L, error);
  if (status < 0) return mw__lua_fail(L, error);
  const well_handle *handle = lua_touserdata(L, -1);
  handle->region->core = mw_well_region(handle->core);
  return 1;
}

static int made_or_found(lua_State *L, int status, const mw_error *error) {
  int count = made(L, status, error);
  if (status < 0) return count;
  lua_pushboolean(L, status);
  return 2;
}

static int well_create(lua_State *L) {
  const char *name = mw__lua_check_name(L, 1);
  uint64_t size = mw__lua_check_size(L, 2, "size");
  mw_well_options options = check_options(L, 3, OF_NEW | MW__LUA_TEMPORARY);
  well_handle *handle = new_well(L, true);
  mw_error error;
  int status;
  do status = mw_well_create(name, size, &options, &error, &handle->core);
  while (mw__lua_again(L, status));
  return made(L, status, &error);
}

typedef struct attach_call {
  const char *name;
  mw_well_options options;
  mw_well **out_well;
} attach_call;

static int attach_step(void *subject, mw_deadline deadline, mw_error *error) {
  attach_call *call = subject;
  call->options.wait_for_name = deadline;
  return mw_well_attach(call->name, &call->options, error, call->out_well);
}

static int well_attach(lua_State *L) {
  attach_call call = {.name = mw__lua_check_name(L, 1)};
  call.options = check_options(L, 2, MW__LUA_TIMEOUT | MW__LUA_READONLY | MW__LUA_ANY_OWNER);
  mw_deadline deadline = call.options.wait_for_name;
  call.out_well = &new_well(L, true)->core;
  mw_error error;
  int status = mw__lua_wait_for_name(L, deadline, attach_step, &call, &error);
  return made(L, status, &error);
}

static int well_open(lua_State *L) {
  const char *name = mw__lua_check_name(L, 1);
  uint64_t size = mw__lua_check_size(L, 2, "size");
  mw_well_options options = check_options(L, 3, OF_NEW | MW__LUA_ANY_OWNER);
  well_handle *handle = new_well(L, true);
  mw_error error;
  int status;
  do status = mw_well_open(name, size, &options, &error, &handle->core);
  while (mw__lua_again(L, status));
  return made_or_found(L, status, &error);
}

static int well_file(lua_State *L) {
  const char *path = mw__lua_check_name(L, 1);
  uint64_t size = mw__lua_opt_size(L, 2, "size", 0);
  luaL_argcheck(L, size > 0 || lua_isnoneornil(L, 2), 2, "the size is 0; leave it out to attach to what there is");
  mw_well_options options = check_options(L, 3, OF_NEW | MW__LUA_READONLY);
  well_handle *handle = new_well(L, false);
  mw_error error;
  int status;
  do status = mw_well_file(path, size, &options, &error, &handle->core);
  while (mw__lua_again(L, status));
  return made_or_found(L, status, &error);
}

/* A well that has a name may stand for it, open or closed. Its name takes its place as argument 1. */
static const char *check_unlinkable(lua_State *L) {
  const well_handle *handle = mw__lua_test(L, 1, MW__LUA_WELL);
  if (handle == NULL) return mw__lua_check_name(L, 1);
  luaL_argcheck(L, handle->named, 1, "the well has no name to remove; its file is removed with os.remove");
  lua_getiuservalue(L, 1, 1);
  lua_getiuservalue(L, -1, 1);
  lua_replace(L, 1);
  lua_pop(L, 1);
  return lua_tostring(L, 1);
}

static int well_unlink(lua_State *L) {
  const char *name = check_unlinkable(L);
  mw__lua_options given = mw__lua_check_options(L, 2, MW__LUA_MISSING_OK);
  mw_error error;
  int status = mw_well_unlink(name, &error);
  if (status == MW_ENOENT && (given.flags & MW__LUA_MISSING_OK)) status = 0;
  return mw__lua_result(L, status, &error);
}

const luaL_Reg mw__lua_well_functions[] = {
    {"create", well_create}, {"attach", well_attach}, {"open", well_open}, {"file", well_file}, {NULL, NULL},
};

const luaL_Reg mw__lua_well_removal_methods[] = {{"unlink", well_unlink}, {NULL, NULL}};
