/* Who is attached to a well, and who is alive: whatever the numbers of processes say, whatever they do with their descriptors, and
 * whatever becomes of the well's file.
 *
 * SPDX-License-Identifier: MIT */
#include <dlfcn.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "locks.h"

/* docs/formats.md */
enum { DIRECTORY_AT = 40, ADMIN_AT = 192, ENTRY_SIZE = 256, ENTRY_CHECKSUM_AT = 112, ENTRY_LENGTH_AT = 104, ENTRY_NAME_AT = 128 };

static mw_well *created_with(uint64_t size, uint32_t slots) {
  mw_well *well = NULL;
  mw_well_options options = {.size_of_struct = sizeof options, .slots = slots};
  assert_ok(mw_well_create(well_name(), size, &options, &why, &well));
  return well;
}

static void end_suddenly(pid_t child) {
  kill(child, SIGKILL);
  assert_int_equal(harness_wait(child), 128 + SIGKILL);
}

/* A child that acquires the mutex and stays. */
static pid_t holder_of(mw_mutex *mutex) {
  harness_gate held;
  harness_gate_init(&held);
  pid_t child = harness_fork();
  if (child == 0) {
    assert_ok(mw_mutex_acquire(mutex, MW_DEADLINE_NOW, &why));
    harness_gate_open(&held);
    for (;;) pause();
  }
  harness_gate_wait(&held);
  harness_gate_fini(&held);
  return child;
}

static void *in_well(mw_well *well, uint64_t offset) { return (char *)mw_region_data(mw_well_region(well)) + offset; }

/* ---- slots */

static void one_slot_is_enough_for_one(void **state) {
  (void)state;
  mw_well *well = created_with(WELL_SIZE, 1), *same = well_attached();
  mw_mutex *mutex = well_mutex(well, "m");
  assert_int_equal(well_slot_of(same), 0);
  pid_t child = harness_fork();
  if (child == 0) {
    int slot;
    assert_fails(MW_EFULL, mw_mutex_acquire(mutex, MW_DEADLINE_NOW, &why));
    assert_fails(MW_EFULL, mw_well_slot(well, &why, &slot));
    assert_false(mw_mutex_is_held(mutex));
    _exit(0);
  }
  assert_int_equal(harness_wait(child), 0);
  mw_mutex_drop(mutex);
  well_close(same);
  well_close_and_unlink(well);
}

/* A forked child attaches in its first call, which may fail for it; it works when what was missing is there. */
static void a_child_that_cannot_attach_says_why(void **state) {
  (void)state;
  mw_well *well = well_created();
  mw_mutex *mutex = well_mutex(well, "m");
  pid_t child = harness_fork();
  if (child == 0) {
    struct rlimit limit, none = {0, 0};
    getrlimit(RLIMIT_NOFILE, &limit);
    none.rlim_max = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &none);
    assert_fails(MW_EMFILE, mw_mutex_acquire(mutex, MW_DEADLINE_NOW, &why));
    assert_fails(MW_EMFILE, mw_mutex_release(mutex, &why));
    setrlimit(RLIMIT_NOFILE, &limit);
    assert_ok(mw_mutex_acquire(mutex, MW_DEADLINE_NOW, &why));
    assert_ok(mw_mutex_release(mutex, &why));
    _exit(0);
  }
  assert_int_equal(harness_wait(child), 0);
  assert_ok(mw_well_unlink(well_name(), &why));
  child = harness_fork();
  if (child == 0) {
    assert_int_equal(syscall(SYS_close_range, 3u, ~0u, 0u), 0);
    assert_fails(MW_ENOENT, mw_mutex_acquire(mutex, MW_DEADLINE_NOW, &why)); /* neither descriptor nor name */
    _exit(0);
  }
  assert_int_equal(harness_wait(child), 0);
  mw_mutex_drop(mutex);
  well_close(well);
}

static void take_a_permit_and_stay(mw_well *well, const harness_gate *taken) {
  mw_robust_semaphore *permits = well_semaphore(well, "s", MW_WELL_MAX_SLOTS);
  assert_ok(mw_robust_semaphore_acquire(permits, MW_DEADLINE_NOW, &why));
  harness_gate gate = *taken;
  harness_gate_open(&gate);
  for (;;) pause();
}

