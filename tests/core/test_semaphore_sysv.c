/* Semaphores of System V sets: found by key and index, made whole, given back when their holder dies.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness.h"

union semun {
  int val;
  struct semid_ds *buf;
  unsigned short *array;
};

static int32_t key(void) { return harness_key(0); }

static const char *key_text(void) {
  static char text[16];
  snprintf(text, sizeof text, "0x%x", (unsigned)key());
  return text;
}

static mw_semaphore_sysv_options to(mw_how how) {
  return (mw_semaphore_sysv_options){.size_of_struct = sizeof(mw_semaphore_sysv_options), .how = how};
}

static mw_semaphore *created(unsigned count, unsigned value, unsigned flags) {
  mw_semaphore *semaphore = NULL;
  mw_semaphore_sysv_options options = to(MW_CREATE);
  options.count = count;
  options.value = value;
  options.flags = flags;
  assert_int_equal(mw_semaphore_sysv(key(), 0, &options, &why, &semaphore), 1);
  return semaphore;
}

static mw_semaphore *attached(unsigned index) {
  mw_semaphore *semaphore = NULL;
  assert_ok(mw_semaphore_sysv(key(), index, NULL, &why, &semaphore));
  return semaphore;
}

static void close_and_remove(mw_semaphore *semaphore) {
  mw_semaphore_close(semaphore);
  assert_ok(mw_semaphore_sysv_remove(key(), &why));
}

static unsigned value_of(mw_semaphore *semaphore) {
  unsigned value = 12345;
  assert_ok(mw_semaphore_value(semaphore, &why, &value));
  return value;
}

static int set_of_key(void) { return semget(key(), 0, 0); }

static void assert_refused(int status, int number, int32_t its_key, unsigned index, const mw_semaphore_sysv_options *options) {
  mw_semaphore *semaphore = (mw_semaphore *)1;
  char text[16];
  snprintf(text, sizeof text, "0x%x", (unsigned)its_key);
  assert_fails(status, mw_semaphore_sysv(its_key, index, options, &why, &semaphore));
  assert_why("Semaphore.sysv", text, number);
  assert_ptr_equal(semaphore, (mw_semaphore *)1);
}

/* ---- create, attach, open */

static void each_index_is_a_semaphore(void **state) {
  (void)state;
  mw_semaphore *first = created(3, 4, 0), *others[2] = {attached(1), attached(2)};
  assert_ok(mw_semaphore_acquire(others[0], MW_DEADLINE_NOW, &why));
  assert_ok(mw_semaphore_release(others[1], 2, &why));
  assert_int_equal(value_of(first), 4);
  assert_int_equal(value_of(others[0]), 3);
  assert_int_equal(value_of(others[1]), 6);
  assert_refused(MW_EINVAL, 0, key(), 3, NULL);
  assert_non_null(strstr(why.reason, "3"));
  assert_refused(MW_EINVAL, 0, key(), 70000, NULL);
  mw_semaphore_close(others[0]);
  mw_semaphore_close(others[1]);
  close_and_remove(first);
}

static void it_is_what_semget_makes(void **state) {
  (void)state;
  mw_semaphore *semaphore = created(2, 5, 0);
  struct semid_ds set;
  int id = set_of_key();
  int32_t its_key = 77, its_id = 78;
  unsigned index = 79;
  assert_int_equal(semctl(id, 0, IPC_STAT, (union semun){.buf = &set}), 0);
  assert_int_equal(set.sem_nsems, 2);
  assert_int_equal(set.sem_perm.mode & 0777, 0600);
  assert_true(set.sem_otime != 0);
  assert_int_equal(semctl(id, 1, GETVAL), 5);
  assert_ok(mw_semaphore_sysv_id(semaphore, &why, &its_key, &its_id, &index));
  assert_int_equal(its_key, key());
  assert_int_equal(its_id, id);
  assert_int_equal(index, 0);
  assert_string_equal(mw_semaphore_kind(semaphore), "sysv");
  assert_string_equal(mw_semaphore_name(semaphore), key_text());
  struct sembuf up = {.sem_op = 1};
  assert_int_equal(semop(id, &up, 1), 0);
  assert_int_equal(value_of(semaphore), 6);
  close_and_remove(semaphore);
}

