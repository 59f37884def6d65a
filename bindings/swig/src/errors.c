/* What went wrong, for every language: the stem of the exception's name.
 *
 * SPDX-License-Identifier: MIT */
#include "objects.h"

#define KIND(code, kind) [-MW_##code] = kind

static const char *const kinds[] = {
    KIND(EINVAL, "InvalidArgument"),
    KIND(ENOENT, "NotFound"),
    KIND(EEXIST, "Exists"),
    KIND(EACCES, "Permission"),
    KIND(EPERM, "Permission"),
    KIND(ENOMEM, "Memory"),
    KIND(ENOSPC, "NoSpace"),
    KIND(EMFILE, "System"),
    KIND(EINTR, "Interrupted"),
    KIND(ETIMEDOUT, "Timeout"),
    KIND(EAGAIN, "NotReady"),
    KIND(EOVERFLOW, "Overflow"),
    KIND(ERANGE, "Range"),
    KIND(EBUSY, "Busy"),
    KIND(ENOTSUP, "NotSupported"),
    KIND(EIO, "System"),
    KIND(EOS, "System"),
    KIND(ECLOSED, "Closed"),
    KIND(EFORMAT, "Format"),
    KIND(EFAULT, "Fault"),
    KIND(EREADONLY, "ReadOnly"),
    KIND(EKIND, "Kind"),
    KIND(EFULL, "Full"),
    KIND(EOWNERDEAD, "OwnerDied"),
    KIND(ENOTOWNER, "NotOwner"),
    KIND(EDEADLK, "Deadlock"),
    KIND(EBROKEN, "Broken"),
};

const char *mws_error_kind(int status) {
  static const int count = sizeof kinds / sizeof *kinds;
  return status < 0 && -status < count ? kinds[-status] : "System";
}

int mws_error_errno(const mw_error *error) { return error->os_errno ? error->os_errno : mw_status_errno(error->status); }

bool mws_is_pending(int status) { return status == MW_ENOENT || status == MW_EAGAIN || status == MW_ETIMEDOUT; }

/* In seconds: how late a signal, or a thread's interruption, may be noticed. */
#define SLICE 0.1

int mws_wait_slice(mws_wait *wait, void *object, mw_deadline deadline, mw_error *error) {
  mw_deadline end = mw_deadline_after(SLICE), slice = end < deadline ? end : deadline;
  int status = wait(object, slice, error);
  if (mws_is_pending(status) && slice < deadline) status = error->status = MW_EINTR;
  return status;
}
