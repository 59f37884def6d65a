/* What the workers that call memwell's core have in common: a call that fails says why and ends the worker.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_CORE_WORKER_H
#define BENCH_CORE_WORKER_H

#include "memwell.h"
#include "serve.h"

static inline void must_be_good(int status, const mw_error *error) {
  if (status >= 0) return;
  char text[512];
  mw_error_message(error, text, sizeof text);
  fprintf(stderr, "%s\n", text);
  exit(1);
}

#endif
