/* The processes that are attached to a well, and which of them live.
 *
 * Each has a slot in a table of shared memory, and holds the life lock of that slot: a byte lock that the kernel gives back when
 * the process ends. docs/formats.md has the table, and what a kill between any two stores leaves; docs/decisions/0029-liveness.md
 * why it is so.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MW_SYNC_PARTICIPANT_H
#define MW_SYNC_PARTICIPANT_H

#include <assert.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "memory/region.h"
#include "platform/os.h"
#include "sync/owner.h"

#define MW__WAITS 16

typedef struct mw__participant mw__participant;

/* One row of the table. */
typedef struct mw__slot {
  _Atomic uint64_t life; /* MW__LIFE | generation << 1 | in use */
  _Atomic uint64_t ticket;
  _Atomic int32_t pid;
  uint32_t reserved_pid;
  _Atomic uint64_t started;
  uint64_t reserved[4];
  _Atomic uint32_t waits[MW__WAITS]; /* entry + 1 */
} mw__slot;
static_assert(sizeof(mw__slot) == 128 && offsetof(mw__slot, waits) == 64, "docs/formats.md");

#define MW__LIFE (UINT64_C(0x4c49) << 48)

/* slots, count, ticket   in shared memory
 * sweep    give back all that an owner has, and wake who waits for that; returns how much it was. It runs under the fork lock
 * mend     finish what a dead has begun, if there is any such thing
 * ground   what these two need; freed with the participant */
typedef struct mw__table {
  mw__slot *slots;
  uint32_t count;
  _Atomic uint64_t *ticket;
  unsigned (*sweep)(const void *ground, uint64_t owner);
  void (*mend)(const void *ground, mw__participant *participant);
  void *ground;
} mw__table;

/* What a forked child finds zeroed: it is not attached. */
typedef struct mw__self {
  _Atomic uint64_t owner;  /* as it stands in owner words; 0: not attached */
  _Atomic uint64_t secret; /* random: numbers of threads are addresses, and no address is put where others can see it */
  void *pin;
} mw__self;

/* references   of wells and objects, to the record
 * wells        open wells: the last one detaches
 * region       where the table is; one reference
 * fd           to ask for the life of others by; shares no locks with what is pinned. -1: lost, to be opened anew by its path */
struct mw__participant {
  mw__participant *next;
  _Atomic uint32_t references;
  uint32_t wells;
  mw_region *region;
  mw__table table;
  mw__self *self;
  int fd;
  char *path;
};

/* Attach this process to the table in the region, or find it attached, and count one more well. `fd` is a descriptor of the
 * region's file, which becomes the participant's, or is closed; so does table->ground, which is freed. Where this fails they are
 * still the caller's. Returns 0, or MW_EFULL, MW_ENOTSUP, MW_EFORMAT, MW_ENOMEM, MW_EMFILE, MW_EOS. */
int mw__participant_enter(const mw__call *call, mw_region *region, const char *path, int fd, const mw__table *table,
                          mw__participant **out_participant);

/* One well less; the last one detaches. `cleanly`: nothing is held, and the slot is free; else others find it dead. */
void mw__participant_leave(mw__participant *participant, bool cleanly);
bool mw__participant_is_last(mw__participant *participant); /* there is one well only */

void mw__participant_hold(mw__participant *participant);
void mw__participant_drop(mw__participant *participant);

/* Attach a forked child. Returns 0, or as mw__participant_enter. */
int mw__participant_join(const mw__call *call, mw__participant *participant);

/* Who this process is in owner words; 0: a forked child, which has to join first. */
static inline uint64_t mw__participant_owner(const mw__participant *participant) {
  return atomic_load_explicit(&participant->self->owner, memory_order_acquire); /* the secret comes before it */
}

/* Which of its threads this is, as it stands in mutexes. */
static inline uint64_t mw__self_thread(const mw__self *self) {
  return mw__os_thread() ^ atomic_load_explicit(&self->secret, memory_order_relaxed);
}

/* Whether this owner is attached, or has been: a generation that its slot has not come to is damage, and nobody's death would ever
 * end it. */
bool mw__slots_have_had(const mw__slot *slots, uint32_t count, uint64_t owner);
static inline bool mw__participant_has_been(const mw__participant *participant, uint64_t owner) {
  return mw__slots_have_had(participant->table.slots, participant->table.count, owner);
}

/* Whether nobody who lives is this owner any more. If its slot still says otherwise, all that it had is given back. */
bool mw__participant_is_gone(mw__participant *participant, uint64_t owner);

/* Give back what all the dead have. Returns how many there were. */
unsigned mw__participant_reap_all(mw__participant *participant);

/* The same, and what they have begun is finished. */
unsigned mw__participant_clear_up(mw__participant *participant);

/* Give back what a slot has though it lives. Returns 0, or MW_EINVAL, MW_ENOENT. */
int mw__participant_break(const mw__call *call, mw__participant *participant, int slot, unsigned *out_count);

/* What a slot's life word says. */
bool mw__slot_is_in_use(uint64_t life);
bool mw__slot_is_valid(uint64_t life);
uint64_t mw__slot_generation(uint64_t life);

/* Whether somebody lives who has the slot, as far as a descriptor of the well's file can tell; < 0: the slot's word is believed. */
bool mw__slot_is_alive(const mw__slot *slot, unsigned index, int fd);
bool mw__participant_sees_alive(mw__participant *participant, unsigned index);

/* The smallest ticket of all who are attached: who was attached before it, has gone. UINT64_MAX: nobody is; 0: somebody is just
 * attaching, and has none yet. */
uint64_t mw__participant_oldest(const mw__slot *slots, uint32_t count);

/* The same of those who have one. It only grows: whatever ticket was below the other one is below this one ever after. */
uint64_t mw__participant_oldest_settled(const mw__slot *slots, uint32_t count);

/* Note for people that a thread of this process sleeps for a directory entry, and no longer. NULL where there is no room. */
_Atomic uint32_t *mw__participant_note_wait(mw__participant *participant, uint32_t entry);

#endif
