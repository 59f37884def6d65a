/* Views made of regions and of each other, and their elements in and out, summed, searched, changed in one step.
 *
 * SPDX-License-Identifier: MIT */
#include <limits.h>
#include <string.h>

#include "calls.h"

enum { MOST_BYTES = MOST_ELEMENTS * 8, UNTOUCHED = 0x5a };

static uint8_t buffer[MOST_BYTES], wanted[MOST_BYTES];

/* ---- views as the model sees them */

static window *any_window(fuzz_input *input) {
  window *window = &windows[fuzz_below(input, VIEWS)];
  return window->slot ? window : NULL;
}

static uint64_t size_of(const mw_view *view) { return mw_dtype_size(view->dtype); }

/* One that is soon walked through, and whose elements the model has. */
static bool is_small(const window *window) { return mw_view_count(&window->view) <= MOST_ELEMENTS; }

static bool is_usable(const window *window) {
  return !window->slot->closed && !mw_region_is_faulted(window->slot->region) &&
         window->view.end <= mw_region_size(window->slot->region);
}

static bool has_model(const window *window) { return is_known(window->slot) && is_usable(window); }

/* The model's bytes of the element at this place in row-major order. */
static uint8_t *element_at(const window *window, uint64_t place) {
  const mw_view *view = &window->view;
  uint64_t offset = view->offset;
  for (int i = view->ndim - 1; i >= 0; i--) {
    offset += place % view->shape[i] * (uint64_t)view->strides[i];
    place /= view->shape[i];
  }
  return model_at(window->slot, offset);
}

static void gather(const window *window, uint8_t *to) {
  uint64_t size = size_of(&window->view), count = mw_view_count(&window->view);
  for (uint64_t i = 0; i < count; i++) memcpy(to + i * size, element_at(window, i), size);
}

static void scatter(const window *window, const uint8_t *from) {
  uint64_t size = size_of(&window->view), count = mw_view_count(&window->view);
  for (uint64_t i = 0; i < count; i++) memcpy(element_at(window, i), from + i * size, size);
}

static mw_value value_at(const window *window, uint64_t place) {
  return mw_dtype_load(window->view.dtype, element_at(window, place));
}

static bool has_floats(const window *window) { return mw_dtype_kind(window->view.dtype) == MW_VALUE_FLOAT; }

/* As wide as any sum of them. */
static __int128 integer_of(mw_value value) { return value.kind == MW_VALUE_INT ? (__int128)value.as.i : (__int128)value.as.u; }

static int judge_view(const window *window, int status) {
  if (status == 0) fuzz_require(is_usable(window));
  return judge(window->slot, status);
}

/* ---- making them */

static void check_new(const window *window) {
  const mw_view *view = &window->view;
  fuzz_require(view->ndim >= 1 && view->ndim <= MW_MAX_DIMENSIONS && view->region == window->slot->region);
  fuzz_require(view->low <= view->end);
  if (mw_view_count(view) > 0) fuzz_require(view->low <= view->offset && view->offset + size_of(view) <= view->end);
  fuzz_require(mw_view_nbytes(view) == mw_view_count(view) * size_of(view));
}

static int any_shape(fuzz_input *input, uint64_t *shape) {
  int ndim = fuzz_byte(input) == 255 ? (int)(int8_t)fuzz_byte(input) : 1 + (int)fuzz_below(input, 4);
  for (int i = 0; i < ndim && i < MW_MAX_DIMENSIONS; i++) shape[i] = fuzz_about(input, 12);
  return ndim;
}

static bool is_untouched(const void *bytes, size_t size) {
  const uint8_t *byte = bytes;
  while (size > 0 && byte[size - 1] == UNTOUCHED) size--;
  return size == 0;
}

