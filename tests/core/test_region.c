/* What every region does, wherever its memory comes from: most tests here run on every kind of region that there is.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"
#include "kinds.h"

/* Run a check on a region of 10,000 bytes of zeros of each kind. */
static void on_each(region_check *check) { on_each_region_of_zeros(10000, check); }

static bool is_device(const region_kind *kind) { return strcmp(kind->kind, "device") == 0; }

/* Whether all of the region has this byte. */
static bool is_filled(mw_region *region, uint8_t byte) {
  const uint8_t *data = mw_region_data(region);
  for (uint64_t i = 0; i < mw_region_size(region); i++)
    if (data[i] != byte) return false;
  return true;
}

/* ---- what it says of itself */

static void check_file(const region_kind *kind, mw_region *region) {
  struct stat stat;
  int fd = -1;
  uint64_t device, inode;
  assert_ok(mw_region_descriptor(region, &why, &fd));
  assert_int_equal(fstat(fd, &stat), 0);
  assert_true((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
  mw_region_identity(region, &device, &inode);
  assert_int_equal(device, stat.st_dev);
  assert_int_equal(inode, stat.st_ino);
  if (!is_device(kind)) assert_int_equal(stat.st_size, 10000 + mw_region_offset(region));
}

static void check_description(const region_kind *kind, mw_region *region) {
  assert_int_equal(mw_region_size(region), 10000);
  assert_non_null(mw_region_data(region));
  assert_int_equal(mw_region_access(region), !kind->writable ? MW_READ : kind->shared ? MW_READ_WRITE : MW_COPY_ON_WRITE);
  assert_int_equal(mw_region_is_readonly(region), !kind->writable);
  assert_int_equal((uintptr_t)mw_region_data(region) % mw_page_size() == 0, kind->aligned);
  assert_false(mw_region_is_closed(region));
  assert_false(mw_region_is_faulted(region));
  assert_int_equal(mw_region_holds(region), 0);
  assert_ok(mw_region_check(region, &why));
  if (kind->descriptor) check_file(kind, region);
}

static void it_describes_itself(void **state) {
  (void)state;
  on_each(check_description);
}

/* What begins the table's name of a kind, what memwell calls that, and how the region's name begins; NULL: it has none. */
static void check_kind_and_name(const region_kind *kind, mw_region *region) {
  char key[16];
  snprintf(key, sizeof key, "0x%x", (unsigned)harness_key(14));
  const struct {
    const char *begin, *kind, *name;
  } rows[] = {{"file", "file", harness_path("kind")},
              {"device", "file", "/dev/zero"},
              {"named", "named", harness_name("kind")},
              {"anonymous", "anonymous", NULL},
              {"memfd", "memfd", "kind"},
              {"fd", "fd", "fd "},
              {"received", "fd", "received"},
              {"sysv", "sysv", key}};
  bool found = false;
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    if (strncmp(kind->kind, rows[i].begin, strlen(rows[i].begin)) != 0) continue;
    found = true;
    assert_string_equal(mw_region_kind(region), rows[i].kind);
    if (rows[i].name != NULL)
      assert_int_equal(strncmp(mw_region_name(region), rows[i].name, strlen(rows[i].name)), 0);
    else
      assert_null(mw_region_name(region));
  }
  assert_true(found);
  assert_int_equal(mw_region_offset(region), strcmp(kind->kind, "file-odd-offset") == 0 ? region_odd_offset() : 0);
}

static void it_knows_its_kind_and_name(void **state) {
  (void)state;
  on_each(check_kind_and_name);
}

static void a_page_is_what_the_system_says(void **state) {
  (void)state;
  assert_int_equal(mw_page_size(), sysconf(_SC_PAGESIZE));
}

static void check_zeros(const region_kind *kind, mw_region *region) {
  (void)kind;
  assert_true(is_filled(region, 0));
}

static void it_begins_as_zeros(void **state) {
  (void)state;
  on_each(check_zeros);
}

/* Of what memwell makes; what a descriptor leads to is its maker's. */
static void check_space(const region_kind *kind, mw_region *region) {
  struct stat stat;
  int fd;
  if (!kind->descriptor || is_device(kind) || strcmp(mw_region_kind(region), "fd") == 0) return;
  assert_ok(mw_region_descriptor(region, &why, &fd));
  assert_int_equal(fstat(fd, &stat), 0);
  assert_true(stat.st_blocks * 512 >= 1 << 20);
}

static void its_space_is_reserved(void **state) {
  (void)state;
  on_each_region_of_zeros(1 << 20, check_space);
}

/* ---- read, write, fill, move */

static void check_round_trip(const region_kind *kind, mw_region *region) {
  if (!kind->writable) return;
  uint8_t in[1000], out[1000];
  size_t size = 99;
  for (size_t i = 0; i < sizeof in; i++) in[i] = (uint8_t)(i * 7 + 1);
  assert_ok(mw_region_write(region, 4000, in, sizeof in, &why));
  assert_ok(mw_region_read(region, 4000, out, sizeof out, &why, &size));
  assert_int_equal(size, sizeof out);
  assert_memory_equal(in, out, sizeof in);
  assert_memory_equal((uint8_t *)mw_region_data(region) + 4000, in, sizeof in);
  assert_int_equal(((uint8_t *)mw_region_data(region))[3999], 0);
  assert_int_equal(((uint8_t *)mw_region_data(region))[5000], 0);
}

static void what_is_written_can_be_read(void **state) {
  (void)state;
  on_each(check_round_trip);
}

static void check_read_is_clipped(const region_kind *kind, mw_region *region) {
  (void)kind;
  static const struct {
    uint64_t offset;
    size_t size, got;
  } rows[] = {{9990, 100, 10}, {9999, 1, 1},         {10000, 1, 0},        {10001, 5, 0}, {0, 0, 0},
              {5, 0, 0},       {UINT64_MAX, 100, 0}, {9990, SIZE_MAX, 10}, {0, 100, 100}};
  uint8_t buffer[200];
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    size_t size = 77;
    memset(buffer, 0xee, sizeof buffer);
    assert_ok(mw_region_read(region, rows[i].offset, buffer, rows[i].size, &why, &size));
    assert_int_equal(size, rows[i].got);
    for (size_t k = rows[i].got; k < sizeof buffer; k++) assert_int_equal(buffer[k], 0xee);
  }
}

