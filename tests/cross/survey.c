/* Answers questions about views into shared memory. Main entry: survey.
 *
 * SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "peer.h"

enum { DTYPE, OFFSET, SHAPE, STEPS, VERB, ARGUMENT, FIELDS };
enum { NOTHING, INTEGER, FLOAT, ERROR };

/* Where the next answer goes. */
typedef struct sheet {
  mw_view pairs;
  uint64_t next;
} sheet;

static void write_pair(sheet *sheet, uint64_t what, uint64_t bits) {
  uint64_t *pair = mw_view_element(&sheet->pairs, (const uint64_t[]){sheet->next, 0});
  if (!pair) give_up("more answers than there is room for");
  pair[0] = what;
  pair[1] = bits;
  sheet->next++;
}

static void write_value(sheet *sheet, mw_value value) {
  if (value.kind == MW_VALUE_FLOAT && isnan(value.as.f)) value.as.u = 0x7ff8000000000000u;
  write_pair(sheet, value.kind == MW_VALUE_FLOAT ? FLOAT : INTEGER, value.as.u);
}

/* What a call gave: its value, nothing, or an error. */
static void write_result(sheet *sheet, int status, mw_value value) {
  if (status == 0)
    write_value(sheet, value);
  else
    write_pair(sheet, status == MW_ENOENT ? NOTHING : ERROR, 0);
}

static mw_value integer(uint64_t number) { return (mw_value){.kind = MW_VALUE_UINT, .as.u = number}; }

static mw_dtype dtype_of(const char *name) {
  mw_error error;
  mw_dtype dtype = MW_UINT8;
  must(mw_dtype_parse(name, &error, &dtype), &error);
  return dtype;
}

static int shape_of(const char *text, uint64_t out_shape[MW_MAX_DIMENSIONS]) {
  int ndim = 0;
  char *rest = NULL;
  for (const char *at = text; ndim < MW_MAX_DIMENSIONS; at = rest + 1) {
    out_shape[ndim++] = strtoull(at, &rest, 10);
    if (*rest != 'x') break;
  }
  return ndim;
}

/* ---- the view that a question is about */

static mw_view slice(const mw_view *view, int dimension, uint64_t start, int64_t step, uint64_t count) {
  mw_error error;
  mw_view result;
  must(mw_view_slice(view, dimension, start, step, count, &error, &result), &error);
  return result;
}

static mw_view window(const mw_view *view, const uint64_t numbers[4]) {
  mw_view rows = slice(view, 0, numbers[0], 1, numbers[2]);
  return slice(&rows, 1, numbers[1], 1, numbers[3]);
}

static mw_view take_step(const mw_view *view, const char *step) {
  mw_error error;
  mw_view result;
  uint64_t numbers[4] = {0};
  char *rest = strchr(step, ' ');
  if (!rest) give_up("no such step: %s", step);
  uint64_t shape[MW_MAX_DIMENSIONS];
  int ndim = shape_of(rest + 1, shape);
  for (int i = 0; i < 4 && *rest == ' '; i++) numbers[i] = (uint64_t)strtoll(rest, &rest, 10);
  switch (step[1]) {
    case 'l': return slice(view, 0, numbers[0], (int64_t)numbers[1], numbers[2]);
    case 'i': return window(view, numbers);
    case 'o': must(mw_view_select(view, 0, numbers[0], &error, &result), &error); return result;
    default: must(mw_view_reshape(view, ndim, shape, &error, &result), &error); return result;
  }
}

static mw_view view_of(mw_region *region, const char *dtype, const char *offset, const char *shape_text, const char *steps) {
  uint64_t shape[MW_MAX_DIMENSIONS];
  int ndim = shape_of(shape_text, shape);
  mw_error error;
  mw_view view;
  must(mw_view_init(&view, region, dtype_of(dtype), ndim, shape, strtoull(offset, NULL, 10), &error), &error);
  if (strcmp(steps, "-") == 0) return view;
  for (const char *step = steps; step; step = strchr(step, ';') ? strchr(step, ';') + 1 : NULL) view = take_step(&view, step);
  return view;
}

/* ---- the verbs */

static void answer_list(sheet *sheet, const mw_view *view) {
  mw_error error;
  size_t size = mw_dtype_size(view->dtype);
  unsigned char *elements = malloc(mw_view_nbytes(view) + 1);
  if (!elements) give_up("no memory");
  must(mw_view_read(view, elements, mw_view_nbytes(view), &error), &error);
  for (uint64_t i = 0; i < mw_view_count(view); i++) write_value(sheet, mw_dtype_load(view->dtype, elements + i * size));
  free(elements);
}

static void answer_take(sheet *sheet, const mw_view *view, char *argument) {
  unsigned char elements[8 * 16];
  uint64_t indices[16];
  uint64_t count = 0;
  for (char *rest = argument; *rest && count < 16;) indices[count++] = strtoull(rest, &rest, 10);
  int status = mw_view_take(view, indices, count, elements, NULL);
  if (status < 0) write_pair(sheet, ERROR, 0);
  for (uint64_t i = 0; i < count && status == 0; i++)
    write_value(sheet, mw_dtype_load(view->dtype, elements + i * mw_dtype_size(view->dtype)));
}

static void answer_at(sheet *sheet, const mw_view *view, char *argument) {
  uint64_t indices[MW_MAX_DIMENSIONS] = {0};
  char *rest = argument;
  for (int i = 0; i < view->ndim; i++) indices[i] = strtoull(rest, &rest, 10);
  const void *element = mw_view_element(view, indices);
  write_result(sheet, element ? 0 : MW_ERANGE, element ? mw_dtype_load(view->dtype, element) : integer(0));
}

