/* Region:stream, an object with the methods of a file of io.open. Main entry: mw__lua_stream_methods.
 *
 * A stream keeps its region's handle alive as its user value, and is of no use once that is closed. What it reads it copies first
 * and looks at then, as somebody may write meanwhile.
 *
 * SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "convert.h"
#include "errors.h"
#include "memwell/search.h"
#include "module.h"
#include "region.h"

enum { MOST_FORMATS = 250 }; /* that an iterator keeps, as io.lines does */

/* owner      the region's handle, as a view has it; NULL: the stream is closed
 * begin      where in the region it begins
 * size       of its bytes; UINT64_MAX: up to the region's end, wherever that is
 * position   from `begin` on, and maybe past the end */
typedef struct stream_handle {
  const region_handle *owner;
  uint64_t begin;
  uint64_t size;
  uint64_t position;
} stream_handle;

/* ---- the gate */

/* A stream that is being used: `region` is where its region's handle is on the stack. */
typedef struct stream_use {
  stream_handle *stream;
  int region;
  const char *call;
} stream_use;

/* The stream at 1, which is one. Its region's handle is pushed. */
static stream_use begin_use(lua_State *L, const char *call) {
  stream_handle *stream = lua_touserdata(L, 1);
  if (stream->owner == NULL) mw__lua_refuse(L, call, NULL, "the stream is closed");
  lua_getiuservalue(L, 1, 1);
  stream_use use = {stream, lua_gettop(L), call};
  mw__lua_region(L, use.region, call);
  return use;
}

static mw_region *region_of(lua_State *L, const stream_use *use) { return mw__lua_region(L, use->region, use->call); }

/* How many bytes the stream has now. */
static uint64_t size_now(lua_State *L, const stream_use *use) {
  uint64_t there = mw__lua_size_behind(region_of(L, use), use->stream->begin, UINT64_MAX);
  return use->stream->size < there ? use->stream->size : there;
}

static uint64_t left(lua_State *L, const stream_use *use) {
  uint64_t size = size_now(L, use);
  return use->stream->position < size ? size - use->stream->position : 0;
}

static uint64_t place(const stream_use *use) { return use->stream->begin + use->stream->position; }

/* ---- reading: each returns 1 with what it read on the top, 0 where there is nothing to read, or a status */

/* The next bytes, and be behind `passed` of them. */
static int read_bytes(lua_State *L, const stream_use *use, uint64_t size, uint64_t passed, mw_error *error) {
  int status = mw__lua_push_bytes(L, use->region, use->call, place(use), size, error);
  if (status < 0) return status;
  use->stream->position += passed;
  return 1;
}

static int read_all(lua_State *L, const stream_use *use, mw_error *error) {
  uint64_t size = left(L, use);
  return read_bytes(L, use, size, size, error);
}

static int read_count(lua_State *L, const stream_use *use, uint64_t count, mw_error *error) {
  uint64_t size = left(L, use);
  if (size == 0) return 0;
  if (count < size) size = count;
  return read_bytes(L, use, size, size, error);
}

static int read_line(lua_State *L, const stream_use *use, bool with_newline, mw_error *error) {
  uint64_t start = place(use), end, next;
  int status = mw_region_line(region_of(L, use), start, start + left(L, use), error, &end, &next);
  if (status < 0) return status == MW_ENOENT ? 0 : status;
  return read_bytes(L, use, (with_newline ? next : end) - start, next - start, error);
}

/* ---- reading a number, as liolib.c has it: the longest text that may begin one is taken, whether it is one or not */

enum { LONGEST_NUMERAL = 200, NUMERAL_WINDOW = LONGEST_NUMERAL + 1 };

typedef struct numeral {
  const char *next;
  const char *end;
  size_t length; /* of what was taken */
  bool too_long;
} numeral;

static bool take(numeral *n) {
  n->too_long = n->length >= LONGEST_NUMERAL;
  if (n->too_long) return false;
  n->next++;
  n->length++;
  return true;
}

