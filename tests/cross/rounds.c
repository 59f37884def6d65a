/* Taking turns on one region: the first writes, the second checks and answers, the first checks the answer. Main entries:
 * rounds_first, rounds_second.
 *
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "peer.h"

enum { ELEMENTS = 8, ROWS = 2, COLUMNS = 4, TEXT = 96, BLOCKS_AT = 13, BLOCK_STEP = 67, TEXT_AT = 817, REGION_SIZE = 913 };
enum { ONE_BY_ONE, AT_ONCE, IN_ROWS, BACKWARDS, WAYS };

static const double patience = 60.0; /* seconds: only a peer that died is waited for so long */

typedef struct turns {
  mw_region *region;
  mw_semaphore *ping;
  mw_semaphore *pong;
} turns;

/* ---- one block */

static mw_view block(mw_region *region, mw_dtype dtype, unsigned way) {
  const uint64_t line[] = {ELEMENTS};
  const uint64_t grid[] = {ROWS, COLUMNS};
  uint64_t offset = BLOCKS_AT + (uint64_t)BLOCK_STEP * dtype;
  mw_error error;
  mw_view view;
  mw_view turned;
  if (way == IN_ROWS)
    must(mw_view_init(&view, region, dtype, 2, grid, offset, &error), &error);
  else
    must(mw_view_init(&view, region, dtype, 1, line, offset, &error), &error);
  if (way != BACKWARDS) return view;
  must(mw_view_slice(&view, 0, ELEMENTS - 1, -1, ELEMENTS, &error, &turned), &error);
  return turned;
}

static bool is_bulk(unsigned way) { return way == AT_ONCE || way == BACKWARDS; }

static size_t place_in_bulk(unsigned way, unsigned k) { return way == BACKWARDS ? ELEMENTS - 1 - k : k; }

static void *element(const mw_view *view, unsigned way, unsigned k) {
  const uint64_t indices[] = {k / COLUMNS, k % COLUMNS};
  return way == IN_ROWS ? mw_view_element(view, indices) : mw_view_at(view, k);
}

static void write_block(mw_region *region, mw_dtype dtype, unsigned way, const mw_value values[ELEMENTS]) {
  unsigned char bytes[ELEMENTS * 8];
  size_t size = mw_dtype_size(dtype);
  mw_error error;
  mw_view view = block(region, dtype, way);
  for (unsigned k = 0; k < ELEMENTS; k++) {
    void *target = is_bulk(way) ? bytes + size * place_in_bulk(way, k) : element(&view, way, k);
    must(mw_dtype_store(dtype, target, values[k], &error), &error);
  }
  if (is_bulk(way)) must(mw_view_write(&view, bytes, ELEMENTS * size, &error), &error);
}

static void read_block(mw_region *region, mw_dtype dtype, unsigned way, mw_value out_values[ELEMENTS]) {
  unsigned char bytes[ELEMENTS * 8];
  size_t size = mw_dtype_size(dtype);
  mw_error error;
  mw_view view = block(region, dtype, way);
  if (is_bulk(way)) must(mw_view_read(&view, bytes, ELEMENTS * size, &error), &error);
  for (unsigned k = 0; k < ELEMENTS; k++) {
    out_values[k] = mw_dtype_load(dtype, is_bulk(way) ? bytes + size * place_in_bulk(way, k) : element(&view, way, k));
  }
}

static bool is_same(mw_value value, mw_value other) {
  bool both_nan = value.kind == MW_VALUE_FLOAT && other.kind == MW_VALUE_FLOAT && isnan(value.as.f) && isnan(other.as.f);
  return both_nan || (value.kind == other.kind && value.as.u == other.as.u);
}

/* The block has these bits in memory, and reads as what they mean. */
static void expect_block(mw_region *region, uint64_t round, mw_dtype dtype, unsigned way, const uint64_t bits[ELEMENTS]) {
  unsigned char found[8];
  unsigned char wanted[8];
  size_t size = mw_dtype_size(dtype);
  uint64_t offset = BLOCKS_AT + (uint64_t)BLOCK_STEP * dtype;
  mw_value values[ELEMENTS];
  read_block(region, dtype, way, values);
  for (unsigned k = 0; k < ELEMENTS; k++) {
    size_t count = 0;
    mw_error error;
    must(mw_region_read(region, offset + k * size, found, size, &error, &count), &error);
    pattern_pack(dtype, bits[k], wanted);
    if (count == size && memcmp(found, wanted, size) == 0 && is_same(values[k], pattern_value(dtype, bits[k]))) continue;
    give_up("round %" PRIu64 ", %s element %u: not 0x%" PRIx64, round, mw_dtype_name(dtype), k, bits[k]);
  }
}

