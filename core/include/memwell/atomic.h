/* Single elements, atomic between all threads, processes and languages, and sleeping until one changes.
 *
 * The element is an integer of 4 or 8 bytes, in a view of one dimension, at an address that is a multiple of its size. The
 * operations are those of C's <stdatomic.h> in its strongest order (memory_order_seq_cst), so that a C program may use an _Atomic
 * int32_t at the same place. Values are int64_t; those of uint64 elements above INT64_MAX are passed and returned as negative
 * numbers, bit for bit.
 *
 * Every call returns, besides what it says itself,
 *   MW_ERANGE     no such index, or the region became too small
 *   MW_EINVAL     the dtype, the number of dimensions or the alignment is another
 *   MW_EREADONLY  (all but load, wait and wake)
 *   MW_ECLOSED, MW_EFAULT (the page is lost)
 * Threads, processes, fork: safe. Signals: not safe in handlers.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_ATOMIC_H
#define MEMWELL_ATOMIC_H

#include <stdint.h>

#include "memwell/deadline.h"
#include "memwell/export.h"
#include "memwell/status.h"
#include "memwell/view.h"

#ifdef __cplusplus
extern "C" {
#endif

MW_API int mw_view_atomic_load(const mw_view *view, uint64_t i, mw_error *error, int64_t *out_value);

/* MW_EOVERFLOW: the dtype has no such value; nothing was written. Likewise for exchange and compare_exchange. */
MW_API int mw_view_atomic_store(const mw_view *view, uint64_t i, int64_t value, mw_error *error);

/* Each gives the value that was there before in *out_old. add and sub wrap around, and take `n` modulo the element's size, as and,
 * or and xor do. */
MW_API int mw_view_atomic_add(const mw_view *view, uint64_t i, int64_t n, mw_error *error, int64_t *out_old);
MW_API int mw_view_atomic_sub(const mw_view *view, uint64_t i, int64_t n, mw_error *error, int64_t *out_old);
MW_API int mw_view_atomic_and(const mw_view *view, uint64_t i, int64_t n, mw_error *error, int64_t *out_old);
MW_API int mw_view_atomic_or(const mw_view *view, uint64_t i, int64_t n, mw_error *error, int64_t *out_old);
MW_API int mw_view_atomic_xor(const mw_view *view, uint64_t i, int64_t n, mw_error *error, int64_t *out_old);
MW_API int mw_view_atomic_exchange(const mw_view *view, uint64_t i, int64_t value, mw_error *error, int64_t *out_old);

/* Write `value` where the element is `expected`; it was so exactly if *out_old is `expected`. */
MW_API int mw_view_atomic_compare_exchange(const mw_view *view, uint64_t i, int64_t expected, int64_t value, mw_error *error,
                                           int64_t *out_old);

/* Sleep while the element, an int32 or uint32 in memory that is shared, has this value. Spins for a moment first, where there is a
 * CPU to spare. The value is compared and the sleep begun in one step, so that no wake is lost between a look and a wait.
 *
 * deadline   monotonic; MW_DEADLINE_NOW polls, MW_DEADLINE_NEVER waits for ever
 * Returns 0 where it has another value now or somebody woke us, so look again; or
 *   MW_ETIMEDOUT  the deadline passed, and it still has this value
 *   MW_EINTR      a signal handler ran; call again with the same deadline
 *   MW_ECLOSED    the region was closed, before or during the wait; the caller holds a reference
 *   MW_EINVAL     also: a private mapping, which nobody else can wake
 *   MW_EOVERFLOW  the dtype has no such value
 * Source of the protocol: U. Drepper, "Futexes Are Tricky", 2011. */
MW_API int mw_view_wait(const mw_view *view, uint64_t i, int64_t value, mw_deadline deadline, mw_error *error);

/* Wake up to `count` of those who wait on the element, in any process; UINT_MAX wakes all. Change the element first.
 * *out_woken is how many there were. */
MW_API int mw_view_wake(const mw_view *view, uint64_t i, unsigned count, mw_error *error, unsigned *out_woken);

#ifdef __cplusplus
}
#endif
#endif
