/* Searching bytes where they lie. The region's memory may change under the search, so no byte's second look decides anything.
 *
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* memmem, memrchr */
#include "memwell/search.h"

#include <inttypes.h>
#include <string.h>

#include "memory/region.h"

#define WINDOW 65536 /* bytes searched forwards at a time when the last of many is sought */

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
  int status = mw__region_check_usable(&call, region);
  if (status) return status;
  mw__guard_enter(0);
  if (end > region->size || start > end)
    return mw__fail(&call, MW_EINVAL, "bytes %" PRIu64 " to %" PRIu64 " are no part of the %" PRIu64 " that there are", start, end,
                    region->size);
  uint64_t first = skip(region->data, set, 0, start, end), next = first < end ? skip(region->data, set, 1, first + 1, end) : end;
  status = mw__region_check_touched(&call, region);
  if (!status && first == end) status = mw__fail(&call, MW_ENOENT, "no byte of the set is there");
  if (status) return status;
  *out_start = first;
  *out_end = next;
  return 0;
}

/* ---- bytes in a row */

/* What is looked through, and for what. */
typedef struct hunt {
  const unsigned char *begin;
  size_t length;
  const void *sub;
  size_t size;
} hunt;

static const unsigned char *find_first(const hunt *hunt) {
  if (hunt->size == 1) return memchr(hunt->begin, *(const unsigned char *)hunt->sub, hunt->length);
  return memmem(hunt->begin, hunt->length, hunt->sub, hunt->size);
}

/* The last place in a window: the one behind which there is none. Bytes that repeat themselves are at nearly every place, so those
 * behind the first are halved and not walked over. */
static const unsigned char *find_last_within(hunt window) {
  const unsigned char *last = find_first(&window);
  if (!last) return NULL;
  size_t low = (size_t)(last - window.begin) + 1, high = window.length - window.size + 1;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    hunt upper = {window.begin + middle, high - middle + window.size - 1, window.sub, window.size};
    const unsigned char *found = find_first(&upper);
    if (found) {
      last = found;
      low = (size_t)(found - window.begin) + 1;
    } else {
      high = middle;
    }
  }
  return last;
}

/* libc has no memmem from the end: windows from the end, which overlap by all but a byte of what is sought. */
static const unsigned char *find_last(const hunt *hunt) {
  if (hunt->size == 1) return memrchr(hunt->begin, *(const unsigned char *)hunt->sub, hunt->length);
  if (hunt->length < hunt->size) return NULL;
  size_t step = hunt->size > WINDOW ? hunt->size : WINDOW;
  for (size_t end = hunt->length;;) {
    size_t begin = end > step + hunt->size - 1 ? end - step - (hunt->size - 1) : 0;
    struct hunt window = {hunt->begin + begin, end - begin, hunt->sub, hunt->size};
    const unsigned char *found = find_last_within(window);
    if (found || begin == 0) return found;
    end = begin + hunt->size - 1;
  }
}

/* How many there are. What remains of the hunt is behind the last of them. */
static uint64_t count_all(hunt *hunt) {
  uint64_t count = 0;
  for (const unsigned char *found; (found = find_first(hunt)); count++) {
    size_t passed = (size_t)(found - hunt->begin) + hunt->size;
    hunt->begin += passed;
    hunt->length -= passed;
  }
  return count;
}

/* Cut the range to the region. */
static int begin_hunt(const mw__call *call, const mw_region *region, uint64_t start, uint64_t end, uint64_t *out_end) {
  int status = mw__region_check_usable(call, region);
  if (status) return status;
  *out_end = end < region->size ? end : region->size;
  mw__guard_enter(start < *out_end ? *out_end - start : 0);
  return 0;
}

static int fail_absent(const mw__call *call) { return mw__fail(call, MW_ENOENT, "the bytes are not there"); }

