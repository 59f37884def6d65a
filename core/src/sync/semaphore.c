/* Semaphores: acquiring and releasing them, whatever they are made of. How to get one is in semaphore_make.c.
 *
 * Most are a sem_t in a region, and their quick way is short; those of System V have only the slow one. The main entry is
 * mw_semaphore_acquire.
 *
 * SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "sync/semaphore.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "platform/deadline.h"
#include "platform/os.h"
#include "platform/spin.h"

#define SLICE 100000000 /* 0.1 s: how long a closed handle may go unnoticed by one who sleeps on it */

/* ---- making and ending */

mw_semaphore *mw__semaphore_new(mw__semaphore_kind kind, const char *name) {
  mw_semaphore *semaphore = calloc(1, sizeof *semaphore);
  if (!semaphore) return NULL;
  atomic_init(&semaphore->references, 1);
  semaphore->kind = kind;
  semaphore->name = name ? strdup(name) : NULL;
  if (!name || semaphore->name) return semaphore;
  free(semaphore);
  return NULL;
}

static void semaphore_free(mw_semaphore *semaphore) {
  mw_region_drop(semaphore->region);
  free(semaphore->name);
  free(semaphore);
}

void mw_semaphore_hold(mw_semaphore *semaphore) { atomic_fetch_add_explicit(&semaphore->references, 1, memory_order_relaxed); }

void mw_semaphore_drop(mw_semaphore *semaphore) {
  if (semaphore && atomic_fetch_sub_explicit(&semaphore->references, 1, memory_order_acq_rel) == 1) semaphore_free(semaphore);
}

void mw_semaphore_close(mw_semaphore *semaphore) {
  if (!semaphore || atomic_exchange(&semaphore->closed, true)) return;
  if (semaphore->kind == MW__SEMAPHORE_NAMED) mw__temporary_end(semaphore->region->temporary);
  mw_semaphore_drop(semaphore);
}

/* ---- looking at one */

const char *mw_semaphore_name(const mw_semaphore *semaphore) { return semaphore->name; }

bool mw_semaphore_is_closed(const mw_semaphore *semaphore) {
  return atomic_load_explicit(&semaphore->closed, memory_order_relaxed);
}

const char *mw_semaphore_kind(const mw_semaphore *semaphore) {
  static const char *const names[] = {[MW__SEMAPHORE_NAMED] = "named", [MW__SEMAPHORE_AT] = "at", [MW__SEMAPHORE_SYSV] = "sysv"};
  return names[semaphore->kind];
}

/* As of System V memory: no file has this device, and 0 is no inode. */
void mw_semaphore_identity(const mw_semaphore *semaphore, uint64_t *out_device, uint64_t *out_inode) {
  if (semaphore->region) {
    mw_region_identity(semaphore->region, out_device, out_inode);
    return;
  }
  *out_device = UINT64_MAX;
  *out_inode = (uint64_t)semaphore->id + 1;
}

int mw_semaphore_sysv_id(const mw_semaphore *semaphore, mw_error *error, int32_t *out_key, int32_t *out_id, unsigned *out_index) {
  mw__call call = {"Semaphore.id", semaphore->name, error};
  if (semaphore->kind != MW__SEMAPHORE_SYSV)
    return mw__fail(&call, MW_ENOTSUP, "only System V semaphores have a key, an identifier and an index");
  *out_key = semaphore->key;
  *out_id = semaphore->id;
  *out_index = semaphore->index;
  return 0;
}

int mw__semaphore_check_usable(const mw__call *call, const mw_semaphore *semaphore) {
  if (mw_semaphore_is_closed(semaphore)) return mw__fail(call, MW_ECLOSED, "the semaphore is closed");
  return semaphore->region ? mw__region_check_usable(call, semaphore->region) : 0;
}

/* ---- what it is made of */

/* Who waits is told EIDRM, and who comes later EINVAL: it is one thing to the caller. */
static int fail_set(const mw__call *call, int failure) {
  if (failure == EIDRM || failure == EINVAL) return mw__fail_errno(call, EIDRM, "the set was removed");
  return mw__os_fail(call, failure);
}

static int fail_word(const mw__call *call, int failure) {
  if (failure == EILSEQ) return mw__fail(call, MW_EFORMAT, "it is no semaphore any more: something has overwritten it");
  return mw__os_fail(call, failure);
}

/* 0, or an errno; EAGAIN: it is not positive. */
static int try(mw_semaphore *semaphore) {
  if (semaphore->word) return mw__os_semaphore_try(semaphore->word) ? 0 : EAGAIN;
  return mw__os_sysv_set_try(semaphore->id, semaphore->index, -1, semaphore->undo);
}

static int wait(mw_semaphore *semaphore, mw_deadline deadline) {
  if (semaphore->word) return mw__os_semaphore_wait(semaphore->word, deadline);
  return mw__os_sysv_set_wait(semaphore->id, semaphore->index, -1, semaphore->undo, deadline);
}

/* ---- taking turns */

/* The way that is mostly taken: open, all pages there, and a sem_t. */
static inline bool is_quick(const mw_semaphore *semaphore) {
  return semaphore->word && !mw_semaphore_is_closed(semaphore) && mw__region_is_usable(semaphore->region);
}

