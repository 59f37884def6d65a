/* The tables of kinds, and a factory for each line.
 *
 * SPDX-License-Identifier: MIT */
#include "kinds.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness.h"

#ifndef KINDS_DIRECTORY /* the build says where the tables are */
#define KINDS_DIRECTORY "tests/kinds"
#endif

enum { COLUMNS = 11, REGION_KEY = 14, SEMAPHORE_KEY = 15, SEMAPHORE_KINDS = 4 };

/* ---- what is in a region */

static uint8_t pattern_at(uint64_t i) { return (uint8_t)(i * 7 % 251 + 1); }

bool region_has_pattern(mw_region *region, uint64_t begin, uint64_t end) {
  const uint8_t *data = mw_region_data(region);
  for (uint64_t i = begin; i < end; i++)
    if (data[i] != pattern_at(i)) return false;
  return true;
}

static uint8_t *new_pattern(uint64_t size) {
  uint8_t *bytes = malloc(size);
  for (uint64_t i = 0; i < size; i++) bytes[i] = pattern_at(i);
  return bytes;
}

void region_put_pattern(mw_region *region) {
  uint8_t *bytes = new_pattern(mw_region_size(region));
  assert_ok(mw_region_write(region, 0, bytes, mw_region_size(region), &why));
  free(bytes);
}

/* ---- factories: each gives a region of `size` bytes, which are these or zeros */

typedef mw_region *region_factory(uint64_t size, const uint8_t *content);

static mw_region *with_content(mw_region *region, uint64_t size, const uint8_t *content) {
  if (content != NULL) assert_ok(mw_region_write(region, 0, content, size, &why));
  return region;
}

/* The file has its content before it is mapped, and no name after. */
static mw_region *file_at(uint64_t offset, uint64_t size, const uint8_t *content, mw_region_options options) {
  const char *path = harness_path("kind");
  mw_region *region;
  mw_region_options made = {sizeof made, .flags = MW_TRUNCATE};
  assert_ok(mw_region_file(path, offset + size, &made, &why, &region));
  if (content != NULL) assert_ok(mw_region_write(region, offset, content, size, &why));
  mw_region_close(region);
  options.size_of_struct = sizeof options;
  options.offset = offset;
  assert_ok(mw_region_file(path, 0, &options, &why, &region));
  unlink(path);
  return region;
}

uint64_t region_odd_offset(void) { return mw_page_size() + 13; }

static mw_region *from_file(uint64_t size, const uint8_t *content) {
  return file_at(0, size, content, (mw_region_options){.access = MW_READ_WRITE});
}

static mw_region *from_odd_offset(uint64_t size, const uint8_t *content) {
  return file_at(region_odd_offset(), size, content, (mw_region_options){.access = MW_READ_WRITE});
}

static mw_region *from_file_for_reading(uint64_t size, const uint8_t *content) {
  return file_at(0, size, content, (mw_region_options){.access = MW_READ});
}

static mw_region *from_file_for_copying(uint64_t size, const uint8_t *content) {
  return file_at(0, size, content, (mw_region_options){.access = MW_COPY_ON_WRITE});
}

static mw_region *from_file_without_descriptor(uint64_t size, const uint8_t *content) {
  return file_at(0, size, content, (mw_region_options){.flags = MW_NO_FD});
}

static mw_region *from_device(uint64_t size, const uint8_t *content) {
  mw_region *region;
  assert_ok(mw_region_file("/dev/zero", size, NULL, &why, &region));
  return with_content(region, size, content);
}

static mw_region *named(uint64_t size, const uint8_t *content, mw_access access) {
  mw_region *made, *region;
  mw_region_options options = {sizeof options, .access = access};
  assert_ok(mw_region_create(harness_name("kind"), size, NULL, &why, &made));
  assert_ok(mw_region_attach(harness_name("kind"), &options, &why, &region));
  assert_ok(mw_region_unlink(harness_name("kind"), &why));
  mw_region_close(with_content(made, size, content));
  return region;
}

static mw_region *from_name(uint64_t size, const uint8_t *content) { return named(size, content, MW_READ_WRITE); }

static mw_region *from_name_for_reading(uint64_t size, const uint8_t *content) { return named(size, content, MW_READ); }

