/* The calls target's world: a few regions, a few views on them, and a model of what is in the memory that they show.
 *
 * The model is the bytes that an object must have. It holds while nobody but the calls under test changes the object; who meddles
 * from outside makes it unknown, and from then on only what is always true is asked of it.
 *
 * SPDX-License-Identifier: MIT */
#ifndef CALLS_H
#define CALLS_H

#include "fuzz.h"

enum { SLOTS = 4, VIEWS = 4, LARGEST = 20000, MOST_ELEMENTS = 4096 };

/* What one or several regions show. `users` of 0: none. */
typedef struct object {
  uint64_t device, inode;
  int users;
  bool known;
  bool unguarded; /* some region on it would die of a lost page, so that none is to be lost */
  uint8_t bytes[LARGEST + 8];
} object;

/* holds      references beside the handle's
 * apart      what is written stays in the region, and no object has it */
typedef struct slot {
  mw_region *region; /* NULL: the slot is free */
  object *object;
  unsigned holds;
  bool closed;
  bool apart;
} slot;

typedef struct window {
  slot *slot; /* NULL: there is none */
  mw_view view;
} window;

extern slot slots[SLOTS];
extern window windows[VIEWS];

/* A slot that has a region, or NULL where the one that the input chose has none. */
slot *any_slot(fuzz_input *input);

/* Whether the model says what is in this region. */
static inline bool is_known(const slot *slot) { return slot->object->known && !slot->apart; }

/* The model's byte for one of the region's. */
static inline uint8_t *model_at(const slot *slot, uint64_t offset) {
  return slot->object->bytes + mw_region_offset(slot->region) + offset;
}

/* What every call on a region says by itself: 0, MW_ECLOSED, MW_EFAULT. Judge what a call returned by that. */
int judge(const slot *slot, int result);

/* ---- the calls, by what they are about: each takes what it needs from the input */

typedef void act(fuzz_input *input);
extern act *const acts_on_lives[], *const acts_on_bytes[], *const acts_on_views[];
extern const unsigned lives_count, bytes_count, views_count;

#endif
