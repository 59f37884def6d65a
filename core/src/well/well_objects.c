/* The objects of a well: finding and creating them, handles of them, deleting.
 *
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sync/event.h"
#include "sync/robust_semaphore.h"
#include "well/directory.h"
#include "well/well.h"

/* ---- what is wanted */

static int name_record(const mw__call *call, const char *name, unsigned kind, mw__record *out_record) {
  size_t length = name ? strlen(name) : 0;
  *out_record = (mw__record){.state = (uint64_t)kind << 8};
  if (length < 1 || length > MW_WELL_NAME_MAX)
    return mw__fail(call, MW_EINVAL, "an object's name has 1 to %d bytes, and this has %zu", MW_WELL_NAME_MAX, length);
  memcpy(out_record->name, name, length);
  return 0;
}

static int shape_record(const mw__call *call, mw_dtype dtype, int ndim, const uint64_t *shape, mw__record *record) {
  if ((unsigned)dtype >= MW_DTYPE_COUNT) return mw__fail(call, MW_EINVAL, "%d is no dtype", (int)dtype);
  if (ndim < 1 || ndim > MW_MAX_DIMENSIONS || !shape)
    return mw__fail(call, MW_EINVAL, "%d dimensions: it is 1 to %d, with a shape", ndim, MW_MAX_DIMENSIONS);
  record->dtype = dtype;
  record->ndim = ndim;
  record->size = mw_dtype_size(dtype);
  bool fits = true;
  for (int i = 0; i < ndim; i++) {
    record->shape[i] = shape[i];
    fits = fits && !__builtin_mul_overflow(record->size, shape[i], &record->size);
  }
  return fits && record->size <= MW__SIZE_MAX ? 0 : mw__fail(call, MW_EINVAL, "the shape is larger than any memory");
}

/* ---- what is there */

/* Room for a dtype and eight extents of twenty digits. */
typedef struct details {
  char text[240];
} details;

/* " of float64, shape (2, 3)" of an array, " of capacity 4" of a semaphore, nothing of the others and where nothing is wanted. */
static details details_of(const mw__record *record) {
  details details = {""};
  char *text = details.text;
  size_t room = sizeof details.text;
  unsigned kind = mw__state_kind(record->state);
  if (kind == MW__SEMAPHORE && record->capacity) snprintf(text, room, " of capacity %" PRIu32, record->capacity);
  if (kind != MW__ARRAY || record->ndim == 0) return details;
  size_t end = (size_t)snprintf(text, room, " of %s, shape (", mw_dtype_name(record->dtype));
  for (int i = 0; i < record->ndim; i++)
    end += (size_t)snprintf(text + end, room - end, i ? ", %" PRIu64 : "%" PRIu64, record->shape[i]);
  snprintf(text + end, room - end, ")");
  return details;
}

static int fail_kind(const mw__call *call, const mw__record *found, const mw__record *wanted) {
  char found_kind[16], wanted_kind[16];
  mw__kind_name(mw__state_kind(found->state), found_kind);
  mw__kind_name(mw__state_kind(wanted->state), wanted_kind);
  details found_details = details_of(found), wanted_details = details_of(wanted);
  return mw__fail(call, MW_EKIND, "found %s%.90s, wanted %s%.90s", found_kind, found_details.text, wanted_kind,
                  wanted_details.text);
}

/* Where nothing but the kind is wanted, ndim or capacity is 0. */
static int check_agrees(const mw__call *call, const mw__record *found, const mw__record *wanted) {
  bool agrees = mw__state_kind(found->state) == mw__state_kind(wanted->state);
  if (wanted->capacity) agrees = agrees && found->capacity == wanted->capacity;
  if (wanted->ndim)
    agrees = agrees && found->dtype == wanted->dtype && found->ndim == wanted->ndim &&
             memcmp(found->shape, wanted->shape, (size_t)wanted->ndim * sizeof *wanted->shape) == 0;
  return agrees ? 0 : fail_kind(call, found, wanted);
}

/* ---- finding, or creating */

static int find(const mw__call *call, mw_well *well, const mw__record *wanted, mw__record *out_found) {
  int found = mw__directory_find(call, &well->layout, wanted->name, out_found);
  int touched = mw__region_check_touched(call, well->region);
  if (touched || found <= 0) return touched ? touched : found;
  int status = check_agrees(call, out_found, wanted);
  return status ? status : 1;
}

