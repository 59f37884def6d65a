/* RobustSemaphore: Well:semaphore, acquire and release, guards. Main entries: mw__lua_well_semaphore,
 * mw__lua_robust_semaphore_class.
 *
 * SPDX-License-Identifier: MIT */
#include "memwell/robust_semaphore.h"

#include <limits.h>

#include "convert.h"
#include "errors.h"
#include "guard.h"
#include "interrupt.h"
#include "module.h"
#include "well.h"

/* core   NULL: closed, or never open
 * well   the handle of its well */
typedef struct permits_handle {
  mw_robust_semaphore *core;
  const well_handle *well;
} permits_handle;

/* The gate: the semaphore whose handle is argument 1. */
static mw_robust_semaphore *self(lua_State *L, const char *call) {
  const permits_handle *handle = mw__lua_self(L, MW__LUA_ROBUST_SEMAPHORE);
  if (handle->core == NULL) mw__lua_object_closed(L, call, "semaphore");
  return handle->core;
}

/* None: whatever it has. */
static unsigned check_capacity(lua_State *L, int arg) {
  if (lua_isnoneornil(L, arg)) return 0;
  uint64_t capacity = mw__lua_check_size(L, arg, "capacity");
  luaL_argcheck(L, capacity > 0, arg, "a semaphore has at least one permit; leave it out to find one whatever it has");
  return capacity < UINT_MAX ? (unsigned)capacity : UINT_MAX;
}

int mw__lua_well_semaphore(lua_State *L) {
  const well_handle *well = mw__lua_check(L, 1, MW__LUA_WELL);
  const char *name = mw__lua_check_name(L, 2);
  unsigned capacity = check_capacity(L, 3);
  mw__lua_options given = mw__lua_check_options(L, 4, MW__LUA_CREATE);
  permits_handle *handle = mw__lua_new_object(L, MW__LUA_ROBUST_SEMAPHORE, sizeof *handle, MW__LUA_OBJECT_VALUES);
  handle->well = well;
  unsigned flags = given.flags & MW__LUA_CREATE ? 0 : MW_MUST_EXIST;
  mw_error error;
  int status;
  do status = mw_well_semaphore(mw__lua_well(L, 1, "Well.semaphore"), name, capacity, flags, &error, &handle->core);
  while (mw__lua_again(L, status));
  return mw__lua_found(L, status, &error);
}

/* ---- acquire and release */

static int acquire_step(void *semaphore, mw_deadline deadline, mw_error *error) {
  return mw_robust_semaphore_acquire(semaphore, deadline, error);
}

/* As a rule a permit is free when it is asked for: that way is short. */
static int permits_acquire(lua_State *L) {
  mw_deadline deadline = lua_gettop(L) < 2 ? MW_DEADLINE_NEVER : mw__lua_opt_deadline(L, 2);
  mw_error error;
  mw_robust_semaphore *semaphore = self(L, "RobustSemaphore.acquire");
  int status = mw_robust_semaphore_acquire(semaphore, MW_DEADLINE_NOW, &error);
  if (status < 0) status = mw__lua_wait(L, deadline, acquire_step, semaphore, &error);
  if (status < 0 && status != MW_ETIMEDOUT) return mw__lua_fail(L, &error);
  lua_pushboolean(L, status == 0);
  return 1;
}

static int permits_release(lua_State *L) {
  uint64_t n = lua_gettop(L) < 2 ? 1 : mw__lua_opt_size(L, 2, "n", 1);
  mw_error error;
  int status = mw_robust_semaphore_release(self(L, "RobustSemaphore.release"), n < UINT_MAX ? (unsigned)n : UINT_MAX, &error);
  return mw__lua_result(L, status, &error);
}

/* ---- guards */

static void *open_lock(lua_State *L, const char *call) { return self(L, call); }

static int acquire_lock(lua_State *L, void *semaphore, mw_deadline deadline, mw_error *error) {
  return mw__lua_wait(L, deadline, acquire_step, semaphore, error);
}

