/* Well: its arrays, what is in it and who is attached, its fields and its end. Main entry: mw__lua_well_class.
 *
 * Lists are made entry by entry, each by a call of the core of its own: making a table may run a finalizer, which may close the
 * well, so the gate is passed at each.
 *
 * SPDX-License-Identifier: MIT */
#include "well.h"

#include <limits.h>

#include "convert.h"
#include "errors.h"
#include "interrupt.h"
#include "module.h"
#include "view.h"

/* ---- the gate */

mw_well *mw__lua_well(lua_State *L, int index, const char *call) {
  const well_handle *handle = lua_touserdata(L, index);
  if (handle->core == NULL) {
    lua_getiuservalue(L, index, 1);
    lua_getiuservalue(L, -1, 1);
    mw__lua_refuse(L, call, lua_tostring(L, -1), "the well is closed");
  }
  return handle->core;
}

static mw_well *self(lua_State *L, const char *call) {
  mw__lua_check(L, 1, MW__LUA_WELL);
  return mw__lua_well(L, 1, call);
}

/* ---- what all its objects have in common */

void *mw__lua_new_object(lua_State *L, mw__lua_type type, size_t size, int user_values) {
  void *handle = mw__lua_new_with(L, type, size, user_values);
  lua_pushvalue(L, 1);
  lua_setiuservalue(L, -2, MW__LUA_OBJECT_WELL);
  lua_pushvalue(L, 2);
  lua_setiuservalue(L, -2, MW__LUA_OBJECT_NAME);
  return handle;
}

int mw__lua_object_closed(lua_State *L, const char *call, const char *kind) {
  lua_getiuservalue(L, 1, MW__LUA_OBJECT_NAME);
  return mw__lua_refuse(L, call, lua_tostring(L, -1), "the %s is closed", kind);
}

int mw__lua_object_tostring(lua_State *L, bool closed) {
  luaL_getmetafield(L, 1, "__name");
  lua_getiuservalue(L, 1, MW__LUA_OBJECT_NAME);
  lua_pushfstring(L, closed ? "%s (\"%s\", closed)" : "%s (\"%s\")", lua_tostring(L, -2), lua_tostring(L, -1));
  return 1;
}

int mw__lua_found(lua_State *L, int status, const mw_error *error) {
  if (status < 0) return mw__lua_fail(L, error);
  lua_pushboolean(L, status);
  return 2;
}

/* ---- arrays */

/* A view on the well's region, with nothing in it as yet. */
static view_handle *new_view(lua_State *L) {
  view_handle *handle = mw__lua_new(L, MW__LUA_VIEW, sizeof *handle);
  handle->owner = ((const well_handle *)lua_touserdata(L, 1))->region;
  lua_getiuservalue(L, 1, 1);
  lua_setiuservalue(L, -2, 1);
  return handle;
}

/* array(name): whatever its dtype and shape. */
static int find_array(lua_State *L, const char *name) {
  view_handle *handle = new_view(L);
  mw_error error;
  int status;
  do status = mw_well_find_array(mw__lua_well(L, 1, "Well.array"), name, &error, &handle->core);
  while (mw__lua_again(L, status));
  return mw__lua_found(L, status, &error);
}

static int well_array(lua_State *L) {
  mw__lua_check(L, 1, MW__LUA_WELL);
  const char *name = mw__lua_check_name(L, 2);
  if (lua_isnoneornil(L, 3) && lua_isnoneornil(L, 4)) return find_array(L, name);
  mw_dtype dtype = mw__lua_check_dtype(L, 3);
  uint64_t shape[MW_MAX_DIMENSIONS];
  int ndim = mw__lua_check_extents(L, 4, "shape", 0, shape);
  view_handle *handle = new_view(L);
  mw_error error;
  int status;
  do status = mw_well_array(mw__lua_well(L, 1, "Well.array"), name, dtype, ndim, shape, &error, &handle->core);
  while (mw__lua_again(L, status));
  return mw__lua_found(L, status, &error);
}

static int well_delete(lua_State *L) {
  mw__lua_check(L, 1, MW__LUA_WELL);
  const char *name = mw__lua_check_name(L, 2);
  mw_error error;
  int status;
  do status = mw_well_delete(mw__lua_well(L, 1, "Well.delete"), name, &error);
  while (mw__lua_again(L, status));
  return mw__lua_result(L, status, &error);
}

/* ---- what is in it */

static void set_integer(lua_State *L, const char *field, lua_Integer value) {
  lua_pushinteger(L, value);
  lua_setfield(L, -2, field);
}

static void set_string(lua_State *L, const char *field, const char *value) {
  lua_pushstring(L, value);
  lua_setfield(L, -2, field);
}

