/* Anonymous memory is a file in memory underneath, so that it has a size, a descriptor and a resize like every other source.
 *
 * SPDX-License-Identifier: MIT */
#include "memory/source_anonymous.h"

#include <errno.h>

static int create(const char *name, mw__source *source, bool huge_pages) {
  int failure = mw__os_memory_file(name, huge_pages, &source->fd);
  if (failure) return failure;
  mw__os_file_info info;
  failure = mw__os_file_info_of(source->fd, &info);
  if (!failure) failure = mw__os_reserve(source->fd, 0, mw__source_file_size(source->size, info.page_size));
  if (failure) {
    mw__os_close(source->fd);
    return failure;
  }
  source->unit = info.page_size;
  source->device = info.device;
  source->inode = info.inode;
  return 0;
}

int mw__source_anonymous_create(const mw__call *call, mw__kind kind, const char *name, uint64_t size, mw_access access,
                                unsigned flags, mw__source *out_source) {
  mw__source source = {.kind = kind, .access = access, .to_end = true, .size = size};
  bool huge_pages = flags & MW_HUGE_PAGES;
  if (huge_pages && mw__os_huge_page_size() == 0)
    return mw__fail_errno(call, ENOTSUP, "this system has no huge pages (no Hugepagesize in /proc/meminfo)");
  int failure = create(name, &source, huge_pages);
  if (failure) return huge_pages ? mw__os_fail_huge(call, failure, size) : mw__os_fail(call, failure);
  *out_source = source;
  return 0;
}
