/* The arguments that make regions and wells, by name: a table, and one loop. Main entry: mwpy_request_read.
 *
 * SPDX-License-Identifier: MIT */
#include "region_request.h"

#include <string.h>

#include "convert.h"
#include "region_convert.h"

mwpy_request mwpy_request_new(mw_access access) {
  mwpy_request request;
  memset(&request, 0, sizeof request);
  request.options.size_of_struct = sizeof request.options;
  request.options.access = access;
  return request;
}

void mwpy_request_clear(mwpy_request *request) { Py_CLEAR(request->text_owner); }

/* ------------------------------------------------------------------ what it is called */

static bool take_text(mwpy_request *request, PyObject *bytes) {
  request->text_owner = bytes;
  request->text = bytes == NULL ? NULL : PyBytes_AsString(bytes);
  return request->text != NULL;
}

static bool take_name(const char *call, PyObject *value, mwpy_request *request) {
  return take_text(request, mwpy_convert_name(call, value));
}

static bool take_path(const char *call, PyObject *value, mwpy_request *request) {
  return take_text(request, mwpy_convert_path(call, value));
}

static bool take_key(const char *call, PyObject *value, mwpy_request *request) {
  return mwpy_convert_key(call, value, &request->key);
}

static bool take_descriptor(const char *call, PyObject *value, mwpy_request *request) {
  (void)call;
  request->descriptor = PyObject_AsFileDescriptor(value);
  return request->descriptor >= 0;
}

static bool take_socket(const char *call, PyObject *value, mwpy_request *request) {
  return mwpy_convert_socket(call, value, &request->descriptor, &request->timeout);
}

/* ------------------------------------------------------------------ how much of it, and for whom */

static bool take_offset(const char *call, PyObject *value, mwpy_request *request) {
  return mwpy_convert_size(call, "offset", value, &request->options.offset);
}

/* The core takes 0 for "up to the end"; here that is to leave it out, and a 0 is a mistake. */
static bool take_size(const char *call, PyObject *value, mwpy_request *request) {
  if (!mwpy_convert_size(call, "size", value, &request->size)) return false;
  if (request->size == 0) PyErr_Format(PyExc_ValueError, "%s: a size of 0 cannot be mapped", call);
  return request->size > 0;
}

/* Here as well a 0 is a mistake, where the core has it for a default. */
static bool take_number(const char *call, const char *argument, PyObject *value, unsigned *out) {
  if (!mwpy_convert_unsigned(call, argument, value, out)) return false;
  if (*out == 0) PyErr_Format(PyExc_ValueError, "%s: %s must be 1 or more, not 0", call, argument);
  return *out > 0;
}

static bool take_slots(const char *call, PyObject *value, mwpy_request *request) {
  return take_number(call, "slots", value, &request->slots);
}

static bool take_objects(const char *call, PyObject *value, mwpy_request *request) {
  return take_number(call, "objects", value, &request->objects);
}

static bool take_permissions(const char *call, PyObject *value, mwpy_request *request) {
  return mwpy_convert_unsigned(call, "permissions", value, &request->options.permissions);
}

static bool take_timeout(const char *call, PyObject *value, mwpy_request *request) {
  return mwpy_convert_timeout(call, value, &request->timeout);
}

static bool take_seals(const char *call, PyObject *value, mwpy_request *request) {
  return mwpy_convert_seals(call, value, &request->options.require_seals);
}

/* ------------------------------------------------------------------ one of a few words */

static bool take_mode(const char *call, PyObject *value, mwpy_request *request) {
  static const char *const names[] = {"r", "r+", "w+", "x+", "c", NULL};
  static const struct mode {
    mw_access access;
    unsigned flags;
  } modes[] = {
      {MW_READ, 0}, {MW_READ_WRITE, 0}, {MW_READ_WRITE, MW_TRUNCATE}, {MW_READ_WRITE, MW_EXCLUSIVE}, {MW_COPY_ON_WRITE, 0}};
  int choice = mwpy_convert_choice(call, "mode", "'r', 'r+', 'w+', 'x+' or 'c'", names, value);
  if (choice < 0) return false;
  request->options.access = modes[choice].access;
  request->options.flags |= modes[choice].flags;
  return true;
}

static bool take_how(const char *call, PyObject *value, mwpy_request *request) {
  return mwpy_convert_how(call, value, &request->how);
}

