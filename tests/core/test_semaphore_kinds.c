/* What every semaphore does, whatever it is made of: each test here runs on every kind that there is.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "harness.h"
#include "kinds.h"

static unsigned value_of(mw_semaphore *semaphore) {
  unsigned value = 12345;
  assert_ok(mw_semaphore_value(semaphore, &why, &value));
  return value;
}

static bool is_sysv(const semaphore_kind *kind) { return strncmp(kind->kind, "sysv", 4) == 0; }

static void await_sleep(const semaphore_kind *kind, pid_t process, pid_t thread) {
  harness_await_call(process, thread, is_sysv(kind) ? SYS_semtimedop : SYS_futex);
}

/* ---- what it says of itself */

static void check_description(const semaphore_kind *kind, mw_semaphore *semaphore) {
  mw_semaphore *other = semaphore_attached_again(kind, semaphore);
  uint64_t devices[2], inodes[2];
  assert_string_equal(mw_semaphore_kind(semaphore), is_sysv(kind) ? "sysv" : kind->kind);
  assert_string_equal(mw_semaphore_name(other), mw_semaphore_name(semaphore));
  assert_false(mw_semaphore_is_closed(semaphore));
  assert_int_equal(value_of(semaphore), 3);
  assert_int_equal(value_of(other), 3);
  mw_semaphore_identity(semaphore, &devices[0], &inodes[0]);
  mw_semaphore_identity(other, &devices[1], &inodes[1]);
  assert_int_equal(devices[0], devices[1]);
  assert_int_equal(inodes[0], inodes[1]);
  assert_true(inodes[0] != 0);
  mw_semaphore_close(other);
}

static void it_describes_itself(void **state) {
  (void)state;
  on_each_semaphore(3, check_description);
}

/* ---- acquire, release, value */

static void check_counting(const semaphore_kind *kind, mw_semaphore *semaphore) {
  mw_semaphore *other = semaphore_attached_again(kind, semaphore);
  for (unsigned n = 1; n <= 20; n++) {
    assert_ok(mw_semaphore_release(semaphore, n, &why));
    assert_int_equal(value_of(other), n);
    for (unsigned i = 0; i < n; i++) assert_ok(mw_semaphore_acquire(i % 2 ? semaphore : other, MW_DEADLINE_NOW, &why));
    assert_fails(MW_ETIMEDOUT, mw_semaphore_acquire(other, MW_DEADLINE_NOW, &why));
    assert_int_equal(value_of(semaphore), 0);
  }
  mw_semaphore_close(other);
}

static void it_counts(void **state) {
  (void)state;
  on_each_semaphore(0, check_counting);
}

static void check_taking(const semaphore_kind *kind, mw_semaphore *semaphore) {
  (void)kind;
  assert_ok(mw_semaphore_acquire(semaphore, MW_DEADLINE_NOW, &why));
  assert_ok(mw_semaphore_acquire(semaphore, MW_DEADLINE_NEVER, &why));
  assert_ok(mw_semaphore_acquire(semaphore, mw_deadline_after(100), &why));
  assert_ok(mw_semaphore_acquire(semaphore, 1, &why)); /* a deadline long ago */
  assert_int_equal(value_of(semaphore), 0);
}

static void what_is_there_is_taken_without_waiting(void **state) {
  (void)state;
  on_each_semaphore(4, check_taking);
}

static void check_deadline(const semaphore_kind *kind, mw_semaphore *semaphore) {
  static const double spans[] = {0.0001, 0.001, 0.03, 0.12}; /* the last is more than a slice of the sleep */
  (void)kind;
  for (int i = 0; i < 4; i++) {
    struct timespec now;
    mw_deadline deadline = mw_deadline_after(spans[i]);
    assert_fails(MW_ETIMEDOUT, mw_semaphore_acquire(semaphore, deadline, &why));
    clock_gettime(CLOCK_MONOTONIC, &now);
    assert_true((int64_t)now.tv_sec * 1000000000 + now.tv_nsec >= deadline);
    assert_int_equal(value_of(semaphore), 0);
  }
  assert_why("Semaphore.acquire", mw_semaphore_name(semaphore), why.os_errno);
  assert_fails(MW_ETIMEDOUT, mw_semaphore_acquire(semaphore, 1, &why));
  assert_fails(MW_ETIMEDOUT, mw_semaphore_acquire(semaphore, -7, &why));
}