static void a_read_is_clipped_at_the_end(void **state) {
  (void)state;
  on_each(check_read_is_clipped);
}

static void check_write_past_end(const region_kind *kind, mw_region *region) {
  if (!kind->writable) return;
  static const struct {
    uint64_t offset;
    size_t size;
  } rows[] = {{9999, 2},       {10000, 1}, {10001, 0},    {UINT64_MAX, 1},
              {UINT64_MAX, 2}, {0, 10001}, {1, SIZE_MAX}, {UINT64_MAX - 5, 100}};
  static uint8_t data[10001];
  memset(data, 1, sizeof data);
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    assert_fails(MW_EINVAL, mw_region_write(region, rows[i].offset, data, rows[i].size, &why));
    assert_fails(MW_EINVAL, mw_region_fill(region, 1, rows[i].offset, rows[i].size, &why));
    assert_fails(MW_EINVAL, mw_region_flush(region, rows[i].offset, rows[i].size, true, &why));
    assert_fails(MW_EINVAL, mw_region_move(region, rows[i].offset, 0, rows[i].size, &why));
    assert_fails(MW_EINVAL, mw_region_move(region, 0, rows[i].offset, rows[i].size, &why));
  }
  assert_true(is_filled(region, 0));
}

static void nothing_is_written_past_the_end(void **state) {
  (void)state;
  on_each(check_write_past_end);
}

static void check_empty_ranges(const region_kind *kind, mw_region *region) {
  if (!kind->writable) return;
  static const uint64_t offsets[] = {0, 5000, 10000};
  for (int i = 0; i < 3; i++) {
    assert_ok(mw_region_write(region, offsets[i], "", 0, &why));
    assert_ok(mw_region_fill(region, 1, offsets[i], 0, &why));
    assert_ok(mw_region_flush(region, offsets[i], 0, true, &why));
    assert_ok(mw_region_move(region, offsets[i], offsets[i], 0, &why));
  }
  assert_true(is_filled(region, 0));
}