static void look(fuzz_input *input) {
  slot *slot = any_slot(input);
  window *window = &windows[fuzz_below(input, VIEWS)];
  if (!slot) return;
  mw_view made;
  uint64_t shape[MW_MAX_DIMENSIONS], *given = shape;
  int64_t strides[MW_MAX_DIMENSIONS];
  memset(&made, UNTOUCHED, sizeof made);
  mw_dtype dtype = (mw_dtype)fuzz_below(input, MW_DTYPE_COUNT + 1);
  uint64_t offset = fuzz_about(input, mw_region_size(slot->region));
  int ndim = any_shape(input, shape), status;
  if (fuzz_byte(input) % 2) {
    if (fuzz_byte(input) % 2) given = NULL;
    status = mw_view_init(&made, slot->region, dtype, ndim, given, offset, fuzz_error(input));
  } else {
    for (int i = 0; i < MW_MAX_DIMENSIONS; i++) strides[i] = (int64_t)fuzz_byte(input) - 128;
    if (fuzz_byte(input) % 8 == 7) strides[fuzz_below(input, MW_MAX_DIMENSIONS)] = (int64_t)fuzz_number(input, 8);
    status = mw_view_init_strided(&made, slot->region, dtype, ndim, shape, strides, offset, fuzz_error(input));
  }
  if (judge(slot, status)) {
    fuzz_require(is_untouched(&made, sizeof made));
    return;
  }
  *window = (struct window){slot, made};
  check_new(window);
  fuzz_require(is_usable(window));
}

/* A view of a view shows some of the same elements, and is usable where that one is. */
static void derive(fuzz_input *input) {
  window *from = any_window(input), *to = &windows[fuzz_below(input, VIEWS)];
  if (!from) return;
  mw_view made;
  uint64_t shape[MW_MAX_DIMENSIONS];
  int dimension = (int)fuzz_below(input, 5), ndim, status;
  uint64_t start = fuzz_about(input, 12), count;
  mw_error *error = fuzz_error(input);
  switch (fuzz_below(input, 3)) {
    case 0:
      count = fuzz_about(input, 12);
      status = mw_view_slice(&from->view, dimension, start, (int64_t)fuzz_about(input, 6) - 3, count, error, &made);
      break;
    case 1: status = mw_view_select(&from->view, dimension, start, error, &made); break;
    default: ndim = any_shape(input, shape); status = mw_view_reshape(&from->view, ndim, shape, error, &made);
  }
  if (fuzz_judge(status)) return;
  bool was_usable = is_usable(from);
  *to = (window){from->slot, made};
  check_new(to);
  if (was_usable) fuzz_require(is_usable(to));
}

/* ---- all elements at once */

static void judge_write(const window *window, int status) {
  if (judge_view(window, status) == 0) fuzz_require(mw_view_is_writable(&window->view));
}

static void read_elements(fuzz_input *input) {
  window *window = any_window(input);
  if (!window || !is_small(window)) return;
  uint64_t size = mw_view_nbytes(&window->view);
  if (fuzz_byte(input) % 16 == 15) size = fuzz_below(input, MOST_BYTES);
  int status = judge_view(window, mw_view_read(&window->view, buffer, size, fuzz_error(input)));
  if (status == 0) fuzz_require(size == mw_view_nbytes(&window->view));
  if (!has_model(window)) return;
  fuzz_require((status == 0) == (size == mw_view_nbytes(&window->view)));
  gather(window, wanted);
  if (status == 0) fuzz_require(memcmp(buffer, wanted, size) == 0);
}

static void write_elements(fuzz_input *input) {
  window *window = any_window(input);
  if (!window || !is_small(window)) return;
  uint64_t size = mw_view_nbytes(&window->view);
  uint8_t seed = fuzz_byte(input);
  for (uint64_t i = 0; i < size; i++) buffer[i] = (uint8_t)(seed + i * 7);
  int status = mw_view_write(&window->view, buffer, size, fuzz_error(input));
  judge_write(window, status);
  if (status == 0 && has_model(window)) scatter(window, buffer);
}

