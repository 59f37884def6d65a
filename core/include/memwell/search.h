/* Searching the bytes of a region where they lie, without a copy.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_SEARCH_H
#define MEMWELL_SEARCH_H

#include <stddef.h>
#include <stdint.h>

#include "memwell/export.h"
#include "memwell/region.h"
#include "memwell/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A set of byte values: member[b] is 1 for those that are in it, and 0 for the others. */
typedef struct mw_byte_set {
  uint8_t member[256];
} mw_byte_set;

/* The set of the `size` byte values at `bytes`, in any order, each as often as you like.
 * Threads, fork, signals: safe. */
MW_API mw_byte_set mw_search_byte_set(const void *bytes, size_t size);

/* Find the next run: the first byte at or after `start` that is in the set, and all after it that are, up to `end` at most. To
 * walk over all runs, start again at *out_end.
 *
 * start, end   offsets in the region; a run that goes on beyond `end` is cut there
 * Returns 0 with [*out_start, *out_end) the run's bytes, or
 *   MW_ENOENT  there is none between start and end
 *   MW_EINVAL  end is past the region's, or before start
 *   MW_ECLOSED
 * Threads, processes, fork: safe; bytes that others change meanwhile are taken as they are found. Signals: not safe in handlers. */
MW_API int mw_search_run(mw_region *region, const mw_byte_set *set, uint64_t start, uint64_t end, mw_error *error,
                         uint64_t *out_start, uint64_t *out_end);

#ifdef __cplusplus
}
#endif
#endif