static int prepare(const mw__call *call, mw_well *well, const mw__record *wanted, mw__record *out_found) {
  int status = mw__directory_prepare(call, &well->layout, wanted, out_found);
  if (status != MW_EFULL || mw__participant_reap_all(well->participant) == 0) return status;
  return mw__directory_prepare(call, &well->layout, wanted, out_found); /* the dead kept deleted objects' memory */
}

/* Under the admin lock. 1: created; 0: somebody was faster. */
static int create(const mw__call *call, mw_well *well, const mw__record *wanted, mw__record *out_found) {
  int found = find(call, well, wanted, out_found);
  if (found) return found < 0 ? found : 0;
  int status = prepare(call, well, wanted, out_found);
  if (!status) status = mw__region_check_touched(call, well->region);
  if (status) return status;
  mw__directory_commit(&well->layout, out_found);
  return 1;
}

static int fail_missing(const mw__call *call, const mw__record *wanted) {
  char kind[16];
  mw__kind_name(mw__state_kind(wanted->state), kind);
  return mw__fail(call, MW_ENOENT, "the well has no %s of this name", kind);
}

static int find_or_create(const mw__call *call, mw_well *well, const mw__record *wanted, bool must_exist, mw__record *out_found) {
  int found = find(call, well, wanted, out_found);
  if (found) return found < 0 ? found : 0;
  if (must_exist || !well->participant) return fail_missing(call, wanted);
  int status = mw__well_begin_change(call, well);
  return status ? status : mw__well_end_change(call, well, create(call, well, wanted, out_found));
}

/* ---- arrays */

/* An observer has them too. */
static int check_readable(const mw__call *call, mw_well *well) {
  return well->participant ? mw__well_check_attached(call, well) : mw__well_check_open(call, well);
}

static int view_array(const mw__call *call, mw_well *well, const mw__record *found, mw_view *out_view) {
  return mw_view_init(out_view, well->region, found->dtype, found->ndim, found->shape, found->offset, call->error);
}

int mw_well_array(mw_well *well, const char *name, mw_dtype dtype, int ndim, const uint64_t *shape, mw_error *error,
                  mw_view *out_view) {
  mw__call call = {"Well.array", name, error};
  mw__record wanted, found = {0};
  int status = name_record(&call, name, MW__ARRAY, &wanted);
  if (!status) status = shape_record(&call, dtype, ndim, shape, &wanted);
  if (!status) status = check_readable(&call, well);
  if (status) return status;
  int created = find_or_create(&call, well, &wanted, false, &found);
  status = created < 0 ? created : view_array(&call, well, &found, out_view);
  return status ? status : created;
}

int mw_well_find_array(mw_well *well, const char *name, mw_error *error, mw_view *out_view) {
  mw__call call = {"Well.array", name, error};
  mw__record wanted, found = {0};
  int status = name_record(&call, name, MW__ARRAY, &wanted);
  if (!status) status = check_readable(&call, well);
  if (!status) status = find_or_create(&call, well, &wanted, true, &found);
  return status < 0 ? status : view_array(&call, well, &found, out_view);
}

/* ---- locks */

/* A handle of nothing yet, zeroed but for its first member; NULL where there is no memory. */
static void *new_handle(const mw__call *call, mw_well *well, const char *name, size_t size) {
  mw__object *object = calloc(1, size);
  if (object && mw__object_init(object, name, well->region, well->participant)) return object;
  free(object);
  (void)mw__fail(call, MW_ENOMEM, "no memory for the handle");
  return NULL;
}

static void handle_free(void *handle) {
  mw__object_fini(handle);
  free(handle);
}

static void note_handle(const mw_well *well, uint32_t entry) {
  mw__ground *ground = well->participant->table.ground;
  atomic_fetch_or_explicit(&ground->handled[entry / 64], UINT64_C(1) << entry % 64, memory_order_relaxed);
}

static void bind(mw__object *object, const mw_well *well, const mw__record *found) {
  object->state = &mw__layout_entry(&well->layout, found->index)->state;
  object->alive = found->state;
  object->entry = found->index;
  note_handle(well, found->index);
  atomic_init(&object->user, mw__participant_owner(well->participant));
}

