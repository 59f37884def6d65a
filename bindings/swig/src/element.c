/* Single elements of a view: read and written, atomically too, and waited for.
 *
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "memwell/atomic.h"
#include "view_object.h"

/* ---- one element */

static int check_indices(const mw_view *view, mw_error *error, const char *call, const mws_extents *indices,
                         uint64_t out_indices[MW_MAX_DIMENSIONS]) {
  int count = indices ? indices->count : 0;
  if (count != view->ndim) return mws_fail(error, MW_EINVAL, call, NULL, "%d indices for %d dimensions", count, view->ndim);
  for (int i = 0; i < view->ndim; i++) {
    int64_t index = indices->values[i];
    if (index < 0 || (uint64_t)index >= view->shape[i])
      return mws_fail(error, MW_ERANGE, call, NULL, "index %" PRId64 " of dimension %d: it has %" PRIu64 " elements", index, i,
                      view->shape[i]);
    out_indices[i] = (uint64_t)index;
  }
  return 0;
}

static int find(const mws_view *self, mw_error *error, const char *call, const mws_extents *indices, void **out_element) {
  uint64_t places[MW_MAX_DIMENSIONS];
  int status = check_indices(&self->view, error, call, indices, places);
  if (!status) *out_element = mw_view_element(&self->view, places);
  if (status || *out_element) return status;
  status = mw_view_check(&self->view, error);
  return status ? status : mws_fail(error, MW_ERANGE, call, NULL, "the region became too small for it");
}

static int check_touched(const mws_view *self, mw_error *error) {
  return mw_region_is_faulted(self->view.region) ? mw_view_check(&self->view, error) : 0;
}

mw_value mws_view_get(mws_view *self, mw_error *error, const mws_extents *indices) {
  void *element;
  mw_value value = {0};
  if (!mws_view_enter(self, error, "View.get")) return value;
  int status = find(self, error, "View.get", indices, &element);
  if (!status) {
    value = mw_dtype_load(self->view.dtype, element);
    status = check_touched(self, error);
  }
  mws_view_leave(self, error, status);
  return value;
}

void mws_view_set(mws_view *self, mw_error *error, const mws_extents *indices, mw_value value) {
  void *element;
  if (!mws_view_enter(self, error, "View.set")) return;
  int status = find(self, error, "View.set", indices, &element);
  if (!status && !mw_view_is_writable(&self->view))
    status = mws_fail(error, MW_EREADONLY, "View.set", mw_region_name(self->view.region), "the view is read-only");
  if (!status) status = mws_view_rename_call(mw_dtype_store(self->view.dtype, element, value, error), error, "View.set");
  if (!status) status = check_touched(self, error);
  mws_view_leave(self, error, status);
}

/* ---- atomically. The core's values are int64, and those of uint64 elements above it are the same bits */

static int to_bits(const mw_view *view, mw_error *error, const char *call, mw_value value, int64_t *out_bits) {
  *out_bits = value.as.i;
  if (value.kind == MW_VALUE_FLOAT || value.kind == MW_VALUE_BOOL)
    return mws_fail(error, MW_EINVAL, call, NULL, "an integer is wanted");
  bool too_large = value.kind == MW_VALUE_UINT && value.as.u > INT64_MAX && view->dtype != MW_UINT64;
  bool negative = value.kind == MW_VALUE_INT && value.as.i < 0 && view->dtype == MW_UINT64;
  if (!too_large && !negative) return 0;
  return mws_fail(error, MW_EOVERFLOW, call, NULL, "%s has no such value", mw_dtype_name(view->dtype));
}

/* What is added and so on is taken modulo the element's size, and may be negative. */
static int to_operand(mw_error *error, const char *call, mw_value value, int64_t *out_bits) {
  *out_bits = value.as.i;
  if (value.kind != MW_VALUE_FLOAT && value.kind != MW_VALUE_BOOL) return 0;
  return mws_fail(error, MW_EINVAL, call, NULL, "an integer is wanted");
}

static mw_value from_bits(const mw_view *view, int64_t bits) {
  return (mw_value){.kind = view->dtype == MW_UINT64 ? MW_VALUE_UINT : MW_VALUE_INT, .as = {.i = bits}};
}

