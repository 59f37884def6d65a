/* Images of wells, and what spoils them. The places are those of docs/formats.md, chapter "The well"; the core makes the images and
 * this file only reads them, so that the two must agree.
 *
 * SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wells.h"

enum { SLOTS = 3, OBJECTS = 12, ENTRIES = 16, TABLE = 256, SLOT = 128, ENTRY = 256, LINE = 64 };
enum { DIRECTORY = TABLE + SLOTS * SLOT, SPACE = DIRECTORY + ENTRIES * ENTRY, LARGE = 8192, UNEVEN = 6040 };
enum { LIVE = 0x33, DELETED = 0x44 };

#define FREE UINT64_C(0x465245450000ffff)
#define DEAD UINT64_C(0x444541440000ffff)
#define GONE UINT64_C(0x474f4e450000ffff)
#define RECOVERING (UINT64_C(1) << 63)
#define LIFE (UINT64_C(0x4c49) << 48)

/* ---- words */

static uint64_t get(const uint8_t *place) {
  uint64_t word;
  memcpy(&word, place, sizeof word);
  return word;
}

static void put(uint8_t *place, uint64_t word) { memcpy(place, &word, sizeof word); }

static uint8_t *entry_at(uint8_t *bytes, unsigned index) { return bytes + DIRECTORY + (size_t)ENTRY * index; }

/* ---- sums */

static uint64_t add_to_sum(uint64_t sum, const uint8_t *bytes, size_t size) {
  for (size_t i = 0; i < size; i++) sum = (sum ^ bytes[i]) * UINT64_C(0x100000001b3);
  return sum;
}

static uint64_t sum(const uint8_t *bytes, size_t size) { return add_to_sum(UINT64_C(0xcbf29ce484222325), bytes, size); }

static void repair_entry(uint8_t *entry) {
  uint8_t fixed[8];
  uint32_t length;
  memcpy(fixed, entry, sizeof fixed);
  fixed[0] = 0; /* the phase */
  memcpy(&length, entry + 104, sizeof length);
  if (length > 127) return; /* damage that is noticed before the sum */
  put(entry + 112, add_to_sum(add_to_sum(sum(fixed, sizeof fixed), entry + 8, 104), entry + 128, length));
}

void image_repair(uint8_t *bytes, size_t size) {
  if (size >= 88) put(bytes + 80, sum(bytes, 80));
  if (size < SPACE) return;
  for (unsigned i = 0; i < ENTRIES; i++)
    if (bytes[DIRECTORY + ENTRY * i] == LIVE || bytes[DIRECTORY + ENTRY * i] == DELETED) repair_entry(entry_at(bytes, i));
}

/* ---- by honest means */

static image new_one, furnished, uneven, orphaned, half_done;

static const image *const honest[] = {&new_one, &furnished, &uneven, &orphaned, &half_done};

static mw_well *create(uint64_t size) {
  mw_well_options options = {.size_of_struct = sizeof options, .slots = SLOTS, .objects = OBJECTS};
  mw_well *well;
  if (mw_well_create(fuzz_name("honest"), size, &options, NULL, &well) != 0) abort();
  return well;
}

static void read_honest(image *image) {
  int fd = open(fuzz_path("", "honest"), O_RDONLY | O_CLOEXEC);
  image->size = (size_t)read(fd, image->bytes, MOST_IMAGE);
  close(fd);
}

/* `dies`: whoever is attached leaves it as if killed. */
static void take(mw_well *well, bool dies, image *image) {
  if (dies) mw_well_abandon(well);
  if (!dies && mw_well_close(well, NULL) != 0) abort();
  read_honest(image);
  if (mw_well_unlink(fuzz_name("honest"), NULL) != 0) abort();
}

/* `holds`: a mutex and a permit are held in the end. */
static void furnish(mw_well *well, bool holds) {
  uint64_t shape[2] = {2, 3}, few = 4;
  mw_view view;
  mw_mutex *mutex, *other;
  mw_robust_semaphore *semaphore;
  mw_event *event;
  bool made = mw_well_array(well, "a", MW_FLOAT64, 1, &few, NULL, &view) == 1;
  made &= mw_well_array(well, "b", MW_UINT32, 2, shape, NULL, &view) == 1;
  made &= mw_well_array(well, "d", MW_UINT8, 1, &few, NULL, &view) == 1;
  made &= mw_well_mutex(well, "m", 0, NULL, &mutex) == 1 && mw_well_mutex(well, "n", 0, NULL, &other) == 1;
  made &= mw_well_semaphore(well, "s", 3, 0, NULL, &semaphore) == 1 && mw_well_event(well, "e", 0, NULL, &event) == 1;
  made &= mw_well_delete(well, "d", NULL) == 0;
  if (holds) made &= mw_mutex_acquire(mutex, MW_DEADLINE_NOW, NULL) == 0;
  if (holds) made &= mw_robust_semaphore_acquire(semaphore, MW_DEADLINE_NOW, NULL) == 0;
  if (!made) abort();
  mw_mutex_drop(mutex);
  mw_mutex_drop(other);
  mw_robust_semaphore_drop(semaphore);
  mw_event_drop(event);
}

static uint8_t *entry_named(image *image, char name) {
  for (unsigned i = 0; i < ENTRIES; i++) {
    uint8_t *entry = entry_at(image->bytes, i);
    if (entry[128] == (uint8_t)name && entry[129] == 0) return entry;
  }
  abort();
}

