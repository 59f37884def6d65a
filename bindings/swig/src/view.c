/* Views: a share of a region's object, and the core's view by value. Every call enters the region, so that nothing is touched that
 * another thread has unmapped.
 *
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "objects.h"
#include "view_object.h"

/* ---- making and freeing */

mws_view *mws_view_new(mws_region *owner, mw_error *error, const mw_view *view) {
  mws_view *self = malloc(sizeof *self);
  if (self)
    *self = (mws_view){mws_region_share(owner), *view};
  else
    mws_fail(error, MW_ENOMEM, "View", NULL, "no memory for the object");
  return self;
}

void mws_view_free(mws_view *self) {
  if (!self) return;
  mws_region_free(self->owner);
  free(self);
}

/* The shape, or all elements that fit. */
static int init(mw_view *view, mw_region *region, const char *dtype, const mws_extents *shape, uint64_t offset, mw_error *error) {
  uint64_t extents[MW_MAX_DIMENSIONS];
  mw_dtype parsed;
  int status = mw_dtype_parse(dtype, error, &parsed);
  if (!status && shape) status = mws_extents_to_shape(shape, error, "Region.view", extents);
  if (status) return status;
  return mw_view_init(view, region, parsed, shape ? shape->count : 1, shape ? extents : NULL, offset, error);
}

mws_view *mws_region_view(mws_region *self, mw_error *error, const char *dtype, const mws_extents *shape, uint64_t offset) {
  mw_view view;
  mw_region *region = mws_region_enter(self, error, "Region.view");
  if (!region) return NULL;
  int status = mws_region_leave(self, error, init(&view, region, dtype, shape, offset, error));
  return status ? NULL : mws_view_new(self, error, &view);
}

/* Of a view that the core has made from another one. */
static mws_view *derived(mws_view *self, mw_error *error, int status, const mw_view *view) {
  return mws_region_leave(self->owner, error, status) ? NULL : mws_view_new(self->owner, error, view);
}

mws_view *mws_view_slice(mws_view *self, mw_error *error, int dimension, uint64_t start, int64_t step, uint64_t count) {
  mw_view view;
  if (!mws_view_enter(self, error, "View.slice")) return NULL;
  return derived(self, error, mw_view_slice(&self->view, dimension, start, step, count, error, &view), &view);
}

mws_view *mws_view_select(mws_view *self, mw_error *error, int dimension, uint64_t index) {
  mw_view view;
  if (!mws_view_enter(self, error, "View.select")) return NULL;
  return derived(self, error, mw_view_select(&self->view, dimension, index, error, &view), &view);
}

mws_view *mws_view_reshape(mws_view *self, mw_error *error, const mws_extents *shape) {
  mw_view view;
  uint64_t extents[MW_MAX_DIMENSIONS];
  if (!shape) mws_fail(error, MW_EINVAL, "View.reshape", NULL, "no shape");
  if (!shape || mws_extents_to_shape(shape, error, "View.reshape", extents)) return NULL;
  if (!mws_view_enter(self, error, "View.reshape")) return NULL;
  return derived(self, error, mw_view_reshape(&self->view, shape->count, extents, error, &view), &view);
}

/* ---- what it is */

static mws_extents extents_of(const mw_view *view, bool strides) {
  mws_extents extents = {.count = view->ndim};
  for (int i = 0; i < view->ndim; i++) extents.values[i] = strides ? view->strides[i] : (int64_t)view->shape[i];
  return extents;
}

const char *mws_view_dtype(const mws_view *self) { return mw_dtype_name(self->view.dtype); }
mws_extents mws_view_shape(const mws_view *self) { return extents_of(&self->view, false); }
mws_extents mws_view_strides(const mws_view *self) { return extents_of(&self->view, true); }
int mws_view_ndim(const mws_view *self) { return self->view.ndim; }
uint64_t mws_view_length(const mws_view *self) { return self->view.shape[0]; }
uint64_t mws_view_nbytes(const mws_view *self) { return mw_view_nbytes(&self->view); }
int mws_view_itemsize(const mws_view *self) { return (int)mw_dtype_size(self->view.dtype); }
uint64_t mws_view_offset(const mws_view *self) { return self->view.offset; }
bool mws_view_dense(const mws_view *self) { return mw_view_is_dense(&self->view); }

/* True where the region was closed: nobody writes there any more. */
bool mws_view_readonly(mws_view *self) {
  mw_error error;
  if (!mws_view_enter(self, &error, "View.readonly")) return true;
  bool writable = mw_view_is_writable(&self->view);
  mws_region_leave(self->owner, &error, 0);
  return !writable;
}

