/* A second reading of docs/formats.md, to judge the core by.
 *
 * SPDX-License-Identifier: MIT */
#include "bytes.h"

#include <stdio.h>
#include <string.h>

enum { PARTICIPANT_SIZE = 128, ENTRY_SIZE = 256, LINE = 64, ENTRIES_MAX = 64 };
enum { LIVE = 0x33, DELETED = 0x44 };
enum { EVENT_GONE = 0x474f4e40 };
enum { ARRAY = 1, MUTEX = 2, SEMAPHORE = 3, EVENT = 4 };

static const uint64_t FREE = UINT64_C(0x465245450000ffff), DEAD = UINT64_C(0x444541440000ffff), GONE = UINT64_C(0x474f4e450000ffff),
                      RECOVERING = UINT64_C(1) << 63;

static uint64_t u64(const uint8_t *at) {
  uint64_t value;
  memcpy(&value, at, sizeof value);
  return value;
}

static uint32_t u32(const uint8_t *at) {
  uint32_t value;
  memcpy(&value, at, sizeof value);
  return value;
}

/* ---- header, participants, directory */

static uint64_t space_of(const well_bytes *well) { return u64(well->at + 48); }
static uint64_t locks_floor_of(const well_bytes *well) { return u64(well->at + 144); }
static const uint8_t *admin_of(const well_bytes *well) { return well->at + 192; }

static const uint8_t *participant_of(const well_bytes *well, uint32_t slot) {
  return well->at + u64(well->at + 32) + slot * (uint64_t)PARTICIPANT_SIZE;
}

static uint64_t life_of(const uint8_t *participant) { return u64(participant); }
static bool is_in_use(const uint8_t *participant) { return life_of(participant) & 1; }
static uint64_t ticket_of(const uint8_t *participant) { return u64(participant + 8); }
static pid_t pid_of(const uint8_t *participant) { return (pid_t)u32(participant + 16); }

static uint32_t count_entries(const well_bytes *well) { return u32(well->at + 60); }

static const uint8_t *entry_of(const well_bytes *well, uint32_t index) {
  return well->at + u64(well->at + 40) + index * (uint64_t)ENTRY_SIZE;
}

static int phase_of(const uint8_t *entry) { return (int)(u64(entry) & 0xff); }
static int kind_of(const uint8_t *entry) { return (int)(u64(entry) >> 8 & 0xff); }
static uint64_t offset_of(const uint8_t *entry) { return u64(entry + 8); }
static uint64_t capacity_of(const uint8_t *entry) { return u64(entry + 24); }
static uint64_t deleted_of(const uint8_t *entry) { return u64(entry + 120); }
static const char *name_of(const uint8_t *entry) { return (const char *)entry + 128; }

/* In whole lines. */
static uint64_t size_of(const uint8_t *entry) { return (u64(entry + 16) + LINE - 1) / LINE * LINE; }

const uint8_t *bytes_object(const well_bytes *well, const char *name) {
  for (uint32_t i = 0; i < count_entries(well); i++) {
    const uint8_t *entry = entry_of(well, i);
    if (phase_of(entry) == LIVE && strcmp(name_of(entry), name) == 0) return well->at + offset_of(entry);
  }
  return NULL;
}

int bytes_count_objects(const well_bytes *well) {
  int count = 0;
  for (uint32_t i = 0; i < count_entries(well); i++) count += phase_of(entry_of(well, i)) == LIVE;
  return count;
}

int bytes_count_participants(const well_bytes *well) {
  int count = 0;
  for (uint32_t i = 0; i < WELL_SLOTS; i++) count += is_in_use(participant_of(well, i));
  return count;
}

static uint64_t generation_of(const uint8_t *participant) { return (life_of(participant) & ((UINT64_C(1) << 48) - 1)) >> 1; }

uint64_t bytes_count_generations(const well_bytes *well) {
  uint64_t count = 0;
  for (uint32_t i = 0; i < WELL_SLOTS; i++) count += generation_of(participant_of(well, i));
  return count;
}

/* ---- lock words */

static bool is_owner(uint64_t word) { return (word & 0xffff) <= WELL_SLOTS && (word & 0xffff) != 0; }

/* Who has it: a participant that is in use, of that generation. NULL: nobody. */
static const uint8_t *owner_of(const well_bytes *well, uint64_t word) {
  const uint8_t *participant = participant_of(well, (uint32_t)(word & 0xffff) - 1);
  return is_in_use(participant) && generation_of(participant) == (word & ~RECOVERING) >> 16 ? participant : NULL;
}

/* A mutex that was about to be deleted may be either, and is taken for the worse. */
bool bytes_will_be_inconsistent(const well_bytes *well, const char *name, pid_t alive) {
  uint64_t word = u64(bytes_object(well, name));
  if (word == DEAD || word == GONE) return true;
  if (!is_owner(word)) return false;
  const uint8_t *owner = owner_of(well, word);
  return owner == NULL || pid_of(owner) != alive;
}

bool bytes_will_be_set(const well_bytes *well, const char *name) { return (u32(bytes_object(well, name)) & 3) == 2; }

static bool is_right_word(const well_bytes *well, uint64_t word, bool is_mutex) {
  if (word == FREE || word == GONE) return true;
  if (word == DEAD || word & RECOVERING) return is_mutex && (word == DEAD || owner_of(well, word) != NULL);
  return is_owner(word) && owner_of(well, word) != NULL;
}

