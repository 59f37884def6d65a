/* Spinning: what is about to happen on another CPU is cheaper awaited than slept for.
 *
 * SPDX-License-Identifier: MIT */
#include "platform/spin.h"

#include "platform/deadline.h"
#include "platform/os.h"

#define SPIN 20000 /* 20 us: about what it costs to sleep and to be woken on another CPU */
#define PAUSES 16  /* between two looks at the clock */
#define YIELDS 2

static bool look_for_a_moment(bool (*is_done)(void *subject), void *subject) {
  for (int pause = 0; pause < PAUSES; pause++) {
    mw__os_relax();
    if (is_done(subject)) return true;
  }
  return false;
}

/* What comes at once comes sooner than two looks at the clock, so the first look is at that. */
bool mw__spin_until(bool (*is_done)(void *subject), void *subject, mw_deadline deadline) {
  if (mw__os_cpu_count() < 2) return false;
  if (look_for_a_moment(is_done, subject)) return true;
  for (mw_deadline end = mw__deadline_within(deadline, SPIN); !mw__deadline_has_come(end);)
    if (look_for_a_moment(is_done, subject)) return true;
  for (int i = 0; i < YIELDS; i++) {
    mw__os_yield();
    if (is_done(subject)) return true;
  }
  return false;
}
