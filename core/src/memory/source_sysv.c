/* System V shared memory. shmget makes a segment in one step, with its size, its permissions and zeros, so that there is nothing
 * half-made to wait for.
 *
 * SPDX-License-Identifier: MIT */
#include "memory/source_sysv.h"

#include <errno.h>
#include <inttypes.h>

#define OPEN_ATTEMPTS 1000

/* No file has this device; and 0 is no inode, but an identifier. */
static void identify(mw__source *source, int id) {
  source->id = id;
  source->device = UINT64_MAX;
  source->inode = (uint64_t)id + 1;
}

static int fail(const mw__call *call, int failure, uint64_t size, const mw_region_options *options) {
  bool huge_pages = options->flags & MW_HUGE_PAGES && (failure == ENOMEM || failure == EPERM);
  return huge_pages ? mw__os_fail_huge(call, failure, size) : mw__os_fail_sysv_memory(call, failure, size);
}

static int create(const mw__call *call, int32_t key, uint64_t size, const mw_region_options *options, mw__source *source) {
  int id;
  bool huge_pages = options->flags & MW_HUGE_PAGES;
  int failure = mw__os_sysv_memory_create(key, size, options->permissions, huge_pages, &id);
  if (failure) return fail(call, failure, size, options);
  identify(source, id);
  source->size = size;
  if (huge_pages) source->unit = mw__os_huge_page_size();
  return 1;
}

static int attach(const mw__call *call, int32_t key, uint64_t size, const mw_region_options *options, mw__source *source) {
  int id;
  int failure = mw__os_sysv_memory_find(key, &id);
  if (failure == ENOENT) return mw__fail_errno(call, ENOENT, "no segment has this key; create it");
  mw__os_sysv_info info;
  if (!failure) failure = mw__os_sysv_memory_info(id, &info);
  if (failure == EINVAL || failure == EIDRM) return mw__fail_errno(call, ENOENT, "the segment was removed just now");
  if (failure) return mw__os_fail(call, failure);
  identify(source, id);
  int status = mw__source_check_owner(call, options, info.owner);
  if (!status) status = mw__source_check_identity(call, options, source->device, source->inode);
  if (status) return status;
  source->size = info.size;
  if (source->size >= size) return 0;
  return mw__fail(call, MW_EINVAL, "it exists with %" PRIu64 " bytes, and %" PRIu64 " are wanted", source->size, size);
}

static int attach_or_create(const mw__call *call, int32_t key, uint64_t size, const mw_region_options *options,
                            mw__source *source) {
  for (int attempt = 0; attempt < OPEN_ATTEMPTS; attempt++) {
    int status = attach(call, key, size, options, source);
    if (status != MW_ENOENT) return status;
    status = create(call, key, size, options, source);
    if (status != MW_EEXIST) return status;
  }
  return mw__fail_errno(call, EAGAIN, "others create and remove this key all the time");
}

int mw__source_sysv_open(const mw__call *call, int32_t key, uint64_t size, mw_how how, const mw_region_options *options,
                         mw__source *out_source) {
  mw__source source = {
      .kind = MW__SYSV, .fd = -1, .access = options->access, .fixed = true, .unit = mw__os_page_size(), .key = key};
  if (key == MW_KEY_PRIVATE && how != MW_CREATE)
    return mw__fail(call, MW_EINVAL, "key 0 (IPC_PRIVATE) is found by nobody; it can only be created");
  if (size == 0 && how != MW_ATTACH) return mw__fail(call, MW_EINVAL, "the size is 0; it is at least 1 byte");
  int status = how == MW_ATTACH   ? attach(call, key, size, options, &source)
               : how == MW_CREATE ? create(call, key, size, options, &source)
                                  : attach_or_create(call, key, size, options, &source);
  if (status >= 0) *out_source = source;
  return status;
}

int mw__source_sysv_remove(const mw__call *call, int32_t key) {
  if (key == MW_KEY_PRIVATE) return mw__fail(call, MW_EINVAL, "key 0 (IPC_PRIVATE) is nobody's; remove the region itself");
  int id;
  int failure = mw__os_sysv_memory_find(key, &id);
  if (!failure) failure = mw__os_sysv_memory_remove(id);
  if (failure == ENOENT || failure == EIDRM || failure == EINVAL) return mw__fail_errno(call, ENOENT, "no segment has this key");
  return failure ? mw__os_fail(call, failure) : 0;
}
