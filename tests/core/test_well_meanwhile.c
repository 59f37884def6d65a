/* What others do to a well just when this process is changing it. Such a change asks for memory once it has the directory's lock:
 * the linker leads that to a wrapper here, in which the others have their turn.
 *
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness.h"
#include "locks.h"

/* ---- in the middle of a call */

static void (*meanwhile)(void); /* once */

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size) {
  void (*act)(void) = meanwhile;
  meanwhile = NULL;
  if (act) act();
  return __real_calloc(count, size);
}

static int array(mw_well *well, const char *name, mw_view *out_view) {
  uint64_t count = 100;
  return mw_well_array(well, name, MW_INT64, 1, &count, &why, out_view);
}

/* ---- locks that are broken */

static harness_gate begun, ended;

static void let_the_other_act(void) {
  harness_gate_open(&begun);
  harness_gate_wait(&ended);
}

/* Who takes us for one that hangs; and what he does then, as anybody may. */
static pid_t breaker_of(mw_well *well, int slot, bool changes) {
  pid_t child = harness_fork();
  if (child != 0) return child;
  unsigned count = 0;
  mw_view view;
  harness_gate_wait(&begun);
  assert_ok(mw_well_break_locks(well, slot, &why, &count));
  assert_int_equal(count, 1); /* the right to change the directory */
  if (changes) assert_int_equal(array(well, "theirs", &view), 1);
  harness_gate_open(&ended);
  _exit(0);
}

static void whose_locks_are_broken_meanwhile_is_told(void **state) {
  (void)state;
  for (int changes = 0; changes < 2; changes++) {
    mw_well *well = well_created();
    mw_view view = {.region = NULL};
    uint64_t shape = 100;
    harness_gate_init(&begun);
    harness_gate_init(&ended);
    pid_t child = breaker_of(well, well_slot_of(well), changes);
    meanwhile = let_the_other_act;
    assert_fails(MW_ENOTOWNER, array(well, "ours", &view));
    assert_why("Well.array", "ours", 0);
    assert_non_null(strstr(why.reason, "it was done, but somebody broke this process's locks meanwhile"));
    assert_null(meanwhile);
    assert_null(view.region);
    assert_int_equal(harness_wait(child), 0);
    assert_ok(mw_well_find_array(well, "ours", &why, &view));
    assert_int_equal(view.shape[0], shape);
    if (!changes) assert_ok(mw_well_check(well, &why));
    assert_int_equal(array(well, "next", &view), 1); /* and nobody is kept out */
    harness_gate_fini(&begun);
    harness_gate_fini(&ended);
    well_close_and_unlink(well);
  }
}

/* ---- a file that is cut */

static void cut(void) { assert_int_equal(truncate(harness_shm_path("", well_name()), 0), 0); }

static void whose_pages_are_lost_meanwhile_is_told(void **state) {
  (void)state;
  harness_let_faults_kill();
  mw_well *well = well_created();
  mw_view view = {.region = NULL};
  meanwhile = cut;
  assert_fails(MW_EFAULT, array(well, "ours", &view));
  assert_null(meanwhile);
  assert_null(view.region);
  assert_fails(MW_EFAULT, mw_well_check(well, &why));
  mw_well_abandon(well);
  assert_ok(mw_well_unlink(well_name(), &why));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(whose_locks_are_broken_meanwhile_is_told),
    cmocka_unit_test(whose_pages_are_lost_meanwhile_is_told),
};

HARNESS_MAIN(tests)