static void an_empty_range_is_fine_up_to_the_end(void **state) {
  (void)state;
  on_each(check_empty_ranges);
}

static void check_fill(const region_kind *kind, mw_region *region) {
  if (!kind->writable) return;
  assert_ok(mw_region_fill(region, 0xab, 0, 10000, &why));
  assert_true(is_filled(region, 0xab));
  assert_ok(mw_region_fill(region, 0, 1, 9998, &why));
  const uint8_t *data = mw_region_data(region);
  assert_int_equal(data[0], 0xab);
  assert_int_equal(data[9999], 0xab);
  for (int i = 1; i < 9999; i++) assert_int_equal(data[i], 0);
}

static void fill_sets_every_byte_of_the_range(void **state) {
  (void)state;
  on_each(check_fill);
}

static void check_move(const region_kind *kind, mw_region *region) {
  if (!kind->writable) return;
  static const struct {
    uint64_t destination, source, size;
  } rows[] = {{0, 5000, 5000}, {100, 0, 9900}, {0, 100, 9900}, {0, 0, 10000}, {9999, 0, 1}, {4097, 4096, 5000}};
  uint8_t model[10000];
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    for (size_t k = 0; k < sizeof model; k++) model[k] = (uint8_t)(k * 31 + k / 256 + i);
    assert_ok(mw_region_write(region, 0, model, sizeof model, &why));
    memmove(model + rows[i].destination, model + rows[i].source, rows[i].size);
    assert_ok(mw_region_move(region, rows[i].destination, rows[i].source, rows[i].size, &why));
    assert_memory_equal(mw_region_data(region), model, sizeof model);
  }
}

static void move_may_overlap(void **state) {
  (void)state;
  on_each(check_move);
}

static void check_write_from_itself(const region_kind *kind, mw_region *region) {
  if (!kind->writable) return;
  uint8_t model[10000];
  for (size_t k = 0; k < sizeof model; k++) model[k] = (uint8_t)(k * 31 + k / 256);
  assert_ok(mw_region_write(region, 0, model, sizeof model, &why));
  memmove(model + 100, model, 5000);
  assert_ok(mw_region_write(region, 100, mw_region_data(region), 5000, &why));
  assert_memory_equal(mw_region_data(region), model, sizeof model);
}

static void data_may_lie_in_the_region_itself(void **state) {
  (void)state;
  on_each(check_write_from_itself);
}

static void check_flush(const region_kind *kind, mw_region *region) {
  if (!kind->writable) return;
  assert_ok(mw_region_fill(region, 7, 0, 10000, &why));
  assert_ok(mw_region_flush(region, 0, 10000, true, &why));
  assert_ok(mw_region_flush(region, 4097, 3, true, &why));
  assert_ok(mw_region_flush(region, 9999, 1, false, &why));
}

static void flush_takes_any_range(void **state) {
  (void)state;
  on_each(check_flush);
}

/* ---- access */

static void poke(void *data) { *(volatile char *)data = 1; }

static void check_readonly(const region_kind *kind, mw_region *region) {
  if (kind->writable) return;
  assert_fails(MW_EREADONLY, mw_region_write(region, 0, "x", 1, &why));
  assert_fails(MW_EREADONLY, mw_region_fill(region, 1, 0, 1, &why));
  assert_fails(MW_EREADONLY, mw_region_move(region, 0, 1, 1, &why));
  assert_int_equal(harness_in_child(poke, mw_region_data(region)), 128 + SIGSEGV);
  assert_true(is_filled(region, 0));
}

static void read_only_memory_refuses_writes(void **state) {
  (void)state;
  on_each(check_readonly);
}

static void poke_through_memwell(void *region) { assert_ok(mw_region_write(region, 9999, "x", 1, &why)); }

static void check_sharing(const region_kind *kind, mw_region *region) {
  if (!kind->writable) return;
  assert_int_equal(harness_in_child(poke_through_memwell, region), 0);
  assert_int_equal(((char *)mw_region_data(region))[9999], kind->shared ? 'x' : 0);
}

