/* The table of guarded mappings, and mending one of them. Main entry: mend, which runs in the signal handler.
 *
 * How much is lost is asked page by page of the kernel, which says so without a fault, and not of the file's descriptor: that may
 * be closed, or by now be another file's. A cut file and a full file system lose all from some page on, so one search finds where,
 * and one mapping of zeros covers it: a fault for each page would end at the kernel's limit of mappings.
 *
 * SPDX-License-Identifier: MIT */
#include "memory/guard.h"

#include <stdlib.h>

#include "memory/region.h"
#include "platform/os.h"

#define SLOTS 64               /* in one piece of the table */
#define MOST_RETRIES 64        /* faults of one mapping on pages that are there after all */
#define MOST_SINGLES 64        /* pages of one mapping that are mended one by one */
#define MUCH ((uint64_t)65536) /* bytes whose copying takes much longer than a system call */

/* low   0: free; CLAIMED: being filled in; else the mapping's address, and the rest holds. Whoever faults in a mapping holds its
 *       region, so that its slot is not given back meanwhile; another's slot may be, and is then no match */
enum { FREE, CLAIMED };

struct mw__guard {
  _Atomic uintptr_t low;
  _Atomic uintptr_t high;
  _Atomic uintptr_t unit;
  _Atomic bool writable;
  _Atomic bool aborts;
  _Atomic uint32_t retries;
  _Atomic uint32_t singles;
  _Atomic uintptr_t lost; /* the first page that was lost; 0: none */
  _Atomic(_Atomic uint32_t *) state;
};

typedef struct table table;
struct table {
  mw__guard slots[SLOTS];
  _Atomic(table *) next;
};

static table first;

/* ---- in the signal handler */

static bool holds(mw__guard *guard, uintptr_t address) {
  uintptr_t low = atomic_load(&guard->low);
  if (low <= CLAIMED || address < low || address >= atomic_load(&guard->high)) return false;
  return atomic_load(&guard->low) == low;
}

static mw__guard *find(uintptr_t address) {
  for (table *piece = &first; piece; piece = atomic_load(&piece->next))
    for (int i = 0; i < SLOTS; i++)
      if (holds(&piece->slots[i], address)) return &piece->slots[i];
  return NULL;
}

static mw__os_presence presence(const mw__guard *guard, uintptr_t page) {
  return mw__os_page_presence((void *)page, guard->unit, guard->writable);
}

/* The first page of a mapping of which `lost` and everything behind it is. */
static uintptr_t begin_of_lost(const mw__guard *guard, uintptr_t lost) {
  uintptr_t low = guard->low, unit = guard->unit;
  uint64_t there = 0, gone = (lost - low) / unit; /* pages: how many are there for certain, and one that is not */
  while (there < gone) {
    uint64_t middle = there + (gone - there) / 2;
    if (presence(guard, low + middle * unit) == MW__OS_LOST)
      gone = middle;
    else
      there = middle + 1;
  }
  return low + gone * unit;
}

static void note_loss(mw__guard *guard, uintptr_t page) {
  uintptr_t none = 0;
  (void)atomic_compare_exchange_strong(&guard->lost, &none, page);
  atomic_fetch_or(guard->state, MW__REGION_FAULTED);
}

static bool put_zeros(mw__guard *guard, uintptr_t begin, uintptr_t end) {
  note_loss(guard, begin);
  if (mw__os_map_zeros_at((void *)begin, end - begin, guard->writable)) return true;
  mw__os_complain("memwell: a page of a region is lost, and there is no memory for zeros in its place\n");
  return false;
}

/* Zeros for one page; for all that follow where it is the last of many. */
static bool mend_page(mw__guard *guard, uintptr_t page) {
  bool alone = atomic_fetch_add(&guard->singles, 1) < MOST_SINGLES;
  return put_zeros(guard, page, alone ? page + guard->unit : guard->high);
}

