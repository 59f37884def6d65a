/* Space: what the directory leaves over. Arrays are given room from below, locks from above; the border between them only ever
 * falls, so that what was once a lock never becomes anybody's data. Nothing is recorded here, so nothing can be lost.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MW_WELL_SPACE_H
#define MW_WELL_SPACE_H

#include <stdbool.h>
#include <stdint.h>

#include "well/layout.h"

/* Find room for `size` bytes, in whole lines; 0 bytes are anywhere. Under the admin lock: the border may fall. Returns 0, or
 * MW_EFULL (the reason says what there is), MW_ENOMEM, MW_EFORMAT. */
int mw__space_find(const mw__call *call, const mw__layout *layout, bool for_lock, uint64_t size, uint64_t *out_offset);

/* How many bytes are free for arrays. Returns 0, or MW_ENOMEM, MW_EFORMAT. */
int mw__space_free(const mw__call *call, const mw__layout *layout, uint64_t *out_size);

/* Whether all that is in use lies where it may, and no two objects share a byte. Returns 0, or MW_ENOMEM, MW_EFORMAT. */
int mw__space_check(const mw__call *call, const mw__layout *layout);

#endif