static bool are_right_permits(const well_bytes *well, const uint8_t *semaphore, uint64_t capacity) {
  for (uint64_t i = 0; i < capacity; i++)
    if (!is_right_word(well, u64(semaphore + LINE + i * 8), false)) return false;
  return true;
}

static bool is_right_lock(const well_bytes *well, const uint8_t *entry) {
  const uint8_t *lock = well->at + offset_of(entry);
  switch (kind_of(entry)) {
    case MUTEX: return is_right_word(well, u64(lock), true);
    case SEMAPHORE: return are_right_permits(well, lock, capacity_of(entry));
    case EVENT: return (u32(lock) & 3) != 0 || u32(lock) == EVENT_GONE;
    default: return true;
  }
}

const char *bytes_fault(const well_bytes *well) {
  static char text[160];
  if (!is_right_word(well, u64(admin_of(well)), true)) return "the admin lock is nobody's that is in use";
  for (uint32_t i = 0; i < count_entries(well); i++) {
    const uint8_t *entry = entry_of(well, i);
    if (phase_of(entry) != LIVE || is_right_lock(well, entry)) continue;
    snprintf(text, sizeof text, "\"%s\" is held by nobody that is in use, or damaged", name_of(entry));
    return text;
  }
  return NULL;
}

/* Whether a lock is marked as one that is being deleted, or a part of it. */
static bool is_closing(const well_bytes *well, const uint8_t *entry) {
  const uint8_t *lock = well->at + offset_of(entry);
  if (kind_of(entry) == EVENT) return u32(lock) == EVENT_GONE;
  if (kind_of(entry) == MUTEX) return u64(lock) == GONE;
  bool closing = false;
  for (uint64_t i = 0; kind_of(entry) == SEMAPHORE && i < capacity_of(entry); i++) closing |= u64(lock + LINE + i * 8) == GONE;
  return closing;
}

const char *bytes_unfinished(const well_bytes *well) {
  for (uint32_t i = 0; i < count_entries(well); i++) {
    const uint8_t *entry = entry_of(well, i);
    if (phase_of(entry) == LIVE && is_closing(well, entry)) return "an object is neither there nor deleted";
    if (phase_of(entry) == DELETED && deleted_of(entry) == UINT64_MAX) return "the memory of a deleted object will never be free";
  }
  return NULL;
}

/* ---- space */

static bool holds_memory(const well_bytes *well, const uint8_t *entry) {
  if (phase_of(entry) == LIVE) return true;
  if (phase_of(entry) != DELETED) return false;
  for (uint32_t i = 0; i < WELL_SLOTS; i++) {
    const uint8_t *participant = participant_of(well, i);
    if (is_in_use(participant) && ticket_of(participant) <= deleted_of(entry)) return true;
  }
  return false;
}

/* The array that begins first of those that begin at `from` or behind; NULL: none does. */
static const uint8_t *next_array(const well_bytes *well, uint64_t from) {
  const uint8_t *next = NULL;
  for (uint32_t i = 0; i < count_entries(well); i++) {
    const uint8_t *entry = entry_of(well, i);
    if (kind_of(entry) != ARRAY || !holds_memory(well, entry) || size_of(entry) == 0 || offset_of(entry) < from) continue;
    if (next == NULL || offset_of(entry) < offset_of(next)) next = entry;
  }
  return next;
}

/* Go through the gaps between arrays: all of them together, and the largest. */
static uint64_t measure_gaps(const well_bytes *well, uint64_t *out_largest) {
  uint64_t at = space_of(well), sum = 0;
  *out_largest = 0;
  for (const uint8_t *array = next_array(well, at);; array = next_array(well, at)) {
    uint64_t end = array != NULL ? offset_of(array) : locks_floor_of(well), gap = end - at;
    sum += gap;
    if (gap > *out_largest) *out_largest = gap;
    if (array == NULL) return sum;
    at = end + size_of(array);
  }
}

uint64_t bytes_free(const well_bytes *well) {
  uint64_t largest;
  return measure_gaps(well, &largest);
}

uint64_t bytes_largest_gap(const well_bytes *well) {
  uint64_t largest;
  (void)measure_gaps(well, &largest);
  return largest;
}

/* ---- comparing */

static void blank(well_bytes *well, uint64_t offset, uint64_t size) { memset(well->at + offset, 0, size); }

void bytes_blank_what_is_for_people(well_bytes *well) {
  blank(well, (uint64_t)(admin_of(well) - well->at) + 16, 8);
  for (uint32_t i = 0; i < WELL_SLOTS; i++) blank(well, (uint64_t)(participant_of(well, i) - well->at) + 16, 16);
  for (uint32_t i = 0; i < count_entries(well); i++) {
    const uint8_t *entry = entry_of(well, i);
    bool was_made = phase_of(entry) == LIVE || phase_of(entry) == DELETED;
    if (kind_of(entry) == MUTEX && was_made) blank(well, offset_of(entry) + 16, 8);
  }
}

void bytes_blank_what_nobody_reads(well_bytes *well) {
  static well_bytes whole;
  whole = *well;
  blank(well, space_of(well), WELL_SIZE - space_of(well));
  for (uint32_t i = 0; i < count_entries(well); i++) {
    const uint8_t *entry = entry_of(&whole, i);
    bool counts = phase_of(entry) == LIVE || phase_of(entry) == DELETED;
    if (counts)
      memcpy(well->at + offset_of(entry), whole.at + offset_of(entry), size_of(entry));
    else
      blank(well, (uint64_t)(entry - whole.at) + 8, ENTRY_SIZE - 8);
  }
}