static void without_a_count_there_are_as_many_as_needed(void **state) {
  (void)state;
  mw_semaphore *semaphore;
  mw_semaphore_sysv_options options = to(MW_CREATE);
  struct semid_ds set;
  assert_int_equal(mw_semaphore_sysv(key(), 4, &options, &why, &semaphore), 1);
  assert_int_equal(semctl(set_of_key(), 0, IPC_STAT, (union semun){.buf = &set}), 0);
  assert_int_equal(set.sem_nsems, 5);
  assert_int_equal(value_of(semaphore), 0);
  close_and_remove(semaphore);
}

static void what_is_missing_or_taken_is_refused(void **state) {
  (void)state;
  mw_semaphore_sysv_options creating = to(MW_CREATE);
  assert_refused(MW_ENOENT, ENOENT, key(), 0, NULL);
  assert_fails(MW_ENOENT, mw_semaphore_sysv_remove(key(), &why));
  assert_why("Semaphore.sysv_remove", key_text(), ENOENT);
  mw_semaphore *semaphore = created(1, 3, 0);
  assert_refused(MW_EEXIST, EEXIST, key(), 0, &creating);
  assert_int_equal(value_of(semaphore), 3);
  close_and_remove(semaphore);
}

static void open_creates_then_attaches(void **state) {
  (void)state;
  mw_semaphore *one, *two;
  mw_semaphore_sysv_options options = to(MW_OPEN);
  options.value = 4;
  options.permissions = 0640;
  struct semid_ds set = {0};
  assert_int_equal(mw_semaphore_sysv(key(), 0, &options, &why, &one), 1);
  options.value = 9;
  options.permissions = 0600;
  assert_int_equal(mw_semaphore_sysv(key(), 0, &options, &why, &two), 0);
  assert_int_equal(value_of(two), 4);
  assert_int_equal(semctl(set_of_key(), 0, IPC_STAT, (union semun){.buf = &set}), 0);
  assert_int_equal(set.sem_perm.mode & 0777, 0640);
  assert_refused(MW_EINVAL, 0, key(), 1, &options); /* there is no second */
  mw_semaphore_close(one);
  close_and_remove(two);
}

static void what_cannot_be_is_refused(void **state) {
  (void)state;
  mw_semaphore_sysv_options options = to(MW_CREATE);
  options.value = MW_SEMAPHORE_SYSV_MAX + 1;
  assert_refused(MW_EINVAL, 0, key(), 0, &options);
  options = to(MW_CREATE);
  options.count = 2;
  assert_refused(MW_EINVAL, 0, key(), 2, &options);
  options = to(MW_CREATE);
  options.permissions = 01000;
  assert_refused(MW_EINVAL, 0, key(), 0, &options);
  options = to((mw_how)3);
  assert_refused(MW_EINVAL, 0, key(), 0, &options);
  static const unsigned flags[] = {MW_TEMPORARY, MW_NO_FD, MW_TRUNCATE, 1u << 20};
  for (int i = 0; i < 4; i++) {
    options = to(MW_CREATE);
    options.flags = flags[i];
    assert_refused(MW_EINVAL, 0, key(), 0, &options);
  }
  options = to(MW_CREATE);
  options.size_of_struct = 0;
  assert_refused(MW_EINVAL, 0, key(), 0, &options);
  options = to(MW_OPEN);
  assert_refused(MW_EINVAL, 0, MW_KEY_PRIVATE, 0, &options);
  assert_refused(MW_EINVAL, 0, MW_KEY_PRIVATE, 0, NULL);
  assert_fails(MW_EINVAL, mw_semaphore_sysv_remove(MW_KEY_PRIVATE, &why));
  assert_refused(MW_ENOENT, ENOENT, key(), 0, NULL); /* and nothing was made */
}

static void a_private_key_is_always_new(void **state) {
  (void)state;
  mw_semaphore *one, *two;
  mw_semaphore_sysv_options options = to(MW_CREATE);
  uint64_t devices[2], inodes[2];
  assert_int_equal(mw_semaphore_sysv(MW_KEY_PRIVATE, 0, &options, &why, &one), 1);
  assert_int_equal(mw_semaphore_sysv(MW_KEY_PRIVATE, 0, &options, &why, &two), 1);
  assert_string_equal(mw_semaphore_name(one), "0x0");
  mw_semaphore_identity(one, &devices[0], &inodes[0]);
  mw_semaphore_identity(two, &devices[1], &inodes[1]);
  assert_int_equal(devices[0], devices[1]);
  assert_int_not_equal(inodes[0], inodes[1]);
  assert_ok(mw_semaphore_sysv_unlink(one, &why));
  assert_ok(mw_semaphore_sysv_unlink(two, &why));
  mw_semaphore_close(one);
  mw_semaphore_close(two);
}

