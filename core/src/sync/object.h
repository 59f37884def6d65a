/* What the handles of mutexes, semaphores and events in a well have in common, and how their callers wait.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MW_SYNC_OBJECT_H
#define MW_SYNC_OBJECT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "memory/region.h"
#include "memwell/watch.h"
#include "platform/spin.h"
#include "sync/owner.h"
#include "sync/participant.h"

/* Every lock begins with a line of its own. */
#define MW__LINE 64

/* What others ring when something has come free. */
typedef _Atomic uint32_t mw__bell;
enum { MW__BELL_QUIET = 1, MW__BELL_WAITED_FOR = 2 };

/* The first member of a handle.
 * state, alive   the object's word in the directory, and what it is while the object is there
 * entry          its place in the directory
 * user           as whom this process was attached when the object was seen to be there. While it stays so its memory is nobody
 *                else's; a forked child, who is somebody else, has to look again */
typedef struct mw__object {
  _Atomic uint32_t references;
  mw_region *region;
  mw__participant *participant;
  const mw__self *self; /* the participant's */
  const _Atomic uint64_t *state;
  uint64_t alive;
  uint32_t entry;
  _Atomic uint64_t user;
  char *name;
} mw__object;

/* Fill the first member of a handle that is zeroed; false where there is no memory for the name. It takes a reference to region and
 * participant. `name` NULL: the well itself. */
bool mw__object_init(mw__object *object, const char *name, mw_region *region, mw__participant *participant);
void mw__object_fini(mw__object *object);

void mw__object_hold(mw__object *object);
bool mw__object_drop(mw__object *object); /* true: it was the last reference */

/* The gate: open, no page lost, and attached, which a forked child becomes here. The object may have been deleted, but no other has
 * its memory. */
int mw__object_check_usable(const mw__call *call, mw__object *object);

/* The same, and who this process is in owner words: not 0, and to be used for all of one acquisition, because another thread may
 * close the well meanwhile. */
int mw__object_check_owner(const mw__call *call, mw__object *object, uint64_t *out_owner);

/* What a word means that is none that it could have: GONE for an object that was deleted or damage. 0: the deletion has not
 * happened, and may not. */
int mw__object_check_word(const mw__call *call, const mw__object *object, uint64_t word);

/* MW_EFAULT where the region has lost a page; else MW_EFORMAT. */
int mw__object_fail_word(const mw__call *call, const mw__object *object, uint64_t word);

/* Whether nobody has deleted it; the well's own objects nobody can. And ECLOSED where somebody has. */
static inline bool mw__object_is_alive(const mw__object *object) {
  return !object->state || atomic_load_explicit(object->state, memory_order_acquire) == object->alive;
}
int mw__object_check_alive(const mw__call *call, const mw__object *object);

/* Whether the memory can be trusted and the handle is open: the quick way. */
static inline bool mw__object_is_usable(const mw__object *object) { return mw__region_is_usable(object->region); }

static inline uint64_t mw__object_owner(const mw__object *object) {
  return atomic_load_explicit(&object->self->owner, memory_order_acquire); /* the secret comes before it */
}

/* The gate and who this process is, the quick way; 0: ask mw__object_check_owner. */
static inline uint64_t mw__object_quick_owner(const mw__object *object) {
  uint64_t owner = mw__object_owner(object);
  bool known = owner == atomic_load_explicit(&object->user, memory_order_relaxed);
  return known && mw__object_is_usable(object) ? owner : 0;
}

/* ---- waiting */

#define MW__NOT_NOW 1 /* an attempt: neither done nor failed */

/* attempt    0, MW__NOT_NOW, or a status; `detail` is the manner's
 * announce   make who changes the object wake us, and say what to sleep on; 0 or a status
 * spin       before it sleeps: mw__spin_until, or mw__back_off_until for what is taken and given back
 * relieve    give back what the dead have of it; NULL: they have nothing. One that is GONE and is there all the same was about to
 *            be deleted by somebody who may have died: then it is for all the dead
 * wake_all   of those who sleep for it */
typedef struct mw__manner {
  int (*attempt)(const mw__call *call, mw__object *object, uint64_t detail);
  int (*announce)(const mw__call *call, mw__object *object, mw_watch *out_watch);
  mw__spin *spin;
  void (*relieve)(mw__object *object);
  void (*wake_all)(mw__object *object);
  uint64_t detail;
} mw__manner;

/* Attempt until it works or the deadline comes: spin for a moment, then sleep in slices, after each of which the dead are looked
 * for.
 * Returns 0; 1 where it slept for it; or what the attempt, the gate or the wait returns. */
int mw__object_wait(const mw__call *call, mw__object *object, const mw__manner *manner, mw_deadline deadline);

/* Say that somebody is about to sleep until the bell is rung. */
void mw__bell_await(mw__bell *bell, mw_watch *out_watch);

/* Wake one who sleeps, or all; no system call where nobody said that he would. */
void mw__bell_ring_now(mw__bell *bell, unsigned count);

static inline void mw__bell_ring(mw__bell *bell) {
  if (atomic_load(bell) == MW__BELL_WAITED_FOR) mw__bell_ring_now(bell, 1);
}

static inline void mw__bell_ring_all(mw__bell *bell) {
  if (atomic_load(bell) == MW__BELL_WAITED_FOR) mw__bell_ring_now(bell, UINT32_MAX);
}

#endif
