/* Processes on one well that are killed at any moment, and others that take their places: no permit is lost, no lock has two
 * owners, the directory is exact, and nobody is stuck. KILLS in the environment says how many are killed.
 *
 * SPDX-License-Identifier: MIT */
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "harness.h"

enum {
  WORKERS = 5,
  PERMITS = 3,
  SIZE = 1 << 20,
  OBJECTS = 64,
  KILLS = 10000,
  KILLS_IN_A_ROW = 500,
  LONGEST_LIFE = 800 /* microseconds */
};

/* Longer than anything takes that works, however busy the machine is; what is longer than LONG_WAIT milliseconds is counted. */
#define FOR_LONG mw_deadline_after(20)
enum { LONG_WAIT = 100, LIVES = 1024 };

/* What the processes know of each other without the well.
 * doomed       this worker is about to be killed, or was
 * died         when one of these lives ended, in microseconds; 0: it has not
 * permit       between an acquire and its release: a number that no other acquisition has; else 0
 * inside       which life has the mutex; one that ends there stays
 * wait, waits  for a mutex whose owner was dead: the longest, in microseconds; how many; how many too long */
typedef struct shadow {
  _Atomic bool stop;
  _Atomic bool doomed[WORKERS];
  _Atomic uint64_t died[LIVES];
  _Atomic uint64_t permit[WORKERS];
  _Atomic uint64_t inside;
  _Atomic uint64_t wait, waits, long_waits;
  _Atomic uint64_t acts, mended, full;
} shadow;

static shadow *shared;
static int number;    /* of this worker */
static uint64_t life; /* which no other worker has, from 1 */
static mw_well *well;
static mw_mutex *mutex;
static mw_robust_semaphore *semaphore;
static mw_event *event;

static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000 + (uint64_t)time.tv_nsec / 1000;
}

static void attach(void) {
  assert_ok(mw_well_attach(harness_name("well"), NULL, &why, &well));
  assert_ok(mw_well_mutex(well, "mutex", MW_MUST_EXIST, &why, &mutex));
  assert_ok(mw_well_semaphore(well, "semaphore", PERMITS, MW_MUST_EXIST, &why, &semaphore));
  assert_ok(mw_well_event(well, "event", MW_MUST_EXIST, &why, &event));
}

static void detach(void) {
  assert_ok(mw_well_close(well, &why));
  mw_mutex_drop(mutex);
  mw_robust_semaphore_drop(semaphore);
  mw_event_drop(event);
}

/* ---- what workers do */

/* The owner's death is over, and so is our patience from then on. */
static void note_wait(uint64_t dead, uint64_t begin) {
  uint64_t end = now(), died = atomic_load(&shared->died[dead % LIVES]), from = died > begin ? died : begin,
           longest = atomic_load(&shared->wait);
  if (died == 0 || end < from) return;
  atomic_fetch_add(&shared->waits, 1);
  if (end - from > LONG_WAIT * UINT64_C(1000)) atomic_fetch_add(&shared->long_waits, 1);
  while (end - from > longest && !atomic_compare_exchange_weak(&shared->wait, &longest, end - from)) {}
}

static void use_mutex(void) {
  uint64_t begin = now();
  int mends = mw_mutex_recover_begin(mutex, FOR_LONG, &why);
  if (mends < 0) assert_ok(mends);
  uint64_t before = atomic_exchange(&shared->inside, life);
  if (mends == 0) assert_int_equal(before, 0);
  if (mends == 1) {
    if (before != 0) note_wait(before, begin);
    atomic_fetch_add(&shared->mended, 1);
    bool mended = harness_below(4) != 0;
    if (!mended) assert_int_equal(atomic_exchange(&shared->inside, before), life);
    assert_ok(mw_mutex_recover_end(mutex, mended, &why));
    if (!mended) return;
  }
  for (uint64_t i = harness_below(20000); i > 0; i--) assert_int_equal(atomic_load(&shared->inside), life);
  assert_int_equal(atomic_exchange(&shared->inside, 0), life);
  assert_ok(mw_mutex_release(mutex, &why));
}

/* How many surely have one at the same moment: when the first look is over. Whoever is doomed does not count: others may have its
 * permit before anybody has cleared its number. */
static int count_permits(void) {
  uint64_t first[WORKERS];
  bool lives[WORKERS];
  int count = 0;
  for (int i = 0; i < WORKERS; i++) first[i] = atomic_load(&shared->permit[i]);
  for (int i = 0; i < WORKERS; i++) lives[i] = !atomic_load(&shared->doomed[i]);
  for (int i = 0; i < WORKERS; i++) count += lives[i] && first[i] != 0 && first[i] == atomic_load(&shared->permit[i]);
  return count;
}

static void use_permit(void) {
  static uint64_t acquisitions;
  assert_ok(mw_robust_semaphore_acquire(semaphore, FOR_LONG, &why));
  atomic_store(&shared->permit[number], life << 32 | ++acquisitions);
  for (uint64_t i = harness_below(2000) + 1; i > 0; i--) assert_in_range(count_permits(), 0, PERMITS);
  atomic_store(&shared->permit[number], 0);
  assert_ok(mw_robust_semaphore_release(semaphore, 1, &why));
}

