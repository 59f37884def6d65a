/* The ways to get a semaphore that is a sem_t; those of System V are in semaphore_sysv.c. A named one is a region whose file we
 * make, check and map ourselves, with libc's sem_t at its start: that is why creation is atomic, permissions are exact, strangers'
 * files are refused and lost pages are guarded, and why any program that calls sem_open can be on the other side.
 *
 * SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include <inttypes.h>
#include <string.h>

#include "memory/source_named.h"
#include "platform/os.h"
#include "sync/semaphore.h"

#define ALIGNMENT 8

int mw__semaphore_check_flags(const mw__call *call, unsigned flags, unsigned known) {
  return flags & ~known ? mw__fail(call, MW_EINVAL, "flags 0x%x do not apply here", flags & ~known) : 0;
}

int mw__semaphore_check_value(const mw__call *call, unsigned value, unsigned most) {
  return value > most ? mw__fail(call, MW_EINVAL, "the value %u is above %u", value, most) : 0;
}

int mw__semaphore_fail_memory(const mw__call *call) { return mw__fail(call, MW_ENOMEM, "no memory for the handle"); }

/* ---- a sem_t in a region */

/* Take over a reference to the region; where this fails it is still the caller's. */
static int make_word(const mw__call *call, mw__semaphore_kind kind, mw_region *region, uint64_t offset,
                     mw_semaphore **out_semaphore) {
  mw__guard_enter(0);
  void *word = region->data + offset;
  bool is_valid = mw__os_semaphore_is_valid(word);
  int status = mw__region_check_touched(call, region);
  if (!status && !is_valid)
    status = mw__fail(call, MW_EFORMAT, "it is no semaphore, or not one that was made for several processes");
  if (status) return status;
  mw_semaphore *semaphore = mw__semaphore_new(kind, region->name);
  if (!semaphore) return mw__semaphore_fail_memory(call);
  semaphore->word = word;
  semaphore->region = region;
  semaphore->offset = offset;
  *out_semaphore = semaphore;
  return 0;
}

/* ---- named */

/* What a new semaphore's file has in it. The image lives in the caller's frame. */
static int new_content(const mw__call *call, unsigned value, unsigned permissions, void *image, mw__content *out_content) {
  *out_content = (mw__content){.size = mw__os_semaphore_size(), .image = image, .image_size = mw__os_semaphore_size()};
  int status = mw__semaphore_check_value(call, value, MW_SEMAPHORE_MAX);
  if (!status) status = mw__source_permissions(call, permissions, &out_content->permissions);
  if (status) return status;
  int failure = mw__os_semaphore_image(image, value);
  return failure ? mw__os_fail(call, failure) : 0;
}

static int make_created(const mw__call *call, const mw__name *name, const mw__source *source, unsigned flags,
                        mw_semaphore **out_semaphore) {
  mw_region *region;
  int status = mw__region_make_created(call, name, source, flags | MW_NO_FD, &region);
  if (status) return status;
  status = make_word(call, MW__SEMAPHORE_NAMED, region, 0, out_semaphore);
  if (status) {
    (void)mw__os_unlink(name->path);
    mw_region_close(region); /* which forgets about a temporary name */
  }
  return status;
}

static int make_attached(const mw__call *call, const mw__name *name, const mw__source *source, mw_semaphore **out_semaphore) {
  if (source->size != mw__os_semaphore_size()) {
    mw__os_close(source->fd);
    return mw__fail(call, MW_EFORMAT, "it is no semaphore of this C library: it has %" PRIu64 " bytes, and a sem_t has %zu",
                    source->size, mw__os_semaphore_size());
  }
  mw_region *region;
  int status = mw__region_make(call, name->bare, source, MW_NO_FD, &region);
  if (status) return status;
  status = make_word(call, MW__SEMAPHORE_NAMED, region, 0, out_semaphore);
  if (status) mw_region_close(region);
  return status;
}

int mw_semaphore_create(const char *name, unsigned value, unsigned permissions, unsigned flags, mw_error *error,
                        mw_semaphore **out_semaphore) {
  mw__call call = {"Semaphore.create", name, error};
  unsigned char image[MW__OS_SEMAPHORE_MAX_SIZE];
  mw__content content;
  mw__name parsed;
  int status = mw__semaphore_check_flags(&call, flags, MW_TEMPORARY);
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
  int status = mw__semaphore_check_flags(&call, flags, MW_ANY_OWNER);
  if (!status) status = mw__name_init(&parsed, &call, name, mw__os_semaphore_prefix());
  if (status) return status;
  mw_region_options options = {.access = MW_READ_WRITE, .flags = flags, .wait_for_name = wait_for_name};
  mw__source source;
  status = mw__source_named_attach(&call, &parsed, &options, &source);
  return status ? status : make_attached(&call, &parsed, &source, out_semaphore);
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
      created ? make_created(&call, &parsed, &source, 0, out_semaphore) : make_attached(&call, &parsed, &source, out_semaphore);
  return status ? status : created;
}

int mw_semaphore_unlink(const char *name, mw_error *error) {
  mw__call call = {"Semaphore.unlink", name, error};
  mw__name parsed;
  int status = mw__name_init(&parsed, &call, name, mw__os_semaphore_prefix());
  return status ? status : mw__source_named_unlink(&call, &parsed);
}

/* ---- at a place in a region */

static int check_place(const mw__call *call, const mw_region *region, uint64_t offset) {
  int status = mw__region_check_usable(call, region);
  if (!status) status = mw__region_check_writable(call, region);
  if (!status) status = mw__region_check_range(call, region, offset, mw__os_semaphore_size());
  if (!status && region->source.access == MW_COPY_ON_WRITE)
    status = mw__fail(call, MW_EINVAL, "the memory is private: nobody shares what is in it");
  if (!status && (uintptr_t)(region->data + offset) % ALIGNMENT)
    status = mw__fail(call, MW_EINVAL, "offset %" PRIu64 " is not at a multiple of %d", offset, ALIGNMENT);
  return status;
}

static int put_image(const mw__call *call, mw_region *region, uint64_t offset, unsigned value) {
  unsigned char image[MW__OS_SEMAPHORE_MAX_SIZE];
  int failure = mw__os_semaphore_image(image, value);
  if (failure) return mw__os_fail(call, failure);
  mw__guard_enter(0);
  memcpy(region->data + offset, image, mw__os_semaphore_size());
  return mw__region_check_touched(call, region);
}

int mw_semaphore_at(mw_region *region, uint64_t offset, int64_t value, mw_error *error, mw_semaphore **out_semaphore) {
  mw__call call = {"Semaphore.at", region->name, error};
  int status = check_place(&call, region, offset);
  if (!status && (value < -1 || value > MW_SEMAPHORE_MAX))
    status = mw__fail(&call, MW_EINVAL, "the value %" PRId64 " is not 0 to %u", value, MW_SEMAPHORE_MAX);
  if (!status && value >= 0) status = put_image(&call, region, offset, (unsigned)value);
  if (status) return status;
  mw_region_hold(region);
  status = make_word(&call, MW__SEMAPHORE_AT, region, offset, out_semaphore);
  if (status) mw_region_drop(region);
  return status;
}
