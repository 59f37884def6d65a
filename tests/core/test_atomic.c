/* Atomic elements: the operations of stdatomic.h on all four dtypes, between threads and processes, and sleeping until one changes.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "harness.h"

static const mw_dtype dtypes[] = {MW_INT32, MW_UINT32, MW_INT64, MW_UINT64};

static mw_region *memory_of(uint64_t size) {
  mw_region *region = NULL;
  assert_ok(mw_region_anonymous(size, NULL, &why, &region));
  return region;
}

static mw_view view_of(mw_region *region, mw_dtype dtype) {
  mw_view view;
  assert_ok(mw_view_init(&view, region, dtype, 1, NULL, 0, &why));
  return view;
}

static int64_t load(const mw_view *view, uint64_t i) {
  int64_t value = 77;
  assert_ok(mw_view_atomic_load(view, i, &why, &value));
  return value;
}

/* ---- against C's own */

/* What an element of this dtype says of a value: its lowest bits. */
static int64_t cut(mw_dtype dtype, uint64_t value) {
  switch (dtype) {
    case MW_INT32: return (int32_t)(uint32_t)value;
    case MW_UINT32: return (int64_t)(uint32_t)value;
    default: return (int64_t)value;
  }
}

/* The same by <stdatomic.h>, on memory of C's. */
#define OPERATION(verb)                                                                                        \
  static uint64_t narrow_##verb(_Atomic uint32_t *place, uint32_t n) { return atomic_fetch_##verb(place, n); } \
  static uint64_t wide_##verb(_Atomic uint64_t *place, uint64_t n) { return atomic_fetch_##verb(place, n); }
OPERATION(add)
OPERATION(sub)
OPERATION(and)
OPERATION(or)
OPERATION(xor)
#undef OPERATION
static uint64_t narrow_exchange(_Atomic uint32_t *place, uint32_t n) { return atomic_exchange(place, n); }
static uint64_t wide_exchange(_Atomic uint64_t *place, uint64_t n) { return atomic_exchange(place, n); }

