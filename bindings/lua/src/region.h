/* The Region class. A region's handle owns one reference of the core's region; closing sets the pointer to NULL. Its user value is
 * the name or path that it was opened by, or what else the core calls it.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_LUA_REGION_H
#define MEMWELL_LUA_REGION_H

#include <stdbool.h>

#include <lauxlib.h>
#include <lua.h>

#include "convert.h"
#include "handle.h"
#include "memwell/region.h"

/* core    NULL: closed, or never open
 * named   the user value is a name that unlink takes, and not a path
 * lent    it is a well's, which ends it; a second user value keeps the well's handle */
typedef struct region_handle {
  mw_region *core;
  bool named;
  bool lent;
} region_handle;

/* The gate: the region of the handle at `index`, which must be one; raises where it is closed. */
mw_region *mw__lua_region(lua_State *L, int index, const char *call);

/* Raise that the region of the handle at `index` is closed. */
int mw__lua_region_closed(lua_State *L, int index, const char *call);

/* The options of a call that makes a region: those that are `known`, and those that every way takes. Returns them as they were
 * given; *out_options is what the core makes of them. */
mw__lua_options mw__lua_check_region_options(lua_State *L, int arg, unsigned known, mw_region_options *out_options);

/* Push a new handle, which is closed as yet. */
region_handle *mw__lua_new_region(lua_State *L);

/* The results of a call that made the region of the handle on the top, or failed to. */
int mw__lua_region_made(lua_State *L, int status, const mw_error *error);

/* The size that an optional argument gave, or, for UINT64_MAX, what there is behind the offset. */
uint64_t mw__lua_size_behind(const mw_region *region, uint64_t offset, uint64_t size);

/* Push a copy of the bytes, clipped at the end, of the region whose handle is at `index`: an absolute one, or an upvalue's.
 * Passes the gate. Returns a status; what a failure leaves on the stack is of no use. */
int mw__lua_push_bytes(lua_State *L, int index, const char *call, uint64_t offset, uint64_t size, mw_error *error);

/* Functions, methods and one field of Region in files of their own: region_make.c, region_bytes.c, pages.c, handover.c, search.c,
 * pack.c, stream.c. */
extern const luaL_Reg mw__lua_region_functions[];
extern const luaL_Reg mw__lua_handover_functions[];
extern const luaL_Reg mw__lua_region_removal_methods[];
extern const luaL_Reg mw__lua_region_bytes_methods[];
extern const luaL_Reg mw__lua_pages_methods[];
extern const luaL_Reg mw__lua_handover_methods[];
extern const luaL_Reg mw__lua_search_methods[];
extern const luaL_Reg mw__lua_pack_methods[];
extern const luaL_Reg mw__lua_stream_methods[];
int mw__lua_region_seals(lua_State *L);

/* memwell.ftok */
int mw__lua_ftok(lua_State *L);

#endif