static void set_boolean(lua_State *L, const char *field, bool value) {
  lua_pushboolean(L, value);
  lua_setfield(L, -2, field);
}

static void set_shape(lua_State *L, const mw_object_info *info) {
  lua_createtable(L, info->ndim, 0);
  for (int i = 0; i < info->ndim; i++) {
    lua_pushinteger(L, (lua_Integer)info->shape[i]);
    lua_rawseti(L, -2, i + 1);
  }
  lua_setfield(L, -2, "shape");
}

/* What an object of this kind does not have is nil. */
static void push_object(lua_State *L, const mw_object_info *info) {
  lua_createtable(L, 0, 8);
  set_string(L, "name", info->name);
  set_string(L, "kind", info->kind);
  set_integer(L, "offset", (lua_Integer)info->offset);
  set_integer(L, "size", (lua_Integer)info->size);
  set_integer(L, "waiters", info->waiters);
  if (info->owner >= 0) set_integer(L, "owner", info->owner);
  if (strcmp(info->kind, "mutex") == 0) set_boolean(L, "inconsistent", info->inconsistent);
  if (info->ndim > 0) {
    set_string(L, "dtype", mw_dtype_name(info->dtype));
    set_shape(L, info);
  }
  if (info->capacity > 0) {
    set_integer(L, "capacity", info->capacity);
    set_integer(L, "held", info->held);
  }
}

static int well_objects(lua_State *L) {
  mw__lua_check(L, 1, MW__LUA_WELL);
  lua_newtable(L);
  mw_error error;
  mw_object_info info;
  uint32_t cursor = 0;
  int status;
  for (lua_Integer i = 1; (status = mw_well_next_object(mw__lua_well(L, 1, "Well.objects"), &cursor, &error, &info)) > 0; i++) {
    push_object(L, &info);
    lua_rawseti(L, -2, i);
  }
  return status < 0 ? mw__lua_fail(L, &error) : 1;
}

/* ---- who is attached */

static const char *state_name(mw_participant_state state) {
  static const char *const names[] = {[MW_RUNNING] = "running", [MW_STOPPED] = "stopped", [MW_DEAD] = "dead"};
  return names[state];
}

/* The names of what a slot holds, into the table on the top. Returns a status. */
static int set_holds(lua_State *L, int slot, mw_error *error) {
  lua_newtable(L);
  mw_object_info info;
  uint32_t cursor = 0;
  int status;
  for (lua_Integer i = 1; (status = mw_well_next_held(mw__lua_well(L, 1, "Well.participants"), slot, &cursor, error, &info)) > 0;
       i++) {
    lua_pushstring(L, info.name);
    lua_rawseti(L, -2, i);
  }
  lua_setfield(L, -2, "holds");
  return status;
}

static int push_participant(lua_State *L, const mw_participant_info *info, mw_error *error) {
  lua_createtable(L, 0, 5);
  set_integer(L, "slot", info->slot);
  set_integer(L, "pid", info->pid);
  set_string(L, "state", state_name(info->state));
  set_boolean(L, "self", info->self);
  return set_holds(L, info->slot, error);
}

static int well_participants(lua_State *L) {
  static const char call[] = "Well.participants";
  mw__lua_check(L, 1, MW__LUA_WELL);
  lua_newtable(L);
  mw_error error;
  mw_participant_info info;
  uint32_t cursor = 0;
  int status;
  for (lua_Integer i = 1; (status = mw_well_next_participant(mw__lua_well(L, 1, call), &cursor, &error, &info)) > 0; i++) {
    if ((status = push_participant(L, &info, &error)) < 0) break;
    lua_rawseti(L, -2, i);
  }
  return status < 0 ? mw__lua_fail(L, &error) : 1;
}

static int push_count(lua_State *L, int status, unsigned count, const mw_error *error) {
  if (status < 0) return mw__lua_fail(L, error);
  lua_pushinteger(L, count);
  return 1;
}

static int well_reap(lua_State *L) {
  mw_well *well = self(L, "Well.reap");
  mw_error error;
  unsigned count = 0;
  int status = mw_well_reap(well, &error, &count);
  return push_count(L, status, count, &error);
}

static int well_break_locks(lua_State *L) {
  mw__lua_check(L, 1, MW__LUA_WELL);
  uint64_t slot = mw__lua_check_size(L, 2, "slot");
  mw_well *well = mw__lua_well(L, 1, "Well.break_locks");
  mw_error error;
  unsigned count = 0;
  int status = mw_well_break_locks(well, slot < INT_MAX ? (int)slot : INT_MAX, &error, &count);
  return push_count(L, status, count, &error);
}

static int well_check(lua_State *L) {
  mw_well *well = self(L, "Well.check");
  mw_error error;
  int status = mw_well_check(well, &error);
  return mw__lua_result(L, status, &error);
}

/* ---- its end */

