/* System V shared memory: found by key, made in one step, removed by key or by region.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <unistd.h>

#include "harness.h"

static int32_t key(void) { return harness_key(0); }

static const char *key_text(void) {
  static char text[16];
  snprintf(text, sizeof text, "0x%x", (unsigned)key());
  return text;
}

static mw_region *created(uint64_t size, unsigned permissions) {
  mw_region *region = NULL;
  mw_region_options options = {sizeof options, .permissions = permissions};
  assert_int_equal(mw_region_sysv(key(), size, MW_CREATE, &options, &why, &region), 1);
  return region;
}

static mw_region *attached(mw_access access) {
  mw_region *region = NULL;
  mw_region_options options = {sizeof options, .access = access};
  assert_ok(mw_region_sysv(key(), 0, MW_ATTACH, &options, &why, &region));
  return region;
}

static void close_and_remove(mw_region *region) {
  mw_region_close(region);
  assert_ok(mw_region_sysv_remove(key(), &why));
}

static struct shmid_ds segment_of(mw_region *region) {
  int32_t its_key, id = -1;
  struct shmid_ds segment;
  assert_ok(mw_region_sysv_id(region, &why, &its_key, &id));
  assert_int_equal(shmctl(id, IPC_STAT, &segment), 0);
  return segment;
}

static void assert_refused(int status, int number, int32_t its_key, uint64_t size, mw_how how, const mw_region_options *options) {
  mw_region *region = (mw_region *)1;
  char text[16];
  snprintf(text, sizeof text, "0x%x", (unsigned)its_key);
  assert_fails(status, mw_region_sysv(its_key, size, how, options, &why, &region));
  assert_why("Region.sysv", text, number);
  assert_ptr_equal(region, (mw_region *)1);
}

/* ---- create, attach, open */

static void what_is_created_can_be_attached_to(void **state) {
  (void)state;
  mw_region *one = created(10000, 0), *two = attached(MW_READ_WRITE);
  assert_int_equal(mw_region_size(one), 10000);
  assert_int_equal(mw_region_size(two), 10000);
  assert_int_equal(segment_of(one).shm_segsz, 10000);
  const uint8_t *data = mw_region_data(two);
  for (int i = 0; i < 10000; i++) assert_int_equal(data[i], 0);
  assert_ok(mw_region_write(one, 9999, "x", 1, &why));
  assert_int_equal(data[9999], 'x');
  uint64_t devices[2], inodes[2];
  mw_region_identity(one, &devices[0], &inodes[0]);
  mw_region_identity(two, &devices[1], &inodes[1]);
  assert_int_equal(devices[0], devices[1]);
  assert_int_equal(inodes[0], inodes[1]);
  mw_region_close(one);
  close_and_remove(two);
}

static void it_is_what_shmget_makes(void **state) {
  (void)state;
  mw_region *region = created(5000, 0640);
  int id = shmget(key(), 0, 0);
  int32_t its_key = 0, its_id = -1;
  assert_ok(mw_region_sysv_id(region, &why, &its_key, &its_id));
  assert_int_equal(its_id, id);
  assert_int_equal(its_key, key());
  char *data = shmat(id, NULL, 0);
  memcpy(data, "plain", sizeof "plain");
  assert_string_equal(mw_region_data(region), "plain");
  assert_int_equal(segment_of(region).shm_nattch, 2);
  shmdt(data);
  close_and_remove(region);
}

static void what_shmget_made_can_be_attached_to(void **state) {
  (void)state;
  int id = shmget(key(), 12345, IPC_CREAT | IPC_EXCL | 0600);
  mw_region *region = attached(MW_READ_WRITE);
  assert_int_equal(mw_region_size(region), 12345);
  assert_int_equal(segment_of(region).shm_nattch, 1);
  mw_region_hold(region);
  mw_region_close(region);
  int32_t its_key, its_id;
  assert_ok(mw_region_sysv_id(region, &why, &its_key, &its_id));
  assert_int_equal(its_id, id);
  mw_region_drop(region);
  struct shmid_ds segment;
  assert_int_equal(shmctl(id, IPC_STAT, &segment), 0);
  assert_int_equal(segment.shm_nattch, 0);
  assert_ok(mw_region_sysv_remove(key(), &why));
}