static mw_region *from_nothing(uint64_t size, const uint8_t *content) {
  mw_region *region;
  assert_ok(mw_region_anonymous(size, NULL, &why, &region));
  return with_content(region, size, content);
}

static mw_region *from_private_nothing(uint64_t size, const uint8_t *content) {
  mw_region *region;
  mw_region_options options = {sizeof options, .access = MW_COPY_ON_WRITE};
  assert_ok(mw_region_anonymous(size, &options, &why, &region));
  return with_content(region, size, content);
}

static mw_region *from_memory_file(uint64_t size, const uint8_t *content) {
  mw_region *region;
  assert_ok(mw_region_memfd("kind", size, NULL, &why, &region));
  return with_content(region, size, content);
}

static mw_region *from_sealed(uint64_t size, const uint8_t *content) {
  mw_region *region = from_memory_file(size, content);
  assert_ok(mw_region_seal(region, MW_SEAL_SEAL | MW_SEAL_SHRINK | MW_SEAL_GROW | MW_SEAL_WRITE, &why));
  return region;
}

static mw_region *from_descriptor(uint64_t size, const uint8_t *content) {
  int fd = memfd_create("kind", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  mw_region *region;
  if (ftruncate(fd, (off_t)size) != 0) harness_fail("ftruncate: %s", strerror(errno));
  assert_ok(mw_region_from_fd(fd, 0, NULL, &why, &region));
  close(fd);
  return with_content(region, size, content);
}

static mw_region *from_socket(uint64_t size, const uint8_t *content) {
  int ends[2];
  mw_region *sent = from_memory_file(size, content), *region;
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) harness_fail("socketpair: %s", strerror(errno));
  assert_ok(mw_region_send(sent, ends[0], MW_DEADLINE_NEVER, &why));
  assert_ok(mw_region_receive(ends[1], MW_DEADLINE_NEVER, NULL, &why, &region));
  mw_region_close(sent);
  close(ends[0]);
  close(ends[1]);
  return region;
}

static mw_region *sysv(uint64_t size, const uint8_t *content, mw_access access) {
  mw_region *made, *region;
  mw_region_options options = {sizeof options, .access = access};
  assert_int_equal(mw_region_sysv(harness_key(REGION_KEY), size, MW_CREATE, NULL, &why, &made), 1);
  assert_ok(mw_region_sysv(harness_key(REGION_KEY), 0, MW_ATTACH, &options, &why, &region));
  assert_ok(mw_region_sysv_remove(harness_key(REGION_KEY), &why));
  mw_region_close(with_content(made, size, content));
  return region;
}

static mw_region *from_segment(uint64_t size, const uint8_t *content) { return sysv(size, content, MW_READ_WRITE); }

static mw_region *from_segment_for_reading(uint64_t size, const uint8_t *content) { return sysv(size, content, MW_READ); }

static const struct {
  const char *kind;
  region_factory *make;
} region_factories[] = {
    {"file", from_file},
    {"file-odd-offset", from_odd_offset},
    {"file-readonly", from_file_for_reading},
    {"file-private", from_file_for_copying},
    {"file-no-fd", from_file_without_descriptor},
    {"device", from_device},
    {"named", from_name},
    {"named-readonly", from_name_for_reading},
    {"anonymous", from_nothing},
    {"anonymous-private", from_private_nothing},
    {"memfd", from_memory_file},
    {"memfd-sealed", from_sealed},
    {"fd", from_descriptor},
    {"received", from_socket},
    {"sysv", from_segment},
    {"sysv-readonly", from_segment_for_reading},
};

static region_factory *factory_of(const char *kind) {
  for (size_t i = 0; i < sizeof region_factories / sizeof region_factories[0]; i++)
    if (strcmp(kind, region_factories[i].kind) == 0) return region_factories[i].make;
  harness_fail("tests/kinds/regions.tsv has the kind %s, and tests/kinds/kinds.c does not", kind);
}

/* ---- the tables */

static FILE *open_table(const char *name) {
  char path[512];
  snprintf(path, sizeof path, "%s/%s", KINDS_DIRECTORY, name);
  FILE *table = fopen(path, "re");
  if (table == NULL) harness_fail("%s: %s", path, strerror(errno));
  return table;
}