/* ---- using it */

bool mws_view_enter(mws_view *self, mw_error *error, const char *call) {
  return mws_region_enter(self ? self->owner : NULL, error, call) != NULL;
}

int mws_view_leave(mws_view *self, mw_error *error, int status) { return mws_region_leave(self->owner, error, status); }

int mws_view_rename_call(int status, mw_error *error, const char *call) {
  if (status) {
    memcpy(error->call, call, strlen(call) + 1);
    error->object[0] = '\0';
  }
  return status;
}

int mws_extents_to_shape(const mws_extents *extents, mw_error *error, const char *call, uint64_t shape[MW_MAX_DIMENSIONS]) {
  for (int i = 0; i < extents->count; i++) {
    if (extents->values[i] < 0)
      return mws_fail(error, MW_EINVAL, call, NULL, "extent %" PRId64 " of the shape is negative", extents->values[i]);
    shape[i] = (uint64_t)extents->values[i];
  }
  return 0;
}

/* ---- all elements at once */

mws_buffer mws_view_buffer(mws_view *self, mw_error *error) {
  if (!mws_view_enter(self, error, "View.buffer")) return (mws_buffer){0};
  mw_region *region = self->view.region;
  mws_buffer buffer = {mw_view_data(&self->view), mw_view_nbytes(&self->view), !mw_view_is_writable(&self->view), region};
  int status = mw_view_check(&self->view, error);
  if (!status && !mw_view_is_dense(&self->view))
    status =
        mws_fail(error, MW_EINVAL, "View.buffer", mw_region_name(region), "its elements do not lie densely; copy them instead");
  if (!status) mw_region_hold(region);
  return mws_view_leave(self, error, status) ? (mws_buffer){0} : buffer;
}

/* Dense ones are copied once, by the language; others lie in a copy first. */
mws_bytes mws_view_tobytes(mws_view *self, mw_error *error) {
  if (!mws_view_enter(self, error, "View.tobytes")) return (mws_bytes){0};
  mws_bytes bytes = {.size = mw_view_nbytes(&self->view), .used = self->owner};
  int status = mw_view_check(&self->view, error);
  if (!status && mw_view_is_dense(&self->view)) {
    bytes.data = mw_view_data(&self->view);
    if (!bytes.data) status = mw_view_check(&self->view, error); /* closed since then */
  } else if (!status) {
    bytes.data = bytes.owned = malloc(bytes.size + 1);
    status = bytes.owned ? mw_view_read(&self->view, bytes.owned, bytes.size, error)
                         : mws_fail(error, MW_ENOMEM, "View.tobytes", NULL, "no memory for %" PRIu64 " bytes", bytes.size);
  }
  if (status) bytes.size = 0;
  error->status = status;
  return bytes;
}

static mws_elements elements_fail(mw_error *error, const char *call, uint64_t size) {
  mws_fail(error, MW_ENOMEM, call, NULL, "no memory for %" PRIu64 " bytes", size);
  return (mws_elements){0};
}

mws_elements mws_view_tolist(mws_view *self, mw_error *error) {
  mws_elements elements = {.dtype = self->view.dtype, .ndim = self->view.ndim};
  uint64_t size = mw_view_nbytes(&self->view);
  memcpy(elements.shape, self->view.shape, sizeof elements.shape);
  if (!mws_view_enter(self, error, "View.tolist")) return elements;
  elements.data = malloc(size + 1);
  int status = elements.data ? mw_view_read(&self->view, elements.data, size, error) : MW_ENOMEM;
  mws_view_leave(self, error, status);
  return elements.data ? elements : elements_fail(error, "View.tolist", size);
}

void mws_elements_end(mws_elements *elements) {
  free(elements->data);
  elements->data = NULL;
}

/* A negative number is behind every end. */
static int to_indices(mws_numbers numbers, mw_error *error, uint64_t *indices) {
  for (uint64_t i = 0; i < numbers.count; i++) {
    if (numbers.values[i].kind == MW_VALUE_FLOAT || numbers.values[i].kind == MW_VALUE_BOOL)
      return mws_fail(error, MW_EINVAL, "View.take", NULL, "index %" PRIu64 " of the list is no integer", i);
    indices[i] = numbers.values[i].as.u;
  }
  return 0;
}