static void all_slots_of_the_largest_table_work(void **state) {
  (void)state;
  mw_well *well = created_with((uint64_t)8 * WELL_SIZE, MW_WELL_MAX_SLOTS);
  mw_robust_semaphore *permits = well_semaphore(well, "s", MW_WELL_MAX_SLOTS);
  pid_t children[MW_WELL_MAX_SLOTS];
  harness_gate taken;
  harness_gate_init(&taken);
  for (int i = 1; i < MW_WELL_MAX_SLOTS; i++)
    if ((children[i] = harness_fork()) == 0) take_a_permit_and_stay(well, &taken);
  for (int i = 1; i < MW_WELL_MAX_SLOTS; i++) harness_gate_wait(&taken);
  assert_int_equal(well_participants(well), MW_WELL_MAX_SLOTS);
  assert_int_equal(well_object(well, "s").held, MW_WELL_MAX_SLOTS - 1);
  pid_t one_more = harness_fork();
  if (one_more == 0) {
    assert_fails(MW_EFULL, mw_robust_semaphore_acquire(permits, MW_DEADLINE_NOW, &why));
    _exit(0);
  }
  assert_int_equal(harness_wait(one_more), 0);
  for (int i = 1; i < MW_WELL_MAX_SLOTS; i++) end_suddenly(children[i]);
  for (int i = 0; i < MW_WELL_MAX_SLOTS; i++) assert_ok(mw_robust_semaphore_acquire(permits, MW_DEADLINE_NOW, &why));
  assert_int_equal(well_participants(well), 1);
  assert_ok(mw_robust_semaphore_release(permits, MW_WELL_MAX_SLOTS, &why));
  mw_robust_semaphore_drop(permits);
  harness_gate_fini(&taken);
  well_close_and_unlink(well);
}

/* ---- what one holds */

static void what_each_holds_is_listed(void **state) {
  (void)state;
  mw_well *well = well_created();
  mw_mutex *mutex = well_mutex(well, "m"), *other = well_mutex(well, "n");
  mw_robust_semaphore *permits = well_semaphore(well, "s", 5);
  mw_event *event = well_event(well, "e");
  int slot = well_slot_of(well);
  unsigned found = 0;
  mw_object_info info;
  assert_ok(mw_robust_semaphore_acquire(permits, MW_DEADLINE_NOW, &why));
  pid_t child = holder_of(other);
  for (uint32_t cursor = 0; mw_well_next_held(well, slot, &cursor, &why, &info) == 1; found++) {
    assert_string_equal(info.name, "s");
    assert_int_equal(info.held, 1);
  }
  assert_int_equal(found, 1);
  assert_ok(mw_robust_semaphore_acquire(permits, MW_DEADLINE_NOW, &why));
  assert_ok(mw_mutex_acquire(mutex, MW_DEADLINE_NOW, &why));
  for (uint32_t cursor = 0; mw_well_next_held(well, slot, &cursor, &why, &info) == 1; found++) {
    if (strcmp(info.kind, "semaphore") == 0) assert_int_equal(info.held, 2);
    if (strcmp(info.kind, "mutex") == 0) assert_string_equal(info.name, "m");
  }
  assert_int_equal(found, 3);
  uint32_t cursor = 0;
  assert_int_equal(mw_well_next_held(well, 1 - slot, &cursor, &why, &info), 1);
  assert_string_equal(info.name, "n");
  assert_int_equal(mw_well_next_held(well, 1 - slot, &cursor, &why, &info), 0);
  cursor = 0;
  assert_int_equal(mw_well_next_held(well, 63, &cursor, &why, &info), 0); /* nobody */
  assert_fails(MW_EINVAL, mw_well_next_held(well, 64, &cursor, &why, &info));
  assert_fails(MW_EINVAL, mw_well_next_held(well, -1, &cursor, &why, &info));
  end_suddenly(child);
  assert_ok(mw_mutex_release(mutex, &why));
  assert_ok(mw_robust_semaphore_release(permits, 2, &why));
  mw_event_drop(event);
  mw_mutex_drop(mutex);
  mw_mutex_drop(other);
  mw_robust_semaphore_drop(permits);
  well_close_and_unlink(well);
}

static void only_who_is_there_can_be_robbed_or_reaped(void **state) {
  (void)state;
  mw_well *well = well_created(), *observer = well_observed(), *closed = well_attached();
  unsigned count = 7;
  mw_well_hold(closed);
  well_close(closed);
  assert_fails(MW_EINVAL, mw_well_break_locks(well, -1, &why, &count));
  assert_fails(MW_EINVAL, mw_well_break_locks(well, 64, &why, &count));
  assert_fails(MW_EINVAL, mw_well_break_locks(well, well_slot_of(well), &why, &count));
  assert_fails(MW_ENOENT, mw_well_break_locks(well, 63, &why, &count));
  assert_fails(MW_EPERM, mw_well_break_locks(observer, 63, &why, &count));
  assert_fails(MW_EPERM, mw_well_reap(observer, &why, &count));
  assert_fails(MW_ECLOSED, mw_well_break_locks(closed, 63, &why, &count));
  assert_fails(MW_ECLOSED, mw_well_reap(closed, &why, &count));
  assert_int_equal(count, 7);
  assert_ok(mw_well_reap(well, &why, &count));
  assert_int_equal(count, 0);
  mw_well_drop(closed);
  well_close(observer);
  well_close_and_unlink(well);
}

/* ---- what a slot says, and what its owner words say */

enum { PARTICIPANTS_AT = 256, SLOT_SIZE = 128, TICKET_AT = 8, STARTED_AT = 24 };

static _Atomic uint64_t *slot_word(mw_well *well, int slot, size_t offset) {
  return in_well(well, PARTICIPANTS_AT + (uint64_t)slot * SLOT_SIZE + offset);
}

static void stop(pid_t child) {
  int status;
  kill(child, SIGSTOP);
  assert_int_equal(waitpid(child, &status, WUNTRACED), child);
}

