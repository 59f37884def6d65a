/* A table of user records of 64 bytes each in a mapped file, and batch look-up by index. examples/README.md draws a record.
 *
 *   records make PATH COUNT        make a table of COUNT users
 *   records show PATH INDEX ...    look users up, all at once; indices count from 0
 *
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memwell.h"

typedef struct user {
  int64_t id;
  int32_t age;
  uint8_t active;
  double balance;
  char name[40]; /* NULs fill it up */
} user;
_Static_assert(sizeof(user) == 64 && offsetof(user, balance) == 16, "the same bytes in every language");

static mw_error error;

static void must(int status) {
  if (status >= 0) return;
  char text[640];
  mw_error_message(&error, text, sizeof text);
  fprintf(stderr, "records: %s\n", text);
  exit(1);
}

static void make(const char *path, uint64_t count) {
  mw_region_options options = {.size_of_struct = sizeof options, .flags = MW_TRUNCATE};
  mw_region *file;
  must(mw_region_file(path, count * sizeof(user), &options, &error, &file));
  user *users = mw_region_data(file); /* an array on the disk */
  for (uint64_t i = 0; i < count; i++) {
    users[i] = (user){.id = (int64_t)(1000 + i), .age = (int32_t)(18 + i * 7 % 60), .active = i % 3 != 0};
    users[i].balance = (double)i * 1.25;
    snprintf(users[i].name, sizeof users[i].name, "user-%04llu", (unsigned long long)i);
  }
  printf("%s: %llu users\n", path, (unsigned long long)count);
  mw_region_close(file);
}

/* One field of every record: a view whose elements are 64 bytes apart. */
static mw_view field(mw_region *file, mw_dtype dtype, uint64_t offset) {
  mw_view every, field;
  uint64_t size = mw_dtype_size(dtype), records = mw_region_size(file) / sizeof(user);
  must(mw_view_init(&every, file, dtype, 1, NULL, 0, &error));
  must(mw_view_slice(&every, 0, offset / size, (int64_t)(sizeof(user) / size), records, &error, &field));
  return field;
}

static void show(const char *path, char **numbers, uint64_t count) {
  mw_region_options options = {.size_of_struct = sizeof options, .access = MW_READ};
  mw_region *file;
  must(mw_region_file(path, 0, &options, &error, &file));
  uint64_t *indices = calloc(count, sizeof *indices);
  double *balances = calloc(count, sizeof *balances), sum = 0;
  if (!indices || !balances) exit(1);
  for (uint64_t i = 0; i < count; i++) indices[i] = strtoull(numbers[i], NULL, 10);
  mw_view all = field(file, MW_FLOAT64, offsetof(user, balance));
  must(mw_view_take(&all, indices, count, balances, &error)); /* every index is checked before any element is read */
  const user *users = mw_region_data(file);
  for (uint64_t i = 0; i < count; i++) {
    const user *u = &users[indices[i]];
    printf("%lld  %-12.40s  %3d  %9.2f  %s\n", (long long)u->id, u->name, u->age, balances[i], u->active ? "active" : "away");
    sum += balances[i];
  }
  printf("%llu users, balance %.2f\n", (unsigned long long)count, sum);
  free(indices);
  free(balances);
  mw_region_close(file);
}

int main(int argc, char **argv) {
  if (argc == 4 && !strcmp(argv[1], "make") && strtoull(argv[3], NULL, 10) > 0)
    make(argv[2], strtoull(argv[3], NULL, 10));
  else if (argc >= 4 && !strcmp(argv[1], "show"))
    show(argv[2], argv + 3, (uint64_t)argc - 3);
  else
    return fprintf(stderr, "usage: records make PATH COUNT, or records show PATH INDEX ...\n"), 2;
  return 0;
}