static mw_value any_value(fuzz_input *input) {
  mw_value value = {.kind = (mw_value_kind)fuzz_below(input, 4)};
  value.as.u = fuzz_byte(input) % 4 ? fuzz_below(input, 4) : fuzz_number(input, 8);
  return value;
}

static void fill_elements(fuzz_input *input) {
  window *window = any_window(input);
  if (!window || !is_small(window)) return;
  mw_value value = any_value(input);
  uint8_t element[8];
  int status = mw_view_fill(&window->view, value, fuzz_error(input));
  judge_write(window, status);
  if (status == 0) fuzz_require(mw_dtype_store(window->view.dtype, element, value, NULL) == 0);
  if (status || !has_model(window)) return;
  uint64_t count = mw_view_count(&window->view); /* elements may overlap: the last one wins, as everywhere */
  for (uint64_t i = 0; i < count; i++) memcpy(element_at(window, i), element, size_of(&window->view));
}

/* A failure of a call on two views may be the other one's: then that is what is judged. */
static const window *who_failed(const window *one, const window *other, int status) {
  bool is_closed = status == MW_ECLOSED && !one->slot->closed, is_lost = status == MW_EFAULT && !one->slot->apart;
  return is_closed || (is_lost && one->slot->object->known) ? other : one;
}

static void copy_elements(fuzz_input *input) {
  window *to = any_window(input), *from = any_window(input);
  if (!to || !from || !is_small(to) || !is_small(from)) return;
  int status = mw_view_copy(&to->view, &from->view, fuzz_error(input));
  judge_write(who_failed(to, from, status), status);
  if (status || to->slot->apart) return;
  fuzz_require(is_usable(from) && to->view.dtype == from->view.dtype);
  if (!has_model(from)) {
    to->slot->object->known = false;
  } else if (has_model(to)) {
    gather(from, wanted);
    scatter(to, wanted);
  }
}

static void take_elements(fuzz_input *input) {
  window *window = any_window(input);
  if (!window) return;
  uint64_t places[16], count = fuzz_below(input, 17), size = size_of(&window->view);
  for (uint64_t i = 0; i < count; i++) places[i] = fuzz_about(input, window->view.shape[0]);
  int status = judge_view(window, mw_view_take(&window->view, places, count, buffer, fuzz_error(input)));
  if (status || !has_model(window)) return;
  for (uint64_t i = 0; i < count; i++) fuzz_require(memcmp(buffer + i * size, element_at(window, places[i]), size) == 0);
}

/* ---- questions */

static void sum_elements(fuzz_input *input) {
  window *window = any_window(input);
  if (!window || !is_small(window)) return;
  mw_value sum = {.kind = MW_VALUE_INT, .as.i = 77777};
  int status = judge_view(window, mw_view_sum(&window->view, fuzz_error(input), &sum));
  if (!has_model(window) || has_floats(window)) return;
  __int128 right = 0;
  for (uint64_t i = mw_view_count(&window->view); i-- > 0;) right += integer_of(value_at(window, i));
  bool fits = mw_dtype_kind(window->view.dtype) == MW_VALUE_INT ? right >= INT64_MIN && right <= INT64_MAX : right <= UINT64_MAX;
  fuzz_require(fits ? status == 0 && integer_of(sum) == right : status == MW_EOVERFLOW);
}

static void find_extremes(fuzz_input *input) {
  window *window = any_window(input);
  if (!window || !is_small(window)) return;
  mw_value least, most;
  int status = judge_view(window, mw_view_min(&window->view, fuzz_error(input), &least));
  int other = judge_view(window, mw_view_max(&window->view, fuzz_error(input), &most));
  if (!has_model(window)) return;
  uint64_t count = mw_view_count(&window->view);
  fuzz_require(status == other && status == (count ? 0 : MW_EINVAL));
  if (has_floats(window) || count == 0) return;
  bool is_least = false, is_most = false;
  for (uint64_t i = 0; i < count; i++) {
    __int128 value = integer_of(value_at(window, i));
    fuzz_require(integer_of(least) <= value && value <= integer_of(most));
    is_least |= value == integer_of(least);
    is_most |= value == integer_of(most);
  }
  fuzz_require(is_least && is_most);
}

