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
#include "region_pieces.h"

/* handle   NULL before the region is there and after close
 * title    its name or its path as given, a str; NULL where it has none
 * kind     what mw_region_kind says, a str
 * flags    of mw_region_options, as it was made
 * is_private, was_readonly   the latter: at close
 * well     whose memory it is, a Well; NULL for all others. The well closes it, and the handle is one reference and no more
 * The rest is what remains known after close. */
typedef struct RegionObject {
  PyObject_HEAD mwpy_state *state;
  mw_region *handle;
  PyObject *title;
  PyObject *weakrefs;
  PyObject *kind;
  unsigned flags;
  bool is_private;
  bool was_readonly;
  PyObject *well;
} RegionObject;

bool mwpy_region_type_add(PyObject *module, mwpy_state *state);

/* The open handle; NULL with ClosedError set. */
mw_region *mwpy_region_handle(RegionObject *self, const char *call);

/* The same, with a reference for the caller, who drops it. For calls that let go of the GIL or may run Python code meanwhile. */
mw_region *mwpy_region_hold(RegionObject *self, const char *call);

/* End the use of it, as its well is closed; what others hold of the memory stays. */
void mwpy_region_detach(RegionObject *self);

/* Whether its kind is this one, open or closed. */
bool mwpy_region_is_kind(const RegionObject *self, const char *kind);

/* None, or the exception of a call of the core that failed. */
PyObject *mwpy_region_result(RegionObject *self, int status, const mw_error *error);

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

#endif
