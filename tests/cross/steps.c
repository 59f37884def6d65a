/* Atomic operations by turns: who waits for his turn sleeps on a word, and both sides know what every step makes of the elements.
 * Main entries: steps_first, steps_second, steps_count.
 *
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <limits.h>
#include <string.h>

#include "peer.h"

enum { ELEMENTS_AT = 64, ELEMENT_STEP = 64 };
enum { STORE, ADD, SUB, AND, OR, XOR, EXCHANGE, COMPARE_EXCHANGE, OPERATIONS };

static const mw_dtype dtypes[] = {MW_INT32, MW_UINT32, MW_INT64, MW_UINT64};
enum { ELEMENTS = sizeof dtypes / sizeof *dtypes };

static const double patience = 60.0; /* seconds: only a peer that died is waited for so long */

/* ---- what a step makes of an element, in bits */

static unsigned operation_of(uint64_t step) { return step / 2 % OPERATIONS; }

static uint64_t expected_by(uint64_t step, mw_dtype dtype, uint64_t old) {
  return step / 16 % 2 == 0 ? old : pattern_bits(step, dtype, 1);
}

static uint64_t result_of(uint64_t step, mw_dtype dtype, uint64_t old) {
  uint64_t n = pattern_bits(step, dtype, 0), mask = UINT64_MAX >> (64 - 8 * mw_dtype_size(dtype));
  switch (operation_of(step)) {
    case ADD: return (old + n) & mask;
    case SUB: return (old - n) & mask;
    case AND: return old & n;
    case OR: return old | n;
    case XOR: return old ^ n;
    case COMPARE_EXCHANGE: return old == expected_by(step, dtype, old) ? n : old;
    default: return n;
  }
}

/* ---- one step */

static mw_view one_at(mw_region *region, mw_dtype dtype, uint64_t count, uint64_t offset) {
  mw_error error;
  mw_view view;
  must(mw_view_init(&view, region, dtype, 1, &count, offset, &error), &error);
  return view;
}

static int64_t value_of(mw_dtype dtype, uint64_t bits) { return pattern_value(dtype, bits).as.i; }

static int64_t load(const mw_view *view, uint64_t i) {
  mw_error error;
  int64_t value = 0;
  must(mw_view_atomic_load(view, i, &error, &value), &error);
  return value;
}

static void store(const mw_view *view, uint64_t i, int64_t value) {
  mw_error error;
  must(mw_view_atomic_store(view, i, value, &error), &error);
}

/* Returns what the operation says was there. */
static int64_t operate(const mw_view *view, uint64_t step, uint64_t old) {
  static int (*const changes[])(const mw_view *, uint64_t, int64_t, mw_error *, int64_t *) = {
      [ADD] = mw_view_atomic_add, [SUB] = mw_view_atomic_sub, [AND] = mw_view_atomic_and,
      [OR] = mw_view_atomic_or,   [XOR] = mw_view_atomic_xor, [EXCHANGE] = mw_view_atomic_exchange};
  int64_t n = value_of(view->dtype, pattern_bits(step, view->dtype, 0)), found = 0;
  unsigned operation = operation_of(step);
  mw_error error;
  if (operation == STORE) {
    found = load(view, 0);
    store(view, 0, n);
  } else if (operation == COMPARE_EXCHANGE) {
    int64_t expected = value_of(view->dtype, expected_by(step, view->dtype, old));
    must(mw_view_atomic_compare_exchange(view, 0, expected, n, &error, &found), &error);
  } else {
    must(changes[operation](view, 0, n, &error, &found), &error);
  }
  return found;
}

static void make_step(const mw_view *view, uint64_t step, uint64_t old) {
  int64_t found = operate(view, step, old);
  if (found == value_of(view->dtype, old)) return;
  give_up("step %" PRIu64 ", %s: it was %" PRId64 ", not 0x%" PRIx64, step, mw_dtype_name(view->dtype), found, old);
}

/* The element has these bits in memory, and loads as what they mean. */
static void check_step(const mw_view *view, uint64_t step, uint64_t now) {
  unsigned char wanted[8];
  int64_t found = load(view, 0);
  pattern_pack(view->dtype, now, wanted);
  bool is_packed = memcmp(mw_view_data(view), wanted, mw_dtype_size(view->dtype)) == 0;
  if (is_packed && found == value_of(view->dtype, now)) return;
  give_up("step %" PRIu64 ", %s: it is %" PRId64 ", not 0x%" PRIx64, step, mw_dtype_name(view->dtype), found, now);
}