static int find(const mw__call *call, mw_region *region, hunt sought, uint64_t start, uint64_t end, bool from_end,
                uint64_t *out_offset) {
  int status = begin_hunt(call, region, start, end, &end);
  if (status) return status;
  if (start > end) return fail_absent(call);
  if (sought.size == 0) {
    *out_offset = from_end ? end : start;
    return 0;
  }
  if (sought.size > end - start) return fail_absent(call);
  sought.begin = region->data + start;
  sought.length = (size_t)(end - start);
  const unsigned char *found = from_end ? find_last(&sought) : find_first(&sought);
  status = mw__region_check_touched(call, region);
  if (status) return status;
  if (!found) return fail_absent(call);
  *out_offset = (uint64_t)(found - region->data);
  return 0;
}

int mw_region_find(mw_region *region, const void *sub, size_t size, uint64_t start, uint64_t end, mw_error *error,
                   uint64_t *out_offset) {
  mw__call call = {"Region.find", region->name, error};
  return find(&call, region, (hunt){.sub = sub, .size = size}, start, end, false, out_offset);
}

int mw_region_rfind(mw_region *region, const void *sub, size_t size, uint64_t start, uint64_t end, mw_error *error,
                    uint64_t *out_offset) {
  mw__call call = {"Region.rfind", region->name, error};
  return find(&call, region, (hunt){.sub = sub, .size = size}, start, end, true, out_offset);
}

/* [start, *end), which is cut to the region. What remains may be the beginning of one that ends later. */
static int count_part(const mw__call *call, mw_region *region, hunt sought, uint64_t start, uint64_t end, uint64_t *out_count,
                      uint64_t *out_next) {
  int status = begin_hunt(call, region, start, end, &end);
  if (status) return status;
  uint64_t count = 0, next = start;
  if (start < end && sought.size <= end - start) {
    sought.begin = region->data + start;
    sought.length = (size_t)(end - start);
    count = count_all(&sought);
    next = end - (sought.length < sought.size ? sought.length : sought.size - 1);
  }
  status = mw__region_check_touched(call, region);
  if (status) return status;
  *out_count = count;
  *out_next = next;
  return 0;
}

int mw_region_count_part(mw_region *region, const void *sub, size_t size, uint64_t start, uint64_t end, mw_error *error,
                         uint64_t *out_count, uint64_t *out_next) {
  mw__call call = {"Region.count", region->name, error};
  if (size == 0) return mw__fail(&call, MW_EINVAL, "no bytes are in all places; their count is not a sum of parts");
  return count_part(&call, region, (hunt){.sub = sub, .size = size}, start, end, out_count, out_next);
}

/* No bytes are between any two, and at both ends. */
static int count_nothing(const mw__call *call, mw_region *region, uint64_t start, uint64_t end, uint64_t *out_count) {
  int status = begin_hunt(call, region, start, end, &end);
  if (!status) *out_count = start <= end ? end - start + 1 : 0;
  return status;
}

int mw_region_count(mw_region *region, const void *sub, size_t size, uint64_t start, uint64_t end, mw_error *error,
                    uint64_t *out_count) {
  mw__call call = {"Region.count", region->name, error};
  uint64_t next;
  if (size == 0) return count_nothing(&call, region, start, end, out_count);
  return count_part(&call, region, (hunt){.sub = sub, .size = size}, start, end, out_count, &next);
}

int mw_region_line(mw_region *region, uint64_t start, uint64_t end, mw_error *error, uint64_t *out_end, uint64_t *out_next) {
  mw__call call = {"Region.lines", region->name, error};
  int status = begin_hunt(&call, region, start, end, &end);
  if (status) return status;
  if (start >= end) return mw__fail(&call, MW_ENOENT, "there is no line");
  const unsigned char *newline = memchr(region->data + start, '\n', (size_t)(end - start));
  status = mw__region_check_touched(&call, region);
  if (status) return status;
  *out_end = newline ? (uint64_t)(newline - region->data) : end;
  *out_next = newline ? *out_end + 1 : end;
  return 0;
}
