/* Every call on a well and on what is in it. What a call gives is looked at closely: views and objects lie in the well, texts end,
 * lists end. Main entry: act.
 *
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "wells.h"

enum { VIEWS = 4, HANDLES = 3, LABELS = 8, SLOTS = 3 };

static const mw_deadline PAST = 1; /* an instant of long ago */

static mw_view views[VIEWS];
static bool has_view[VIEWS];
static mw_mutex *mutexes[HANDLES];
static mw_robust_semaphore *semaphores[HANDLES];
static mw_event *events[HANDLES];
static mw_well *second; /* another handle of the same well, or of what has its name by now */

mw_well *entered;
statuses always;

/* ---- judging */

/* Of the statuses that several calls may have. */
#define OF_USE (STATUS(ECLOSED))
#define OF_CHANGE (STATUS(EINVAL) | STATUS(EINTR))
#define OF_FINDING (OF_CHANGE | STATUS(ENOENT) | STATUS(EKIND) | STATUS(EFULL))

int judge(int result, statuses own) {
  fuzz_judge(result);
  if (result < 0) fuzz_require((own | always) >> -result & 1);
  return result;
}

static void check_text(const char *text, size_t room) { fuzz_require(memchr(text, '\0', room) != NULL); }

static void check_inside(const void *place, uint64_t size) {
  const uint8_t *begin = mw_region_data(mw_well_region(entered)), *at = place;
  uint64_t whole = mw_well_size(entered);
  fuzz_require(at >= begin && at <= begin + whole && size <= (uint64_t)(begin + whole - at));
}

static void check_info(const mw_object_info *info) {
  check_text(info->name, sizeof info->name);
  check_text(info->kind, sizeof info->kind);
  fuzz_require(info->name[0] && info->kind[0]);
  fuzz_require(info->offset <= mw_well_size(entered) && info->size <= mw_well_size(entered) - info->offset);
  fuzz_require(info->owner >= -1 && info->owner < MW_WELL_MAX_SLOTS);
  fuzz_require(info->ndim >= 0 && info->ndim <= MW_MAX_DIMENSIONS && info->capacity <= MW_MAX_PERMITS);
  fuzz_require(info->held <= MW_MAX_PERMITS && info->waiters <= 16 * MW_WELL_MAX_SLOTS);
}

/* ---- what the input chooses */

static char *any_label(fuzz_input *input) {
  static const char *const labels[LABELS] = {"a", "b", "d", "m", "n", "s", "e", "x"};
  unsigned choice = (unsigned)fuzz_below(input, LABELS + 1);
  char *text = choice < LABELS ? strdup(labels[choice]) : fuzz_text(input, 130);
  if (!text) abort();
  return text;
}

/* ---- arrays */

static void touch(const mw_view *view) {
  uint64_t count = mw_view_count(view);
  const uint8_t *data = mw_view_data(view);
  if (!data) return; /* closed, or a page was lost */
  check_inside(data, mw_view_nbytes(view));
  fuzz_require((uintptr_t)data % 64 == 0);
  if (count && mw_view_is_writable(view)) mw_view_fill(view, (mw_value){.kind = MW_VALUE_BOOL}, NULL);
}

static void keep_view(fuzz_input *input, int result, const mw_view *view) {
  if (result < 0) return;
  unsigned place = (unsigned)fuzz_below(input, VIEWS);
  views[place] = *view;
  has_view[place] = true;
  touch(view);
}

static void make_array(fuzz_input *input) {
  uint64_t shape[MW_MAX_DIMENSIONS];
  char *label = any_label(input);
  mw_dtype dtype = (mw_dtype)fuzz_below(input, MW_DTYPE_COUNT + 1);
  int ndim = (int)fuzz_below(input, 4);
  mw_view view;
  for (int i = 0; i < MW_MAX_DIMENSIONS; i++) shape[i] = i < ndim ? fuzz_about(input, 6) : 1;
  if (fuzz_byte(input) % 4 == 0) ndim = 1, shape[0] = 4, dtype = MW_FLOAT64; /* as "a" has it */
  keep_view(input, judge(mw_well_array(entered, label, dtype, ndim, shape, fuzz_error(input), &view), OF_USE | OF_FINDING), &view);
  free(label);
}

