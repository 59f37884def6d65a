/* Status codes and the error that a caller may ask for.
 *
 * One table holds every code with its errno and its text; Python's exceptions and Lua's error numbers are expanded from it.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_STATUS_H
#define MEMWELL_STATUS_H

#include <stddef.h>

#include "memwell/export.h"

#ifdef __cplusplus
extern "C" {
#endif

/* X(code, errno that stands for it outside C, text) */
#define MW_STATUS_MAP(X)                         \
  X(EINVAL, EINVAL, "invalid argument")          \
  X(ENOENT, ENOENT, "no such name")              \
  X(EEXIST, EEXIST, "the name is taken")         \
  X(EACCES, EACCES, "permission denied")         \
  X(EPERM, EPERM, "operation not permitted")     \
  X(ENOMEM, ENOMEM, "out of memory")             \
  X(ENOSPC, ENOSPC, "no space left")             \
  X(EMFILE, EMFILE, "out of file descriptors")   \
  X(EINTR, EINTR, "interrupted by a signal")     \
  X(ETIMEDOUT, ETIMEDOUT, "timed out")           \
  X(EAGAIN, EAGAIN, "not ready yet")             \
  X(EOVERFLOW, EOVERFLOW, "value out of range")  \
  X(ERANGE, ERANGE, "index out of range")        \
  X(EBUSY, EBUSY, "in use")                      \
  X(ENOTSUP, ENOTSUP, "not supported")           \
  X(EIO, EIO, "input/output error")              \
  X(EOS, 0, "operating system error")            \
  X(ECLOSED, EBADF, "closed")                    \
  X(EFORMAT, EILSEQ, "not the expected format")  \
  X(EFAULT, EIO, "the memory went away")         \
  X(EREADONLY, EROFS, "read-only memory")        \
  X(EKIND, EPROTOTYPE, "another kind of object") \
  X(EFULL, ENOBUFS, "full")                      \
  X(EOWNERDEAD, EOWNERDEAD, "the owner died")    \
  X(ENOTOWNER, EPERM, "not the owner")           \
  X(EDEADLK, EDEADLK, "would deadlock")          \
  X(EBROKEN, ECANCELED, "broken")

/* clang-format off */
enum mw_status_number {
  MW__STATUS_ZERO,
#define MW__STATUS_NUMBER(code, number, text) MW__##code,
  MW_STATUS_MAP(MW__STATUS_NUMBER)
#undef MW__STATUS_NUMBER
  MW__STATUS_COUNT
};
/* clang-format on */

/* MW_EINVAL is -1, and so on in the order of the table. New codes are added at its end. */
enum mw_status {
  MW_OK = 0,
#define MW__STATUS_CODE(code, number, text) MW_##code = -MW__##code,
  MW_STATUS_MAP(MW__STATUS_CODE)
#undef MW__STATUS_CODE
};

/* What went wrong, in the caller's own memory. Strings end in NUL and are cut where they do not fit.
 *
 * status     the code that the call returned
 * os_errno   the operating system's errno, or 0 where memwell itself refused
 * call       the call, as noun and verb: "Region.attach"
 * object     the name or path that it was about; empty where there is none
 * reason     why, and what to do about it */
typedef struct mw_error {
  int status;
  int os_errno;
  char call[32];
  char object[256];
  char reason[240];
} mw_error;

/* The code's name ("MW_ENOENT"), or "MW_E?" for a number that is no code.
 * Ownership: a constant string. Threads, fork, signals: safe. */
MW_API const char *mw_status_name(int status);

/* The code's text ("no such name"), or "unknown status" for a number that is no code.
 * Ownership: a constant string. Threads, fork, signals: safe. */
MW_API const char *mw_status_text(int status);

/* The errno that stands for a code in languages that speak errno; 0 for MW_EOS, whose error->os_errno has it, and for no code. */
MW_API int mw_status_errno(int status);

/* Write the whole message, `Region.attach("frames"): no shared memory has this name; ...`, into `text`, cut to `size` bytes with
 * its NUL. Returns the length that the whole message has, as snprintf does. `error` must have been filled by a failed call.
 * Threads, fork: safe. Signals: not safe in handlers. */
MW_API size_t mw_error_message(const mw_error *error, char *text, size_t size);

#ifdef __cplusplus
}
#endif
#endif
