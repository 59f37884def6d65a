/* Kills who creates a well at every state that others can see, and lets another one come: to what a dead has left, and to who is
 * alive and not done. A name is whole or not there, and of two one creates.
 *
 * Until there is a name only system calls can change anything that others see: so that far it is run from one to the next, and
 * from there on instruction by instruction.
 *
 * SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "stage.h"
#include "step.h"

static const char *path(void) { return harness_shm_path("", stage_name()); }

/* ---- who creates */

static mw_well_options options(void) {
  return (mw_well_options){.size_of_struct = sizeof(mw_well_options), .slots = WELL_SLOTS, .objects = WELL_OBJECTS};
}

/* A way to create a well. make: 1 where it did. second: what it is where somebody else was faster. */
typedef struct way {
  const char *name;
  int (*make)(void);
  int second;
} way;

static int create(void) {
  mw_well_options wanted = options();
  int result = mw_well_create(stage_name(), WELL_SIZE, &wanted, &why, &me.well);
  return result == 0 ? 1 : result;
}

static int open_or_create(void) {
  mw_well_options wanted = options();
  return mw_well_open(stage_name(), WELL_SIZE, &wanted, &why, &me.well);
}

static int create_file(void) {
  mw_well_options wanted = options();
  return mw_well_file(path(), WELL_SIZE, &wanted, &why, &me.well);
}

static const way by_create = {"create", create, MW_EEXIST};
static const way by_open = {"open", open_or_create, 0};
static const way by_file = {"file", create_file, 0};

/* What came of the two of one meeting. */
typedef struct results {
  int first, second;
} results;

typedef struct attempt {
  const way *way;
  results *results;
} attempt;

static void act(void *context) {
  attempt *attempt = context;
  attempt->results->first = attempt->way->make();
}

static void come_second(void *context) {
  attempt *attempt = context;
  int result = attempt->results->second = attempt->way->make();
  if (result >= 0) actor_detach();
}

/* ---- as far as others can see */

/* The well as it was at the last look; not mapped: there is no name yet. */
typedef struct sight {
  const well_bytes *map;
  well_bytes last;
} sight;

/* Who looks at less than there should be is killed for it. */
static void expect_all_bytes(void) {
  uint64_t size = harness_file_size(path());
  if (size != WELL_SIZE) harness_fail("a name of %llu bytes", (unsigned long long)size);
}

static bool has_name(sight *sight) {
  if (sight->map == NULL && harness_exists(path())) {
    expect_all_bytes();
    sight->map = stage_map();
    sight->last = *sight->map;
  }
  return sight->map != NULL;
}

static bool has_changed(sight *sight) {
  if (memcmp(sight->map, &sight->last, sizeof sight->last) == 0) return false;
  sight->last = *sight->map;
  return true;
}

/* Behind its next system call or change. Returns false where it has come to its end before. */
static bool step_on(step_process *process, sight *sight) {
  if (!has_name(sight)) return step_past_call(process);
  for (;;) {
    bool calls = step_is_at_call(process);
    if (!step_once(process)) return false;
    if (has_changed(sight) || calls) return true;
  }
}

static bool start_and_step(step_process *process, attempt *attempt, long count) {
  sight sight = {.map = NULL};
  bool acts = true;
  step_start(process, NULL, act, attempt);
  for (long i = 0; i < count && acts; i++) acts = step_on(process, &sight);
  if (sight.map != NULL) stage_unmap(sight.map);
  return acts;
}

/* ---- what there is afterwards */

/* Without O_TMPFILE a creator that is killed leaves the name it worked under. That name is nobody's. */
static void remove_drafts(void) {
  DIR *directory = opendir(HARNESS_SHM);
  for (struct dirent *entry; harness_makes_drafts && directory != NULL && (entry = readdir(directory)) != NULL;)
    if (strncmp(entry->d_name, ".memwell-", 9) == 0) unlinkat(dirfd(directory), entry->d_name, 0);
  if (directory != NULL) closedir(directory);
}

