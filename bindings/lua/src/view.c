/* View: typed windows, and windows on windows. Main entries: mw__lua_region_view, mw__lua_view_class.
 *
 * SPDX-License-Identifier: MIT */
#include "view.h"

#include "convert.h"
#include "errors.h"
#include "module.h"

/* ---- the gate */

const mw_view *mw__lua_view(lua_State *L, int index, const char *call) {
  const view_handle *handle = lua_touserdata(L, index);
  if (handle->owner->core == NULL) {
    lua_getiuservalue(L, index, 1);
    mw__lua_region_closed(L, lua_gettop(L), call);
  }
  return &handle->core;
}

const mw_view *mw__lua_flat_view(lua_State *L, int index, const char *call) {
  const mw_view *view = mw__lua_view(L, index, call);
  if (view->ndim != 1) {
    mw__lua_refuse(L, call, mw_region_name(view->region), "the view has %d dimensions; take a row, a reshape, at or put",
                   view->ndim);
  }
  return view;
}

/* ---- making views */

view_handle *mw__lua_view_copy(lua_State *L, int index) {
  const view_handle *from = lua_touserdata(L, index);
  view_handle *handle = lua_newuserdatauv(L, sizeof *handle, 1);
  *handle = *from;
  lua_getiuservalue(L, index, 1);
  lua_setiuservalue(L, -2, 1);
  lua_getmetatable(L, index);
  lua_setmetatable(L, -2);
  return handle;
}

int mw__lua_region_view(lua_State *L) {
  static const char call[] = "Region.view";
  const region_handle *owner = mw__lua_check(L, 1, MW__LUA_REGION);
  mw_dtype dtype = lua_isnoneornil(L, 2) ? MW_UINT8 : mw__lua_check_dtype(L, 2);
  bool whole = lua_isnoneornil(L, 3);
  uint64_t shape[MW_MAX_DIMENSIONS];
  int ndim = whole ? 1 : mw__lua_check_extents(L, 3, "shape", 0, shape);
  mw__lua_options given = mw__lua_check_options(L, 4, MW__LUA_OFFSET);
  view_handle *handle = mw__lua_new(L, MW__LUA_VIEW, sizeof *handle);
  handle->owner = owner;
  lua_pushvalue(L, 1);
  lua_setiuservalue(L, -2, 1);
  mw_region *region = mw__lua_region(L, 1, call);
  mw_error error;
  int status = mw_view_init(&handle->core, region, dtype, ndim, whole ? NULL : shape, given.offset, &error);
  return status < 0 ? mw__lua_raise(L, &error) : 1;
}

/* What a call that narrows a view gives: the new view on the top, or the core's error. */
static int narrowed(lua_State *L, int status, const mw_error *error) { return status < 0 ? mw__lua_raise(L, error) : 1; }

static int view_row(lua_State *L) {
  static const char call[] = "View.row";
  const view_handle *handle = mw__lua_check(L, 1, MW__LUA_VIEW);
  if (handle->core.ndim == 1) mw__lua_refuse(L, call, NULL, "the view has one dimension, and its elements are no rows");
  mw__lua_check_integer(L, 2);
  uint64_t index = mw__lua_check_position(L, 2, handle->core.shape[0], 1, 0);
  view_handle *row = mw__lua_view_copy(L, 1);
  mw_error error;
  return narrowed(L, mw_view_select(mw__lua_view(L, 1, call), 0, index, &error, &row->core), &error);
}

/* From i down to j, as slice(i, j) goes up: what lies outside is left out. */
static uint64_t check_backward_range(lua_State *L, lua_Integer length, uint64_t step, uint64_t *out_start) {
  lua_Integer i = mw__lua_opt_integer(L, 2, -1), j = mw__lua_opt_integer(L, 3, 1);
  if (i < 0) i = i < -length ? 0 : length + i + 1;
  if (i > length) i = length;
  if (j < 0) j = j < -length ? 1 : length + j + 1;
  if (j == 0) j = 1;
  *out_start = i < j ? 0 : (uint64_t)(i - 1);
  return i < j ? 0 : (uint64_t)(i - j) / step + 1;
}

