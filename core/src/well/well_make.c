/* The ways to get a well: each finds or makes a file, maps it, and hands that to mw__well_make. And to close it.
 *
 * SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "memory/source_file.h"
#include "memory/source_named.h"
#include "platform/os.h"
#include "well/well.h"

#define OPEN_ATTEMPTS 1000

/* ---- options */

static int read_options(const mw__call *call, const mw_well_options *given, unsigned known_flags, mw_well_options *options) {
  *options = (mw_well_options){.size_of_struct = sizeof *options};
  if (given) {
    if (given->size_of_struct < sizeof given->size_of_struct)
      return mw__fail(call, MW_EINVAL, "options->size_of_struct is not set");
    memcpy(options, given, given->size_of_struct < sizeof *options ? given->size_of_struct : sizeof *options);
  }
  unsigned unknown = options->flags & ~known_flags;
  if (unknown) return mw__fail(call, MW_EINVAL, "flags 0x%x do not apply here", unknown);
  return mw__source_permissions(call, options->permissions, &options->permissions);
}

static bool observes(const mw_well_options *options) { return options->flags & MW_OBSERVER; }

static mw_region_options of_region(const mw_well_options *options) {
  return (mw_region_options){.size_of_struct = sizeof(mw_region_options),
                             .access = observes(options) ? MW_READ : MW_READ_WRITE,
                             .flags = options->flags & MW_ANY_OWNER,
                             .wait_for_name = options->wait_for_name,
                             .device = options->device,
                             .inode = options->inode};
}

/* What a new well's file has in it; content->image is to be freed. */
static int new_content(const mw__call *call, uint64_t size, const mw_well_options *options, mw__content *out_content) {
  mw__geometry geometry = {0};
  int status = mw__layout_plan(call, size, options->slots, options->objects, &geometry);
  if (status) return status;
  void *image = calloc(1, (size_t)geometry.space);
  if (!image) return mw__fail(call, MW_ENOMEM, "no memory for the well's tables");
  mw__layout_format(&geometry, image);
  *out_content = (mw__content){.size = size, .permissions = options->permissions, .image = image, .image_size = geometry.space};
  return 0;
}

static void free_content(const mw__content *content) { free((void *)(uintptr_t)content->image); }

/* ---- in memory */

static int make_created(const mw__call *call, const mw__name *name, const mw__source *source, unsigned flags, mw_well **out_well) {
  mw_region *region;
  int status = mw__region_make_created(call, name, source, (flags & MW_TEMPORARY) | MW__IN_WELL, &region);
  if (status) return status;
  status = mw__well_make(call, region, name->path, false, false, out_well);
  if (status) (void)mw__os_unlink(name->path);
  return status;
}

static int make_attached(const mw__call *call, const mw__name *name, const mw__source *source, const mw_well_options *options,
                         mw_well **out_well) {
  mw_region *region;
  int status = mw__region_make(call, name->bare, source, MW__IN_WELL, &region);
  return status ? status : mw__well_make(call, region, name->path, false, observes(options), out_well);
}

int mw_well_create(const char *name, uint64_t size, const mw_well_options *options, mw_error *error, mw_well **out_well) {
  mw__call call = {"Well.create", name, error};
  mw_well_options chosen;
  mw__name parsed;
  mw__content content = {0};
  int status = read_options(&call, options, MW_TEMPORARY, &chosen);
  if (!status) status = mw__name_init(&parsed, &call, name, "");
  if (!status) status = new_content(&call, size, &chosen, &content);
  if (status) return status;
  mw__source source;
  status = mw__source_named_create(&call, &parsed, &content, &source);
  free_content(&content);
  return status ? status : make_created(&call, &parsed, &source, chosen.flags, out_well);
}

int mw_well_attach(const char *name, const mw_well_options *options, mw_error *error, mw_well **out_well) {
  mw__call call = {"Well.attach", name, error};
  mw_well_options chosen;
  mw__name parsed;
  int status = read_options(&call, options, MW_ANY_OWNER | MW_OBSERVER, &chosen);
  if (!status) status = mw__name_init(&parsed, &call, name, "");
  if (status) return status;
  mw_region_options wanted = of_region(&chosen);
  mw__source source;
  status = mw__source_named_attach(&call, &parsed, &wanted, &source);
  return status ? status : make_attached(&call, &parsed, &source, &chosen, out_well);
}

