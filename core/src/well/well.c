/* Wells: making one of a region, and the right to change it. How to get one and to close it is in well_make.c, its objects are in
 * well_objects.c.
 *
 * SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "well/well.h"

#include <errno.h>
#include <stdlib.h>

#include "platform/os.h"
#include "well/check.h"
#include "well/directory.h"
#include "well/space.h"

/* ---- what the participants' table asks of a well */

static unsigned sweep(const void *ground, uint64_t owner) {
  return mw__directory_sweep(&((const mw__ground *)ground)->layout, owner);
}

/* Take the admin lock over from a dead; 0, or a status. */
static int recover_admin(const mw__call *call, mw_mutex *admin, const mw__layout *layout, mw_deadline deadline) {
  int status = mw__mutex_take_to_recover(call, admin, deadline);
  if (status != 1) return status;
  mw__directory_mend(layout);
  return mw__mutex_end_recovery(call, admin, true);
}

/* Somebody waits for an object that a dead was about to delete. */
static void mend(const void *ground, mw__participant *participant) {
  const mw__layout *layout = &((const mw__ground *)ground)->layout;
  mw_mutex admin = {.object = {.region = participant->region, .participant = participant, .self = participant->self},
                    .line = &mw__layout_header(layout)->admin};
  mw__call nobody = {"", NULL, NULL};
  if (atomic_load(&admin.line->owner) != MW__DEAD) return;
  if (recover_admin(&nobody, &admin, layout, MW_DEADLINE_NOW) == 0) (void)mw__mutex_give(&nobody, &admin);
}

/* ---- making and ending */

static void well_free(mw_well *well) {
  if (well->participant) mw__object_fini(&well->admin.object);
  mw_region_drop(well->region);
  free(well);
}

static int enter(const mw__call *call, mw_well *well, const char *path) {
  const mw__layout *layout = &well->layout;
  mw__ground *ground = calloc(1, sizeof *ground + mw__ground_words(layout) * sizeof *ground->handled);
  if (!ground) return mw__fail(call, MW_ENOMEM, "no memory for the well's own record");
  ground->layout = *layout;
  mw__table table = {.slots = mw__layout_slots(layout),
                     .count = layout->geometry.slots,
                     .ticket = &mw__layout_header(layout)->ticket,
                     .sweep = sweep,
                     .mend = mend,
                     .ground = ground};
  int status = mw__participant_enter(call, well->region, path, well->region->source.fd, &table, &well->participant);
  if (status)
    free(ground);
  else
    well->region->source.fd = -1; /* the participant has it, one for all handles */
  return status;
}

/* In which order the pages of a file came to the disk before a power cut is not ours to say. After another start of the machine
 * than the one that last attached, all of it is looked at. */
static int check_after_boot(const mw__call *call, const mw__layout *layout) {
  _Atomic uint64_t *boot = mw__layout_header(layout)->boot;
  uint64_t now[2];
  int failure = mw__os_boot(now);
  if (!failure && atomic_load(&boot[0]) == now[0] && atomic_load(&boot[1]) == now[1]) return 0;
  int status = mw__check_all(call, layout);
  if (status || failure) return status;
  atomic_store(&boot[0], now[0]);
  atomic_store(&boot[1], now[1]);
  return 0;
}

static int well_init(const mw__call *call, mw_well *well, const char *path, bool observes) {
  int status = mw__layout_read(call, well->region->data, well->region->size, &well->layout);
  if (!status) status = mw__region_check_touched(call, well->region);
  if (status || observes) return status;
  if (well->is_file) status = check_after_boot(call, &well->layout);
  if (!status) status = enter(call, well, path);
  if (status) return status;
  well->admin.line = &mw__layout_header(&well->layout)->admin;
  (void)mw__object_init(&well->admin.object, NULL, well->region, well->participant);
  return 0;
}

