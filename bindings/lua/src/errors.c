/* Raising, returning and naming errors. Main entry: mw__lua_fail.
 *
 * SPDX-License-Identifier: MIT */
#include "errors.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

#include <lauxlib.h>

enum { MESSAGE_SIZE = sizeof(mw_error) + 32 };

static int errno_of(const mw_error *error) { return error->os_errno != 0 ? error->os_errno : mw_status_errno(error->status); }

/* What memwell refuses by itself, without the operating system, and a script can meet without a mistake of its own. */
static bool is_returned(const mw_error *error) {
  if (error->os_errno != 0) return true;
  switch (error->status) {
    case MW_EBUSY:
    case MW_EFAULT:
    case MW_EINTR:
    case MW_EAGAIN:
    case MW_ENOENT:
    case MW_EFULL:
    case MW_EOWNERDEAD: return true;
    default: return false;
  }
}

int mw__lua_failure(lua_State *L, const mw_error *error) {
  char message[MESSAGE_SIZE];
  mw_error_message(error, message, sizeof message);
  luaL_pushfail(L);
  lua_pushstring(L, message);
  lua_pushinteger(L, errno_of(error));
  return 3;
}

int mw__lua_raise(lua_State *L, const mw_error *error) {
  char message[MESSAGE_SIZE];
  mw_error_message(error, message, sizeof message);
  return luaL_error(L, "%s", message);
}

int mw__lua_fail(lua_State *L, const mw_error *error) {
  return is_returned(error) ? mw__lua_failure(L, error) : mw__lua_raise(L, error);
}

void mw__lua_name_call(mw_error *error, const char *call) { snprintf(error->call, sizeof error->call, "%s", call); }

int mw__lua_result(lua_State *L, int status, const mw_error *error) {
  if (status < 0) return mw__lua_fail(L, error);
  lua_pushboolean(L, 1);
  return 1;
}

/* The object's name is copied before Lua allocates: the collector may run a finalizer that closes the object. */
int mw__lua_refuse(lua_State *L, const char *call, const char *object, const char *format, ...) {
  char subject[sizeof((mw_error *)0)->object + 5] = "";
  if (object != NULL && *object != '\0') snprintf(subject, sizeof subject, "(\"%s\")", object);
  luaL_where(L, 1);
  lua_pushfstring(L, "%s%s: ", call, subject);
  va_list arguments;
  va_start(arguments, format);
  lua_pushvfstring(L, format, arguments);
  va_end(arguments);
  lua_concat(L, 3);
  return lua_error(L);
}

/* The core's codes by the errno that stands for them, then the names that the operating system's refusals are likely to have. */
void mw__lua_push_errno_table(lua_State *L) {
  /* clang-format off */
  static const struct {
    const char *name;
    int number;
  } numbers[] = {
#define NUMBER(code, number, text) {#code, number},
      MW_STATUS_MAP(NUMBER)
#undef NUMBER
#define NUMBER(code) {#code, code}
      NUMBER(E2BIG), NUMBER(EBADF), NUMBER(ECANCELED), NUMBER(ECHILD), NUMBER(ECONNRESET), NUMBER(EDQUOT), NUMBER(EFBIG),
      NUMBER(EIDRM), NUMBER(EILSEQ), NUMBER(EISDIR), NUMBER(ELOOP), NUMBER(EMLINK), NUMBER(EMSGSIZE), NUMBER(ENAMETOOLONG),
      NUMBER(ENFILE), NUMBER(ENOBUFS), NUMBER(ENODEV), NUMBER(ENOEXEC), NUMBER(ENOLCK), NUMBER(ENOSYS), NUMBER(ENOTCONN),
      NUMBER(ENOTDIR), NUMBER(ENOTEMPTY), NUMBER(ENOTSOCK), NUMBER(ENXIO), NUMBER(EOPNOTSUPP), NUMBER(EPIPE), NUMBER(EPROTOTYPE),
      NUMBER(EROFS), NUMBER(ESPIPE), NUMBER(ESRCH), NUMBER(ESTALE), NUMBER(ETXTBSY), NUMBER(EWOULDBLOCK), NUMBER(EXDEV),
#undef NUMBER
  };
  /* clang-format on */
  lua_createtable(L, 0, (int)(sizeof numbers / sizeof *numbers));
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    if (numbers[i].number == 0) continue; /* MW_EOS stands for any errno */
    lua_pushinteger(L, numbers[i].number);
    lua_setfield(L, -2, numbers[i].name);
  }
}
