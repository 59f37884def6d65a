/* The region as the layers above see it: views look straight into it.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MW_MEMORY_REGION_H
#define MW_MEMORY_REGION_H

#include <stdatomic.h>

#include "base/status.h"
#include "memory/temporary.h"
#include "memwell/region.h"

/* references   the handle's own, while it is open, and one for each holder; who takes it to 0 unmaps
 * data, size   the bytes that were asked for, within the pages that are mapped; NULL and 0 for an empty region
 * offset       where data is in the file */
struct mw_region {
  _Atomic uint32_t references;
  _Atomic bool closed;
  mw_access access;
  unsigned char *data;
  uint64_t size;
  uint64_t offset;
  uint64_t device;
  uint64_t inode;
  int fd; /* -1: none kept */
  const char *kind;
  char *name; /* or path, or NULL */
  mw__temporary *temporary;
};

static inline bool mw__region_is_closed(const mw_region *region) {
  return atomic_load_explicit(&region->closed, memory_order_relaxed);
}

/* The gate that every call on a region goes through: 0 or MW_ECLOSED. */
int mw__region_check_open(const mw__call *call, const mw_region *region);

/* 0 or MW_EREADONLY. */
int mw__region_check_writable(const mw__call *call, const mw_region *region);

#endif
