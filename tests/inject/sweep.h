/* One public call, and all the ways in which the system can fail it.
 *
 * SPDX-License-Identifier: MIT */
#ifndef INJECT_SWEEP_H
#define INJECT_SWEEP_H

#include "harness.h"

/* A call and what is around it. Every run has a process of its own.
 *
 * set_up      what the call needs
 * call        the call, through `why`; out-parameters go where check finds them
 * result      what it returns where nothing fails
 * check       after a failure: nothing has changed, and what there was can still be used
 * undo        give back what a successful call has made
 * tear_down   give back what set_up has made
 * keeps       how many blocks of memory the core keeps for its next use
 * is_large    makes more calls than can be tried where there is no fallocate */
typedef struct scenario {
  const char *name;
  void (*set_up)(void);
  int (*call)(void);
  int result;
  void (*check)(void);
  void (*undo)(void);
  void (*tear_down)(void);
  int keeps;
  bool is_large;
} scenario;

/* A table of scenarios, by noun. */
typedef struct scenarios {
  const scenario *first;
  size_t count;
} scenarios;

extern const scenarios making_scenarios;    /* the ways to get a region */
extern const scenarios page_scenarios;      /* what can be done with one */
extern const scenarios semaphore_scenarios; /* semaphores and atomics */
extern const scenarios well_scenarios;      /* wells, and what is in them */
extern const scenarios lock_scenarios;      /* taking turns in a well */

/* Whether a call that met this failure has returned, and said in `why`, what it had to. Prints what was wanted where not. */
bool is_right_answer(const scenario *scenario, const char *function, int os_errno, bool stays, int result);

#endif