static int view_slice(lua_State *L) {
  const view_handle *handle = mw__lua_check(L, 1, MW__LUA_VIEW);
  uint64_t length = handle->core.shape[0];
  lua_Integer step = mw__lua_opt_integer(L, 4, 1);
  if (step == 0) return luaL_argerror(L, 4, "the step is 0");
  uint64_t start, count;
  if (step > 0) {
    count = mw__lua_check_range(L, 2, length, 1, &start);
    count = count == 0 ? 0 : (count - 1) / (uint64_t)step + 1;
  } else {
    count = check_backward_range(L, (lua_Integer)length, 0 - (uint64_t)step, &start);
  }
  view_handle *slice = mw__lua_view_copy(L, 1);
  mw_error error;
  return narrowed(L, mw_view_slice(mw__lua_view(L, 1, "View.slice"), 0, start, step, count, &error, &slice->core), &error);
}

static int view_window(lua_State *L) {
  static const char call[] = "View.window";
  uint64_t first[MW_MAX_DIMENSIONS], shape[MW_MAX_DIMENSIONS];
  const view_handle *handle = mw__lua_check(L, 1, MW__LUA_VIEW);
  int ndim = handle->core.ndim;
  luaL_argcheck(L, mw__lua_check_extents(L, 2, "first", 1, first) == ndim, 2, "it needs one index for each dimension");
  luaL_argcheck(L, mw__lua_check_extents(L, 3, "shape", 0, shape) == ndim, 3, "it needs one extent for each dimension");
  view_handle *window = mw__lua_view_copy(L, 1);
  const mw_view *view = mw__lua_view(L, 1, call);
  for (int i = 0; i < ndim; i++) {
    if (first[i] - 1 > view->shape[i] || shape[i] > view->shape[i] - (first[i] - 1)) {
      return mw__lua_refuse(L, call, mw_region_name(view->region), "%I elements from %I on are out of range 1..%I in dimension %d",
                            (LUAI_UACINT)shape[i], (LUAI_UACINT)first[i], (LUAI_UACINT)view->shape[i], i + 1);
    }
    mw_view narrower = window->core;
    mw_error error;
    int status = mw_view_slice(&narrower, i, shape[i] == 0 ? 0 : first[i] - 1, 1, shape[i], &error, &window->core);
    if (status < 0) return mw__lua_raise(L, &error);
  }
  return 1;
}

/* v:reshape(3, 4) and v:reshape{ 3, 4 } are the same. */
static int view_reshape(lua_State *L) {
  mw__lua_check(L, 1, MW__LUA_VIEW);
  int count = lua_gettop(L) - 1;
  if (lua_type(L, 2) != LUA_TTABLE) {
    luaL_argcheck(L, count >= 1 && count <= MW_MAX_DIMENSIONS, 2, "shape: it needs 1 to 8 dimensions");
    lua_createtable(L, count, 0);
    lua_insert(L, 2);
    for (int i = count; i >= 1; i--) lua_rawseti(L, 2, i);
  }
  uint64_t shape[MW_MAX_DIMENSIONS];
  int ndim = mw__lua_check_extents(L, 2, "shape", 0, shape);
  view_handle *reshaped = mw__lua_view_copy(L, 1);
  mw_error error;
  return narrowed(L, mw_view_reshape(mw__lua_view(L, 1, "View.reshape"), ndim, shape, &error, &reshaped->core), &error);
}

const void *mw__lua_view_bytes(lua_State *L, int index, const char *call, size_t *out_size) {
  const mw_view *view = mw__lua_view(L, index, call);
  *out_size = (size_t)mw_view_nbytes(view);
  mw_error error;
  int status = mw_view_check(view, &error);
  if (status < 0) mw__lua_raise(L, &error);
  if (mw_view_is_dense(view)) return mw_view_data(view);
  void *buffer = lua_newuserdatauv(L, *out_size, 0);
  status = mw_view_read(mw__lua_view(L, index, call), buffer, *out_size, &error);
  if (status < 0) mw__lua_raise(L, &error);
  return buffer;
}

/* ---- fields: what a view is, whether or not its region is still open */

static const view_handle *self(lua_State *L) { return mw__lua_check(L, 1, MW__LUA_VIEW); }

static int view_dtype(lua_State *L) {
  lua_pushstring(L, mw_dtype_name(self(L)->core.dtype));
  return 1;
}

static int view_shape(lua_State *L) {
  const mw_view *view = &self(L)->core;
  lua_createtable(L, view->ndim, 0);
  for (int i = 0; i < view->ndim; i++) {
    lua_pushinteger(L, (lua_Integer)view->shape[i]);
    lua_rawseti(L, -2, i + 1);
  }
  return 1;
}

