/* The fault guard: pages that go away, what becomes of them, and every other SIGBUS.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness.h"

#define PAGES 64

static size_t page_size(void) { return (size_t)sysconf(_SC_PAGESIZE); }

/* A handler on top of the guard's, which counts the faults and hands them on as it should. */
static _Atomic int faults;
static struct sigaction guards;

static void count_and_hand_on(int number, siginfo_t *info, void *context) {
  atomic_fetch_add(&faults, 1);
  guards.sa_sigaction(number, info, context);
}

static void count_faults(void) {
  struct sigaction counting = {.sa_sigaction = count_and_hand_on, .sa_flags = SA_SIGINFO | SA_NODEFER};
  assert_int_equal(sigaction(SIGBUS, &counting, &guards), 0);
  assert_true(guards.sa_flags & SA_SIGINFO);
}

static mw_region *file_of(size_t pages, unsigned flags, const char **out_path) {
  mw_region *region;
  harness_let_faults_kill(); /* before the guard comes into place */
  mw_region_options options = {sizeof options, .flags = MW_TRUNCATE | flags};
  *out_path = harness_path("file");
  assert_ok(mw_region_file(*out_path, pages * page_size(), &options, &why, &region));
  assert_ok(mw_region_fill(region, 7, 0, pages * page_size(), &why));
  return region;
}

static void cut(const char *path, size_t pages) { assert_int_equal(truncate(path, (off_t)(pages * page_size())), 0); }

static void assert_faulted(mw_region *region) {
  assert_true(mw_region_is_faulted(region));
  assert_fails(MW_EFAULT, mw_region_check(region, &why));
  char byte;
  size_t count = 77;
  assert_fails(MW_EFAULT, mw_region_read(region, 0, &byte, 1, &why, &count));
  assert_int_equal(count, 77);
}

static void a_lost_page_reads_as_zeros_and_is_told(void **state) {
  (void)state;
  const char *path;
  mw_region *region = file_of(PAGES, 0, &path);
  cut(path, 3);
  const volatile unsigned char *data = mw_region_data(region);
  assert_false(mw_region_is_faulted(region));
  assert_int_equal(data[10 * page_size()], 0);
  assert_int_equal(data[2 * page_size()], 7);
  assert_faulted(region);
  mw_region_close(region);
}

static void the_call_that_meets_it_fails_itself(void **state) {
  (void)state;
  const char *path;
  static char buffer[PAGES * 65536];
  mw_region *region = file_of(PAGES, 0, &path);
  cut(path, 3);
  size_t count;
  assert_fails(MW_EFAULT, mw_region_read(region, 0, buffer, PAGES * page_size(), &why, &count));
  assert_why("Region.read", path, 0);
  mw_region_close(region);
}

static void one_fault_whatever_the_count_of_pages(void **state) {
  (void)state;
  const char *path;
  size_t pages = 20000;
  mw_region *region = file_of(pages, 0, &path);
  count_faults();
  cut(path, 5);
  const volatile char *data = mw_region_data(region);
  int sum = 0;
  for (size_t i = pages; i-- > 0;)
    sum += data[i * page_size()]; /* from the end, so that what comes first is not what was lost first */
  assert_int_equal(sum, 5 * 7);
  assert_int_equal(atomic_load(&faults), 1);
  assert_faulted(region);
  mw_region_close(region);
}