mw_value mws_view_atomic_load(mws_view *self, mw_error *error, uint64_t i) {
  int64_t bits = 0;
  if (mws_view_enter(self, error, "View.atomic_load"))
    mws_view_leave(self, error, mw_view_atomic_load(&self->view, i, error, &bits));
  return from_bits(&self->view, bits);
}

void mws_view_atomic_store(mws_view *self, mw_error *error, uint64_t i, mw_value value) {
  int64_t bits;
  if (to_bits(&self->view, error, "View.atomic_store", value, &bits) || !mws_view_enter(self, error, "View.atomic_store")) return;
  mws_view_leave(self, error, mw_view_atomic_store(&self->view, i, bits, error));
}

typedef int atomic_change(const mw_view *view, uint64_t i, int64_t n, mw_error *error, int64_t *out_old);

static mw_value change(mws_view *self, mw_error *error, const char *call, uint64_t i, int64_t bits, atomic_change *how) {
  int64_t old = 0;
  if (mws_view_enter(self, error, call)) mws_view_leave(self, error, how(&self->view, i, bits, error, &old));
  return from_bits(&self->view, old);
}

static mw_value operate(mws_view *self, mw_error *error, const char *call, uint64_t i, mw_value n, atomic_change *how) {
  int64_t bits;
  return to_operand(error, call, n, &bits) ? (mw_value){0} : change(self, error, call, i, bits, how);
}

mw_value mws_view_atomic_add(mws_view *self, mw_error *error, uint64_t i, mw_value n) {
  return operate(self, error, "View.atomic_add", i, n, mw_view_atomic_add);
}

mw_value mws_view_atomic_sub(mws_view *self, mw_error *error, uint64_t i, mw_value n) {
  return operate(self, error, "View.atomic_sub", i, n, mw_view_atomic_sub);
}

mw_value mws_view_atomic_and(mws_view *self, mw_error *error, uint64_t i, mw_value n) {
  return operate(self, error, "View.atomic_and", i, n, mw_view_atomic_and);
}

mw_value mws_view_atomic_or(mws_view *self, mw_error *error, uint64_t i, mw_value n) {
  return operate(self, error, "View.atomic_or", i, n, mw_view_atomic_or);
}

mw_value mws_view_atomic_xor(mws_view *self, mw_error *error, uint64_t i, mw_value n) {
  return operate(self, error, "View.atomic_xor", i, n, mw_view_atomic_xor);
}

mw_value mws_view_atomic_exchange(mws_view *self, mw_error *error, uint64_t i, mw_value value) {
  int64_t bits;
  bool refused = to_bits(&self->view, error, "View.atomic_exchange", value, &bits);
  return refused ? (mw_value){0} : change(self, error, "View.atomic_exchange", i, bits, mw_view_atomic_exchange);
}

mw_value mws_view_atomic_compare_exchange(mws_view *self, mw_error *error, uint64_t i, mw_value expected, mw_value value) {
  static const char call[] = "View.atomic_compare_exchange";
  int64_t expected_bits, bits, old = 0;
  if (to_bits(&self->view, error, call, expected, &expected_bits) || to_bits(&self->view, error, call, value, &bits))
    return (mw_value){0};
  if (mws_view_enter(self, error, call))
    mws_view_leave(self, error, mw_view_atomic_compare_exchange(&self->view, i, expected_bits, bits, error, &old));
  return from_bits(&self->view, old);
}

/* ---- waiting */

typedef struct sleeper {
  const mw_view *view;
  uint64_t i;
  int64_t value;
} sleeper;

static int sleep_on(void *object, mw_deadline deadline, mw_error *error) {
  const sleeper *self = object;
  return mw_view_wait(self->view, self->i, self->value, deadline, error);
}

bool mws_view_wait(mws_view *self, mw_error *error, uint64_t i, mw_value value, mw_deadline deadline) {
  sleeper sleeper = {.view = &self->view, .i = i};
  if (to_bits(&self->view, error, "View.wait", value, &sleeper.value) || !mws_view_enter(self, error, "View.wait")) return false;
  return mws_in_time(error, mws_view_leave(self, error, mws_language_wait(sleep_on, &sleeper, deadline, error)));
}

uint64_t mws_view_wake(mws_view *self, mw_error *error, uint64_t i, mws_offset count) {
  unsigned woken = 0, most = mws_unsigned(count);
  if (mws_view_enter(self, error, "View.wake")) mws_view_leave(self, error, mw_view_wake(&self->view, i, most, error, &woken));
  return woken;
}
