/* What every lock in a well does, be it a mutex, a permit or an event that is waited for: how a wait ends, and what a death, a
 * fork, a stop or a closed descriptor does to whom. What only one kind does is in test_mutex.c and so on.
 *
 * SPDX-License-Identifier: MIT */
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "harness.h"
#include "locks.h"

static void make_free(const lock_kind *kind, void *lock) {
  if (!kind->owned) assert_ok(kind->release(lock, &why));
}

/* ---- another process that has it */

typedef struct holder {
  pid_t pid;
  harness_gate held, end;
} holder;

/* Of an event: a process that has cleared it. */
static void hold_until_told(const lock_kind *kind, void *lock, holder *holder) {
  assert_ok(kind->block(lock, &why));
  harness_gate_open(&holder->held);
  harness_gate_wait(&holder->end);
  if (kind->owned) assert_ok(kind->release(lock, &why));
  _exit(0);
}

static void begin_holding(holder *holder, const lock_kind *kind, void *lock) {
  harness_gate_init(&holder->held);
  harness_gate_init(&holder->end);
  holder->pid = harness_fork();
  if (holder->pid == 0) hold_until_told(kind, lock, holder);
  harness_gate_wait(&holder->held);
}

static void forget(holder *holder, int result) {
  assert_int_equal(harness_wait(holder->pid), result);
  harness_gate_fini(&holder->held);
  harness_gate_fini(&holder->end);
}

static void end_holding(holder *holder) {
  harness_gate_open(&holder->end);
  forget(holder, 0);
}

static void kill_holder(holder *holder) {
  kill(holder->pid, SIGKILL);
  forget(holder, 128 + SIGKILL);
}

static void stop(pid_t child) {
  int status;
  kill(child, SIGSTOP);
  assert_int_equal(waitpid(child, &status, WUNTRACED), child);
  assert_true(WIFSTOPPED(status));
}

/* What its next acquirer is told, and making it as it was before. */
static int result_after_death(const lock_kind *kind) { return strcmp(kind->kind, "mutex") == 0 ? MW_EOWNERDEAD : 0; }

static void mend_and_release(const lock_kind *kind, void *lock) {
  if (result_after_death(kind) == MW_EOWNERDEAD) {
    assert_int_equal(mw_mutex_recover_begin(lock, MW_DEADLINE_NEVER, &why), 1);
    assert_ok(mw_mutex_recover_end(lock, true, &why));
  }
  assert_ok(kind->release(lock, &why));
}

static void assert_comes_back(const lock_kind *kind, void *lock) {
  assert_int_equal(kind->acquire(lock, MW_DEADLINE_NEVER, &why), result_after_death(kind));
  mend_and_release(kind, lock);
}

/* It stays held however long one waits: longer than the slice after which the dead are looked for. */
static void assert_stays_held(const lock_kind *kind, void *lock) {
  assert_fails(MW_ETIMEDOUT, kind->acquire(lock, mw_deadline_after(3 * MW_WATCH_SLICE), &why));
}

/* ---- without contention, and with a deadline */

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void check_taking(const lock_kind *kind, mw_well *well, void *lock) {
  const mw_deadline deadlines[] = {MW_DEADLINE_NOW, MW_DEADLINE_NEVER, mw_deadline_after(100), 1, -7};
  (void)well;
  make_free(kind, lock);
  for (int i = 0; i < 5; i++) {
    assert_ok(kind->acquire(lock, deadlines[i], &why));
    assert_ok(kind->release(lock, &why));
  }
}

static void what_is_free_is_taken_without_waiting(void **state) {
  (void)state;
  on_each_lock(check_taking);
}

static void check_deadline(const lock_kind *kind, mw_well *well, void *lock) {
  static const double spans[] = {0.0001, 0.001, 0.03, 0.12}; /* the last is more than a slice of the sleep */
  holder holder;
  char call[40];
  (void)well;
  begin_holding(&holder, kind, lock);
  for (int i = 0; i < 4; i++) {
    mw_deadline deadline = mw_deadline_after(spans[i]);
    assert_fails(MW_ETIMEDOUT, kind->acquire(lock, deadline, &why));
    assert_true(now() >= deadline);
  }
  snprintf(call, sizeof call, "%s.%s", kind->noun, kind->owned ? "acquire" : "wait");
  assert_why(call, "lock", why.os_errno);
  assert_fails(MW_ETIMEDOUT, kind->acquire(lock, MW_DEADLINE_NOW, &why));
  assert_fails(MW_ETIMEDOUT, kind->acquire(lock, 1, &why));
  assert_fails(MW_ETIMEDOUT, kind->acquire(lock, -7, &why));
  end_holding(&holder);
}

static void a_deadline_ends_the_wait_and_not_before(void **state) {
  (void)state;
  on_each_lock(check_deadline);
}

/* ---- waking */

static void check_waking(const lock_kind *kind, mw_well *well, void *lock) {
  (void)well;
  assert_ok(kind->block(lock, &why));
  pid_t child = harness_fork();
  if (child == 0) {
    assert_ok(kind->acquire(lock, MW_DEADLINE_NEVER, &why));
    if (kind->owned) assert_ok(kind->release(lock, &why));
    _exit(0);
  }
  harness_await_futex(child, 0);
  assert_ok(kind->release(lock, &why));
  assert_int_equal(harness_wait(child), 0);
}

static void another_process_wakes_a_sleeper(void **state) {
  (void)state;
  on_each_lock(check_waking);
}

