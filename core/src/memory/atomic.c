/* Atomic operations on single elements, and sleeping on one.
 *
 * SPDX-License-Identifier: MIT */
#include "memwell/atomic.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>

#include "memory/region.h"
#include "memory/view.h"
#include "platform/deadline.h"
#include "platform/os.h"
#include "platform/spin.h"

#define SLICE 100000000 /* 0.1 s: how long a closed region may go unnoticed by one who sleeps on it */

/* ---- which element */

static bool is_atomic(mw_dtype dtype) { return dtype == MW_INT32 || dtype == MW_UINT32 || dtype == MW_INT64 || dtype == MW_UINT64; }

static int check_view(const mw__call *call, const mw_view *view, uint64_t i) {
  if (!is_atomic(view->dtype))
    return mw__fail(call, MW_EINVAL, "%s elements are not atomic; int32, uint32, int64 and uint64 are", mw_dtype_name(view->dtype));
  if (view->ndim != 1) return mw__fail(call, MW_EINVAL, "the view has %d dimensions, not one", view->ndim);
  if (i >= view->shape[0]) return mw__fail(call, MW_ERANGE, "index %" PRIu64 " of %" PRIu64, i, view->shape[0]);
  return 0;
}

static int locate(const mw__call *call, const mw_view *view, uint64_t i, void **out_element) {
  int status = check_view(call, view, i);
  if (status) return status;
  void *element = mw_view_at(view, i);
  if (!element) { /* the region is closed, smaller or has lost pages, or was a moment ago */
    status = mw__view_check_usable(call, view);
    return status ? status : mw__fail(call, MW_ERANGE, "index %" PRIu64 " of %" PRIu64, i, view->shape[0]);
  }
  if ((uintptr_t)element % mw_dtype_size(view->dtype))
    return mw__fail(call, MW_EINVAL, "the element is not at a multiple of its size, %zu", mw_dtype_size(view->dtype));
  mw__guard_enter(0);
  *out_element = element;
  return 0;
}

static int locate_to_write(const mw__call *call, const mw_view *view, uint64_t i, void **out_element) {
  int status = locate(call, view, i, out_element);
  if (status || mw_view_is_writable(view)) return status;
  return mw__fail(call, MW_EREADONLY, "the view is read-only");
}

static bool is_wide(const mw_view *view) { return mw_dtype_size(view->dtype) == 8; }

/* The element's bits as a value of its dtype. */
static int64_t value_of(const mw_view *view, uint64_t bits) {
  if (view->dtype == MW_INT32) return (int32_t)(uint32_t)bits;
  return (int64_t)bits;
}

static int check_value(const mw__call *call, const mw_view *view, int64_t value) {
  bool fits =
      is_wide(view) || (view->dtype == MW_INT32 ? value >= INT32_MIN && value <= INT32_MAX : value >= 0 && value <= UINT32_MAX);
  return fits ? 0 : mw__fail(call, MW_EOVERFLOW, "%" PRId64 " is out of range for %s", value, mw_dtype_name(view->dtype));
}

/* ---- one element, one step */

static uint64_t load(const mw_view *view, void *element) {
  return is_wide(view) ? atomic_load((_Atomic uint64_t *)element) : atomic_load((_Atomic uint32_t *)element);
}

int mw_view_atomic_load(const mw_view *view, uint64_t i, mw_error *error, int64_t *out_value) {
  mw__call call = {"View.atomic_load", view->region->name, error};
  void *element = NULL;
  int status = locate(&call, view, i, &element);
  if (status) return status;
  int64_t value = value_of(view, load(view, element));
  status = mw__region_check_touched(&call, view->region);
  if (!status) *out_value = value;
  return status;
}

/* Change an element by one of the operations of <stdatomic.h>, and give what it was. */
#define CHANGE(verb, operation, checks, operand)                                                                        \
  static int change_by_##verb(const mw__call *call, const mw_view *view, uint64_t i, int64_t value, int64_t *out_old) { \
    void *element = NULL;                                                                                               \
    int status = locate_to_write(call, view, i, &element);                                                              \
    if (!status && (checks)) status = check_value(call, view, value);                                                   \
    if (status) return status;                                                                                          \
    uint64_t old = is_wide(view) ? operation((_Atomic uint64_t *)element, (uint64_t)value)                              \
                                 : operation((_Atomic uint32_t *)element, (uint32_t)value);                             \
    status = mw__region_check_touched(call, view->region);                                                              \
    if (!status) *out_old = value_of(view, old);                                                                        \
    return status;                                                                                                      \
  }                                                                                                                     \
  int mw_view_atomic_##verb(const mw_view *view, uint64_t i, int64_t operand, mw_error *error, int64_t *out_old) {      \
    mw__call call = {"View.atomic_" #verb, view->region->name, error};                                                  \
    return change_by_##verb(&call, view, i, operand, out_old);                                                          \
  }

