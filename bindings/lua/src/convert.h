/* Arguments to C and values back. Every function raises on a wrong argument, naming it and saying why.
 *
 * A conversion may run code of the script (an __index of a table, an __len), and such code may close anything. So a method converts
 * all of its arguments first, and only then asks its handle for the memory.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_LUA_CONVERT_H
#define MEMWELL_LUA_CONVERT_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <lua.h>

#include "memwell/deadline.h"
#include "memwell/dtype.h"
#include "memwell/region.h"
#include "memwell/view.h"

/* A name or path: a string (no number) without zero bytes. */
const char *mw__lua_check_name(lua_State *L, int arg);

/* A size, offset or count, from 0; a float will do where it is integral. `what` names it in the error. */
uint64_t mw__lua_check_size(lua_State *L, int arg, const char *what);
uint64_t mw__lua_opt_size(lua_State *L, int arg, const char *what, uint64_t otherwise);

/* An integer of any sign; and the same with a default. */
lua_Integer mw__lua_check_integer(lua_State *L, int arg);
lua_Integer mw__lua_opt_integer(lua_State *L, int arg, lua_Integer otherwise);

/* Seconds: none or nil waits for ever, 0 polls. No boolean, no NaN, nothing negative. */
mw_deadline mw__lua_opt_deadline(lua_State *L, int arg);

/* A descriptor: its number, or the open file of io.open that has it. */
int mw__lua_check_fd(lua_State *L, int arg);

/* A key of System V: the 32 bits that ipcs shows, read with a sign or without one. */
int32_t mw__lua_check_key(lua_State *L, int arg);

mw_dtype mw__lua_check_dtype(lua_State *L, int arg);

/* Add the seal that the name at `index` says to the sum. Returns NULL, or what is wrong with it, in a string that it pushes. */
const char *mw__lua_read_seal(lua_State *L, int index, unsigned *seals);

/* An integer, or a sequence of 1 to 8 integers, each at least `least`; returns how many there are. */
int mw__lua_check_extents(lua_State *L, int arg, const char *what, lua_Integer least, uint64_t *out_extents);

/* Elements i to j of `count`, 1-based and inclusive, negative from the end and clipped, all as string.sub has it; i is argument
 * `arg`, j the one behind it. Returns how many they are; *out_start is the first one's index, from 0. */
uint64_t mw__lua_check_range(lua_State *L, int arg, uint64_t count, lua_Integer i, uint64_t *out_start);

/* A position in 1 to `count` + `beyond`, negative from the end; raises where it is outside. Returns it counted from 0. */
uint64_t mw__lua_check_position(lua_State *L, int arg, uint64_t count, lua_Integer otherwise, unsigned beyond);

/* Options: each call takes some of them, and an unknown one raises. */
enum {
  MW__LUA_OFFSET = 1u << 0,
  MW__LUA_SIZE = 1u << 1,
  MW__LUA_PERMISSIONS = 1u << 2,
  MW__LUA_TIMEOUT = 1u << 3,
  MW__LUA_TEMPORARY = 1u << 4,
  MW__LUA_READONLY = 1u << 5,
  MW__LUA_ANY_OWNER = 1u << 6,
  MW__LUA_PRIVATE = 1u << 7,
  MW__LUA_KEEP_FD = 1u << 8,
  MW__LUA_WAIT = 1u << 9,
  MW__LUA_MISSING_OK = 1u << 10,
  MW__LUA_HOW = 1u << 11,
  MW__LUA_VALUE = 1u << 12,
  MW__LUA_COUNT = 1u << 13,
  MW__LUA_UNDO = 1u << 14,
  MW__LUA_UNUSED_OK = 1u << 15,
  MW__LUA_GUARDED = 1u << 16,
  MW__LUA_ON_FAULT = 1u << 17,
  MW__LUA_HUGE_PAGES = 1u << 18,
  MW__LUA_NAME = 1u << 19,
  MW__LUA_REQUIRE_SEALS = 1u << 20,
  MW__LUA_SLOTS = 1u << 21,
  MW__LUA_OBJECTS = 1u << 22,
  MW__LUA_CREATE = 1u << 23,
  MW__LUA_RECOVER = 1u << 24,
};

/* flags         the options that are true, as bits above; keep_fd, wait, guard and create are true where they are not given
 * present       the options that are given, whatever they say
 * size          0 where it is not given; an explicit 0 raises
 * permissions   0 where they are not given
 * deadline      now where no timeout is given
 * how           attach where it is not given
 * value, count  0 where they are not given
 * fault_aborts  on_fault = "abort"
 * name          empty where it is not given
 * require_seals a sum of mw_seal
 * slots, objects  0 where they are not given; an explicit 0 raises
 * recover is a function, which stays in the table */
typedef struct mw__lua_options {
  unsigned flags;
  unsigned present;
  uint64_t offset;
  uint64_t size;
  unsigned permissions;
  mw_deadline deadline;
  mw_how how;
  unsigned value;
  unsigned count;
  bool fault_aborts;
  char name[250];
  unsigned require_seals;
  unsigned slots;
  unsigned objects;
} mw__lua_options;

mw__lua_options mw__lua_check_options(lua_State *L, int arg, unsigned known);

/* The Lua value at `index` as a value for elements of this dtype: numbers, and booleans for bool. A negative integer stands for
 * 2^64 more where the dtype is uint64, as such numbers read. Returns NULL, or why not, in a string that it pushes. */
const char *mw__lua_to_value(lua_State *L, int index, mw_dtype dtype, mw_value *out_value);
mw_value mw__lua_check_value(lua_State *L, int arg, mw_dtype dtype);

/* Convert the Lua value at `index` into an element. Returns NULL, or why not, in a string that it pushes. */
const char *mw__lua_store(lua_State *L, int index, mw_dtype dtype, void *element);

void mw__lua_push_value(lua_State *L, mw_value value);

/* Push the element. It is the inner loop of every read, so the compiler sees it whole. */
static inline void mw__lua_push_element(lua_State *L, mw_dtype dtype, const void *element) {
#define PUSH(type, push, as)                 \
  do {                                       \
    type number;                             \
    memcpy(&number, element, sizeof number); \
    push(L, (as)number);                     \
  } while (0)
  if (dtype == MW_FLOAT64) { /* by far the most frequent */
    PUSH(double, lua_pushnumber, lua_Number);
    return;
  }
  switch (dtype) {
    case MW_INT8: PUSH(int8_t, lua_pushinteger, lua_Integer); break;
    case MW_UINT8: PUSH(uint8_t, lua_pushinteger, lua_Integer); break;
    case MW_INT16: PUSH(int16_t, lua_pushinteger, lua_Integer); break;
    case MW_UINT16: PUSH(uint16_t, lua_pushinteger, lua_Integer); break;
    case MW_INT32: PUSH(int32_t, lua_pushinteger, lua_Integer); break;
    case MW_UINT32: PUSH(uint32_t, lua_pushinteger, lua_Integer); break;
    case MW_INT64: PUSH(int64_t, lua_pushinteger, lua_Integer); break;
    case MW_UINT64: PUSH(uint64_t, lua_pushinteger, lua_Integer); break;
    case MW_FLOAT32: PUSH(float, lua_pushnumber, lua_Number); break;
    case MW_FLOAT16:
    case MW_FLOAT64:
    case MW_BOOL: mw__lua_push_value(L, mw_dtype_load(dtype, element)); break;
  }
#undef PUSH
}

#endif
