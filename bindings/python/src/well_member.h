/* What memwell.Mutex, RobustSemaphore and Event have in common: each is a handle of an object in a Well, has its name, waits, is
 * awaited, and travels with the well.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_PYTHON_WELL_MEMBER_H
#define MEMWELL_PYTHON_WELL_MEMBER_H

#include "module.h"

#include <stdbool.h>
#include <stddef.h>
#include <structmember.h>

#include "arguments.h"
#include "memwell/deadline.h"
#include "memwell/status.h"
#include "well_type.h"

/* The beginning of each of the objects. */
typedef struct MemberObject {
  PyObject_HEAD mwpy_state *state;
  WellObject *well;
  PyObject *name;
  PyObject *weakrefs;
} MemberObject;

/* A new object of this type, without its handle as yet. */
PyObject *mwpy_well_member_new(PyTypeObject *type, WellObject *well, const char *name);

/* Give up what the members have in common, and the object. */
void mwpy_well_member_free(PyObject *object);
int mwpy_well_member_traverse(PyObject *object, visitproc visit, void *arg);

/* tp_new, which refuses: they are made by their well. */
PyObject *mwpy_well_member_refuse(PyTypeObject *type, PyObject *args, PyObject *kwargs);

/* `<memwell.Mutex 'accounts' in 'bank', free>`; `state` is the last word, or NULL where that cannot be told. */
PyObject *mwpy_well_member_repr(PyObject *object, const char *state);

/* A wait of the core's; `handle` is a pointer to the object's, or to whatever else the call takes for it. */
typedef int (*mwpy_wait_call)(void *handle, mw_deadline deadline, mw_error *error);

/* Make the call, once with the GIL and then, where it has to wait, without it, up to `seconds` from now. Signal handlers run; what
 * the call has got is never given up for one. Returns its status, MW_EINTR where a handler raised. */
int mwpy_well_member_wait(mwpy_wait_call call, void *handle, double seconds, mw_error *error);

/* The only argument of acquire and wait, `timeout`: in seconds, infinity where it was not given. */
bool mwpy_well_member_timeout(const mwpy_signature *signature, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames,
                              double *out_seconds);

/* The coroutine of acquire_async and wait_async. */
PyObject *mwpy_well_member_await(const mwpy_signature *signature, PyObject *object, PyObject *const *args, Py_ssize_t nargs,
                                 PyObject *kwnames);

/* What __reduce__ returns. `extra` is the option that the well's method is to get, or NULL. */
PyObject *mwpy_well_member_reduce(PyObject *object, const char *kind, PyObject *extra);

/* _reopen_member(well, kind, name, extra): what a pickle calls. */
PyObject *mwpy_well_member_reopen(PyObject *module, PyObject *const *args, Py_ssize_t nargs);

PyObject *mwpy_well_member_get_name(PyObject *object, void *unused);
PyObject *mwpy_well_member_get_well(PyObject *object, void *unused);

/* In the tables of each class. */
#define MWPY_MEMBER_ATTRIBUTES                                                \
  {"name", mwpy_well_member_get_name, NULL, "Its name in the well.", NULL}, { \
    "well", mwpy_well_member_get_well, NULL, "The Well that it is in.", NULL  \
  }
#define MWPY_MEMBER_REDUCE(function) \
  { "__reduce__", function, METH_NOARGS, "__reduce__($self)\n--\n\nPickle the well and the name in it." }
#define MWPY_MEMBER_WEAKREFS \
  { "__weaklistoffset__", T_PYSSIZET, offsetof(MemberObject, weakrefs), READONLY, NULL }

#endif
