/* Anonymous memory is a file in memory underneath, so that it has a size, a descriptor and a resize like every other source.
 *
 * SPDX-License-Identifier: MIT */
#include "memory/source_anonymous.h"

static int create(uint64_t size, mw__source *source) {
  int failure = mw__os_memory_file(&source->fd);
  if (failure) return failure;
  mw__os_file_info info;
  failure = mw__os_reserve(source->fd, 0, size);
  if (!failure) failure = mw__os_file_info_of(source->fd, &info);
  if (failure) {
    mw__os_close(source->fd);
    return failure;
  }
  source->device = info.device;
  source->inode = info.inode;
  return 0;
}

int mw__source_anonymous_create(const mw__call *call, uint64_t size, mw_access access, mw__source *out_source) {
  mw__source source = {.access = access, .size = size};
  int failure = create(size, &source);
  if (failure) return mw__os_fail(call, failure);
  *out_source = source;
  return 0;
}
