/* The loops over one run of elements, for every dtype: `count` of them, `stride` bytes apart, with any alignment.
 *
 * Nothing here fails and nothing is checked: views have done that. What another process writes meanwhile may be seen in part, but
 * no element is looked at outside the run.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MW_MEMORY_ELEMENTS_H
#define MW_MEMORY_ELEMENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "memwell/dtype.h"

typedef struct mw__run {
  unsigned char *base;
  int64_t stride;
  uint64_t count;
} mw__run;

/* Set every element to the `size` bytes of `element`; copy element by element, front to back, from elements `step` bytes apart. */
void mw__elements_fill(mw__run run, size_t size, const void *element);
void mw__elements_copy(mw__run run, const unsigned char *source, int64_t step, size_t size);

/* Copy the elements at `indices` of the run, which are all within it, densely into `to`. */
void mw__elements_take(mw__run run, const uint64_t *indices, uint64_t count, size_t size, unsigned char *to);

/* A sum in the making; begin with all zeros. Integers are exact in 128 bits. Floats are added up in short blocks, and the blocks
 * with the rounding error of each addition kept aside (A. Neumaier, "Rundungsfehleranalyse einiger Verfahren zur Summation
 * endlicher Summen", 1974). */
typedef struct mw__sum {
  __int128 integers;
  double floats;
  double error;
} mw__sum;
void mw__elements_sum(mw__run run, mw_dtype dtype, mw__sum *sum);

/* The sum's value. False: it has more than 64 bits. */
bool mw__sum_value(const mw__sum *sum, mw_dtype dtype, mw_value *out_value);

/* The smallest or largest of *best and the run's elements; once NaN, always NaN. */
void mw__elements_min(mw__run run, mw_dtype dtype, mw_value *best);
void mw__elements_max(mw__run run, mw_dtype dtype, mw_value *best);

/* The first place that equals `element`, an element of the same dtype; run.count where none does. And how many do. */
uint64_t mw__elements_find(mw__run run, mw_dtype dtype, const void *element);
uint64_t mw__elements_count(mw__run run, mw_dtype dtype, const void *element);

/* Whether two runs of the same count and dtype are equal, element by element. */
bool mw__elements_equal(mw__run run, mw__run other, mw_dtype dtype);

#endif
