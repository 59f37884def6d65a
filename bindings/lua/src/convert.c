/* Checking and converting arguments. Main entries: mw__lua_check_*; options are a table of rows with one loop.
 *
 * SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L /* fileno */
#include "convert.h"

#include <limits.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <lauxlib.h>

#include "memwell/pages.h"

/* ---- names, sizes, times */

const char *mw__lua_check_name(lua_State *L, int arg) {
  if (lua_type(L, arg) != LUA_TSTRING) luaL_typeerror(L, arg, "string");
  size_t length;
  const char *name = lua_tolstring(L, arg, &length);
  luaL_argcheck(L, strlen(name) == length, arg, "it contains a zero byte");
  return name;
}

lua_Integer mw__lua_check_integer(lua_State *L, int arg) {
  if (lua_type(L, arg) != LUA_TNUMBER) luaL_typeerror(L, arg, "integer");
  return luaL_checkinteger(L, arg);
}

lua_Integer mw__lua_opt_integer(lua_State *L, int arg, lua_Integer otherwise) {
  return lua_isnoneornil(L, arg) ? otherwise : mw__lua_check_integer(L, arg);
}

uint64_t mw__lua_check_size(lua_State *L, int arg, const char *what) {
  if (lua_type(L, arg) != LUA_TNUMBER) luaL_typeerror(L, arg, "integer");
  int isinteger;
  lua_Integer size = lua_tointegerx(L, arg, &isinteger);
  if (!isinteger) luaL_argerror(L, arg, lua_pushfstring(L, "%s %f has no integer representation", what, lua_tonumber(L, arg)));
  if (size < 0) luaL_argerror(L, arg, lua_pushfstring(L, "%s %I is negative", what, (LUAI_UACINT)size));
  return (uint64_t)size;
}

uint64_t mw__lua_opt_size(lua_State *L, int arg, const char *what, uint64_t otherwise) {
  return lua_isnoneornil(L, arg) ? otherwise : mw__lua_check_size(L, arg, what);
}

int mw__lua_check_fd(lua_State *L, int arg) {
  const luaL_Stream *file = luaL_testudata(L, arg, LUA_FILEHANDLE);
  if (file != NULL) {
    luaL_argcheck(L, file->closef != NULL, arg, "the file is closed");
    return fileno(file->f);
  }
  if (lua_type(L, arg) != LUA_TNUMBER) luaL_typeerror(L, arg, "descriptor or file");
  lua_Integer fd = luaL_checkinteger(L, arg);
  luaL_argcheck(L, fd >= 0 && fd <= INT_MAX, arg, "it is no descriptor");
  return (int)fd;
}

int32_t mw__lua_check_key(lua_State *L, int arg) {
  lua_Integer key = mw__lua_check_integer(L, arg);
  luaL_argcheck(L, key >= INT32_MIN && key <= UINT32_MAX, arg, "a key has 32 bits");
  return (int32_t)(uint32_t)key;
}

/* Returns NULL, or what is wrong with the number of seconds at `index`. */
static const char *to_deadline(lua_State *L, int index, mw_deadline *out_deadline) {
  if (lua_type(L, index) != LUA_TNUMBER) return lua_pushfstring(L, "number of seconds expected, got %s", luaL_typename(L, index));
  double seconds = lua_tonumber(L, index);
  if (isnan(seconds)) return "the timeout is not a number";
  if (seconds < 0) return "the timeout is negative";
  *out_deadline = mw_deadline_after(seconds);
  return NULL;
}

mw_deadline mw__lua_opt_deadline(lua_State *L, int arg) {
  mw_deadline deadline = MW_DEADLINE_NEVER;
  if (lua_isnoneornil(L, arg)) return deadline;
  const char *wrong = to_deadline(L, arg, &deadline);
  if (wrong != NULL) luaL_argerror(L, arg, wrong);
  return deadline;
}

/* ---- names of seals */

