/* Stepping and killing, on two toys: a permit that is one word, which names its holder, and one that is two, a count and a
 * ledger of who has how many. The kill between the two words must be found.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness.h"
#include "step.h"

enum { PERMITS = 2, FREE = 99, HOLDER = 7, CHANGES_MAX = 100 };

typedef struct toy {
  _Atomic int permits[PERMITS]; /* in one word each: FREE, or who has it */
  _Atomic int count;            /* in two: how many are free, */
  _Atomic int held;             /* and how many HOLDER has */
} toy;

static void make_whole(toy *toy) {
  for (int i = 0; i < PERMITS; i++) atomic_store(&toy->permits[i], FREE);
  atomic_store(&toy->count, PERMITS);
  atomic_store(&toy->held, 0);
}

static bool are_equal(const toy *one, const toy *other) {
  bool same = one->count == other->count && one->held == other->held;
  for (int i = 0; i < PERMITS; i++) same = same && one->permits[i] == other->permits[i];
  return same;
}

/* ---- the toys: take every permit and give it back */

static void take_and_give_words(void *context) {
  toy *toy = context;
  for (int i = 0; i < PERMITS; i++) {
    int free = FREE;
    atomic_compare_exchange_strong(&toy->permits[i], &free, HOLDER);
  }
  for (int i = 0; i < PERMITS; i++) atomic_store(&toy->permits[i], FREE);
}

static void take_and_give_count(void *context) {
  toy *toy = context;
  for (int i = 0; i < PERMITS; i++) {
    atomic_fetch_sub(&toy->count, 1);
    atomic_fetch_add(&toy->held, 1);
  }
  for (int i = 0; i < PERMITS; i++) {
    atomic_fetch_sub(&toy->held, 1);
    atomic_fetch_add(&toy->count, 1);
  }
}

/* What is free when HOLDER is dead and what it had was given back. */
static int free_words(toy *toy) {
  int free = 0;
  for (int i = 0; i < PERMITS; i++) free += toy->permits[i] == HOLDER || toy->permits[i] == FREE;
  return free;
}

static int free_count(toy *toy) { return toy->count + toy->held; }

/* Kill a process at each change of the toy. Returns at how many of `*out_changes` a permit was lost or came up twice. */
static int wrong_changes(void (*act)(void *context), int (*free)(toy *toy), int *out_changes) {
  toy *toy = harness_shared(sizeof *toy), last;
  int wrong = 0, changes = 0;
  for (bool over = false; !over && changes < CHANGES_MAX;) {
    make_whole(toy);
    memcpy(&last, toy, sizeof last);
    step_memory memory = {toy, &last, sizeof last};
    step_process process;
    step_start(&process, NULL, act, toy);
    for (int i = 0; i <= changes && !over; i++) over = !step_until_change(&process, &memory);
    step_kill(&process);
    if (over) break;
    changes++;
    wrong += free(toy) != PERMITS;
  }
  *out_changes = changes;
  return wrong;
}

static void a_kill_of_one_word_loses_nothing(void **state) {
  (void)state;
  int changes;
  assert_int_equal(wrong_changes(take_and_give_words, free_words, &changes), 0);
  assert_int_equal(changes, 2 * PERMITS);
}

static void a_kill_between_two_words_is_found(void **state) {
  (void)state;
  int changes;
  assert_int_equal(wrong_changes(take_and_give_count, free_count, &changes), 2 * PERMITS);
  assert_int_equal(changes, 4 * PERMITS);
}

/* ---- the rest of what stepping promises */

static void a_stepped_process_runs_to_its_end(void **state) {
  (void)state;
  toy *toy = harness_shared(sizeof *toy);
  make_whole(toy);
  step_process process;
  step_start(&process, NULL, take_and_give_words, toy);
  for (int i = 0; i < 50; i++) assert_true(step_once(&process));
  assert_true(process.acting);
  assert_int_equal(process.instructions, 50);
  assert_int_equal(step_finish(&process), 0);
  assert_int_equal(free_words(toy), PERMITS);
}