CHANGE(add, atomic_fetch_add, false, n)
CHANGE(sub, atomic_fetch_sub, false, n)
CHANGE(and, atomic_fetch_and, false, n)
CHANGE(or, atomic_fetch_or, false, n)
CHANGE(xor, atomic_fetch_xor, false, n)
CHANGE(exchange, atomic_exchange, true, value)
#undef CHANGE

int mw_view_atomic_store(const mw_view *view, uint64_t i, int64_t value, mw_error *error) {
  mw__call call = {"View.atomic_store", view->region->name, error};
  int64_t old;
  return change_by_exchange(&call, view, i, value, &old);
}

int mw_view_atomic_compare_exchange(const mw_view *view, uint64_t i, int64_t expected, int64_t value, mw_error *error,
                                    int64_t *out_old) {
  mw__call call = {"View.atomic_compare_exchange", view->region->name, error};
  void *element = NULL;
  int status = locate_to_write(&call, view, i, &element);
  if (!status) status = check_value(&call, view, value);
  if (!status) status = check_value(&call, view, expected);
  if (status) return status;
  uint64_t wide = (uint64_t)expected;
  uint32_t narrow = (uint32_t)expected;
  if (is_wide(view))
    atomic_compare_exchange_strong((_Atomic uint64_t *)element, &wide, (uint64_t)value);
  else
    atomic_compare_exchange_strong((_Atomic uint32_t *)element, &narrow, (uint32_t)value);
  status = mw__region_check_touched(&call, view->region);
  if (!status) *out_old = value_of(view, is_wide(view) ? wide : narrow);
  return status;
}

/* ---- sleeping on one */

static int locate_word(const mw__call *call, const mw_view *view, uint64_t i, void **out_word) {
  if (is_wide(view))
    return mw__fail(call, MW_EINVAL, "%s is too wide to wait on; int32 and uint32 are", mw_dtype_name(view->dtype));
  if (view->region->source.access == MW_COPY_ON_WRITE)
    return mw__fail(call, MW_EINVAL, "the memory is private: nobody else could wake who waits");
  return locate(call, view, i, out_word);
}

static bool differs(void *word, uint32_t value) { return atomic_load((_Atomic uint32_t *)word) != value; }

typedef struct expectation {
  void *word;
  uint32_t value;
} expectation;

static bool is_disappointed(void *subject) {
  const expectation *expected = subject;
  return differs(expected->word, expected->value);
}

static int fail_wait(const mw__call *call, int failure) {
  if (failure == EINTR) return mw__fail_errno(call, EINTR, "a signal came");
  if (failure == EFAULT)
    return mw__fail(call, MW_EFAULT, "the element's page is lost: the file was cut, or its file system is full");
  return mw__os_fail(call, failure);
}

/* In slices, so that a region that is closed, or loses its page, meanwhile is noticed. */
static int sleep_until_it_differs(const mw__call *call, const mw_view *view, uint64_t i, uint32_t value, mw_deadline deadline) {
  for (;;) {
    void *word = NULL;
    int status = locate(call, view, i, &word);
    if (status) return status;
    int failure = mw__os_word_wait(word, value, mw__deadline_within(deadline, SLICE));
    if (!failure || failure == EAGAIN) return mw__region_check_usable(call, view->region);
    if (failure != ETIMEDOUT) return fail_wait(call, failure);
    if (mw__deadline_has_come(deadline)) return mw__fail_errno(call, ETIMEDOUT, "it did not change in time, and nobody woke us");
  }
}

int mw_view_wait(const mw_view *view, uint64_t i, int64_t value, mw_deadline deadline, mw_error *error) {
  mw__call call = {"View.wait", view->region->name, error};
  void *word = NULL;
  int status = check_view(&call, view, i);
  if (!status) status = locate_word(&call, view, i, &word);
  if (!status) status = check_value(&call, view, value);
  if (status) return status;
  bool is_another = differs(word, (uint32_t)value);
  status = mw__region_check_touched(&call, view->region);
  if (status || is_another) return status;
  if (deadline <= MW_DEADLINE_NOW) return mw__fail_errno(&call, ETIMEDOUT, "it has this value now");
  expectation expected = {word, (uint32_t)value};
  if (mw__spin_until(is_disappointed, &expected, deadline)) return mw__region_check_touched(&call, view->region);
  return sleep_until_it_differs(&call, view, i, (uint32_t)value, deadline);
}

int mw_view_wake(const mw_view *view, uint64_t i, unsigned count, mw_error *error, unsigned *out_woken) {
  mw__call call = {"View.wake", view->region->name, error};
  void *word = NULL;
  int status = check_view(&call, view, i);
  if (!status) status = locate_word(&call, view, i, &word);
  if (status) return status;
  int failure = mw__os_word_wake(word, count, out_woken);
  return failure ? fail_wait(&call, failure) : 0;
}
