/* Regions: a source mapped, counted, copied into and out of, and given back.
 *
 * The main entry is region_make, which turns a source into a region or closes it.
 *
 * SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "memory/region.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "memory/source_anonymous.h"
#include "memory/source_file.h"
#include "memory/source_named.h"
#include "platform/os.h"

/* ---- options */

/* Read what the caller's version of the struct has; what it does not have is 0. */
static int read_options(const mw__call *call, const mw_region_options *given, unsigned known_flags, mw_region_options *options) {
  *options = (mw_region_options){.size_of_struct = sizeof *options};
  if (given) {
    if (given->size_of_struct < sizeof given->size_of_struct)
      return mw__fail(call, MW_EINVAL, "options->size_of_struct is not set");
    memcpy(options, given, given->size_of_struct < sizeof *options ? given->size_of_struct : sizeof *options);
  }
  if (options->flags & ~known_flags)
    return mw__fail(call, MW_EINVAL, "flags 0x%x do not apply here", options->flags & ~known_flags);
  if ((unsigned)options->access > MW_COPY_ON_WRITE) return mw__fail(call, MW_EINVAL, "%d is no access", (int)options->access);
  return mw__source_permissions(call, options->permissions, &options->permissions);
}

static int check_size(const mw__call *call, uint64_t size) {
  if (size == 0) return mw__fail(call, MW_EINVAL, "the size is 0; it is at least 1 byte");
  uint64_t end;
  return mw__source_end(call, 0, size, &end);
}

/* ---- mapping */

/* A mapping begins at a page, a region anywhere in it. */
static uint64_t slack_of(uint64_t offset) { return offset % mw__os_page_size(); }

static int map_bytes(const mw_region *region, uint64_t size, unsigned char **out_data) {
  static const mw__os_protection protections[] = {
      [MW_READ_WRITE] = MW__OS_MAP_SHARED, [MW_READ] = MW__OS_MAP_READ, [MW_COPY_ON_WRITE] = MW__OS_MAP_PRIVATE};
  if (size == 0) {
    *out_data = NULL;
    return 0;
  }
  uint64_t slack = slack_of(region->offset);
  void *address;
  int failure = mw__os_map(region->fd, region->offset - slack, size + slack, protections[region->access], &address);
  if (!failure) *out_data = (unsigned char *)address + slack;
  return failure;
}

static void unmap_bytes(const mw_region *region, unsigned char *data, uint64_t size) {
  uint64_t slack = slack_of(region->offset);
  if (data) mw__os_unmap(data - slack, size + slack);
}

/* ---- making and ending */

static void region_free(mw_region *region) {
  unmap_bytes(region, region->data, region->size);
  if (region->fd >= 0) mw__os_close(region->fd);
  free(region->name);
  free(region);
}

static mw_region *region_new(const char *kind, const char *name, const mw__source *source) {
  mw_region *region = calloc(1, sizeof *region);
  if (!region) return NULL;
  atomic_init(&region->references, 1);
  region->access = source->access;
  region->offset = source->offset;
  region->device = source->device;
  region->inode = source->inode;
  region->fd = source->fd;
  region->kind = kind;
  region->name = name ? strdup(name) : NULL;
  if (!name || region->name) return region;
  free(region);
  return NULL;
}

/* Turn a source into a region. The descriptor is the region's from here on, or closed. */
static int region_make(const mw__call *call, const char *kind, const char *name, const mw__source *source, unsigned flags,
                       mw_region **out_region) {
  mw_region *region = region_new(kind, name, source);
  if (!region) {
    mw__os_close(source->fd);
    return mw__fail(call, MW_ENOMEM, "no memory for the region's own record");
  }
  int failure = map_bytes(region, source->size, &region->data);
  if (failure) {
    region_free(region);
    return mw__os_fail(call, failure);
  }
  region->size = source->size;
  if (flags & MW_NO_FD) {
    mw__os_close(region->fd);
    region->fd = -1;
  }
  *out_region = region;
  return 0;
}

void mw_region_hold(mw_region *region) { atomic_fetch_add_explicit(&region->references, 1, memory_order_relaxed); }

void mw_region_drop(mw_region *region) {
  if (region && atomic_fetch_sub_explicit(&region->references, 1, memory_order_acq_rel) == 1) region_free(region);
}

