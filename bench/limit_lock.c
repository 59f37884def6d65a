/* The limit and the peers of a lock that nobody else wants, in bare C: a robust mutex and a semaphore of libc's, a semaphore with
 * SEM_UNDO, and one load.
 *
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/sem.h>

#include "serve.h"

typedef struct locks {
  pthread_mutex_t robust;
  pthread_mutex_t plain;
  sem_t semaphore;
  _Atomic uint64_t word;
} locks;

static locks *shared;
static int set;

static void turn_of(pthread_mutex_t *mutex, long n) {
  for (long i = 0; i < n; i++) {
    must(pthread_mutex_lock(mutex) == 0, "pthread_mutex_lock");
    must(pthread_mutex_unlock(mutex) == 0, "pthread_mutex_unlock");
  }
}

static void robust(long n) { turn_of(&shared->robust, n); }
static void plain(long n) { turn_of(&shared->plain, n); }

static void posix(long n) {
  for (long i = 0; i < n; i++) {
    must(sem_wait(&shared->semaphore) == 0, "sem_wait");
    must(sem_post(&shared->semaphore) == 0, "sem_post");
  }
}

static void undo(long n) {
  struct sembuf take = {0, -1, SEM_UNDO}, give = {0, 1, SEM_UNDO};
  for (long i = 0; i < n; i++) {
    must(semop(set, &take, 1) == 0, "semop");
    must(semop(set, &give, 1) == 0, "semop");
  }
}

static void load(long n) {
  for (long i = 0; i < n; i++) must(atomic_load(&shared->word) == 1, "load");
}

static void make_mutex(pthread_mutex_t *mutex, int robustness) {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  pthread_mutexattr_setrobust(&attributes, robustness);
  must(pthread_mutex_init(mutex, &attributes) == 0, "pthread_mutex_init");
}

int main(void) {
  static const work works[] = {{"robust", robust}, {"plain", plain}, {"posix", posix}, {"undo", undo}, {"load", load}};
  union semun {
    int val;
  } one = {.val = 1};
  shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  must(shared != MAP_FAILED && sem_init(&shared->semaphore, 1, 1) == 0, "sem_init");
  make_mutex(&shared->robust, PTHREAD_MUTEX_ROBUST);
  make_mutex(&shared->plain, PTHREAD_MUTEX_STALLED);
  atomic_store(&shared->word, 1);
  set = semget(IPC_PRIVATE, 1, 0600);
  must(set >= 0 && semctl(set, 0, SETVAL, one) == 0, "semget");
  serve(works, sizeof works / sizeof *works);
  semctl(set, 0, IPC_RMID);
  return 0;
}
