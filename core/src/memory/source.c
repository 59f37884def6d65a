/* What all sources have in common: checked sizes, and files that are never seen half-made.
 *
 * SPDX-License-Identifier: MIT */
#include "memory/source.h"

#include <errno.h>
#include <inttypes.h>

int mw__source_end(const mw__call *call, uint64_t offset, uint64_t size, uint64_t *out_end) {
  uint64_t end;
  if (__builtin_add_overflow(offset, size, &end) || end > MW__SIZE_MAX)
    return mw__fail(call, MW_EINVAL, "offset %" PRIu64 " and size %" PRIu64 " go beyond what a file can have", offset, size);
  *out_end = end;
  return 0;
}

int mw__source_permissions(const mw__call *call, unsigned permissions, unsigned *out_permissions) {
  if (permissions > 07777) return mw__fail(call, MW_EINVAL, "permissions 0%o have more than the bits of chmod", permissions);
  *out_permissions = permissions ? permissions : 0600;
  return 0;
}

int mw__source_check_identity(const mw__call *call, const mw_region_options *options, const mw__os_file_info *info) {
  if (options->inode == 0 || (options->inode == info->inode && options->device == info->device)) return 0;
  return mw__fail_errno(call, ENOENT, "it is another object now than the one that was wanted");
}

static int put_content(int fd, const mw__content *content) {
  int failure = content->image ? mw__os_write(fd, content->image, (size_t)content->size) : mw__os_reserve(fd, 0, content->size);
  return failure ? failure : mw__os_set_permissions(fd, content->permissions);
}

static int publish_once(const char *path, const mw__content *content, bool nameless, bool *out_retry, int *out_fd) {
  mw__os_draft draft;
  *out_retry = false;
  int failure = mw__os_draft_begin(&draft, path, nameless);
  if (failure) return failure;
  failure = put_content(draft.fd, content);
  if (!failure) {
    failure = mw__os_draft_publish(&draft, path);
    *out_retry = nameless && failure && failure != EEXIST;
  }
  if (failure)
    mw__os_draft_discard(&draft);
  else
    *out_fd = draft.fd;
  return failure;
}

int mw__source_publish(const char *path, const mw__content *content, int *out_fd) {
  bool retry;
  int failure = publish_once(path, content, true, &retry, out_fd);
  return retry ? publish_once(path, content, false, &retry, out_fd) : failure;
}
