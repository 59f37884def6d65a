/* Deadlines beside the clock: the earlier of two, and whether one has come.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MW_PLATFORM_DEADLINE_H
#define MW_PLATFORM_DEADLINE_H

#include <stdbool.h>

#include "memwell/deadline.h"

bool mw__deadline_has_come(mw_deadline deadline);

/* `nanoseconds` from now, or the deadline, whichever is earlier. */
mw_deadline mw__deadline_within(mw_deadline deadline, int64_t nanoseconds);

#endif