static void a_full_file_system_costs_one_fault_too(void **state) {
  (void)state;
  harness_small_shm(1 << 20);
  int fd = open(HARNESS_SHM "sparse", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  assert_int_equal(ftruncate(fd, 2 << 20), 0);
  mw_region *region;
  assert_ok(mw_region_from_fd(fd, 0, NULL, &why, &region));
  count_faults();
  volatile char *data = mw_region_data(region);
  for (size_t i = 0; i < (2 << 20) / page_size(); i++) data[i * page_size()] = 1;
  assert_int_equal(atomic_load(&faults), 1);
  assert_faulted(region);
  mw_region_close(region);
  close(fd);
}

static void remap_shows_what_is_there(void **state) {
  (void)state;
  const char *path;
  mw_region *made = file_of(PAGES, 0, &path), *region;
  assert_ok(mw_region_file(path, 0, NULL, &why, &region));
  mw_view view;
  assert_ok(mw_view_init(&view, region, MW_UINT8, 1, NULL, 0, &why));
  cut(path, 3);
  assert_fails(MW_EFAULT, mw_view_sum(&view, &why, &(mw_value){0}));
  assert_fails(MW_EFAULT, mw_region_resize(region, page_size(), &why));
  assert_ok(mw_region_remap(region, &why));
  assert_int_equal(mw_region_size(region), 3 * page_size());
  assert_ok(mw_region_check(region, &why));
  assert_fails(MW_ERANGE, mw_view_sum(&view, &why, &(mw_value){0}));
  assert_int_equal(*(unsigned char *)mw_view_at(&view, 0), 7);
  cut(path, PAGES);
  assert_ok(mw_region_remap(region, &why));
  assert_int_equal(mw_region_size(region), PAGES * page_size());
  mw_value sum;
  assert_ok(mw_view_sum(&view, &why, &sum));
  assert_int_equal(sum.as.u, 3 * page_size() * 7);
  mw_region_close(region);
  mw_region_close(made);
}

/* Also to the size that it has: the region's, not the file's by then. */
static void resize_gives_a_cut_file_its_size(void **state) {
  (void)state;
  const char *path;
  mw_region *region = file_of(PAGES, 0, &path);
  cut(path, 3);
  assert_ok(mw_region_resize(region, PAGES * page_size(), &why));
  assert_int_equal(harness_file_size(path), PAGES * page_size());
  assert_ok(mw_region_check(region, &why));
  assert_int_equal(((unsigned char *)mw_region_data(region))[3 * page_size() - 1], 7);
  assert_int_equal(((unsigned char *)mw_region_data(region))[10 * page_size()], 0);
  assert_false(mw_region_is_faulted(region));
  mw_region_close(region);
}

static void every_way_of_looking_notices(void **state) {
  (void)state;
  const char *path;
  mw_region *first = file_of(PAGES, 0, &path), *regions[12];
  mw_view views[12];
  for (int i = 0; i < 12; i++) {
    assert_ok(mw_region_file(path, 0, NULL, &why, &regions[i]));
    assert_ok(mw_view_init(&views[i], regions[i], MW_INT64, 1, NULL, 0, &why));
  }
  cut(path, 1);
  mw_value value = {.kind = MW_VALUE_INT, .as.i = 1}, other = {.kind = MW_VALUE_INT, .as.i = 2}, out;
  uint64_t place = 0;
  int64_t old;
  bool equal;
  uint64_t last = PAGES * page_size() / 8 - 1;
  assert_fails(MW_EFAULT, mw_view_sum(&views[0], &why, &out));
  assert_fails(MW_EFAULT, mw_view_min(&views[1], &why, &out));
  assert_fails(MW_EFAULT, mw_view_fill(&views[2], value, &why));
  assert_fails(MW_EFAULT, mw_view_index(&views[3], other, 0, &why, &place));
  assert_fails(MW_EFAULT, mw_view_count_of(&views[4], value, &why, &place));
  assert_fails(MW_EFAULT, mw_view_equals(&views[5], &views[5], &why, &equal));
  assert_fails(MW_EFAULT, mw_region_find(regions[6], "x", 1, 0, UINT64_MAX, &why, &place));
  assert_fails(MW_EFAULT, mw_region_rfind(regions[7], "x", 1, 0, UINT64_MAX, &why, &place));
  assert_fails(MW_EFAULT, mw_region_count(regions[8], "xy", 2, 0, UINT64_MAX, &why, &place));
  assert_fails(MW_EFAULT, mw_view_atomic_add(&views[9], last, 1, &why, &old));
  assert_fails(MW_EFAULT, mw_region_move(regions[10], 0, PAGES * page_size() - 8, 8, &why));
  assert_fails(MW_EFAULT, mw_region_populate(regions[11], 0, PAGES * page_size(), &why));
  for (int i = 0; i < 12; i++) mw_region_close(regions[i]);
  mw_region_close(first);
}

static void *read_all(void *region) {
  const volatile unsigned char *data = mw_region_data(region);
  for (size_t i = 0; i < PAGES; i++) (void)data[i * page_size()];
  return NULL;
}

static void eight_threads_at_once(void **state) {
  (void)state;
  const char *path;
  mw_region *region = file_of(PAGES, 0, &path);
  for (int round = 0; round < 50; round++) {
    cut(path, 0);
    pthread_t threads[8];
    for (int i = 0; i < 8; i++) assert_int_equal(pthread_create(&threads[i], NULL, read_all, region), 0);
    for (int i = 0; i < 8; i++) pthread_join(threads[i], NULL);
    assert_faulted(region);
    cut(path, PAGES);
    assert_ok(mw_region_remap(region, &why));
  }
  mw_region_close(region);
}

static void touch_in_child(void *region) {
  read_all(region);
  assert_faulted(region);
}

static void a_forked_child_is_guarded(void **state) {
  (void)state;
  const char *path;
  mw_region *region = file_of(PAGES, 0, &path);
  cut(path, 1);
  assert_int_equal(harness_in_child(touch_in_child, region), 0);
  assert_false(mw_region_is_faulted(region));
  mw_region_close(region);
}

static void reads_with_everything_blocked(void *region) {
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, NULL);
  static char buffer[PAGES * 65536];
  size_t count;
  assert_fails(MW_EFAULT, mw_region_read(region, 0, buffer, PAGES * page_size(), &why, &count));
}

