/* The directory: which objects there are, and where. It is the only truth: free space is what it leaves over.
 *
 * Who holds the admin lock writes; everybody reads, without a lock. An object appears and goes by one store, of its entry's state.
 * docs/formats.md has the steps, and what a kill between any two leaves.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MW_WELL_DIRECTORY_H
#define MW_WELL_DIRECTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "well/layout.h"

/* "array", "mutex", "semaphore", "event", or "kind N". */
void mw__kind_name(unsigned kind, char text[16]);

/* One entry, copied and checked.
 * state   0x33 LIVE, or 0x44 DELETED whose memory is not free yet */
typedef struct mw__record {
  uint32_t index;
  uint64_t state;
  uint64_t offset;
  uint64_t size;
  uint64_t deleted;
  uint32_t capacity;
  mw_dtype dtype;
  int ndim;
  uint64_t shape[MW_MAX_DIMENSIONS];
  char name[MW_WELL_NAME_MAX + 1];
} mw__record;

/* 1: there is an object, or one whose memory is not free yet; 0: there is none; MW_EFORMAT: the entry is damaged. */
int mw__directory_read(const mw__call *call, const mw__layout *layout, uint32_t index, mw__record *out_record);

/* 1 and the object of this name; 0: there is none; MW_EFORMAT. */
int mw__directory_find(const mw__call *call, const mw__layout *layout, const char *name, mw__record *out_record);

/* Make a new object up to the one store that makes it one. Of `wanted`, kind, size, capacity, dtype, ndim, shape and name count.
 * Returns 0, or MW_EFULL, MW_ENOMEM, MW_EFORMAT. Under the admin lock. */
int mw__directory_prepare(const mw__call *call, const mw__layout *layout, const mw__record *wanted, mw__record *out_record);

/* The one store. */
void mw__directory_commit(const mw__layout *layout, const mw__record *record);

/* Delete what was found. MW_EBUSY where it is held. Under the admin lock. */
int mw__directory_delete(const mw__call *call, const mw__layout *layout, const mw__record *record);

/* Finish what somebody who died has begun. Under the admin lock. */
void mw__directory_mend(const mw__layout *layout);

/* Give back all that an owner has in all objects, and in the admin lock. Returns how much. */
unsigned mw__directory_sweep(const mw__layout *layout, uint64_t owner);

/* The place of an object's lock, or of its elements. */
static inline void *mw__record_memory(const mw__layout *layout, const mw__record *record) { return layout->base + record->offset; }

#endif