static bool take_one_of(numeral *n, const char *two) {
  return n->next < n->end && (*n->next == two[0] || *n->next == two[1]) && take(n);
}

static int take_digits(numeral *n, bool hexadecimal) {
  int count = 0;
  while (n->next < n->end && (hexadecimal ? isxdigit((unsigned char)*n->next) : isdigit((unsigned char)*n->next)) && take(n))
    count++;
  return count;
}

static void take_numeral(numeral *n) {
  int count = 0;
  bool hexadecimal = false;
  take_one_of(n, "+-");
  if (take_one_of(n, "00")) {
    hexadecimal = take_one_of(n, "xX");
    count = !hexadecimal;
  }
  count += take_digits(n, hexadecimal);
  if (take_one_of(n, "..")) count += take_digits(n, hexadecimal);
  if (count > 0 && take_one_of(n, hexadecimal ? "pP" : "eE")) {
    take_one_of(n, "+-");
    take_digits(n, false);
  }
}

/* The bytes from the position on, at most as many as a numeral can have. */
static int look_ahead(lua_State *L, const stream_use *use, char *window, mw_error *error, size_t *out_size) {
  uint64_t there = left(L, use);
  size_t size = there < NUMERAL_WINDOW ? (size_t)there : NUMERAL_WINDOW;
  return mw_region_read(region_of(L, use), place(use), window, size, error, out_size);
}

static int skip_spaces(lua_State *L, const stream_use *use, mw_error *error) {
  for (;;) {
    char window[NUMERAL_WINDOW];
    size_t size = 0, spaces = 0;
    int status = look_ahead(L, use, window, error, &size);
    if (status < 0) return status;
    while (spaces < size && isspace((unsigned char)window[spaces])) spaces++;
    use->stream->position += spaces;
    if (spaces == 0 || spaces < size) return 0;
  }
}

static int read_number(lua_State *L, const stream_use *use, mw_error *error) {
  char window[NUMERAL_WINDOW + 1];
  size_t size = 0;
  int status = skip_spaces(L, use, error);
  if (status == 0) status = look_ahead(L, use, window, error, &size);
  if (status < 0) return status;
  numeral n = {.next = window, .end = window + size};
  take_numeral(&n);
  use->stream->position += n.length;
  window[n.length] = '\0';
  return !n.too_long && lua_stringtonumber(L, window) != 0;
}

/* ---- formats */

static int read_format(lua_State *L, const stream_use *use, int arg, mw_error *error) {
  if (lua_type(L, arg) == LUA_TNUMBER) return read_count(L, use, mw__lua_check_size(L, arg, "count"), error);
  const char *format = luaL_checkstring(L, arg);
  if (*format == '*') format++; /* as it was written before Lua 5.3 */
  switch (*format) {
    case 'n': return read_number(L, use, error);
    case 'l': return read_line(L, use, false, error);
    case 'L': return read_line(L, use, true, error);
    case 'a': return read_all(L, use, error);
    default: return luaL_argerror(L, arg, "invalid format");
  }
}

/* Read by the formats, which are at 2 and above; a line where there are none. The first that finds nothing is nil, and the last. */
static int read_formats(lua_State *L, const char *call) {
  int last = lua_gettop(L);
  luaL_checkstack(L, last + LUA_MINSTACK, "too many formats");
  stream_use use = begin_use(L, call);
  mw_error error;
  int status = 1;
  if (last < 2) status = read_line(L, &use, false, &error);
  for (int arg = 2; arg <= last && status == 1; arg++) status = read_format(L, &use, arg, &error);
  if (status == 0) luaL_pushfail(L);
  if (status >= 0) return lua_gettop(L) - use.region;
  mw__lua_name_call(&error, call);
  return mw__lua_fail(L, &error);
}

