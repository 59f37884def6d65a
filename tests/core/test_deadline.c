/* Deadlines: instants on the monotonic clock, and what becomes of odd spans.
 *
 * SPDX-License-Identifier: MIT */
#include <float.h>
#include <math.h>
#include <time.h>

#include "harness.h"

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void it_is_that_far_from_now(void **state) {
  (void)state;
  static const double spans[] = {1e-9, 1e-6, 0.001, 0.5, 1, 3600, 1e6, 1e9};
  for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++) {
    int64_t before = now(), span = (int64_t)(spans[i] * 1e9);
    mw_deadline deadline = mw_deadline_after(spans[i]);
    int64_t after = now();
    assert_true(deadline >= before + span - 1 - span / 1000000000); /* a double cannot say it more exactly */
    assert_true(deadline <= after + span + 1 + span / 1000000000);
  }
}

static void nothing_and_less_is_now(void **state) {
  (void)state;
  static const double spans[] = {0.0, -0.0, -1e-9, -1, -DBL_MAX, -INFINITY, NAN, -NAN};
  for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++) assert_true(mw_deadline_after(spans[i]) == MW_DEADLINE_NOW);
}

static void beyond_292_years_is_never(void **state) {
  (void)state;
  static const double spans[] = {9.3e9, 1e10, 1e100, DBL_MAX, INFINITY};
  for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++) assert_true(mw_deadline_after(spans[i]) == MW_DEADLINE_NEVER);
}

static void a_long_span_does_not_overflow(void **state) {
  (void)state;
  static const double spans[] = {9.0e9, 9.2e9, 9.22e9, 9.2233720e9, 9.223372036e9};
  for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++)
    assert_true(mw_deadline_after(spans[i]) > now() + 8 * (int64_t)1000000000 * 1000000000);
}

static void the_least_span_is_not_now(void **state) {
  (void)state;
  assert_true(mw_deadline_after(DBL_MIN) != MW_DEADLINE_NOW);
  assert_true(mw_deadline_after(1e-12) >= 1);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(it_is_that_far_from_now),   cmocka_unit_test(nothing_and_less_is_now),
    cmocka_unit_test(beyond_292_years_is_never), cmocka_unit_test(a_long_span_does_not_overflow),
    cmocka_unit_test(the_least_span_is_not_now),
};

HARNESS_MAIN(tests)