static void the_key_is_its_name(void **state) {
  (void)state;
  mw_region *region = created(1, 0);
  assert_string_equal(mw_region_name(region), key_text());
  close_and_remove(region);
  assert_int_equal(mw_region_sysv(MW_KEY_PRIVATE, 1, MW_CREATE, NULL, &why, &region), 1);
  assert_string_equal(mw_region_name(region), "0x0");
  assert_ok(mw_region_sysv_unlink(region, &why));
  mw_region_close(region);
  assert_refused(MW_ENOENT, ENOENT, -1, 0, MW_ATTACH, NULL); /* "0xffffffff" */
}

static void only_System_V_has_an_identifier(void **state) {
  (void)state;
  mw_region *region;
  int32_t its_key = 77, id = 78;
  assert_ok(mw_region_anonymous(1, NULL, &why, &region));
  assert_fails(MW_ENOTSUP, mw_region_sysv_id(region, &why, &its_key, &id));
  assert_fails(MW_ENOTSUP, mw_region_sysv_unlink(region, &why));
  assert_int_equal(its_key, 77);
  assert_int_equal(id, 78);
  mw_region_close(region);
}

static void what_is_missing_is_refused(void **state) {
  (void)state;
  assert_refused(MW_ENOENT, ENOENT, key(), 0, MW_ATTACH, NULL);
  assert_refused(MW_ENOENT, ENOENT, key(), 100, MW_ATTACH, NULL);
  assert_fails(MW_ENOENT, mw_region_sysv_remove(key(), &why));
  assert_why("Region.sysv_remove", key_text(), ENOENT);
}

static void a_taken_key_is_refused(void **state) {
  (void)state;
  mw_region *region = created(100, 0);
  assert_refused(MW_EEXIST, EEXIST, key(), 100, MW_CREATE, NULL);
  assert_refused(MW_EEXIST, EEXIST, key(), 5000, MW_CREATE, NULL);
  close_and_remove(region);
}

static void what_is_too_small_is_refused(void **state) {
  (void)state;
  mw_region *region = created(100, 0), *other;
  assert_refused(MW_EINVAL, 0, key(), 101, MW_ATTACH, NULL);
  assert_non_null(strstr(why.reason, "100"));
  assert_non_null(strstr(why.reason, "101"));
  assert_refused(MW_EINVAL, 0, key(), 101, MW_OPEN, NULL);
  assert_ok(mw_region_sysv(key(), 50, MW_ATTACH, NULL, &why, &other));
  assert_int_equal(mw_region_size(other), 100);
  mw_region_close(other);
  close_and_remove(region);
}

static void open_creates_then_attaches(void **state) {
  (void)state;
  mw_region *one, *two;
  mw_region_options options = {sizeof options, .permissions = 0640};
  assert_int_equal(mw_region_sysv(key(), 100, MW_OPEN, &options, &why, &one), 1);
  options.permissions = 0666;
  assert_int_equal(mw_region_sysv(key(), 50, MW_OPEN, &options, &why, &two), 0);
  assert_int_equal(mw_region_size(two), 100);
  assert_int_equal(segment_of(two).shm_perm.mode & 0777, 0640);
  mw_region_close(one);
  close_and_remove(two);
}

static void what_cannot_be_is_refused(void **state) {
  (void)state;
  mw_region_options options = {.size_of_struct = sizeof options};
  assert_refused(MW_EINVAL, 0, key(), 0, MW_CREATE, NULL);
  assert_refused(MW_EINVAL, 0, key(), 0, MW_OPEN, NULL);
  assert_refused(MW_EINVAL, 0, key(), 100, (mw_how)3, NULL);
  assert_refused(MW_EINVAL, 0, MW_KEY_PRIVATE, 0, MW_ATTACH, NULL);
  assert_refused(MW_EINVAL, 0, MW_KEY_PRIVATE, 100, MW_OPEN, NULL);
  assert_fails(MW_EINVAL, mw_region_sysv_remove(MW_KEY_PRIVATE, &why));
  options.permissions = 01000;
  assert_refused(MW_EINVAL, 0, key(), 100, MW_CREATE, &options);
  options = (mw_region_options){sizeof options, .access = MW_COPY_ON_WRITE};
  assert_refused(MW_ENOTSUP, 0, key(), 100, MW_CREATE, &options);
  static const unsigned flags[] = {MW_TEMPORARY, MW_TRUNCATE, MW_EXCLUSIVE, 1u << 20};
  for (int i = 0; i < 4; i++) {
    options = (mw_region_options){sizeof options, .flags = flags[i]};
    assert_refused(MW_EINVAL, 0, key(), 100, MW_CREATE, &options);
  }
  assert_refused(MW_ENOENT, ENOENT, key(), 0, MW_ATTACH, NULL); /* and nothing was made */
}

