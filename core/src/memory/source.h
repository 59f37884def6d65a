/* A source is where a mapping's bytes come from: an open descriptor or a System V segment, and which part of it.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MW_MEMORY_SOURCE_H
#define MW_MEMORY_SOURCE_H

#include <stdint.h>

#include "base/status.h"
#include "memwell/region.h"
#include "platform/os.h"

#define MW__SIZE_MAX ((uint64_t)INT64_MAX) /* what off_t can say */

/* The kinds of a region, and what each can do; docs/kinds.md has the table. */
typedef enum mw__kind { MW__FILE, MW__NAMED, MW__ANONYMOUS, MW__MEMFD, MW__FD, MW__SYSV } mw__kind;

/* fd          -1: System V memory, or not kept
 * to_end      it was asked for up to the object's end
 * fixed       the object has no size that could change: a device, a segment
 * unit        the size of its pages
 * key, id     of System V memory
 * created     file: its path is new
 * grown       file: it was made longer, and had size_before */
typedef struct mw__source {
  mw__kind kind;
  int fd;
  mw_access access;
  bool to_end;
  bool fixed;
  uint64_t offset;
  uint64_t size;
  uint64_t unit;
  uint64_t device;
  uint64_t inode;
  int32_t key;
  int32_t id;
  bool created;
  bool grown;
  uint64_t size_before;
} mw__source;

/* offset + size, or MW_EINVAL where no file can be so large. */
int mw__source_end(const mw__call *call, uint64_t offset, uint64_t size, uint64_t *out_end);

/* The size of the pages that hold so many bytes. */
static inline uint64_t mw__source_whole_pages(uint64_t size, uint64_t unit) { return (size + unit - 1) / unit * unit; }

/* Where a range that ends at `end` ends in its file: files of huge pages have whole ones only. */
static inline uint64_t mw__source_file_size(uint64_t end, uint64_t unit) {
  return unit > mw__os_page_size() ? mw__source_whole_pages(end, unit) : end;
}

/* 0 stands for the default, 0600. MW_EINVAL for more than the bits of chmod. */
int mw__source_permissions(const mw__call *call, unsigned permissions, unsigned *out_permissions);

/* 0, or MW_ENOENT where the options ask for another object than this one. */
int mw__source_check_identity(const mw__call *call, const mw_region_options *options, uint64_t device, uint64_t inode);

/* 0, or MW_EPERM where it is neither ours nor root's, and the options do not say that this is no matter. */
int mw__source_check_owner(const mw__call *call, const mw_region_options *options, unsigned owner);

/* Ask what the descriptor leads to: the object's identity and size, and whether it has a size at all. MW_ENOTSUP for what no
 * process can map, MW_ENOENT for another identity than the options want. */
int mw__source_examine(const mw__call *call, mw__source *source, const mw_region_options *options, uint64_t *out_object_size);

/* Choose what is mapped of an object of this size that is not to grow; `size` 0 means up to its end. */
int mw__source_fit(const mw__call *call, mw__source *source, uint64_t object_size, uint64_t size);

/* What a file has to have before anybody can see it. */
typedef struct mw__content {
  uint64_t size;
  unsigned permissions;
  const void *image;   /* what it begins with; the space of the rest is reserved, which is zeros */
  uint64_t image_size; /* at most `size` */
} mw__content;

/* Make the file whole, and only then give it its path. Returns 0, or a positive errno (EEXIST: the path is taken), with *out_info
 * undefined. */
int mw__source_publish(const char *path, const mw__content *content, int *out_fd, mw__os_file_info *out_info);

/* Give back what does not become a region: a file that was grown for it has its size again, and the descriptor is closed. */
void mw__source_discard(const mw__source *source);

#endif
