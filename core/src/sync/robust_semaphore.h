/* The semaphore's words in shared memory, and its handle.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MW_SYNC_ROBUST_SEMAPHORE_H
#define MW_SYNC_ROBUST_SEMAPHORE_H

#include <assert.h>
#include <stddef.h>

#include "memwell/robust_semaphore.h"
#include "sync/object.h"

typedef struct mw__permits {
  mw__bell bell;
  uint32_t reserved[15];
  mw__owner_word words[]; /* one for each permit, and FREE up to the end of the last line */
} mw__permits;
static_assert(offsetof(mw__permits, words) == MW__LINE, "docs/formats.md");

/* capacity   a copy that nobody else can change
 * hint       where this process has changed a word last: where it looks first
 * watched    somebody sleeps, or has slept, by a watch, whose wake-up says nothing of how many permits came free */
struct mw_robust_semaphore {
  mw__object object;
  mw__permits *permits;
  uint32_t capacity;
  _Atomic uint32_t hint;
  _Atomic bool watched;
};

/* How many bytes it takes, in whole lines. */
uint64_t mw__permits_size(unsigned capacity);

/* New ones, all free. */
void mw__permits_format(mw__permits *permits, unsigned capacity);

/* An owner is gone, or its locks are broken: how many it had, which are free now. */
unsigned mw__permits_sweep(mw__permits *permits, unsigned capacity, uint64_t owner);

/* All of them from FREE to GONE; false, with nothing changed, where one is held. And back. */
bool mw__permits_close_down(mw__permits *permits, unsigned capacity);
void mw__permits_open_up(mw__permits *permits, unsigned capacity);

/* How many words are this one. */
unsigned mw__permits_count(const mw__permits *permits, unsigned capacity, uint64_t word);

/* The first word that none of a table of so many slots can have; capacity: there is none. */
unsigned mw__permits_find_damage(const mw__permits *permits, unsigned capacity, const mw__slot *slots, uint32_t count);

#endif