/* The number of a process may be another's by now, which is stopped for reasons of its own. */
static void who_is_stopped_is_known_by_when_he_began(void **state) {
  (void)state;
  mw_well *well = well_created();
  mw_mutex *mutex = well_mutex(well, "m");
  pid_t child = holder_of(mutex);
  int slot = well_object(well, "m").owner;
  _Atomic uint64_t *started = slot_word(well, slot, STARTED_AT);
  uint64_t began = *started;
  assert_int_equal(well_participant(well, slot).state, MW_RUNNING);
  stop(child);
  assert_int_equal(well_participant(well, slot).state, MW_STOPPED);
  *started = began + 1;
  assert_int_equal(well_participant(well, slot).state, MW_RUNNING);
  *started = 0; /* nobody could tell */
  assert_int_equal(well_participant(well, slot).state, MW_RUNNING);
  *started = began;
  end_suddenly(child);
  assert_int_equal(well_participant(well, slot).state, MW_DEAD);
  mw_mutex_drop(mutex);
  well_close_and_unlink(well);
}

static void who_is_in_a_debugger_is_stopped(void **state) {
  (void)state;
  mw_well *well = well_created();
  mw_mutex *mutex = well_mutex(well, "m");
  pid_t child = harness_fork();
  if (child == 0) {
    assert_ok(mw_mutex_acquire(mutex, MW_DEADLINE_NOW, &why));
    assert_int_equal(ptrace(PTRACE_TRACEME, 0, NULL, NULL), 0);
    raise(SIGTRAP);
    for (;;) pause();
  }
  int status;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFSTOPPED(status) && WSTOPSIG(status) == SIGTRAP);
  assert_int_equal(well_participant(well, well_object(well, "m").owner).state, MW_STOPPED);
  end_suddenly(child);
  mw_mutex_drop(mutex);
  well_close_and_unlink(well);
}

/* Whoever was attached before in a slot, and whoever has left it, holds nothing, whatever a word says. */
static void what_is_held_by_who_has_left_is_the_deads(void **state) {
  (void)state;
  mw_well *well = well_created();
  mw_mutex *mutex = well_mutex(well, "m");
  _Atomic uint64_t *word = well_word(well, "m", 0), *other = slot_word(well, 1 - well_slot_of(well), 0);
  end_suddenly(holder_of(mutex)); /* so that the slot has had somebody */
  uint64_t held = *word, dead = *other;
  for (int way = 0; way < 2; way++) {
    *word = held;
    *other = way ? dead + 2 : dead & ~UINT64_C(1); /* one generation later; or of the same, and left */
    assert_fails(MW_EOWNERDEAD, mw_mutex_acquire(mutex, MW_DEADLINE_NOW, &why));
    assert_int_equal(mw_mutex_recover_begin(mutex, MW_DEADLINE_NOW, &why), 1);
    assert_ok(mw_mutex_recover_end(mutex, true, &why));
    assert_ok(mw_mutex_release(mutex, &why));
    assert_int_equal(*other, way ? dead + 2 : dead & ~UINT64_C(1));
  }
  *other = dead & ~UINT64_C(1);
  assert_ok(mw_well_check(well, &why));
  mw_mutex_drop(mutex);
  well_close_and_unlink(well);
}

/* Who is just attaching has a slot and no ticket yet: what was deleted may be in use by him, and is no damage. */
static void who_has_no_ticket_yet_keeps_what_was_deleted(void **state) {
  (void)state;
  mw_well *well = well_created();
  mw_mutex *mutex = well_mutex(well, "m");
  mw_view view;
  uint64_t before, count = 1000, now;
  assert_ok(mw_well_free(well, &why, &before));
  pid_t child = holder_of(mutex);
  assert_int_equal(mw_well_array(well, "a", MW_UINT8, 1, &count, &why, &view), 1);
  assert_ok(mw_well_delete(well, "a", &why));
  _Atomic uint64_t *ticket = slot_word(well, well_object(well, "m").owner, TICKET_AT);
  assert_true(*ticket > 0);
  *ticket = 0;
  well_close(well); /* and whoever else was there then has gone */
  well = well_attached();
  assert_ok(mw_well_check(well, &why));
  assert_ok(mw_well_free(well, &why, &now));
  assert_true(now <= before - count);
  end_suddenly(child);
  assert_ok(mw_well_reap(well, &why, &(unsigned){0}));
  assert_ok(mw_well_free(well, &why, &now));
  assert_int_equal(now, before);
  mw_mutex_drop(mutex);
  well_close_and_unlink(well);
}

/* ---- descriptors */

static void close_all_descriptors(void) { assert_int_equal(syscall(SYS_close_range, 3u, ~0u, 0u), 0); }

/* A program may close what it has not opened: whose life is asked for by a descriptor is taken to live while there is none, and the
 * well is whole again when its name leads to it again. */
