/* Wells of which something is damaged, and the sums are right all the same: each field is doubted by itself, and named. The places
 * are those of docs/formats.md.
 *
 * SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness.h"

enum { SIZE = 65536, SLOT = 128, ENTRY = 256 };
enum { AT_PARTICIPANTS = 256, AT_DIRECTORY = 256 + 64 * SLOT, ENTRIES = 32 };

static uint8_t bytes[SIZE];

static const char *name(void) { return harness_name("well"); }

/* ---- sums */

static uint64_t add_to_sum(uint64_t sum, const void *data, size_t size) {
  const uint8_t *byte = data;
  for (size_t i = 0; i < size; i++) sum = (sum ^ byte[i]) * UINT64_C(0x100000001b3);
  return sum;
}

static const uint64_t NOTHING_YET = UINT64_C(0xcbf29ce484222325);

static void sum_header(void) {
  uint64_t sum = add_to_sum(NOTHING_YET, bytes, 80);
  memcpy(bytes + 80, &sum, sizeof sum);
}

static void sum_entry(uint8_t *entry) {
  uint64_t state;
  uint32_t length;
  memcpy(&state, entry, sizeof state);
  memcpy(&length, entry + 104, sizeof length);
  state &= ~UINT64_C(0xff);
  uint64_t sum = add_to_sum(NOTHING_YET, &state, sizeof state);
  sum = add_to_sum(sum, entry + 8, 104);
  sum = add_to_sum(sum, entry + 128, length < 128 ? length : 128);
  memcpy(entry + 112, &sum, sizeof sum);
}

/* ---- a well's file, with one of each in it */

static void make_well(void) {
  mw_well *well = NULL;
  mw_view view;
  mw_mutex *mutex = NULL;
  mw_robust_semaphore *semaphore = NULL;
  uint64_t shape[2] = {3, 4};
  assert_ok(mw_well_create(name(), SIZE, NULL, &why, &well));
  assert_int_equal(mw_well_array(well, "a", MW_INT16, 2, shape, &why, &view), 1);
  assert_int_equal(mw_well_array(well, "b", MW_INT16, 2, shape, &why, &view), 1);
  assert_int_equal(mw_well_mutex(well, "m", 0, &why, &mutex), 1);
  assert_int_equal(mw_well_semaphore(well, "s", 3, 0, &why, &semaphore), 1);
  mw_mutex_drop(mutex);
  mw_robust_semaphore_drop(semaphore);
  assert_ok(mw_well_close(well, &why));
}

static void exchange(bool to_file) {
  int fd = open(harness_shm_path("", name()), O_RDWR | O_CLOEXEC);
  assert_int_equal(to_file ? pwrite(fd, bytes, SIZE, 0) : pread(fd, bytes, SIZE, 0), SIZE);
  close(fd);
}

static uint8_t *entry_at(size_t index) { return bytes + AT_DIRECTORY + ENTRY * index; }

static uint8_t *entry_of(const char *label) {
  for (size_t i = 0; i < ENTRIES; i++)
    if (strcmp((char *)entry_at(i) + 128, label) == 0) return entry_at(i);
  harness_fail("no entry is called %s", label);
}

static mw_well *attached(void) {
  mw_well *well = NULL;
  exchange(true);
  assert_ok(mw_well_attach(name(), NULL, &why, &well));
  return well;
}

static void done_with(mw_well *well) {
  mw_well_abandon(well);
  assert_ok(mw_well_unlink(name(), &why));
}

/* One field of something, what it becomes, and the word by which the error names it. */
typedef struct damage {
  const char *label;
  unsigned offset;
  unsigned size;
  uint64_t value;
  const char *named;
} damage;

static void put(uint8_t *base, const damage *damage) {
  for (unsigned i = 0; i < damage->size; i++) base[damage->offset + i] = (uint8_t)(damage->value >> 8 * i);
}

static void assert_named(const damage *damage) {
  if (!strstr(why.reason, damage->named)) harness_fail("not \"%s\": %s", damage->named, why.reason);
}

/* ---- the header */

