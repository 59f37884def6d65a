/* What a failure has to come out as. The rule is that the call fails with the errno's own status and gives the errno; what differs
 * is in a table.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "sweep.h"

/* ---- the rule */

/* Errnos with a status of their own, as memwell/status.h has them; any other is MW_EOS. */
static const struct {
  int os_errno;
  int status;
} plain[] = {
    {EINVAL, MW_EINVAL},  {ENOENT, MW_ENOENT},       {EEXIST, MW_EEXIST}, {EACCES, MW_EACCES}, {EPERM, MW_EPERM},
    {ENOMEM, MW_ENOMEM},  {ENOSPC, MW_ENOSPC},       {EDQUOT, MW_ENOSPC}, {EMFILE, MW_EMFILE}, {ENFILE, MW_EMFILE},
    {EINTR, MW_EINTR},    {ETIMEDOUT, MW_ETIMEDOUT}, {EAGAIN, MW_EAGAIN}, {EBUSY, MW_EBUSY},   {ENOTSUP, MW_ENOTSUP},
    {ENODEV, MW_ENOTSUP}, {EOVERFLOW, MW_EOVERFLOW}, {EIO, MW_EIO},
};

static int status_of(int os_errno) {
  for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
    if (plain[i].os_errno == os_errno) return plain[i].status;
  return MW_EOS;
}

/* ---- what differs */

/* WITH_DRAFTS: only in the program whose files are made under temporary names. */
enum { ONCE = 1, FOR_GOOD = 2, EITHER = ONCE | FOR_GOOD, WITH_DRAFTS = 4 };

/* Results beside the statuses. */
enum {
  AS_EVER = 1000, /* what the scenario returns where nothing fails: there is another way, or it does not matter */
  BY_RULE,        /* the rule applies too: the function is called for several ends */
};

/* scenario   whose name begins so, with or without "semaphore_" or "well_" before it; "" is every one
 * function   "" is every one
 * os_errno   0: any
 * reported   the errno in the error; 0: none */
typedef struct exception {
  const char *scenario;
  const char *function;
  int os_errno;
  int when;
  int result;
  int reported;
} exception;