static void a_lost_descriptor_is_found_by_the_name(void **state) {
  (void)state;
  mw_well *well = well_created();
  mw_mutex *mutex = well_mutex(well, "m");
  char path[100], aside[100];
  snprintf(path, sizeof path, "%s", harness_shm_path("", well_name()));
  snprintf(aside, sizeof aside, "%s", harness_shm_path("", harness_name("aside")));
  pid_t dead = holder_of(mutex);
  end_suddenly(dead);
  pid_t child = harness_fork();
  if (child == 0) {
    int slot = well_slot_of(well), other = well_object(well, "m").owner;
    unsigned count = 9;
    assert_int_equal(rename(path, aside), 0);
    harness_write_file(path, "another", 7, 0600);
    close_all_descriptors();
    assert_int_equal(open("/dev/null", O_RDWR | O_CLOEXEC), 3);
    for (int i = 0; i < 2; i++) {
      assert_ok(mw_well_reap(well, &why, &count));
      assert_int_equal(count, 0);
      assert_int_equal(well_participant(well, other).state, MW_RUNNING);
      assert_fails(MW_ETIMEDOUT, mw_mutex_acquire(mutex, MW_DEADLINE_NOW, &why));
    }
    assert_int_equal(rename(aside, path), 0);
    assert_int_equal(well_participant(well, other).state, MW_DEAD);
    assert_ok(mw_well_reap(well, &why, &count));
    assert_int_equal(count, 1);
    assert_int_equal(well_slot_of(well), slot);
    _exit(0);
  }
  assert_int_equal(harness_wait(child), 0);
  mw_mutex_drop(mutex);
  well_close_and_unlink(well);
}

/* And what has its number by now is somebody else's, and stays open. */
static void a_close_leaves_what_is_not_its_own(void **state) {
  (void)state;
  for (int way = 0; way < 2; way++) {
    mw_well *well = well_created();
    pid_t child = harness_fork();
    if (child == 0) {
      unsigned count;
      mw_well *own = well_attached();
      assert_ok(mw_well_unlink(well_name(), &why));
      close_all_descriptors();
      if (way == 1) assert_ok(mw_well_reap(own, &why, &count)); /* which looks for it, in vain */
      int fds[8];
      for (int i = 0; i < 8; i++) fds[i] = open("/dev/null", O_RDWR | O_CLOEXEC);
      well_close(own);
      well_close(well);
      for (int i = 0; i < 8; i++) assert_int_equal(close(fds[i]), 0);
      _exit(0);
    }
    assert_int_equal(harness_wait(child), 0);
    well_close(well);
  }
}

/* Files of two file systems may have one number: what a process is attached to is told by both. */
static void wells_of_two_file_systems_are_two(void **state) {
  (void)state;
  mw_well *memory = well_created(), *file = NULL, *again = NULL;
  assert_int_equal(mw_well_file(harness_path("well"), WELL_SIZE, NULL, &why, &file), 1);
  assert_ok(mw_well_file(harness_path("well"), 0, NULL, &why, &again));
  mw_mutex *mutex = well_mutex(memory, "m"), *other = well_mutex(file, "m");
  assert_ok(mw_mutex_acquire(mutex, MW_DEADLINE_NOW, &why));
  assert_ok(mw_mutex_acquire(other, MW_DEADLINE_NOW, &why));
  assert_int_equal(well_participants(memory), 1);
  assert_int_equal(well_participants(again), 1);
  assert_ok(mw_mutex_release(mutex, &why));
  mw_mutex_drop(mutex);
  well_close_and_unlink(memory);
  assert_true(mw_mutex_is_held(other));
  assert_ok(mw_mutex_release(other, &why));
  mw_mutex_drop(other);
  well_close(file);
  well_close(again);
}

/* ---- pid namespaces */

/* The first process of a new namespace, whose number is 1 there; harness_fork would take its parent for dead. */
static pid_t fork_into_namespace(void) {
  if (unshare(CLONE_NEWPID) != 0) harness_skip("needs the right to make a pid namespace");
  pid_t child = fork();
  if (child == 0) assert_int_equal(getpid(), 1);
  return child;
}

static void equal_numbers_in_two_namespaces_are_two_processes(void **state) {
  (void)state;
  mw_well *well = well_created();
  mw_mutex *mutex = well_mutex(well, "m");
  harness_gate held, end;
  harness_gate_init(&held);
  harness_gate_init(&end);
  pid_t outer = harness_fork(); /* so that the test itself goes on making children of its own namespace */
  if (outer == 0) {
    pid_t first = fork_into_namespace();
    if (first == 0) {
      assert_ok(mw_mutex_acquire(mutex, MW_DEADLINE_NOW, &why));
      harness_gate_open(&held);
      harness_gate_wait(&end);
      assert_ok(mw_mutex_release(mutex, &why));
      _exit(0);
    }
    _exit(harness_wait(first));
  }
  harness_gate_wait(&held);
  pid_t other = harness_fork();
  if (other == 0) {
    pid_t second = fork_into_namespace();
    if (second == 0) {
      assert_fails(MW_ENOTOWNER, mw_mutex_release(mutex, &why)); /* what "1" holds is not its */
      assert_fails(MW_ETIMEDOUT, mw_mutex_acquire(mutex, mw_deadline_after(0.1), &why));
      _exit(0); /* without a word: it is dead */
    }
    _exit(harness_wait(second));
  }
  assert_int_equal(harness_wait(other), 0);
  unsigned count = 7;
  assert_ok(mw_well_reap(well, &why, &count));
  assert_int_equal(count, 1); /* one "1" is dead, and the other goes on holding what it has */
  assert_fails(MW_ETIMEDOUT, mw_mutex_acquire(mutex, mw_deadline_after(0.1), &why));
  harness_gate_open(&end);
  assert_int_equal(harness_wait(outer), 0);
  assert_ok(mw_mutex_acquire(mutex, MW_DEADLINE_NOW, &why));
  assert_ok(mw_mutex_release(mutex, &why));
  harness_gate_fini(&held);
  harness_gate_fini(&end);
  mw_mutex_drop(mutex);
  well_close_and_unlink(well);
}