static void every_field_of_the_header_is_doubted(void **state) {
  (void)state;
  static const damage table[] = {
      {"", 16, 8, 0, "size"},    {"", 16, 8, SIZE + 64, "size is"}, {"", 32, 8, 0, "participants"}, {"", 40, 8, 64, "directory"},
      {"", 48, 8, 0, "space"},   {"", 56, 4, 0, "slots"},           {"", 56, 4, 257, "slots"},      {"", 60, 4, 64, "entries"},
      {"", 64, 4, 0, "objects"}, {"", 64, 4, 1u << 30, "objects"},
  };
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    mw_well *well = NULL;
    make_well();
    exchange(false);
    put(bytes, &table[i]);
    sum_header();
    exchange(true);
    assert_fails(MW_EFORMAT, mw_well_attach(name(), NULL, &why, &well));
    assert_named(&table[i]);
    assert_ok(mw_well_unlink(name(), &why));
  }
}

static void a_check_finds_what_an_attach_does_not_look_at(void **state) {
  (void)state;
  static const damage table[] = {
      {"", 144, 8, 0, "locks_floor"},
      {"", 144, 8, SIZE + 64, "locks_floor"},
      {"", 144, 8, SIZE - 63, "locks_floor"},
      {"", 192, 8, 0, "admin lock"},
      {"", AT_PARTICIPANTS + SLOT * 3, 8, 0, "participants[3].life"},
      {"", AT_PARTICIPANTS + SLOT * 3 + 8, 8, 1000, "participants[3].ticket"},
  };
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    make_well();
    exchange(false);
    put(bytes, &table[i]);
    mw_well *well = attached();
    assert_fails(MW_EFORMAT, mw_well_check(well, &why));
    assert_named(&table[i]);
    done_with(well);
  }
}

/* ---- entries */

/* Whoever looks for an object whose entry is damaged is told so, and so is who lists all. */
static void every_field_of_an_entry_is_doubted(void **state) {
  (void)state;
  static const damage table[] = {
      {"a", 0, 1, 0, "its state"},
      {"a", 8, 8, 0, "its memory"},
      {"a", 8, 8, SIZE + 64, "its memory"},
      {"a", 8, 8, SIZE - 8, "its memory"},
      {"a", 8, 8, SIZE / 2 + 8, "its memory"},
      {"a", 16, 8, UINT64_MAX, "its memory"},
      {"a", 16, 8, 8, "dtype and shape"},
      {"a", 32, 8, UINT64_MAX, "dtype and shape"},
      {"a", 96, 4, MW_DTYPE_COUNT, "dtype and shape"},
      {"a", 100, 4, 0, "dtype and shape"},
      {"a", 100, 4, MW_MAX_DIMENSIONS + 1, "dtype and shape"},
      {"a", 104, 4, 0, "its name's length"},
      {"a", 104, 4, 128, "its name's length"},
      {"a", 104, 4, 2, "its name"},
      {"m", 16, 8, 0, "its memory"},
      {"s", 24, 8, 0, "its capacity"},
      {"s", 24, 8, MW_MAX_PERMITS + 1, "its capacity"},
      {"s", 16, 8, 64, "its capacity"},
  };
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    mw_view view;
    mw_object_info info;
    uint32_t cursor = 0;
    int found;
    make_well();
    exchange(false);
    uint8_t *entry = entry_of(table[i].label);
    put(entry, &table[i]);
    sum_entry(entry);
    mw_well *well = attached();
    assert_fails(MW_EFORMAT, mw_well_find_array(well, table[i].label, &why, &view));
    assert_named(&table[i]);
    while ((found = mw_well_next_object(well, &cursor, &why, &info)) == 1) continue;
    assert_int_equal(found, MW_EFORMAT);
    assert_fails(MW_EFORMAT, mw_well_delete(well, table[i].label, &why));
    assert_named(&table[i]);
    assert_fails(MW_EFORMAT, mw_well_check(well, &why));
    done_with(well);
  }
}

static size_t first_place(const char *label) { return add_to_sum(NOTHING_YET, label, strlen(label)) % ENTRIES; }

