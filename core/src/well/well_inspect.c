/* Looking at a well: its objects, who is attached, who holds what; and giving back what the dead, or the stopped, hold.
 *
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "platform/os.h"
#include "sync/robust_semaphore.h"
#include "well/check.h"
#include "well/directory.h"
#include "well/well.h"

/* ---- objects */

static unsigned count_waiters(const mw__layout *layout, uint32_t entry) {
  unsigned count = 0;
  for (uint32_t i = 0; i < layout->geometry.slots; i++) {
    const mw__slot *slot = &mw__layout_slots(layout)[i];
    if (!mw__slot_is_in_use(atomic_load(&slot->life))) continue;
    for (int j = 0; j < MW__WAITS; j++) count += atomic_load(&slot->waits[j]) == entry + 1;
  }
  return count;
}

static void describe_mutex(const mw__layout *layout, const mw__record *record, mw_object_info *info) {
  const mw__mutex_line *line = mw__record_memory(layout, record);
  uint64_t word = atomic_load(&line->owner);
  if (mw__owner_is(word, layout->geometry.slots)) info->owner = (int)mw__owner_slot(word);
  info->inconsistent = word == MW__DEAD;
}

static void describe_semaphore(const mw__layout *layout, const mw__record *record, mw_object_info *info) {
  const mw__permits *permits = mw__record_memory(layout, record);
  info->capacity = record->capacity;
  info->held = record->capacity - mw__permits_count(permits, record->capacity, MW__FREE);
}

static void describe_array(const mw__record *record, mw_object_info *info) {
  info->dtype = record->dtype;
  info->ndim = record->ndim;
  memcpy(info->shape, record->shape, sizeof info->shape);
}

static void describe(const mw__layout *layout, const mw__record *record, mw_object_info *out_info) {
  mw_object_info info = {.offset = record->offset, .size = record->size, .owner = -1};
  memcpy(info.name, record->name, sizeof info.name);
  unsigned kind = mw__state_kind(record->state);
  mw__kind_name(kind, info.kind);
  if (kind == MW__ARRAY) describe_array(record, &info);
  if (kind == MW__MUTEX) describe_mutex(layout, record, &info);
  if (kind == MW__SEMAPHORE) describe_semaphore(layout, record, &info);
  if (mw__kind_is_lock(kind)) info.waiters = count_waiters(layout, record->index);
  *out_info = info;
}

/* The next object that is there, or the next lock, at or after *cursor. */
static int next_record(const mw__call *call, const mw_well *well, bool only_locks, uint32_t *cursor, mw__record *out_record) {
  int status = mw__well_check_open(call, well);
  if (status) return status;
  for (; *cursor < well->layout.geometry.entries; ++*cursor) {
    if (only_locks && !mw__layout_may_have_lock(&well->layout, *cursor)) continue;
    status = mw__directory_read(call, &well->layout, *cursor, out_record);
    int touched = mw__region_check_touched(call, well->region);
    if (touched || status < 0) return touched ? touched : status;
    if (status == 0 || mw__state_phase(out_record->state) != MW__LIVE) continue;
    ++*cursor;
    return 1;
  }
  return 0;
}

int mw_well_next_object(mw_well *well, uint32_t *cursor, mw_error *error, mw_object_info *out_info) {
  mw__call call = {"Well.objects", mw_well_name(well), error};
  mw__record record;
  int found = next_record(&call, well, false, cursor, &record);
  if (found == 1) describe(&well->layout, &record, out_info);
  return found;
}

/* ---- what one holds */

/* How many words of an object are a slot's; recovering one is holding it. */
static unsigned count_held(const mw__layout *layout, const mw__record *record, uint64_t owner) {
  const void *memory = mw__record_memory(layout, record);
  if (mw__state_kind(record->state) == MW__SEMAPHORE) return mw__permits_count(memory, record->capacity, owner);
  if (mw__state_kind(record->state) != MW__MUTEX) return 0;
  return (atomic_load(&((const mw__mutex_line *)memory)->owner) & ~MW__RECOVERING) == owner;
}

int mw_well_next_held(mw_well *well, int slot, uint32_t *cursor, mw_error *error, mw_object_info *out_info) {
  mw__call call = {"Well.participants", mw_well_name(well), error};
  if (slot < 0 || (uint32_t)slot >= well->layout.geometry.slots)
    return mw__fail(&call, MW_EINVAL, "slot %d: there are %u", slot, well->layout.geometry.slots);
  uint64_t life = atomic_load(&mw__layout_slots(&well->layout)[slot].life);
  for (;;) {
    mw__record record = {0};
    int found = next_record(&call, well, true, cursor, &record);
    if (found != 1) return found;
    unsigned held = count_held(&well->layout, &record, mw__owner(mw__slot_generation(life), (unsigned)slot));
    if (!held) continue;
    describe(&well->layout, &record, out_info);
    out_info->held = held;
    return 1;
  }
}

