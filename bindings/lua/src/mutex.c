/* Mutex: Well:mutex, acquire and release, guards, recovery. Main entries: mw__lua_well_mutex, mw__lua_mutex_class.
 *
 * SPDX-License-Identifier: MIT */
#include "memwell/mutex.h"

#include "convert.h"
#include "errors.h"
#include "guard.h"
#include "interrupt.h"
#include "module.h"
#include "well.h"

/* The user value that has the function that mends what an inconsistent mutex protects, or nil. */
enum { RECOVER = MW__LUA_OBJECT_VALUES + 1, USER_VALUES = RECOVER };

/* core       NULL: closed, or never open
 * well       the handle of its well
 * recovers   it has a function that mends */
typedef struct mutex_handle {
  mw_mutex *core;
  const well_handle *well;
  bool recovers;
} mutex_handle;

/* The gate: the mutex whose handle is argument 1. */
static mw_mutex *self(lua_State *L, const char *call) {
  const mutex_handle *handle = mw__lua_self(L, MW__LUA_MUTEX);
  if (handle->core == NULL) mw__lua_object_closed(L, call, "mutex");
  return handle->core;
}

int mw__lua_well_mutex(lua_State *L) {
  const well_handle *well = mw__lua_check(L, 1, MW__LUA_WELL);
  const char *name = mw__lua_check_name(L, 2);
  mw__lua_options given = mw__lua_check_options(L, 3, MW__LUA_CREATE | MW__LUA_RECOVER);
  mutex_handle *handle = mw__lua_new_object(L, MW__LUA_MUTEX, sizeof *handle, USER_VALUES);
  handle->well = well;
  handle->recovers = given.present & MW__LUA_RECOVER;
  if (handle->recovers) {
    lua_getfield(L, 3, "recover");
    lua_setiuservalue(L, -2, RECOVER);
  }
  mw_error error;
  int status;
  do
    status = mw_well_mutex(mw__lua_well(L, 1, "Well.mutex"), name, given.flags & MW__LUA_CREATE ? 0 : MW_MUST_EXIST, &error,
                           &handle->core);
  while (mw__lua_again(L, status));
  return mw__lua_found(L, status, &error);
}

/* ---- recovery */

static int recover_step(void *mutex, mw_deadline deadline, mw_error *error) {
  return mw_mutex_recover_begin(mutex, deadline, error);
}

static void *open_lock(lua_State *L, const char *call) { return self(L, call); }

static void hold_lock(void *mutex) { mw_mutex_hold(mutex); }

static void drop_lock(void *mutex) { mw_mutex_drop(mutex); }

static int begin_recovery(lua_State *L, void *mutex, mw_deadline deadline, mw_error *error) {
  return mw__lua_wait(L, deadline, recover_step, mutex, error);
}

/* Where somebody else had mended it first, it was acquired like any other, and there is no recovery to end. */
static int end_recovery(void *mutex, mw_error *error) {
  int status = mw_mutex_recover_end(mutex, true, error);
  if (status < 0 && status != MW_ENOTOWNER) return status;
  return mw_mutex_release(mutex, error);
}

static void give_recovery_up(void *mutex) {
  if (mw_mutex_recover_end(mutex, false, NULL) == MW_ENOTOWNER) (void)mw_mutex_release(mutex, NULL);
}

static const mw__lua_lock recovery = {
    .open = open_lock,
    .acquire = begin_recovery,
    .release = end_recovery,
    .abandon = give_recovery_up,
    .hold = hold_lock,
    .drop = drop_lock,
};

static int mutex_recover(lua_State *L) {
  mw__lua_check(L, 1, MW__LUA_MUTEX);
  return mw__lua_guard_call(L, &recovery, "Mutex.recover");
}

/* Acquire the mutex at 1, and mend it by its own function where nobody has done so yet. A guard holds it meanwhile; that the
 * function cannot yield is Lua's doing, as no continuation is given. */
static int acquire_and_mend(lua_State *L, mw_mutex *mutex, mw_deadline deadline, mw_error *error) {
  int top = lua_gettop(L);
  mw__lua_guard *guard = mw__lua_new_guard(L, &recovery, "Mutex.acquire");
  int status = mw__lua_guard_acquire(L, guard, deadline, error);
  if (status == 1) {
    lua_getiuservalue(L, 1, RECOVER);
    if (lua_pcall(L, 0, 0, 0) != LUA_OK) {
      mw__lua_guard_abandon(guard);
      return lua_error(L);
    }
    status = mw_mutex_recover_end(mutex, true, error);
  }
  mw__lua_guard_forget(guard);
  lua_settop(L, top);
  return status;
}

/* ---- acquire and release */

static int acquire_step(void *mutex, mw_deadline deadline, mw_error *error) { return mw_mutex_acquire(mutex, deadline, error); }

