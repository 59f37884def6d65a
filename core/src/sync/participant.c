/* Attaching, detaching, and finding out who has died. Main entries: mw__participant_enter and mw__participant_is_gone.
 *
 * Three descriptions of the well's file matter. One holds the life lock; it is pinned by a page of memory that no fork inherits,
 * and its descriptor is closed, so that neither a child nor a program that closes all descriptors can keep the lock or lose it. One
 * is for asking about the locks of others, and for taking those of the dead while they are swept. The third is the region's own, if
 * it keeps one, and takes no locks.
 *
 * The fork lock keeps the threads of this process from reaping at the same time, who share a description and would not see each
 * other's locks, and a fork from inheriting a life lock that is not pinned yet.
 *
 * SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "sync/participant.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "platform/os.h"

#define LIFE_LOCKS (UINT64_C(1) << 62) /* the byte of slot 0; far behind the end of any file */

static mw__participant *attached; /* under the fork lock */

/* ---- the life word */

bool mw__slot_is_in_use(uint64_t life) { return life & 1; }
bool mw__slot_is_valid(uint64_t life) { return life >> 48 == MW__LIFE >> 48; }
uint64_t mw__slot_generation(uint64_t life) { return (life & ~MW__LIFE) >> 1; }
static uint64_t life_of(uint64_t generation, bool in_use) { return MW__LIFE | generation << 1 | in_use; }

bool mw__slot_is_alive(const mw__slot *slot, unsigned index, int fd) {
  bool locked = true;
  if (!mw__slot_is_in_use(atomic_load(&slot->life))) return false;
  return fd < 0 || mw__os_is_byte_locked(fd, LIFE_LOCKS + index, &locked) != 0 || locked;
}

/* ---- descriptors */

/* 0: to the well's file; EBADF: elsewhere or nowhere; else it cannot be told. */
static int check_leads_to(int fd, const mw_region *region) {
  mw__os_file_info info;
  int failure = mw__os_file_info_of(fd, &info);
  if (failure) return failure;
  return info.device == region->source.device && info.inode == region->source.inode ? 0 : EBADF;
}

static int open_by_path(const mw__participant *participant) {
  int fd;
  if (mw__os_open(participant->path, MW__OS_WRITE, 0, &fd) != 0) return -1;
  if (check_leads_to(fd, participant->region) == 0) return fd;
  mw__os_close(fd);
  return -1;
}

/* A program may have closed it, and have another file under its number by now. 0; ENOENT: it is lost; else it cannot be told. */
static int find_descriptor(mw__participant *participant, int *out_fd) {
  if (participant->wells == 0 && participant->fd < 0) return ENOENT; /* detached */
  int failure = participant->fd >= 0 ? check_leads_to(participant->fd, participant->region) : EBADF;
  if (failure == EBADF) participant->fd = open_by_path(participant);
  if (failure && failure != EBADF) return failure;
  *out_fd = participant->fd;
  return participant->fd >= 0 ? 0 : ENOENT;
}

/* -1: none that could be used now. */
static int descriptor_of(mw__participant *participant) {
  int fd;
  return find_descriptor(participant, &fd) == 0 ? fd : -1;
}

/* A description of its own. */
static int open_anew(const mw__call *call, mw__participant *participant, int *out_fd) {
  int fd;
  int failure = find_descriptor(participant, &fd);
  if (failure == ENOENT)
    return mw__fail_errno(call, ENOENT, "its descriptor was closed, and its name leads elsewhere or nowhere; attach anew");
  if (failure) return mw__os_fail(call, failure);
  failure = mw__os_reopen(fd, out_fd);
  if (!failure) return 0;
  *out_fd = open_by_path(participant); /* without /proc */
  return *out_fd >= 0 ? 0 : mw__os_fail(call, failure);
}

bool mw__participant_sees_alive(mw__participant *participant, unsigned index) {
  mw__os_fork_lock();
  bool alive = mw__slot_is_alive(&participant->table.slots[index], index, descriptor_of(participant));
  mw__os_fork_unlock();
  return alive;
}

/* ---- sweeping the dead, under the slot's life lock and the fork lock */

static void sweep(const mw__table *table, unsigned index, uint64_t generation) {
  mw__slot *slot = &table->slots[index];
  (void)table->sweep(table->ground, mw__owner(generation, index));
  for (int i = 0; i < MW__WAITS; i++) atomic_store(&slot->waits[i], 0);
}

/* True: it was dead, and is not in use any more. */
static bool reap(mw__participant *participant, unsigned index) {
  mw__slot *slot = &participant->table.slots[index];
  int fd = descriptor_of(participant);
  if (fd < 0 || mw__os_lock_byte(fd, LIFE_LOCKS + index) != 0) return false;
  uint64_t life = atomic_load(&slot->life);
  bool dead = mw__slot_is_valid(life) && mw__slot_is_in_use(life);
  if (dead) {
    sweep(&participant->table, index, mw__slot_generation(life));
    atomic_store(&slot->life, life_of(mw__slot_generation(life), false));
  }
  (void)mw__os_unlock_byte(fd, LIFE_LOCKS + index);
  return dead;
}

