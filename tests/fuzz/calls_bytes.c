/* A region's bytes in and out, searched, and what the kernel does with their pages.
 *
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "calls.h"

static uint8_t buffer[LARGEST + 8];

/* Where a call is about: mostly within the region. */
static uint64_t any_offset(fuzz_input *input, const slot *slot) { return fuzz_about(input, mw_region_size(slot->region)); }

/* Whether a call on these bytes could have been right. */
static bool is_within(const slot *slot, uint64_t offset, uint64_t size) {
  uint64_t end = mw_region_size(slot->region);
  return offset <= end && size <= end - offset;
}

/* A write that is within a known, open, writable region works; everywhere else, what did work was within it. */
static void judge_write(const slot *slot, int status, uint64_t offset, uint64_t size) {
  bool could = is_within(slot, offset, size) && !mw_region_is_readonly(slot->region) && !slot->closed;
  if (status == 0) fuzz_require(could);
  if (is_known(slot) && could) fuzz_require(status == 0);
}

static void read_bytes(fuzz_input *input) {
  slot *slot = any_slot(input);
  if (!slot) return;
  uint64_t offset = any_offset(input, slot), size = fuzz_below(input, LARGEST + 1), end = mw_region_size(slot->region);
  size_t count = 77777;
  int status = judge(slot, mw_region_read(slot->region, offset, buffer, size, fuzz_error(input), &count));
  if (status) {
    fuzz_require(count == 77777);
    return;
  }
  uint64_t there = offset < end ? end - offset : 0;
  fuzz_require(count == (size < there ? size : there));
  if (is_known(slot) && count) fuzz_require(memcmp(buffer, model_at(slot, offset), count) == 0);
}

static void write_bytes(fuzz_input *input) {
  slot *slot = any_slot(input);
  if (!slot) return;
  uint64_t offset = any_offset(input, slot), size = fuzz_below(input, 64);
  if (size > input->left) size = input->left;
  memcpy(buffer, input->next, size);
  input->next += size;
  input->left -= size;
  int status = judge(slot, mw_region_write(slot->region, offset, buffer, size, fuzz_error(input)));
  judge_write(slot, status, offset, size);
  if (status == 0 && is_known(slot) && size) memcpy(model_at(slot, offset), buffer, size);
}

static void fill_bytes(fuzz_input *input) {
  slot *slot = any_slot(input);
  if (!slot) return;
  uint64_t offset = any_offset(input, slot), size = any_offset(input, slot);
  uint8_t byte = fuzz_byte(input);
  int status = judge(slot, mw_region_fill(slot->region, byte, offset, size, fuzz_error(input)));
  judge_write(slot, status, offset, size);
  if (status == 0 && is_known(slot) && size) memset(model_at(slot, offset), byte, size);
}

static void move_bytes(fuzz_input *input) {
  slot *slot = any_slot(input);
  if (!slot) return;
  uint64_t from = any_offset(input, slot), to = any_offset(input, slot), size = any_offset(input, slot);
  int status = judge(slot, mw_region_move(slot->region, to, from, size, fuzz_error(input)));
  if (status == 0) fuzz_require(is_within(slot, from, size) && is_within(slot, to, size));
  if (status == 0 && is_known(slot) && size) memmove(model_at(slot, to), model_at(slot, from), size);
}

/* ---- searching */

/* Bytes to look for: from the input, or some that are there. */
static size_t any_sub(fuzz_input *input, const slot *slot, uint8_t *sub) {
  size_t size = fuzz_below(input, 6);
  uint64_t place = any_offset(input, slot);
  bool is_there = fuzz_byte(input) % 2 && is_known(slot) && is_within(slot, place, size);
  for (size_t i = 0; i < size; i++) sub[i] = is_there ? *model_at(slot, place + i) : fuzz_byte(input) % 4;
  return size;
}

/* As slowly and as plainly as can be. */
static bool is_at(const slot *slot, uint64_t place, const uint8_t *sub, size_t size) {
  return size == 0 || memcmp(model_at(slot, place), sub, size) == 0;
}

static bool find_plainly(const slot *slot, const uint8_t *sub, size_t size, uint64_t start, uint64_t end, uint64_t *out_place) {
  for (uint64_t place = start; place + size <= end && place <= end; place++)
    if (is_at(slot, place, sub, size)) {
      *out_place = place;
      return true;
    }
  return false;
}

static bool find_last_plainly(const slot *slot, const uint8_t *sub, size_t size, uint64_t start, uint64_t end,
                              uint64_t *out_place) {
  for (uint64_t place = end + 1; place-- > start;)
    if (place + size <= end && is_at(slot, place, sub, size)) {
      *out_place = place;
      return true;
    }
  return false;
}

static uint64_t count_plainly(const slot *slot, const uint8_t *sub, size_t size, uint64_t start, uint64_t end) {
  uint64_t count = 0, place = start;
  while (start <= end && find_plainly(slot, sub, size, place, end, &place)) {
    count++;
    place += size ? size : 1;
  }
  return count;
}