static void a_deadline_ends_the_wait_and_not_before(void **state) {
  (void)state;
  on_each_semaphore(0, check_deadline);
}

static void check_release_of_nothing(const semaphore_kind *kind, mw_semaphore *semaphore) {
  (void)kind;
  assert_fails(MW_EINVAL, mw_semaphore_release(semaphore, 0, &why));
  assert_int_equal(value_of(semaphore), 1);
}

static void a_release_of_nothing_is_refused(void **state) {
  (void)state;
  on_each_semaphore(1, check_release_of_nothing);
}

static void check_too_much(const semaphore_kind *kind) {
  mw_semaphore *semaphore = semaphore_of_kind(kind, kind->most - 3);
  const unsigned much[] = {4, 5, kind->most, kind->most + 1, MW_SEMAPHORE_MAX, MW_SEMAPHORE_MAX + 1, UINT32_MAX};
  for (size_t i = 0; i < sizeof much / sizeof much[0]; i++) {
    assert_fails(MW_EOVERFLOW, mw_semaphore_release(semaphore, much[i], &why));
    assert_int_equal(value_of(semaphore), kind->most - 3);
  }
  assert_ok(mw_semaphore_release(semaphore, 3, &why));
  assert_fails(MW_EOVERFLOW, mw_semaphore_release(semaphore, 1, &why));
  assert_int_equal(value_of(semaphore), kind->most);
  assert_ok(mw_semaphore_acquire(semaphore, MW_DEADLINE_NOW, &why));
  semaphore_close_and_remove(kind, semaphore);
}

static void too_much_is_refused_and_nothing_added(void **state) {
  (void)state;
  on_each_semaphore_kind(check_too_much);
}

/* ---- waits that something ends */

/* Of a semaphore that undoes, what the child has acquired comes back when it ends, so it stays until it is told. */
static pid_t waiting_child(mw_semaphore *semaphore, harness_gate *end) {
  pid_t child = harness_fork();
  if (child != 0) return child;
  assert_ok(mw_semaphore_acquire(semaphore, MW_DEADLINE_NEVER, &why));
  harness_gate_wait(end);
  _exit(0);
}

static void await_value(mw_semaphore *semaphore, unsigned value) {
  while (value_of(semaphore) != value) sched_yield();
}

static void check_waking(const semaphore_kind *kind, mw_semaphore *semaphore) {
  harness_gate end;
  harness_gate_init(&end);
  pid_t child = waiting_child(semaphore, &end);
  await_sleep(kind, child, 0);
  assert_int_equal(value_of(semaphore), 0);
  assert_ok(mw_semaphore_release(semaphore, 1, &why));
  await_value(semaphore, 0);
  harness_gate_open(&end);
  assert_int_equal(harness_wait(child), 0);
  assert_int_equal(value_of(semaphore), kind->undo);
  harness_gate_fini(&end);
}

static void another_process_wakes_a_sleeper(void **state) {
  (void)state;
  on_each_semaphore(0, check_waking);
}

static void check_waking_many(const semaphore_kind *kind, mw_semaphore *semaphore) {
  enum { SLEEPERS = 5 };
  pid_t children[SLEEPERS];
  harness_gate end;
  harness_gate_init(&end);
  for (int i = 0; i < SLEEPERS; i++) children[i] = waiting_child(semaphore, &end);
  for (int i = 0; i < SLEEPERS; i++) await_sleep(kind, children[i], 0);
  assert_ok(mw_semaphore_release(semaphore, SLEEPERS + 2, &why));
  await_value(semaphore, 2);
  for (int i = 0; i < SLEEPERS; i++) harness_gate_open(&end);
  for (int i = 0; i < SLEEPERS; i++) assert_int_equal(harness_wait(children[i]), 0);
  assert_int_equal(value_of(semaphore), kind->undo ? SLEEPERS + 2 : 2);
  harness_gate_fini(&end);
}

