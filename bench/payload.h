/* What is handed over: words that the sender writes all, each time others, and the receiver reads all and finds right.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_PAYLOAD_H
#define BENCH_PAYLOAD_H

#include "serve.h"

static uint64_t payload_count; /* words */
static uint64_t payload_trip;  /* each process counts for itself, from where it was forked */

static inline size_t payload_size(void) { return payload_count * sizeof(uint64_t); }

static inline void payload_begin(const char *size) {
  payload_count = strtoull(size, NULL, 10) / sizeof(uint64_t);
  must(payload_count > 0 && payload_count % 4 == 0, "a size that is a multiple of 32");
}

static inline void payload_write(uint64_t *words) {
  uint64_t word = ++payload_trip;
  for (uint64_t i = 0; i < payload_count; i++) words[i] = word;
}

/* Four sums, so that no addition waits for the one before. */
static inline void payload_read(const uint64_t *words) {
  uint64_t sums[4] = {0};
  for (uint64_t i = 0; i < payload_count; i += 4)
    for (uint64_t k = 0; k < 4; k++) sums[k] += words[i + k];
  if (sums[0] + sums[1] + sums[2] + sums[3] == ++payload_trip * payload_count) return;
  fprintf(stderr, "what came is not what was sent\n");
  exit(1);
}

#endif
