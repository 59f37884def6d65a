/* View, one element at a time: v[i], v[i] = x, at, put, get, set, and the closures that are faster. Main entry:
 * mw__lua_element_index.
 *
 * Every access goes through the region's handle: a closed region raises, an index past the end reads nil or raises. Where an
 * access is good nothing is looked up and nothing allocated; all that may go wrong is told apart afterwards, out of the way.
 *
 * SPDX-License-Identifier: MIT */
#include <stdbool.h>

#include "convert.h"
#include "errors.h"
#include "handle.h"
#include "view.h"

/* ---- shared by all */

/* The gate, for who has the handle at `index` in hand already. */
static inline const mw_view *open_view(lua_State *L, const view_handle *handle, int index, const char *call) {
  return handle->owner->core != NULL ? &handle->core : mw__lua_view(L, index, call);
}

/* mw_view_at gave nothing for an index that is in the view's shape: its region became too small. */
static void refuse_lost(lua_State *L, const mw_view *view) {
  mw_error error;
  if (mw_view_check(view, &error) < 0) mw__lua_raise(L, &error);
}

static int refuse_index(lua_State *L, const char *call, const mw_view *view, lua_Integer index, int dimension) {
  refuse_lost(L, view);
  const char *name = mw_region_name(view->region);
  LUAI_UACINT extent = (LUAI_UACINT)view->shape[dimension];
  if (view->ndim == 1) return mw__lua_refuse(L, call, name, "index %I is out of range 1..%I", (LUAI_UACINT)index, extent);
  return mw__lua_refuse(L, call, name, "index %I is out of range 1..%I in dimension %d", (LUAI_UACINT)index, extent, dimension + 1);
}

static void refuse_readonly(lua_State *L, const char *call, const mw_view *view) {
  if (!mw_view_is_writable(view)) mw__lua_refuse(L, call, mw_region_name(view->region), "the region is read-only");
}

static void *element_at(lua_State *L, const char *call, const mw_view *view, lua_Integer index) {
  void *element = mw_view_at(view, (uint64_t)index - 1);
  if (element == NULL) refuse_index(L, call, view, index, 0);
  return element;
}

/* Store the Lua value at `index` in an element of the view at `self`, which may be written to. Nothing of the script runs before
 * that; but saying what is wrong with a value allocates, and a finalizer may close the region then. */
static void store(lua_State *L, const char *call, int self, const mw_view *view, int index, void *element) {
  if (view->dtype == MW_FLOAT64 && lua_type(L, index) == LUA_TNUMBER) {
    double number = lua_tonumber(L, index);
    memcpy(element, &number, sizeof number);
    return;
  }
  const char *wrong = mw__lua_store(L, index, view->dtype, element);
  if (wrong != NULL) mw__lua_refuse(L, call, mw_region_name(mw__lua_view(L, self, call)->region), "%s", wrong);
}

/* ---- v[i], v[i] = x */

/* The row at an index counted from 0, of the view at `index`. */
static int push_row(lua_State *L, int index, uint64_t place) {
  view_handle *row = mw__lua_view_copy(L, index);
  mw_error error;
  if (mw_view_select(mw__lua_view(L, index, "View.row"), 0, place, &error, &row->core) < 0) return mw__lua_raise(L, &error);
  return 1;
}

/* As in a table, an index that is not there reads nil: so ipairs finds the end. */
static int index_elsewhere(lua_State *L, const mw_view *view, lua_Integer index) {
  refuse_lost(L, view);
  if (view->ndim > 1 && (uint64_t)index - 1 < view->shape[0]) return push_row(L, 1, (uint64_t)index - 1);
  lua_pushnil(L);
  return 1;
}

/* An integral float is an integer key here, as in tables; other numbers name nothing. */
static bool to_key(lua_State *L, int index, lua_Integer *out_key) {
  int isinteger = 0;
  if (lua_type(L, index) != LUA_TNUMBER) return false;
  *out_key = lua_tointegerx(L, index, &isinteger);
  return isinteger != 0;
}

int mw__lua_element_index(lua_State *L) {
  lua_Integer index;
  if (!to_key(L, 2, &index)) return mw__lua_index(L);
  const mw_view *view = open_view(L, mw__lua_self(L, MW__LUA_VIEW), 1, "View.__index");
  const void *element = mw_view_at(view, (uint64_t)index - 1);
  if (element == NULL) return index_elsewhere(L, view, index);
  mw__lua_push_element(L, view->dtype, element);
  return 1;
}

int mw__lua_element_newindex(lua_State *L) {
  static const char call[] = "View.__newindex";
  lua_Integer index;
  const view_handle *handle = mw__lua_self(L, MW__LUA_VIEW);
  if (!to_key(L, 2, &index)) {
    const char *key = lua_isstring(L, 2) ? lua_tostring(L, 2) : luaL_typename(L, 2); /* may allocate: the gate comes after it */
    return mw__lua_refuse(L, call, mw_region_name(mw__lua_view(L, 1, call)->region),
                          "'%s' is no index; a view's fields cannot be set", key);
  }
  const mw_view *view = open_view(L, handle, 1, call);
  if (view->ndim != 1) {
    return mw__lua_refuse(L, call, mw_region_name(view->region), "the view has %d dimensions; use put, or copy_from on a row",
                          view->ndim);
  }
  refuse_readonly(L, call, view);
  store(L, call, 1, view, 3, element_at(L, call, view, index));
  return 0;
}

/* ---- by one index for each dimension */

