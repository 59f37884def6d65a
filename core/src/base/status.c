/* The status table, and the one place that fills an mw_error.
 *
 * SPDX-License-Identifier: MIT */
#include "base/status.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "memwell/version.h"

typedef struct status_row {
  const char *name;
  const char *text;
  int number;
} status_row;

/* clang-format off */
static const status_row rows[MW__STATUS_COUNT] = {
  {"MW_OK", "success", 0},
#define ROW(code, number, text) {"MW_" #code, text, number},
  MW_STATUS_MAP(ROW)
#undef ROW
};
/* clang-format on */

/* Errnos with a status of their own. The rest of the table stands for no errno: nothing that the system says means "closed". */
static const struct {
  int os_errno;
  int status;
} of_errno[] = {
    {EINVAL, MW_EINVAL},  {ENOENT, MW_ENOENT},       {EEXIST, MW_EEXIST}, {EACCES, MW_EACCES}, {EPERM, MW_EPERM},
    {ENOMEM, MW_ENOMEM},  {ENOSPC, MW_ENOSPC},       {EDQUOT, MW_ENOSPC}, {EMFILE, MW_EMFILE}, {ENFILE, MW_EMFILE},
    {EINTR, MW_EINTR},    {ETIMEDOUT, MW_ETIMEDOUT}, {EAGAIN, MW_EAGAIN}, {EBUSY, MW_EBUSY},   {ENOTSUP, MW_ENOTSUP},
    {ENODEV, MW_ENOTSUP}, {EOVERFLOW, MW_EOVERFLOW}, {EIO, MW_EIO},
};

static const status_row *find_row(int status) { return status <= 0 && status > -MW__STATUS_COUNT ? &rows[-status] : NULL; }

const char *mw_version(void) { return MW_VERSION; }

const char *mw_status_name(int status) {
  const status_row *row = find_row(status);
  return row ? row->name : "MW_E?";
}

const char *mw_status_text(int status) {
  const status_row *row = find_row(status);
  return row ? row->text : "unknown status";
}

int mw_status_errno(int status) {
  const status_row *row = find_row(status);
  return row ? row->number : 0;
}

int mw__status_of_errno(int os_errno) {
  for (size_t i = 0; i < sizeof of_errno / sizeof *of_errno; i++)
    if (of_errno[i].os_errno == os_errno) return of_errno[i].status;
  return MW_EOS;
}

__attribute__((format(printf, 4, 0))) static void fill_error(const mw__call *call, int status, int os_errno, const char *format,
                                                             va_list arguments) {
  mw_error *error = call->error;
  if (!error) return;
  error->status = status;
  error->os_errno = os_errno;
  snprintf(error->call, sizeof error->call, "%s", call->name);
  snprintf(error->object, sizeof error->object, "%s", call->object ? call->object : "");
  vsnprintf(error->reason, sizeof error->reason, format, arguments);
}

int mw__fail(const mw__call *call, int status, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fill_error(call, status, 0, format, arguments);
  va_end(arguments);
  return status;
}

int mw__fail_errno(const mw__call *call, int os_errno, const char *format, ...) {
  int status = mw__status_of_errno(os_errno);
  va_list arguments;
  va_start(arguments, format);
  fill_error(call, status, os_errno, format, arguments);
  va_end(arguments);
  return status;
}

size_t mw_error_message(const mw_error *error, char *text, size_t size) {
  int length = error->object[0] ? snprintf(text, size, "%s(\"%s\"): %s", error->call, error->object, error->reason)
                                : snprintf(text, size, "%s: %s", error->call, error->reason);
  return length < 0 ? 0 : (size_t)length;
}
