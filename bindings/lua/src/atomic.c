/* View, one element at a time between all threads, processes and languages, and sleeping until one changes. Main entry:
 * mw__lua_atomic_methods.
 *
 * A mistake raises, a page that is lost is returned, as errors.h has it. Positions count from 1; values are the elements' bits with
 * a sign, as v[i] reads them.
 *
 * SPDX-License-Identifier: MIT */
#include "memwell/atomic.h"

#include <limits.h>

#include "convert.h"
#include "errors.h"
#include "handle.h"
#include "interrupt.h"
#include "view.h"

/* The place that argument 2 names in the view at 1, counted from 0. */
static uint64_t check_place(lua_State *L) {
  const view_handle *handle = mw__lua_check(L, 1, MW__LUA_VIEW);
  mw__lua_check_integer(L, 2);
  return mw__lua_check_position(L, 2, handle->core.shape[0], 1, 0);
}

static int push_result(lua_State *L, int status, int64_t value, const mw_error *error) {
  if (status < 0) return mw__lua_fail(L, error);
  lua_pushinteger(L, value);
  return 1;
}

/* ---- one step */

static int view_atomic_load(lua_State *L) {
  uint64_t place = check_place(L);
  mw_error error;
  int64_t value = 0;
  int status = mw_view_atomic_load(mw__lua_view(L, 1, "View.atomic_load"), place, &error, &value);
  return push_result(L, status, value, &error);
}

static int view_atomic_store(lua_State *L) {
  uint64_t place = check_place(L);
  lua_Integer value = mw__lua_check_integer(L, 3);
  mw_error error;
  int status = mw_view_atomic_store(mw__lua_view(L, 1, "View.atomic_store"), place, value, &error);
  return status < 0 ? mw__lua_fail(L, &error) : 0;
}

typedef int (*change)(const mw_view *view, uint64_t i, int64_t operand, mw_error *error, int64_t *out_old);

/* Every change gives what was there before. */
static int change_element(lua_State *L, const char *call, change function) {
  uint64_t place = check_place(L);
  lua_Integer operand = mw__lua_check_integer(L, 3);
  mw_error error;
  int64_t old = 0;
  int status = function(mw__lua_view(L, 1, call), place, operand, &error, &old);
  return push_result(L, status, old, &error);
}

/* add and sub count by one where they are not told. */
static int count_element(lua_State *L, const char *call, change function) {
  if (lua_isnoneornil(L, 3)) {
    lua_settop(L, 2);
    lua_pushinteger(L, 1);
  }
  return change_element(L, call, function);
}

static int view_atomic_add(lua_State *L) { return count_element(L, "View.atomic_add", mw_view_atomic_add); }

static int view_atomic_sub(lua_State *L) { return count_element(L, "View.atomic_sub", mw_view_atomic_sub); }

static int view_atomic_and(lua_State *L) { return change_element(L, "View.atomic_and", mw_view_atomic_and); }

static int view_atomic_or(lua_State *L) { return change_element(L, "View.atomic_or", mw_view_atomic_or); }

static int view_atomic_xor(lua_State *L) { return change_element(L, "View.atomic_xor", mw_view_atomic_xor); }

static int view_atomic_exchange(lua_State *L) { return change_element(L, "View.atomic_exchange", mw_view_atomic_exchange); }

static int view_atomic_compare_exchange(lua_State *L) {
  uint64_t place = check_place(L);
  lua_Integer expected = mw__lua_check_integer(L, 3), value = mw__lua_check_integer(L, 4);
  const mw_view *view = mw__lua_view(L, 1, "View.atomic_compare_exchange");
  mw_error error;
  int64_t old = 0;
  int status = mw_view_atomic_compare_exchange(view, place, expected, value, &error, &old);
  return push_result(L, status, old, &error);
}

/* ---- sleeping */

typedef struct wait_call {
  const mw_view *view;
  uint64_t place;
  int64_t value;
} wait_call;

static int wait_step(void *subject, mw_deadline deadline, mw_error *error) {
  const wait_call *call = subject;
  return mw_view_wait(call->view, call->place, call->value, deadline, error);
}

/* No Lua runs while this waits, so the handle stays open. */
static int view_wait(lua_State *L) {
  uint64_t place = check_place(L);
  lua_Integer value = mw__lua_check_integer(L, 3);
  mw_deadline deadline = mw__lua_opt_deadline(L, 4);
  wait_call call = {mw__lua_view(L, 1, "View.wait"), place, value};
  mw_error error;
  int status = mw__lua_wait(L, deadline, wait_step, &call, &error);
  if (status < 0 && status != MW_ETIMEDOUT) return mw__lua_fail(L, &error);
  lua_pushboolean(L, status == 0);
  return 1;
}

static int view_wake(lua_State *L) {
  uint64_t place = check_place(L);
  uint64_t count = mw__lua_opt_size(L, 3, "count", UINT_MAX);
  mw_error error;
  unsigned woken = 0;
  int status = mw_view_wake(mw__lua_view(L, 1, "View.wake"), place, count < UINT_MAX ? (unsigned)count : UINT_MAX, &error, &woken);
  return push_result(L, status, woken, &error);
}

const luaL_Reg mw__lua_atomic_methods[] = {
    {"atomic_load", view_atomic_load},
    {"atomic_store", view_atomic_store},
    {"atomic_add", view_atomic_add},
    {"atomic_sub", view_atomic_sub},
    {"atomic_and", view_atomic_and},
    {"atomic_or", view_atomic_or},
    {"atomic_xor", view_atomic_xor},
    {"atomic_exchange", view_atomic_exchange},
    {"atomic_compare_exchange", view_atomic_compare_exchange},
    {"wait", view_wait},
    {"wake", view_wake},
    {NULL, NULL},
};