/* Look without writing, so that those who spin do not take the cache line from the one who releases. */
static bool try_if_positive(void *word) { return mw__os_semaphore_value(word) > 0 && mw__os_semaphore_try(word); }

static int sleep_until_acquired(const mw__call *call, mw_semaphore *semaphore, mw_deadline deadline) {
  for (;;) {
    int failure = wait(semaphore, mw__deadline_within(deadline, SLICE));
    int status = failure ? mw__semaphore_check_usable(call, semaphore) : 0;
    if (!failure || status) return status;
    if (failure == EINTR) return mw__fail_errno(call, EINTR, "a signal came");
    if (failure != ETIMEDOUT) return semaphore->word ? fail_word(call, failure) : fail_set(call, failure);
    if (mw__deadline_has_come(deadline)) return mw__fail_errno(call, ETIMEDOUT, "it did not become positive in time");
  }
}

/* What acquire and release mostly do takes less time than setting up the rest, which is out of line for that. */
__attribute__((noinline)) static int acquire_slowly(mw_semaphore *semaphore, mw_deadline deadline, mw_error *error) {
  mw__call call = {"Semaphore.acquire", semaphore->name, error};
  int status = mw__semaphore_check_usable(&call, semaphore);
  if (status) return status;
  if (semaphore->word) mw__guard_enter(0);
  int failure = try(semaphore);
  if (!failure) return semaphore->word ? mw__region_check_touched(&call, semaphore->region) : 0;
  status = mw__semaphore_check_usable(&call, semaphore);
  if (status) return status;
  if (failure != EAGAIN) return fail_set(&call, failure);
  if (deadline <= MW_DEADLINE_NOW) return mw__fail_errno(&call, ETIMEDOUT, "it is not positive now");
  if (semaphore->word && mw__spin_until(try_if_positive, semaphore->word, deadline)) return 0; /* of System V a look is a call */
  return sleep_until_acquired(&call, semaphore, deadline);
}

int mw_semaphore_acquire(mw_semaphore *semaphore, mw_deadline deadline, mw_error *error) {
  if (is_quick(semaphore) && mw__os_semaphore_try(semaphore->word)) return 0;
  return acquire_slowly(semaphore, deadline, error);
}

static int fail_full(const mw__call *call, unsigned most) {
  return mw__fail(call, MW_EOVERFLOW, "the value would exceed %u", most);
}

static int release_word(const mw__call *call, mw_semaphore *semaphore, unsigned n) {
  if (n > 1 && n > MW_SEMAPHORE_MAX - (unsigned)mw__os_semaphore_value(semaphore->word)) return fail_full(call, MW_SEMAPHORE_MAX);
  for (unsigned i = 0; i < n; i++) {
    int failure = mw__os_semaphore_post(semaphore->word);
    if (failure == EOVERFLOW) return fail_full(call, MW_SEMAPHORE_MAX);
    if (failure) return fail_word(call, failure);
  }
  return mw__region_check_touched(call, semaphore->region);
}

static int release_set(const mw__call *call, mw_semaphore *semaphore, unsigned n) {
  if (n > MW_SEMAPHORE_SYSV_MAX) return fail_full(call, MW_SEMAPHORE_SYSV_MAX);
  int failure = mw__os_sysv_set_try(semaphore->id, semaphore->index, (int)n, semaphore->undo);
  if (failure == ERANGE) return fail_full(call, MW_SEMAPHORE_SYSV_MAX);
  return failure ? fail_set(call, failure) : 0;
}

__attribute__((noinline)) static int release_slowly(mw_semaphore *semaphore, unsigned n, mw_error *error) {
  mw__call call = {"Semaphore.release", semaphore->name, error};
  int status = mw__semaphore_check_usable(&call, semaphore);
  if (status) return status;
  if (n == 0) return mw__fail(&call, MW_EINVAL, "n is 0; it is at least 1");
  if (!semaphore->word) return release_set(&call, semaphore, n);
  mw__guard_enter(0);
  return release_word(&call, semaphore, n);
}

/* Zeros in place of a lost page can be increased too, so that is asked afterwards. */
int mw_semaphore_release(mw_semaphore *semaphore, unsigned n, mw_error *error) {
  bool done = n == 1 && is_quick(semaphore) && mw__os_semaphore_post(semaphore->word) == 0;
  if (done && mw__region_is_usable(semaphore->region)) return 0;
  return release_slowly(semaphore, n, error);
}

int mw_semaphore_value(mw_semaphore *semaphore, mw_error *error, unsigned *out_value) {
  mw__call call = {"Semaphore.value", semaphore->name, error};
  int value = 0;
  int status = mw__semaphore_check_usable(&call, semaphore);
  if (status) return status;
  if (semaphore->word) {
    mw__guard_enter(0);
    value = mw__os_semaphore_value(semaphore->word);
    status = mw__region_check_touched(&call, semaphore->region);
  } else {
    int failure = mw__os_sysv_set_value(semaphore->id, semaphore->index, &value);
    if (failure) status = fail_set(&call, failure);
  }
  if (!status) *out_value = value > 0 ? (unsigned)value : 0;
  return status;
}
