/* What is said of works that several processes do together, beside the time: what all of them spend on a processor, and how long
 * single works take. The main entry is note_figures.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_FIGURES_H
#define BENCH_FIGURES_H

#include "serve.h"

static inline int64_t cpu_time(void) {
  struct timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static inline int by_size(const void *a, const void *b) {
  int64_t one = *(const int64_t *)a, other = *(const int64_t *)b;
  return (one > other) - (one < other);
}

/* times   of single works, at least one; they are put in order
 * cpu     of all processes, for one work */
static inline void note_figures(int64_t *times, long count, double cpu) {
  qsort(times, (size_t)count, sizeof *times, by_size);
  snprintf(serve_remark.figures, sizeof serve_remark.figures, " cpu=%.1f p50=%" PRId64 " p99=%" PRId64 " p99.9=%" PRId64, cpu,
           times[count / 2], times[(long)((double)count * 0.99)], times[(long)((double)count * 0.999)]);
}

#endif