/* ---- forks */

static void *attach_again_and_again(void *end) {
  while (!*(_Atomic bool *)end) {
    mw_well *well = well_attached();
    mw_mutex *mutex = well_mutex(well, "m");
    mw_mutex_drop(mutex);
    well_close(well);
  }
  return NULL;
}

/* A child that was forked at whatever moment of an attach has nothing of its parent's life: the slot is free when the parent has
 * gone, though the child lives. */
static void no_child_keeps_a_slot_that_its_parent_had(void **state) {
  (void)state;
  enum { CHILDREN = 40, THREADS = 3 };
  mw_well *keeper = created_with(WELL_SIZE, 2);
  _Atomic bool end = false;
  pid_t parent = harness_fork();
  if (parent == 0) {
    pthread_t threads[THREADS];
    pid_t children[CHILDREN];
    well_close(keeper);
    for (int i = 0; i < THREADS; i++) assert_int_equal(pthread_create(&threads[i], NULL, attach_again_and_again, &end), 0);
    for (int i = 0; i < CHILDREN; i++)
      if ((children[i] = harness_fork()) == 0)
        for (;;) pause();
    end = true;
    for (int i = 0; i < THREADS; i++) assert_int_equal(pthread_join(threads[i], NULL), 0);
    pid_t stranger = harness_fork();
    if (stranger == 0) {
      well_close(well_attached());
      _exit(0);
    }
    int result = harness_wait(stranger);
    for (int i = 0; i < CHILDREN; i++) end_suddenly(children[i]);
    _exit(result);
  }
  assert_int_equal(harness_wait(parent), 0);
  well_close_and_unlink(keeper);
}

/* ---- the right to change the directory */

/* A child that took it and never gives it back: the word is as it would be in the middle of a create. */
static pid_t keeper_of_the_directory(mw_well *well, bool stopped) {
  mw_mutex *mutex = well_mutex(well, "identity");
  _Atomic uint64_t *owner = well_word(well, "identity", 0), *admin = in_well(well, ADMIN_AT);
  pid_t child = holder_of(mutex);
  *admin = *owner;
  mw_mutex_drop(mutex);
  if (!stopped) return child;
  stop(child);
  return child;
}

static pid_t creator_of(mw_well *well, const char *name) {
  pid_t child = harness_fork();
  if (child != 0) return child;
  mw_mutex_drop(well_mutex(well, name));
  assert_ok(mw_well_delete(well, name, &why));
  _exit(0);
}

static void who_dies_changing_the_directory_keeps_nobody_out(void **state) {
  (void)state;
  mw_well *well = well_created();
  pid_t keeper = keeper_of_the_directory(well, false), creator = creator_of(well, "m");
  harness_await_futex(creator, 0);
  end_suddenly(keeper);
  assert_int_equal(harness_wait(creator), 0);
  assert_ok(mw_well_delete(well, "identity", &why));
  end_suddenly(keeper_of_the_directory(well, false)); /* and nobody waits */
  mw_mutex_drop(well_mutex(well, "m"));
  assert_ok(mw_well_check(well, &why));
  well_close_and_unlink(well);
}

static void who_is_stopped_changing_the_directory_can_be_robbed(void **state) {
  (void)state;
  mw_well *well = well_created();
  pid_t keeper = keeper_of_the_directory(well, true), creator = creator_of(well, "m");
  unsigned count = 0;
  harness_await_futex(creator, 0);
  assert_ok(mw_well_reap(well, &why, &count));
  assert_int_equal(count, 0);
  int slot = well_object(well, "identity").owner;
  assert_int_equal(well_participant(well, slot).state, MW_STOPPED);
  assert_ok(mw_well_break_locks(well, slot, &why, &count));
  assert_int_equal(count, 2); /* the mutex, and the directory's */
  assert_int_equal(harness_wait(creator), 0);
  end_suddenly(keeper);
  well_close_and_unlink(well);
}

/* ---- kinds of a later version */

/* FNV-1a. */
static uint64_t hash_on(uint64_t hash, const void *data, size_t size) {
  for (size_t i = 0; i < size; i++) hash = (hash ^ ((const unsigned char *)data)[i]) * UINT64_C(0x100000001b3);
  return hash;
}

