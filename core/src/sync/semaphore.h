/* The semaphore's own record, for the files that make it and those that use it.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MW_SYNC_SEMAPHORE_H
#define MW_SYNC_SEMAPHORE_H

#include <stdatomic.h>

#include "base/status.h"
#include "memory/region.h"
#include "memwell/semaphore.h"

typedef enum mw__semaphore_kind { MW__SEMAPHORE_NAMED, MW__SEMAPHORE_AT, MW__SEMAPHORE_SYSV } mw__semaphore_kind;

/* references    the handle's own, while it is open, and one for each holder
 * word, region  a sem_t, and the memory that it is in; one reference to that. NULL of System V
 * offset        where in the region
 * key, id, index, undo  of System V */
struct mw_semaphore {
  _Atomic uint32_t references;
  _Atomic bool closed;
  mw__semaphore_kind kind;
  void *word;
  mw_region *region;
  uint64_t offset;
  int32_t key;
  int32_t id;
  unsigned index;
  bool undo;
  char *name;
};

/* A record that is all zeros but for its one reference and its name; NULL where there is no memory. */
mw_semaphore *mw__semaphore_new(mw__semaphore_kind kind, const char *name);

/* What every way to get one checks: 0 or MW_EINVAL. And the want of memory: MW_ENOMEM. */
int mw__semaphore_check_flags(const mw__call *call, unsigned flags, unsigned known);
int mw__semaphore_check_value(const mw__call *call, unsigned value, unsigned most);
int mw__semaphore_fail_memory(const mw__call *call);

/* 0, MW_ECLOSED or MW_EFAULT. */
int mw__semaphore_check_usable(const mw__call *call, const mw_semaphore *semaphore);

#endif
