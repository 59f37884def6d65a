/* Making the well, and putting it back.
 *
 * SPDX-License-Identifier: MIT */
#include "stage.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

actor me;

const char *stage_name(void) { return harness_name("well"); }

mw_deadline stage_patience(void) {
  const char *seconds = getenv("PATIENCE");
  return mw_deadline_after(seconds != NULL ? atof(seconds) : 20);
}

static const char *path(void) { return harness_shm_path("", stage_name()); }

/* ---- acting */

void actor_attach(void) { assert_ok(mw_well_attach(stage_name(), NULL, &why, &me.well)); }

void actor_find_all(void) {
  assert_ok(mw_well_mutex(me.well, "mutex", MW_MUST_EXIST, &why, &me.mutex));
  assert_ok(mw_well_semaphore(me.well, "semaphore", PERMITS, MW_MUST_EXIST, &why, &me.semaphore));
  assert_ok(mw_well_event(me.well, "event", MW_MUST_EXIST, &why, &me.event));
}

void actor_detach(void) { assert_ok(mw_well_close(me.well, &why)); }

/* ---- making */

static void create(mw_well *well) {
  mw_view array;
  mw_mutex *mutex;
  mw_robust_semaphore *semaphore;
  mw_event *event;
  assert_int_equal(mw_well_array(well, "array", MW_UINT64, 1, (uint64_t[]){ELEMENTS}, &why, &array), 1);
  assert_int_equal(mw_well_mutex(well, "mutex", 0, &why, &mutex), 1);
  assert_int_equal(mw_well_semaphore(well, "semaphore", PERMITS, 0, &why, &semaphore), 1);
  assert_int_equal(mw_well_event(well, "event", 0, &why, &event), 1);
  uint64_t *elements = (uint64_t *)(void *)((uint8_t *)mw_region_data(mw_well_region(well)) + array.offset);
  for (uint64_t i = 0; i < ELEMENTS; i++) elements[i] = i * 3 + 1;
  mw_mutex_drop(mutex);
  mw_robust_semaphore_drop(semaphore);
  mw_event_drop(event);
}

/* Space that is not clean, and entries that were used. */
static void create_and_delete(mw_well *well) {
  mw_view array;
  mw_mutex *mutex;
  assert_int_equal(mw_well_array(well, "once", MW_UINT8, 1, (uint64_t[]){256}, &why, &array), 1);
  memset((uint8_t *)mw_region_data(mw_well_region(well)) + array.offset, 0xee, 256);
  assert_int_equal(mw_well_mutex(well, "new", 0, &why, &mutex), 1);
  mw_mutex_drop(mutex);
  assert_ok(mw_well_delete(well, "once", &why));
  assert_ok(mw_well_delete(well, "new", &why));
}

static void make(void *unused) {
  (void)unused;
  mw_well_options options = {sizeof options, .slots = WELL_SLOTS, .objects = WELL_OBJECTS};
  mw_well *well;
  assert_ok(mw_well_create(stage_name(), WELL_SIZE, &options, &why, &well));
  create(well);
  create_and_delete(well);
  assert_ok(mw_well_close(well, &why));
}

static void die(void *past) {
  void (**act)(void) = past;
  actor_attach();
  actor_find_all();
  (*act)();
  kill(getpid(), SIGKILL);
}

void stage_make(void (*past)(void), well_bytes *out_bytes) {
  assert_int_equal(harness_in_child(make, NULL), 0);
  if (past != NULL) assert_int_equal(harness_in_child(die, &past), 128 + SIGKILL);
  stage_read(out_bytes);
}

/* ---- putting it back */

void stage_put(const well_bytes *bytes) {
  stage_clear();
  harness_write_file(path(), bytes, sizeof *bytes, 0600);
}

const well_bytes *stage_map(void) {
  int fd = open(path(), O_RDONLY | O_CLOEXEC);
  const well_bytes *map = mmap(NULL, sizeof *map, PROT_READ, MAP_SHARED, fd, 0);
  close(fd);
  if (map == MAP_FAILED) harness_fail("the well cannot be mapped");
  return map;
}

void stage_unmap(const well_bytes *map) { munmap((void *)(uintptr_t)map, sizeof *map); }

void stage_read(well_bytes *out_bytes) {
  const well_bytes *map = stage_map();
  *out_bytes = *map;
  stage_unmap(map);
}

void stage_clear(void) { unlink(path()); }
