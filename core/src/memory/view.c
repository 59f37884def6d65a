/* Views: the geometry of a typed window, and handing its runs to the loops of elements.c.
 *
 * SPDX-License-Identifier: MIT */
#include "memwell/view.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/dtype.h"
#include "memory/elements.h"
#include "memory/region.h"
#include "memory/view.h"
#include "memory/walk.h"

static mw__call view_call(const char *name, const mw_view *view, mw_error *error) {
  return (mw__call){name, view->region->name, error};
}

/* ---- geometry */

static bool multiply_shape(int ndim, const uint64_t *shape, uint64_t itemsize, uint64_t *out_nbytes) {
  uint64_t product = itemsize;
  bool empty = false;
  for (int i = 0; i < ndim; i++) {
    if (shape[i] == 0)
      empty = true;
    else if (__builtin_mul_overflow(product, shape[i], &product) || product > INT64_MAX)
      return false; /* of an empty view too: its other extents make strides */
  }
  *out_nbytes = empty ? 0 : product;
  return true;
}

static int check_ndim(const mw__call *call, int ndim) {
  if (ndim >= 1 && ndim <= MW_MAX_DIMENSIONS) return 0;
  return mw__fail(call, MW_EINVAL, "%d dimensions; a view has 1 to %d", ndim, MW_MAX_DIMENSIONS);
}

static void lay_out_densely(mw_view *view, int ndim, const uint64_t *shape) {
  int64_t stride = (int64_t)mw_dtype_size(view->dtype);
  view->ndim = ndim;
  for (int i = ndim - 1; i >= 0; i--) {
    view->shape[i] = shape[i];
    view->strides[i] = stride;
    if (shape[i]) stride *= (int64_t)shape[i];
  }
}

/* Such a view has an offset, which stays within the region, and strides that say nothing. */
static bool is_empty(const mw_view *view) {
  for (int i = 0; i < view->ndim; i++)
    if (view->shape[i] == 0) return true;
  return false;
}

/* Find [low, end): the element farthest down and up from the first one. */
static void find_extent(mw_view *view) {
  view->low = view->end = view->offset;
  if (is_empty(view)) return;
  int64_t down = 0, up = (int64_t)mw_dtype_size(view->dtype);
  for (int i = 0; i < view->ndim; i++) {
    int64_t reach = (int64_t)(view->shape[i] - 1) * view->strides[i];
    *(reach < 0 ? &down : &up) += reach;
  }
  view->low += (uint64_t)down;
  view->end += (uint64_t)up;
}

/* Let it begin at another of its places. */
static void move_to(mw_view *view, int dimension, uint64_t place) {
  if (!is_empty(view)) view->offset += place * (uint64_t)view->strides[dimension];
}

/* find_extent for strides that nobody has checked. */
static bool extent_fits(const mw_view *view) {
  __int128 low = view->offset, end = (__int128)view->offset + (__int128)mw_dtype_size(view->dtype);
  if (is_empty(view)) return view->offset <= view->region->size;
  for (int i = 0; i < view->ndim; i++) {
    __int128 reach = (__int128)(view->shape[i] - 1) * view->strides[i];
    *(reach < 0 ? &low : &end) += reach;
  }
  return low >= 0 && end <= view->region->size;
}

/* The shape that takes all that there is. */
static int fit_shape(const mw__call *call, const mw_region *region, mw_dtype dtype, uint64_t offset, uint64_t *shape) {
  uint64_t itemsize = mw_dtype_size(dtype), there = region->size - offset;
  if (there % itemsize)
    return mw__fail(call, MW_EINVAL,
                    "%" PRIu64 " bytes from offset %" PRIu64 " on are no multiple of %s's %" PRIu64 "; give a shape", there, offset,
                    mw_dtype_name(dtype), itemsize);
  *shape = there / itemsize;
  return 0;
}

