/* Finding, creating and deleting objects. Main entries: mw__directory_find, mw__directory_prepare, mw__directory_delete.
 *
 * A hash table with linear probing. What is read is copied and checked before it is believed: offsets and sizes must lie in the
 * well, names end in NUL, searches end after as many steps as there are entries.
 *
 * SPDX-License-Identifier: MIT */
#include "well/directory.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "sync/event.h"
#include "sync/robust_semaphore.h"
#include "well/space.h"

#define NOT_DELETED UINT64_MAX
#define READ_ATTEMPTS 1000

void mw__kind_name(unsigned kind, char text[16]) {
  static const char *const names[] = {
      [MW__ARRAY] = "array", [MW__MUTEX] = "mutex", [MW__SEMAPHORE] = "semaphore", [MW__EVENT] = "event"};
  if (kind < sizeof names / sizeof *names && names[kind])
    snprintf(text, 16, "%s", names[kind]);
  else
    snprintf(text, 16, "kind %u", kind);
}

/* ---- reading */

static uint64_t checksum_of(const mw__entry *entry, uint64_t state) {
  uint64_t fixed = state & ~UINT64_C(0xff);
  uint64_t hash = mw__hash(MW__HASH_BEGIN, &fixed, sizeof fixed);
  hash = mw__hash(hash, &entry->offset, offsetof(mw__entry, checksum) - offsetof(mw__entry, offset));
  return mw__hash(hash, entry->name, entry->length);
}

static int fail_entry(const mw__call *call, uint32_t index, const char *field) {
  return mw__fail(call, MW_EFORMAT, "entry %" PRIu32 " of the directory is damaged: %s", index, field);
}

/* The memory of one that can be used, which check_fields says of the rest. */
static bool has_memory(const mw__layout *layout, const mw__entry *entry, unsigned kind) {
  uint64_t begin = layout->geometry.space, end = mw__layout_end(layout);
  return entry->offset >= begin && entry->offset <= end && entry->size <= end - entry->offset && (entry->offset % MW__LINE == 0) &&
         (kind == MW__ARRAY || entry->size >= MW__LINE);
}

static bool is_array(const mw__entry *entry) {
  if (entry->dtype >= MW_DTYPE_COUNT || entry->ndim < 1 || entry->ndim > MW_MAX_DIMENSIONS) return false;
  uint64_t size = mw_dtype_size((mw_dtype)entry->dtype);
  bool fits = true;
  for (uint32_t i = 0; i < entry->ndim; i++) fits = fits && !__builtin_mul_overflow(size, entry->shape[i], &size);
  return fits && size == entry->size;
}

static bool is_semaphore(const mw__entry *entry) {
  return entry->capacity >= 1 && entry->capacity <= MW_MAX_PERMITS && entry->size == mw__permits_size((unsigned)entry->capacity);
}

static int check_fields(const mw__call *call, const mw__layout *layout, uint32_t index, const mw__entry *entry, uint64_t state) {
  unsigned kind = mw__state_kind(state);
  if (entry->length < 1 || entry->length > MW_WELL_NAME_MAX) return fail_entry(call, index, "its name's length");
  if (memchr(entry->name, 0, sizeof entry->name) != entry->name + entry->length) return fail_entry(call, index, "its name");
  if (entry->checksum != checksum_of(entry, state)) return fail_entry(call, index, "its checksum");
  if (!has_memory(layout, entry, kind)) return fail_entry(call, index, "its memory is not in the well");
  if (kind == MW__ARRAY && !is_array(entry)) return fail_entry(call, index, "its dtype and shape are no array");
  if (kind == MW__SEMAPHORE && !is_semaphore(entry)) return fail_entry(call, index, "its capacity is no semaphore's");
  return 0;
}

static mw__record record_of(uint32_t index, const mw__entry *entry, uint64_t state) {
  mw__record record = {.index = index,
                       .state = state,
                       .offset = entry->offset,
                       .size = entry->size,
                       .deleted = entry->deleted,
                       .capacity = (uint32_t)entry->capacity,
                       .dtype = (mw_dtype)entry->dtype,
                       .ndim = (int)entry->ndim};
  memcpy(record.shape, entry->shape, sizeof record.shape);
  memcpy(record.name, entry->name, sizeof record.name);
  return record;
}

static bool has_object(uint64_t state) { return mw__state_phase(state) == MW__LIVE || mw__state_phase(state) == MW__DELETED; }

