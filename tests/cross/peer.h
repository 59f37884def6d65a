/* What the parts of peer.c say to each other. README.md describes the pattern, the layout, the survey and the cases.
 *
 * SPDX-License-Identifier: MIT */
#ifndef CROSS_PEER_H
#define CROSS_PEER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "memwell.h"

enum { MAX_FIELDS = 12 };

/* ---- peer.c */

/* Say what is wrong on stderr and exit. */
_Noreturn void give_up(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Give up unless the call went well. */
void must(int status, const mw_error *error);

FILE *open_table(const char *path);

/* The next line of a table that is no comment, cut at its tabs, in memory that the next call uses again. Returns the number of
 * fields, 0 at the end. */
int next_line(FILE *table, char *fields[MAX_FIELDS]);

/* ---- pattern.c */

void pattern_load(const char *edges);
uint64_t pattern_draw(uint64_t round, unsigned d, unsigned k);
uint64_t pattern_bits(uint64_t round, mw_dtype dtype, unsigned k);
uint64_t pattern_answer(mw_dtype dtype, uint64_t bits);

/* What the bits mean, found without the library's help. */
mw_value pattern_value(mw_dtype dtype, uint64_t bits);

/* Put the bits of one element into memory. */
void pattern_pack(mw_dtype dtype, uint64_t bits, void *element);

/* ---- rounds.c, survey.c, cases.c */

void rounds_first(const char *name, uint64_t count);
void rounds_second(const char *name, uint64_t count);
void survey(const char *questions, const char *name, uint64_t offset);
void cases(const char *table);

/* ---- places.c */

enum { PLACE_SIZE = 4096 };

/* A region, and two semaphores: of System V where the region is, else inside it. */
typedef struct place {
  mw_region *region;
  mw_semaphore *ping;
  mw_semaphore *pong;
} place;

place place_create(const char *word);
place place_attach(const char *word);
void place_close(const place *place);
void place_remove(const char *word);

/* ---- steps.c */

void steps_first(const char *word, uint64_t count);
void steps_second(const char *word, uint64_t count);
void steps_count(const char *name, uint64_t count);

/* ---- wells.c */

void wells_first(const char *name, uint64_t count);
void wells_second(const char *name, uint64_t count);
void wells_holder(const char *name);
void wells_heir(const char *name);

#endif