static bool is_held(const mw__layout *layout, uint32_t entry, uint64_t owner, mw_object_info *out_info) {
  mw__call nobody = {"", NULL, NULL};
  mw__record record = {0};
  bool is_there = mw__directory_read(&nobody, layout, entry, &record) == 1 && mw__state_phase(record.state) == MW__LIVE;
  if (!is_there || !count_held(layout, &record, owner)) return false;
  describe(layout, &record, out_info);
  return true;
}

/* Among 10,000 objects it is a few that a process has handles of. */
bool mw__well_holds(mw_well *well, mw_object_info *out_info) {
  const mw__ground *ground = well->participant->table.ground;
  uint64_t owner = mw__participant_owner(well->participant);
  if (!owner) return false; /* a forked child that has not joined */
  for (uint32_t i = 0; i < mw__ground_words(&well->layout); i++)
    for (uint64_t bits = atomic_load_explicit(&ground->handled[i], memory_order_relaxed); bits; bits &= bits - 1)
      if (is_held(&well->layout, i * 64 + (uint32_t)__builtin_ctzll(bits), owner, out_info)) return true;
  return false;
}

/* ---- who is attached */

static bool is_alive(const mw_well *well, const mw__slot *slot, uint32_t index) {
  if (well->participant) return mw__participant_sees_alive(well->participant, index);
  return mw__slot_is_alive(slot, index, well->region->source.fd);
}

static mw_participant_state state_of(const mw_well *well, const mw__slot *slot, uint32_t index) {
  if (!is_alive(well, slot, index)) return MW_DEAD;
  return mw__os_process_is_stopped(atomic_load(&slot->pid), atomic_load(&slot->started)) ? MW_STOPPED : MW_RUNNING;
}

static bool is_self(const mw_well *well, uint32_t index) {
  return well->participant && mw__owner_slot(mw__participant_owner(well->participant)) == index;
}

int mw_well_next_participant(mw_well *well, uint32_t *cursor, mw_error *error, mw_participant_info *out_info) {
  mw__call call = {"Well.participants", mw_well_name(well), error};
  int status = mw__well_check_open(&call, well);
  if (status) return status;
  while (*cursor < well->layout.geometry.slots) {
    uint32_t index = (*cursor)++;
    const mw__slot *slot = &mw__layout_slots(&well->layout)[index];
    uint64_t life = atomic_load(&slot->life);
    if (!mw__slot_is_valid(life)) {
      status = mw__region_check_touched(&call, well->region);
      return status ? status : mw__fail(&call, MW_EFORMAT, "participants[%u].life is damaged", index);
    }
    if (!mw__slot_is_in_use(life)) continue;
    bool self = is_self(well, index);
    *out_info = (mw_participant_info){
        .slot = (int)index, .pid = atomic_load(&slot->pid), .state = self ? MW_RUNNING : state_of(well, slot, index), .self = self};
    return 1;
  }
  return 0;
}

/* ---- giving back */

int mw_well_reap(mw_well *well, mw_error *error, unsigned *out_count) {
  mw__call call = {"Well.reap", mw_well_name(well), error};
  int status = mw__well_check_attached(&call, well);
  if (status) return status;
  unsigned count = mw__participant_clear_up(well->participant);
  status = mw__region_check_touched(&call, well->region);
  if (!status) *out_count = count;
  return status;
}

int mw_well_break_locks(mw_well *well, int slot, mw_error *error, unsigned *out_count) {
  mw__call call = {"Well.break_locks", mw_well_name(well), error};
  unsigned count = 0;
  int status = mw__well_check_attached(&call, well);
  if (!status) status = mw__participant_break(&call, well->participant, slot, &count);
  if (!status) status = mw__region_check_touched(&call, well->region);
  if (!status) *out_count = count;
  return status;
}

/* ---- whether it is whole */

int mw_well_check(mw_well *well, mw_error *error) {
  mw__call call = {"Well.check", mw_well_name(well), error};
  int status = mw__well_check_open(&call, well);
  if (status) return status;
  status = mw__check_all(&call, &well->layout);
  int touched = mw__region_check_touched(&call, well->region);
  return touched ? touched : status;
}