const char *mw__lua_read_seal(lua_State *L, int index, unsigned *seals) {
  if (lua_type(L, index) != LUA_TSTRING) return lua_pushfstring(L, "name of a seal expected, got %s", luaL_typename(L, index));
  unsigned seal = 0;
  mw_error error;
  if (mw_seal_parse(lua_tostring(L, index), &error, &seal) < 0) return lua_pushstring(L, error.reason);
  *seals |= seal;
  return NULL;
}

/* ---- dtypes, shapes, ranges */

mw_dtype mw__lua_check_dtype(lua_State *L, int arg) {
  const char *text = mw__lua_check_name(L, arg);
  mw_dtype dtype = MW_UINT8;
  mw_error error;
  if (mw_dtype_parse(text, &error, &dtype) != 0) luaL_argerror(L, arg, lua_pushfstring(L, "'%s': %s", text, error.reason));
  return dtype;
}

static uint64_t check_extent(lua_State *L, int arg, const char *what, lua_Integer least) {
  int isinteger = 0;
  lua_Integer extent = lua_type(L, -1) == LUA_TNUMBER ? lua_tointegerx(L, -1, &isinteger) : 0;
  if (!isinteger) luaL_argerror(L, arg, lua_pushfstring(L, "%s: integer expected, got %s", what, luaL_tolstring(L, -1, NULL)));
  if (extent < least)
    luaL_argerror(L, arg, lua_pushfstring(L, "%s: %I is less than %I", what, (LUAI_UACINT)extent, (LUAI_UACINT)least));
  return (uint64_t)extent;
}

int mw__lua_check_extents(lua_State *L, int arg, const char *what, lua_Integer least, uint64_t *out_extents) {
  lua_Integer count = 1;
  bool is_table = lua_type(L, arg) == LUA_TTABLE;
  if (is_table) count = luaL_len(L, arg);
  if (count < 1 || count > MW_MAX_DIMENSIONS) luaL_argerror(L, arg, lua_pushfstring(L, "%s: it needs 1 to 8 dimensions", what));
  for (lua_Integer i = 0; i < count; i++) {
    if (is_table)
      lua_geti(L, arg, i + 1);
    else
      lua_pushvalue(L, arg);
    out_extents[i] = check_extent(L, arg, what, least);
    lua_pop(L, 1);
  }
  return (int)count;
}

/* The same as in string.sub: a position before the first is the first, one past the last leaves nothing. */
uint64_t mw__lua_check_range(lua_State *L, int arg, uint64_t count, lua_Integer i, uint64_t *out_start) {
  lua_Integer length = (lua_Integer)count;
  i = mw__lua_opt_integer(L, arg, i);
  lua_Integer j = mw__lua_opt_integer(L, arg + 1, -1);
  if (i < 0) i = i < -length ? 1 : length + i + 1;
  if (i == 0) i = 1;
  if (j < 0) j = j < -length ? 0 : length + j + 1;
  if (j > length) j = length;
  *out_start = i > j ? 0 : (uint64_t)(i - 1);
  return i > j ? 0 : (uint64_t)(j - i + 1);
}

uint64_t mw__lua_check_position(lua_State *L, int arg, uint64_t count, lua_Integer otherwise, unsigned beyond) {
  lua_Integer given = mw__lua_opt_integer(L, arg, otherwise), last = (lua_Integer)(count + beyond);
  lua_Integer position = given < 0 && given >= -(lua_Integer)count ? (lua_Integer)count + given + 1 : given;
  if (position < 1 || position > last) {
    luaL_argerror(L, arg, lua_pushfstring(L, "index %I is out of range 1..%I", (LUAI_UACINT)given, (LUAI_UACINT)last));
  }
  return (uint64_t)position - 1;
}

/* ---- options */

typedef const char *(*option_reader)(lua_State *L, mw__lua_options *options);

/* Each reader finds the option's value on the top, and returns NULL or what is wrong with it. */
static const char *read_bytes(lua_State *L, uint64_t *out_bytes) {
  int isinteger = 0;
  lua_Integer bytes = lua_type(L, -1) == LUA_TNUMBER ? lua_tointegerx(L, -1, &isinteger) : 0;
  if (!isinteger) return lua_pushfstring(L, "integer expected, got %s", luaL_tolstring(L, -1, NULL));
  if (bytes < 0) return lua_pushfstring(L, "%I is negative", (LUAI_UACINT)bytes);
  *out_bytes = (uint64_t)bytes;
  return NULL;
}

