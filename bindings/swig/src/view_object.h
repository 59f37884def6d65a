/* What the files about views share.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_SWIG_VIEW_OBJECT_H
#define MEMWELL_SWIG_VIEW_OBJECT_H

#include "objects.h"

struct mws_view {
  mws_region *owner;
  mw_view view;
};

/* As mws_region_enter, of its region. */
bool mws_view_enter(mws_view *self, mw_error *error, const char *call);
int mws_view_leave(mws_view *self, mw_error *error, int status);

/* 0, or MW_EINVAL where one is negative. */
int mws_extents_to_shape(const mws_extents *extents, mw_error *error, const char *call, uint64_t shape[MW_MAX_DIMENSIONS]);

/* The core names its own call on one element, which stands for ours. */
int mws_view_rename_call(int status, mw_error *error, const char *call);

#endif
