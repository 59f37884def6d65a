/* What is killed at every instruction: one public call, among those who are there or were.
 *
 * SPDX-License-Identifier: MIT */
#ifndef DEATH_SCENARIOS_H
#define DEATH_SCENARIOS_H

#include <stddef.h>

/* past        what a process did that died attached, and that nobody has reaped
 * holder      what a living process does and keeps while the other acts; it gives it back afterwards
 * waiter      what a living process waits for, asleep, while the other acts, and does once it has it; its exit code is RECOVERED if
 *             it found a mutex inconsistent
 * before      what the process does that is stepped, at full speed; NULL: it attaches and finds the objects
 * act         what is stepped
 * after       what is done in a process of its own, if the waiter may have waited in vain */
typedef struct scenario {
  const char *name;
  void (*past)(void);
  void (*holder)(void);
  int (*waiter)(void);
  void (*before)(void);
  void (*act)(void);
  void (*after)(void);
} scenario;

enum { RECOVERED = 10 };

extern const scenario scenarios[];
extern const size_t scenario_count;

#endif