static void check_waking_thread(const lock_kind *kind, mw_well *well, void *lock) {
  mw_well *again = well_attached();
  void *same = kind->make(again, "lock");
  lock_sleeper sleeper;
  (void)well;
  assert_ok(kind->block(lock, &why));
  lock_put_to_sleep(&sleeper, kind, same, MW_DEADLINE_NEVER);
  assert_ok(kind->release(lock, &why));
  assert_ok(lock_sleeper_result(&sleeper));
  if (kind->owned) assert_ok(kind->release(lock, &why)); /* what another handle of the process has acquired */
  kind->drop(same);
  well_close(again);
}

static void another_handle_of_the_process_wakes_a_sleeper(void **state) {
  (void)state;
  on_each_lock(check_waking_thread);
}

static void check_many(const lock_kind *kind, mw_well *well, void *lock) {
  enum { SLEEPERS = 6 };
  pid_t children[SLEEPERS];
  (void)well;
  assert_ok(kind->block(lock, &why));
  for (int i = 0; i < SLEEPERS; i++)
    if ((children[i] = harness_fork()) == 0) {
      assert_ok(kind->acquire(lock, MW_DEADLINE_NEVER, &why));
      if (kind->owned) assert_ok(kind->release(lock, &why));
      _exit(0);
    }
  for (int i = 0; i < SLEEPERS; i++) harness_await_futex(children[i], 0);
  assert_ok(kind->release(lock, &why));
  for (int i = 0; i < SLEEPERS; i++) assert_int_equal(harness_wait(children[i]), 0);
}

static void each_sleeper_gets_its_turn(void **state) {
  (void)state;
  on_each_lock(check_many);
}

/* A wake-up that went to a process which died with it is lost; the others must not wait for it. */
static void check_killed_sleepers(const lock_kind *kind, mw_well *well, void *lock) {
  enum { SLEEPERS = 6 };
  pid_t children[SLEEPERS];
  (void)well;
  assert_ok(kind->block(lock, &why));
  for (int i = 0; i < SLEEPERS; i++)
    if ((children[i] = harness_fork()) == 0) {
      assert_ok(kind->acquire(lock, MW_DEADLINE_NEVER, &why));
      if (kind->owned) assert_ok(kind->release(lock, &why));
      _exit(0);
    }
  for (int i = 0; i < SLEEPERS; i++) harness_await_futex(children[i], 0);
  for (int i = 0; i < SLEEPERS; i += 2) stop(children[i]);
  assert_ok(kind->release(lock, &why)); /* perhaps to one that is stopped */
  for (int i = 0; i < SLEEPERS; i += 2) kill(children[i], SIGKILL);
  for (int i = 0; i < SLEEPERS; i++) assert_int_equal(harness_wait(children[i]), i % 2 ? 0 : 128 + SIGKILL);
  assert_ok(kind->acquire(lock, MW_DEADLINE_NEVER, &why));
  assert_ok(kind->release(lock, &why));
}

static void killed_sleepers_are_missed_by_nobody(void **state) {
  (void)state;
  on_each_lock(check_killed_sleepers);
}

/* ---- what ends a wait */

static void check_signal(const lock_kind *kind, mw_well *well, void *lock) {
  holder holder;
  (void)well;
  begin_holding(&holder, kind, lock);
  harness_interrupt_every(5);
  for (int i = 0; i < 3; i++) assert_fails(MW_EINTR, kind->acquire(lock, MW_DEADLINE_NEVER, &why));
  mw_deadline deadline = mw_deadline_after(0.05);
  int result;
  while ((result = kind->acquire(lock, deadline, &why)) == MW_EINTR) {}
  assert_int_equal(result, MW_ETIMEDOUT); /* again and again on the same deadline comes to an end */
  harness_interrupt_every(0);
  end_holding(&holder);
}

static void a_signal_ends_the_wait(void **state) {
  (void)state;
  on_each_lock(check_signal);
}

static void assert_refuses(int status, const lock_kind *kind, void *lock) {
  mw_watch watch;
  assert_fails(status, kind->acquire(lock, MW_DEADLINE_NOW, &why));
  assert_fails(status, kind->acquire(lock, MW_DEADLINE_NEVER, &why));
  assert_fails(status, kind->release(lock, &why));
  assert_fails(status, kind->watch(lock, &why, &watch));
}

static void check_closed(const lock_kind *kind, mw_well *well, void *lock) {
  mw_well *other = well_attached();
  void *same = kind->make(other, "lock");
  (void)well;
  well_close(other);
  assert_refuses(MW_ECLOSED, kind, same);
  kind->drop(same);
  make_free(kind, lock);
  assert_ok(kind->acquire(lock, MW_DEADLINE_NOW, &why));
  assert_ok(kind->release(lock, &why));
}

static void a_closed_well_refuses_every_call(void **state) {
  (void)state;
  on_each_lock(check_closed);
}

static void check_close_beside_sleepers(const lock_kind *kind, mw_well *well, void *lock) {
  static const double spans[] = {1e9, 1000, 50};
  mw_well *closing = well_attached(), *staying = well_attached();
  void *closed = kind->make(closing, "lock"), *other = kind->make(staying, "lock");
  lock_sleeper sleepers[3], stays;
  (void)well;
  assert_ok(kind->block(lock, &why));
  for (int i = 0; i < 3; i++) lock_put_to_sleep(&sleepers[i], kind, closed, mw_deadline_after(spans[i]));
  lock_put_to_sleep(&stays, kind, other, MW_DEADLINE_NEVER);
  well_close(closing);
  for (int i = 0; i < 3; i++) assert_int_equal(lock_sleeper_result(&sleepers[i]), MW_ECLOSED);
  assert_ok(kind->release(lock, &why)); /* of another handle, which waits still */
  assert_ok(lock_sleeper_result(&stays));
  if (kind->owned) assert_ok(kind->release(lock, &why));
  kind->drop(closed);
  kind->drop(other);
  well_close(staying);
}

