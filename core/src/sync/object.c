/* The gate and the waiting of everything in a well that can be waited for.
 *
 * No count of sleepers is kept: one that is killed would leave it wrong. Instead a bell says that somebody may sleep. Who is about
 * to sleep sets it, looks once more, and sleeps while it is set; who frees something exchanges it away and wakes one. Who has slept
 * and got it leaves the bell set, because others may sleep still. (The second form of U. Drepper, "Futexes Are Tricky", with the
 * word and its flag apart.) A wake-up that went to a process which died with it costs the others one slice.
 *
 * SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "sync/object.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "platform/deadline.h"
#include "platform/os.h"

#define SLICE ((int64_t)(MW_WATCH_SLICE * 1e9)) /* how long the death of an owner, or a closed handle, may go unnoticed */

/* ---- handles */

bool mw__object_init(mw__object *object, const char *name, mw_region *region, mw__participant *participant) {
  object->name = name ? strdup(name) : NULL;
  if (name && !object->name) return false;
  atomic_init(&object->references, 1);
  mw_region_hold(region);
  mw__participant_hold(participant);
  object->region = region;
  object->participant = participant;
  object->self = participant->self;
  return true;
}

void mw__object_fini(mw__object *object) {
  mw_region_drop(object->region);
  mw__participant_drop(object->participant);
  free(object->name);
}

void mw__object_hold(mw__object *object) { atomic_fetch_add_explicit(&object->references, 1, memory_order_relaxed); }

bool mw__object_drop(mw__object *object) { return atomic_fetch_sub_explicit(&object->references, 1, memory_order_acq_rel) == 1; }

/* ---- the gate */

int mw__object_check_usable(const mw__call *call, mw__object *object) {
  if (mw__region_is_closed(object->region)) return mw__fail(call, MW_ECLOSED, "the well is closed");
  int status = mw__region_check_usable(call, object->region);
  if (status) return status;
  mw__guard_enter(0);
  uint64_t owner = mw__object_owner(object);
  if (owner && owner == atomic_load_explicit(&object->user, memory_order_relaxed)) return 0;
  status = owner ? 0 : mw__participant_join(call, object->participant);
  if (!status) status = mw__object_check_alive(call, object);
  if (!status) atomic_store_explicit(&object->user, mw__object_owner(object), memory_order_relaxed);
  return status;
}

int mw__object_check_owner(const mw__call *call, mw__object *object, uint64_t *out_owner) {
  int status;
  do {
    status = mw__object_check_usable(call, object);
    *out_owner = mw__object_owner(object);
  } while (!status && !*out_owner); /* closed just now: the next look says so */
  return status;
}

int mw__object_check_alive(const mw__call *call, const mw__object *object) {
  if (mw__object_is_alive(object)) return 0;
  int status = mw__region_check_usable(call, object->region);
  return status ? status : mw__fail(call, MW_ECLOSED, "it was deleted from the well");
}

int mw__object_check_word(const mw__call *call, const mw__object *object, uint64_t word) {
  int status = mw__region_check_usable(call, object->region);
  if (!status) status = mw__object_check_alive(call, object);
  return status || word == MW__GONE ? status : mw__object_fail_word(call, object, word);
}

int mw__object_fail_word(const mw__call *call, const mw__object *object, uint64_t word) {
  int status = mw__region_check_usable(call, object->region);
  if (status) return status;
  return mw__fail(call, MW_EFORMAT, "its word in the well's memory is damaged (0x%016llx)", (unsigned long long)word);
}

/* ---- bells */

void mw__bell_await(mw__bell *bell, mw_watch *out_watch) {
  atomic_store(bell, MW__BELL_WAITED_FOR);
  *out_watch = (mw_watch){bell, MW__BELL_WAITED_FOR};
}

void mw__bell_ring_now(mw__bell *bell, unsigned count) {
  unsigned woken;
  if (atomic_exchange(bell, MW__BELL_QUIET) == MW__BELL_WAITED_FOR) (void)mw__os_word_wake(bell, count, &woken);
}

/* ---- waiting */

typedef struct effort {
  const mw__call *call;
  mw__object *object;
  const mw__manner *manner;
  int result;
} effort;

static bool is_decided(void *subject) {
  effort *effort = subject;
  effort->result = effort->manner->attempt(effort->call, effort->object, effort->manner->detail);
  return effort->result != MW__NOT_NOW;
}

static int attempt(effort *effort) { return is_decided(effort) ? effort->result : MW__NOT_NOW; }

static void relieve(const effort *effort) {
  if (effort->manner->relieve) effort->manner->relieve(effort->object);
}

static int fail_late(const mw__call *call) { return mw__fail_errno(call, ETIMEDOUT, "it did not come free in time"); }

/* Whoever holds it may have died since anybody looked. */
static int look_once_more(effort *effort) {
  relieve(effort);
  int status = attempt(effort);
  return status == MW__NOT_NOW ? fail_late(effort->call) : status;
}

/* Who was woken may have been woken in another's place: also who leaves without it lets the next release ring. */
static int announce_and_attempt(effort *effort, mw_watch *out_watch) {
  int status = effort->manner->announce(effort->call, effort->object, out_watch);
  return status ? status : attempt(effort);
}

/* Signals may come so often that no sleep ever lasts a slice, and whoever begins again at each of them would never look for the
 * dead: so that is done then too. */
static int look_after_sleep(effort *effort, int failure, bool late, mw_watch *out_watch) {
  int status = mw__object_check_usable(effort->call, effort->object);
  if (status) {
    mw__call quiet = {effort->call->name, effort->call->object, NULL};
    (void)effort->manner->announce(&quiet, effort->object, out_watch);
    return status;
  }
  if (failure == ETIMEDOUT || failure == EINTR || late) relieve(effort);
  status = announce_and_attempt(effort, out_watch);
  if (status == MW__NOT_NOW && failure == EINTR) return mw__fail_errno(effort->call, EINTR, "a signal came");
  return status == MW__NOT_NOW && late ? fail_late(effort->call) : status;
}

static int sleep_until_decided(effort *effort, mw_deadline deadline) {
  mw_watch watch;
  int status = announce_and_attempt(effort, &watch);
  while (status == MW__NOT_NOW) {
    int failure = mw__os_word_wait(watch.word, watch.value, mw__deadline_within(deadline, SLICE));
    bool known = failure == 0 || failure == EAGAIN || failure == ETIMEDOUT || failure == EINTR || failure == EFAULT;
    if (!known) return mw__os_fail(effort->call, failure);
    status = look_after_sleep(effort, failure, mw__deadline_has_come(deadline), &watch);
  }
  return status;
}

/* What this one was told when it looked, the others who sleep are not told by anybody. */
static bool concerns_all(int status) { return status < 0 && status != MW_ETIMEDOUT && status != MW_EINTR; }

int mw__object_wait(const mw__call *call, mw__object *object, const mw__manner *manner, mw_deadline deadline) {
  effort effort = {call, object, manner, MW__NOT_NOW};
  if (is_decided(&effort)) return effort.result;
  if (deadline <= MW_DEADLINE_NOW) return look_once_more(&effort);
  if (manner->spin(is_decided, &effort, deadline)) return effort.result;
  _Atomic uint32_t *note = mw__participant_note_wait(object->participant, object->entry);
  int status = sleep_until_decided(&effort, deadline);
  if (note) atomic_store(note, 0);
  if (concerns_all(status)) manner->wake_all(object);
  return status ? status : 1;
}
