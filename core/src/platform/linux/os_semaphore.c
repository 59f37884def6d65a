/* libc's sem_t in shared memory, waited for on the monotonic clock.
 *
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <semaphore.h>
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

/* Where a semaphore says that it is shared, only libc knows: it is where a fresh shared one differs from a fresh private one. */
bool mw__os_semaphore_is_valid(void *semaphore) {
  sem_t shared, private;
  memset(&shared, 0, sizeof shared);
  memset(&private, 0, sizeof private);
  if (sem_init(&shared, 1, 0) != 0 || sem_init(&private, 0, 0) != 0) return false;
  const unsigned char *as_shared = (const unsigned char *)&shared, *as_private = (const unsigned char *)&private;
  for (size_t i = 0; i < sizeof(sem_t); i++)
    if (as_shared[i] != as_private[i] && ((const unsigned char *)semaphore)[i] != as_shared[i]) return false;
  return mw__os_semaphore_value(semaphore) >= 0;
}

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
  if (!sem_clockwait) return wait_in_slices(semaphore, deadline);
  struct timespec until = instant(deadline);
  return sem_clockwait(semaphore, CLOCK_MONOTONIC, &until) == 0 ? 0 : errno;
}

int mw__os_semaphore_post(void *semaphore) { return sem_post(semaphore) == 0 ? 0 : errno; }

int mw__os_semaphore_value(void *semaphore) {
  int value;
  return sem_getvalue(semaphore, &value) == 0 ? value : -1;
}
