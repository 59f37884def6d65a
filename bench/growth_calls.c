/* What attaching, a lock, a look-up and a new object cost, by how much there is: regions that the process has, bytes of a region or
 * a well, objects of a well.
 *
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core_worker.h"

#define MANY 10000 /* regions, or objects */
#define SIZES 4

static mw_error error;

#define good(call) must_be_good((call), &error)

/* ---- regions that this process has attached, beside the one that comes and goes */

static char plain[64];
static mw_region *held[MANY];
static long wanted, count;

/* Without descriptors, of which a process has a thousand or so. */
static void hold_regions(void) {
  const mw_region_options options = {.size_of_struct = sizeof options, .flags = MW_NO_FD};
  while (count < wanted) {
    good(mw_region_attach(plain, &options, &error, &held[count]));
    count++;
  }
  while (count > wanted) mw_region_close(held[--count]);
}

static void attach_region(const char *name, long n) {
  for (long i = 0; i < n; i++) {
    mw_region *region;
    good(mw_region_attach(name, NULL, &error, &region));
    mw_region_close(region);
  }
}

static void attach_beside(long regions, long n) {
  wanted = regions;
  serve_apart(hold_regions);
  attach_region(plain, n);
}

static void regions_1(long n) { attach_beside(1, n); }
static void regions_100(long n) { attach_beside(100, n); }
static void regions_10000(long n) { attach_beside(MANY, n); }

/* ---- bytes of a region, none of which is there until it is touched */

static char sized[SIZES][64];
static const off_t sizes[SIZES] = {(off_t)4 << 10, (off_t)1 << 20, (off_t)1 << 30, (off_t)16 << 30};

static void make_sparse(int i) {
  char path[96];
  snprintf(sized[i], sizeof sized[i], "memwell-bench-%ld-sparse-%d", (long)getpid(), i);
  snprintf(path, sizeof path, "/dev/shm/%s", sized[i]);
  int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  must(fd >= 0 && ftruncate(fd, sizes[i]) == 0 && close(fd) == 0, path);
}

static void size_4KiB(long n) { attach_region(sized[0], n); }
static void size_1MiB(long n) { attach_region(sized[1], n); }
static void size_1GiB(long n) { attach_region(sized[2], n); }
static void size_16GiB(long n) { attach_region(sized[3], n); }

