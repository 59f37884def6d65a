/* libc's sem_t in shared memory, waited for on the monotonic clock.
 *
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include "platform/os.h"

#define NANOSECONDS 1000000000
#define SLICE (NANOSECONDS / 20)

_Static_assert(sizeof(sem_t) <= MW__OS_SEMAPHORE_MAX_SIZE, "images of a semaphore are kept in buffers of this size");

/* glibc has it since 2.30; musl does not, nor does a static link bring what is weak. Then the wait goes on in slices of the wall
 * clock. */
extern int sem_clockwait(sem_t *, clockid_t, const struct timespec *) __attribute__((weak)); /* NOLINT(*-redundant-declaration) */

/* The layout of sem_t was chosen when this file was compiled, and so is where such a semaphore has its name. */
#if defined(__GLIBC__)
#define PREFIX "sem."
#else
#define PREFIX ""
#endif

const char *mw__os_semaphore_prefix(void) { return PREFIX; }

size_t mw__os_semaphore_size(void) { return sizeof(sem_t); }

int mw__os_semaphore_image(void *out_image, unsigned value) {
  sem_t image;
  memset(&image, 0, sizeof image);
  if (sem_init(&image, 1, value) != 0) return errno;
  memcpy(out_image, &image, sizeof image);
  return 0;
}

/* Where a semaphore says that it is shared, only libc knows: it is the word in which a fresh shared one differs from a fresh
 * private one. Its place, counted from 1, and beneath it what a shared one has there. */
static uint64_t find_mark(void) {
  union {
    sem_t semaphore;
    uint32_t words[sizeof(sem_t) / sizeof(uint32_t)];
  } shared, private;
  memset(&shared, 0, sizeof shared);
  memset(&private, 0, sizeof private);
  if (sem_init(&shared.semaphore, 1, 0) != 0 || sem_init(&private.semaphore, 0, 0) != 0) return 0;
  for (uint64_t i = 0; i < sizeof shared.words / sizeof shared.words[0]; i++)
    if (shared.words[i] != private.words[i]) return (i + 1) << 32 | shared.words[i];
  return 0;
}

/* libc ends the process where it finds another word there: it makes of it what it asks of the kernel. */
static bool is_shared(const void *semaphore) {
  static _Atomic uint64_t known; /* 0: not yet */
  uint64_t mark = atomic_load_explicit(&known, memory_order_relaxed);
  if (!mark) atomic_store_explicit(&known, mark = find_mark(), memory_order_relaxed);
  const _Atomic uint32_t *words = semaphore;
  return mark && atomic_load_explicit(words + (mark >> 32) - 1, memory_order_relaxed) == (uint32_t)mark;
}

bool mw__os_semaphore_is_valid(void *semaphore) { return is_shared(semaphore) && mw__os_semaphore_value(semaphore) >= 0; }

bool mw__os_semaphore_try(void *semaphore) { return sem_trywait(semaphore) == 0; }

static struct timespec instant(int64_t nanoseconds) {
  return (struct timespec){.tv_sec = nanoseconds / NANOSECONDS, .tv_nsec = nanoseconds % NANOSECONDS};
}

/* A step of the wall clock makes one slice longer or shorter, never the wait. */
static int wait_in_slices(sem_t *semaphore, mw_deadline deadline) {
  for (;;) {
    int64_t left = deadline - mw__os_now();
    if (left <= 0) return ETIMEDOUT;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    struct timespec until = instant((int64_t)now.tv_sec * NANOSECONDS + now.tv_nsec + (left < SLICE ? left : SLICE));
    if (sem_timedwait(semaphore, &until) == 0) return 0;
    if (errno != ETIMEDOUT) return errno;
  }
}

int mw__os_semaphore_wait(void *semaphore, mw_deadline deadline) {
  if (!is_shared(semaphore)) return EILSEQ;
  if (!sem_clockwait) return wait_in_slices(semaphore, deadline);
  struct timespec until = instant(deadline);
  return sem_clockwait(semaphore, CLOCK_MONOTONIC, &until) == 0 ? 0 : errno;
}

int mw__os_semaphore_post(void *semaphore) {
  if (!is_shared(semaphore)) return EILSEQ;
  return sem_post(semaphore) == 0 ? 0 : errno;
}

int mw__os_semaphore_value(void *semaphore) {
  int value;
  return sem_getvalue(semaphore, &value) == 0 ? value : -1;
}
