/* Named objects: atomic creation, attaching to what is ours, waiting for a name to appear.
 *
 * A name goes from missing to whole in one step (mw__source_publish), so an attach never has to ask whether a memwell creator is
 * done. Other libraries create a name of size 0 first and size it later: that is waited for.
 *
 * SPDX-License-Identifier: MIT */
#include "memory/source_named.h"

#include <errno.h>
#include <string.h>

#include "base/name.h"
#include "platform/deadline.h"

#define FIRST_PAUSE 500000     /* 0.5 ms between two looks for a name, doubled up to ... */
#define LONGEST_PAUSE 20000000 /* ... 20 ms */
#define OPEN_ATTEMPTS 1000

_Static_assert(sizeof(MW__OS_SHARED_FOLDER) + MW__NAME_MAX <= sizeof((mw__name *)0)->path, "every name fits into a path");

/* Append a text that is known to fit; returns the new end. snprintf would take as long as a system call. */
static char *append(char *end, const char *text) {
  size_t length = strlen(text);
  memcpy(end, text, length + 1);
  return end + length;
}

int mw__name_init(mw__name *name, const mw__call *call, const char *text, const char *prefix) {
  int status = mw__name_parse(call, text, strlen(prefix), &name->bare);
  if (status) return status;
  append(append(append(name->path, MW__OS_SHARED_FOLDER), prefix), name->bare);
  return 0;
}

static bool is_taken(const mw__name *name) {
  mw__os_file_info info;
  return mw__os_path_info(name->path, &info) == 0;
}

static void identify(mw__source *source, const mw__os_file_info *info) {
  source->to_end = true;
  source->size = info->size;
  source->unit = info->page_size;
  source->device = info->device;
  source->inode = info->inode;
}

int mw__source_named_create(const mw__call *call, const mw__name *name, const mw__content *content, mw__source *out_source) {
  mw__source source = {.kind = MW__NAMED, .access = MW_READ_WRITE};
  mw__os_file_info info;
  int failure = mw__source_publish(name->path, content, &source.fd, &info);
  if (failure == ENOSPC && is_taken(name)) failure = EEXIST; /* it would have failed with all the space in the world */
  if (failure) return mw__os_fail(call, failure);
  identify(&source, &info);
  *out_source = source;
  return 0;
}

static int check_object(const mw__call *call, const mw__os_file_info *info, const mw_region_options *options) {
  if (info->kind != MW__OS_REGULAR) return mw__fail(call, MW_EINVAL, "the name is there, but it is not shared memory");
  int status = mw__source_check_owner(call, options, info->owner);
  if (status) return status;
  if (info->size == 0) return mw__fail_errno(call, EAGAIN, "the name is there, but still of size 0: its creator is not done");
  return mw__source_check_identity(call, options, info->device, info->inode);
}

static int attach_once(const mw__call *call, const mw__name *name, const mw_region_options *options, mw__source *out_source) {
  mw__source source = {.kind = MW__NAMED, .access = options->access};
  unsigned flags = MW__OS_NO_LINK | (options->access == MW_READ_WRITE ? MW__OS_WRITE : 0);
  int failure = mw__os_open(name->path, flags, 0, &source.fd);
  if (failure == ENOENT) return mw__fail_errno(call, ENOENT, "nothing has this name; create it, or give a timeout to wait for it");
  if (failure == ENXIO || failure == EISDIR) return mw__fail(call, MW_EINVAL, "the name is there, but it is not shared memory");
  if (failure) return mw__os_fail(call, failure);
  mw__os_file_info info;
  failure = mw__os_file_info_of(source.fd, &info);
  int status = failure ? mw__os_fail(call, failure) : check_object(call, &info, options);
  if (status) {
    mw__os_close(source.fd);
    return status;
  }
  identify(&source, &info);
  *out_source = source;
  return 0;
}

int mw__source_named_attach(const mw__call *call, const mw__name *name, const mw_region_options *options, mw__source *out_source) {
  for (int64_t pause = FIRST_PAUSE;; pause = pause < LONGEST_PAUSE / 2 ? 2 * pause : LONGEST_PAUSE) {
    int status = attach_once(call, name, options, out_source);
    bool may_come = status == MW_ENOENT || status == MW_EAGAIN;
    if (!may_come || mw__deadline_has_come(options->wait_for_name)) return status;
    int failure = mw__os_sleep_until(mw__deadline_within(options->wait_for_name, pause));
    if (failure) return mw__os_fail(call, failure);
  }
}

int mw__source_named_open(const mw__call *call, const mw__name *name, const mw__content *content, const mw_region_options *options,
                          mw__source *out_source) {
  for (int attempt = 0; attempt < OPEN_ATTEMPTS; attempt++) {
    int status = attach_once(call, name, options, out_source);
    if (status != MW_ENOENT) return status;
    status = mw__source_named_create(call, name, content, out_source);
    if (status != MW_EEXIST) return status ? status : 1;
  }
  return mw__fail_errno(call, EAGAIN, "others create and unlink this name all the time");
}

int mw__source_named_unlink(const mw__call *call, const mw__name *name) {
  int failure = mw__os_unlink(name->path);
  if (failure == ENOENT) return mw__fail_errno(call, ENOENT, "nothing has this name");
  return failure ? mw__os_fail(call, failure) : 0;
}
