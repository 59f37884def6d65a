/* Copies. Large ones let other threads run and look at signals between pieces.
 *
 * SPDX-License-Identifier: MIT */
#include "region_bytes.h"

#include "arguments.h"
#include "convert.h"
#include "errors.h"

/* ------------------------------------------------------------------ out */

/* Copy [offset, offset + size), which lie inside, to `target`. False with an exception set. */
static bool copy_out(RegionObject *self, mw_region *handle, uint64_t offset, char *target, uint64_t size) {
  mw_error error;
  int status = 0;
  uint64_t done = 0;
  do {
    size_t piece = (size_t)(size - done < MWPY_PIECE ? size - done : MWPY_PIECE), copied;
    PyThreadState *thread = mwpy_threads_begin(piece);
    status = mw_region_read(handle, offset + done, target + done, piece, &error, &copied);
    mwpy_threads_end(thread);
    done += piece;
  } while (status == 0 && done < size && mwpy_signals_allow(&status, &error));
  if (status < 0) mwpy_raise(self->state, &error);
  return status == 0;
}

PyObject *mwpy_region_bytes(RegionObject *self, mw_region *handle, uint64_t offset, uint64_t size) {
  PyObject *bytes = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)size);
  if (bytes != NULL && !copy_out(self, handle, offset, PyBytes_AsString(bytes), size)) Py_CLEAR(bytes);
  return bytes;
}

PyObject *mwpy_region_read(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"Region.read", 2, 2, {"offset", "size"}};
  RegionObject *self = (RegionObject *)object;
  PyObject *values[2] = {NULL};
  uint64_t offset = 0, size = 0;
  if (!mwpy_arguments(&signature, args, nargs, kwnames, values) ||
      !mwpy_convert_size(signature.call, "offset", values[0], &offset) ||
      !mwpy_convert_size(signature.call, "size", values[1], &size)) {
    return NULL;
  }
  mw_region *handle = mwpy_region_hold(self, signature.call);
  if (handle == NULL) return NULL;
  uint64_t rest = mwpy_region_rest(handle, offset);
  PyObject *bytes = mwpy_region_bytes(self, handle, offset, size < rest ? size : rest);
  mw_region_drop(handle);
  return bytes;
}

PyObject *mwpy_region_to_bytes(PyObject *object, PyObject *unused) {
  RegionObject *self = (RegionObject *)object;
  mw_region *handle = mwpy_region_hold(self, "bytes(region)");
  (void)unused;
  if (handle == NULL) return NULL;
  PyObject *bytes = mwpy_region_bytes(self, handle, 0, mw_region_size(handle));
  mw_region_drop(handle);
  return bytes;
}

PyObject *mwpy_region_readinto(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"Region.readinto", 1, 2, {"buffer", "offset"}};
  RegionObject *self = (RegionObject *)object;
  PyObject *values[2] = {NULL}, *result = NULL;
  uint64_t offset = 0;
  Py_buffer target;
  if (!mwpy_arguments(&signature, args, nargs, kwnames, values) ||
      !mwpy_convert_size(signature.call, "offset", values[1], &offset) ||
      PyObject_GetBuffer(values[0], &target, PyBUF_WRITABLE) < 0) {
    return NULL;
  }
  mw_region *handle = mwpy_region_hold(self, signature.call);
  if (handle != NULL) {
    uint64_t rest = mwpy_region_rest(handle, offset), size = (uint64_t)target.len < rest ? (uint64_t)target.len : rest;
    if (copy_out(self, handle, offset, target.buf, size)) result = PyLong_FromUnsignedLongLong(size);
    mw_region_drop(handle);
  }
  PyBuffer_Release(&target);
  return result;
}

/* ------------------------------------------------------------------ in */

