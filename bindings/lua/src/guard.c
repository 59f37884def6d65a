/* Guards of every kind of lock. Main entries: mw__lua_guard_block, mw__lua_guard_call.
 *
 * SPDX-License-Identifier: MIT */
#include "guard.h"

#include <stdbool.h>

#include "convert.h"
#include "errors.h"
#include "module.h"

/* lock      NULL until there is one, and again when the guard is done with it
 * held      whether there is something to give back
 * of_call   it is a call's, which gives back by itself where it comes to its end */
struct mw__lua_guard {
  const mw__lua_lock *kind;
  void *lock;
  bool held;
  bool of_call;
};

/* ---- holding */

/* Making the guard may run a finalizer, which may close the lock's handle: so that is asked last. */
mw__lua_guard *mw__lua_new_guard(lua_State *L, const mw__lua_lock *kind, const char *call) {
  mw__lua_guard *guard = mw__lua_new(L, MW__LUA_GUARD, sizeof *guard);
  int place = lua_gettop(L);
  lua_pushvalue(L, 1);
  lua_setiuservalue(L, place, 1);
  guard->kind = kind;
  void *lock = kind->open(L, call);
  kind->hold(lock);
  guard->lock = lock;
  lua_settop(L, place);
  return guard;
}

int mw__lua_guard_acquire(lua_State *L, mw__lua_guard *guard, mw_deadline deadline, mw_error *error) {
  int status = guard->kind->acquire(L, guard->lock, deadline, error);
  guard->held = status >= 0;
  return status;
}

void mw__lua_guard_forget(mw__lua_guard *guard) {
  guard->held = false;
  if (guard->lock != NULL) guard->kind->drop(guard->lock);
  guard->lock = NULL;
}

/* ---- giving back */

/* Give back what it holds, once. */
static void release(lua_State *L, mw__lua_guard *guard) {
  if (!guard->held) return;
  mw_error error;
  int status = guard->kind->release(guard->lock, &error);
  const char *closed = guard->kind->closed;
  mw__lua_guard_forget(guard);
  if (status == MW_ECLOSED && closed != NULL) mw__lua_refuse(L, error.call, error.object, "%s", closed);
  if (status < 0) mw__lua_raise(L, &error);
}

/* The same for who has nobody to tell: the collector, or an error that is under way. */
void mw__lua_guard_abandon(mw__lua_guard *guard) {
  if (guard->held) guard->kind->abandon(guard->lock);
  mw__lua_guard_forget(guard);
}

static int guard_close(lua_State *L) {
  release(L, mw__lua_check(L, 1, MW__LUA_GUARD));
  lua_pushboolean(L, 1);
  return 1;
}

/* The end of a block, or of a coroutine. The second argument is the error that ends it, which is what the caller is to see. A
 * guard of a call that still holds is one whose coroutine was closed inside. */
static int guard_end(lua_State *L) {
  mw__lua_guard *guard = mw__lua_check(L, 1, MW__LUA_GUARD);
  if (guard->of_call || !lua_isnoneornil(L, 2))
    mw__lua_guard_abandon(guard);
  else
    release(L, guard);
  return 0;
}

static int guard_gc(lua_State *L) {
  mw__lua_guard_abandon(mw__lua_check(L, 1, MW__LUA_GUARD));
  return 0;
}

static int guard_is_closed(lua_State *L) {
  const mw__lua_guard *guard = mw__lua_check(L, 1, MW__LUA_GUARD);
  lua_pushboolean(L, !guard->held);
  return 1;
}

/* ---- for a block, and for a call */

static mw__lua_guard *push_held(lua_State *L, const mw__lua_lock *kind, mw_deadline deadline, const char *call) {
  mw__lua_guard *guard = mw__lua_new_guard(L, kind, call);
  mw_error error;
  if (mw__lua_guard_acquire(L, guard, deadline, &error) < 0) mw__lua_raise(L, &error);
  return guard;
}

int mw__lua_guard_block(lua_State *L, const mw__lua_lock *kind, const char *call) {
  push_held(L, kind, mw__lua_opt_deadline(L, 2), call);
  return 1;
}

/* The guard lies at 2, the results or the error above it. */
static int finish_call(lua_State *L, int status, lua_KContext context) {
  (void)context;
  mw__lua_guard *guard = lua_touserdata(L, 2);
  if (status != LUA_OK && status != LUA_YIELD) {
    mw__lua_guard_abandon(guard);
    return lua_error(L);
  }
  release(L, guard);
  return lua_gettop(L) - 2;
}

/* A protected call, so that the lock is given back at once also where a coroutine dies of the error; and a guard to be closed, for
 * a coroutine that is closed while it is suspended inside. */
int mw__lua_guard_call(lua_State *L, const mw__lua_lock *kind, const char *call) {
  luaL_checkany(L, 2);
  push_held(L, kind, MW_DEADLINE_NEVER, call)->of_call = true;
  lua_insert(L, 2);
  lua_toclose(L, 2);
  int status = lua_pcallk(L, lua_gettop(L) - 3, LUA_MULTRET, 0, 0, finish_call);
  return finish_call(L, status, 0);
}

/* ---- the class */

static const luaL_Reg methods[] = {{"close", guard_close}, {NULL, NULL}};
static const luaL_Reg fields[] = {{"closed", guard_is_closed}, {NULL, NULL}};
static const luaL_Reg metamethods[] = {{"__close", guard_end}, {"__gc", guard_gc}, {NULL, NULL}};

const mw__lua_class mw__lua_guard_class = {
    .name = "memwell.Guard",
    .methods = {methods},
    .fields = fields,
    .metamethods = metamethods,
};