static void a_close_ends_the_waits_of_its_handle_alone(void **state) {
  (void)state;
  on_each_lock(check_close_beside_sleepers);
}

/* The process is attached no longer when its threads find out. */
static void check_last_close(const lock_kind *kind, mw_well *well, void *lock) {
  holder holder;
  begin_holding(&holder, kind, lock);
  pid_t child = harness_fork();
  if (child == 0) {
    lock_sleeper sleepers[3];
    for (int i = 0; i < 3; i++) lock_put_to_sleep(&sleepers[i], kind, lock, MW_DEADLINE_NEVER);
    well_close(well);
    for (int i = 0; i < 3; i++) assert_int_equal(lock_sleeper_result(&sleepers[i]), MW_ECLOSED);
    assert_refuses(MW_ECLOSED, kind, lock);
    _exit(0);
  }
  assert_int_equal(harness_wait(child), 0);
  assert_int_equal(well_participants(well), 2);
  end_holding(&holder);
}

static void the_last_close_ends_them_too(void **state) {
  (void)state;
  on_each_lock(check_last_close);
}

static void check_deleted(const lock_kind *kind, mw_well *well, void *lock) {
  void *found = NULL;
  make_free(kind, lock);
  assert_ok(mw_well_delete(well, "lock", &why));
  assert_refuses(MW_ECLOSED, kind, lock);
  assert_fails(MW_ENOENT, kind->find(well, "lock", &why, &found));
  assert_fails(MW_ENOENT, mw_well_delete(well, "lock", &why));
  void *another = kind->make(well, "lock");
  make_free(kind, another);
  assert_ok(kind->acquire(another, MW_DEADLINE_NOW, &why));
  assert_refuses(MW_ECLOSED, kind, lock); /* whoever has its name */
  assert_ok(kind->release(another, &why));
  kind->drop(another);
}

static void what_was_deleted_refuses_every_call(void **state) {
  (void)state;
  on_each_lock(check_deleted);
}

/* What is held cannot be deleted. So the sleeper is stopped while the lock is released and deleted. */
static void check_deleted_beside_sleepers(const lock_kind *kind, mw_well *well, void *lock) {
  assert_ok(kind->block(lock, &why));
  pid_t child = harness_fork();
  if (child == 0) {
    assert_int_equal(kind->acquire(lock, MW_DEADLINE_NEVER, &why), MW_ECLOSED);
    _exit(0);
  }
  harness_await_futex(child, 0);
  stop(child);
  if (kind->owned) assert_fails(MW_EBUSY, mw_well_delete(well, "lock", &why));
  if (kind->owned) assert_ok(kind->release(lock, &why));
  assert_ok(mw_well_delete(well, "lock", &why));
  kill(child, SIGCONT);
  assert_int_equal(harness_wait(child), 0);
}

static void a_deletion_ends_the_wait(void **state) {
  (void)state;
  on_each_lock(check_deleted_beside_sleepers);
}

/* ---- damage */

static const uint64_t owner_damages[] = {0, UINT64_MAX, UINT64_MAX << 16, 1 << 16 | 65, 0x465245450000fffe, 0x465245450000ff7f};
static const uint64_t event_damages[] = {0, 4, 0xfffffffc, 0x474f4e44};

static void check_damage(const lock_kind *kind, mw_well *well, void *lock) {
  const uint64_t *damages = kind->owned ? owner_damages : event_damages;
  size_t count = kind->owned ? 6 : 4;
  _Atomic uint64_t *word = well_word(well, "lock", kind->word);
  uint64_t whole = *word;
  for (size_t i = 0; i < count; i++) {
    *word = damages[i];
    assert_fails(MW_EFORMAT, kind->acquire(lock, MW_DEADLINE_NOW, &why));
    assert_fails(MW_EFORMAT, kind->acquire(lock, MW_DEADLINE_NEVER, &why));
    assert_fails(MW_EFORMAT, kind->release(lock, &why));
    assert_fails(MW_EFORMAT, mw_well_check(well, &why));
    assert_int_equal(*word, damages[i]); /* nobody has mended it, nor made it worse */
  }
  *word = whole;
}

static void a_damaged_word_is_nobodys_turn(void **state) {
  (void)state;
  on_each_lock(check_damage);
}

static void check_damage_beside_sleepers(const lock_kind *kind, mw_well *well, void *lock) {
  _Atomic uint64_t *word = well_word(well, "lock", kind->word);
  lock_sleeper sleeper;
  assert_ok(kind->block(lock, &why));
  uint64_t held = *word;
  lock_put_to_sleep(&sleeper, kind, lock, MW_DEADLINE_NEVER);
  *word = 0;
  assert_int_equal(lock_sleeper_result(&sleeper), MW_EFORMAT);
  *word = held;
  assert_ok(kind->release(lock, &why));
}

static void damage_ends_the_wait(void **state) {
  (void)state;
  on_each_lock(check_damage_beside_sleepers);
}

