/* A view is a typed, N-dimensional window on a region: a value of the caller's, not a handle. It owns nothing and holds an offset,
 * not a pointer, so that it follows its region when that is resized.
 *
 * Every call checks the view against its region: MW_ECLOSED after mw_region_close, MW_ERANGE where the region became too small for
 * it, MW_EFAULT where a page of it was lost; calls that look at many elements, also where one is lost meanwhile. The region's
 * struct must still be there: whoever keeps views beyond the life of the handle holds a reference.
 *
 * Elements are read and written one by one, not atomically; what another process writes meanwhile may be seen in part. Calls on one
 * view from several threads are as safe as the memory's own sharing; none is safe in a signal handler; fork changes nothing.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_VIEW_H
#define MEMWELL_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "memwell/dtype.h"
#include "memwell/export.h"
#include "memwell/region.h"
#include "memwell/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MW_MAX_DIMENSIONS 8

/* offset    where element [0, 0, ...] is, in bytes from the region's start
 * low, end  the bytes [low, end) of the region hold every element
 * strides   from one element to the next in each dimension, in bytes; negative after a slice with a negative step */
typedef struct mw_view {
  mw_region *region;
  uint64_t offset;
  uint64_t low;
  uint64_t end;
  mw_dtype dtype;
  int ndim;
  bool readonly;
  uint64_t shape[MW_MAX_DIMENSIONS];
  int64_t strides[MW_MAX_DIMENSIONS];
} mw_view;

/* A dense view in row-major order, from `offset` on, with any alignment.
 *
 * shape   ndim extents, 1 <= ndim <= 8; NULL with ndim 1 means as many elements as fit, and then the bytes from the offset on must
 *         be a multiple of the element's size. An extent of 0 gives an empty view.
 * Ownership: the view borrows the region. Returns 0, or
 *   MW_EINVAL  ndim out of range, a shape whose product overflows or that does not fit, an offset past the end
 *   MW_ECLOSED */
MW_API int mw_view_init(mw_view *view, mw_region *region, mw_dtype dtype, int ndim, const uint64_t *shape, uint64_t offset,
                        mw_error *error);

/* A view with strides of the caller's: what mw_view_slice and mw_view_select can make of a dense one, by number. `offset` is that
 * of element [0, 0, ...]; a stride is 0 or of either sign.
 * Returns 0, or what mw_view_init returns; MW_EINVAL also where an element would lie outside the region. */
MW_API int mw_view_init_strided(mw_view *view, mw_region *region, mw_dtype dtype, int ndim, const uint64_t *shape,
                                const int64_t *strides, uint64_t offset, mw_error *error);

/* `count` elements of one dimension, from `start`, `step` apart; a negative step goes backwards. No copy.
 * Returns 0, or MW_ERANGE (no such dimension, or an element outside), MW_EINVAL (a step of 0). */
MW_API int mw_view_slice(const mw_view *view, int dimension, uint64_t start, int64_t step, uint64_t count, mw_error *error,
                         mw_view *out_view);

/* One place in one dimension: a view with a dimension less. No copy.
 * Returns 0, or MW_ERANGE (no such dimension or place), MW_EINVAL (the view has only one dimension). */
MW_API int mw_view_select(const mw_view *view, int dimension, uint64_t index, mw_error *error, mw_view *out_view);

/* The same elements in another shape. No copy.
 * Returns 0, or MW_EINVAL (another number of elements, or the view is not dense). */
MW_API int mw_view_reshape(const mw_view *view, int ndim, const uint64_t *shape, mw_error *error, mw_view *out_view);

/* How many elements, how many bytes they have together, and whether they lie densely in row-major order. */
MW_API uint64_t mw_view_count(const mw_view *view);
MW_API uint64_t mw_view_nbytes(const mw_view *view);
MW_API bool mw_view_is_dense(const mw_view *view);

/* Whether the region is open and still has every byte of the view.
 * Returns 0, or MW_ECLOSED, MW_ERANGE, MW_EFAULT. */
MW_API int mw_view_check(const mw_view *view, mw_error *error);

/* Where element [0, 0, ...] is; NULL where mw_view_check fails or the view is empty.
 * Ownership: borrowed, as mw_region_data. */
