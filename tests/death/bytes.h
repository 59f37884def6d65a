/* What is in the bytes of a well, read by docs/formats.md and nothing else: the core's own reading is what is on trial.
 *
 * SPDX-License-Identifier: MIT */
#ifndef DEATH_BYTES_H
#define DEATH_BYTES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { WELL_SIZE = 16384, WELL_SLOTS = 4, WELL_OBJECTS = 12 };

typedef struct well_bytes {
  uint8_t at[WELL_SIZE];
} well_bytes;

/* The memory of an object that is there, or NULL; and how many there are. */
const uint8_t *bytes_object(const well_bytes *well, const char *name);
int bytes_count_objects(const well_bytes *well);

/* What will be found of a mutex or an event of this name when everybody is dead but `alive`, which gives back what it has. */
bool bytes_will_be_inconsistent(const well_bytes *well, const char *name, pid_t alive);
bool bytes_will_be_set(const well_bytes *well, const char *name);

/* How many slots are in use, and how often somebody has attached. */
int bytes_count_participants(const well_bytes *well);
uint64_t bytes_count_generations(const well_bytes *well);

/* How many bytes are free for arrays, and how many of them in one piece. */
uint64_t bytes_free(const well_bytes *well);
uint64_t bytes_largest_gap(const well_bytes *well);

/* What must hold at every moment, whoever is dead: NULL, or what does not. A word names nobody but who is in use. */
const char *bytes_fault(const well_bytes *well);

/* What must hold besides where nobody is about to change the directory: no deletion has only begun, or is only said. */
const char *bytes_unfinished(const well_bytes *well);

/* Make zeros of pids, start times and numbers of threads; and of free space, and of entries without an object. */
void bytes_blank_what_is_for_people(well_bytes *well);
void bytes_blank_what_nobody_reads(well_bytes *well);

#endif
