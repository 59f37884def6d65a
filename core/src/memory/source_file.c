/* Files: the five ways to open one, and which part of it is meant.
 *
 * SPDX-License-Identifier: MIT */
#include "memory/source_file.h"

#include <errno.h>
#include <inttypes.h>

/* Empty the file that is there, and give it its size. */
static int remake(int fd, uint64_t size) {
  mw__os_file_info info;
  int failure = mw__os_file_info_of(fd, &info);
  if (failure || info.kind != MW__OS_REGULAR) return failure; /* refused by what checks it next */
  failure = mw__os_set_size(fd, 0);
  return failure ? failure : mw__os_reserve(fd, 0, size);
}

static int open_and_remake(const char *path, unsigned flags, const mw__content *content, int *out_fd) {
  int failure = mw__os_open(path, MW__OS_WRITE | flags, content->permissions, out_fd);
  if (failure) return failure;
  failure = remake(*out_fd, content->size);
  if (failure) mw__os_close(*out_fd);
  return failure;
}

static int create(const char *path, const mw__content *content, mw__source *source) {
  mw__os_file_info info;
  int failure = mw__source_publish(path, content, &source->fd, &info);
  source->created = !failure;
  return failure;
}

/* A missing file is made whole, permissions and all. What is taken and yet cannot be opened is a link that leads nowhere: the
 * system makes what it points to. */
static int create_or_truncate(const char *path, const mw__content *content, mw__source *source) {
  int failure = open_and_remake(path, 0, content, &source->fd);
  if (failure != ENOENT) return failure;
  failure = create(path, content, source);
  return failure == EEXIST ? open_and_remake(path, MW__OS_CREATE, content, &source->fd) : failure;
}

static int open_file(const char *path, const mw_region_options *options, uint64_t end, mw__source *source) {
  mw__content content = {.size = end, .permissions = options->permissions};
  if (options->flags & MW_EXCLUSIVE) return create(path, &content, source);
  if (options->flags & MW_TRUNCATE) return create_or_truncate(path, &content, source);
  return mw__os_open(path, options->access == MW_READ_WRITE ? MW__OS_WRITE : 0, 0, &source->fd);
}

/* Fit the wanted range to the file, or the file to the range: only "r+" makes it longer. */
static int fit(const mw__call *call, mw__source *source, uint64_t file_size, uint64_t size) {
  uint64_t end = source->offset + size;
  bool grows = size > 0 && end > file_size && source->access == MW_READ_WRITE && !source->fixed;
  int failure = grows ? mw__os_reserve(source->fd, file_size, end) : 0;
  if (failure) return mw__os_fail(call, failure);
  source->grown = grows;
  source->size_before = file_size;
  int status = mw__source_fit(call, source, grows ? end : file_size, size);
  if (status && size > 0 && end > file_size && !source->fixed)
    return mw__fail(call, MW_EINVAL,
                    "bytes %" PRIu64 " to %" PRIu64 " go past the end of the file (%" PRIu64 " bytes); only \"r+\" grows it",
                    source->offset, end, file_size);
  return status;
}

int mw__source_file_open(const mw__call *call, const char *path, uint64_t size, const mw_region_options *options,
                         mw__source *out_source) {
  mw__source source = {.kind = MW__FILE, .access = options->access, .offset = options->offset};
  uint64_t end;
  int status = mw__source_end(call, options->offset, size, &end);
  if (status) return status;
  bool makes = options->flags & (MW_EXCLUSIVE | MW_TRUNCATE);
  if (makes && options->access != MW_READ_WRITE)
    return mw__fail(call, MW_EINVAL, "a file that is created is mapped for reading and writing");
  int failure = open_file(path, options, end, &source);
  if (failure == ENXIO) failure = ENODEV; /* a socket, which cannot even be opened */
  if (failure) return mw__os_fail(call, failure);
  uint64_t file_size;
  status = mw__source_examine(call, &source, options, &file_size);
  if (!status) status = fit(call, &source, file_size, size);
  if (status) {
    if (source.created) (void)mw__os_unlink(path);
    mw__source_discard(&source);
    return status;
  }
  *out_source = source;
  return 0;
}
