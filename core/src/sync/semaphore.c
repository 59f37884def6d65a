/* Named semaphores: libc's sem_t in a file that we make, check and map ourselves.
 *
 * That the file is ours to make is why creation is atomic, permissions are exact and strangers' files are refused; that the bytes
 * in it are libc's is why any program that calls sem_open can be on the other side. The main entry is mw_semaphore_acquire.
 *
 * SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "memwell/semaphore.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "memory/source_named.h"
#include "memory/temporary.h"
#include "platform/deadline.h"
#include "platform/os.h"

#define SPIN 20000     /* 20 us: about what it costs to sleep and to be woken on another CPU */
#define SPIN_PAUSES 16 /* between two looks at the clock */
#define YIELDS 2
#define SLICE 100000000 /* 0.1 s: how long a closed handle may go unnoticed by one who sleeps on it */

/* references   the handle's own, while it is open, and one for each holder
 * memory       the sem_t, mapped */
struct mw_semaphore {
  _Atomic uint32_t references;
  _Atomic bool closed;
  void *memory;
  uint64_t device;
  uint64_t inode;
  char *name;
  mw__temporary *temporary;
};

/* ---- making and ending */

static void semaphore_free(mw_semaphore *semaphore) {
  if (semaphore->memory) mw__os_unmap(semaphore->memory, mw__os_semaphore_size());
  free(semaphore->name);
  free(semaphore);
}

static mw_semaphore *semaphore_new(const char *name, const mw__source *source) {
  mw_semaphore *semaphore = calloc(1, sizeof *semaphore);
  if (!semaphore) return NULL;
  atomic_init(&semaphore->references, 1);
  semaphore->device = source->device;
  semaphore->inode = source->inode;
  semaphore->name = strdup(name);
  if (semaphore->name) return semaphore;
  free(semaphore);
  return NULL;
}

static int check_format(const mw__call *call, const mw_semaphore *semaphore) {
  if (mw__os_semaphore_is_valid(semaphore->memory)) return 0;
  return mw__fail(call, MW_EFORMAT, "it is no semaphore, or not one that was made for several processes");
}

static int map_semaphore(const mw__call *call, mw_semaphore *semaphore, const mw__source *source) {
  if (source->size != mw__os_semaphore_size())
    return mw__fail(call, MW_EFORMAT, "it is no semaphore of this C library: it has %llu bytes, and a sem_t has %zu",
                    (unsigned long long)source->size, mw__os_semaphore_size());
  int failure = mw__os_map(source->fd, 0, mw__os_semaphore_size(), MW__OS_MAP_SHARED, &semaphore->memory);
  return failure ? mw__os_fail(call, failure) : check_format(call, semaphore);
}

/* Turn a source into a semaphore. The descriptor is closed in any case: the mapping is all it takes. */
static int semaphore_make(const mw__call *call, const mw__name *name, const mw__source *source, mw_semaphore **out_semaphore) {
  mw_semaphore *semaphore = semaphore_new(name->bare, source);
  int status = semaphore ? map_semaphore(call, semaphore, source) : mw__fail(call, MW_ENOMEM, "no memory for the handle");
  mw__os_close(source->fd);
  if (!status)
    *out_semaphore = semaphore;
  else if (semaphore)
    semaphore_free(semaphore);
  return status;
}

void mw_semaphore_hold(mw_semaphore *semaphore) { atomic_fetch_add_explicit(&semaphore->references, 1, memory_order_relaxed); }

void mw_semaphore_drop(mw_semaphore *semaphore) {
  if (semaphore && atomic_fetch_sub_explicit(&semaphore->references, 1, memory_order_acq_rel) == 1) semaphore_free(semaphore);
}

void mw_semaphore_close(mw_semaphore *semaphore) {
  if (!semaphore || atomic_exchange(&semaphore->closed, true)) return;
  mw__temporary_end(semaphore->temporary);
  mw_semaphore_drop(semaphore);
}

/* ---- the ways to get one */

/* What a new semaphore's file has in it. The image lives in the caller's frame. */
static int new_content(const mw__call *call, unsigned value, unsigned permissions, void *image, mw__content *out_content) {
  *out_content = (mw__content){.size = mw__os_semaphore_size(), .image = image};
  if (value > MW_SEMAPHORE_MAX) return mw__fail(call, MW_EINVAL, "the value %u is above %u", value, MW_SEMAPHORE_MAX);
  int status = mw__source_permissions(call, permissions, &out_content->permissions);
  if (status) return status;
  int failure = mw__os_semaphore_image(image, value);
  return failure ? mw__os_fail(call, failure) : 0;
}

