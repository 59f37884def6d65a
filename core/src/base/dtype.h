/* Single elements in memory of any alignment, for the loops of the layers above.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MW_BASE_DTYPE_H
#define MW_BASE_DTYPE_H

#include <stdbool.h>

#include "base/status.h"
#include "memwell/dtype.h"

#define MW__ELEMENT_MAX 8 /* bytes of the largest dtype */

bool mw__dtype_is_valid(mw_dtype dtype);

/* mw_dtype_store, on behalf of the call that it is a part of. */
int mw__dtype_store(const mw__call *call, mw_dtype dtype, void *element, mw_value value);

/* Whether two values are the same number; NaN is none. */
bool mw__value_equals(mw_value a, mw_value b);

#endif
