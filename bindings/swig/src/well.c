/* Wells: making and closing them, and the objects in them.
 *
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "objects.h"
#include "view_object.h"

#define SET(option) (1u << MWS_##option)
#define OF_A_NEW_ONE (SET(PERMISSIONS) | SET(SLOTS) | SET(OBJECTS))

/* The object keeps a reference of its own, so that one thread may close what another uses. */
struct mws_well {
  mw_well *well;
};

static mws_well *well_new(int status, mw_error *error, mw_well *well) {
  if (mws_settle(error, status) < 0) return NULL;
  mws_well *self = malloc(sizeof *self);
  if (!self) {
    mw_well_abandon(well);
    mws_fail(error, MW_ENOMEM, "Well", NULL, "no memory for the object");
    return NULL;
  }
  mw_well_hold(well);
  self->well = well;
  return self;
}

void mws_well_close(mws_well *self, mw_error *error) { mws_settle(error, mw_well_close(self->well, error)); }

/* What is held still, others find as the death of the process would leave it. */
void mws_well_free(mws_well *self) {
  if (!self) return;
  mw_well_abandon(self->well);
  mw_well_drop(self->well);
  free(self);
}

/* ---- making them */

mws_well *mws_well_create(const char *name, mw_error *error, uint64_t size, const mws_options *options) {
  mw_well_options chosen;
  mw_well *well = NULL;
  if (mws_options_for_well(options, error, "Well.create", OF_A_NEW_ONE | SET(TEMPORARY), &chosen) < 0) return NULL;
  int status = mw_well_create(name, size, &chosen, error, &well);
  return well_new(status, error, well);
}

typedef struct attaching {
  const char *name;
  mw_well_options options;
  mw_well *well;
} attaching;

static int attach(void *object, mw_deadline deadline, mw_error *error) {
  attaching *wanted = object;
  wanted->options.wait_for_name = deadline;
  return mw_well_attach(wanted->name, &wanted->options, error, &wanted->well);
}

mws_well *mws_well_attach(const char *name, mw_error *error, const mws_options *options) {
  attaching wanted = {.name = name};
  uint32_t allowed = SET(TIMEOUT) | SET(READONLY) | SET(ANY_OWNER);
  if (mws_options_for_well(options, error, "Well.attach", allowed, &wanted.options) < 0) return NULL;
  int status = mws_language_wait(attach, &wanted, wanted.options.wait_for_name, error);
  return well_new(status, error, wanted.well);
}

mws_well *mws_well_open(const char *name, mw_error *error, uint64_t size, const mws_options *options) {
  mw_well_options chosen;
  mw_well *well = NULL;
  if (mws_options_for_well(options, error, "Well.open", OF_A_NEW_ONE | SET(ANY_OWNER), &chosen) < 0) return NULL;
  int status = mw_well_open(name, size, &chosen, error, &well);
  return well_new(status, error, well);
}

mws_well *mws_well_file(const char *path, mw_error *error, uint64_t size, const mws_options *options) {
  mw_well_options chosen;
  mw_well *well = NULL;
  if (mws_options_for_well(options, error, "Well.file", OF_A_NEW_ONE | SET(READONLY), &chosen) < 0) return NULL;
  int status = mw_well_file(path, size, &chosen, error, &well);
  return well_new(status, error, well);
}

void mws_well_unlink(const char *name, mw_error *error) { mws_settle(error, mw_well_unlink(name, error)); }

/* ---- what it is */

const char *mws_well_name(const mws_well *self) { return mw_well_name(self->well); }
uint64_t mws_well_size(const mws_well *self) { return mw_well_size(self->well); }
bool mws_well_readonly(const mws_well *self) { return mw_well_is_observer(self->well); }
bool mws_well_closed(const mws_well *self) { return mw_well_is_closed(self->well); }

uint64_t mws_well_available(mws_well *self, mw_error *error) {
  uint64_t size = 0;
  mws_settle(error, mw_well_free(self->well, error, &size));
  return size;
}

int mws_well_slot(mws_well *self, mw_error *error) {
  int slot = -1;
  mws_settle(error, mw_well_slot(self->well, error, &slot));
  return slot;
}

