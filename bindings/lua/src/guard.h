/* Guards: what holds a lock for a block, `local g <close> = lock:guard()`, or for a call, lock:hold(fn, ...); the same for every
 * kind of lock.
 *
 * A guard is made before its lock is acquired, and has a reference of its own, so that what it holds can be given back even after
 * the lock's handle was closed.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_LUA_GUARD_H
#define MEMWELL_LUA_GUARD_H

#include <lua.h>

#include "memwell/deadline.h"
#include "memwell/status.h"

/* What is to be known of a kind of lock. The lock's handle lies at 1 where L is given.
 *
 * open      the lock itself; raises where its handle is closed
 * acquire   returns a status; may call the script, and raise what that raises, without holding anything
 * release   at the end of the block or of the call; returns a status
 * abandon   the same where an error is under way, or where the collector finds the guard
 * hold      one more reference of the lock; drop: one less
 * closed    what to say where the lock was closed in between; NULL: what release says of it */
typedef struct mw__lua_lock {
  void *(*open)(lua_State *L, const char *call);
  int (*acquire)(lua_State *L, void *lock, mw_deadline deadline, mw_error *error);
  int (*release)(void *lock, mw_error *error);
  void (*abandon)(void *lock);
  void (*hold)(void *lock);
  void (*drop)(void *lock);
  const char *closed;
} mw__lua_lock;

typedef struct mw__lua_guard mw__lua_guard;

/* Push a guard that holds nothing as yet, for the lock whose handle is at 1; raises where that is closed. */
mw__lua_guard *mw__lua_new_guard(lua_State *L, const mw__lua_lock *kind, const char *call);

/* Acquire; returns a status. */
int mw__lua_guard_acquire(lua_State *L, mw__lua_guard *guard, mw_deadline deadline, mw_error *error);

/* Give back what it holds, where nobody is to hear of a failure. */
void mw__lua_guard_abandon(mw__lua_guard *guard);

/* It holds nothing any more: what it held was given back otherwise, or became the caller's. */
void mw__lua_guard_forget(mw__lua_guard *guard);

/* lock:guard(timeout) and lock:hold(fn, ...) for the handle at 1, which must have been checked. */
int mw__lua_guard_block(lua_State *L, const mw__lua_lock *kind, const char *call);
int mw__lua_guard_call(lua_State *L, const mw__lua_lock *kind, const char *call);

#endif
