/* Looking at every structure of a well.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MW_WELL_CHECK_H
#define MW_WELL_CHECK_H

#include "well/layout.h"

/* Returns 0, or MW_EFORMAT (the reason says which field of what is damaged), MW_ENOMEM. */
int mw__check_all(const mw__call *call, const mw__layout *layout);

#endif
