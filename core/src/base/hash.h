/* FNV-1a of 64 bits (G. Fowler, L. C. Noll, K.-P. Vo; RFC 9923): where a name is looked for, and whether bytes are still what they
 * were. It notices accidents, not intentions.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MW_BASE_HASH_H
#define MW_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#define MW__HASH_BEGIN UINT64_C(0xcbf29ce484222325)

/* Go on from the hash of what came before; from MW__HASH_BEGIN at first. */
uint64_t mw__hash(uint64_t before, const void *bytes, size_t size);

#endif
