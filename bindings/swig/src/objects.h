/* memwell as objects, for SWIG to wrap: what bindings/swig/memwell.i says is bound, in the shape that a scripting language wants.
 *
 * Nothing here knows which language it is. A call takes its object or its name first and a mw_error second, filled in where it
 * fails and left with status 0 where it does not; what else it takes comes after, and what it gives is returned. So a language has
 * to know one thing, that a mw_error with a status is an exception, and a few types:
 *
 *   mws_options    named options, from a hash or whatever the language has for them
 *   mw_deadline    from seconds, or from nothing, which is for ever
 *   mw_value       a number or a bool; an integer stays one
 *   mws_extents    a shape or indices, a list of integers both ways
 *   mws_bytes      bytes to be copied into the language's own string, then mws_bytes_end
 *   mws_buffer     memory to be shown as the language's own buffer; mw_region_drop(held) when that goes
 *   mws_elements   numbers for a nested list, then mws_elements_end
 *   mws_numbers    a nested list of numbers, flattened
 *   mws_offset     an offset or a count; MWS_NOTHING is the language's nothing
 *   mws_seals      a list of names
 *
 * Ownership: whoever is given a mws_region and so on frees it with the _free of its noun, which closes it first. Threads: any call
 * may be made while another thread closes the object, so that even a program without a lock around its interpreter cannot reach
 * memory that is not mapped any more; _free is the one call that must be the last.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_SWIG_OBJECTS_H
#define MEMWELL_SWIG_OBJECTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "memwell/deadline.h"
#include "memwell/dtype.h"
#include "memwell/event.h"
#include "memwell/mutex.h"
#include "memwell/region.h"
#include "memwell/robust_semaphore.h"
#include "memwell/semaphore.h"
#include "memwell/status.h"
#include "memwell/view.h"
#include "memwell/well.h"
#include "options.h"

/* ---- what goes to and fro */

typedef uint64_t mws_offset;
#define MWS_NOTHING UINT64_MAX

typedef unsigned mws_seals;

typedef struct mws_extents {
  int count;
  int64_t values[MW_MAX_DIMENSIONS];
} mws_extents;

typedef struct mws_bytes {
  const void *data;
  uint64_t size;
  void *owned;
  struct mws_region *used;
} mws_bytes;

typedef struct mws_buffer {
  void *data;
  uint64_t size;
  bool readonly;
  mw_region *held;
} mws_buffer;

typedef struct mws_elements {
  mw_dtype dtype;
  int ndim;
  uint64_t shape[MW_MAX_DIMENSIONS];
  void *data;
} mws_elements;

typedef struct mws_numbers {
  uint64_t count;
  mw_value *values;
} mws_numbers;

/* A part of a region: [start, stop), and where to go on looking. Names that are words of no language. */
typedef struct mws_span {
  mws_offset start;
  mws_offset stop;
  mws_offset resume;
} mws_span;