static void check_lost_page(const lock_kind *kind, mw_well *well, void *lock) {
  lock_sleeper sleeper;
  harness_let_faults_kill();
  assert_ok(kind->block(lock, &why));
  lock_put_to_sleep(&sleeper, kind, lock, MW_DEADLINE_NEVER);
  assert_int_equal(truncate(harness_shm_path("", well_name()), 4096), 0); /* the locks are at the end */
  assert_int_equal(lock_sleeper_result(&sleeper), MW_EFAULT);
  assert_refuses(MW_EFAULT, kind, lock);
  assert_fails(MW_EFAULT, mw_well_delete(well, "lock", &why));
}

static void a_lost_page_is_nobodys_turn(void **state) {
  (void)state;
  on_each_lock(check_lost_page);
}

/* ---- who waits */

static bool is_taken(mw_well *well) {
  mw_object_info info = well_object(well, "lock");
  return info.owner >= 0 || info.held > 0;
}

static void check_waits(const lock_kind *kind, mw_well *well, void *lock) {
  lock_sleeper sleepers[3];
  assert_ok(kind->block(lock, &why));
  assert_int_equal(well_object(well, "lock").waiters, 0);
  for (int i = 0; i < 3; i++) {
    lock_put_to_sleep(&sleepers[i], kind, lock, mw_deadline_after(1000));
    assert_int_equal(well_object(well, "lock").waiters, i + 1);
  }
  pid_t child = harness_fork();
  if (child == 0) _exit(kind->acquire(lock, MW_DEADLINE_NEVER, &why) == 0);
  harness_await_futex(child, 0);
  assert_int_equal(well_object(well, "lock").waiters, 4);
  kill(child, SIGKILL);
  assert_int_equal(harness_wait(child), 128 + SIGKILL);
  unsigned count = 0;
  assert_ok(mw_well_reap(well, &why, &count));
  assert_int_equal(count, 1);
  assert_int_equal(well_object(well, "lock").waiters, 3);
  for (int i = 0; i < 3; i++) { /* whoever gets it, it is released for the next */
    assert_ok(kind->release(lock, &why));
    while (kind->owned && !is_taken(well)) sched_yield();
  }
  for (int i = 0; i < 3; i++) assert_ok(lock_sleeper_result(&sleepers[i]));
  if (kind->owned) assert_ok(kind->release(lock, &why));
  assert_int_equal(well_object(well, "lock").waiters, 0);
}

static void who_sleeps_is_counted(void **state) {
  (void)state;
  on_each_lock(check_waits);
}

/* ---- deaths */

static void check_death(const lock_kind *kind, mw_well *well, void *lock) {
  holder holder;
  lock_sleeper sleeper;
  begin_holding(&holder, kind, lock);
  lock_put_to_sleep(&sleeper, kind, lock, MW_DEADLINE_NEVER);
  kill_holder(&holder);
  assert_int_equal(lock_sleeper_result(&sleeper), result_after_death(kind));
  mend_and_release(kind, lock);
  assert_int_equal(well_participants(well), 1);
  begin_holding(&holder, kind, lock);
  kill_holder(&holder);
  assert_int_equal(kind->acquire(lock, MW_DEADLINE_NOW, &why), result_after_death(kind)); /* who polls looks for the dead as well */
  mend_and_release(kind, lock);
}

static void what_the_killed_held_comes_back(void **state) {
  (void)state;
  on_each_owned_lock(check_death);
}

static void check_other_ends(const lock_kind *kind, mw_well *well, void *lock) {
  (void)well;
  for (int way = 0; way < 3; way++) {
    pid_t child = harness_fork();
    if (child == 0) {
      assert_ok(kind->acquire(lock, MW_DEADLINE_NOW, &why));
      if (way == 0) _exit(0);
      if (way == 1) quick_exit(0);
      abort();
    }
    assert_int_equal(harness_wait(child), way == 2 ? 128 + SIGABRT : 0);
    assert_comes_back(kind, lock);
  }
}

static void every_end_is_a_death(void **state) {
  (void)state;
  on_each_owned_lock(check_other_ends);
}

/* The program goes on under the same number, and has nothing of what it was. */
static void check_exec(const lock_kind *kind, mw_well *well, void *lock) {
  harness_gate held;
  (void)well;
  harness_gate_init(&held);
  pid_t child = harness_fork();
  if (child == 0) {
    assert_ok(kind->acquire(lock, MW_DEADLINE_NOW, &why));
    harness_gate_open(&held);
    execlp("sleep", "sleep", "1000", (char *)NULL);
    _exit(1);
  }
  harness_gate_wait(&held);
  assert_comes_back(kind, lock);
  assert_int_equal(kill(child, SIGKILL), 0);
  assert_int_equal(harness_wait(child), 128 + SIGKILL);
  harness_gate_fini(&held);
}

static void another_program_holds_nothing(void **state) {
  (void)state;
  on_each_owned_lock(check_exec);
}

/* ---- forks */

static void check_forked(const lock_kind *kind, mw_well *well, void *lock) {
  (void)well;
  assert_ok(kind->acquire(lock, MW_DEADLINE_NOW, &why));
  pid_t child = harness_fork();
  if (child == 0) {
    assert_fails(MW_ENOTOWNER, kind->release(lock, &why));
    assert_fails(MW_ETIMEDOUT, kind->acquire(lock, MW_DEADLINE_NOW, &why));
    assert_stays_held(kind, lock);
    quick_exit(0);
  }
  assert_int_equal(harness_wait(child), 0);
  pid_t silent = harness_fork();
  if (silent == 0) quick_exit(0);
  assert_int_equal(harness_wait(silent), 0);
  pid_t closing = harness_fork();
  if (closing == 0) {
    well_close(well); /* what it has inherited, and never was attached to */
    _exit(0);
  }
  assert_int_equal(harness_wait(closing), 0);
  pid_t other_program = harness_fork();
  if (other_program == 0) {
    execlp("true", "true", (char *)NULL);
    _exit(1);
  }
  assert_int_equal(harness_wait(other_program), 0);
  assert_int_equal(well_participants(well), 2); /* the first child, which nobody has looked for yet */
  assert_ok(kind->release(lock, &why));
}

