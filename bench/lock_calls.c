/* What the locks of a well cost when nobody else wants them, from C; and an attach, alone and beside others.
 *
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core_worker.h"

#define OTHERS 63

static mw_error error;
static char locks_name[64], lone_name[64], busy_name[64];
static mw_well *locks, *busy;
static mw_mutex *mutex;
static mw_robust_semaphore *semaphore;
static mw_event *event;

#define good(call) must_be_good((call), &error)

/* ---- locks */

static void turn_mutex(long n) {
  for (long i = 0; i < n; i++) {
    good(mw_mutex_acquire(mutex, MW_DEADLINE_NEVER, &error));
    good(mw_mutex_release(mutex, &error));
  }
}

static void turn_semaphore(long n) {
  for (long i = 0; i < n; i++) {
    good(mw_robust_semaphore_acquire(semaphore, MW_DEADLINE_NEVER, &error));
    good(mw_robust_semaphore_release(semaphore, 1, &error));
  }
}

static void is_set(long n) {
  bool set;
  for (long i = 0; i < n; i++) good(mw_event_is_set(event, &error, &set));
}

/* ---- attaching: another process each time would be the fork's time, so this one is not attached otherwise */

static void attach(const char *name, long n) {
  for (long i = 0; i < n; i++) {
    mw_well *well;
    good(mw_well_attach(name, NULL, &error, &well));
    good(mw_well_close(well, &error));
  }
}

static void attach_alone(long n) { attach(lone_name, n); }

static void attach_beside_others(long n) {
  mw_well_abandon(busy);
  attach(busy_name, n);
  good(mw_well_attach(busy_name, NULL, &error, &busy));
}

/* ---- what is there */

static mw_well *make(char name[64], const char *label) {
  mw_well *well;
  snprintf(name, 64, "memwell-bench-%ld-%s", (long)getpid(), label);
  good(mw_well_create(name, 65536, NULL, &error, &well));
  return well;
}

/* Others who are attached; they end with this process. */
static pid_t others[OTHERS];

static void be_attached(int ready) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  mw_well *well;
  good(mw_well_attach(busy_name, NULL, &error, &well));
  must(write(ready, "x", 1) == 1, "write");
  for (;;) pause();
}

static void attach_others(void) {
  int ready[2];
  char byte;
  must(pipe(ready) == 0, "pipe");
  for (int i = 0; i < OTHERS; i++) {
    others[i] = fork();
    must(others[i] >= 0, "fork");
    if (others[i] == 0) be_attached(ready[1]);
    must(read(ready[0], &byte, 1) == 1, "read");
  }
}

static void end_others(void) {
  for (int i = 0; i < OTHERS; i++) {
    kill(others[i], SIGKILL);
    (void)waitpid(others[i], NULL, 0);
  }
}

int main(void) {
  static const work works[] = {{"turn_mutex", turn_mutex},
                               {"turn_semaphore", turn_semaphore},
                               {"is_set", is_set},
                               {"attach_alone", attach_alone},
                               {"attach_beside_others", attach_beside_others}};
  locks = make(locks_name, "locks");
  busy = make(busy_name, "busy");
  good(mw_well_close(make(lone_name, "lone"), &error));
  good(mw_well_mutex(locks, "mutex", 0, &error, &mutex));
  good(mw_well_semaphore(locks, "semaphore", 4, 0, &error, &semaphore));
  good(mw_well_event(locks, "event", 0, &error, &event));
  attach_others();
  serve(works, sizeof works / sizeof *works);
  end_others();
  good(mw_well_unlink(locks_name, &error));
  good(mw_well_unlink(busy_name, &error));
  good(mw_well_unlink(lone_name, &error));
  return 0;
}