static void a_size_beyond_all_limits_names_them(void **state) {
  (void)state;
  assert_refused(MW_EINVAL, EINVAL, key(), UINT64_MAX, MW_CREATE, NULL);
  assert_non_null(strstr(why.reason, "SHMMAX"));
  assert_non_null(strstr(why.reason, "18446744073709551615"));
}

static void a_private_key_is_always_new(void **state) {
  (void)state;
  mw_region *one, *two;
  int32_t its_key = 77, ids[2] = {-1, -1};
  assert_int_equal(mw_region_sysv(MW_KEY_PRIVATE, 100, MW_CREATE, NULL, &why, &one), 1);
  assert_int_equal(mw_region_sysv(MW_KEY_PRIVATE, 100, MW_CREATE, NULL, &why, &two), 1);
  assert_ok(mw_region_sysv_id(one, &why, &its_key, &ids[0]));
  assert_int_equal(its_key, MW_KEY_PRIVATE);
  assert_ok(mw_region_sysv_id(two, &why, &its_key, &ids[1]));
  assert_int_not_equal(ids[0], ids[1]);
  assert_ok(mw_region_sysv_unlink(one, &why));
  assert_ok(mw_region_sysv_unlink(two, &why));
  mw_region_close(one);
  mw_region_close(two);
}

static void only_the_object_that_was_meant(void **state) {
  (void)state;
  mw_region *region = created(100, 0), *other;
  mw_region_options options = {.size_of_struct = sizeof options};
  mw_region_identity(region, &options.device, &options.inode);
  assert_ok(mw_region_sysv(key(), 0, MW_ATTACH, &options, &why, &other));
  mw_region_close(other);
  close_and_remove(region);
  region = created(100, 0);
  assert_refused(MW_ENOENT, ENOENT, key(), 0, MW_ATTACH, &options);
  close_and_remove(region);
}

/* Wherever it is mapped: some addresses make it look for huge pages. */
static void each_region_is_one_attachment(void **state) {
  (void)state;
  enum { REGIONS = 64 };
  mw_region *regions[REGIONS];
  regions[0] = created(4 * mw_page_size(), 0);
  for (unsigned i = 1; i < REGIONS; i++) {
    regions[i] = attached(i % 2 ? MW_READ : MW_READ_WRITE);
    assert_int_equal(segment_of(regions[i]).shm_nattch, i + 1);
  }
  for (int i = REGIONS - 1; i > 0; i--) mw_region_close(regions[i]);
  close_and_remove(regions[0]);
}

/* ---- access */

static void store(void *address) { *(volatile char *)address = 1; }

static void read_only_memory_is_protected(void **state) {
  (void)state;
  mw_region *region = created(100, 0), *reader = attached(MW_READ);
  assert_true(mw_region_is_readonly(reader));
  assert_fails(MW_EREADONLY, mw_region_write(reader, 0, "x", 1, &why));
  assert_int_equal(harness_in_child(store, mw_region_data(reader)), 128 + SIGSEGV);
  assert_fails(MW_EACCES, mw_region_protect(reader, false, &why));
  mw_region_close(reader);
  close_and_remove(region);
}

static void permissions_are_exact(void **state) {
  (void)state;
  static const unsigned permissions[] = {0, 0600, 0644, 0666, 0400, 0777};
  for (int i = 0; i < 6; i++) {
    mw_region *region = created(100, permissions[i]);
    assert_int_equal(segment_of(region).shm_perm.mode & 0777, permissions[i] != 0 ? permissions[i] : 0600);
    close_and_remove(region);
  }
}

static void try_as_stranger(void *unused) {
  (void)unused;
  mw_region_options reading = {sizeof reading, .access = MW_READ};
  harness_become(HARNESS_STRANGER);
  assert_refused(MW_EACCES, EACCES, key(), 0, MW_ATTACH, NULL);
  assert_null(strstr(why.reason, "descriptor"));
  assert_refused(MW_EACCES, EACCES, key(), 0, MW_ATTACH, &reading);
  assert_fails(MW_EPERM, mw_region_sysv_remove(key(), &why));
}

