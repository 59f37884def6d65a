/* The mutex: one owner word, and a line for what goes with it. Main entries: mw_mutex_acquire, mw_mutex_release.
 *
 * SPDX-License-Identifier: MIT */
#include "sync/mutex.h"

#include <stdlib.h>

#include "platform/os.h"

/* ---- shared memory */

void mw__mutex_format(mw__mutex_line *line) {
  atomic_store(&line->bell, MW__BELL_QUIET);
  atomic_store(&line->thread, 0);
  atomic_store(&line->owner, MW__FREE);
}

unsigned mw__mutex_sweep(mw__mutex_line *line, uint64_t owner) {
  if (!mw__owner_change(&line->owner, owner, MW__DEAD) && !mw__owner_change(&line->owner, owner | MW__RECOVERING, MW__DEAD))
    return 0;
  mw__bell_ring_all(&line->bell);
  return 1;
}

bool mw__mutex_close_down(mw__mutex_line *line) {
  return mw__owner_change(&line->owner, MW__FREE, MW__GONE) || mw__owner_change(&line->owner, MW__DEAD, MW__GONE);
}

void mw__mutex_open_up(mw__mutex_line *line) {
  if (mw__owner_change(&line->owner, MW__GONE, MW__DEAD)) mw__bell_ring_all(&line->bell);
}

bool mw__mutex_is_valid(const mw__mutex_line *line, const mw__slot *slots, uint32_t count) {
  uint64_t word = atomic_load(&line->owner);
  return word == MW__FREE || word == MW__DEAD || word == MW__GONE || mw__slots_have_had(slots, count, word);
}

/* ---- attempts */

static inline mw__mutex_line *line_of(mw__object *object) { return ((mw_mutex *)object)->line; }

/* Why it is not ours just now, if it may be later; else the reason why not. */
static int examine(const mw__call *call, mw__object *object, uint64_t word, uint64_t owner) {
  if (word == MW__FREE) return MW__NOT_NOW; /* since just now */
  bool ours = (word & ~MW__RECOVERING) == owner;
  if (ours && atomic_load(&line_of(object)->thread) == mw__self_thread(object->self))
    return mw__fail(call, MW_EDEADLK, "this thread holds it already, or one held it that has ended");
  if (mw__participant_has_been(object->participant, word)) return MW__NOT_NOW;
  int status = mw__object_check_word(call, object, word);
  return status ? status : MW__NOT_NOW;
}

/* From a word that nobody has to one that says that we do. */
static bool take(mw__object *object, uint64_t from, uint64_t to) {
  mw__mutex_line *line = line_of(object);
  if (!mw__owner_change(&line->owner, from, to)) return false;
  atomic_store_explicit(&line->thread, mw__self_thread(object->self), memory_order_relaxed);
  return true;
}

/* `signature`: who takes it; with MW__RECOVERING he takes it inconsistent too. */
static int attempt(const mw__call *call, mw__object *object, uint64_t signature) {
  uint64_t word = atomic_load_explicit(&line_of(object)->owner, memory_order_relaxed), owner = signature & ~MW__RECOVERING;
  if (word == MW__FREE && take(object, MW__FREE, owner)) return 0;
  if (word != MW__DEAD) return examine(call, object, word, owner);
  if (signature != owner) return take(object, MW__DEAD, signature) ? 0 : MW__NOT_NOW;
  return mw__fail(call, MW_EOWNERDEAD, "a process died while it held it; recover what it protects, and mark it as mended");
}

static int announce(const mw__call *call, mw__object *object, mw_watch *out_watch) {
  (void)call;
  mw__bell_await(&line_of(object)->bell, out_watch);
  return 0;
}

static void relieve(mw__object *object) {
  mw__mutex_line *line = line_of(object);
  uint64_t word = atomic_load(&line->owner);
  if (word == MW__GONE) (void)mw__participant_clear_up(object->participant);
  if (mw__owner_is(word, object->participant->table.count) && mw__participant_is_gone(object->participant, word))
    (void)mw__mutex_sweep(line, word & ~MW__RECOVERING);
}

static void wake_all(mw__object *object) { mw__bell_ring_all(&line_of(object)->bell); }

/* ---- the calls */

static bool give(mw_mutex *mutex, uint64_t held, uint64_t to) {
  if (atomic_load_explicit(&mutex->line->owner, memory_order_relaxed) != held) return false;
  atomic_store_explicit(&mutex->line->thread, 0, memory_order_relaxed);
  return mw__owner_change(&mutex->line->owner, held, to);
}

static void give_recovery_up(mw_mutex *mutex, uint64_t owner) {
  if (give(mutex, owner | MW__RECOVERING, MW__DEAD)) mw__bell_ring_all(&mutex->line->bell);
}

/* A page may have been lost, or the well closed, while we took it. */
static int check_taken(const mw__call *call, mw_mutex *mutex, uint64_t owner) {
  int status = mw__object_check_usable(call, &mutex->object);
  if (!status) return 0;
  if (give(mutex, owner, MW__FREE)) mw__bell_ring(&mutex->line->bell);
  give_recovery_up(mutex, owner);
  return status;
}

static int take_as(const mw__call *call, mw_mutex *mutex, uint64_t marks, mw_deadline deadline) {
  uint64_t owner;
  int status = mw__object_check_owner(call, &mutex->object, &owner);
  if (status) return status;
  mw__manner manner = {attempt, announce, mw__back_off_until, relieve, wake_all, owner | marks};
  status = mw__object_wait(call, &mutex->object, &manner, deadline);
  return status < 0 ? status : check_taken(call, mutex, owner);
}

int mw__mutex_take(const mw__call *call, mw_mutex *mutex, mw_deadline deadline) { return take_as(call, mutex, 0, deadline); }