static void forget(well_handle *handle) {
  handle->core = NULL;
  handle->region->core = NULL;
}

/* Closed while this process holds one of its locks, it stays open. */
static int well_close(lua_State *L) {
  well_handle *handle = mw__lua_check(L, 1, MW__LUA_WELL);
  mw_error error;
  if (handle->core != NULL) {
    if (mw_well_close(handle->core, &error) < 0) return mw__lua_raise(L, &error);
    forget(handle);
  }
  lua_pushboolean(L, 1);
  return 1;
}

/* Close it whatever is held: to others that looks as this process's death would. Returns 0, or MW_EBUSY where something was
 * held. */
static int end(well_handle *handle, mw_error *error) {
  if (handle->core == NULL) return 0;
  int status = mw_well_close(handle->core, error);
  if (status < 0) mw_well_abandon(handle->core);
  forget(handle);
  return status;
}

/* The end of a block. The second argument is the error that ends it, and says more than that a lock was held then. */
static int well_end(lua_State *L) {
  mw_error error;
  int status = end(mw__lua_check(L, 1, MW__LUA_WELL), &error);
  return status < 0 && lua_isnoneornil(L, 2) ? mw__lua_raise(L, &error) : 0;
}

static int well_gc(lua_State *L) {
  mw_error error;
  (void)end(mw__lua_check(L, 1, MW__LUA_WELL), &error);
  return 0;
}

/* ---- fields */

static int push_title(lua_State *L, const char *call, bool of_file) {
  mw_well *well = self(L, call);
  if (mw_well_is_file(well) == of_file)
    lua_pushstring(L, mw_well_name(well));
  else
    lua_pushnil(L);
  return 1;
}

static int well_name(lua_State *L) { return push_title(L, "Well.name", false); }

static int well_path(lua_State *L) { return push_title(L, "Well.path", true); }

static int well_size(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)mw_well_size(self(L, "Well.size")));
  return 1;
}

static int well_free(lua_State *L) {
  mw_error error;
  uint64_t size = 0;
  if (mw_well_free(self(L, "Well.free"), &error, &size) < 0) return mw__lua_raise(L, &error);
  lua_pushinteger(L, (lua_Integer)size);
  return 1;
}

static int well_readonly(lua_State *L) {
  lua_pushboolean(L, mw_well_is_observer(self(L, "Well.readonly")));
  return 1;
}

static int well_slot(lua_State *L) {
  mw_well *well = self(L, "Well.slot");
  mw_error error;
  int slot = 0;
  int status = mw_well_is_observer(well) ? 0 : mw_well_slot(well, &error, &slot);
  if (status < 0) return mw__lua_raise(L, &error);
  if (mw_well_is_observer(well))
    lua_pushnil(L);
  else
    lua_pushinteger(L, slot);
  return 1;
}

static int well_region(lua_State *L) {
  self(L, "Well.region");
  lua_getiuservalue(L, 1, 1);
  return 1;
}

static int well_is_closed(lua_State *L) {
  const well_handle *handle = mw__lua_check(L, 1, MW__LUA_WELL);
  lua_pushboolean(L, handle->core == NULL);
  return 1;
}

static int well_tostring(lua_State *L) {
  const well_handle *handle = mw__lua_check(L, 1, MW__LUA_WELL);
  if (handle->core == NULL)
    lua_pushliteral(L, "memwell.Well (closed)");
  else
    lua_pushfstring(L, "memwell.Well (\"%s\", %I bytes)", mw_well_name(handle->core), (LUAI_UACINT)mw_well_size(handle->core));
  return 1;
}

/* ---- the class */

static const luaL_Reg methods[] = {
    {"array", well_array},
    {"mutex", mw__lua_well_mutex},
    {"semaphore", mw__lua_well_semaphore},
    {"event", mw__lua_well_event},
    {"delete", well_delete},
    {"objects", well_objects},
    {"participants", well_participants},
    {"reap", well_reap},
    {"break_locks", well_break_locks},
    {"check", well_check},
    {"close", well_close},
    {NULL, NULL},
};

static const luaL_Reg fields[] = {
    {"name", well_name},         {"path", well_path},     {"size", well_size},        {"free", well_free}, {"slot", well_slot},
    {"readonly", well_readonly}, {"region", well_region}, {"closed", well_is_closed}, {NULL, NULL},
};

static const luaL_Reg metamethods[] = {
    {"__tostring", well_tostring},
    {"__close", well_end},
    {"__gc", well_gc},
    {NULL, NULL},
};

const mw__lua_class mw__lua_well_class = {
    .name = "memwell.Well",
    .functions = {mw__lua_well_functions},
    .methods = {methods, mw__lua_well_removal_methods},
    .fields = fields,
    .metamethods = metamethods,
};
