/* What each kind of memory costs, asked of the core: to make it and remove it again, to get what is there, to touch it first; and a
 * turn of each kind of semaphore.
 *
 * The files are in the folder for temporary files (TMPDIR, or /tmp), named memory is where shm_open puts it.
 *
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <limits.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core_worker.h"

#define SIZE 4096
#define LARGE (1 << 20)
#define ALL_SEALS (MW_SEAL_SEAL | MW_SEAL_SHRINK | MW_SEAL_GROW | MW_SEAL_WRITE)

static mw_error error;
static char name[64], new_name[80], path[PATH_MAX], new_path[PATH_MAX];
static mw_region *named, *memfd, *segment, *file;
static int32_t key;
static int sockets[2], descriptor;
static mw_semaphore *turn, *turn_in_region, *turn_of_set, *turn_undone;

static void good(int status) { must_be_good(status, &error); }

/* ---- to make one and to end it */

static mw_region *make_named(uint64_t size) {
  mw_region *region;
  good(mw_region_create(new_name, size, NULL, &error, &region));
  return region;
}

static void end_named(mw_region *region) {
  mw_region_close(region);
  good(mw_region_unlink(new_name, &error));
}

static mw_region *make_file(uint64_t size) {
  mw_region *region;
  mw_region_options options = {.size_of_struct = sizeof options, .flags = MW_EXCLUSIVE};
  good(mw_region_file(new_path, size, &options, &error, &region));
  return region;
}

static void end_file(mw_region *region) {
  mw_region_close(region);
  must(unlink(new_path) == 0, "unlink");
}

static mw_region *make_anonymous(uint64_t size) {
  mw_region *region;
  good(mw_region_anonymous(size, NULL, &error, &region));
  return region;
}

static void end_anonymous(mw_region *region) { mw_region_close(region); }

static mw_region *make_private(uint64_t size) {
  mw_region *region;
  mw_region_options options = {.size_of_struct = sizeof options, .access = MW_COPY_ON_WRITE};
  good(mw_region_anonymous(size, &options, &error, &region));
  return region;
}

static void end_private(mw_region *region) { mw_region_close(region); }

static mw_region *make_memfd(uint64_t size) {
  mw_region *region;
  good(mw_region_memfd("bench", size, NULL, &error, &region));
  return region;
}

static void end_memfd(mw_region *region) { mw_region_close(region); }

static void end_sealed(mw_region *region) {
  good(mw_region_seal(region, ALL_SEALS, &error));
  mw_region_close(region);
}

static mw_region *make_sysv(uint64_t size) {
  mw_region *region;
  good(mw_region_sysv(MW_KEY_PRIVATE, size, MW_CREATE, NULL, &error, &region));
  return region;
}

static void end_sysv(mw_region *region) {
  good(mw_region_sysv_unlink(region, &error));
  mw_region_close(region);
}

static void make_and_end(long n, mw_region *make(uint64_t size), void end(mw_region *region)) {
  for (long i = 0; i < n; i++) end(make(SIZE));
}

static void touch(mw_region *region) {
  volatile char *data = mw_region_data(region);
  for (size_t i = 0; i < LARGE; i += SIZE) data[i] = 1;
}

static void make_touch_and_end(long n, mw_region *make(uint64_t size), void end(mw_region *region)) {
  for (long i = 0; i < n; i++) {
    mw_region *region = make(LARGE);
    touch(region);
    end(region);
  }
}

#define WORKS_OF(kind, makes)                                                   \
  static void new_##kind(long n) { make_and_end(n, make_##makes, end_##kind); } \
  static void touched_##kind(long n) { make_touch_and_end(n, make_##makes, end_##kind); }

WORKS_OF(named, named)
WORKS_OF(file, file)
WORKS_OF(anonymous, anonymous)
WORKS_OF(private, private)
WORKS_OF(memfd, memfd)
WORKS_OF(sealed, memfd)
WORKS_OF(sysv, sysv)
#undef WORKS_OF

/* ---- to get what is there */

static void get_named_with(long n, unsigned flags) {
  mw_region_options options = {.size_of_struct = sizeof options, .flags = flags};
  for (long i = 0; i < n; i++) {
    mw_region *region;
    good(mw_region_attach(name, &options, &error, &region));
    mw_region_close(region);
  }
}

static void get_named(long n) { get_named_with(n, 0); }
static void get_no_fd(long n) { get_named_with(n, MW_NO_FD); }
static void get_no_guard(long n) { get_named_with(n, MW_NO_GUARD); }

static void get_file(long n) {
  mw_region_options options = {.size_of_struct = sizeof options, .access = MW_READ};
  for (long i = 0; i < n; i++) {
    mw_region *region;
    good(mw_region_file(path, 0, &options, &error, &region));
    mw_region_close(region);
  }
}