static int check_phase(const mw__call *call, uint32_t index, uint64_t state) {
  unsigned phase = mw__state_phase(state);
  return has_object(state) || phase == MW__EMPTY || phase == MW__SPENT ? 0 : fail_entry(call, index, "its state");
}

/* What is written while others read it goes word by word, so that to the compiler, too, it may change at any moment. */
static void load_words(const void *words, void *copy, size_t size) {
  const _Atomic uint64_t *from = words;
  uint64_t *to = copy;
  for (size_t i = 0; i < size / sizeof *to; i++) to[i] = atomic_load_explicit(&from[i], memory_order_relaxed);
}

static void store_words(void *words, const void *copy, size_t size) {
  _Atomic uint64_t *to = words;
  const uint64_t *from = copy;
  for (size_t i = 0; i < size / sizeof *from; i++) atomic_store_explicit(&to[i], from[i], memory_order_relaxed);
}

#define FIELDS_SIZE (offsetof(mw__entry, deleted) - offsetof(mw__entry, offset))

/* All but the state. */
static void copy_entry(const mw__entry *entry, mw__entry *copy) {
  load_words(&entry->offset, &copy->offset, FIELDS_SIZE);
  load_words(entry->name, copy->name, sizeof copy->name);
  atomic_init(&copy->deleted, atomic_load(&entry->deleted));
}

/* The state is read again at the end: what changed meanwhile is read anew. Objects do not come and go so fast as to do that
 * often. */
int mw__directory_read(const mw__call *call, const mw__layout *layout, uint32_t index, mw__record *out_record) {
  const mw__entry *entry = mw__layout_entry(layout, index);
  for (int attempt = 0; attempt < READ_ATTEMPTS; attempt++) {
    uint64_t state = atomic_load(&entry->state);
    int status = check_phase(call, index, state);
    if (status || !has_object(state)) return status;
    mw__entry copy;
    copy_entry(entry, &copy);
    atomic_thread_fence(memory_order_acquire);
    if (!mw__layout_still_has(layout, index, state)) continue;
    status = check_fields(call, layout, index, &copy, state);
    if (!status) *out_record = record_of(index, &copy, state);
    return status ? status : 1;
  }
  return fail_entry(call, index, "its state changes all the time");
}

/* ---- finding */

static uint32_t first_place(const mw__layout *layout, const char *name) {
  return (uint32_t)mw__hash(MW__HASH_BEGIN, name, strlen(name)) & (layout->geometry.entries - 1);
}

static uint32_t next_place(const mw__layout *layout, uint32_t index) { return (index + 1) & (layout->geometry.entries - 1); }

/* A name as an entry has it, with at least one zero behind it. */
typedef struct padded {
  uint64_t words[(MW_WELL_NAME_MAX + 1) / sizeof(uint64_t)];
  size_t count;
} padded;

static padded pad(const char *name) {
  size_t length = strlen(name);
  padded padded = {.count = length / sizeof padded.words[0] + 1};
  memcpy(padded.words, name, length);
  return padded;
}

/* A glance: what does have it is copied and checked. */
static bool seems_to_have(const mw__entry *entry, const padded *name) {
  const uint64_t *words = (const uint64_t *)(const void *)entry->name;
  for (size_t i = 0; i < name->count; i++)
    if (mw__layout_word(&words[i]) != name->words[i]) return false;
  return true;
}

/* Where an entry of this name can be: from its first place on until an empty one. */
typedef struct way {
  uint32_t index;
  uint32_t steps;
} way;

static way way_of(const mw__layout *layout, const char *name) { return (way){first_place(layout, name), 0}; }

static bool goes_on(const mw__layout *layout, const way *way) {
  uint64_t state = atomic_load(&mw__layout_entry(layout, way->index)->state);
  return mw__state_phase(state) != MW__EMPTY && way->steps < layout->geometry.entries;
}

static void advance(const mw__layout *layout, way *way) {
  way->index = next_place(layout, way->index);
  way->steps++;
}

/* What is damaged may have had the name that was not found. 0, or MW_EFORMAT. */
static int check_way(const mw__call *call, const mw__layout *layout, const char *name) {
  mw__record record;
  int status = 0;
  for (way way = way_of(layout, name); status >= 0 && goes_on(layout, &way); advance(layout, &way))
    status = mw__directory_read(call, layout, way.index, &record);
  return status < 0 ? status : 0;
}