static const char *read_offset(lua_State *L, mw__lua_options *options) { return read_bytes(L, &options->offset); }

static const char *read_size(lua_State *L, mw__lua_options *options) {
  const char *wrong = read_bytes(L, &options->size);
  if (wrong == NULL && options->size == 0) return "it is 0; leave it out for the whole file";
  return wrong;
}

/* The bits of chmod. Lua has no octal numbers, so the digits of chmod are taken as a string: "0640". */
static const char *read_permissions(lua_State *L, mw__lua_options *options) {
  enum { MOST = 07777 };
  uint64_t bits = 0;
  if (lua_type(L, -1) == LUA_TSTRING) {
    const char *text = lua_tostring(L, -1);
    char *end;
    bits = strtoul(text, &end, 8);
    if (*text < '0' || *text > '7' || *end != '\0')
      return lua_pushfstring(L, "octal digits such as \"0640\" expected, got \"%s\"", text);
  } else {
    const char *wrong = read_bytes(L, &bits);
    if (wrong != NULL) return wrong;
  }
  if (bits == 0 || bits > MOST) return "the bits of chmod expected, \"0001\" to \"7777\"";
  options->permissions = (unsigned)bits;
  return NULL;
}

static const char *read_timeout(lua_State *L, mw__lua_options *options) {
  return to_deadline(L, lua_gettop(L), &options->deadline);
}

static const char *read_how(lua_State *L, mw__lua_options *options) {
  static const char *const names[] = {[MW_ATTACH] = "attach", [MW_CREATE] = "create", [MW_OPEN] = "open"};
  for (size_t how = 0; how < sizeof names / sizeof *names; how++) {
    if (lua_type(L, -1) != LUA_TSTRING || strcmp(lua_tostring(L, -1), names[how]) != 0) continue;
    options->how = (mw_how)how;
    return NULL;
  }
  return lua_pushfstring(L, "\"attach\", \"create\" or \"open\" expected, got %s", luaL_tolstring(L, -1, NULL));
}

/* A number that the core takes as an unsigned int, and has limits of its own for. */
static const char *read_number(lua_State *L, unsigned *out_number) {
  uint64_t number = 0;
  const char *wrong = read_bytes(L, &number);
  if (wrong == NULL && number > UINT_MAX) return lua_pushfstring(L, "%I is too large", (LUAI_UACINT)number);
  *out_number = (unsigned)number;
  return wrong;
}

static const char *read_value(lua_State *L, mw__lua_options *options) { return read_number(L, &options->value); }

static const char *read_count(lua_State *L, mw__lua_options *options) {
  const char *wrong = read_number(L, &options->count);
  if (wrong == NULL && options->count == 0) return "it is 0; a set has at least one";
  return wrong;
}

static const char *read_slots(lua_State *L, mw__lua_options *options) {
  const char *wrong = read_number(L, &options->slots);
  if (wrong == NULL && options->slots == 0) return "it is 0; a well has at least one";
  return wrong;
}

static const char *read_objects(lua_State *L, mw__lua_options *options) {
  const char *wrong = read_number(L, &options->objects);
  if (wrong == NULL && options->objects == 0) return "it is 0; a well has room for at least one";
  return wrong;
}

static const char *read_recover(lua_State *L, mw__lua_options *options) {
  (void)options;
  return lua_isfunction(L, -1) ? NULL : lua_pushfstring(L, "function expected, got %s", luaL_typename(L, -1));
}

/* A name is short, so it is copied: the table that it stands in may change meanwhile. */
static const char *read_name(lua_State *L, mw__lua_options *options) {
  size_t size;
  if (lua_type(L, -1) != LUA_TSTRING) return lua_pushfstring(L, "string expected, got %s", luaL_typename(L, -1));
  const char *name = lua_tolstring(L, -1, &size);
  if (strlen(name) != size) return "it contains a zero byte";
  if (size >= sizeof options->name) return lua_pushfstring(L, "it has %d bytes, and may have 249", (int)size);
  memcpy(options->name, name, size + 1);
  return NULL;
}

