/* What the locks of a well cost when nobody else wants them, from C; and how that, an attach and a look-up grow with what is there.
 *
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core_worker.h"

#define MANY 10000
#define FEW 10
#define OTHERS 63

static mw_error error;
static char few_name[64], many_name[64], busy_name[64];
static mw_well *few, *many, *busy;
static mw_mutex *mutex, *mutex_of_many;
static mw_robust_semaphore *semaphore;
static mw_event *event;

#define good(call) must_be_good((call), &error)

/* ---- locks */

static void take_turns(mw_mutex *which, long n) {
  for (long i = 0; i < n; i++) {
    good(mw_mutex_acquire(which, MW_DEADLINE_NEVER, &error));
    good(mw_mutex_release(which, &error));
  }
}

static void turn_mutex(long n) { take_turns(mutex, n); }

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

static void set_and_clear(long n) {
  for (long i = 0; i < n; i++) {
    good(mw_event_set(event, &error));
    good(mw_event_clear(event, &error));
  }
}

/* ---- attaching and looking up: another process each time would be the fork's time, so this one is not attached otherwise */

static void attach(const char *name, long n) {
  for (long i = 0; i < n; i++) {
    mw_well *well;
    good(mw_well_attach(name, NULL, &error, &well));
    good(mw_well_close(well, &error));
  }
}

static void attach_anew(mw_well **well, const char *name, long n) {
  mw_well_abandon(*well);
  attach(name, n);
  good(mw_well_attach(name, NULL, &error, well));
}

static char lone_name[64];
static void attach_alone(long n) { attach(lone_name, n); }
static void attach_beside_others(long n) { attach_anew(&busy, busy_name, n); }

static void look_up(mw_well *well, const char *label, long n) {
  mw_view view;
  for (long i = 0; i < n; i++) good(mw_well_find_array(well, label, &error, &view));
}

static void look_up_few(long n) { look_up(few, "array-5", n); }

/* ---- what is there */

static mw_well *make(char *name, const char *label, unsigned objects) {
  mw_well *well;
  mw_well_options options = {.size_of_struct = sizeof options, .objects = objects + 3};
  snprintf(name, 64, "memwell-bench-%ld-%s", (long)getpid(), label);
  good(mw_well_create(name, (uint64_t)16 << 20, &options, &error, &well));
  for (unsigned i = 0; i < objects; i++) {
    char array[32];
    uint64_t one = 1;
    mw_view view;
    snprintf(array, sizeof array, "array-%u", i);
    good(mw_well_array(well, array, MW_INT64, 1, &one, &error, &view));
  }
  return well;
}

/* Made when it is first needed: so many objects take their time. */
static void make_many(void) {
  if (many) return;
  many = make(many_name, "many", MANY);
  good(mw_well_mutex(many, "mutex", 0, &error, &mutex_of_many));
}

static void look_up_many(long n) {
  serve_apart(make_many);
  look_up(many, "array-5", n);
}

static void turn_of_many(long n) {
  serve_apart(make_many);
  take_turns(mutex_of_many, n);
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
                               {"set_and_clear", set_and_clear},
                               {"turn_of_many", turn_of_many},
                               {"attach_alone", attach_alone},
                               {"attach_beside_others", attach_beside_others},
                               {"look_up_few", look_up_few},
                               {"look_up_many", look_up_many}};
  few = make(few_name, "few", FEW);
  busy = make(busy_name, "busy", 1);
  mw_well *lone = make(lone_name, "lone", 1);
  good(mw_well_close(lone, &error));
  good(mw_well_mutex(few, "mutex", 0, &error, &mutex));
  good(mw_well_semaphore(few, "semaphore", 4, 0, &error, &semaphore));
  good(mw_well_event(few, "event", 0, &error, &event));
  attach_others();
  serve(works, sizeof works / sizeof *works);
  end_others();
  good(mw_well_unlink(few_name, &error));
  if (many) good(mw_well_unlink(many_name, &error));
  good(mw_well_unlink(busy_name, &error));
  good(mw_well_unlink(lone_name, &error));
  return 0;
}
