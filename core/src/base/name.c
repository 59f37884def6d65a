/* The rules of names: what shm_open and sem_open take, with a reason where they would only say EINVAL.
 *
 * SPDX-License-Identifier: MIT */
#include "base/name.h"

#include <string.h>

int mw__name_parse(const mw__call *call, const char *name, size_t room, const char **out_bare) {
  if (!name) return mw__fail(call, MW_EINVAL, "the name is NULL");
  const char *bare = name[0] == '/' ? name + 1 : name;
  size_t length = strlen(bare);
  if (length == 0) return mw__fail(call, MW_EINVAL, "the name is empty");
  if (strchr(bare, '/')) return mw__fail(call, MW_EINVAL, "a name has no \"/\" but one at its start: it is not a path");
  if (strcmp(bare, ".") == 0 || strcmp(bare, "..") == 0) return mw__fail(call, MW_EINVAL, "\"%s\" names a folder", bare);
  if (length > MW__NAME_MAX - room)
    return mw__fail(call, MW_EINVAL, "the name has %zu bytes, at most %zu are possible", length, MW__NAME_MAX - room);
  *out_bare = bare;
  return 0;
}