static void a_blocked_signal_is_let_through(void **state) {
  (void)state;
  const char *path;
  mw_region *region = file_of(PAGES, 0, &path);
  cut(path, 1);
  assert_int_equal(harness_in_child(reads_with_everything_blocked, region), 0);
  mw_region_close(region);
}

static void *read_in_blocked_thread(void *region) {
  char byte;
  size_t count;
  return (void *)(intptr_t)mw_region_read(region, (PAGES - 1) * page_size(), &byte, 1, NULL, &count);
}

static void *add_in_blocked_thread(void *region) {
  mw_view view;
  int64_t old;
  int status = mw_view_init(&view, region, MW_INT64, 1, NULL, 0, NULL);
  if (!status) status = mw_view_atomic_add(&view, mw_view_count(&view) - 1, 1, NULL, &old);
  return (void *)(intptr_t)status;
}

static void in_a_thread_that_was_born_blocked(void *look(void *region)) {
  const char *path;
  mw_region *region = file_of(PAGES, 0, &path);
  cut(path, 1);
  sigset_t all, before;
  sigfillset(&all);
  pthread_t thread;
  void *status;
  pthread_sigmask(SIG_BLOCK, &all, &before);
  assert_int_equal(pthread_create(&thread, NULL, look, region), 0);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  pthread_join(thread, &status);
  assert_int_equal((intptr_t)status, MW_EFAULT);
  mw_region_close(region);
}

static void a_thread_that_was_born_blocked_is_let_through(void **state) {
  (void)state;
  in_a_thread_that_was_born_blocked(read_in_blocked_thread);
}

static void its_atomics_too(void **state) {
  (void)state;
  in_a_thread_that_was_born_blocked(add_in_blocked_thread);
}

/* ---- what is none of ours */

