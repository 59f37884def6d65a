/* One loop over a signature. Main entry: mwpy_arguments.
 *
 * SPDX-License-Identifier: MIT */
#include "arguments.h"

static int place_of(const mwpy_signature *signature, PyObject *name) {
  for (int i = 0; signature->names[i] != NULL; i++) {
    if (PyUnicode_CompareWithASCIIString(name, signature->names[i]) == 0) return i;
  }
  return -1;
}

static bool take_keyword(const mwpy_signature *signature, PyObject *name, PyObject *value, PyObject **values) {
  int place = place_of(signature, name);
  if (place < 0) {
    PyErr_Format(PyExc_TypeError, "%s() has no option '%U'", signature->call, name);
    return false;
  }
  if (values[place] != NULL) {
    PyErr_Format(PyExc_TypeError, "%s() got '%U' twice", signature->call, name);
    return false;
  }
  values[place] = value;
  return true;
}

bool mwpy_arguments(const mwpy_signature *signature, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames,
                    PyObject **values) {
  if (nargs > signature->positional) {
    PyErr_Format(PyExc_TypeError, "%s() takes at most %d positional arguments (%zd given)", signature->call, signature->positional,
                 nargs);
    return false;
  }
  for (Py_ssize_t i = 0; i < nargs; i++) values[i] = args[i];
  Py_ssize_t nkw = kwnames == NULL ? 0 : PyTuple_Size(kwnames);
  for (Py_ssize_t i = 0; i < nkw; i++) {
    if (!take_keyword(signature, PyTuple_GetItem(kwnames, i), args[nargs + i], values)) return false;
  }
  for (int i = 0; i < signature->required; i++) {
    if (values[i] == NULL) {
      PyErr_Format(PyExc_TypeError, "%s() misses the argument '%s'", signature->call, signature->names[i]);
      return false;
    }
  }
  return true;
}