static const char *read_on_fault(lua_State *L, mw__lua_options *options) {
  const char *name = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
  options->fault_aborts = strcmp(name, "abort") == 0;
  if (options->fault_aborts || strcmp(name, "error") == 0) return NULL;
  return lua_pushfstring(L, "\"error\" or \"abort\" expected, got %s", luaL_tolstring(L, -1, NULL));
}

static const char *read_require_seals(lua_State *L, mw__lua_options *options) {
  if (lua_type(L, -1) != LUA_TTABLE) return lua_pushfstring(L, "table of names expected, got %s", luaL_typename(L, -1));
  int list = lua_gettop(L);
  lua_Integer count = luaL_len(L, list);
  for (lua_Integer i = 1; i <= count; i++) {
    lua_geti(L, list, i);
    const char *wrong = mw__lua_read_seal(L, -1, &options->require_seals);
    if (wrong != NULL) return wrong;
    lua_pop(L, 1);
  }
  return NULL;
}

static const struct option {
  const char *name;
  unsigned bit;
  option_reader read; /* NULL: a boolean, which sets the bit or clears it */
} options_table[] = {
    {"offset", MW__LUA_OFFSET, read_offset},
    {"size", MW__LUA_SIZE, read_size},
    {"permissions", MW__LUA_PERMISSIONS, read_permissions},
    {"timeout", MW__LUA_TIMEOUT, read_timeout},
    {"temporary", MW__LUA_TEMPORARY, NULL},
    {"readonly", MW__LUA_READONLY, NULL},
    {"any_owner", MW__LUA_ANY_OWNER, NULL},
    {"private", MW__LUA_PRIVATE, NULL},
    {"keep_fd", MW__LUA_KEEP_FD, NULL},
    {"wait", MW__LUA_WAIT, NULL},
    {"missing_ok", MW__LUA_MISSING_OK, NULL},
    {"guard", MW__LUA_GUARDED, NULL},
    {"on_fault", MW__LUA_ON_FAULT, read_on_fault},
    {"huge_pages", MW__LUA_HUGE_PAGES, NULL},
    {"name", MW__LUA_NAME, read_name},
    {"require_seals", MW__LUA_REQUIRE_SEALS, read_require_seals},
    {"how", MW__LUA_HOW, read_how},
    {"value", MW__LUA_VALUE, read_value},
    {"count", MW__LUA_COUNT, read_count},
    {"undo", MW__LUA_UNDO, NULL},
    {"unused_ok", MW__LUA_UNUSED_OK, NULL},
    {"slots", MW__LUA_SLOTS, read_slots},
    {"objects", MW__LUA_OBJECTS, read_objects},
    {"create", MW__LUA_CREATE, NULL},
    {"recover", MW__LUA_RECOVER, read_recover},
};

enum { OPTION_COUNT = sizeof options_table / sizeof *options_table };

static const struct option *find_option(const char *name, unsigned known) {
  for (size_t i = 0; i < OPTION_COUNT; i++) {
    if ((options_table[i].bit & known) && strcmp(options_table[i].name, name) == 0) return &options_table[i];
  }
  return NULL;
}

static void refuse_option(lua_State *L, int arg, unsigned known) {
  luaL_Buffer text;
  const char *name = luaL_tolstring(L, -1, NULL);
  luaL_buffinit(L, &text);
  luaL_addstring(&text, "unknown option '");
  luaL_addstring(&text, name);
  luaL_addstring(&text, "'; it takes");
  for (size_t i = 0; i < OPTION_COUNT; i++) {
    if (!(options_table[i].bit & known)) continue;
    luaL_addchar(&text, ' ');
    luaL_addstring(&text, options_table[i].name);
  }
  luaL_pushresult(&text);
  luaL_argerror(L, arg, lua_tostring(L, -1));
}