static int stream_read(lua_State *L) {
  mw__lua_check(L, 1, MW__LUA_STREAM);
  return read_formats(L, "Stream.read");
}

/* The iterator: upvalue 1 is the stream, upvalue 2 the number of formats, which follow. What cannot be read is raised. */
static int next_values(lua_State *L) {
  int count = (int)lua_tointeger(L, lua_upvalueindex(2));
  lua_settop(L, 0);
  luaL_checkstack(L, count + LUA_MINSTACK, "too many formats");
  for (int i = 0; i <= count; i++) lua_pushvalue(L, lua_upvalueindex(i == 0 ? 1 : i + 2));
  int results = read_formats(L, "Stream.lines");
  bool is_failure = results == 3 && lua_isnil(L, -3) && lua_type(L, -2) == LUA_TSTRING;
  return is_failure ? luaL_error(L, "%s", lua_tostring(L, -2)) : results;
}

static int stream_lines(lua_State *L) {
  mw__lua_check(L, 1, MW__LUA_STREAM);
  int count = lua_gettop(L) - 1;
  luaL_argcheck(L, count <= MOST_FORMATS, MOST_FORMATS + 2, "too many formats");
  begin_use(L, "Stream.lines");
  lua_settop(L, count + 1);
  lua_pushinteger(L, count);
  lua_insert(L, 2);
  lua_pushcclosure(L, next_values, count + 2);
  return 1;
}

/* ---- writing */

/* A value as io.write writes it: a float without the ".0" that tostring has. */
typedef struct written {
  const char *bytes;
  size_t size;
  char number[64];
} written;

static void check_written(lua_State *L, int arg, written *out_written) {
  if (lua_type(L, arg) != LUA_TNUMBER || lua_isinteger(L, arg)) {
    out_written->bytes = luaL_checklstring(L, arg, &out_written->size);
    return;
  }
  int size = snprintf(out_written->number, sizeof out_written->number, LUA_NUMBER_FMT, lua_tonumber(L, arg));
  out_written->bytes = out_written->number;
  out_written->size = (size_t)size;
}

/* Memory does not grow as files do: what goes past the end raises, and nothing of it is written. */
static int write_value(lua_State *L, const stream_use *use, int arg, mw_error *error) {
  written value;
  check_written(L, arg, &value);
  mw_region *region = region_of(L, use);
  if (value.size == 0) return 0;
  if (value.size > left(L, use)) {
    return mw__lua_refuse(L, use->call, mw_region_name(region), "%I bytes at %I go past the end of the stream (%I bytes)",
                          (LUAI_UACINT)value.size, (LUAI_UACINT)use->stream->position, (LUAI_UACINT)size_now(L, use));
  }
  int status = mw_region_write(region, place(use), value.bytes, value.size, error);
  if (status == 0) use->stream->position += value.size;
  return status;
}

static int stream_write(lua_State *L) {
  mw__lua_check(L, 1, MW__LUA_STREAM);
  int last = lua_gettop(L), status = 0;
  stream_use use = begin_use(L, "Stream.write");
  mw_error error;
  for (int arg = 2; arg <= last && status == 0; arg++) status = write_value(L, &use, arg, &error);
  if (status < 0) {
    mw__lua_name_call(&error, use.call);
    return mw__lua_fail(L, &error);
  }
  lua_settop(L, 1);
  return 1;
}

/* Nothing is kept back, so there is nothing to hand on and nothing to set. */
static int stream_flush(lua_State *L) {
  mw__lua_check(L, 1, MW__LUA_STREAM);
  begin_use(L, "Stream.flush");
  lua_pushboolean(L, 1);
  return 1;
}

/* ---- where it is */

static int fail_seek(lua_State *L, const stream_use *use) {
  mw_error error = {.status = MW_EINVAL, .os_errno = EINVAL, .call = "Stream.seek", .reason = "it would be before the start"};
  const char *name = mw_region_name(region_of(L, use));
  snprintf(error.object, sizeof error.object, "%s", name != NULL ? name : "");
  return mw__lua_failure(L, &error);
}

