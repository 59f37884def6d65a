/* What becomes of libc's locks when a process is killed that has one, or waits for one. The argument names the experiment.
 *
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "death.h"

#include <errno.h>
#include <pthread.h>
#include <sys/mman.h>
#include <time.h>

#define ASLEEP 100000000 /* ns: that is long enough for somebody to have gone to sleep */

typedef struct shared {
  pthread_mutex_t mutex;
  pthread_cond_t condition;
  pair numbers;
} shared;

static shared *common;

static void lock(void) { need(pthread_mutex_lock(&common->mutex) == 0, "pthread_mutex_lock"); }
static void unlock(void) { need(pthread_mutex_unlock(&common->mutex) == 0, "pthread_mutex_unlock"); }

static void stop_half_way(void) {
  lock();
  common->numbers.first++;
  be_killed_here();
}

static void come_next(void) {
  int failure = pthread_mutex_lock(&common->mutex);
  if (failure == EOWNERDEAD) {
    common->numbers.second = common->numbers.first;
    need(pthread_mutex_consistent(&common->mutex) == 0, "pthread_mutex_consistent");
    unlock();
    lock();
    say("recovers who comes next is told, mends what is half written, and goes on");
  } else {
    say_what_is_there(&common->numbers);
  }
}

static void wait_for_condition(void) {
  lock();
  say("x");
  (void)pthread_cond_wait(&common->condition, &common->mutex);
}

static void signal_and_destroy(void) {
  (void)nanosleep(&(struct timespec){0, ASLEEP}, NULL);
  need(pthread_cond_broadcast(&common->condition) == 0, "pthread_cond_broadcast");
  need(pthread_cond_destroy(&common->condition) == 0, "pthread_cond_destroy");
  say("recovers broadcast returns, and so does pthread_cond_destroy");
}

static void make(int robustness) {
  pthread_mutexattr_t of_mutex;
  pthread_condattr_t of_condition;
  common = mmap(NULL, sizeof *common, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  need(common != MAP_FAILED, "mmap");
  pthread_mutexattr_init(&of_mutex);
  pthread_mutexattr_setpshared(&of_mutex, PTHREAD_PROCESS_SHARED);
  pthread_mutexattr_setrobust(&of_mutex, robustness);
  need(pthread_mutex_init(&common->mutex, &of_mutex) == 0, "pthread_mutex_init");
  pthread_condattr_init(&of_condition);
  pthread_condattr_setpshared(&of_condition, PTHREAD_PROCESS_SHARED);
  need(pthread_cond_init(&common->condition, &of_condition) == 0, "pthread_cond_init");
}

int main(int count, char **arguments) {
  const char *name = count == 2 ? arguments[1] : "";
  make(strcmp(name, "robust") == 0 ? PTHREAD_MUTEX_ROBUST : PTHREAD_MUTEX_STALLED);
  if (strcmp(name, "condition") == 0) {
    int line;
    char byte;
    pid_t waiter = start_child(wait_for_condition, &line);
    need(read(line, &byte, 1) == 1, "read");
    (void)nanosleep(&(struct timespec){0, ASLEEP}, NULL);
    end_child(waiter, line);
    attempt(signal_and_destroy);
  } else {
    kill_one_that(stop_half_way);
    attempt(come_next);
  }
  return 0;
}
