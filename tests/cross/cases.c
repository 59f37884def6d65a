/* Makes the bad calls of cases.tsv and says what each gave. Main entry: cases.
 *
 * SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "peer.h"

enum { NAME, WANTED, BY, CALL, FIRST_ARGUMENT };

/* ---- arguments */

static uint64_t number(const char *text) { return (uint64_t)strtoll(text, NULL, 10); }

static mw_value value_of(const char *text) {
  if (strpbrk(text, ".e")) return (mw_value){.kind = MW_VALUE_FLOAT, .as.f = strtod(text, NULL)};
  return (mw_value){.kind = MW_VALUE_INT, .as.i = strtoll(text, NULL, 10)};
}

static int extents_of(const char *text, uint64_t out_extents[MW_MAX_DIMENSIONS + 1]) {
  int count = 0;
  char *rest = NULL;
  for (const char *at = text; count <= MW_MAX_DIMENSIONS; at = rest + 1) {
    out_extents[count++] = number(at);
    (void)strtoll(at, &rest, 10);
    if (*rest != 'x') break;
  }
  return count;
}

static mw_region_options options_of(const char *mode) {
  mw_region_options options = {.size_of_struct = sizeof options,
                               .access = *mode == 'r' && mode[1] == '\0' ? MW_READ : MW_READ_WRITE};
  if (*mode == 'c') options.access = MW_COPY_ON_WRITE;
  if (*mode == 'w') options.flags = MW_TRUNCATE;
  if (*mode == 'x') options.flags = MW_EXCLUSIVE;
  return options;
}

/* "open @name", "readonly @name", "closed @name", "cut PATH": a region to call something on. One that is closed is held, so that
 * the struct is still there. */
static mw_region *region_of(const char *subject) {
  mw_error error;
  mw_region *region = NULL;
  const char *name = strchr(subject, ' ');
  if (!name) give_up("no such subject: %s", subject);
  name++;
  mw_region_options options = options_of(*subject == 'r' ? "r" : "r+");
  if (strncmp(subject, "cut", 3) == 0) {
    must(mw_region_file(name, 0, &options, &error, &region), &error);
    FILE *file = fopen(name, "w");
    if (file) fclose(file);
  } else {
    must(mw_region_attach(name, &options, &error, &region), &error);
  }
  mw_region_hold(region);
  if (strncmp(subject, "closed", 6) == 0) mw_region_close(region);
  return region;
}

static void end_region(mw_region *region) {
  if (!mw_region_is_closed(region)) mw_region_close(region);
  mw_region_drop(region);
}

static mw_semaphore *semaphore_of(const char *subject) {
  mw_error error;
  mw_semaphore *semaphore = NULL;
  const char *name = strchr(subject, ' ');
  if (!name) give_up("no such subject: %s", subject);
  must(mw_semaphore_attach(name + 1, MW_DEADLINE_NOW, 0, &error, &semaphore), &error);
  mw_semaphore_hold(semaphore);
  if (*subject == 'c') mw_semaphore_close(semaphore);
  return semaphore;
}

static void end_semaphore(mw_semaphore *semaphore) {
  if (!mw_semaphore_is_closed(semaphore)) mw_semaphore_close(semaphore);
  mw_semaphore_drop(semaphore);
}

/* ---- regions */

typedef int (*call)(char *const arguments[], mw_error *error);

static int finish_region(int status, mw_region *region) {
  if (status >= 0) mw_region_close(region);
  return status;
}

static int region_create(char *const arguments[], mw_error *error) {
  mw_region *region = NULL;
  return finish_region(mw_region_create(arguments[0], number(arguments[1]), NULL, error, &region), region);
}

static int region_attach(char *const arguments[], mw_error *error) {
  mw_region *region = NULL;
  mw_region_options options = options_of(arguments[1]);
  return finish_region(mw_region_attach(arguments[0], &options, error, &region), region);
}

static int region_open(char *const arguments[], mw_error *error) {
  mw_region *region = NULL;
  return finish_region(mw_region_open(arguments[0], number(arguments[1]), NULL, error, &region), region);
}

static int region_unlink(char *const arguments[], mw_error *error) { return mw_region_unlink(arguments[0], error); }

static int region_anonymous(char *const arguments[], mw_error *error) {
  mw_region *region = NULL;
  return finish_region(mw_region_anonymous(number(arguments[0]), NULL, error, &region), region);
}

static int region_file(char *const arguments[], mw_error *error) {
  mw_region *region = NULL;
  mw_region_options options = options_of(arguments[1]);
  options.offset = number(arguments[2]);
  uint64_t size = strcmp(arguments[3], "all") == 0 ? 0 : number(arguments[3]);
  return finish_region(mw_region_file(arguments[0], size, &options, error, &region), region);
}

static int region_read(char *const arguments[], mw_error *error) {
  char bytes[16];
  size_t size;
  mw_region *region = region_of(arguments[0]);
  int status = mw_region_read(region, number(arguments[1]), bytes, number(arguments[2]), error, &size);
  end_region(region);
  return status;
}

