/* Conversions that only regions need: words out of a few, seals, sockets. As in convert.h, false, NULL or -1 means that an
 * exception is set.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_PYTHON_REGION_CONVERT_H
#define MEMWELL_PYTHON_REGION_CONVERT_H

#include "module.h"

#include <stdbool.h>
#include <stdint.h>

/* A str without a NUL inside, as UTF-8; borrowed from it. */
const char *mwpy_convert_text(const char *call, const char *argument, PyObject *value);

/* Which of the words, the last of which is NULL, it is; the error lists them as `listed` has them. */
int mwpy_convert_choice(const char *call, const char *argument, const char *listed, const char *const *words, PyObject *value);

/* The name of a seal, added to *seals; or any number of such names. */
bool mwpy_convert_seal(const char *call, PyObject *value, unsigned *seals);
bool mwpy_convert_seals(const char *call, PyObject *value, unsigned *seals);

/* Seals as a tuple of their names. New reference. */
PyObject *mwpy_from_seals(unsigned seals);

/* A socket: a descriptor, or an object with fileno(), whose gettimeout(), if it has that, says how long to wait: else for ever. */
bool mwpy_convert_socket(const char *call, PyObject *value, int *out_descriptor, double *out_timeout);

#endif
