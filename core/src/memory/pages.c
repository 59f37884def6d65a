/* What the kernel is asked to do with a region's pages.
 *
 * SPDX-License-Identifier: MIT */
#include "memwell/pages.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "memory/region.h"
#include "memory/source_fd.h"
#include "platform/os.h"

/* ---- names of advice and seals */

/* The platform counts them in the same order. */
#define MW__SAME(constant, text) _Static_assert((int)MW_ADVICE_##constant == (int)MW__OS_##constant, text);
MW_ADVICE_MAP(MW__SAME)
#undef MW__SAME
#define MW__SAME(constant, bit, text) _Static_assert((int)MW_SEAL_##constant == (int)MW__OS_SEAL_##constant, text);
MW_SEAL_MAP(MW__SAME)
#undef MW__SAME

int mw_advice_parse(const char *name, mw_error *error, mw_advice *out_advice) {
  mw__call call = {"Region.advise", NULL, error};
#define MW__NAMED_SO(constant, text)       \
  if (name && strcmp(name, (text)) == 0) { \
    *out_advice = MW_ADVICE_##constant;    \
    return 0;                              \
  }
  MW_ADVICE_MAP(MW__NAMED_SO)
#undef MW__NAMED_SO
#define MW__LISTED(constant, text) " " text
  return mw__fail(&call, MW_EINVAL, "\"%s\" is no advice; there are" MW_ADVICE_MAP(MW__LISTED), name ? name : "");
#undef MW__LISTED
}

int mw_seal_parse(const char *name, mw_error *error, unsigned *out_seal) {
  mw__call call = {"Region.seal", NULL, error};
#define MW__NAMED_SO(constant, bit, text)  \
  if (name && strcmp(name, (text)) == 0) { \
    *out_seal = MW_SEAL_##constant;        \
    return 0;                              \
  }
  MW_SEAL_MAP(MW__NAMED_SO)
#undef MW__NAMED_SO
#define MW__LISTED(constant, bit, text) " " text
  return mw__fail(&call, MW_EINVAL, "\"%s\" is no seal; there are" MW_SEAL_MAP(MW__LISTED), name ? name : "");
#undef MW__LISTED
}

/* ---- bytes that stay what they are */

static int check_range(const mw__call *call, const mw_region *region, uint64_t offset, uint64_t size) {
  int status = mw__region_check_usable(call, region);
  return status ? status : mw__region_check_range(call, region, offset, size);
}

int mw_region_flush(mw_region *region, uint64_t offset, uint64_t size, bool wait, mw_error *error) {
  mw__call call = {"Region.flush", region->name, error};
  int status = check_range(&call, region, offset, size);
  if (status || size == 0) return status;
  mw__pages pages = mw__region_pages(region, offset, size);
  int failure = mw__os_flush(pages.begin, pages.size, wait);
  return failure ? mw__os_fail(&call, failure) : 0;
}

int mw_region_advise(mw_region *region, mw_advice advice, uint64_t offset, uint64_t size, mw_error *error) {
  mw__call call = {"Region.advise", region->name, error};
  int status = check_range(&call, region, offset, size);
  if (!status && (unsigned)advice > MW_ADVICE_DUMP) status = mw__fail(&call, MW_EINVAL, "%d is no advice", (int)advice);
  if (status || size == 0) return status;
  mw__pages pages = mw__region_pages(region, offset, size);
  int failure = mw__os_advise(pages.begin, pages.size, (mw__os_advice)advice);
  if (failure == EINVAL || failure == ENOSYS)
    return mw__fail_errno(&call, ENOTSUP, "this kernel, or this kind of memory, does not take this advice");
  return failure ? mw__os_fail(&call, failure) : 0;
}

int mw_region_populate(mw_region *region, uint64_t offset, uint64_t size, mw_error *error) {
  mw__call call = {"Region.populate", region->name, error};
  int status = check_range(&call, region, offset, size);
  if (status || size == 0) return status;
  mw__guard_enter(size);
  mw__pages pages = mw__region_pages(region, offset, size);
  int failure = mw__os_populate(pages.begin, pages.size, !region->readonly);
  if (failure == EFAULT)
    return mw__fail(&call, MW_EFAULT,
                    "a page is not there: the file was cut, or its file system is full; remap() maps what is there");
  if (failure) return mw__os_fail(&call, failure);
  return mw__region_check_touched(&call, region);
}

