/* Descriptors: what may be mapped of them is asked, nothing is taken on trust.
 *
 * SPDX-License-Identifier: MIT */
#include "memory/source_fd.h"

#include <errno.h>

/* The first seal that is wanted and not there. */
static const char *missing_seal(unsigned missing) {
#define MW__MISSING(constant, bit, name) \
  if (missing & MW_SEAL_##constant) return name;
  MW_SEAL_MAP(MW__MISSING)
#undef MW__MISSING
  return "?";
}

int mw__source_fd_check_seals(const mw__call *call, int fd, unsigned seals) {
  if (!seals) return 0;
  if (seals & ~MW__SEALS) return mw__fail(call, MW_EINVAL, "0x%x are no seals", seals & ~MW__SEALS);
  unsigned there = 0;
  int failure = mw__os_seals_of(fd, &there);
  if (failure && failure != EINVAL) return mw__os_fail(call, failure);
  if (!(seals & ~there)) return 0;
  return mw__fail_errno(call, EPERM, "it lacks the seal \"%s\": whoever has it could still change it",
                        missing_seal(seals & ~there));
}

int mw__source_fd_open(const mw__call *call, int fd, uint64_t size, const mw_region_options *options, mw__source *out_source,
                       uint64_t *out_object_size) {
  mw__source source = {.kind = MW__FD, .access = options->access, .offset = options->offset};
  uint64_t end, object_size;
  int status = mw__source_end(call, options->offset, size, &end);
  if (status) return status;
  int failure = mw__os_duplicate(fd, &source.fd);
  if (failure) return mw__os_fail(call, failure);
  status = mw__source_examine(call, &source, options, &object_size);
  if (!status) status = mw__source_fd_check_seals(call, source.fd, options->require_seals);
  if (!status) status = mw__source_fit(call, &source, object_size, size);
  if (status) {
    mw__source_discard(&source);
    return status;
  }
  *out_source = source;
  *out_object_size = object_size;
  return 0;
}