void mw_region_close(mw_region *region) {
  if (!region || atomic_exchange(&region->closed, true)) return;
  mw__temporary_end(region->temporary);
  mw_region_drop(region);
}

/* ---- the ways to get one */

int mw_region_file(const char *path, uint64_t size, const mw_region_options *options, mw_error *error, mw_region **out_region) {
  mw__call call = {"Region.file", path, error};
  mw_region_options chosen;
  int status = read_options(&call, options, MW_NO_FD | MW_TRUNCATE | MW_EXCLUSIVE, &chosen);
  if (status) return status;
  if (!path || !path[0]) return mw__fail(&call, MW_EINVAL, "the path is empty");
  mw__source source;
  status = mw__source_file_open(&call, path, size, &chosen, &source);
  return status ? status : region_make(&call, "file", path, &source, chosen.flags, out_region);
}

static int make_temporary(const mw__call *call, const mw__name *name, mw_region *region) {
  region->temporary = mw__temporary_add(name->path, region->device, region->inode);
  return region->temporary ? 0 : mw__fail(call, MW_ENOMEM, "no memory to remember the temporary name");
}

/* Map what was created under a name; if that fails, the name goes again. */
static int make_created(const mw__call *call, const mw__name *name, const mw__source *source, unsigned flags,
                        mw_region **out_region) {
  mw_region *region = NULL;
  int status = region_make(call, "named", name->bare, source, flags, &region);
  if (region && flags & MW_TEMPORARY) status = make_temporary(call, name, region);
  if (status) {
    (void)mw__os_unlink(name->path);
    mw_region_drop(region);
    return status;
  }
  *out_region = region;
  return 0;
}

int mw_region_create(const char *name, uint64_t size, const mw_region_options *options, mw_error *error, mw_region **out_region) {
  mw__call call = {"Region.create", name, error};
  mw_region_options chosen;
  mw__name parsed;
  int status = read_options(&call, options, MW_TEMPORARY | MW_NO_FD, &chosen);
  if (!status) status = mw__name_init(&parsed, &call, name, "");
  if (!status) status = check_size(&call, size);
  if (!status && chosen.access != MW_READ_WRITE)
    status = mw__fail(&call, MW_EINVAL, "what is created is mapped for reading and writing");
  if (status) return status;
  mw__source source;
  status = mw__source_named_create(&call, &parsed, &(mw__content){.size = size, .permissions = chosen.permissions}, &source);
  return status ? status : make_created(&call, &parsed, &source, chosen.flags, out_region);
}

int mw_region_attach(const char *name, const mw_region_options *options, mw_error *error, mw_region **out_region) {
  mw__call call = {"Region.attach", name, error};
  mw_region_options chosen;
  mw__name parsed;
  int status = read_options(&call, options, MW_ANY_OWNER | MW_NO_FD, &chosen);
  if (!status) status = mw__name_init(&parsed, &call, name, "");
  if (status) return status;
  mw__source source;
  status = mw__source_named_attach(&call, &parsed, &chosen, &source);
  return status ? status : region_make(&call, "named", parsed.bare, &source, chosen.flags, out_region);
}

static int make_attached(const mw__call *call, const mw__name *name, const mw__source *source, uint64_t size, unsigned flags,
                         mw_region **out_region) {
  if (source->size >= size) return region_make(call, "named", name->bare, source, flags, out_region);
  mw__os_close(source->fd);
  return mw__fail(call, MW_EINVAL, "it exists with %" PRIu64 " bytes, and %" PRIu64 " are wanted", source->size, size);
}

int mw_region_open(const char *name, uint64_t size, const mw_region_options *options, mw_error *error, mw_region **out_region) {
  mw__call call = {"Region.open", name, error};
  mw_region_options chosen;
  mw__name parsed;
  int status = read_options(&call, options, MW_ANY_OWNER | MW_NO_FD, &chosen);
  if (!status) status = mw__name_init(&parsed, &call, name, "");
  if (!status) status = check_size(&call, size);
  if (!status && chosen.access != MW_READ_WRITE)
    status = mw__fail(&call, MW_EINVAL, "what may be created is mapped for reading and writing");
  if (status) return status;
  chosen.inode = 0; /* whatever has the name */
  mw__source source;
  mw__content content = {.size = size, .permissions = chosen.permissions};
  int created = mw__source_named_open(&call, &parsed, &content, &chosen, &source);
  if (created < 0) return created;
  status = created ? make_created(&call, &parsed, &source, chosen.flags, out_region)
                   : make_attached(&call, &parsed, &source, size, chosen.flags, out_region);
  return status ? status : created;
}

