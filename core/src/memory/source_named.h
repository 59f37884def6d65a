/* Named objects: files in the folder of shared memory, which shm_open and sem_open use too.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MW_MEMORY_SOURCE_NAMED_H
#define MW_MEMORY_SOURCE_NAMED_H

#include "memory/source.h"

typedef struct mw__name {
  const char *bare; /* as the user wrote it, without a leading slash */
  char path[280];
} mw__name;

/* `prefix` stands before the name in the folder: "" for regions, "sem." for semaphores. */
int mw__name_init(mw__name *name, const mw__call *call, const char *text, const char *prefix);

/* The calls behind mw_region_create, attach, open and unlink; their status and errors are those of memwell/region.h. Of the options
 * they look at access, MW_ANY_OWNER, wait_for_name and the identity. */
int mw__source_named_create(const mw__call *call, const mw__name *name, const mw__content *content, mw__source *out_source);
int mw__source_named_attach(const mw__call *call, const mw__name *name, const mw_region_options *options, mw__source *out_source);
int mw__source_named_open(const mw__call *call, const mw__name *name, const mw__content *content, const mw_region_options *options,
                          mw__source *out_source); /* 1: created */
int mw__source_named_unlink(const mw__call *call, const mw__name *name);

#endif