static const exception exceptions[] = {
    /* Memory that is out is no errno of the system's. */
    {"", "malloc", ENOMEM, EITHER, MW_ENOMEM, 0},
    {"", "calloc", ENOMEM, EITHER, MW_ENOMEM, 0},
    {"", "strdup", ENOMEM, EITHER, MW_ENOMEM, 0},
    {"semaphore_sysv", "malloc", ENOMEM, EITHER, BY_RULE, 0},

    /* A descriptor is closed whatever close says, and what is asked for information only is done without. */
    {"", "close", 0, EITHER, AS_EVER, 0},
    {"", "fopen", 0, EITHER, AS_EVER, 0},
    {"", "fstatfs", 0, EITHER, AS_EVER, 0},
    {"", "sched_getaffinity", 0, EITHER, AS_EVER, 0},
    {"receive", "fcntl_getfl", 0, EITHER, AS_EVER, 0},
    {"receive", "fcntl_get_seals", 0, EITHER, AS_EVER, 0},

    /* Making a file before it has its name: without O_TMPFILE, without linkat, without fallocate. */
    {"create", "open", EOPNOTSUPP, ONCE, AS_EVER, 0},
    {"create", "open", EISDIR, ONCE, AS_EVER, 0},
    {"file_exclusive", "open", EOPNOTSUPP, ONCE, AS_EVER, 0},
    {"file_exclusive", "open", EISDIR, ONCE, AS_EVER, 0},
    {"create", "open", EOPNOTSUPP, ONCE | WITH_DRAFTS, BY_RULE, 0},
    {"create", "open", EISDIR, ONCE | WITH_DRAFTS, BY_RULE, 0},
    {"create", "open", EEXIST, ONCE | WITH_DRAFTS, AS_EVER, 0},
    {"create", "open", EEXIST, ONCE | WITH_DRAFTS, BY_RULE, 0},
    {"file_exclusive", "open", EOPNOTSUPP, ONCE | WITH_DRAFTS, BY_RULE, 0},
    {"file_exclusive", "open", EISDIR, ONCE | WITH_DRAFTS, BY_RULE, 0},
    {"file_exclusive", "open", EEXIST, ONCE | WITH_DRAFTS, AS_EVER, 0},
    {"file_exclusive", "open", EEXIST, ONCE | WITH_DRAFTS, BY_RULE, 0},
    {"", "linkat", EEXIST, EITHER, BY_RULE, 0},
    {"", "linkat", 0, EITHER, AS_EVER, 0},
    {"", "renameat2", 0, ONCE, AS_EVER, 0},
    {"", "renameat2", EEXIST, EITHER, BY_RULE, 0},
    {"", "fallocate", EOPNOTSUPP, EITHER, AS_EVER, 0},
    {"", "fallocate", ENOSYS, EITHER, AS_EVER, 0},
    {"semaphore_", "pwrite", EINTR, ONCE, AS_EVER, 0},
    {"", "memfd_create", EINVAL, ONCE, AS_EVER, 0},

    /* Names that lead to something else. */
    {"file", "open", ENXIO, EITHER, MW_ENOTSUP, ENODEV},
    {"attach", "open", ENXIO, EITHER, MW_EINVAL, 0},
    {"attach", "open", EISDIR, EITHER, MW_EINVAL, 0},

    /* Attach or create: what is gone in one moment is made in the next, and the other way round. */
    {"open_", "open", ENXIO, EITHER, MW_EINVAL, 0},
    {"open_", "open", ENXIO, EITHER, BY_RULE, 0},
    {"open_", "open", EISDIR, EITHER, MW_EINVAL, 0},
    {"open_", "open", EISDIR, ONCE, AS_EVER, 0},
    {"open_", "open", EISDIR, EITHER, BY_RULE, 0},
    {"open_", "open", ENOENT, ONCE, AS_EVER, 0},
    {"open_", "open", ENOENT, ONCE, BY_RULE, 0},
    {"open_", "open", EOPNOTSUPP, ONCE, AS_EVER, 0},
    {"open_", "open", EOPNOTSUPP, ONCE, BY_RULE, 0},
    {"open_", "open", EEXIST, ONCE, AS_EVER, 0},
    {"open_", "open", EEXIST, EITHER, BY_RULE, 0},
    {"open_", "linkat", EEXIST, FOR_GOOD, MW_EAGAIN, EAGAIN},
    {"open_", "renameat2", EEXIST, FOR_GOOD, MW_EAGAIN, EAGAIN},
    {"file_truncated", "open", ENOENT, ONCE, AS_EVER, 0},
    {"file_truncated_missing", "renameat2", EEXIST, FOR_GOOD, AS_EVER, 0},
    {"file_truncated_missing", "open", EEXIST, ONCE, AS_EVER, 0},
    {"file_truncated_missing", "open", EEXIST, EITHER, BY_RULE, 0},
    {"file_truncated_missing", "open", ENOENT, ONCE, BY_RULE, 0},
    {"file_truncated_missing", "open", EOPNOTSUPP, ONCE, AS_EVER, 0},
    {"file_truncated_missing", "open", EOPNOTSUPP, ONCE, BY_RULE, 0},
    {"file_truncated_missing", "open", EISDIR, ONCE, AS_EVER, 0},
    {"file_truncated_missing", "open", EISDIR, ONCE, BY_RULE, 0},

    /* What can be mapped for reading only privately is. */
    {"file_to_read", "mmap", EPERM, ONCE, AS_EVER, 0},
    {"attach_to_read", "mmap", EPERM, ONCE, AS_EVER, 0},

    /* What a descriptor or a region is not. */
    {"from_fd_sealed", "fcntl_get_seals", EINVAL, EITHER, MW_EPERM, EPERM},
    {"seal", "fcntl_add_seals", EINVAL, EITHER, MW_ENOTSUP, ENOTSUP},
    {"seal_content", "mmap", EINVAL, EITHER, MW_ENOTSUP, ENOTSUP},
    {"seal_content", "fcntl_get_seals", EINVAL, EITHER, MW_ENOTSUP, ENOTSUP},
    {"seals", "fcntl_get_seals", EINVAL, EITHER, MW_ENOTSUP, ENOTSUP},
    {"advise", "madvise", EINVAL, EITHER, MW_ENOTSUP, ENOTSUP},
    {"advise", "madvise", ENOSYS, EITHER, MW_ENOTSUP, ENOTSUP},
    {"discard", "madvise", EINVAL, EITHER, MW_ENOTSUP, ENOTSUP},
    {"populate", "madvise", EINVAL, EITHER, AS_EVER, 0},
    {"populate", "madvise", EFAULT, EITHER, MW_EFAULT, 0},
    {"mlock", "getrlimit", 0, EITHER, AS_EVER, 0},

    /* Sockets that are not ready. */
    {"send", "sendmsg", EAGAIN, EITHER, MW_ETIMEDOUT, ETIMEDOUT},
    {"receive", "recvmsg", EAGAIN, EITHER, MW_ETIMEDOUT, ETIMEDOUT},

    /* How large a segment's pages are is only asked, in two ways. */
    {"sysv_", "madvise", 0, EITHER, AS_EVER, 0},
    {"sysv_", "mprotect", 0, EITHER, AS_EVER, 0},

    /* System V objects that are removed at just that moment. */
    {"sysv_open_new", "shmget", ENOENT, ONCE, AS_EVER, 0},
    {"sysv_open_new", "shmget", ENOENT, ONCE, BY_RULE, 0},
    {"sysv_open_new", "shmget", EEXIST, ONCE, AS_EVER, 0},
    {"sysv_open_new", "shmget", EEXIST, ONCE, BY_RULE, 0},
    {"sysv_open_new", "shmget", EINVAL, ONCE, AS_EVER, 0},
    {"sysv_open_new", "shmget", EINVAL, ONCE, BY_RULE, 0},
    {"sysv_open_existing", "shmget", ENOENT, ONCE, AS_EVER, 0},
    {"sysv_open_existing", "shmget", EINVAL, ONCE, AS_EVER, 0},
    {"sysv_open_existing", "shmctl_stat", EIDRM, ONCE, AS_EVER, 0},
    {"sysv_open_existing", "shmctl_stat", EINVAL, ONCE, AS_EVER, 0},
    {"sysv_open_existing", "shmctl_stat", EIDRM, FOR_GOOD, MW_EAGAIN, EAGAIN},
    {"sysv_open_existing", "shmctl_stat", EINVAL, FOR_GOOD, MW_EAGAIN, EAGAIN},
    {"sysv_", "shmat", EIDRM, EITHER, MW_ENOENT, ENOENT},
    {"sysv_", "shmat", EINVAL, EITHER, MW_ENOENT, ENOENT},
    {"sysv_open_", "shmat", EIDRM, ONCE, AS_EVER, 0},
    {"sysv_open_", "shmat", EINVAL, ONCE, AS_EVER, 0},
    {"sysv_attach", "shmget", EINVAL, EITHER, MW_ENOENT, ENOENT},
    {"sysv_attach", "shmctl_stat", EIDRM, EITHER, MW_ENOENT, ENOENT},
    {"sysv_attach", "shmctl_stat", EINVAL, EITHER, MW_ENOENT, ENOENT},
    {"sysv_remove", "shmget", EINVAL, EITHER, MW_ENOENT, ENOENT},
    {"sysv_remove", "shmctl_rmid", EIDRM, EITHER, MW_ENOENT, ENOENT},
    {"sysv_remove", "shmctl_rmid", EINVAL, EITHER, MW_ENOENT, ENOENT},
    {"semaphore_sysv_open_new", "semget", ENOENT, ONCE, AS_EVER, 0},
    {"semaphore_sysv_open_new", "semget", ENOENT, ONCE, BY_RULE, 0},
    {"semaphore_sysv_open_new", "semget", EEXIST, ONCE, AS_EVER, 0},
    {"semaphore_sysv_open_new", "semget", EEXIST, ONCE, BY_RULE, 0},
    {"semaphore_sysv_open_new", "semget", EINVAL, ONCE, AS_EVER, 0},
    {"semaphore_sysv_open_new", "semget", EINVAL, ONCE, BY_RULE, 0},
    {"semaphore_sysv_attach", "semget", EINVAL, EITHER, MW_ENOENT, ENOENT},
    {"semaphore_sysv_attach", "semctl_stat", EIDRM, EITHER, MW_ENOENT, ENOENT},
    {"semaphore_sysv_attach", "semctl_stat", EINVAL, EITHER, MW_ENOENT, ENOENT},
    {"semaphore_sysv_remove", "semget", EINVAL, EITHER, MW_ENOENT, ENOENT},
    {"semaphore_sysv_remove", "semctl_rmid", EIDRM, EITHER, MW_ENOENT, ENOENT},
    {"semaphore_sysv_remove", "semctl_rmid", EINVAL, EITHER, MW_ENOENT, ENOENT},

    /* Semaphores whose set is gone, that cannot be taken now, or not increased. */
    {"semaphore_acquire", "sem_trywait", EAGAIN, ONCE, AS_EVER, 0},
    {"semaphore_acquire", "sem_trywait", EAGAIN, EITHER, MW_ETIMEDOUT, ETIMEDOUT},
    {"semaphore_acquire_sysv", "semop", EINVAL, EITHER, MW_EOS, EIDRM},
    {"semaphore_acquire_sysv", "semtimedop", EINVAL, EITHER, MW_EOS, EIDRM},
    {"semaphore_release_sysv", "semop", EINVAL, EITHER, MW_EOS, EIDRM},
    {"semaphore_value_sysv", "semctl_getval", EINVAL, EITHER, MW_EOS, EIDRM},
    {"semaphore_sysv_unlink", "semctl_rmid", EINVAL, EITHER, MW_EOS, EIDRM},
    {"semaphore_acquire_sysv", "semop", EAGAIN, EITHER, MW_ETIMEDOUT, ETIMEDOUT},
    {"semaphore_acquire_sysv", "semtimedop", EAGAIN, EITHER, MW_ETIMEDOUT, ETIMEDOUT},
    {"semaphore_release", "sem_post", EOVERFLOW, ONCE, AS_EVER, 0},
    {"semaphore_release", "sem_post", EOVERFLOW, FOR_GOOD, MW_EOVERFLOW, 0},
    {"semaphore_release", "semop", ERANGE, EITHER, MW_EOVERFLOW, 0},
    {"view_wait", "futex", EAGAIN, EITHER, 0, 0},
    {"view_wait", "futex", EFAULT, EITHER, MW_EFAULT, 0},
    {"view_wake", "futex", EFAULT, EITHER, MW_EFAULT, 0},

    /* Making a well, and attaching. What is told to people only, and what has another way, is done without. */
    {"well_", "pwrite", EINTR, ONCE, AS_EVER, 0},
    {"well_", "pwrite", EINTR, ONCE | WITH_DRAFTS, BY_RULE, 0}, /* of the zeros behind the tables */
    {"well_", "pthread_atfork", 0, EITHER, AS_EVER, 0},
    {"well_", "fstatfs", 0, EITHER, BY_RULE, 0},
    {"well_", "read", 0, EITHER, AS_EVER, 0},
    {"well_", "getrandom", 0, EITHER, AS_EVER, 0},
    {"well_", "getrandom", 0, EITHER, BY_RULE, 0},
    {"well_", "open", 0, EITHER, AS_EVER, 0},
    {"well_", "open", 0, EITHER, BY_RULE, 0},

    /* Somebody has the lock: another slot, if there is one. Locks that do not work: no well. */
    {"well_", "fcntl_set_lock", EAGAIN, ONCE, AS_EVER, 0},
    {"well_", "fcntl_set_lock", EACCES, ONCE, AS_EVER, 0},
    {"well_", "fcntl_set_lock", EAGAIN, FOR_GOOD, MW_EFULL, 0},
    {"well_", "fcntl_set_lock", EACCES, FOR_GOOD, MW_EFULL, 0},
    {"well_", "fcntl_set_lock", EINVAL, EITHER, MW_ENOTSUP, 0},
    {"well_", "fcntl_set_lock", ENOLCK, EITHER, MW_ENOTSUP, 0},
    {"well_", "fcntl_set_lock", EOPNOTSUPP, EITHER, MW_ENOTSUP, 0},
    {"well_", "fcntl_get_lock", EINVAL, EITHER, MW_ENOTSUP, 0},
    {"well_", "fcntl_get_lock", ENOLCK, EITHER, MW_ENOTSUP, 0},
    {"well_", "fcntl_get_lock", EOPNOTSUPP, EITHER, MW_ENOTSUP, 0},
    {"well_file", "linkat", EEXIST, FOR_GOOD, MW_EAGAIN, EAGAIN},
    {"well_file", "renameat2", EEXIST, FOR_GOOD, MW_EAGAIN, EAGAIN},
    {"well_close", "fstat", 0, EITHER, AS_EVER, 0},

    /* Whose life cannot be asked for now is taken to live. */
    {"well_participants", "", 0, EITHER, AS_EVER, 0},
    {"well_reap", "", 0, EITHER, AS_EVER, 0},
    {"well_delete", "", 0, EITHER, AS_EVER, 0},
    {"well_delete", "", 0, EITHER, MW_EBUSY, 0},
    {"well_delete", "calloc", 0, EITHER, MW_ENOMEM, 0},

    /* Taking turns in a well. A sleep that ends early is one more look; who cannot be woken looks in 40 ms. */
    {"mutex_", "fstat", 0, EITHER, AS_EVER, 0},
    {"mutex_", "fcntl_set_lock", 0, EITHER, AS_EVER, 0},
    {"permit_", "fstat", 0, EITHER, AS_EVER, 0},
    {"permit_", "fcntl_set_lock", 0, EITHER, AS_EVER, 0},
    {"mutex_acquire_of_the_dead", "fstat", 0, EITHER, MW_ETIMEDOUT, ETIMEDOUT},
    {"mutex_acquire_of_the_dead", "fcntl_set_lock", 0, EITHER, MW_ETIMEDOUT, ETIMEDOUT},
    {"mutex_recover_of_the_dead", "fstat", 0, EITHER, MW_ETIMEDOUT, ETIMEDOUT},
    {"mutex_recover_of_the_dead", "fcntl_set_lock", 0, EITHER, MW_ETIMEDOUT, ETIMEDOUT},
    {"permit_acquire_of_the_dead", "fstat", 0, EITHER, MW_ETIMEDOUT, ETIMEDOUT},
    {"permit_acquire_of_the_dead", "fcntl_set_lock", 0, EITHER, MW_ETIMEDOUT, ETIMEDOUT},
    {"mutex_", "futex", EAGAIN, EITHER, AS_EVER, 0},
    {"mutex_", "futex", EFAULT, EITHER, AS_EVER, 0},
    {"mutex_", "futex", ETIMEDOUT, EITHER, AS_EVER, 0},
    {"permit_", "futex", EAGAIN, EITHER, AS_EVER, 0},
    {"permit_", "futex", EFAULT, EITHER, AS_EVER, 0},
    {"permit_", "futex", ETIMEDOUT, EITHER, AS_EVER, 0},
    {"event_", "futex", EAGAIN, EITHER, AS_EVER, 0},
    {"event_", "futex", EFAULT, EITHER, AS_EVER, 0},
    {"event_", "futex", ETIMEDOUT, EITHER, AS_EVER, 0},
    {"mutex_acquire_of_the_dead", "futex", 0, EITHER, AS_EVER, 0},
    {"mutex_acquire_of_the_dead", "futex", 0, EITHER, BY_RULE, 0},
    {"mutex_recover_of_the_dead", "futex", 0, EITHER, AS_EVER, 0},
    {"mutex_recover_of_the_dead", "futex", 0, EITHER, BY_RULE, 0},
    {"permit_acquire_of_the_dead", "futex", 0, EITHER, AS_EVER, 0},
    {"permit_acquire_of_the_dead", "futex", 0, EITHER, BY_RULE, 0},
    {"mutex_release", "futex", 0, EITHER, AS_EVER, 0},
    {"permit_release", "futex", 0, EITHER, AS_EVER, 0},
    {"event_set", "futex", 0, EITHER, AS_EVER, 0},
    {"watch_", "futex", EAGAIN, EITHER, 0, 0},
    {"watch_", "futex", EFAULT, EITHER, MW_EFAULT, 0},
    {"watch_", "futex_waitv", EAGAIN, EITHER, 0, 0},
    {"watch_", "futex_waitv", EFAULT, EITHER, MW_EFAULT, 0},
    {"watch_", "futex_waitv", ENOSYS, EITHER, AS_EVER, 0},
};