/* To look at; the well closes it. */
mws_region *mws_well_region(mws_well *self, mw_error *error) {
  if (!mw_well_is_closed(self->well)) return mws_region_borrow(mw_well_region(self->well), error);
  mws_fail(error, MW_ECLOSED, "Well.region", mw_well_name(self->well), "the well is closed");
  return NULL;
}

/* ---- what is in it */

/* The view's region is the well's, which the well closes. */
static mws_view *show(const mw_view *view, mw_error *error) {
  mws_region *region = mws_region_borrow(view->region, error);
  mws_view *shown = region ? mws_view_new(region, error, view) : NULL;
  mws_region_free(region);
  return shown;
}

static int find_or_create(mw_well *well, mw_error *error, const char *name, const char *dtype, const mws_extents *shape,
                          mw_view *out_view) {
  mw_dtype parsed;
  uint64_t extents[MW_MAX_DIMENSIONS];
  if (!shape) return mws_fail(error, MW_EINVAL, "Well.array", name, "a dtype without a shape");
  int status = mw_dtype_parse(dtype, error, &parsed);
  if (!status) status = mws_extents_to_shape(shape, error, "Well.array", extents);
  return status ? status : mw_well_array(well, name, parsed, shape->count, extents, error, out_view);
}

mws_view *mws_well_array(mws_well *self, mw_error *error, const char *name, const char *dtype, const mws_extents *shape) {
  mw_view view = {0};
  int status =
      dtype ? find_or_create(self->well, error, name, dtype, shape, &view) : mw_well_find_array(self->well, name, error, &view);
  return mws_settle(error, status) < 0 ? NULL : show(&view, error);
}

/* MW_MUST_EXIST, unless it may be created. */
static int choose_flags(const mws_options *options, mw_error *error, const char *call, unsigned *out_flags) {
  int status = mws_options_check(options, error, call, SET(CREATE));
  bool create = !options || !(options->given & SET(CREATE)) || options->flags & SET(CREATE);
  *out_flags = create ? 0 : MW_MUST_EXIST;
  return status;
}

mws_mutex *mws_well_mutex(mws_well *self, mw_error *error, const char *name, const mws_options *options) {
  unsigned flags;
  mw_mutex *mutex = NULL;
  if (choose_flags(options, error, "Well.mutex", &flags) < 0) return NULL;
  mws_settle(error, mw_well_mutex(self->well, name, flags, error, &mutex));
  return mutex;
}

mws_robust_semaphore *mws_well_semaphore(mws_well *self, mw_error *error, const char *name, uint64_t capacity,
                                         const mws_options *options) {
  unsigned flags;
  mw_robust_semaphore *semaphore = NULL;
  if (choose_flags(options, error, "Well.semaphore", &flags) < 0) return NULL;
  mws_settle(error, mw_well_semaphore(self->well, name, mws_unsigned(capacity), flags, error, &semaphore));
  return semaphore;
}

mws_event *mws_well_event(mws_well *self, mw_error *error, const char *name, const mws_options *options) {
  unsigned flags;
  mw_event *event = NULL;
  if (choose_flags(options, error, "Well.event", &flags) < 0) return NULL;
  mws_settle(error, mw_well_event(self->well, name, flags, error, &event));
  return event;
}

void mws_well_remove(mws_well *self, mw_error *error, const char *name) {
  mws_settle(error, mw_well_delete(self->well, name, error));
}

uint64_t mws_well_reap(mws_well *self, mw_error *error) {
  unsigned count = 0;
  mws_settle(error, mw_well_reap(self->well, error, &count));
  return count;
}

uint64_t mws_well_break_locks(mws_well *self, mw_error *error, int slot) {
  unsigned count = 0;
  mws_settle(error, mw_well_break_locks(self->well, slot, error, &count));
  return count;
}

void mws_well_check(mws_well *self, mw_error *error) { mws_settle(error, mw_well_check(self->well, error)); }

mw_well *mws_well_core(const mws_well *self) { return self->well; }