static void a_child_holds_nothing_and_takes_nothing_with_it(void **state) {
  (void)state;
  on_each_owned_lock(check_forked);
}

/* The child has its parent's memory and descriptors, and must not keep it alive by them. */
static void check_orphan(const lock_kind *kind, mw_well *well, void *lock) {
  pid_t *orphan = harness_shared(4096);
  (void)well;
  prctl(PR_SET_CHILD_SUBREAPER, 1); /* it is ours when its parent is dead */
  harness_gate born;
  harness_gate_init(&born);
  pid_t parent = harness_fork();
  if (parent == 0) {
    assert_ok(kind->acquire(lock, MW_DEADLINE_NOW, &why));
    if (fork() == 0) {
      *orphan = getpid();
      harness_gate_open(&born);
      for (;;) pause();
    }
    for (;;) pause();
  }
  harness_gate_wait(&born);
  assert_stays_held(kind, lock);
  kill(parent, SIGKILL);
  assert_int_equal(harness_wait(parent), 128 + SIGKILL);
  assert_comes_back(kind, lock);
  kill(*orphan, SIGKILL);
  assert_int_equal(harness_wait(*orphan), 128 + SIGKILL);
  harness_gate_fini(&born);
}

static void a_child_that_calls_nothing_does_not_keep_its_parent_alive(void **state) {
  (void)state;
  on_each_owned_lock(check_orphan);
}

/* Its lock has gone, and its line is another's by the time that the child, which had no slot until then, asks for it. */
static void check_inherited_too_late(const lock_kind *kind, mw_well *well, void *lock) {
  harness_gate go;
  harness_gate_init(&go);
  pid_t child = harness_fork();
  if (child == 0) {
    harness_gate_wait(&go);
    assert_refuses(MW_ECLOSED, kind, lock);
    _exit(0);
  }
  uint64_t offset = well_object(well, "lock").offset;
  assert_ok(mw_well_delete(well, "lock", &why));
  well_close(well);
  mw_well *again = well_attached();
  void *another = kind->make(again, "another");
  assert_int_equal(well_object(again, "another").offset, offset);
  make_free(kind, another);
  harness_gate_open(&go);
  assert_int_equal(harness_wait(child), 0);
  assert_ok(kind->acquire(another, MW_DEADLINE_NOW, &why));
  assert_ok(kind->release(another, &why));
  kind->drop(another);
  well_close(again);
  harness_gate_fini(&go);
}

static void a_child_that_attaches_late_finds_what_was_deleted(void **state) {
  (void)state;
  on_each_lock(check_inherited_too_late);
}

/* Where there is one CPU nobody spins: what is waited for could not happen meanwhile. */
static void use_one_cpu(void) {
  cpu_set_t usable, one;
  assert_int_equal(sched_getaffinity(0, sizeof usable, &usable), 0);
  CPU_ZERO(&one);
  for (size_t cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; cpu++)
    if (CPU_ISSET(cpu, &usable)) CPU_SET(cpu, &one);
  assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
}

static void check_on_one_cpu(const lock_kind *kind, mw_well *well, void *lock) {
  (void)well;
  harness_gate tried;
  harness_gate_init(&tried);
  assert_ok(kind->block(lock, &why));
  pid_t child = harness_fork(); /* who has waited for nothing yet, and so has not counted the CPUs */
  if (child == 0) {
    use_one_cpu();
    assert_fails(MW_ETIMEDOUT, kind->acquire(lock, mw_deadline_after(0.01), &why));
    harness_gate_open(&tried);
    assert_ok(kind->acquire(lock, MW_DEADLINE_NEVER, &why));
    assert_ok(kind->release(lock, &why));
    _exit(0);
  }
  harness_gate_wait(&tried);
  harness_await_futex(child, 0);
  assert_ok(kind->release(lock, &why));
  assert_int_equal(harness_wait(child), 0);
  harness_gate_fini(&tried);
}

static void one_cpu_is_enough(void **state) {
  (void)state;
  on_each_lock(check_on_one_cpu);
}

typedef struct threads {
  const lock_kind *kind;
  void *lock;
  _Atomic bool end;
} threads;

static void *acquire_again_and_again(void *context) {
  threads *threads = context;
  while (!threads->end) {
    assert_ok(threads->kind->acquire(threads->lock, MW_DEADLINE_NEVER, &why));
    assert_ok(threads->kind->release(threads->lock, &why));
  }
  return NULL;
}

static void check_fork_among_threads(const lock_kind *kind, mw_well *well, void *lock) {
  enum { THREADS = 4 };
  pthread_t handles[THREADS];
  threads threads = {.kind = kind, .lock = lock};
  for (int i = 0; i < THREADS; i++) assert_int_equal(pthread_create(&handles[i], NULL, acquire_again_and_again, &threads), 0);
  for (int i = harness_rounds(30, 1000); i > 0; i--) {
    pid_t child = harness_fork();
    if (child == 0) {
      assert_ok(kind->acquire(lock, MW_DEADLINE_NEVER, &why));
      assert_ok(kind->release(lock, &why));
      _exit(0);
    }
    assert_int_equal(harness_wait(child), 0);
  }
  threads.end = true;
  for (int i = 0; i < THREADS; i++) assert_int_equal(pthread_join(handles[i], NULL), 0);
  assert_ok(mw_well_check(well, &why));
}

