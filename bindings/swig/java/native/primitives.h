/* Elements as Java's long and double, without an object for each; and what else Java has beside the calls of every language.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_JAVA_PRIMITIVES_H
#define MEMWELL_JAVA_PRIMITIVES_H

#include "objects.h"

/* MW_EINVAL where the element is no integer, MW_EOVERFLOW where it is above INT64_MAX. */
int64_t mws_view_get_long(mws_view *self, mw_error *error, int64_t i);
double mws_view_get_double(mws_view *self, mw_error *error, int64_t i);
void mws_view_set_long(mws_view *self, mw_error *error, int64_t i, int64_t value);
void mws_view_set_double(mws_view *self, mw_error *error, int64_t i, double value);
int64_t mws_view_atomic_load_long(mws_view *self, mw_error *error, int64_t i);
int64_t mws_view_atomic_add_long(mws_view *self, mw_error *error, int64_t i, int64_t n);

typedef mws_elements mwj_flat;
mwj_flat mws_view_flat(mws_view *self, mw_error *error);

/* A part of the region, which may be larger than any buffer of Java's. */
mws_buffer mws_region_buffer_part(mws_region *self, mw_error *error, uint64_t offset, uint64_t size);

typedef struct mwj_direct {
  const void *data;
  size_t size;
} mwj_direct;
void mws_region_write_direct(mws_region *self, mw_error *error, mwj_direct data, uint64_t offset);

#endif
