/* The event's line in shared memory, and its handle.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MW_SYNC_EVENT_H
#define MW_SYNC_EVENT_H

#include <assert.h>

#include "memwell/event.h"
#include "sync/object.h"

/* state   how often it was set << 2 | MW__CLEAR, MW__SET or MW__AWAITED (clear, and somebody may sleep) */
typedef struct mw__event_line {
  _Atomic uint32_t state;
  uint32_t reserved[15];
} mw__event_line;
static_assert(sizeof(mw__event_line) == MW__LINE, "docs/formats.md");

enum { MW__CLEAR = 1, MW__SET = 2, MW__AWAITED = 3 };
#define MW__EVENT_GONE 0x474f4e40u

struct mw_event {
  mw__object object;
  mw__event_line *line;
};

/* A new one, clear. */
void mw__event_format(mw__event_line *line);

/* It was deleted: to GONE, and tell those who wait. */
void mw__event_end(mw__event_line *line);

/* Whether the state is one that an event can have. */
bool mw__event_is_valid(const mw__event_line *line);

#endif
