/* Elements as Java's long and double, and parts of a region.
 *
 * SPDX-License-Identifier: MIT */
#include "primitives.h"

#include <inttypes.h>

/* ---- elements */

static int64_t to_long(mw_error *error, const char *call, mw_value value) {
  if (error->status) return 0;
  if (value.kind == MW_VALUE_FLOAT)
    mws_fail(error, MW_EINVAL, call, NULL, "the elements are floats, not integers");
  else if (value.kind == MW_VALUE_UINT && value.as.u > INT64_MAX)
    mws_fail(error, MW_EOVERFLOW, call, NULL, "a long cannot hold %" PRIu64, value.as.u);
  return value.as.i;
}

static mw_value get(mws_view *self, mw_error *error, int64_t i) {
  mws_extents index = {.count = 1, .values = {i}};
  return mws_view_get(self, error, &index);
}

int64_t mws_view_get_long(mws_view *self, mw_error *error, int64_t i) {
  mw_value value = get(self, error, i);
  return to_long(error, "View.getLong", value);
}

double mws_view_get_double(mws_view *self, mw_error *error, int64_t i) {
  mw_value value = get(self, error, i);
  switch (value.kind) {
    case MW_VALUE_FLOAT: return value.as.f;
    case MW_VALUE_INT: return (double)value.as.i;
    default: return (double)value.as.u;
  }
}

void mws_view_set_long(mws_view *self, mw_error *error, int64_t i, int64_t value) {
  mws_extents index = {.count = 1, .values = {i}};
  mws_view_set(self, error, &index, (mw_value){.kind = MW_VALUE_INT, .as = {.i = value}});
}

void mws_view_set_double(mws_view *self, mw_error *error, int64_t i, double value) {
  mws_extents index = {.count = 1, .values = {i}};
  mws_view_set(self, error, &index, (mw_value){.kind = MW_VALUE_FLOAT, .as = {.f = value}});
}

/* A negative index is past every end. */
int64_t mws_view_atomic_load_long(mws_view *self, mw_error *error, int64_t i) {
  mw_value value = mws_view_atomic_load(self, error, (uint64_t)i);
  return to_long(error, "View.atomicLoadLong", value);
}

int64_t mws_view_atomic_add_long(mws_view *self, mw_error *error, int64_t i, int64_t n) {
  mw_value value = mws_view_atomic_add(self, error, (uint64_t)i, (mw_value){.kind = MW_VALUE_INT, .as = {.i = n}});
  return to_long(error, "View.atomicAddLong", value);
}

mwj_flat mws_view_flat(mws_view *self, mw_error *error) { return mws_view_tolist(self, error); }

/* ---- parts */

mws_buffer mws_region_buffer_part(mws_region *self, mw_error *error, uint64_t offset, uint64_t size) {
  mws_buffer buffer = mws_region_buffer(self, error);
  if (error->status) return buffer;
  if (offset > buffer.size || size > buffer.size - offset) {
    mws_fail(error, MW_EINVAL, "Region.buffer", mws_region_name(self),
             "%" PRIu64 " bytes at offset %" PRIu64 ": the region has %" PRIu64, size, offset, buffer.size);
    mw_region_drop(buffer.held);
    return (mws_buffer){0};
  }
  buffer.data = (char *)buffer.data + offset;
  buffer.size = size;
  return buffer;
}

void mws_region_write_direct(mws_region *self, mw_error *error, mwj_direct data, uint64_t offset) {
  mws_region_write(self, error, data.data, data.size, offset);
}