int mw_view_init(mw_view *view, mw_region *region, mw_dtype dtype, int ndim, const uint64_t *shape, uint64_t offset,
                 mw_error *error) {
  mw__call call = {"Region.view", region->name, error};
  int status = mw__region_check_usable(&call, region);
  if (!status && !mw__dtype_is_valid(dtype)) status = mw__fail(&call, MW_EINVAL, "%d is no dtype", (int)dtype);
  if (!status) status = check_ndim(&call, ndim);
  if (status) return status;
  if (offset > region->size)
    return mw__fail(&call, MW_EINVAL, "offset %" PRIu64 " is past the end (%" PRIu64 " bytes)", offset, region->size);
  uint64_t fitted, nbytes;
  if (!shape) {
    if (ndim != 1) return mw__fail(&call, MW_EINVAL, "%d dimensions need a shape", ndim);
    status = fit_shape(&call, region, dtype, offset, &fitted);
    if (status) return status;
    shape = &fitted;
  }
  if (!multiply_shape(ndim, shape, mw_dtype_size(dtype), &nbytes))
    return mw__fail(&call, MW_EINVAL, "the shape has more bytes than a region can have");
  if (nbytes > region->size - offset)
    return mw__fail(&call, MW_EINVAL, "the shape needs %" PRIu64 " bytes, and from offset %" PRIu64 " on there are %" PRIu64,
                    nbytes, offset, region->size - offset);
  mw_view made = {.region = region, .offset = offset, .dtype = dtype, .readonly = region->source.access == MW_READ};
  lay_out_densely(&made, ndim, shape);
  find_extent(&made);
  *view = made;
  return 0;
}

int mw_view_init_strided(mw_view *view, mw_region *region, mw_dtype dtype, int ndim, const uint64_t *shape, const int64_t *strides,
                         uint64_t offset, mw_error *error) {
  mw__call call = {"Region.view", region->name, error};
  int status = mw__region_check_usable(&call, region);
  if (!status && !mw__dtype_is_valid(dtype)) status = mw__fail(&call, MW_EINVAL, "%d is no dtype", (int)dtype);
  if (!status) status = check_ndim(&call, ndim);
  if (status) return status;
  uint64_t nbytes;
  if (!multiply_shape(ndim, shape, mw_dtype_size(dtype), &nbytes))
    return mw__fail(&call, MW_EINVAL, "the shape has more bytes than a region can have");
  mw_view made = {.region = region, .offset = offset, .dtype = dtype, .ndim = ndim, .readonly = region->source.access == MW_READ};
  memcpy(made.shape, shape, (size_t)ndim * sizeof *shape);
  memcpy(made.strides, strides, (size_t)ndim * sizeof *strides);
  if (!extent_fits(&made))
    return mw__fail(&call, MW_EINVAL, "an element would lie outside the region's %" PRIu64 " bytes", region->size);
  find_extent(&made);
  *view = made;
  return 0;
}

static int check_dimension(const mw__call *call, const mw_view *view, int dimension) {
  if (dimension >= 0 && dimension < view->ndim) return 0;
  return mw__fail(call, MW_ERANGE, "there is no dimension %d in a view of %d", dimension, view->ndim);
}

int mw_view_slice(const mw_view *view, int dimension, uint64_t start, int64_t step, uint64_t count, mw_error *error,
                  mw_view *out_view) {
  mw__call call = view_call("View.slice", view, error);
  int status = check_dimension(&call, view, dimension);
  if (status) return status;
  if (step == 0) return mw__fail(&call, MW_EINVAL, "the step is 0");
  uint64_t extent = view->shape[dimension];
  if (start > extent || (count > 0 && start == extent))
    return mw__fail(&call, MW_ERANGE, "it begins at %" PRIu64 " of %" PRIu64, start, extent);
  uint64_t room = step > 0 ? extent - 1 - start : start, pace = step > 0 ? (uint64_t)step : -(uint64_t)step;
  if (count > 1 && (count - 1 > room / pace))
    return mw__fail(&call, MW_ERANGE, "%" PRIu64 " elements from %" PRIu64 " on, %" PRId64 " apart, go out of %" PRIu64, count,
                    start, step, extent);
  mw_view slice = *view;
  if (count > 0) move_to(&slice, dimension, start);
  if (count > 1) slice.strides[dimension] = (int64_t)((uint64_t)slice.strides[dimension] * (uint64_t)step);
  slice.shape[dimension] = count;
  find_extent(&slice);
  *out_view = slice;
  return 0;
}