int mw__well_make(const mw__call *call, mw_region *region, const char *path, bool is_file, bool observes, mw_well **out_well) {
  mw_well *well = calloc(1, sizeof *well);
  int status = well ? 0 : mw__fail(call, MW_ENOMEM, "no memory for the well's own record");
  if (well) {
    atomic_init(&well->references, 1);
    well->is_file = is_file;
    well->region = region;
    status = well_init(call, well, path, observes);
  }
  if (!status) {
    mw_region_hold(region); /* beside the handle's own: the record outlives the handle */
    *out_well = well;
    return 0;
  }
  free(well);
  mw_region_close(region);
  return status;
}

void mw_well_hold(mw_well *well) { atomic_fetch_add_explicit(&well->references, 1, memory_order_relaxed); }

void mw_well_drop(mw_well *well) {
  if (well && atomic_fetch_sub_explicit(&well->references, 1, memory_order_acq_rel) == 1) well_free(well);
}

/* ---- looking at one */

const char *mw_well_name(const mw_well *well) { return well->region->name; }
bool mw_well_is_closed(const mw_well *well) { return atomic_load_explicit(&well->closed, memory_order_relaxed); }
bool mw_well_is_observer(const mw_well *well) { return !well->participant; }
bool mw_well_is_file(const mw_well *well) { return well->is_file; }
mw_region *mw_well_region(const mw_well *well) { return well->region; }
uint64_t mw_well_size(const mw_well *well) { return well->layout.geometry.size; }

int mw_well_free(mw_well *well, mw_error *error, uint64_t *out_size) {
  mw__call call = {"Well.free", mw_well_name(well), error};
  uint64_t size = 0;
  int status = mw__well_check_open(&call, well);
  if (status) return status;
  status = mw__space_free(&call, &well->layout, &size);
  int touched = mw__region_check_touched(&call, well->region); /* zeros look like damage */
  if (!status && !touched) *out_size = size;
  return touched ? touched : status;
}

int mw_well_slot(mw_well *well, mw_error *error, int *out_slot) {
  mw__call call = {"Well.slot", mw_well_name(well), error};
  int status = mw__well_check_open(&call, well);
  if (!status && !well->participant) status = mw__fail(&call, MW_ENOTSUP, "an observer has no slot");
  if (!status) status = mw__well_check_attached(&call, well);
  if (!status) *out_slot = (int)mw__owner_slot(mw__participant_owner(well->participant));
  return status;
}

/* ---- the gates */

int mw__well_check_open(const mw__call *call, const mw_well *well) {
  if (mw_well_is_closed(well)) return mw__fail(call, MW_ECLOSED, "the well is closed");
  int status = mw__region_check_usable(call, well->region);
  if (!status) mw__guard_enter(0);
  return status;
}

int mw__well_check_attached(const mw__call *call, mw_well *well) {
  int status = mw__well_check_open(call, well);
  if (status) return status;
  if (!well->participant) return mw__fail_errno(call, EPERM, "an observer only looks; attach without readonly");
  return mw__participant_owner(well->participant) ? 0 : mw__participant_join(call, well->participant);
}

/* No thread takes it twice. */
int mw__well_begin_change(const mw__call *call, mw_well *well) {
  int status = mw__well_check_attached(call, well);
  if (!status) status = recover_admin(call, &well->admin, &well->layout, MW_DEADLINE_NEVER);
  return status == MW_EDEADLK ? mw__fail(call, MW_EFORMAT, "the header's admin lock is damaged") : status;
}

static int give_admin(const mw__call *call, mw_well *well) {
  int status = mw__mutex_give(call, &well->admin);
  if (status != MW_ENOTOWNER && status != MW_EBUSY) return status;
  return mw__fail(call, MW_ENOTOWNER,
                  "it was done, but somebody broke this process's locks meanwhile, and others may have changed the well; check it");
}

int mw__well_end_change(const mw__call *call, mw_well *well, int status) {
  mw__call quiet = {call->name, call->object, NULL};
  int given = give_admin(status < 0 ? &quiet : call, well);
  int touched = mw__region_check_touched(call, well->region);
  if (touched) return touched;
  return status < 0 || given == 0 ? status : given;
}
