/* The mutex's line in shared memory, and its handle.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MW_SYNC_MUTEX_H
#define MW_SYNC_MUTEX_H

#include <assert.h>
#include <stddef.h>

#include "memwell/mutex.h"
#include "sync/object.h"

/* owner    an owner word
 * thread   which thread of the owner; only its own threads read it */
typedef struct mw__mutex_line {
  mw__owner_word owner;
  mw__bell bell;
  uint32_t reserved_bell;
  _Atomic uint64_t thread;
  uint64_t reserved[5];
} mw__mutex_line;
static_assert(sizeof(mw__mutex_line) == MW__LINE && offsetof(mw__mutex_line, thread) == 16, "docs/formats.md");

struct mw_mutex {
  mw__object object;
  mw__mutex_line *line;
};

/* A new one, free. */
void mw__mutex_format(mw__mutex_line *line);

/* As mw_mutex_acquire, mw_mutex_recover_begin and mw_mutex_release, for another call's sake. */
int mw__mutex_take(const mw__call *call, mw_mutex *mutex, mw_deadline deadline);
int mw__mutex_take_to_recover(const mw__call *call, mw_mutex *mutex, mw_deadline deadline);
int mw__mutex_end_recovery(const mw__call *call, mw_mutex *mutex, bool mended);
int mw__mutex_give(const mw__call *call, mw_mutex *mutex);

/* An owner is gone, or its locks are broken: 1 where it had it, which leaves the mutex inconsistent; else 0. */
unsigned mw__mutex_sweep(mw__mutex_line *line, uint64_t owner);

/* Free, or inconsistent, to GONE; false where it is held. And back, if it is, to inconsistent: nobody knows which it was. */
bool mw__mutex_close_down(mw__mutex_line *line);
void mw__mutex_open_up(mw__mutex_line *line);

/* Whether the word is one that a mutex can have beside these slots. */
bool mw__mutex_is_valid(const mw__mutex_line *line, const mw__slot *slots, uint32_t count);

#endif