int mw_view_select(const mw_view *view, int dimension, uint64_t index, mw_error *error, mw_view *out_view) {
  mw__call call = view_call("View.select", view, error);
  int status = check_dimension(&call, view, dimension);
  if (status) return status;
  if (view->ndim == 1) return mw__fail(&call, MW_EINVAL, "the view has only one dimension");
  if (index >= view->shape[dimension])
    return mw__fail(&call, MW_ERANGE, "index %" PRIu64 " of %" PRIu64, index, view->shape[dimension]);
  mw_view part = *view;
  move_to(&part, dimension, index);
  part.ndim--;
  for (int i = dimension; i < part.ndim; i++) {
    part.shape[i] = view->shape[i + 1];
    part.strides[i] = view->strides[i + 1];
  }
  find_extent(&part);
  *out_view = part;
  return 0;
}

int mw_view_reshape(const mw_view *view, int ndim, const uint64_t *shape, mw_error *error, mw_view *out_view) {
  mw__call call = view_call("View.reshape", view, error);
  int status = check_ndim(&call, ndim);
  if (status) return status;
  uint64_t nbytes;
  if (!multiply_shape(ndim, shape, mw_dtype_size(view->dtype), &nbytes) || nbytes != mw_view_nbytes(view))
    return mw__fail(&call, MW_EINVAL, "the shape has another number of elements than the view's %" PRIu64, mw_view_count(view));
  if (!mw_view_is_dense(view)) return mw__fail(&call, MW_EINVAL, "the elements do not lie densely; copy them first");
  mw_view made = *view;
  lay_out_densely(&made, ndim, shape);
  find_extent(&made);
  *out_view = made;
  return 0;
}

uint64_t mw_view_count(const mw_view *view) {
  uint64_t count = 1;
  for (int i = 0; i < view->ndim; i++) count *= view->shape[i];
  return count;
}

uint64_t mw_view_nbytes(const mw_view *view) { return mw_view_count(view) * mw_dtype_size(view->dtype); }

bool mw_view_is_dense(const mw_view *view) {
  int64_t stride = (int64_t)mw_dtype_size(view->dtype);
  bool dense = true;
  for (int i = view->ndim - 1; i >= 0; i--) {
    if (view->shape[i] == 0) return true;
    if (view->shape[i] > 1 && view->strides[i] != stride) dense = false;
    stride *= (int64_t)view->shape[i];
  }
  return dense;
}

/* ---- single elements */

static inline bool is_usable(const mw_view *view) { return mw__region_is_usable(view->region) && view->end <= view->region->size; }

int mw__view_check_usable(const mw__call *call, const mw_view *view) {
  int status = mw__region_check_usable(call, view->region);
  if (status || view->end <= view->region->size) return status;
  return mw__fail(call, MW_ERANGE, "the view ends at byte %" PRIu64 ", and the region was resized to %" PRIu64, view->end,
                  view->region->size);
}

int mw_view_check(const mw_view *view, mw_error *error) {
  mw__call call = view_call("View.check", view, error);
  return mw__view_check_usable(&call, view);
}

void *mw_view_data(const mw_view *view) {
  return is_usable(view) && view->end > view->low ? view->region->data + view->offset : NULL;
}

/* In a region that was cut, what still lies within it is still there. Out of line, so that the way that is mostly taken needs no
 * stack. */
__attribute__((noinline)) static void *element_in_cut_region(const mw_view *view, uint64_t offset) {
  const mw_region *region = view->region;
  if (!mw__region_is_usable(region) || offset + mw_dtype_size(view->dtype) > region->size) return NULL;
  return region->data + offset;
}

void *mw_view_at(const mw_view *view, uint64_t index) {
  if (view->ndim != 1 || index >= view->shape[0]) return NULL;
  uint64_t offset = view->offset + index * (uint64_t)view->strides[0];
  return is_usable(view) ? view->region->data + offset : element_in_cut_region(view, offset);
}

void *mw_view_element(const mw_view *view, const uint64_t *indices) {
  uint64_t offset = view->offset;
  for (int i = 0; i < view->ndim; i++) {
    if (indices[i] >= view->shape[i]) return NULL;
    offset += indices[i] * (uint64_t)view->strides[i];
  }
  return is_usable(view) ? view->region->data + offset : element_in_cut_region(view, offset);
}