static int region_write(char *const arguments[], mw_error *error) {
  mw_region *region = region_of(arguments[0]);
  int status = mw_region_write(region, number(arguments[1]), arguments[2], strlen(arguments[2]), error);
  end_region(region);
  return status;
}

static int region_fill(char *const arguments[], mw_error *error) {
  mw_region *region = region_of(arguments[0]);
  int status = mw_region_fill(region, 0, number(arguments[1]), number(arguments[2]), error);
  end_region(region);
  return status;
}

static int region_move(char *const arguments[], mw_error *error) {
  mw_region *region = region_of(arguments[0]);
  int status = mw_region_move(region, number(arguments[1]), number(arguments[2]), number(arguments[3]), error);
  end_region(region);
  return status;
}

static int region_flush(char *const arguments[], mw_error *error) {
  mw_region *region = region_of(arguments[0]);
  int status = mw_region_flush(region, number(arguments[1]), number(arguments[2]), true, error);
  end_region(region);
  return status;
}

static int region_resize(char *const arguments[], mw_error *error) {
  mw_region *region = region_of(arguments[0]);
  if (!mw_region_is_closed(region)) mw_region_drop(region); /* nobody else may hold what is resized */
  int status = mw_region_resize(region, number(arguments[1]), error);
  if (!mw_region_is_closed(region)) mw_region_hold(region);
  end_region(region);
  return status;
}

static int region_check(char *const arguments[], mw_error *error) {
  mw_region *region = region_of(arguments[0]);
  int status = mw_region_check(region, error);
  end_region(region);
  return status;
}

/* ---- views: subject, dtype, shape or "all", offset; then what the call itself takes */

static int make_view(mw_region *region, char *const arguments[], mw_error *error, mw_view *out_view) {
  mw_dtype dtype = MW_UINT8;
  uint64_t shape[MW_MAX_DIMENSIONS + 1];
  int status = mw_dtype_parse(arguments[1], error, &dtype);
  if (status < 0) return status;
  int ndim = extents_of(arguments[2], shape);
  bool all = strcmp(arguments[2], "all") == 0;
  return mw_view_init(out_view, region, dtype, all ? 1 : ndim, all ? NULL : shape, number(arguments[3]), error);
}

static int region_view(char *const arguments[], mw_error *error) {
  mw_view view;
  mw_region *region = region_of(arguments[0]);
  int status = make_view(region, arguments, error, &view);
  end_region(region);
  return status;
}

typedef int (*view_call)(const mw_view *view, char *const arguments[], mw_error *error);

/* The view is made while the region is open; a subject that is closed is closed after that. */
static int on_view(char *const arguments[], mw_error *error, view_call function) {
  mw_view view;
  bool is_closed = strncmp(arguments[0], "closed", 6) == 0;
  mw_region *region = region_of(is_closed ? arguments[0] + 2 : arguments[0]);
  must(make_view(region, arguments, error, &view), error);
  if (is_closed) mw_region_close(region);
  int status = function(&view, arguments + 4, error);
  end_region(region);
  return status;
}

static int set_element(const mw_view *view, char *const arguments[], mw_error *error) {
  mw_view element;
  int status = mw_view_slice(view, 0, number(arguments[0]), 1, 1, error, &element);
  return status < 0 ? status : mw_view_fill(&element, value_of(arguments[1]), error);
}

static int view_set(char *const arguments[], mw_error *error) { return on_view(arguments, error, set_element); }

static int fill_view(const mw_view *view, char *const arguments[], mw_error *error) {
  return mw_view_fill(view, value_of(arguments[0]), error);
}

static int view_fill(char *const arguments[], mw_error *error) { return on_view(arguments, error, fill_view); }

static int take_elements(const mw_view *view, char *const arguments[], mw_error *error) {
  unsigned char elements[8 * MW_MAX_DIMENSIONS];
  uint64_t indices[MW_MAX_DIMENSIONS + 1];
  int count = extents_of(arguments[0], indices);
  return mw_view_take(view, indices, (uint64_t)count, elements, error);
}

static int view_take(char *const arguments[], mw_error *error) { return on_view(arguments, error, take_elements); }

static int slice_view(const mw_view *view, char *const arguments[], mw_error *error) {
  mw_view slice;
  return mw_view_slice(view, 0, 0, (int64_t)number(arguments[0]), 1, error, &slice);
}

static int view_slice(char *const arguments[], mw_error *error) { return on_view(arguments, error, slice_view); }

static int select_row(const mw_view *view, char *const arguments[], mw_error *error) {
  mw_view row;
  return mw_view_select(view, 0, number(arguments[0]), error, &row);
}

static int view_row(char *const arguments[], mw_error *error) { return on_view(arguments, error, select_row); }

static int reshape_view(const mw_view *view, char *const arguments[], mw_error *error) {
  mw_view reshaped;
  uint64_t shape[MW_MAX_DIMENSIONS + 1];
  int ndim = extents_of(arguments[0], shape);
  return mw_view_reshape(view, ndim, shape, error, &reshaped);
}

