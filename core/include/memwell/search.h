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
 *   MW_ECLOSED, MW_EFAULT
 * Threads, processes, fork: safe; bytes that others change meanwhile are taken as they are found. Signals: not safe in handlers. */
MW_API int mw_search_run(mw_region *region, const mw_byte_set *set, uint64_t start, uint64_t end, mw_error *error,
                         uint64_t *out_start, uint64_t *out_end);

/* Find bytes: the first place, and the last, at which the `size` bytes of `sub` lie within [start, end); and how many there are
 * that do not overlap, counted from the start. No bytes are found everywhere, as in Python: first at `start`, last at `end`, end -
 * start + 1 times.
 *
 * sub          may lie in the region itself
 * start, end   offsets in the region; `end` past the region's is cut to it, and `start` past `end` finds nothing
 * Returns 0 with *out_offset in the region, or
 *   MW_ENOENT  (find, rfind) they are not there
 *   MW_ECLOSED, MW_EFAULT
 * The work is libc's memmem. Threads, processes, fork: safe, as mw_search_run. */
MW_API int mw_region_find(mw_region *region, const void *sub, size_t size, uint64_t start, uint64_t end, mw_error *error,
                          uint64_t *out_offset);
MW_API int mw_region_rfind(mw_region *region, const void *sub, size_t size, uint64_t start, uint64_t end, mw_error *error,
                           uint64_t *out_offset);
MW_API int mw_region_count(mw_region *region, const void *sub, size_t size, uint64_t start, uint64_t end, mw_error *error,
                           uint64_t *out_count);

/* Count a part of a long range: for those who have something else to do in between. What begins in [start, end) but ends behind it
 * is not counted, and *out_next is where to go on, with a later `end`, so that the sum is what mw_region_count says of all.
 *
 * size   at least 1
 * Returns 0, or MW_EINVAL (a size of 0), MW_ECLOSED, MW_EFAULT. Threads, processes, fork: safe, as mw_search_run. */
MW_API int mw_region_count_part(mw_region *region, const void *sub, size_t size, uint64_t start, uint64_t end, mw_error *error,
                                uint64_t *out_count, uint64_t *out_next);

/* The line that begins at `start`: up to the next newline, which *out_next is behind, or to `end`. To walk over all lines, start
 * again at *out_next.
 *
 * Returns 0 with [start, *out_end) the line without its newline, or MW_ENOENT (start is at the end), MW_ECLOSED, MW_EFAULT.
 * Threads, processes, fork: safe, as mw_search_run. */
MW_API int mw_region_line(mw_region *region, uint64_t start, uint64_t end, mw_error *error, uint64_t *out_end, uint64_t *out_next);

#ifdef __cplusplus
}
#endif
#endif