static mw_value answer(mw_dtype dtype, mw_value value) {
  switch (value.kind) {
    case MW_VALUE_INT: value.as.i = ~value.as.i; break;
    case MW_VALUE_UINT: value.as.u = (UINT64_MAX >> (64 - 8 * mw_dtype_size(dtype))) - value.as.u; break;
    case MW_VALUE_FLOAT: value.as.f = isnan(value.as.f) ? value.as.f : -value.as.f; break;
    case MW_VALUE_BOOL: value.as.u = !value.as.u; break;
  }
  return value;
}

/* ---- the text */

static void make_text(uint64_t round, unsigned char out_text[TEXT]) {
  for (unsigned k = 0; k < TEXT / 8; k++) {
    uint64_t word = pattern_draw(round, MW_DTYPE_COUNT, k);
    memcpy(out_text + 8 * (size_t)k, &word, sizeof word);
  }
}

static void turn_text(const unsigned char text[TEXT], unsigned char out_text[TEXT]) {
  for (unsigned k = 0; k < TEXT; k++) out_text[k] = text[TEXT - 1 - k] ^ 0xff;
}

static void read_text(mw_region *region, unsigned char out_text[TEXT]) {
  size_t size = 0;
  mw_error error;
  must(mw_region_read(region, TEXT_AT, out_text, TEXT, &error, &size), &error);
  if (size != TEXT) give_up("a text of %zu bytes", size);
}

static void expect_text(mw_region *region, uint64_t round, const unsigned char wanted[TEXT]) {
  unsigned char found[TEXT];
  read_text(region, found);
  if (memcmp(found, wanted, TEXT) != 0) give_up("round %" PRIu64 ": another text", round);
}

/* ---- one round */

static mw_view round_number(mw_region *region) {
  mw_error error;
  mw_view view;
  must(mw_view_init(&view, region, MW_UINT64, 1, (const uint64_t[]){1}, 0, &error), &error);
  return view;
}

static void ask(mw_region *region, uint64_t round) {
  unsigned char text[TEXT];
  mw_error error;
  mw_view number = round_number(region);
  must(mw_view_fill(&number, (mw_value){.kind = MW_VALUE_UINT, .as.u = round}, &error), &error);
  for (unsigned d = 0; d < MW_DTYPE_COUNT; d++) {
    mw_value values[ELEMENTS];
    for (unsigned k = 0; k < ELEMENTS; k++) values[k] = pattern_value((mw_dtype)d, pattern_bits(round, (mw_dtype)d, k));
    write_block(region, (mw_dtype)d, round % WAYS, values);
  }
  make_text(round, text);
  must(mw_region_write(region, TEXT_AT, text, TEXT, &error), &error);
}

static void check_question(mw_region *region, uint64_t round) {
  unsigned char text[TEXT];
  mw_error error;
  mw_value found;
  mw_view number = round_number(region);
  must(mw_view_max(&number, &error, &found), &error);
  if (found.as.u != round) give_up("round %" PRIu64 ": the number is %" PRIu64, round, found.as.u);
  for (unsigned d = 0; d < MW_DTYPE_COUNT; d++) {
    uint64_t bits[ELEMENTS];
    for (unsigned k = 0; k < ELEMENTS; k++) bits[k] = pattern_bits(round, (mw_dtype)d, k);
    expect_block(region, round, (mw_dtype)d, (round + 1) % WAYS, bits);
  }
  make_text(round, text);
  expect_text(region, round, text);
}

static void give_answer(mw_region *region, uint64_t round) {
  unsigned char text[TEXT];
  unsigned char turned[TEXT];
  mw_error error;
  for (unsigned d = 0; d < MW_DTYPE_COUNT; d++) {
    mw_value questions[ELEMENTS];
    mw_value answers[ELEMENTS];
    read_block(region, (mw_dtype)d, (round + 2) % WAYS, questions);
    for (unsigned k = 0; k < ELEMENTS; k++) answers[k] = answer((mw_dtype)d, questions[ELEMENTS - 1 - k]);
    write_block(region, (mw_dtype)d, (round + 1) % WAYS, answers);
  }
  read_text(region, text);
  turn_text(text, turned);
  must(mw_region_write(region, TEXT_AT, turned, TEXT, &error), &error);
}

