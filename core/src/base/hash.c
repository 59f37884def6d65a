/* FNV-1a of 64 bits, one byte after the other.
 *
 * SPDX-License-Identifier: MIT */
#include "base/hash.h"

#define PRIME UINT64_C(0x100000001b3)

uint64_t mw__hash(uint64_t before, const void *bytes, size_t size) {
  const unsigned char *byte = bytes;
  uint64_t hash = before;
  for (size_t i = 0; i < size; i++) hash = (hash ^ byte[i]) * PRIME;
  return hash;
}
