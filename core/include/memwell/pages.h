/* What the kernel does with a region's pages: bringing them in and giving them back, keeping them in memory, protecting and sealing
 * them. Apart from mw_region_discard nothing here changes what is in them.
 *
 * Offsets and sizes are bytes and need no alignment, unless the call says otherwise: the pages that the bytes lie in are meant. A
 * size of 0 does nothing.
 *
 * Every call returns, besides what it says itself, MW_EINVAL (past the region's end), MW_ECLOSED, MW_EFAULT (a page was lost, see
 * mw_region_check), MW_ENOMEM, and MW_EOS for any other errno. All are safe in threads, in processes and after fork, where they do
 * not say otherwise; none is in a signal handler.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_PAGES_H
#define MEMWELL_PAGES_H

#include <stdbool.h>
#include <stdint.h>

#include "memwell/export.h"
#include "memwell/region.h"
#include "memwell/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Hand changes to the disk; with `wait`, return when they are there. Memory without a disk has nothing to do.
 * Returns 0, MW_EIO, MW_EINTR. */
MW_API int mw_region_flush(mw_region *region, uint64_t offset, uint64_t size, bool wait, mw_error *error);

/* How the memory is going to be used; a hint that never changes what is in it.
 *
 * X(constant, name in the bindings): read ahead as usual, much, not at all; needed soon; not needed soon; to be paged out now; huge
 * pages wanted or not, where the system makes them on its own; kept out of core dumps or in them */
#define MW_ADVICE_MAP(X)       \
  X(NORMAL, "normal")          \
  X(SEQUENTIAL, "sequential")  \
  X(RANDOM, "random")          \
  X(WILL_NEED, "willneed")     \
  X(COLD, "cold")              \
  X(PAGE_OUT, "pageout")       \
  X(HUGE_PAGES, "hugepage")    \
  X(SMALL_PAGES, "nohugepage") \
  X(NO_DUMP, "dontdump")       \
  X(DUMP, "dodump")

typedef enum mw_advice {
#define MW__ADVICE(constant, name) MW_ADVICE_##constant,
  MW_ADVICE_MAP(MW__ADVICE)
#undef MW__ADVICE
} mw_advice;

/* The advice of this name, as above and as madvise calls it.
 * Returns 0, or MW_EINVAL; the reason lists the names. Signals: safe. */
MW_API int mw_advice_parse(const char *name, mw_error *error, mw_advice *out_advice);

/* Returns 0, MW_ENOTSUP (this kernel, or this kind of memory, does not know the advice). */
MW_API int mw_region_advise(mw_region *region, mw_advice advice, uint64_t offset, uint64_t size, mw_error *error);

/* Give memory and contents up. Of memory that is shared the bytes become zeros, for everybody and in the file; whole pages
 * among them go back to the system, and their reservation with them: writing there again may find no space. Of a private
 * mapping the whole pages among them lose what this process has written, and show the file again.
 * Returns 0, MW_EREADONLY, MW_EPERM (sealed against writing), MW_ENOTSUP (its file system, or device, cannot, or
 * the pages are locked). */
MW_API int mw_region_discard(mw_region *region, uint64_t offset, uint64_t size, mw_error *error);

/* Bring the pages in now, ready to be written where the region can be, so that touching them later costs no fault.
 * Returns 0, MW_EFAULT (a page is lost already: the file was cut, or its file system is full), MW_EINTR. */
MW_API int mw_region_populate(mw_region *region, uint64_t offset, uint64_t size, mw_error *error);

/* Keep the pages in memory, never on swap; and no longer. Locks do not add up, and forked children have none.
 * Returns 0, MW_EAGAIN or MW_ENOMEM (more than RLIMIT_MEMLOCK allows; the reason says how much that is), MW_EPERM. */
MW_API int mw_region_mlock(mw_region *region, uint64_t offset, uint64_t size, mw_error *error);
MW_API int mw_region_munlock(mw_region *region, uint64_t offset, uint64_t size, mw_error *error);

/* How many of the region's bytes are in memory now, counted in pages. Linux says "all" of a file that the caller neither owns nor
 * may write to.
 * Returns 0. */
MW_API int mw_region_resident(mw_region *region, mw_error *error, uint64_t *out_bytes);

/* Allow writing through this region, or refuse it: memwell's own calls then return MW_EREADONLY, and a store through a pointer is a
 * segmentation fault. Other mappings of the same memory do not change.
 * Returns 0, MW_EBUSY (others hold the memory, and may write), MW_EACCES (the object was opened for reading only, or sealed).
 * Threads: the caller is the only one who uses the region meanwhile. */
MW_API int mw_region_protect(mw_region *region, bool readonly, mw_error *error);

/* What a memfd can promise to whoever receives it, for ever:
 * SEAL no further seals, SHRINK and GROW no smaller and no larger size, WRITE no other contents, FUTURE_WRITE none but through
 * mappings that are there already. SHRINK is what a reader needs to be safe from faults; punching holes takes WRITE or
 * FUTURE_WRITE.
 *
 * X(constant, bit, name in the bindings) */
#define MW_SEAL_MAP(X)   \
  X(SEAL, 0, "seal")     \
  X(SHRINK, 1, "shrink") \
  X(GROW, 2, "grow")     \
  X(WRITE, 3, "write")   \
  X(FUTURE_WRITE, 4, "future_write")

enum mw_seal {
#define MW__SEAL(constant, bit, name) MW_SEAL_##constant = 1u << (bit),
  MW_SEAL_MAP(MW__SEAL)
#undef MW__SEAL
};

/* The seal of this name, as above. Returns 0, or MW_EINVAL; the reason lists the names. Signals: safe. */
MW_API int mw_seal_parse(const char *name, mw_error *error, unsigned *out_seal);

/* Seal the region's memfd: `seals` is a sum of mw_seal. With WRITE the region itself becomes read-only.
 * Returns 0, or, with nothing sealed, MW_ENOTSUP (not a memfd), MW_EPERM (sealed with SEAL), MW_EBUSY (WRITE: others hold this
 * region's memory, or have the object mapped for writing; where it has FUTURE_WRITE already, the region cannot be mapped for
 * writing again, and is read-only even so). Threads: as mw_region_protect. */
MW_API int mw_region_seal(mw_region *region, unsigned seals, mw_error *error);

/* The seals that there are.
 * Returns 0, MW_ENOTSUP (not a memfd). */
MW_API int mw_region_seals(mw_region *region, mw_error *error, unsigned *out_seals);

#ifdef __cplusplus
}
#endif
#endif