static void find_array(fuzz_input *input) {
  char *label = any_label(input);
  mw_view view;
  int result = mw_well_find_array(entered, label, fuzz_error(input), &view);
  keep_view(input, judge(result, OF_USE | STATUS(EINVAL) | STATUS(ENOENT) | STATUS(EKIND)), &view);
  free(label);
}

static void touch_view(fuzz_input *input) {
  unsigned place = (unsigned)fuzz_below(input, VIEWS);
  if (has_view[place]) touch(&views[place]);
}

/* ---- getting locks */

#define OF_LOCKS (OF_USE | OF_FINDING | STATUS(EPERM))

static unsigned any_flags(fuzz_input *input) {
  uint8_t choice = fuzz_byte(input);
  return choice == 255 ? 1 : choice % 2 ? MW_MUST_EXIST : 0;
}

static void get_mutex(fuzz_input *input) {
  char *label = any_label(input);
  mw_mutex *mutex = NULL, **place = &mutexes[fuzz_below(input, HANDLES)];
  int result = judge(mw_well_mutex(entered, label, any_flags(input), fuzz_error(input), &mutex), OF_LOCKS);
  fuzz_require((result >= 0) == (mutex != NULL));
  if (mutex) {
    fuzz_require(strcmp(mw_mutex_name(mutex), label) == 0);
    mw_mutex_drop(*place);
    *place = mutex;
  }
  free(label);
}

static void get_semaphore(fuzz_input *input) {
  char *label = any_label(input);
  mw_robust_semaphore *semaphore = NULL, **place = &semaphores[fuzz_below(input, HANDLES)];
  unsigned capacity = fuzz_byte(input) % 2 ? 3 : (unsigned)fuzz_about(input, 20);
  int result = judge(mw_well_semaphore(entered, label, capacity, any_flags(input), fuzz_error(input), &semaphore), OF_LOCKS);
  fuzz_require((result >= 0) == (semaphore != NULL));
  if (semaphore) {
    unsigned permits = mw_robust_semaphore_capacity(semaphore);
    fuzz_require(permits >= 1 && permits <= MW_MAX_PERMITS && (capacity == 0 || permits == capacity));
    mw_robust_semaphore_drop(*place);
    *place = semaphore;
  }
  free(label);
}

static void get_event(fuzz_input *input) {
  char *label = any_label(input);
  mw_event *event = NULL, **place = &events[fuzz_below(input, HANDLES)];
  int result = judge(mw_well_event(entered, label, any_flags(input), fuzz_error(input), &event), OF_LOCKS);
  fuzz_require((result >= 0) == (event != NULL));
  if (event) {
    mw_event_drop(*place);
    *place = event;
  }
  free(label);
}

/* ---- using them */

static mw_deadline any_deadline(fuzz_input *input) {
  static const mw_deadline deadlines[] = {MW_DEADLINE_NOW, PAST, MW_DEADLINE_NEVER};
  return deadlines[fuzz_below(input, 3)];
}

static void sleep_for(fuzz_input *input, int result, const mw_watch *watch) {
  if (result < 0) return;
  check_inside(watch->word, sizeof(uint32_t));
  judge(mw_watch_wait(watch, 1, any_deadline(input), fuzz_error(input)), STATUS(ETIMEDOUT) | STATUS(EINTR) | STATUS(EFAULT));
}

#define OF_WAITING (OF_USE | STATUS(ETIMEDOUT) | STATUS(EINTR))

static void use_mutex(fuzz_input *input) {
  mw_mutex *mutex = mutexes[fuzz_below(input, HANDLES)];
  mw_watch watch;
  int slot;
  bool inconsistent;
  if (!mutex) return;
  switch (fuzz_below(input, 7)) {
    case 0:
      judge(mw_mutex_acquire(mutex, any_deadline(input), fuzz_error(input)), OF_WAITING | STATUS(EOWNERDEAD) | STATUS(EDEADLK));
      break;
    case 1: judge(mw_mutex_release(mutex, fuzz_error(input)), OF_USE | STATUS(ENOTOWNER) | STATUS(EBUSY)); break;
    case 2: judge(mw_mutex_recover_begin(mutex, any_deadline(input), fuzz_error(input)), OF_WAITING | STATUS(EDEADLK)); break;
    case 3: judge(mw_mutex_recover_end(mutex, fuzz_byte(input) % 2, fuzz_error(input)), OF_USE | STATUS(ENOTOWNER)); break;
    case 4:
      if (judge(mw_mutex_owner(mutex, fuzz_error(input), &slot, &inconsistent), OF_USE) == 0)
        fuzz_require(slot >= -1 && slot < MW_WELL_MAX_SLOTS && !(inconsistent && slot >= 0));
      break;
    case 5: sleep_for(input, judge(mw_mutex_watch(mutex, fuzz_error(input), &watch), OF_USE), &watch); break;
    default: (void)mw_mutex_is_held(mutex);
  }
}