static void *check_place(lua_State *L, const char *call, const mw_view *view, int first_arg) {
  uint64_t indices[MW_MAX_DIMENSIONS];
  int given = lua_gettop(L) - first_arg + 1;
  if (given != view->ndim) {
    mw__lua_refuse(L, call, mw_region_name(view->region), "it takes %d indices here, got %d", view->ndim, given);
  }
  for (int i = 0; i < view->ndim; i++) {
    lua_Integer index = mw__lua_check_integer(L, first_arg + i);
    indices[i] = (uint64_t)index - 1;
    if (indices[i] >= view->shape[i]) refuse_index(L, call, view, index, i);
  }
  void *element = mw_view_element(view, indices);
  if (element == NULL) refuse_lost(L, view);
  return element;
}

static int view_at(lua_State *L) {
  static const char call[] = "View.at";
  mw__lua_check(L, 1, MW__LUA_VIEW);
  const mw_view *view = mw__lua_view(L, 1, call);
  mw__lua_push_element(L, view->dtype, check_place(L, call, view, 2));
  return 1;
}

static int view_put(lua_State *L) {
  static const char call[] = "View.put";
  mw__lua_check(L, 1, MW__LUA_VIEW);
  const mw_view *view = mw__lua_view(L, 1, call);
  refuse_readonly(L, call, view);
  store(L, call, 1, view, 2, check_place(L, call, view, 3));
  return 0;
}

/* ---- several, as string.byte gives them */

/* As many results as every Lua of today lets a C function return. */
enum { MOST_RESULTS = 200 };

static int view_get(lua_State *L) {
  static const char call[] = "View.get";
  const view_handle *handle = mw__lua_check(L, 1, MW__LUA_VIEW);
  lua_settop(L, 3);
  lua_Integer i = mw__lua_opt_integer(L, 2, 1);
  if (lua_isnil(L, 3)) {
    lua_pushinteger(L, i);
    lua_replace(L, 3);
  }
  uint64_t start;
  uint64_t count = mw__lua_check_range(L, 2, handle->core.shape[0], 1, &start);
  luaL_argcheck(L, count <= MOST_RESULTS, 3, "more than 200 elements; use totable");
  luaL_checkstack(L, (int)count, NULL);
  const mw_view *view = mw__lua_flat_view(L, 1, call);
  for (uint64_t k = 0; k < count; k++) {
    mw__lua_push_element(L, view->dtype, element_at(L, call, view, (lua_Integer)(start + k + 1)));
  }
  return (int)count;
}

/* ---- closures: the view is an upvalue, and nothing is left to check but the index */

static inline const mw_view *open_kept_view(lua_State *L, const char *call) {
  return open_view(L, lua_touserdata(L, lua_upvalueindex(1)), lua_upvalueindex(1), call);
}

/* As the string library reads its positions: what converts to an integer is one. */
static inline lua_Integer check_index(lua_State *L) {
  int isinteger;
  lua_Integer index = lua_tointegerx(L, 1, &isinteger);
  return isinteger ? index : luaL_checkinteger(L, 1);
}

static int get_one(lua_State *L) {
  const mw_view *view = open_kept_view(L, "View.getter");
  lua_Integer index = check_index(L);
  mw__lua_push_element(L, view->dtype, element_at(L, "View.getter", view, index));
  return 1;
}

/* Whether the memory may be written to is asked each time: it may have been protected or sealed since. */
static int set_one(lua_State *L) {
  const mw_view *view = open_kept_view(L, "View.setter");
  lua_Integer index = check_index(L);
  refuse_readonly(L, "View.setter", view);
  store(L, "View.setter", lua_upvalueindex(1), view, 2, element_at(L, "View.setter", view, index));
  return 0;
}

static int iterate_elements(lua_State *L) {
  const mw_view *view = open_kept_view(L, "View.iter");
  lua_Integer index = lua_tointeger(L, 2);
  const void *element = mw_view_at(view, (uint64_t)index);
  if (element == NULL) {
    refuse_lost(L, view);
    return 0;
  }
  lua_pushinteger(L, index + 1);
  mw__lua_push_element(L, view->dtype, element);
  return 2;
}

static int iterate_rows(lua_State *L) {
  const mw_view *view = open_kept_view(L, "View.iter");
  lua_Integer index = lua_tointeger(L, 2);
  if ((uint64_t)index >= view->shape[0]) return 0;
  lua_pushinteger(L, index + 1);
  return 1 + push_row(L, lua_upvalueindex(1), (uint64_t)index);
}

static int push_closure(lua_State *L, lua_CFunction function) {
  lua_pushvalue(L, 1);
  lua_pushcclosure(L, function, 1);
  return 1;
}

static int view_getter(lua_State *L) {
  mw__lua_check(L, 1, MW__LUA_VIEW);
  mw__lua_flat_view(L, 1, "View.getter");
  return push_closure(L, get_one);
}

static int view_setter(lua_State *L) {
  mw__lua_check(L, 1, MW__LUA_VIEW);
  refuse_readonly(L, "View.setter", mw__lua_flat_view(L, 1, "View.setter"));
  return push_closure(L, set_one);
}

static int view_iter(lua_State *L) {
  mw__lua_check(L, 1, MW__LUA_VIEW);
  push_closure(L, mw__lua_view(L, 1, "View.iter")->ndim == 1 ? iterate_elements : iterate_rows);
  lua_pushnil(L);
  lua_pushinteger(L, 0);
  return 3;
}

const luaL_Reg mw__lua_element_methods[] = {
    {"at", view_at},         {"put", view_put},   {"get", view_get}, {"getter", view_getter},
    {"setter", view_setter}, {"iter", view_iter}, {NULL, NULL},
};
