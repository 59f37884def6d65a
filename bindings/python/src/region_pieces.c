/* The loop over pieces. Main entry: mwpy_region_in_pieces.
 *
 * SPDX-License-Identifier: MIT */
#include "region_pieces.h"

/* Below this a copy is quicker than handing the GIL over and back. */
#define LONG_WORK ((uint64_t)64 << 10)

PyThreadState *mwpy_threads_begin(uint64_t bytes) { return bytes > LONG_WORK ? PyEval_SaveThread() : NULL; }

void mwpy_threads_end(PyThreadState *thread) {
  if (thread != NULL) PyEval_RestoreThread(thread);
}

bool mwpy_signals_allow(int *status, mw_error *error) {
  if (PyErr_CheckSignals() == 0) return true;
  *status = error->status = MW_EINTR;
  return false;
}

bool mwpy_region_has(const mw_region *handle, uint64_t offset, uint64_t size) {
  uint64_t total = mw_region_size(handle);
  return offset <= total && size <= total - offset;
}

uint64_t mwpy_region_rest(const mw_region *handle, uint64_t offset) {
  uint64_t total = mw_region_size(handle);
  return offset < total ? total - offset : 0;
}

/* Up to the next address that is a multiple of a piece: there a page begins, wherever in it the region does. */
static uint64_t piece_at(const mw_region *handle, uint64_t offset, uint64_t size) {
  uint64_t address = (uint64_t)(uintptr_t)mw_region_data(handle) + offset;
  uint64_t piece = MWPY_PIECE - address % MWPY_PIECE;
  return size < piece ? size : piece;
}

int mwpy_region_in_pieces(mw_region *handle, mwpy_range_call call, unsigned argument, bool is_slow, uint64_t offset, uint64_t size,
                          mw_error *error) {
  bool is_inside = mwpy_region_has(handle, offset, size);
  uint64_t done = 0;
  int status;
  do {
    uint64_t piece = is_inside ? piece_at(handle, offset + done, size - done) : size;
    PyThreadState *thread = mwpy_threads_begin(is_slow ? UINT64_MAX : piece);
    status = call(handle, argument, offset + done, piece, error);
    mwpy_threads_end(thread);
    if (status == 0) done += piece;
  } while ((status == MW_EINTR || (status == 0 && done < size)) && mwpy_signals_allow(&status, error));
  return status;
}
