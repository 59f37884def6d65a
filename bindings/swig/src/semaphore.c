/* Semaphores of all three kinds. The object keeps a reference of its own, so that one thread may close what another waits for.
 *
 * SPDX-License-Identifier: MIT */
#include <stdatomic.h>
#include <stdlib.h>

#include "objects.h"

#define SET(option) (1u << MWS_##option)

struct mws_semaphore {
  mw_semaphore *semaphore;
  atomic_bool closed;
};

static mws_semaphore *semaphore_new(int status, mw_error *error, mw_semaphore *semaphore) {
  if (mws_settle(error, status) < 0) return NULL;
  mws_semaphore *self = malloc(sizeof *self);
  if (!self) {
    mw_semaphore_close(semaphore);
    mws_fail(error, MW_ENOMEM, "Semaphore", NULL, "no memory for the object");
    return NULL;
  }
  mw_semaphore_hold(semaphore);
  self->semaphore = semaphore;
  atomic_init(&self->closed, false);
  return self;
}

void mws_semaphore_close(mws_semaphore *self) {
  if (!atomic_exchange(&self->closed, true)) mw_semaphore_close(self->semaphore);
}

void mws_semaphore_free(mws_semaphore *self) {
  if (!self) return;
  mws_semaphore_close(self);
  mw_semaphore_drop(self->semaphore);
  free(self);
}

/* ---- named */

/* Of what a new one gets and what it is to be attached with. */
static int choose(const mws_options *options, mw_error *error, const char *call, uint32_t allowed, mw_region_options *out_options) {
  return mws_options_for_region(options, error, call, allowed, out_options);
}

mws_semaphore *mws_semaphore_create(const char *name, mw_error *error, uint64_t value, const mws_options *options) {
  mw_region_options chosen;
  mw_semaphore *semaphore = NULL;
  if (choose(options, error, "Semaphore.create", SET(PERMISSIONS) | SET(TEMPORARY), &chosen) < 0) return NULL;
  int status = mw_semaphore_create(name, mws_unsigned(value), chosen.permissions, chosen.flags, error, &semaphore);
  return semaphore_new(status, error, semaphore);
}

typedef struct attaching {
  const char *name;
  unsigned flags;
  mw_semaphore *semaphore;
} attaching;

static int attach(void *object, mw_deadline deadline, mw_error *error) {
  attaching *wanted = object;
  return mw_semaphore_attach(wanted->name, deadline, wanted->flags, error, &wanted->semaphore);
}

mws_semaphore *mws_semaphore_attach(const char *name, mw_error *error, const mws_options *options) {
  mw_region_options chosen;
  if (choose(options, error, "Semaphore.attach", SET(ANY_OWNER) | SET(TIMEOUT), &chosen) < 0) return NULL;
  attaching wanted = {.name = name, .flags = chosen.flags};
  int status = mws_language_wait(attach, &wanted, chosen.wait_for_name, error);
  return semaphore_new(status, error, wanted.semaphore);
}

mws_semaphore *mws_semaphore_open(const char *name, mw_error *error, uint64_t value, const mws_options *options) {
  mw_region_options chosen;
  mw_semaphore *semaphore = NULL;
  if (choose(options, error, "Semaphore.open", SET(PERMISSIONS), &chosen) < 0) return NULL;
  int status = mw_semaphore_open(name, mws_unsigned(value), chosen.permissions, error, &semaphore);
  return semaphore_new(status, error, semaphore);
}

void mws_semaphore_unlink(const char *name, mw_error *error) { mws_settle(error, mw_semaphore_unlink(name, error)); }

/* ---- in a region, and of System V */

mws_semaphore *mws_semaphore_at(mws_region *region, mw_error *error, uint64_t offset, mws_offset value) {
  mw_semaphore *semaphore = NULL;
  mw_region *entered = mws_region_enter(region, error, "Semaphore.at");
  if (!entered) return NULL;
  int64_t wanted = value == MWS_NOTHING ? -1 : value > INT64_MAX ? INT64_MAX : (int64_t)value;
  int status = mws_region_leave(region, error, mw_semaphore_at(entered, offset, wanted, error, &semaphore));
  return semaphore_new(status, error, semaphore);
}

typedef struct finding {
  int32_t key;
  unsigned index;
  mw_semaphore_sysv_options options;
  mw_semaphore *semaphore;
} finding;

static int find(void *object, mw_deadline deadline, mw_error *error) {
  finding *wanted = object;
  wanted->options.wait_for_use = deadline;
  return mw_semaphore_sysv(wanted->key, wanted->index, &wanted->options, error, &wanted->semaphore);
}

mws_semaphore *mws_semaphore_sysv(int32_t key, mw_error *error, unsigned index, const mws_options *options) {
  finding wanted = {.key = key, .index = index};
  if (mws_options_for_set(options, error, "Semaphore.sysv", &wanted.options) < 0) return NULL;
  int status = mws_language_wait(find, &wanted, wanted.options.wait_for_use, error);
  return semaphore_new(status, error, wanted.semaphore);
}

void mws_semaphore_sysv_remove(int32_t key, mw_error *error) { mws_settle(error, mw_semaphore_sysv_remove(key, error)); }

/* ---- what it is */

const char *mws_semaphore_kind(const mws_semaphore *self) { return mw_semaphore_kind(self->semaphore); }
const char *mws_semaphore_name(const mws_semaphore *self) { return mw_semaphore_name(self->semaphore); }
bool mws_semaphore_closed(const mws_semaphore *self) { return mw_semaphore_is_closed(self->semaphore); }

uint64_t mws_semaphore_value(mws_semaphore *self, mw_error *error) {
  unsigned value = 0;
  mws_settle(error, mw_semaphore_value(self->semaphore, error, &value));
  return value;
}

int32_t mws_semaphore_key(mws_semaphore *self, mw_error *error) {
  int32_t key = 0, id = 0;
  unsigned index = 0;
  mws_settle(error, mw_semaphore_sysv_id(self->semaphore, error, &key, &id, &index));
  return key;
}

int32_t mws_semaphore_id(mws_semaphore *self, mw_error *error) {
  int32_t key = 0, id = 0;
  unsigned index = 0;
  mws_settle(error, mw_semaphore_sysv_id(self->semaphore, error, &key, &id, &index));
  return id;
}

void mws_semaphore_sysv_unlink(mws_semaphore *self, mw_error *error) {
  mws_settle(error, mw_semaphore_sysv_unlink(self->semaphore, error));
}

/* ---- taking turns */

static int acquire(void *object, mw_deadline deadline, mw_error *error) { return mw_semaphore_acquire(object, deadline, error); }

bool mws_semaphore_acquire(mws_semaphore *self, mw_error *error, mw_deadline deadline) {
  return mws_in_time(error, mws_language_wait(acquire, self->semaphore, deadline, error));
}

void mws_semaphore_release(mws_semaphore *self, mw_error *error, uint64_t n) {
  mws_settle(error, mw_semaphore_release(self->semaphore, mws_unsigned(n), error));
}