static void await(const mw_view *words, uint64_t i, int64_t wanted) {
  mw_error error;
  for (int64_t word = load(words, i); word != wanted; word = load(words, i))
    must(mw_view_wait(words, i, word, mw_deadline_after(patience), &error), &error);
}

static void wake(const mw_view *words, uint64_t i) {
  mw_error error;
  unsigned woken;
  must(mw_view_wake(words, i, UINT_MAX, &error, &woken), &error);
}

/* Steps of one parity are ours, those of the other the other side's. */
static void take_steps(mw_region *region, uint64_t count, uint64_t parity) {
  mw_view words = one_at(region, MW_UINT32, 2, 0);
  mw_view views[ELEMENTS];
  uint64_t bits[ELEMENTS] = {0};
  for (unsigned d = 0; d < ELEMENTS; d++) views[d] = one_at(region, dtypes[d], 1, ELEMENTS_AT + (uint64_t)ELEMENT_STEP * d);
  for (uint64_t step = 0; step < count; step++) {
    bool is_ours = step % 2 == parity;
    if (!is_ours) await(&words, 0, (int64_t)step + 1);
    for (unsigned d = 0; d < ELEMENTS; d++) {
      if (is_ours) make_step(&views[d], step, bits[d]);
      bits[d] = result_of(step, dtypes[d], bits[d]);
      check_step(&views[d], step, bits[d]);
    }
    if (!is_ours) continue;
    store(&words, 0, (int64_t)step + 1);
    wake(&words, 0);
  }
}

/* ---- both sides */

static void release(mw_semaphore *semaphore, unsigned n) {
  mw_error error;
  must(mw_semaphore_release(semaphore, n, &error), &error);
}

static void wait_for(mw_semaphore *semaphore) {
  mw_error error;
  must(mw_semaphore_acquire(semaphore, mw_deadline_after(patience), &error), &error);
}

static void expect_value(mw_semaphore *semaphore, unsigned wanted) {
  unsigned value = 0;
  mw_error error;
  must(mw_semaphore_value(semaphore, &error, &value), &error);
  if (value != wanted) give_up("%s: value %u instead of %u", mw_semaphore_kind(semaphore), value, wanted);
}

void steps_first(const char *word, uint64_t count) {
  place own = place_create(word);
  puts("ready");
  fflush(stdout);
  take_steps(own.region, count, 0);
  for (uint64_t i = 0; i < count; i++) {
    release(own.ping, 1);
    wait_for(own.pong);
  }
  wait_for(own.ping);
  expect_value(own.ping, 0);
  expect_value(own.pong, 3);
  place_close(&own);
  place_remove(word);
  printf("%" PRIu64 " steps\n", count);
}

void steps_second(const char *word, uint64_t count) {
  place own = place_attach(word);
  take_steps(own.region, count, 1);
  for (uint64_t i = 0; i < count; i++) {
    wait_for(own.ping);
    release(own.pong, 1);
  }
  release(own.pong, 3);
  release(own.ping, 1);
  place_close(&own);
  printf("%" PRIu64 " steps\n", count);
}

/* One of several who count at the same time, from the moment on when the second word says so. */
void steps_count(const char *name, uint64_t count) {
  mw_error error;
  mw_region *region = NULL;
  int64_t old;
  must(mw_region_attach(name, NULL, &error, &region), &error);
  mw_view words = one_at(region, MW_UINT32, 2, 0);
  mw_view wide = one_at(region, MW_INT64, 1, ELEMENTS_AT);
  mw_view narrow = one_at(region, MW_UINT32, 1, ELEMENTS_AT + ELEMENT_STEP);
  must(mw_view_atomic_add(&words, 0, 1, &error, &old), &error);
  wake(&words, 0);
  await(&words, 1, 1);
  for (uint64_t i = 0; i < count; i++) {
    must(mw_view_atomic_add(&wide, 0, 1, &error, &old), &error);
    must(mw_view_atomic_add(&narrow, 0, 1, &error, &old), &error);
  }
  mw_region_close(region);
  printf("%" PRIu64 " counted\n", count);
}
