/* The gate of views, for calls on views that live in other files.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MW_MEMORY_VIEW_H
#define MW_MEMORY_VIEW_H

#include "base/status.h"
#include "memwell/view.h"

/* 0, or MW_ECLOSED, MW_EFAULT, MW_ERANGE: whether the region still has every byte of the view. */
int mw__view_check_usable(const mw__call *call, const mw_view *view);

#endif