static int release_lock(void *semaphore, mw_error *error) { return mw_robust_semaphore_release(semaphore, 1, error); }

static void abandon_lock(void *semaphore) { (void)mw_robust_semaphore_release(semaphore, 1, NULL); }

static void hold_lock(void *semaphore) { mw_robust_semaphore_hold(semaphore); }

static void drop_lock(void *semaphore) { mw_robust_semaphore_drop(semaphore); }

static const mw__lua_lock lock = {
    .open = open_lock,
    .acquire = acquire_lock,
    .release = release_lock,
    .abandon = abandon_lock,
    .hold = hold_lock,
    .drop = drop_lock,
};

static int permits_guard(lua_State *L) {
  mw__lua_check(L, 1, MW__LUA_ROBUST_SEMAPHORE);
  return mw__lua_guard_block(L, &lock, "RobustSemaphore.guard");
}

static int permits_hold(lua_State *L) {
  mw__lua_check(L, 1, MW__LUA_ROBUST_SEMAPHORE);
  return mw__lua_guard_call(L, &lock, "RobustSemaphore.hold");
}

/* ---- fields and the end */

/* The handle goes; what this process holds stays as it is. */
static int permits_close(lua_State *L) {
  permits_handle *handle = mw__lua_check(L, 1, MW__LUA_ROBUST_SEMAPHORE);
  mw_robust_semaphore *semaphore = handle->core;
  handle->core = NULL;
  mw_robust_semaphore_drop(semaphore);
  lua_pushboolean(L, 1);
  return 1;
}

static int permits_name(lua_State *L) {
  lua_pushstring(L, mw_robust_semaphore_name(self(L, "RobustSemaphore.name")));
  return 1;
}

static int permits_capacity(lua_State *L) {
  lua_pushinteger(L, mw_robust_semaphore_capacity(self(L, "RobustSemaphore.capacity")));
  return 1;
}

static int permits_value(lua_State *L) {
  mw_error error;
  unsigned value = 0;
  if (mw_robust_semaphore_value(self(L, "RobustSemaphore.value"), &error, &value) < 0) return mw__lua_raise(L, &error);
  lua_pushinteger(L, value);
  return 1;
}

static int permits_held(lua_State *L) {
  mw_error error;
  unsigned held = 0;
  if (mw_robust_semaphore_held(self(L, "RobustSemaphore.held"), &error, &held) < 0) return mw__lua_raise(L, &error);
  lua_pushinteger(L, held);
  return 1;
}

static bool is_closed(const permits_handle *handle) { return handle->core == NULL || handle->well->core == NULL; }

static int permits_is_closed(lua_State *L) {
  lua_pushboolean(L, is_closed(mw__lua_check(L, 1, MW__LUA_ROBUST_SEMAPHORE)));
  return 1;
}

static int permits_tostring(lua_State *L) {
  return mw__lua_object_tostring(L, is_closed(mw__lua_check(L, 1, MW__LUA_ROBUST_SEMAPHORE)));
}

/* ---- the class */

static const luaL_Reg methods[] = {
    {"acquire", permits_acquire}, {"release", permits_release}, {"guard", permits_guard},
    {"hold", permits_hold},       {"close", permits_close},     {NULL, NULL},
};

static const luaL_Reg fields[] = {
    {"name", permits_name}, {"capacity", permits_capacity}, {"value", permits_value},
    {"held", permits_held}, {"closed", permits_is_closed},  {NULL, NULL},
};

static const luaL_Reg metamethods[] = {
    {"__tostring", permits_tostring},
    {"__close", permits_close},
    {"__gc", permits_close},
    {NULL, NULL},
};

const mw__lua_class mw__lua_robust_semaphore_class = {
    .name = "memwell.RobustSemaphore",
    .methods = {methods},
    .fields = fields,
    .metamethods = metamethods,
};
