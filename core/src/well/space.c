/* Deriving free space from the directory. Main entry: mw__space_find.
 *
 * SPDX-License-Identifier: MIT */
#include "well/space.h"

#include <inttypes.h>
#include <stdlib.h>

/* What some object has: its own, or still, though it was deleted. */
typedef struct extent {
  uint64_t begin;
  uint64_t end;
  uint64_t state;
  uint32_t entry;
} extent;

/* extents   of arrays or of locks, between begin and end, in any order
 * used      bytes of them
 * waiting   bytes of them whose objects were deleted
 * Under the admin lock these are all. Without it, objects come and go meanwhile: these are what was there from the first look until
 * the second, all of it at once in between. */
typedef struct survey {
  bool locks;
  uint64_t begin;
  uint64_t end;
  extent *extents;
  uint32_t count;
  uint64_t used;
  uint64_t waiting;
} survey;

/* The smallest ticket of those who may still use what was deleted: mw__participant_oldest, or mw__participant_oldest_settled. */
typedef uint64_t oldest_of(const mw__slot *slots, uint32_t count);

static uint64_t whole_lines(uint64_t size) { return (size + MW__LINE - 1) / MW__LINE * MW__LINE; }

static int fail_entry(const mw__call *call, uint32_t index) {
  return mw__fail(call, MW_EFORMAT,
                  "entry %" PRIu32 " of the directory is damaged: its memory is not in the well, or not where it may be", index);
}

/* ---- collecting */

static bool is_deleted(uint64_t state) { return mw__state_phase(state) == MW__DELETED; }

/* Its sum is not checked: that took longer than all the rest. */
static bool read_extent(const mw__layout *layout, uint32_t index, bool locks, extent *out_extent) {
  const mw__entry *entry = mw__layout_entry(layout, index);
  uint64_t state = atomic_load(&entry->state);
  if (mw__state_phase(state) != MW__LIVE && !is_deleted(state)) return false;
  if (mw__kind_is_lock(mw__state_kind(state)) != locks) return false;
  uint64_t begin = mw__layout_word(&entry->offset), size = mw__layout_word(&entry->size);
  *out_extent = (extent){begin, size <= MW__SIZE_MAX ? begin + whole_lines(size) : 0, state, index};
  return size > 0;
}

static void collect(const mw__layout *layout, survey *survey) {
  for (uint32_t i = 0; i < layout->geometry.entries; i++)
    survey->count += read_extent(layout, i, survey->locks, &survey->extents[survey->count]);
}

static bool is_in_use(const mw__layout *layout, const extent *extent, uint64_t oldest) {
  return mw__layout_still_has(layout, extent->entry, extent->state) &&
         !(is_deleted(extent->state) && atomic_load(&mw__layout_entry(layout, extent->entry)->deleted) < oldest);
}

/* The second look. */
static void keep_what_is_in_use(const mw__layout *layout, oldest_of *oldest_of, survey *survey) {
  atomic_thread_fence(memory_order_acquire);
  uint64_t oldest = oldest_of(mw__layout_slots(layout), layout->geometry.slots);
  uint32_t kept = 0;
  for (uint32_t i = 0; i < survey->count; i++) {
    extent each = survey->extents[i];
    if (!is_in_use(layout, &each, oldest)) continue;
    survey->used += each.end - each.begin;
    if (is_deleted(each.state)) survey->waiting += each.end - each.begin;
    survey->extents[kept++] = each;
  }
  survey->count = kept;
}

static int check_places(const mw__call *call, const survey *survey) {
  for (uint32_t i = 0; i < survey->count; i++) {
    const extent *each = &survey->extents[i];
    bool inside = each->begin >= survey->begin && each->begin <= each->end && each->end <= survey->end;
    if (!inside) return fail_entry(call, each->entry);
  }
  return 0;
}

/* The border between arrays and locks only falls. It is read between the two looks, so that what was in use at both is on its own
 * side of it. */
static int fill(const mw__call *call, const mw__layout *layout, oldest_of *oldest_of, survey *survey) {
  collect(layout, survey);
  uint64_t floor = mw__layout_locks_floor(layout);
  if (!floor) return mw__fail(call, MW_EFORMAT, "the header's locks_floor is damaged");
  survey->begin = survey->locks ? floor : layout->geometry.space;
  survey->end = survey->locks ? mw__layout_end(layout) : floor;
  keep_what_is_in_use(layout, oldest_of, survey);
  return check_places(call, survey);
}

/* To be freed by survey_end. */
static int survey_begin(const mw__call *call, const mw__layout *layout, bool locks, oldest_of *oldest_of, survey *out_survey) {
  survey survey = {.locks = locks};
  survey.extents = calloc(layout->geometry.entries, sizeof *survey.extents);
  if (!survey.extents) return mw__fail(call, MW_ENOMEM, "no memory to look for free space");
  int status = fill(call, layout, oldest_of, &survey);
  if (status)
    free(survey.extents);
  else
    *out_survey = survey;
  return status;
}

static void survey_end(survey *survey) { free(survey->extents); }

