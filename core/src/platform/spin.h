/* Spinning for a moment before sleeping.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MW_PLATFORM_SPIN_H
#define MW_PLATFORM_SPIN_H

#include <stdbool.h>

#include "memwell/deadline.h"

/* Look again and again for about as long as it costs to sleep and to be woken on another CPU. True as soon as `is_done` says so.
 * What it waits for cannot come while we spin on the only CPU: false at once there. */
bool mw__spin_until(bool (*is_done)(void *subject), void *subject, mw_deadline deadline);

#endif
