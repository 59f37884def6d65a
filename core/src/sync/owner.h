/* Owner words: a lock, a permit or a right is one word that says who has it, changed by one compare-and-swap, so that there is no
 * moment at which it is taken and nobody knows by whom. docs/formats.md draws it.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MW_SYNC_OWNER_H
#define MW_SYNC_OWNER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

typedef _Atomic uint64_t mw__owner_word;

/* Whose slot field is none. 0 is none of them: a page that is lost reads as zeros. */
#define MW__FREE UINT64_C(0x465245450000ffff)
#define MW__DEAD UINT64_C(0x444541440000ffff)
#define MW__GONE UINT64_C(0x474f4e450000ffff)

#define MW__RECOVERING (UINT64_C(1) << 63)
#define MW__GENERATION_MAX ((UINT64_C(1) << 47) - 1)

static inline uint64_t mw__owner(uint64_t generation, unsigned slot) { return generation << 16 | (slot + 1); }

/* The slot and the generation of a word that somebody has, and whether it is one. */
static inline unsigned mw__owner_slot(uint64_t word) { return (unsigned)(word & 0xffff) - 1; }
static inline uint64_t mw__owner_generation(uint64_t word) { return (word & ~MW__RECOVERING) >> 16; }
static inline bool mw__owner_is(uint64_t word, unsigned slots) { return mw__owner_slot(word) < slots; }

/* Change the word from exactly this to exactly that. */
static inline bool mw__owner_change(mw__owner_word *word, uint64_t from, uint64_t to) {
  return atomic_compare_exchange_strong(word, &from, to);
}

#endif
