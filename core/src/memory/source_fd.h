/* Descriptors that somebody else has opened.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MW_MEMORY_SOURCE_FD_H
#define MW_MEMORY_SOURCE_FD_H

#include "memory/source.h"

/* Check what a descriptor leads to, seals first, and keep a duplicate of it. Of the options access, offset, require_seals and the
 * identity count; `size` 0 means up to the end. */
int mw__source_fd_open(const mw__call *call, int fd, uint64_t size, const mw_region_options *options, mw__source *out_source);

/* 0, or MW_EPERM where the object lacks one of the seals. */
int mw__source_fd_check_seals(const mw__call *call, int fd, unsigned seals);

#endif
