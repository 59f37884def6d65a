/* What can be done with an open region: another size, and what the kernel does with its pages.
 *
 * SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "sweep.h"

#define SIZE 20000
#define LARGER 50000
#define SMALLER 5000

static mw_region *region;
static uint64_t size_before;
static bool was_readonly;

/* ---- the region, and that it is still the same */

static const char *name(void) { return harness_name("inject"); }

static void remember(void) {
  size_before = mw_region_size(region);
  was_readonly = mw_region_is_readonly(region);
}

static void set_up_named(void) {
  assert_ok(mw_region_create(name(), SIZE, NULL, &why, &region));
  assert_ok(mw_region_fill(region, 'x', 0, SIZE, &why));
  remember();
}

static void tear_down_named(void) {
  mw_region_close(region);
  assert_ok(mw_region_unlink(name(), &why));
}

static void set_up_memfd(void) {
  assert_ok(mw_region_memfd("inject", SIZE, NULL, &why, &region));
  assert_ok(mw_region_fill(region, 'x', 0, SIZE, &why));
  remember();
}

static void close_region(void) { mw_region_close(region); }

static void is_unchanged(void) {
  unsigned char last;
  size_t size;
  assert_int_equal(mw_region_size(region), size_before);
  assert_int_equal(mw_region_is_readonly(region), was_readonly);
  assert_ok(mw_region_read(region, SIZE - 1, &last, 1, &why, &size));
  assert_int_equal(last, 'x');
  if (!was_readonly) assert_ok(mw_region_write(region, 7, "x", 1, &why));
}

static void named_is_unchanged(void) {
  is_unchanged();
  assert_ok(mw_region_check(region, &why));
  assert_int_equal(harness_file_size(harness_shm_path("", name())), SIZE);
}

/* ---- another size */

static int grow(void) { return mw_region_resize(region, LARGER, &why); }
static int shrink(void) { return mw_region_resize(region, SMALLER, &why); }
static int remap(void) { return mw_region_remap(region, &why); }
static int check(void) { return mw_region_check(region, &why); }

static void has_grown(void) { assert_int_equal(mw_region_size(region), LARGER); }
static void has_shrunk(void) { assert_int_equal(mw_region_size(region), SMALLER); }

static void set_up_grown_by_others(void) {
  set_up_named();
  assert_int_equal(truncate(harness_shm_path("", name()), LARGER), 0);
}

static void cut_and_touch(void) {
  unsigned char last;
  size_t size;
  set_up_named();
  harness_let_faults_kill(); /* what cmocka does with them is not ours */
  assert_int_equal(truncate(harness_shm_path("", name()), SMALLER), 0);
  assert_fails(MW_EFAULT, mw_region_read(region, SIZE - 1, &last, 1, &why, &size));
}

static void is_still_lost(void) { assert_fails(MW_EFAULT, mw_region_check(region, &why)); }

/* ---- pages */

static int flush(void) { return mw_region_flush(region, 5000, 9000, true, &why); }
static int advise(void) { return mw_region_advise(region, MW_ADVICE_RANDOM, 5000, 9000, &why); }
static int discard(void) { return mw_region_discard(region, 4096, 8192, &why); }
static int populate(void) { return mw_region_populate(region, 5000, 9000, &why); }
static int lock(void) { return mw_region_mlock(region, 5000, 9000, &why); }
static int unlock(void) { return mw_region_munlock(region, 5000, 9000, &why); }
static int protect(void) { return mw_region_protect(region, true, &why); }
static int allow_writing(void) { return mw_region_protect(region, false, &why); }

static int resident(void) {
  uint64_t bytes;
  return mw_region_resident(region, &why, &bytes);
}

static void set_up_locked(void) {
  set_up_named();
  assert_ok(lock());
}

static void set_up_protected(void) {
  set_up_named();
  assert_ok(protect());
  remember();
}

static void set_up_private(void) {
  mw_region *named;
  assert_ok(mw_region_create(name(), SIZE, NULL, &why, &named));
  assert_ok(mw_region_fill(named, 'x', 0, SIZE, &why));
  mw_region_close(named);
  assert_ok(mw_region_attach(name(), &(mw_region_options){sizeof(mw_region_options), .access = MW_COPY_ON_WRITE}, &why, &region));
  remember();
}

/* ---- seals */