static void a_fork_amid_threads_that_acquire_is_fine(void **state) {
  (void)state;
  on_each_owned_lock(check_fork_among_threads);
}

/* ---- the stopped */

static void check_stopped(const lock_kind *kind, mw_well *well, void *lock) {
  holder holder;
  unsigned count = 7;
  begin_holding(&holder, kind, lock);
  int slot = 1 - well_slot_of(well);
  stop(holder.pid);
  assert_int_equal(well_participant(well, slot).state, MW_STOPPED);
  assert_stays_held(kind, lock);
  assert_ok(mw_well_reap(well, &why, &count));
  assert_int_equal(count, 0);
  assert_fails(MW_EBUSY, mw_well_delete(well, "lock", &why));
  kill(holder.pid, SIGCONT);
  end_holding(&holder); /* it released what it had */
  assert_ok(kind->acquire(lock, MW_DEADLINE_NOW, &why));
  assert_ok(kind->release(lock, &why));
}

static void a_stopped_holder_is_not_robbed(void **state) {
  (void)state;
  on_each_owned_lock(check_stopped);
}

static void check_broken(const lock_kind *kind, mw_well *well, void *lock) {
  harness_gate held, end;
  unsigned count = 0;
  harness_gate_init(&held);
  harness_gate_init(&end);
  pid_t child = harness_fork();
  if (child == 0) {
    assert_ok(kind->acquire(lock, MW_DEADLINE_NOW, &why));
    harness_gate_open(&held);
    harness_gate_wait(&end);
    assert_fails(MW_ENOTOWNER, kind->release(lock, &why));
    assert_comes_back(kind, lock); /* it lives, and may have it again */
    _exit(0);
  }
  harness_gate_wait(&held);
  stop(child);
  int slot = 1 - well_slot_of(well);
  lock_sleeper sleeper;
  lock_put_to_sleep(&sleeper, kind, lock, MW_DEADLINE_NEVER);
  assert_ok(mw_well_break_locks(well, slot, &why, &count));
  assert_int_equal(count, 1);
  int result = lock_sleeper_result(&sleeper);
  assert_int_equal(result, result_after_death(kind));
  if (result == 0) assert_ok(kind->release(lock, &why));
  assert_int_equal(well_participant(well, slot).state, MW_STOPPED);
  assert_ok(mw_well_break_locks(well, slot, &why, &count));
  assert_int_equal(count, 0);
  kill(child, SIGCONT);
  harness_gate_open(&end);
  assert_int_equal(harness_wait(child), 0);
  harness_gate_fini(&held);
  harness_gate_fini(&end);
}

static void the_locks_of_a_stopped_holder_can_be_broken(void **state) {
  (void)state;
  on_each_owned_lock(check_broken);
}

/* ---- closed descriptors */

static void close_all_descriptors(void) { assert_int_equal(syscall(SYS_close_range, 3u, ~0u, 0u), 0); }

static void check_holder_without_descriptors(const lock_kind *kind, mw_well *well, void *lock) {
  (void)well;
  pid_t child = harness_fork();
  if (child == 0) {
    assert_ok(kind->acquire(lock, MW_DEADLINE_NOW, &why));
    close_all_descriptors();
    raise(SIGSTOP);
    assert_ok(kind->release(lock, &why));
    assert_ok(kind->acquire(lock, MW_DEADLINE_NOW, &why));
    _exit(0);
  }
  int status;
  assert_int_equal(waitpid(child, &status, WUNTRACED), child);
  assert_true(WIFSTOPPED(status));
  assert_stays_held(kind, lock);
  kill(child, SIGCONT);
  assert_int_equal(harness_wait(child), 0);
  assert_comes_back(kind, lock);
}

static void a_holder_that_has_lost_all_descriptors_lives(void **state) {
  (void)state;
  on_each_owned_lock(check_holder_without_descriptors);
}

/* Who probes for the dead opens the well again, and does not mistake another file for it. */
static void check_waiter_without_descriptors(const lock_kind *kind, mw_well *well, void *lock) {
  holder holder;
  (void)well;
  begin_holding(&holder, kind, lock);
  pid_t child = harness_fork();
  if (child == 0) {
    assert_fails(MW_ETIMEDOUT, kind->acquire(lock, MW_DEADLINE_NOW, &why));
    close_all_descriptors();
    for (int fd = 3; fd < 20; fd++) assert_int_equal(dup2(0, fd), fd);
    assert_comes_back(kind, lock);
    close_all_descriptors();
    for (int fd = 3; fd < 30; fd++) assert_int_equal(dup2(0, fd), fd);
    well_close(well);
    struct stat info;
    int closed = 0;
    for (int fd = 3; fd < 30; fd++) closed += fstat(fd, &info) != 0;
    assert_int_equal(closed, 0); /* they are somebody else's */
    _exit(0);
  }
  harness_await_futex(child, 0);
  kill_holder(&holder);
  assert_int_equal(harness_wait(child), 0);
}

static void a_waiter_that_has_lost_all_descriptors_finds_the_dead(void **state) {
  (void)state;
  on_each_owned_lock(check_waiter_without_descriptors);
}

/* ---- contention */

enum { TURNS = 4000 };