static void get_fd(long n) {
  for (long i = 0; i < n; i++) {
    mw_region *region;
    good(mw_region_from_fd(descriptor, 0, NULL, &error, &region));
    mw_region_close(region);
  }
}

static void get_received(long n) {
  for (long i = 0; i < n; i++) {
    mw_region *region;
    good(mw_region_send(memfd, sockets[0], MW_DEADLINE_NEVER, &error));
    good(mw_region_receive(sockets[1], MW_DEADLINE_NEVER, NULL, &error, &region));
    mw_region_close(region);
  }
}

static void get_sysv(long n) {
  for (long i = 0; i < n; i++) {
    mw_region *region;
    good(mw_region_sysv(key, 0, MW_ATTACH, NULL, &error, &region));
    mw_region_close(region);
  }
}

/* ---- to take a turn */

static void take_turns(long n, mw_semaphore *semaphore) {
  for (long i = 0; i < n; i++) {
    good(mw_semaphore_acquire(semaphore, MW_DEADLINE_NEVER, &error));
    good(mw_semaphore_release(semaphore, 1, &error));
  }
}

static void turn_named(long n) { take_turns(n, turn); }
static void turn_at(long n) { take_turns(n, turn_in_region); }
static void turn_sysv(long n) { take_turns(n, turn_of_set); }
static void turn_undo(long n) { take_turns(n, turn_undone); }

/* ---- what is there */

static mw_semaphore *make_set(unsigned flags) {
  mw_semaphore *semaphore;
  mw_semaphore_sysv_options options = {.size_of_struct = sizeof options, .how = MW_CREATE, .value = 1, .flags = flags};
  good(mw_semaphore_sysv(MW_KEY_PRIVATE, 0, &options, &error, &semaphore));
  return semaphore;
}

static void begin(void) {
  const char *folder = getenv("TMPDIR");
  long process = (long)getpid();
  snprintf(name, sizeof name, "memwell-bench-%ld-kinds", process);
  snprintf(new_name, sizeof new_name, "%s-new", name);
  snprintf(path, sizeof path, "%s/%s", folder ? folder : "/tmp", name);
  snprintf(new_path, sizeof new_path, "%s/%s", folder ? folder : "/tmp", new_name);
  mw_region_options whole = {.size_of_struct = sizeof whole, .flags = MW_EXCLUSIVE};
  good(mw_region_file(path, SIZE, &whole, &error, &file));
  good(mw_region_create(name, SIZE, NULL, &error, &named));
  good(mw_region_memfd("bench", SIZE, NULL, &error, &memfd));
  good(mw_region_descriptor(memfd, &error, &descriptor));
  good(mw_region_sysv_key(path, 1, &error, &key));
  good(mw_region_sysv(key, SIZE, MW_CREATE, NULL, &error, &segment));
  good(mw_semaphore_create(name, 1, 0, 0, &error, &turn));
  good(mw_semaphore_at(memfd, 0, 1, &error, &turn_in_region));
  turn_of_set = make_set(0);
  turn_undone = make_set(MW_UNDO);
  must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) == 0, "socketpair");
}

static void end(void) {
  good(mw_semaphore_sysv_unlink(turn_of_set, &error));
  good(mw_semaphore_sysv_unlink(turn_undone, &error));
  good(mw_semaphore_unlink(name, &error));
  good(mw_region_sysv_unlink(segment, &error));
  good(mw_region_unlink(name, &error));
  unlink(path);
}

int main(void) {
  static const work works[] = {
      {"new_named", new_named},
      {"touched_named", touched_named},
      {"new_file", new_file},
      {"touched_file", touched_file},
      {"new_anonymous", new_anonymous},
      {"touched_anonymous", touched_anonymous},
      {"new_private", new_private},
      {"touched_private", touched_private},
      {"new_memfd", new_memfd},
      {"touched_memfd", touched_memfd},
      {"new_sealed", new_sealed},
      {"touched_sealed", touched_sealed},
      {"new_sysv", new_sysv},
      {"touched_sysv", touched_sysv},
      {"get_named", get_named},
      {"get_no_fd", get_no_fd},
      {"get_no_guard", get_no_guard},
      {"get_file", get_file},
      {"get_fd", get_fd},
      {"get_received", get_received},
      {"get_sysv", get_sysv},
      {"turn_named", turn_named},
      {"turn_at", turn_at},
      {"turn_sysv", turn_sysv},
      {"turn_undo", turn_undo},
  };
  begin();
  serve(works, sizeof works / sizeof *works);
  end();
  return 0;
}