static bool is_self(const mw__participant *participant, unsigned index) {
  return mw__owner_slot(mw__participant_owner(participant)) == index;
}

/* The owner's word was read before the slot's, whose generation only grows. A slot that is damaged itself says nothing: whoever has
 * it may live, and release what it holds. */
bool mw__slots_have_had(const mw__slot *slots, uint32_t count, uint64_t owner) {
  unsigned index = mw__owner_slot(owner);
  if (index >= count) return false;
  uint64_t life = atomic_load(&slots[index].life);
  return !mw__slot_is_valid(life) || mw__owner_generation(owner) <= mw__slot_generation(life);
}

bool mw__participant_is_gone(mw__participant *participant, uint64_t owner) {
  unsigned index = mw__owner_slot(owner);
  if (index >= participant->table.count) return false;
  mw__slot *slot = &participant->table.slots[index];
  uint64_t life = atomic_load(&slot->life), generation = mw__owner_generation(owner);
  if (!mw__slot_is_valid(life) || mw__slot_generation(life) < generation)
    return false; /* damage; to take it for death would be a guess */
  if (mw__slot_generation(life) > generation || !mw__slot_is_in_use(life)) return true;
  if (is_self(participant, index)) return false;
  mw__os_fork_lock();
  bool gone = reap(participant, index);
  mw__os_fork_unlock();
  return gone;
}

unsigned mw__participant_reap_all(mw__participant *participant) {
  unsigned count = 0;
  mw__os_fork_lock();
  for (unsigned i = 0; i < participant->table.count; i++)
    if (mw__slot_is_in_use(atomic_load(&participant->table.slots[i].life)) && !is_self(participant, i))
      count += reap(participant, i);
  mw__os_fork_unlock();
  return count;
}

unsigned mw__participant_clear_up(mw__participant *participant) {
  unsigned count = mw__participant_reap_all(participant);
  participant->table.mend(participant->table.ground, participant);
  return count;
}

int mw__participant_break(const mw__call *call, mw__participant *participant, int slot, unsigned *out_count) {
  if (slot < 0 || (uint32_t)slot >= participant->table.count)
    return mw__fail(call, MW_EINVAL, "slot %d: there are %" PRIu32, slot, participant->table.count);
  if (is_self(participant, (unsigned)slot))
    return mw__fail(call, MW_EINVAL, "slot %d is this process's own; release what it holds", slot);
  uint64_t life = atomic_load(&participant->table.slots[slot].life);
  if (!mw__slot_is_valid(life) || !mw__slot_is_in_use(life))
    return mw__fail(call, MW_ENOENT, "nobody is attached in slot %d", slot);
  *out_count = participant->table.sweep(participant->table.ground, mw__owner(mw__slot_generation(life), (unsigned)slot));
  return 0;
}

/* ---- a slot of our own */

/* 0: ours; EAGAIN: somebody's; EILSEQ: damaged. */
static int claim(const mw__table *table, unsigned index, int fd, uint64_t *out_generation) {
  mw__slot *slot = &table->slots[index];
  int failure = mw__os_lock_byte(fd, LIFE_LOCKS + index);
  if (failure) return failure;
  uint64_t life = atomic_load(&slot->life);
  if (!mw__slot_is_valid(life) || mw__slot_generation(life) >= MW__GENERATION_MAX) {
    (void)mw__os_unlock_byte(fd, LIFE_LOCKS + index);
    return EILSEQ;
  }
  if (mw__slot_is_in_use(life)) sweep(table, index, mw__slot_generation(life));
  *out_generation = mw__slot_generation(life) + 1;
  return 0;
}

static int fail_lock(const mw__call *call, int failure) {
  if (failure != ENOTSUP) return mw__os_fail(call, failure);
  return mw__fail(call, MW_ENOTSUP, "its file system has no locks of open file descriptions, by which a well knows who lives");
}

/* The first that can be had: 0; EAGAIN where there is none; or what stands in the way. */
static int claim_first(const mw__table *table, int fd, bool used_too, unsigned *out_index, uint64_t *out_generation) {
  for (unsigned i = 0; i < table->count; i++) {
    if (!used_too && mw__slot_is_in_use(atomic_load(&table->slots[i].life))) continue;
    *out_index = i;
    int failure = claim(table, i, fd, out_generation);
    if (failure != EAGAIN) return failure;
  }
  return EAGAIN;
}

/* Those in use are asked only when there is no other, so that an attach takes no longer beside many; and then twice, because others
 * may have reaped one just when it was asked. */