bool mw_view_is_writable(const mw_view *view) { return !view->readonly && !view->region->readonly; }

/* ---- all elements at once: begin, touch, and ask mw__region_check_touched */

static int begin(const mw__call *call, const mw_view *view) {
  int status = mw__view_check_usable(call, view);
  if (!status) mw__guard_enter(mw_view_nbytes(view));
  return status;
}

static int begin_write(const mw__call *call, const mw_view *view) {
  int status = begin(call, view);
  if (status || mw_view_is_writable(view)) return status;
  return mw__fail(call, MW_EREADONLY, "the view is read-only");
}

static int check_touched(const mw__call *call, const mw_view *view) { return mw__region_check_touched(call, view->region); }

static int begin_in_one_dimension(const mw__call *call, const mw_view *view) {
  int status = begin(call, view);
  if (status || view->ndim == 1) return status;
  return mw__fail(call, MW_EINVAL, "the view has %d dimensions, not one", view->ndim);
}

static mw__run run_of(const mw__walk *walk, int lane) { return (mw__run){walk->base[lane], walk->stride[lane], walk->length}; }

int mw_view_fill(const mw_view *view, mw_value value, mw_error *error) {
  mw__call call = view_call("View.fill", view, error);
  unsigned char element[MW__ELEMENT_MAX];
  int status = begin_write(&call, view);
  if (!status) status = mw__dtype_store(&call, view->dtype, element, value);
  if (status) return status;
  mw__walk walk;
  for (mw__walk_begin(&walk, view, NULL); walk.more; mw__walk_next(&walk))
    mw__elements_fill(run_of(&walk, 0), mw_dtype_size(view->dtype), element);
  return check_touched(&call, view);
}

static int check_buffer_size(const mw__call *call, const mw_view *view, uint64_t size) {
  if (size == mw_view_nbytes(view)) return 0;
  return mw__fail(call, MW_EINVAL, "the buffer has %" PRIu64 " bytes, and the view %" PRIu64, size, mw_view_nbytes(view));
}

int mw_view_read(const mw_view *view, void *buffer, uint64_t size, mw_error *error) {
  mw__call call = view_call("View.read", view, error);
  int status = begin(&call, view);
  if (!status) status = check_buffer_size(&call, view, size);
  if (status) return status;
  size_t itemsize = mw_dtype_size(view->dtype);
  unsigned char *to = buffer;
  mw__walk walk;
  for (mw__walk_begin(&walk, view, NULL); walk.more; mw__walk_next(&walk)) {
    mw__elements_copy((mw__run){to, (int64_t)itemsize, walk.length}, walk.base[0], walk.stride[0], itemsize);
    to += walk.length * itemsize;
  }
  return check_touched(&call, view);
}

static void scatter(const mw_view *view, const unsigned char *from) {
  size_t itemsize = mw_dtype_size(view->dtype);
  mw__walk walk;
  for (mw__walk_begin(&walk, view, NULL); walk.more; mw__walk_next(&walk)) {
    mw__elements_copy(run_of(&walk, 0), from, (int64_t)itemsize, itemsize);
    from += walk.length * itemsize;
  }
}

/* Write from a copy, where what is read would be overwritten meanwhile. */
static int scatter_copy(const mw__call *call, const mw_view *view, const void *buffer, uint64_t size) {
  void *copy = malloc(size);
  if (!copy) return mw__fail(call, MW_ENOMEM, "source and destination overlap, and there is no memory for a copy of the source");
  memcpy(copy, buffer, size);
  scatter(view, copy);
  free(copy);
  return check_touched(call, view);
}

static bool overlaps(const mw_view *view, const void *buffer, uint64_t size) {
  uintptr_t low = (uintptr_t)view->region->data + view->low, end = (uintptr_t)view->region->data + view->end;
  return (uintptr_t)buffer < end && low < (uintptr_t)buffer + size;
}

