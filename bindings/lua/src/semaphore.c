/* Semaphore: the ways to get one, acquire and release. Main entry: mw__lua_semaphore_class.
 *
 * SPDX-License-Identifier: MIT */
#include "memwell/semaphore.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>

#include "convert.h"
#include "errors.h"
#include "guard.h"
#include "interrupt.h"
#include "module.h"
#include "region.h"

/* core    NULL: closed, or never open
 * named   the user value is a name that unlink takes; else it is the key, or the handle of the region that it is in, which must
 *         not be collected while the semaphore is used */
typedef struct semaphore_handle {
  mw_semaphore *core;
  bool named;
} semaphore_handle;

/* ---- the gate */

static void refuse_closed(lua_State *L, const char *call) {
  lua_getiuservalue(L, 1, 1);
  mw__lua_refuse(L, call, lua_tostring(L, -1), "the semaphore is closed");
}

/* The semaphore whose handle is argument 1. */
static mw_semaphore *self(lua_State *L, const char *call) {
  const semaphore_handle *handle = mw__lua_self(L, MW__LUA_SEMAPHORE);
  if (handle->core == NULL) refuse_closed(L, call);
  return handle->core;
}

/* ---- the ways to get one */

/* A handle, on the top before anything is opened, which remembers argument 1. */
static semaphore_handle *new_semaphore(lua_State *L) {
  semaphore_handle *handle = mw__lua_new(L, MW__LUA_SEMAPHORE, sizeof *handle);
  lua_pushvalue(L, 1);
  lua_setiuservalue(L, -2, 1);
  return handle;
}

static semaphore_handle *new_named(lua_State *L) {
  semaphore_handle *handle = new_semaphore(L);
  handle->named = true;
  return handle;
}

static unsigned check_initial_value(lua_State *L, int arg) {
  uint64_t value = mw__lua_opt_size(L, arg, "value", 0);
  luaL_argcheck(L, value <= MW_SEMAPHORE_MAX, arg, "a semaphore counts to 2147483647");
  return (unsigned)value;
}

static int semaphore_create(lua_State *L) {
  const char *name = mw__lua_check_name(L, 1);
  unsigned value = check_initial_value(L, 2);
  mw__lua_options given = mw__lua_check_options(L, 3, MW__LUA_PERMISSIONS | MW__LUA_TEMPORARY);
  unsigned flags = given.flags & MW__LUA_TEMPORARY ? MW_TEMPORARY : 0;
  semaphore_handle *handle = new_named(L);
  mw_error error;
  int status;
  do status = mw_semaphore_create(name, value, given.permissions, flags, &error, &handle->core);
  while (mw__lua_again(L, status));
  return status < 0 ? mw__lua_fail(L, &error) : 1;
}

typedef struct attach_call {
  const char *name;
  unsigned flags;
  mw_semaphore **out_semaphore;
} attach_call;

static int attach_step(void *subject, mw_deadline deadline, mw_error *error) {
  const attach_call *call = subject;
  return mw_semaphore_attach(call->name, deadline, call->flags, error, call->out_semaphore);
}

static int semaphore_attach(lua_State *L) {
  const char *name = mw__lua_check_name(L, 1);
  mw__lua_options given = mw__lua_check_options(L, 2, MW__LUA_TIMEOUT | MW__LUA_ANY_OWNER);
  unsigned flags = given.flags & MW__LUA_ANY_OWNER ? MW_ANY_OWNER : 0;
  semaphore_handle *handle = new_named(L);
  mw_error error;
  int status = mw__lua_wait_for_name(L, given.deadline, attach_step, &(attach_call){name, flags, &handle->core}, &error);
  return status < 0 ? mw__lua_fail(L, &error) : 1;
}

/* The handle is on the top; the second result tells who made it: exactly one of all who open at once. */
static int push_created(lua_State *L, int status, const mw_error *error) {
  if (status < 0) return mw__lua_fail(L, error);
  lua_pushboolean(L, status);
  return 2;
}

static int semaphore_open(lua_State *L) {
  const char *name = mw__lua_check_name(L, 1);
  unsigned value = check_initial_value(L, 2);
  mw__lua_options given = mw__lua_check_options(L, 3, MW__LUA_PERMISSIONS);
  semaphore_handle *handle = new_named(L);
  mw_error error;
  int status;
  do status = mw_semaphore_open(name, value, given.permissions, &error, &handle->core);
  while (mw__lua_again(L, status));
  return push_created(L, status, &error);
}

