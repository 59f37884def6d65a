/* The list of temporary names that this process still has to unlink.
 *
 * Entries are claimed by a compare-and-swap and used again, and freed only at the end: no lock, so nothing that a fork in another
 * thread's middle could leave locked in the child. The child has the list too, with its parent's process number in it, and unlinks
 * none of that.
 *
 * SPDX-License-Identifier: MIT */
#include "memory/temporary.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "platform/os.h"

enum { FREE, CLAIMED, ARMED };

struct mw__temporary {
  mw__temporary *next;
  _Atomic int state;
  int64_t process;
  uint64_t device;
  uint64_t inode;
  char path[280];
};

static _Atomic(mw__temporary *) first;

static bool claim(mw__temporary *entry, int from) { return atomic_compare_exchange_strong(&entry->state, &from, CLAIMED); }

static mw__temporary *claim_free(void) {
  for (mw__temporary *entry = atomic_load(&first); entry; entry = entry->next)
    if (claim(entry, FREE)) return entry;
  mw__temporary *entry = calloc(1, sizeof *entry);
  if (!entry) return NULL;
  atomic_init(&entry->state, CLAIMED);
  entry->next = atomic_load(&first);
  while (!atomic_compare_exchange_weak(&first, &entry->next, entry)) continue;
  return entry;
}

mw__temporary *mw__temporary_add(const char *path, uint64_t device, uint64_t inode) {
  mw__temporary *entry = claim_free();
  if (!entry) return NULL;
  entry->process = mw__os_process();
  entry->device = device;
  entry->inode = inode;
  snprintf(entry->path, sizeof entry->path, "%s", path);
  atomic_store(&entry->state, ARMED);
  return entry;
}

/* Somebody else may have unlinked the name and made a new object of it: that one is theirs. */
static void unlink_own(const mw__temporary *entry) {
  if (entry->process != mw__os_process()) return;
  mw__os_file_info info;
  if (mw__os_path_info(entry->path, &info) != 0) return;
  if (info.device == entry->device && info.inode == entry->inode) (void)mw__os_unlink(entry->path);
}

void mw__temporary_end(mw__temporary *temporary) {
  if (!temporary || !claim(temporary, ARMED)) return;
  unlink_own(temporary);
  atomic_store(&temporary->state, FREE);
}

/* Runs at exit, and when a module that carries its own copy of the core is unloaded. What a handle still points to is not freed:
 * another thread may be about to close it. */
__attribute__((destructor)) static void end_all(void) {
  for (mw__temporary *entry = atomic_exchange(&first, NULL), *next; entry; entry = next) {
    next = entry->next;
    if (claim(entry, FREE))
      free(entry);
    else
      mw__temporary_end(entry);
  }
}