static int stream_seek(lua_State *L) {
  static const char *const names[] = {"set", "cur", "end", NULL};
  mw__lua_check(L, 1, MW__LUA_STREAM);
  int whence = luaL_checkoption(L, 2, "cur", names);
  lua_Integer offset = mw__lua_opt_integer(L, 3, 0), position;
  stream_use use = begin_use(L, "Stream.seek");
  const uint64_t from[] = {0, use.stream->position, size_now(L, &use)};
  if (__builtin_add_overflow((lua_Integer)from[whence], offset, &position) || position < 0) return fail_seek(L, &use);
  use.stream->position = (uint64_t)position;
  lua_pushinteger(L, position);
  return 1;
}

/* ---- beginning and end */

static int region_stream(lua_State *L) {
  static const char call[] = "Region.stream";
  const region_handle *owner = mw__lua_check(L, 1, MW__LUA_REGION);
  uint64_t offset = mw__lua_opt_size(L, 2, "offset", 0);
  uint64_t size = mw__lua_opt_size(L, 3, "size", UINT64_MAX);
  stream_handle *stream = mw__lua_new(L, MW__LUA_STREAM, sizeof *stream);
  const mw_region *region = mw__lua_region(L, 1, call);
  uint64_t end = mw_region_size(region);
  if (offset > end || (size != UINT64_MAX && size > end - offset)) {
    return mw__lua_refuse(L, call, mw_region_name(region), "%I bytes from %I on go past the end (%I bytes)",
                          (LUAI_UACINT)(size == UINT64_MAX ? 0 : size), (LUAI_UACINT)offset, (LUAI_UACINT)end);
  }
  lua_pushvalue(L, 1);
  lua_setiuservalue(L, -2, 1);
  *stream = (stream_handle){.owner = owner, .begin = offset, .size = size};
  return 1;
}

/* close, __close and __gc: the second time does nothing. */
static int stream_close(lua_State *L) {
  stream_handle *stream = mw__lua_check(L, 1, MW__LUA_STREAM);
  stream->owner = NULL;
  lua_pushboolean(L, 1);
  return 1;
}

static bool is_closed(const stream_handle *stream) { return stream->owner == NULL || stream->owner->core == NULL; }

static int stream_is_closed(lua_State *L) {
  lua_pushboolean(L, is_closed(mw__lua_check(L, 1, MW__LUA_STREAM)));
  return 1;
}

static int stream_tostring(lua_State *L) {
  if (is_closed(mw__lua_check(L, 1, MW__LUA_STREAM))) {
    lua_pushliteral(L, "memwell.Stream (closed)");
    return 1;
  }
  stream_use use = begin_use(L, "Stream.__tostring");
  lua_pushfstring(L, "memwell.Stream (at %I of %I bytes)", (LUAI_UACINT)use.stream->position, (LUAI_UACINT)size_now(L, &use));
  return 1;
}

/* ---- the class */

const luaL_Reg mw__lua_stream_methods[] = {{"stream", region_stream}, {NULL, NULL}};

static const luaL_Reg methods[] = {
    {"read", stream_read},   {"lines", stream_lines},   {"write", stream_write}, {"seek", stream_seek},
    {"flush", stream_flush}, {"setvbuf", stream_flush}, {"close", stream_close}, {NULL, NULL},
};

static const luaL_Reg fields[] = {{"closed", stream_is_closed}, {NULL, NULL}};

static const luaL_Reg metamethods[] = {
    {"__tostring", stream_tostring},
    {"__close", stream_close},
    {"__gc", stream_close},
    {NULL, NULL},
};

const mw__lua_class mw__lua_stream_class = {
    .name = "memwell.Stream",
    .methods = {methods},
    .fields = fields,
    .metamethods = metamethods,
};