static int seal_size(void) { return mw_region_seal(region, MW_SEAL_SHRINK | MW_SEAL_GROW, &why); }
static int seal_content(void) { return mw_region_seal(region, MW_SEAL_WRITE, &why); }

static int seals(void) {
  unsigned there;
  return mw_region_seals(region, &why, &there);
}

static void is_sealed(void) {
  unsigned there;
  assert_ok(mw_region_seals(region, &why, &there));
  assert_int_equal(there & MW_SEAL_WRITE, MW_SEAL_WRITE);
  assert_true(mw_region_is_readonly(region));
  was_readonly = true;
  is_unchanged();
}

/* ---- copies between parts of a region that overlap */

static int copy_overlapping(void) {
  mw_view from, to;
  uint64_t count = 1000;
  assert_ok(mw_view_init(&from, region, MW_INT32, 1, &count, 0, &why));
  assert_ok(mw_view_init(&to, region, MW_INT32, 1, &count, 8, &why));
  assert_ok(mw_view_slice(&to, 0, 999, -1, 1000, &why, &to));
  return mw_view_copy(&to, &from, &why);
}

static int write_overlapping(void) {
  mw_view to;
  uint64_t count = 1000;
  assert_ok(mw_view_init(&to, region, MW_INT32, 1, &count, 8, &why));
  assert_ok(mw_view_slice(&to, 0, 999, -1, 1000, &why, &to));
  return mw_view_write(&to, mw_region_data(region), 4000, &why);
}

/* ---- the table */

static const scenario table[] = {
    {"resize_larger", .set_up = set_up_named, .call = grow, .check = named_is_unchanged, .undo = has_grown,
     .tear_down = tear_down_named},
    {"resize_smaller", .set_up = set_up_named, .call = shrink, .check = named_is_unchanged, .undo = has_shrunk,
     .tear_down = tear_down_named},
    {"remap_grown", .set_up = set_up_grown_by_others, .call = remap, .check = is_unchanged, .undo = has_grown,
     .tear_down = tear_down_named},
    {"remap_lost", .set_up = cut_and_touch, .call = remap, .check = is_still_lost, .undo = has_shrunk,
     .tear_down = tear_down_named},
    {"check", .set_up = set_up_named, .call = check, .check = named_is_unchanged, .tear_down = tear_down_named},
    {"flush", .set_up = set_up_named, .call = flush, .check = named_is_unchanged, .tear_down = tear_down_named},
    {"advise", .set_up = set_up_named, .call = advise, .check = named_is_unchanged, .tear_down = tear_down_named},
    {"discard", .set_up = set_up_named, .call = discard, .check = named_is_unchanged, .tear_down = tear_down_named},
    {"discard_private", .set_up = set_up_private, .call = discard, .check = is_unchanged, .tear_down = tear_down_named},
    {"populate", .set_up = set_up_named, .call = populate, .check = named_is_unchanged, .tear_down = tear_down_named},
    {"mlock", .set_up = set_up_named, .call = lock, .check = named_is_unchanged, .tear_down = tear_down_named},
    {"munlock", .set_up = set_up_locked, .call = unlock, .check = named_is_unchanged, .tear_down = tear_down_named},
    {"resident", .set_up = set_up_named, .call = resident, .check = named_is_unchanged, .tear_down = tear_down_named},
    {"protect", .set_up = set_up_named, .call = protect, .check = named_is_unchanged, .tear_down = tear_down_named},
    {"protect_not", .set_up = set_up_protected, .call = allow_writing, .check = named_is_unchanged, .tear_down = tear_down_named},
    {"seal_size", .set_up = set_up_memfd, .call = seal_size, .check = is_unchanged, .tear_down = close_region},
    {"seal_content", .set_up = set_up_memfd, .call = seal_content, .check = is_unchanged, .undo = is_sealed,
     .tear_down = close_region},
    {"seals", .set_up = set_up_memfd, .call = seals, .check = is_unchanged, .tear_down = close_region},
    {"view_copy", .set_up = set_up_named, .call = copy_overlapping, .check = named_is_unchanged, .tear_down = tear_down_named},
    {"view_write", .set_up = set_up_named, .call = write_overlapping, .check = named_is_unchanged, .tear_down = tear_down_named},
};

const scenarios page_scenarios = {table, sizeof table / sizeof *table};