static char *foreign_lost_page(void) {
  int fd = memfd_create("foreign", MFD_CLOEXEC);
  assert_int_equal(ftruncate(fd, (off_t)page_size()), 0);
  char *page = mmap(NULL, page_size(), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  assert_int_equal(ftruncate(fd, 0), 0);
  close(fd);
  return page;
}

static void touch_foreign(void *unused) {
  (void)unused;
  (void)*(volatile char *)foreign_lost_page();
}

static void kill_itself(void *unused) {
  (void)unused;
  kill(getpid(), SIGBUS);
}

static void raise_itself(void *unused) {
  (void)unused;
  raise(SIGBUS);
}

static void every_other_fault_kills(void **state) {
  (void)state;
  const char *path;
  mw_region *region = file_of(1, 0, &path);
  assert_int_equal(harness_in_child(touch_foreign, NULL), 128 + SIGBUS);
  assert_int_equal(harness_in_child(kill_itself, NULL), 128 + SIGBUS);
  assert_int_equal(harness_in_child(raise_itself, NULL), 128 + SIGBUS);
  mw_region_close(region);
}

static sigjmp_buf back;
static void jump_back(int number) { siglongjmp(back, number); }

static void its_own_handler(void *unused) {
  (void)unused;
  struct sigaction own = {.sa_handler = jump_back};
  sigaction(SIGBUS, &own, NULL);
  const char *path;
  mw_region *region = file_of(PAGES, 0, &path);
  char *page = foreign_lost_page();
  for (int i = 0; i < 3; i++) {
    if (sigsetjmp(back, 1) == 0) {
      (void)*(volatile char *)page;
      _exit(1);
    }
  }
  cut(path, 1);
  read_all(region);
  assert_faulted(region);
  mw_region_close(region);
}

static void a_handler_that_was_there_gets_what_is_its(void **state) {
  (void)state;
  (void)harness_path("file");
  assert_int_equal(harness_in_child(its_own_handler, NULL), 0);
}

static void ignoring(void *unused) {
  (void)unused;
  signal(SIGBUS, SIG_IGN);
  const char *path;
  mw_region *region = file_of(PAGES, 0, &path);
  raise(SIGBUS);
  kill(getpid(), SIGBUS);
  cut(path, 1);
  read_all(region);
  assert_faulted(region);
  mw_region_close(region);
}

static void a_signal_that_was_ignored_still_is(void **state) {
  (void)state;
  (void)harness_path("file");
  assert_int_equal(harness_in_child(ignoring, NULL), 0);
}

/* As faulthandler does where it was enabled after the guard: it shows the stack, puts back what was there, and raises. */
static struct sigaction before_it;
static void show_and_raise(int number) {
  sigaction(number, &before_it, NULL);
  raise(number);
}

static void shown_and_raised(void *region) {
  struct sigaction late = {.sa_handler = show_and_raise, .sa_flags = SA_NODEFER};
  sigaction(SIGBUS, &late, &before_it);
  read_all(region);
  assert_faulted(region);
}

static void a_handler_that_raises_again_is_survived(void **state) {
  (void)state;
  const char *path;
  mw_region *region = file_of(PAGES, 0, &path);
  cut(path, 1);
  assert_int_equal(harness_in_child(shown_and_raised, region), 0);
  mw_region_close(region);
}

static void touch_it(void *region) { read_all(region); }

static void on_request_it_aborts(void **state) {
  (void)state;
  const char *path;
  mw_region *aborting = file_of(PAGES, MW_FAULT_ABORTS, &path), *unguarded;
  assert_ok(mw_region_file(path, 0, &(mw_region_options){sizeof(mw_region_options), .flags = MW_NO_GUARD}, &why, &unguarded));
  cut(path, 1);
  assert_int_equal(harness_in_child(touch_it, aborting), 128 + SIGBUS);
  assert_int_equal(harness_in_child(touch_it, unguarded), 128 + SIGBUS);
  mw_region_close(aborting);
  mw_region_close(unguarded);
}

static void a_semaphore_whose_page_is_lost_says_so(void **state) {
  (void)state;
  const char *name = harness_name("s");
  mw_semaphore *semaphore, *other;
  assert_ok(mw_semaphore_create(name, 1, 0, MW_TEMPORARY, &why, &semaphore));
  assert_ok(mw_semaphore_attach(name, MW_DEADLINE_NOW, 0, &why, &other));
  assert_int_equal(truncate(harness_shm_path("sem.", name), 0), 0);
  unsigned value;
  assert_fails(MW_EFAULT, mw_semaphore_acquire(semaphore, MW_DEADLINE_NEVER, &why));
  assert_fails(MW_EFAULT, mw_semaphore_release(other, 1, &why));
  assert_fails(MW_EFAULT, mw_semaphore_value(other, &why, &value));
  mw_semaphore_close(semaphore);
  mw_semaphore_close(other);
}

static void many_regions_are_guarded(void **state) {
  (void)state;
  enum { MANY = 300 };
  static mw_region *regions[MANY];
  const char *path;
  mw_region *made = file_of(2, 0, &path);
  for (int i = 0; i < MANY; i++) assert_ok(mw_region_file(path, 0, NULL, &why, &regions[i]));
  cut(path, 1);
  for (int i = 0; i < MANY; i++) {
    (void)((volatile char *)mw_region_data(regions[i]))[page_size()];
    assert_true(mw_region_is_faulted(regions[i]));
    mw_region_close(regions[i]);
  }
  assert_false(mw_region_is_faulted(made));
  mw_region_close(made);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_lost_page_reads_as_zeros_and_is_told),
    cmocka_unit_test(the_call_that_meets_it_fails_itself),
    cmocka_unit_test(one_fault_whatever_the_count_of_pages),
    cmocka_unit_test(a_full_file_system_costs_one_fault_too),
    cmocka_unit_test(remap_shows_what_is_there),
    cmocka_unit_test(resize_gives_a_cut_file_its_size),
    cmocka_unit_test(every_way_of_looking_notices),
    cmocka_unit_test(eight_threads_at_once),
    cmocka_unit_test(a_forked_child_is_guarded),
    cmocka_unit_test(a_blocked_signal_is_let_through),
    cmocka_unit_test(a_thread_that_was_born_blocked_is_let_through),
    cmocka_unit_test(its_atomics_too),
    cmocka_unit_test(every_other_fault_kills),
    cmocka_unit_test(a_handler_that_was_there_gets_what_is_its),
    cmocka_unit_test(a_signal_that_was_ignored_still_is),
    cmocka_unit_test(a_handler_that_raises_again_is_survived),
    cmocka_unit_test(on_request_it_aborts),
    cmocka_unit_test(a_semaphore_whose_page_is_lost_says_so),
    cmocka_unit_test(many_regions_are_guarded),
};

HARNESS_MAIN(tests)
