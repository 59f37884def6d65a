/* Event: Well:event, set, clear, is_set, wait. Main entries: mw__lua_well_event, mw__lua_event_class.
 *
 * SPDX-License-Identifier: MIT */
#include "memwell/event.h"

#include "convert.h"
#include "errors.h"
#include "interrupt.h"
#include "module.h"
#include "well.h"

/* core   NULL: closed, or never open
 * well   the handle of its well */
typedef struct event_handle {
  mw_event *core;
  const well_handle *well;
} event_handle;

/* The gate: the event whose handle is argument 1. */
static mw_event *self(lua_State *L, const char *call) {
  const event_handle *handle = mw__lua_self(L, MW__LUA_EVENT);
  if (handle->core == NULL) mw__lua_object_closed(L, call, "event");
  return handle->core;
}

int mw__lua_well_event(lua_State *L) {
  const well_handle *well = mw__lua_check(L, 1, MW__LUA_WELL);
  const char *name = mw__lua_check_name(L, 2);
  mw__lua_options given = mw__lua_check_options(L, 3, MW__LUA_CREATE);
  event_handle *handle = mw__lua_new_object(L, MW__LUA_EVENT, sizeof *handle, MW__LUA_OBJECT_VALUES);
  handle->well = well;
  unsigned flags = given.flags & MW__LUA_CREATE ? 0 : MW_MUST_EXIST;
  mw_error error;
  int status;
  do status = mw_well_event(mw__lua_well(L, 1, "Well.event"), name, flags, &error, &handle->core);
  while (mw__lua_again(L, status));
  return mw__lua_found(L, status, &error);
}

/* ---- the flag */

static int event_set(lua_State *L) {
  mw_error error;
  int status = mw_event_set(self(L, "Event.set"), &error);
  return mw__lua_result(L, status, &error);
}

static int event_clear(lua_State *L) {
  mw_error error;
  int status = mw_event_clear(self(L, "Event.clear"), &error);
  return mw__lua_result(L, status, &error);
}

static int event_is_set(lua_State *L) {
  mw_error error;
  bool is_set = false;
  int status = mw_event_is_set(self(L, "Event.is_set"), &error, &is_set);
  if (status < 0) return mw__lua_fail(L, &error);
  lua_pushboolean(L, is_set);
  return 1;
}

/* A wait of several steps. */
typedef struct waiting {
  mw_event *event;
  mw_watch since;
} waiting;

static int wait_step(void *subject, mw_deadline deadline, mw_error *error) {
  waiting *self = subject;
  return mw_event_wait_since(self->event, &self->since, deadline, error);
}

static int event_wait(lua_State *L) {
  mw_deadline deadline = lua_gettop(L) < 2 ? MW_DEADLINE_NEVER : mw__lua_opt_deadline(L, 2);
  mw_error error;
  waiting waiting = {.event = self(L, "Event.wait")};
  int status = mw__lua_wait(L, deadline, wait_step, &waiting, &error);
  if (status < 0 && status != MW_ETIMEDOUT) return mw__lua_fail(L, &error);
  lua_pushboolean(L, status == 0);
  return 1;
}

/* ---- fields and the end */

static int event_close(lua_State *L) {
  event_handle *handle = mw__lua_check(L, 1, MW__LUA_EVENT);
  mw_event *event = handle->core;
  handle->core = NULL;
  mw_event_drop(event);
  lua_pushboolean(L, 1);
  return 1;
}

static int event_name(lua_State *L) {
  lua_pushstring(L, mw_event_name(self(L, "Event.name")));
  return 1;
}

static bool is_closed(const event_handle *handle) { return handle->core == NULL || handle->well->core == NULL; }

static int event_is_closed(lua_State *L) {
  lua_pushboolean(L, is_closed(mw__lua_check(L, 1, MW__LUA_EVENT)));
  return 1;
}

static int event_tostring(lua_State *L) { return mw__lua_object_tostring(L, is_closed(mw__lua_check(L, 1, MW__LUA_EVENT))); }

/* ---- the class */

static const luaL_Reg methods[] = {
    {"set", event_set},   {"clear", event_clear}, {"is_set", event_is_set},
    {"wait", event_wait}, {"close", event_close}, {NULL, NULL},
};

static const luaL_Reg fields[] = {{"name", event_name}, {"closed", event_is_closed}, {NULL, NULL}};

static const luaL_Reg metamethods[] = {
    {"__tostring", event_tostring},
    {"__close", event_close},
    {"__gc", event_close},
    {NULL, NULL},
};

const mw__lua_class mw__lua_event_class = {
    .name = "memwell.Event",
    .methods = {methods},
    .fields = fields,
    .metamethods = metamethods,
};
