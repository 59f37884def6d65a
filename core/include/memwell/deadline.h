/* A deadline is an instant on the monotonic clock, in nanoseconds. Every wait takes one, so that a wait which is interrupted goes
 * on to the same instant, and a change of the wall clock changes nothing.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_DEADLINE_H
#define MEMWELL_DEADLINE_H

#include <stdint.h>

#include "memwell/export.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef int64_t mw_deadline;

#define MW_DEADLINE_NOW ((mw_deadline)0)           /* do not wait: try once */
#define MW_DEADLINE_NEVER ((mw_deadline)INT64_MAX) /* wait for ever */

/* The instant `seconds` from now. Zero, a negative number and NaN give MW_DEADLINE_NOW; a span beyond 292 years gives
 * MW_DEADLINE_NEVER.
 * Threads, fork, signals: safe. */
MW_API mw_deadline mw_deadline_after(double seconds);

#ifdef __cplusplus
}
#endif
#endif
