/* Waits that signals can end. Main entry: mw__lua_wait.
 *
 * SPDX-License-Identifier: MIT */
#include "interrupt.h"

#include <errno.h>

#define LOOK 0.1 /* seconds between two looks for a hook; the core wakes as often */

/* The hook that is set now, or NULL. lua.c sets its own in the main thread, whichever coroutine runs. */
static lua_Hook find_hook(lua_State *L) {
  lua_Hook hook = lua_gethook(L);
  if (hook != NULL) return hook;
  lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
  hook = lua_gethook(lua_tothread(L, -1));
  lua_pop(L, 1);
  return hook;
}

bool mw__lua_again(lua_State *L, int status) { return status == MW_EINTR && find_hook(L) == NULL; }

/* Whether a status says no more than that the time of a step is over. */
typedef bool (*judge)(int status);

static bool is_over(int status) { return status == MW_ETIMEDOUT; }

static bool is_over_for_name(int status) { return is_over(status) || status == MW_ENOENT || status == MW_EAGAIN; }

static int interrupted(mw_error *error) {
  error->status = MW_EINTR;
  error->os_errno = EINTR;
  static const char reason[] = "a signal came";
  for (size_t i = 0; i < sizeof reason; i++) error->reason[i] = reason[i];
  return MW_EINTR;
}

/* A signal that comes between two sleeps of the core interrupts neither, so the hook that it left is looked for from time to time.
 * One that was there before is a profiler's or a debugger's, and no reason to stop. */
static int wait(lua_State *L, mw_deadline deadline, judge is_late, mw__lua_step step, void *subject, mw_error *error) {
  int status = step(subject, MW_DEADLINE_NOW, error);
  if (deadline == MW_DEADLINE_NOW || !(is_late(status) || status == MW_EINTR)) return status;
  lua_Hook hook = find_hook(L);
  for (;;) {
    mw_deadline look = mw_deadline_after(LOOK);
    status = step(subject, look < deadline ? look : deadline, error);
    if (mw__lua_again(L, status)) continue;
    if (!is_late(status) || deadline <= look) return status;
    if (find_hook(L) != hook) return interrupted(error);
  }
}

int mw__lua_wait(lua_State *L, mw_deadline deadline, mw__lua_step step, void *subject, mw_error *error) {
  return wait(L, deadline, is_over, step, subject, error);
}

int mw__lua_wait_for_name(lua_State *L, mw_deadline deadline, mw__lua_step step, void *subject, mw_error *error) {
  return wait(L, deadline, is_over_for_name, step, subject, error);
}
