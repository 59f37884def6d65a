/* Regions: a source mapped, counted, mapped anew, and given back. How to get one is in region_make.c, what is in its bytes in
 * region_bytes.c, what becomes of its pages in pages.c.
 *
 * The main entry is mw__region_make, which turns a source into a region or closes it.
 *
 * SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "memory/region.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "platform/os.h"

/* ---- mapping */

/* A mapping begins at a page, a region anywhere in it. */
static uint64_t slack_of(const mw_region *region) { return region->source.offset % region->source.unit; }

static uint64_t mapped_size(const mw_region *region, uint64_t size) {
  return mw__source_whole_pages(slack_of(region) + size, region->source.unit);
}

/* Read-only is read-only, whatever it was mapped for at first. */
mw__os_protection mw__region_protection(const mw_region *region) {
  static const mw__os_protection protections[] = {
      [MW_READ_WRITE] = MW__OS_MAP_SHARED, [MW_READ] = MW__OS_MAP_READ, [MW_COPY_ON_WRITE] = MW__OS_MAP_PRIVATE};
  return region->readonly ? MW__OS_MAP_READ : protections[region->source.access];
}

/* What was mapped, until it becomes the region's. */
typedef struct mapping {
  unsigned char *data;
  uint64_t size;
  mw__guard *guard;
} mapping;

static int map_source(const mw_region *region, uint64_t size, void **out_address) {
  const mw__source *source = &region->source;
  if (source->kind == MW__SYSV) return mw__os_sysv_memory_map(source->id, !region->readonly, out_address);
  uint64_t slack = slack_of(region);
  return mw__os_map(source->fd, source->offset - slack, size + slack, mw__region_protection(region), out_address);
}

static void unmap_bytes(const mw_region *region, const mapping *gone) {
  if (!gone->data) return;
  mw__guard_end(gone->guard);
  void *address = gone->data - slack_of(region);
  bool is_whole = !(atomic_load(&region->state) & MW__REGION_FAULTED); /* without the guard's zeros in it */
  if (region->source.kind == MW__SYSV && is_whole)
    mw__os_sysv_memory_unmap(address);
  else
    mw__os_unmap(address, mapped_size(region, gone->size));
}

static int guard_bytes(const mw__call *call, mw_region *region, mapping *made) {
  if (region->flags & MW_NO_GUARD) return 0;
  mw__guarded guarded = {.low = made->data - slack_of(region),
                         .size = mapped_size(region, made->size),
                         .unit = region->source.unit,
                         .writable = !region->readonly,
                         .aborts = region->flags & MW_FAULT_ABORTS,
                         .state = &region->state};
  return mw__guard_begin(call, &guarded, &made->guard);
}

static int map_bytes(const mw__call *call, mw_region *region, uint64_t size, mapping *out_mapping) {
  mapping made = {.size = size};
  if (size > 0) {
    void *address;
    int failure = map_source(region, size, &address);
    if (failure == EACCES && region->source.kind != MW__SYSV)
      return mw__fail_errno(call, failure,
                            "its descriptor does not allow this access; ask for less, or open it for reading and writing");
    if (failure == EPERM) return mw__fail_errno(call, failure, "it is sealed against this access; ask for less");
    if (failure == ENODEV) return mw__fail_errno(call, failure, "its device or file system cannot be mapped");
    if (region->source.kind == MW__SYSV && (failure == EIDRM || failure == EINVAL))
      return mw__fail_errno(call, ENOENT, "the segment was removed just now");
    if (failure) return region->flags & MW_HUGE_PAGES ? mw__os_fail_huge(call, failure, size) : mw__os_fail(call, failure);
    if (region->source.kind == MW__SYSV && region->source.unit == mw__os_page_size()) /* it is not known to be of huge ones */
      region->source.unit = mw__os_sysv_memory_unit(address, size, !region->readonly);
    made.data = (unsigned char *)address + slack_of(region);
    int status = guard_bytes(call, region, &made);
    if (status) {
      unmap_bytes(region, &made);
      return status;
    }
  }
  *out_mapping = made;
  return 0;
}

static void take_mapping(mw_region *region, const mapping *made) {
  region->data = made->data;
  region->size = made->size;
  region->guard = made->guard;
}

static mapping mapping_of(const mw_region *region) { return (mapping){region->data, region->size, region->guard}; }

mw__pages mw__region_pages(const mw_region *region, uint64_t offset, uint64_t size) {
  unsigned char *begin = region->data + offset;
  uint64_t slack = (uint64_t)(uintptr_t)begin % region->source.unit;
  return (mw__pages){begin - slack, (size_t)mw__source_whole_pages(slack + size, region->source.unit)};
}

/* ---- making and ending */

