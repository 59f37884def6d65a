/* Arguments by position and by keyword, for methods of the METH_FASTCALL | METH_KEYWORDS kind: the signature is data, and this is
 * the one loop. Main entry: mwpy_arguments.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_PYTHON_ARGUMENTS_H
#define MEMWELL_PYTHON_ARGUMENTS_H

#include "module.h"

#include <stdbool.h>

#define MWPY_MAX_ARGUMENTS 10

/* call        as error messages name it: "Region.create"
 * required    how many of the names must be there
 * positional  how many may come by position; the others by keyword only
 * names       in the order of the signature */
typedef struct mwpy_signature {
  const char *call;
  int required;
  int positional;
  const char *names[MWPY_MAX_ARGUMENTS + 1];
} mwpy_signature;

/* Sort the arguments into `values`, in the order of the names, borrowed; NULL where one was not given. `values` must be
 * zeros. False with a TypeError set where they do not fit the signature. */
bool mwpy_arguments(const mwpy_signature *signature, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames, PyObject **values);

#endif