static int acquire_lock(lua_State *L, void *mutex, mw_deadline deadline, mw_error *error) {
  int status = mw__lua_wait(L, deadline, acquire_step, mutex, error);
  const mutex_handle *handle = lua_touserdata(L, 1);
  return status == MW_EOWNERDEAD && handle->recovers ? acquire_and_mend(L, mutex, deadline, error) : status;
}

/* Most mutexes are free when they are asked for: that way is short. */
static int mutex_acquire(lua_State *L) {
  mw_deadline deadline = lua_gettop(L) < 2 ? MW_DEADLINE_NEVER : mw__lua_opt_deadline(L, 2);
  mw_error error;
  mw_mutex *mutex = self(L, "Mutex.acquire");
  int status = mw_mutex_acquire(mutex, MW_DEADLINE_NOW, &error);
  if (status < 0) status = acquire_lock(L, mutex, deadline, &error);
  if (status < 0 && status != MW_ETIMEDOUT) return mw__lua_fail(L, &error);
  lua_pushboolean(L, status >= 0);
  return 1;
}

/* One that is being mended is busy with this very program, which makes a mistake then. */
static int mutex_release(lua_State *L) {
  mw_error error;
  int status = mw_mutex_release(self(L, "Mutex.release"), &error);
  return status == MW_EBUSY ? mw__lua_raise(L, &error) : mw__lua_result(L, status, &error);
}

static int release_lock(void *mutex, mw_error *error) { return mw_mutex_release(mutex, error); }

static void abandon_lock(void *mutex) { (void)mw_mutex_release(mutex, NULL); }

static const mw__lua_lock lock = {
    .open = open_lock,
    .acquire = acquire_lock,
    .release = release_lock,
    .abandon = abandon_lock,
    .hold = hold_lock,
    .drop = drop_lock,
};

static int mutex_guard(lua_State *L) {
  mw__lua_check(L, 1, MW__LUA_MUTEX);
  return mw__lua_guard_block(L, &lock, "Mutex.guard");
}

static int mutex_hold(lua_State *L) {
  mw__lua_check(L, 1, MW__LUA_MUTEX);
  return mw__lua_guard_call(L, &lock, "Mutex.hold");
}

/* ---- fields and the end */

/* The handle goes; whether this process holds the mutex stays as it is. */
static int mutex_close(lua_State *L) {
  mutex_handle *handle = mw__lua_check(L, 1, MW__LUA_MUTEX);
  mw_mutex *mutex = handle->core;
  handle->core = NULL;
  mw_mutex_drop(mutex);
  lua_pushboolean(L, 1);
  return 1;
}

static int mutex_name(lua_State *L) {
  lua_pushstring(L, mw_mutex_name(self(L, "Mutex.name")));
  return 1;
}

/* The slot that holds the mutex, or -1. */
static int owner_of(lua_State *L, const char *call, bool *out_inconsistent) {
  mw_error error;
  int slot = -1;
  if (mw_mutex_owner(self(L, call), &error, &slot, out_inconsistent) < 0) mw__lua_raise(L, &error);
  return slot;
}

static int mutex_locked(lua_State *L) {
  lua_pushboolean(L, owner_of(L, "Mutex.locked", NULL) >= 0);
  return 1;
}

static int mutex_owner(lua_State *L) {
  int slot = owner_of(L, "Mutex.owner", NULL);
  if (slot >= 0)
    lua_pushinteger(L, slot);
  else
    lua_pushnil(L);
  return 1;
}

static int mutex_inconsistent(lua_State *L) {
  bool is_inconsistent = false;
  owner_of(L, "Mutex.inconsistent", &is_inconsistent);
  lua_pushboolean(L, is_inconsistent);
  return 1;
}

static bool is_closed(const mutex_handle *handle) { return handle->core == NULL || handle->well->core == NULL; }

static int mutex_is_closed(lua_State *L) {
  lua_pushboolean(L, is_closed(mw__lua_check(L, 1, MW__LUA_MUTEX)));
  return 1;
}

static int mutex_tostring(lua_State *L) { return mw__lua_object_tostring(L, is_closed(mw__lua_check(L, 1, MW__LUA_MUTEX))); }

/* ---- the class */

static const luaL_Reg methods[] = {
    {"acquire", mutex_acquire}, {"release", mutex_release}, {"guard", mutex_guard}, {"hold", mutex_hold},
    {"recover", mutex_recover}, {"close", mutex_close},     {NULL, NULL},
};

static const luaL_Reg fields[] = {
    {"name", mutex_name},        {"locked", mutex_locked},
    {"owner", mutex_owner},      {"inconsistent", mutex_inconsistent},
    {"closed", mutex_is_closed}, {NULL, NULL},
};

static const luaL_Reg metamethods[] = {
    {"__tostring", mutex_tostring},
    {"__close", mutex_close},
    {"__gc", mutex_close},
    {NULL, NULL},
};

const mw__lua_class mw__lua_mutex_class = {
    .name = "memwell.Mutex",
    .methods = {methods},
    .fields = fields,
    .metamethods = metamethods,
};