/* The keys that the table itself has: a default that it inherits may be for some other call. */
static void refuse_unknown_options(lua_State *L, int arg, unsigned known) {
  for (lua_pushnil(L); lua_next(L, arg) != 0;) {
    lua_pop(L, 1);
    if (lua_type(L, -1) != LUA_TSTRING || find_option(lua_tostring(L, -1), known) == NULL) refuse_option(L, arg, known);
  }
}

static const char *read_option(lua_State *L, const struct option *option, mw__lua_options *options) {
  if (option->read != NULL) return option->read(L, options);
  if (!lua_isboolean(L, -1)) return lua_pushfstring(L, "boolean expected, got %s", luaL_typename(L, -1));
  options->flags = lua_toboolean(L, -1) ? options->flags | option->bit : options->flags & ~option->bit;
  return NULL;
}

mw__lua_options mw__lua_check_options(lua_State *L, int arg, unsigned known) {
  mw__lua_options options = {.flags = MW__LUA_KEEP_FD | MW__LUA_WAIT | MW__LUA_GUARDED | MW__LUA_CREATE,
                             .deadline = MW_DEADLINE_NOW};
  if (lua_isnoneornil(L, arg)) return options;
  luaL_checktype(L, arg, LUA_TTABLE);
  refuse_unknown_options(L, arg, known);
  int top = lua_gettop(L);
  for (size_t i = 0; i < OPTION_COUNT; i++) {
    const struct option *option = &options_table[i];
    if (!(option->bit & known)) continue;
    if (lua_getfield(L, arg, option->name) != LUA_TNIL) {
      const char *wrong = read_option(L, option, &options);
      if (wrong != NULL) luaL_argerror(L, arg, lua_pushfstring(L, "option '%s': %s", option->name, wrong));
      options.present |= option->bit;
    }
    lua_settop(L, top);
  }
  return options;
}

/* ---- elements */

const char *mw__lua_to_value(lua_State *L, int index, mw_dtype dtype, mw_value *out_value) {
  if (lua_isinteger(L, index)) {
    lua_Integer integer = lua_tointeger(L, index);
    *out_value = (mw_value){.kind = dtype == MW_UINT64 ? MW_VALUE_UINT : MW_VALUE_INT, .as.i = integer};
    return NULL;
  }
  if (lua_type(L, index) == LUA_TNUMBER) {
    *out_value = (mw_value){.kind = MW_VALUE_FLOAT, .as.f = lua_tonumber(L, index)};
    return NULL;
  }
  if (dtype == MW_BOOL && lua_isboolean(L, index)) {
    *out_value = (mw_value){.kind = MW_VALUE_BOOL, .as.u = (uint64_t)lua_toboolean(L, index)};
    return NULL;
  }
  return lua_pushfstring(L, "%s expected, got %s", dtype == MW_BOOL ? "boolean" : "number", luaL_typename(L, index));
}

mw_value mw__lua_check_value(lua_State *L, int arg, mw_dtype dtype) {
  mw_value value = {MW_VALUE_INT, {0}};
  const char *wrong = mw__lua_to_value(L, arg, dtype, &value);
  if (wrong != NULL) luaL_argerror(L, arg, wrong);
  return value;
}

const char *mw__lua_store(lua_State *L, int index, mw_dtype dtype, void *element) {
  mw_value value = {MW_VALUE_INT, {0}};
  const char *wrong = mw__lua_to_value(L, index, dtype, &value);
  if (wrong != NULL) return wrong;
  mw_error error;
  return mw_dtype_store(dtype, element, value, &error) == 0 ? NULL : lua_pushstring(L, error.reason);
}

void mw__lua_push_value(lua_State *L, mw_value value) {
  switch (value.kind) {
    case MW_VALUE_INT: lua_pushinteger(L, value.as.i); break;
    case MW_VALUE_UINT: lua_pushinteger(L, (lua_Integer)value.as.u); break;
    case MW_VALUE_FLOAT: lua_pushnumber(L, value.as.f); break;
    case MW_VALUE_BOOL: lua_pushboolean(L, value.as.u != 0); break;
  }
}