int mw_well_open(const char *name, uint64_t size, const mw_well_options *options, mw_error *error, mw_well **out_well) {
  mw__call call = {"Well.open", name, error};
  mw_well_options chosen;
  mw__name parsed;
  mw__content content = {0};
  int status = read_options(&call, options, MW_ANY_OWNER, &chosen);
  if (!status) status = mw__name_init(&parsed, &call, name, "");
  if (!status) status = new_content(&call, size, &chosen, &content);
  if (status) return status;
  chosen.inode = 0; /* whatever has the name */
  mw_region_options wanted = of_region(&chosen);
  mw__source source;
  int created = mw__source_named_open(&call, &parsed, &content, &wanted, &source);
  free_content(&content);
  if (created < 0) return created;
  status = created ? make_created(&call, &parsed, &source, 0, out_well) : make_attached(&call, &parsed, &source, &chosen, out_well);
  return status ? status : created;
}

int mw_well_unlink(const char *name, mw_error *error) {
  mw__call call = {"Well.unlink", name, error};
  mw__name parsed;
  int status = mw__name_init(&parsed, &call, name, "");
  return status ? status : mw__source_named_unlink(&call, &parsed);
}

/* ---- in a file */

static int make_file(const mw__call *call, const char *path, const mw__source *source, const mw_well_options *options,
                     mw_well **out_well) {
  mw_region *region;
  int status = mw__region_make(call, path, source, MW__IN_WELL, &region);
  return status ? status : mw__well_make(call, region, path, true, observes(options), out_well);
}

static int attach_file(const mw__call *call, const char *path, const mw_well_options *options, mw_well **out_well) {
  mw_region_options wanted = of_region(options);
  mw__source source;
  int status = mw__source_file_open(call, path, 0, &wanted, &source);
  if (status) return status;
  if (source.size > 0) return make_file(call, path, &source, options, out_well);
  mw__source_discard(&source);
  return mw__fail(call, MW_EFORMAT, "it is no well: the file is empty");
}

static int create_file(const mw__call *call, const char *path, uint64_t size, const mw_well_options *options, mw_well **out_well) {
  mw__content content = {0};
  int status = new_content(call, size, options, &content);
  if (status) return status;
  mw__source source = {.kind = MW__FILE, .access = MW_READ_WRITE, .to_end = true, .size = size};
  mw__os_file_info info;
  int failure = mw__source_publish(path, &content, &source.fd, &info);
  free_content(&content);
  if (failure) return mw__os_fail(call, failure);
  source.unit = info.page_size;
  source.device = info.device;
  source.inode = info.inode;
  status = make_file(call, path, &source, options, out_well);
  if (status) (void)mw__os_unlink(path);
  return status;
}

int mw_well_file(const char *path, uint64_t size, const mw_well_options *options, mw_error *error, mw_well **out_well) {
  mw__call call = {"Well.file", path, error};
  mw_well_options chosen;
  int status = read_options(&call, options, MW_OBSERVER, &chosen);
  if (!status && (!path || !path[0])) status = mw__fail(&call, MW_EINVAL, "the path is empty");
  for (int attempt = 0; !status && attempt < OPEN_ATTEMPTS; attempt++) {
    status = attach_file(&call, path, &chosen, out_well);
    if (status != MW_ENOENT || size == 0 || observes(&chosen) || chosen.inode) return status;
    status = create_file(&call, path, size, &chosen, out_well);
    if (status != MW_EEXIST) return status ? status : 1;
    status = 0; /* somebody was faster */
  }
  return status ? status : mw__fail_errno(&call, EAGAIN, "others create and remove this file all the time");
}

/* ---- closing */

static void close_well(mw_well *well, bool cleanly) {
  mw_region_close(well->region);
  if (well->participant) mw__participant_leave(well->participant, cleanly);
  mw_well_drop(well);
}

int mw_well_close(mw_well *well, mw_error *error) {
  if (!well || mw_well_is_closed(well)) return 0;
  mw__call call = {"Well.close", mw_well_name(well), error};
  mw_object_info held;
  bool is_last = well->participant && mw__participant_is_last(well->participant);
  if (is_last && mw__well_holds(well, &held))
    return mw__fail_errno(&call, EBUSY, "this process holds \"%s\"; release it first", held.name);
  if (!atomic_exchange(&well->closed, true)) close_well(well, true);
  return 0;
}

void mw_well_abandon(mw_well *well) {
  if (well && !atomic_exchange(&well->closed, true)) close_well(well, false);
}
