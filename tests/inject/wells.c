/* Wells: the ways to get one, what is in it, who is attached. What is locked in them is in locks.c.
 *
 * SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sweep.h"

#define SIZE 65536
#define BOOT 152

static mw_well *well;   /* set up */
static mw_well *made;   /* by the call under test */
static mw_mutex *mutex; /* got by it */
static mw_robust_semaphore *semaphore;
static mw_event *event;
static uint64_t free_before;

static const char *name(void) { return harness_name("inject"); }
static const char *path(void) { return harness_path("well"); }

/* ---- who is attached, asked by somebody else */

/* Of those who live. */
static unsigned participants_of(mw_well *asked) {
  uint32_t cursor = 0;
  unsigned count = 0;
  mw_participant_info info;
  while (mw_well_next_participant(asked, &cursor, &why, &info) == 1) count += info.state != MW_DEAD;
  return count;
}

static mw_well *attach_alike(bool is_file) {
  mw_well *other = NULL;
  assert_ok(is_file ? mw_well_file(path(), 0, NULL, &why, &other) : mw_well_attach(name(), NULL, &why, &other));
  return other;
}

/* A process that attaches finds as many as these, itself included, and nothing wrong. */
static void assert_participants(bool is_file, unsigned count) {
  pid_t child = harness_fork();
  if (child == 0) {
    mw_well *other = attach_alike(is_file);
    assert_int_equal(participants_of(other), count);
    assert_ok(mw_well_check(other, &why));
    assert_ok(mw_well_close(other, &why));
    _exit(0);
  }
  assert_int_equal(harness_wait(child), 0);
}

/* ---- making one */

static mw_well_options options_with(unsigned flags) {
  return (mw_well_options){.size_of_struct = sizeof(mw_well_options), .flags = flags};
}

static int create_with(unsigned flags) {
  mw_well_options options = options_with(flags);
  return mw_well_create(name(), SIZE, &options, &why, &made);
}

static int create(void) { return create_with(0); }
static int create_temporary(void) { return create_with(MW_TEMPORARY); }
static int open_name(void) { return mw_well_open(name(), SIZE, NULL, &why, &made); }
static int attach(void) { return mw_well_attach(name(), NULL, &why, &made); }
static int file(void) { return mw_well_file(path(), SIZE, NULL, &why, &made); }
static int unlink_name(void) { return mw_well_unlink(name(), &why); }

static int observe(void) {
  mw_well_options options = options_with(MW_OBSERVER);
  return mw_well_attach(name(), &options, &why, &made);
}

static int attach_in_vain(void) {
  mw_well_options options = options_with(0);
  options.wait_for_name = mw_deadline_after(0.001);
  return mw_well_attach(name(), &options, &why, &made);
}

static void nothing_made(void) { assert_null(made); }

static void no_name(void) {
  nothing_made();
  assert_false(harness_exists(harness_shm_path("", name())));
}

static void no_file(void) {
  nothing_made();
  assert_false(harness_exists(path()));
}

static void nobody_is_attached(void) {
  nothing_made();
  assert_participants(false, 1);
}

static void nobody_has_the_file(void) {
  nothing_made();
  assert_participants(true, 1);
}

/* It works, and goes. */
static void close_made(void) {
  assert_non_null(made);
  assert_ok(mw_well_check(made, &why));
  assert_ok(mw_well_close(made, &why));
  made = NULL;
}

static void remove_name(void) { assert_ok(unlink_name()); }
static void remove_file(void) { assert_int_equal(unlink(path()), 0); }

static void undo_name(void) {
  close_made();
  remove_name();
}

static void undo_file(void) {
  close_made();
  remove_file();
}

static void set_up_name(void) {
  assert_ok(create());
  close_made();
}

static void set_up_file(void) {
  assert_int_equal(file(), 1);
  close_made();
}