static void make_kind(mw_well *well, const char *name, unsigned kind) {
  uint64_t directory;
  memcpy(&directory, in_well(well, DIRECTORY_AT), sizeof directory);
  char *entry = in_well(well, directory);
  while (strcmp(entry + ENTRY_NAME_AT, name) != 0) entry += ENTRY_SIZE;
  uint64_t state, fixed, checksum;
  uint32_t length;
  memcpy(&state, entry, sizeof state);
  memcpy(&length, entry + ENTRY_LENGTH_AT, sizeof length);
  state = (state & ~UINT64_C(0xff00)) | (uint64_t)kind << 8;
  fixed = state & ~UINT64_C(0xff);
  checksum = hash_on(UINT64_C(0xcbf29ce484222325), &fixed, sizeof fixed);
  checksum = hash_on(checksum, entry + 8, ENTRY_CHECKSUM_AT - 8);
  checksum = hash_on(checksum, entry + ENTRY_NAME_AT, length);
  memcpy(entry + ENTRY_CHECKSUM_AT, &checksum, sizeof checksum);
  memcpy(entry, &state, sizeof state);
}

static void a_kind_of_a_later_version_is_listed_and_left_alone(void **state) {
  (void)state;
  mw_well *well = well_created();
  mw_mutex *mutex = well_mutex(well, "later"), *other = well_mutex(well, "m");
  mw_robust_semaphore *semaphore = NULL;
  mw_event *event = NULL;
  mw_view view;
  unsigned count;
  make_kind(well, "later", 9);
  assert_string_equal(well_object(well, "later").kind, "kind 9");
  assert_int_equal(well_object(well, "later").owner, -1);
  assert_fails(MW_EKIND, mw_well_mutex(well, "later", 0, &why, &mutex));
  assert_fails(MW_EKIND, mw_well_semaphore(well, "later", 1, 0, &why, &semaphore));
  assert_fails(MW_EKIND, mw_well_event(well, "later", MW_MUST_EXIST, &why, &event));
  assert_fails(MW_EKIND, mw_well_find_array(well, "later", &why, &view));
  assert_ok(mw_well_check(well, &why));
  end_suddenly(holder_of(other));
  assert_ok(mw_well_reap(well, &why, &count));
  assert_ok(mw_well_delete(well, "later", &why));
  assert_ok(mw_well_check(well, &why));
  mw_mutex_drop(mutex);
  mw_mutex_drop(other);
  well_close_and_unlink(well);
}

/* ---- wells in files */

static mw_well *opened(const char *path) {
  mw_well *well = NULL;
  if (mw_well_file(path, WELL_SIZE, NULL, &why, &well) < 0) assert_ok(why.status);
  return well;
}

static void hold_everything(const char *path) {
  mw_well *well = opened(path);
  mw_mutex *mutex = well_mutex(well, "m");
  mw_robust_semaphore *permits = well_semaphore(well, "s", 4);
  mw_event *event = well_event(well, "e");
  uint64_t count = 10;
  mw_view view;
  assert_int_equal(mw_well_array(well, "a", MW_INT64, 1, &count, &why, &view), 1);
  for (int64_t i = 0; i < 10; i++) *(int64_t *)mw_view_at(&view, (uint64_t)i) = i * i;
  assert_ok(mw_mutex_acquire(mutex, MW_DEADLINE_NOW, &why));
  for (int i = 0; i < 3; i++) assert_ok(mw_robust_semaphore_acquire(permits, MW_DEADLINE_NOW, &why));
  assert_ok(mw_event_set(event, &why));
  raise(SIGKILL);
}

static void after_the_death_of_all_a_file_is_as_it_was_and_free(void **state) {
  (void)state;
  const char *path = harness_path("well");
  pid_t child = harness_fork();
  if (child == 0) hold_everything(path);
  assert_int_equal(harness_wait(child), 128 + SIGKILL);
  mw_well *well = opened(path);
  assert_ok(mw_well_check(well, &why));
  mw_mutex *mutex = well_mutex(well, "m");
  mw_robust_semaphore *permits = well_semaphore(well, "s", 4);
  mw_event *event = well_event(well, "e");
  mw_view view;
  bool set = false;
  assert_ok(mw_well_find_array(well, "a", &why, &view));
  for (int64_t i = 0; i < 10; i++) assert_int_equal(*(int64_t *)mw_view_at(&view, (uint64_t)i), i * i);
  assert_ok(mw_event_is_set(event, &why, &set));
  assert_true(set);
  for (int i = 0; i < 4; i++) assert_ok(mw_robust_semaphore_acquire(permits, MW_DEADLINE_NOW, &why));
  assert_ok(mw_robust_semaphore_release(permits, 4, &why));
  assert_int_equal(mw_mutex_recover_begin(mutex, MW_DEADLINE_NOW, &why), 1);
  assert_ok(mw_mutex_recover_end(mutex, true, &why));
  assert_ok(mw_mutex_release(mutex, &why));
  mw_event_drop(event);
  mw_robust_semaphore_drop(permits);
  mw_mutex_drop(mutex);
  well_close(well);
}

static void punch(const char *path, off_t offset, off_t size) {
  int fd = open(path, O_RDWR | O_CLOEXEC);
  if (fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, size) != 0) {
    close(fd);
    harness_skip("needs a file system in which holes can be punched");
  }
  close(fd);
}

