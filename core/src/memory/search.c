/* Searching bytes where they lie. The region's memory may change under the search, so no byte's second look decides anything.
 *
 * SPDX-License-Identifier: MIT */
#include "memwell/search.h"

#include <inttypes.h>

#include "memory/region.h"

mw_byte_set mw_search_byte_set(const void *bytes, size_t size) {
  mw_byte_set set = {{0}};
  for (size_t i = 0; i < size; i++) set.member[((const uint8_t *)bytes)[i]] = 1;
  return set;
}

/* The first place from `start` on whose byte is in the set, or is not. */
static uint64_t skip(const uint8_t *data, const mw_byte_set *set, uint8_t while_member, uint64_t start, uint64_t end) {
  uint64_t i = start;
  while (i < end && set->member[data[i]] == while_member) i++;
  return i;
}

int mw_search_run(mw_region *region, const mw_byte_set *set, uint64_t start, uint64_t end, mw_error *error, uint64_t *out_start,
                  uint64_t *out_end) {
  mw__call call = {"Region.runs", region->name, error};
  int status = mw__region_check_open(&call, region);
  if (status) return status;
  if (end > region->size || start > end)
    return mw__fail(&call, MW_EINVAL, "bytes %" PRIu64 " to %" PRIu64 " are no part of the %" PRIu64 " that there are", start, end,
                    region->size);
  uint64_t first = skip(region->data, set, 0, start, end);
  if (first == end) return mw__fail(&call, MW_ENOENT, "no byte of the set is there");
  *out_end = skip(region->data, set, 1, first + 1, end);
  *out_start = first;
  return 0;
}