static void shared_memory_is_seen_by_children(void **state) {
  (void)state;
  on_each(check_sharing);
}

static void check_copies(const region_kind *kind, mw_region *region) {
  char byte = 9;
  int fd;
  if (kind->shared) return;
  assert_ok(mw_region_fill(region, 1, 0, 10000, &why));
  assert_true(is_filled(region, 1));
  assert_ok(mw_region_descriptor(region, &why, &fd));
  assert_int_equal(pread(fd, &byte, 1, (off_t)mw_region_offset(region)), 1);
  assert_int_equal(byte, 0);
}

static void copies_on_write_stay_here(void **state) {
  (void)state;
  on_each(check_copies);
}

/* ---- options */

static void unknown_options_are_refused(void **state) {
  (void)state;
  static const unsigned flags[] = {1u << 10, 1u << 31, MW_TRUNCATE, MW_EXCLUSIVE, MW_TEMPORARY | MW_ANY_OWNER | MW_TRUNCATE};
  for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
    mw_region_options options = {sizeof options, .flags = flags[i]};
    mw_region *region = (mw_region *)1;
    assert_fails(MW_EINVAL, mw_region_create(harness_name("x"), 64, &options, &why, &region));
    assert_fails(MW_EINVAL, mw_region_attach(harness_name("x"), &options, &why, &region));
    assert_fails(MW_EINVAL, mw_region_open(harness_name("x"), 64, &options, &why, &region));
    assert_fails(MW_EINVAL, mw_region_anonymous(64, &options, &why, &region));
    assert_ptr_equal(region, (mw_region *)1);
  }
  mw_region_options odd = {sizeof odd, .flags = 1u << 10};
  mw_region *region;
  assert_fails(MW_EINVAL, mw_region_file(harness_path("x"), 64, &odd, &why, &region));
  assert_false(harness_exists(harness_path("x")));
}

static void an_unknown_access_is_refused(void **state) {
  (void)state;
  mw_region_options options = {sizeof options, .access = (mw_access)7};
  mw_region *region;
  assert_fails(MW_EINVAL, mw_region_anonymous(64, &options, &why, &region));
  assert_fails(MW_EINVAL, mw_region_create(harness_name("x"), 64, &options, &why, &region));
}

/* What memwell will add to the options comes at their end: callers that were compiled before pass a shorter struct. */
static void a_shorter_struct_has_defaults_for_the_rest(void **state) {
  (void)state;
  mw_region_options options = {.size_of_struct = offsetof(mw_region_options, flags), .access = MW_COPY_ON_WRITE, .flags = ~0u};
  mw_region *region;
  assert_ok(mw_region_anonymous(64, &options, &why, &region));
  assert_int_equal(mw_region_access(region), MW_COPY_ON_WRITE);
  mw_region_close(region);
  options.size_of_struct = 0;
  assert_fails(MW_EINVAL, mw_region_anonymous(64, &options, &why, &region));
}

static void check_missing_descriptor(const region_kind *kind, mw_region *region) {
  int fd = 77;
  uint64_t device = 0, inode = 0;
  mw_region_identity(region, &device, &inode);
  assert_true(inode != 0);
  if (kind->descriptor) return;
  assert_fails(MW_ENOTSUP, mw_region_descriptor(region, &why, &fd));
  assert_int_equal(fd, 77);
  assert_fails(MW_ENOTSUP, mw_region_send(region, 0, MW_DEADLINE_NOW, &why));
  assert_ok(mw_region_check(region, &why));
}

static void without_a_descriptor_some_calls_are_missing(void **state) {
  (void)state;
  on_each(check_missing_descriptor);
}

static void assert_keeps_none(int result, mw_region **made) {
  mw_region *region = *made;
  int fd = 77;
  if (result != 1) assert_ok(result); /* 1: open created it */
  assert_fails(MW_ENOTSUP, mw_region_descriptor(region, &why, &fd));
  assert_ok(mw_region_fill(region, 1, 0, mw_region_size(region), &why));
  mw_region_close(region);
}

