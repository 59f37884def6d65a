/* A process that is run one instruction at a time, so that it can be stopped, looked at or killed between any two of them.
 *
 *   step_process *process = ...; step_start(process, before, act, context);
 *   while (step_until_change(process, &memory)) ...      what it shares with others is different now
 *   step_kill(process);                                  or step_finish
 *
 * One instruction takes some 15 microseconds, a system call is one instruction, and a sleep in one lasts as long as ever.
 *
 * SPDX-License-Identifier: MIT */
#ifndef HARNESS_STEP_H
#define HARNESS_STEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* acting        what is stepped has not come to its end
 * instructions  made since step_start */
typedef struct step_process {
  pid_t pid;
  bool acting;
  long instructions;
} step_process;

/* Memory that is watched: where it is mapped here, and what was in it at the last look. */
typedef struct step_memory {
  const void *now;
  void *last;
  size_t size;
} step_memory;

/* A place on the way of what is stepped: behind so many system calls, and so many instructions further. */
typedef struct step_place {
  long calls;
  long instructions;
} step_place;

/* Fork a process that does `before` at full speed, and is stopped at the beginning of `act`. Either may be NULL. */
void step_start(step_process *process, void (*before)(void *context), void (*act)(void *context), void *context);

/* Run one instruction of `act`. Returns false where it has come to its end. */
bool step_once(step_process *process);

/* Whether its next instruction is a system call. */
bool step_is_at_call(const step_process *process);

/* Run at full speed until one more system call has been made. Returns false where `act` has come to its end before. */
bool step_past_call(step_process *process);

/* Run until the memory differs from what it was at the last look, which this one is then. Returns false where `act` came to its end
 * before. */
bool step_until_change(step_process *process, step_memory *memory);

/* Run from the beginning to a place, at full speed up to the last system call before it. Whoever goes from place to place, a new
 * process each time, need not step all that lies before. Returns false where `act` came to its end before. */
bool step_to(step_process *process, const step_place *place);

/* Run until the memory differs from now, or a system call has been made; *place goes along. Nothing of a process outlives it but
 * what it wrote and what the kernel did for it: a kill anywhere between two of these places leaves what one at the first of them
 * leaves. Returns false where `act` came to its end before. */
bool step_along(step_process *process, step_memory *memory, step_place *place);

/* Kill it where it is, and wait until the kernel has taken it away. */
void step_kill(step_process *process);

/* Let it run to the end of `act` at full speed, but for its system calls. Returns how often `call` (SYS_...) failed with
 * `failure`. */
int step_count_failures(step_process *process, long call, int failure);

/* Let it run to its end at full speed. Returns its exit code, 0 if nothing failed, or 128 + the signal that ended it. */
int step_finish(step_process *process);

#endif
