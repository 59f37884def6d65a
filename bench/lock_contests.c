/* Locks that several processes want, by the clock on the wall: throughput with 1 to 16 of them, and what becomes of a lock whose
 * holder is killed.
 *
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#define SERVE_CLOCK CLOCK_MONOTONIC
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core_worker.h"
#include "figures.h"

#define MOST 16 /* processes */
#define TIMED_ONE_IN 64
#define TIMED 65536  /* turns at most */
#define INSIDE 20    /* how long a turn is: pauses while it is held */
#define OUTSIDE 20   /* and until it is wanted again */
#define PATIENCE 0.2 /* seconds after the death of a holder */

typedef struct shared {
  pthread_mutex_t robust;
  sem_t semaphore;
  int64_t waits[TIMED];    /* these are changed by who has the lock */
  _Alignas(64) long count; /* turns, as they are taken */
  long timed;
  long turns; /* and as those who took them say afterwards: the same, if the lock excludes */
  int64_t cpu;
  int64_t began;
  int64_t ended;
} shared;

static mw_error error;
static shared *common;
static char name[64];
static mw_well *well;
static mw_mutex *mutex;
static mw_robust_semaphore *permits;
static int set;

#define good(call) must_be_good((call), &error)

/* ---- one turn of each */

static void turn_begin_mutex(void) { good(mw_mutex_acquire(mutex, MW_DEADLINE_NEVER, &error)); }
static void turn_end_mutex(void) { good(mw_mutex_release(mutex, &error)); }
static void turn_begin_permits(void) { good(mw_robust_semaphore_acquire(permits, MW_DEADLINE_NEVER, &error)); }
static void turn_end_permits(void) { good(mw_robust_semaphore_release(permits, 1, &error)); }
static void turn_begin_robust(void) { must(pthread_mutex_lock(&common->robust) == 0, "pthread_mutex_lock"); }
static void turn_end_robust(void) { must(pthread_mutex_unlock(&common->robust) == 0, "pthread_mutex_unlock"); }
static void turn_begin_posix(void) { must(sem_wait(&common->semaphore) == 0, "sem_wait"); }
static void turn_end_posix(void) { must(sem_post(&common->semaphore) == 0, "sem_post"); }

static void change_set(short change) {
  struct sembuf operation = {0, change, SEM_UNDO};
  must(semop(set, &operation, 1) == 0, "semop");
}

static void turn_begin_undo(void) { change_set(-1); }
static void turn_end_undo(void) { change_set(1); }

/* ---- many who want it */

static void pass_time(int pauses) {
  for (volatile int i = 0; i < pauses; i++) continue;
}

/* False: there have been n turns. Of some it is noted how long it took until the lock was there. */
static bool take_turn(void (*begin)(void), void (*end)(void), long n, bool timed) {
  int64_t before = timed ? now() : 0;
  begin();
  if (timed && common->timed < TIMED) common->waits[common->timed++] = now() - before;
  if (common->count == 0) common->began = now();
  bool counts = common->count < n;
  if (counts && ++common->count == n) common->ended = now();
  pass_time(INSIDE);
  end();
  pass_time(OUTSIDE);
  return counts;
}

static pid_t start(void) {
  pid_t child = fork();
  must(child >= 0, "fork");
  if (child == 0) prctl(PR_SET_PDEATHSIG, SIGKILL);
  return child;
}

static void await(pid_t child) {
  int status;
  must(waitpid(child, &status, 0) == child && status == 0, "a child that ends well");
}

/* All begin when nobody can write to the gate any more, and go on until all together have had n turns, so that as many want the
 * lock in the end as did in the beginning. */
static void compete(void (*begin)(void), void (*end)(void), long n, const int gate[2]) {
  char byte;
  long turns = 0;
  close(gate[1]);
  must(read(gate[0], &byte, 1) == 0, "a gate that is opened");
  int64_t before = cpu_time();
  while (take_turn(begin, end, n, turns % TIMED_ONE_IN == 0)) turns++;
  int64_t cpu = cpu_time() - before;
  begin();
  common->turns += turns;
  common->cpu += cpu;
  end();
  _exit(0);
}

static void report(long n) {
  serve_remark.time = common->ended - common->began;
  note_figures(common->waits, common->timed, (double)common->cpu / (double)n);
}

static void contend(void (*begin)(void), void (*end)(void), int processes, long n) {
  pid_t children[MOST];
  int gate[2];
  must(pipe(gate) == 0, "pipe");
  common->count = common->timed = common->turns = 0;
  common->cpu = 0;
  for (int i = 0; i < processes; i++)
    if ((children[i] = start()) == 0) compete(begin, end, n, gate);
  close(gate[0]);
  close(gate[1]);
  for (int i = 0; i < processes; i++) await(children[i]);
  must(common->turns == n, "a lock that excludes");
  report(n);
}

#define CONTEND(lock, processes) \
  static void lock##_##processes(long n) { contend(turn_begin_##lock, turn_end_##lock, processes, n); }
