/* The event: one word of 32 bits, which is also what its waiters sleep on. Main entries: mw_event_set, mw_event_wait.
 *
 * SPDX-License-Identifier: MIT */
#include "sync/event.h"

#include <limits.h>
#include <stdlib.h>

#include "platform/os.h"

#define FLAGS 3u /* the two lowest bits */

static uint32_t flag_of(uint32_t state) { return state & FLAGS; }
static uint32_t sets_of(uint32_t state) { return state & ~FLAGS; } /* shifted */

/* ---- shared memory */

void mw__event_format(mw__event_line *line) { atomic_store(&line->state, MW__CLEAR); }

static void wake_all_of(mw__event_line *line) {
  unsigned woken;
  (void)mw__os_word_wake(&line->state, INT_MAX, &woken);
}

void mw__event_end(mw__event_line *line) {
  atomic_store(&line->state, MW__EVENT_GONE);
  wake_all_of(line);
}

bool mw__event_is_valid(const mw__event_line *line) { return flag_of(atomic_load(&line->state)); }

/* ---- the gate */

static mw__event_line *line_of(mw__object *object) { return ((mw_event *)object)->line; }

/* 0, or why a state is none. */
static int examine(const mw__call *call, const mw__object *object, uint32_t state) {
  int status = mw__object_check_alive(call, object);
  return status || flag_of(state) ? status : mw__object_fail_word(call, object, state);
}

static int load(const mw__call *call, mw_event *event, uint32_t *out_state) {
  int status = mw__object_check_usable(call, &event->object);
  if (status) return status;
  uint32_t state = atomic_load(&event->line->state);
  status = examine(call, &event->object, state);
  if (!status) *out_state = state;
  return status;
}

/* The way that is mostly taken: open, attached, all pages there, and not deleted. Zeros in place of a lost page have no flag. */
static inline bool is_quick(mw_event *event, uint32_t state) {
  return flag_of(state) && mw__object_quick_owner(&event->object) && mw__object_is_alive(&event->object);
}

/* ---- setting and clearing */

/* A state with the flag changed, or the same state. */
static uint32_t changed(uint32_t state, bool set) {
  if ((flag_of(state) == MW__SET) == set) return state;
  return set ? (sets_of(state) + FLAGS + 1) | MW__SET : sets_of(state) | MW__CLEAR;
}

/* Change the flag, and *out_before is what the state was. False: not the quick way, or somebody else changed it just now. */
static inline bool change_quickly(mw_event *event, bool set, uint32_t *out_before) {
  uint32_t state = atomic_load(&event->line->state);
  if (!is_quick(event, state)) return false;
  uint32_t next = changed(state, set);
  bool done = next == state || atomic_compare_exchange_strong(&event->line->state, &state, next);
  if (done) *out_before = state;
  return done;
}

/* Out of line, because setting up a call takes longer than the quick way. */
__attribute__((noinline)) static int change_slowly(mw_event *event, bool set, mw_error *error, uint32_t *out_before) {
  mw__call call = {set ? "Event.set" : "Event.clear", event->object.name, error};
  uint32_t state, next;
  do {
    int status = load(&call, event, &state);
    if (status) return status;
    *out_before = state;
    next = changed(state, set);
  } while (next != state && !atomic_compare_exchange_weak(&event->line->state, &state, next));
  return mw__region_check_touched(&call, event->object.region);
}

/* Who sleeps is woken also where a page was lost meanwhile. */
int mw_event_set(mw_event *event, mw_error *error) {
  uint32_t before = MW__EVENT_GONE;
  int status = change_quickly(event, true, &before) ? 0 : change_slowly(event, true, error, &before);
  if (flag_of(before) == MW__AWAITED) wake_all_of(event->line);
  return status;
}

int mw_event_clear(mw_event *event, mw_error *error) {
  uint32_t before;
  return change_quickly(event, false, &before) ? 0 : change_slowly(event, false, error, &before);
}

int mw_event_is_set(mw_event *event, mw_error *error, bool *out_set) {
  uint32_t state = atomic_load(&event->line->state);
  if (!is_quick(event, state)) {
    mw__call call = {"Event.is_set", event->object.name, error};
    int status = load(&call, event, &state);
    if (status) return status;
  }
  *out_set = flag_of(state) == MW__SET;
  return 0;
}

/* ---- waiting */

static int attempt(const mw__call *call, mw__object *object, uint64_t sets) {
  uint32_t state = atomic_load(&line_of(object)->state);
  int status = examine(call, object, state);
  if (status) return status;
  return flag_of(state) == MW__SET || sets_of(state) != sets ? 0 : MW__NOT_NOW;
}

/* Where it is set, what the sleeper is to expect is a state that it has not. */
static int announce(const mw__call *call, mw__object *object, mw_watch *out_watch) {
  mw__event_line *line = line_of(object);
  uint32_t state = atomic_load(&line->state);
  int status = examine(call, object, state);
  if (status) return status;
  uint32_t awaited = sets_of(state) | MW__AWAITED;
  if (flag_of(state) == MW__CLEAR) (void)atomic_compare_exchange_strong(&line->state, &state, awaited);
  *out_watch = (mw_watch){&line->state, awaited};
  return 0;
}

static void wake_all(mw__object *object) { wake_all_of(line_of(object)); }

/* Until it is set, or has been since. */
__attribute__((noinline)) static int wait_slowly(mw_event *event, mw_watch *since, mw_deadline deadline, mw_error *error) {
  mw__call call = {"Event.wait", event->object.name, error};
  uint32_t state;
  int status = load(&call, event, &state);
  if (status) return status;
  if (!since->word) *since = (mw_watch){&event->line->state, sets_of(state) | MW__AWAITED};
  mw__manner manner = {attempt, announce, mw__spin_until, NULL, wake_all, sets_of(since->value)};
  status = mw_event_was_set(event, since) ? 0 : mw__object_wait(&call, &event->object, &manner, deadline);
  return status < 0 ? status : mw__region_check_touched(&call, event->object.region);
}

int mw_event_wait_since(mw_event *event, mw_watch *since, mw_deadline deadline, mw_error *error) {
  uint32_t state = atomic_load(&event->line->state);
  if (flag_of(state) == MW__SET && is_quick(event, state)) return 0;
  return wait_slowly(event, since, deadline, error);
}

int mw_event_wait(mw_event *event, mw_deadline deadline, mw_error *error) {
  return mw_event_wait_since(event, &(mw_watch){0}, deadline, error);
}

int mw_event_watch(mw_event *event, mw_error *error, mw_watch *out_watch) {
  mw__call call = {"Event.watch", event->object.name, error};
  int status = mw__object_check_usable(&call, &event->object);
  return status ? status : announce(&call, &event->object, out_watch);
}

bool mw_event_was_set(const mw_event *event, const mw_watch *watch) {
  uint32_t state = atomic_load(&event->line->state);
  return flag_of(state) == MW__SET || (flag_of(state) && sets_of(state) != sets_of(watch->value));
}

const char *mw_event_name(const mw_event *event) { return event->object.name; }
void mw_event_hold(mw_event *event) { mw__object_hold(&event->object); }

void mw_event_drop(mw_event *event) {
  if (!event || !mw__object_drop(&event->object)) return;
  mw__object_fini(&event->object);
  free(event);
}
