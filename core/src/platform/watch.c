/* Sleeping for many words at once.
 *
 * SPDX-License-Identifier: MIT */
#include "memwell/watch.h"

#include <errno.h>
#include <limits.h>
#include <stdatomic.h>

#include "base/status.h"
#include "platform/deadline.h"
#include "platform/os.h"

#define LOOK 2000000 /* 2 ms between two looks, where the kernel cannot wait for many */

static bool differs(const mw_watch *watches, unsigned count) {
  for (unsigned i = 0; i < count; i++)
    if (atomic_load((_Atomic uint32_t *)watches[i].word) != watches[i].value) return true;
  return false;
}

static int look_again_and_again(const mw_watch *watches, unsigned count, mw_deadline deadline) {
  while (!differs(watches, count)) {
    if (mw__deadline_has_come(deadline)) return ETIMEDOUT;
    int failure = mw__os_sleep_until(mw__deadline_within(deadline, LOOK));
    if (failure) return failure;
  }
  return 0;
}

static int wait(const mw_watch *watches, unsigned count, mw_deadline deadline) {
  if (count == 1) return mw__os_word_wait(watches->word, watches->value, deadline);
  int failure = mw__os_words_wait(watches, count, deadline);
  return failure == ENOSYS ? look_again_and_again(watches, count, deadline) : failure;
}

int mw_watch_wait(const mw_watch *watches, unsigned count, mw_deadline deadline, mw_error *error) {
  mw__call call = {"Watch.wait", NULL, error};
  if (count < 1 || count > MW_WATCH_MAX) return mw__fail(&call, MW_EINVAL, "%u words: it is 1 to %d", count, MW_WATCH_MAX);
  int failure = wait(watches, count, deadline);
  if (failure == 0 || failure == EAGAIN) return 0;
  if (failure == EINTR) return mw__fail_errno(&call, EINTR, "a signal came");
  if (failure == EFAULT) return mw__fail(&call, MW_EFAULT, "the page of a word is lost");
  if (failure == ETIMEDOUT) return mw__fail_errno(&call, ETIMEDOUT, "nothing changed in time");
  return mw__os_fail(&call, failure);
}

void mw_watch_ring(void *word, uint32_t value) {
  unsigned woken;
  atomic_store((_Atomic uint32_t *)word, value);
  (void)mw__os_word_wake(word, INT_MAX, &woken);
}
