/* DLPack, the way in which array libraries hand each other memory: the structs of its version 1, after the public description at
 * https://dmlc.github.io/dlpack/latest, and View's two methods for it.
 *
 * A consumer takes the pointer out of the capsule, renames that to "used_…", and calls the deleter when it is done, in any thread
 * and without the GIL. A capsule that nobody took calls the deleter itself.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_PYTHON_DLPACK_H
#define MEMWELL_PYTHON_DLPACK_H

#include "module.h"

#include <stdint.h>

/* Where memory is; we know the processor's own only. */
typedef struct mwpy_dl_device {
  int32_t type;
  int32_t number;
} mwpy_dl_device;

enum { MWPY_DL_CPU = 1 };

/* What an element is: a kind, its bits, and how many of them make one (always 1). */
typedef struct mwpy_dl_type {
  uint8_t kind;
  uint8_t bits;
  uint16_t lanes;
} mwpy_dl_type;

enum { MWPY_DL_INT = 0, MWPY_DL_UINT = 1, MWPY_DL_FLOAT = 2, MWPY_DL_BOOL = 6 };

/* strides   in elements, not in bytes */
typedef struct mwpy_dl_tensor {
  void *data;
  mwpy_dl_device device;
  int32_t ndim;
  mwpy_dl_type dtype;
  int64_t *shape;
  int64_t *strides;
  uint64_t byte_offset;
} mwpy_dl_tensor;

/* Without a version, as before version 1: it cannot say that the memory is read-only. */
typedef struct mwpy_dl_managed {
  mwpy_dl_tensor tensor;
  void *context;
  void (*deleter)(struct mwpy_dl_managed *self);
} mwpy_dl_managed;

enum { MWPY_DL_READ_ONLY = 1 << 0, MWPY_DL_IS_COPIED = 1 << 1 };

typedef struct mwpy_dl_versioned {
  struct {
    uint32_t major;
    uint32_t minor;
  } version;
  void *context;
  void (*deleter)(struct mwpy_dl_versioned *self);
  uint64_t flags;
  mwpy_dl_tensor tensor;
} mwpy_dl_versioned;

/* View.__dlpack__ (METH_FASTCALL | METH_KEYWORDS) and View.__dlpack_device__ (METH_NOARGS). */
PyObject *mwpy_view_dlpack(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);
PyObject *mwpy_view_dlpack_device(PyObject *object, PyObject *unused);

#endif