static void permissions_keep_others_out(void **state) {
  (void)state;
  harness_needs_root();
  mw_region *region = created(100, 0600);
  assert_int_equal(harness_in_child(try_as_stranger, NULL), 0);
  close_and_remove(region);
}

static void read_as_stranger(void *unused) {
  (void)unused;
  mw_region_options reading = {sizeof reading, .access = MW_READ};
  mw_region *region;
  harness_become(HARNESS_STRANGER);
  assert_refused(MW_EACCES, EACCES, key(), 0, MW_ATTACH, NULL);
  assert_ok(mw_region_sysv(key(), 0, MW_ATTACH, &reading, &why, &region));
  assert_fails(MW_EPERM, mw_region_sysv_unlink(region, &why));
  mw_region_close(region);
}

static void permissions_may_allow_reading_alone(void **state) {
  (void)state;
  harness_needs_root();
  mw_region *region = created(100, 0644);
  assert_int_equal(harness_in_child(read_as_stranger, NULL), 0);
  close_and_remove(region);
}

static void create_as_stranger(void *unused) {
  (void)unused;
  harness_become(HARNESS_STRANGER);
  mw_region_close(created(100, 0666));
}

static void what_a_stranger_made_is_refused(void **state) {
  (void)state;
  harness_needs_root();
  mw_region *region;
  mw_region_options any = {sizeof any, .flags = MW_ANY_OWNER};
  assert_int_equal(harness_in_child(create_as_stranger, NULL), 0);
  assert_refused(MW_EPERM, EPERM, key(), 0, MW_ATTACH, NULL);
  assert_non_null(strstr(why.reason, "65534"));
  assert_refused(MW_EPERM, EPERM, key(), 100, MW_OPEN, NULL);
  assert_ok(mw_region_sysv(key(), 0, MW_ATTACH, &any, &why, &region));
  close_and_remove(region);
}

/* ---- removing */

static void who_has_it_keeps_what_was_removed(void **state) {
  (void)state;
  mw_region *region = created(100, 0), *new;
  assert_ok(mw_region_write(region, 0, "old", 4, &why));
  assert_ok(mw_region_sysv_remove(key(), &why));
  assert_fails(MW_ENOENT, mw_region_sysv_remove(key(), &why));
  assert_refused(MW_ENOENT, ENOENT, key(), 0, MW_ATTACH, NULL);
  assert_ok(mw_region_check(region, &why));
  assert_ok(mw_region_remap(region, &why));
  assert_string_equal(mw_region_data(region), "old");
  new = created(200, 0);
  assert_int_equal(*(char *)mw_region_data(new), 0);
  mw_region_close(region);
  close_and_remove(new);
}

static void a_region_can_be_removed_without_its_key(void **state) {
  (void)state;
  mw_region *region = created(100, 0);
  assert_ok(mw_region_sysv_unlink(region, &why));
  assert_ok(mw_region_sysv_unlink(region, &why)); /* twice is fine */
  assert_refused(MW_ENOENT, ENOENT, key(), 0, MW_ATTACH, NULL);
  assert_ok(mw_region_write(region, 0, "x", 1, &why));
  mw_region_hold(region);
  mw_region_close(region);
  assert_fails(MW_ECLOSED, mw_region_sysv_unlink(region, &why));
  assert_why("Region.sysv_remove", key_text(), 0);
  mw_region_drop(region);
}

static void use_in_child(void *region) {
  assert_ok(mw_region_write(region, 0, "child", 6, &why));
  mw_region_close(region);
}

static void children_share_it(void **state) {
  (void)state;
  mw_region *region = created(100, 0);
  assert_int_equal(harness_in_child(use_in_child, region), 0);
  assert_string_equal(mw_region_data(region), "child");
  assert_int_equal(segment_of(region).shm_nattch, 1);
  close_and_remove(region);
}

/* ---- keys of files */

static void a_key_is_what_ftok_makes(void **state) {
  (void)state;
  int32_t made = 77;
  harness_write_file(harness_path("file"), "", 0, 0600);
  for (int project = 1; project <= 255; project++) {
    assert_ok(mw_region_sysv_key(harness_path("file"), project, &why, &made));
    assert_int_equal(made, ftok(harness_path("file"), project));
  }
}