/* Deletions that a death has interrupted: before the commit, and after it. */
static void interrupt(image *image) {
  memcpy(image, &orphaned, sizeof *image);
  uint8_t *semaphore = entry_named(image, 's'), *deleted = entry_named(image, 'd'), *mutex = entry_named(image, 'n');
  put(image->bytes + get(semaphore + 8) + LINE + 8, GONE);
  put(image->bytes + get(mutex + 8), GONE);
  put(deleted + 120, UINT64_MAX);
  put(image->bytes + 192, get(image->bytes + get(entry_named(image, 'm') + 8))); /* the admin lock is held by who holds "m" */
}

static void make_honest(void) {
  take(create(LARGE), false, &new_one);
  mw_well *well = create(LARGE);
  furnish(well, false);
  take(well, false, &furnished);
  well = create(UNEVEN);
  furnish(well, false);
  if (mw_well_close(well, NULL) != 0) abort();
  if (mw_well_attach(fuzz_name("honest"), NULL, NULL, &well) != 0) abort();
  take(well, true, &uneven);
  well = create(LARGE);
  furnish(well, true);
  take(well, true, &orphaned);
  interrupt(&half_done);
}

void image_begin(fuzz_input *input, image *image) {
  if (new_one.size == 0) make_honest();
  *image = *honest[fuzz_below(input, sizeof honest / sizeof *honest)];
}

/* ---- spoiling */

/* A word that means something somewhere, or nearly. */
static uint64_t any_word(fuzz_input *input) {
  uint64_t owner = fuzz_below(input, 8) << 16 | fuzz_below(input, SLOTS + 2);
  switch (fuzz_below(input, 16)) {
    case 0: return FREE;
    case 1: return DEAD;
    case 2: return GONE;
    case 3:
    case 4: return owner;
    case 5: return owner | RECOVERING;
    case 6: return LIFE | owner;
    case 7: return 0;
    case 8: return UINT64_MAX;
    case 9: return SPACE + LINE * fuzz_below(input, 64);
    case 10: return fuzz_byte(input);
    case 11: return (uint64_t)fuzz_byte(input) << 32;
    case 12: return UINT64_C(0x474f4e40);
    case 13: return UINT64_MAX << fuzz_below(input, 64);
    default: return fuzz_number(input, 8);
  }
}

typedef struct field {
  unsigned offset;
  unsigned size;
} field;

static const field of_header[] = {{0, 8},  {8, 4},  {12, 4}, {16, 8}, {24, 8},  {32, 8},  {40, 8},  {48, 8},  {56, 4},  {60, 4},
                                  {64, 4}, {68, 4}, {72, 8}, {80, 8}, {128, 8}, {136, 8}, {144, 8}, {152, 8}, {192, 8}, {200, 4}};
static const field of_slot[] = {{0, 8}, {8, 8}, {16, 4}, {24, 8}, {64, 4}};
static const field of_entry[] = {{0, 1},  {1, 1},  {2, 4},   {8, 8},   {16, 8},  {24, 8},  {32, 8}, {40, 8},
                                 {96, 4}, {96, 1}, {100, 4}, {104, 4}, {112, 8}, {120, 8}, {128, 2}};
#define COUNT(fields) (sizeof(fields) / sizeof *(fields))

/* The parts of the image whose places are known; the rest is not touched where the image has been cut. */
static void write_at(uint8_t *bytes, size_t size, size_t offset, const void *data, size_t length) {
  if (offset <= size && length <= size - offset) memcpy(bytes + offset, data, length);
}

static void spoil_field(fuzz_input *input, uint8_t *bytes, size_t size, size_t base, const field *fields, size_t count) {
  const field *field = &fields[fuzz_below(input, count)];
  uint64_t word = any_word(input);
  write_at(bytes, size, base + field->offset, &word, field->size);
}

/* A word of an object's memory, where the directory says that it is. */
static void spoil_lock(fuzz_input *input, uint8_t *bytes, size_t size) {
  uint64_t offset = 0, word;
  size_t entry = DIRECTORY + ENTRY * fuzz_below(input, ENTRIES);
  if (entry + ENTRY <= size) offset = get(bytes + entry + 8);
  offset += 8 * fuzz_below(input, 12);
  word = any_word(input);
  if (offset < size) write_at(bytes, size, (size_t)offset, &word, sizeof word);
}

static void copy_entry(fuzz_input *input, uint8_t *bytes, size_t size) {
  size_t from = DIRECTORY + ENTRY * fuzz_below(input, ENTRIES), to = DIRECTORY + ENTRY * fuzz_below(input, ENTRIES);
  if (size >= SPACE) memmove(bytes + to, bytes + from, ENTRY);
}

static void flip_bit(fuzz_input *input, uint8_t *bytes, size_t size) {
  size_t place = fuzz_below(input, size);
  bytes[place] ^= (uint8_t)(1u << fuzz_below(input, 8));
}

void image_spoil(fuzz_input *input, uint8_t *bytes, size_t size) {
  if (size == 0) return;
  switch (fuzz_below(input, 8)) {
    case 0: spoil_field(input, bytes, size, 0, of_header, COUNT(of_header)); break;
    case 1: spoil_field(input, bytes, size, TABLE + SLOT * fuzz_below(input, SLOTS), of_slot, COUNT(of_slot)); break;
    case 2:
    case 3: spoil_field(input, bytes, size, DIRECTORY + ENTRY * fuzz_below(input, ENTRIES), of_entry, COUNT(of_entry)); break;
    case 4:
    case 5: spoil_lock(input, bytes, size); break;
    case 6: copy_entry(input, bytes, size); break;
    default: flip_bit(input, bytes, size);
  }
}
