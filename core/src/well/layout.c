/* Planning a well, writing its tables for the first time, and reading its header with suspicion.
 *
 * SPDX-License-Identifier: MIT */
#include "well/layout.h"

#include <inttypes.h>
#include <string.h>

#include "base/hash.h"
#include "platform/os.h"

static const char magic[8] = {'M', 'E', 'M', 'W', 'E', 'L', 'L', '\n'};

#define BYTE_ORDER_MARK 0x01020304u
#define VERSION 1u
#define DEFAULT_SLOTS 64
#define BYTES_PER_OBJECT 4096 /* of a well; by default */
#define FEWEST_OBJECTS 16
#define MANY_OBJECTS 16384
#define MOST_OBJECTS (1u << 20)

/* ---- planning */

static uint32_t default_objects(uint64_t size) {
  uint64_t objects = size / BYTES_PER_OBJECT;
  if (objects < FEWEST_OBJECTS) return FEWEST_OBJECTS;
  return objects < MANY_OBJECTS ? (uint32_t)objects : MANY_OBJECTS;
}

/* A power of two, a quarter of which or more is never in use, so that searches are short. */
static uint32_t entries_for(uint32_t objects) {
  uint32_t entries = 16;
  while (entries - entries / 4 < objects) entries *= 2;
  return entries;
}

static uint64_t directory_of(uint32_t slots) { return sizeof(mw__header) + (uint64_t)slots * sizeof(mw__slot); }

static uint64_t space_of(uint32_t slots, uint32_t entries) { return directory_of(slots) + (uint64_t)entries * sizeof(mw__entry); }

static uint64_t checksum_of(const mw__geometry *geometry) {
  return mw__hash(MW__HASH_BEGIN, geometry, offsetof(mw__geometry, checksum));
}

int mw__layout_plan(const mw__call *call, uint64_t size, uint32_t slots, uint32_t objects, mw__geometry *out_geometry) {
  slots = slots ? slots : DEFAULT_SLOTS;
  objects = objects ? objects : default_objects(size);
  if (slots > MW_WELL_MAX_SLOTS) return mw__fail(call, MW_EINVAL, "%" PRIu32 " slots: it is 1 to %d", slots, MW_WELL_MAX_SLOTS);
  if (objects > MOST_OBJECTS) return mw__fail(call, MW_EINVAL, "%" PRIu32 " objects: it is 1 to %u", objects, MOST_OBJECTS);
  uint32_t entries = entries_for(objects);
  uint64_t space = space_of(slots, entries);
  if (size < space + MW__LINE || size > MW__SIZE_MAX)
    return mw__fail(call, MW_EINVAL,
                    "%" PRIu64 " bytes: its tables for %" PRIu32 " processes and %" PRIu32 " objects take %" PRIu64
                    "; give it more, or ask for fewer of those",
                    size, slots, objects, space);
  mw__geometry geometry = {.byte_order = BYTE_ORDER_MARK,
                           .version = VERSION,
                           .size = size,
                           .max_size = size,
                           .participants = sizeof(mw__header),
                           .directory = directory_of(slots),
                           .space = space,
                           .slots = slots,
                           .entries = entries,
                           .objects = objects};
  memcpy(geometry.magic, magic, sizeof magic);
  int failure = mw__os_random(&geometry.identity);
  if (failure) return mw__os_fail(call, failure);
  geometry.identity |= 1;
  geometry.checksum = checksum_of(&geometry);
  *out_geometry = geometry;
  return 0;
}

/* ---- a new one */

static uint64_t end_of(const mw__geometry *geometry) { return geometry->size / MW__LINE * MW__LINE; }

void mw__layout_format(const mw__geometry *geometry, void *image) {
  mw__layout layout = {.base = image, .geometry = *geometry};
  mw__header *header = mw__layout_header(&layout);
  header->geometry = *geometry;
  atomic_store(&header->ticket, 1);
  atomic_store(&header->serial, 1);
  atomic_store(&header->locks_floor, end_of(geometry));
  mw__mutex_format(&header->admin);
  for (uint32_t i = 0; i < geometry->slots; i++) atomic_store(&mw__layout_slots(&layout)[i].life, MW__LIFE);
  for (uint32_t i = 0; i < geometry->entries; i++) atomic_store(&mw__layout_entry(&layout, i)->state, MW__EMPTY);
}

/* ---- one that others have made */

static int fail_field(const mw__call *call, const char *field) {
  return mw__fail(call, MW_EFORMAT, "the header's %s is damaged", field);
}

static int check_kind(const mw__call *call, const mw__geometry *geometry) {
  if (memcmp(geometry->magic, magic, sizeof magic) != 0)
    return mw__fail(call, MW_EFORMAT, "it is no well: it does not begin with \"MEMWELL\"");
  if (geometry->byte_order != BYTE_ORDER_MARK)
    return mw__fail(call, MW_EFORMAT, "byte_order is 0x%08" PRIx32 ": it was made on another kind of machine",
                    geometry->byte_order);
  if (geometry->version != VERSION)
    return mw__fail(call, MW_EFORMAT, "version is %" PRIu32 ", and this memwell reads version %u", geometry->version, VERSION);
  return 0;
}

/* The sum says that something has changed; the rest says what a program that reads it relies on. */
static int check_fields(const mw__call *call, const mw__geometry *geometry, uint64_t size) {
  if (geometry->checksum != checksum_of(geometry)) return fail_field(call, "checksum");
  if (geometry->slots < 1 || geometry->slots > MW_WELL_MAX_SLOTS) return fail_field(call, "slots");
  if (geometry->objects < 1 || geometry->objects > MOST_OBJECTS) return fail_field(call, "objects");
  if (geometry->entries != entries_for(geometry->objects)) return fail_field(call, "entries");
  if (geometry->participants != sizeof(mw__header)) return fail_field(call, "participants");
  if (geometry->directory != directory_of(geometry->slots)) return fail_field(call, "directory");
  if (geometry->space != space_of(geometry->slots, geometry->entries)) return fail_field(call, "space");
  if (geometry->size < geometry->space + MW__LINE) return fail_field(call, "size");
  if (geometry->size == size) return 0;
  return mw__fail(call, MW_EFORMAT, "size is %" PRIu64 ", and the file has %" PRIu64 " bytes: somebody cut it, or added to it",
                  geometry->size, size);
}

int mw__layout_read(const mw__call *call, void *base, uint64_t size, mw__layout *out_layout) {
  if (size < sizeof(mw__header))
    return mw__fail(call, MW_EFORMAT, "it is no well: %" PRIu64 " bytes are less than a header (%zu)", size, sizeof(mw__header));
  mw__layout layout = {.base = base};
  memcpy(&layout.geometry, base, sizeof layout.geometry);
  atomic_thread_fence(memory_order_acquire); /* what is checked is the copy, and nothing is read again */
  int status = check_kind(call, &layout.geometry);
  if (!status) status = check_fields(call, &layout.geometry, size);
  if (!status) *out_layout = layout;
  return status;
}

uint64_t mw__layout_end(const mw__layout *layout) { return end_of(&layout->geometry); }

uint64_t mw__layout_locks_floor(const mw__layout *layout) {
  uint64_t floor = atomic_load(&mw__layout_header(layout)->locks_floor), end = mw__layout_end(layout);
  return floor >= layout->geometry.space && floor <= end && floor % MW__LINE == 0 ? floor : 0;
}