int mw_view_write(const mw_view *view, const void *buffer, uint64_t size, mw_error *error) {
  mw__call call = view_call("View.write", view, error);
  int status = begin_write(&call, view);
  if (!status) status = check_buffer_size(&call, view, size);
  if (status) return status;
  if (overlaps(view, buffer, size) && !mw_view_is_dense(view)) return scatter_copy(&call, view, buffer, size);
  scatter(view, buffer);
  return check_touched(&call, view);
}

static bool same_shape(const mw_view *view, const mw_view *other) {
  return view->ndim == other->ndim && memcmp(view->shape, other->shape, (size_t)view->ndim * sizeof *view->shape) == 0;
}

/* Two mappings of one file can show the same bytes at different addresses. */
static bool may_share_bytes(const mw_view *view, const mw_view *other) {
  const mw__source *one = &view->region->source, *two = &other->region->source;
  if (one->device != two->device || one->inode != two->inode) return false;
  return two->offset + other->low < one->offset + view->end && one->offset + view->low < two->offset + other->end;
}

static void copy_runs(const mw_view *view, const mw_view *source) {
  mw__walk walk;
  for (mw__walk_begin(&walk, view, source); walk.more; mw__walk_next(&walk))
    mw__elements_copy(run_of(&walk, 0), walk.base[1], walk.stride[1], mw_dtype_size(view->dtype));
}

static int copy_overlapping(const mw__call *call, const mw_view *view, const mw_view *source) {
  uint64_t size = mw_view_nbytes(view);
  void *copy = malloc(size);
  if (!copy) return mw__fail(call, MW_ENOMEM, "source and destination overlap, and there is no memory for a copy of the source");
  int status = mw_view_read(source, copy, size, call->error);
  if (!status) scatter(view, copy);
  free(copy);
  return status ? status : check_touched(call, view);
}

int mw_view_copy(const mw_view *view, const mw_view *source, mw_error *error) {
  mw__call call = view_call("View.copy_from", view, error);
  int status = begin_write(&call, view);
  if (!status) status = begin(&call, source);
  if (status) return status;
  if (view->dtype != source->dtype)
    return mw__fail(&call, MW_EINVAL, "the source has dtype %s, and the view %s", mw_dtype_name(source->dtype),
                    mw_dtype_name(view->dtype));
  if (!same_shape(view, source)) return mw__fail(&call, MW_EINVAL, "the source has another shape");
  if (may_share_bytes(view, source)) return copy_overlapping(&call, view, source);
  copy_runs(view, source);
  status = check_touched(&call, view);
  return status ? status : check_touched(&call, source);
}

static int check_indices(const mw__call *call, const mw_view *view, const uint64_t *indices, uint64_t count) {
  for (uint64_t i = 0; i < count; i++)
    if (indices[i] >= view->shape[0])
      return mw__fail(call, MW_ERANGE, "index %" PRIu64 " (the one at place %" PRIu64 ") of %" PRIu64, indices[i], i,
                      view->shape[0]);
  return 0;
}

int mw_view_take(const mw_view *view, const uint64_t *indices, uint64_t count, void *buffer, mw_error *error) {
  mw__call call = view_call("View.take", view, error);
  int status = begin_in_one_dimension(&call, view);
  if (!status) status = check_indices(&call, view, indices, count);
  if (status || count == 0) return status; /* of an empty region there is no address */
  mw__run run = {view->region->data + view->offset, view->strides[0], view->shape[0]};
  mw__elements_take(run, indices, count, mw_dtype_size(view->dtype), buffer);
  return check_touched(&call, view);
}

/* ---- questions about all elements */

int mw_view_sum(const mw_view *view, mw_error *error, mw_value *out_sum) {
  mw__call call = view_call("View.sum", view, error);
  int status = begin(&call, view);
  if (status) return status;
  mw__sum sum = {0};
  mw__walk walk;
  for (mw__walk_begin(&walk, view, NULL); walk.more; mw__walk_next(&walk)) mw__elements_sum(run_of(&walk, 0), view->dtype, &sum);
  status = check_touched(&call, view);
  if (status) return status;
  if (mw__sum_value(&sum, view->dtype, out_sum)) return 0;
  return mw__fail(&call, MW_EOVERFLOW, "the sum has more than 64 bits");
}

typedef void extreme_of(mw__run run, mw_dtype dtype, mw_value *best);