static int semaphore_at(lua_State *L) {
  mw__lua_check(L, 1, MW__LUA_REGION);
  uint64_t offset = mw__lua_check_size(L, 2, "offset");
  int64_t value = lua_isnoneornil(L, 3) ? -1 : (int64_t)check_initial_value(L, 3);
  semaphore_handle *handle = new_semaphore(L);
  mw_error error;
  int status = mw_semaphore_at(mw__lua_region(L, 1, "Semaphore.at"), offset, value, &error, &handle->core);
  return status < 0 ? mw__lua_fail(L, &error) : 1;
}

typedef struct sysv_call {
  int32_t key;
  unsigned index;
  mw_semaphore_sysv_options options;
  mw_semaphore **out_semaphore;
  bool is_missing;
} sysv_call;

/* What is waited for is that somebody uses the set. That there is none is an answer, which is kept from whoever would ask again. */
static int sysv_step(void *subject, mw_deadline deadline, mw_error *error) {
  sysv_call *call = subject;
  call->options.wait_for_use = deadline;
  int status = mw_semaphore_sysv(call->key, call->index, &call->options, error, call->out_semaphore);
  call->is_missing = status == MW_ENOENT;
  return call->is_missing ? 0 : status;
}

/* As ipcs shows it, for the errors of the handle on the top once it is closed. */
static void remember_key(lua_State *L, const mw_semaphore *semaphore) {
  lua_pushstring(L, mw_semaphore_name(semaphore));
  lua_setiuservalue(L, -2, 1);
}

/* The index counts from 0, as semctl and ipcs count. */
static int semaphore_sysv(lua_State *L) {
  int32_t key = mw__lua_check_key(L, 1);
  uint64_t index = mw__lua_opt_size(L, 2, "index", 0);
  mw__lua_options given = mw__lua_check_options(L, 3,
                                                MW__LUA_HOW | MW__LUA_VALUE | MW__LUA_COUNT | MW__LUA_PERMISSIONS |
                                                    MW__LUA_TIMEOUT | MW__LUA_UNDO | MW__LUA_UNUSED_OK | MW__LUA_ANY_OWNER);
  sysv_call call = {.key = key, .index = index < UINT_MAX ? (unsigned)index : UINT_MAX};
  call.options = (mw_semaphore_sysv_options){.size_of_struct = sizeof call.options,
                                             .how = given.how,
                                             .count = given.count,
                                             .value = given.value,
                                             .permissions = given.permissions,
                                             .flags = (given.flags & MW__LUA_UNDO ? MW_UNDO : 0) |
                                                      (given.flags & MW__LUA_UNUSED_OK ? MW_UNUSED_OK : 0) |
                                                      (given.flags & MW__LUA_ANY_OWNER ? MW_ANY_OWNER : 0)};
  call.out_semaphore = &new_semaphore(L)->core;
  mw_error error;
  int status = mw__lua_wait_for_name(L, given.deadline, sysv_step, &call, &error);
  if (call.is_missing) status = MW_ENOENT;
  if (status >= 0) remember_key(L, *call.out_semaphore);
  return push_created(L, status, &error);
}

/* ---- the ways to remove one */

/* A semaphore that has a name may stand for it, open or closed. Its name takes its place as argument 1. */
static const char *check_unlinkable(lua_State *L) {
  const semaphore_handle *handle = mw__lua_test(L, 1, MW__LUA_SEMAPHORE);
  if (handle == NULL) return mw__lua_check_name(L, 1);
  luaL_argcheck(L, handle->named, 1, "the semaphore has no name to remove; a set of System V is removed with sysv_remove");
  lua_getiuservalue(L, 1, 1);
  lua_replace(L, 1);
  return lua_tostring(L, 1);
}

static int semaphore_unlink(lua_State *L) {
  const char *name = check_unlinkable(L);
  mw__lua_options given = mw__lua_check_options(L, 2, MW__LUA_MISSING_OK);
  mw_error error;
  int status = mw_semaphore_unlink(name, &error);
  if (status == MW_ENOENT && (given.flags & MW__LUA_MISSING_OK)) status = 0;
  return mw__lua_result(L, status, &error);
}

