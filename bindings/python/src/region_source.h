/* Where regions come from: the class methods of memwell.Region that make one, sending one, and removing names and keys.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_PYTHON_REGION_SOURCE_H
#define MEMWELL_PYTHON_REGION_SOURCE_H

#include "module.h"

#include <stdbool.h>

#include "arguments.h"
#include "region_request.h"
#include "region_type.h"

/* signature   of the class method
 * access      where the arguments say nothing
 * is_quick    unless it waits, it is done before another thread could take over */
typedef struct mwpy_source {
  mwpy_signature signature;
  int (*call)(const mwpy_request *request, mw_error *error, mw_region **out_region);
  mw_access access;
  bool is_quick;
} mwpy_source;

/* The sources that pickles name as well. */
extern const mwpy_source mwpy_source_file;
extern const mwpy_source mwpy_source_attach;
extern const mwpy_source mwpy_source_sysv;

/* Make the object and then the region, so that no failure of Python's can lose a region. NULL with an exception set. */
PyObject *mwpy_region_make(PyTypeObject *type, mwpy_state *state, const mwpy_source *source, const mwpy_request *request);

/* The statuses of a wait for a name that another slice of it may change. */
bool mwpy_region_is_pending(int status);

/* Raise what `error` says, about this name or path; NULL for none. Returns NULL always. */
PyObject *mwpy_region_raise(mwpy_state *state, const mw_error *error, const char *text);

/* Close and drop a region that nobody has seen. */
void mwpy_region_unmake(RegionObject *self);

/* The Region of a Well; the well keeps the handle alive until it detaches the region. New reference. */
PyObject *mwpy_region_of_well(mwpy_state *state, PyObject *well, mw_region *handle);

/* Class methods: METH_FASTCALL | METH_KEYWORDS | METH_CLASS. */
PyObject *mwpy_region_file(PyObject *type, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);
PyObject *mwpy_region_create(PyObject *type, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);
PyObject *mwpy_region_attach(PyObject *type, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);
PyObject *mwpy_region_open(PyObject *type, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);
PyObject *mwpy_region_anonymous(PyObject *type, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);
PyObject *mwpy_region_memfd(PyObject *type, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);
PyObject *mwpy_region_from_fd(PyObject *type, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);
PyObject *mwpy_region_sysv(PyObject *type, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);
PyObject *mwpy_region_receive(PyObject *type, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);
PyObject *mwpy_region_sysv_remove(PyObject *type, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);

/* Static method: METH_STATIC | METH_FASTCALL | METH_KEYWORDS. */
PyObject *mwpy_region_unlink(PyObject *unused, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);

/* Methods: METH_FASTCALL | METH_KEYWORDS. */
PyObject *mwpy_region_send(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);

/* The module's function. */
PyObject *mwpy_ftok(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);

#endif