PyObject *mwpy_region_write(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"Region.write", 1, 2, {"data", "offset"}};
  RegionObject *self = (RegionObject *)object;
  PyObject *values[2] = {NULL}, *result = NULL;
  uint64_t offset = 0;
  Py_buffer data;
  if (!mwpy_arguments(&signature, args, nargs, kwnames, values) ||
      !mwpy_convert_size(signature.call, "offset", values[1], &offset) || PyObject_GetBuffer(values[0], &data, PyBUF_SIMPLE) < 0) {
    return NULL;
  }
  mw_region *handle = mwpy_region_hold(self, signature.call);
  if (handle != NULL) {
    mw_error error;
    PyThreadState *thread = mwpy_threads_begin((uint64_t)data.len);
    int status = mw_region_write(handle, offset, data.buf, (size_t)data.len, &error);
    mwpy_threads_end(thread);
    mw_region_drop(handle);
    result = status < 0 ? mwpy_raise(self->state, &error) : PyLong_FromSsize_t(data.len);
  }
  PyBuffer_Release(&data);
  return result;
}

static int call_fill(mw_region *handle, unsigned byte, uint64_t offset, uint64_t size, mw_error *error) {
  return mw_region_fill(handle, (uint8_t)byte, offset, size, error);
}

PyObject *mwpy_region_fill(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"Region.fill", 0, 3, {"byte", "offset", "size"}};
  RegionObject *self = (RegionObject *)object;
  PyObject *values[3] = {NULL};
  uint8_t byte = 0;
  uint64_t offset = 0, size = UINT64_MAX;
  if (!mwpy_arguments(&signature, args, nargs, kwnames, values) || !mwpy_convert_byte(signature.call, values[0], &byte) ||
      !mwpy_convert_size(signature.call, "offset", values[1], &offset) ||
      !mwpy_convert_size_or_none(signature.call, "size", values[2], &size)) {
    return NULL;
  }
  mw_region *handle = mwpy_region_hold(self, signature.call);
  if (handle == NULL) return NULL;
  if (size == UINT64_MAX) size = mwpy_region_rest(handle, offset);
  mw_error error;
  int status = mwpy_region_in_pieces(handle, call_fill, byte, false, offset, size, &error);
  mw_region_drop(handle);
  return mwpy_region_result(self, status, &error);
}

/* ------------------------------------------------------------------ within */

/* From the end that no piece overwrites before it is read. */
static int move_pieces(mw_region *handle, uint64_t destination, uint64_t source, uint64_t size, mw_error *error) {
  bool is_inside = mwpy_region_has(handle, destination, size) && mwpy_region_has(handle, source, size);
  uint64_t done = 0;
  int status = 0;
  do {
    uint64_t piece = is_inside && size - done > MWPY_PIECE ? MWPY_PIECE : size - done;
    uint64_t place = destination <= source ? done : size - done - piece;
    PyThreadState *thread = mwpy_threads_begin(piece);
    status = mw_region_move(handle, destination + place, source + place, piece, error);
    mwpy_threads_end(thread);
    done += piece;
  } while (status == 0 && done < size && mwpy_signals_allow(&status, error));
  return status;
}

PyObject *mwpy_region_move(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"Region.move", 3, 3, {"dest", "src", "size"}};
  RegionObject *self = (RegionObject *)object;
  PyObject *values[3] = {NULL};
  uint64_t destination = 0, source = 0, size = 0;
  if (!mwpy_arguments(&signature, args, nargs, kwnames, values) ||
      !mwpy_convert_size(signature.call, "dest", values[0], &destination) ||
      !mwpy_convert_size(signature.call, "src", values[1], &source) ||
      !mwpy_convert_size(signature.call, "size", values[2], &size)) {
    return NULL;
  }
  mw_region *handle = mwpy_region_hold(self, signature.call);
  if (handle == NULL) return NULL;
  mw_error error;
  int status = move_pieces(handle, destination, source, size, &error);
  mw_region_drop(handle);
  return mwpy_region_result(self, status, &error);
}
