/* memwell: memory that Python, Lua and C programs hold in common.
 *
 * This is the umbrella header, in reading order. Every call follows one pattern: it returns 0 or a negative MW_E... code and,
 * where `error` is not NULL, says in it which call failed, on which object and why. The subject comes first, out-parameters come
 * last and are untouched on failure. Sizes and offsets are bytes, counts are elements.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_H
#define MEMWELL_H

#include "memwell/export.h"
#include "memwell/version.h"

#include "memwell/status.h"

#include "memwell/deadline.h"
#include "memwell/dtype.h"

#include "memwell/atomic.h"
#include "memwell/handover.h"
#include "memwell/pages.h"
#include "memwell/region.h"
#include "memwell/search.h"
#include "memwell/view.h"

#include "memwell/semaphore.h"

#include "memwell/event.h"
#include "memwell/mutex.h"
#include "memwell/robust_semaphore.h"
#include "memwell/watch.h"
#include "memwell/well.h"

#endif
