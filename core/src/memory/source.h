/* A source is where a mapping's bytes come from: an open descriptor, and which part of it.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MW_MEMORY_SOURCE_H
#define MW_MEMORY_SOURCE_H

#include <stdint.h>

#include "base/status.h"
#include "memwell/region.h"
#include "platform/os.h"

#define MW__SIZE_MAX ((uint64_t)INT64_MAX) /* what off_t can say */

typedef struct mw__source {
  int fd;
  mw_access access;
  uint64_t offset;
  uint64_t size;
  uint64_t device;
  uint64_t inode;
} mw__source;

/* offset + size, or MW_EINVAL where no file can be so large. */
int mw__source_end(const mw__call *call, uint64_t offset, uint64_t size, uint64_t *out_end);

/* 0 stands for the default, 0600. MW_EINVAL for more than the bits of chmod. */
int mw__source_permissions(const mw__call *call, unsigned permissions, unsigned *out_permissions);

/* 0, or MW_ENOENT where the options ask for another object than this one. */
int mw__source_check_identity(const mw__call *call, const mw_region_options *options, const mw__os_file_info *info);

/* What a file has to have before anybody can see it. */
typedef struct mw__content {
  uint64_t size;
  unsigned permissions;
  const void *image; /* `size` bytes, or NULL for zeros whose space is reserved */
} mw__content;

/* Make the file whole, and only then give it its path. Returns 0, or a positive errno (EEXIST: the path is taken). */
int mw__source_publish(const char *path, const mw__content *content, int *out_fd);

#endif