static int fail_lock(const mw__call *call, int failure) {
  if (failure != ENOMEM && failure != EAGAIN && failure != EPERM) return mw__os_fail(call, failure);
  return mw__fail_errno(call, failure,
                        "this process may lock %" PRIu64
                        " bytes in all (RLIMIT_MEMLOCK); raise that (ulimit -l, LimitMEMLOCK=), or lock less",
                        mw__os_lock_limit());
}

int mw_region_mlock(mw_region *region, uint64_t offset, uint64_t size, mw_error *error) {
  mw__call call = {"Region.mlock", region->name, error};
  int status = check_range(&call, region, offset, size);
  if (status || size == 0) return status;
  mw__pages pages = mw__region_pages(region, offset, size);
  int failure = mw__os_lock(pages.begin, pages.size);
  return failure ? fail_lock(&call, failure) : 0;
}

int mw_region_munlock(mw_region *region, uint64_t offset, uint64_t size, mw_error *error) {
  mw__call call = {"Region.munlock", region->name, error};
  int status = check_range(&call, region, offset, size);
  if (status || size == 0) return status;
  mw__pages pages = mw__region_pages(region, offset, size);
  int failure = mw__os_unlock(pages.begin, pages.size);
  return failure ? mw__os_fail(&call, failure) : 0;
}

int mw_region_resident(mw_region *region, mw_error *error, uint64_t *out_bytes) {
  mw__call call = {"Region.resident", region->name, error};
  int status = mw__region_check_usable(&call, region);
  if (status) return status;
  uint64_t bytes = 0;
  if (region->size > 0) {
    mw__pages pages = mw__region_pages(region, 0, region->size);
    int failure = mw__os_resident(pages.begin, pages.size, &bytes);
    if (failure) return mw__os_fail(&call, failure);
  }
  *out_bytes = bytes < region->size ? bytes : region->size;
  return 0;
}

/* ---- giving contents up */

/* The whole pages within a range; the others keep what is in them. */
static mw__pages pages_within(const mw_region *region, uint64_t offset, uint64_t size) {
  uint64_t unit = region->source.unit;
  uintptr_t begin = (uintptr_t)region->data + offset, end = begin + size;
  uintptr_t first = (begin + unit - 1) / unit * unit, last = end / unit * unit;
  if (first >= last) return (mw__pages){(unsigned char *)end, 0};
  return (mw__pages){(unsigned char *)first, last - first};
}

/* The bytes of a range that are not on those pages. */
static void zero_around(const mw_region *region, uint64_t offset, uint64_t size, mw__pages within) {
  unsigned char *begin = region->data + offset, *end = begin + size;
  memset(begin, 0, (size_t)(within.begin - begin));
  memset(within.begin + within.size, 0, (size_t)(end - (within.begin + within.size)));
}

int mw_region_discard(mw_region *region, uint64_t offset, uint64_t size, mw_error *error) {
  mw__call call = {"Region.discard", region->name, error};
  int status = check_range(&call, region, offset, size);
  if (!status) status = mw__region_check_own(&call, region);
  if (!status) status = mw__region_check_writable(&call, region);
  if (status || size == 0) return status;
  mw__guard_enter(size);
  mw__pages within = pages_within(region, offset, size);
  bool shared = region->source.access == MW_READ_WRITE;
  int failure = within.size ? mw__os_discard(within.begin, within.size, shared) : 0;
  if (failure == EOPNOTSUPP || failure == EINVAL)
    return mw__fail_errno(&call, ENOTSUP,
                          "its file system, or device, cannot give single pages back, or they are locked: munlock() them first");
  if (failure) return mw__os_fail(&call, failure);
  if (shared) zero_around(region, offset, size, within);
  return mw__region_check_touched(&call, region);
}

/* ---- protecting and sealing */

static mw__pages all_pages(const mw_region *region) { return mw__region_pages(region, 0, region->size); }

static int set_protection(mw_region *region, bool readonly) {
  if (region->size == 0) return 0;
  mw__pages pages = all_pages(region);
  return mw__os_protect(pages.begin, pages.size, !readonly);
}

static void set_readonly(mw_region *region, bool readonly) {
  region->readonly = readonly;
  mw__guard_set_writable(region->guard, !readonly);
}