/* As it is after the machine has started again. */
static void set_up_file_of_before(void) {
  set_up_file();
  int fd = open(path(), O_RDWR | O_CLOEXEC);
  assert_int_equal(pwrite(fd, "before", 6, BOOT), 6);
  close(fd);
}

/* ---- one that is attached to already */

static void set_up_well(void) {
  assert_ok(mw_well_create(name(), SIZE, NULL, &why, &well));
  assert_ok(mw_well_free(well, &why, &free_before));
}

static void tear_down_well(void) {
  assert_ok(mw_well_close(well, &why));
  remove_name();
}

/* The run goes on in a child that has inherited a well and has not used it. */
static void set_up_inherited(void) {
  set_up_well();
  pid_t child = harness_fork();
  if (child > 0) _exit(harness_wait(child));
}

static void only_the_parent_is_attached(void) { assert_participants(false, 2); }

static int slot(void) {
  int number;
  return mw_well_slot(well, &why, &number);
}

static void use_well(void) {
  assert_int_equal(participants_of(well), 2);
  assert_ok(mw_well_check(well, &why));
}

static int attach_again(void) { return mw_well_attach(name(), NULL, &why, &made); }

static void only_we_are_attached(void) {
  nothing_made();
  assert_int_equal(participants_of(well), 1);
}

static int close_well(void) { return mw_well_close(well, &why); }

/* ---- objects */

static mw_view view;

static int array_of(const char *label) {
  uint64_t count = 100;
  return mw_well_array(well, label, MW_FLOAT64, 1, &count, &why, &view);
}

static int array(void) { return array_of("a"); }
static int get_mutex(void) { return mw_well_mutex(well, "m", 0, &why, &mutex); }
static int get_semaphore(void) { return mw_well_semaphore(well, "s", 5, 0, &why, &semaphore); }
static int get_event(void) { return mw_well_event(well, "e", 0, &why, &event); }
static int delete (void) { return mw_well_delete(well, "m", &why); }

static uint64_t free_now(void) {
  uint64_t size;
  assert_ok(mw_well_free(well, &why, &size));
  return size;
}

static void nothing_got(void) {
  assert_true(!mutex && !semaphore && !event);
  assert_ok(mw_well_check(well, &why));
}

static void no_object(void) {
  nothing_got();
  uint32_t cursor = 0;
  mw_object_info info;
  assert_int_equal(mw_well_next_object(well, &cursor, &why, &info), 0);
  assert_int_equal(free_now(), free_before);
}

static void drop_all(void) {
  mw_mutex_drop(mutex);
  mw_robust_semaphore_drop(semaphore);
  mw_event_drop(event);
  mutex = NULL;
  semaphore = NULL;
  event = NULL;
}

static void set_up_objects(void) {
  set_up_well();
  assert_true(array() == 1 && get_mutex() == 1 && get_semaphore() == 1 && get_event() == 1);
  drop_all();
}

/* ---- the dead */

static void die_holding(void) {
  mw_well *other = attach_alike(false);
  assert_ok(mw_well_mutex(other, "m", 0, &why, &mutex));
  assert_ok(mw_well_semaphore(other, "s", 0, 0, &why, &semaphore));
  assert_ok(mw_mutex_acquire(mutex, MW_DEADLINE_NOW, &why));
  assert_ok(mw_robust_semaphore_acquire(semaphore, MW_DEADLINE_NOW, &why));
  _exit(0);
}

static void set_up_dead(void) {
  set_up_objects();
  pid_t child = harness_fork();
  if (child == 0) die_holding();
  assert_int_equal(harness_wait(child), 0);
}

static int reap(void) {
  unsigned count;
  return mw_well_reap(well, &why, &count);
}

/* ---- looking at it */

static int list_participants(void) {
  uint32_t cursor = 0;
  mw_participant_info info;
  int found;
  while ((found = mw_well_next_participant(well, &cursor, &why, &info)) == 1) continue;
  return found;
}