static int claim_any(const mw__call *call, const mw__table *table, int fd, unsigned *out_index, uint64_t *out_generation) {
  int failure = claim_first(table, fd, false, out_index, out_generation);
  for (int tries = 0; failure == EAGAIN && tries < 2; tries++) failure = claim_first(table, fd, true, out_index, out_generation);
  switch (failure) {
    case 0: return 0;
    case EILSEQ: return mw__fail(call, MW_EFORMAT, "participants[%u].life is damaged", *out_index);
    case EAGAIN:
      return mw__fail(call, MW_EFULL,
                      "all %" PRIu32 " slots are in use by processes that live; end one, or create the well with more",
                      table->count);
    default: return fail_lock(call, failure);
  }
}

static void publish(mw__participant *participant, unsigned index, uint64_t generation, void *pin) {
  mw__slot *slot = &participant->table.slots[index];
  int64_t pid = mw__os_process();
  atomic_store(&slot->pid, (int32_t)pid);
  atomic_store(&slot->started, mw__os_process_started(pid));
  for (int i = 0; i < MW__WAITS; i++) atomic_store(&slot->waits[i], 0);
  atomic_store(&slot->ticket, 0);
  atomic_store(&slot->life, life_of(generation, true));
  atomic_store(&slot->ticket, atomic_fetch_add(participant->table.ticket, 1) + 1);
  uint64_t secret = 0;
  (void)mw__os_random(&secret);
  atomic_store(&participant->self->secret, secret);
  participant->self->pin = pin;
  atomic_store(&participant->self->owner, mw__owner(generation, index));
}

/* A forked child that never joined has no slot and no pin. */
static void detach(mw__participant *participant, bool cleanly) {
  uint64_t owner = atomic_exchange(&participant->self->owner, 0);
  if (!owner) return;
  mw__slot *slot = &participant->table.slots[mw__owner_slot(owner)];
  if (cleanly) atomic_store(&slot->life, life_of(mw__owner_generation(owner), false));
  mw__os_unpin(participant->self->pin);
}

/* Two descriptions must exclude each other, and do not everywhere where the call succeeds. */
static int check_locks(const mw__call *call, int fd, unsigned index) {
  bool locked = false;
  int failure = mw__os_is_byte_locked(fd, LIFE_LOCKS + index, &locked);
  if (failure) return fail_lock(call, failure);
  return locked ? 0 : mw__fail(call, MW_ENOTSUP, "locks of its file system do not exclude, by which a well knows who lives");
}

/* Under the fork lock. The life lock goes with `fd`, unless it is pinned. */
static int attach(const mw__call *call, mw__participant *participant, int fd) {
  unsigned index = 0;
  uint64_t generation = 0;
  void *pin;
  int status = claim_any(call, &participant->table, fd, &index, &generation);
  if (!status) status = check_locks(call, participant->fd, index);
  if (status) return status;
  int failure = mw__os_pin(fd, &pin);
  if (failure) return mw__os_fail(call, failure);
  publish(participant, index, generation, pin);
  status = mw__region_check_touched(call, participant->region);
  if (status) detach(participant, true);
  return status;
}

static int attach_with_life(const mw__call *call, mw__participant *participant) {
  int fd = -1;
  int status = open_anew(call, participant, &fd);
  if (status) return status;
  status = attach(call, participant, fd);
  mw__os_close(fd);
  return status;
}

/* What a child has inherited to probe with is its parent's description: it would see no lock of it, and could undo them. */
static int join(const mw__call *call, mw__participant *participant) {
  int fd = -1;
  if (mw__participant_owner(participant)) return 0;
  if (participant->wells == 0) return mw__fail(call, MW_ECLOSED, "the well is closed");
  int status = open_anew(call, participant, &fd);
  if (status) return status;
  int inherited = participant->fd;
  participant->fd = fd;
  status = attach_with_life(call, participant);
  if (status) participant->fd = inherited;
  mw__os_close(status ? fd : inherited);
  return status;
}

int mw__participant_join(const mw__call *call, mw__participant *participant) {
  mw__os_fork_lock();
  int status = join(call, participant);
  mw__os_fork_unlock();
  return status;
}

/* ---- entering and leaving */

static mw__participant *find_attached(const mw_region *region) {
  for (mw__participant *each = attached; each; each = each->next)
    if (each->region->source.device == region->source.device && each->region->source.inode == region->source.inode) return each;
  return NULL;
}

static void forget(mw__participant *participant) {
  for (mw__participant **each = &attached; *each; each = &(*each)->next)
    if (*each == participant) {
      *each = participant->next;
      return;
    }
}

/* Without what the caller gave. */
static void participant_free(mw__participant *participant) {
  if (!participant) return;
  if (participant->self) mw__os_page_end(participant->self);
  mw_region_drop(participant->region);
  free(participant->path);
  free(participant);
}

