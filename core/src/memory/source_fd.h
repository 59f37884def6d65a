/* Descriptors that somebody else has opened.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MW_MEMORY_SOURCE_FD_H
#define MW_MEMORY_SOURCE_FD_H

#include "memory/source.h"
#include "memwell/pages.h"

/* Check what a descriptor leads to, seals first, and keep a duplicate of it. Of the options access, offset, require_seals and the
 * identity count; `size` 0 means up to the end. */
int mw__source_fd_open(const mw__call *call, int fd, uint64_t size, const mw_region_options *options, mw__source *out_source,
                       uint64_t *out_object_size);

/* Every seal that there is. */
#define MW__SEALS ((unsigned)(MW_SEAL_SEAL | MW_SEAL_SHRINK | MW_SEAL_GROW | MW_SEAL_WRITE | MW_SEAL_FUTURE_WRITE))

/* 0, or MW_EPERM where the object lacks one of the seals, or MW_EINVAL where there is no such seal. */
int mw__source_fd_check_seals(const mw__call *call, int fd, unsigned seals);

#endif