static const struct {
  int (*change)(const mw_view *view, uint64_t i, int64_t n, mw_error *error, int64_t *out_old);
  uint64_t (*narrow)(_Atomic uint32_t *place, uint32_t n);
  uint64_t (*wide)(_Atomic uint64_t *place, uint64_t n);
} operations[] = {
#define ROW(verb) \
  { mw_view_atomic_##verb, narrow_##verb, wide_##verb }
    ROW(add), ROW(sub), ROW(and), ROW(or), ROW(xor), ROW(exchange),
#undef ROW
};
enum { OPERATIONS = sizeof operations / sizeof operations[0], EXCHANGE = OPERATIONS - 1 };

static const uint64_t values[] = {0,          1,          2,           0x7fffffff,         0x80000000,         0xffffffff,
                                  0xfffffffe, 0x55555555, 0x100000000, 0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff};
enum { VALUES = sizeof values / sizeof values[0] };

/* One operation on one start with one operand, beside C's: the old value, the new one, and the neighbours, which stay. */
static void compare(mw_view *view, int operation, uint64_t start, uint64_t operand) {
  int64_t old = 77, n = operation == EXCHANGE ? cut(view->dtype, operand) : (int64_t)operand;
  bool is_wide = mw_dtype_size(view->dtype) == 8;
  _Atomic uint32_t narrow = (uint32_t)start;
  _Atomic uint64_t wide = start;
  uint64_t expected_old =
      is_wide ? operations[operation].wide(&wide, operand) : operations[operation].narrow(&narrow, (uint32_t)operand);
  assert_ok(mw_view_atomic_store(view, 1, cut(view->dtype, start), &why));
  assert_ok(operations[operation].change(view, 1, n, &why, &old));
  assert_int_equal(old, cut(view->dtype, expected_old));
  assert_int_equal(load(view, 1), cut(view->dtype, is_wide ? wide : narrow));
  assert_int_equal(load(view, 0), 5);
  assert_int_equal(load(view, 2), 6);
}

static void each_operation_does_what_c_does(void **state) {
  (void)state;
  mw_region *region = memory_of(24);
  for (int d = 0; d < 4; d++) {
    mw_view view = view_of(region, dtypes[d]);
    assert_ok(mw_view_atomic_store(&view, 0, 5, &why));
    assert_ok(mw_view_atomic_store(&view, 2, 6, &why));
    for (int operation = 0; operation < OPERATIONS; operation++)
      for (int a = 0; a < VALUES; a++)
        for (int b = 0; b < VALUES; b++) compare(&view, operation, values[a], values[b]);
  }
  mw_region_close(region);
}

static void compare_exchange_writes_where_it_is_as_expected(void **state) {
  (void)state;
  mw_region *region = memory_of(24);
  for (int d = 0; d < 4; d++) {
    mw_view view = view_of(region, dtypes[d]);
    for (int a = 0; a < VALUES; a++)
      for (int b = 0; b < VALUES; b++) {
        int64_t now = cut(dtypes[d], values[a]), expected = cut(dtypes[d], values[b]), old = 77;
        assert_ok(mw_view_atomic_store(&view, 1, now, &why));
        assert_ok(mw_view_atomic_compare_exchange(&view, 1, expected, 42, &why, &old));
        assert_int_equal(old, now);
        assert_int_equal(load(&view, 1), now == expected ? 42 : now);
      }
  }
  mw_region_close(region);
}

static void c_sees_the_same_word(void **state) {
  (void)state;
  mw_region *region = memory_of(24);
  mw_view view = view_of(region, MW_INT32);
  _Atomic int32_t *words = mw_region_data(region);
  atomic_store(&words[3], -5);
  assert_int_equal(load(&view, 3), -5);
  assert_ok(mw_view_atomic_store(&view, 3, INT32_MIN, &why));
  assert_int_equal(atomic_load(&words[3]), INT32_MIN);
  mw_region_close(region);
}

/* ---- what is refused */

/* Every call on an element: with a value that all dtypes have. */
static int call_of(int number, const mw_view *view, uint64_t i) {
  static int64_t old;
  static unsigned woken;
  old = 77;
  woken = 78;
  int result;
  switch (number) {
    case 0: result = mw_view_atomic_load(view, i, &why, &old); break;
    case 1: result = mw_view_atomic_store(view, i, 1, &why); break;
    case 8: result = mw_view_atomic_compare_exchange(view, i, 0, 1, &why, &old); break;
    case 9: result = mw_view_wait(view, i, 0, MW_DEADLINE_NOW, &why); break;
    case 10: result = mw_view_wake(view, i, 1, &why, &woken); break;
    default: result = operations[number - 2].change(view, i, 1, &why, &old);
  }
  if (result != 0) assert_int_equal(old, 77);
  if (result != 0) assert_int_equal(woken, 78);
  return result;
}
enum { LOAD = 0, WAIT = 9, WAKE = 10, CALLS = 11 };
static const char *const call_names[CALLS] = {"View.atomic_load",
                                              "View.atomic_store",
                                              "View.atomic_add",
                                              "View.atomic_sub",
                                              "View.atomic_and",
                                              "View.atomic_or",
                                              "View.atomic_xor",
                                              "View.atomic_exchange",
                                              "View.atomic_compare_exchange",
                                              "View.wait",
                                              "View.wake"};

static void assert_all_refuse(int status, const mw_view *view, uint64_t i) {
  for (int call = 0; call < CALLS; call++) {
    assert_fails(status, call_of(call, view, i));
    assert_string_equal(why.call, call_names[call]);
  }
}

static void other_elements_are_refused(void **state) {
  (void)state;
  static const mw_dtype others[] = {MW_INT8, MW_UINT8, MW_INT16, MW_UINT16, MW_FLOAT16, MW_FLOAT32, MW_FLOAT64, MW_BOOL};
  mw_region *region = memory_of(64);
  for (int i = 0; i < 8; i++) {
    mw_view view = view_of(region, others[i]);
    assert_all_refuse(MW_EINVAL, &view, 0);
    assert_non_null(strstr(why.reason, mw_dtype_name(others[i])));
  }
  mw_region_close(region);
}

static void several_dimensions_are_refused(void **state) {
  (void)state;
  mw_region *region = memory_of(64);
  mw_view view;
  assert_ok(mw_view_init(&view, region, MW_INT32, 2, (uint64_t[]){2, 2}, 0, &why));
  assert_all_refuse(MW_EINVAL, &view, 0);
  mw_region_close(region);
}

static void no_such_element_is_refused(void **state) {
  (void)state;
  mw_region *region = memory_of(64);
  for (int d = 0; d < 4; d++) {
    mw_view view = view_of(region, dtypes[d]);
    assert_all_refuse(MW_ERANGE, &view, 64 / mw_dtype_size(dtypes[d]));
    assert_all_refuse(MW_ERANGE, &view, UINT64_MAX);
  }
  mw_region_close(region);
}

static void an_odd_place_is_refused(void **state) {
  (void)state;
  mw_region *region = memory_of(64);
  for (int d = 0; d < 4; d++)
    for (uint64_t offset = 0; offset < 9; offset++) {
      mw_view view;
      size_t size = mw_dtype_size(dtypes[d]);
      assert_ok(mw_view_init(&view, region, dtypes[d], 1, &(uint64_t){1}, offset, &why));
      for (int call = 0; call < CALLS; call++) {
        int result = call_of(call, &view, 0);
        if (size == 8 && call >= WAIT) continue; /* too wide to wait on, wherever it is */
        if (offset % size != 0)
          assert_fails(MW_EINVAL, result);
        else
          assert_int_equal(result, call == WAIT && load(&view, 0) == 0 ? MW_ETIMEDOUT : 0);
      }
    }
  mw_region_close(region);
}

static void read_only_memory_can_be_loaded_alone(void **state) {
  (void)state;
  mw_region *region = memory_of(64);
  assert_ok(mw_region_protect(region, true, &why));
  for (int d = 0; d < 4; d++) {
    mw_view view = view_of(region, dtypes[d]);
    for (int call = 0; call < CALLS; call++) {
      if (call == LOAD || call >= WAIT) continue;
      assert_fails(MW_EREADONLY, call_of(call, &view, 0));
    }
    assert_int_equal(load(&view, 0), 0);
  }
  mw_view view = view_of(region, MW_INT32);
  assert_fails(MW_ETIMEDOUT, call_of(WAIT, &view, 0)); /* for what others write */
  assert_ok(call_of(WAKE, &view, 0));
  mw_region_close(region);
}

static void values_out_of_range_are_refused(void **state) {
  (void)state;
  static const int64_t signed_wrong[] = {(int64_t)INT32_MAX + 1, (int64_t)INT32_MIN - 1, INT64_MAX, INT64_MIN, UINT32_MAX};
  static const int64_t unsigned_wrong[] = {(int64_t)UINT32_MAX + 1, -1, INT64_MAX, INT64_MIN, INT32_MIN};
  mw_region *region = memory_of(64);
  for (int d = 0; d < 2; d++) {
    mw_view view = view_of(region, dtypes[d]);
    for (int i = 0; i < 5; i++) {
      int64_t wrong = d == 0 ? signed_wrong[i] : unsigned_wrong[i], old = 77;
      assert_fails(MW_EOVERFLOW, mw_view_atomic_store(&view, 0, wrong, &why));
      assert_fails(MW_EOVERFLOW, mw_view_atomic_exchange(&view, 0, wrong, &why, &old));
      assert_fails(MW_EOVERFLOW, mw_view_atomic_compare_exchange(&view, 0, 0, wrong, &why, &old));
      assert_fails(MW_EOVERFLOW, mw_view_atomic_compare_exchange(&view, 0, wrong, 1, &why, &old));
      assert_fails(MW_EOVERFLOW, mw_view_wait(&view, 0, wrong, MW_DEADLINE_NEVER, &why));
      assert_int_equal(old, 77);
      assert_int_equal(load(&view, 0), 0);
    }
  }
  mw_region_close(region);
}

static void a_closed_region_refuses_every_call(void **state) {
  (void)state;
  mw_region *region = memory_of(64);
  mw_view view = view_of(region, MW_INT32);
  mw_region_hold(region);
  mw_region_close(region);
  assert_all_refuse(MW_ECLOSED, &view, 0);
  mw_region_drop(region);
}

static void a_region_that_is_too_small_refuses_every_call(void **state) {
  (void)state;
  mw_region *region = memory_of(3 * mw_page_size());
  mw_view view = view_of(region, MW_UINT32);
  assert_ok(mw_region_resize(region, 8, &why));
  assert_all_refuse(MW_ERANGE, &view, 2);
  assert_int_equal(load(&view, 1), 0);
  mw_region_close(region);
}

static void a_lost_page_refuses_every_call(void **state) {
  (void)state;
  for (int call = 0; call < CALLS; call++) {
    mw_region *region;
    int fd;
    harness_let_faults_kill();
    region = memory_of(64);
    mw_view view = view_of(region, MW_INT32);
    assert_ok(mw_region_descriptor(region, &why, &fd));
    assert_int_equal(ftruncate(fd, 0), 0);
    assert_fails(MW_EFAULT, call_of(call, &view, 0));
    assert_string_equal(why.call, call_names[call]);
    mw_region_close(region);
  }
}

/* ---- threads and processes */

enum { WORKERS = 8, TIMES = 100000 };

static void *count_up(void *context) {
  const mw_view *view = context;
  int64_t old;
  for (int i = 0; i < TIMES; i++)
    if (mw_view_atomic_add(view, 0, 1, NULL, &old) != 0) return context;
  for (int i = 0; i < TIMES / 10;) {
    if (mw_view_atomic_load(view, 1, NULL, &old) != 0) return context;
    int64_t expected = old;
    if (mw_view_atomic_compare_exchange(view, 1, expected, expected + 1, NULL, &old) != 0) return context;
    i += old == expected;
  }
  return NULL;
}

static void threads_lose_no_increment(void **state) {
  (void)state;
  for (int d = 0; d < 4; d++) {
    mw_region *region = memory_of(16);
    mw_view view = view_of(region, dtypes[d]);
    pthread_t threads[WORKERS];
    for (int i = 0; i < WORKERS; i++) assert_int_equal(pthread_create(&threads[i], NULL, count_up, &view), 0);
    for (int i = 0; i < WORKERS; i++) {
      void *failed;
      pthread_join(threads[i], &failed);
      assert_null(failed);
    }
    assert_int_equal(load(&view, 0), WORKERS * TIMES);
    assert_int_equal(load(&view, 1), WORKERS * TIMES / 10);
    mw_region_close(region);
  }
}

static void processes_lose_no_increment(void **state) {
  (void)state;
  mw_region *region = memory_of(16);
  mw_view view = view_of(region, MW_INT64);
  pid_t children[WORKERS];
  for (int i = 0; i < WORKERS; i++)
    if ((children[i] = harness_fork()) == 0) _exit(count_up(&view) != NULL);
  for (int i = 0; i < WORKERS; i++) assert_int_equal(harness_wait(children[i]), 0);
  assert_int_equal(load(&view, 0), WORKERS * TIMES);
  mw_region_close(region);
}

/* ---- wait and wake */

static void only_words_in_shared_memory_can_be_waited_on(void **state) {
  (void)state;
  unsigned woken = 77;
  mw_region *region = memory_of(64);
  for (int d = 2; d < 4; d++) {
    mw_view view = view_of(region, dtypes[d]);
    assert_fails(MW_EINVAL, mw_view_wait(&view, 0, 0, MW_DEADLINE_NEVER, &why));
    assert_fails(MW_EINVAL, mw_view_wake(&view, 0, 1, &why, &woken));
  }
  mw_region_close(region);
  mw_region_options options = {sizeof options, .access = MW_COPY_ON_WRITE};
  assert_ok(mw_region_anonymous(64, &options, &why, &region));
  mw_view view = view_of(region, MW_INT32);
  assert_fails(MW_EINVAL, mw_view_wait(&view, 0, 0, MW_DEADLINE_NEVER, &why));
  assert_non_null(strstr(why.reason, "private"));
  assert_fails(MW_EINVAL, mw_view_wake(&view, 0, 1, &why, &woken));
  assert_int_equal(woken, 77);
  mw_region_close(region);
}

static void another_value_ends_the_wait_at_once(void **state) {
  (void)state;
  mw_region *region = memory_of(64);
  mw_view view = view_of(region, MW_INT32), words = view_of(region, MW_UINT32);
  assert_ok(mw_view_wait(&view, 0, 1, MW_DEADLINE_NEVER, &why));
  assert_ok(mw_view_wait(&view, 0, -1, MW_DEADLINE_NOW, &why));
  assert_ok(mw_view_atomic_store(&view, 0, -1, &why));
  assert_ok(mw_view_wait(&view, 0, 0, MW_DEADLINE_NEVER, &why));
  assert_ok(mw_view_wait(&words, 0, 0, MW_DEADLINE_NEVER, &why));
  assert_fails(MW_ETIMEDOUT, mw_view_wait(&view, 0, -1, MW_DEADLINE_NOW, &why));
  assert_fails(MW_ETIMEDOUT, mw_view_wait(&words, 0, UINT32_MAX, MW_DEADLINE_NOW, &why));
  mw_region_close(region);
}

static void a_deadline_ends_the_wait_and_not_before(void **state) {
  (void)state;
  static const double spans[] = {0.00001, 0.001, 0.03, 0.15}; /* within the spin; asleep; more than a slice */
  mw_region *region = memory_of(64);
  mw_view view = view_of(region, MW_UINT32);
  for (int i = 0; i < 4; i++) {
    struct timespec now;
    mw_deadline deadline = mw_deadline_after(spans[i]);
    assert_fails(MW_ETIMEDOUT, mw_view_wait(&view, 3, 0, deadline, &why));
    clock_gettime(CLOCK_MONOTONIC, &now);
    assert_true((int64_t)now.tv_sec * 1000000000 + now.tv_nsec >= deadline);
  }
  assert_fails(MW_ETIMEDOUT, mw_view_wait(&view, 3, 0, 1, &why));
  mw_region_close(region);
}

enum { ROUNDS = 10000 };

/* Each waits for the other's turn and then gives it back: one lost wake-up, and both sleep until the harness ends them. */
static void take_turns(const mw_view *view, int64_t mine) {
  unsigned woken;
  for (int round = 0; round < ROUNDS; round++) {
    while (load(view, 0) != mine) assert_ok(mw_view_wait(view, 0, !mine, MW_DEADLINE_NEVER, &why));
    assert_ok(mw_view_atomic_store(view, 0, !mine, &why));
    assert_ok(mw_view_wake(view, 0, 1, &why, &woken));
  }
}

static void no_wake_up_is_lost_between_processes(void **state) {
  (void)state;
  mw_region *region = memory_of(64);
  mw_view view = view_of(region, MW_INT32);
  pid_t child = harness_fork();
  if (child == 0) {
    take_turns(&view, 1);
    _exit(0);
  }
  take_turns(&view, 0);
  assert_int_equal(harness_wait(child), 0);
  assert_int_equal(load(&view, 0), 0);
  mw_region_close(region);
}

typedef struct sleeper {
  const mw_view *view;
  uint64_t i;
  mw_deadline deadline;
  _Atomic pid_t thread;
  pthread_t handle;
} sleeper;

static void *sleep_on_it(void *context) {
  sleeper *now = context;
  mw_region *region = now->view->region;
  now->thread = (pid_t)syscall(SYS_gettid);
  intptr_t result = mw_view_wait(now->view, now->i, 0, now->deadline, NULL);
  mw_region_drop(region);
  return (void *)result;
}

static void put_to_sleep(sleeper *one, const mw_view *view, uint64_t i) {
  *one = (sleeper){.view = view, .i = i, .deadline = MW_DEADLINE_NEVER};
  mw_region_hold(view->region);
  assert_int_equal(pthread_create(&one->handle, NULL, sleep_on_it, one), 0);
  while (one->thread == 0) sched_yield();
  harness_await_futex(getpid(), one->thread);
}

static int result_of(sleeper *one) {
  void *result;
  assert_int_equal(pthread_join(one->handle, &result), 0);
  return (int)(intptr_t)result;
}

static void *sleep_until_it_changes(void *context) {
  sleeper *now = context;
  int64_t value = 0;
  while (value == 0 && mw_view_wait(now->view, now->i, 0, MW_DEADLINE_NEVER, NULL) == 0)
    if (mw_view_atomic_load(now->view, now->i, NULL, &value) != 0) return context;
  return value == 1 ? NULL : context;
}

static void wake_until_there_were(const mw_view *view, unsigned count, unsigned wanted) {
  unsigned woken = 77;
  do {
    assert_ok(mw_view_wake(view, 2, count, &why, &woken));
    assert_true(woken <= count);
    sched_yield();
  } while (woken != wanted);
}

/* Who was woken, or has a slice of his sleep behind him, is asleep again soon: some time all are at once. */
static void wake_says_how_many_there_were(void **state) {
  (void)state;
  enum { SLEEPERS = 6 };
  mw_region *region = memory_of(64);
  mw_view view = view_of(region, MW_INT32);
  sleeper sleepers[SLEEPERS];
  unsigned woken = 77;
  assert_ok(mw_view_wake(&view, 2, UINT_MAX, &why, &woken));
  assert_int_equal(woken, 0);
  for (int i = 0; i < SLEEPERS; i++) {
    sleepers[i] = (sleeper){.view = &view, .i = 2};
    assert_int_equal(pthread_create(&sleepers[i].handle, NULL, sleep_until_it_changes, &sleepers[i]), 0);
  }
  wake_until_there_were(&view, UINT_MAX, SLEEPERS);
  wake_until_there_were(&view, 2, 2);
  wake_until_there_were(&view, 1, 1);
  assert_ok(mw_view_wake(&view, 2, 0, &why, &woken));
  assert_int_equal(woken, 0);
  assert_ok(mw_view_wake(&view, 3, UINT_MAX, &why, &woken)); /* another word */
  assert_int_equal(woken, 0);
  assert_ok(mw_view_atomic_store(&view, 2, 1, &why));
  assert_ok(mw_view_wake(&view, 2, UINT_MAX, &why, &woken));
  for (int i = 0; i < SLEEPERS; i++) assert_int_equal(result_of(&sleepers[i]), 0);
  mw_region_close(region);
}

static void a_close_ends_the_wait(void **state) {
  (void)state;
  mw_region *region = memory_of(64);
  mw_view view = view_of(region, MW_INT32);
  sleeper sleepers[2];
  for (int i = 0; i < 2; i++) put_to_sleep(&sleepers[i], &view, (uint64_t)i);
  mw_region_close(region);
  for (int i = 0; i < 2; i++) assert_int_equal(result_of(&sleepers[i]), MW_ECLOSED);
}

static void a_cut_ends_the_wait(void **state) {
  (void)state;
  harness_let_faults_kill();
  mw_region *region = memory_of(3 * mw_page_size());
  mw_view view = view_of(region, MW_INT32);
  sleeper one;
  int fd;
  assert_ok(mw_region_descriptor(region, &why, &fd));
  put_to_sleep(&one, &view, 2 * mw_page_size() / 4);
  assert_int_equal(ftruncate(fd, (off_t)mw_page_size()), 0);
  assert_int_equal(result_of(&one), MW_EFAULT);
  mw_region_close(region);
}

static void a_signal_ends_the_wait(void **state) {
  (void)state;
  mw_region *region = memory_of(64);
  mw_view view = view_of(region, MW_INT32);
  harness_interrupt_every(5);
  assert_fails(MW_EINTR, mw_view_wait(&view, 0, 0, MW_DEADLINE_NEVER, &why));
  mw_deadline deadline = mw_deadline_after(0.03);
  int result;
  while ((result = mw_view_wait(&view, 0, 0, deadline, &why)) == MW_EINTR) {}
  harness_interrupt_every(0);
  assert_fails(MW_ETIMEDOUT, result);
  mw_region_close(region);
}

/* The word is one object's, wherever and however often that is mapped. */
static void other_mappings_of_the_word_are_woken(void **state) {
  (void)state;
  mw_region *region = memory_of(2 * mw_page_size()), *reader;
  int fd;
  sleeper one;
  unsigned woken = 0;
  mw_region_options options = {sizeof options, .access = MW_READ, .offset = mw_page_size()};
  assert_ok(mw_region_descriptor(region, &why, &fd));
  assert_ok(mw_region_from_fd(fd, 0, &options, &why, &reader));
  mw_view view = view_of(region, MW_INT32), readers = view_of(reader, MW_INT32);
  put_to_sleep(&one, &readers, 5);
  while (woken == 0) assert_ok(mw_view_wake(&view, mw_page_size() / 4 + 5, 1, &why, &woken));
  assert_int_equal(result_of(&one), 0);
  mw_region_close(reader);
  mw_region_close(region);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(each_operation_does_what_c_does),
    cmocka_unit_test(compare_exchange_writes_where_it_is_as_expected),
    cmocka_unit_test(c_sees_the_same_word),
    cmocka_unit_test(other_elements_are_refused),
    cmocka_unit_test(several_dimensions_are_refused),
    cmocka_unit_test(no_such_element_is_refused),
    cmocka_unit_test(an_odd_place_is_refused),
    cmocka_unit_test(read_only_memory_can_be_loaded_alone),
    cmocka_unit_test(values_out_of_range_are_refused),
    cmocka_unit_test(a_closed_region_refuses_every_call),
    cmocka_unit_test(a_region_that_is_too_small_refuses_every_call),
    cmocka_unit_test(a_lost_page_refuses_every_call),
    cmocka_unit_test(threads_lose_no_increment),
    cmocka_unit_test(processes_lose_no_increment),
    cmocka_unit_test(only_words_in_shared_memory_can_be_waited_on),
    cmocka_unit_test(another_value_ends_the_wait_at_once),
    cmocka_unit_test(a_deadline_ends_the_wait_and_not_before),
    cmocka_unit_test(no_wake_up_is_lost_between_processes),
    cmocka_unit_test(wake_says_how_many_there_were),
    cmocka_unit_test(a_close_ends_the_wait),
    cmocka_unit_test(a_cut_ends_the_wait),
    cmocka_unit_test(a_signal_ends_the_wait),
    cmocka_unit_test(other_mappings_of_the_word_are_woken),
};

HARNESS_MAIN(tests)
