/* IEEE 754 binary16, which C has no type for on every compiler that builds memwell.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MW_BASE_HALF_H
#define MW_BASE_HALF_H

#include <stdint.h>

/* Exact. */
double mw__half_to_double(uint16_t half);

/* Rounded to nearest, ties to even; what is too large becomes infinity, NaN a quiet NaN that keeps its sign and its upper bits. */
uint16_t mw__half_from_double(double number);

#endif