/* All of them, if nobody else has any; and back at once. */
static void use_permits(void) {
  unsigned count = 0;
  while (mw_robust_semaphore_acquire(semaphore, MW_DEADLINE_NOW, &why) == 0) count++;
  assert_in_range(count, 0, PERMITS);
  if (count > 0) assert_ok(mw_robust_semaphore_release(semaphore, count, &why));
}

static void use_event(void) {
  switch (harness_below(3)) {
    case 0: assert_ok(mw_event_set(event, &why)); break;
    case 1: assert_ok(mw_event_clear(event, &why)); break;
    default: {
      int result = mw_event_wait(event, mw_deadline_after(0.0005), &why);
      if (result != MW_ETIMEDOUT) assert_ok(result);
    }
  }
}

/* 1 or 0, or there is no room: what was deleted keeps its memory while those live who were there. */
static bool is_made(int result) {
  if (result == MW_EFULL) atomic_fetch_add(&shared->full, 1);
  if (result != MW_EFULL && result != 1) assert_ok(result);
  return result >= 0;
}

static bool make(const char *name, uint64_t kind) {
  mw_view array;
  mw_mutex *new_mutex;
  mw_robust_semaphore *new_semaphore;
  bool made = false;
  if (kind == 0) return is_made(mw_well_array(well, name, MW_UINT8, 1, (uint64_t[]){1000}, &why, &array));
  if (kind == 1 && (made = is_made(mw_well_mutex(well, name, 0, &why, &new_mutex)))) mw_mutex_drop(new_mutex);
  if (kind == 2 && (made = is_made(mw_well_semaphore(well, name, 20, 0, &why, &new_semaphore))))
    mw_robust_semaphore_drop(new_semaphore);
  return made;
}

/* A name of our own, so that it must be found again; what one who had this number before has left under it goes first. */
static void use_own_object(void) {
  char name[32];
  snprintf(name, sizeof name, "own-%d", number);
  int result = mw_well_delete(well, name, &why);
  if (result != MW_ENOENT) assert_ok(result);
  if (make(name, harness_below(3))) assert_ok(mw_well_delete(well, name, &why));
}

/* A name that all fight for. It is of one kind, for nobody could tell what it was made as. */
static void use_contended_object(void) {
  mw_mutex *contended;
  int result = mw_well_mutex(well, "contended", 0, &why, &contended);
  if (!is_made(result)) return;
  result = mw_mutex_recover_begin(contended, FOR_LONG, &why);
  if (result == 1) assert_ok(mw_mutex_recover_end(contended, true, &why));
  if (result != MW_ECLOSED && result != 1) assert_ok(result);
  if (result >= 0) assert_ok(mw_mutex_release(contended, &why));
  result = mw_well_delete(well, "contended", &why);
  if (result != MW_ENOENT && result != MW_EBUSY) assert_ok(result);
  mw_mutex_drop(contended);
}

static void attach_anew(void) {
  detach();
  attach();
}

static void look(void) {
  unsigned dead;
  assert_ok(mw_well_reap(well, &why, &dead));
  assert_ok(mw_well_check(well, &why));
}

static void work(void) {
  static void (*const acts[])(void) = {use_mutex,  use_mutex,   use_mutex,      use_permit,           use_permit,
                                       use_permit, use_permits, use_own_object, use_contended_object, attach_anew,
                                       use_event,  look};
  attach();
  while (!atomic_load(&shared->stop)) {
    acts[harness_below(sizeof acts / sizeof *acts)]();
    atomic_fetch_add(&shared->acts, 1);
  }
  detach();
}

/* ---- who starts and kills them */

typedef struct worker {
  int number;
  uint64_t life;
  pid_t pid;
} worker;

static void start(worker *worker) {
  static uint64_t lives;
  worker->life = ++lives;
  atomic_store(&shared->permit[worker->number], 0);
  atomic_store(&shared->died[worker->life % LIVES], 0);
  atomic_store(&shared->doomed[worker->number], false);
  worker->pid = harness_fork();
  if (worker->pid > 0) return;
  number = worker->number;
  life = worker->life;
  harness_seed(life);
  work();
  fflush(NULL);
  _exit(0);
}

static void live_a_while(void) {
  struct timespec rest = {0, (long)harness_below(LONGEST_LIFE) * 1000};
  nanosleep(&rest, NULL);
}

static void kill_one(worker *victim) {
  live_a_while();
  atomic_store(&shared->doomed[victim->number], true);
  kill(victim->pid, SIGKILL);
  int result = harness_wait(victim->pid);
  if (result != 128 + SIGKILL) harness_fail("a worker ended by itself, %d", result);
  atomic_store(&shared->died[victim->life % LIVES], now());
  start(victim);
}