/* The next line's columns; comments and the line of headings are none. Returns whether there was one. */
static bool next_line(FILE *table, int count, char columns[][32]) {
  char line[512];
  while (fgets(line, sizeof line, table) != NULL) {
    line[strcspn(line, "\n")] = '\0';
    if (line[0] == '#' || strncmp(line, "kind\t", 5) == 0) continue;
    char *rest = line;
    for (int i = 0; i < count; i++) {
      const char *column = strsep(&rest, "\t");
      if (column == NULL) harness_fail("a line of a table of kinds has fewer than %d columns", count);
      snprintf(columns[i], 32, "%s", column);
    }
    return true;
  }
  return false;
}

static bool next_region_kind(FILE *table, region_kind *kind) {
  char columns[COLUMNS][32];
  if (!next_line(table, COLUMNS, columns)) return false;
  bool *const facts[COLUMNS] = {NULL,         &kind->writable, &kind->shared, &kind->aligned, &kind->descriptor, &kind->resize,
                                &kind->remap, &kind->seal,     &kind->send,   NULL,           &kind->pickle};
  snprintf(kind->kind, sizeof kind->kind, "%s", columns[0]);
  for (int i = 0; i < COLUMNS; i++)
    if (facts[i] != NULL) *facts[i] = strcmp(columns[i], "yes") == 0;
  kind->discard = columns[9][0];
  return true;
}

mw_region *region_of_kind(const region_kind *kind, uint64_t size, bool has_pattern) {
  uint8_t *content = has_pattern ? new_pattern(size) : NULL;
  mw_region *region = factory_of(kind->kind)(size, content);
  free(content);
  return region;
}

/* Read the table, and go through it. What is printed tells of a test that fails for which kind it does. */
static void for_each_region_kind(void (*body)(const region_kind *kind, void *context), void *context) {
  enum { KINDS = sizeof region_factories / sizeof region_factories[0] };
  region_kind kinds[KINDS + 1];
  FILE *table = open_table("regions.tsv");
  size_t count = 0;
  while (count < KINDS + 1 && next_region_kind(table, &kinds[count])) count++;
  fclose(table);
  if (count != KINDS) harness_fail("tests/kinds/regions.tsv has another number of kinds than tests/kinds/kinds.c");
  for (size_t i = 0; i < count; i++) {
    printf("kind %s\n", kinds[i].kind);
    body(&kinds[i], context);
  }
}

typedef struct checking {
  void (*check_kind)(const region_kind *kind);
  region_check *check;
  uint64_t size;
  bool has_pattern;
} checking;

static void check_kind(const region_kind *kind, void *context) { ((checking *)context)->check_kind(kind); }

static void check_region(const region_kind *kind, void *context) {
  const checking *now = context;
  mw_region *region = region_of_kind(kind, now->size, now->has_pattern);
  now->check(kind, region);
  mw_region_close(region);
}

void on_each_region_kind(void (*check)(const region_kind *kind)) {
  for_each_region_kind(check_kind, &(checking){.check_kind = check});
}

void on_each_region(uint64_t size, region_check *check) {
  for_each_region_kind(check_region, &(checking){.check = check, .size = size, .has_pattern = true});
}

void on_each_region_of_zeros(uint64_t size, region_check *check) {
  for_each_region_kind(check_region, &(checking){.check = check, .size = size});
}

static region_kind kind_now;

const region_kind *region_kind_now(void) { return &kind_now; }

static void run_if_writable(const region_kind *kind, void *test) {
  void *no_state = NULL;
  if (!kind->writable) return;
  kind_now = *kind;
  ((const kinds_test *)test)->run(&no_state);
}

void run_on_each_writable_kind(void **state) { for_each_region_kind(run_if_writable, *state); }

/* ---- semaphores */

static mw_semaphore *named_semaphore(unsigned value) {
  mw_semaphore *semaphore;
  assert_ok(mw_semaphore_create(harness_name("kind"), value, 0, 0, &why, &semaphore));
  return semaphore;
}

static mw_semaphore *semaphore_in_region(unsigned value) {
  mw_region *region;
  mw_semaphore *semaphore;
  assert_ok(mw_region_create(harness_name("kind"), 4096, NULL, &why, &region));
  assert_ok(mw_semaphore_at(region, 64, value, &why, &semaphore));
  mw_region_drop(region); /* and not closed, which would end the semaphore: that one has the last reference now */
  return semaphore;
}