int mw__directory_find(const mw__call *call, const mw__layout *layout, const char *name, mw__record *out_record) {
  padded padded = pad(name);
  for (way way = way_of(layout, name); goes_on(layout, &way); advance(layout, &way)) {
    if (!seems_to_have(mw__layout_entry(layout, way.index), &padded)) continue;
    int found = mw__directory_read(call, layout, way.index, out_record);
    if (found < 0) return found;
    if (found && mw__state_phase(out_record->state) == MW__LIVE && strcmp(out_record->name, name) == 0) return 1;
  }
  return check_way(call, layout, name);
}

/* ---- creating */

/* Searches that end right behind an entry may end before it. */
static void shorten_searches(const mw__layout *layout, uint32_t index) {
  uint32_t mask = layout->geometry.entries - 1;
  if (mw__state_phase(atomic_load(&mw__layout_entry(layout, (index + 1) & mask)->state)) != MW__EMPTY) return;
  for (uint32_t step = 0; step < mask; step++, index = (index - 1) & mask) {
    mw__entry *entry = mw__layout_entry(layout, index);
    if (mw__state_phase(atomic_load(&entry->state)) != MW__SPENT) return;
    atomic_store(&entry->state, MW__EMPTY);
  }
}

/* Deleted ones whose memory is free, because nobody is attached any more who was when they were deleted, are nothing any more.
 * Returns how many of the others there are. */
static uint32_t retire(const mw__layout *layout) {
  uint64_t oldest = mw__participant_oldest(mw__layout_slots(layout), layout->geometry.slots);
  uint32_t in_use = 0;
  for (uint32_t i = 0; i < layout->geometry.entries; i++) {
    mw__entry *entry = mw__layout_entry(layout, i);
    uint64_t state = atomic_load(&entry->state);
    bool is_over = mw__state_phase(state) == MW__DELETED && atomic_load(&entry->deleted) < oldest;
    in_use += has_object(state) && !is_over;
    if (!is_over) continue;
    atomic_store(&entry->state, MW__SPENT);
    shorten_searches(layout, i);
  }
  return in_use;
}

/* The first entry on the name's way that can be used. There is one: fewer objects are allowed than there are entries. */
static int find_place(const mw__call *call, const mw__layout *layout, const char *name, uint32_t *out_index) {
  uint32_t in_use = retire(layout), index = first_place(layout, name);
  if (in_use >= layout->geometry.objects)
    return mw__fail(call, MW_EFULL, "the directory is full: %" PRIu32 " objects; delete some, or create the well with more",
                    in_use);
  for (uint32_t step = 0; step < layout->geometry.entries; step++, index = next_place(layout, index)) {
    *out_index = index;
    if (!has_object(atomic_load(&mw__layout_entry(layout, index)->state))) return 0;
  }
  return mw__fail(call, MW_EFORMAT, "the directory is damaged: it has no entry that is not in use");
}

static void make_memory(const mw__layout *layout, unsigned kind, uint64_t offset, const mw__record *wanted) {
  void *memory = layout->base + offset;
  switch (kind) {
    case MW__MUTEX: mw__mutex_format(memory); break;
    case MW__SEMAPHORE: mw__permits_format(memory, wanted->capacity); break;
    case MW__EVENT: mw__event_format(memory); break;
    default: memset(memory, 0, (size_t)wanted->size); break;
  }
}

/* Made here, where nobody else can change it. */
static mw__entry new_entry(uint64_t offset, const mw__record *wanted, uint64_t state) {
  mw__entry made = {.offset = offset,
                    .size = wanted->size,
                    .capacity = wanted->capacity,
                    .dtype = (uint32_t)wanted->dtype,
                    .ndim = (uint32_t)wanted->ndim,
                    .length = (uint32_t)strlen(wanted->name)};
  memcpy(made.shape, wanted->shape, sizeof made.shape);
  memcpy(made.name, wanted->name, made.length);
  atomic_init(&made.deleted, NOT_DELETED);
  made.checksum = checksum_of(&made, state);
  return made;
}

/* Nobody believes these while the entry is SPENT. */
static void fill_in(mw__entry *entry, const mw__entry *made) {
  store_words(&entry->offset, &made->offset, FIELDS_SIZE);
  store_words(entry->name, made->name, sizeof made->name);
  atomic_store(&entry->deleted, NOT_DELETED);
}

