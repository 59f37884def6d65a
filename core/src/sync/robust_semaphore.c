/* The semaphore whose permits come back: one owner word for each. Main entries: mw_robust_semaphore_acquire, _release.
 *
 * SPDX-License-Identifier: MIT */
#include "sync/robust_semaphore.h"

#include <stdlib.h>

/* ---- shared memory */

uint64_t mw__permits_size(unsigned capacity) {
  uint64_t per_line = MW__LINE / sizeof(mw__owner_word);
  return MW__LINE + (capacity + per_line - 1) / per_line * MW__LINE;
}

void mw__permits_format(mw__permits *permits, unsigned capacity) {
  size_t words = (mw__permits_size(capacity) - MW__LINE) / sizeof(mw__owner_word);
  atomic_store(&permits->bell, MW__BELL_QUIET);
  for (size_t i = 0; i < words; i++) atomic_store(&permits->words[i], MW__FREE);
}

unsigned mw__permits_sweep(mw__permits *permits, unsigned capacity, uint64_t owner) {
  unsigned count = 0;
  for (unsigned i = 0; i < capacity; i++)
    if (atomic_load_explicit(&permits->words[i], memory_order_relaxed) == owner)
      count += mw__owner_change(&permits->words[i], owner, MW__FREE);
  if (count) mw__bell_ring_all(&permits->bell);
  return count;
}

void mw__permits_open_up(mw__permits *permits, unsigned capacity) {
  for (unsigned i = 0; i < capacity; i++) (void)mw__owner_change(&permits->words[i], MW__GONE, MW__FREE);
  mw__bell_ring_all(&permits->bell);
}

bool mw__permits_close_down(mw__permits *permits, unsigned capacity) {
  for (unsigned i = 0; i < capacity; i++)
    if (!mw__owner_change(&permits->words[i], MW__FREE, MW__GONE)) {
      mw__permits_open_up(permits, i);
      return false;
    }
  return true;
}

unsigned mw__permits_count(const mw__permits *permits, unsigned capacity, uint64_t word) {
  unsigned count = 0;
  for (unsigned i = 0; i < capacity; i++) count += atomic_load_explicit(&permits->words[i], memory_order_relaxed) == word;
  return count;
}

unsigned mw__permits_find_damage(const mw__permits *permits, unsigned capacity, const mw__slot *slots, uint32_t count) {
  for (unsigned i = 0; i < capacity; i++) {
    uint64_t word = atomic_load(&permits->words[i]);
    if (word != MW__FREE && word != MW__GONE && !mw__slots_have_had(slots, count, word)) return i;
  }
  return capacity;
}

/* ---- attempts */

static inline mw_robust_semaphore *semaphore_of(mw__object *object) { return (mw_robust_semaphore *)object; }

/* Change one word from this to that, wherever it is; where the last one was, first. */
static bool change_any(mw_robust_semaphore *semaphore, uint64_t from, uint64_t to) {
  uint32_t first = atomic_load_explicit(&semaphore->hint, memory_order_relaxed);
  for (uint32_t step = 0, i = first; step < semaphore->capacity; step++, i = i + 1 < semaphore->capacity ? i + 1 : 0) {
    mw__owner_word *word = &semaphore->permits->words[i];
    if (atomic_load_explicit(word, memory_order_relaxed) != from || !mw__owner_change(word, from, to)) continue;
    if (i != first) atomic_store_explicit(&semaphore->hint, i, memory_order_relaxed);
    return true;
  }
  return false;
}

/* The same where the last one was, and nowhere else. */
static inline bool change_hinted(mw_robust_semaphore *semaphore, uint64_t from, uint64_t to) {
  return mw__owner_change(&semaphore->permits->words[atomic_load_explicit(&semaphore->hint, memory_order_relaxed)], from, to);
}