/* ---- looking at it */

static int by_begin(const void *left, const void *right) {
  const extent *a = left, *b = right;
  return a->begin < b->begin ? -1 : a->begin > b->begin;
}

static void put_in_order(const survey *survey) {
  if (survey->count > 1) qsort(survey->extents, survey->count, sizeof *survey->extents, by_begin);
}

static uint64_t last_end(const survey *survey) {
  uint64_t last = survey->begin;
  for (uint32_t i = 0; i < survey->count; i++)
    if (survey->extents[i].end > last) last = survey->extents[i].end;
  return last;
}

typedef struct room {
  uint64_t free;
  uint64_t largest;
  uint64_t first; /* where the first piece of `wanted` bytes begins; 0: there is none */
} room;

static void add_gap(room *room, uint64_t begin, uint64_t end, uint64_t wanted) {
  uint64_t gap = end > begin ? end - begin : 0;
  room->free += gap;
  if (gap > room->largest) room->largest = gap;
  if (gap >= wanted && !room->first) room->first = begin;
}

static void look_between(const survey *survey, uint64_t wanted, room *room) {
  uint64_t cursor = survey->begin;
  put_in_order(survey);
  for (uint32_t i = 0; i < survey->count; i++) {
    add_gap(room, cursor, survey->extents[i].begin, wanted);
    if (survey->extents[i].end > cursor) cursor = survey->extents[i].end;
  }
}

/* Where there is no hole between the extents their order does not matter, and finding it takes longer than all the rest. */
static room look_for(const survey *survey, uint64_t wanted) {
  room room = {0};
  uint64_t last = last_end(survey);
  if (last - survey->begin > survey->used) look_between(survey, wanted, &room);
  add_gap(&room, last, survey->end, wanted);
  return room;
}

static int fail_full(const mw__call *call, const survey *survey, const room *room, uint64_t size) {
  return mw__fail(call, MW_EFULL,
                  "no room for %" PRIu64 " bytes: %" PRIu64 " are free, the largest piece has %" PRIu64 "; %" PRIu64
                  " more come free when all have gone who were attached when their objects were deleted",
                  size, room->free, room->largest, survey->waiting);
}

/* ---- arrays */

static int find_for_array(const mw__call *call, const survey *survey, uint64_t size, uint64_t *out_offset) {
  room room = look_for(survey, size);
  if (!room.first) return fail_full(call, survey, &room, size);
  *out_offset = room.first;
  return 0;
}

/* ---- locks */

/* Let the border fall, if no array is in the way. */
static int find_below(const mw__call *call, const mw__layout *layout, uint64_t size, uint64_t *out_offset) {
  survey arrays = {0};
  int status = survey_begin(call, layout, false, mw__participant_oldest, &arrays);
  if (status) return status;
  uint64_t floor = arrays.end;
  if (floor - last_end(&arrays) >= size) {
    atomic_store(&mw__layout_header(layout)->locks_floor, floor - size);
    *out_offset = floor - size;
  } else {
    room room = look_for(&arrays, size);
    status = fail_full(call, &arrays, &room, size);
  }
  survey_end(&arrays);
  return status;
}

static int find_for_lock(const mw__call *call, const mw__layout *layout, const survey *locks, uint64_t size, uint64_t *out_offset) {
  room room = look_for(locks, size);
  if (!room.first) return find_below(call, layout, size, out_offset);
  *out_offset = room.first;
  return 0;
}

int mw__space_find(const mw__call *call, const mw__layout *layout, bool for_lock, uint64_t size, uint64_t *out_offset) {
  survey survey = {0};
  int status = survey_begin(call, layout, for_lock, mw__participant_oldest, &survey);
  if (status) return status;
  uint64_t lines = whole_lines(size);
  status = for_lock ? find_for_lock(call, layout, &survey, lines, out_offset) : find_for_array(call, &survey, lines, out_offset);
  survey_end(&survey);
  return status;
}

int mw__space_free(const mw__call *call, const mw__layout *layout, uint64_t *out_size) {
  survey survey = {0};
  int status = survey_begin(call, layout, false, mw__participant_oldest, &survey);
  if (status) return status;
  *out_size = look_for(&survey, 1).free;
  survey_end(&survey);
  return 0;
}

/* ---- checking */

static int check_kind(const mw__call *call, const mw__layout *layout, bool locks) {
  survey survey = {0};
  int status = survey_begin(call, layout, locks, mw__participant_oldest_settled, &survey);
  if (status) return status;
  put_in_order(&survey);
  for (uint32_t i = 1; i < survey.count && !status; i++)
    if (survey.extents[i].begin < survey.extents[i - 1].end)
      status = mw__fail(call, MW_EFORMAT, "entries %" PRIu32 " and %" PRIu32 " of the directory have the same memory",
                        survey.extents[i - 1].entry, survey.extents[i].entry);
  survey_end(&survey);
  return status;
}

int mw__space_check(const mw__call *call, const mw__layout *layout) {
  int status = check_kind(call, layout, false);
  return status ? status : check_kind(call, layout, true);
}
