/* Names of shared objects, as shm_open and sem_open take them.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MW_BASE_NAME_H
#define MW_BASE_NAME_H

#include <stddef.h>

#include "base/status.h"

#define MW__NAME_MAX 255

/* Check a name and find it without its leading slash. `room` is how many bytes of a file's name something else needs.
 * Returns 0, or MW_EINVAL (NULL, empty, "." or "..", a further slash, too long). */
int mw__name_parse(const mw__call *call, const char *name, size_t room, const char **out_bare);

#endif