/* The handle comes first: what was created stays, whether there is memory for a handle or not. */
static int get_lock(const mw__call *call, mw_well *well, const mw__record *wanted, unsigned flags, size_t size,
                    mw__record *out_found, void **out_handle) {
  if (flags & ~(unsigned)MW_MUST_EXIST)
    return mw__fail(call, MW_EINVAL, "flags 0x%x do not apply here", flags & ~(unsigned)MW_MUST_EXIST);
  int status = mw__well_check_attached(call, well);
  if (status) return status;
  void *handle = new_handle(call, well, wanted->name, size);
  if (!handle) return MW_ENOMEM;
  status = find_or_create(call, well, wanted, flags & MW_MUST_EXIST, out_found);
  if (status < 0) {
    handle_free(handle);
  } else {
    bind(handle, well, out_found);
    *out_handle = handle;
  }
  return status;
}

int mw_well_mutex(mw_well *well, const char *name, unsigned flags, mw_error *error, mw_mutex **out_mutex) {
  mw__call call = {"Well.mutex", name, error};
  mw__record wanted, found = {0};
  void *handle = NULL;
  int status = name_record(&call, name, MW__MUTEX, &wanted);
  wanted.size = sizeof(mw__mutex_line);
  if (!status) status = get_lock(&call, well, &wanted, flags, sizeof **out_mutex, &found, &handle);
  if (!handle) return status;
  mw_mutex *mutex = handle;
  mutex->line = mw__record_memory(&well->layout, &found);
  *out_mutex = mutex;
  return status;
}

int mw_well_semaphore(mw_well *well, const char *name, unsigned capacity, unsigned flags, mw_error *error,
                      mw_robust_semaphore **out_semaphore) {
  mw__call call = {"Well.semaphore", name, error};
  mw__record wanted, found = {0};
  void *handle = NULL;
  int status = name_record(&call, name, MW__SEMAPHORE, &wanted);
  if (capacity > MW_MAX_PERMITS) return mw__fail(&call, MW_EINVAL, "capacity %u: it is 1 to %d", capacity, MW_MAX_PERMITS);
  wanted.capacity = capacity;
  wanted.size = mw__permits_size(capacity);
  if (!capacity) flags |= MW_MUST_EXIST;
  if (!status) status = get_lock(&call, well, &wanted, flags, sizeof **out_semaphore, &found, &handle);
  if (!handle) return status;
  mw_robust_semaphore *semaphore = handle;
  semaphore->permits = mw__record_memory(&well->layout, &found);
  semaphore->capacity = found.capacity;
  *out_semaphore = semaphore;
  return status;
}

int mw_well_event(mw_well *well, const char *name, unsigned flags, mw_error *error, mw_event **out_event) {
  mw__call call = {"Well.event", name, error};
  mw__record wanted, found = {0};
  void *handle = NULL;
  int status = name_record(&call, name, MW__EVENT, &wanted);
  wanted.size = sizeof(mw__event_line);
  if (!status) status = get_lock(&call, well, &wanted, flags, sizeof **out_event, &found, &handle);
  if (!handle) return status;
  mw_event *event = handle;
  event->line = mw__record_memory(&well->layout, &found);
  *out_event = event;
  return status;
}

/* ---- deleting */

static int delete_found(const mw__call *call, mw_well *well, const char *name) {
  mw__record found;
  int status = mw__directory_find(call, &well->layout, name, &found);
  if (status < 0) return status;
  if (status == 0) return mw__fail(call, MW_ENOENT, "the well has no object of this name");
  status = mw__directory_delete(call, &well->layout, &found);
  if (status != MW_EBUSY || mw__participant_reap_all(well->participant) == 0) return status;
  return mw__directory_delete(call, &well->layout, &found); /* the dead held it */
}

int mw_well_delete(mw_well *well, const char *name, mw_error *error) {
  mw__call call = {"Well.delete", name, error};
  mw__record wanted;
  int status = name_record(&call, name, 0, &wanted);
  if (!status) status = mw__well_begin_change(&call, well);
  return status ? status : mw__well_end_change(&call, well, delete_found(&call, well, name));
}