static void a_key_of_nothing_is_refused(void **state) {
  (void)state;
  int32_t made = 77;
  harness_write_file(harness_path("file"), "", 0, 0600);
  static const int projects[] = {0, -1, 256, INT_MAX, INT_MIN};
  for (int i = 0; i < 5; i++) {
    assert_int_equal(mw_region_sysv_key(harness_path("file"), projects[i], &why, &made), MW_EINVAL);
    assert_string_equal(why.call, "ftok");
  }
  assert_int_equal(mw_region_sysv_key("", 1, &why, &made), MW_EINVAL);
  assert_int_equal(mw_region_sysv_key(NULL, 1, &why, &made), MW_EINVAL);
  assert_int_equal(mw_region_sysv_key(harness_path("none"), 1, &why, &made), MW_ENOENT);
  assert_string_equal(why.object, harness_path("none"));
  assert_int_equal(why.os_errno, ENOENT);
  assert_int_equal(made, 77);
}

/* ---- races for a key */

enum { RACERS = 8, ROUNDS = 200 };

typedef struct race {
  pthread_barrier_t start;
  _Atomic unsigned created;
} race;

static void *open_at_once(void *context) {
  race *now = context;
  intptr_t failures = 0;
  for (int round = 0; round < ROUNDS; round++) {
    mw_region *region;
    pthread_barrier_wait(&now->start);
    int made = mw_region_sysv(key(), 100, MW_OPEN, NULL, NULL, &region);
    if (made < 0)
      failures++;
    else
      mw_region_close(region);
    if (made == 1) now->created++;
    bool is_first = pthread_barrier_wait(&now->start) == PTHREAD_BARRIER_SERIAL_THREAD; /* NOLINT(bugprone-posix-return) */
    if (is_first) failures += mw_region_sysv_remove(key(), NULL) != 0;
  }
  return (void *)failures;
}

static void of_several_threads_one_creates(void **state) {
  (void)state;
  static race now;
  pthread_t threads[RACERS];
  pthread_barrier_init(&now.start, NULL, RACERS);
  for (int i = 0; i < RACERS; i++) assert_int_equal(pthread_create(&threads[i], NULL, open_at_once, &now), 0);
  for (int i = 0; i < RACERS; i++) {
    void *failures;
    pthread_join(threads[i], &failures);
    assert_null(failures);
  }
  pthread_barrier_destroy(&now.start);
  assert_int_equal(now.created, ROUNDS);
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
    if ((children[i] = harness_fork()) == 0) _exit(open_at_once(now) != NULL);
  for (int i = 0; i < RACERS; i++) assert_int_equal(harness_wait(children[i]), 0);
  assert_int_equal(now->created, ROUNDS);
}

/* ---- limits, in a namespace of System V's own */

static void set_limit(const char *name, const char *value) {
  char path[64];
  snprintf(path, sizeof path, "/proc/sys/kernel/%s", name);
  FILE *file = fopen(path, "we");
  if (file == NULL || fputs(value, file) < 0 || fclose(file) != 0) harness_fail("%s: %s", path, strerror(errno));
}

static void exceed_the_size(void *unused) {
  (void)unused;
  if (unshare(CLONE_NEWIPC) != 0) harness_fail("unshare: %s", strerror(errno));
  set_limit("shmmax", "8192");
  mw_region_close(created(8192, 0));
  assert_ok(mw_region_sysv_remove(key(), &why));
  assert_refused(MW_EINVAL, EINVAL, key(), 8193, MW_CREATE, NULL);
  assert_non_null(strstr(why.reason, "SHMMAX"));
  assert_non_null(strstr(why.reason, "8192"));
  assert_non_null(strstr(why.reason, "kernel.shmmax"));
  assert_refused(MW_EINVAL, EINVAL, key(), 8193, MW_OPEN, NULL);
}

static void exceed_the_sum(void *unused) {
  (void)unused;
  if (unshare(CLONE_NEWIPC) != 0) harness_fail("unshare: %s", strerror(errno));
  set_limit("shmall", "2");
  assert_refused(MW_ENOSPC, ENOSPC, key(), 3 * mw_page_size(), MW_CREATE, NULL);
  assert_non_null(strstr(why.reason, "SHMALL (2 "));
  assert_non_null(strstr(why.reason, "kernel.shmall"));
}

