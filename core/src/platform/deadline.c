/* Instants on the monotonic clock. They live in this layer, above the clock that they need.
 *
 * SPDX-License-Identifier: MIT */
#include "platform/deadline.h"

#include "platform/os.h"

mw_deadline mw_deadline_after(double seconds) {
  if (!(seconds > 0)) return MW_DEADLINE_NOW; /* NaN too */
  double nanoseconds = seconds * 1e9;
  int64_t now = mw__os_now();
  return nanoseconds < (double)(INT64_MAX - now) ? now + (int64_t)nanoseconds : MW_DEADLINE_NEVER;
}

bool mw__deadline_has_come(mw_deadline deadline) { return deadline != MW_DEADLINE_NEVER && mw__os_now() >= deadline; }

mw_deadline mw__deadline_within(mw_deadline deadline, int64_t nanoseconds) {
  mw_deadline soon = mw__os_now() + nanoseconds;
  return soon < deadline ? soon : deadline;
}