/* Free the record, not what it is about. NULL is fine. */
static void forget(mw_region *region) {
  if (!region) return;
  free(region->name);
  free(region);
}

static void region_free(mw_region *region) {
  mapping gone = mapping_of(region);
  unmap_bytes(region, &gone);
  if (region->source.fd >= 0) mw__os_close(region->source.fd);
  forget(region);
}

static mw_region *region_new(const char *name, const mw__source *source, unsigned flags) {
  mw_region *region = calloc(1, sizeof *region);
  if (!region) return NULL;
  atomic_init(&region->references, 1);
  atomic_init(&region->readonly, source->access == MW_READ);
  region->wanted = source->to_end ? 0 : source->size;
  region->source = *source;
  region->flags = flags;
  region->name = name ? strdup(name) : NULL;
  if (!name || region->name) return region;
  forget(region);
  return NULL;
}

int mw__region_make(const mw__call *call, const char *name, const mw__source *source, unsigned flags, mw_region **out_region) {
  mw_region *region = region_new(name, source, flags);
  mapping made = {.data = NULL};
  int status =
      region ? map_bytes(call, region, source->size, &made) : mw__fail(call, MW_ENOMEM, "no memory for the region's own record");
  if (status) {
    mw__source_discard(source);
    forget(region);
    return status;
  }
  take_mapping(region, &made);
  if (flags & MW_NO_FD && region->source.fd >= 0) {
    mw__os_close(region->source.fd);
    region->source.fd = -1;
  }
  *out_region = region;
  return 0;
}

static int make_temporary(const mw__call *call, const mw__name *name, mw_region *region) {
  region->temporary = mw__temporary_add(name->path, region->source.device, region->source.inode);
  return region->temporary ? 0 : mw__fail(call, MW_ENOMEM, "no memory to remember the temporary name");
}

int mw__region_make_created(const mw__call *call, const mw__name *name, const mw__source *source, unsigned flags,
                            mw_region **out_region) {
  mw_region *region = NULL;
  int status = mw__region_make(call, name->bare, source, flags, &region);
  if (region && flags & MW_TEMPORARY) status = make_temporary(call, name, region);
  if (status) {
    (void)mw__os_unlink(name->path);
    mw_region_drop(region);
    return status;
  }
  *out_region = region;
  return 0;
}

void mw_region_hold(mw_region *region) { atomic_fetch_add_explicit(&region->references, 1, memory_order_relaxed); }

void mw_region_drop(mw_region *region) {
  if (region && atomic_fetch_sub_explicit(&region->references, 1, memory_order_acq_rel) == 1) region_free(region);
}

void mw_region_close(mw_region *region) {
  if (!region || atomic_fetch_or(&region->state, MW__REGION_CLOSED) & MW__REGION_CLOSED) return;
  mw__temporary_end(region->temporary);
  mw_region_drop(region);
}

/* ---- looking at one */

bool mw_region_is_closed(const mw_region *region) { return mw__region_is_closed(region); }
void *mw_region_data(const mw_region *region) { return mw__region_is_closed(region) ? NULL : region->data; }
uint64_t mw_region_size(const mw_region *region) { return mw__region_is_closed(region) ? 0 : region->size; }
const char *mw_region_name(const mw_region *region) { return region->name; }
mw_access mw_region_access(const mw_region *region) { return region->source.access; }
bool mw_region_is_readonly(const mw_region *region) { return region->readonly; }
uint64_t mw_region_offset(const mw_region *region) { return region->source.offset; }
uint64_t mw_page_size(void) { return mw__os_page_size(); }

const char *mw_region_kind(const mw_region *region) {
  static const char *const names[] = {[MW__FILE] = "file",   [MW__NAMED] = "named", [MW__ANONYMOUS] = "anonymous",
                                      [MW__MEMFD] = "memfd", [MW__FD] = "fd",       [MW__SYSV] = "sysv"};
  return names[region->source.kind];
}

bool mw_region_is_faulted(const mw_region *region) {
  return atomic_load_explicit(&region->state, memory_order_relaxed) & MW__REGION_FAULTED;
}

uint32_t mw_region_holds(const mw_region *region) {
  uint32_t references = atomic_load_explicit(&region->references, memory_order_relaxed);
  return mw__region_is_closed(region) ? references : references - 1;
}

void mw_region_identity(const mw_region *region, uint64_t *out_device, uint64_t *out_inode) {
  *out_device = region->source.device;
  *out_inode = region->source.inode;
}

int mw_region_sysv_id(const mw_region *region, mw_error *error, int32_t *out_key, int32_t *out_id) {
  mw__call call = {"Region.id", region->name, error};
  if (region->source.kind != MW__SYSV) return mw__fail(&call, MW_ENOTSUP, "only System V memory has a key and an identifier");
  *out_key = region->source.key;
  *out_id = region->source.id;
  return 0;
}

