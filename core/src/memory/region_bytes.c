/* A region's bytes in and out.
 *
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "memory/region.h"

/* Whatever touches the bytes enters here, and asks mw__region_check_touched when it is done. */
static int begin(const mw__call *call, const mw_region *region, uint64_t size) {
  int status = mw__region_check_usable(call, region);
  if (!status) mw__guard_enter(size);
  return status;
}

static int begin_write(const mw__call *call, const mw_region *region, uint64_t offset, uint64_t size) {
  int status = begin(call, region, size);
  if (!status) status = mw__region_check_writable(call, region);
  return status ? status : mw__region_check_range(call, region, offset, size);
}

int mw_region_read(mw_region *region, uint64_t offset, void *buffer, size_t size, mw_error *error, size_t *out_size) {
  mw__call call = {"Region.read", region->name, error};
  uint64_t there = offset < region->size ? region->size - offset : 0;
  size_t count = size < there ? size : (size_t)there;
  int status = begin(&call, region, count);
  if (status) return status;
  if (count) memcpy(buffer, region->data + offset, count);
  status = mw__region_check_touched(&call, region);
  if (!status) *out_size = count;
  return status;
}

int mw_region_write(mw_region *region, uint64_t offset, const void *data, size_t size, mw_error *error) {
  mw__call call = {"Region.write", region->name, error};
  int status = begin_write(&call, region, offset, size);
  if (status) return status;
  if (size) memmove(region->data + offset, data, size);
  return mw__region_check_touched(&call, region);
}

int mw_region_fill(mw_region *region, uint8_t byte, uint64_t offset, uint64_t size, mw_error *error) {
  mw__call call = {"Region.fill", region->name, error};
  int status = begin_write(&call, region, offset, size);
  if (status) return status;
  if (size) memset(region->data + offset, byte, size);
  return mw__region_check_touched(&call, region);
}

int mw_region_move(mw_region *region, uint64_t destination, uint64_t source, uint64_t size, mw_error *error) {
  mw__call call = {"Region.move", region->name, error};
  int status = begin_write(&call, region, destination, size);
  if (!status) status = mw__region_check_range(&call, region, source, size);
  if (status) return status;
  if (size) memmove(region->data + destination, region->data + source, size);
  return mw__region_check_touched(&call, region);
}
