/* Files that another process cuts, grows and punches holes into while they are mapped: nobody dies, every loss is told, and none is
 * told that was not.
 *
 * In lockstep one side does one thing and the other looks, against a model of what must be there; in a storm both go on at once.
 *
 * SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness.h"

enum { PAGES = 24, READERS = 2, THREADS = 2, QUICK = 400, QUICK_STORM = 100, FULL = 2000 };

static size_t page(void) { return (size_t)mw_page_size(); }

/* ---- the object that is cut */

typedef int make_object(void);

static int make_memory(void) {
  int fd = open(harness_shm_path("", harness_name("cut")), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  assert_true(fd >= 0);
  assert_int_equal(unlink(harness_shm_path("", harness_name("cut"))), 0);
  return fd;
}

static int make_file(void) {
  int fd = open(harness_path("cut"), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  assert_true(fd >= 0);
  return fd;
}

static int make_memfd(void) {
  int fd = memfd_create("cut", MFD_CLOEXEC);
  assert_true(fd >= 0);
  return fd;
}

static mw_region *map_whole(int fd) {
  mw_region *region;
  assert_ok(mw_region_from_fd(fd, 0, NULL, &why, &region));
  return region;
}

/* ---- lockstep */

enum { CUT, GROW, PUNCH, NOTHING, THINGS };

/* What one process asks another to do. size is where to cut, grow to, or how many bytes of hole are punched at `from`. */
typedef struct order {
  harness_gate given, done;
  bool over;
  int what;
  off_t from, size;
} order;

static void obey(order *order, int fd) {
  for (;;) {
    harness_gate_wait(&order->given);
    if (order->over) return;
    int failure = 0;
    if (order->what == PUNCH)
      failure = fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, order->from, order->size);
    else if (order->what != NOTHING)
      failure = ftruncate(fd, order->size);
    assert_int_equal(failure, 0);
    harness_gate_open(&order->done);
  }
}

/* The first byte of each page, and the size: as the object must be. */
typedef struct model {
  uint8_t first[PAGES];
  size_t size;
} model;

static size_t pages_of(size_t size) { return (size + page() - 1) / page(); }

static void choose(order *order, const model *model) {
  order->what = (int)harness_below(THINGS);
  size_t size = model->size;
  if (order->what == CUT && size == 0) order->what = GROW;
  if (order->what == GROW && pages_of(size) == PAGES) order->what = NOTHING;
  if (order->what == CUT)
    order->size = (off_t)harness_below(size);
  else if (order->what == GROW)
    order->size = (off_t)(size + 1 + harness_below(PAGES * page() - size));
  else
    order->size = (off_t)(1 + harness_below(PAGES * page()));
  order->from = (off_t)harness_below(PAGES * page());
}

static void change(model *model, const order *order) {
  size_t from = (size_t)order->from, size = (size_t)order->size;
  if (order->what == CUT || order->what == GROW) model->size = size;
  for (size_t i = 0; i < PAGES; i++) {
    bool punched = order->what == PUNCH && i * page() >= from && i * page() < from + size;
    if (punched || i * page() >= model->size) model->first[i] = 0;
  }
}

/* Touch some of the pages as a pointer does. Whether one of them is lost. */
static bool touch(mw_region *region, const model *model) {
  volatile uint8_t *data = mw_region_data(region);
  size_t mapped = pages_of(mw_region_size(region)), there = pages_of(model->size);
  bool lost = false;
  for (size_t i = 0; i < mapped; i++) {
    if (harness_below(3) == 0) continue;
    lost = lost || i >= there;
    assert_int_equal(data[i * page()], lost ? 0 : model->first[i]);
  }
  return lost;
}

/* The region's next call, whichever. */
static int call(mw_region *region) {
  char byte;
  size_t count;
  uint64_t place;
  switch (harness_below(5)) {
    case 0: return mw_region_read(region, 0, &byte, 1, &why, &count);
    case 1: return mw_region_fill(region, 1, 0, 0, &why);
    case 2: return mw_region_find(region, "", 0, 0, 0, &why, &place);
    case 3: return mw_region_flush(region, 0, 0, false, &why);
    default: return mw_region_move(region, 0, 0, 0, &why);
  }
}

static void map_again(mw_region *region, model *model) {
  assert_ok(mw_region_remap(region, &why));
  assert_ok(mw_region_check(region, &why));
  assert_int_equal(mw_region_size(region), model->size);
  uint8_t *data = mw_region_data(region);
  for (size_t i = 0; i < pages_of(model->size); i++) {
    assert_int_equal(data[i * page()], model->first[i]);
    data[i * page()] = model->first[i] = (uint8_t)(1 + harness_below(255));
  }
}

static void look(mw_region *region, model *model, const order *order, int *losses) {
  bool is_cut = mw_region_size(region) > model->size, lost = touch(region, model);
  assert_int_equal(mw_region_is_faulted(region), lost);
  int status = call(region);
  if (lost) {
    assert_fails(MW_EFAULT, status);
    ++*losses;
  } else {
    assert_ok(status);
    if (is_cut)
      assert_fails(MW_EFAULT, mw_region_check(region, &why)); /* before anybody has touched it */
    else
      assert_ok(mw_region_check(region, &why));
  }
  if (is_cut || order->what == GROW || harness_below(4) == 0) map_again(region, model);
}

static void in_lockstep(make_object *make) {
  int fd = make(), losses = 0, rounds = harness_rounds(QUICK, FULL);
  order *order = harness_shared(sizeof *order);
  model model = {.size = 0};
  harness_gate_init(&order->given);
  harness_gate_init(&order->done);
  pid_t child = harness_fork();
  if (child == 0) {
    obey(order, fd);
    _exit(0);
  }
  mw_region *region = map_whole(fd);
  for (int i = 0; i < rounds; i++) {
    choose(order, &model);
    harness_gate_open(&order->given);
    harness_gate_wait(&order->done);
    change(&model, order);
    look(region, &model, order, &losses);
  }
  order->over = true;
  harness_gate_open(&order->given);
  assert_int_equal(harness_wait(child), 0);
  assert_in_range(losses, rounds / 20, rounds);
  printf("truncate: %d changes in lockstep, %d losses told\n", rounds, losses);
  mw_region_close(region);
  harness_gate_fini(&order->given);
  harness_gate_fini(&order->done);
  close(fd);
}

static void every_loss_of_memory_is_told(void **state) {
  (void)state;
  in_lockstep(make_memory);
}

static void every_loss_of_a_file_is_told(void **state) {
  (void)state;
  in_lockstep(make_file);
}

static void every_loss_of_a_memfd_is_told(void **state) {
  (void)state;
  in_lockstep(make_memfd);
}

/* ---- storm */

typedef struct storm {
  int fd;
  int changes;
  atomic_bool over;
  atomic_int losses, calls, wrong;
} storm;

/* Otherwise all would be over before the others had looked. */
static void await_calls(storm *storm) {
  int calls = storm->calls;
  while (storm->calls - calls < 2) sched_yield();
}

static void rage(storm *storm) {
  for (int i = 0; i < storm->changes; i++) {
    off_t place = (off_t)harness_below(PAGES * page()), whole = (off_t)(PAGES * page());
    int failure = 0;
    switch (harness_below(4)) {
      case 0: failure = fallocate(storm->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, place, whole); break;
      case 1: failure = ftruncate(storm->fd, place); break;
      default: failure = ftruncate(storm->fd, whole);
    }
    if (failure != 0) storm->wrong++;
    if (harness_below(4) != 0) await_calls(storm);
  }
  storm->over = true;
}

static int load_all(mw_region *region) {
  const volatile uint8_t *data = mw_region_data(region);
  uint64_t size = mw_region_size(region);
  for (uint64_t i = 0; i < size; i += 512) (void)data[i];
  return mw_region_is_faulted(region) ? MW_EFAULT : 0;
}

static int store_all(mw_region *region) {
  volatile uint8_t *data = mw_region_data(region);
  uint64_t size = mw_region_size(region);
  for (uint64_t i = 0; i < size; i += 512) data[i] = (uint8_t)i;
  return mw_region_is_faulted(region) ? MW_EFAULT : 0;
}

static int sum_all(mw_region *region) {
  mw_view view;
  mw_value sum;
  int status = mw_view_init(&view, region, MW_UINT8, 1, NULL, 0, NULL);
  return status != 0 ? status : mw_view_sum(&view, NULL, &sum);
}

static int use(mw_region *region) {
  static _Thread_local uint8_t buffer[PAGES * 65536];
  uint64_t size = mw_region_size(region), place;
  size_t count;
  switch (harness_below(8)) {
    case 0: return mw_region_read(region, 0, buffer, size, NULL, &count);
    case 1: return mw_region_write(region, 0, buffer, size, NULL);
    case 2: return mw_region_fill(region, 7, 0, size, NULL);
    case 3: return mw_region_move(region, 0, size / 2, size / 2, NULL);
    case 4: return mw_region_find(region, "\1\2\3", 3, 0, size, NULL, &place);
    case 5: return sum_all(region);
    case 6: return load_all(region);
    default: return store_all(region);
  }
}

/* Each thread has a region of its own: who maps it anew is the only one who uses it. */
static void *weather(void *context) {
  storm *storm = context;
  mw_region *region;
  harness_seed((uint64_t)(uintptr_t)&region);
  if (mw_region_from_fd(storm->fd, 0, NULL, NULL, &region) != 0) return &storm->wrong;
  while (!storm->over) {
    int status = use(region);
    storm->calls++;
    if (status == MW_EFAULT)
      storm->losses++;
    else if (status != 0 && status != MW_ENOENT)
      storm->wrong++;
    if ((status == MW_EFAULT || harness_below(16) == 0) && mw_region_remap(region, NULL) != 0) storm->wrong++;
  }
  mw_region_close(region);
  return NULL;
}

static void weather_in_threads(storm *storm) {
  pthread_t threads[THREADS];
  for (int i = 0; i < THREADS; i++)
    if (pthread_create(&threads[i], NULL, weather, storm) != 0) storm->wrong++;
  for (int i = 0; i < THREADS; i++) {
    void *result;
    pthread_join(threads[i], &result);
    if (result != NULL) storm->wrong++;
  }
}

static void in_a_storm(make_object *make) {
  storm *storm = harness_shared(sizeof *storm);
  pid_t readers[READERS];
  storm->fd = make();
  storm->changes = harness_rounds(QUICK_STORM, FULL);
  assert_int_equal(ftruncate(storm->fd, (off_t)(PAGES * page())), 0);
  for (int i = 0; i < READERS; i++)
    if ((readers[i] = harness_fork()) == 0) {
      weather_in_threads(storm);
      _exit(0);
    }
  pid_t cutter = harness_fork();
  if (cutter == 0) {
    rage(storm);
    _exit(0);
  }
  assert_int_equal(harness_wait(cutter), 0);
  for (int i = 0; i < READERS; i++) assert_int_equal(harness_wait(readers[i]), 0);
  printf("truncate: %d changes in a storm, %d calls, %d losses told, 0 deaths\n", storm->changes, storm->calls, storm->losses);
  assert_int_equal(storm->wrong, 0);
  assert_true(storm->losses > 0);
  close(storm->fd);
}

static void nobody_dies_on_memory(void **state) {
  (void)state;
  in_a_storm(make_memory);
}

static void nobody_dies_on_a_file(void **state) {
  (void)state;
  in_a_storm(make_file);
}

static void nobody_dies_on_a_memfd(void **state) {
  (void)state;
  in_a_storm(make_memfd);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_loss_of_memory_is_told),  cmocka_unit_test(every_loss_of_a_file_is_told),
    cmocka_unit_test(every_loss_of_a_memfd_is_told), cmocka_unit_test(nobody_dies_on_memory),
    cmocka_unit_test(nobody_dies_on_a_file),         cmocka_unit_test(nobody_dies_on_a_memfd),
};

HARNESS_MAIN(tests)