static void use_semaphore(fuzz_input *input) {
  mw_robust_semaphore *semaphore = semaphores[fuzz_below(input, HANDLES)];
  mw_watch watch;
  unsigned count;
  if (!semaphore) return;
  switch (fuzz_below(input, 5)) {
    case 0: judge(mw_robust_semaphore_acquire(semaphore, any_deadline(input), fuzz_error(input)), OF_WAITING); break;
    case 1:
      count = (unsigned)fuzz_about(input, 4);
      judge(mw_robust_semaphore_release(semaphore, count, fuzz_error(input)), OF_USE | STATUS(ENOTOWNER) | STATUS(EINVAL));
      break;
    case 2:
      if (judge(mw_robust_semaphore_value(semaphore, fuzz_error(input), &count), OF_USE) == 0)
        fuzz_require(count <= mw_robust_semaphore_capacity(semaphore));
      break;
    case 3:
      if (judge(mw_robust_semaphore_held(semaphore, fuzz_error(input), &count), OF_USE) == 0)
        fuzz_require(count <= mw_robust_semaphore_capacity(semaphore));
      break;
    default: sleep_for(input, judge(mw_robust_semaphore_watch(semaphore, fuzz_error(input), &watch), OF_USE), &watch);
  }
}

static void use_event(fuzz_input *input) {
  mw_event *event = events[fuzz_below(input, HANDLES)];
  mw_watch watch;
  bool is_set;
  if (!event) return;
  switch (fuzz_below(input, 5)) {
    case 0: judge(mw_event_set(event, fuzz_error(input)), OF_USE); break;
    case 1: judge(mw_event_clear(event, fuzz_error(input)), OF_USE); break;
    case 2: judge(mw_event_is_set(event, fuzz_error(input), &is_set), OF_USE); break;
    case 3: judge(mw_event_wait(event, any_deadline(input), fuzz_error(input)), OF_WAITING); break;
    default:
      if (judge(mw_event_watch(event, fuzz_error(input), &watch), OF_USE) < 0) break;
      sleep_for(input, 0, &watch);
      (void)mw_event_was_set(event, &watch);
      judge(mw_event_wait_since(event, &watch, any_deadline(input), fuzz_error(input)), OF_WAITING);
  }
}

/* ---- looking at the well */

static void list_objects(fuzz_input *input) {
  mw_object_info info;
  uint32_t cursor = fuzz_byte(input) % 8 ? 0 : (uint32_t)fuzz_number(input, 4);
  for (unsigned steps = 0; judge(mw_well_next_object(entered, &cursor, fuzz_error(input), &info), OF_USE) == 1; steps++) {
    check_info(&info);
    fuzz_require(steps <= 64);
  }
}

static void list_held(fuzz_input *input) {
  mw_object_info info;
  uint32_t cursor = 0;
  int slot = (int)fuzz_below(input, SLOTS + 2) - 1;
  for (unsigned steps = 0; judge(mw_well_next_held(entered, slot, &cursor, fuzz_error(input), &info), OF_USE | STATUS(EINVAL)) == 1;
       steps++) {
    check_info(&info);
    fuzz_require(steps <= 64 && info.held >= 1);
  }
}

static void list_participants(fuzz_input *input) {
  mw_participant_info info;
  uint32_t cursor = fuzz_byte(input) % 8 ? 0 : (uint32_t)fuzz_number(input, 4);
  for (unsigned steps = 0; judge(mw_well_next_participant(entered, &cursor, fuzz_error(input), &info), OF_USE) == 1; steps++)
    fuzz_require(info.slot >= 0 && info.slot < MW_WELL_MAX_SLOTS && steps <= MW_WELL_MAX_SLOTS);
}