static void take_turns(const lock_kind *kind, void *lock, volatile unsigned *inside, volatile unsigned *total, int rounds) {
  for (int i = 0; i < rounds; i++) {
    assert_ok(kind->acquire(lock, MW_DEADLINE_NEVER, &why));
    assert_int_equal(++*inside, 1);
    ++*total;
    --*inside;
    assert_ok(kind->release(lock, &why));
  }
}

static void check_exclusion(const lock_kind *kind, mw_well *well, void *lock) {
  volatile unsigned *shared = harness_shared(4096);
  (void)well;
  for (int workers = 2; workers <= 16; workers *= 2) {
    pid_t children[16];
    shared[16] = 0;
    for (int i = 0; i < workers; i++)
      if ((children[i] = harness_fork()) == 0) {
        take_turns(kind, lock, &shared[0], &shared[16], TURNS / workers);
        _exit(0);
      }
    for (int i = 0; i < workers; i++) assert_int_equal(harness_wait(children[i]), 0);
    assert_int_equal(shared[16], TURNS);
    assert_int_equal(shared[0], 0);
  }
}

static void processes_take_turns(void **state) {
  (void)state;
  on_each_owned_lock(check_exclusion);
}

typedef struct worker {
  const lock_kind *kind;
  mw_well *well;
  unsigned *inside, *total;
  _Atomic unsigned *count;
  pthread_t thread;
} worker;

static void *take_turns_in_thread(void *context) {
  worker *worker = context;
  void *lock = worker->kind->make(worker->well, "lock");
  take_turns(worker->kind, lock, worker->inside, worker->total, TURNS / 8);
  worker->kind->drop(lock);
  return NULL;
}

static void run_workers(worker workers[8], void *(*work)(void *context)) {
  for (int i = 0; i < 8; i++) assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
  for (int i = 0; i < 8; i++) assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
}

/* What they guard is plain memory, for the sake of the thread sanitizer. */
static void check_threads(const lock_kind *kind, mw_well *well, void *lock) {
  static unsigned inside, total;
  worker workers[8];
  total = 0;
  (void)lock;
  for (int i = 0; i < 8; i++) workers[i] = (worker){.kind = kind, .well = well, .inside = &inside, .total = &total};
  run_workers(workers, take_turns_in_thread);
  assert_int_equal(total, TURNS);
}

static void threads_take_turns(void **state) {
  (void)state;
  on_each_owned_lock(check_threads);
}

/* Each counts with the other's help only by way of the lock: no increment is one step. */
static void *take_turns_apart(void *context) {
  worker *worker = context;
  void *lock = worker->kind->make(worker->well, "lock");
  for (int i = 0; i < TURNS / 8; i++) {
    assert_ok(worker->kind->acquire(lock, MW_DEADLINE_NEVER, &why));
    unsigned count = atomic_load_explicit(worker->count, memory_order_relaxed);
    atomic_store_explicit(worker->count, count + 1, memory_order_relaxed);
    assert_ok(worker->kind->release(lock, &why));
  }
  worker->kind->drop(lock);
  return NULL;
}

/* The thread sanitizer does not know that the wells of several handles are the same memory, and so not that their locks order
 * anything: what they guard is atomic. */
static void check_threads_apart(const lock_kind *kind, mw_well *well, void *lock) {
  _Atomic unsigned count = 0;
  worker workers[8];
  (void)lock;
  for (int i = 0; i < 8; i++) workers[i] = (worker){.kind = kind, .well = i ? well_attached() : well, .count = &count};
  run_workers(workers, take_turns_apart);
  for (int i = 1; i < 8; i++) well_close(workers[i].well);
  assert_int_equal(count, TURNS);
}

static void threads_with_handles_of_their_own_take_turns(void **state) {
  (void)state;
  on_each_owned_lock(check_threads_apart);
}

static void *close_and_attach_again(void *context) {
  worker *worker = context;
  for (int i = 0; i < 100; i++) {
    mw_well *well = well_attached();
    void *lock = worker->kind->make(well, "lock");
    while (worker->kind->acquire(lock, mw_deadline_after(0.001), NULL) == MW_ETIMEDOUT) {}
    assert_ok(worker->kind->release(lock, &why));
    worker->kind->drop(lock);
    well_close(well);
  }
  return NULL;
}

static void check_handles_that_come_and_go(const lock_kind *kind, mw_well *well, void *lock) {
  worker workers[8];
  (void)lock;
  for (int i = 0; i < 8; i++) workers[i] = (worker){.kind = kind};
  run_workers(workers, close_and_attach_again);
  assert_int_equal(well_participants(well), 1);
}

static void handles_come_and_go_in_threads(void **state) {
  (void)state;
  on_each_owned_lock(check_handles_that_come_and_go);
}

static void *acquire_until_closed(void *context) {
  threads *threads = context;
  int result = 0;
  while (result == 0) {
    result = threads->kind->acquire(threads->lock, MW_DEADLINE_NEVER, NULL);
    if (result == 0) (void)threads->kind->release(threads->lock, NULL);
  }
  return (void *)(intptr_t)result;
}

static void leave_amid_acquires(const lock_kind *kind, mw_well *well, void *lock) {
  pthread_t handles[3];
  threads threads = {.kind = kind, .lock = lock};
  for (int i = 0; i < 3; i++) assert_int_equal(pthread_create(&handles[i], NULL, acquire_until_closed, &threads), 0);
  for (uint64_t turns = harness_below(50); turns > 0 && kind->acquire(lock, MW_DEADLINE_NEVER, &why) == 0; turns--)
    (void)kind->release(lock, &why);
  mw_well_abandon(well);
  for (int i = 0; i < 3; i++) {
    void *result;
    assert_int_equal(pthread_join(handles[i], &result), 0);
    assert_true((intptr_t)result == MW_ECLOSED || (intptr_t)result == MW_EOWNERDEAD);
  }
}

