/* Wells for tests, and every kind of thing in one that can be waited for, so that one test runs on each.
 *
 * SPDX-License-Identifier: MIT */
#ifndef LOCKS_H
#define LOCKS_H

#include <pthread.h>
#include <stdbool.h>
#include <sys/types.h>

#include "memwell.h"

#define WELL_SIZE 65536

/* The well of this test: created, attached to once more, and what ends it. A close of it must work. */
mw_well *well_created(void);
mw_well *well_attached(void);
mw_well *well_observed(void);
void well_close(mw_well *well);
void well_close_and_unlink(mw_well *well);
const char *well_name(void);

/* Objects in it, found or created. */
mw_mutex *well_mutex(mw_well *well, const char *name);
mw_robust_semaphore *well_semaphore(mw_well *well, const char *name, unsigned capacity);
mw_event *well_event(mw_well *well, const char *name);

mw_object_info well_object(mw_well *well, const char *name);
int well_slot_of(mw_well *well);
unsigned well_participants(mw_well *well);
mw_participant_info well_participant(mw_well *well, int slot);

/* The words that decide: of an object, at `offset` in its memory. */
_Atomic uint64_t *well_word(mw_well *well, const char *name, uint64_t offset);

/* A mutex, a semaphore of one permit, or an event. Acquiring an event is waiting for it, releasing it is setting it, and blocking
 * it is clearing it.
 *
 * owned    it belongs to who has acquired it
 * word     where its deciding word is in its memory, and what that is when it is free */
typedef struct lock_kind {
  const char *kind;
  const char *noun;
  bool owned;
  uint64_t word;
  void *(*make)(mw_well *well, const char *name);
  int (*find)(mw_well *well, const char *name, mw_error *error, void **out_lock);
  int (*acquire)(void *lock, mw_deadline deadline, mw_error *error);
  int (*release)(void *lock, mw_error *error);
  int (*block)(void *lock, mw_error *error);
  int (*watch)(void *lock, mw_error *error, mw_watch *out_watch);
  void (*hold)(void *lock);
  void (*drop)(void *lock);
} lock_kind;

/* Run a check on one of each kind, named "lock", in a well of its own, which nobody has acquired; an event is clear. */
typedef void lock_check(const lock_kind *kind, mw_well *well, void *lock);
void on_each_lock(lock_check *check);
void on_each_owned_lock(lock_check *check);

/* A thread that acquires; put_to_sleep returns once it sleeps for the lock. */
typedef struct lock_sleeper {
  const lock_kind *kind;
  void *lock;
  mw_deadline deadline;
  _Atomic pid_t thread;
  pthread_t handle;
} lock_sleeper;
void lock_put_to_sleep(lock_sleeper *sleeper, const lock_kind *kind, void *lock, mw_deadline deadline);
int lock_sleeper_result(lock_sleeper *sleeper);

#endif
