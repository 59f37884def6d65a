/* Where everything lies in a well: its header, and a copy of it that no other process can change.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MW_WELL_LAYOUT_H
#define MW_WELL_LAYOUT_H

#include <assert.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "memwell/view.h"
#include "memwell/well.h"
#include "sync/mutex.h"
#include "sync/participant.h"

/* The part that is written once, and summed up. */
typedef struct mw__geometry {
  char magic[8];
  uint32_t byte_order;
  uint32_t version;
  uint64_t size;
  uint64_t max_size;
  uint64_t participants;
  uint64_t directory;
  uint64_t space;
  uint32_t slots;
  uint32_t entries;
  uint32_t objects;
  uint32_t reserved;
  uint64_t identity;
  uint64_t checksum;
} mw__geometry;

typedef struct mw__header {
  mw__geometry geometry;
  uint64_t reserved[5];
  _Atomic uint64_t ticket;
  _Atomic uint64_t serial;
  _Atomic uint64_t locks_floor;
  _Atomic uint64_t boot[2];
  uint64_t reserved_boot[3];
  mw__mutex_line admin;
} mw__header;
static_assert(sizeof(mw__geometry) == 88 && offsetof(mw__geometry, identity) == 72, "docs/formats.md");
static_assert(sizeof(mw__header) == 256 && offsetof(mw__header, ticket) == 128 && offsetof(mw__header, admin) == 192,
              "docs/formats.md");

/* One object. */
typedef struct mw__entry {
  _Atomic uint64_t state; /* serial << 16 | kind << 8 | phase: the one word that says that it is there */
  uint64_t offset;
  uint64_t size;
  uint64_t capacity;
  uint64_t shape[MW_MAX_DIMENSIONS];
  uint32_t dtype;
  uint32_t ndim;
  uint32_t length;
  uint32_t reserved;
  uint64_t checksum;
  _Atomic uint64_t deleted;
  char name[MW_WELL_NAME_MAX + 1];
} mw__entry;
static_assert(sizeof(mw__entry) == 256 && offsetof(mw__entry, deleted) == 120 && offsetof(mw__entry, name) == 128,
              "docs/formats.md");

/* Phases, in the lowest byte of an entry's state. */
enum { MW__EMPTY = 0x11, MW__SPENT = 0x22, MW__LIVE = 0x33, MW__DELETED = 0x44 };

/* Kinds, in the next byte. 5 is kept for rwlock and 6 for barrier. */
enum { MW__ARRAY = 1, MW__MUTEX = 2, MW__SEMAPHORE = 3, MW__EVENT = 4 };

static inline unsigned mw__state_phase(uint64_t state) { return state & 0xff; }
static inline unsigned mw__state_kind(uint64_t state) { return state >> 8 & 0xff; }
static inline bool mw__kind_is_lock(unsigned kind) { return kind != MW__ARRAY; }

/* base   where the well is mapped */
typedef struct mw__layout {
  unsigned char *base;
  mw__geometry geometry;
} mw__layout;

/* The geometry of a well of `size` bytes. MW_EINVAL where that is too small. */
int mw__layout_plan(const mw__call *call, uint64_t size, uint32_t slots, uint32_t objects, mw__geometry *out_geometry);

/* What a new well has before its space: header, participants, directory. geometry->space bytes. */
void mw__layout_format(const mw__geometry *geometry, void *image);

/* Read the header of what is mapped at `base`, `size` bytes. MW_EFORMAT where it is no well; the reason names the field. */
int mw__layout_read(const mw__call *call, void *base, uint64_t size, mw__layout *out_layout);

static inline mw__header *mw__layout_header(const mw__layout *layout) { return (mw__header *)(void *)layout->base; }

static inline mw__slot *mw__layout_slots(const mw__layout *layout) {
  return (mw__slot *)(void *)(layout->base + layout->geometry.participants);
}

static inline mw__entry *mw__layout_entry(const mw__layout *layout, uint32_t index) {
  return (mw__entry *)(void *)(layout->base + layout->geometry.directory) + index;
}

/* Of an entry that others may be changing. */
static inline uint64_t mw__layout_word(const uint64_t *word) {
  return atomic_load_explicit((const _Atomic uint64_t *)word, memory_order_relaxed);
}

/* Whether an entry is still as it was read. A state never comes back, so all that are were there together. */
static inline bool mw__layout_still_has(const mw__layout *layout, uint32_t index, uint64_t state) {
  return atomic_load(&mw__layout_entry(layout, index)->state) == state;
}

/* Whether it may be a lock's, at a glance: to read all the arrays between takes long in a well full of them. */
static inline bool mw__layout_may_have_lock(const mw__layout *layout, uint32_t index) {
  return mw__kind_is_lock(mw__state_kind(atomic_load(&mw__layout_entry(layout, index)->state)));
}

/* Where the locks begin; never outside the space. */
uint64_t mw__layout_locks_floor(const mw__layout *layout);

/* Where they end: the last whole line. */
uint64_t mw__layout_end(const mw__layout *layout);

#endif