/* A value to look for: from the input, or of an element. */
static mw_value likely_value(fuzz_input *input, const window *window) {
  uint64_t count = mw_view_count(&window->view);
  if (count == 0 || !has_model(window) || fuzz_byte(input) % 2) return any_value(input);
  return value_at(window, fuzz_below(input, count));
}

static bool is_same(mw_value one, mw_value other) {
  return one.kind != MW_VALUE_FLOAT && other.kind != MW_VALUE_FLOAT && integer_of(one) == integer_of(other);
}

static void find_value(fuzz_input *input) {
  window *window = any_window(input);
  if (!window || !is_small(window)) return;
  mw_value value = likely_value(input, window);
  uint64_t start = fuzz_about(input, window->view.shape[0]), place = 77777, count = 77777, right = 0, first = UINT64_MAX;
  int found = judge_view(window, mw_view_index(&window->view, value, start, fuzz_error(input), &place));
  int counted = judge_view(window, mw_view_count_of(&window->view, value, fuzz_error(input), &count));
  fuzz_require((found == 0) == (place != 77777) && (counted == 0) == (count != 77777));
  if (!has_model(window) || has_floats(window) || value.kind == MW_VALUE_FLOAT) return;
  for (uint64_t i = mw_view_count(&window->view); i-- > 0;)
    if (is_same(value_at(window, i), value)) {
      right++;
      if (i >= start) first = i;
    }
  fuzz_require(counted == 0 && count == right);
  if (window->view.ndim == 1) fuzz_require(found == (first == UINT64_MAX ? MW_ENOENT : 0) && (found || place == first));
}

static void compare(fuzz_input *input) {
  window *one = any_window(input), *other = any_window(input);
  if (!one || !other || !is_small(one) || !is_small(other)) return;
  bool equal = false;
  int status = mw_view_equals(&one->view, &other->view, fuzz_error(input), &equal);
  judge_view(who_failed(one, other, status), status);
  if (status == 0) fuzz_require(is_usable(other));
  if (!has_model(one) || !has_model(other) || has_floats(one) || has_floats(other)) return;
  bool right = one->view.ndim == other->view.ndim;
  for (int i = 0; i < one->view.ndim && right; i++) right = one->view.shape[i] == other->view.shape[i];
  for (uint64_t i = right ? mw_view_count(&one->view) : 0; i-- > 0 && right;) right = is_same(value_at(one, i), value_at(other, i));
  fuzz_require(status == 0 && equal == right);
}

/* ---- one element */

static void point(fuzz_input *input) {
  window *window = any_window(input);
  if (!window) return;
  const mw_view *view = &window->view;
  uint64_t indices[MW_MAX_DIMENSIONS] = {0}, place = 0;
  bool is_inside = true;
  for (int i = 0; i < view->ndim; i++) {
    indices[i] = fuzz_about(input, view->shape[i]);
    is_inside = is_inside && indices[i] < view->shape[i];
    place = place * view->shape[i] + indices[i];
  }
  const uint8_t *data = mw_region_data(window->slot->region), *element = mw_view_element(view, indices);
  if (element) fuzz_require(is_inside && !window->slot->closed);
  if (view->ndim == 1) fuzz_require(mw_view_at(view, indices[0]) == element);
  if (is_inside && has_model(window))
    fuzz_require(element && element - data == element_at(window, place) - model_at(window->slot, 0));
}

/* What the model's element becomes. */
static uint64_t changed(unsigned what, uint64_t old, uint64_t value) {
  switch (what) {
    case 0: return old + value;
    case 1: return old - value;
    case 2: return old & value;
    case 3: return old | value;
    case 4: return old ^ value;
    default: return value;
  }
}

