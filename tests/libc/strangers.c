/* memwell on this C library: what we make, its own shm_open and sem_open can use, and the other way round.
 *
 * Everything that differs between glibc, musl and a static link is touched: where semaphores are named and laid out, waiting
 * without sem_clockwait, the texts of errors, and calls that musl does not wrap. Exits with 1 at the first thing that is not so.
 *
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memwell.h"

static char name[64];

static void clean_up(void) {
  mw_region_unlink(name, NULL);
  mw_semaphore_unlink(name, NULL);
}

#define MUST(condition)                                               \
  do {                                                                \
    if (!(condition)) {                                               \
      fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
      clean_up();                                                     \
      exit(1);                                                        \
    }                                                                 \
  } while (0)

static void region_and_shm_open(void) {
  mw_region *region;
  mw_error error;
  MUST(mw_region_create(name, 100, NULL, NULL, &region) == 0);
  MUST(mw_region_create(name, 100, NULL, &error, &region) == MW_EEXIST && strlen(error.reason) > 0);
  int fd = shm_open(name, O_RDWR, 0);
  MUST(fd >= 0);
  char *bytes = mmap(NULL, 100, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  MUST(bytes != MAP_FAILED);
  bytes[99] = 'x';
  MUST(((char *)mw_region_data(region))[99] == 'x');
  munmap(bytes, 100);
  close(fd);
  mw_region_close(region);
  MUST(mw_region_unlink(name, NULL) == 0);
}

static void our_semaphore_and_sem_open(void) {
  mw_semaphore *ours;
  MUST(mw_semaphore_create(name, 0, 0, 0, NULL, &ours) == 0);
  sem_t *theirs = sem_open(name, 0);
  MUST(theirs != SEM_FAILED);
  MUST(mw_semaphore_acquire(ours, mw_deadline_after(0.12), NULL) == MW_ETIMEDOUT);
  pid_t child = fork();
  MUST(child >= 0);
  if (child == 0) _exit(sem_post(theirs));
  MUST(mw_semaphore_acquire(ours, mw_deadline_after(30), NULL) == 0);
  MUST(waitpid(child, NULL, 0) == child);
  MUST(mw_semaphore_release(ours, 1, NULL) == 0 && sem_wait(theirs) == 0);
  sem_close(theirs);
  mw_semaphore_close(ours);
  MUST(sem_unlink(name) == 0);
}

static void their_semaphore_and_attach(void) {
  sem_t *theirs = sem_open(name, O_CREAT | O_EXCL, 0600, 3);
  mw_semaphore *ours;
  unsigned value;
  MUST(theirs != SEM_FAILED);
  MUST(mw_semaphore_attach(name, MW_DEADLINE_NOW, 0, NULL, &ours) == 0);
  MUST(mw_semaphore_value(ours, NULL, &value) == 0 && value == 3);
  mw_semaphore_close(ours);
  sem_close(theirs);
  MUST(mw_semaphore_unlink(name, NULL) == 0);
}

/* glibc marks a shared semaphore with 128, which is musl's mark of a private one; and 0 the other way round. */
#if defined(__GLIBC__)
#define PREFIX "sem."
#define FOREIGN_MARK 0
#else
#define PREFIX ""
#define FOREIGN_MARK 128
#endif

static void refuses_what_the_other_libc_made(void) {
  const unsigned char image[32] = {[0] = 1, [8] = FOREIGN_MARK};
  char path[96];
  snprintf(path, sizeof path, "/dev/shm/%s%s", PREFIX, name);
  int fd = open(path, O_CREAT | O_EXCL | O_WRONLY, 0600);
  mw_semaphore *ours;
  MUST(fd >= 0 && write(fd, image, sizeof image) == (ssize_t)sizeof image);
  close(fd);
  MUST(mw_semaphore_attach(name, MW_DEADLINE_NOW, 0, NULL, &ours) == MW_EFORMAT);
  MUST(unlink(path) == 0);
}

int main(void) {
  snprintf(name, sizeof name, "memwell-libc-%ld", (long)getpid());
  region_and_shm_open();
  our_semaphore_and_sem_open();
  their_semaphore_and_attach();
  refuses_what_the_other_libc_made();
  puts("all is well");
  return 0;
}