/* True: try the instruction again. A page may be there: another thread was faster, or the file has grown again. */
static bool mend(void *address) {
  mw__guard *guard = find((uintptr_t)address);
  if (!guard) return false;
  uintptr_t page = (uintptr_t)address - (uintptr_t)address % guard->unit, last = guard->high - guard->unit;
  if (presence(guard, page) == MW__OS_THERE && atomic_fetch_add(&guard->retries, 1) < MOST_RETRIES) return true;
  if (guard->aborts) {
    mw__os_complain(
        "memwell: a page of a region is lost (its file was cut, or its file system is full), and on_fault is \"abort\"\n");
    return false;
  }
  if (presence(guard, last) != MW__OS_LOST) return mend_page(guard, page);
  return put_zeros(guard, begin_of_lost(guard, page), guard->high);
}

/* Whether a fault that somebody else has seen first may be one of ours. */
static bool may_have_lost(void) {
  for (table *piece = &first; piece; piece = atomic_load(&piece->next))
    for (int i = 0; i < SLOTS; i++) {
      mw__guard *guard = &piece->slots[i];
      if (atomic_load(&guard->low) > CLAIMED && presence(guard, guard->high - guard->unit) != MW__OS_THERE) return true;
    }
  return false;
}

/* ---- the table */

static bool claim(mw__guard *guard) {
  uintptr_t none = FREE;
  return atomic_load_explicit(&guard->low, memory_order_relaxed) == FREE &&
         atomic_compare_exchange_strong(&guard->low, &none, CLAIMED);
}

static mw__guard *claim_in(table *piece) {
  for (int i = 0; i < SLOTS; i++)
    if (claim(&piece->slots[i])) return &piece->slots[i];
  return NULL;
}

/* One more piece at the end; where several threads add one, the table is that much larger. */
static bool extend(table *piece) {
  table *added = calloc(1, sizeof *added), *none = NULL;
  if (!added) return false;
  while (!atomic_compare_exchange_strong(&piece->next, &none, added)) {
    piece = none;
    none = NULL;
  }
  return true;
}

/* Where a slot was found last: with ten thousand regions, too, there is likely to be one more. */
static _Atomic(table *) recent = &first;

/* In the pieces from `begin` on, and then in those before it. */
static mw__guard *claim_around(table *begin) {
  table *piece = begin;
  do {
    mw__guard *guard = claim_in(piece);
    if (guard) {
      atomic_store(&recent, piece);
      return guard;
    }
    table *next = atomic_load(&piece->next);
    piece = next ? next : &first;
  } while (piece != begin);
  return NULL;
}

static mw__guard *claim_any(void) {
  for (;;) {
    table *begin = atomic_load(&recent);
    mw__guard *guard = claim_around(begin);
    if (guard) return guard;
    if (!extend(begin)) return NULL;
  }
}

int mw__guard_begin(const mw__call *call, const mw__guarded *guarded, mw__guard **out_guard) {
  int failure = mw__os_fault_watch(mend, may_have_lost);
  if (failure) return mw__os_fail(call, failure);
  mw__guard *guard = claim_any();
  if (!guard) return mw__fail(call, MW_ENOMEM, "no memory to guard one more region");
  mw__guard_enter(0);
  uintptr_t low = (uintptr_t)guarded->low;
  guard->unit = guarded->unit;
  guard->writable = guarded->writable;
  guard->aborts = guarded->aborts;
  guard->retries = guard->singles = 0;
  guard->lost = 0;
  guard->state = guarded->state;
  guard->high = low + guarded->size;
  atomic_store(&guard->low, low);
  *out_guard = guard;
  return 0;
}

void mw__guard_end(mw__guard *guard) {
  if (guard) atomic_store(&guard->low, FREE);
}

void mw__guard_set_writable(mw__guard *guard, bool writable) {
  if (guard) guard->writable = writable;
}

uint64_t mw__guard_lost_at(const mw__guard *guard) { return guard && guard->lost ? guard->lost - guard->low : 0; }

void mw__guard_enter(uint64_t bytes) {
  static _Thread_local bool entered;
  if (entered && bytes < MUCH) return;
  mw__os_fault_unblock();
  entered = true;
}