#define CONTEND_ALL(lock) CONTEND(lock, 1) CONTEND(lock, 2) CONTEND(lock, 4) CONTEND(lock, 8) CONTEND(lock, 16)
CONTEND_ALL(mutex)
CONTEND_ALL(permits)
CONTEND_ALL(robust)
CONTEND_ALL(posix)
CONTEND_ALL(undo)

/* ---- a holder is killed while somebody waits */

/* 0, or why not. */
static const char *wait_for_mutex(void) {
  int status = mw_mutex_recover_begin(mutex, mw_deadline_after(PATIENCE), &error);
  if (status == 1) good(mw_mutex_recover_end(mutex, true, &error));
  if (status >= 0) good(mw_mutex_release(mutex, &error));
  return status == 1 ? NULL : "it did not come back";
}

static const char *wait_for_permits(void) {
  if (mw_robust_semaphore_acquire(permits, mw_deadline_after(PATIENCE), &error) != 0) return "it did not come back";
  good(mw_robust_semaphore_release(permits, 1, &error));
  return NULL;
}

static struct timespec on_the_wall(void) {
  struct timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_nsec += (long)(PATIENCE * 1e9);
  until.tv_sec += until.tv_nsec / 1000000000;
  until.tv_nsec %= 1000000000;
  return until;
}

static const char *wait_for_robust(void) {
  struct timespec until = on_the_wall();
  if (pthread_mutex_timedlock(&common->robust, &until) != EOWNERDEAD) return "it did not come back";
  must(pthread_mutex_consistent(&common->robust) == 0, "pthread_mutex_consistent");
  must(pthread_mutex_unlock(&common->robust) == 0, "pthread_mutex_unlock");
  return NULL;
}

static const char *wait_for_posix(void) {
  struct timespec until = on_the_wall();
  if (sem_timedwait(&common->semaphore, &until) == 0) return "it came back, which it never does";
  must(sem_post(&common->semaphore) == 0, "sem_post"); /* by hand, for the next round */
  return NULL;
}

static const char *wait_for_undo(void) {
  struct sembuf take = {0, -1, SEM_UNDO};
  struct timespec patience = {0, (long)(PATIENCE * 1e9)};
  if (semtimedop(set, &take, 1, &patience) != 0) return "it did not come back";
  change_set(1);
  return NULL;
}

static void bury(void (*begin)(void), const char *(*wait)(void), long n) {
  for (long i = 0; i < n; i++) {
    int held[2];
    char byte;
    must(pipe(held) == 0, "pipe");
    pid_t child = start();
    if (child == 0) {
      begin();
      must(write(held[1], "x", 1) == 1, "write");
      for (;;) pause();
    }
    must(read(held[0], &byte, 1) == 1, "read");
    close(held[0]);
    close(held[1]);
    kill(child, SIGKILL);
    const char *why = wait();
    (void)waitpid(child, NULL, 0);
    if (why) {
      fprintf(stderr, "%s\n", why);
      exit(1);
    }
  }
}

#define BURY(lock) \
  static void bury_##lock(long n) { bury(turn_begin_##lock, wait_for_##lock, n); }
BURY(mutex)
BURY(permits)
BURY(robust)
BURY(posix)
BURY(undo)

/* ---- what is there */

static void begin(void) {
  union semun {
    int val;
  } one = {.val = 1};
  pthread_mutexattr_t attributes;
  common = mmap(NULL, sizeof *common, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  must(common != MAP_FAILED && sem_init(&common->semaphore, 1, 1) == 0, "sem_init");
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
  must(pthread_mutex_init(&common->robust, &attributes) == 0, "pthread_mutex_init");
  set = semget(IPC_PRIVATE, 1, 0600);
  must(set >= 0 && semctl(set, 0, SETVAL, one) == 0, "semget");
  snprintf(name, sizeof name, "memwell-bench-%ld-locks", (long)getpid());
  good(mw_well_create(name, 65536, NULL, &error, &well));
  good(mw_well_mutex(well, "mutex", 0, &error, &mutex));
  good(mw_well_semaphore(well, "permits", 1, 0, &error, &permits));
}

static void end(void) {
  semctl(set, 0, IPC_RMID);
  good(mw_well_unlink(name, &error));
}

#define ALL(lock) \
  {#lock "_1", lock##_1}, {#lock "_2", lock##_2}, {#lock "_4", lock##_4}, {#lock "_8", lock##_8}, { #lock "_16", lock##_16 }

int main(void) {
  static const work works[] = {ALL(mutex),
                               ALL(permits),
                               ALL(robust),
                               ALL(posix),
                               ALL(undo),
                               {"bury_mutex", bury_mutex},
                               {"bury_permits", bury_permits},
                               {"bury_robust", bury_robust},
                               {"bury_posix", bury_posix},
                               {"bury_undo", bury_undo}};
  begin();
  serve(works, sizeof works / sizeof *works);
  end();
  return 0;
}
