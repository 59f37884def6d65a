/* Walking over the elements of views, run by run, in row-major order.
 *
 * A run is a row of elements at an equal distance. Dimensions that lie behind one another without a gap are joined first, so that a
 * dense view is one run whatever its shape.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MW_MEMORY_WALK_H
#define MW_MEMORY_WALK_H

#include <stdbool.h>
#include <stdint.h>

#include "memwell/view.h"

#define MW__WALK_LANES 2

/* length, base, stride   the run: how many elements, and for each view walked where its first is and the bytes to the next
 * the rest               where the walk stands in the outer dimensions */
typedef struct mw__walk {
  uint64_t length;
  unsigned char *base[MW__WALK_LANES];
  int64_t stride[MW__WALK_LANES];

  bool more;
  int lanes;
  int outer;
  uint64_t shape[MW_MAX_DIMENSIONS];
  uint64_t at[MW_MAX_DIMENSIONS];
  int64_t strides[MW__WALK_LANES][MW_MAX_DIMENSIONS];
} mw__walk;

/* Begin at the first run of `first`, and of `second`, which has the same shape; NULL to walk over one view only. Their regions are
 * open and large enough. */
void mw__walk_begin(mw__walk *walk, const mw_view *first, const mw_view *second);

/* Go on to the next run; walk->more is false when there is none, at the beginning already for an empty view:
 *   for (mw__walk_begin(&walk, view, NULL); walk.more; mw__walk_next(&walk)) ... */
void mw__walk_next(mw__walk *walk);

#endif