/* The same system calls and nothing else. */
static void attach_bare(int i, long n) {
  char path[80];
  struct stat status;
  snprintf(path, sizeof path, "/dev/shm/%s", sized[i]);
  for (long k = 0; k < n; k++) {
    int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    must(fd >= 0 && fstat(fd, &status) == 0, path);
    void *memory = mmap(NULL, (size_t)sizes[i], PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    must(memory != MAP_FAILED && munmap(memory, (size_t)sizes[i]) == 0 && close(fd) == 0, "mmap");
  }
}

static void bare_4KiB(long n) { attach_bare(0, n); }
static void bare_16GiB(long n) { attach_bare(3, n); }

/* ---- wells, by their size and by their objects */

typedef struct vessel {
  uint64_t size;
  unsigned objects;
  char name[64];
  mw_well *well;
  mw_mutex *mutex;
} vessel;

static vessel wells[] = {{.size = 16 << 20, .objects = 1},
                         {.size = 16 << 20, .objects = 100},
                         {.size = 16 << 20, .objects = MANY},
                         {.size = 64 << 10, .objects = 1},
                         {.size = 256 << 20, .objects = 1}};

#define WELLS (sizeof wells / sizeof *wells)

static void label(char *text, unsigned i) { snprintf(text, 32, "array-%u", i); }

static void make_well(vessel *v, int number) {
  mw_well_options options = {.size_of_struct = sizeof options, .objects = v->objects + 2};
  snprintf(v->name, sizeof v->name, "memwell-bench-%ld-well-%d", (long)getpid(), number);
  good(mw_well_create(v->name, v->size, &options, &error, &v->well));
  for (unsigned i = 0; i < v->objects; i++) {
    char array[32];
    uint64_t one = 1;
    mw_view view;
    label(array, i);
    good(mw_well_array(v->well, array, MW_INT64, 1, &one, &error, &view));
  }
  good(mw_well_mutex(v->well, "mutex", 0, &error, &v->mutex));
}

static void look_up(const vessel *v, long n) {
  char array[32];
  mw_view view;
  label(array, v->objects - 1);
  for (long i = 0; i < n; i++) good(mw_well_find_array(v->well, array, &error, &view));
}

static void turn(const vessel *v, long n) {
  for (long i = 0; i < n; i++) {
    good(mw_mutex_acquire(v->mutex, MW_DEADLINE_NEVER, &error));
    good(mw_mutex_release(v->mutex, &error));
  }
}

/* Made when it is first needed, because thousands of objects take their time. */
static void ready(vessel *v, int number) {
  if (!v->name[0]) make_well(v, number);
  if (v->well) return;
  good(mw_well_attach(v->name, NULL, &error, &v->well));
  good(mw_well_mutex(v->well, "mutex", 0, &error, &v->mutex));
}

/* So that the next to attach is the process's first. */
static void leave(vessel *v) {
  mw_well_abandon(v->well);
  v->well = NULL;
}

/* Each time as the process's first, with a handle of the mutex in between or without. */
static void attach_well(vessel *v, bool looks, long n) {
  leave(v);
  for (long i = 0; i < n; i++) {
    mw_well *well;
    mw_mutex *mutex = NULL;
    good(mw_well_attach(v->name, NULL, &error, &well));
    if (looks) good(mw_well_mutex(well, "mutex", 0, &error, &mutex));
    mw_mutex_drop(mutex);
    good(mw_well_close(well, &error));
  }
}

/* Deleted by who is attached alone, so that its place and its memory are free for the next. */
static void make_in(vessel *v, long n) {
  uint64_t one = 1;
  mw_view view;
  leave(v);
  for (long i = 0; i < n; i++) {
    mw_well *well;
    good(mw_well_attach(v->name, NULL, &error, &well));
    good(mw_well_array(well, "new", MW_INT64, 1, &one, &error, &view));
    good(mw_well_delete(well, "new", &error));
    good(mw_well_close(well, &error));
  }
}

#define BY_WELL(number, what)                                       \
  static void ready_##what(void) { ready(&wells[number], number); } \
  static void look_up_##what(long n) {                              \
    serve_apart(ready_##what);                                      \
    look_up(&wells[number], n);                                     \
  }                                                                 \
  static void turn_##what(long n) {                                 \
    serve_apart(ready_##what);                                      \
    turn(&wells[number], n);                                        \
  }                                                                 \
  static void attach_##what(long n) {                               \
    serve_apart(ready_##what);                                      \
    attach_well(&wells[number], false, n);                          \
  }                                                                 \
  static void look_in_##what(long n) {                              \
    serve_apart(ready_##what);                                      \
    attach_well(&wells[number], true, n);                           \
  }                                                                 \
  static void make_##what(long n) {                                 \
    serve_apart(ready_##what);                                      \
    make_in(&wells[number], n);                                     \
  }
BY_WELL(0, of_1)
BY_WELL(1, of_100)
BY_WELL(2, of_10000)
BY_WELL(3, in_64KiB)
BY_WELL(4, in_256MiB)

#define ROWS(what)                                                                                    \
  {"look_up_" #what, look_up_##what}, {"turn_" #what, turn_##what}, {"attach_" #what, attach_##what}, \
      {"look_in_" #what, look_in_##what}, {                                                           \
    "make_" #what, make_##what                                                                        \
  }

int main(void) {
  static const work works[] = {{"regions_1", regions_1},
                               {"regions_100", regions_100},
                               {"regions_10000", regions_10000},
                               {"size_4KiB", size_4KiB},
                               {"size_1MiB", size_1MiB},
                               {"size_1GiB", size_1GiB},
                               {"size_16GiB", size_16GiB},
                               {"bare_4KiB", bare_4KiB},
                               {"bare_16GiB", bare_16GiB},
                               ROWS(of_1),
                               ROWS(of_100),
                               ROWS(of_10000),
                               ROWS(in_64KiB),
                               ROWS(in_256MiB)};
  mw_region *region;
  snprintf(plain, sizeof plain, "memwell-bench-%ld-plain", (long)getpid());
  good(mw_region_create(plain, 4096, NULL, &error, &region));
  for (int i = 0; i < SIZES; i++) make_sparse(i);
  serve(works, sizeof works / sizeof *works);
  good(mw_region_unlink(plain, &error));
  for (int i = 0; i < SIZES; i++) good(mw_region_unlink(sized[i], &error));
  for (unsigned i = 0; i < WELLS; i++)
    if (wells[i].name[0]) good(mw_well_unlink(wells[i].name, &error));
  return 0;
}
