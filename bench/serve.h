/* How a worker in C offers its works to the runner: one line "has NAME" for each, "ready", and then for each line "NAME N" on
 * standard input the nanoseconds that N repetitions took, and after them perhaps more figures, as name=figure. A work that cannot
 * be done here has a line "lacks NAME WHY", too. serve.py and serve.lua speak the same. The main entry is serve.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_SERVE_H
#define BENCH_SERVE_H

#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "mark.h"

/* run does the work n times */
typedef struct work {
  const char *name;
  void (*run)(long n);
} work;

/* What a work says of itself: the time, where some of it was not the work, and more figures. */
typedef struct remark {
  int64_t time; /* -1: that of the whole call */
  char figures[160];
} remark;

static remark serve_remark;

/* The thread's own time on a processor: nobody waits in most works, and what others do meanwhile is not theirs. Works of several
 * processes take the clock on the wall, by a definition before this file is included. */
#ifndef SERVE_CLOCK
#define SERVE_CLOCK CLOCK_THREAD_CPUTIME_ID
#endif

static inline int64_t now(void) {
  struct timespec time;
  clock_gettime(SERVE_CLOCK, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

/* What a work must do in between to have something to do: it does not count. */
static int64_t serve_not_counted;

static inline void serve_apart(void (*prepare)(void)) {
  int64_t begin = now();
  prepare();
  serve_not_counted += now() - begin;
}

/* A work that fails says so on standard error and ends the worker; the runner tells the reader. */
static inline void must(int good, const char *what) {
  if (good) return;
  perror(what);
  exit(1);
}

static inline void answer(const work *works, size_t count, const char *name, long n) {
  for (size_t i = 0; i < count; i++) {
    if (strcmp(works[i].name, name) != 0) continue;
    serve_remark = (remark){.time = -1};
    serve_not_counted = 0;
    bench_mark();
    int64_t begin = now();
    works[i].run(n);
    int64_t time = now() - begin;
    bench_mark();
    if (serve_remark.time >= 0) time = serve_remark.time;
    printf("%" PRId64 "%s\n", time - serve_not_counted, serve_remark.figures);
    return;
  }
  printf("! no work is called %s\n", name);
}

/* Answers until standard input ends, which it does whatever happens to the runner. */
static inline void serve(const work *works, size_t count) {
  for (size_t i = 0; i < count; i++) printf("has %s\n", works[i].name);
  printf("ready\n");
  fflush(stdout);
  char line[128], name[64];
  long n;
  while (fgets(line, sizeof line, stdin)) {
    if (sscanf(line, "%63s %ld", name, &n) == 2)
      answer(works, count, name, n);
    else
      printf("! expected NAME N\n");
    fflush(stdout);
  }
}

#endif