static bool take_on_fault(const char *call, PyObject *value, mwpy_request *request) {
  static const char *const names[] = {"error", "abort", NULL};
  int choice = mwpy_convert_choice(call, "on_fault", "'error' or 'abort'", names, value);
  if (choice == 1) request->options.flags |= MW_FAULT_ABORTS;
  return choice >= 0;
}

/* ------------------------------------------------------------------ yes or no */

/* Either says how the memory is mapped; there is no mapping that is both. */
static bool take_access(const char *call, PyObject *value, mw_access access, mwpy_request *request) {
  unsigned wanted = 0;
  if (!mwpy_convert_flag(value, 1, &wanted)) return false;
  if (wanted == 0) return true;
  if (request->options.access != MW_READ_WRITE) {
    PyErr_Format(PyExc_ValueError, "%s: readonly and private exclude each other", call);
    return false;
  }
  request->options.access = access;
  return true;
}

static bool take_readonly(const char *call, PyObject *value, mwpy_request *request) {
  return take_access(call, value, MW_READ, request);
}

static bool take_private(const char *call, PyObject *value, mwpy_request *request) {
  return take_access(call, value, MW_COPY_ON_WRITE, request);
}

static bool take_temporary(const char *call, PyObject *value, mwpy_request *request) {
  (void)call;
  return mwpy_convert_flag(value, MW_TEMPORARY, &request->options.flags);
}

static bool take_any_owner(const char *call, PyObject *value, mwpy_request *request) {
  (void)call;
  return mwpy_convert_flag(value, MW_ANY_OWNER, &request->options.flags);
}

static bool take_huge_pages(const char *call, PyObject *value, mwpy_request *request) {
  (void)call;
  return mwpy_convert_flag(value, MW_HUGE_PAGES, &request->options.flags);
}

/* What is the default is set by its denial. */
static bool take_denial(PyObject *value, unsigned flag, mwpy_request *request) {
  unsigned granted = 0;
  if (!mwpy_convert_flag(value, flag, &granted)) return false;
  request->options.flags |= flag & ~granted;
  return true;
}

static bool take_guard(const char *call, PyObject *value, mwpy_request *request) {
  (void)call;
  return take_denial(value, MW_NO_GUARD, request);
}

static bool take_keep_fd(const char *call, PyObject *value, mwpy_request *request) {
  (void)call;
  return take_denial(value, MW_NO_FD, request);
}

/* ------------------------------------------------------------------ the table */

static const struct argument {
  const char *name;
  bool (*take)(const char *call, PyObject *value, mwpy_request *request);
  bool may_be_none; /* where it need not be given */
} arguments[] = {
    {"name", take_name, false},
    {"path", take_path, false},
    {"key", take_key, false},
    {"fd", take_descriptor, false},
    {"socket", take_socket, false},
    {"offset", take_offset, false},
    {"size", take_size, true},
    {"permissions", take_permissions, false},
    {"slots", take_slots, false},
    {"objects", take_objects, true},
    {"timeout", take_timeout, false},
    {"require_seals", take_seals, false},
    {"mode", take_mode, false},
    {"how", take_how, false},
    {"readonly", take_readonly, false},
    {"private", take_private, false},
    {"temporary", take_temporary, false},
    {"any_owner", take_any_owner, false},
    {"huge_pages", take_huge_pages, false},
    {"guard", take_guard, false},
    {"on_fault", take_on_fault, false},
    {"keep_fd", take_keep_fd, false},
};

static const struct argument *argument_named(const char *name) {
  const struct argument *argument = arguments;
  while (strcmp(argument->name, name) != 0) argument++;
  return argument;
}

static bool take(const mwpy_signature *signature, int place, PyObject *value, mwpy_request *request) {
  if (value == NULL) return true;
  const struct argument *argument = argument_named(signature->names[place]);
  bool is_left_out = value == Py_None && argument->may_be_none && place >= signature->required;
  return is_left_out || argument->take(signature->call, value, request);
}

bool mwpy_request_read(mwpy_request *request, const mwpy_signature *signature, PyObject *const *args, Py_ssize_t nargs,
                       PyObject *kwnames) {
  PyObject *values[MWPY_MAX_ARGUMENTS] = {NULL};
  if (!mwpy_arguments(signature, args, nargs, kwnames, values)) return false;
  for (int place = 0; signature->names[place] != NULL; place++) {
    if (!take(signature, place, values[place], request)) return false;
  }
  return true;
}