/* Who is about to take it when the last handle is closed has no name to sign with any more, and must write none. */
static void check_close_amid_acquires(const lock_kind *kind, mw_well *well, void *lock) {
  for (int round = harness_rounds(25, 3000); round > 0; round--) {
    harness_seed((uint64_t)round);
    pid_t child = harness_fork();
    if (child == 0) {
      leave_amid_acquires(kind, well, lock);
      _exit(0);
    }
    for (int status; waitpid(child, &status, WNOHANG) == 0;) {
      int result = kind->acquire(lock, MW_DEADLINE_NOW, &why);
      if (result == 0) assert_ok(kind->release(lock, &why));
      assert_true(result == 0 || result == MW_ETIMEDOUT || result == MW_EOWNERDEAD);
    }
    int result = kind->acquire(lock, MW_DEADLINE_NEVER, &why);
    if (result == MW_EOWNERDEAD) mend_and_release(kind, lock);
    if (result == 0) assert_ok(kind->release(lock, &why));
  }
}

static void a_close_amid_acquires_damages_nothing(void **state) {
  (void)state;
  on_each_owned_lock(check_close_amid_acquires);
}

/* How often a process has gone to sleep. */
static long sleeps_of(pid_t process) {
  char path[40], line[100];
  long count = -1;
  snprintf(path, sizeof path, "/proc/%d/status", process);
  FILE *file = fopen(path, "re");
  assert_non_null(file);
  while (fgets(line, sizeof line, file)) (void)sscanf(line, "voluntary_ctxt_switches: %ld", &count);
  fclose(file);
  return count;
}

/* On a slow machine it is less often, on none more. */
static void check_sleep(const lock_kind *kind, mw_well *well, void *lock) {
  enum { SLEEPS = 20 };
  (void)well;
  assert_ok(kind->block(lock, &why));
  pid_t child = harness_fork();
  if (child == 0) _exit(kind->acquire(lock, MW_DEADLINE_NEVER, &why));
  harness_await_futex(child, 0);
  int64_t begin = now();
  for (long before = sleeps_of(child); sleeps_of(child) < before + SLEEPS;) nanosleep(&(struct timespec){0, 5000000}, NULL);
  assert_true(now() - begin >= INT64_C(1000000000) * (SLEEPS - 2) / 25); /* the first sleep had begun before */
  kill(child, SIGKILL);
  assert_int_equal(harness_wait(child), 128 + SIGKILL);
  if (kind->owned) assert_ok(kind->release(lock, &why));
}

static void a_sleeper_wakes_25_times_a_second_at_most(void **state) {
  (void)state;
  on_each_lock(check_sleep);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(what_is_free_is_taken_without_waiting),
    cmocka_unit_test(a_deadline_ends_the_wait_and_not_before),
    cmocka_unit_test(another_process_wakes_a_sleeper),
    cmocka_unit_test(another_handle_of_the_process_wakes_a_sleeper),
    cmocka_unit_test(each_sleeper_gets_its_turn),
    cmocka_unit_test(killed_sleepers_are_missed_by_nobody),
    cmocka_unit_test(a_signal_ends_the_wait),
    cmocka_unit_test(a_closed_well_refuses_every_call),
    cmocka_unit_test(a_close_ends_the_waits_of_its_handle_alone),
    cmocka_unit_test(the_last_close_ends_them_too),
    cmocka_unit_test(what_was_deleted_refuses_every_call),
    cmocka_unit_test(a_deletion_ends_the_wait),
    cmocka_unit_test(a_damaged_word_is_nobodys_turn),
    cmocka_unit_test(damage_ends_the_wait),
    cmocka_unit_test(a_lost_page_is_nobodys_turn),
    cmocka_unit_test(who_sleeps_is_counted),
    cmocka_unit_test(what_the_killed_held_comes_back),
    cmocka_unit_test(every_end_is_a_death),
    cmocka_unit_test(another_program_holds_nothing),
    cmocka_unit_test(a_child_holds_nothing_and_takes_nothing_with_it),
    cmocka_unit_test(a_child_that_calls_nothing_does_not_keep_its_parent_alive),
    cmocka_unit_test(a_child_that_attaches_late_finds_what_was_deleted),
    cmocka_unit_test(one_cpu_is_enough),
    cmocka_unit_test(a_fork_amid_threads_that_acquire_is_fine),
    cmocka_unit_test(a_stopped_holder_is_not_robbed),
    cmocka_unit_test(the_locks_of_a_stopped_holder_can_be_broken),
    cmocka_unit_test(a_holder_that_has_lost_all_descriptors_lives),
    cmocka_unit_test(a_waiter_that_has_lost_all_descriptors_finds_the_dead),
    cmocka_unit_test(processes_take_turns),
    cmocka_unit_test(threads_take_turns),
    cmocka_unit_test(threads_with_handles_of_their_own_take_turns),
    cmocka_unit_test(handles_come_and_go_in_threads),
    cmocka_unit_test(a_close_amid_acquires_damages_nothing),
    cmocka_unit_test(a_sleeper_wakes_25_times_a_second_at_most),
};

HARNESS_MAIN(tests)