static void every_maker_can_do_without_a_descriptor(void **state) {
  (void)state;
  mw_region_options options = {sizeof options, .flags = MW_NO_FD}, new = {sizeof new, .flags = MW_NO_FD | MW_EXCLUSIVE};
  mw_region *region = NULL;
  assert_keeps_none(mw_region_file(harness_path("x"), 100, &new, &why, &region), &region);
  assert_keeps_none(mw_region_create(harness_name("x"), 100, &options, &why, &region), &region);
  assert_keeps_none(mw_region_attach(harness_name("x"), &options, &why, &region), &region);
  assert_ok(mw_region_unlink(harness_name("x"), &why));
  assert_keeps_none(mw_region_open(harness_name("x"), 100, &options, &why, &region), &region);
  assert_ok(mw_region_unlink(harness_name("x"), &why));
  assert_keeps_none(mw_region_anonymous(100, &options, &why, &region), &region);
  assert_keeps_none(mw_region_memfd("x", 100, &options, &why, &region), &region);
}

/* ---- resize and check */

static void check_resize(const region_kind *kind, mw_region *region) {
  if (!kind->resize) return;
  static const uint64_t sizes[] = {10001, 100000, 100000, 5000, 4096, 4095, 1, 10000};
  uint64_t known = 10000; /* bytes that were filled and not cut since */
  assert_ok(mw_region_fill(region, 5, 0, 10000, &why));
  for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
    assert_ok(mw_region_resize(region, sizes[i], &why));
    if (sizes[i] < known) known = sizes[i];
    assert_int_equal(mw_region_size(region), sizes[i]);
    assert_ok(mw_region_check(region, &why));
    const uint8_t *data = mw_region_data(region);
    for (uint64_t k = 0; k < sizes[i]; k++) assert_int_equal(data[k], k < known ? 5 : 0);
  }
}

static void resize_keeps_what_is_there_and_adds_zeros(void **state) {
  (void)state;
  on_each(check_resize);
}

static void check_resize_changes_the_file(const region_kind *kind, mw_region *region) {
  if (!kind->resize) return;
  struct stat stat;
  int fd;
  assert_ok(mw_region_descriptor(region, &why, &fd));
  assert_ok(mw_region_resize(region, 1 << 20, &why));
  assert_int_equal(fstat(fd, &stat), 0);
  assert_int_equal(stat.st_size, (1 << 20) + mw_region_offset(region));
  assert_true(stat.st_blocks * 512 >= (1 << 20) - 12288); /* the first 10,000 bytes are as they were, maybe not there */
  assert_ok(mw_region_resize(region, 10, &why));
  assert_int_equal(fstat(fd, &stat), 0);
  assert_int_equal(stat.st_size, 10 + mw_region_offset(region));
}

static void the_file_has_the_new_size(void **state) {
  (void)state;
  on_each(check_resize_changes_the_file);
}

static void check_bad_resize(const region_kind *kind, mw_region *region) {
  if (!kind->resize) return;
  assert_ok(mw_region_fill(region, 5, 0, 10000, &why));
  void *data = mw_region_data(region);
  assert_fails(MW_EINVAL, mw_region_resize(region, 0, &why));
  assert_fails(MW_EINVAL, mw_region_resize(region, UINT64_MAX, &why));
  assert_fails(MW_EINVAL, mw_region_resize(region, (uint64_t)INT64_MAX + 1, &why));
  assert_int_equal(mw_region_size(region), 10000);
  assert_ptr_equal(mw_region_data(region), data);
  assert_true(is_filled(region, 5));
  assert_ok(mw_region_check(region, &why));
}

static void a_size_that_cannot_be_is_refused(void **state) {
  (void)state;
  on_each(check_bad_resize);
}

static void check_not_resizable(const region_kind *kind, mw_region *region) {
  if (kind->resize) return;
  int status = mw_region_resize(region, 20000, &why);
  assert_true(status == MW_ENOTSUP || status == MW_EREADONLY);
  assert_fails(status, status);
  assert_int_equal(mw_region_size(region), 10000);
  assert_true(is_filled(region, 0));
}

static void some_kinds_keep_their_size(void **state) {
  (void)state;
  on_each(check_not_resizable);
}