static void ask_free(fuzz_input *input) {
  uint64_t size;
  if (judge(mw_well_free(entered, fuzz_error(input), &size), OF_USE) == 0) fuzz_require(size <= mw_well_size(entered));
}

static void ask_slot(fuzz_input *input) {
  int slot;
  if (judge(mw_well_slot(entered, fuzz_error(input), &slot), OF_USE | STATUS(ENOTSUP)) == 0)
    fuzz_require(slot >= 0 && slot < MW_WELL_MAX_SLOTS);
}

/* What is whole stays so, whatever is called. */
static void check(fuzz_input *input) { judge(mw_well_check(entered, fuzz_error(input)), OF_USE); }

/* ---- changing it */

static void delete (fuzz_input *input) {
  char *label = any_label(input);
  judge(mw_well_delete(entered, label, fuzz_error(input)), OF_USE | OF_CHANGE | STATUS(ENOENT) | STATUS(EBUSY) | STATUS(EPERM));
  free(label);
}

static void reap(fuzz_input *input) {
  unsigned count;
  if (judge(mw_well_reap(entered, fuzz_error(input), &count), OF_USE | STATUS(EPERM)) == 0)
    fuzz_require(count <= MW_WELL_MAX_SLOTS);
}

static void break_locks(fuzz_input *input) {
  unsigned count;
  int slot = (int)fuzz_below(input, SLOTS + 2) - 1;
  judge(mw_well_break_locks(entered, slot, fuzz_error(input), &count), OF_USE | STATUS(EPERM) | STATUS(EINVAL) | STATUS(ENOENT));
}

/* ---- handles of it */

#define OF_ATTACHING (STATUS(EFORMAT) | STATUS(EFULL) | STATUS(ENOENT) | STATUS(EAGAIN))

static int attach(fuzz_input *input, const char *name, const char *path, bool observes, mw_well **out_well) {
  mw_well_options options = {.size_of_struct = sizeof options, .flags = observes ? MW_OBSERVER : 0};
  mw_error *error = fuzz_error(input);
  if (path) return mw_well_file(path, 0, &options, error, out_well);
  return mw_well_attach(name, &options, error, out_well);
}

void enter(fuzz_input *input, const char *name, const char *path) {
  uint8_t how = fuzz_byte(input);
  int result = judge(attach(input, name, how % 8 < 2 ? path : NULL, how % 4 == 3, &entered), OF_ATTACHING);
  fuzz_require((result == 0) == (entered != NULL));
  if (entered) mw_well_hold(entered); /* closing it is one of the calls */
}

static void attach_again(fuzz_input *input) {
  if (second) mw_well_abandon(second);
  second = NULL;
  if (fuzz_byte(input) % 2) judge(attach(input, fuzz_name("w"), NULL, fuzz_byte(input) % 4 == 3, &second), OF_ATTACHING);
}

static void close(fuzz_input *input) {
  if (fuzz_byte(input) % 8) return; /* seldom: not much can be done with it afterwards */
  judge(mw_well_close(entered, fuzz_error(input)), STATUS(EBUSY));
}

void leave(void) {
  for (int i = 0; i < HANDLES; i++) {
    mw_mutex_drop(mutexes[i]);
    mw_robust_semaphore_drop(semaphores[i]);
    mw_event_drop(events[i]);
    mutexes[i] = NULL;
    semaphores[i] = NULL;
    events[i] = NULL;
  }
  memset(has_view, 0, sizeof has_view);
  mw_well_abandon(second);
  second = NULL;
  if (entered) {
    mw_well_abandon(entered);
    mw_well_drop(entered);
  }
  entered = NULL;
  always = 0;
}

/* ---- all of them */

static void (*const acts[])(fuzz_input *) = {make_array, find_array,   touch_view,    get_mutex,   get_semaphore,     get_event,
                                             use_mutex,  use_mutex,    use_semaphore, use_event,   use_mutex,         use_semaphore,
                                             use_event,  list_objects, list_held,     check,       list_participants, ask_free,
                                             ask_slot,   delete,       reap,          break_locks, attach_again,      close};

void act(fuzz_input *input) { acts[fuzz_below(input, sizeof acts / sizeof *acts)](input); }
