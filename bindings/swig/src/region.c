/* The life of a region object: who uses it, who closes it, when its memory goes. Main entries: mws_region_enter, mws_region_close.
 *
 * One word says all of it: in units of USE how many are using the region, the handle itself counted, and whether it was closed or
 * is used by somebody alone. Nobody enters a closed one, and the last who leaves it gives the memory back.
 *
 * SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L /* strdup */

#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "objects.h"

enum { CLOSED = 1, ALONE = 2, USE = 4 };

struct mws_region {
  mw_region *region;
  _Atomic uint64_t state;
  _Atomic uint32_t references; /* of the struct: its object's, and its views' */
  bool borrowed;               /* somebody else closes it */
  char kind[12];
  char *name; /* NULL: it has none */
};

/* ---- errors */

int mws_fail(mw_error *error, int status, const char *call, const char *object, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  *error = (mw_error){.status = status};
  snprintf(error->call, sizeof error->call, "%s", call);
  snprintf(error->object, sizeof error->object, "%s", object ? object : "");
  vsnprintf(error->reason, sizeof error->reason, format, arguments);
  va_end(arguments);
  return status;
}

int mws_settle(mw_error *error, int status) {
  if (status >= 0) error->status = MW_OK;
  return status;
}

bool mws_in_time(mw_error *error, int status) {
  if (status == MW_ETIMEDOUT) error->status = MW_OK;
  return mws_settle(error, status) >= 0;
}

unsigned mws_unsigned(uint64_t number) { return number > UINT_MAX ? UINT_MAX : (unsigned)number; }

/* ---- using it */

static mw_region *refuse(const mws_region *self, mw_error *error, const char *call, uint64_t state) {
  if (state & CLOSED)
    mws_fail(error, MW_ECLOSED, call, self->name, "the region is closed");
  else
    mws_fail(error, MW_EBUSY, call, self->name,
             "another thread is in the middle of changing the region as a whole, or of using it");
  return NULL;
}

/* A language's nothing in the place of an object is an error like any other. */
mw_region *mws_region_enter(mws_region *self, mw_error *error, const char *call) {
  if (!self) {
    mws_fail(error, MW_EINVAL, call, NULL, "nothing in the place of a region or a view");
    return NULL;
  }
  uint64_t state = atomic_load(&self->state);
  do {
    if (state & (CLOSED | ALONE)) return refuse(self, error, call, state);
  } while (!atomic_compare_exchange_weak(&self->state, &state, state + USE));
  return self->region;
}

static void leave(mws_region *self) {
  if (atomic_fetch_sub(&self->state, USE) / USE == 1) mw_region_drop(self->region);
}

int mws_region_leave(mws_region *self, mw_error *error, int status) {
  leave(self);
  return mws_settle(error, status);
}

int mws_region_check_open(const mws_region *self, const mw_region *region, mw_error *error, const char *call) {
  return mw_region_is_closed(region) ? mws_fail(error, MW_ECLOSED, call, self->name, "the region is closed") : 0;
}

mw_region *mws_region_enter_alone(mws_region *self, mw_error *error, const char *call) {
  uint64_t state = USE;
  if (atomic_compare_exchange_strong(&self->state, &state, USE | ALONE)) return self->region;
  return refuse(self, error, call, state);
}

/* A page that was lost while it was copied has become zeros. */
void mws_bytes_end(mws_bytes *bytes, mw_error *error) {
  mws_region *used = bytes->used;
  if (used)
    mws_region_leave(used, error, mw_region_is_faulted(used->region) ? mw_region_check(used->region, error) : error->status);
  free(bytes->owned);
  *bytes = (mws_bytes){0};
}

uint64_t mws_size_from(const mw_region *region, uint64_t offset, mws_offset size) {
  uint64_t whole = mw_region_size(region); /* once: it is 0 from the moment on when another thread closes the region */
  if (size != MWS_NOTHING) return size;
  return offset < whole ? whole - offset : 0;
}

/* From here on the handle's own use is the only one of the handle, and the region is kept by a reference that the last who leaves
 * drops. */
static void finish_close(mws_region *self) {
  if (!self->borrowed) {
    mw_region_hold(self->region);
    mw_region_close(self->region);
  }
  leave(self);
}

int mws_region_leave_alone(mws_region *self, mw_error *error, int status) {
  if (atomic_fetch_and(&self->state, ~(uint64_t)ALONE) & CLOSED) finish_close(self);
  return mws_settle(error, status);
}

/* Who uses it alone closes it then. */
void mws_region_close(mws_region *self) {
  uint64_t before = atomic_fetch_or(&self->state, CLOSED);
  if (!(before & (CLOSED | ALONE))) finish_close(self);
}

bool mws_region_closed(const mws_region *self) { return atomic_load(&self->state) & CLOSED; }

/* ---- making and freeing */