/* Nobody has changed anything, so nothing changes; who holds the memory is safe from it all the same. */
static void check_remap(const region_kind *kind, mw_region *region) {
  if (!kind->remap) {
    assert_fails(MW_ENOTSUP, mw_region_remap(region, &why));
  } else {
    assert_ok(mw_region_remap(region, &why));
    mw_region_hold(region);
    assert_fails(MW_EBUSY, mw_region_remap(region, &why));
    mw_region_drop(region);
  }
  assert_int_equal(mw_region_size(region), 10000);
  assert_true(region_has_pattern(region, 0, 10000));
}

static void remap_changes_nothing_by_itself(void **state) {
  (void)state;
  on_each_region(10000, check_remap);
}

static void check_growth(const region_kind *kind, mw_region *region) {
  int fd;
  if (!kind->resize) return;
  assert_ok(mw_region_descriptor(region, &why, &fd));
  uint64_t end = mw_region_offset(region) + 100000;
  assert_int_equal(ftruncate(fd, (off_t)end), 0);
  assert_ok(mw_region_remap(region, &why));
  assert_int_equal(mw_region_size(region), 100000);
  assert_true(region_has_pattern(region, 0, 10000));
  assert_int_equal(ftruncate(fd, (off_t)end - 99000), 0);
  assert_ok(mw_region_remap(region, &why));
  assert_int_equal(mw_region_size(region), 1000);
  assert_true(region_has_pattern(region, 0, 1000));
}

static void remap_follows_the_end(void **state) {
  (void)state;
  on_each_region(10000, check_growth);
}

static void check_busy(const region_kind *kind, mw_region *region) {
  if (!kind->resize) return;
  mw_region_hold(region);
  mw_region_hold(region);
  assert_int_equal(mw_region_holds(region), 2);
  assert_fails(MW_EBUSY, mw_region_resize(region, 20000, &why));
  mw_region_drop(region);
  assert_fails(MW_EBUSY, mw_region_resize(region, 100, &why));
  assert_int_equal(mw_region_size(region), 10000);
  mw_region_drop(region);
  assert_int_equal(mw_region_holds(region), 0);
  assert_ok(mw_region_resize(region, 20000, &why));
}

static void a_region_that_is_held_is_not_resized(void **state) {
  (void)state;
  on_each(check_busy);
}

static void check_cut(const region_kind *kind, mw_region *region) {
  if (!kind->resize) return;
  int fd;
  assert_ok(mw_region_descriptor(region, &why, &fd));
  assert_int_equal(ftruncate(fd, (off_t)mw_region_offset(region) + 1234), 0);
  assert_fails(MW_EFAULT, mw_region_check(region, &why));
  char left[32];
  snprintf(left, sizeof left, "%llu", (unsigned long long)mw_region_offset(region) + 1234);
  assert_non_null(strstr(why.reason, left));
  assert_int_equal(ftruncate(fd, 0), 0);
  assert_fails(MW_EFAULT, mw_region_check(region, &why));
  assert_int_equal(ftruncate(fd, (off_t)mw_region_offset(region) + 10000), 0);
  assert_ok(mw_region_check(region, &why));
}

static void check_notices_that_the_file_was_cut(void **state) {
  (void)state;
  on_each(check_cut);
}

/* ---- close, hold, drop */

/* The region was closed, and one reference is left. */
static void assert_refuses_all(mw_region *region) {
  uint8_t byte;
  size_t size = 5;
  int fd = 6;
  assert_true(mw_region_is_closed(region));
  assert_null(mw_region_data(region));
  assert_int_equal(mw_region_size(region), 0);
  assert_fails(MW_ECLOSED, mw_region_read(region, 0, &byte, 1, &why, &size));
  assert_fails(MW_ECLOSED, mw_region_write(region, 0, "x", 1, &why));
  assert_fails(MW_ECLOSED, mw_region_fill(region, 1, 0, 1, &why));
  assert_fails(MW_ECLOSED, mw_region_move(region, 0, 1, 1, &why));
  assert_fails(MW_ECLOSED, mw_region_flush(region, 0, 1, true, &why));
  assert_fails(MW_ECLOSED, mw_region_resize(region, 20000, &why));
  assert_fails(MW_ECLOSED, mw_region_remap(region, &why));
  assert_fails(MW_ECLOSED, mw_region_check(region, &why));
  assert_fails(MW_ECLOSED, mw_region_check_findable(region, &why));
  assert_fails(MW_ECLOSED, mw_region_descriptor(region, &why, &fd));
  assert_int_equal(size, 5);
  assert_int_equal(fd, 6);
}