mws_elements mws_view_take(mws_view *self, mw_error *error, mws_numbers indices) {
  mws_elements elements = {.dtype = self->view.dtype, .ndim = 1, .shape = {indices.count}};
  uint64_t *places = malloc((indices.count + 1) * sizeof *places);
  elements.data = malloc((indices.count + 1) * mw_dtype_size(self->view.dtype));
  if (!places || !elements.data)
    mws_fail(error, MW_ENOMEM, "View.take", NULL, "no memory for %" PRIu64 " elements", indices.count);
  else if (to_indices(indices, error, places) == 0 && mws_view_enter(self, error, "View.take"))
    mws_view_leave(self, error, mw_view_take(&self->view, places, indices.count, elements.data, error));
  free(places);
  return elements;
}

void mws_view_write(mws_view *self, mw_error *error, const void *data, size_t size) {
  if (mws_view_enter(self, error, "View.write")) mws_view_leave(self, error, mw_view_write(&self->view, data, size, error));
}

static int pack(const mw_view *view, mws_numbers numbers, mw_error *error, void *elements) {
  char *element = elements;
  for (uint64_t i = 0; i < numbers.count; i++, element += mw_dtype_size(view->dtype)) {
    int status = mw_dtype_store(view->dtype, element, numbers.values[i], error);
    if (status) return mws_view_rename_call(status, error, "View.assign");
  }
  return mw_view_write(view, elements, numbers.count * mw_dtype_size(view->dtype), error);
}

/* All of them or none. */
void mws_view_assign(mws_view *self, mw_error *error, mws_numbers numbers) {
  uint64_t count = mw_view_count(&self->view);
  if (numbers.count != count) {
    mws_fail(error, MW_EINVAL, "View.assign", NULL, "%" PRIu64 " values for %" PRIu64 " elements", numbers.count, count);
    return;
  }
  void *elements = malloc(mw_view_nbytes(&self->view) + 1);
  if (!elements)
    mws_fail(error, MW_ENOMEM, "View.assign", NULL, "no memory for %" PRIu64 " elements", count);
  else if (mws_view_enter(self, error, "View.assign"))
    mws_view_leave(self, error, pack(&self->view, numbers, error, elements));
  free(elements);
}

void mws_view_fill(mws_view *self, mw_error *error, mw_value value) {
  if (mws_view_enter(self, error, "View.fill")) mws_view_leave(self, error, mw_view_fill(&self->view, value, error));
}

/* ---- two views */

static bool enter_both(mws_view *self, mws_view *other, mw_error *error, const char *call) {
  if (!mws_view_enter(self, error, call)) return false;
  if (mws_view_enter(other, error, call)) return true;
  mws_view_leave(self, error, error->status);
  return false;
}

static void leave_both(mws_view *self, mws_view *other, mw_error *error, int status) {
  mws_view_leave(other, error, status);
  mws_view_leave(self, error, status);
}

void mws_view_copy_from(mws_view *self, mw_error *error, mws_view *source) {
  if (enter_both(self, source, error, "View.copy_from"))
    leave_both(self, source, error, mw_view_copy(&self->view, &source->view, error));
}

bool mws_view_equals(mws_view *self, mw_error *error, mws_view *other) {
  bool equal = false;
  if (enter_both(self, other, error, "View.equals"))
    leave_both(self, other, error, mw_view_equals(&self->view, &other->view, error, &equal));
  return equal;
}

/* ---- looking for something */

typedef int of_all(const mw_view *view, mw_error *error, mw_value *out_value);

static mw_value ask(mws_view *self, mw_error *error, const char *call, of_all *what) {
  mw_value value = {0};
  if (mws_view_enter(self, error, call)) mws_view_leave(self, error, what(&self->view, error, &value));
  return value;
}

mw_value mws_view_sum(mws_view *self, mw_error *error) { return ask(self, error, "View.sum", mw_view_sum); }
mw_value mws_view_min(mws_view *self, mw_error *error) { return ask(self, error, "View.min", mw_view_min); }
mw_value mws_view_max(mws_view *self, mw_error *error) { return ask(self, error, "View.max", mw_view_max); }

mws_offset mws_view_index(mws_view *self, mw_error *error, mw_value value, uint64_t start) {
  uint64_t index = MWS_NOTHING;
  if (!mws_view_enter(self, error, "View.index")) return MWS_NOTHING;
  int status = mws_view_leave(self, error, mw_view_index(&self->view, value, start, error, &index));
  if (status == MW_ENOENT) error->status = MW_OK;
  return status ? MWS_NOTHING : index;
}

uint64_t mws_view_count(mws_view *self, mw_error *error, mw_value value) {
  uint64_t count = 0;
  if (mws_view_enter(self, error, "View.count")) mws_view_leave(self, error, mw_view_count_of(&self->view, value, error, &count));
  return count;
}
