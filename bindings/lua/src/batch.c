/* View, many elements at a time: to and from tables and strings, sums, searches. Main entry: mw__lua_batch_methods.
 *
 * A table is converted whole, into memory that Lua owns, before the view is looked at: a value that does not fit changes nothing,
 * and whatever a metamethod of the table does meanwhile is noticed at the gate.
 *
 * SPDX-License-Identifier: MIT */
#include <stdbool.h>
#include <string.h>

#include "convert.h"
#include "errors.h"
#include "handle.h"
#include "view.h"

/* ---- parts of a view */

/* The places from `start` on along the first dimension, past the gate. */
static mw_view part_of(lua_State *L, const char *call, uint64_t start, uint64_t count) {
  const mw_view *view = mw__lua_view(L, 1, call);
  mw_view part;
  mw_error error;
  if (mw_view_slice(view, 0, start, 1, count, &error, &part) < 0) mw__lua_raise(L, &error);
  return part;
}

/* The part that arguments `arg` and the one behind it say, all where they are missing. */
static mw_view check_part(lua_State *L, const char *call, int arg) {
  const view_handle *handle = mw__lua_check(L, 1, MW__LUA_VIEW);
  uint64_t start;
  uint64_t count = mw__lua_check_range(L, arg, handle->core.shape[0], 1, &start);
  return part_of(L, call, start, count);
}

/* How many bytes one place along the first dimension takes. */
static uint64_t bytes_a_place(const mw_view *view) {
  uint64_t bytes = mw_dtype_size(view->dtype);
  for (int i = 1; i < view->ndim; i++) bytes *= view->shape[i];
  return bytes;
}

/* ---- out */

enum { CHUNK_BYTES = 4096 };

static void push_elements(lua_State *L, const char *call, const mw_view *view, lua_Integer first);