/* None is free. If one is held, that is how it should be; else they are gone, or damaged. */
static int examine(const mw__call *call, mw_robust_semaphore *semaphore) {
  for (unsigned i = 0; i < semaphore->capacity; i++) {
    uint64_t word = atomic_load(&semaphore->permits->words[i]);
    if (word == MW__FREE || mw__participant_has_been(semaphore->object.participant, word)) continue;
    int status = mw__object_check_word(call, &semaphore->object, word);
    if (status) return status;
  }
  return MW__NOT_NOW;
}

static int attempt(const mw__call *call, mw__object *object, uint64_t owner) {
  mw_robust_semaphore *semaphore = semaphore_of(object);
  return change_any(semaphore, MW__FREE, owner) ? 0 : examine(call, semaphore);
}

static int announce(const mw__call *call, mw__object *object, mw_watch *out_watch) {
  (void)call;
  mw__bell_await(&semaphore_of(object)->permits->bell, out_watch);
  return 0;
}

/* Each owner is asked about once. */
static void relieve(mw__object *object) {
  mw_robust_semaphore *semaphore = semaphore_of(object);
  if (mw__permits_count(semaphore->permits, semaphore->capacity, MW__GONE)) (void)mw__participant_clear_up(object->participant);
  uint64_t asked[256 / 64] = {0};
  for (unsigned i = 0; i < semaphore->capacity; i++) {
    uint64_t word = atomic_load(&semaphore->permits->words[i]);
    unsigned slot = mw__owner_slot(word);
    if (!mw__owner_is(word, object->participant->table.count) || asked[slot / 64] >> slot % 64 & 1) continue;
    asked[slot / 64] |= UINT64_C(1) << slot % 64;
    if (mw__participant_is_gone(object->participant, word)) (void)mw__permits_sweep(semaphore->permits, semaphore->capacity, word);
  }
}

static void wake_all(mw__object *object) { mw__bell_ring_all(&semaphore_of(object)->permits->bell); }

/* ---- the calls */

/* A wake-up wakes one, and two permits may have come free before that one looked: who has slept hands on what is left. */
static void hand_on(mw_robust_semaphore *semaphore) {
  if (mw__permits_count(semaphore->permits, semaphore->capacity, MW__FREE)) mw__bell_ring(&semaphore->permits->bell);
}

/* A page may have been lost, or the well closed, while we took it. */
static int check_taken(const mw__call *call, mw_robust_semaphore *semaphore, uint64_t owner) {
  int status = mw__object_check_usable(call, &semaphore->object);
  if (status && change_any(semaphore, owner, MW__FREE)) mw__bell_ring(&semaphore->permits->bell);
  return status;
}

__attribute__((noinline)) static int acquire_slowly(mw_robust_semaphore *semaphore, mw_deadline deadline, mw_error *error) {
  mw__call call = {"RobustSemaphore.acquire", semaphore->object.name, error};
  uint64_t owner;
  int status = mw__object_check_owner(&call, &semaphore->object, &owner);
  if (status) return status;
  bool watched = atomic_exchange(&semaphore->watched, false);
  mw__manner manner = {attempt, announce, mw__back_off_until, relieve, wake_all, owner};
  int slept = mw__object_wait(&call, &semaphore->object, &manner, deadline);
  if (slept < 0) return slept;
  status = check_taken(&call, semaphore, owner);
  if (!status && (slept || watched)) hand_on(semaphore);
  return status;
}

__attribute__((noinline)) static int fail_taken(mw_robust_semaphore *semaphore, uint64_t owner, mw_error *error) {
  mw__call call = {"RobustSemaphore.acquire", semaphore->object.name, error};
  return check_taken(&call, semaphore, owner);
}

int mw_robust_semaphore_acquire(mw_robust_semaphore *semaphore, mw_deadline deadline, mw_error *error) {
  uint64_t owner = mw__object_quick_owner(&semaphore->object);
  bool watched = atomic_load_explicit(&semaphore->watched, memory_order_relaxed);
  if (!owner || watched || !change_hinted(semaphore, MW__FREE, owner)) return acquire_slowly(semaphore, deadline, error);
  return mw__object_is_usable(&semaphore->object) ? 0 : fail_taken(semaphore, owner, error);
}