int mw_region_anonymous(uint64_t size, const mw_region_options *options, mw_error *error, mw_region **out_region) {
  mw__call call = {"Region.anonymous", NULL, error};
  mw_region_options chosen;
  int status = read_options(&call, options, MW_NO_FD, &chosen);
  if (!status) status = check_size(&call, size);
  if (!status && chosen.access == MW_READ) status = mw__fail(&call, MW_EINVAL, "memory that nobody can write to would stay zeros");
  if (status) return status;
  mw__source source;
  status = mw__source_anonymous_create(&call, size, chosen.access, &source);
  return status ? status : region_make(&call, "anonymous", NULL, &source, chosen.flags, out_region);
}

int mw_region_unlink(const char *name, mw_error *error) {
  mw__call call = {"Region.unlink", name, error};
  mw__name parsed;
  int status = mw__name_init(&parsed, &call, name, "");
  return status ? status : mw__source_named_unlink(&call, &parsed);
}

/* ---- looking at one */

bool mw_region_is_closed(const mw_region *region) { return mw__region_is_closed(region); }
void *mw_region_data(const mw_region *region) { return mw__region_is_closed(region) ? NULL : region->data; }
uint64_t mw_region_size(const mw_region *region) { return mw__region_is_closed(region) ? 0 : region->size; }
const char *mw_region_kind(const mw_region *region) { return region->kind; }
const char *mw_region_name(const mw_region *region) { return region->name; }
mw_access mw_region_access(const mw_region *region) { return region->access; }
uint64_t mw_region_offset(const mw_region *region) { return region->offset; }
uint64_t mw_page_size(void) { return mw__os_page_size(); }

uint32_t mw_region_holds(const mw_region *region) {
  uint32_t references = atomic_load_explicit(&region->references, memory_order_relaxed);
  return mw__region_is_closed(region) ? references : references - 1;
}

void mw_region_identity(const mw_region *region, uint64_t *out_device, uint64_t *out_inode) {
  *out_device = region->device;
  *out_inode = region->inode;
}

int mw__region_check_open(const mw__call *call, const mw_region *region) {
  return mw__region_is_closed(region) ? mw__fail(call, MW_ECLOSED, "the region is closed") : 0;
}

int mw__region_check_writable(const mw__call *call, const mw_region *region) {
  return region->access == MW_READ ? mw__fail(call, MW_EREADONLY, "the region is read-only") : 0;
}

static int check_descriptor(const mw__call *call, const mw_region *region) {
  int status = mw__region_check_open(call, region);
  if (status || region->fd >= 0) return status;
  return mw__fail(call, MW_ENOTSUP, "the region keeps no descriptor (keep_fd)");
}

int mw_region_descriptor(mw_region *region, mw_error *error, int *out_fd) {
  mw__call call = {"Region.fileno", region->name, error};
  int status = check_descriptor(&call, region);
  if (!status) *out_fd = region->fd;
  return status;
}

int mw_region_check(mw_region *region, mw_error *error) {
  mw__call call = {"Region.check", region->name, error};
  int status = check_descriptor(&call, region);
  if (status) return status;
  mw__os_file_info info;
  int failure = mw__os_file_info_of(region->fd, &info);
  if (failure) return mw__os_fail(&call, failure);
  if (info.size >= region->offset + region->size) return 0;
  return mw__fail(&call, MW_EFAULT, "somebody cut the file to %" PRIu64 " bytes; the region ends at %" PRIu64, info.size,
                  region->offset + region->size);
}

/* ---- bytes in and out */

static int check_range(const mw__call *call, const mw_region *region, uint64_t offset, uint64_t size) {
  if (offset <= region->size && size <= region->size - offset) return 0;
  return mw__fail(call, MW_EINVAL, "%" PRIu64 " bytes from %" PRIu64 " on go past the end (%" PRIu64 " bytes)", size, offset,
                  region->size);
}

static int check_write(const mw__call *call, const mw_region *region, uint64_t offset, uint64_t size) {
  int status = mw__region_check_open(call, region);
  if (!status) status = mw__region_check_writable(call, region);
  return status ? status : check_range(call, region, offset, size);
}

