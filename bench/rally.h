/* Two processes that play ping-pong, whatever with: a stroke waits for the ball and hits it back. The main entry is rally.
 *
 * Every trip is there and back. First some to warm up, then n without a look at the clock between, which give the time and the CPU
 * time of both sides, then n of which each is timed, which give p50, p99 and p99.9.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_RALLY_H
#define BENCH_RALLY_H

#ifndef _GNU_SOURCE
#error "define _GNU_SOURCE: a rally chooses its processors"
#endif
#define SERVE_CLOCK CLOCK_MONOTONIC
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "figures.h"
#include "serve.h"

#define RALLY_WARM_UP 200 /* trips at most; where there are fewer, one less than those */

/* side   0 begins: its stroke passes the ball, and then awaits it. That of side 1 awaits it, and then passes it. */
typedef void (*stroke)(int side);

/* A work of await_NAME(side), for the ball that comes to a side, and pass_NAME(side), which passes it to that side. */
#define RALLY(name)                     \
  static void stroke_##name(int side) { \
    if (side == 1) await_##name(1);     \
    pass_##name(!side);                 \
    if (side == 0) await_##name(0);     \
  }                                     \
  static void rally_##name(long n) { rally(stroke_##name, n); }

/* Where the two sides run.
 * apart     each on a processor of its own
 * asleep    the same, but all of the process is confined to one from the start: whoever looks how many there are before he spins,
 *           as memwell does, sleeps at once
 * one-cpu   both on the same, so that one must sleep for the other to run */
typedef enum rally_place { RALLY_APART, RALLY_ASLEEP, RALLY_ONE_CPU } rally_place;

static rally_place rally_at;
static cpu_set_t rally_allowed; /* all processors that the process may use */

/* The first processor that this process may use, or the last one. */
static inline int rally_cpu(bool last) {
  int found = -1;
  for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
    if (!CPU_ISSET(cpu, &rally_allowed)) continue;
    found = cpu;
    if (!last) break;
  }
  return found;
}

static inline void confine(int side) {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(rally_cpu(side == 1 && rally_at != RALLY_ONE_CPU), &one);
  must(sched_setaffinity(0, sizeof one, &one) == 0, "sched_setaffinity");
}

static inline long warm_up_of(long n) { return n <= RALLY_WARM_UP ? n - 1 : RALLY_WARM_UP; }

/* n strokes and the CPU time that they took. */
static inline int64_t strokes(stroke hit, int side, long n) {
  int64_t begin = cpu_time();
  for (long i = 0; i < n; i++) hit(side);
  return cpu_time() - begin;
}

/* Side 0's part. `their_cpu` is there when side 1 has ended. */
static inline int64_t lead(stroke hit, long n, int64_t *trips) {
  (void)strokes(hit, 0, warm_up_of(n));
  int64_t begin = now();
  int64_t cpu = strokes(hit, 0, n);
  serve_remark.time = now() - begin;
  int64_t before = now();
  for (long i = 0; i < n; i++) {
    hit(0);
    int64_t after = now();
    trips[i] = after - before;
    before = after;
  }
  return cpu;
}

static inline void follow(stroke hit, long n, int64_t *out_cpu) {
  (void)strokes(hit, 1, warm_up_of(n));
  *out_cpu = strokes(hit, 1, n);
  (void)strokes(hit, 1, n);
}

/* The other side ended without being asked to, and said why: nobody is left to wait for. */
static void when_other_ends(int signal, siginfo_t *information, void *context) {
  (void)signal;
  (void)context;
  if (information->si_code != CLD_EXITED || information->si_status != 0) _exit(1);
}

static inline void watch_other(bool watch) {
  struct sigaction action = {.sa_flags = SA_RESTART};
  if (watch) {
    action.sa_flags |= SA_SIGINFO | SA_NOCLDSTOP;
    action.sa_sigaction = when_other_ends;
  }
  must(sigaction(SIGCHLD, &action, NULL) == 0, "sigaction");
}

static inline void rally(stroke hit, long n) {
  int64_t *their_cpu = mmap(NULL, sizeof *their_cpu, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  int64_t *trips = calloc((size_t)n, sizeof *trips);
  must(their_cpu != MAP_FAILED && trips, "memory for a rally");
  watch_other(true);
  pid_t other = fork();
  must(other >= 0, "fork");
  confine(other == 0);
  if (other == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    follow(hit, n, their_cpu);
    _exit(0);
  }
  int64_t our_cpu = lead(hit, n, trips);
  int status;
  must(waitpid(other, &status, 0) == other && status == 0, "the other side ends well");
  watch_other(false);
  note_figures(trips, n, (double)(our_cpu + *their_cpu) / (double)n);
  free(trips);
  munmap(their_cpu, sizeof *their_cpu);
}

/* To be called first, with what the worker's first argument says about the place. */
static inline void rally_begin(int count, char **arguments) {
  static const char *const places[] = {"apart", "asleep", "one-cpu"};
  must(sched_getaffinity(0, sizeof rally_allowed, &rally_allowed) == 0, "sched_getaffinity");
  for (int i = 0; count >= 2 && i < 3; i++)
    if (strcmp(arguments[1], places[i]) == 0) rally_at = (rally_place)i;
  if (rally_at != RALLY_APART) confine(0);
}

/* Where there is only one processor nobody is apart. */
static inline void rally_serve(const work *works, size_t count) {
  for (size_t i = 0; rally_at != RALLY_ONE_CPU && CPU_COUNT(&rally_allowed) < 2 && i < count; i++)
    printf("lacks %s there is only one processor here\n", works[i].name);
  serve(works, count);
}

#endif
