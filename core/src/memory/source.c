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

int mw__source_check_identity(const mw__call *call, const mw_region_options *options, uint64_t device, uint64_t inode) {
  if (options->inode == 0 || (options->inode == inode && options->device == device)) return 0;
  return mw__fail_errno(call, ENOENT, "it is another object now than the one that was wanted");
}

int mw__source_check_owner(const mw__call *call, const mw_region_options *options, unsigned owner) {
  if (options->flags & MW_ANY_OWNER || owner == 0 || owner == mw__os_user()) return 0;
  return mw__fail_errno(call, EPERM, "it belongs to user %u, and we are user %u; any_owner takes it all the same", owner,
                        mw__os_user());
}

static int refuse_kind(const mw__call *call, mw__os_kind kind) {
  if (kind == MW__OS_FOLDER) return mw__os_fail(call, EISDIR);
  return mw__fail_errno(call, ENODEV,
                        "it is a FIFO, a socket or a block device; files, memory and some character devices can be mapped");
}

int mw__source_examine(const mw__call *call, mw__source *source, const mw_region_options *options, uint64_t *out_object_size) {
  mw__os_file_info info;
  int failure = mw__os_file_info_of(source->fd, &info);
  if (failure) return mw__os_fail(call, failure);
  if (info.kind != MW__OS_REGULAR && info.kind != MW__OS_DEVICE) return refuse_kind(call, info.kind);
  int status = mw__source_check_identity(call, options, info.device, info.inode);
  if (status) return status;
  source->fixed = info.kind == MW__OS_DEVICE;
  source->device = info.device;
  source->inode = info.inode;
  source->unit = info.page_size;
  *out_object_size = info.size;
  return 0;
}

/* A device says nothing of its size. */
static int fit_device(const mw__call *call, mw__source *source, uint64_t size) {
  if (size == 0) return mw__fail(call, MW_EINVAL, "a device has no end to map up to; give a size");
  source->size = size;
  return 0;
}

int mw__source_fit(const mw__call *call, mw__source *source, uint64_t object_size, uint64_t size) {
  source->to_end = size == 0;
  if (source->fixed) return fit_device(call, source, size);
  if (source->offset > object_size)
    return mw__fail(call, MW_EINVAL, "offset %" PRIu64 " is past the end (%" PRIu64 " bytes)", source->offset, object_size);
  source->size = size ? size : object_size - source->offset;
  if (source->size <= object_size - source->offset) return 0;
  return mw__fail(call, MW_EINVAL, "bytes %" PRIu64 " to %" PRIu64 " go past the end (%" PRIu64 " bytes)", source->offset,
                  source->offset + size, object_size);
}

static int put_content(int fd, const mw__content *content) {
  int failure = content->image_size < content->size ? mw__os_reserve(fd, 0, content->size) : 0;
  if (!failure && content->image_size) failure = mw__os_write(fd, content->image, (size_t)content->image_size);
  return failure ? failure : mw__os_set_permissions(fd, content->permissions);
}

/* What it is, is asked while a failure leaves no name behind. */
static int publish_once(const char *path, const mw__content *content, bool nameless, bool *out_retry, int *out_fd,
                        mw__os_file_info *out_info) {
  mw__os_draft draft;
  *out_retry = false;
  int failure = mw__os_draft_begin(&draft, path, nameless);
  if (failure) return failure;
  failure = put_content(draft.fd, content);
  if (!failure) failure = mw__os_file_info_of(draft.fd, out_info);
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

int mw__source_publish(const char *path, const mw__content *content, int *out_fd, mw__os_file_info *out_info) {
  bool retry;
  int failure = publish_once(path, content, true, &retry, out_fd, out_info);
  return retry ? publish_once(path, content, false, &retry, out_fd, out_info) : failure;
}

void mw__source_discard(const mw__source *source) {
  if (source->fd < 0) return;
  if (source->grown) (void)mw__os_set_size(source->fd, source->size_before);
  mw__os_close(source->fd);
}
