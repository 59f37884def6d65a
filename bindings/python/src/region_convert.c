/* Conversions of what only regions take.
 *
 * SPDX-License-Identifier: MIT */
#include "region_convert.h"

#include <string.h>

#include "convert.h"
#include "memwell/pages.h"

/* ------------------------------------------------------------------ words */

static void *wrong_type(const char *call, const char *argument, const char *expected, PyObject *value) {
  PyErr_Format(PyExc_TypeError, "%s: %s must be %s, not %R", call, argument, expected, value);
  return NULL;
}

const char *mwpy_convert_text(const char *call, const char *argument, PyObject *value) {
  Py_ssize_t length;
  if (!PyUnicode_Check(value)) return wrong_type(call, argument, "a str", value);
  const char *word = PyUnicode_AsUTF8AndSize(value, &length);
  if (word == NULL || strlen(word) == (size_t)length) return word;
  PyErr_Format(PyExc_ValueError, "%s: %s cannot have a NUL inside", call, argument);
  return NULL;
}

int mwpy_convert_choice(const char *call, const char *argument, const char *listed, const char *const *words, PyObject *value) {
  if (!PyUnicode_Check(value)) {
    PyErr_Format(PyExc_TypeError, "%s: the %s must be a str, not %R", call, argument, value);
    return -1;
  }
  for (int i = 0; words[i] != NULL; i++) {
    if (PyUnicode_CompareWithASCIIString(value, words[i]) == 0) return i;
  }
  PyErr_Format(PyExc_ValueError, "%s: the %s must be %s, not %R", call, argument, listed, value);
  return -1;
}

/* ------------------------------------------------------------------ seals */

bool mwpy_convert_seal(const char *call, PyObject *value, unsigned *seals) {
  const char *name = mwpy_convert_text(call, "a seal", value);
  mw_error error;
  unsigned seal = 0;
  if (name == NULL) return false;
  if (mw_seal_parse(name, &error, &seal) < 0) PyErr_Format(PyExc_ValueError, "%s: %s", call, error.reason);
  *seals |= seal;
  return seal != 0;
}

/* A str is a sequence of str too, but not of seals. */
bool mwpy_convert_seals(const char *call, PyObject *value, unsigned *seals) {
  if (!PySequence_Check(value) || PyUnicode_Check(value)) {
    return wrong_type(call, "the seals", "a sequence of names, as (\"shrink\",)", value) != NULL;
  }
  PyObject *names = PySequence_Tuple(value);
  Py_ssize_t count = names == NULL ? 0 : PyTuple_Size(names);
  bool done = names != NULL;
  for (Py_ssize_t i = 0; done && i < count; i++) done = mwpy_convert_seal(call, PyTuple_GetItem(names, i), seals);
  Py_XDECREF(names);
  return done;
}

PyObject *mwpy_from_seals(unsigned seals) {
  static const struct seal {
    unsigned bit;
    const char *name;
  } known[] = {
#define MWPY_SEAL(constant, bit, name) {MW_SEAL_##constant, name},
      MW_SEAL_MAP(MWPY_SEAL)
#undef MWPY_SEAL
  };
  PyObject *names = PyList_New(0);
  for (size_t i = 0; names != NULL && i < sizeof known / sizeof known[0]; i++) {
    if ((seals & known[i].bit) == 0) continue;
    PyObject *name = PyUnicode_FromString(known[i].name);
    if (name == NULL || PyList_Append(names, name) < 0) Py_CLEAR(names);
    Py_XDECREF(name);
  }
  PyObject *tuple = names == NULL ? NULL : PyList_AsTuple(names);
  Py_XDECREF(names);
  return tuple;
}

/* ------------------------------------------------------------------ sockets */

bool mwpy_convert_socket(const char *call, PyObject *value, int *out_descriptor, double *out_timeout) {
  int descriptor = PyObject_AsFileDescriptor(value);
  if (descriptor < 0) return false;
  PyObject *gettimeout = PyObject_GetAttrString(value, "gettimeout");
  if (gettimeout == NULL && !PyErr_ExceptionMatches(PyExc_AttributeError)) return false;
  PyErr_Clear();
  PyObject *timeout = gettimeout == NULL ? Py_NewRef(Py_None) : PyObject_CallNoArgs(gettimeout);
  Py_XDECREF(gettimeout);
  bool done = timeout != NULL && mwpy_convert_timeout(call, timeout, out_timeout);
  Py_XDECREF(timeout);
  *out_descriptor = descriptor;
  return done;
}