static int view_reshape(char *const arguments[], mw_error *error) { return on_view(arguments, error, reshape_view); }

static int find_element(const mw_view *view, char *const arguments[], mw_error *error) {
  uint64_t place;
  return mw_view_index(view, value_of(arguments[0]), 0, error, &place);
}

static int view_index(char *const arguments[], mw_error *error) { return on_view(arguments, error, find_element); }

static int smallest(const mw_view *view, char *const arguments[], mw_error *error) {
  mw_value value;
  (void)arguments;
  return mw_view_min(view, error, &value);
}

static int view_min(char *const arguments[], mw_error *error) { return on_view(arguments, error, smallest); }

static int sum_up(const mw_view *view, char *const arguments[], mw_error *error) {
  mw_value value;
  (void)arguments;
  return mw_view_sum(view, error, &value);
}

static int view_sum(char *const arguments[], mw_error *error) { return on_view(arguments, error, sum_up); }

/* ---- semaphores */

static int finish_semaphore(int status, mw_semaphore *semaphore) {
  if (status >= 0) mw_semaphore_close(semaphore);
  return status;
}

static int semaphore_create(char *const arguments[], mw_error *error) {
  mw_semaphore *semaphore = NULL;
  return finish_semaphore(mw_semaphore_create(arguments[0], (unsigned)number(arguments[1]), 0600, 0, error, &semaphore), semaphore);
}

static int semaphore_attach(char *const arguments[], mw_error *error) {
  mw_semaphore *semaphore = NULL;
  return finish_semaphore(mw_semaphore_attach(arguments[0], MW_DEADLINE_NOW, 0, error, &semaphore), semaphore);
}

static int semaphore_open(char *const arguments[], mw_error *error) {
  mw_semaphore *semaphore = NULL;
  return finish_semaphore(mw_semaphore_open(arguments[0], (unsigned)number(arguments[1]), 0600, error, &semaphore), semaphore);
}

static int semaphore_unlink(char *const arguments[], mw_error *error) { return mw_semaphore_unlink(arguments[0], error); }

static int semaphore_acquire(char *const arguments[], mw_error *error) {
  mw_semaphore *semaphore = semaphore_of(arguments[0]);
  int status = mw_semaphore_acquire(semaphore, mw_deadline_after(strtod(arguments[1], NULL)), error);
  end_semaphore(semaphore);
  return status;
}

static int semaphore_release(char *const arguments[], mw_error *error) {
  mw_semaphore *semaphore = semaphore_of(arguments[0]);
  int status = mw_semaphore_release(semaphore, (unsigned)number(arguments[1]), error);
  end_semaphore(semaphore);
  return status;
}

static int semaphore_value(char *const arguments[], mw_error *error) {
  unsigned value;
  mw_semaphore *semaphore = semaphore_of(arguments[0]);
  int status = mw_semaphore_value(semaphore, error, &value);
  end_semaphore(semaphore);
  return status;
}

/* ---- the table */

static const struct {
  const char *name;
  call function;
} calls[] = {
    {"Region.create", region_create},
    {"Region.attach", region_attach},
    {"Region.open", region_open},
    {"Region.unlink", region_unlink},
    {"Region.anonymous", region_anonymous},
    {"Region.file", region_file},
    {"Region.read", region_read},
    {"Region.write", region_write},
    {"Region.fill", region_fill},
    {"Region.move", region_move},
    {"Region.flush", region_flush},
    {"Region.resize", region_resize},
    {"Region.check", region_check},
    {"Region.view", region_view},
    {"View.set", view_set},
    {"View.fill", view_fill},
    {"View.take", view_take},
    {"View.slice", view_slice},
    {"View.row", view_row},
    {"View.reshape", view_reshape},
    {"View.index", view_index},
    {"View.min", view_min},
    {"View.sum", view_sum},
    {"Semaphore.create", semaphore_create},
    {"Semaphore.attach", semaphore_attach},
    {"Semaphore.open", semaphore_open},
    {"Semaphore.unlink", semaphore_unlink},
    {"Semaphore.acquire", semaphore_acquire},
    {"Semaphore.release", semaphore_release},
    {"Semaphore.value", semaphore_value},
};

static call find_call(const char *name) {
  for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
    if (strcmp(calls[i].name, name) == 0) return calls[i].function;
  give_up("no such call: %s", name);
}

void cases(const char *path) {
  char *fields[MAX_FIELDS];
  FILE *table = open_table(path);
  while (next_line(table, fields) > CALL) {
    if (strcmp(fields[BY], "bindings") == 0) continue;
    mw_error error = {0};
    char message[600];
    int status = find_call(fields[CALL])(fields + FIRST_ARGUMENT, &error);
    if (status >= 0) {
      printf("%s\taccepted\t0\t\t\n", fields[NAME]);
      continue;
    }
    mw_error_message(&error, message, sizeof message);
    printf("%s\t%s\t%d\t%s\t%s\n", fields[NAME], mw_status_name(status), error.os_errno, message, error.reason);
  }
  fclose(table);
}