/* An open semaphore stands for its set, whatever its key; a closed one may be another's by now. */
static int sysv_remove(lua_State *L, mw_error *error) {
  const semaphore_handle *handle = mw__lua_test(L, 1, MW__LUA_SEMAPHORE);
  if (handle == NULL) return mw_semaphore_sysv_remove(mw__lua_check_key(L, 1), error);
  if (handle->core == NULL) refuse_closed(L, "Semaphore.sysv_remove");
  return mw_semaphore_sysv_unlink(handle->core, error);
}

static int semaphore_sysv_remove(lua_State *L) {
  mw__lua_options given = mw__lua_check_options(L, 2, MW__LUA_MISSING_OK);
  mw_error error;
  int status = sysv_remove(L, &error);
  bool is_gone = status == MW_ENOENT || (status == MW_EOS && error.os_errno == EIDRM);
  if (is_gone && given.flags & MW__LUA_MISSING_OK) status = 0;
  return mw__lua_result(L, status, &error);
}

/* ---- acquire and release */

static int acquire_step(void *semaphore, mw_deadline deadline, mw_error *error) {
  return mw_semaphore_acquire(semaphore, deadline, error);
}

/* Most semaphores are free when they are asked for: that way is short. */
static int semaphore_acquire(lua_State *L) {
  mw_deadline deadline = lua_gettop(L) < 2 ? MW_DEADLINE_NEVER : mw__lua_opt_deadline(L, 2);
  mw_error error;
  mw_semaphore *semaphore = self(L, "Semaphore.acquire");
  int status = mw_semaphore_acquire(semaphore, MW_DEADLINE_NOW, &error);
  if (status == MW_ETIMEDOUT) status = mw__lua_wait(L, deadline, acquire_step, semaphore, &error);
  if (status < 0 && status != MW_ETIMEDOUT) return mw__lua_fail(L, &error);
  lua_pushboolean(L, status == 0);
  return 1;
}

/* The value is other processes' doing too, so that a full semaphore is no mistake of this program: it is returned. */
static int semaphore_release(lua_State *L) {
  uint64_t n = lua_gettop(L) < 2 ? 1 : mw__lua_opt_size(L, 2, "n", 1);
  mw_error error;
  int status = mw_semaphore_release(self(L, "Semaphore.release"), n < UINT_MAX ? (unsigned)n : UINT_MAX, &error);
  return status == MW_EOVERFLOW ? mw__lua_failure(L, &error) : mw__lua_result(L, status, &error);
}

/* ---- guards */

static void *open_lock(lua_State *L, const char *call) { return self(L, call); }

static int acquire_lock(lua_State *L, void *semaphore, mw_deadline deadline, mw_error *error) {
  return mw__lua_wait(L, deadline, acquire_step, semaphore, error);
}

static int release_lock(void *semaphore, mw_error *error) { return mw_semaphore_release(semaphore, 1, error); }

static void abandon_lock(void *semaphore) { (void)mw_semaphore_release(semaphore, 1, NULL); }

static void hold_lock(void *semaphore) { mw_semaphore_hold(semaphore); }

static void drop_lock(void *semaphore) { mw_semaphore_drop(semaphore); }

static const mw__lua_lock lock = {
    .open = open_lock,
    .acquire = acquire_lock,
    .release = release_lock,
    .abandon = abandon_lock,
    .hold = hold_lock,
    .drop = drop_lock,
    .closed = "the semaphore was closed while a guard held it; the unit is lost",
};

static int semaphore_guard(lua_State *L) {
  mw__lua_check(L, 1, MW__LUA_SEMAPHORE);
  return mw__lua_guard_block(L, &lock, "Semaphore.guard");
}

static int semaphore_hold(lua_State *L) {
  mw__lua_check(L, 1, MW__LUA_SEMAPHORE);
  return mw__lua_guard_call(L, &lock, "Semaphore.hold");
}

/* ---- fields and the end */

