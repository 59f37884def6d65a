/* The fault guard: which mappings are ours, and what becomes of a page that is lost.
 *
 * A page is lost when its file no longer reaches so far, or its file system has no room for it: touching it is SIGBUS. The guard's
 * handler looks the address up, asks the kernel from where on the mapping is lost, puts zeros there in one piece and marks the
 * region, so that the thread that faulted goes on and the region's next call fails.
 *
 * The table of mappings has no lock: the handler may come in the middle of anything, and a fork too. A slot is claimed by a
 * compare-and-swap and used again; the table is never freed.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MW_MEMORY_GUARD_H
#define MW_MEMORY_GUARD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

typedef struct mw__guard mw__guard;

/* low, size   the mapping, in whole pages
 * unit        the size of one of its pages
 * writable    whether it can be written to; see mw__guard_set_writable
 * aborts      a lost page is to end the process
 * state       where MW__REGION_FAULTED is set when a page is lost; it outlives the slot */
typedef struct mw__guarded {
  void *low;
  uint64_t size;
  uint64_t unit;
  bool writable;
  bool aborts;
  _Atomic uint32_t *state;
} mw__guarded;

/* Guard a mapping that nobody touches yet. */
int mw__guard_begin(const mw__call *call, const mw__guarded *guarded, mw__guard **out_guard);

/* No longer; before it is unmapped. NULL is fine. */
void mw__guard_end(mw__guard *guard);

void mw__guard_set_writable(mw__guard *guard, bool writable);

/* How far into the mapping the first page lies that was lost; 0 where none was. NULL is fine. */
uint64_t mw__guard_lost_at(const mw__guard *guard);

/* Let faults of this thread reach the handler: asked of the system the first time in each thread, and again where `bytes` are so
 * many that a system call is nothing beside them. */
void mw__guard_enter(uint64_t bytes);

#endif