static int make_created(const mw__call *call, const mw__name *name, const mw__source *source, unsigned flags,
                        mw_semaphore **out_semaphore) {
  mw_semaphore *semaphore = NULL;
  int status = semaphore_make(call, name, source, &semaphore);
  if (semaphore && flags & MW_TEMPORARY) {
    semaphore->temporary = mw__temporary_add(name->path, source->device, source->inode);
    if (!semaphore->temporary) status = mw__fail(call, MW_ENOMEM, "no memory to remember the temporary name");
  }
  if (status) {
    (void)mw__os_unlink(name->path);
    mw_semaphore_drop(semaphore);
    return status;
  }
  *out_semaphore = semaphore;
  return 0;
}

static int check_flags(const mw__call *call, unsigned flags, unsigned known) {
  return flags & ~known ? mw__fail(call, MW_EINVAL, "flags 0x%x do not apply here", flags & ~known) : 0;
}

int mw_semaphore_create(const char *name, unsigned value, unsigned permissions, unsigned flags, mw_error *error,
                        mw_semaphore **out_semaphore) {
  mw__call call = {"Semaphore.create", name, error};
  unsigned char image[MW__OS_SEMAPHORE_MAX_SIZE];
  mw__content content;
  mw__name parsed;
  int status = check_flags(&call, flags, MW_TEMPORARY);
  if (!status) status = mw__name_init(&parsed, &call, name, mw__os_semaphore_prefix());
  if (!status) status = new_content(&call, value, permissions, image, &content);
  if (status) return status;
  mw__source source;
  status = mw__source_named_create(&call, &parsed, &content, &source);
  return status ? status : make_created(&call, &parsed, &source, flags, out_semaphore);
}

int mw_semaphore_attach(const char *name, mw_deadline wait_for_name, unsigned flags, mw_error *error,
                        mw_semaphore **out_semaphore) {
  mw__call call = {"Semaphore.attach", name, error};
  mw__name parsed;
  int status = check_flags(&call, flags, MW_ANY_OWNER);
  if (!status) status = mw__name_init(&parsed, &call, name, mw__os_semaphore_prefix());
  if (status) return status;
  mw_region_options options = {.access = MW_READ_WRITE, .flags = flags, .wait_for_name = wait_for_name};
  mw__source source;
  status = mw__source_named_attach(&call, &parsed, &options, &source);
  return status ? status : semaphore_make(&call, &parsed, &source, out_semaphore);
}

int mw_semaphore_open(const char *name, unsigned value, unsigned permissions, mw_error *error, mw_semaphore **out_semaphore) {
  mw__call call = {"Semaphore.open", name, error};
  unsigned char image[MW__OS_SEMAPHORE_MAX_SIZE];
  mw__content content;
  mw__name parsed;
  int status = mw__name_init(&parsed, &call, name, mw__os_semaphore_prefix());
  if (!status) status = new_content(&call, value, permissions, image, &content);
  if (status) return status;
  mw__source source;
  int created = mw__source_named_open(&call, &parsed, &content, &(mw_region_options){.access = MW_READ_WRITE}, &source);
  if (created < 0) return created;
  status =
      created ? make_created(&call, &parsed, &source, 0, out_semaphore) : semaphore_make(&call, &parsed, &source, out_semaphore);
  return status ? status : created;
}

int mw_semaphore_unlink(const char *name, mw_error *error) {
  mw__call call = {"Semaphore.unlink", name, error};
  mw__name parsed;
  int status = mw__name_init(&parsed, &call, name, mw__os_semaphore_prefix());
  return status ? status : mw__source_named_unlink(&call, &parsed);
}

/* ---- taking turns */

static bool is_closed(const mw_semaphore *semaphore) { return atomic_load_explicit(&semaphore->closed, memory_order_relaxed); }

static int check_open(const mw__call *call, const mw_semaphore *semaphore) {
  return is_closed(semaphore) ? mw__fail(call, MW_ECLOSED, "the semaphore is closed") : 0;
}

/* Look without writing, so that those who spin do not take the cache line from the one who releases. */
static bool try_if_positive(mw_semaphore *semaphore) {
  return mw__os_semaphore_value(semaphore->memory) > 0 && mw__os_semaphore_try(semaphore->memory);
}