MW_API void *mw_view_data(const mw_view *view);

/* Where one element is: of a 1-dimensional view, and by one index for each dimension. NULL where the index is out of range, the
 * region closed, too small or without some of its pages. The fast path of the bindings; it is for reading.
 * Ownership: borrowed, as mw_region_data. */
MW_API void *mw_view_at(const mw_view *view, uint64_t index);
MW_API void *mw_view_element(const mw_view *view, const uint64_t *indices);

/* Whether the view's elements can be written now: neither it nor its region is read-only, see mw_region_protect. */
MW_API bool mw_view_is_writable(const mw_view *view);

/* Set every element.
 * Returns 0, or, with nothing written, MW_EOVERFLOW or MW_EINVAL (see mw_dtype_store), MW_EREADONLY, MW_ECLOSED, MW_ERANGE. */
MW_API int mw_view_fill(const mw_view *view, mw_value value, mw_error *error);

/* Copy every element into `buffer`, densely in row-major order; and every element from `buffer`.
 * size   of the buffer in bytes: exactly mw_view_nbytes(view); what is written may lie in the region itself
 * Returns 0, or, with nothing copied, MW_EINVAL (another size), MW_EREADONLY (write), MW_ECLOSED, MW_ERANGE,
 * MW_ENOMEM (write: it overlaps, and there is no memory for a copy between). */
MW_API int mw_view_read(const mw_view *view, void *buffer, uint64_t size, mw_error *error);
MW_API int mw_view_write(const mw_view *view, const void *buffer, uint64_t size, mw_error *error);

/* Copy every element from another view of the same dtype and shape. The two may overlap.
 * Returns 0, or, with nothing copied, MW_EINVAL (dtype or shape differ), MW_EREADONLY, MW_ECLOSED, MW_ERANGE, MW_ENOMEM (they
 * overlap, and there is no memory for a copy between). */
MW_API int mw_view_copy(const mw_view *view, const mw_view *source, mw_error *error);

/* Copy the elements of a 1-dimensional view at `indices` into `buffer`, which has room for `count` elements. Every index is
 * checked before any element is read.
 * Returns 0, or, with nothing read, MW_ERANGE (an index out of range; the reason says which), MW_EINVAL (not 1-dimensional),
 * MW_ECLOSED. */
MW_API int mw_view_take(const mw_view *view, const uint64_t *indices, uint64_t count, void *buffer, mw_error *error);

/* The sum of all elements: integers exactly, bools counted, floats in double precision with a rounding error that does not grow
 * with their number. An empty view gives 0.
 * Returns 0, or MW_EOVERFLOW (the sum of integers has more than 64 bits), MW_ECLOSED, MW_ERANGE. */
MW_API int mw_view_sum(const mw_view *view, mw_error *error, mw_value *out_sum);

/* The smallest and the largest element; NaN if any element is NaN.
 * Returns 0, or MW_EINVAL (the view is empty), MW_ECLOSED, MW_ERANGE. */
MW_API int mw_view_min(const mw_view *view, mw_error *error, mw_value *out_min);
MW_API int mw_view_max(const mw_view *view, mw_error *error, mw_value *out_max);

/* The first place at or after `start` whose element equals `value`, in a 1-dimensional view; and how many elements equal it.
 * Numbers compare by value whatever their kind; NaN equals nothing.
 * Returns 0, or MW_ENOENT (no such element; only index), MW_EINVAL (not 1-dimensional; only index), MW_ECLOSED, MW_ERANGE. */
MW_API int mw_view_index(const mw_view *view, mw_value value, uint64_t start, mw_error *error, uint64_t *out_index);
MW_API int mw_view_count_of(const mw_view *view, mw_value value, mw_error *error, uint64_t *out_count);

/* Whether two views have the same shape and equal elements, compared by value whatever their dtypes; NaN equals nothing.
 * Returns 0, or MW_ECLOSED, MW_ERANGE. */
MW_API int mw_view_equals(const mw_view *view, const mw_view *other, mw_error *error, bool *out_equal);

#ifdef __cplusplus
}
#endif
#endif
