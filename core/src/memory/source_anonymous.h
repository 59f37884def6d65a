/* Memory without a name: anonymous memory, shared with the children that are forked later, and files in memory to hand on.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MW_MEMORY_SOURCE_ANONYMOUS_H
#define MW_MEMORY_SOURCE_ANONYMOUS_H

#include "memory/source.h"

/* Both are a memfd; `kind` is MW__ANONYMOUS or MW__MEMFD, `name` what /proc shows. Of the flags MW_HUGE_PAGES counts. */
int mw__source_anonymous_create(const mw__call *call, mw__kind kind, const char *name, uint64_t size, mw_access access,
                                unsigned flags, mw__source *out_source);

#endif
