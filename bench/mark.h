/* Where a work begins and where it ends. callgrind, told to, writes down at each mark what it has counted since the last one
 * (callgrind.py); otherwise a mark does nothing.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_MARK_H
#define BENCH_MARK_H

/* Known to callgrind by its name, so it must stay a function. */
static __attribute__((noinline)) void bench_mark(void) { __asm__ volatile("" ::: "memory"); }

#endif
