/* Who says that it will sleep and then looks, and who frees and then looks for sleepers: one of them sees the other, on every
 * processor. Were there no fence between the two of either, both could look too early, and the sleeper would not be woken.
 *
 * SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "harness.h"

enum { ROUNDS = 20000, MANY_ROUNDS = 2000000 };

/* Two threads that take each step at the same moment, as nearly as they can. They stop at the first that is lost. */
typedef struct race {
  _Atomic long arrived;
  _Atomic long rounds;
  mw_mutex *mutex;
  mw_watch watch;
  long lost;
} race;

static void meet(race *race, long *step) {
  *step += 2;
  atomic_fetch_add(&race->arrived, 1);
  for (int spins = 0; atomic_load(&race->arrived) < *step; spins++)
    if (spins % 1000 == 999) sched_yield();
}

static void acquire_and_release(mw_mutex *mutex) {
  assert_ok(mw_mutex_acquire(mutex, MW_DEADLINE_NEVER, &why));
  assert_ok(mw_mutex_release(mutex, &why));
}

static void *release_again_and_again(void *context) {
  race *race = context;
  mw_error unused;
  long step = 0;
  for (long i = 0; i < atomic_load(&race->rounds); i++) {
    (void)mw_mutex_acquire(race->mutex, MW_DEADLINE_NEVER, &unused);
    meet(race, &step);
    (void)mw_mutex_release(race->mutex, &unused);
    meet(race, &step);
    meet(race, &step);
  }
  return NULL;
}

/* Lost: it is free, who looked took it for held, and the bell was not rung. */
static void look_again_and_again(race *race) {
  long step = 0;
  for (long i = 0; i < atomic_load(&race->rounds); i++) {
    int owner = -1;
    meet(race, &step);
    (void)mw_mutex_watch(race->mutex, &why, &race->watch);
    (void)mw_mutex_owner(race->mutex, &why, &owner, NULL);
    meet(race, &step);
    race->lost += owner != -1 && *(volatile uint32_t *)race->watch.word == race->watch.value;
    if (race->lost) atomic_store(&race->rounds, i + 1);
    acquire_and_release(race->mutex); /* which rings */
    meet(race, &step);
  }
}

static void one_of_them_sees_the_other(void **state) {
  (void)state;
  const char *rounds = getenv("ROUNDS");
  race race = {.lost = 0};
  atomic_init(&race.rounds, rounds != NULL ? atol(rounds) : harness_rounds(ROUNDS, MANY_ROUNDS));
  mw_well *well;
  pthread_t thread;
  assert_ok(mw_well_create(harness_name("well"), 65536, NULL, &why, &well));
  assert_int_equal(mw_well_mutex(well, "mutex", 0, &why, &race.mutex), 1);
  assert_int_equal(pthread_create(&thread, NULL, release_again_and_again, &race), 0);
  look_again_and_again(&race);
  assert_int_equal(pthread_join(thread, NULL), 0);
  printf("fences: %ld rounds, %ld sleepers lost\n", atomic_load(&race.rounds), race.lost);
  assert_int_equal(race.lost, 0);
  mw_mutex_drop(race.mutex);
  assert_ok(mw_well_close(well, &why));
  assert_ok(mw_well_unlink(harness_name("well"), &why));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(one_of_them_sees_the_other),
};

HARNESS_MAIN(tests)