int mw_region_read(mw_region *region, uint64_t offset, void *buffer, size_t size, mw_error *error, size_t *out_size) {
  mw__call call = {"Region.read", region->name, error};
  int status = mw__region_check_open(&call, region);
  if (status) return status;
  uint64_t there = offset < region->size ? region->size - offset : 0;
  size_t count = size < there ? size : (size_t)there;
  if (count) memcpy(buffer, region->data + offset, count);
  *out_size = count;
  return 0;
}

int mw_region_write(mw_region *region, uint64_t offset, const void *data, size_t size, mw_error *error) {
  mw__call call = {"Region.write", region->name, error};
  int status = check_write(&call, region, offset, size);
  if (!status && size) memmove(region->data + offset, data, size);
  return status;
}

int mw_region_fill(mw_region *region, uint8_t byte, uint64_t offset, uint64_t size, mw_error *error) {
  mw__call call = {"Region.fill", region->name, error};
  int status = check_write(&call, region, offset, size);
  if (!status && size) memset(region->data + offset, byte, size);
  return status;
}

int mw_region_move(mw_region *region, uint64_t destination, uint64_t source, uint64_t size, mw_error *error) {
  mw__call call = {"Region.move", region->name, error};
  int status = check_write(&call, region, destination, size);
  if (!status) status = check_range(&call, region, source, size);
  if (!status && size) memmove(region->data + destination, region->data + source, size);
  return status;
}

int mw_region_flush(mw_region *region, uint64_t offset, uint64_t size, bool wait, mw_error *error) {
  mw__call call = {"Region.flush", region->name, error};
  int status = mw__region_check_open(&call, region);
  if (!status) status = check_range(&call, region, offset, size);
  if (status || size == 0) return status;
  uint64_t slack = slack_of(region->offset + offset);
  int failure = mw__os_flush(region->data + offset - slack, size + slack, wait);
  return failure ? mw__os_fail(&call, failure) : 0;
}

/* ---- another size */

static int check_resizable(const mw__call *call, const mw_region *region, uint64_t size) {
  int status = check_descriptor(call, region);
  if (!status) status = mw__region_check_writable(call, region);
  if (!status) status = check_size(call, size);
  uint64_t end;
  if (!status) status = mw__source_end(call, region->offset, size, &end);
  if (status) return status;
  if (region->access == MW_COPY_ON_WRITE) return mw__fail(call, MW_ENOTSUP, "a private mapping has no size to change");
  uint32_t holds = mw_region_holds(region);
  if (holds) return mw__fail(call, MW_EBUSY, "%" PRIu32 " others hold the memory; release them first", holds);
  return 0;
}

/* The file's size with the region at its new one. What lies in the file behind the region is somebody else's and stays. */
static uint64_t file_size_after(const mw_region *region, uint64_t file_size, uint64_t size) {
  uint64_t old_end = region->offset + region->size, new_end = region->offset + size;
  if (new_end > file_size) return new_end;
  return old_end >= file_size ? new_end : file_size;
}

/* Grow the file before it is mapped, and cut it only when the smaller mapping is there: either failure leaves all as it was. */
static int resize(mw_region *region, uint64_t size) {
  mw__os_file_info info;
  int failure = mw__os_file_info_of(region->fd, &info);
  if (failure) return failure;
  uint64_t file_size = file_size_after(region, info.size, size);
  failure = mw__os_reserve(region->fd, info.size, file_size);
  if (failure) return failure;
  unsigned char *data;
  failure = map_bytes(region, size, &data);
  if (!failure && file_size < info.size) {
    failure = mw__os_set_size(region->fd, file_size);
    if (failure) unmap_bytes(region, data, size);
  }
  if (failure) {
    if (file_size > info.size) (void)mw__os_set_size(region->fd, info.size);
    return failure;
  }
  unmap_bytes(region, region->data, region->size);
  region->data = data;
  region->size = size;
  return 0;
}

int mw_region_resize(mw_region *region, uint64_t size, mw_error *error) {
  mw__call call = {"Region.resize", region->name, error};
  int status = check_resizable(&call, region, size);
  if (status || size == region->size) return status;
  int failure = resize(region, size);
  return failure ? mw__os_fail(&call, failure) : 0;
}
