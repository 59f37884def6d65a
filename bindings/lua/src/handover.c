/* Regions over a Unix socket. Main entries: mw__lua_handover_functions and mw__lua_handover_methods.
 *
 * SPDX-License-Identifier: MIT */
#include "memwell/handover.h"

#include "convert.h"
#include "errors.h"
#include "interrupt.h"
#include "region.h"

/* Seconds are for ever where they are not given: so it is with every wait that is not for a name. */
static mw_deadline deadline_of(const mw__lua_options *given) {
  return given->present & MW__LUA_TIMEOUT ? given->deadline : MW_DEADLINE_NEVER;
}

/* The time went by: false in place of nil, and the same message. */
static int fail_or_time_out(lua_State *L, int failure_count, int status) {
  if (status != MW_ETIMEDOUT) return failure_count;
  lua_pushboolean(L, 0);
  lua_replace(L, -1 - failure_count);
  return failure_count;
}

typedef struct send_call {
  mw_region *region;
  int socket;
} send_call;

static int send_step(void *subject, mw_deadline deadline, mw_error *error) {
  const send_call *call = subject;
  return mw_region_send(call->region, call->socket, deadline, error);
}

static int region_send(lua_State *L) {
  mw__lua_check(L, 1, MW__LUA_REGION);
  int socket = mw__lua_check_fd(L, 2);
  mw__lua_options given = mw__lua_check_options(L, 3, MW__LUA_TIMEOUT);
  send_call call = {mw__lua_region(L, 1, "Region.send"), socket};
  mw_error error;
  int status = mw__lua_wait(L, deadline_of(&given), send_step, &call, &error);
  return status < 0 ? fail_or_time_out(L, mw__lua_fail(L, &error), status) : mw__lua_result(L, status, &error);
}

typedef struct receive_call {
  int socket;
  mw_region_options options;
  mw_region **out_region;
} receive_call;

static int receive_step(void *subject, mw_deadline deadline, mw_error *error) {
  const receive_call *call = subject;
  return mw_region_receive(call->socket, deadline, &call->options, error, call->out_region);
}

/* What another process sends is no mistake of this one's: every failure is returned. */
static int region_receive(lua_State *L) {
  receive_call call = {.socket = mw__lua_check_fd(L, 1)};
  mw__lua_options given = mw__lua_check_region_options(L, 2, MW__LUA_REQUIRE_SEALS | MW__LUA_TIMEOUT, &call.options);
  call.out_region = &mw__lua_new_region(L)->core;
  mw_error error;
  int status = mw__lua_wait(L, deadline_of(&given), receive_step, &call, &error);
  return status < 0 ? fail_or_time_out(L, mw__lua_failure(L, &error), status) : mw__lua_region_made(L, status, &error);
}

const luaL_Reg mw__lua_handover_functions[] = {{"receive", region_receive}, {NULL, NULL}};
const luaL_Reg mw__lua_handover_methods[] = {{"send", region_send}, {NULL, NULL}};
