/* From a status and its mw_error to the Python exception: one place, so that an error has the same class and the same words
 * whichever method it came through. Main entry: mwpy_raise.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_PYTHON_ERRORS_H
#define MEMWELL_PYTHON_ERRORS_H

#include "module.h"

#include <stdbool.h>

#include "memwell/deadline.h"
#include "memwell/status.h"

/* Make Error and its kin. */
bool mwpy_errors_add(PyObject *module, mwpy_state *state);

/* Raise what `error` says; returns NULL always. `state` may be NULL in calls that are about no open object. An MW_EINTR says that a
 * signal handler has raised already, see mwpy_interrupted. */
PyObject *mwpy_raise(mwpy_state *state, const mw_error *error);

/* The same, with `filename` as the exception's, where it is an OSError. NULL: the object that `error` names. */
PyObject *mwpy_raise_about(mwpy_state *state, const mw_error *error, PyObject *filename);

/* The same as an exception of this type, for a status that means something else in this call than in most. */
PyObject *mwpy_raise_as(PyObject *type, const mw_error *error);

/* Whether a call that returned `status` is to be made again: it was interrupted, and the signal handlers ran without raising. */
bool mwpy_interrupted(int status);

/* The same, in the name of `call`: for the errors of single elements, which name the element type and not what the program did. */
PyObject *mwpy_raise_in(mwpy_state *state, const char *call, const mw_error *error);

/* Waits are made in slices, for a signal that comes just before the core sleeps interrupts nothing. mwpy_wait_slice is where the
 * next slice ends. mwpy_wait_goes_on says whether there is to be another: the one that ended at `slice` was interrupted, or it
 * ended in vain (is_pending) and the deadline is still to come. Where a signal handler raises, *status becomes MW_EINTR and
 * mwpy_raise leaves its exception alone. */
mw_deadline mwpy_wait_slice(mw_deadline deadline);
bool mwpy_wait_goes_on(int *status, mw_error *error, bool is_pending, mw_deadline slice, mw_deadline deadline);

/* Raise ClosedError: `call` came to a `noun` ("region") that is closed. `name` is its name, a str, or NULL. Returns NULL always. */
PyObject *mwpy_raise_closed(mwpy_state *state, const char *call, const char *noun, PyObject *name);

#endif