static void cut_and_lengthen(const char *path, off_t offset, off_t size) {
  (void)size;
  assert_int_equal(truncate(path, offset), 0);
  assert_int_equal(truncate(path, WELL_SIZE), 0);
}

/* What is lost reads as zeros, which is nobody's turn, neither for those who waited nor for those who come. */
static void check_lost_locks(void (*lose)(const char *path, off_t offset, off_t size)) {
  const char *path = harness_path("well");
  mw_well *well = opened(path);
  mw_mutex *mutex = well_mutex(well, "m");
  harness_gate gates[2];
  harness_gate_init(&gates[0]);
  harness_gate_init(&gates[1]);
  pid_t child = harness_fork();
  if (child == 0) {
    assert_ok(mw_mutex_acquire(mutex, MW_DEADLINE_NOW, &why));
    harness_gate_open(&gates[0]);
    harness_gate_wait(&gates[1]);
    int result = mw_mutex_release(mutex, &why);
    assert_true(result == MW_EFORMAT || result == MW_EFAULT);
    _exit(0);
  }
  harness_gate_wait(&gates[0]);
  pid_t waiter = harness_fork();
  if (waiter == 0) {
    int result = mw_mutex_acquire(mutex, MW_DEADLINE_NEVER, &why);
    assert_true(result == MW_EFORMAT || result == MW_EFAULT);
    _exit(0);
  }
  harness_await_futex(waiter, 0);
  lose(path, WELL_SIZE - 4096, 4096);
  assert_int_equal(harness_wait(waiter), 0);
  for (int i = 0; i < 3; i++) {
    int result = mw_mutex_acquire(mutex, MW_DEADLINE_NEVER, &why);
    assert_true(result == MW_EFORMAT || result == MW_EFAULT);
  }
  harness_gate_open(&gates[1]);
  assert_int_equal(harness_wait(child), 0);
  harness_gate_fini(&gates[0]);
  harness_gate_fini(&gates[1]);
  mw_mutex_drop(mutex);
  mw_well_abandon(well);
}

static void a_hole_in_the_locks_is_nobodys_turn(void **state) {
  (void)state;
  harness_let_faults_kill();
  check_lost_locks(punch);
}

static void a_file_that_was_cut_and_lengthened_is_nobodys_turn(void **state) {
  (void)state;
  harness_let_faults_kill();
  check_lost_locks(cut_and_lengthen);
}

static void assert_nobodys_turn(mw_mutex *mutex) {
  int result = mw_mutex_acquire(mutex, mw_deadline_after(0.1), &why);
  assert_true(result == MW_ETIMEDOUT || result == MW_EFORMAT);
}

/* It is not known any more who lives: so nobody is robbed, not even the dead. */
static void a_hole_in_the_participants_makes_nobody_dead(void **state) {
  (void)state;
  const char *path = harness_path("well");
  mw_well *well = opened(path), *other = NULL;
  mw_mutex *mutex = well_mutex(well, "m");
  uint32_t cursor = 0;
  unsigned count = 7;
  mw_participant_info info;
  pid_t child = holder_of(mutex);
  punch(path, 0, 4096);
  assert_nobodys_turn(mutex);
  assert_fails(MW_EFORMAT, mw_well_next_participant(well, &cursor, &why, &info));
  assert_fails(MW_EFORMAT, mw_well_check(well, &why));
  assert_fails(MW_EFORMAT, mw_well_file(path, 0, NULL, &why, &other));
  end_suddenly(child);
  assert_nobodys_turn(mutex);
  (void)mw_well_reap(well, &why, &count);
  assert_nobodys_turn(mutex);
  mw_mutex_drop(mutex);
  mw_well_abandon(well);
}

/* ---- two copies of the core in one process */

#ifndef RTLD_DEEPBIND /* where the program is static, and this is not run */
#define RTLD_DEEPBIND 0
#endif

/* As when Python's module and Lua's are loaded into one program. */
typedef struct copy {
  void *library;
  int (*attach)(const char *, const mw_well_options *, mw_error *, mw_well **);
  int (*mutex)(mw_well *, const char *, unsigned, mw_error *, mw_mutex **);
  int (*acquire)(mw_mutex *, mw_deadline, mw_error *);
  int (*release)(mw_mutex *, mw_error *);
  int (*close)(mw_well *, mw_error *);
  void (*drop)(mw_mutex *);
} copy;

static void *function_of(void *library, const char *name) {
  void *function = dlsym(library, name);
  if (!function) harness_fail("%s is not in the copy", name);
  return function;
}

