/* An odometer over the outer dimensions; the innermost one is the run.
 *
 * SPDX-License-Identifier: MIT */
#include "memory/walk.h"

#include "memory/region.h"

static void add_lane(mw__walk *walk, const mw_view *view) {
  int lane = walk->lanes++;
  walk->base[lane] = view->region->data ? view->region->data + view->offset : NULL; /* NULL + 0 is undefined: an empty region */
  for (int i = 0; i < view->ndim; i++) walk->strides[lane][i] = view->strides[i];
}

/* Whether dimension `i` goes on just where the end of the joined dimension `last` lets off. */
static bool can_join(const mw__walk *walk, int last, int i) {
  for (int lane = 0; lane < walk->lanes; lane++)
    if (walk->strides[lane][last] != (int64_t)walk->shape[i] * walk->strides[lane][i]) return false;
  return true;
}

static void put_dimension(mw__walk *walk, int place, int i, uint64_t extent) {
  walk->shape[place] = extent;
  for (int lane = 0; lane < walk->lanes; lane++) walk->strides[lane][place] = walk->strides[lane][i];
}

/* Leave out dimensions of one place, join those without a gap; returns how many are left. */
static int join_dimensions(mw__walk *walk, int ndim) {
  int count = 0;
  for (int i = 0; i < ndim; i++) {
    if (walk->shape[i] == 1) continue;
    if (count > 0 && can_join(walk, count - 1, i))
      put_dimension(walk, count - 1, i, walk->shape[count - 1] * walk->shape[i]);
    else
      put_dimension(walk, count++, i, walk->shape[i]);
  }
  return count;
}

void mw__walk_begin(mw__walk *walk, const mw_view *first, const mw_view *second) {
  walk->lanes = 0;
  walk->more = true;
  for (int i = 0; i < first->ndim; i++) {
    walk->shape[i] = first->shape[i];
    walk->at[i] = 0;
    if (first->shape[i] == 0) walk->more = false;
  }
  add_lane(walk, first);
  if (second) add_lane(walk, second);
  int count = walk->more ? join_dimensions(walk, first->ndim) : 0;
  walk->outer = count > 0 ? count - 1 : 0;
  walk->length = count > 0 ? walk->shape[count - 1] : 1;
  for (int lane = 0; lane < walk->lanes; lane++) walk->stride[lane] = count > 0 ? walk->strides[lane][count - 1] : 0;
}

static void step(mw__walk *walk, int dimension, int64_t places) {
  for (int lane = 0; lane < walk->lanes; lane++) walk->base[lane] += places * walk->strides[lane][dimension];
}

void mw__walk_next(mw__walk *walk) {
  for (int i = walk->outer - 1; i >= 0; i--) {
    if (++walk->at[i] < walk->shape[i]) {
      step(walk, i, 1);
      return;
    }
    step(walk, i, -(int64_t)(walk->shape[i] - 1));
    walk->at[i] = 0;
  }
  walk->more = false;
}