int mw__directory_prepare(const mw__call *call, const mw__layout *layout, const mw__record *wanted, mw__record *out_record) {
  unsigned kind = mw__state_kind(wanted->state);
  uint32_t index = 0;
  uint64_t offset = 0;
  int status = find_place(call, layout, wanted->name, &index);
  if (!status) status = mw__space_find(call, layout, mw__kind_is_lock(kind), wanted->size, &offset);
  if (status) return status;
  uint64_t serial = atomic_fetch_add(&mw__layout_header(layout)->serial, 1);
  uint64_t state = serial << 16 | (uint64_t)kind << 8 | MW__LIVE;
  mw__entry made = new_entry(offset, wanted, state), *entry = mw__layout_entry(layout, index);
  atomic_store(&entry->state, MW__SPENT);
  atomic_thread_fence(memory_order_release); /* who sees any of what follows sees that it is SPENT */
  make_memory(layout, kind, offset, wanted);
  fill_in(entry, &made);
  *out_record = record_of(index, &made, state);
  return 0;
}

void mw__directory_commit(const mw__layout *layout, const mw__record *record) {
  atomic_store(&mw__layout_entry(layout, record->index)->state, record->state);
}

/* ---- deleting */

static bool close_down(const mw__layout *layout, const mw__record *record) {
  void *memory = mw__record_memory(layout, record);
  switch (mw__state_kind(record->state)) {
    case MW__MUTEX: return mw__mutex_close_down(memory);
    case MW__SEMAPHORE: return mw__permits_close_down(memory, record->capacity);
    default: return true;
  }
}

static void open_up(const mw__layout *layout, const mw__record *record) {
  void *memory = mw__record_memory(layout, record);
  switch (mw__state_kind(record->state)) {
    case MW__MUTEX: mw__mutex_open_up(memory); break;
    case MW__SEMAPHORE: mw__permits_open_up(memory, record->capacity); break;
    default: break;
  }
}

/* Tell those who wait for it that it is gone. An event, which nobody holds, is told so itself only now. */
static void dismiss(const mw__layout *layout, const mw__record *record) {
  void *memory = mw__record_memory(layout, record);
  switch (mw__state_kind(record->state)) {
    case MW__MUTEX: mw__bell_ring_all(&((mw__mutex_line *)memory)->bell); break;
    case MW__SEMAPHORE: mw__bell_ring_all(&((mw__permits *)memory)->bell); break;
    case MW__EVENT: mw__event_end(memory); break;
    default: break;
  }
}

/* The ticket is read after the commit: who gets a later one cannot have found the object. */
static void set_deleted(const mw__layout *layout, mw__entry *entry) {
  atomic_store(&entry->deleted, atomic_load(&mw__layout_header(layout)->ticket));
}

int mw__directory_delete(const mw__call *call, const mw__layout *layout, const mw__record *record) {
  mw__entry *entry = mw__layout_entry(layout, record->index);
  if (!close_down(layout, record)) return mw__fail(call, MW_EBUSY, "somebody holds it; wait, or break that one's locks");
  atomic_store(&entry->state, (record->state & ~UINT64_C(0xff)) | MW__DELETED);
  dismiss(layout, record);
  set_deleted(layout, entry);
  return 0;
}

/* ---- after a death */

static void finish_deletion(const mw__layout *layout, const mw__record *record) {
  dismiss(layout, record);
  set_deleted(layout, mw__layout_entry(layout, record->index));
}

void mw__directory_mend(const mw__layout *layout) {
  mw__call nobody = {"", NULL, NULL};
  for (uint32_t i = 0; i < layout->geometry.entries; i++) {
    mw__record record = {0};
    if (mw__directory_read(&nobody, layout, i, &record) != 1) continue;
    if (mw__state_phase(record.state) == MW__LIVE)
      open_up(layout, &record);
    else if (record.deleted == NOT_DELETED)
      finish_deletion(layout, &record);
  }
}

static unsigned sweep_object(const mw__layout *layout, const mw__record *record, uint64_t owner) {
  void *memory = mw__record_memory(layout, record);
  switch (mw__state_kind(record->state)) {
    case MW__MUTEX: return mw__mutex_sweep(memory, owner);
    case MW__SEMAPHORE: return mw__permits_sweep(memory, record->capacity, owner);
    default: return 0;
  }
}

/* One that is damaged is left to those who use it. */
unsigned mw__directory_sweep(const mw__layout *layout, uint64_t owner) {
  mw__call nobody = {"", NULL, NULL};
  unsigned count = mw__mutex_sweep(&mw__layout_header(layout)->admin, owner);
  for (uint32_t i = 0; i < layout->geometry.entries; i++) {
    mw__record record = {0};
    if (!mw__layout_may_have_lock(layout, i)) continue;
    if (mw__directory_read(&nobody, layout, i, &record) == 1 && mw__state_phase(record.state) == MW__LIVE)
      count += sweep_object(layout, &record, owner);
  }
  return count;
}
