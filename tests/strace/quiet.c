/* A program that strace watches: what its argument names, between two marks that show in the trace as a failed unlink.
 *
 * SPDX-License-Identifier: MIT */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memwell.h"

static mw_region *region;
static mw_region *file;
static mw_semaphore *semaphore;
static mw_well *well;
static mw_mutex *mutex;
static mw_robust_semaphore *permits;
static mw_event *event;

static void must(int status) {
  if (status >= 0) return;
  fprintf(stderr, "quiet: %s\n", mw_status_name(status));
  exit(1);
}

static void mark(const char *text) {
  if (unlink(text) == 0) exit(1); /* nothing is called so */
}

/* A thousand times: the first round may ask the system something once. */
static void acquire_and_release(void) {
  for (int i = 0; i < 1000; i++) {
    must(mw_semaphore_release(semaphore, 1, NULL));
    must(mw_semaphore_acquire(semaphore, MW_DEADLINE_NEVER, NULL));
  }
}

static void count_atomically(void) {
  mw_view view;
  int64_t old;
  must(mw_view_init(&view, region, MW_UINT32, 1, NULL, 0, NULL));
  for (int i = 0; i < 1000; i++) must(mw_view_atomic_add(&view, 0, 1, NULL, &old));
}

static void use_locks(void) {
  bool set;
  for (int i = 0; i < 1000; i++) {
    must(mw_mutex_acquire(mutex, MW_DEADLINE_NEVER, NULL));
    must(mw_mutex_release(mutex, NULL));
    must(mw_robust_semaphore_acquire(permits, MW_DEADLINE_NEVER, NULL));
    must(mw_robust_semaphore_acquire(permits, MW_DEADLINE_NEVER, NULL));
    must(mw_robust_semaphore_release(permits, 2, NULL));
    must(mw_event_set(event, NULL));
    must(mw_event_wait(event, MW_DEADLINE_NEVER, NULL));
    must(mw_event_clear(event, NULL));
    must(mw_event_is_set(event, NULL, &set));
  }
}

/* A child that sleeps for one of the locks until it is killed. Where it sleeps shows in how many are said to wait. */
static void let_a_waiter_die(int which) {
  pid_t child = fork();
  if (child == 0) {
    if (which == 0) must(mw_mutex_acquire(mutex, MW_DEADLINE_NEVER, NULL));
    if (which == 1) must(mw_robust_semaphore_acquire(permits, MW_DEADLINE_NEVER, NULL));
    if (which == 2) must(mw_event_wait(event, MW_DEADLINE_NEVER, NULL));
    exit(1);
  }
  mw_object_info info = {.waiters = 0};
  for (uint32_t cursor = 0; info.waiters == 0;) {
    int found = mw_well_next_object(well, &cursor, NULL, &info);
    must(found);
    if (found == 0) cursor = 0;
  }
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
  unsigned count;
  must(mw_well_reap(well, NULL, &count));
}

static void let_waiters_die(void) {
  must(mw_mutex_acquire(mutex, MW_DEADLINE_NEVER, NULL));
  for (int i = 0; i < 2; i++) must(mw_robust_semaphore_acquire(permits, MW_DEADLINE_NEVER, NULL));
  for (int which = 0; which < 3; which++) let_a_waiter_die(which);
  must(mw_mutex_release(mutex, NULL));
  must(mw_robust_semaphore_release(permits, 2, NULL));
}

static void open_well(const char *name) {
  char own[100];
  snprintf(own, sizeof own, "%s-well", name);
  must(mw_well_create(own, 65536, NULL, NULL, &well));
  must(mw_well_mutex(well, "mutex", 0, NULL, &mutex));
  must(mw_well_semaphore(well, "permits", 2, 0, NULL, &permits));
  must(mw_well_event(well, "event", 0, NULL, &event));
  must(mw_well_unlink(own, NULL));
}

static void close_well(void) {
  mw_event_drop(event);
  mw_robust_semaphore_drop(permits);
  mw_mutex_drop(mutex);
  must(mw_well_close(well, NULL));
}

static void open_all(const char *name, const char *path, unsigned flags) {
  mw_region_options options = {sizeof options, .flags = flags};
  must(mw_region_create(name, 10000, &options, NULL, &region));
  must(mw_region_file(path, 10000, &options, NULL, &file));
  must(mw_semaphore_create(name, 0, 0, 0, NULL, &semaphore));
  open_well(name);
}

static void close_all(const char *name) {
  close_well();
  mw_semaphore_close(semaphore);
  mw_region_close(file);
  mw_region_close(region);
  must(mw_semaphore_unlink(name, NULL));
  must(mw_region_unlink(name, NULL));
}

/* quiet NAME FILE keep|drop */
int main(int count, char **arguments) {
  if (count != 4) return 2;
  mark("/mark/open");
  open_all(arguments[1], arguments[2], strcmp(arguments[3], "drop") == 0 ? MW_NO_FD : 0);
  acquire_and_release();
  count_atomically();
  use_locks();
  mark("/mark/quiet");
  acquire_and_release();
  count_atomically();
  use_locks();
  mark("/mark/deaths");
  let_waiters_die();
  use_locks();
  mark("/mark/quiet-again");
  use_locks();
  mark("/mark/close");
  close_all(arguments[1]);
  mark("/mark/end");
  return 0;
}