static void the_end_is_noticed_step_by_step(void **state) {
  (void)state;
  toy *toy = harness_shared(sizeof *toy);
  make_whole(toy);
  step_process process;
  step_start(&process, take_and_give_count, take_and_give_words, toy);
  while (step_once(&process)) {}
  assert_false(process.acting);
  assert_in_range(process.instructions, 10, 10000);
  assert_int_equal(step_finish(&process), 0);
}

static void handle(int signal) { (void)signal; }

static void raise_a_signal(void *context) {
  signal(SIGUSR1, handle);
  raise(SIGUSR1);
  *(int *)context = 1;
}

static void signals_reach_a_stepped_process(void **state) {
  (void)state;
  int *done = harness_shared(sizeof *done);
  step_process process;
  step_start(&process, NULL, raise_a_signal, done);
  while (step_once(&process)) {}
  assert_int_equal(*done, 1);
  assert_int_equal(step_finish(&process), 0);
}

static void call_in_vain(void *context) {
  (void)context;
  for (int i = 0; i < 3; i++) close(-1);
  for (int i = 0; i < 2; i++) getppid();
}

static void failed_calls_are_counted(void **state) {
  (void)state;
  step_process process;
  step_start(&process, NULL, call_in_vain, NULL);
  for (int calls = 0; calls < 2; calls += step_is_at_call(&process)) assert_true(step_once(&process)); /* one was made */
  assert_int_equal(step_count_failures(&process, SYS_close, EBADF), 2);
  assert_int_equal(step_finish(&process), 0);
}

static void one_call_after_the_other(void **state) {
  (void)state;
  step_process process;
  int calls = 0;
  step_start(&process, NULL, NULL, NULL);
  while (step_past_call(&process)) calls--; /* what ends the act makes some too */
  assert_int_equal(step_finish(&process), 0);
  step_start(&process, NULL, call_in_vain, NULL);
  while (step_past_call(&process)) calls++;
  assert_false(process.acting);
  assert_int_equal(step_finish(&process), 0);
  assert_int_equal(calls, 5);
}

/* Calls before, between and behind the changes. */
static void take_and_call(void *context) {
  call_in_vain(context);
  take_and_give_words(context);
  call_in_vain(context);
  take_and_give_count(context);
}

/* Kill it at every change and behind every call, each time a new one that goes to the place of the last at once. Returns at how
 * many of these places the toy had changed. */
static int changes_from_place_to_place(toy *toy, step_place *out_end) {
  step_place place = {0};
  int changes = 0, places = 0;
  for (bool acts = true; acts && places < CHANGES_MAX; places++) {
    struct toy before, last;
    step_process process;
    make_whole(toy);
    step_start(&process, NULL, take_and_call, toy);
    assert_true(step_to(&process, &place));
    memcpy(&before, toy, sizeof before);
    step_memory memory = {toy, &last, sizeof last};
    acts = step_along(&process, &memory, &place);
    step_kill(&process);
    changes += !are_equal(&before, toy);
  }
  *out_end = place;
  return changes;
}

static void a_place_is_found_again(void **state) {
  (void)state;
  toy *toy = harness_shared(sizeof *toy);
  step_place end;
  assert_int_equal(changes_from_place_to_place(toy, &end), 6 * PERMITS);
  assert_in_range(end.calls, 10, 20);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_kill_of_one_word_loses_nothing),  cmocka_unit_test(a_kill_between_two_words_is_found),
    cmocka_unit_test(a_stepped_process_runs_to_its_end), cmocka_unit_test(the_end_is_noticed_step_by_step),
    cmocka_unit_test(signals_reach_a_stepped_process),   cmocka_unit_test(failed_calls_are_counted),
    cmocka_unit_test(one_call_after_the_other),          cmocka_unit_test(a_place_is_found_again),
};

HARNESS_MAIN(tests)
