/* Every kind of region and semaphore, as the tables beside this list them, and how to make one of each: what the conformance tests
 * run over.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KINDS_H
#define KINDS_H

#include <stdbool.h>
#include <stdint.h>

#include "memwell.h"

/* A line of regions.tsv; discard is 'y', 'n', or 'f' where the file system decides. */
typedef struct region_kind {
  char kind[32];
  bool writable, shared, aligned, descriptor, resize, remap, seal, send, pickle;
  char discard;
} region_kind;

/* Where the kind "file-odd-offset" begins in its file. */
uint64_t region_odd_offset(void);

/* Make a region of this kind and size, the caller's to be closed. What it has in it is the pattern, or zeros. */
mw_region *region_of_kind(const region_kind *kind, uint64_t size, bool has_pattern);

/* Run a check for each kind. */
void on_each_region_kind(void (*check)(const region_kind *kind));

/* Make a region of each kind, of this size, run a check on it, and close it. What it has in it is the pattern, or zeros. */
typedef void region_check(const region_kind *kind, mw_region *region);
void on_each_region(uint64_t size, region_check *check);
void on_each_region_of_zeros(uint64_t size, region_check *check);

/* A line in a list of tests, for a test that is to run once for each kind of region that can be written to, and what kind it runs
 * for now. */
typedef struct kinds_test {
  void (*run)(void **state);
} kinds_test;
#define test_on_each_writable_kind(test)                                 \
  {                                                                      \
#test, run_on_each_writable_kind, NULL, NULL, &(kinds_test) { test } \
  }
void run_on_each_writable_kind(void **state);
const region_kind *region_kind_now(void);

/* The pattern has no zeros in it: whether bytes [begin, end) of the region have it, and writing it. */
bool region_has_pattern(mw_region *region, uint64_t begin, uint64_t end);
void region_put_pattern(mw_region *region);

/* A line of semaphores.tsv. */
typedef struct semaphore_kind {
  char kind[32];
  unsigned most;
  bool undo;
} semaphore_kind;

/* Make a semaphore of this kind and value; close it and remove what it is. One at a time. */
mw_semaphore *semaphore_of_kind(const semaphore_kind *kind, unsigned value);
void semaphore_close_and_remove(const semaphore_kind *kind, mw_semaphore *semaphore);

/* Run a check for each kind. */
void on_each_semaphore_kind(void (*check)(const semaphore_kind *kind));

/* Make a semaphore of each kind, of this value, run a check on it, and close and remove it. */
typedef void semaphore_check(const semaphore_kind *kind, mw_semaphore *semaphore);
void on_each_semaphore(unsigned value, semaphore_check *check);

/* One more handle on the same semaphore. */
mw_semaphore *semaphore_attached_again(const semaphore_kind *kind, mw_semaphore *semaphore);

#endif
