/* memwell.Region: the object, what views and conversions need to know of it, and the class.
 *
 * Lifetime. The object owns one mw_region, `handle`, and close() sets it to NULL. Views refer to the object, so that they end with
 * it; buffers that others took, and calls that let go of the GIL, hold the mw_region itself.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_PYTHON_REGION_TYPE_H
#define MEMWELL_PYTHON_REGION_TYPE_H

#include "module.h"

#include <stdbool.h>
#include <stdint.h>

#include "memwell/region.h"

/* handle   NULL before the region is there and after close
 * title    its name or its path as given, a str; NULL where it has none
 * kind     "file", "named" or "anonymous", a str
 * The rest is what remains known after close. */
typedef struct RegionObject {
  PyObject_HEAD mwpy_state *state;
  mw_region *handle;
  PyObject *title;
  PyObject *weakrefs;
  PyObject *kind;
  mw_access access;
  bool without_fd;
} RegionObject;

bool mwpy_region_type_add(PyObject *module, mwpy_state *state);

/* The open handle; NULL with ClosedError set. */
mw_region *mwpy_region_handle(RegionObject *self, const char *call);

/* The same, with a reference for the caller, who drops it. For calls that let go of the GIL or may run Python code meanwhile. */
mw_region *mwpy_region_hold(RegionObject *self, const char *call);

/* Let go of the GIL where a call touches so many bytes that others should run meanwhile, and take it again. */
PyThreadState *mwpy_threads_begin(uint64_t bytes);
void mwpy_threads_end(PyThreadState *thread);

/* Work that is longer than this looks at signals between pieces of this many bytes. */
#define MWPY_PIECE ((uint64_t)64 << 20)

/* Fill in a Py_buffer of this region: a reference to the object, one to the mw_region, and the latter's way back. */
void mwpy_region_export(mw_region *handle, Py_buffer *buffer);
void mwpy_region_release_buffer(PyObject *object, Py_buffer *buffer);

/* __buffer__ and __release_buffer__, which CPython has had since 3.12, so that 3.11 has them too. */
PyObject *mwpy_region_buffer_method(PyObject *object, PyObject *flags);
PyObject *mwpy_region_release_buffer_method(PyObject *object, PyObject *buffer);
#define MWPY_BUFFER_METHODS                                                                                                \
  {"__buffer__", mwpy_region_buffer_method, METH_O, "__buffer__($self, flags, /)\n--\n\nThe same as memoryview(self)."}, { \
    "__release_buffer__", mwpy_region_release_buffer_method, METH_O,                                                       \
        "__release_buffer__($self, buffer, /)\n--\n\nThe same as buffer.release()."                                        \
  }

/* _reopen_region(cls, kind, title, size, offset, readonly, without_fd, device, inode): what a pickle calls. */
PyObject *mwpy_region_reopen(PyObject *module, PyObject *const *args, Py_ssize_t nargs);

#endif