static void exceed_the_number(void *unused) {
  (void)unused;
  if (unshare(CLONE_NEWIPC) != 0) harness_fail("unshare: %s", strerror(errno));
  set_limit("shmmni", "1");
  mw_region *region = created(100, 0);
  assert_refused(MW_ENOSPC, ENOSPC, harness_key(1), 100, MW_CREATE, NULL);
  assert_non_null(strstr(why.reason, "SHMMNI (1 "));
  assert_non_null(strstr(why.reason, "kernel.shmmni"));
  close_and_remove(region);
}

/* Where there is no descriptor left to read it by, it is named all the same. */
static void exceed_without_descriptors(void *unused) {
  (void)unused;
  if (unshare(CLONE_NEWIPC) != 0) harness_fail("unshare: %s", strerror(errno));
  set_limit("shmmax", "8192");
  struct rlimit limit, none;
  assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
  none = limit;
  none.rlim_cur = 0;
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
  assert_refused(MW_EINVAL, EINVAL, key(), 8193, MW_CREATE, NULL);
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
  assert_non_null(strstr(why.reason, "SHMMAX"));
  assert_null(strstr(why.reason, "8192"));
}

static void each_limit_is_named(void **state) {
  (void)state;
  harness_needs_root();
  assert_int_equal(harness_in_child(exceed_the_size, NULL), 0);
  assert_int_equal(harness_in_child(exceed_the_sum, NULL), 0);
  assert_int_equal(harness_in_child(exceed_the_number, NULL), 0);
  assert_int_equal(harness_in_child(exceed_without_descriptors, NULL), 0);
}

/* Mappings lie one below the other. Whatever an attach finds out about its own pages, those behind them are somebody else's. */
static void an_attach_leaves_its_neighbours_alone(void **state) {
  (void)state;
  enum { MANY = 200 };
  static mw_region *regions[MANY];
  mw_region *first = created(1, 0600);
  for (int i = 0; i < MANY; i++) regions[i] = attached(i % 3 ? MW_READ : MW_READ_WRITE);
  for (int i = 0; i < MANY; i += 3) assert_ok(mw_region_fill(regions[i], 1, 0, 1, &why));
  for (int i = 0; i < MANY; i++) mw_region_close(regions[i]);
  assert_ok(mw_region_sysv_remove(key(), &why));
  mw_region_close(first);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(an_attach_leaves_its_neighbours_alone),
    cmocka_unit_test(what_is_created_can_be_attached_to),
    cmocka_unit_test(it_is_what_shmget_makes),
    cmocka_unit_test(what_shmget_made_can_be_attached_to),
    cmocka_unit_test(the_key_is_its_name),
    cmocka_unit_test(only_System_V_has_an_identifier),
    cmocka_unit_test(what_is_missing_is_refused),
    cmocka_unit_test(a_taken_key_is_refused),
    cmocka_unit_test(what_is_too_small_is_refused),
    cmocka_unit_test(open_creates_then_attaches),
    cmocka_unit_test(what_cannot_be_is_refused),
    cmocka_unit_test(a_size_beyond_all_limits_names_them),
    cmocka_unit_test(a_private_key_is_always_new),
    cmocka_unit_test(only_the_object_that_was_meant),
    cmocka_unit_test(each_region_is_one_attachment),
    cmocka_unit_test(read_only_memory_is_protected),
    cmocka_unit_test(permissions_are_exact),
    cmocka_unit_test(permissions_keep_others_out),
    cmocka_unit_test(permissions_may_allow_reading_alone),
    cmocka_unit_test(what_a_stranger_made_is_refused),
    cmocka_unit_test(who_has_it_keeps_what_was_removed),
    cmocka_unit_test(a_region_can_be_removed_without_its_key),
    cmocka_unit_test(children_share_it),
    cmocka_unit_test(a_key_is_what_ftok_makes),
    cmocka_unit_test(a_key_of_nothing_is_refused),
    cmocka_unit_test(of_several_threads_one_creates),
    cmocka_unit_test(of_several_processes_one_creates),
    cmocka_unit_test(each_limit_is_named),
};

HARNESS_MAIN(tests)