static bool is_recovering(const mw_mutex *mutex) {
  return atomic_load(&mutex->line->owner) == (mw__object_owner(&mutex->object) | MW__RECOVERING);
}

int mw__mutex_take_to_recover(const mw__call *call, mw_mutex *mutex, mw_deadline deadline) {
  int status = take_as(call, mutex, MW__RECOVERING, deadline);
  return status ? status : is_recovering(mutex);
}

__attribute__((noinline)) static int acquire_slowly(mw_mutex *mutex, mw_deadline deadline, mw_error *error) {
  mw__call call = {"Mutex.acquire", mutex->object.name, error};
  return mw__mutex_take(&call, mutex, deadline);
}

/* What mostly happens takes less time than setting up the rest, which is out of line for that. */
int mw_mutex_acquire(mw_mutex *mutex, mw_deadline deadline, mw_error *error) {
  uint64_t owner = mw__object_quick_owner(&mutex->object);
  if (!owner || !take(&mutex->object, MW__FREE, owner)) return acquire_slowly(mutex, deadline, error);
  if (mw__object_is_usable(&mutex->object)) return 0;
  mw__call call = {"Mutex.acquire", mutex->object.name, error};
  return check_taken(&call, mutex, owner);
}

int mw_mutex_recover_begin(mw_mutex *mutex, mw_deadline deadline, mw_error *error) {
  mw__call call = {"Mutex.recover", mutex->object.name, error};
  return mw__mutex_take_to_recover(&call, mutex, deadline);
}

static int fail_not_owner(const mw__call *call, mw_mutex *mutex, const char *reason) {
  int status = mw__object_check_usable(call, &mutex->object);
  uint64_t word = atomic_load(&mutex->line->owner);
  bool known = word == MW__FREE || word == MW__DEAD || mw__participant_has_been(mutex->object.participant, word);
  if (!status && !known) status = mw__object_check_word(call, &mutex->object, word);
  return status ? status : mw__fail(call, MW_ENOTOWNER, "%s", reason);
}

/* It is given before anybody asks whether that was right: who closed the well while holding it must not keep others out. */
int mw__mutex_give(const mw__call *call, mw_mutex *mutex) {
  uint64_t owner = mw__object_owner(&mutex->object);
  if (!owner || !give(mutex, owner, MW__FREE)) {
    if (owner && is_recovering(mutex)) return mw__fail(call, MW_EBUSY, "it is being recovered; end the recovery first");
    return fail_not_owner(call, mutex, "this process does not hold it");
  }
  mw__bell_ring(&mutex->line->bell);
  return mw__region_check_touched(call, mutex->object.region);
}

__attribute__((noinline)) static int release_slowly(mw_mutex *mutex, mw_error *error) {
  mw__call call = {"Mutex.release", mutex->object.name, error};
  return mw__mutex_give(&call, mutex);
}

int mw_mutex_release(mw_mutex *mutex, mw_error *error) {
  uint64_t owner = mw__object_owner(&mutex->object);
  if (!owner || !mw__object_is_usable(&mutex->object) || !give(mutex, owner, MW__FREE)) return release_slowly(mutex, error);
  mw__bell_ring(&mutex->line->bell);
  return 0;
}

int mw__mutex_end_recovery(const mw__call *call, mw_mutex *mutex, bool mended) {
  uint64_t owner = mw__object_owner(&mutex->object);
  if (!owner || !is_recovering(mutex)) return fail_not_owner(call, mutex, "this process is not recovering it");
  if (mended) (void)mw__owner_change(&mutex->line->owner, owner | MW__RECOVERING, owner);
  if (!mended) give_recovery_up(mutex, owner);
  return mw__region_check_touched(call, mutex->object.region);
}

int mw_mutex_recover_end(mw_mutex *mutex, bool mended, mw_error *error) {
  mw__call call = {"Mutex.recover", mutex->object.name, error};
  return mw__mutex_end_recovery(&call, mutex, mended);
}

/* ---- looking at one */

int mw_mutex_owner(mw_mutex *mutex, mw_error *error, int *out_slot, bool *out_inconsistent) {
  mw__call call = {"Mutex.owner", mutex->object.name, error};
  int status = mw__object_check_usable(&call, &mutex->object);
  if (status) return status;
  uint64_t word = atomic_load(&mutex->line->owner);
  bool owned = mw__participant_has_been(mutex->object.participant, word);
  if (!owned && word != MW__FREE && word != MW__DEAD) status = mw__object_check_word(&call, &mutex->object, word);
  if (!status) status = mw__region_check_touched(&call, mutex->object.region);
  if (status) return status;
  *out_slot = owned ? (int)mw__owner_slot(word) : -1;
  if (out_inconsistent) *out_inconsistent = word == MW__DEAD;
  return 0;
}

bool mw_mutex_is_held(const mw_mutex *mutex) {
  uint64_t owner = mw__object_owner(&mutex->object);
  return owner && (atomic_load(&mutex->line->owner) & ~MW__RECOVERING) == owner;
}

int mw_mutex_watch(mw_mutex *mutex, mw_error *error, mw_watch *out_watch) {
  mw__call call = {"Mutex.watch", mutex->object.name, error};
  int status = mw__object_check_usable(&call, &mutex->object);
  if (!status) status = mw__object_check_alive(&call, &mutex->object);
  return status ? status : announce(&call, &mutex->object, out_watch);
}

const char *mw_mutex_name(const mw_mutex *mutex) { return mutex->object.name; }
void mw_mutex_hold(mw_mutex *mutex) { mw__object_hold(&mutex->object); }

void mw_mutex_drop(mw_mutex *mutex) {
  if (!mutex || !mw__object_drop(&mutex->object)) return;
  mw__object_fini(&mutex->object);
  free(mutex);
}
