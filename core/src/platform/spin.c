/* Spinning: what is about to happen on another CPU is cheaper awaited than slept for.
 *
 * SPDX-License-Identifier: MIT */
#include "platform/spin.h"

#include "platform/deadline.h"
#include "platform/os.h"

#define SPIN 20000 /* 20 us: about what it costs to sleep and to be woken on another CPU */
#define PAUSES 16  /* between two looks at the clock, at least */
#define DOUBLINGS 3
#define YIELDS 2

/* For a moment. The moments of one who waits are numbered. */
typedef bool look(bool (*is_done)(void *subject), void *subject, int moment);

static bool look_all_the_time(bool (*is_done)(void *subject), void *subject, int moment) {
  (void)moment;
  for (int pause = 0; pause < PAUSES; pause++) {
    mw__os_relax();
    if (is_done(subject)) return true;
  }
  return false;
}

static bool look_at_the_end(bool (*is_done)(void *subject), void *subject, int moment) {
  int pauses = PAUSES << (moment < DOUBLINGS ? moment : DOUBLINGS);
  for (int pause = 0; pause < pauses; pause++) mw__os_relax();
  return is_done(subject);
}

/* What comes at once comes sooner than two looks at the clock, so the first moment is before that. */
static bool spin(look *look, bool (*is_done)(void *subject), void *subject, mw_deadline deadline) {
  if (mw__os_cpu_count() < 2) return false;
  if (look(is_done, subject, 0)) return true;
  int moment = 1;
  for (mw_deadline end = mw__deadline_within(deadline, SPIN); !mw__deadline_has_come(end); moment++)
    if (look(is_done, subject, moment)) return true;
  for (int i = 0; i < YIELDS; i++) {
    mw__os_yield();
    if (is_done(subject)) return true;
  }
  return false;
}

bool mw__spin_until(bool (*is_done)(void *subject), void *subject, mw_deadline deadline) {
  return spin(look_all_the_time, is_done, subject, deadline);
}

bool mw__back_off_until(bool (*is_done)(void *subject), void *subject, mw_deadline deadline) {
  return spin(look_at_the_end, is_done, subject, deadline);
}