/* A name that is looked for where this one is, too. */
static void find_rival(const char *label, char rival[8]) {
  for (unsigned i = 0; i < 1000; i++) {
    snprintf(rival, 8, "r%u", i);
    if (first_place(rival) == first_place(label)) return;
  }
  harness_fail("no name collides with %s", label);
}

/* What is not found may be what is damaged; what is found is not. */
static void a_damaged_name_is_not_a_free_one(void **state) {
  (void)state;
  char rival[8];
  uint64_t one = 1;
  mw_view view;
  find_rival("a", rival);
  make_well();
  mw_well *well = NULL;
  assert_ok(mw_well_attach(name(), NULL, &why, &well));
  assert_int_equal(mw_well_array(well, rival, MW_INT8, 1, &one, &why, &view), 1);
  exchange(false);
  entry_of("a")[128] = 'z';
  exchange(true);
  assert_ok(mw_well_find_array(well, rival, &why, &view));
  assert_fails(MW_EFORMAT, mw_well_find_array(well, "a", &why, &view));
  assert_non_null(strstr(why.reason, "its checksum"));
  assert_fails(MW_EFORMAT, mw_well_array(well, "a", MW_INT8, 1, &one, &why, &view));
  assert_fails(MW_EFORMAT, mw_well_delete(well, "a", &why));
  done_with(well);
}

static void two_objects_share_no_memory(void **state) {
  (void)state;
  make_well();
  exchange(false);
  memcpy(entry_of("b") + 8, entry_of("a") + 8, 8);
  sum_entry(entry_of("b"));
  mw_well *well = attached();
  assert_fails(MW_EFORMAT, mw_well_check(well, &why));
  assert_non_null(strstr(why.reason, "the same memory"));
  done_with(well);
}

static void an_object_is_where_its_name_leads(void **state) {
  (void)state;
  make_well();
  exchange(false);
  uint8_t *entry = entry_of("a");
  entry[128] = 'z';
  sum_entry(entry);
  mw_well *well = attached();
  assert_fails(MW_EFORMAT, mw_well_check(well, &why));
  assert_non_null(strstr(why.reason, "a search for its name"));
  done_with(well);
}

/* Arrays below, locks above: what was a lock once is never anybody's data. */
static void an_array_lies_below_the_locks(void **state) {
  (void)state;
  make_well();
  exchange(false);
  uint64_t end = SIZE - 64, size;
  uint8_t *entry = entry_of("a");
  memcpy(entry + 8, &end, sizeof end);
  sum_entry(entry);
  mw_well *well = attached();
  assert_fails(MW_EFORMAT, mw_well_check(well, &why));
  assert_fails(MW_EFORMAT, mw_well_free(well, &why, &size));
  assert_non_null(strstr(why.reason, "not where it may be"));
  done_with(well);
}

static void a_directory_without_an_end_is_searched_once(void **state) {
  (void)state;
  make_well();
  exchange(false);
  for (size_t i = 0; i < ENTRIES; i++)
    if (entry_at(i)[0] == 0x11) entry_at(i)[0] = 0x22;
  mw_well *well = attached();
  mw_view view;
  uint64_t one = 1;
  assert_fails(MW_ENOENT, mw_well_find_array(well, "x", &why, &view));
  assert_int_equal(mw_well_array(well, "x", MW_INT8, 1, &one, &why, &view), 1);
  assert_ok(mw_well_check(well, &why));
  done_with(well);
}

/* ---- what is asked for */

static void options_that_cannot_be_are_refused(void **state) {
  (void)state;
  mw_well *well = NULL;
  mw_well_options options = {.size_of_struct = 1};
  assert_fails(MW_EINVAL, mw_well_create(name(), SIZE, &options, &why, &well));
  options = (mw_well_options){.size_of_struct = sizeof options, .flags = MW_OBSERVER};
  assert_fails(MW_EINVAL, mw_well_create(name(), SIZE, &options, &why, &well));
  assert_fails(MW_EINVAL, mw_well_open(name(), SIZE, &options, &why, &well));
  options = (mw_well_options){.size_of_struct = sizeof options, .objects = (1u << 20) + 1};
  assert_fails(MW_EINVAL, mw_well_create(name(), SIZE, &options, &why, &well));
  assert_fails(MW_EINVAL, mw_well_create("a/b", SIZE, NULL, &why, &well));
  assert_fails(MW_EINVAL, mw_well_attach("a/b", NULL, &why, &well));
  assert_fails(MW_EINVAL, mw_well_open("a/b", SIZE, NULL, &why, &well));
  assert_fails(MW_EINVAL, mw_well_unlink("a/b", &why));
  assert_fails(MW_EINVAL, mw_well_create(name(), UINT64_MAX, NULL, &why, &well));
  assert_fails(MW_EINVAL, mw_well_open(name(), 10, NULL, &why, &well));
  assert_fails(MW_EINVAL, mw_well_file("", SIZE, NULL, &why, &well));
  assert_fails(MW_EINVAL, mw_well_file(NULL, SIZE, NULL, &why, &well));
}