int mw_region_check_findable(mw_region *region, mw_error *error) {
  mw__call call = {"Region.name", region->name, error};
  const mw__source *source = &region->source;
  int status = mw__region_check_open(&call, region);
  if (status) return status;
  if (source->access == MW_COPY_ON_WRITE)
    return mw__fail(&call, MW_ENOTSUP, "what is written to a private mapping is in no object that others could open");
  if (source->kind == MW__SYSV && source->key == MW_KEY_PRIVATE)
    return mw__fail(&call, MW_ENOTSUP, "key 0 (IPC_PRIVATE) is found by nobody; give the segment a key");
  if (source->kind == MW__FILE && source->fixed)
    return mw__fail(&call, MW_ENOTSUP, "a device may give everybody who maps it memory of its own");
  if (source->kind == MW__FILE || source->kind == MW__NAMED || source->kind == MW__SYSV) return 0;
  return mw__fail(&call, MW_ENOTSUP, "%s memory has no name to find it by; send() it, or make it by create() or file()",
                  mw_region_kind(region));
}

int mw_region_descriptor(mw_region *region, mw_error *error, int *out_fd) {
  mw__call call = {"Region.fileno", region->name, error};
  int status = mw__region_check_open(&call, region);
  if (!status) status = mw__region_check_descriptor(&call, region);
  if (!status) *out_fd = region->source.fd;
  return status;
}

/* ---- the gates */

int mw__region_check_open(const mw__call *call, const mw_region *region) {
  return mw__region_is_closed(region) ? mw__fail(call, MW_ECLOSED, "the region is closed") : 0;
}

int mw__region_check_usable(const mw__call *call, const mw_region *region) {
  if (mw__region_is_usable(region)) return 0;
  if (mw__region_is_closed(region)) return mw__fail(call, MW_ECLOSED, "the region is closed");
  return mw__fail(
      call, MW_EFAULT, "a page was lost %" PRIu64 " bytes from the start: the file was cut, or its file system is full; %s",
      mw__guard_lost_at(region->guard),
      region->flags & MW__IN_WELL ? "close the well, and attach anew if there still is one" : "remap() maps what is there");
}

int mw__region_check_writable(const mw__call *call, const mw_region *region) {
  return region->readonly ? mw__fail(call, MW_EREADONLY, "the region is read-only") : 0;
}

int mw__region_check_range(const mw__call *call, const mw_region *region, uint64_t offset, uint64_t size) {
  if (offset <= region->size && size <= region->size - offset) return 0;
  return mw__fail(call, MW_EINVAL, "%" PRIu64 " bytes from %" PRIu64 " on go past the end (%" PRIu64 " bytes)", size, offset,
                  region->size);
}

int mw__region_check_descriptor(const mw__call *call, const mw_region *region) {
  if (region->source.fd >= 0) return 0;
  return mw__fail(call, MW_ENOTSUP, "the region keeps no descriptor (keep_fd, System V)");
}

int mw__region_check_unshared(const mw__call *call, const mw_region *region) {
  uint32_t holds = mw_region_holds(region);
  return holds ? mw__fail(call, MW_EBUSY, "%" PRIu32 " others hold the memory; release them first", holds) : 0;
}

int mw__region_check_own(const mw__call *call, const mw_region *region) {
  return region->flags & MW__IN_WELL ? mw__fail_errno(call, EPERM, "it is a well's, which relies on it; use the well") : 0;
}

/* A cut that nobody has touched yet. */
static int check_object(const mw__call *call, const mw_region *region) {
  mw__os_file_info info;
  uint64_t end = region->source.offset + region->size;
  if (region->source.fd < 0 || region->source.fixed) return 0;
  int failure = mw__os_file_info_of(region->source.fd, &info);
  if (failure) return mw__os_fail(call, failure);
  if (info.size >= end || region->size == 0) return 0; /* of nothing nothing is cut, however far the end has come */
  return mw__fail(call, MW_EFAULT,
                  "somebody cut the file to %" PRIu64 " bytes; the region ends at %" PRIu64 "; remap() maps what is there",
                  info.size, end);
}

int mw_region_check(mw_region *region, mw_error *error) {
  mw__call call = {"Region.check", region->name, error};
  int status = mw__region_check_usable(&call, region);
  return status ? status : check_object(&call, region);
}

/* ---- another size */

