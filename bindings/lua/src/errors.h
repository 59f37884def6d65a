/* From a status of the core to what a script gets: an error that is raised, or nil, message, errno.
 *
 * The operating system's refusals are returned, as io.open does; so are the few of memwell's own that no script can rule out
 * beforehand (a region that is in use, a file that was cut, a well that is full). Everything else is a mistake in the program, and
 * raised.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_LUA_ERRORS_H
#define MEMWELL_LUA_ERRORS_H

#include <lua.h>

#include "memwell/status.h"

/* Push nil, message, errno, and return 3. */
int mw__lua_failure(lua_State *L, const mw_error *error);

/* Push nil, message, errno, and return 3; or raise, as the rule above has it. */
int mw__lua_fail(lua_State *L, const mw_error *error);

/* Raise the error whatever it is. */
int mw__lua_raise(lua_State *L, const mw_error *error);

/* Raise `Region.read("frames"): reason`, in the form that the core's messages have. `object` may be NULL. */
int mw__lua_refuse(lua_State *L, const char *call, const char *object, const char *format, ...);

/* Let the error name this call: what the script called is not always what the core was asked. */
void mw__lua_name_call(mw_error *error, const char *call);

/* Push true where status is not negative, else what mw__lua_fail pushes; return how many. */
int mw__lua_result(lua_State *L, int status, const mw_error *error);

/* Push the table of error numbers by name. */
void mw__lua_push_errno_table(lua_State *L);

#endif