static mw__participant *participant_alloc(mw_region *region, const char *path, int fd, const mw__table *table) {
  mw__participant *participant = calloc(1, sizeof *participant);
  if (!participant) return NULL;
  mw_region_hold(region);
  participant->path = strdup(path);
  participant->region = region;
  participant->table = *table;
  participant->fd = fd;
  atomic_init(&participant->references, 0);
  if (participant->path) return participant;
  participant_free(participant);
  return NULL;
}

static int participant_new(const mw__call *call, mw_region *region, const char *path, int fd, const mw__table *table,
                           mw__participant **out_participant) {
  mw__participant *participant = participant_alloc(region, path, fd, table);
  if (!participant) return mw__fail(call, MW_ENOMEM, "no memory for the participant's own record");
  void *self;
  int failure = mw__os_page_of_this_process(&self);
  if (failure) {
    participant_free(participant);
    return mw__os_fail(call, failure);
  }
  participant->self = self;
  *out_participant = participant;
  return 0;
}

static int check_local(const mw__call *call, int fd) {
  int failure = mw__os_check_local(fd);
  if (failure == ENOTSUP)
    return mw__fail(call, MW_ENOTSUP, "it is on a network or FUSE file system, whose locks do not say who lives; use a local one");
  return failure ? mw__os_fail(call, failure) : 0;
}

/* Under the fork lock. */
static int enter_anew(const mw__call *call, mw_region *region, const char *path, int fd, const mw__table *table,
                      mw__participant **out_participant) {
  mw__participant *participant = NULL;
  int status = check_local(call, fd);
  if (!status) status = participant_new(call, region, path, fd, table, &participant);
  if (!participant) return status;
  status = attach_with_life(call, participant);
  if (status) {
    participant_free(participant);
    return status;
  }
  participant->next = attached;
  attached = participant;
  *out_participant = participant;
  return 0;
}

int mw__participant_enter(const mw__call *call, mw_region *region, const char *path, int fd, const mw__table *table,
                          mw__participant **out_participant) {
  mw__os_fork_lock();
  mw__participant *participant = find_attached(region);
  bool found = participant;
  int status = found ? join(call, participant) : enter_anew(call, region, path, fd, table, &participant);
  if (!status && found) {
    mw__os_close(fd);
    free(table->ground);
  }
  if (!status) {
    participant->wells++;
    mw__participant_hold(participant);
    *out_participant = participant;
  }
  mw__os_fork_unlock();
  return status;
}

void mw__participant_leave(mw__participant *participant, bool cleanly) {
  mw__os_fork_lock();
  if (--participant->wells == 0) {
    detach(participant, cleanly);
    forget(participant);
    if (participant->fd >= 0 && check_leads_to(participant->fd, participant->region) != EBADF) mw__os_close(participant->fd);
    participant->fd = -1;
  }
  mw__os_fork_unlock();
  mw__participant_drop(participant);
}

bool mw__participant_is_last(mw__participant *participant) {
  mw__os_fork_lock();
  bool is_last = participant->wells == 1;
  mw__os_fork_unlock();
  return is_last;
}

void mw__participant_hold(mw__participant *participant) {
  atomic_fetch_add_explicit(&participant->references, 1, memory_order_relaxed);
}

void mw__participant_drop(mw__participant *participant) {
  if (atomic_fetch_sub_explicit(&participant->references, 1, memory_order_acq_rel) != 1) return;
  free(participant->table.ground);
  participant_free(participant);
}

/* ---- for the directory, and for people */

static uint64_t smallest_ticket(const mw__slot *slots, uint32_t count, uint64_t from) {
  uint64_t smallest = UINT64_MAX;
  for (uint32_t i = 0; i < count; i++) {
    if (!mw__slot_is_in_use(atomic_load(&slots[i].life))) continue;
    uint64_t ticket = atomic_load(&slots[i].ticket);
    if (ticket >= from && ticket < smallest) smallest = ticket;
  }
  return smallest;
}

uint64_t mw__participant_oldest(const mw__slot *slots, uint32_t count) { return smallest_ticket(slots, count, 0); }

uint64_t mw__participant_oldest_settled(const mw__slot *slots, uint32_t count) { return smallest_ticket(slots, count, 1); }

_Atomic uint32_t *mw__participant_note_wait(mw__participant *participant, uint32_t entry) {
  uint64_t owner = mw__participant_owner(participant);
  if (!owner) return NULL;
  mw__slot *slot = &participant->table.slots[mw__owner_slot(owner)];
  for (int i = 0; i < MW__WAITS; i++) {
    uint32_t none = 0;
    if (atomic_compare_exchange_strong(&slot->waits[i], &none, entry + 1)) return &slot->waits[i];
  }
  return NULL;
}