/* For every body here: say why something failed, and that it did not. */
int mws_fail(mw_error *error, int status, const char *call, const char *object, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
int mws_settle(mw_error *error, int status);

/* Of a wait: true; false and no error where only the time was up. */
bool mws_in_time(mw_error *error, int status);

/* The core's numbers of 32 bits: what is larger becomes the largest, which the core refuses. */
unsigned mws_unsigned(uint64_t number);

/* To be called when the language has made its own copy: gives back what was held, and says in `error` whether a page of it was lost
 * meanwhile. Bytes and elements of a call that failed may be ended too. */
void mws_bytes_end(mws_bytes *bytes, mw_error *error);
void mws_elements_end(mws_elements *elements);

/* Every wait goes through here. The language defines it: call `wait(object, deadline, error)`, let other threads of the interpreter
 * run meanwhile, and return what it returns. The caller of the wrapped call calls it again while error->status is MW_EINTR, having
 * let the language handle its signals. */
typedef int mws_wait(void *object, mw_deadline deadline, mw_error *error);
int mws_language_wait(mws_wait *wait, void *object, mw_deadline deadline, mw_error *error);

/* What a language does with other threads let go: one slice of the wait, MW_EINTR where that is over and the wait is not. */
int mws_wait_slice(mws_wait *wait, void *object, mw_deadline deadline, mw_error *error);

/* Of a try with MW_DEADLINE_NOW: that it is worth waiting. */
bool mws_is_pending(int status);

/* "NotFound" for MW_ENOENT: the language's exception is NotFoundError, or NotFoundException; one class for each, all with one base,
 * which has the code ("ENOENT"), errno, and mw_error_message as its text. */
const char *mws_error_kind(int status);
int mws_error_errno(const mw_error *error);

/* ---- regions */

typedef struct mws_region mws_region;
typedef struct mws_view mws_view;

mws_region *mws_region_file(const char *path, mw_error *error, const char *mode, const mws_options *options);
mws_region *mws_region_create(const char *name, mw_error *error, uint64_t size, const mws_options *options);
mws_region *mws_region_attach(const char *name, mw_error *error, const mws_options *options);
mws_region *mws_region_open(const char *name, mw_error *error, uint64_t size, const mws_options *options);
mws_region *mws_region_anonymous(uint64_t size, mw_error *error, const mws_options *options);
mws_region *mws_region_memfd(uint64_t size, mw_error *error, const mws_options *options);
mws_region *mws_region_from_fd(int fd, mw_error *error, const mws_options *options);
mws_region *mws_region_sysv(int32_t key, mw_error *error, const mws_options *options);
mws_region *mws_region_receive(int socket, mw_error *error, mw_deadline deadline, const mws_options *options);
void mws_region_unlink(const char *name, mw_error *error);
void mws_region_sysv_remove(int32_t key, mw_error *error);
int32_t mws_region_ftok(const char *path, mw_error *error, int project);

void mws_region_close(mws_region *self);
void mws_region_free(mws_region *self);

uint64_t mws_region_size(mws_region *self, mw_error *error);
const char *mws_region_kind(const mws_region *self);
const char *mws_region_name(const mws_region *self);
bool mws_region_readonly(mws_region *self);
bool mws_region_closed(const mws_region *self);
bool mws_region_faulted(mws_region *self);
bool mws_region_is_private(mws_region *self);
uint64_t mws_region_offset(mws_region *self, mw_error *error);
uint64_t mws_region_exports(mws_region *self, mw_error *error);
int32_t mws_region_key(mws_region *self, mw_error *error);
int32_t mws_region_id(mws_region *self, mw_error *error);
int mws_region_fileno(mws_region *self, mw_error *error);
void mws_region_sysv_unlink(mws_region *self, mw_error *error);
bool mws_region_same(mws_region *self, mw_error *error, mws_region *other);

mws_bytes mws_region_read(mws_region *self, mw_error *error, uint64_t offset, mws_offset size);
void mws_region_write(mws_region *self, mw_error *error, const void *data, size_t size, uint64_t offset);
void mws_region_fill(mws_region *self, mw_error *error, int byte, uint64_t offset, mws_offset size);
void mws_region_move(mws_region *self, mw_error *error, uint64_t destination, uint64_t source, uint64_t size);
mws_offset mws_region_find(mws_region *self, mw_error *error, const void *data, size_t size, uint64_t start, mws_offset end);
mws_offset mws_region_rfind(mws_region *self, mw_error *error, const void *data, size_t size, uint64_t start, mws_offset end);
uint64_t mws_region_count(mws_region *self, mw_error *error, const void *data, size_t size, uint64_t start, mws_offset end);
mws_span mws_region_line(mws_region *self, mw_error *error, uint64_t start);
mws_span mws_region_run(mws_region *self, mw_error *error, const void *data, size_t size, uint64_t start);

void mws_region_resize(mws_region *self, mw_error *error, uint64_t size);
void mws_region_remap(mws_region *self, mw_error *error);
void mws_region_check(mws_region *self, mw_error *error);
void mws_region_flush(mws_region *self, mw_error *error, uint64_t offset, mws_offset size, bool wait);
void mws_region_advise(mws_region *self, mw_error *error, const char *advice, uint64_t offset, mws_offset size);
void mws_region_discard(mws_region *self, mw_error *error, uint64_t offset, mws_offset size);
void mws_region_populate(mws_region *self, mw_error *error, uint64_t offset, mws_offset size);
void mws_region_mlock(mws_region *self, mw_error *error, uint64_t offset, mws_offset size);
void mws_region_munlock(mws_region *self, mw_error *error, uint64_t offset, mws_offset size);
uint64_t mws_region_resident(mws_region *self, mw_error *error);
void mws_region_protect(mws_region *self, mw_error *error, bool readonly);
void mws_region_seal(mws_region *self, mw_error *error, mws_seals seals);
mws_seals mws_region_seals(mws_region *self, mw_error *error);
void mws_region_send(mws_region *self, mw_error *error, int socket, mw_deadline deadline);

mws_buffer mws_region_buffer(mws_region *self, mw_error *error);
mws_view *mws_region_view(mws_region *self, mw_error *error, const char *dtype, const mws_extents *shape, uint64_t offset);

/* For views and semaphores: the core's region, to be used until mws_region_leave, or NULL where it was closed, which `error` says
 * of `call`. leave passes the status of what was done, and clears the error where that did not fail. */
mw_region *mws_region_enter(mws_region *self, mw_error *error, const char *call);
int mws_region_leave(mws_region *self, mw_error *error, int status);

/* Another thread may close a region that was entered: it stays mapped, but the core gives neither its address nor its size any
 * more. 0, or MW_ECLOSED: to be asked after these were looked at, and before they are used. */
int mws_region_check_open(const mws_region *self, const mw_region *region, mw_error *error, const char *call);

/* The same for what nobody else may be in the middle of: MW_EBUSY where somebody is, and for whoever comes meanwhile. */
mw_region *mws_region_enter_alone(mws_region *self, mw_error *error, const char *call);
int mws_region_leave_alone(mws_region *self, mw_error *error, int status);

/* Takes over `region`, which a call of the core's has just made; NULL where `status` says that it made none. */
mws_region *mws_region_new(int status, mw_error *error, mw_region *region);

/* How many bytes are meant from `offset` on: all of them where no size was given. Past the end: 0, which the core refuses. */
uint64_t mws_size_from(const mw_region *region, uint64_t offset, mws_offset size);

/* A region of the core's that something else closes, for the views on it: with a reference of its own. */
mws_region *mws_region_borrow(mw_region *region, mw_error *error);

/* Another reference to the object itself, not to its memory. */
mws_region *mws_region_share(mws_region *self);

/* ---- views */

/* Takes over `view` and a share of its region. */
mws_view *mws_view_new(mws_region *owner, mw_error *error, const mw_view *view);
void mws_view_free(mws_view *self);

const char *mws_view_dtype(const mws_view *self);
mws_extents mws_view_shape(const mws_view *self);
mws_extents mws_view_strides(const mws_view *self);
int mws_view_ndim(const mws_view *self);
uint64_t mws_view_length(const mws_view *self);
uint64_t mws_view_nbytes(const mws_view *self);
int mws_view_itemsize(const mws_view *self);
uint64_t mws_view_offset(const mws_view *self);
bool mws_view_readonly(mws_view *self);
bool mws_view_dense(const mws_view *self);

mw_value mws_view_get(mws_view *self, mw_error *error, const mws_extents *indices);
void mws_view_set(mws_view *self, mw_error *error, const mws_extents *indices, mw_value value);
mws_view *mws_view_slice(mws_view *self, mw_error *error, int dimension, uint64_t start, int64_t step, uint64_t count);
mws_view *mws_view_select(mws_view *self, mw_error *error, int dimension, uint64_t index);
mws_view *mws_view_reshape(mws_view *self, mw_error *error, const mws_extents *shape);

void mws_view_fill(mws_view *self, mw_error *error, mw_value value);
mws_bytes mws_view_tobytes(mws_view *self, mw_error *error);
mws_elements mws_view_tolist(mws_view *self, mw_error *error);
mws_elements mws_view_take(mws_view *self, mw_error *error, mws_numbers indices);
void mws_view_write(mws_view *self, mw_error *error, const void *data, size_t size);
void mws_view_assign(mws_view *self, mw_error *error, mws_numbers numbers);
void mws_view_copy_from(mws_view *self, mw_error *error, mws_view *source);
mw_value mws_view_sum(mws_view *self, mw_error *error);
mw_value mws_view_min(mws_view *self, mw_error *error);
mw_value mws_view_max(mws_view *self, mw_error *error);
mws_offset mws_view_index(mws_view *self, mw_error *error, mw_value value, uint64_t start);
uint64_t mws_view_count(mws_view *self, mw_error *error, mw_value value);
bool mws_view_equals(mws_view *self, mw_error *error, mws_view *other);
mws_buffer mws_view_buffer(mws_view *self, mw_error *error);

mw_value mws_view_atomic_load(mws_view *self, mw_error *error, uint64_t i);
void mws_view_atomic_store(mws_view *self, mw_error *error, uint64_t i, mw_value value);
mw_value mws_view_atomic_add(mws_view *self, mw_error *error, uint64_t i, mw_value n);
mw_value mws_view_atomic_sub(mws_view *self, mw_error *error, uint64_t i, mw_value n);
mw_value mws_view_atomic_and(mws_view *self, mw_error *error, uint64_t i, mw_value n);
mw_value mws_view_atomic_or(mws_view *self, mw_error *error, uint64_t i, mw_value n);
mw_value mws_view_atomic_xor(mws_view *self, mw_error *error, uint64_t i, mw_value n);
mw_value mws_view_atomic_exchange(mws_view *self, mw_error *error, uint64_t i, mw_value value);
mw_value mws_view_atomic_compare_exchange(mws_view *self, mw_error *error, uint64_t i, mw_value expected, mw_value value);
bool mws_view_wait(mws_view *self, mw_error *error, uint64_t i, mw_value value, mw_deadline deadline);
uint64_t mws_view_wake(mws_view *self, mw_error *error, uint64_t i, mws_offset count);

/* ---- semaphores */

typedef struct mws_semaphore mws_semaphore;

mws_semaphore *mws_semaphore_create(const char *name, mw_error *error, uint64_t value, const mws_options *options);
mws_semaphore *mws_semaphore_attach(const char *name, mw_error *error, const mws_options *options);
mws_semaphore *mws_semaphore_open(const char *name, mw_error *error, uint64_t value, const mws_options *options);
mws_semaphore *mws_semaphore_at(mws_region *region, mw_error *error, uint64_t offset, mws_offset value);
mws_semaphore *mws_semaphore_sysv(int32_t key, mw_error *error, unsigned index, const mws_options *options);
void mws_semaphore_unlink(const char *name, mw_error *error);
void mws_semaphore_sysv_remove(int32_t key, mw_error *error);
void mws_semaphore_close(mws_semaphore *self);
void mws_semaphore_free(mws_semaphore *self);

const char *mws_semaphore_kind(const mws_semaphore *self);
const char *mws_semaphore_name(const mws_semaphore *self);
bool mws_semaphore_closed(const mws_semaphore *self);
uint64_t mws_semaphore_value(mws_semaphore *self, mw_error *error);
int32_t mws_semaphore_key(mws_semaphore *self, mw_error *error);
int32_t mws_semaphore_id(mws_semaphore *self, mw_error *error);
void mws_semaphore_sysv_unlink(mws_semaphore *self, mw_error *error);
bool mws_semaphore_acquire(mws_semaphore *self, mw_error *error, mw_deadline deadline);
void mws_semaphore_release(mws_semaphore *self, mw_error *error, uint64_t n);

/* ---- wells, and what is in them */

typedef struct mws_well mws_well;
typedef mw_mutex mws_mutex; /* the core's own handles */
typedef mw_robust_semaphore mws_robust_semaphore;
typedef mw_event mws_event;
typedef mw_object_info mws_object_info;
typedef struct mws_participant_info {
  int slot;
  int64_t pid;
  bool own;
  const char *condition; /* "running", "stopped" or "dead" */
} mws_participant_info;
typedef struct mws_objects mws_objects;
typedef struct mws_participants mws_participants;

mws_well *mws_well_create(const char *name, mw_error *error, uint64_t size, const mws_options *options);
mws_well *mws_well_attach(const char *name, mw_error *error, const mws_options *options);
mws_well *mws_well_open(const char *name, mw_error *error, uint64_t size, const mws_options *options);
mws_well *mws_well_file(const char *path, mw_error *error, uint64_t size, const mws_options *options);
void mws_well_unlink(const char *name, mw_error *error);
void mws_well_close(mws_well *self, mw_error *error);
void mws_well_free(mws_well *self);

const char *mws_well_name(const mws_well *self);
uint64_t mws_well_size(const mws_well *self);
uint64_t mws_well_available(mws_well *self, mw_error *error);
int mws_well_slot(mws_well *self, mw_error *error);
bool mws_well_readonly(const mws_well *self);
bool mws_well_closed(const mws_well *self);
mws_region *mws_well_region(mws_well *self, mw_error *error);
mws_view *mws_well_array(mws_well *self, mw_error *error, const char *name, const char *dtype, const mws_extents *shape);
mws_mutex *mws_well_mutex(mws_well *self, mw_error *error, const char *name, const mws_options *options);
mws_robust_semaphore *mws_well_semaphore(mws_well *self, mw_error *error, const char *name, uint64_t capacity,
                                         const mws_options *options);
mws_event *mws_well_event(mws_well *self, mw_error *error, const char *name, const mws_options *options);
void mws_well_remove(mws_well *self, mw_error *error, const char *name);
uint64_t mws_well_reap(mws_well *self, mw_error *error);
uint64_t mws_well_break_locks(mws_well *self, mw_error *error, int slot);
void mws_well_check(mws_well *self, mw_error *error);

/* Lists that were true at one moment. MW_ERANGE where `i` is past the end. */
mws_objects *mws_well_objects(mws_well *self, mw_error *error);
mws_objects *mws_well_held(mws_well *self, mw_error *error, int slot);
uint64_t mws_objects_length(const mws_objects *self);
mws_object_info mws_objects_at(const mws_objects *self, mw_error *error, uint64_t i);
void mws_objects_free(mws_objects *self);
mw_well *mws_well_core(const mws_well *self);
mws_participants *mws_well_participants(mws_well *self, mw_error *error);
uint64_t mws_participants_length(const mws_participants *self);
mws_participant_info mws_participants_at(const mws_participants *self, mw_error *error, uint64_t i);
void mws_participants_free(mws_participants *self);

/* Of an array, else NULL and no extents. */
const char *mws_object_info_dtype(const mws_object_info *self);
mws_extents mws_object_info_shape(const mws_object_info *self);

bool mws_mutex_acquire(mws_mutex *self, mw_error *error, mw_deadline deadline);
void mws_mutex_release(mws_mutex *self, mw_error *error);
/* 1: inconsistent, to be mended; 0: acquired as by acquire; -1: the time was up. */
int mws_mutex_recover_begin(mws_mutex *self, mw_error *error, mw_deadline deadline);
void mws_mutex_recover_end(mws_mutex *self, mw_error *error, bool mended);
const char *mws_mutex_name(const mws_mutex *self);
bool mws_mutex_held(const mws_mutex *self);
void mws_mutex_free(mws_mutex *self);
int mws_mutex_owner(mws_mutex *self, mw_error *error);
bool mws_mutex_inconsistent(mws_mutex *self, mw_error *error);

bool mws_robust_semaphore_acquire(mws_robust_semaphore *self, mw_error *error, mw_deadline deadline);
void mws_robust_semaphore_release(mws_robust_semaphore *self, mw_error *error, uint64_t n);
const char *mws_robust_semaphore_name(const mws_robust_semaphore *self);
uint64_t mws_robust_semaphore_capacity(const mws_robust_semaphore *self);
void mws_robust_semaphore_free(mws_robust_semaphore *self);
uint64_t mws_robust_semaphore_value(mws_robust_semaphore *self, mw_error *error);
uint64_t mws_robust_semaphore_held(mws_robust_semaphore *self, mw_error *error);

void mws_event_set(mws_event *self, mw_error *error);
void mws_event_clear(mws_event *self, mw_error *error);
const char *mws_event_name(const mws_event *self);
void mws_event_free(mws_event *self);
bool mws_event_is_set(mws_event *self, mw_error *error);
/* `since` is zeros for the first try, and for the others what that made of it. */
bool mws_event_wait(mws_event *self, mw_error *error, mw_watch *since, mw_deadline deadline);

#endif
