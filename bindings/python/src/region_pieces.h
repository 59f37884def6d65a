/* Long work on a range of a region: in pieces, without the GIL, looking at signals in between.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_PYTHON_REGION_PIECES_H
#define MEMWELL_PYTHON_REGION_PIECES_H

#include "module.h"

#include <stdbool.h>
#include <stdint.h>

#include "memwell/region.h"
#include "memwell/status.h"

/* Work that is longer than this is done in pieces of this many bytes. */
#define MWPY_PIECE ((uint64_t)64 << 20)

/* Let go of the GIL where a call touches so many bytes that others should run meanwhile, and take it again. */
PyThreadState *mwpy_threads_begin(uint64_t bytes);
void mwpy_threads_end(PyThreadState *thread);

/* Run the signal handlers. False where one raises: *status and *error are MW_EINTR then, which mwpy_raise leaves alone. */
bool mwpy_signals_allow(int *status, mw_error *error);

/* A call of the core on a range, and what it takes besides: a byte, a flag. */
typedef int (*mwpy_range_call)(mw_region *region, unsigned argument, uint64_t offset, uint64_t size, mw_error *error);

/* Make the call on [offset, offset + size) piece by piece, unless the core is going to refuse all of it. Pieces end at whole pages,
 * of whatever size. The caller holds the region.
 *
 * is_slow   it may take long however little there is to do: always without the GIL
 * Returns the status of the last call. */
int mwpy_region_in_pieces(mw_region *handle, mwpy_range_call call, unsigned argument, bool is_slow, uint64_t offset, uint64_t size,
                          mw_error *error);

/* Whether the range lies in the region. */
bool mwpy_region_has(const mw_region *handle, uint64_t offset, uint64_t size);

/* From `offset` to the region's end: what a size that was not given means. */
uint64_t mwpy_region_rest(const mw_region *handle, uint64_t offset);

#endif
