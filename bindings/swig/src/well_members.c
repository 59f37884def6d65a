/* The locks of a well. Their objects are the core's own handles, which outlive the well's.
 *
 * SPDX-License-Identifier: MIT */
#include "objects.h"

/* ---- mutexes */

static int acquire_mutex(void *object, mw_deadline deadline, mw_error *error) { return mw_mutex_acquire(object, deadline, error); }

bool mws_mutex_acquire(mws_mutex *self, mw_error *error, mw_deadline deadline) {
  return mws_in_time(error, mws_language_wait(acquire_mutex, self, deadline, error));
}

void mws_mutex_release(mws_mutex *self, mw_error *error) { mws_settle(error, mw_mutex_release(self, error)); }

static int begin_recovery(void *object, mw_deadline deadline, mw_error *error) {
  return mw_mutex_recover_begin(object, deadline, error);
}

int mws_mutex_recover_begin(mws_mutex *self, mw_error *error, mw_deadline deadline) {
  int status = mws_language_wait(begin_recovery, self, deadline, error);
  return mws_in_time(error, status) ? status : -1;
}

void mws_mutex_recover_end(mws_mutex *self, mw_error *error, bool mended) {
  mws_settle(error, mw_mutex_recover_end(self, mended, error));
}

int mws_mutex_owner(mws_mutex *self, mw_error *error) {
  int slot = -1;
  mws_settle(error, mw_mutex_owner(self, error, &slot, NULL));
  return slot;
}

bool mws_mutex_inconsistent(mws_mutex *self, mw_error *error) {
  int slot = -1;
  bool inconsistent = false;
  mws_settle(error, mw_mutex_owner(self, error, &slot, &inconsistent));
  return inconsistent;
}

const char *mws_mutex_name(const mws_mutex *self) { return mw_mutex_name(self); }
bool mws_mutex_held(const mws_mutex *self) { return mw_mutex_is_held(self); }
void mws_mutex_free(mws_mutex *self) { mw_mutex_drop(self); }

/* ---- semaphores */

static int acquire_permit(void *object, mw_deadline deadline, mw_error *error) {
  return mw_robust_semaphore_acquire(object, deadline, error);
}

bool mws_robust_semaphore_acquire(mws_robust_semaphore *self, mw_error *error, mw_deadline deadline) {
  return mws_in_time(error, mws_language_wait(acquire_permit, self, deadline, error));
}

void mws_robust_semaphore_release(mws_robust_semaphore *self, mw_error *error, uint64_t n) {
  mws_settle(error, mw_robust_semaphore_release(self, mws_unsigned(n), error));
}

uint64_t mws_robust_semaphore_value(mws_robust_semaphore *self, mw_error *error) {
  unsigned value = 0;
  mws_settle(error, mw_robust_semaphore_value(self, error, &value));
  return value;
}

uint64_t mws_robust_semaphore_held(mws_robust_semaphore *self, mw_error *error) {
  unsigned held = 0;
  mws_settle(error, mw_robust_semaphore_held(self, error, &held));
  return held;
}

const char *mws_robust_semaphore_name(const mws_robust_semaphore *self) { return mw_robust_semaphore_name(self); }
uint64_t mws_robust_semaphore_capacity(const mws_robust_semaphore *self) { return mw_robust_semaphore_capacity(self); }
void mws_robust_semaphore_free(mws_robust_semaphore *self) { mw_robust_semaphore_drop(self); }

/* ---- events */

void mws_event_set(mws_event *self, mw_error *error) { mws_settle(error, mw_event_set(self, error)); }

void mws_event_clear(mws_event *self, mw_error *error) { mws_settle(error, mw_event_clear(self, error)); }

bool mws_event_is_set(mws_event *self, mw_error *error) {
  bool set = false;
  mws_settle(error, mw_event_is_set(self, error, &set));
  return set;
}

/* A wait of several calls of the core. */
typedef struct waiting {
  mw_event *event;
  mw_watch *since;
} waiting;

static int wait_for(void *object, mw_deadline deadline, mw_error *error) {
  const waiting *self = object;
  return mw_event_wait_since(self->event, self->since, deadline, error);
}

bool mws_event_wait(mws_event *self, mw_error *error, mw_watch *since, mw_deadline deadline) {
  return mws_in_time(error, mws_language_wait(wait_for, &(waiting){self, since}, deadline, error));
}

const char *mws_event_name(const mws_event *self) { return mw_event_name(self); }
void mws_event_free(mws_event *self) { mw_event_drop(self); }
