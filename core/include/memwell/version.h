/* The version of these headers, and of the library that was linked.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_VERSION_H
#define MEMWELL_VERSION_H

#include "memwell/export.h"

#define MW_VERSION "0.1.0"

#ifdef __cplusplus
extern "C" {
#endif

/* The version of the library at run time, as "major.minor.patch"; compare it with MW_VERSION to notice a mixed installation.
 *
 * Ownership: a constant string. Threads, processes, fork, signals: safe. */
MW_API const char *mw_version(void);

#ifdef __cplusplus
}
#endif
#endif
