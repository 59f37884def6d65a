/* The bytes of a region: copied in and out, searched, shown as a buffer.
 *
 * SPDX-License-Identifier: MIT */
#include "memwell/search.h"

#include "objects.h"

/* ---- out and in */

/* Clipped at the end, as mw_region_read does. */
mws_bytes mws_region_read(mws_region *self, mw_error *error, uint64_t offset, mws_offset size) {
  mw_region *region = mws_region_enter(self, error, "Region.read");
  if (!region) return (mws_bytes){0};
  uint64_t rest = mws_size_from(region, offset, MWS_NOTHING);
  const char *data = mw_region_data(region);
  int status = mws_region_check_open(self, region, error, "Region.read");
  if (status) {
    mws_region_leave(self, error, status);
    return (mws_bytes){0};
  }
  return (mws_bytes){.data = rest ? data + offset : NULL, .size = size < rest ? size : rest, .used = self};
}

void mws_region_write(mws_region *self, mw_error *error, const void *data, size_t size, uint64_t offset) {
  mw_region *region = mws_region_enter(self, error, "Region.write");
  if (region) mws_region_leave(self, error, mw_region_write(region, offset, data, size, error));
}

void mws_region_fill(mws_region *self, mw_error *error, int byte, uint64_t offset, mws_offset size) {
  if (byte < 0 || byte > 255) {
    mws_fail(error, MW_EOVERFLOW, "Region.fill", mws_region_name(self), "byte %d: 0 to 255", byte);
    return;
  }
  mw_region *region = mws_region_enter(self, error, "Region.fill");
  if (region)
    mws_region_leave(self, error, mw_region_fill(region, (uint8_t)byte, offset, mws_size_from(region, offset, size), error));
}

void mws_region_move(mws_region *self, mw_error *error, uint64_t destination, uint64_t source, uint64_t size) {
  mw_region *region = mws_region_enter(self, error, "Region.move");
  if (region) mws_region_leave(self, error, mw_region_move(region, destination, source, size, error));
}

mws_buffer mws_region_buffer(mws_region *self, mw_error *error) {
  mw_region *region = mws_region_enter(self, error, "Region.buffer");
  if (!region) return (mws_buffer){0};
  mws_buffer buffer = {mw_region_data(region), mw_region_size(region), mw_region_is_readonly(region), region};
  int status = mw_region_check(region, error);
  if (!status) mw_region_hold(region);
  if (mws_region_leave(self, error, status) < 0) buffer = (mws_buffer){0};
  return buffer;
}

/* ---- searching; what is not there is no error */

static mws_offset found_at(mw_error *error, int status, uint64_t offset) {
  if (status == MW_ENOENT) error->status = MW_OK;
  return status < 0 ? MWS_NOTHING : offset;
}

mws_offset mws_region_find(mws_region *self, mw_error *error, const void *data, size_t size, uint64_t start, mws_offset end) {
  uint64_t offset = 0;
  mw_region *region = mws_region_enter(self, error, "Region.find");
  if (!region) return MWS_NOTHING;
  int status = mws_region_leave(self, error, mw_region_find(region, data, size, start, end, error, &offset));
  return found_at(error, status, offset);
}

mws_offset mws_region_rfind(mws_region *self, mw_error *error, const void *data, size_t size, uint64_t start, mws_offset end) {
  uint64_t offset = 0;
  mw_region *region = mws_region_enter(self, error, "Region.rfind");
  if (!region) return MWS_NOTHING;
  int status = mws_region_leave(self, error, mw_region_rfind(region, data, size, start, end, error, &offset));
  return found_at(error, status, offset);
}

uint64_t mws_region_count(mws_region *self, mw_error *error, const void *data, size_t size, uint64_t start, mws_offset end) {
  uint64_t count = 0;
  mw_region *region = mws_region_enter(self, error, "Region.count");
  if (region) mws_region_leave(self, error, mw_region_count(region, data, size, start, end, error, &count));
  return count;
}

static mws_span span_of(mw_error *error, int status, mws_span span) {
  return found_at(error, status, 0) == MWS_NOTHING ? (mws_span){MWS_NOTHING, MWS_NOTHING, MWS_NOTHING} : span;
}

mws_span mws_region_line(mws_region *self, mw_error *error, uint64_t start) {
  mws_span span = {.start = start};
  int status = MW_ECLOSED;
  mw_region *region = mws_region_enter(self, error, "Region.line");
  if (region) {
    status = mw_region_line(region, start, mw_region_size(region), error, &span.stop, &span.resume);
    mws_region_leave(self, error, status);
  }
  return span_of(error, status, span);
}

mws_span mws_region_run(mws_region *self, mw_error *error, const void *data, size_t size, uint64_t start) {
  mws_span span = {0};
  int status = MW_ECLOSED;
  mw_byte_set set = mw_search_byte_set(data, size);
  mw_region *region = mws_region_enter(self, error, "Region.run");
  if (region) {
    status = mw_search_run(region, &set, start, mw_region_size(region), error, &span.start, &span.stop);
    mws_region_leave(self, error, status);
  }
  span.resume = span.stop;
  return span_of(error, status, span);
}