static void describe(mws_region *self) {
  const char *name = mw_region_name(self->region);
  snprintf(self->kind, sizeof self->kind, "%s", mw_region_kind(self->region));
  self->name = name ? strdup(name) : NULL;
}

static mws_region *born(mw_error *error, mw_region *region, bool borrowed) {
  mws_region *self = calloc(1, sizeof *self);
  if (!self) {
    mws_fail(error, MW_ENOMEM, "Region", NULL, "no memory for the object");
    return NULL;
  }
  *self = (mws_region){.region = region, .borrowed = borrowed};
  atomic_init(&self->state, USE);
  atomic_init(&self->references, 1);
  describe(self);
  return self;
}

mws_region *mws_region_new(int status, mw_error *error, mw_region *region) {
  if (mws_settle(error, status) < 0) return NULL;
  mws_region *self = born(error, region, false);
  if (!self) mw_region_close(region);
  return self;
}

mws_region *mws_region_borrow(mw_region *region, mw_error *error) {
  mw_region_hold(region);
  mws_region *self = born(error, region, true);
  if (!self) mw_region_drop(region);
  return self;
}

mws_region *mws_region_share(mws_region *self) {
  atomic_fetch_add(&self->references, 1);
  return self;
}

void mws_region_free(mws_region *self) {
  if (!self || atomic_fetch_sub(&self->references, 1) != 1) return;
  mws_region_close(self);
  free(self->name);
  free(self);
}

/* ---- what it is */

const char *mws_region_kind(const mws_region *self) { return self->kind; }
const char *mws_region_name(const mws_region *self) { return self->name; }

uint64_t mws_region_size(mws_region *self, mw_error *error) {
  mw_region *region = mws_region_enter(self, error, "Region.size");
  if (!region) return 0;
  uint64_t size = mw_region_size(region);
  mws_region_leave(self, error, mws_region_check_open(self, region, error, "Region.size"));
  return size;
}

/* False where it is closed. */
static bool ask(mws_region *self, bool question(const mw_region *region)) {
  mw_error error;
  mw_region *region = mws_region_enter(self, &error, "Region");
  if (!region) return false;
  bool answer = question(region);
  leave(self);
  return answer;
}

bool mws_region_readonly(mws_region *self) { return ask(self, mw_region_is_readonly); }
bool mws_region_faulted(mws_region *self) { return ask(self, mw_region_is_faulted); }

static bool is_private(const mw_region *region) { return mw_region_access(region) == MW_COPY_ON_WRITE; }

bool mws_region_is_private(mws_region *self) { return ask(self, is_private); }

uint64_t mws_region_offset(mws_region *self, mw_error *error) {
  mw_region *region = mws_region_enter(self, error, "Region.offset");
  if (!region) return 0;
  uint64_t offset = mw_region_offset(region);
  mws_region_leave(self, error, 0);
  return offset;
}

uint64_t mws_region_exports(mws_region *self, mw_error *error) {
  mw_region *region = mws_region_enter(self, error, "Region.exports");
  if (!region) return 0;
  uint64_t count = mw_region_holds(region);
  mws_region_leave(self, error, 0);
  return count;
}

int32_t mws_region_key(mws_region *self, mw_error *error) {
  int32_t key = 0, id = 0;
  mw_region *region = mws_region_enter(self, error, "Region.key");
  if (region) mws_region_leave(self, error, mw_region_sysv_id(region, error, &key, &id));
  return key;
}

int32_t mws_region_id(mws_region *self, mw_error *error) {
  int32_t key = 0, id = 0;
  mw_region *region = mws_region_enter(self, error, "Region.id");
  if (region) mws_region_leave(self, error, mw_region_sysv_id(region, error, &key, &id));
  return id;
}

int mws_region_fileno(mws_region *self, mw_error *error) {
  int fd = -1;
  mw_region *region = mws_region_enter(self, error, "Region.fileno");
  if (region) mws_region_leave(self, error, mw_region_descriptor(region, error, &fd));
  return fd;
}

void mws_region_sysv_unlink(mws_region *self, mw_error *error) {
  mw_region *region = mws_region_enter(self, error, "Region.sysv_unlink");
  if (region) mws_region_leave(self, error, mw_region_sysv_unlink(region, error));
}

typedef struct identity {
  uint64_t device;
  uint64_t inode;
} identity;

static bool identify(mws_region *self, mw_error *error, identity *out_identity) {
  mw_region *region = mws_region_enter(self, error, "Region.same");
  if (!region) return false;
  mw_region_identity(region, &out_identity->device, &out_identity->inode);
  mws_region_leave(self, error, 0);
  return true;
}

bool mws_region_same(mws_region *self, mw_error *error, mws_region *other) {
  identity own, others;
  return identify(self, error, &own) && identify(other, error, &others) && own.device == others.device && own.inode == others.inode;
}