static bool begins(const char *text, const char *beginning) { return strncmp(text, beginning, strlen(beginning)) == 0; }

/* What holds for getting a region holds for getting a semaphore and a well. */
static bool is_about(const exception *row, const char *scenario) {
  static const char *const nouns[] = {"", "semaphore_", "well_"};
  for (size_t i = 0; i < sizeof nouns / sizeof *nouns; i++)
    if (begins(scenario, nouns[i]) && begins(scenario + strlen(nouns[i]), row->scenario)) return true;
  return false;
}

static bool applies(const exception *row, const char *scenario, const char *function, int os_errno, bool stays) {
  return is_about(row, scenario) && (!row->function[0] || strcmp(function, row->function) == 0) &&
         (row->os_errno == 0 || row->os_errno == os_errno) && row->when & (stays ? FOR_GOOD : ONCE) &&
         (harness_makes_drafts || !(row->when & WITH_DRAFTS));
}

/* ---- judging */

static bool is_answer(int result, int wanted, int reported) {
  return result == wanted && (result >= 0 || (why.status == wanted && why.os_errno == reported));
}

static bool is_by_exception(const exception *row, const scenario *scenario, int os_errno, int result) {
  if (row->result == AS_EVER) return result == scenario->result;
  if (row->result == BY_RULE) return is_answer(result, status_of(os_errno), os_errno);
  return is_answer(result, row->result, row->reported);
}

bool is_right_answer(const scenario *scenario, const char *function, int os_errno, bool stays, int result) {
  bool is_exception = false, right = false;
  for (size_t i = 0; i < sizeof exceptions / sizeof *exceptions; i++) {
    if (!applies(&exceptions[i], scenario->name, function, os_errno, stays)) continue;
    is_exception = true;
    right |= is_by_exception(&exceptions[i], scenario, os_errno, result);
  }
  if (!is_exception) right = is_answer(result, status_of(os_errno), os_errno);
  if (!right) printf("inject: the answer was %d (%s), errno %d: %s\n", result, mw_status_name(result), why.os_errno, why.reason);
  return right;
}