static int check_resizable(const mw__call *call, const mw_region *region, uint64_t size) {
  int status = mw__region_check_usable(call, region);
  if (!status) status = mw__region_check_own(call, region);
  if (!status && region->source.fixed) status = mw__fail(call, MW_ENOTSUP, "its size is fixed (System V memory, a device)");
  if (!status) status = mw__region_check_descriptor(call, region);
  if (!status) status = mw__region_check_writable(call, region);
  if (!status && size == 0) status = mw__fail(call, MW_EINVAL, "the size is 0; it is at least 1 byte");
  uint64_t end;
  if (!status) status = mw__source_end(call, region->source.offset, size, &end);
  if (!status && region->source.access == MW_COPY_ON_WRITE)
    status = mw__fail(call, MW_ENOTSUP, "a private mapping has no size to change");
  return status ? status : mw__region_check_unshared(call, region);
}

/* The file's size with the region at its new one. What lies in the file behind the region is somebody else's and stays. */
static uint64_t file_size_after(const mw_region *region, uint64_t file_size, uint64_t size) {
  uint64_t offset = region->source.offset, unit = region->source.unit;
  uint64_t old_end = mw__source_file_size(offset + region->size, unit), new_end = mw__source_file_size(offset + size, unit);
  if (new_end > file_size) return new_end;
  return old_end >= file_size ? new_end : file_size;
}

static int fail_resize(const mw__call *call, const mw_region *region, int failure, uint64_t size) {
  if (failure == EPERM && (region->source.kind == MW__MEMFD || region->source.kind == MW__FD))
    return mw__fail_errno(call, failure, "it is sealed against another size");
  return region->flags & MW_HUGE_PAGES ? mw__os_fail_huge(call, failure, size) : mw__os_fail(call, failure);
}

/* Grow the file before it is mapped, and cut it only when the smaller mapping is there: either failure leaves all as it was. */
static int resize(const mw__call *call, mw_region *region, uint64_t size) {
  int fd = region->source.fd;
  mw__os_file_info info;
  int failure = mw__os_file_info_of(fd, &info);
  if (failure) return mw__os_fail(call, failure);
  uint64_t file_size = file_size_after(region, info.size, size);
  failure = mw__os_reserve(fd, info.size, file_size);
  if (failure) return fail_resize(call, region, failure, size);
  mapping made = {.data = NULL}, old = mapping_of(region);
  int status = map_bytes(call, region, size, &made);
  if (status) {
    if (file_size > info.size) (void)mw__os_set_size(fd, info.size);
    return status;
  }
  failure = file_size < info.size ? mw__os_set_size(fd, file_size) : 0;
  if (failure) {
    unmap_bytes(region, &made);
    return fail_resize(call, region, failure, size);
  }
  unmap_bytes(region, &old);
  take_mapping(region, &made);
  if (region->wanted) region->wanted = size;
  return 0;
}

int mw_region_resize(mw_region *region, uint64_t size, mw_error *error) {
  mw__call call = {"Region.resize", region->name, error};
  int status = check_resizable(&call, region, size);
  mw__call unasked = {call.name, region->name, NULL};
  bool is_done = size == region->size && check_object(&unasked, region) == 0; /* else somebody cut the object, and it grows again */
  return status || is_done ? status : resize(&call, region, size);
}

static int check_remappable(const mw__call *call, const mw_region *region) {
  int status = mw__region_check_open(call, region);
  if (!status) status = mw__region_check_own(call, region);
  if (!status && region->source.access == MW_COPY_ON_WRITE)
    status = mw__fail(call, MW_ENOTSUP, "what was written to a private mapping would be gone; open it again");
  if (!status && region->source.kind != MW__SYSV) status = mw__region_check_descriptor(call, region);
  return status ? status : mw__region_check_unshared(call, region);
}

/* How much there is of what the region was asked to have. */
static int look_for_size(const mw__call *call, const mw_region *region, uint64_t *out_size) {
  *out_size = region->size;
  if (region->source.fixed) return 0;
  mw__os_file_info info;
  int failure = mw__os_file_info_of(region->source.fd, &info);
  if (failure) return mw__os_fail(call, failure);
  uint64_t end = mw__source_file_size(region->source.offset + region->size, region->source.unit);
  if (!region->wanted && end == info.size) return 0; /* of huge pages the last may be in the region in part */
  uint64_t there = info.size > region->source.offset ? info.size - region->source.offset : 0;
  *out_size = region->wanted && region->wanted < there ? region->wanted : there;
  return 0;
}

int mw_region_remap(mw_region *region, mw_error *error) {
  mw__call call = {"Region.remap", region->name, error};
  uint64_t size;
  int status = check_remappable(&call, region);
  if (!status) status = look_for_size(&call, region, &size);
  if (status || (size == region->size && mw__region_is_usable(region))) return status;
  mapping made = {.data = NULL}, old = mapping_of(region);
  status = map_bytes(&call, region, size, &made);
  if (status) return status;
  unmap_bytes(region, &old);
  take_mapping(region, &made);
  atomic_fetch_and(&region->state, ~(uint32_t)MW__REGION_FAULTED);
  return 0;
}