static void check_closed(const region_kind *kind) {
  mw_region *region = region_of_kind(kind, 10000, false);
  volatile uint8_t *data = mw_region_data(region);
  mw_region_hold(region);
  mw_region_close(region);
  assert_refuses_all(region);
  mw_region_close(region); /* again, which takes nobody's reference */
  assert_int_equal(mw_region_holds(region), 1);
  if (kind->writable) data[9999] = 1; /* still mapped for the one who holds it */
  assert_int_equal(data[9999], kind->writable);
  mw_region_drop(region);
}

static void a_closed_region_refuses_every_call(void **state) {
  (void)state;
  on_each_region_kind(check_closed);
}

static void touch(void *data) { (void)*(volatile char *)data; }

static void check_last_drop(const region_kind *kind) {
  mw_region *region = region_of_kind(kind, 10000, false);
  void *data = mw_region_data(region);
  mw_region_hold(region);
  mw_region_close(region);
  assert_int_equal(harness_in_child(touch, data), 0);
  mw_region_drop(region);
  assert_int_equal(harness_in_child(touch, data), 128 + SIGSEGV);
}

static void the_last_drop_unmaps(void **state) {
  (void)state;
  on_each_region_kind(check_last_drop);
}

static void null_is_fine_for_close_and_drop(void **state) {
  (void)state;
  mw_region_close(NULL);
  mw_region_drop(NULL);
}

typedef struct closing_race {
  mw_region *region;
  pthread_barrier_t start;
} closing_race;

static void *use_while_it_is_closed(void *context) {
  closing_race *race = context;
  uint8_t buffer[4096];
  size_t size;
  int result;
  pthread_barrier_wait(&race->start);
  do {
    result = mw_region_read(race->region, 0, buffer, sizeof buffer, NULL, &size);
    if (result == 0) result = mw_region_fill(race->region, 3, 0, 10000, NULL);
  } while (result == 0);
  mw_region_drop(race->region);
  return (void *)(intptr_t)result;
}

static void another_thread_may_close_it(void **state) {
  (void)state;
  for (int round = 0; round < 50; round++) {
    closing_race race;
    pthread_t thread;
    void *result;
    assert_ok(mw_region_anonymous(10000, NULL, &why, &race.region));
    mw_region_hold(race.region);
    pthread_barrier_init(&race.start, NULL, 2);
    assert_int_equal(pthread_create(&thread, NULL, use_while_it_is_closed, &race), 0);
    pthread_barrier_wait(&race.start);
    mw_region_close(race.region);
    assert_int_equal(pthread_join(thread, &result), 0);
    assert_int_equal((intptr_t)result, MW_ECLOSED);
    pthread_barrier_destroy(&race.start);
  }
}

/* ---- out of descriptors, out of memory */

static void without_descriptors_it_says_so(void **state) {
  (void)state;
  struct rlimit before, none;
  mw_region *region = (mw_region *)1;
  harness_write_file(harness_path("there"), "data", 4, 0600);
  assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
  none = before;
  none.rlim_cur = 0;
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
  int created = mw_region_create(harness_name("x"), 64, NULL, &why, &region);
  int opened = mw_region_file(harness_path("there"), 0, NULL, &why, &region);
  int anonymous = mw_region_anonymous(64, NULL, &why, &region);
  mw_error error = why;
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
  assert_int_equal(created, MW_EMFILE);
  assert_int_equal(opened, MW_EMFILE);
  assert_int_equal(anonymous, MW_EMFILE);
  assert_int_equal(error.os_errno, EMFILE);
  assert_ptr_equal(region, (mw_region *)1);
}

/* ---- of some kinds only */

