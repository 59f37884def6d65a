/* The limit for an uncontended semaphore: libc's own, in mapped memory, taken and given back in bare C.
 *
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <semaphore.h>
#include <sys/mman.h>

#include "serve.h"

static sem_t *semaphore;

static void acquire_release(long n) {
  for (long i = 0; i < n; i++) {
    must(sem_trywait(semaphore) == 0, "sem_trywait");
    must(sem_post(semaphore) == 0, "sem_post");
  }
}

int main(void) {
  static const work works[] = {{"acquire_release", acquire_release}};
  semaphore = mmap(NULL, sizeof *semaphore, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  must(semaphore != MAP_FAILED && sem_init(semaphore, 1, 1) == 0, "sem_init");
  serve(works, sizeof works / sizeof *works);
  return 0;
}