static void only_the_set_that_was_meant(void **state) {
  (void)state;
  mw_semaphore *semaphore = created(1, 1, 0), *other;
  mw_semaphore_sysv_options options = to(MW_ATTACH);
  uint64_t device;
  mw_semaphore_identity(semaphore, &device, &options.inode);
  assert_int_equal(device, UINT64_MAX);
  assert_ok(mw_semaphore_sysv(key(), 0, &options, &why, &other));
  mw_semaphore_close(other);
  close_and_remove(semaphore);
  semaphore = created(1, 1, 0);
  assert_refused(MW_ENOENT, ENOENT, key(), 0, &options);
  close_and_remove(semaphore);
}

/* ---- sets that are not ready */

static void a_set_that_nobody_has_used_is_not_ready(void **state) {
  (void)state;
  int id = semget(key(), 2, IPC_CREAT | IPC_EXCL | 0600);
  mw_semaphore_sysv_options options = to(MW_ATTACH);
  mw_semaphore *semaphore;
  assert_refused(MW_EAGAIN, EAGAIN, key(), 0, NULL);
  assert_non_null(strstr(why.reason, "unused_ok"));
  options.wait_for_use = mw_deadline_after(0.02);
  assert_refused(MW_EAGAIN, EAGAIN, key(), 0, &options);
  options = to(MW_OPEN);
  assert_refused(MW_EAGAIN, EAGAIN, key(), 0, &options);
  options = to(MW_ATTACH);
  options.flags = MW_UNUSED_OK;
  assert_ok(mw_semaphore_sysv(key(), 1, &options, &why, &semaphore));
  assert_ok(mw_semaphore_release(semaphore, 1, &why)); /* which uses it */
  mw_semaphore_close(semaphore);
  semaphore = attached(0);
  assert_int_equal(semctl(id, 1, GETVAL), 1);
  close_and_remove(semaphore);
}

static void wait_for_use(void *gate) {
  mw_semaphore_sysv_options options = to(MW_ATTACH);
  options.wait_for_use = MW_DEADLINE_NEVER;
  mw_semaphore *semaphore;
  harness_gate_open(gate);
  assert_ok(mw_semaphore_sysv(key(), 0, &options, &why, &semaphore));
  assert_ok(mw_semaphore_acquire(semaphore, MW_DEADLINE_NOW, &why));
  mw_semaphore_close(semaphore);
}

static void attach_waits_for_the_first_use(void **state) {
  (void)state;
  int id = semget(key(), 1, IPC_CREAT | IPC_EXCL | 0600);
  harness_gate gate;
  harness_gate_init(&gate);
  pid_t child = harness_fork();
  if (child == 0) {
    wait_for_use(&gate);
    _exit(0);
  }
  harness_gate_wait(&gate);
  struct sembuf up = {.sem_op = 1};
  assert_int_equal(semop(id, &up, 1), 0);
  assert_int_equal(harness_wait(child), 0);
  assert_int_equal(semctl(id, 0, GETVAL), 0);
  harness_gate_fini(&gate);
  assert_ok(mw_semaphore_sysv_remove(key(), &why));
}

static void a_signal_ends_the_wait_for_use(void **state) {
  (void)state;
  (void)semget(key(), 1, IPC_CREAT | IPC_EXCL | 0600);
  mw_semaphore_sysv_options options = to(MW_ATTACH);
  options.wait_for_use = MW_DEADLINE_NEVER;
  harness_interrupt_every(3);
  assert_refused(MW_EINTR, EINTR, key(), 0, &options);
  harness_interrupt_every(0);
  assert_ok(mw_semaphore_sysv_remove(key(), &why));
}

static void every_value_is_ready_at_once(void **state) {
  (void)state;
  static const unsigned values[] = {0, 1, 2, 32766, 32767};
  for (int i = 0; i < 5; i++) {
    mw_semaphore *semaphore = created(3, values[i], 0);
    for (unsigned index = 0; index < 3; index++) {
      mw_semaphore *other = attached(index);
      assert_int_equal(value_of(other), values[i]);
      mw_semaphore_close(other);
    }
    close_and_remove(semaphore);
  }
}