static void a_name_path_or_key_leads_to_the_same_memory_or_not(void **state) {
  (void)state;
  static const mw_region_options private = {sizeof private, .access = MW_COPY_ON_WRITE};
  mw_region *named, *file, *copy, *anonymous, *device, *segment, *keyed;
  assert_ok(mw_region_create(harness_name("it"), 100, NULL, &why, &named));
  harness_write_file(harness_path("it"), "abc", 3, 0600);
  assert_ok(mw_region_file(harness_path("it"), 0, NULL, &why, &file));
  assert_ok(mw_region_file(harness_path("it"), 0, &private, &why, &copy));
  assert_ok(mw_region_anonymous(100, NULL, &why, &anonymous));
  assert_ok(mw_region_file("/dev/zero", 100, NULL, &why, &device));
  assert_int_equal(mw_region_sysv(MW_KEY_PRIVATE, 100, MW_CREATE, NULL, &why, &segment), 1);
  assert_ok(mw_region_sysv_unlink(segment, &why));
  assert_int_equal(mw_region_sysv(harness_key(0), 100, MW_CREATE, NULL, &why, &keyed), 1);
  assert_ok(mw_region_sysv_remove(harness_key(0), &why));
  assert_ok(mw_region_check_findable(keyed, &why));
  mw_region_close(keyed);
  assert_ok(mw_region_check_findable(named, &why));
  assert_ok(mw_region_check_findable(file, &why));
  mw_region *const unfindable[] = {copy, anonymous, device, segment};
  for (int i = 0; i < 4; i++) {
    assert_fails(MW_ENOTSUP, mw_region_check_findable(unfindable[i], &why));
    mw_region_close(unfindable[i]);
  }
  assert_ok(mw_region_unlink(harness_name("it"), &why));
  mw_region_close(named);
  mw_region_close(file);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(it_describes_itself),
    cmocka_unit_test(it_knows_its_kind_and_name),
    cmocka_unit_test(a_page_is_what_the_system_says),
    cmocka_unit_test(it_begins_as_zeros),
    cmocka_unit_test(its_space_is_reserved),
    cmocka_unit_test(what_is_written_can_be_read),
    cmocka_unit_test(a_read_is_clipped_at_the_end),
    cmocka_unit_test(nothing_is_written_past_the_end),
    cmocka_unit_test(an_empty_range_is_fine_up_to_the_end),
    cmocka_unit_test(fill_sets_every_byte_of_the_range),
    cmocka_unit_test(move_may_overlap),
    cmocka_unit_test(data_may_lie_in_the_region_itself),
    cmocka_unit_test(flush_takes_any_range),
    cmocka_unit_test(read_only_memory_refuses_writes),
    cmocka_unit_test(shared_memory_is_seen_by_children),
    cmocka_unit_test(copies_on_write_stay_here),
    cmocka_unit_test(unknown_options_are_refused),
    cmocka_unit_test(an_unknown_access_is_refused),
    cmocka_unit_test(a_shorter_struct_has_defaults_for_the_rest),
    cmocka_unit_test(without_a_descriptor_some_calls_are_missing),
    cmocka_unit_test(every_maker_can_do_without_a_descriptor),
    cmocka_unit_test(resize_keeps_what_is_there_and_adds_zeros),
    cmocka_unit_test(the_file_has_the_new_size),
    cmocka_unit_test(a_size_that_cannot_be_is_refused),
    cmocka_unit_test(some_kinds_keep_their_size),
    cmocka_unit_test(remap_changes_nothing_by_itself),
    cmocka_unit_test(remap_follows_the_end),
    cmocka_unit_test(a_region_that_is_held_is_not_resized),
    cmocka_unit_test(check_notices_that_the_file_was_cut),
    cmocka_unit_test(a_closed_region_refuses_every_call),
    cmocka_unit_test(the_last_drop_unmaps),
    cmocka_unit_test(null_is_fine_for_close_and_drop),
    cmocka_unit_test(another_thread_may_close_it),
    cmocka_unit_test(without_descriptors_it_says_so),
    cmocka_unit_test(a_name_path_or_key_leads_to_the_same_memory_or_not),
};

HARNESS_MAIN(tests)