static int ask_free(void) {
  uint64_t size;
  return mw_well_free(well, &why, &size);
}

static int check(void) { return mw_well_check(well, &why); }

static void all_is_well(void) { assert_ok(mw_well_check(well, &why)); }

/* ---- the table */

static const scenario table[] = {
    {"well_create", .call = create, .check = no_name, .undo = undo_name},
    {"well_create_temporary", .call = create_temporary, .check = no_name, .undo = close_made, .keeps = 1},
    {"well_open_new", .call = open_name, .result = 1, .check = no_name, .undo = undo_name},
    {"well_open_existing", .set_up = set_up_name, .call = open_name, .check = nobody_is_attached, .undo = close_made,
     .tear_down = remove_name},
    {"well_attach", .set_up = set_up_name, .call = attach, .check = nobody_is_attached, .undo = close_made,
     .tear_down = remove_name},
    {"well_attach_to_read", .set_up = set_up_name, .call = observe, .check = nobody_is_attached, .undo = close_made,
     .tear_down = remove_name},
    {"well_attach_in_vain", .call = attach_in_vain, .result = MW_ENOENT, .check = nothing_made},
    {"well_attach_again", .set_up = set_up_well, .call = attach_again, .check = only_we_are_attached, .undo = close_made,
     .tear_down = tear_down_well},
    {"well_attach_after_fork", .set_up = set_up_inherited, .call = slot, .check = only_the_parent_is_attached, .undo = use_well,
     .tear_down = tear_down_well},
    {"well_file_exclusive", .call = file, .result = 1, .check = no_file, .undo = undo_file},
    {"well_file", .set_up = set_up_file, .call = file, .check = nobody_has_the_file, .undo = close_made, .tear_down = remove_file},
    {"well_file_of_before", .set_up = set_up_file_of_before, .call = file, .check = nobody_has_the_file, .undo = close_made,
     .tear_down = remove_file},
    {"well_unlink", .set_up = set_up_name, .call = unlink_name, .check = nobody_is_attached},
    {"well_close", .set_up = set_up_well, .call = close_well, .undo = nobody_is_attached, .tear_down = remove_name},
    {"well_array_new", .set_up = set_up_well, .call = array, .result = 1, .check = no_object, .tear_down = tear_down_well},
    {"well_mutex_new", .set_up = set_up_well, .call = get_mutex, .result = 1, .check = no_object, .undo = drop_all,
     .tear_down = tear_down_well},
    {"well_mutex_existing", .set_up = set_up_objects, .call = get_mutex, .check = nothing_got, .undo = drop_all,
     .tear_down = tear_down_well},
    {"well_semaphore_new", .set_up = set_up_well, .call = get_semaphore, .result = 1, .check = no_object, .undo = drop_all,
     .tear_down = tear_down_well},
    {"well_semaphore_existing", .set_up = set_up_objects, .call = get_semaphore, .check = nothing_got, .undo = drop_all,
     .tear_down = tear_down_well},
    {"well_event_new", .set_up = set_up_well, .call = get_event, .result = 1, .check = no_object, .undo = drop_all,
     .tear_down = tear_down_well},
    {"well_event_existing", .set_up = set_up_objects, .call = get_event, .check = nothing_got, .undo = drop_all,
     .tear_down = tear_down_well},
    {"well_delete_of_the_dead", .set_up = set_up_dead, .call = delete, .check = all_is_well, .tear_down = tear_down_well},
    {"well_free", .set_up = set_up_objects, .call = ask_free, .tear_down = tear_down_well},
    {"well_check", .set_up = set_up_objects, .call = check, .tear_down = tear_down_well},
    {"well_participants", .set_up = set_up_dead, .call = list_participants, .tear_down = tear_down_well},
    {"well_reap", .set_up = set_up_dead, .call = reap, .check = all_is_well, .tear_down = tear_down_well},
};

const scenarios well_scenarios = {table, sizeof table / sizeof *table};