static int fail_not_owner(const mw__call *call, mw_robust_semaphore *semaphore, unsigned n, unsigned held) {
  int status = mw__object_check_usable(call, &semaphore->object);
  if (!status) status = examine(call, semaphore);
  if (status < 0) return status;
  return mw__fail(call, MW_ENOTOWNER, "%u are to be released, and this process holds %u", n, held);
}

__attribute__((noinline)) static int release_slowly(mw_robust_semaphore *semaphore, unsigned n, mw_error *error) {
  mw__call call = {"RobustSemaphore.release", semaphore->object.name, error};
  uint64_t owner = mw__object_owner(&semaphore->object);
  if (n == 0) return mw__fail(&call, MW_EINVAL, "n is 0; it is at least 1");
  unsigned held = n > 1 && owner ? mw__permits_count(semaphore->permits, semaphore->capacity, owner) : n;
  if (!owner || held < n) return fail_not_owner(&call, semaphore, n, owner ? held : 0);
  for (unsigned i = 0; i < n; i++) {
    if (!change_any(semaphore, owner, MW__FREE)) return fail_not_owner(&call, semaphore, n - i, 0);
    mw__bell_ring(&semaphore->permits->bell);
  }
  return mw__region_check_touched(&call, semaphore->object.region);
}

int mw_robust_semaphore_release(mw_robust_semaphore *semaphore, unsigned n, mw_error *error) {
  uint64_t owner = mw__object_owner(&semaphore->object);
  bool quick = n == 1 && owner && mw__object_is_usable(&semaphore->object) && change_hinted(semaphore, owner, MW__FREE);
  if (!quick) return release_slowly(semaphore, n, error);
  mw__bell_ring(&semaphore->permits->bell);
  return 0;
}

/* ---- looking at one */

static int count(const mw__call *call, mw_robust_semaphore *semaphore, bool free, unsigned *out_count) {
  int status = mw__object_check_usable(call, &semaphore->object);
  if (!status) status = mw__object_check_alive(call, &semaphore->object);
  if (status) return status;
  uint64_t word = free ? MW__FREE : mw__object_owner(&semaphore->object);
  unsigned found = mw__permits_count(semaphore->permits, semaphore->capacity, word);
  status = mw__region_check_touched(call, semaphore->object.region);
  if (!status) *out_count = found;
  return status;
}

int mw_robust_semaphore_value(mw_robust_semaphore *semaphore, mw_error *error, unsigned *out_value) {
  mw__call call = {"RobustSemaphore.value", semaphore->object.name, error};
  return count(&call, semaphore, true, out_value);
}

int mw_robust_semaphore_held(mw_robust_semaphore *semaphore, mw_error *error, unsigned *out_held) {
  mw__call call = {"RobustSemaphore.held", semaphore->object.name, error};
  return count(&call, semaphore, false, out_held);
}

int mw_robust_semaphore_watch(mw_robust_semaphore *semaphore, mw_error *error, mw_watch *out_watch) {
  mw__call call = {"RobustSemaphore.watch", semaphore->object.name, error};
  int status = mw__object_check_usable(&call, &semaphore->object);
  if (!status) status = mw__object_check_alive(&call, &semaphore->object);
  if (status) return status;
  atomic_store(&semaphore->watched, true);
  return announce(&call, &semaphore->object, out_watch);
}

unsigned mw_robust_semaphore_capacity(const mw_robust_semaphore *semaphore) { return semaphore->capacity; }
const char *mw_robust_semaphore_name(const mw_robust_semaphore *semaphore) { return semaphore->object.name; }
void mw_robust_semaphore_hold(mw_robust_semaphore *semaphore) { mw__object_hold(&semaphore->object); }

void mw_robust_semaphore_drop(mw_robust_semaphore *semaphore) {
  if (!semaphore || !mw__object_drop(&semaphore->object)) return;
  mw__object_fini(&semaphore->object);
  free(semaphore);
}