static int semaphore_close(lua_State *L) {
  semaphore_handle *handle = mw__lua_check(L, 1, MW__LUA_SEMAPHORE);
  mw_semaphore *semaphore = handle->core;
  handle->core = NULL;
  mw_semaphore_close(semaphore);
  lua_pushboolean(L, 1);
  return 1;
}

static int semaphore_kind(lua_State *L) {
  lua_pushstring(L, mw_semaphore_kind(self(L, "Semaphore.kind")));
  return 1;
}

/* The core has a name for each, for errors; here it is what attach and unlink take. */
static int semaphore_name(lua_State *L) {
  const mw_semaphore *semaphore = self(L, "Semaphore.name");
  if (strcmp(mw_semaphore_kind(semaphore), "named") == 0)
    lua_pushstring(L, mw_semaphore_name(semaphore));
  else
    lua_pushnil(L);
  return 1;
}

/* What a semaphore of System V has, and no other. */
typedef struct sysv_names {
  bool has;
  int32_t key;
  int32_t id;
  unsigned index;
} sysv_names;

static int push_number(lua_State *L, bool has, lua_Integer number) {
  if (has)
    lua_pushinteger(L, number);
  else
    lua_pushnil(L);
  return 1;
}

static sysv_names sysv_names_of(const mw_semaphore *semaphore) {
  sysv_names names = {0};
  names.has = mw_semaphore_sysv_id(semaphore, NULL, &names.key, &names.id, &names.index) == 0;
  return names;
}

static int semaphore_key(lua_State *L) {
  sysv_names names = sysv_names_of(self(L, "Semaphore.key"));
  return push_number(L, names.has, names.key);
}

static int semaphore_id(lua_State *L) {
  sysv_names names = sysv_names_of(self(L, "Semaphore.id"));
  return push_number(L, names.has, names.id);
}

static int semaphore_index(lua_State *L) {
  sysv_names names = sysv_names_of(self(L, "Semaphore.index"));
  return push_number(L, names.has, names.index);
}

static int semaphore_value(lua_State *L) {
  mw_error error;
  unsigned value = 0;
  if (mw_semaphore_value(self(L, "Semaphore.value"), &error, &value) < 0) return mw__lua_raise(L, &error);
  lua_pushinteger(L, value);
  return 1;
}

static int semaphore_is_closed(lua_State *L) {
  const semaphore_handle *handle = mw__lua_check(L, 1, MW__LUA_SEMAPHORE);
  lua_pushboolean(L, handle->core == NULL);
  return 1;
}

static int semaphore_tostring(lua_State *L) {
  const semaphore_handle *handle = mw__lua_check(L, 1, MW__LUA_SEMAPHORE);
  if (handle->core == NULL) {
    lua_pushliteral(L, "memwell.Semaphore (closed)");
    return 1;
  }
  const char *name = mw_semaphore_name(handle->core);
  lua_pushfstring(L, name != NULL ? "memwell.Semaphore (%s, \"%s\")" : "memwell.Semaphore (%s)", mw_semaphore_kind(handle->core),
                  name);
  return 1;
}

/* ---- the class */

static const luaL_Reg functions[] = {
    {"create", semaphore_create}, {"attach", semaphore_attach}, {"open", semaphore_open},
    {"at", semaphore_at},         {"sysv", semaphore_sysv},     {NULL, NULL},
};

static const luaL_Reg methods[] = {
    {"unlink", semaphore_unlink},   {"sysv_remove", semaphore_sysv_remove},
    {"acquire", semaphore_acquire}, {"release", semaphore_release},
    {"guard", semaphore_guard},     {"hold", semaphore_hold},
    {"close", semaphore_close},     {NULL, NULL},
};

static const luaL_Reg fields[] = {
    {"kind", semaphore_kind},   {"name", semaphore_name},   {"key", semaphore_key},          {"id", semaphore_id},
    {"index", semaphore_index}, {"value", semaphore_value}, {"closed", semaphore_is_closed}, {NULL, NULL},
};

static const luaL_Reg metamethods[] = {
    {"__tostring", semaphore_tostring},
    {"__close", semaphore_close},
    {"__gc", semaphore_close},
    {NULL, NULL},
};

const mw__lua_class mw__lua_semaphore_class = {
    .name = "memwell.Semaphore",
    .functions = {functions},
    .methods = {methods},
    .fields = fields,
    .metamethods = metamethods,
};