/* ---- races for a key: nobody ever sees a set whose values are not set */

enum { RACERS = 6, ROUNDS = 100 };

typedef struct race {
  pthread_barrier_t start;
  _Atomic unsigned created;
} race;

static void open_at_once(race *now) {
  mw_semaphore_sysv_options options = to(MW_OPEN);
  options.value = 1000;
  for (int round = 0; round < ROUNDS; round++) {
    mw_semaphore *semaphore;
    pthread_barrier_wait(&now->start);
    options.wait_for_use = MW_DEADLINE_NEVER;
    int made = mw_semaphore_sysv(key(), 0, &options, &why, &semaphore);
    if (made < 0) assert_ok(made);
    now->created += (unsigned)made;
    assert_true(value_of(semaphore) >= 1000 - RACERS);
    assert_ok(mw_semaphore_acquire(semaphore, MW_DEADLINE_NOW, &why));
    mw_semaphore_close(semaphore);
    bool is_first = pthread_barrier_wait(&now->start) == PTHREAD_BARRIER_SERIAL_THREAD; /* NOLINT(bugprone-posix-return) */
    if (is_first) assert_ok(mw_semaphore_sysv_remove(key(), &why));
  }
}

static void of_several_processes_one_creates(void **state) {
  (void)state;
  race *now = harness_shared(sizeof *now);
  pthread_barrierattr_t shared;
  pthread_barrierattr_init(&shared);
  pthread_barrierattr_setpshared(&shared, PTHREAD_PROCESS_SHARED);
  pthread_barrier_init(&now->start, &shared, RACERS);
  pid_t children[RACERS];
  for (int i = 0; i < RACERS; i++)
    if ((children[i] = harness_fork()) == 0) {
      open_at_once(now);
      _exit(0);
    }
  for (int i = 0; i < RACERS; i++) assert_int_equal(harness_wait(children[i]), 0);
  assert_int_equal(now->created, ROUNDS);
}

/* ---- other users */

static void try_as_stranger(void *unused) {
  (void)unused;
  harness_become(HARNESS_STRANGER);
  assert_refused(MW_EACCES, EACCES, key(), 0, NULL);
  assert_fails(MW_EPERM, mw_semaphore_sysv_remove(key(), &why));
}

/* Reading is not enough to acquire. */
static void permissions_keep_others_out(void **state) {
  (void)state;
  harness_needs_root();
  static const unsigned permissions[] = {0600, 0644, 0622};
  for (int i = 0; i < 3; i++) {
    mw_semaphore *semaphore;
    mw_semaphore_sysv_options options = to(MW_CREATE);
    options.permissions = permissions[i];
    assert_int_equal(mw_semaphore_sysv(key(), 0, &options, &why, &semaphore), 1);
    assert_int_equal(harness_in_child(try_as_stranger, NULL), 0);
    close_and_remove(semaphore);
  }
}

static void use_as_stranger(void *unused) {
  (void)unused;
  harness_become(HARNESS_STRANGER);
  mw_semaphore *semaphore = attached(0);
  assert_ok(mw_semaphore_release(semaphore, 1, &why));
  assert_fails(MW_EPERM, mw_semaphore_sysv_unlink(semaphore, &why));
  mw_semaphore_close(semaphore);
}

static void create_as_stranger(void *unused) {
  (void)unused;
  harness_become(HARNESS_STRANGER);
  mw_semaphore *semaphore;
  mw_semaphore_sysv_options options = to(MW_CREATE);
  options.permissions = 0666;
  assert_int_equal(mw_semaphore_sysv(key(), 0, &options, &why, &semaphore), 1);
  mw_semaphore_close(semaphore);
}

static void permissions_let_others_in(void **state) {
  (void)state;
  harness_needs_root();
  mw_semaphore *semaphore;
  mw_semaphore_sysv_options options = to(MW_CREATE);
  options.permissions = 0666;
  assert_int_equal(mw_semaphore_sysv(key(), 0, &options, &why, &semaphore), 1);
  assert_int_equal(harness_in_child(use_as_stranger, NULL), 0);
  assert_int_equal(value_of(semaphore), 1);
  close_and_remove(semaphore);
}

