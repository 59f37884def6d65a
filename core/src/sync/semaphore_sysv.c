/* One semaphore of a System V set.
 *
 * semget makes a set of zeros, and its values come afterwards: so its maker operates on it once when it has them, and who attaches
 * waits until somebody has.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "platform/deadline.h"
#include "platform/os.h"
#include "sync/semaphore.h"

#define OPEN_ATTEMPTS 1000
#define FIRST_PAUSE 500000     /* 0.5 ms between two looks at a set that nobody has used, doubled up to ... */
#define LONGEST_PAUSE 20000000 /* ... 20 ms */

static int read_options(const mw__call *call, unsigned index, const mw_semaphore_sysv_options *given,
                        mw_semaphore_sysv_options *options) {
  *options = (mw_semaphore_sysv_options){.size_of_struct = sizeof *options};
  if (given) {
    if (given->size_of_struct < sizeof given->size_of_struct)
      return mw__fail(call, MW_EINVAL, "options->size_of_struct is not set");
    memcpy(options, given, given->size_of_struct < sizeof *options ? given->size_of_struct : sizeof *options);
  }
  if ((unsigned)options->how > MW_OPEN)
    return mw__fail(call, MW_EINVAL, "%d is neither attach, create nor open", (int)options->how);
  if (options->permissions > 0777)
    return mw__fail(call, MW_EINVAL, "permissions 0%o: System V has the lowest nine bits only", options->permissions);
  if (index > UINT16_MAX) return mw__fail(call, MW_EINVAL, "index %u is beyond what a set can have", index);
  if (options->count == 0) options->count = index + 1;
  if (index >= options->count) return mw__fail(call, MW_EINVAL, "index %u of a set of %u", index, options->count);
  int status = mw__semaphore_check_flags(call, options->flags, MW_UNDO | MW_UNUSED_OK | MW_ANY_OWNER);
  if (!status) status = mw__semaphore_check_value(call, options->value, MW_SEMAPHORE_SYSV_MAX);
  return status ? status : mw__source_permissions(call, options->permissions, &options->permissions);
}

static int create_set(const mw__call *call, int32_t key, const mw_semaphore_sysv_options *options, int32_t *out_id) {
  int id;
  int failure = mw__os_sysv_set_create(key, options->count, options->permissions, &id);
  if (failure) return mw__os_fail_sysv_set(call, failure, options->count);
  failure = mw__os_sysv_set_begin(id, options->count, options->value);
  if (failure) {
    (void)mw__os_sysv_set_remove(id);
    return mw__os_fail(call, failure);
  }
  *out_id = id;
  return 1;
}

static int check_set(const mw__call *call, const mw__os_sysv_info *info, unsigned index, int id,
                     const mw_semaphore_sysv_options *options) {
  mw_region_options wanted = {.flags = options->flags};
  int status = mw__source_check_owner(call, &wanted, info->owner);
  if (!status && options->inode != 0 && options->inode != (uint64_t)id + 1)
    status = mw__fail_errno(call, ENOENT, "it is another set now than the one that was wanted");
  if (!status && index >= info->size) status = mw__fail(call, MW_EINVAL, "index %u of a set of %" PRIu64, index, info->size);
  if (!status && !info->was_used && !(options->flags & MW_UNUSED_OK))
    status =
        mw__fail_errno(call, EAGAIN, "the set is there, but nobody has operated on it: its maker is not done; unused_ok takes it");
  return status;
}

static int attach_once(const mw__call *call, int32_t key, unsigned index, const mw_semaphore_sysv_options *options,
                       int32_t *out_id) {
  int id;
  int failure = mw__os_sysv_set_find(key, true, &id);
  if (failure == ENOENT) return mw__fail_errno(call, ENOENT, "no set has this key; create it");
  mw__os_sysv_info info;
  if (!failure) failure = mw__os_sysv_set_info(id, &info);
  if (failure == EINVAL || failure == EIDRM) return mw__fail_errno(call, ENOENT, "the set was removed just now");
  if (failure) return mw__os_fail(call, failure);
  *out_id = id;
  return check_set(call, &info, index, id, options);
}

