/* The region as the layers above see it: views look straight into it.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MW_MEMORY_REGION_H
#define MW_MEMORY_REGION_H

#include <stdatomic.h>

#include "base/status.h"
#include "memory/guard.h"
#include "memory/source.h"
#include "memory/source_named.h"
#include "memory/temporary.h"
#include "memwell/region.h"

/* What keeps a region from being used; 0: nothing does. */
enum {
  MW__REGION_CLOSED = 1u << 0,
  MW__REGION_FAULTED = 1u << 1, /* a page was lost, and others are not to be trusted; set by the guard */
};

/* A flag of a region that is a well's: to be looked at, and not to be mapped otherwise. */
#define MW__IN_WELL (1u << 31)

/* references   the handle's own, while it is open, and one for each holder; who takes it to 0 unmaps
 * readonly     nothing may be written now
 * data, size   the bytes that were asked for, within the pages that are mapped; NULL and 0 for an empty region
 * wanted       the size that was asked for; 0: up to the object's end
 * source       where they come from; its size is the first mapping's */
struct mw_region {
  _Atomic uint32_t references;
  _Atomic uint32_t state;
  _Atomic bool readonly;
  unsigned char *data;
  uint64_t size;
  uint64_t wanted;
  mw__source source;
  unsigned flags;
  mw__guard *guard; /* NULL: none, or nothing is mapped */
  char *name;       /* or path, or NULL */
  mw__temporary *temporary;
};

static inline bool mw__region_is_usable(const mw_region *region) {
  return atomic_load_explicit(&region->state, memory_order_relaxed) == 0;
}

static inline bool mw__region_is_closed(const mw_region *region) {
  return atomic_load_explicit(&region->state, memory_order_relaxed) & MW__REGION_CLOSED;
}

/* Turn a source into a region, named as errors and users name it. The source is the region's from here on, or discarded. */
int mw__region_make(const mw__call *call, const char *name, const mw__source *source, unsigned flags, mw_region **out_region);

/* The same for what was created under a name, which goes again if that fails. */
int mw__region_make_created(const mw__call *call, const mw__name *name, const mw__source *source, unsigned flags,
                            mw_region **out_region);

/* Read what the caller's version of the struct has; what it does not have is 0. Flags that are not known here are MW_EINVAL. */
int mw__region_read_options(const mw__call *call, const mw_region_options *given, unsigned known_flags, mw_region_options *options);

/* The gate that every call on a region goes through: 0, MW_ECLOSED or MW_EFAULT. */
int mw__region_check_usable(const mw__call *call, const mw_region *region);

/* Closing it is no matter: for those who only ask. */
int mw__region_check_open(const mw__call *call, const mw_region *region);

/* What was touched since the gate may have been lost meanwhile: 0 or MW_EFAULT. */
static inline int mw__region_check_touched(const mw__call *call, const mw_region *region) {
  uint32_t state = atomic_load_explicit(&region->state, memory_order_relaxed);
  return state & MW__REGION_FAULTED ? mw__region_check_usable(call, region) : 0;
}

/* 0 or MW_EREADONLY; 0 or MW_EINVAL; 0 or MW_ENOTSUP; 0 or MW_EBUSY. */
int mw__region_check_writable(const mw__call *call, const mw_region *region);
int mw__region_check_range(const mw__call *call, const mw_region *region, uint64_t offset, uint64_t size);
int mw__region_check_descriptor(const mw__call *call, const mw_region *region);
int mw__region_check_unshared(const mw__call *call, const mw_region *region);

/* 0, or MW_EPERM where a well relies on its memory being as it is. */
int mw__region_check_own(const mw__call *call, const mw_region *region);

/* Pages that have all of [offset, offset + size) of a region that is not empty. */
typedef struct mw__pages {
  unsigned char *begin;
  size_t size;
} mw__pages;
mw__pages mw__region_pages(const mw_region *region, uint64_t offset, uint64_t size);

/* How the region's memory is mapped now. */
mw__os_protection mw__region_protection(const mw_region *region);

#endif
