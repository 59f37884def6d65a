/* What a well says of its objects and of who is attached: lists that were true at one moment.
 *
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "objects.h"

struct mws_objects {
  uint64_t count;
  mw_object_info *items;
};

struct mws_participants {
  uint64_t count;
  mw_participant_info items[MW_WELL_MAX_SLOTS];
};

static void *no_memory(mw_error *error) {
  mws_fail(error, MW_ENOMEM, "Well", NULL, "no memory for the list");
  return NULL;
}

/* ---- objects */

/* Room for one more; it doubles. */
static mw_object_info *room_for_one(mws_objects *list) {
  if ((list->count & (list->count - 1)) == 0) {
    uint64_t room = list->count ? 2 * list->count : 1;
    mw_object_info *items = realloc(list->items, room * sizeof *items);
    if (!items) return NULL;
    list->items = items;
  }
  return &list->items[list->count];
}

/* The next object of all, or of those that a slot holds. */
static int next(mw_well *well, int slot, uint32_t *cursor, mw_error *error, mw_object_info *out_info) {
  return slot < 0 ? mw_well_next_object(well, cursor, error, out_info) : mw_well_next_held(well, slot, cursor, error, out_info);
}

static int collect(mw_well *well, int slot, mw_error *error, mws_objects *list) {
  uint32_t cursor = 0;
  int more = 1;
  while (more > 0) {
    mw_object_info *room = room_for_one(list);
    if (!room) return mws_fail(error, MW_ENOMEM, "Well", NULL, "no memory for the list");
    more = next(well, slot, &cursor, error, room);
    if (more > 0) list->count++;
  }
  return more;
}

static mws_objects *list_objects(mws_well *self, mw_error *error, int slot) {
  mws_objects *list = calloc(1, sizeof *list);
  if (!list) return no_memory(error);
  if (mws_settle(error, collect(mws_well_core(self), slot, error, list)) >= 0) return list;
  mws_objects_free(list);
  return NULL;
}

mws_objects *mws_well_objects(mws_well *self, mw_error *error) { return list_objects(self, error, -1); }

mws_objects *mws_well_held(mws_well *self, mw_error *error, int slot) {
  if (slot >= 0) return list_objects(self, error, slot);
  mws_fail(error, MW_EINVAL, "Well.held", mws_well_name(self), "slot %d: there is none of that number", slot);
  return NULL;
}

uint64_t mws_objects_length(const mws_objects *self) { return self->count; }

static void fail_index(mw_error *error, uint64_t i, uint64_t count) {
  mws_fail(error, MW_ERANGE, "Well", NULL, "index %" PRIu64 " of a list of %" PRIu64, i, count);
}

mws_object_info mws_objects_at(const mws_objects *self, mw_error *error, uint64_t i) {
  if (i < self->count) return self->items[i];
  fail_index(error, i, self->count);
  return (mws_object_info){.owner = -1};
}

void mws_objects_free(mws_objects *self) {
  if (!self) return;
  free(self->items);
  free(self);
}

const char *mws_object_info_dtype(const mws_object_info *self) { return self->ndim ? mw_dtype_name(self->dtype) : NULL; }

mws_extents mws_object_info_shape(const mws_object_info *self) {
  mws_extents extents = {.count = self->ndim};
  for (int i = 0; i < self->ndim; i++) extents.values[i] = (int64_t)self->shape[i];
  return extents;
}

/* ---- participants */

mws_participants *mws_well_participants(mws_well *self, mw_error *error) {
  mws_participants *list = calloc(1, sizeof *list);
  if (!list) return no_memory(error);
  uint32_t cursor = 0;
  int more = 1;
  while (more > 0 && list->count < MW_WELL_MAX_SLOTS) {
    more = mw_well_next_participant(mws_well_core(self), &cursor, error, &list->items[list->count]);
    if (more > 0) list->count++;
  }
  if (mws_settle(error, more) >= 0) return list;
  free(list);
  return NULL;
}

uint64_t mws_participants_length(const mws_participants *self) { return self->count; }

mws_participant_info mws_participants_at(const mws_participants *self, mw_error *error, uint64_t i) {
  static const char *const conditions[] = {[MW_RUNNING] = "running", [MW_STOPPED] = "stopped", [MW_DEAD] = "dead"};
  if (i >= self->count) {
    fail_index(error, i, self->count);
    return (mws_participant_info){.slot = -1};
  }
  const mw_participant_info *info = &self->items[i];
  return (mws_participant_info){info->slot, info->pid, info->self, conditions[info->state]};
}

void mws_participants_free(mws_participants *self) { free(self); }
