/* The well in which processes are killed: made once for a scenario, and put back before each run as it was.
 *
 * In it are a mutex "mutex", a semaphore "semaphore" of PERMITS, an event "event", an array "array", and the space and the
 * entries of what was deleted.
 *
 * SPDX-License-Identifier: MIT */
#ifndef DEATH_STAGE_H
#define DEATH_STAGE_H

#include "bytes.h"
#include "harness.h"

enum { PERMITS = 3, ELEMENTS = 16 };

/* Longer than anything takes that works, however busy the machine is: 20 seconds, or PATIENCE in the environment. */
#define FOR_LONG stage_patience()
mw_deadline stage_patience(void);

/* The process that acts, attached and with handles of everything. */
typedef struct actor {
  mw_well *well;
  mw_mutex *mutex;
  mw_robust_semaphore *semaphore;
  mw_event *event;
} actor;
extern actor me;

void actor_attach(void);
void actor_find_all(void);
void actor_detach(void);

/* Make the well. A process in which `past` is done dies while it is attached; NULL: there is none such. */
void stage_make(void (*past)(void), well_bytes *out_bytes);

/* Put a well of these bytes in place, in a new file: no lock of the old one counts there. */
void stage_put(const well_bytes *bytes);

/* Its bytes as they are now, mapped for reading; and again as a copy. */
const well_bytes *stage_map(void);
void stage_unmap(const well_bytes *map);
void stage_read(well_bytes *out_bytes);

void stage_clear(void);

const char *stage_name(void);

/* The well at the moment of a death, and who lives on and gives back what it has before it ends; 0: nobody. */
typedef struct legacy {
  well_bytes bytes;
  pid_t alive;
} legacy;

/* In a process of its own, everybody else being gone: look at everything that was left, and use it. */
void survive(void *left);

/* What an attached process does that finds a well whose processes may be dead: for this one to be killed in its turn. */
void revive(void *unused);

#endif