static void what_a_stranger_made_is_refused(void **state) {
  (void)state;
  harness_needs_root();
  mw_semaphore *semaphore;
  mw_semaphore_sysv_options any = to(MW_ATTACH), opening = to(MW_OPEN);
  any.flags = MW_ANY_OWNER;
  assert_int_equal(harness_in_child(create_as_stranger, NULL), 0);
  assert_refused(MW_EPERM, EPERM, key(), 0, NULL);
  assert_non_null(strstr(why.reason, "65534"));
  assert_refused(MW_EPERM, EPERM, key(), 0, &opening);
  assert_ok(mw_semaphore_sysv(key(), 0, &any, &why, &semaphore));
  close_and_remove(semaphore);
}

/* ---- undo */

static void acquire_and_die(void *semaphore) {
  for (int i = 0; i < 3; i++) assert_ok(mw_semaphore_acquire(semaphore, MW_DEADLINE_NOW, &why));
  assert_ok(mw_semaphore_release(semaphore, 1, &why));
  kill(getpid(), SIGKILL);
}

static void what_a_killed_holder_has_comes_back(void **state) {
  (void)state;
  for (int undo = 0; undo < 2; undo++) {
    mw_semaphore *semaphore = created(1, 5, undo ? MW_UNDO : 0);
    assert_int_equal(harness_in_child(acquire_and_die, semaphore), 128 + SIGKILL);
    assert_int_equal(value_of(semaphore), undo ? 5 : 3);
    close_and_remove(semaphore);
  }
}

static void do_nothing(void *semaphore) { (void)semaphore; }

static void a_child_gives_nothing_of_its_parents_back(void **state) {
  (void)state;
  mw_semaphore *semaphore = created(1, 5, MW_UNDO);
  assert_ok(mw_semaphore_acquire(semaphore, MW_DEADLINE_NOW, &why));
  assert_int_equal(harness_in_child(do_nothing, semaphore), 0);
  assert_int_equal(value_of(semaphore), 4);
  assert_ok(mw_semaphore_release(semaphore, 1, &why));
  close_and_remove(semaphore);
}

/* ---- removing */

static void a_removed_set_refuses_every_call(void **state) {
  (void)state;
  mw_semaphore *semaphore = created(1, 0, 0);
  unsigned value = 77;
  assert_ok(mw_semaphore_sysv_unlink(semaphore, &why));
  assert_refused(MW_ENOENT, ENOENT, key(), 0, NULL);
  assert_fails(MW_EOS, mw_semaphore_acquire(semaphore, MW_DEADLINE_NOW, &why));
  assert_true(why.os_errno == EINVAL || why.os_errno == EIDRM);
  assert_fails(MW_EOS, mw_semaphore_acquire(semaphore, MW_DEADLINE_NEVER, &why));
  assert_fails(MW_EOS, mw_semaphore_release(semaphore, 1, &why));
  assert_fails(MW_EOS, mw_semaphore_value(semaphore, &why, &value));
  assert_int_equal(value, 77);
  assert_fails(MW_EOS, mw_semaphore_sysv_unlink(semaphore, &why));
  mw_semaphore_hold(semaphore);
  mw_semaphore_close(semaphore);
  assert_fails(MW_ECLOSED, mw_semaphore_sysv_unlink(semaphore, &why));
  mw_semaphore_drop(semaphore);
}

static void its_removal_ends_the_waits(void **state) {
  (void)state;
  mw_semaphore *semaphore = created(1, 0, 0);
  pid_t child = harness_fork();
  if (child == 0) {
    assert_fails(MW_EOS, mw_semaphore_acquire(semaphore, MW_DEADLINE_NEVER, &why));
    assert_true(why.os_errno == EIDRM || why.os_errno == EINVAL);
    _exit(0);
  }
  harness_await_call(child, 0, SYS_semtimedop);
  close_and_remove(semaphore);
  assert_int_equal(harness_wait(child), 0);
}

static void a_new_set_is_another_one(void **state) {
  (void)state;
  mw_semaphore *old = created(1, 1, 0);
  assert_ok(mw_semaphore_sysv_remove(key(), &why));
  mw_semaphore *new = created(1, 2, 0);
  assert_fails(MW_EOS, mw_semaphore_release(old, 1, &why));
  assert_int_equal(value_of(new), 2);
  mw_semaphore_close(old);
  close_and_remove(new);
}

/* ---- limits, in a namespace of System V's own */

