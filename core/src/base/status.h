/* Failing: every call that can fail carries an mw__call, which knows what an error has to name, and returns what mw__fail gives it.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MW_BASE_STATUS_H
#define MW_BASE_STATUS_H

#include "memwell/status.h"

/* name     the public call, as noun and verb: "Region.attach"
 * object   the name or path that it is about, or NULL
 * error    where the caller wants to read about a failure, or NULL */
typedef struct mw__call {
  const char *name;
  const char *object;
  mw_error *error;
} mw__call;

/* Fill the error that the caller asked for, and return `status`. */
int mw__fail(const mw__call *call, int status, const char *format, ...) __attribute__((format(printf, 3, 4), cold));

/* The same for a failure that the operating system reported: the status follows from `os_errno`. */
int mw__fail_errno(const mw__call *call, int os_errno, const char *format, ...) __attribute__((format(printf, 3, 4), cold));

/* The status that stands for an errno; MW_EOS where none does. */
int mw__status_of_errno(int os_errno);

#endif
