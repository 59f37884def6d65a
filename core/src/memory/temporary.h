/* Temporary names: unlinked at close, or at the ordinary exit of the process that made them.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MW_MEMORY_TEMPORARY_H
#define MW_MEMORY_TEMPORARY_H

#include <stdint.h>

typedef struct mw__temporary mw__temporary;

/* Remember a path that this process has just created; NULL where there is no memory for that. */
mw__temporary *mw__temporary_add(const char *path, uint64_t device, uint64_t inode);

/* Unlink the path now, and forget it: in the process that added it, if the path still leads to the same object. NULL is fine. */
void mw__temporary_end(mw__temporary *temporary);

#endif