static void find_bytes(fuzz_input *input) {
  slot *slot = any_slot(input);
  if (!slot) return;
  uint8_t sub[8];
  size_t size = any_sub(input, slot, sub);
  uint64_t start = any_offset(input, slot), end = any_offset(input, slot), found = 77777, right = 77777, whole;
  bool from_end = fuzz_byte(input) % 2, is_there;
  int status =
      judge(slot, (from_end ? mw_region_rfind : mw_region_find)(slot->region, sub, size, start, end, fuzz_error(input), &found));
  if (status) fuzz_require(found == 77777);
  if (!is_known(slot) || slot->closed) return;
  whole = mw_region_size(slot->region);
  if (end > whole) end = whole;
  is_there = start <= end && (from_end ? find_last_plainly : find_plainly)(slot, sub, size, start, end, &right);
  fuzz_require(status == (is_there ? 0 : MW_ENOENT) && found == right);
}

static void count_bytes(fuzz_input *input) {
  slot *slot = any_slot(input);
  if (!slot) return;
  uint8_t sub[8];
  size_t size = any_sub(input, slot, sub);
  uint64_t start = any_offset(input, slot), end = any_offset(input, slot), counted = 77777, whole;
  int status = judge(slot, mw_region_count(slot->region, sub, size, start, end, fuzz_error(input), &counted));
  if (status) fuzz_require(counted == 77777);
  if (!is_known(slot) || slot->closed) return;
  whole = mw_region_size(slot->region);
  fuzz_require(status == 0 && counted == count_plainly(slot, sub, size, start, end < whole ? end : whole));
}

static void find_line(fuzz_input *input) {
  slot *slot = any_slot(input);
  if (!slot) return;
  uint64_t start = any_offset(input, slot), end = any_offset(input, slot), line_end = 77777, next = 77777;
  int status = judge(slot, mw_region_line(slot->region, start, end, fuzz_error(input), &line_end, &next));
  if (status) {
    fuzz_require(line_end == 77777 && next == 77777);
    return;
  }
  fuzz_require(start <= line_end && line_end <= next && next <= line_end + 1 && next <= mw_region_size(slot->region));
  if (!is_known(slot)) return;
  if (next > line_end) fuzz_require(*model_at(slot, line_end) == '\n');
  fuzz_require(line_end == start || !memchr(model_at(slot, start), '\n', line_end - start));
}

static void find_run(fuzz_input *input) {
  slot *slot = any_slot(input);
  if (!slot) return;
  uint8_t members[4];
  for (int i = 0; i < 4; i++) members[i] = fuzz_byte(input);
  mw_byte_set set = mw_search_byte_set(members, fuzz_below(input, 5));
  uint64_t start = any_offset(input, slot), end = any_offset(input, slot), from = 77777, to = 77777;
  int status = judge(slot, mw_search_run(slot->region, &set, start, end, fuzz_error(input), &from, &to));
  if (status) {
    fuzz_require(from == 77777 && to == 77777);
    return;
  }
  fuzz_require(start <= from && from < to && to <= end);
  if (!is_known(slot)) return;
  for (uint64_t i = start; i < to; i++) fuzz_require(set.member[*model_at(slot, i)] == (i >= from));
  fuzz_require(to == end || !set.member[*model_at(slot, to)]);
}

/* ---- pages */

static void ask_of_pages(fuzz_input *input) {
  slot *slot = any_slot(input);
  if (!slot) return;
  uint64_t offset = any_offset(input, slot), size = any_offset(input, slot);
  mw_error *error = fuzz_error(input);
  mw_region *region = slot->region;
  int status;
  switch (fuzz_below(input, 8)) {
    case 0: status = mw_region_flush(region, offset, size, fuzz_byte(input) % 2, error); break;
    case 1: status = mw_region_populate(region, offset, size, error); break;
    case 2: status = mw_region_mlock(region, offset, size, error); break;
    case 3: status = mw_region_munlock(region, offset, size, error); break;
    default: status = mw_region_advise(region, (mw_advice)fuzz_below(input, 11), offset, size, error);
  }
  if (judge(slot, status) == 0) fuzz_require(is_within(slot, offset, size) && !slot->closed);
}

static void discard(fuzz_input *input) {
  slot *slot = any_slot(input);
  if (!slot) return;
  uint64_t offset = any_offset(input, slot), size = any_offset(input, slot);
  int status = judge(slot, mw_region_discard(slot->region, offset, size, fuzz_error(input)));
  if (status == 0) fuzz_require(is_within(slot, offset, size) && !mw_region_is_readonly(slot->region));
  if (status == 0 && is_known(slot) && size) memset(model_at(slot, offset), 0, size);
}

act *const acts_on_bytes[] = {read_bytes,  write_bytes, write_bytes, fill_bytes, move_bytes,   find_bytes,
                              count_bytes, find_line,   find_run,    discard,    ask_of_pages, ask_of_pages};
const unsigned bytes_count = sizeof acts_on_bytes / sizeof acts_on_bytes[0];
