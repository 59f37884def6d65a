/* Where memwell._waiting sleeps: watches of the objects of wells, a bell of its own, and one call that sleeps for many of them.
 * None of it is for users.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_PYTHON_WATCH_TYPE_H
#define MEMWELL_PYTHON_WATCH_TYPE_H

#include "module.h"

#include <stdbool.h>

#include "memwell/watch.h"

bool mwpy_watch_type_add(PyObject *module, mwpy_state *state);

/* A _Watch, which keeps the owner of its word alive. New reference. */
PyObject *mwpy_watch_new(mwpy_state *state, PyObject *owner, mw_watch watch);

/* What is in a _Watch; NULL with TypeError set where it is none. */
const mw_watch *mwpy_watch_of(mwpy_state *state, PyObject *object);

/* _watch_wait(watches, timeout): sleep until one of a tuple of watches has rung. Whether that was before `timeout` seconds passed;
 * at most _WATCH_MAX of them. */
PyObject *mwpy_watch_wait(PyObject *module, PyObject *const *args, Py_ssize_t nargs);

#endif