/* Add the rows of `view`, which is of several dimensions, to the table on the top. */
static void push_rows(lua_State *L, const char *call, const mw_view *view) {
  for (uint64_t i = 0; i < view->shape[0]; i++) {
    mw_view row;
    mw_error error;
    lua_createtable(L, (int)view->shape[1], 0);
    mw__lua_view(L, 1, call);
    if (mw_view_select(view, 0, i, &error, &row) < 0) mw__lua_raise(L, &error);
    if (row.ndim > 1)
      push_rows(L, call, &row);
    else
      push_elements(L, call, &row, 1);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
}

/* Add the elements of a part of one dimension to the table on the top, by copies of a few at a time: the table may make the
 * collector run, which may run anything, so no pointer into the region outlives a step. */
static void push_elements(lua_State *L, const char *call, const mw_view *view, lua_Integer first) {
  unsigned char chunk[CHUNK_BYTES];
  size_t size = mw_dtype_size(view->dtype);
  for (uint64_t done = 0; done < view->shape[0];) {
    uint64_t count = view->shape[0] - done < CHUNK_BYTES / size ? view->shape[0] - done : CHUNK_BYTES / size;
    mw_view part;
    mw_error error;
    mw__lua_view(L, 1, call);
    int status = mw_view_slice(view, 0, done, 1, count, &error, &part);
    if (status == 0) status = mw_view_read(&part, chunk, count * size, &error);
    if (status < 0) mw__lua_raise(L, &error);
    for (uint64_t i = 0; i < count; i++) {
      mw__lua_push_element(L, view->dtype, chunk + i * size);
      lua_rawseti(L, -2, first + (lua_Integer)(done + i));
    }
    done += count;
  }
}

static int view_totable(lua_State *L) {
  static const char call[] = "View.totable";
  mw_view part = check_part(L, call, 2);
  luaL_checkstack(L, 3 * MW_MAX_DIMENSIONS, NULL);
  luaL_argcheck(L, part.shape[0] <= INT32_MAX, 1, "too many elements for a table");
  lua_createtable(L, (int)part.shape[0], 0);
  if (part.ndim > 1)
    push_rows(L, call, &part);
  else
    push_elements(L, call, &part, 1);
  return 1;
}

static int view_string(lua_State *L) {
  static const char call[] = "View.string";
  mw_view part = check_part(L, call, 2);
  uint64_t size = mw_view_nbytes(&part);
  luaL_Buffer text;
  char *bytes = luaL_buffinitsize(L, &text, (size_t)size);
  mw__lua_view(L, 1, call);
  mw_error error;
  if (mw_view_read(&part, bytes, size, &error) < 0) return mw__lua_raise(L, &error);
  luaL_pushresultsize(&text, (size_t)size);
  return 1;
}

/* Indices as 0-based numbers, in memory that is pushed. */
static uint64_t *check_indices(lua_State *L, int arg, uint64_t extent, uint64_t *out_count) {
  lua_Integer count = luaL_len(L, arg);
  if (count < 0 || count > INT32_MAX) luaL_argerror(L, arg, "too many indices");
  uint64_t *indices = lua_newuserdatauv(L, (size_t)count * sizeof *indices, 0);
  for (lua_Integer i = 0; i < count; i++) {
    int isinteger = 0;
    lua_Integer index = lua_geti(L, arg, i + 1) == LUA_TNUMBER ? lua_tointegerx(L, -1, &isinteger) : 0;
    if (!isinteger) {
      luaL_argerror(L, arg,
                    lua_pushfstring(L, "element %I: integer expected, got %s", (LUAI_UACINT)i + 1, luaL_tolstring(L, -1, NULL)));
    }
    indices[i] = (uint64_t)index - 1;
    if (indices[i] >= extent) {
      luaL_argerror(L, arg,
                    lua_pushfstring(L, "element %I: index %I is out of range 1..%I", (LUAI_UACINT)i + 1, (LUAI_UACINT)index,
                                    (LUAI_UACINT)extent));
    }
    lua_pop(L, 1);
  }
  *out_count = (uint64_t)count;
  return indices;
}

static int view_take(lua_State *L) {
  static const char call[] = "View.take";
  const view_handle *handle = mw__lua_check(L, 1, MW__LUA_VIEW);
  luaL_argexpected(L, lua_istable(L, 2) || mw__lua_test(L, 2, MW__LUA_VIEW) != NULL, 2, "table or view");
  mw__lua_flat_view(L, 1, call);
  uint64_t count;
  const uint64_t *indices = check_indices(L, 2, handle->core.shape[0], &count);
  size_t size = mw_dtype_size(handle->core.dtype);
  unsigned char *buffer = lua_newuserdatauv(L, (size_t)count * size, 0);
  lua_createtable(L, (int)count, 0);
  mw_error error;
  if (mw_view_take(mw__lua_view(L, 1, call), indices, count, buffer, &error) < 0) return mw__lua_raise(L, &error);
  for (uint64_t i = 0; i < count; i++) {
    mw__lua_push_element(L, handle->core.dtype, buffer + i * size);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

/* ---- in */

/* Where in the argument a conversion is: the indices so far, for the error. */
typedef struct place {
  int arg;
  int depth;
  lua_Integer indices[MW_MAX_DIMENSIONS];
} place;

static void refuse_place(lua_State *L, const place *at, const char *wrong) {
  luaL_Buffer text;
  luaL_buffinit(L, &text);
  for (int i = 0; i < at->depth; i++) {
    lua_pushfstring(L, "[%I]", (LUAI_UACINT)at->indices[i]);
    luaL_addvalue(&text);
  }
  luaL_pushresult(&text);
  luaL_argerror(L, at->arg, lua_pushfstring(L, "element %s: %s", lua_tostring(L, -1), wrong));
}

/* Convert the sequence on the top, `count` long, into dense elements of the shape that `view` has from this depth on. */
static unsigned char *convert_sequence(lua_State *L, place *at, const mw_view *view, uint64_t count, unsigned char *cursor) {
  int depth = at->depth++;
  for (uint64_t i = 0; i < count; i++) {
    at->indices[depth] = (lua_Integer)i + 1;
    lua_geti(L, -1, at->indices[depth]);
    if (at->depth == view->ndim) {
      const char *wrong = mw__lua_store(L, -1, view->dtype, cursor);
      if (wrong != NULL) refuse_place(L, at, wrong);
      cursor += mw_dtype_size(view->dtype);
    } else {
      if (!lua_istable(L, -1)) refuse_place(L, at, lua_pushfstring(L, "table expected, got %s", luaL_typename(L, -1)));
      lua_Integer length = luaL_len(L, -1), extent = (lua_Integer)view->shape[at->depth];
      if (length != extent) {
        refuse_place(L, at, lua_pushfstring(L, "%I elements expected, got %I", (LUAI_UACINT)extent, (LUAI_UACINT)length));
      }
      cursor = convert_sequence(L, at, view, (uint64_t)extent, cursor);
    }
    lua_pop(L, 1);
  }
  at->depth = depth;
  return cursor;
}

/* The core was asked for a part of what the script called. */
static void raise_as(lua_State *L, const char *call, mw_error *error) {
  mw__lua_name_call(error, call);
  mw__lua_raise(L, error);
}

/* Write dense elements into `count` places from `start` on. */
static void write_part(lua_State *L, const char *call, uint64_t start, uint64_t count, const void *elements, uint64_t size) {
  mw_view part = part_of(L, call, start, count);
  mw_error error;
  if (mw_view_write(&part, elements, size, &error) < 0) raise_as(L, call, &error);
}

/* The number of places that a source needs must be there behind `start`. */
static void check_fits(lua_State *L, int arg, const mw_view *view, uint64_t start, uint64_t count) {
  uint64_t there = view->shape[0] - start;
  if (count <= there) return;
  luaL_argerror(L, arg,
                lua_pushfstring(L, "%I elements do not fit: there are %I from %I on", (LUAI_UACINT)count, (LUAI_UACINT)there,
                                (LUAI_UACINT)start + 1));
}

static void copy_table(lua_State *L, const char *call, int arg, uint64_t start) {
  const view_handle *handle = lua_touserdata(L, 1);
  lua_Integer length = luaL_len(L, arg);
  if (length < 0) luaL_argerror(L, arg, "its length is negative");
  uint64_t count = (uint64_t)length;
  check_fits(L, arg, &handle->core, start, count);
  luaL_checkstack(L, MW_MAX_DIMENSIONS + LUA_MINSTACK, NULL);
  uint64_t size = count * bytes_a_place(&handle->core);
  unsigned char *buffer = lua_newuserdatauv(L, (size_t)size, 0);
  place at = {.arg = arg};
  lua_pushvalue(L, arg);
  convert_sequence(L, &at, &handle->core, count, buffer);
  write_part(L, call, start, count, buffer, size);
}

static void copy_string(lua_State *L, const char *call, int arg, uint64_t start) {
  const view_handle *handle = lua_touserdata(L, 1);
  uint64_t unit = bytes_a_place(&handle->core);
  size_t size;
  const char *bytes = lua_tolstring(L, arg, &size);
  if (unit == 0 ? size != 0 : size % unit != 0) {
    luaL_argerror(L, arg, lua_pushfstring(L, "%I bytes are no multiple of %I", (LUAI_UACINT)size, (LUAI_UACINT)unit));
  }
  uint64_t count = unit == 0 ? 0 : size / unit;
  check_fits(L, arg, &handle->core, start, count);
  write_part(L, call, start, count, bytes, size);
}

static void copy_view(lua_State *L, const char *call, int arg, uint64_t start) {
  const view_handle *handle = lua_touserdata(L, 1);
  const mw_view *source = mw__lua_view(L, arg, call);
  check_fits(L, arg, &handle->core, start, source->shape[0]);
  mw_view part = part_of(L, call, start, source->shape[0]);
  mw_error error;
  if (mw_view_copy(&part, source, &error) < 0) raise_as(L, call, &error);
}

static int view_copy_from(lua_State *L) {
  static const char call[] = "View.copy_from";
  const view_handle *handle = mw__lua_check(L, 1, MW__LUA_VIEW);
  uint64_t start = mw__lua_check_position(L, 3, handle->core.shape[0], 1, 1);
  if (lua_istable(L, 2))
    copy_table(L, call, 2, start);
  else if (lua_type(L, 2) == LUA_TSTRING)
    copy_string(L, call, 2, start);
  else if (mw__lua_test(L, 2, MW__LUA_VIEW) != NULL)
    copy_view(L, call, 2, start);
  else
    return luaL_typeerror(L, 2, "table, string or view");
  return 0;
}

/* Values, or one table of them: v:set(3, 1, 2) and v:set(3, { 1, 2 }). A few values need no memory of Lua's. */
static int view_set(lua_State *L) {
  static const char call[] = "View.set";
  const view_handle *handle = mw__lua_check(L, 1, MW__LUA_VIEW);
  mw__lua_check_integer(L, 2);
  mw__lua_flat_view(L, 1, call);
  uint64_t start = mw__lua_check_position(L, 2, handle->core.shape[0], 1, 0);
  if (lua_istable(L, 3)) {
    copy_table(L, call, 3, start);
    return 0;
  }
  int count = lua_gettop(L) - 2;
  size_t size = mw_dtype_size(handle->core.dtype);
  check_fits(L, 3, &handle->core, start, (uint64_t)count);
  unsigned char few[256];
  unsigned char *buffer = (size_t)count <= sizeof few / size ? few : lua_newuserdatauv(L, (size_t)count * size, 0);
  for (int i = 0; i < count; i++) {
    const char *wrong = mw__lua_store(L, 3 + i, handle->core.dtype, buffer + (size_t)i * size);
    if (wrong != NULL) luaL_argerror(L, 3 + i, wrong);
  }
  write_part(L, call, start, (uint64_t)count, buffer, (uint64_t)count * size);
  return 0;
}

static int view_fill(lua_State *L) {
  const view_handle *handle = mw__lua_check(L, 1, MW__LUA_VIEW);
  mw_value value = mw__lua_check_value(L, 2, handle->core.dtype);
  mw_view part = check_part(L, "View.fill", 3);
  mw_error error;
  return mw_view_fill(&part, value, &error) < 0 ? mw__lua_raise(L, &error) : 0;
}

/* ---- questions */

typedef int (*reduction)(const mw_view *view, mw_error *error, mw_value *out_value);

static int reduce(lua_State *L, const char *call, reduction function) {
  mw_view part = check_part(L, call, 2);
  mw_value value;
  mw_error error;
  if (function(&part, &error, &value) < 0) return mw__lua_raise(L, &error);
  mw__lua_push_value(L, value);
  return 1;
}

static int view_sum(lua_State *L) { return reduce(L, "View.sum", mw_view_sum); }

static int view_min(lua_State *L) { return reduce(L, "View.min", mw_view_min); }

static int view_max(lua_State *L) { return reduce(L, "View.max", mw_view_max); }

static int view_index(lua_State *L) {
  static const char call[] = "View.index";
  const view_handle *handle = mw__lua_check(L, 1, MW__LUA_VIEW);
  mw_value value = mw__lua_check_value(L, 2, handle->core.dtype);
  uint64_t start;
  lua_settop(L, 3);
  uint64_t count = mw__lua_check_range(L, 3, handle->core.shape[0], 1, &start);
  const mw_view *view = mw__lua_flat_view(L, 1, call);
  uint64_t index = 0;
  mw_error error;
  int status = count == 0 ? MW_ENOENT : mw_view_index(view, value, start, &error, &index);
  if (status < 0 && status != MW_ENOENT) return mw__lua_raise(L, &error);
  if (status < 0)
    lua_pushnil(L);
  else
    lua_pushinteger(L, (lua_Integer)index + 1);
  return 1;
}

static int view_count(lua_State *L) {
  const view_handle *handle = mw__lua_check(L, 1, MW__LUA_VIEW);
  mw_value value = mw__lua_check_value(L, 2, handle->core.dtype);
  uint64_t count;
  mw_error error;
  if (mw_view_count_of(mw__lua_view(L, 1, "View.count"), value, &error, &count) < 0) return mw__lua_raise(L, &error);
  lua_pushinteger(L, (lua_Integer)count);
  return 1;
}

static int view_equals(lua_State *L) {
  static const char call[] = "View.equals";
  mw__lua_check(L, 1, MW__LUA_VIEW);
  mw__lua_check(L, 2, MW__LUA_VIEW);
  const mw_view *view = mw__lua_view(L, 1, call), *other = mw__lua_view(L, 2, call);
  bool equal;
  mw_error error;
  if (mw_view_equals(view, other, &error, &equal) < 0) return mw__lua_raise(L, &error);
  lua_pushboolean(L, equal);
  return 1;
}

const luaL_Reg mw__lua_batch_methods[] = {
    {"totable", view_totable},
    {"string", view_string},
    {"take", view_take},
    {"copy_from", view_copy_from},
    {"set", view_set},
    {"fill", view_fill},
    {"sum", view_sum},
    {"min", view_min},
    {"max", view_max},
    {"index", view_index},
    {"count", view_count},
    {"equals", view_equals},
    {NULL, NULL},
};
