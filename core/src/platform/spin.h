/* Spinning for a moment before sleeping, for about as long as it costs to sleep and to be woken on another CPU.
 *
 * What is waited for cannot come while we spin on the only CPU: false at once there.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MW_PLATFORM_SPIN_H
#define MW_PLATFORM_SPIN_H

#include <stdbool.h>

#include "memwell/deadline.h"

typedef bool mw__spin(bool (*is_done)(void *subject), void *subject, mw_deadline deadline);

/* Wait for what another is about to say: look all the time. True as soon as `is_done` says so. */
mw__spin mw__spin_until;

/* Wait for what others take and give back all the time: look ever more rarely, each time after twice as long as before, up to 128
 * pauses. Each look takes the cache line from who is working with it. (Binary exponential back-off: T. E. Anderson, "The
 * Performance of Spin Lock Alternatives for Shared-Memory Multiprocessors", 1990.) */
mw__spin mw__back_off_until;

#endif