static int find_extreme(const mw__call *call, const mw_view *view, extreme_of *look, mw_value *out_best) {
  int status = begin(call, view);
  if (status) return status;
  mw__walk walk;
  mw__walk_begin(&walk, view, NULL);
  if (!walk.more) return mw__fail(call, MW_EINVAL, "the view is empty");
  mw_value best = mw_dtype_load(view->dtype, walk.base[0]);
  for (; walk.more; mw__walk_next(&walk)) look(run_of(&walk, 0), view->dtype, &best);
  status = check_touched(call, view);
  if (!status) *out_best = best;
  return status;
}

int mw_view_min(const mw_view *view, mw_error *error, mw_value *out_min) {
  mw__call call = view_call("View.min", view, error);
  return find_extreme(&call, view, mw__elements_min, out_min);
}

int mw_view_max(const mw_view *view, mw_error *error, mw_value *out_max) {
  mw__call call = view_call("View.max", view, error);
  return find_extreme(&call, view, mw__elements_max, out_max);
}

/* The one element that equals the value, if the dtype has such a one: 300 is in no uint8, and a third in no float32. */
static bool find_element(mw_dtype dtype, mw_value value, void *element) {
  mw__call quiet = {"View", NULL, NULL};
  return mw__dtype_store(&quiet, dtype, element, value) == 0 && mw__value_equals(mw_dtype_load(dtype, element), value);
}

int mw_view_index(const mw_view *view, mw_value value, uint64_t start, mw_error *error, uint64_t *out_index) {
  mw__call call = view_call("View.index", view, error);
  int status = begin_in_one_dimension(&call, view);
  if (status) return status;
  unsigned char element[MW__ELEMENT_MAX];
  if (start < view->shape[0] && find_element(view->dtype, value, element)) {
    unsigned char *base = view->region->data + (view->offset + start * (uint64_t)view->strides[0]);
    mw__run run = {base, view->strides[0], view->shape[0] - start};
    uint64_t place = mw__elements_find(run, view->dtype, element);
    status = check_touched(&call, view);
    if (status) return status;
    if (place < run.count) {
      *out_index = start + place;
      return 0;
    }
  }
  return mw__fail(&call, MW_ENOENT, "no element has this value");
}

int mw_view_count_of(const mw_view *view, mw_value value, mw_error *error, uint64_t *out_count) {
  mw__call call = view_call("View.count", view, error);
  int status = begin(&call, view);
  if (status) return status;
  unsigned char element[MW__ELEMENT_MAX];
  uint64_t count = 0;
  if (find_element(view->dtype, value, element)) {
    mw__walk walk;
    for (mw__walk_begin(&walk, view, NULL); walk.more; mw__walk_next(&walk))
      count += mw__elements_count(run_of(&walk, 0), view->dtype, element);
  }
  status = check_touched(&call, view);
  if (!status) *out_count = count;
  return status;
}

static bool runs_equal(const mw__walk *walk, mw_dtype dtype, mw_dtype other_dtype) {
  if (dtype == other_dtype) return mw__elements_equal(run_of(walk, 0), run_of(walk, 1), dtype);
  for (uint64_t i = 0; i < walk->length; i++) {
    mw_value a = mw_dtype_load(dtype, walk->base[0] + (int64_t)i * walk->stride[0]);
    mw_value b = mw_dtype_load(other_dtype, walk->base[1] + (int64_t)i * walk->stride[1]);
    if (!mw__value_equals(a, b)) return false;
  }
  return true;
}

int mw_view_equals(const mw_view *view, const mw_view *other, mw_error *error, bool *out_equal) {
  mw__call call = view_call("View.equals", view, error);
  int status = begin(&call, view);
  if (!status) status = begin(&call, other);
  if (status) return status;
  bool equal = same_shape(view, other);
  if (equal) {
    mw__walk walk;
    for (mw__walk_begin(&walk, view, other); equal && walk.more; mw__walk_next(&walk))
      equal = runs_equal(&walk, view->dtype, other->dtype);
  }
  status = check_touched(&call, view);
  if (!status) status = check_touched(&call, other);
  if (!status) *out_equal = equal;
  return status;
}
