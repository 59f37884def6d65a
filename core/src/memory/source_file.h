/* Files, opened as open(2) opens them.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MW_MEMORY_SOURCE_FILE_H
#define MW_MEMORY_SOURCE_FILE_H

#include "memory/source.h"

/* What mw_region_file does up to the mapping; `permissions` are resolved already. */
int mw__source_file_open(const mw__call *call, const char *path, uint64_t size, const mw_region_options *options,
                         mw__source *out_source);

#endif