static void set_limits(const char *numbers) {
  if (unshare(CLONE_NEWIPC) != 0) harness_fail("unshare: %s", strerror(errno));
  FILE *file = fopen("/proc/sys/kernel/sem", "we"); /* SEMMSL, SEMMNS, SEMOPM, SEMMNI */
  if (file == NULL || fputs(numbers, file) < 0 || fclose(file) != 0) harness_fail("kernel.sem: %s", strerror(errno));
}

static void exceed_a_set(void *unused) {
  (void)unused;
  set_limits("4 100 32 10");
  close_and_remove(created(4, 0, 0));
  mw_semaphore_sysv_options options = to(MW_CREATE);
  options.count = 5;
  assert_refused(MW_EINVAL, EINVAL, key(), 0, &options);
  assert_non_null(strstr(why.reason, "SEMMSL"));
  assert_non_null(strstr(why.reason, "(4)"));
  assert_non_null(strstr(why.reason, "kernel.sem"));
  options.count = UINT32_MAX;
  assert_refused(MW_EINVAL, EINVAL, key(), 0, &options);
}

static void exceed_the_sum(void *unused) {
  (void)unused;
  set_limits("10 6 32 10");
  mw_semaphore *semaphore = created(4, 0, 0);
  mw_semaphore_sysv_options options = to(MW_CREATE);
  options.count = 4;
  assert_refused(MW_ENOSPC, ENOSPC, harness_key(1), 0, &options);
  assert_non_null(strstr(why.reason, "SEMMNS (6 "));
  close_and_remove(semaphore);
}

static void exceed_the_number(void *unused) {
  (void)unused;
  set_limits("10 100 32 1");
  mw_semaphore *semaphore = created(1, 0, 0);
  mw_semaphore_sysv_options options = to(MW_OPEN);
  assert_refused(MW_ENOSPC, ENOSPC, harness_key(1), 0, &options);
  assert_non_null(strstr(why.reason, "SEMMNI (1 "));
  close_and_remove(semaphore);
}

/* Where there is no descriptor left to read it by, it is named all the same. */
static void exceed_without_descriptors(void *unused) {
  (void)unused;
  set_limits("4 100 32 10");
  struct rlimit limit, none;
  assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
  none = limit;
  none.rlim_cur = 0;
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
  mw_semaphore_sysv_options options = to(MW_CREATE);
  options.count = 5;
  assert_refused(MW_EINVAL, EINVAL, key(), 0, &options);
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
  assert_non_null(strstr(why.reason, "SEMMSL"));
  assert_null(strstr(why.reason, "(4)"));
}

static void each_limit_is_named(void **state) {
  (void)state;
  harness_needs_root();
  assert_int_equal(harness_in_child(exceed_a_set, NULL), 0);
  assert_int_equal(harness_in_child(exceed_the_sum, NULL), 0);
  assert_int_equal(harness_in_child(exceed_the_number, NULL), 0);
  assert_int_equal(harness_in_child(exceed_without_descriptors, NULL), 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(each_index_is_a_semaphore),
    cmocka_unit_test(it_is_what_semget_makes),
    cmocka_unit_test(without_a_count_there_are_as_many_as_needed),
    cmocka_unit_test(what_is_missing_or_taken_is_refused),
    cmocka_unit_test(open_creates_then_attaches),
    cmocka_unit_test(what_cannot_be_is_refused),
    cmocka_unit_test(a_private_key_is_always_new),
    cmocka_unit_test(only_the_set_that_was_meant),
    cmocka_unit_test(a_set_that_nobody_has_used_is_not_ready),
    cmocka_unit_test(attach_waits_for_the_first_use),
    cmocka_unit_test(a_signal_ends_the_wait_for_use),
    cmocka_unit_test(every_value_is_ready_at_once),
    cmocka_unit_test(of_several_processes_one_creates),
    cmocka_unit_test(permissions_keep_others_out),
    cmocka_unit_test(permissions_let_others_in),
    cmocka_unit_test(what_a_stranger_made_is_refused),
    cmocka_unit_test(what_a_killed_holder_has_comes_back),
    cmocka_unit_test(a_child_gives_nothing_of_its_parents_back),
    cmocka_unit_test(a_removed_set_refuses_every_call),
    cmocka_unit_test(its_removal_ends_the_waits),
    cmocka_unit_test(a_new_set_is_another_one),
    cmocka_unit_test(each_limit_is_named),
};

HARNESS_MAIN(tests)