/* Whole, as good as any other, and nobody's that is dead once somebody has been there. */
static void judge(const way *way, long place) {
  static legacy left;
  static well_bytes end;
  expect_all_bytes();
  stage_read(&left.bytes);
  if (harness_permissions(path()) != 0600)
    harness_fail("%s, at %ld: permissions %o", way->name, place, harness_permissions(path()));
  const char *fault = bytes_fault(&left.bytes);
  if (fault != NULL) harness_fail("%s, at %ld: %s", way->name, place, fault);
  if (harness_in_child(survive, &left) != 0) harness_fail("%s, at %ld: who attached found it wrong", way->name, place);
  stage_read(&end);
  if (bytes_count_participants(&end) != 0) harness_fail("%s, at %ld: a slot is in use for ever", way->name, place);
}

static int make_second(attempt *attempt, long place) {
  if (harness_in_child(come_second, attempt) != 0) harness_fail("%s, at %ld: the second one failed", attempt->way->name, place);
  return attempt->results->second;
}

static void expect_second(attempt *attempt, int wanted, long place) {
  int result = make_second(attempt, place);
  if (result == wanted) return;
  harness_fail("%s, at %ld: the second one got %d and not %d", attempt->way->name, place, result, wanted);
}

/* ---- one is killed, another comes */

/* Returns false where it came to its end before. */
static bool kill_and_come(attempt *attempt, long count, bool *out_named) {
  step_process process;
  bool acts = start_and_step(&process, attempt, count);
  step_kill(&process);
  *out_named = harness_exists(path());
  if (*out_named) judge(attempt->way, count);
  expect_second(attempt, *out_named ? attempt->way->second : 1, count);
  judge(attempt->way, count);
  assert_int_equal(unlink(path()), 0);
  expect_second(attempt, 1, count);
  stage_clear();
  remove_drafts();
  return acts;
}

static void a_killed_creator_leaves_a_whole_well_or_none(void **state) {
  attempt attempt = {*state, harness_shared(sizeof(results))};
  long count = 0, nameless = 0;
  bool named, acts = true;
  for (; acts; count++) {
    acts = kill_and_come(&attempt, count, &named);
    nameless += !named;
  }
  assert_in_range(nameless, 1, count - 2); /* of both sorts there are some */
  printf("create: %s: killed at %ld states without a name, and %ld with one\n", attempt.way->name, nameless, count - nameless);
}

/* ---- one is not done, another comes */

static bool come_between(attempt *attempt, long count) {
  step_process process;
  bool acts = start_and_step(&process, attempt, count);
  (void)make_second(attempt, count);
  assert_int_equal(step_finish(&process), 0);
  int first = attempt->results->first, second = attempt->results->second, late = attempt->way->second;
  if (!(first == 1 && second == late) && !(first == late && second == 1))
    harness_fail("%s, at %ld: the first got %d, the second %d", attempt->way->name, count, first, second);
  judge(attempt->way, count);
  stage_clear();
  return acts;
}

static void of_two_creators_one_creates(void **state) {
  attempt attempt = {*state, harness_shared(sizeof(results))};
  long count = 0, faster = 0;
  for (bool acts = true; acts; count++) {
    acts = come_between(&attempt, count);
    faster += attempt.results->second == 1;
  }
  assert_in_range(faster, 1, count - 2);
  printf("create: %s: a second one came at %ld states, and was faster at %ld of them\n", attempt.way->name, count, faster);
}

#define TEST(function, way) \
  { #function "_" #way, function, NULL, NULL, (void *)(uintptr_t) & (way) }

static const struct CMUnitTest tests[] = {
    TEST(a_killed_creator_leaves_a_whole_well_or_none, by_create),
    TEST(a_killed_creator_leaves_a_whole_well_or_none, by_open),
    TEST(a_killed_creator_leaves_a_whole_well_or_none, by_file),
    TEST(of_two_creators_one_creates, by_create),
    TEST(of_two_creators_one_creates, by_open),
    TEST(of_two_creators_one_creates, by_file),
};

HARNESS_MAIN(tests)