static void a_release_of_many_wakes_as_many(void **state) {
  (void)state;
  on_each_semaphore(0, check_waking_many);
}

static void check_signal(const semaphore_kind *kind, mw_semaphore *semaphore) {
  (void)kind;
  harness_interrupt_every(5);
  for (int i = 0; i < 3; i++) {
    assert_fails(MW_EINTR, mw_semaphore_acquire(semaphore, MW_DEADLINE_NEVER, &why));
    assert_int_equal(value_of(semaphore), 0);
  }
  mw_deadline deadline = mw_deadline_after(0.05);
  int result;
  while ((result = mw_semaphore_acquire(semaphore, deadline, &why)) == MW_EINTR) {}
  assert_int_equal(result, MW_ETIMEDOUT); /* again and again on the same deadline comes to an end */
  harness_interrupt_every(0);
}

static void a_signal_ends_the_wait(void **state) {
  (void)state;
  on_each_semaphore(0, check_signal);
}

typedef struct sleeper {
  mw_semaphore *semaphore;
  mw_deadline deadline;
  _Atomic pid_t thread;
  pthread_t handle;
} sleeper;

static void *sleep_on_it(void *context) {
  sleeper *sleeper_now = context;
  sleeper_now->thread = (pid_t)syscall(SYS_gettid);
  intptr_t result = mw_semaphore_acquire(sleeper_now->semaphore, sleeper_now->deadline, NULL);
  mw_semaphore_drop(sleeper_now->semaphore);
  return (void *)result;
}

static void put_to_sleep(const semaphore_kind *kind, sleeper *one, mw_semaphore *semaphore, mw_deadline deadline) {
  *one = (sleeper){.semaphore = semaphore, .deadline = deadline};
  mw_semaphore_hold(semaphore);
  assert_int_equal(pthread_create(&one->handle, NULL, sleep_on_it, one), 0);
  while (one->thread == 0) sched_yield();
  await_sleep(kind, getpid(), one->thread);
}

static int result_of(sleeper *one) {
  void *result;
  assert_int_equal(pthread_join(one->handle, &result), 0);
  return (int)(intptr_t)result;
}

static void check_close_while_others_wait(const semaphore_kind *kind, mw_semaphore *semaphore) {
  static const double spans[] = {1e9, 1000, 50};
  mw_semaphore *closing = semaphore_attached_again(kind, semaphore);
  sleeper sleepers[3];
  put_to_sleep(kind, &sleepers[0], closing, MW_DEADLINE_NEVER);
  for (int i = 1; i < 3; i++) put_to_sleep(kind, &sleepers[i], closing, mw_deadline_after(spans[i]));
  mw_semaphore_close(closing);
  for (int i = 0; i < 3; i++) assert_int_equal(result_of(&sleepers[i]), MW_ECLOSED);
  assert_int_equal(value_of(semaphore), 0); /* and no unit was taken from anybody */
  assert_ok(mw_semaphore_release(semaphore, 1, &why));
  assert_ok(mw_semaphore_acquire(semaphore, MW_DEADLINE_NOW, &why));
  assert_fails(MW_ETIMEDOUT, mw_semaphore_acquire(semaphore, MW_DEADLINE_NOW, &why));
}

static void a_close_ends_the_waits_of_other_threads(void **state) {
  (void)state;
  on_each_semaphore(0, check_close_while_others_wait);
}