/* A release that is about to come on another CPU is cheaper awaited than slept for. On one CPU it cannot come while we spin. */
static bool spin(mw_semaphore *semaphore, mw_deadline deadline) {
  if (mw__os_cpu_count() < 2) return false;
  for (mw_deadline end = mw__deadline_within(deadline, SPIN); !mw__deadline_has_come(end);) {
    for (int i = 0; i < SPIN_PAUSES; i++) mw__os_relax();
    if (try_if_positive(semaphore)) return true;
  }
  for (int i = 0; i < YIELDS; i++) {
    mw__os_yield();
    if (try_if_positive(semaphore)) return true;
  }
  return false;
}

static int sleep_until_acquired(const mw__call *call, mw_semaphore *semaphore, mw_deadline deadline) {
  for (;;) {
    int failure = mw__os_semaphore_wait(semaphore->memory, mw__deadline_within(deadline, SLICE));
    if (!failure) return 0;
    int status = check_open(call, semaphore);
    if (status) return status;
    if (failure == EINTR) return mw__fail_errno(call, EINTR, "a signal came");
    if (failure != ETIMEDOUT) return mw__os_fail(call, failure);
    if (mw__deadline_has_come(deadline)) return mw__fail_errno(call, ETIMEDOUT, "it did not become positive in time");
  }
}

/* What acquire and release mostly do takes less time than setting up the rest, which is out of line for that. */
__attribute__((noinline)) static int acquire_slowly(mw_semaphore *semaphore, mw_deadline deadline, mw_error *error) {
  mw__call call = {"Semaphore.acquire", semaphore->name, error};
  int status = check_open(&call, semaphore);
  if (status) return status;
  if (deadline <= MW_DEADLINE_NOW) return mw__fail_errno(&call, ETIMEDOUT, "it is not positive now");
  return spin(semaphore, deadline) ? 0 : sleep_until_acquired(&call, semaphore, deadline);
}

int mw_semaphore_acquire(mw_semaphore *semaphore, mw_deadline deadline, mw_error *error) {
  if (!is_closed(semaphore) && mw__os_semaphore_try(semaphore->memory)) return 0;
  return acquire_slowly(semaphore, deadline, error);
}

__attribute__((noinline)) static int release_slowly(mw_semaphore *semaphore, unsigned n, mw_error *error) {
  mw__call call = {"Semaphore.release", semaphore->name, error};
  int status = check_open(&call, semaphore);
  if (status) return status;
  if (n == 0) return mw__fail(&call, MW_EINVAL, "n is 0; it is at least 1");
  if (n > 1 && n > MW_SEMAPHORE_MAX - (unsigned)mw__os_semaphore_value(semaphore->memory))
    return mw__fail(&call, MW_EOVERFLOW, "the value would exceed %u", MW_SEMAPHORE_MAX);
  for (unsigned i = 0; i < n; i++) {
    int failure = mw__os_semaphore_post(semaphore->memory);
    if (failure == EOVERFLOW) return mw__fail(&call, MW_EOVERFLOW, "the value would exceed %u", MW_SEMAPHORE_MAX);
    if (failure) return mw__os_fail(&call, failure);
  }
  return 0;
}

int mw_semaphore_release(mw_semaphore *semaphore, unsigned n, mw_error *error) {
  if (n == 1 && !is_closed(semaphore) && mw__os_semaphore_post(semaphore->memory) == 0) return 0;
  return release_slowly(semaphore, n, error);
}

int mw_semaphore_value(mw_semaphore *semaphore, mw_error *error, unsigned *out_value) {
  mw__call call = {"Semaphore.value", semaphore->name, error};
  int status = check_open(&call, semaphore);
  if (status) return status;
  int value = mw__os_semaphore_value(semaphore->memory);
  *out_value = value > 0 ? (unsigned)value : 0;
  return 0;
}

/* ---- looking at one */

const char *mw_semaphore_name(const mw_semaphore *semaphore) { return semaphore->name; }
bool mw_semaphore_is_closed(const mw_semaphore *semaphore) { return is_closed(semaphore); }

void mw_semaphore_identity(const mw_semaphore *semaphore, uint64_t *out_device, uint64_t *out_inode) {
  *out_device = semaphore->device;
  *out_inode = semaphore->inode;
}