static int attach_set(const mw__call *call, int32_t key, unsigned index, const mw_semaphore_sysv_options *options,
                      int32_t *out_id) {
  for (int64_t pause = FIRST_PAUSE;; pause = pause < LONGEST_PAUSE / 2 ? 2 * pause : LONGEST_PAUSE) {
    int status = attach_once(call, key, index, options, out_id);
    if (status != MW_EAGAIN || mw__deadline_has_come(options->wait_for_use)) return status;
    int failure = mw__os_sleep_until(mw__deadline_within(options->wait_for_use, pause));
    if (failure) return mw__os_fail(call, failure);
  }
}

static int open_set(const mw__call *call, int32_t key, unsigned index, const mw_semaphore_sysv_options *options, int32_t *out_id) {
  if (options->how == MW_CREATE) return create_set(call, key, options, out_id);
  if (key == MW_KEY_PRIVATE) return mw__fail(call, MW_EINVAL, "key 0 (IPC_PRIVATE) is found by nobody; it can only be created");
  for (int attempt = 0; attempt < OPEN_ATTEMPTS; attempt++) {
    int status = attach_set(call, key, index, options, out_id);
    if (status != MW_ENOENT || options->how == MW_ATTACH) return status;
    status = create_set(call, key, options, out_id);
    if (status != MW_EEXIST) return status;
  }
  return mw__fail_errno(call, EAGAIN, "others create and remove this key all the time");
}

int mw_semaphore_sysv(int32_t key, unsigned index, const mw_semaphore_sysv_options *options, mw_error *error,
                      mw_semaphore **out_semaphore) {
  char name[16];
  snprintf(name, sizeof name, "0x%" PRIx32, (uint32_t)key);
  mw__call call = {"Semaphore.sysv", name, error};
  mw_semaphore_sysv_options chosen;
  int status = read_options(&call, index, options, &chosen);
  if (status) return status;
  mw_semaphore *semaphore = mw__semaphore_new(MW__SEMAPHORE_SYSV, name);
  if (!semaphore) return mw__semaphore_fail_memory(&call);
  status = open_set(&call, key, index, &chosen, &semaphore->id);
  if (status < 0) {
    mw_semaphore_drop(semaphore);
    return status;
  }
  semaphore->key = key;
  semaphore->index = index;
  semaphore->undo = chosen.flags & MW_UNDO;
  *out_semaphore = semaphore;
  return status;
}

int mw_semaphore_sysv_remove(int32_t key, mw_error *error) {
  char name[16];
  snprintf(name, sizeof name, "0x%" PRIx32, (uint32_t)key);
  mw__call call = {"Semaphore.sysv_remove", name, error};
  if (key == MW_KEY_PRIVATE) return mw__fail(&call, MW_EINVAL, "key 0 (IPC_PRIVATE) is nobody's; remove the semaphore itself");
  int id;
  int failure = mw__os_sysv_set_find(key, false, &id);
  if (!failure) failure = mw__os_sysv_set_remove(id);
  if (failure == ENOENT || failure == EIDRM || failure == EINVAL) return mw__fail_errno(&call, ENOENT, "no set has this key");
  return failure ? mw__os_fail(&call, failure) : 0;
}

int mw_semaphore_sysv_unlink(mw_semaphore *semaphore, mw_error *error) {
  mw__call call = {"Semaphore.sysv_remove", semaphore->name, error};
  int status = mw__semaphore_check_usable(&call, semaphore);
  if (!status && semaphore->kind != MW__SEMAPHORE_SYSV) status = mw__fail(&call, MW_ENOTSUP, "it is no semaphore of System V");
  if (status) return status;
  int failure = mw__os_sysv_set_remove(semaphore->id);
  if (failure == EIDRM || failure == EINVAL) return mw__fail_errno(&call, EIDRM, "the set was removed already");
  return failure ? mw__os_fail(&call, failure) : 0;
}
