/* What the system's errors mean, in its own words and with what a user can do about them.
 *
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>

#include "platform/os.h"

static const struct {
  int os_errno;
  const char *advice;
} advices[] = {
    {EACCES, "; ask for less access, or have its owner change the permissions"},
    {EEXIST, "; attach to it, or unlink it first"},
    {EISDIR, "; only files can be mapped"},
    {ELOOP, "; a symbolic link is not followed here"},
    {EMFILE, "; close some, or raise this process's limit (ulimit -n)"},
    {ENOMEM, "; too much is mapped, or the size is beyond what this machine can address"},
    {ENOSPC, "; nothing was created or grown. Free some space, or give the file system more"},
    {EFBIG, "; the file system or this process's limit (ulimit -f) does not allow such a size"},
};

/* strerror_r returns the text in glibc and an int in POSIX and musl; both put it into the buffer, or the pointer is the text. */
static const char *text_or_buffer(const char *text, const char *buffer) { return text ? text : buffer; }
static const char *number_or_buffer(int number, const char *buffer) { return number == 0 ? buffer : "unknown error"; }
#define error_text(result, buffer) _Generic((result), int : number_or_buffer, default : text_or_buffer)((result), (buffer))

static const char *advice_for(int os_errno) {
  for (size_t i = 0; i < sizeof advices / sizeof *advices; i++)
    if (advices[i].os_errno == os_errno) return advices[i].advice;
  return "";
}

int mw__os_fail(const mw__call *call, int os_errno) {
  char buffer[96] = "";
  const char *text = error_text(strerror_r(os_errno, buffer, sizeof buffer), buffer);
  return mw__fail_errno(call, os_errno, "%s%s", text, advice_for(os_errno));
}