static bool can_be_atomic(const window *window, uint64_t place, uint64_t size) {
  mw_dtype dtype = window->view.dtype;
  const void *element = mw_view_at(&window->view, place);
  return (dtype == MW_INT32 || dtype == MW_UINT32 || dtype == MW_INT64 || dtype == MW_UINT64) && element &&
         (uintptr_t)element % size == 0;
}

static void change_in_one_step(fuzz_input *input) {
  static int (*const calls[])(const mw_view *, uint64_t, int64_t, mw_error *, int64_t *) = {
      mw_view_atomic_add, mw_view_atomic_sub, mw_view_atomic_and, mw_view_atomic_or, mw_view_atomic_xor, mw_view_atomic_exchange};
  window *window = any_window(input);
  if (!window) return;
  uint64_t place = fuzz_about(input, window->view.shape[0]), size = size_of(&window->view);
  unsigned what = (unsigned)fuzz_below(input, 6);
  int64_t value = (int64_t)fuzz_about(input, 1000), old = 77777, now = 77777;
  int status = judge(window->slot, calls[what](&window->view, place, value, fuzz_error(input), &old));
  if (status) {
    fuzz_require(old == 77777);
    return;
  }
  fuzz_require(can_be_atomic(window, place, size) && mw_view_is_writable(&window->view));
  if (!is_known(window->slot)) return; /* an element is there though the view's end may not be any more */
  uint8_t *element = element_at(window, place);
  fuzz_require(integer_of(mw_dtype_load(window->view.dtype, element)) ==
               (window->view.dtype == MW_UINT64 ? (__int128)(uint64_t)old : old));
  uint64_t result = changed(what, (uint64_t)old, (uint64_t)value);
  memcpy(element, &result, size); /* its low bytes come first, here */
  fuzz_require(mw_view_atomic_load(&window->view, place, NULL, &now) == 0);
  fuzz_require(memcmp(&now, &result, size) == 0);
}

static void store_in_one_step(fuzz_input *input) {
  window *window = any_window(input);
  if (!window) return;
  uint64_t place = fuzz_about(input, window->view.shape[0]), size = size_of(&window->view);
  int64_t expected = (int64_t)fuzz_about(input, 3), value = (int64_t)fuzz_about(input, 3), old = 77777;
  if (fuzz_byte(input) % 2) {
    int status = judge(window->slot, mw_view_atomic_store(&window->view, place, value, fuzz_error(input)));
    if (status == 0 && is_known(window->slot)) memcpy(element_at(window, place), &value, size);
    return;
  }
  int status = mw_view_atomic_compare_exchange(&window->view, place, expected, value, fuzz_error(input), &old);
  if (judge(window->slot, status)) fuzz_require(old == 77777);
  if (status || !is_known(window->slot)) return;
  uint8_t *element = element_at(window, place);
  fuzz_require(memcmp(element, &old, size) == 0);
  if (old == expected) memcpy(element, &value, size);
}

static void wait_or_wake(fuzz_input *input) {
  window *window = any_window(input);
  if (!window) return;
  uint64_t place = fuzz_about(input, window->view.shape[0]);
  unsigned woken = 77777;
  if (fuzz_byte(input) % 2) {
    int status = judge(window->slot, mw_view_wake(&window->view, place, UINT_MAX, fuzz_error(input), &woken));
    fuzz_require(woken == (status ? 77777 : 0));
  } else {
    int64_t value = (int64_t)fuzz_about(input, 3);
    judge(window->slot, mw_view_wait(&window->view, place, value, fuzz_byte(input) % 2 ? MW_DEADLINE_NOW : 1, fuzz_error(input)));
  }
}

act *const acts_on_views[] = {look,
                              look,
                              look,
                              derive,
                              derive,
                              read_elements,
                              write_elements,
                              fill_elements,
                              copy_elements,
                              take_elements,
                              sum_elements,
                              find_extremes,
                              find_value,
                              compare,
                              point,
                              change_in_one_step,
                              store_in_one_step,
                              wait_or_wake};
const unsigned views_count = sizeof acts_on_views / sizeof acts_on_views[0];
