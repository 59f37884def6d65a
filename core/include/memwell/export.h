/* What a shared libmemwell (MW_SHARED) shows to its users. Copies that are embedded in a binding (MW_EMBEDDED) show nothing, so
 * that two copies in one process never take each other's calls.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_EXPORT_H
#define MEMWELL_EXPORT_H

#include <stdint.h>

#if defined(MW_SHARED)
#define MW_API __attribute__((visibility("default")))
#elif defined(MW_EMBEDDED)
#define MW_API __attribute__((visibility("hidden")))
#else
#define MW_API
#endif

#if UINTPTR_MAX != UINT64_MAX
#error "memwell needs a 64-bit target: sizes and offsets in shared memory are 64 bits wide"
#endif

#endif