static int view_itemsize(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)mw_dtype_size(self(L)->core.dtype));
  return 1;
}

static int view_nbytes(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)mw_view_nbytes(&self(L)->core));
  return 1;
}

static int view_offset(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)self(L)->core.offset);
  return 1;
}

static int view_readonly(lua_State *L) {
  const view_handle *handle = self(L);
  bool is_open = handle->owner->core != NULL;
  lua_pushboolean(L, is_open ? !mw_view_is_writable(&handle->core) : handle->core.readonly);
  return 1;
}

static int view_region(lua_State *L) {
  (void)self(L);
  lua_getiuservalue(L, 1, 1);
  return 1;
}

/* ---- metamethods */

static int view_len(lua_State *L) {
  (void)self(L);
  lua_pushinteger(L, (lua_Integer)mw__lua_view(L, 1, "View.__len")->shape[0]);
  return 1;
}

/* Two regions are the same memory where they are one handle's, or map the same bytes of the same object for all to see. */
static bool is_same_memory(const mw_view *view, const mw_view *other) {
  uint64_t devices[2], inodes[2];
  if (view->region == other->region) return view->offset == other->offset;
  if (mw_region_access(view->region) == MW_COPY_ON_WRITE || mw_region_access(other->region) == MW_COPY_ON_WRITE) return false;
  mw_region_identity(view->region, &devices[0], &inodes[0]);
  mw_region_identity(other->region, &devices[1], &inodes[1]);
  return devices[0] == devices[1] && inodes[0] == inodes[1] &&
         mw_region_offset(view->region) + view->offset == mw_region_offset(other->region) + other->offset;
}

static bool is_same_type(const mw_view *view, const mw_view *other) {
  if (view->dtype != other->dtype || view->ndim != other->ndim) return false;
  for (int i = 0; i < view->ndim; i++) {
    if (view->shape[i] != other->shape[i] || view->strides[i] != other->strides[i]) return false;
  }
  return true;
}

/* A comparison raises nothing: a view of a closed region equals only itself, which Lua knows without asking. */
static int view_eq(lua_State *L) {
  const view_handle *handle = mw__lua_test(L, 1, MW__LUA_VIEW), *other = mw__lua_test(L, 2, MW__LUA_VIEW);
  bool open = handle != NULL && other != NULL && handle->owner->core != NULL && other->owner->core != NULL;
  lua_pushboolean(L, open && is_same_type(&handle->core, &other->core) && is_same_memory(&handle->core, &other->core));
  return 1;
}

static int view_tostring(lua_State *L) {
  const view_handle *handle = self(L);
  luaL_Buffer text;
  luaL_buffinit(L, &text);
  lua_pushfstring(L, "memwell.View (%s", mw_dtype_name(handle->core.dtype));
  luaL_addvalue(&text);
  for (int i = 0; i < handle->core.ndim; i++) {
    lua_pushfstring(L, "%s%I", i == 0 ? "[" : ", ", (LUAI_UACINT)handle->core.shape[i]);
    luaL_addvalue(&text);
  }
  luaL_addstring(&text, handle->owner->core == NULL ? "], closed)" : "])");
  luaL_pushresult(&text);
  return 1;
}

/* ---- the class */

static const luaL_Reg methods[] = {
    {"row", view_row}, {"slice", view_slice}, {"window", view_window}, {"reshape", view_reshape}, {NULL, NULL},
};

static const luaL_Reg fields[] = {
    {"dtype", view_dtype},   {"shape", view_shape},       {"itemsize", view_itemsize}, {"nbytes", view_nbytes},
    {"offset", view_offset}, {"readonly", view_readonly}, {"region", view_region},     {NULL, NULL},
};

static const luaL_Reg metamethods[] = {
    {"__index", mw__lua_element_index},
    {"__newindex", mw__lua_element_newindex},
    {"__len", view_len},
    {"__eq", view_eq},
    {"__tostring", view_tostring},
    {NULL, NULL},
};

const mw__lua_class mw__lua_view_class = {
    .name = "memwell.View",
    .methods = {methods, mw__lua_element_methods, mw__lua_batch_methods, mw__lua_atomic_methods},
    .fields = fields,
    .metamethods = metamethods,
};