int mw_region_protect(mw_region *region, bool readonly, mw_error *error) {
  mw__call call = {"Region.protect", region->name, error};
  int status = mw__region_check_usable(&call, region);
  if (status || readonly == region->readonly) return status;
  status = mw__region_check_own(&call, region);
  if (!status) status = mw__region_check_unshared(&call, region);
  if (!status && !readonly && region->source.access == MW_READ)
    status = mw__fail_errno(&call, EACCES, "it was mapped for reading only, or is sealed; map it anew for writing");
  if (status) return status;
  int failure = set_protection(region, readonly);
  if (failure) return mw__os_fail(&call, failure);
  set_readonly(region, readonly);
  return 0;
}

static int fail_unsealable(const mw__call *call) { return mw__fail_errno(call, ENOTSUP, "only a memfd can be sealed"); }

/* The kernel has seals for every file in memory, those with a name included, and says of files that are open for reading only that
 * they must not be sealed before it says that they cannot be. */
static int check_memory_file(const mw__call *call, const mw_region *region) {
  mw__kind kind = region->source.kind;
  if (kind == MW__FILE || kind == MW__NAMED || kind == MW__SYSV) return fail_unsealable(call);
  return mw__region_check_descriptor(call, region);
}

static int check_sealable(const mw__call *call, const mw_region *region, unsigned seals) {
  int status = mw__region_check_usable(call, region);
  if (!status) status = mw__region_check_own(call, region);
  if (!status && (seals == 0 || seals & ~MW__SEALS)) status = mw__fail(call, MW_EINVAL, "0x%x are no seals", seals);
  return status ? status : check_memory_file(call, region);
}

static int fail_seal(const mw__call *call, int failure) {
  if (failure == EINVAL) return fail_unsealable(call);
  if (failure == EPERM) return mw__fail_errno(call, EPERM, "it is sealed against further seals, or was opened for reading only");
  if (failure == EBUSY)
    return mw__fail_errno(call, EBUSY, "others have it mapped for writing; \"future_write\" lets them keep that");
  return mw__os_fail(call, failure);
}

static int map_all_as(const mw_region *region, mw__os_protection protection) {
  const mw__source *source = &region->source;
  mw__pages pages = all_pages(region);
  return mw__os_map_at(pages.begin, source->fd, source->offset - source->offset % source->unit, pages.size, protection);
}

static void only_read(mw_region *region) {
  region->source.access = MW_READ;
  set_readonly(region, true);
}

/* Map the region's object as it was. What is sealed with FUTURE_WRITE cannot be mapped for writing again, and is then only read. */
static void map_again(mw_region *region) {
  if (map_all_as(region, mw__region_protection(region)) == 0) return;
  only_read(region);
  if (map_all_as(region, MW__OS_MAP_READ) != 0)
    atomic_fetch_or(&region->state, MW__REGION_FAULTED); /* nothing is there; remap() tries again */
}

/* While the seal is put on nobody may have the object mapped so that it could be written to, ourselves included, even where we only
 * read: protect() might change that. What is mapped instead stays when the seal is there, so that nothing can fail any more. */
static int seal_against_writing(mw_region *region, unsigned seals) {
  unsigned there = 0;
  int failure = mw__os_seals_of(region->source.fd, &there);
  if (failure || there & MW_SEAL_SEAL) return failure ? failure : EPERM;
  if (region->size == 0) return mw__os_seal(region->source.fd, seals);
  failure = map_all_as(region, MW__OS_MAP_READ_PRIVATE);
  if (failure) return failure;
  failure = mw__os_seal(region->source.fd, seals);
  if (failure) map_again(region);
  return failure;
}

int mw_region_seal(mw_region *region, unsigned seals, mw_error *error) {
  mw__call call = {"Region.seal", region->name, error};
  int status = check_sealable(&call, region, seals);
  bool unmaps = seals & MW_SEAL_WRITE && region->source.access != MW_COPY_ON_WRITE;
  if (!status && unmaps) status = mw__region_check_unshared(&call, region);
  if (status) return status;
  int failure = unmaps ? seal_against_writing(region, seals) : mw__os_seal(region->source.fd, seals);
  if (failure) return fail_seal(&call, failure);
  if (unmaps) only_read(region);
  return 0;
}

int mw_region_seals(mw_region *region, mw_error *error, unsigned *out_seals) {
  mw__call call = {"Region.seals", region->name, error};
  int status = mw__region_check_open(&call, region);
  if (!status) status = check_memory_file(&call, region);
  if (status) return status;
  int failure = mw__os_seals_of(region->source.fd, out_seals);
  return failure ? fail_seal(&call, failure) : 0;
}