static void an_empty_file_is_no_well(void **state) {
  (void)state;
  mw_well *well = NULL;
  harness_write_file(harness_path("empty"), "", 0, 0600);
  assert_fails(MW_EFORMAT, mw_well_file(harness_path("empty"), SIZE, NULL, &why, &well));
  assert_non_null(strstr(why.reason, "empty"));
}

static void kinds_that_are_none_are_refused(void **state) {
  (void)state;
  make_well();
  exchange(false);
  mw_well *well = attached();
  mw_view view;
  mw_mutex *mutex = NULL;
  mw_robust_semaphore *semaphore = NULL;
  uint64_t one = 1;
  assert_fails(MW_EINVAL, mw_well_array(well, "x", MW_DTYPE_COUNT, 1, &one, &why, &view));
  assert_fails(MW_EINVAL, mw_well_array(well, "x", MW_INT8, 0, &one, &why, &view));
  assert_fails(MW_EINVAL, mw_well_array(well, "x", MW_INT8, 1, NULL, &why, &view));
  assert_fails(MW_EINVAL, mw_well_mutex(well, "x", 1, &why, &mutex));
  assert_fails(MW_ENOENT, mw_well_mutex(well, "x", MW_MUST_EXIST, &why, &mutex));
  assert_fails(MW_ENOENT, mw_well_semaphore(well, "x", 0, 0, &why, &semaphore));
  assert_fails(MW_EINVAL, mw_well_semaphore(well, "x", MW_MAX_PERMITS + 1, 0, &why, &semaphore));
  done_with(well);
}

/* ---- room that the dead keep */

static void the_dead_make_room_in_a_full_well(void **state) {
  (void)state;
  make_well();
  exchange(false);
  mw_well *well = attached();
  uint64_t size, some = 1;
  mw_view view;
  assert_ok(mw_well_free(well, &why, &size));
  assert_int_equal(mw_well_array(well, "large", MW_UINT8, 1, &size, &why, &view), 1);
  assert_ok(mw_well_close(well, &why));
  pid_t child = harness_fork();
  if (child == 0) { /* deletes it, and dies attached */
    assert_ok(mw_well_attach(name(), NULL, &why, &well));
    assert_ok(mw_well_delete(well, "large", &why));
    _exit(0);
  }
  assert_int_equal(harness_wait(child), 0);
  assert_ok(mw_well_attach(name(), NULL, &why, &well));
  size -= some;
  assert_int_equal(mw_well_array(well, "other", MW_UINT8, 1, &size, &why, &view), 1);
  done_with(well);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_field_of_the_header_is_doubted), cmocka_unit_test(a_check_finds_what_an_attach_does_not_look_at),
    cmocka_unit_test(every_field_of_an_entry_is_doubted),   cmocka_unit_test(a_damaged_name_is_not_a_free_one),
    cmocka_unit_test(two_objects_share_no_memory),          cmocka_unit_test(an_object_is_where_its_name_leads),
    cmocka_unit_test(an_array_lies_below_the_locks),        cmocka_unit_test(a_directory_without_an_end_is_searched_once),
    cmocka_unit_test(options_that_cannot_be_are_refused),   cmocka_unit_test(an_empty_file_is_no_well),
    cmocka_unit_test(kinds_that_are_none_are_refused),      cmocka_unit_test(the_dead_make_room_in_a_full_well),
};

HARNESS_MAIN(tests)
