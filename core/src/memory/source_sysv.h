/* System V shared memory: segments, found by key.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MW_MEMORY_SOURCE_SYSV_H
#define MW_MEMORY_SOURCE_SYSV_H

#include "memory/source.h"

/* What mw_region_sysv does up to the mapping. 1: created. */
int mw__source_sysv_open(const mw__call *call, int32_t key, uint64_t size, mw_how how, const mw_region_options *options,
                         mw__source *out_source);

int mw__source_sysv_remove(const mw__call *call, int32_t key);

#endif
