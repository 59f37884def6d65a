/* From a status of the core to what a script gets: an error that is raised, or nil, message, errno.
 *
 * The operating system's refusals are returned, as io.open does; so are the few of memwell's own that no script can rule out
 * beforehand (a region that is in use, a file that was cut). Everything else is a mistake in the program, and raised.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_LUA_ERRORS_H
#define MEMWELL_LUA_ERRORS_H

#include <stdbool.h>

#include <lua.h>

#include "memwell/status.h"

/* The debug hook that is set now, or NULL. The stand-alone interpreter sets one at Ctrl-C, to stop the script by it. */
lua_Hook mw__lua_hook(lua_State *L);

/* Whether the call that gave this status is to be made again, with the same deadline: a signal came, and it left no hook behind. */
bool mw__lua_again(lua_State *L, int status);

/* Push nil, message, errno, and return 3. */
int mw__lua_failure(lua_State *L, const mw_error *error);

/* Push nil, message, errno, and return 3; or raise, as the rule above has it. */
int mw__lua_fail(lua_State *L, const mw_error *error);

/* Raise the error whatever it is. */
int mw__lua_raise(lua_State *L, const mw_error *error);

/* Raise `Region.read("frames"): reason`, in the form that the core's messages have. `object` may be NULL. */
int mw__lua_refuse(lua_State *L, const char *call, const char *object, const char *format, ...);

/* Push true where status is not negative, else what mw__lua_fail pushes; return how many. */
int mw__lua_result(lua_State *L, int status, const mw_error *error);

/* Push the table of error numbers by name. */
void mw__lua_push_errno_table(lua_State *L);

#endif
