/* Checking a well: what each structure must be by itself, and what they must be beside each other.
 *
 * SPDX-License-Identifier: MIT */
#include "well/check.h"

#include <inttypes.h>
#include <string.h>

#include "sync/event.h"
#include "sync/robust_semaphore.h"
#include "well/directory.h"
#include "well/space.h"

/* ---- tables */

/* From 1, and no further than an entry's state has room for. */
static bool is_count(uint64_t word) { return word >= 1 && word >> 48 == 0; }

static int check_header(const mw__call *call, const mw__layout *layout) {
  mw__header *header = mw__layout_header(layout);
  mw__layout again;
  int status = mw__layout_read(call, layout->base, layout->geometry.size, &again);
  if (status) return status;
  if (!is_count(atomic_load(&header->ticket))) return mw__fail(call, MW_EFORMAT, "the header's ticket is damaged");
  if (!is_count(atomic_load(&header->serial))) return mw__fail(call, MW_EFORMAT, "the header's serial is damaged");
  if (!mw__layout_locks_floor(layout)) return mw__fail(call, MW_EFORMAT, "the header's locks_floor is damaged");
  if (!mw__mutex_is_valid(&header->admin, mw__layout_slots(layout), layout->geometry.slots) ||
      atomic_load(&header->admin.owner) == MW__GONE)
    return mw__fail(call, MW_EFORMAT, "the header's admin lock is damaged");
  return 0;
}

static int check_participants(const mw__call *call, const mw__layout *layout) {
  uint64_t ticket = atomic_load(&mw__layout_header(layout)->ticket);
  for (uint32_t i = 0; i < layout->geometry.slots; i++) {
    const mw__slot *slot = &mw__layout_slots(layout)[i];
    if (!mw__slot_is_valid(atomic_load(&slot->life)))
      return mw__fail(call, MW_EFORMAT, "participants[%" PRIu32 "].life is damaged", i);
    uint64_t own = atomic_load(&slot->ticket);
    if (own > ticket && own > atomic_load(&mw__layout_header(layout)->ticket)) /* else somebody has just attached */
      return mw__fail(call, MW_EFORMAT, "participants[%" PRIu32 "].ticket is damaged", i);
  }
  return 0;
}

/* ---- objects */

static int fail_object(const mw__call *call, const mw__record *record, const char *what) {
  char kind[16];
  mw__kind_name(mw__state_kind(record->state), kind);
  return mw__fail(call, MW_EFORMAT, "the %s \"%s\" is damaged: %s", kind, record->name, what);
}

static int check_memory(const mw__call *call, const mw__layout *layout, const mw__record *record) {
  const mw__slot *slots = mw__layout_slots(layout);
  uint32_t count = layout->geometry.slots;
  const void *memory = mw__record_memory(layout, record);
  switch (mw__state_kind(record->state)) {
    case MW__MUTEX: return mw__mutex_is_valid(memory, slots, count) ? 0 : fail_object(call, record, "its owner");
    case MW__EVENT: return mw__event_is_valid(memory) ? 0 : fail_object(call, record, "its state");
    case MW__SEMAPHORE:
      if (mw__permits_find_damage(memory, record->capacity, slots, count) == record->capacity) return 0;
      return fail_object(call, record, "a permit");
    default: return 0;
  }
}

/* A search for it must end at it. */
static int check_place(const mw__call *call, const mw__layout *layout, const mw__record *record) {
  mw__record found;
  int status = mw__directory_find(call, layout, record->name, &found);
  if (status < 0) return status;
  if (status == 1 && found.index == record->index) return 0;
  return fail_object(call, record, "a search for its name does not find it");
}

/* Damage is what an object has that is still there: the memory of one that was deleted just now may be another's by now. */
static int check_object(const mw__call *call, const mw__layout *layout, const mw__record *record) {
  int status = check_place(call, layout, record);
  if (!status) status = check_memory(call, layout, record);
  return status && mw__layout_still_has(layout, record->index, record->state) ? status : 0;
}

static int check_objects(const mw__call *call, const mw__layout *layout) {
  for (uint32_t i = 0; i < layout->geometry.entries; i++) {
    mw__record record;
    int status = mw__directory_read(call, layout, i, &record);
    if (status < 0) return status;
    if (status == 0 || mw__state_phase(record.state) != MW__LIVE) continue;
    status = check_object(call, layout, &record);
    if (status) return status;
  }
  return 0;
}

/* No lock is taken, which an observer could not: others may be creating and deleting. */
int mw__check_all(const mw__call *call, const mw__layout *layout) {
  int status = check_header(call, layout);
  if (!status) status = check_participants(call, layout);
  if (!status) status = check_objects(call, layout);
  return status ? status : mw__space_check(call, layout);
}