static void check_answer(mw_region *region, uint64_t round) {
  unsigned char text[TEXT];
  unsigned char turned[TEXT];
  for (unsigned d = 0; d < MW_DTYPE_COUNT; d++) {
    uint64_t bits[ELEMENTS];
    for (unsigned k = 0; k < ELEMENTS; k++)
      bits[k] = pattern_answer((mw_dtype)d, pattern_bits(round, (mw_dtype)d, ELEMENTS - 1 - k));
    expect_block(region, round, (mw_dtype)d, round % WAYS, bits);
  }
  make_text(round, text);
  turn_text(text, turned);
  expect_text(region, round, turned);
}

/* ---- both sides */

static const char *name_of(const char *name, const char *ending) {
  static char full[256];
  snprintf(full, sizeof full, "%s.%s", name, ending);
  return full;
}

static void release(mw_semaphore *semaphore, unsigned n) {
  mw_error error;
  must(mw_semaphore_release(semaphore, n, &error), &error);
}

static void wait_for(mw_semaphore *semaphore) {
  mw_error error;
  must(mw_semaphore_acquire(semaphore, mw_deadline_after(patience), &error), &error);
}

static void expect_value(mw_semaphore *semaphore, unsigned wanted) {
  unsigned value = 0;
  mw_error error;
  must(mw_semaphore_value(semaphore, &error, &value), &error);
  if (value != wanted) give_up("%s: value %u instead of %u", mw_semaphore_name(semaphore), value, wanted);
}

static void end(const turns *own) {
  mw_region_close(own->region);
  mw_semaphore_close(own->ping);
  mw_semaphore_close(own->pong);
}

/* Three units given at once are three to take. */
static void count_units(const turns *own) {
  mw_error error;
  wait_for(own->ping);
  expect_value(own->ping, 0);
  for (unsigned left = 3; left > 0; left--) {
    expect_value(own->pong, left);
    must(mw_semaphore_acquire(own->pong, MW_DEADLINE_NOW, &error), &error);
  }
  if (mw_semaphore_acquire(own->pong, MW_DEADLINE_NOW, &error) != MW_ETIMEDOUT) give_up("there were more than three units");
}

void rounds_first(const char *name, uint64_t count) {
  mw_error error;
  turns own;
  must(mw_region_create(name, REGION_SIZE, NULL, &error, &own.region), &error);
  must(mw_semaphore_create(name_of(name, "ping"), 0, 0600, 0, &error, &own.ping), &error);
  must(mw_semaphore_create(name_of(name, "pong"), 0, 0600, 0, &error, &own.pong), &error);
  for (uint64_t round = 0; round < count; round++) {
    ask(own.region, round);
    release(own.ping, 1);
    wait_for(own.pong);
    check_answer(own.region, round);
  }
  count_units(&own);
  must(mw_region_unlink(name, &error), &error);
  must(mw_semaphore_unlink(name_of(name, "ping"), &error), &error);
  must(mw_semaphore_unlink(name_of(name, "pong"), &error), &error);
  end(&own);
  printf("%" PRIu64 " rounds\n", count);
}

static mw_region *attach_when_it_appears(const char *name) {
  mw_error error;
  mw_region *region = NULL;
  mw_region_options options = {.size_of_struct = sizeof options};
  if (mw_region_attach(name, &options, &error, &region) != MW_ENOENT) give_up("%s is there already", name);
  puts("waiting");
  fflush(stdout);
  options.wait_for_name = mw_deadline_after(patience);
  must(mw_region_attach(name, &options, &error, &region), &error);
  if (mw_region_size(region) != REGION_SIZE) give_up("the region has another size");
  return region;
}

void rounds_second(const char *name, uint64_t count) {
  mw_error error;
  turns own = {.region = attach_when_it_appears(name)};
  must(mw_semaphore_attach(name_of(name, "ping"), mw_deadline_after(patience), 0, &error, &own.ping), &error);
  must(mw_semaphore_attach(name_of(name, "pong"), mw_deadline_after(patience), 0, &error, &own.pong), &error);
  for (uint64_t round = 0; round < count; round++) {
    wait_for(own.ping);
    check_question(own.region, round);
    give_answer(own.region, round);
    release(own.pong, 1);
  }
  release(own.pong, 3);
  release(own.ping, 1);
  end(&own);
  printf("%" PRIu64 " rounds\n", count);
}