static void answer_index(sheet *sheet, const mw_view *view, char *argument) {
  char *rest = NULL;
  mw_value value = pattern_value(view->dtype, strtoull(argument, &rest, 16));
  uint64_t place = 0;
  int status = mw_view_index(view, value, strtoull(rest, NULL, 10), NULL, &place);
  write_result(sheet, status, integer(place));
}

static void answer_count(sheet *sheet, const mw_view *view, char *argument) {
  uint64_t count = 0;
  int status = mw_view_count_of(view, pattern_value(view->dtype, strtoull(argument, NULL, 16)), NULL, &count);
  write_result(sheet, status, integer(count));
}

/* Write a float64 into an element of the dtype, in memory of its own, and tell its bits. */
static void answer_store(sheet *sheet, mw_dtype dtype, char *argument) {
  mw_region *region = NULL;
  mw_error error;
  mw_view view;
  mw_value number = pattern_value(MW_FLOAT64, strtoull(argument, NULL, 16));
  uint64_t bits = 0;
  must(mw_region_anonymous(sizeof bits, NULL, &error, &region), &error);
  must(mw_view_init(&view, region, dtype, 1, (const uint64_t[]){1}, 0, &error), &error);
  int status = mw_view_fill(&view, number, NULL);
  memcpy(&bits, mw_region_data(region), sizeof bits);
  write_result(sheet, status, integer(bits));
  mw_region_close(region);
}

/* The runs in the bytes of a dense view; the argument has the members of the set, two digits each. */
static void answer_runs(sheet *sheet, const mw_view *view, const char *argument) {
  unsigned char members[16];
  size_t count = 0;
  for (; argument[2 * count] && count < sizeof members; count++) {
    const char digits[] = {argument[2 * count], argument[2 * count + 1], '\0'};
    members[count] = (unsigned char)strtoul(digits, NULL, 16);
  }
  mw_byte_set set = mw_search_byte_set(members, count);
  uint64_t start, end = view->offset, stop = view->offset + mw_view_nbytes(view);
  while (mw_search_run(view->region, &set, end, stop, NULL, &start, &end) == 0)
    write_value(sheet, integer((end - start) << 8 | ((const uint8_t *)mw_region_data(view->region))[start]));
}

/* The argument is the dtype and the offset of the other view, which is made in the same way. */
static void answer_equals(sheet *sheet, const mw_view *view, char *argument, char *const fields[]) {
  char *offset = strchr(argument, ' ');
  if (!offset) give_up("equals: %s", argument);
  *offset++ = '\0';
  mw_view other = view_of(view->region, argument, offset, fields[SHAPE], fields[STEPS]);
  bool equal = false;
  int status = mw_view_equals(view, &other, NULL, &equal);
  write_result(sheet, status, integer(equal));
}

static void answer(sheet *sheet, mw_region *region, char *const fields[]) {
  mw_view view = view_of(region, fields[DTYPE], fields[OFFSET], fields[SHAPE], fields[STEPS]);
  const char *verb = fields[VERB];
  mw_value value = integer(0);
  if (strcmp(verb, "shape") == 0) {
    for (int i = 0; i < view.ndim; i++) write_value(sheet, integer(view.shape[i]));
  } else if (strcmp(verb, "list") == 0) {
    answer_list(sheet, &view);
  } else if (strcmp(verb, "sum") == 0) {
    int status = mw_view_sum(&view, NULL, &value);
    write_result(sheet, status, value);
  } else if (strcmp(verb, "min") == 0) {
    int status = mw_view_min(&view, NULL, &value);
    write_result(sheet, status, value);
  } else if (strcmp(verb, "max") == 0) {
    int status = mw_view_max(&view, NULL, &value);
    write_result(sheet, status, value);
  } else if (strcmp(verb, "take") == 0) {
    answer_take(sheet, &view, fields[ARGUMENT]);
  } else if (strcmp(verb, "at") == 0) {
    answer_at(sheet, &view, fields[ARGUMENT]);
  } else if (strcmp(verb, "index") == 0) {
    answer_index(sheet, &view, fields[ARGUMENT]);
  } else if (strcmp(verb, "count") == 0) {
    answer_count(sheet, &view, fields[ARGUMENT]);
  } else if (strcmp(verb, "store") == 0) {
    answer_store(sheet, view.dtype, fields[ARGUMENT]);
  } else if (strcmp(verb, "runs") == 0) {
    answer_runs(sheet, &view, fields[ARGUMENT]);
  } else if (strcmp(verb, "equals") == 0) {
    answer_equals(sheet, &view, fields[ARGUMENT], fields);
  } else {
    give_up("no such verb: %s", verb);
  }
}

void survey(const char *questions, const char *name, uint64_t offset) {
  char *fields[MAX_FIELDS];
  sheet sheet = {.next = 0};
  mw_region *region = NULL;
  mw_error error;
  must(mw_region_attach(name, NULL, &error, &region), &error);
  const uint64_t shape[] = {(mw_region_size(region) - offset) / 16, 2};
  must(mw_view_init(&sheet.pairs, region, MW_UINT64, 2, shape, offset, &error), &error);
  FILE *table = open_table(questions);
  while (next_line(table, fields) == FIELDS) answer(&sheet, region, fields);
  fclose(table);
  mw_region_close(region);
  printf("%llu answers\n", (unsigned long long)sheet.next);
}
