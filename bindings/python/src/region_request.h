/* What a class method of Region or Well asks the core for, read from its arguments: the same name means the same in each of them.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_PYTHON_REGION_REQUEST_H
#define MEMWELL_PYTHON_REGION_REQUEST_H

#include "module.h"

#include <stdbool.h>
#include <stdint.h>

#include "arguments.h"
#include "memwell/region.h"

/* text         the name or path, in the file system's encoding, and the object that owns it; NULL where none was given
 * size         0: all that there is
 * descriptor   of what is to be mapped, or of the socket
 * timeout      in seconds; the deadline runs from the call of the core on
 * slots        of a new well, and objects: 0 where they were not given */
typedef struct mwpy_request {
  mw_region_options options;
  PyObject *text_owner;
  const char *text;
  uint64_t size;
  int32_t key;
  mw_how how;
  int descriptor;
  double timeout;
  unsigned slots;
  unsigned objects;
} mwpy_request;

/* All defaults, with this access. */
mwpy_request mwpy_request_new(mw_access access);

/* Read the arguments of a call; each name of the signature must be one that region_request.c knows. False with an exception set. */
bool mwpy_request_read(mwpy_request *request, const mwpy_signature *signature, PyObject *const *args, Py_ssize_t nargs,
                       PyObject *kwnames);

/* Give up what the request owns. */
void mwpy_request_clear(mwpy_request *request);

#endif
