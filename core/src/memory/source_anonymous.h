/* Memory without a name, shared with the children that are forked later.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MW_MEMORY_SOURCE_ANONYMOUS_H
#define MW_MEMORY_SOURCE_ANONYMOUS_H

#include "memory/source.h"

int mw__source_anonymous_create(const mw__call *call, uint64_t size, mw_access access, mw__source *out_source);

#endif