static copy second_copy(void) {
  Dl_info here;
  char command[1000];
  const char *path = harness_path("libmemwell-copy.so");
  if (!dladdr((void *)(uintptr_t)mw_well_attach, &here) || !strstr(here.dli_fname, ".so"))
    harness_skip("the core is in the program itself here");
  snprintf(command, sizeof command, "cp '%s' '%s'", here.dli_fname, path);
  assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c): nothing of it comes from elsewhere */
  if (dlsym(RTLD_DEFAULT, "__asan_init") || dlsym(RTLD_DEFAULT, "__tsan_init"))
    harness_skip("a sanitizer's runtime can be for one copy only");
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND);
  if (!library) harness_skip(dlerror());
  copy copy = {.library = library};
  *(void **)&copy.attach = function_of(library, "mw_well_attach");
  *(void **)&copy.mutex = function_of(library, "mw_well_mutex");
  *(void **)&copy.acquire = function_of(library, "mw_mutex_acquire");
  *(void **)&copy.release = function_of(library, "mw_mutex_release");
  *(void **)&copy.close = function_of(library, "mw_well_close");
  *(void **)&copy.drop = function_of(library, "mw_mutex_drop");
  assert_true(copy.attach != mw_well_attach);
  return copy;
}

static void two_copies_of_the_core_are_two_participants(void **state) {
  (void)state;
  copy copy = second_copy();
  mw_well *well = well_created(), *theirs = NULL;
  mw_mutex *mutex = well_mutex(well, "m"), *their_mutex = NULL;
  mw_participant_info info;
  assert_ok(copy.attach(well_name(), NULL, &why, &theirs));
  assert_ok(copy.mutex(theirs, "m", 0, &why, &their_mutex));
  assert_int_equal(well_participants(well), 2);
  info = well_participant(well, 1 - well_slot_of(well));
  assert_int_equal(info.pid, getpid());
  assert_false(info.self);
  assert_int_equal(info.state, MW_RUNNING);
  assert_ok(mw_mutex_acquire(mutex, MW_DEADLINE_NOW, &why));
  assert_fails(MW_ETIMEDOUT, copy.acquire(their_mutex, mw_deadline_after(0.1), &why));
  assert_fails(MW_ENOTOWNER, copy.release(their_mutex, &why));
  pid_t child = harness_fork(); /* which has both, and a slot for each that it uses */
  if (child == 0) {
    assert_fails(MW_ETIMEDOUT, copy.acquire(their_mutex, MW_DEADLINE_NOW, &why));
    assert_fails(MW_ETIMEDOUT, mw_mutex_acquire(mutex, MW_DEADLINE_NOW, &why));
    assert_int_equal(well_participants(well), 4);
    _exit(0);
  }
  assert_int_equal(harness_wait(child), 0);
  assert_ok(mw_mutex_release(mutex, &why));
  assert_ok(copy.acquire(their_mutex, MW_DEADLINE_NOW, &why));
  assert_fails(MW_ETIMEDOUT, mw_mutex_acquire(mutex, mw_deadline_after(0.1), &why));
  assert_fails(MW_EBUSY, copy.close(theirs, &why));
  assert_ok(copy.release(their_mutex, &why));
  assert_ok(mw_mutex_acquire(mutex, MW_DEADLINE_NOW, &why));
  copy.drop(their_mutex);
  assert_ok(copy.close(theirs, &why)); /* and what the other has stays the other's */
  pid_t stranger = harness_fork();
  if (stranger == 0) {
    assert_fails(MW_ETIMEDOUT, mw_mutex_acquire(mutex, mw_deadline_after(0.1), &why));
    _exit(0);
  }
  assert_int_equal(harness_wait(stranger), 0);
  assert_ok(mw_mutex_release(mutex, &why));
  mw_mutex_drop(mutex);
  well_close_and_unlink(well);
  if (copy.library) dlclose(copy.library);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(one_slot_is_enough_for_one),
    cmocka_unit_test(a_child_that_cannot_attach_says_why),
    cmocka_unit_test(all_slots_of_the_largest_table_work),
    cmocka_unit_test(what_each_holds_is_listed),
    cmocka_unit_test(only_who_is_there_can_be_robbed_or_reaped),
    cmocka_unit_test(who_is_stopped_is_known_by_when_he_began),
    cmocka_unit_test(who_is_in_a_debugger_is_stopped),
    cmocka_unit_test(what_is_held_by_who_has_left_is_the_deads),
    cmocka_unit_test(who_has_no_ticket_yet_keeps_what_was_deleted),
    cmocka_unit_test(a_lost_descriptor_is_found_by_the_name),
    cmocka_unit_test(a_close_leaves_what_is_not_its_own),
    cmocka_unit_test(wells_of_two_file_systems_are_two),
    cmocka_unit_test(equal_numbers_in_two_namespaces_are_two_processes),
    cmocka_unit_test(no_child_keeps_a_slot_that_its_parent_had),
    cmocka_unit_test(who_dies_changing_the_directory_keeps_nobody_out),
    cmocka_unit_test(who_is_stopped_changing_the_directory_can_be_robbed),
    cmocka_unit_test(a_kind_of_a_later_version_is_listed_and_left_alone),
    cmocka_unit_test(after_the_death_of_all_a_file_is_as_it_was_and_free),
    cmocka_unit_test(a_hole_in_the_locks_is_nobodys_turn),
    cmocka_unit_test(a_file_that_was_cut_and_lengthened_is_nobodys_turn),
    cmocka_unit_test(a_hole_in_the_participants_makes_nobody_dead),
    cmocka_unit_test(two_copies_of_the_core_are_two_participants),
};

HARNESS_MAIN(tests)