static void kill_in_a_row(int kills) {
  worker workers[WORKERS];
  atomic_store(&shared->stop, false);
  for (int i = 0; i < WORKERS; i++) {
    workers[i].number = i;
    start(&workers[i]);
  }
  for (int i = 0; i < kills; i++) kill_one(&workers[harness_below(WORKERS)]);
  atomic_store(&shared->stop, true);
  for (int i = 0; i < WORKERS; i++) assert_int_equal(harness_wait(workers[i].pid), 0);
}

/* ---- what must be there when they have gone */

static void check_permits(void) {
  for (int i = 0; i < PERMITS; i++) assert_ok(mw_robust_semaphore_acquire(semaphore, MW_DEADLINE_NOW, &why));
  assert_fails(MW_ETIMEDOUT, mw_robust_semaphore_acquire(semaphore, MW_DEADLINE_NOW, &why));
  assert_ok(mw_robust_semaphore_release(semaphore, PERMITS, &why));
}

static bool is_lasting(const char *name) {
  return strcmp(name, "mutex") == 0 || strcmp(name, "semaphore") == 0 || strcmp(name, "event") == 0;
}

static bool is_known(const char *name) {
  return is_lasting(name) || strncmp(name, "own-", 4) == 0 || strcmp(name, "contended") == 0;
}

/* Delete what the workers have left, and nothing else was there. */
static void check_directory(void) {
  mw_object_info info;
  uint32_t cursor = 0;
  int lasting = 0, more;
  while ((more = mw_well_next_object(well, &cursor, &why, &info)) == 1) {
    assert_true(is_known(info.name));
    lasting += is_lasting(info.name);
    if (!is_lasting(info.name)) assert_ok(mw_well_delete(well, info.name, &why));
  }
  assert_ok(more);
  assert_int_equal(lasting, 3);
}

static void check_all(void *unused) {
  (void)unused;
  unsigned dead;
  attach();
  assert_ok(mw_well_reap(well, &why, &dead));
  check_permits();
  int mends = mw_mutex_recover_begin(mutex, FOR_LONG, &why);
  if (mends == 1) assert_ok(mw_mutex_recover_end(mutex, true, &why));
  assert_true(mends >= 0);
  assert_ok(mw_mutex_release(mutex, &why));
  atomic_store(&shared->inside, 0);
  check_directory();
  assert_ok(mw_well_check(well, &why));
  detach();
}

/* Arrays leave nothing behind; locks may keep the lines that they had, but cannot grow without end: their names are few. */
static void measure_free(void *out_free) {
  attach();
  assert_ok(mw_well_free(well, &why, out_free));
  detach();
}

static void create(void *unused) {
  (void)unused;
  mw_well_options options = {sizeof options, .slots = 16, .objects = OBJECTS};
  assert_ok(mw_well_create(harness_name("well"), SIZE, &options, &why, &well));
  assert_int_equal(mw_well_mutex(well, "mutex", 0, &why, &mutex), 1);
  assert_int_equal(mw_well_semaphore(well, "semaphore", PERMITS, 0, &why, &semaphore), 1);
  assert_int_equal(mw_well_event(well, "event", 0, &why, &event), 1);
  detach();
}

static int count_kills(void) {
  const char *kills = getenv("KILLS");
  return kills != NULL ? atoi(kills) : harness_rounds(KILLS, 100000);
}

static void killed_workers_leave_a_well_that_is_exact(void **state) {
  (void)state;
  enum { LOCKS_AT_MOST = OBJECTS * 256 };
  shared = harness_shared(sizeof *shared);
  uint64_t *free = harness_shared(2 * sizeof *free);
  assert_int_equal(harness_in_child(create, NULL), 0);
  assert_int_equal(harness_in_child(measure_free, &free[0]), 0);
  int kills = count_kills();
  for (int done = 0; done < kills; done += KILLS_IN_A_ROW) {
    kill_in_a_row(kills - done < KILLS_IN_A_ROW ? kills - done : KILLS_IN_A_ROW);
    assert_int_equal(harness_in_child(check_all, NULL), 0);
    assert_int_equal(harness_in_child(measure_free, &free[1]), 0);
    assert_in_range(free[1], free[0] - LOCKS_AT_MOST, free[0]);
    if ((done / KILLS_IN_A_ROW) % 20 == 19)
      printf("well_kill: %d killed, longest wait %.1f ms\n", done, (double)shared->wait / 1e3);
    fflush(stdout);
  }
  printf("well_kill: %d killed among %d in %llu acts: 0 permits lost, 0 double owners, directory exact; %llu mutexes mended, %llu "
         "times full; of %llu waits for what a dead had, the longest was %.1f ms, %llu longer than %d ms\n",
         kills, WORKERS, (unsigned long long)shared->acts, (unsigned long long)shared->mended, (unsigned long long)shared->full,
         (unsigned long long)shared->waits, (double)shared->wait / 1e3, (unsigned long long)shared->long_waits, LONG_WAIT);
  assert_ok(mw_well_unlink(harness_name("well"), &why));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(killed_workers_leave_a_well_that_is_exact),
};

HARNESS_MAIN(tests)
