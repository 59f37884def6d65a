/* A pickle has the region's name, path or key, and which object that was: loading opens it again, and asks whether it is the same.
 *
 * SPDX-License-Identifier: MIT */
#include "region_pickle.h"

#include "convert.h"
#include "errors.h"
#include "region_source.h"
#include "region_type.h"

/* The options that hold for the other process too. */
#define KEPT_FLAGS (MW_NO_FD | MW_NO_GUARD | MW_FAULT_ABORTS)

/* ------------------------------------------------------------------ out */

static PyObject *absolute_path(PyObject *path) {
  PyObject *module = PyImport_ImportModule("os.path");
  PyObject *absolute = module == NULL ? NULL : PyObject_CallMethod(module, "abspath", "O", path);
  Py_XDECREF(module);
  return absolute;
}

/* What another process finds the region by. New reference. */
static PyObject *title_elsewhere(RegionObject *self) {
  if (mwpy_region_is_kind(self, "sysv")) return PyObject_GetAttrString((PyObject *)self, "key");
  return mwpy_region_is_kind(self, "file") ? absolute_path(self->title) : Py_NewRef(self->title);
}

/* Nothing of it is asked of the region before all Python code that may close it has run. */
static PyObject *reduced(RegionObject *self, PyObject *title, PyObject *attributes, PyObject *reopen) {
  mw_region *handle = mwpy_region_handle(self, "Region.__reduce__");
  if (handle == NULL) return NULL;
  uint64_t device, inode;
  mw_region_identity(handle, &device, &inode);
  return Py_BuildValue("O(OOOKKOIKK)O", reopen, Py_TYPE((PyObject *)self), self->kind, title,
                       (unsigned long long)mw_region_size(handle), (unsigned long long)mw_region_offset(handle),
                       mw_region_is_readonly(handle) ? Py_True : Py_False, self->flags & KEPT_FLAGS, (unsigned long long)device,
                       (unsigned long long)inode, attributes);
}

/* A well's region is wherever its well is. */
static PyObject *reduced_with_well(RegionObject *self) {
  PyObject *builtins = PyImport_ImportModule("builtins");
  PyObject *getattr = builtins == NULL ? NULL : PyObject_GetAttrString(builtins, "getattr");
  PyObject *result = getattr == NULL ? NULL : Py_BuildValue("O(Os)", getattr, self->well, "region");
  Py_XDECREF(getattr);
  Py_XDECREF(builtins);
  return result;
}

PyObject *mwpy_region_reduce(PyObject *object, PyObject *unused) {
  RegionObject *self = (RegionObject *)object;
  mw_region *handle = mwpy_region_handle(self, "Region.__reduce__");
  mw_error error;
  (void)unused;
  if (handle == NULL) return NULL;
  if (self->well != NULL) return reduced_with_well(self);
  if (mw_region_check_findable(handle, &error) < 0) {
    return PyErr_Format(PyExc_TypeError, "%R cannot be pickled: %s", object, error.reason);
  }
  PyObject *title = title_elsewhere(self);
  PyObject *attributes = title == NULL ? NULL : mwpy_attributes_of(object);
  PyObject *module = attributes == NULL ? NULL : PyImport_ImportModule("memwell._memwell");
  PyObject *reopen = module == NULL ? NULL : PyObject_GetAttrString(module, "_reopen_region");
  PyObject *result = reopen == NULL ? NULL : reduced(self, title, attributes, reopen);
  Py_XDECREF(reopen);
  Py_XDECREF(module);
  Py_XDECREF(attributes);
  Py_XDECREF(title);
  return result;
}

/* ------------------------------------------------------------------ and in */

static PyObject *refuse_pickle(void) {
  PyErr_SetString(PyExc_TypeError, "Region: this pickle was not made by this version of memwell");
  return NULL;
}

static const mwpy_source *source_of_kind(PyObject *kind) {
  if (PyUnicode_CompareWithASCIIString(kind, "file") == 0) return &mwpy_source_file;
  if (PyUnicode_CompareWithASCIIString(kind, "named") == 0) return &mwpy_source_attach;
  return PyUnicode_CompareWithASCIIString(kind, "sysv") == 0 ? &mwpy_source_sysv : NULL;
}

static bool read_title(const mwpy_source *source, PyObject *title, mwpy_request *request) {
  if (source == &mwpy_source_sysv) return mwpy_convert_key("Region", title, &request->key);
  request->text_owner = PyUnicode_Check(title) ? PyUnicode_EncodeFSDefault(title) : refuse_pickle();
  request->text = request->text_owner == NULL ? NULL : PyBytes_AsString(request->text_owner);
  return request->text != NULL;
}

/* Which object it is, is checked by the core before anything happens to it; so whose it is need not be. */
static bool read_pickle(const mwpy_source *source, PyObject *const *args, mwpy_request *request) {
  unsigned readonly = 0;
  if (!mwpy_convert_size("Region", "size", args[3], &request->size) ||
      !mwpy_convert_size("Region", "offset", args[4], &request->options.offset) || !mwpy_convert_flag(args[5], 1, &readonly) ||
      !mwpy_convert_unsigned("Region", "flags", args[6], &request->options.flags) || !read_title(source, args[2], request)) {
    return false;
  }
  request->options.access = readonly != 0 ? MW_READ : MW_READ_WRITE;
  request->options.flags &= KEPT_FLAGS;
  if (source != &mwpy_source_file) request->options.flags |= MW_ANY_OWNER;
  request->options.device = PyLong_AsUnsignedLongLong(args[7]);
  request->options.inode = PyErr_Occurred() ? 0 : PyLong_AsUnsignedLongLong(args[8]);
  return !PyErr_Occurred();
}

/* A file's size is asked for again; other memory is mapped whole, and must not have become smaller. */
static PyObject *check_size(RegionObject *self, PyObject *title, uint64_t size) {
  uint64_t there = mw_region_size(self->handle);
  if (there >= size) return (PyObject *)self;
  PyErr_Format(PyExc_ValueError, "Region(%R): it had %llu bytes when it was pickled, and has %llu", title, (unsigned long long)size,
               (unsigned long long)there);
  mwpy_region_unmake(self);
  return NULL;
}

PyObject *mwpy_region_reopen(PyObject *module, PyObject *const *args, Py_ssize_t nargs) {
  mwpy_state *state = PyModule_GetState(module);
  if (nargs != 9 || !PyType_Check(args[0]) || !PyType_IsSubtype((PyTypeObject *)args[0], state->region_type) ||
      !PyUnicode_Check(args[1])) {
    return refuse_pickle();
  }
  const mwpy_source *source = source_of_kind(args[1]);
  if (source == NULL) return refuse_pickle();
  mwpy_request request = mwpy_request_new(MW_READ_WRITE);
  PyObject *region = NULL;
  if (read_pickle(source, args, &request)) region = mwpy_region_make((PyTypeObject *)args[0], state, source, &request);
  mwpy_request_clear(&request);
  return region == NULL ? NULL : check_size((RegionObject *)region, args[2], request.size);
}