static mw_semaphore *semaphore_of_set(mw_how how, unsigned value, unsigned flags) {
  mw_semaphore *semaphore;
  mw_semaphore_sysv_options options = {sizeof options, .how = how, .count = 3, .value = value, .flags = flags};
  int made = mw_semaphore_sysv(harness_key(SEMAPHORE_KEY), 1, &options, &why, &semaphore);
  if (made != (how == MW_CREATE)) assert_ok(made);
  return semaphore;
}

mw_semaphore *semaphore_of_kind(const semaphore_kind *kind, unsigned value) {
  if (strcmp(kind->kind, "named") == 0) return named_semaphore(value);
  if (strcmp(kind->kind, "at") == 0) return semaphore_in_region(value);
  if (strcmp(kind->kind, "sysv") == 0) return semaphore_of_set(MW_CREATE, value, 0);
  if (strcmp(kind->kind, "sysv-undo") == 0) return semaphore_of_set(MW_CREATE, value, MW_UNDO);
  harness_fail("tests/kinds/semaphores.tsv has the kind %s, and tests/kinds/kinds.c does not", kind->kind);
}

mw_semaphore *semaphore_attached_again(const semaphore_kind *kind, mw_semaphore *semaphore) {
  if (strcmp(mw_semaphore_kind(semaphore), "sysv") == 0) return semaphore_of_set(MW_ATTACH, 0, kind->undo ? MW_UNDO : 0);
  mw_semaphore *again;
  if (strcmp(mw_semaphore_kind(semaphore), "named") == 0) {
    assert_ok(mw_semaphore_attach(harness_name("kind"), MW_DEADLINE_NOW, 0, &why, &again));
    return again;
  }
  mw_region *region;
  assert_ok(mw_region_attach(harness_name("kind"), NULL, &why, &region));
  assert_ok(mw_semaphore_at(region, 64, -1, &why, &again));
  mw_region_drop(region);
  return again;
}

void semaphore_close_and_remove(const semaphore_kind *kind, mw_semaphore *semaphore) {
  mw_semaphore_close(semaphore);
  if (strncmp(kind->kind, "sysv", 4) == 0)
    assert_ok(mw_semaphore_sysv_remove(harness_key(SEMAPHORE_KEY), &why));
  else if (strcmp(kind->kind, "named") == 0)
    assert_ok(mw_semaphore_unlink(harness_name("kind"), &why));
  else
    assert_ok(mw_region_unlink(harness_name("kind"), &why));
}

static bool next_semaphore_kind(FILE *table, semaphore_kind *kind) {
  char columns[3][32];
  if (!next_line(table, 3, columns)) return false;
  snprintf(kind->kind, sizeof kind->kind, "%s", columns[0]);
  kind->most = (unsigned)strtoul(columns[1], NULL, 10);
  kind->undo = strcmp(columns[2], "yes") == 0;
  return true;
}

static int read_semaphore_kinds(semaphore_kind kinds[static SEMAPHORE_KINDS + 1]) {
  FILE *table = open_table("semaphores.tsv");
  int count = 0;
  while (count < SEMAPHORE_KINDS + 1 && next_semaphore_kind(table, &kinds[count])) count++;
  fclose(table);
  if (count != SEMAPHORE_KINDS) harness_fail("tests/kinds/semaphores.tsv has another number of kinds than tests/kinds/kinds.c");
  return count;
}

void on_each_semaphore_kind(void (*check)(const semaphore_kind *kind)) {
  semaphore_kind kinds[SEMAPHORE_KINDS + 1];
  int count = read_semaphore_kinds(kinds);
  for (int i = 0; i < count; i++) {
    printf("kind %s\n", kinds[i].kind);
    check(&kinds[i]);
  }
}

void on_each_semaphore(unsigned value, semaphore_check *check) {
  semaphore_kind kinds[SEMAPHORE_KINDS + 1];
  int count = read_semaphore_kinds(kinds);
  for (int i = 0; i < count; i++) {
    printf("kind %s\n", kinds[i].kind);
    mw_semaphore *semaphore = semaphore_of_kind(&kinds[i], value);
    check(&kinds[i], semaphore);
    semaphore_close_and_remove(&kinds[i], semaphore);
  }
}