static void check_close_of_another_handle(const semaphore_kind *kind, mw_semaphore *semaphore) {
  mw_semaphore *other = semaphore_attached_again(kind, semaphore);
  sleeper one;
  put_to_sleep(kind, &one, semaphore, MW_DEADLINE_NEVER);
  mw_semaphore_close(other);
  await_sleep(kind, getpid(), one.thread);
  assert_ok(mw_semaphore_release(semaphore, 1, &why));
  assert_int_equal(result_of(&one), 0);
}

static void a_close_does_not_end_the_waits_of_other_handles(void **state) {
  (void)state;
  on_each_semaphore(0, check_close_of_another_handle);
}

static void check_closed(const semaphore_kind *kind, mw_semaphore *semaphore) {
  mw_semaphore *closed = semaphore_attached_again(kind, semaphore);
  unsigned value = 77;
  mw_semaphore_hold(closed);
  mw_semaphore_close(closed);
  assert_true(mw_semaphore_is_closed(closed));
  assert_fails(MW_ECLOSED, mw_semaphore_acquire(closed, MW_DEADLINE_NOW, &why));
  assert_fails(MW_ECLOSED, mw_semaphore_acquire(closed, MW_DEADLINE_NEVER, &why));
  assert_fails(MW_ECLOSED, mw_semaphore_release(closed, 1, &why));
  assert_fails(MW_ECLOSED, mw_semaphore_release(closed, 2, &why));
  assert_fails(MW_ECLOSED, mw_semaphore_value(closed, &why, &value));
  assert_int_equal(value, 77);
  assert_non_null(mw_semaphore_kind(closed));
  mw_semaphore_drop(closed);
  assert_int_equal(value_of(semaphore), 5);
}

static void a_closed_semaphore_refuses_every_call(void **state) {
  (void)state;
  on_each_semaphore(5, check_closed);
}

/* ---- no unit is lost or made */

enum { WORKERS = 4, ROUNDS = 3000 };

static void work(mw_semaphore *semaphore, volatile unsigned *inside, volatile unsigned *total) {
  for (int i = 0; i < ROUNDS; i++) {
    assert_ok(mw_semaphore_acquire(semaphore, MW_DEADLINE_NEVER, &why));
    assert_int_equal(++*inside, 1);
    ++*total;
    --*inside;
    assert_ok(mw_semaphore_release(semaphore, 1, &why));
  }
}

static void check_exclusion(const semaphore_kind *kind, mw_semaphore *semaphore) {
  unsigned *shared = harness_shared(4096);
  pid_t children[WORKERS];
  (void)kind;
  for (int i = 0; i < WORKERS; i++)
    if ((children[i] = harness_fork()) == 0) {
      work(semaphore, &shared[0], &shared[16]);
      _exit(0);
    }
  for (int i = 0; i < WORKERS; i++) assert_int_equal(harness_wait(children[i]), 0);
  assert_int_equal(shared[16], WORKERS * ROUNDS);
  assert_int_equal(value_of(semaphore), 1);
}

static void one_unit_keeps_processes_apart(void **state) {
  (void)state;
  on_each_semaphore(1, check_exclusion);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(it_describes_itself),
    cmocka_unit_test(it_counts),
    cmocka_unit_test(what_is_there_is_taken_without_waiting),
    cmocka_unit_test(a_deadline_ends_the_wait_and_not_before),
    cmocka_unit_test(a_release_of_nothing_is_refused),
    cmocka_unit_test(too_much_is_refused_and_nothing_added),
    cmocka_unit_test(another_process_wakes_a_sleeper),
    cmocka_unit_test(a_release_of_many_wakes_as_many),
    cmocka_unit_test(a_signal_ends_the_wait),
    cmocka_unit_test(a_close_ends_the_waits_of_other_threads),
    cmocka_unit_test(a_close_does_not_end_the_waits_of_other_handles),
    cmocka_unit_test(a_closed_semaphore_refuses_every_call),
    cmocka_unit_test(one_unit_keeps_processes_apart),
};

HARNESS_MAIN(tests)
